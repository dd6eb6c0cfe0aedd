"""Resource manager v1 and v3 projects with their IAM policies."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tuning_sandbox.iam.policies import allowed_permissions, read_policy, write_policy
from tuning_sandbox.kernel import Api, Call
from tuning_sandbox.kernel.clock import to_stamp

projects_v1 = Api("cloudresourcemanager", versions=("v1",), title="Cloud Resource Manager API")
projects_v3 = Api("cloudresourcemanager", versions=("v3",), title="Cloud Resource Manager API")
apis = [projects_v1, projects_v3]
Doc = dict[str, Any]

_PROJECT = "/{version}/projects/{project}"
_IDS = "cloudresourcemanager.projects"
_PERMISSION = "resourcemanager.projects."

projects_v3.switch(
    "projects.registered_only",
    default=False,
    values=(False, True),
    does="only projects named with POST /_sandbox/projects exist; any other is a 403",
)
projects_v3.behaviour("any project id exists, with a number that follows from the id", source="assumed")


@projects_v1.route(
    "GET", _PROJECT, id=f"{_IDS}.get", permission=_PERMISSION + "get", source="discovery", does="a project, v1 form"
)
def get_project_v1(call: Call) -> Doc:
    return {
        "projectNumber": call.project.number,
        "projectId": call.project.id,
        "lifecycleState": "ACTIVE",
        "name": call.project.id,
        "createTime": _create_time(call),
    }


@projects_v3.route(
    "GET",
    _PROJECT,
    id=f"{_IDS}.get",
    permission=_PERMISSION + "get",
    source="discovery",
    does="a project by id or number; the name holds the number",
)
def get_project_v3(call: Call) -> Doc:
    return {
        "name": f"projects/{call.project.number}",
        "projectId": call.project.id,
        "state": "ACTIVE",
        "displayName": call.project.id,
        "createTime": _create_time(call),
        "updateTime": _create_time(call),
        "etag": f'W/"{int(call.project.number):x}"',
    }


def _serve_iam(api: Api) -> None:
    @api.route(
        "POST",
        _PROJECT + ":getIamPolicy",
        id=f"{_IDS}.getIamPolicy",
        permission=_PERMISSION + "getIamPolicy",
        source="discovery",
        does="the project's IAM policy",
    )
    def get_iam_policy(call: Call) -> Doc:
        return {"version": 1, **read_policy(call.sandbox, _policy_name(call))}

    @api.route(
        "POST",
        _PROJECT + ":setIamPolicy",
        id=f"{_IDS}.setIamPolicy",
        permission=_PERMISSION + "setIamPolicy",
        source="discovery",
        does="sets the project's IAM policy; a stale etag is a 409",
    )
    def set_iam_policy(call: Call) -> Doc:
        return write_policy(call.sandbox, _policy_name(call), call.body.get("policy", {}))

    @api.route(
        "POST",
        _PROJECT + ":testIamPermissions",
        id=f"{_IDS}.testIamPermissions",
        source="discovery",
        does="which of the permissions the caller has on the project",
    )
    def test_iam_permissions(call: Call) -> Doc:
        return allowed_permissions(call)


_serve_iam(projects_v1)
_serve_iam(projects_v3)


def _policy_name(call: Call) -> str:
    return f"projects/{call.project.id}"


def _create_time(call: Call) -> str:
    # Fixed by the number: a project is older than the sandbox and must not change between two reads.
    return to_stamp(datetime(2024, 1, 1, tzinfo=UTC) + timedelta(seconds=int(call.project.number) % 31_000_000))
