"""Our client and the sandbox, over a real socket: the two know nothing of each other but Google's API."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from pulumi_gcp_tuning.config import Settings
from pulumi_gcp_tuning.errors import ApiError, NotFound
from pulumi_gcp_tuning.google import Google, SystemClock
from pulumi_gcp_tuning.google.shape import NOTHING
from support.sandbox_server import SandboxServer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PARENT = "projects/my-project/locations/us-central1"
BUCKET = "my-project-data"
DATASET = "".join(
    json.dumps(
        {
            "contents": [
                {"role": "user", "parts": [{"text": f"Which colour has number {number}?"}]},
                {"role": "model", "parts": [{"text": f"It is {['red', 'green', 'blue'][number % 3]}."}]},
            ]
        }
    )
    + "\n"
    for number in range(30)
)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[SandboxServer]:
    with SandboxServer() as running:
        yield running


@pytest.fixture
def google(sandbox: SandboxServer) -> Iterator[Google]:
    """An empty cloud that runs fast, and our client."""
    sandbox.reset()
    sandbox.call("POST", "storage/v1/b?project=my-project", {"name": BUCKET, "location": "us-central1"})
    client = Google(Settings.resolve({"gcp:project": "my-project"}, sandbox.env), SystemClock())
    yield client
    client.close()


def upload(google: Google, tmp_path: Path) -> str:
    path = tmp_path / "train.jsonl"
    path.write_text(DATASET)
    google.storage.upload_object(BUCKET, "data/train.jsonl", path)
    return f"gs://{BUCKET}/data/train.jsonl"


def submit(google: Google, tmp_path: Path, **more: Any) -> dict[str, Any]:
    spec = {"trainingDatasetUri": upload(google, tmp_path), "hyperParameters": {"adapterSize": "ADAPTER_SIZE_FOUR"}}
    body = {"baseModel": "gemini-3.5-flash", "supervisedTuningSpec": spec, "labels": {"a": "b"}, **more}
    return google.vertex("us-central1").tuning_jobs.create(PARENT, body)


def test_a_job_is_submitted_waited_for_and_its_model_answers(google: Google, tmp_path: Path) -> None:
    vertex = google.vertex("us-central1")
    job = submit(google, tmp_path, tunedModelDisplayName="colours")
    assert job["supervisedTuningSpec"]["hyperParameters"]["adapterSize"] == "ADAPTER_SIZE_FOUR"
    states: list[str] = []
    ended = vertex.tuning_jobs.poll(job["name"], timeout=300, on_change=lambda each: states.append(each["state"]))
    assert ended["state"] == "JOB_STATE_SUCCEEDED", ended
    assert states[-1] == "JOB_STATE_SUCCEEDED"
    model = google.vertex_of(ended["tunedModel"]["model"]).get_model(ended["tunedModel"]["model"])
    assert model["displayName"] == "colours"
    endpoint = ended["tunedModel"]["endpoint"]
    question = {"contents": [{"role": "user", "parts": [{"text": "Which colour has number 3?"}]}]}
    answer = google.vertex_of(endpoint).generate_content(endpoint, question)
    assert answer["candidates"][0]["content"]["parts"][0]["text"]
    assert [each["name"] for each in vertex.tuning_jobs.list(PARENT)] == [job["name"]]


def test_a_job_is_cancelled(google: Google, sandbox: SandboxServer, tmp_path: Path) -> None:
    sandbox.step()
    vertex = google.vertex("us-central1")
    job = submit(google, tmp_path)
    vertex.tuning_jobs.cancel(job["name"])
    sandbox.run()
    assert vertex.tuning_jobs.poll(job["name"], timeout=300)["state"] == "JOB_STATE_CANCELLED"


def test_a_model_is_patched_undeployed_and_deleted(google: Google, tmp_path: Path) -> None:
    job = submit(google, tmp_path, tunedModelDisplayName="colours")
    tuned = google.vertex("us-central1").tuning_jobs.poll(job["name"], timeout=300)["tunedModel"]
    vertex = google.vertex_of(tuned["model"])
    name = tuned["model"].partition("@")[0]
    patched = vertex.patch_model(name, {"displayName": "new", "labels": {"c": "d"}}, ["displayName", "labels"])
    assert (patched["displayName"], patched["labels"]) == ("new", {"c": "d"})
    with pytest.raises(ApiError) as caught:
        vertex.delete_model(name)
    assert caught.value.status == "FAILED_PRECONDITION"
    for endpoint in {each["endpoint"] for each in [tuned, *tuned.get("checkpoints", [])]}:
        for deployed in vertex.get_endpoint(endpoint).get("deployedModels", []):
            vertex.undeploy_model(endpoint, deployed["id"])
        vertex.delete_endpoint(endpoint)
    vertex.delete_model(name)
    with pytest.raises(NotFound):
        vertex.get_model(name)


def test_an_endpoint_lives_through_its_operations(google: Google, tmp_path: Path) -> None:
    job = submit(google, tmp_path)
    model = google.vertex("us-central1").tuning_jobs.poll(job["name"], timeout=300)["tunedModel"]["model"]
    vertex = google.vertex_of(model)
    parent = model.partition("/models/")[0]
    made = vertex.create_endpoint(parent, {"displayName": "e", "labels": {"a": "b"}}, "gcp-tuning-7")
    name = made["name"]
    assert name.endswith("/endpoints/gcp-tuning-7")
    with pytest.raises(ApiError) as caught:
        vertex.create_endpoint(parent, {"displayName": "e"}, "gcp-tuning-7")
    assert caught.value.status == "ALREADY_EXISTS"
    assert vertex.patch_endpoint(name, {"displayName": "f"}, "displayName")["displayName"] == "f"
    deployed = vertex.deploy_model(name, {"model": model, "displayName": "d"}, {"0": 100})
    assert vertex.get_endpoint(name)["trafficSplit"] == {deployed["id"]: 100}
    assert name in [each["name"] for each in vertex.list_endpoints(parent)]
    vertex.undeploy_model(name, deployed["id"])
    vertex.delete_endpoint(name)
    with pytest.raises(NotFound):
        vertex.get_endpoint(name)


def test_an_object_goes_up_once_and_comes_back(google: Google, tmp_path: Path) -> None:
    path = tmp_path / "train.jsonl"
    path.write_text(DATASET)
    first = google.storage.upload_object(BUCKET, "a b/train.jsonl", path)
    second = google.storage.upload_object(BUCKET, "a b/train.jsonl", path)
    assert (first.created, first.same_content) == (True, True)
    assert (second.created, second.same_content) == (False, True)
    assert second.object["generation"] == first.object["generation"]
    with google.storage.open_object(BUCKET, "a b/train.jsonl") as file:
        assert file.read().decode() == DATASET
    google.storage.delete_object(BUCKET, "a b/train.jsonl", first.object["generation"])
    with pytest.raises(NotFound):
        google.storage.get_object(BUCKET, "a b/train.jsonl")


def test_an_upload_whose_answer_was_lost_finds_its_own_object(
    google: Google, sandbox: SandboxServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    path = tmp_path / "train.jsonl"
    path.write_text(DATASET)
    sandbox.fault(kind="lost", match={"method": "POST", "path": "^/upload/"})
    done = google.storage.upload_object(BUCKET, "train.jsonl", path)
    assert (done.created, done.same_content) == (False, True)


def test_a_large_object_goes_up_in_pieces(google: Google, tmp_path: Path) -> None:
    path = tmp_path / "large.jsonl"
    path.write_text(DATASET * 2500)
    assert path.stat().st_size > 8 << 20
    done = google.storage.upload_object(BUCKET, "large.jsonl", path)
    assert done.same_content
    assert done.object["size"] == str(path.stat().st_size)


def test_keys_projects_services_and_quotas_are_seen(google: Google, sandbox: SandboxServer) -> None:
    ring = f"v1/{PARENT}/keyRings"
    sandbox.call("POST", f"{ring}?keyRingId=r", {})
    sandbox.call("POST", f"{ring}/r/cryptoKeys?cryptoKeyId=k", {"purpose": "ENCRYPT_DECRYPT"})
    key = google.kms.get_crypto_key(f"{PARENT}/keyRings/r/cryptoKeys/k")
    assert (key["purpose"], key["primary"]["state"]) == ("ENCRYPT_DECRYPT", "ENABLED")
    assert "bindings" not in google.kms.get_crypto_key_iam_policy(f"{PARENT}/keyRings/r/cryptoKeys/k")
    with pytest.raises(NotFound):
        google.kms.get_crypto_key(f"{PARENT}/keyRings/r/cryptoKeys/none")
    project = google.projects.get_project("my-project")
    assert project["projectId"] == "my-project"
    assert len(project["projectNumber"]) == 12
    (service,) = google.services.get_services("my-project", ["aiplatform.googleapis.com"])
    assert service["state"] == "ENABLED"
    assert any("tuning" in each["metric"] for each in google.quotas.list_quota_infos("my-project"))


def test_an_answer_lost_after_the_effect_is_not_resent(google: Google, sandbox: SandboxServer, tmp_path: Path) -> None:
    sandbox.fault(kind="lost", match={"method": "POST", "path": "tuningJobs$"})
    with pytest.raises(ApiError) as caught:
        submit(google, tmp_path)
    assert caught.value.maybe_took_effect
    jobs = list(google.vertex("us-central1").tuning_jobs.list(PARENT))
    assert [each["labels"] for each in jobs] == [{"a": "b"}]


def test_a_region_that_does_not_offer_the_model_is_googles_refusal(google: Google, tmp_path: Path) -> None:
    spec = {"trainingDatasetUri": upload(google, tmp_path)}
    elsewhere = "projects/my-project/locations/asia-northeast3"
    with pytest.raises(ApiError) as caught:
        google.vertex("asia-northeast3").tuning_jobs.create(
            elsewhere, {"baseModel": "gemini-3.5-flash", "supervisedTuningSpec": spec}
        )
    assert caught.value.http_status in {400, 404}
    assert not caught.value.maybe_took_effect


def test_an_unknown_route_is_not_taken_for_a_missing_resource(google: Google) -> None:
    with pytest.raises(ApiError) as caught:
        google.transport.send("GET", f"{google.settings.base_url}/v1beta1/{PARENT}/nothingLikeThis/5", NOTHING)
    assert not isinstance(caught.value, NotFound)
