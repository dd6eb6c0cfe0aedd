"""ModelDeployment of an open model's weights: one call under ids of our own, and nothing left behind."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_gcp_tuning.errors import ApiError, Failed, Unfinished
from pulumi_gcp_tuning.names import may_be_same_resource
from pulumi_gcp_tuning.resources.core.lifecycle import UNKNOWN, Current
from pulumi_gcp_tuning.resources.core.run import Run
from pulumi_gcp_tuning.resources.registry import lifecycle_of
from support.hand_made_google import Desk, HandMadeVertex, urn
from support.hand_made_lookups import NUMBER

DEPLOYMENT = lifecycle_of("model_deployment")
PLACE = f"projects/{NUMBER}/locations/us-central1"
JOB = f"{PLACE}/tuningJobs/7"
OUT = "gs://shop-data/out"
FINAL = f"{OUT}/postprocess/node-0/checkpoints/final"
MACHINE = {"machineType": "g2-standard-12", "acceleratorType": "NVIDIA_L4", "acceleratorCount": 1}
EIGHT = {**MACHINE, "machineType": "g2-standard-96", "acceleratorCount": 8}


@pytest.fixture
def desk() -> Desk:
    made = Desk()
    job = {"name": JOB, "state": "JOB_STATE_SUCCEEDED", "baseModel": "meta/llama3_1@llama-3.1-8b", "outputUri": OUT}
    made.google.jobs[JOB] = job
    return made


def findings(desk: Desk, **news: Any) -> list[str]:
    given = {"resourceUrn": urn("ModelDeployment"), **news}
    return [str(each) for each in DEPLOYMENT.check(desk.call("ModelDeployment"), {}, given).findings]


def served(desk: Desk, **news: Any) -> Current:
    given = {"tuningJob": JOB, "resourceUrn": urn("ModelDeployment"), **MACHINE, **news}
    call = desk.call("ModelDeployment")
    found = DEPLOYMENT.check(call, {}, given)
    assert [str(each) for each in found.findings] == []
    return DEPLOYMENT.create(call, found.inputs)


def test_the_final_checkpoint_of_a_job_is_served_on_the_machine(desk: Desk) -> None:
    made = served(desk)
    (endpoint,) = desk.google.endpoints.values()
    (deployed,) = endpoint["deployedModels"]
    assert ("deploy_weights", FINAL) in desk.google.journal
    assert deployed["dedicatedResources"] == {"machineSpec": MACHINE, "minReplicaCount": 1, "maxReplicaCount": 1}
    assert made.outputs["endpoint"] == endpoint["name"]
    assert (made.id, made.outputs["deployedModelId"]) == (endpoint["name"], "4242")


def test_a_checkpoint_is_named_by_its_number(desk: Desk) -> None:
    served(desk, checkpointId=3)
    assert ("deploy_weights", FINAL.replace("final", "checkpoint-3")) in desk.google.journal


def test_a_folder_is_served_without_a_job(desk: Desk) -> None:
    desk.google.objects["shop-data", "llama/model.safetensors"] = {"name": "llama/model.safetensors"}
    served(desk, tuningJob=None, artifacts="gs://shop-data/llama")
    assert ("deploy_weights", "gs://shop-data/llama") in desk.google.journal


def test_a_second_create_finds_what_the_first_made(desk: Desk) -> None:
    assert served(desk).id == served(desk).id
    assert [verb for verb, _ in desk.google.journal].count("deploy_weights") == 1


def test_another_machine_has_another_endpoint(desk: Desk) -> None:
    assert served(desk).id != served(desk, machineType="g2-standard-16").id


def test_the_endpoint_that_it_made_is_no_change(desk: Desk) -> None:
    made = served(desk)
    difference = DEPLOYMENT.diff(desk.call("ModelDeployment"), made.id, made.outputs, made.inputs or {})
    assert (difference.changed, list(difference.replaces)) == (False, [])


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("machineType", "g2-standard-16"),
        ("checkpointId", "2"),
        ("tuningJob", f"{PLACE}/tuningJobs/8"),
        ("maxReplicaCount", 2),
    ],
)
def test_what_decides_the_deployment_replaces_it(desk: Desk, key: str, value: Any) -> None:
    made = served(desk)
    news = {**(made.inputs or {}), key: value}
    assert DEPLOYMENT.diff(desk.call("ModelDeployment"), made.id, made.outputs, news).replaces == [key]


def test_a_job_that_is_not_known_yet_replaces_nothing(desk: Desk) -> None:
    made = served(desk)
    news = {**(made.inputs or {}), "tuningJob": UNKNOWN}
    assert list(DEPLOYMENT.diff(desk.call("ModelDeployment"), made.id, made.outputs, news).replaces) == []


def test_delete_leaves_neither_the_endpoint_nor_the_model(desk: Desk) -> None:
    made = served(desk)
    DEPLOYMENT.delete(desk.call("ModelDeployment"), made.id, made.outputs)
    assert desk.google.endpoints == {}
    assert desk.google.models == {}


def test_a_read_finds_it_again(desk: Desk) -> None:
    made = served(desk)
    read = DEPLOYMENT.read(desk.call("ModelDeployment"), made.id, made.outputs)
    assert read is not None
    assert read.outputs == made.outputs


def test_a_failed_job_deploys_nothing(desk: Desk) -> None:
    desk.google.jobs[JOB] |= {"state": "JOB_STATE_FAILED", "error": {"code": 3, "message": "bad row"}}
    given = {"tuningJob": JOB, "resourceUrn": urn("ModelDeployment"), **MACHINE}
    with pytest.raises(Failed, match="bad row"):
        DEPLOYMENT.create(desk.call("ModelDeployment"), given)
    assert desk.google.endpoints == {}


def test_preview_refuses_a_job_that_has_failed(desk: Desk) -> None:
    desk.google.jobs[JOB] |= {"state": "JOB_STATE_FAILED", "error": {"code": 3, "message": "bad row"}}
    (found,) = findings(desk, tuningJob=JOB, **MACHINE)
    assert "made no model: bad row. It does not run again by itself: set retry" in found


def interrupted(desk: Desk, after: float = 30.0) -> Unfinished:
    """What a create says whose wait ends before the machine serves."""
    desk.google.deploy_seconds = 900.0
    given = {"tuningJob": JOB, "resourceUrn": urn("ModelDeployment"), **MACHINE}
    call = desk.call("ModelDeployment", cancelled=lambda: desk.clock.seconds > after)
    with pytest.raises(Unfinished) as ended:
        DEPLOYMENT.create(call, DEPLOYMENT.check(call, {}, given).inputs)
    return ended.value


def test_a_wait_that_ends_early_keeps_the_endpoint_in_state(desk: Desk) -> None:
    ended = interrupted(desk)
    (endpoint,) = desk.google.endpoints
    assert ended.outputs["operation"] == f"{endpoint}/operations/1"
    assert may_be_same_resource(ended.id, endpoint)
    assert "billed by the hour until `pulumi destroy`" in str(ended)


def test_the_next_up_continues_the_wait_and_deploys_nothing_twice(desk: Desk) -> None:
    ended = interrupted(desk)
    news = {
        key: value for key, value in ended.outputs.items() if key not in ("endpoint", "operation", "apiOrigin", "claim")
    }
    difference = DEPLOYMENT.diff(desk.call("ModelDeployment"), ended.id, ended.outputs, news)
    made = DEPLOYMENT.update(desk.call("ModelDeployment"), ended.id, ended.outputs, news)
    assert (difference.changed, difference.replaces, difference.paths) == (True, (), [("deployedModelId",)])
    assert (made.outputs["deployedModelId"], "operation" in made.outputs) == ("4242", False)
    assert made.outputs["claim"] == ended.outputs["claim"]
    assert [verb for verb, _ in desk.google.journal].count("deploy_weights") == 1


def test_a_refresh_keeps_what_is_not_served_yet_and_sees_when_it_is(desk: Desk) -> None:
    ended = interrupted(desk)
    early = DEPLOYMENT.read(desk.call("ModelDeployment"), ended.id, ended.outputs)
    desk.clock.seconds += 900.0
    late = DEPLOYMENT.read(desk.call("ModelDeployment"), ended.id, ended.outputs)
    assert early is not None
    assert late is not None
    assert (early.unfinished, "deployedModelId" in early.outputs) == (True, False)
    assert (late.unfinished, late.outputs["deployedModelId"]) == (False, "4242")


def test_a_destroy_waits_for_what_is_being_deployed_and_leaves_nothing(desk: Desk) -> None:
    ended = interrupted(desk)
    DEPLOYMENT.delete(desk.call("ModelDeployment"), ended.id, ended.outputs)
    assert (desk.google.endpoints, desk.google.models, desk.google.coming) == ({}, {}, {})


@pytest.mark.parametrize("minutes", [10, 60])
def test_the_wait_lasts_as_long_as_custom_timeouts_say(desk: Desk, minutes: int) -> None:
    desk.google.deploy_seconds = 3000.0
    given = {"tuningJob": JOB, "resourceUrn": urn("ModelDeployment"), **MACHINE}
    call = desk.call("ModelDeployment", timeout=minutes * 60.0)
    try:
        DEPLOYMENT.create(call, DEPLOYMENT.check(call, {}, given).inputs)
    except Unfinished:
        assert 600 <= desk.clock.seconds < 700
    else:
        assert minutes == 60


def test_what_google_could_not_deploy_leaves_nothing(desk: Desk) -> None:
    desk.google.deploy_error = {"code": 8, "message": "no NVIDIA_L4 is free"}
    with pytest.raises(ApiError, match="no NVIDIA_L4 is free"):
        served(desk)
    assert (desk.google.endpoints, desk.google.models) == ({}, {})


def test_weights_that_somebody_undeployed_are_deployed_again(desk: Desk) -> None:
    made = served(desk)
    desk.google.vertex("us-central1").undeploy_model(made.outputs["endpoint"], "4242")
    read = DEPLOYMENT.read(desk.call("ModelDeployment"), made.id, made.outputs)
    assert read is not None
    again = DEPLOYMENT.update(desk.call("ModelDeployment"), made.id, read.outputs, read.inputs or {})
    assert (again.outputs["deployedModelId"], again.id) == ("4242", made.id)


@pytest.mark.parametrize("left", ["the endpoint", "the model"])
def test_what_an_interrupted_delete_left_stays_in_state_until_it_is_gone(desk: Desk, left: str) -> None:
    made = served(desk)
    desk.google.vertex("us-central1").undeploy_model(made.outputs["endpoint"], "4242")
    if left == "the model":
        desk.google.endpoints.clear()
    read = DEPLOYMENT.read(desk.call("ModelDeployment"), made.id, made.outputs)
    assert read is not None
    DEPLOYMENT.delete(desk.call("ModelDeployment"), made.id, read.outputs)
    assert (desk.google.endpoints, desk.google.models) == ({}, {})
    assert DEPLOYMENT.read(desk.call("ModelDeployment"), made.id, made.outputs) is None


def test_preview_says_that_the_machine_is_billed_by_the_hour(desk: Desk) -> None:
    told: list[str] = []
    given = {"tuningJob": JOB, "resourceUrn": urn("ModelDeployment"), **MACHINE}
    DEPLOYMENT.check(desk.call("ModelDeployment", tell=told.append), {}, given)
    assert any("1 x g2-standard-12 with 1 NVIDIA_L4, billed by the hour" in line for line in told), told


@pytest.mark.parametrize(
    ("news", "says"),
    [
        ({}, "It needs one of model, tuning_job and artifacts"),
        ({"tuningJob": JOB, "artifacts": FINAL, **MACHINE}, "tuning_job and artifacts are given"),
        ({"tuningJob": JOB}, "machine_type and accelerator_type and accelerator_count must be set"),
        ({"tuningJob": JOB, **MACHINE, "endpoint": f"{PLACE}/endpoints/1"}, "makes its own endpoint"),
        ({"model": f"{PLACE}/models/1"}, "needs the endpoint that serves it"),
        ({"artifacts": "s3://out", **MACHINE}, "'s3://out' cannot be read"),
        ({"tuningJob": "job", **MACHINE}, "'job' is not the name of a tuning job"),
    ],
)
def test_what_cannot_be_served_is_refused_at_preview(desk: Desk, news: dict[str, Any], says: str) -> None:
    assert any(says in each for each in findings(desk, **news)), findings(desk, **news)


# the quota of serving


def test_a_machine_with_more_accelerators_than_the_quota_is_refused_at_preview(desk: Desk) -> None:
    (said,) = findings(desk, tuningJob=JOB, **EIGHT, minReplicaCount=2)
    assert "(aiplatform.googleapis.com/custom_model_serving_nvidia_l4_gpus) in us-central1 is 8" in said
    assert "one deployment needs 16" in said


def test_what_serves_in_the_region_counts_against_the_quota(desk: Desk) -> None:
    served(desk)
    wanted = {"tuningJob": JOB, **EIGHT, "resourceUrn": urn("ModelDeployment", "other")}
    desk.google.facts.clear()
    (said,) = DEPLOYMENT.check(desk.call("ModelDeployment"), {}, wanted).findings
    assert "need 8, in use 1 in us-central1, limit 8, free 7" in str(said)
    assert "on_quota" not in str(said)


def test_what_this_resource_deployed_itself_does_not_count(desk: Desk) -> None:
    served(desk, **EIGHT)
    desk.google.facts.clear()
    assert findings(desk, tuningJob=JOB, **EIGHT) == []


def test_the_quota_is_that_of_the_region_of_the_job(desk: Desk) -> None:
    job = JOB.replace("us-central1", "europe-west4")
    desk.google.jobs[job] = {**desk.google.jobs[JOB], "name": job}
    (said,) = findings(desk, tuningJob=job, **EIGHT, minReplicaCount=2)
    assert "in europe-west4" in said


def test_two_deployments_of_one_run_share_the_quota(desk: Desk) -> None:
    found = []
    run = Run()
    for name in ("one", "two"):
        call = desk.call("ModelDeployment", run=run)
        wanted = {"tuningJob": JOB, **EIGHT, "resourceUrn": urn("ModelDeployment", name)}
        found.append([str(each) for each in DEPLOYMENT.check(call, {}, wanted).findings])
    assert found[0] == []
    assert "this run's other jobs need 8" in found[1][0]


def test_with_the_check_off_the_quota_of_serving_is_not_asked_for(desk: Desk) -> None:
    assert findings(desk, tuningJob=JOB, **EIGHT, minReplicaCount=2, checks={"quota": "off"}) == []


def test_an_empty_list_of_versions_is_no_proof_that_the_model_is_gone(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = served(desk)
    monkeypatch.setattr(HandMadeVertex, "list_model_versions", lambda _self, _name: iter(()))
    with pytest.raises(Failed, match="Google listed no version of it"):
        DEPLOYMENT.delete(desk.call("ModelDeployment"), made.id, made.outputs)
    monkeypatch.undo()
    DEPLOYMENT.delete(desk.call("ModelDeployment"), made.id, made.outputs)
    assert desk.google.models == {}
