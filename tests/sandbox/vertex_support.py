"""What the tests of Vertex share: a bucket with data sets, a job, the wait for it on the stepped clock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from sandbox.data.tickets import tickets, to_jsonl

if TYPE_CHECKING:
    from sandbox.running import RunningSandbox

PROJECT = "my-project"
PLACE = f"/v1/projects/{PROJECT}/locations/us-central1"
MODEL = "gemini-3.5-flash"


def make_bucket(sandbox: RunningSandbox, name: str = "tuning-data", location: str = "US-CENTRAL1") -> str:
    answer = sandbox.post(f"/storage/v1/b?project={PROJECT}", json={"name": name, "location": location})
    assert answer.status_code == 200, answer.text
    return name


def upload(sandbox: RunningSandbox, bucket: str, name: str, data: bytes) -> str:
    path = f"/upload/storage/v1/b/{bucket}/o?uploadType=media&name={quote(name, safe='')}"
    answer = sandbox.post(path, data=data, headers={"content-type": "application/jsonl"})
    assert answer.status_code == 200, answer.text
    return f"gs://{bucket}/{name}"


def download(sandbox: RunningSandbox, uri: str) -> bytes:
    """The bytes of an object."""
    bucket, _, name = uri.removeprefix("gs://").partition("/")
    data: bytes = sandbox.get(f"/storage/v1/b/{bucket}/o/{quote(name, safe='')}?alt=media").content
    return data


def make_data(sandbox: RunningSandbox, train: int = 60, validation: int = 20) -> tuple[str, str]:
    bucket = make_bucket(sandbox)
    return (
        upload(sandbox, bucket, "train.jsonl", to_jsonl(tickets(train, 1))),
        upload(sandbox, bucket, "validation.jsonl", to_jsonl(tickets(validation, 2))),
    )


def job_body(training: str, validation: str | None = None, **more: Any) -> dict[str, Any]:
    spec: dict[str, Any] = {
        "trainingDatasetUri": training,
        "hyperParameters": {"epochCount": "3", "adapterSize": "ADAPTER_SIZE_FOUR"},
    }
    if validation:
        spec["validationDatasetUri"] = validation
    return {"baseModel": MODEL, "supervisedTuningSpec": spec, "tunedModelDisplayName": "tickets", **more}


def create(sandbox: RunningSandbox, body: dict[str, Any], place: str = PLACE) -> dict[str, Any]:
    answer = sandbox.post(f"{place}/tuningJobs", json=body)
    assert answer.status_code == 200, answer.text
    got: dict[str, Any] = answer.json()
    return got


def get(sandbox: RunningSandbox, name: str, version: str = "v1") -> dict[str, Any]:
    answer = sandbox.get(f"/{version}/{name}")
    assert answer.status_code == 200, answer.text
    got: dict[str, Any] = answer.json()
    return got


def succeed(sandbox: RunningSandbox, body: dict[str, Any], place: str = PLACE) -> dict[str, Any]:
    name = create(sandbox, body, place)["name"]
    sandbox.advance(4 * 3600)
    job = get(sandbox, name)
    assert job["state"] == "JOB_STATE_SUCCEEDED", job
    return job


def error_of(answer: Any) -> tuple[int, str, str]:
    told = answer.json()["error"]
    return answer.status_code, told["status"], told["message"]
