"""Resource manager v1 and v3 projects with their IAM policies."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tuning_sandbox.iam.policies import serve_policy
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
projects_v3.switch(
    "wire.trailing_commas",
    default="accept",
    values=("accept", "refuse"),
    does="a comma behind the last item of a JSON object or list, in a request to any API but Cloud Storage, is passed over "
    "as protobuf's parser does (that Google's front end uses it is inferred), or a 400",
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


for _api in apis:
    serve_policy(
        _api,
        _PROJECT,
        ids=_IDS,
        permissions=_PERMISSION,
        of="project",
        holder=lambda call: f"projects/{call.project.id}",
        shows_version=True,
    )


def _create_time(call: Call) -> str:
    # Computed from the number: a project is older than the sandbox and must not change between two reads.
    return to_stamp(datetime(2024, 1, 1, tzinfo=UTC) + timedelta(seconds=int(call.project.number) % 31_000_000))
