"""Each kind of fault as Google's own clients meet it, with its receipt and a quiet stderr."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING, Any

import pytest
import requests
from google.api_core import exceptions
from google.auth.credentials import AnonymousCredentials
from google.cloud.storage import Client  # type: ignore[import-untyped]

from sandbox.test_kernel_program import started
from sandbox.test_vertex_clients import PARENT, gapic, genai_client, types
from sandbox.vertex_support import MODEL, make_data

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.running import RunningSandbox

LIST = {"id": "aiplatform.projects.locations.tuningJobs.list"}
CREATE = {"id": "aiplatform.projects.locations.tuningJobs.create"}


@pytest.fixture(autouse=True)
def quiet(sandbox: RunningSandbox, capfd: pytest.CaptureFixture[str]) -> Iterator[None]:
    yield
    sandbox.get("/_sandbox/health")
    assert capfd.readouterr().err == ""


def add(sandbox: RunningSandbox, **fault: Any) -> None:
    sandbox.admin("POST", "faults", fault)


def receipts(sandbox: RunningSandbox) -> list[str]:
    return [receipt["kind"] for receipt in sandbox.admin("GET", "faults")["receipts"]]


def jobs(sandbox: RunningSandbox) -> list[str]:
    client = gapic(sandbox, "v1", "GenAiTuningServiceClient")
    return [job.name for job in client.list_tuning_jobs(parent=PARENT)]


def tune(sandbox: RunningSandbox) -> Any:
    t = types("v1")
    spec = t.SupervisedTuningSpec(training_dataset_uri=make_data(sandbox)[0])
    client = gapic(sandbox, "v1", "GenAiTuningServiceClient")
    return client.create_tuning_job(
        parent=PARENT, tuning_job=t.TuningJob(base_model=MODEL, supervised_tuning_spec=spec)
    )


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (429, exceptions.TooManyRequests),
        (503, exceptions.ServiceUnavailable),
        (500, exceptions.InternalServerError),
        (504, exceptions.GatewayTimeout),
    ],
)
def test_a_status_is_googles_exception_with_message_and_details(
    sandbox: RunningSandbox, status: int, kind: type[exceptions.GoogleAPICallError]
) -> None:
    detail = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "7s"}
    add(sandbox, kind="status", status=status, message="Not now.", details=[detail], match=LIST)
    with pytest.raises(kind, match="Not now") as caught:
        jobs(sandbox)
    assert caught.value.details == [detail]
    assert receipts(sandbox) == ["status"]
    assert jobs(sandbox) == []


def test_a_delay_runs_into_the_timeout_of_the_client_and_the_effect_is_there(sandbox: RunningSandbox) -> None:
    add(sandbox, kind="delay", delaySeconds=0.4, match=CREATE)
    t = types("v1")
    spec = t.SupervisedTuningSpec(training_dataset_uri=make_data(sandbox)[0])
    client = gapic(sandbox, "v1", "GenAiTuningServiceClient")
    with pytest.raises((requests.exceptions.RequestException, exceptions.GoogleAPICallError)):
        client.create_tuning_job(
            parent=PARENT, tuning_job=t.TuningJob(base_model=MODEL, supervised_tuning_spec=spec), timeout=0.1
        )
    while not jobs(sandbox):
        pass
    assert receipts(sandbox) == ["delay"]


def test_a_truncated_body_is_an_error_of_the_connection(sandbox: RunningSandbox) -> None:
    job = tune(sandbox)
    add(sandbox, kind="truncate", match=LIST)
    with pytest.raises((requests.exceptions.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        jobs(sandbox)
    assert receipts(sandbox) == ["truncate"]
    assert jobs(sandbox) == [job.name]


def test_a_closed_connection_made_no_job_and_a_lost_answer_made_one(sandbox: RunningSandbox) -> None:
    for kind, made in (("close", 0), ("lost", 1)):
        sandbox.admin("POST", "reset")
        add(sandbox, kind=kind, match=CREATE)
        with pytest.raises(requests.exceptions.ConnectionError):
            tune(sandbox)
        assert receipts(sandbox) == [kind]
        assert len(jobs(sandbox)) == made


def test_google_genai_sees_a_lost_answer_as_a_status_too(sandbox: RunningSandbox) -> None:
    from google.genai import errors

    add(sandbox, kind="lost", status=503, match={"path": ":generateContent"})
    client = genai_client(sandbox, "v1")
    with pytest.raises(errors.ServerError) as caught:
        client.models.generate_content(model=MODEL, contents="hi")
    assert (caught.value.code, caught.value.status) == (503, "UNAVAILABLE")
    assert receipts(sandbox) == ["lost"]


def test_a_stale_read_does_not_know_the_new_job_yet(sandbox: RunningSandbox) -> None:
    job = tune(sandbox)
    client = gapic(sandbox, "v1", "GenAiTuningServiceClient")
    add(sandbox, kind="stale", match={"method": "GET", "path": "tuningJobs"}, count=2)
    with pytest.raises(exceptions.NotFound):
        client.get_tuning_job(name=job.name)
    assert jobs(sandbox) == []
    assert jobs(sandbox) == [job.name]
    assert receipts(sandbox) == ["stale", "stale"]


def test_google_cloud_storage_uploads_more_than_eight_megabytes_over_a_broken_connection(
    sandbox: RunningSandbox,
) -> None:
    credentials = AnonymousCredentials()  # type: ignore[no-untyped-call]
    client = Client(project="my-project", credentials=credentials, client_options={"api_endpoint": sandbox.url})
    bucket = client.create_bucket("big-bucket", location="us-central1")
    data = bytes(range(256)) * 36_000
    add(sandbox, kind="status", status=503, match={"method": "PUT"}, skip=1)
    add(sandbox, kind="lost", match={"method": "PUT"}, skip=2)
    blob = bucket.blob("big.jsonl", chunk_size=2 * 1024 * 1024)
    blob.upload_from_string(data, checksum="crc32c", if_generation_match=0)
    assert bucket.blob("big.jsonl").download_as_bytes() == data
    assert receipts(sandbox) == ["status", "lost"]
    whole = bucket.blob("whole.jsonl")
    whole.upload_from_string(data, checksum="md5", if_generation_match=0)
    assert whole.size == len(data) > 8 * 1024 * 1024


def test_receipts_and_the_journal_show_no_secret_and_no_training_data(sandbox: RunningSandbox) -> None:
    add(sandbox, kind="status", match={"path": "key="})
    sandbox.get(f"/v1/{PARENT}/tuningJobs?key=SECRET1")
    sandbox.post("/storage/v1/b?project=my-project", json={"name": "some-bucket"})
    for kind in ("application/json", "application/jsonl", ""):
        path = "/upload/storage/v1/b/some-bucket/o?uploadType=media&name=a"
        assert sandbox.post(path, data=b'{"row": "SECRET2"}', headers={"content-type": kind}).status_code == 200
    begun = sandbox.post("/upload/storage/v1/b/some-bucket/o?uploadType=resumable&name=b", json={})
    sandbox.put(
        begun.headers["location"].removeprefix(sandbox.url),
        data=b'{"row": "SECRET3"}',
        headers={"content-type": "application/json"},
    )
    account = sandbox.post("/v1/projects/my-project/serviceAccounts", json={"accountId": "tuner-1"}).json()["email"]
    token = sandbox.post(
        f"/v1/projects/-/serviceAccounts/{account}:generateAccessToken",
        json={"scope": ["https://www.googleapis.com/auth/cloud-platform"]}, headers={"authorization": "Bearer SECRET4"},
    ).json()["accessToken"]  # fmt: skip
    text = sandbox.get("/_sandbox/requests").text + sandbox.get("/_sandbox/faults").text
    assert "SECRET" not in text
    assert token not in text
    assert begun.headers["x-guploader-uploadid"] not in text
    shown = [
        r["body"]
        for r in sandbox.admin("GET", "requests")["requests"]
        if r["path"].startswith("/upload/") and r["status"] == 200
    ]
    assert shown == [{"bytes": 18}, {"bytes": 18}, {"bytes": 18}, {"bytes": 2}, {"bytes": 18}]


def test_a_broken_connection_leaves_no_word_on_stderr_of_the_program() -> None:
    with started("--stepped", "--as-of", "2026-11-21") as (program, url):
        session = requests.Session()
        faults = [{"kind": kind, "match": {"path": f"name={kind}"}} for kind in ("close", "lost", "truncate")]
        assert session.post(f"{url}/_sandbox/faults", json=faults, timeout=300).status_code == 200
        for kind in ("close", "lost", "truncate"):
            with pytest.raises(requests.exceptions.RequestException):
                session.get(f"{url}/storage/v1/b?project=my-project&prefix=name={kind}", timeout=300)
        assert len(session.get(f"{url}/_sandbox/faults", timeout=300).json()["receipts"]) == 3
        session.close()
        program.send_signal(signal.SIGTERM)
        assert program.communicate(timeout=300) == ("", "")


def test_a_chunk_that_is_no_multiple_of_256_kib_is_refused_before_the_last(sandbox: RunningSandbox) -> None:
    sandbox.post("/storage/v1/b?project=my-project", json={"name": "some-bucket"})
    begun = sandbox.post("/upload/storage/v1/b/some-bucket/o?uploadType=resumable&name=b", json={})
    path = begun.headers["location"].removeprefix(sandbox.url)
    refused = sandbox.put(path, data=b"x" * 1000, headers={"content-range": "bytes 0-999/*"})
    assert refused.status_code == 400
    assert "262144" in refused.json()["error"]["message"]
    assert sandbox.put(path, data=b"x" * 1000, headers={"content-range": "bytes 0-999/1000"}).status_code == 200
