"""Service Usage judged by google-api-python-client, unmodified."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sandbox.discovery_clients import discovery_client

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.running import RunningSandbox

KMS = "projects/shop/services/cloudkms.googleapis.com"


@pytest.fixture
def usage(sandbox: RunningSandbox) -> Iterator[Any]:
    with discovery_client("serviceusage", "v1", sandbox.url) as service:
        yield service


def test_every_service_is_enabled_at_first_and_its_name_has_the_project_number(
    sandbox: RunningSandbox, usage: Any
) -> None:
    number = sandbox.get("/v1/projects/shop").json()["projectNumber"]
    found = usage.services().get(name=KMS).execute()
    assert found["state"] == "ENABLED"
    assert found["name"] == f"projects/{number}/services/cloudkms.googleapis.com"
    listed = usage.services().list(parent="projects/shop", filter="state:ENABLED").execute()["services"]
    assert found in listed


def test_a_disabled_service_answers_service_disabled_until_enabling_is_done(
    sandbox: RunningSandbox, usage: Any
) -> None:
    assert usage.services().disable(name=KMS, body={}).execute()["done"] is True
    answer = sandbox.get("/v1/projects/shop/locations/us-central1/keyRings")
    assert answer.status_code == 403
    reasons = [detail.get("reason") for detail in answer.json()["error"]["details"]]
    assert "SERVICE_DISABLED" in reasons
    assert sandbox.get("/v1/projects/lab/locations/us-central1/keyRings").status_code == 200, "another project"

    body = {"serviceIds": ["cloudkms.googleapis.com", "aiplatform.googleapis.com"]}
    operation = usage.services().batchEnable(parent="projects/shop", body=body).execute()
    assert "done" not in operation
    assert sandbox.get("/v1/projects/shop/locations/us-central1/keyRings").status_code == 403
    sandbox.advance(3)
    assert usage.operations().get(name=operation["name"]).execute()["done"] is True
    assert sandbox.get("/v1/projects/shop/locations/us-central1/keyRings").status_code == 200


def test_enabling_what_is_enabled_is_done_at_once(usage: Any) -> None:
    operation = usage.services().enable(name=KMS, body={}).execute()
    assert operation["done"] is True
    assert operation["response"]["service"]["state"] == "ENABLED"


def test_a_service_that_is_none_of_googles_is_refused_by_name(sandbox: RunningSandbox) -> None:
    answer = sandbox.post("/v1/projects/shop/services/example.com:enable", json={})
    assert answer.status_code == 403
    assert "Not found or permission denied for service(s): example.com." in answer.json()["error"]["message"]


def test_a_service_identity_is_the_agent_of_the_project(sandbox: RunningSandbox) -> None:
    number = sandbox.get("/v1/projects/shop").json()["projectNumber"]
    parent = "projects/shop/services/aiplatform.googleapis.com"
    with discovery_client("serviceusage", "v1beta1", sandbox.url) as beta:
        operation = beta.services().generateServiceIdentity(parent=parent).execute()
    assert operation["done"] is True
    assert operation["response"]["email"] == f"service-{number}@gcp-sa-aiplatform.iam.gserviceaccount.com"
