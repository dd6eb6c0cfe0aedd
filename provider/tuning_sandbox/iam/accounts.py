"""IAM v1 service accounts, and the access tokens that iamcredentials v1 issues for them."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from tuning_sandbox.iam.policies import make_agent, put_policy, serve_policy, take_policy
from tuning_sandbox.kernel import (
    Api,
    Call,
    GoogleError,
    Sandbox,
    already_exists,
    failed_precondition,
    invalid_argument,
    not_found,
    permission_denied,
)
from tuning_sandbox.kernel.clock import to_stamp
from tuning_sandbox.spelling import read_mask

accounts = Api("iam", family="iam", title="Identity and Access Management (IAM) API")
credentials = Api("iamcredentials", title="IAM Service Account Credentials API")
apis = [accounts, credentials]
Doc = dict[str, Any]

_ACCOUNTS = "iam.serviceAccounts"
_DELETED = "iam.deletedServiceAccounts"
_COLLECTION = "/{version}/projects/{project}/serviceAccounts"
_ACCOUNT = _COLLECTION + "/{account}"
_IDS = "iam.projects.serviceAccounts"
_PERMISSION = "iam.serviceAccounts."
_ID_GRAMMAR = re.compile(r"[a-z](?:[-a-z0-9]{4,28}[a-z0-9])")
_UPDATABLE = ("displayName", "description")

_DOCS = "Vertex AI docs on tuning with a service account"
accounts.behaviour("a policy that names a service account which does not exist is refused", source="thread", ref=_DOCS)
accounts.behaviour("the tuning agents exist only after a project's first tuning job", source="thread", ref=_DOCS)
accounts.behaviour("deleting an account also deletes its policy; undelete restores it", source="assumed")
accounts.behaviour(
    "other policies go on naming a deleted account (in the cloud as deleted:serviceAccount:…)", source="assumed"
)


@accounts.route(
    "POST",
    _COLLECTION,
    id=f"{_IDS}.create",
    permission=_PERMISSION + "create",
    source="discovery",
    does="creates a service account; 409 if the email exists",
)
def create_account(call: Call) -> Doc:
    account_id = call.body.get("accountId", "")
    if not _ID_GRAMMAR.fullmatch(account_id):
        raise invalid_argument(
            f"Invalid service account ID ({account_id}). Service account ID should be between 6 and 30 characters. "
            "Service account ID must start with a lower case letter, followed by one or more lower case "
            "alphanumerical characters that can be separated by hyphens.",
            "account_id",
        )
    email = f"{account_id}@{call.project.id}.iam.gserviceaccount.com"
    found = call.sandbox.store.collection(_ACCOUNTS)
    if email in found:
        raise already_exists(f"Service account {account_id} already exists within project projects/{call.project.id}.")
    unique_id = call.sandbox.ids.number(21)
    given = call.body.get("serviceAccount", {})
    account = {
        "name": f"projects/{call.project.id}/serviceAccounts/{email}",
        "projectId": call.project.id,
        "uniqueId": unique_id,
        "email": email,
        "etag": "MDEwMjE5MjA=",
        "oauth2ClientId": unique_id,
        **{field: given[field] for field in _UPDATABLE if given.get(field)},
    }
    found.put(email, account)
    return account


@accounts.route(
    "GET",
    _ACCOUNT,
    id=f"{_IDS}.get",
    permission=_PERMISSION + "get",
    source="discovery",
    does="one service account by email or unique id, also under projects/-; 404 `Unknown service account`",
)
def get_account(call: Call) -> Doc:
    return _require_account(call)


@accounts.route(
    "GET",
    _COLLECTION,
    id=f"{_IDS}.list",
    permission=_PERMISSION + "list",
    source="discovery",
    does="pages through the service accounts of a project",
)
def list_accounts(call: Call) -> Doc:
    found = [doc for doc in call.sandbox.store.collection(_ACCOUNTS).all() if doc["projectId"] == call.project.id]
    return call.page(found, key="accounts")


@accounts.route(
    "PATCH",
    _ACCOUNT,
    id=f"{_IDS}.patch",
    permission=_PERMISSION + "update",
    source="discovery",
    does="changes display name and description",
)
def patch_account(call: Call) -> Doc:
    account = _require_account(call)
    mask = read_mask(str(call.body.get("updateMask", "")))
    given = call.body.get("serviceAccount", {})
    for field in mask:
        if field.removeprefix("serviceAccount.") not in (*_UPDATABLE, "etag"):
            raise invalid_argument(f"The field '{field}' of a service account cannot be updated.", "update_mask")
    if given.get("etag") and given["etag"] != account["etag"]:
        raise GoogleError(
            409, "ABORTED", f"The etag of {account['name']} is not the present one: read it and try again."
        )
    for field in (path.removeprefix("serviceAccount.") for path in mask):
        account[field] = given.get(field, "")
    account["etag"] = call.sandbox.ids.etag()
    call.sandbox.store.collection(_ACCOUNTS).put(account["email"], account)
    return account


@accounts.route(
    "DELETE",
    _ACCOUNT,
    id=f"{_IDS}.delete",
    permission=_PERMISSION + "delete",
    source="discovery",
    does="deletes a service account; undelete restores it",
)
def delete_account(call: Call) -> Doc:
    account = _require_account(call)
    call.sandbox.store.collection(_ACCOUNTS).delete(account["email"])
    policy = take_policy(call.sandbox, account["name"])
    call.sandbox.store.collection(_DELETED).put(account["uniqueId"], {"account": account, "policy": policy})
    return {}


@accounts.route(
    "POST",
    _ACCOUNT + ":undelete",
    id=f"{_IDS}.undelete",
    permission=_PERMISSION + "undelete",
    source="discovery",
    does="restores a deleted service account by its unique id",
)
def undelete_account(call: Call) -> Doc:
    deleted, found = call.sandbox.store.collection(_DELETED), call.sandbox.store.collection(_ACCOUNTS)
    kept = deleted.get(call.params["account"])
    if kept is None:
        raise not_found("Unknown service account")
    account: Doc = kept["account"]
    if account["email"] in found:
        raise failed_precondition(f"Service account {account['email']} already exists.")
    deleted.delete(account["uniqueId"])
    found.put(account["email"], account)
    put_policy(call.sandbox, account["name"], kept["policy"])
    return {"restoredAccount": account}


def _serve_switch(verb: str, *, disabled: bool) -> None:
    @accounts.route(
        "POST",
        f"{_ACCOUNT}:{verb}",
        id=f"{_IDS}.{verb}",
        permission=_PERMISSION + verb,
        source="discovery",
        does=f"{verb}s a service account",
    )
    def switch(call: Call) -> Doc:
        account = _require_account(call)
        call.sandbox.store.collection(_ACCOUNTS).put(account["email"], {**account, "disabled": disabled})
        return {}


_serve_switch("enable", disabled=False)
_serve_switch("disable", disabled=True)


def _policy_holder(call: Call) -> str:
    return str(_require_account(call)["name"])


serve_policy(accounts, _ACCOUNT, ids=_IDS, permissions=_PERMISSION, of="account", holder=_policy_holder)


@credentials.route(
    "POST",
    _ACCOUNT + ":generateAccessToken",
    id="iamcredentials.projects.serviceAccounts.generateAccessToken",
    permission=_PERMISSION + "getAccessToken",
    source="discovery",
    does="a token of the account for impersonation; its use is not distinguished from the caller's own token",
)
def generate_access_token(call: Call) -> Doc:
    account = find_account(call.sandbox, call.params["account"])
    if account is None:
        raise not_found(f"Not found; Gaia id not found for email {call.params['account']}")
    if account.get("disabled"):
        raise failed_precondition(f"Service account {account['email']} is disabled.")
    for delegate in call.body.get("delegates", []):
        if find_account(call.sandbox, delegate.rpartition("/")[2]) is None:
            raise not_found(f"Not found; Gaia id not found for email {delegate.rpartition('/')[2]}")
    if not call.body.get("scope"):
        raise invalid_argument("Scope must be specified.", "scope")
    lifetime = float(str(call.body.get("lifetime", "3600s")).removesuffix("s"))
    if not 0 < lifetime <= 43_200:
        raise invalid_argument("The lifetime must be between 0 and 43200 seconds.", "lifetime")
    # google-auth parses this timestamp without fractions of a second.
    expires = to_stamp(call.sandbox.clock.now() + timedelta(seconds=lifetime)).partition(".")[0] + "Z"
    return {"accessToken": "ya29.c." + call.sandbox.ids.token(64), "expireTime": expires}


class ServiceAccounts:
    """The accounts of a sandbox, as the other modules use them (`kernel.protocols.Accounts`)."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def find_account(self, key: str) -> Doc | None:
        """A service account by email or unique id."""
        return find_account(self._sandbox, key)

    def make_service_agent(self, project_number: str, agent: str) -> str:
        """Create a project's service agent and return its email."""
        return make_agent(self._sandbox, project_number, agent)


def find_account(sandbox: Sandbox, key: str) -> Doc | None:
    """A service account by email or unique id."""
    found = sandbox.store.collection(_ACCOUNTS)
    if key.isdigit():
        return next((doc for doc in found.all() if doc["uniqueId"] == key), None)
    return found.get(key)


@accounts.behaviour("under projects/- an account that does not exist is 403, not 404", source="discovery")
def _require_account(call: Call) -> Doc:
    account = find_account(call.sandbox, call.params["account"])
    if account is None and call.params["project"] == "-":
        permission = call.route.permission or _PERMISSION + "get"
        raise permission_denied(permission, f"projects/-/serviceAccounts/{call.params['account']}", accounts.host)
    if account is None or (call.params["project"] != "-" and account["projectId"] != call.project.id):
        raise not_found("Unknown service account")
    return account
