"""Cloud Billing v1: which account pays for a project, and the error for a project without one."""

from __future__ import annotations

import re
from typing import Any

from tuning_sandbox.kernel import Api, Call, Sandbox, invalid_argument, permission_denied
from tuning_sandbox.kernel.protocols import BillingState

api = Api("cloudbilling", title="Cloud Billing API")
Doc = dict[str, Any]

_INFO = "/{version}/projects/{project}/billingInfo"
_IDS = "cloudbilling.projects"
_PERMISSION = "resourcemanager.projects."
_ACCOUNTS = "billing.accounts"
_ACCOUNT = re.compile(r"billingAccounts/[0-9A-F]{6}-[0-9A-F]{6}-[0-9A-F]{6}")
FIRST_ACCOUNT = "billingAccounts/0A0A0A-0B0B0B-0C0C0C"

api.behaviour("every project has an open billing account at first", source="assumed")
api.behaviour("every billing account is open; the admin route closes one for a project", source="assumed")


@api.route(
    "GET",
    _INFO,
    id=f"{_IDS}.getBillingInfo",
    permission=_PERMISSION + "get",
    source="discovery",
    does="the billing account of a project; without one neither billingAccountName nor billingEnabled",
)
def get_billing_info(call: Call) -> Doc:
    return _info(call.sandbox, call.project.id)


@api.route(
    "PUT",
    _INFO,
    id=f"{_IDS}.updateBillingInfo",
    source="discovery",
    does="links a project to a billing account; an empty name removes the link and disables billing",
)
def update_billing_info(call: Call) -> Doc:
    name = call.body.get("billingAccountName", "")
    permission = _PERMISSION + ("createBillingAssignment" if name else "deleteBillingAssignment")
    if not call.principal.may(permission):
        raise permission_denied(permission, f"projects/{call.project.id}", api.host)
    if name and not _ACCOUNT.fullmatch(name):
        raise invalid_argument(
            f"The billing account name {name} is not valid.", "project_billing_info.billing_account_name"
        )
    call.sandbox.store.collection(_ACCOUNTS).put(call.project.id, {"account": name, "open": True})
    return _info(call.sandbox, call.project.id)


@api.admin(
    "POST",
    "/_sandbox/billing",
    does='{"project": …, "billingEnabled": false}: close (or open) the billing account of a project',
)
def set_billing(call: Call) -> Doc:
    project, enabled = call.body.get("project"), call.body.get("billingEnabled")
    if not isinstance(project, str) or not project or not isinstance(enabled, bool) or len(call.body) != 2:
        raise invalid_argument('say {"project": "...", "billingEnabled": true or false}')
    project_id = call.sandbox.projects.resolve(project).id
    call.sandbox.store.collection(_ACCOUNTS).put(project_id, {"account": FIRST_ACCOUNT, "open": enabled})
    return _info(call.sandbox, project_id)


class BillingAccounts:
    """Billing as the other modules use it (`kernel.protocols.Billing`)."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def state_of(self, project_id: str) -> BillingState:
        """Whether the project's billing account is open, closed or absent."""
        return billing_state(self._sandbox, project_id)


def billing_state(sandbox: Sandbox, project_id: str) -> BillingState:
    """The state of the project's billing account: `open`, `closed`, or `absent` if there is none."""
    held = _held(sandbox, project_id)
    return "absent" if not held["account"] else "open" if held["open"] else "closed"


def _held(sandbox: Sandbox, project_id: str) -> Doc:
    return sandbox.store.collection(_ACCOUNTS).get(project_id) or {"account": FIRST_ACCOUNT, "open": True}


def _info(sandbox: Sandbox, project_id: str) -> Doc:
    return {
        "name": f"projects/{project_id}/billingInfo",
        "projectId": project_id,
        "billingAccountName": _held(sandbox, project_id)["account"],
        "billingEnabled": billing_state(sandbox, project_id) == "open",
    }
