"""Custom roles of a project."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from typing_extensions import override

from tuning_sandbox.gcp_plugin.api import ApiError, Json, StandInError
from tuning_sandbox.gcp_plugin.resource import Context, Failure, Naming, Prop, Resource
from tuning_sandbox.gcp_plugin.values import UNKNOWN, Properties

if TYPE_CHECKING:
    from collections.abc import Iterable

_ROLE_ID: Final = re.compile(r"[A-Za-z0-9_.]{3,64}")
_STAGES: Final = ("ALPHA", "BETA", "GA", "DEPRECATED", "DISABLED", "EAP")
_MASK: Final = "title,description,includedPermissions,stage"


class CustomRole(Resource):
    """gcp.projects.IAMCustomRole."""

    type_name = "gcp:projects/iAMCustomRole:IAMCustomRole"
    name_property = "roleId"
    computed = ("deleted", "name")
    inputs = (
        Prop("permissions", list, required=True),
        Prop("title", required=True),
        Prop("roleId", forces_new=True),
        Prop("description"),
        Prop("stage", default="GA", choices=_STAGES),
        Prop("project", forces_new=True),
        Prop("deletionPolicy", default="DELETE", choices=("DELETE", "ABANDON", "PREVENT")),
    )

    @override
    def make_name(self, naming: Naming) -> Any:
        return naming.name(64, lambda text: re.sub(r"[^A-Za-z0-9_.]", "", text))

    @override
    def check_more(self, inputs: Properties) -> Iterable[Failure]:
        role_id = inputs.get("roleId")
        if isinstance(role_id, str) and not _ROLE_ID.fullmatch(role_id):
            yield Failure("roleId", f"{role_id!r} must be 3 to 64 letters, digits, '_' and '.'")
        if inputs.get("permissions") == []:
            yield Failure("permissions", "at least one permission is required")

    @override
    def means_same(self, prop: Prop, old: Any, new: Any) -> bool:
        if prop.name == "permissions" and isinstance(old, list) and isinstance(new, list):
            return sorted(old) == sorted(new)
        return super().means_same(prop, old, new)

    @override
    def preview_more(self, known: Properties) -> Properties:
        if known["roleId"] is UNKNOWN or known["project"] is UNKNOWN:
            return {}
        return {"name": f"projects/{known['project']}/roles/{known['roleId']}"}

    @override
    def create(self, inputs: Properties, context: Context) -> tuple[str, Properties]:
        project = context.settings.require_project(inputs)
        name = f"projects/{project}/roles/{inputs['roleId']}"
        found = context.api.find(f"/v1/{name}")
        try:
            if found is not None and found.get("deleted"):
                # as the real provider: a deleted role keeps its id, so it is restored
                context.api.post(f"/v1/{name}:undelete", {})
                wire = context.api.patch(f"/v1/{name}", _body(inputs), updateMask=_MASK)
            else:
                body = {"roleId": inputs["roleId"], "role": _body(inputs)}
                wire = context.api.post(f"/v1/projects/{project}/roles", body)
        except ApiError as error:
            raise StandInError(f"Error creating the custom project role {name}: {error}") from None
        return name, _outputs(wire, inputs)

    @override
    def read(self, resource_id: str, state: Properties, context: Context) -> tuple[str, Properties] | None:
        wire = context.api.find(f"/v1/{resource_id}")
        return None if wire is None or wire.get("deleted") else (resource_id, _outputs(wire, state))

    @override
    def update(self, resource_id: str, state: Properties, inputs: Properties, context: Context) -> Properties:
        return _outputs(context.api.patch(f"/v1/{resource_id}", _body(inputs), updateMask=_MASK), inputs)

    @override
    def delete(self, resource_id: str, state: Properties, context: Context) -> str | None:
        context.api.delete(f"/v1/{resource_id}")
        return None


def _body(inputs: Properties) -> Json:
    return {
        "title": inputs["title"],
        "description": inputs.get("description", ""),
        "includedPermissions": list(inputs["permissions"]),
        "stage": inputs.get("stage", "GA"),
    }


def _outputs(wire: Json, state: Properties) -> Properties:
    _, project, _, role_id = wire["name"].split("/")
    return {
        "permissions": sorted(wire.get("includedPermissions", [])),
        "title": wire.get("title", ""),
        "description": wire.get("description", ""),
        "stage": wire.get("stage", "ALPHA"),
        "roleId": role_id,
        "project": project,
        "name": wire["name"],
        "deleted": bool(wire.get("deleted", False)),
        "deletionPolicy": state.get("deletionPolicy", "DELETE"),
    }
