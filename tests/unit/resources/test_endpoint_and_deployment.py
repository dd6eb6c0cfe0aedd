"""Endpoint and ModelDeployment: ids of their own choosing, traffic that always adds up."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from pulumi_gcp_tuning.errors import Refused
from pulumi_gcp_tuning.google import WaitEnded
from pulumi_gcp_tuning.names import stack_hash
from pulumi_gcp_tuning.resources.core.lifecycle import UNKNOWN, Current
from pulumi_gcp_tuning.resources.core.run import Run
from pulumi_gcp_tuning.resources.models.deployment_ids import derived_id
from pulumi_gcp_tuning.resources.models.removal import remove_model, traffic_without
from pulumi_gcp_tuning.resources.registry import lifecycle_of
from support.hand_made_google import Desk, HandMadeVertex, urn
from support.hand_made_lookups import NUMBER

ENDPOINT = lifecycle_of("endpoint")
MODEL_DEPLOYMENT = lifecycle_of("model_deployment")
MODEL = f"projects/{NUMBER}/locations/us-central1/models/77"
KEY = "projects/shop-dev/locations/us-central1/keyRings/r/cryptoKeys/k"


@pytest.fixture
def desk() -> Desk:
    made = Desk()
    made.google.keys[KEY] = {"purpose": "ENCRYPT_DECRYPT", "primary": {"state": "ENABLED"}}
    return made


def endpoint_inputs(desk: Desk, **more: Any) -> dict[str, Any]:
    news = {"displayName": "Shop", "resourceUrn": urn("Endpoint"), "labels": {"team": "shop"}, **more}
    found = ENDPOINT.check(desk.call("Endpoint"), {}, news)
    assert [str(f) for f in found.findings] == []
    return found.inputs


def made_endpoint(desk: Desk, **more: Any) -> Current:
    return ENDPOINT.create(desk.call("Endpoint"), endpoint_inputs(desk, **more))


def deployed(desk: Desk, on: Current, name: str, **more: Any) -> Current:
    told = {"resourceUrn": urn("ModelDeployment", name), "fromResources": ["endpoint", "model"]}
    news = {"endpoint": on.id, "model": MODEL, **told, **more}
    desk.google.models.setdefault(MODEL, {"name": MODEL, "versionId": "1"})
    call = desk.call("ModelDeployment", name)
    found = MODEL_DEPLOYMENT.check(call, {}, news)
    assert [str(f) for f in found.findings] == []
    return MODEL_DEPLOYMENT.create(call, found.inputs)


# Endpoint


def test_the_endpoint_id_is_ten_digits_of_the_identity(desk: Desk) -> None:
    made = made_endpoint(desk)
    last = made.id.rpartition("/")[2]
    assert last.isdigit()
    assert len(last) == 10
    assert last[0] != "0"


def test_a_used_id_with_our_labels_is_adopted(desk: Desk) -> None:
    assert made_endpoint(desk).id == made_endpoint(desk).id
    assert len(desk.google.endpoints) == 1


def test_a_used_id_without_our_labels_is_refused(desk: Desk) -> None:
    made = made_endpoint(desk)
    desk.google.endpoints[made.id]["labels"] = {}
    with pytest.raises(Refused, match=r"Another resource owns it\. Delete it"):
        made_endpoint(desk)


def test_another_key_or_place_replaces_under_another_id(desk: Desk) -> None:
    made = made_endpoint(desk)
    keyed = endpoint_inputs(desk, encryptionSpec={"kmsKeyName": KEY})
    assert ENDPOINT.diff(desk.call(), made.id, made.outputs, keyed).replaces == ["encryptionSpec"]
    assert ENDPOINT.create(desk.call("Endpoint"), keyed).id != made.id
    moved = endpoint_inputs(desk, location="us")
    assert ENDPOINT.diff(desk.call(), made.id, made.outputs, moved).replaces == ["location"]


def test_unknown_is_never_replace(desk: Desk) -> None:
    made = made_endpoint(desk)
    news = {**(made.inputs or {}), "encryptionSpec": {"kmsKeyName": UNKNOWN}, "location": UNKNOWN}
    difference = ENDPOINT.diff(desk.call(), made.id, made.outputs, news)
    assert (difference.changed, list(difference.replaces)) == (None, [])


def test_update_patches_names_and_labels(desk: Desk) -> None:
    made = made_endpoint(desk, description="old")
    desk.google.endpoints[made.id]["labels"]["theirs"] = "x"
    news = endpoint_inputs(desk, displayName="New", labels={"tier": "gold"})
    updated = ENDPOINT.update(desk.call("Endpoint"), made.id, made.outputs, news)
    live = desk.google.endpoints[made.id]
    assert (live["displayName"], live["description"]) == ("New", "")
    assert "team" not in live["labels"]
    assert live["labels"]["theirs"] == "x"
    assert updated.outputs["effectiveLabels"]["tier"] == "gold"


def test_drift_in_display_name_is_seen(desk: Desk) -> None:
    made = made_endpoint(desk)
    desk.google.endpoints[made.id]["displayName"] = "theirs"
    read = ENDPOINT.read(desk.call("Endpoint"), made.id, made.outputs)
    assert read is not None
    assert (read.inputs or {})["displayName"] == "theirs"
    assert ENDPOINT.diff(desk.call(), made.id, read.outputs, made.inputs or {}).changed is None


def test_an_endpoint_that_google_does_not_have_is_gone(desk: Desk) -> None:
    made = made_endpoint(desk)
    desk.google.endpoints.clear()
    assert ENDPOINT.read(desk.call("Endpoint"), made.id, made.outputs) is None


def a_model_of(desk: Desk, stack: str, name: str = MODEL) -> str:
    desk.google.models[name] = {
        "name": name,
        "labels": {"gcp-tuning-stack": stack_hash(urn("TunedModel", stack=stack))},
    }
    return name


def test_delete_undeploys_what_is_ours(desk: Desk) -> None:
    a_model_of(desk, "dev")
    made = made_endpoint(desk)
    deployed(desk, made, "one")
    deployed(desk, made, "two")
    ENDPOINT.delete(desk.call("Endpoint"), made.id, made.outputs)
    assert desk.google.endpoints == {}


def test_delete_refuses_what_somebody_else_deployed_and_touches_nothing(desk: Desk) -> None:
    a_model_of(desk, "dev")
    made = made_endpoint(desk)
    deployed(desk, made, "one")
    theirs = {"id": "5550001112223334445", "model": a_model_of(desk, "prod", f"{MODEL}8"), "displayName": "their bot"}
    desk.google.endpoints[made.id]["deployedModels"].append(theirs)
    with pytest.raises(Refused, match="their bot"):
        ENDPOINT.delete(desk.call("Endpoint"), made.id, made.outputs)
    assert len(desk.google.endpoints[made.id]["deployedModels"]) == 2


def declared_again(desk: Desk, deployment: Current) -> Run:
    """A later run, whose program still declares the deployment."""
    run, inputs = Run(), deployment.inputs or {}
    call = desk.call("ModelDeployment", run=run)
    MODEL_DEPLOYMENT.check(call, inputs, inputs)
    MODEL_DEPLOYMENT.diff(call, deployment.id, deployment.outputs, inputs)
    return run


def test_delete_refuses_where_the_program_still_declares_a_deployment_on_it(desk: Desk) -> None:
    made = made_endpoint(desk)
    run = declared_again(desk, deployed(desk, made, "bot"))
    with pytest.raises(Refused, match="the program still declares a deployment on it"):
        ENDPOINT.delete(desk.call("Endpoint", run=run), made.id, made.outputs)
    assert len(desk.google.endpoints[made.id]["deployedModels"]) == 1


def test_a_model_is_not_removed_where_the_program_still_declares_its_deployment(desk: Desk) -> None:
    made = made_endpoint(desk)
    desk.google.models[MODEL] = {"name": MODEL, "versionId": "1"}
    run = declared_again(desk, deployed(desk, made, "bot"))
    with pytest.raises(Refused, match="the program still declares its deployment"):
        remove_model(desk.call(run=run), MODEL, desk.google.models[MODEL], made=[made.id], identities=[])
    assert len(desk.google.endpoints[made.id]["deployedModels"]) == 1


# ModelDeployment


def test_the_first_gets_all_traffic_and_later_ones_none(desk: Desk) -> None:
    on = made_endpoint(desk)
    first, second = deployed(desk, on, "one"), deployed(desk, on, "two")
    assert (first.outputs["trafficPercentage"], second.outputs["trafficPercentage"]) == (100, 0)
    assert first.id == f"{on.id}/deployedModels/{first.outputs['deployedModelId']}"


def test_a_second_create_finds_the_first(desk: Desk) -> None:
    on = made_endpoint(desk)
    assert deployed(desk, on, "one").id == deployed(desk, on, "one").id
    assert len(desk.google.said("deploy_model")) == 1


def test_undeploying_what_had_traffic_gives_it_to_the_rest(desk: Desk) -> None:
    on = made_endpoint(desk)
    first, second = deployed(desk, on, "one"), deployed(desk, on, "two")
    MODEL_DEPLOYMENT.delete(desk.call(), first.id, first.outputs)
    assert desk.google.endpoints[on.id]["trafficSplit"] == {second.outputs["deployedModelId"]: 100}
    MODEL_DEPLOYMENT.delete(desk.call(), second.id, second.outputs)
    MODEL_DEPLOYMENT.delete(desk.call(), second.id, second.outputs)
    assert desk.google.endpoints[on.id]["deployedModels"] == []


@pytest.mark.parametrize(
    ("split", "expected"),
    [
        ({"a": 34, "b": 33, "c": 33}, {"b": 50, "c": 50}),
        ({"a": 1, "b": 66, "c": 33}, {"b": 67, "c": 33}),
        ({"a": 100, "b": 0, "c": 0}, {"b": 0, "c": 100}),
        ({"a": 0, "b": 50, "c": 50}, None),
    ],
)
def test_what_remains_always_adds_up_to_a_hundred(split: dict[str, int], expected: dict[str, int] | None) -> None:
    models = [{"id": key, "createTime": f"2026-11-2{n}T00:00:00Z"} for n, key in enumerate(split)]
    found = traffic_without({"deployedModels": models, "trafficSplit": split}, "a")
    assert found == expected


def test_an_endpoint_in_another_location_than_the_model_is_warned_of_because_nobody_has_seen_it_refused(
    desk: Desk,
) -> None:
    news = {"endpoint": f"projects/{NUMBER}/locations/us/endpoints/1", "model": MODEL}
    (found,) = MODEL_DEPLOYMENT.check(desk.call("ModelDeployment"), {}, news).findings
    assert (found.path, found.check, found.severity, found.evidence) == (("endpoint",), "location", "warn", "assumed")
    assert str(found) == "The endpoint is in us, but the model is in us-central1. Use an endpoint in us-central1."
    off = {**news, "checks": {"location": "off"}}
    assert MODEL_DEPLOYMENT.check(desk.call("ModelDeployment"), {}, off).findings == []


def test_malformed_names_are_findings_with_an_example(desk: Desk) -> None:
    found = MODEL_DEPLOYMENT.check(desk.call("ModelDeployment"), {}, {"endpoint": "e", "model": "m"})
    assert [f.path for f in found.findings] == [("endpoint",), ("model",)]
    assert all("projects/" in str(f.remedy) for f in found.findings)


def test_another_model_or_checkpoint_is_another_deployment(desk: Desk) -> None:
    made = deployed(desk, made_endpoint(desk), "one")
    for key, value in (("model", MODEL + "8"), ("checkpointId", "2"), ("displayName", "x")):
        news = {**(made.inputs or {}), key: value}
        assert MODEL_DEPLOYMENT.diff(desk.call(), made.id, made.outputs, news).replaces == [key]
    assert MODEL_DEPLOYMENT.diff(desk.call(), made.id, made.outputs, made.inputs or {}).changed is False


def test_a_deployment_that_somebody_undeployed_is_gone(desk: Desk) -> None:
    made = deployed(desk, made_endpoint(desk), "one")
    MODEL_DEPLOYMENT.delete(desk.call(), made.id, made.outputs)
    assert MODEL_DEPLOYMENT.read(desk.call(), made.id, made.outputs) is None


def test_an_id_like_ours_of_another_stack_is_no_reason_to_undeploy(desk: Desk) -> None:
    on = made_endpoint(desk)
    theirs = a_model_of(desk, "prod")
    like_ours = derived_id("f" * 32, on.id, theirs, None, None)
    desk.google.endpoints[on.id]["deployedModels"] = [{"id": like_ours, "model": theirs}]
    with pytest.raises(Refused, match="nothing shows that this stack deployed it"):
        ENDPOINT.delete(desk.call("Endpoint"), on.id, on.outputs)
    assert len(desk.google.endpoints[on.id]["deployedModels"]) == 1


def test_deployments_on_one_endpoint_do_not_overlap(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    endpoint = made_endpoint(desk)
    deploy, heard = HandMadeVertex.deploy_model, list[str]()

    def deploy_slowly(vertex: HandMadeVertex, *args: Any, **options: Any) -> Any:
        if not heard:
            heard.append("the first is under way")
            with ThreadPoolExecutor(1) as other, pytest.raises(WaitEnded, match="another change of"):
                other.submit(deployed, desk, endpoint, "second").result()
        return deploy(vertex, *args, **options)

    monkeypatch.setattr(HandMadeVertex, "deploy_model", deploy_slowly)
    deployed(desk, endpoint, "first")
    assert len(desk.google.said("deploy_model")) == 1
    deployed(desk, endpoint, "second")
    assert len(desk.google.said("deploy_model")) == 2
