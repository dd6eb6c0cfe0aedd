"""Projects judged by google-cloud-resource-manager and google-api-python-client, unmodified."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sandbox.discovery_clients import discovery_client

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.running import RunningSandbox


@pytest.fixture(params=["v1", "v3"])
def version(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def projects(version: str, sandbox: RunningSandbox) -> Iterator[Any]:
    with discovery_client("cloudresourcemanager", version, sandbox.url) as service:
        yield service.projects()


def test_a_project_is_the_same_by_id_and_by_number_in_both_versions(sandbox: RunningSandbox) -> None:
    v1 = sandbox.get("/v1/projects/shop").json()
    v3 = sandbox.get("/v3/projects/shop").json()
    assert v3["name"] == f"projects/{v1['projectNumber']}"
    assert v1["projectId"] == v3["projectId"] == "shop"
    assert sandbox.get(f"/v3/projects/{v1['projectNumber']}").json() == v3
    assert sandbox.get("/v3/projects/lab").json()["name"] != v3["name"]


def test_a_projects_policy_is_read_and_written(projects: Any, version: str) -> None:
    # v1 takes the bare id, v3 the resource name.
    name = "shop" if version == "v1" else "projects/shop"
    policy = projects.getIamPolicy(resource=name, body={}).execute()
    policy["bindings"] = [{"role": "roles/viewer", "members": ["user:ann@example.com"]}]
    projects.setIamPolicy(resource=name, body={"policy": policy}).execute()
    again = projects.getIamPolicy(resource=name, body={}).execute()
    assert again["bindings"] == policy["bindings"]
    assert again["etag"] != policy["etag"]
    asked = {"permissions": ["resourcemanager.projects.get"]}
    assert projects.testIamPermissions(resource=name, body=asked).execute() == asked


def test_two_projects_keep_their_policies_apart(sandbox: RunningSandbox) -> None:
    body = {"policy": {"bindings": [{"role": "roles/viewer", "members": ["user:ann@example.com"]}]}}
    sandbox.post("/v1/projects/shop:setIamPolicy", json=body)
    assert "bindings" not in sandbox.post("/v1/projects/lab:getIamPolicy", json={}).json()


def test_a_project_that_was_not_registered_can_be_made_not_to_exist(sandbox: RunningSandbox) -> None:
    sandbox.admin("POST", "policy", {"projects.registered_only": True})
    answer = sandbox.get("/v3/projects/nobody")
    assert answer.status_code == 403
    assert answer.json()["error"]["status"] == "PERMISSION_DENIED"


def test_every_project_has_a_billing_account(sandbox: RunningSandbox) -> None:
    assert sandbox.get("/v1/projects/shop/billingInfo").json()["billingEnabled"] is True


def test_google_cloud_resource_manager_reads_a_project_and_its_policy(sandbox: RunningSandbox) -> None:
    from google.api_core.client_options import ClientOptions
    from google.auth.credentials import AnonymousCredentials
    from google.cloud import resourcemanager_v3

    with resourcemanager_v3.ProjectsClient(
        transport="rest",
        credentials=AnonymousCredentials(),  # type: ignore[no-untyped-call]
        client_options=ClientOptions(api_endpoint=sandbox.url),
    ) as client:
        project = client.get_project(name="projects/shop")
        assert project.project_id == "shop"
        assert project.state == resourcemanager_v3.Project.State.ACTIVE
        assert client.get_project(name=project.name) == project
        assert not client.get_iam_policy(resource="projects/shop").bindings
        asked = ["resourcemanager.projects.get"]
        assert client.test_iam_permissions(resource="projects/shop", permissions=asked).permissions == asked
