"""Whether the one who asks may: project, service and permission, in this order."""

from __future__ import annotations

import re

from tuning_sandbox.kernel.call import Call
from tuning_sandbox.kernel.errors import GoogleError, permission_denied, service_disabled


def check_access(call: Call) -> None:
    """Raise the 403 that Google would answer; nothing where the call is allowed."""
    route, sandbox = call.route, call.sandbox
    host = route.api.host
    if "project" in call.params:
        project = call.project
        if sandbox.policy.get("projects.registered_only") and not sandbox.projects.known(project.id):
            raise permission_denied(
                route.permission or "resourcemanager.projects.get", f"projects/{call.params['project']}", host
            )
        if sandbox.ask("service_enabled", project.id, host, default=True) is False:
            raise service_disabled(host, route.api.title or host, project.number)
    if route.permission is None or call.principal.may(route.permission):
        return
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
    """The resource that a denied permission is about: of a collection, what holds it."""
    template = call.route.resource
    if template is not None:
        return re.sub(r"\{(\w+)\}", lambda match: call.params.get(match[1], ""), template)
    return call.parent_by_id if call.route.is_collection else call.resource_by_id
