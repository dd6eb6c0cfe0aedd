"""TunedModel claims, keeps what may be needed, and takes down the rest in order."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_gcp_tuning.errors import ApiError, Failed, Refused, Unfinished
from pulumi_gcp_tuning.names import identity_of, stack_hash
from pulumi_gcp_tuning.resources.core.lifecycle import UNKNOWN, Current
from support.findings import printed_of
from support.hand_made_google import Desk, urn
from support.hand_made_lookups import NUMBER
from support.tuned_models import PARENT, TUNED_MODEL, inputs_of, submitted, trained

OWN = identity_of(urn("TunedModel"))


@pytest.fixture
def desk() -> Desk:
    return Desk()


# check and diff


def test_check_reports_everything_at_once_and_asks_nothing(desk: Desk) -> None:
    news = {
        "tuningJob": "4711",
        "onReplace": {"keepLast": -1.0, "keep": 1.0},
        "labels": {"gcp-tuning-id": "x"},
        "displayName": "x" * 129,
        "deletionPolicy": "KEEP",
        "location": "us",
    }
    found = TUNED_MODEL.check(desk.call("TunedModel"), {}, news)
    assert {f.path for f in printed_of(found.findings)} == {
        "tuning_job",
        "on_replace.keep_last",
        "on_replace.keep",
        'labels["gcp-tuning-id"]',
        "display_name",
        "deletion_policy",
        "location",
    }
    assert desk.google.journal == []


def test_an_unknown_job_is_no_finding_and_no_replacement(desk: Desk) -> None:
    made = trained(desk)
    found = TUNED_MODEL.check(desk.call("TunedModel"), made.inputs or {}, {**(made.inputs or {}), "tuningJob": UNKNOWN})
    assert list(found.findings) == []
    difference = TUNED_MODEL.diff(desk.call("TunedModel"), made.id, made.outputs, found.inputs)
    assert (difference.changed, list(difference.replaces)) == (None, [])


def test_another_job_replaces_and_the_same_job_by_project_id_does_not(desk: Desk) -> None:
    made = trained(desk)
    other = inputs_of(f"{PARENT}/tuningJobs/9")
    assert TUNED_MODEL.diff(desk.call(), made.id, made.outputs, other).replaces == ["tuningJob"]
    same = inputs_of(made.id.replace(NUMBER, "shop-dev"))
    assert TUNED_MODEL.diff(desk.call(), made.id, made.outputs, same).changed is False


@pytest.mark.parametrize(
    "change",
    [
        {"labels": {"team": "care"}},
        {"displayName": "robot"},
        {"description": "better"},
        {"defaultCheckpointId": "1"},
        {"onReplace": {"keepLast": 5.0}},
        {"deletionPolicy": "ABANDON"},
    ],
)
def test_labels_names_and_policies_are_updates(desk: Desk, change: dict[str, Any]) -> None:
    made = trained(desk)
    difference = TUNED_MODEL.diff(desk.call(), made.id, made.outputs, inputs_of(made.id, **change))
    assert (difference.changed, list(difference.replaces)) == (None, [])


# claiming


def test_the_model_appears_where_its_results_are_and_has_both_labels(desk: Desk) -> None:
    made = trained(desk, displayName="Bot", description="answers")
    assert made.outputs["location"] == "us"
    assert made.outputs["model"].startswith(f"projects/{NUMBER}/locations/us/models/")
    assert made.outputs["versionedModel"] == made.outputs["model"] + "@1"
    model = desk.google.models[made.outputs["model"]]
    claimed = str(int(desk.clock.now().timestamp() * 1000))
    ours = {"gcp-tuning-id": OWN, "gcp-tuning-spec": "s", "gcp-tuning-claimed": claimed}
    ours |= {"gcp-tuning-stack": stack_hash(urn("TunedModel")), "gcp-tuning-claim": "0000000000000001_shop_dev_bot"}
    assert model["labels"] == {**ours, "team": "shop"}
    assert (model["displayName"], model["description"]) == ("Bot", "answers")
    assert all(each["labels"]["team"] == "shop" for each in desk.google.endpoints.values())


def test_the_endpoint_follows_the_default_checkpoint(desk: Desk) -> None:
    made = trained(desk, defaultCheckpointId="1")
    assert made.outputs["endpoint"] == made.outputs["checkpoints"][0]["endpoint"]


def test_a_checkpoint_that_does_not_exist_is_refused_with_those_that_do(desk: Desk) -> None:
    job = submitted(desk)
    desk.google.succeed(job)
    with pytest.raises(Refused, match="no checkpoint '7'; it has 1, 2"):
        TUNED_MODEL.create(desk.call("TunedModel"), inputs_of(job, defaultCheckpointId="7"))


def test_a_model_that_is_gone_says_how_to_train_again(desk: Desk) -> None:
    job = submitted(desk)
    desk.google.succeed(job)
    desk.google.models.clear()
    with pytest.raises(Failed, match="retry on the TuningJob"):
        TUNED_MODEL.create(desk.call("TunedModel"), inputs_of(job))


def test_update_patches_only_what_changed_and_leaves_labels_of_others(desk: Desk) -> None:
    made = trained(desk)
    desk.google.models[made.outputs["model"]]["labels"]["theirs"] = "x"
    desk.google.journal.clear()
    updated = TUNED_MODEL.update(
        desk.call("TunedModel"), made.id, made.outputs, inputs_of(made.id, labels={"tier": "gold"})
    )
    labels = desk.google.models[made.outputs["model"]]["labels"]
    assert desk.google.said("patch_model") == ["labels"]
    assert (labels.get("team"), labels["tier"], labels["theirs"]) == (None, "gold", "x")
    assert updated.outputs["effectiveLabels"] == labels


# read


def test_drift_in_what_is_declared_is_seen(desk: Desk) -> None:
    made = trained(desk, displayName="Bot", defaultCheckpointId="2")
    desk.google.models[made.outputs["model"]].update(displayName="other", defaultCheckpointId="1")
    desk.google.models[made.outputs["model"]]["labels"]["team"] = "theirs"
    read = TUNED_MODEL.read(desk.call("TunedModel"), made.id, made.outputs)
    assert read is not None
    assert read.inputs is not None
    assert read.inputs["displayName"] == "other"
    assert read.inputs["defaultCheckpointId"] == "1"
    assert read.inputs["labels"] == {"team": "theirs"}
    assert TUNED_MODEL.diff(desk.call(), made.id, read.outputs, made.inputs or {}).changed is None


def test_a_label_that_somebody_else_added_is_no_drift(desk: Desk) -> None:
    made = trained(desk)
    desk.google.models[made.outputs["model"]]["labels"]["theirs"] = "x"
    read = TUNED_MODEL.read(desk.call("TunedModel"), made.id, made.outputs)
    assert read is not None
    assert read.inputs is None
    assert TUNED_MODEL.diff(desk.call(), made.id, read.outputs, made.inputs or {}).changed is False


def test_a_model_is_gone_where_its_job_still_says_that_it_made_it(desk: Desk) -> None:
    made = trained(desk)
    desk.google.models.clear()
    assert TUNED_MODEL.read(desk.call("TunedModel"), made.id, made.outputs) is None


def test_a_model_and_job_that_are_both_unknown_keep_state(desk: Desk) -> None:
    made = trained(desk)
    desk.google.models.clear()
    desk.google.jobs.clear()
    with pytest.raises(Refused, match="pulumi state delete"):
        TUNED_MODEL.read(desk.call("TunedModel"), made.id, made.outputs)


def test_an_outage_keeps_state(desk: Desk) -> None:
    made = trained(desk)
    desk.google.down = ApiError("sorry", http_status=503, status="UNAVAILABLE")
    with pytest.raises(ApiError, match="sorry"):
        TUNED_MODEL.read(desk.call("TunedModel"), made.id, made.outputs)


def test_get_reads_a_model_by_its_job_and_writes_nothing(desk: Desk) -> None:
    made = trained(desk)
    read = TUNED_MODEL.read(desk.call("TunedModel"), made.id, {})
    assert read is not None
    assert read.outputs["model"] == made.outputs["model"]
    assert desk.google.said("patch_model") == []


def test_get_of_a_job_without_a_model_says_how_far_it_is(desk: Desk) -> None:
    made = trained(desk)
    desk.google.jobs[made.id]["state"] = "JOB_STATE_RUNNING"
    del desk.google.jobs[made.id]["tunedModel"]
    with pytest.raises(Refused, match=rf"{made.id} has no model to read: it is RUNNING\.$"):
        TUNED_MODEL.read(desk.call("TunedModel"), made.id, {})


# delete


def removed(desk: Desk, made: Current, **outputs: Any) -> None:
    TUNED_MODEL.delete(desk.call("TunedModel"), made.id, {**made.outputs, **outputs})


def test_delete_undeploys_then_removes_endpoints_then_the_model(desk: Desk) -> None:
    made = trained(desk)
    removed(desk, made)
    verbs = [verb for verb, _ in desk.google.journal if verb.startswith(("undeploy", "delete"))]
    assert verbs == ["undeploy_model", "delete_endpoint"] * 2 + ["delete_model"]
    assert (desk.google.models, desk.google.endpoints) == ({}, {})
    assert made.id in desk.google.jobs


def test_delete_tolerates_what_is_already_gone_at_each_step(desk: Desk) -> None:
    made = trained(desk)
    desk.google.endpoints.pop(made.outputs["checkpoints"][0]["endpoint"])
    desk.google.models[made.outputs["model"]]["deployedModels"].pop(0)
    removed(desk, made)
    removed(desk, made)
    assert (desk.google.models, desk.google.endpoints) == ({}, {})


def test_replacing_keeps_the_last_two_and_removes_older_ones(desk: Desk) -> None:
    generations = [trained(desk) for _ in range(5)]
    for old in generations[:-1]:
        removed(desk, old)
    kept = {each.outputs["model"] for each in generations[2:]}
    assert set(desk.google.models) == kept
    assert len(desk.google.endpoints) == 2 * len(kept)


def test_keep_last_zero_keeps_none(desk: Desk) -> None:
    first, second = trained(desk), trained(desk)
    removed(desk, first, onReplace={"keepLast": 0})
    assert set(desk.google.models) == {second.outputs["model"]}


def test_a_release_label_is_respected(desk: Desk) -> None:
    first, second = trained(desk), trained(desk)
    desk.google.models[first.outputs["model"]]["labels"]["gcp-tuning-release-1"] = "yes"
    removed(desk, first, onReplace={"keepLast": 0})
    removed(desk, second)
    assert set(desk.google.models) == {first.outputs["model"]}
    assert "release" in desk.warnings[0]


def test_destroy_removes_the_newest_and_those_that_were_kept(desk: Desk) -> None:
    first, second = trained(desk), trained(desk)
    removed(desk, first)
    assert len(desk.google.models) == 2
    removed(desk, second)
    assert (desk.google.models, desk.google.endpoints) == ({}, {})


def test_a_model_that_serves_elsewhere_is_refused_before_anything_is_touched(desk: Desk) -> None:
    made = trained(desk)
    theirs = f"projects/{NUMBER}/locations/us/endpoints/4242"
    desk.google.endpoints[theirs] = {"name": theirs}
    desk.google.vertex("us").deploy_model(
        theirs, {"id": "5", "model": made.outputs["versionedModel"]}, {"0": 100}, wait=None
    )
    desk.google.journal.clear()
    with pytest.raises(Refused, match=theirs):
        removed(desk, made)
    assert not [verb for verb, _ in desk.google.journal if verb.startswith(("undeploy", "delete"))]


def test_a_model_that_another_resource_took_over_stays(desk: Desk) -> None:
    made = trained(desk)
    other = {**inputs_of(made.id), "resourceUrn": urn("TunedModel", "renamed")}
    TUNED_MODEL.create(desk.call("TunedModel", "renamed"), other)
    removed(desk, made)
    assert len(desk.google.models) == 1
    assert f"{made.outputs['model']} is not deleted: it belongs to shop/dev/renamed" in desk.warnings[-1]


def test_destroy_while_waiting_removes_a_model_that_came_meanwhile(desk: Desk) -> None:
    job = submitted(desk)
    with pytest.raises(Unfinished) as ended:
        TUNED_MODEL.create(desk.call("TunedModel"), inputs_of(job))
    desk.google.succeed(job)
    TUNED_MODEL.delete(desk.call("TunedModel"), job, dict(ended.value.outputs))
    assert (desk.google.models, desk.google.endpoints) == ({}, {})


def test_going_back_to_an_earlier_model_makes_it_the_current_one(desk: Desk) -> None:
    first = trained(desk)
    desk.clock.seconds += 3600
    second = trained(desk)
    desk.clock.seconds += 3600
    again = TUNED_MODEL.create(desk.call("TunedModel"), first.inputs or {})
    TUNED_MODEL.delete(desk.call("TunedModel"), second.id, second.outputs)
    assert set(desk.google.models) == {first.outputs["model"], second.outputs["model"]}
    assert len(desk.google.endpoints) == 4
    TUNED_MODEL.delete(desk.call("TunedModel"), again.id, again.outputs)
    assert (desk.google.models, desk.google.endpoints) == ({}, {})


def test_a_rename_with_alias_keeps_the_models_together(desk: Desk) -> None:
    first = trained(desk)
    desk.clock.seconds += 3600
    job = submitted(desk)
    desk.google.succeed(job)
    renamed = {**inputs_of(job), "resourceUrn": urn("TunedModel", "other")}
    second = TUNED_MODEL.create(desk.call("TunedModel", "other"), renamed)
    TUNED_MODEL.delete(desk.call("TunedModel", "other"), first.id, first.outputs)
    assert set(desk.google.models) == {first.outputs["model"], second.outputs["model"]}


def test_an_older_model_that_serves_elsewhere_does_not_stop_a_replacement(desk: Desk) -> None:
    first = trained(desk)
    desk.clock.seconds += 60
    second = trained(desk)
    removed(desk, first)
    desk.clock.seconds += 60
    trained(desk)
    elsewhere = f"projects/{NUMBER}/locations/us/endpoints/4711"
    desk.google.endpoints[elsewhere] = {"name": elsewhere, "labels": {}, "deployedModels": []}
    desk.google.models[first.outputs["model"]]["deployedModels"].append({"endpoint": elsewhere, "deployedModelId": "1"})
    TUNED_MODEL.delete(desk.call("TunedModel"), second.id, {**second.outputs, "onReplace": {"keepLast": 0}})
    assert first.outputs["model"] in desk.google.models
    assert second.outputs["model"] not in desk.google.models
    assert any("4711" in each for each in desk.warnings)
