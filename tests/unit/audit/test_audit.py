"""What an audit calls an orphan, kept or unknown, and why it may not delete it."""

from __future__ import annotations

from copy import deepcopy

import pytest

from pulumi_gcp_tuning.audit.state import read_state
from pulumi_gcp_tuning.errors import Refused
from pulumi_gcp_tuning.label_keys import CLAIM_LABEL, STACK_LABEL
from pulumi_gcp_tuning.names import identity_of, stack_hash
from pulumi_gcp_tuning.resources.core.lifecycle import Current
from pulumi_gcp_tuning.resources.gemini_api_tuned_model import names_of
from pulumi_gcp_tuning.resources.registry import lifecycle_of
from support.audited_cloud import ENDPOINT, JOB, OTHER_SPEC, Cloud, entry
from support.hand_made_google import gone, refused, urn
from support.hand_made_lookups import NUMBER


def test_what_the_state_stands_for_is_only_counted(cloud: Cloud) -> None:
    job = cloud.trained()
    cloud.keep("TuningJob", job)
    cloud.keep("TunedModel", cloud.taken(job))
    found = cloud.audit()
    assert (found.items, found.known) == ((), 3)


# Orphans


def test_a_job_that_a_killed_run_submitted_is_an_orphan_of_the_stack_whose_state_has_the_pending_operation(
    cloud: Cloud,
) -> None:
    job = cloud.job()
    resource = {**entry("TuningJob", job), "id": "", "outputs": {}}
    cloud.pending.append({"type": "creating", "resource": resource})
    item = cloud.item()
    assert (item.name, item.what, item.why, item.stack, item.blocked) == (
        job.id,
        "tuning job",
        "orphan",
        "shop/dev",
        None,
    )


def test_a_model_whose_job_another_spec_overtook_is_an_orphan_with_its_endpoints(cloud: Cloud) -> None:
    first = cloud.trained()
    cloud.keep("TuningJob", cloud.job(**OTHER_SPEC))
    item = cloud.item()
    assert (item.name, item.why, item.job) == (cloud.model_of(first), "overtaken", first.id)
    assert set(item.endpoints) == set(cloud.google.endpoints)
    assert item.cost.text == "per request"


def test_a_second_job_of_one_identity_and_spec_is_a_double(cloud: Cloud) -> None:
    first = cloud.job()
    cloud.keep("TuningJob", first)
    twin = f"{first.id}9"
    cloud.google.jobs[twin] = {**deepcopy(cloud.google.jobs[first.id]), "name": twin}
    item = cloud.item()
    assert (item.name, item.why) == (twin, "double")
    assert item.is_orphan


def test_what_a_destroyed_stack_left_is_found_by_the_label_of_the_stack(cloud: Cloud) -> None:
    model = cloud.model_of(cloud.trained())
    cloud.google.models[model]["labels"][STACK_LABEL] = stack_hash(urn("TuningJob"))
    assert cloud.item().why == "orphan"


def test_an_endpoint_that_no_entry_has_is_an_orphan(cloud: Cloud) -> None:
    inputs = {"displayName": "Shop", "resourceUrn": urn("Endpoint"), "project": "shop-dev", "location": "us-central1"}
    made = ENDPOINT.create(cloud.desk.call("Endpoint"), inputs)
    cloud.pending.append({"type": "creating", "resource": {**entry("Endpoint", made), "id": "", "outputs": {}}})
    item = cloud.item()
    assert (item.name, item.why, item.cost.text) == (made.id, "orphan", "nothing")
    assert item.reason == "the run that created it for 'bot' ended before the state had it"
    cloud.remove(item)
    assert cloud.google.endpoints == {}


def weights_on_a_machine(cloud: Cloud) -> Current:
    frame, call = lifecycle_of("model_deployment"), cloud.desk.call("ModelDeployment")
    machine = {"machineType": "g2-standard-12", "acceleratorType": "NVIDIA_L4", "acceleratorCount": 1}
    inputs = {"artifacts": "gs://shop-data/llama", "resourceUrn": urn("ModelDeployment"), **machine}
    return frame.create(call, frame.check(call, {}, inputs).inputs)


def test_a_machine_that_a_killed_run_left_behind_is_an_orphan(cloud: Cloud) -> None:
    made = weights_on_a_machine(cloud)
    assert (cloud.item().why, cloud.item().name) == ("orphan", made.outputs["endpoint"])


def test_a_model_of_weights_whose_endpoint_is_gone_is_of_an_unknown_stack(cloud: Cloud) -> None:
    made = weights_on_a_machine(cloud)
    cloud.google.endpoints.clear()
    item = cloud.item()
    assert (item.why, item.name) == ("unknown stack", made.outputs["endpoint"].replace("/endpoints/", "/models/"))
    cloud.keep("ModelDeployment", made)
    assert cloud.audit().items == ()


def an_open_models_job(cloud: Cloud) -> Current:
    made = cloud.job()
    cloud.google.jobs[made.id]["outputUri"] = "gs://shop-data/out"
    cloud.google.succeed(made.id)
    return made


def test_checkpoints_of_a_job_that_no_entry_has_are_kept_and_never_deleted(cloud: Cloud) -> None:
    job = an_open_models_job(cloud)
    cloud.google.jobs[job.id]["labels"][STACK_LABEL] = stack_hash(urn("TuningJob"))
    item = cloud.item()
    assert (item.name, item.what, item.why, item.job) == ("gs://shop-data/out", "checkpoints", "kept", job.id)
    with pytest.raises(Refused, match="delete the folder with your own tools"):
        cloud.remove(item)


def test_checkpoints_of_an_entry_are_known(cloud: Cloud) -> None:
    cloud.keep("TuningJob", an_open_models_job(cloud))
    assert cloud.audit().items == ()


TUNED = {"baseModel": "models/gemini-1.5-flash-001-tuning", "source": "a.jsonl", "contentSha256": "a" * 64}


def a_model_of_the_gemini_api(cloud: Cloud, **spec: object) -> Current:
    inputs = {**TUNED, **spec, "resourceUrn": urn("GeminiApiTunedModel")}
    name = names_of(urn("GeminiApiTunedModel"), inputs)[0]
    cloud.google.tuned_models.create(name.partition("/")[2], {"baseModel": TUNED["baseModel"]})
    return Current(id=name, outputs={**inputs, "name": name}, inputs=inputs)


def test_a_model_of_the_gemini_api_that_a_killed_run_made_is_an_orphan(cloud: Cloud) -> None:
    made = a_model_of_the_gemini_api(cloud)
    pending = {**entry("GeminiApiTunedModel", made), "id": "", "outputs": {}}
    cloud.pending.append({"type": "creating", "resource": pending})
    item = cloud.item()
    assert (item.name, item.why, item.what) == (made.id, "orphan", "tuned model of the Gemini API")
    cloud.remove(item)
    assert cloud.google.models == {}


def test_a_model_of_the_gemini_api_that_no_entry_declares_is_of_an_unknown_stack(cloud: Cloud) -> None:
    made = a_model_of_the_gemini_api(cloud, epochCount=4)
    cloud.keep("GeminiApiTunedModel", a_model_of_the_gemini_api(cloud))
    item = cloud.item()
    assert (item.name, item.why) == (made.id, "unknown stack")
    with pytest.raises(Refused, match="nothing shows which stack made it"):
        cloud.remove(item)


def test_a_model_of_the_gemini_api_that_this_package_did_not_make_is_not_listed(cloud: Cloud) -> None:
    cloud.google.tuned_models.create("number-generator", {"baseModel": TUNED["baseModel"]})
    assert cloud.audit().items == ()


def test_a_machine_of_an_entry_is_known(cloud: Cloud) -> None:
    cloud.keep("ModelDeployment", weights_on_a_machine(cloud))
    assert cloud.audit().items == ()


def test_an_endpoint_that_was_made_for_a_model_that_is_gone_is_an_orphan(cloud: Cloud) -> None:
    job = cloud.trained()
    cloud.keep("TuningJob", cloud.job(**OTHER_SPEC))
    cloud.google.models.clear()
    for endpoint in cloud.google.endpoints.values():
        endpoint.update(deployedModels=[], trafficSplit={})
    items = cloud.audit().items
    assert {item.name for item in items} == set(cloud.google.endpoints)
    assert all("that no longer exists" in item.reason and item.is_orphan for item in items)
    assert job.id not in [item.name for item in items]


def test_a_deployment_that_no_entry_has_is_an_orphan_that_cannot_be_deleted_while_it_has_traffic(cloud: Cloud) -> None:
    inputs = {"displayName": "Shop", "resourceUrn": urn("Endpoint"), "project": "shop-dev", "location": "us-central1"}
    made = ENDPOINT.create(cloud.desk.call("Endpoint"), inputs)
    cloud.keep("Endpoint", made)
    vertex = cloud.google.vertex("us-central1")
    vertex.deploy_model(made.id, {"id": "7", "model": "m"}, {"0": 100}, wait=None)
    vertex.deploy_model(made.id, {"id": "8", "model": "m"}, {"7": 100, "0": 0}, wait=None)
    serving, idle = sorted(cloud.audit().items, key=lambda each: each.name)
    assert (serving.name, serving.why, serving.blocked) == (
        f"{made.id}/deployedModels/7",
        "orphan",
        "it serves 100 % of the traffic",
    )
    cloud.remove(idle)
    assert [each["id"] for each in cloud.google.endpoints[made.id]["deployedModels"]] == ["7"]


# Kept


def test_a_superseded_model_is_kept_and_the_reason_names_keep_last(cloud: Cloud) -> None:
    first = cloud.trained()
    cloud.taken(first)
    second = cloud.trained(**OTHER_SPEC)
    cloud.keep("TuningJob", second)
    cloud.keep("TunedModel", cloud.taken(second))
    item = cloud.item()
    assert (item.name, item.why, item.is_orphan) == (cloud.model_of(first), "kept", False)
    assert "a newer model of 'bot' took its place (keep_last is not set, which means 2)" in item.reason


def test_a_release_is_kept_and_cannot_be_deleted(cloud: Cloud) -> None:
    first = cloud.trained()
    cloud.taken(first)
    cloud.google.models[cloud.model_of(first)]["labels"]["gcp-tuning-release"] = "v1"
    second = cloud.trained(**OTHER_SPEC)
    cloud.keep("TuningJob", second)
    cloud.keep("TunedModel", cloud.taken(second))
    with pytest.raises(Refused, match="it is a release"):
        cloud.remove(cloud.item())


def test_the_model_of_a_job_in_the_state_is_never_an_orphan(cloud: Cloud) -> None:
    job = cloud.job()
    cloud.keep("TuningJob", job)
    cloud.google.succeed(job.id)
    item = cloud.item()
    assert (item.why, item.blocked) == ("kept", "it is the model of a job in the state")


def test_a_model_of_a_job_that_ran_again_under_its_name_is_an_orphan_with_its_endpoints(cloud: Cloud) -> None:
    job = cloud.trained()
    first = cloud.taken(job)
    cloud.google.models.clear()
    cloud.google.endpoints.clear()
    cloud.google.succeed(job.id)
    second = cloud.taken(job)
    cloud.keep("TuningJob", JOB.read(cloud.desk.call(), job.id, job.outputs) or job)
    cloud.keep("TunedModel", first)
    item = cloud.item()
    assert (item.why, item.name) == ("orphan", second.outputs["model"])
    assert item.reason == "the tuning job of 'bot' ran again under its name, and the state has the earlier model"
    assert set(item.endpoints) == set(cloud.google.endpoints)
    assert str(item.blocked).startswith("it belongs to shop/dev/bot")


def test_what_a_pending_delete_of_the_state_has_is_kept_until_the_next_up(cloud: Cloud) -> None:
    first = cloud.trained()
    cloud.keep("TunedModel", cloud.taken(first), delete=True)
    item = cloud.item()
    assert (item.why, item.blocked) == ("kept", "it is in the state")


def test_a_model_whose_takeover_was_not_recorded_is_kept_for_the_next_up(cloud: Cloud) -> None:
    job = cloud.trained()
    cloud.keep("TuningJob", job)
    taken = cloud.taken(job)
    cloud.pending.append({"type": "creating", "resource": {**entry("TunedModel", taken), "id": "", "outputs": {}}})
    item = cloud.item()
    assert item.why == "kept"
    assert "the next `pulumi up` adopts it" in item.reason


def test_a_claim_that_a_killed_run_did_not_record_does_not_bar_a_delete(cloud: Cloud) -> None:
    job = cloud.trained()
    cloud.keep("TuningJob", job)
    taken = cloud.taken(job)
    cloud.google.models[cloud.model_of(job)]["labels"][CLAIM_LABEL] = "00ff_shop_dev_bot"
    assert cloud.state().is_unrecorded(identity_of(urn("TunedModel"))) is False
    cloud.pending.append({"type": "creating", "resource": {**entry("TunedModel", taken), "id": "", "outputs": {}}})
    assert cloud.item().blocked is None


# What cannot be deleted


def test_a_model_that_a_tuned_model_of_another_stack_took_over_is_of_an_unknown_stack(cloud: Cloud) -> None:
    job = cloud.trained()
    cloud.keep("TuningJob", job)
    labels = cloud.google.models[cloud.model_of(job)]["labels"]
    labels |= {"gcp-tuning-id": "theirs", STACK_LABEL: "theirs"}
    item = cloud.item()
    assert (item.why, item.stack, item.blocked is not None) == ("unknown stack", "theirs", True)


def test_without_a_state_everything_is_of_an_unknown_stack_and_cannot_be_deleted(cloud: Cloud) -> None:
    job = cloud.trained()
    cloud.google.models[cloud.model_of(job)]["labels"][STACK_LABEL] = "4711"
    item = cloud.item(read=False)
    assert (item.why, item.stack, item.is_orphan) == ("unknown stack", "4711", False)
    with pytest.raises(Refused, match="a stack whose state was not read"):
        cloud.remove(item)


def test_a_thing_of_another_stack_is_of_an_unknown_stack(cloud: Cloud) -> None:
    cloud.keep("TuningJob", cloud.job())
    made = cloud.google.vertex("us-central1").tuning_jobs.create(
        f"projects/{NUMBER}/locations/us-central1", {"labels": {"gcp-tuning-id": "theirs", STACK_LABEL: "theirs"}}
    )
    item = cloud.item()
    assert (item.name, item.why, item.blocked is not None) == (made["name"], "unknown stack", True)


def test_what_has_the_claim_of_another_entry_is_not_deleted(cloud: Cloud) -> None:
    first = cloud.trained()
    cloud.keep("TuningJob", cloud.job(**OTHER_SPEC))
    cloud.google.models[cloud.model_of(first)]["labels"][CLAIM_LABEL] = "00ff_shop_dev_bot"
    with pytest.raises(Refused, match=r"it belongs to shop/dev/bot \(claim 00ff\)"):
        cloud.remove(cloud.item())


def test_what_serves_on_an_endpoint_of_somebody_else_is_not_deleted(cloud: Cloud) -> None:
    first = cloud.trained()
    cloud.keep("TuningJob", cloud.job(**OTHER_SPEC))
    theirs = f"projects/{NUMBER}/locations/us/endpoints/5"
    cloud.google.endpoints[theirs] = {"name": theirs}
    served = {"id": "7", "model": cloud.model_of(first)}
    cloud.google.vertex("us").deploy_model(theirs, served, {"0": 100}, wait=None)
    with pytest.raises(Refused, match=f"it serves on {theirs}"):
        cloud.remove(cloud.item())


def test_an_endpoint_with_traffic_is_not_deleted(cloud: Cloud) -> None:
    name = f"projects/{NUMBER}/locations/us-central1/endpoints/5"
    labels = {"gcp-tuning-id": identity_of(urn("Endpoint")), STACK_LABEL: stack_hash(urn("Endpoint"))}
    cloud.google.endpoints[name] = {"name": name, "labels": labels}
    cloud.google.vertex("us").deploy_model(name, {"id": "7", "model": "m"}, {"0": 100}, wait=None)
    with pytest.raises(Refused, match="it serves m"):
        cloud.remove(cloud.item())


# What could not be listed


def test_a_place_that_cannot_be_listed_is_a_problem_that_names_the_permission(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_self: object, parent: str) -> None:
        raise refused("PERMISSION_DENIED")

    monkeypatch.setattr("support.hand_made_google.HandMadeVertex.list_models", refuse)
    problems = cloud.audit().problems
    assert [problem.rpartition("needs ")[2] for problem in problems] == ["aiplatform.models.list."] * len(problems)
    assert problems


def test_a_bucket_that_is_gone_is_no_problem(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_self: object, bucket: str, prefix: str) -> None:
        raise gone(bucket)

    monkeypatch.setattr("support.hand_made_google.HandMadeStorage.list_objects", refuse)
    assert cloud.audit().problems == ()


def test_a_model_whose_jobs_could_not_be_listed_is_not_deleted(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    cloud.trained()
    cloud.keep("TuningJob", cloud.job(**OTHER_SPEC))

    def refuse(_self: object, parent: str) -> None:
        raise refused("PERMISSION_DENIED")

    monkeypatch.setattr("support.hand_made_google.HandMadeJobs.list", refuse)
    with pytest.raises(Refused, match="the jobs could not be listed"):
        cloud.remove(cloud.item())


# The state


def test_a_project_by_id_and_by_number_is_one_place(cloud: Cloud) -> None:
    job = cloud.job()
    cloud.keep("TuningJob", job)
    assert cloud.state().places == [(NUMBER, "us-central1")]


def test_a_secret_in_a_state_is_no_name(cloud: Cloud) -> None:
    secret = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "v1:x"}
    cloud.keep("TuningDataset", Current(id="", outputs={"bucket": secret, "uri": secret}))
    state = cloud.state()
    assert (state.folders, state.holders) == ([], {})


def test_what_is_no_export_is_refused() -> None:
    with pytest.raises(Refused, match="printed no deployment"):
        read_state({"version": 3}, project="shop", stack="dev")
