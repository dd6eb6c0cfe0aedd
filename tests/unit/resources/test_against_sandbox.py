"""The lifecycles over the real google/ and a running sandbox."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from pulumi_gcp_tuning.audit.findings import audit_of
from pulumi_gcp_tuning.audit.items import Item
from pulumi_gcp_tuning.audit.listing import list_things
from pulumi_gcp_tuning.audit.removal import remove_item
from pulumi_gcp_tuning.audit.state import read_state
from pulumi_gcp_tuning.catalog import shipped
from pulumi_gcp_tuning.errors import Failed, Refused, Unfinished
from pulumi_gcp_tuning.resources.core.lifecycle import Current
from pulumi_gcp_tuning.resources.registry import lifecycle_of
from support.hand_made_google import TYPE, SteppedClock, urn
from support.sandbox_program import TYPES, Program
from support.sandbox_server import PROJECT, REGION, SandboxServer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def test_a_dataset_is_uploaded_once_read_back_and_deleted(program: Program) -> None:
    made = program.dataset()
    assert made.outputs["exampleCount"] == 120
    assert isinstance(made.outputs["generation"], str)
    assert made.id == made.outputs["uri"]
    again = program.dataset()
    assert again.outputs["generation"] == made.outputs["generation"]
    assert program.diff("tuning_dataset", program.read("tuning_dataset", made), made.inputs or {}).changed is False
    program.new_run()
    program.delete("tuning_dataset", again)
    assert lifecycle_of("tuning_dataset").read(program.call("tuning_dataset"), made.id, made.outputs) is None
    program.delete("tuning_dataset", made)


def test_a_job_becomes_a_model_with_both_resources_labels(program: Program, server: SandboxServer) -> None:
    job, model = program.trained()
    assert job.outputs["state"] == "JOB_STATE_PENDING"
    assert job.unfinished
    outputs = model.outputs
    assert outputs["location"] == "us"
    assert outputs["versionedModel"] == outputs["model"] + "@1"
    assert outputs["jobState"] == "JOB_STATE_SUCCEEDED"
    assert outputs["displayName"] == "Bot"
    assert outputs["effectiveLabels"]["env"] == "dev"
    assert outputs["effectiveLabels"]["team"] == "shop"
    assert outputs["endpoint"] in [each["name"] for each in server.endpoints()]
    assert len(outputs["checkpoints"]) == len(server.endpoints()) == 2
    assert any("RUNNING" in line or "SUCCEEDED" in line for line in program.lines)


def test_refresh_of_an_unchanged_stack_finds_nothing(program: Program) -> None:
    job, model = program.trained()
    for kind, current in (("tuning_job", job), ("tuned_model", model)):
        read = program.read(kind, current)
        assert read.inputs in (None, current.inputs)
        assert not read.unfinished
        assert program.diff(kind, read, current.inputs or {}).changed is False


def test_a_second_create_adopts_the_job_and_its_model(program: Program, server: SandboxServer) -> None:
    job, model = program.trained()
    program.new_run()
    assert program.job().id == job.id
    again = program.create("tuned_model", {"tuningJob": job.id, "displayName": "Bot"})
    own = {"effectiveLabels": {}, "claim": ""}
    assert {**again.outputs, **own} == {**model.outputs, **own}
    assert len(server.jobs()) == 1


def test_a_second_create_while_the_job_runs_adopts_it(program: Program, server: SandboxServer) -> None:
    server.step()
    job = program.job()
    program.new_run()
    again = program.job()
    assert (again.id, again.unfinished) == (job.id, True)
    assert len(server.jobs()) == 1


def test_a_lost_answer_makes_one_job(program: Program, server: SandboxServer) -> None:
    program.dataset()
    server.fault(kind="lost", match={"method": "POST", "path": "/tuningJobs$"}, count=1)
    job = program.job()
    assert [each["name"] for each in server.jobs()] == [job.id]


def test_labels_and_default_checkpoint_are_patched_in_place(program: Program, server: SandboxServer) -> None:
    job, model = program.trained()
    news = program.inputs(
        "tuned_model",
        {"tuningJob": job.id, "displayName": "Bot 2", "defaultCheckpointId": "1", "labels": {"tier": "gold"}},
    )
    difference = program.diff("tuned_model", model, news)
    assert (difference.changed, list(difference.replaces)) == (None, [])
    updated = lifecycle_of("tuned_model").update(program.call("tuned_model"), model.id, model.outputs, news)
    assert updated.outputs["displayName"] == "Bot 2"
    assert updated.outputs["endpoint"] == updated.outputs["checkpoints"][0]["endpoint"]
    assert server.models()[0]["labels"]["tier"] == "gold"
    assert all(each["labels"]["tier"] == "gold" for each in server.endpoints())
    news = program.inputs("tuned_model", {"tuningJob": job.id, "displayName": "Bot 2"})
    lifecycle_of("tuned_model").update(program.call("tuned_model"), model.id, updated.outputs, news)
    assert "tier" not in server.models()[0]["labels"]
    assert server.models()[0]["labels"]["team"] == "shop"


def test_destroy_leaves_only_the_job_record(program: Program, server: SandboxServer) -> None:
    job, model = program.trained()
    program.new_run()
    program.delete("tuned_model", model)
    program.delete("tuning_job", job)
    assert (server.models(), server.endpoints()) == ([], [])
    assert len(server.jobs()) == 1
    program.delete("tuned_model", model)


def test_after_a_destroy_the_same_declaration_trains_again(program: Program, server: SandboxServer) -> None:
    job, model = program.trained()
    program.new_run()
    program.delete("tuned_model", model)
    program.new_run()
    again, _ = program.trained()
    assert again.id != job.id
    assert len(server.jobs()) == 2


def test_a_deleted_job_that_still_runs_is_cancelled(program: Program, server: SandboxServer) -> None:
    server.run(speed=50)
    job = program.job()
    program.new_run()
    program.delete("tuning_job", job)
    assert server.jobs()[0]["state"] == "JOB_STATE_CANCELLED"


def test_an_interrupted_wait_keeps_its_id_and_the_next_update_goes_on(program: Program, server: SandboxServer) -> None:
    server.step()
    job = program.job()
    before = len(program.lines)
    with pytest.raises(Unfinished) as ended:
        program.create("tuned_model", {"tuningJob": job.id}, cancelled=lambda: len(program.lines) > before)
    state = Current(id=ended.value.id, outputs=dict(ended.value.outputs))
    assert state.id == job.id
    program.new_run()
    read = program.read("tuned_model", state)
    assert read.unfinished
    server.run(speed=100_000)
    news = program.inputs("tuned_model", {"tuningJob": job.id})
    assert program.diff("tuned_model", read, news).changed is True
    done = lifecycle_of("tuned_model").update(program.call("tuned_model"), job.id, read.outputs, news)
    assert done.outputs["model"]
    assert not done.unfinished


def test_a_failed_job_says_googles_words_in_at_most_six_lines(program: Program, server: SandboxServer) -> None:
    spec = {"trainingDatasetUri": "gs://shop-data/nothing.jsonl"}
    news = {"baseModel": "gemini-3.5-flash", "supervisedTuningSpec": spec, "checks": {"dataset": "off"}}
    job = program.create("tuning_job", news)
    with pytest.raises(Failed) as failure:
        program.create("tuned_model", {"tuningJob": job.id})
    text = str(failure.value)
    assert job.id in text
    assert server.jobs()[0]["error"]["message"][:40] in text
    assert len(text.splitlines()) <= 6


def test_an_endpoint_with_a_deployment_goes_up_and_down(program: Program, server: SandboxServer) -> None:
    _, model = program.trained()
    made = program.create("endpoint", {"displayName": "Shop", "location": "us", "labels": {"team": "shop"}}, name="ep")
    before = len(server.endpoints())
    told = {"fromResources": ["endpoint", "model"]}
    news = {"endpoint": made.id, "model": model.outputs["model"], **told}
    first = program.create("model_deployment", news, name="one")
    second = program.create("model_deployment", {**news, "displayName": "two"}, name="two")
    assert (first.outputs["trafficPercentage"], second.outputs["trafficPercentage"]) == (100, 0)
    read = program.read("endpoint", made, name="ep")
    assert len(read.outputs["deployedModels"]) == 2
    assert program.diff("endpoint", read, made.inputs or {}, name="ep").changed is False
    program.new_run()
    program.inputs("model_deployment", first.inputs or {}, first.inputs or {}, name="one")
    program.diff("model_deployment", first, first.inputs or {}, name="one")
    with pytest.raises(Refused, match="the program still declares its deployment"):
        program.delete("tuned_model", model)
    program.new_run()
    program.delete("model_deployment", first, name="one")
    assert program.read("model_deployment", second, name="two").outputs["trafficPercentage"] == 100
    program.delete("endpoint", made, name="ep")
    assert len(server.endpoints()) == before - 1
    program.delete("model_deployment", second, name="two")


def test_an_endpoint_is_created_once_and_then_adopted(program: Program, server: SandboxServer) -> None:
    first = program.create("endpoint", {"displayName": "Shop"}, name="ep")
    program.new_run()
    assert program.create("endpoint", {"displayName": "Shop"}, name="ep").id == first.id
    assert len(server.endpoints(REGION)) == 1


@pytest.fixture(scope="module")
def last_summer() -> Iterator[SandboxServer]:
    with SandboxServer("--as-of", "2026-06-01", "--speed", "100000") as running:
        yield running


def make_key(server: SandboxServer, key: str) -> str:
    ring = f"projects/{PROJECT}/locations/{REGION}/keyRings/ring"
    server.call("POST", f"v1/projects/{PROJECT}/locations/{REGION}/keyRings?keyRingId=ring", {})
    server.call("POST", f"v1/{ring}/cryptoKeys?cryptoKeyId={key}", {"purpose": "ENCRYPT_DECRYPT"})
    name = f"{ring}/cryptoKeys/{key}"
    number = server.call("GET", f"v3/projects/{PROJECT}")["name"].rpartition("/")[2]
    agents = [
        f"serviceAccount:service-{number}@gcp-sa-aiplatform.iam.gserviceaccount.com",
        f"serviceAccount:service-{number}@gs-project-accounts.iam.gserviceaccount.com",
    ]
    grant = {"role": "roles/cloudkms.cryptoKeyEncrypterDecrypter", "members": agents}
    server.call("POST", f"v1/{name}:setIamPolicy", {"policy": {"bindings": [grant]}})
    return name


def test_a_key_encrypts_the_job_until_it_is_disabled(last_summer: SandboxServer, tmp_path: Path) -> None:
    last_summer.make_bucket("shop-data")
    program = Program(last_summer, tmp_path)
    program.settings = program.settings.model_copy(update={"as_of": date(2026, 6, 1)})
    program.new_run()
    key = make_key(last_summer, "key")
    keyed = {"baseModel": "gemini-2.5-flash", "encryptionSpec": {"kmsKeyName": key}}
    job = program.job(**keyed)
    model = program.create("tuned_model", {"tuningJob": job.id})
    assert model.outputs["location"] == REGION
    assert last_summer.models(REGION)[0]["encryptionSpec"] == {"kmsKeyName": key}
    body = {"state": "DISABLED"}
    last_summer.call("PATCH", f"v1/{key}/cryptoKeyVersions/1?updateMask=state", body)
    program.new_run()
    news = {**(job.inputs or {}), "retry": "2"}
    found = lifecycle_of("tuning_job").check(program.call("tuning_job"), job.inputs or {}, news)
    assert ["DISABLED" in str(each) for each in found.findings if each.severity == "error"] == [True]
    same = lifecycle_of("tuning_job").check(program.call("tuning_job"), job.inputs or {}, job.inputs or {})
    assert list(same.findings) == []
    program.google.close()


FULL = "Quota exceeded for aiplatform.googleapis.com/global_concurrent_tuning_jobs with base model."


@pytest.mark.parametrize("on_quota", ["wait", "fail"])
@pytest.mark.parametrize(
    ("status", "text"),
    [(408, "slow"), (429, "slow down"), (429, FULL), (500, "no"), (502, "no"), (503, "no"), (504, "no")],
)
def test_an_unclear_answer_after_the_effect_starts_no_second_job(
    program: Program, server: SandboxServer, status: int, text: str, on_quota: str
) -> None:
    match = {"method": "POST", "path": r"/tuningJobs$"}
    server.fault(kind="lost", status=status, message=text, match=match)
    made = program.job(onQuota=on_quota)
    assert [job["name"] for job in server.jobs()] == [made.id]
    submits = [r for r in server.requests() if r["method"] == "POST" and r["path"].endswith("/tuningJobs")]
    assert len(submits) == 1


@pytest.mark.parametrize("status", [408, 429, 503])
def test_a_busy_answer_before_the_effect_is_sent_again_after_some_looks(
    program: Program, server: SandboxServer, status: int
) -> None:
    server.fault(kind="status", status=status, match={"method": "POST", "path": r"/tuningJobs$"})
    program.clock = SteppedClock()
    made = program.job()
    seen = "".join(r["method"][0] for r in server.requests() if r["path"].partition("?")[0].endswith("/tuningJobs"))
    assert [job["name"] for job in server.jobs()] == [made.id]
    assert re.search("PGGG+P$", seen)


def test_an_audit_finds_all_that_no_run_recorded_and_removes_it(program: Program, server: SandboxServer) -> None:
    program.trained()
    program.create("endpoint", {"displayName": "Shop"})
    program.new_run()
    names = [("tuning_dataset", "train"), ("tuning_job", "bot"), ("tuned_model", "bot"), ("endpoint", "bot")]
    places = {"project": PROJECT, "location": REGION, "bucket": "shop-data", "prefix": "tuning-datasets"}
    left = [{"urn": urn(TYPES[kind], name), "type": f"{TYPE}:{TYPES[kind]}", "inputs": places} for kind, name in names]
    exported = {"deployment": {"pending_operations": [{"type": "creating", "resource": each} for each in left]}}
    state = read_state(exported, project="shop", stack="dev")

    def audited() -> list[Item]:
        listed = list_things(program.google, shipped(), state.places, state.folders)
        assert listed.problems == []
        return list(audit_of([state], listed, shipped()).items)

    found = audited()
    assert sorted(item.what for item in found) == ["endpoint", "model", "object"]
    for item in found:
        remove_item(replace(program.call("tuning_job"), urn=""), item)
    assert audited() == []
    assert (server.models(), server.endpoints(), server.endpoints(REGION)) == ([], [], [])
