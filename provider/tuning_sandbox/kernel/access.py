"""Access checks of a call: project, service, billing and permission, in this order."""

from __future__ import annotations

import re
from collections.abc import Callable

from tuning_sandbox.kernel.call import Call
from tuning_sandbox.kernel.errors import GoogleError, billing_disabled, permission_denied, service_disabled
from tuning_sandbox.kernel.registry import Project


def check_access(call: Call, denial: Callable[[Call], Exception] | None) -> None:
    """Raise Google's 403; for a missing permission, the API's own `denial` if it has one."""
    route, sandbox = call.route, call.sandbox
    host = route.api.host
    for project in _consumers(call):
        if sandbox.policy.get("projects.registered_only") and not sandbox.projects.known(project.id):
            raise permission_denied(
                route.permission or "resourcemanager.projects.get",
                f"projects/{call.params.get('project', project.id)}",
                host,
            )
        if not sandbox.services.enabled.is_enabled(project.id, host):
            raise service_disabled(host, route.api.title or host, project.number)
        state = sandbox.services.billing.state_of(project.id) if route.api.billed else "open"
        if state != "open":
            raise _unpaid(call, project, state)
    if route.permission is None or call.principal.may(route.permission):
        return
    if denial is not None:
        raise denial(call)
    if route.api.family == "gcs":
        kind = "object" if route.permission.startswith("storage.objects") else "bucket"
        raise GoogleError(
            403,
            "PERMISSION_DENIED",
            f"{call.principal.email} does not have {route.permission} access to the Google Cloud Storage {kind}. "
            f"Permission '{route.permission}' denied on resource (or it may not exist).",
        )
    raise permission_denied(route.permission, denied_resource(call), host)


def denied_resource(call: Call) -> str:
    """The resource that a denied permission names; for a collection, its parent."""
    template = call.route.resource
    if template is not None:
        return re.sub(r"\{(\w+)\}", lambda match: call.params.get(match[1], ""), template)
    return call.parent_by_id if call.route.is_collection else call.resource_by_id


def _consumers(call: Call) -> list[Project]:
    """The projects that a call depends on: the one in the path, and for Cloud Storage the one that pays."""
    found = [_consumer(call)]
    if call.route.api.family == "gcs" and call.query.get("userProject"):
        found.append(call.sandbox.projects.resolve(call.query["userProject"]))
    return [project for project in found if project is not None]


def _consumer(call: Call) -> Project | None:
    """The project whose APIs and billing a call depends on; None if the path does not say."""
    if call.params.get("project") == "-":
        account = call.sandbox.services.accounts.find_account(call.params.get("account", ""))
        return None if account is None else call.sandbox.projects.resolve(account["projectId"])
    if "project" in call.params:
        return call.project
    if call.route.api.family != "gcs":
        return None
    bucket = call.sandbox.services.storage.find_bucket(call.params.get("bucket", ""))
    if bucket is not None:
        return call.sandbox.projects.resolve(bucket["projectNumber"])
    return call.project if "project" in call.query else None


def _unpaid(call: Call, project: Project, state: str) -> GoogleError:
    if call.route.api.family != "gcs":
        return billing_disabled(call.route.api.host, project.number)
    return GoogleError(
        403,
        "PERMISSION_DENIED",
        f"The billing account for the owning project is disabled in state {state}",
        reason="accountDisabled",
        location=("header", "Authorization"),
    )
