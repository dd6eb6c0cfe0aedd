"""Service accounts judged by google-api-python-client, unmodified, with its own discovery document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from google.auth import impersonated_credentials
from google.auth.transport.requests import Request
from google.oauth2.credentials import Credentials
from googleapiclient.errors import HttpError

from sandbox.discovery_clients import discovery_client

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.running import RunningSandbox

EMAIL = "trainer@shop.iam.gserviceaccount.com"
NAME = f"projects/shop/serviceAccounts/{EMAIL}"


@pytest.fixture
def accounts(sandbox: RunningSandbox) -> Iterator[Any]:
    with discovery_client("iam", "v1", sandbox.url) as service:
        yield service.projects().serviceAccounts()


@pytest.fixture
def account(accounts: Any) -> dict[str, Any]:
    body = {"accountId": "trainer", "serviceAccount": {"displayName": "Trains"}}
    made: dict[str, Any] = accounts.create(name="projects/shop", body=body).execute()
    return made


def test_an_account_has_the_email_of_its_project_and_a_unique_id(accounts: Any, account: dict[str, Any]) -> None:
    assert account["email"] == EMAIL
    assert account["name"] == NAME
    assert accounts.get(name=NAME).execute() == account
    assert accounts.get(name=f"projects/-/serviceAccounts/{account['uniqueId']}").execute() == account
    assert accounts.list(name="projects/shop").execute()["accounts"] == [account]
    assert accounts.list(name="projects/other").execute() == {}


def test_the_same_id_twice_is_a_conflict_and_a_short_one_is_refused(accounts: Any, account: dict[str, Any]) -> None:
    with pytest.raises(HttpError, match="already exists within project projects/shop") as caught:
        accounts.create(name="projects/shop", body={"accountId": "trainer"}).execute()
    assert caught.value.status_code == 409
    with pytest.raises(HttpError, match="between 6 and 30 characters"):
        accounts.create(name="projects/shop", body={"accountId": "ab"}).execute()


def test_texts_are_patched_and_an_account_can_be_disabled(accounts: Any, account: dict[str, Any]) -> None:
    body = {"serviceAccount": {"displayName": "Tunes", "description": "x"}, "updateMask": "displayName,description"}
    patched = accounts.patch(name=NAME, body=body).execute()
    assert (patched["displayName"], patched["description"]) == ("Tunes", "x")
    accounts.disable(name=NAME, body={}).execute()
    assert accounts.get(name=NAME).execute()["disabled"] is True
    accounts.enable(name=NAME, body={}).execute()
    assert "disabled" not in accounts.get(name=NAME).execute()


def test_a_deleted_account_is_unknown_until_it_is_undeleted(accounts: Any, account: dict[str, Any]) -> None:
    policy = {"bindings": [{"role": "roles/iam.serviceAccountUser", "members": ["user:ann@example.com"]}]}
    accounts.setIamPolicy(resource=NAME, body={"policy": policy}).execute()
    accounts.delete(name=NAME).execute()
    with pytest.raises(HttpError, match="Unknown service account"):
        accounts.get(name=NAME).execute()
    deleted = f"projects/-/serviceAccounts/{account['uniqueId']}"
    assert accounts.undelete(name=deleted, body={}).execute()["restoredAccount"] == account
    assert accounts.get(name=NAME).execute() == account
    assert accounts.getIamPolicy(resource=NAME).execute()["bindings"] == policy["bindings"]


def test_a_new_account_of_a_deleted_ones_name_does_not_inherit_its_policy(
    accounts: Any, account: dict[str, Any]
) -> None:
    policy = {"bindings": [{"role": "roles/iam.serviceAccountUser", "members": ["user:ann@example.com"]}]}
    accounts.setIamPolicy(resource=NAME, body={"policy": policy}).execute()
    accounts.delete(name=NAME).execute()
    accounts.create(name="projects/shop", body={"accountId": "trainer"}).execute()
    assert "bindings" not in accounts.getIamPolicy(resource=NAME).execute()


def test_its_policy_says_who_may_act_as_it(accounts: Any, account: dict[str, Any]) -> None:
    policy = accounts.getIamPolicy(resource=NAME).execute()
    policy["bindings"] = [{"role": "roles/iam.serviceAccountUser", "members": ["user:ann@example.com"]}]
    accounts.setIamPolicy(resource=NAME, body={"policy": policy}).execute()
    assert accounts.getIamPolicy(resource=NAME).execute()["bindings"] == policy["bindings"]
    asked = {"permissions": ["iam.serviceAccounts.actAs"]}
    assert accounts.testIamPermissions(resource=NAME, body=asked).execute() == asked


def test_a_principal_with_fewer_permissions_is_told_which_it_lacks(sandbox: RunningSandbox, account: Any) -> None:
    sandbox.admin("POST", "principals", {"token": "few", "permissions": ["iam.serviceAccounts.get"]})
    headers = {"authorization": "Bearer few"}
    asked = {"permissions": ["iam.serviceAccounts.actAs", "iam.serviceAccounts.get"]}
    answer = sandbox.post(f"/v1/{NAME}:testIamPermissions", json=asked, headers=headers)
    assert answer.json() == {"permissions": ["iam.serviceAccounts.get"]}
    denied = sandbox.delete(f"/v1/{NAME}", headers=headers)
    assert denied.status_code == 403
    assert "iam.serviceAccounts.delete" in denied.json()["error"]["message"]


def test_google_auth_impersonates_an_account(sandbox: RunningSandbox, account: dict[str, Any]) -> None:
    credentials = impersonated_credentials.Credentials(  # type: ignore[no-untyped-call]
        source_credentials=Credentials("ann"),  # type: ignore[no-untyped-call]
        target_principal=EMAIL,
        target_scopes=["https://www.googleapis.com/auth/cloud-platform"],
        iam_endpoint_override=f"{sandbox.url}/v1/projects/-/serviceAccounts/{EMAIL}:generateAccessToken",
    )
    credentials.refresh(Request(sandbox.session))  # type: ignore[no-untyped-call]
    assert str(credentials.token).startswith("ya29.")


def test_a_token_for_an_unknown_account_is_not_found(sandbox: RunningSandbox) -> None:
    path = "/v1/projects/-/serviceAccounts/nobody@shop.iam.gserviceaccount.com:generateAccessToken"
    answer = sandbox.post(path, json={"scope": ["x"]})
    assert answer.status_code == 404


def test_a_tuning_agent_can_be_granted_a_role_only_after_it_was_made(sandbox: RunningSandbox) -> None:
    number = sandbox.get("/v1/projects/shop").json()["projectNumber"]
    member = f"serviceAccount:service-{number}@gcp-sa-vertex-tune.iam.gserviceaccount.com"
    body = {"policy": {"bindings": [{"role": "roles/run.invoker", "members": [member]}]}}
    assert sandbox.post("/v1/projects/shop:setIamPolicy", json=body).status_code == 400
    with sandbox.state.transaction():
        sandbox.state.services.accounts.make_service_agent(number, "gcp-sa-vertex-tune")
    assert sandbox.post("/v1/projects/shop:setIamPolicy", json=body).status_code == 200


PERMISSIONS = ["aiplatform.tuningJobs.get", "aiplatform.tuningJobs.create"]


@pytest.fixture
def roles(sandbox: RunningSandbox) -> Iterator[Any]:
    with discovery_client("iam", "v1", sandbox.url) as service:
        yield service.projects().roles()


def make_role(roles: Any, name: str = "tuner") -> dict[str, Any]:
    body = {"roleId": name, "role": {"title": "Tunes", "includedPermissions": PERMISSIONS, "stage": "GA"}}
    made: dict[str, Any] = roles.create(parent="projects/shop", body=body).execute()
    return made


def test_a_custom_role_is_made_read_listed_and_patched(roles: Any) -> None:
    role = make_role(roles)
    assert role["name"] == "projects/shop/roles/tuner"
    assert roles.get(name=role["name"]).execute() == role
    assert "includedPermissions" not in roles.list(parent="projects/shop").execute()["roles"][0]
    assert roles.list(parent="projects/shop", view="FULL").execute()["roles"] == [role]
    body = {"includedPermissions": PERMISSIONS[:1]}
    patched = roles.patch(name=role["name"], updateMask="includedPermissions", body=body).execute()
    assert (patched["includedPermissions"], patched["title"]) == (PERMISSIONS[:1], "Tunes")


def test_a_deleted_role_keeps_its_id_and_comes_back(roles: Any) -> None:
    role = make_role(roles)
    roles.delete(name=role["name"]).execute()
    assert roles.get(name=role["name"]).execute()["deleted"] is True
    assert roles.list(parent="projects/shop").execute() == {}
    with pytest.raises(HttpError) as caught:
        make_role(roles)
    assert caught.value.status_code == 409
    restored = roles.undelete(name=role["name"], body={}).execute()
    assert "deleted" not in restored
    assert restored["includedPermissions"] == PERMISSIONS


@pytest.mark.parametrize(
    ("role_id", "permission", "said"),
    [("no-hyphens", "a.b.c", "role_id no-hyphens"), ("tuner", "everything", "Permission everything is not valid")],
)
def test_a_role_with_a_wrong_id_or_permission_is_refused(roles: Any, role_id: str, permission: str, said: str) -> None:
    body = {"roleId": role_id, "role": {"includedPermissions": [permission]}}
    with pytest.raises(HttpError, match=said) as caught:
        roles.create(parent="projects/shop", body=body).execute()
    assert caught.value.status_code == 400
