"""Refusals as Google's own clients see them, unmodified: the exception's class, reason and metadata."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from google.api_core import exceptions
from google.api_core.client_options import ClientOptions
from google.auth.credentials import AnonymousCredentials
from google.cloud.storage import Client  # type: ignore[import-untyped]

from sandbox.refusal_support import make_key, number_of, set_policy
from sandbox.test_vertex_clients import gapic, types
from sandbox.vertex_support import PROJECT, job_body, make_bucket, make_data, upload

if TYPE_CHECKING:
    from sandbox.running import RunningSandbox

PARENT = f"projects/{PROJECT}/locations/us-central1"
DATASET = "train.jsonl"


def submit(sandbox: RunningSandbox, version: str = "v1beta1") -> Any:
    spec = {"training_dataset_uri": f"gs://tuning-data/{DATASET}"}
    job = types(version).TuningJob(base_model="gemini-3.5-flash", supervised_tuning_spec=spec)
    with gapic(sandbox, version, "GenAiTuningServiceClient") as client:
        return client.create_tuning_job(parent=PARENT, tuning_job=job)


def reason_of(error: Any) -> tuple[str, dict[str, str]]:
    return str(error.reason), dict(error.metadata)


def test_the_client_of_vertex_sees_why_a_job_is_refused(sandbox: RunningSandbox) -> None:
    make_data(sandbox)
    number = number_of(sandbox)
    host = "aiplatform.googleapis.com"
    sandbox.admin("POST", "principals", {"token": "*", "without": ["aiplatform.tuningJobs.create"]})
    with pytest.raises(exceptions.Forbidden) as caught:
        submit(sandbox)
    metadata = {"permission": "aiplatform.tuningJobs.create", "resource": PARENT}
    assert reason_of(caught.value) == ("IAM_PERMISSION_DENIED", metadata)
    sandbox.admin("POST", "billing", {"project": PROJECT, "billingEnabled": False})
    with pytest.raises(exceptions.Forbidden) as caught:
        submit(sandbox)
    assert reason_of(caught.value) == ("BILLING_DISABLED", {"service": host, "consumer": f"projects/{number}"})
    sandbox.post(f"/v1/projects/{PROJECT}/services/{host}:disable", json={})
    with pytest.raises(exceptions.Forbidden, match="has not been used in project") as caught:
        submit(sandbox)
    assert reason_of(caught.value)[0] == "SERVICE_DISABLED"
    assert reason_of(caught.value)[1]["service"] == host


def test_the_client_of_vertex_sees_the_policy_that_a_job_violates(sandbox: RunningSandbox) -> None:
    make_data(sandbox)
    set_policy(sandbox, "gcp.resourceLocations", allowedValues=["in:eu-locations"])
    with pytest.raises(exceptions.BadRequest, match=r"constraints/gcp\.resourceLocations") as caught:
        submit(sandbox)
    (detail,) = caught.value.details
    assert detail["violations"][0]["type"] == "constraints/gcp.resourceLocations"


def test_the_client_of_storage_sees_why_it_may_not_write(sandbox: RunningSandbox) -> None:
    make_bucket(sandbox)
    credentials = AnonymousCredentials()  # type: ignore[no-untyped-call]
    client = Client(project=PROJECT, credentials=credentials, client_options={"api_endpoint": sandbox.url})
    blob = client.bucket("tuning-data").blob("a.jsonl")
    assert client.bucket("tuning-data").test_iam_permissions(["storage.objects.create"]) == ["storage.objects.create"]
    sandbox.admin("POST", "principals", {"token": "*", "without": ["storage.objects.create"]})
    assert client.bucket("tuning-data").test_iam_permissions(["storage.objects.create"]) == []
    with pytest.raises(exceptions.Forbidden, match=r"does not have storage\.objects\.create access"):
        blob.upload_from_string(b"x")
    sandbox.delete("/_sandbox/principals")
    sandbox.admin("POST", "billing", {"project": PROJECT, "billingEnabled": False})
    with pytest.raises(
        exceptions.Forbidden, match="billing account for the owning project is disabled in state closed"
    ):
        blob.upload_from_string(b"x")
    with pytest.raises(exceptions.Forbidden, match="disabled in state closed"):
        client.get_bucket("tuning-data")


def test_the_client_of_storage_reads_one_generation_of_an_object(sandbox: RunningSandbox) -> None:
    make_bucket(sandbox)
    upload(sandbox, "tuning-data", "a.jsonl", b"first")
    credentials = AnonymousCredentials()  # type: ignore[no-untyped-call]
    client = Client(project=PROJECT, credentials=credentials, client_options={"api_endpoint": sandbox.url})
    blob = client.bucket("tuning-data").get_blob("a.jsonl")
    assert blob.download_as_bytes() == b"first"
    media = sandbox.get("/storage/v1/b/tuning-data/o/a.jsonl?alt=media")
    assert media.headers["x-goog-generation"] == str(blob.generation)
    assert (media.headers["x-goog-metageneration"], media.headers["x-goog-stored-content-length"]) == ("1", "5")
    upload(sandbox, "tuning-data", "a.jsonl", b"second")
    with pytest.raises(exceptions.NotFound):
        client.bucket("tuning-data").blob("a.jsonl", generation=blob.generation).download_as_bytes()


def test_the_client_of_kms_reads_the_policies_of_key_and_ring_and_sees_a_disabled_api(sandbox: RunningSandbox) -> None:
    from google.cloud import kms_v1

    key = make_key(sandbox)
    ring = key.partition("/cryptoKeys/")[0]
    options = ClientOptions(api_endpoint=sandbox.url)
    credentials = AnonymousCredentials()  # type: ignore[no-untyped-call]
    with kms_v1.KeyManagementServiceClient(transport="rest", credentials=credentials, client_options=options) as client:
        assert client.get_crypto_key(name=key).primary.state.name == "ENABLED"
        (binding,) = client.get_iam_policy(request={"resource": key}).bindings
        assert binding.role == "roles/cloudkms.cryptoKeyEncrypterDecrypter"
        assert not client.get_iam_policy(request={"resource": ring}).bindings
        sandbox.post(f"/v1/projects/{PROJECT}/services/cloudkms.googleapis.com:disable", json={})
        with pytest.raises(exceptions.Forbidden) as caught:
            client.get_crypto_key(name=key)
    assert reason_of(caught.value)[0] == "SERVICE_DISABLED"


def test_the_client_of_resource_manager_sees_what_a_restricted_caller_holds(sandbox: RunningSandbox) -> None:
    from google.cloud import resourcemanager_v3

    asked = ["aiplatform.tuningJobs.create", "storage.objects.create", "resourcemanager.projects.get"]
    sandbox.admin("POST", "principals", {"token": "*", "without": ["aiplatform.*", "resourcemanager.*"]})
    options = ClientOptions(api_endpoint=sandbox.url)
    credentials = AnonymousCredentials()  # type: ignore[no-untyped-call]
    with resourcemanager_v3.ProjectsClient(transport="rest", credentials=credentials, client_options=options) as client:
        held = client.test_iam_permissions(resource=f"projects/{PROJECT}", permissions=asked).permissions
        assert list(held) == ["storage.objects.create"]
        with pytest.raises(exceptions.Forbidden) as caught:
            client.get_iam_policy(resource=f"projects/{PROJECT}")
    metadata = {"permission": "resourcemanager.projects.getIamPolicy", "resource": f"projects/{PROJECT}"}
    assert reason_of(caught.value) == ("IAM_PERMISSION_DENIED", metadata)


@pytest.mark.parametrize("path", ["/tuningJobs$", r"/tuningJobs(\?|$)", r"/tuningJobs\?%24alt="])
def test_a_faults_path_is_matched_without_the_query_and_with_it(sandbox: RunningSandbox, path: str) -> None:
    make_data(sandbox)
    fault = {"kind": "status", "status": 503, "match": {"method": "POST", "path": path}}
    sandbox.admin("POST", "faults", fault)
    # this client sends a query with each request
    with pytest.raises(exceptions.ServiceUnavailable):
        submit(sandbox)
    assert submit(sandbox).name
    body = job_body(f"gs://tuning-data/{DATASET}")
    assert sandbox.post(f"/v1/{PARENT}/tuningJobs", json=body).status_code == 200
