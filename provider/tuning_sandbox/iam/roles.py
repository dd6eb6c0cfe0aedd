"""IAM v1 custom roles of a project: kept and read; what they grant is not computed."""

from __future__ import annotations

import re
from typing import Any

from tuning_sandbox.iam.accounts import accounts
from tuning_sandbox.kernel import Call, GoogleError, already_exists, failed_precondition, invalid_argument, not_found

Doc = dict[str, Any]
_ROLES = "iam.roles"
_COLLECTION = "/{version}/projects/{project}/roles"
_ROLE = _COLLECTION + "/{role}"
_IDS = "iam.projects.roles"
_PERMISSION = "iam.roles."
_ID_GRAMMAR = re.compile(r"[A-Za-z0-9_.]{3,64}")
_PERMISSION_GRAMMAR = re.compile(r"[a-z][A-Za-z0-9]*(\.[A-Za-z0-9]+){2,}")
_UPDATABLE = ("title", "description", "includedPermissions", "stage")

accounts.behaviour("a deleted custom role is kept and can be undeleted; its id stays in use", source="discovery")
accounts.behaviour(
    "a permission of a custom role is refused by its form only: the sandbox has no list of Google's permissions",
    source="assumed",
)
accounts.behaviour("a custom role grants nothing to the principals of the sandbox", source="assumed")


@accounts.route("POST", _COLLECTION, id=f"{_IDS}.create", permission=_PERMISSION + "create", source="discovery",
                does="creates a custom role of the project; 409 if the id is in use")  # fmt: skip
def create_role(call: Call) -> Doc:
    role_id = str(call.body.get("roleId", ""))
    if not _ID_GRAMMAR.fullmatch(role_id):
        raise invalid_argument(
            f"The role_id {role_id} must be 3 to 64 letters, digits, underscores and periods.", "role_id"
        )
    name = f"projects/{call.project.id}/roles/{role_id}"
    if name in call.sandbox.store.collection(_ROLES):
        raise already_exists(f"A role named {role_id} in projects/{call.project.id} already exists.")
    given = call.body.get("role", {})
    _check(given)
    kept = {field: given[field] for field in _UPDATABLE if given.get(field)}
    return _put(call, {"name": name, "stage": "ALPHA", **kept})


@accounts.route("GET", _ROLE, id=f"{_IDS}.get", permission=_PERMISSION + "get", source="discovery",
                does="a custom role, also one that is deleted")  # fmt: skip
def get_role(call: Call) -> Doc:
    return _shown(_require(call))


@accounts.route("GET", _COLLECTION, id=f"{_IDS}.list", permission=_PERMISSION + "list", source="discovery",
                does="pages through the custom roles of a project, with their permissions if view is FULL")  # fmt: skip
def list_roles(call: Call) -> Doc:
    full, deleted = call.query.get("view") == "FULL", call.query.get("showDeleted", "").lower() == "true"
    kept = call.sandbox.store.collection(_ROLES).all(prefix=f"projects/{call.project.id}/roles/")
    found = [_shown(role) for role in kept if deleted or not role.get("deleted")]
    if not full:
        found = [{key: value for key, value in role.items() if key != "includedPermissions"} for role in found]
    return call.page(found, "roles")


@accounts.route("PATCH", _ROLE, id=f"{_IDS}.patch", permission=_PERMISSION + "update", source="discovery",
                does="changes title, description, permissions and stage")  # fmt: skip
def patch_role(call: Call) -> Doc:
    role, given = _require(call), call.body
    _check_etag(given.get("etag", ""), role)
    if role.get("deleted"):
        raise failed_precondition(f"The role {role['name']} is deleted.")
    mask = call.update_mask or [field for field in _UPDATABLE if field in given]
    for field in mask:
        if field not in _UPDATABLE:
            raise invalid_argument(f"The field '{field}' of a role cannot be updated.", "update_mask")
    _check(given)
    for field in mask:
        if given.get(field):
            role[field] = given[field]
        else:
            role.pop(field, None)
    return _put(call, role)


@accounts.route("DELETE", _ROLE, id=f"{_IDS}.delete", permission=_PERMISSION + "delete", source="discovery",
                does="marks a custom role as deleted")  # fmt: skip
def delete_role(call: Call) -> Doc:
    role = _require(call)
    _check_etag(call.query.get("etag", ""), role)
    if role.get("deleted"):
        raise failed_precondition(f"The role {role['name']} is deleted already.")
    return _put(call, {**role, "deleted": True})


@accounts.route("POST", _ROLE + ":undelete", id=f"{_IDS}.undelete", permission=_PERMISSION + "undelete",
                source="discovery", does="restores a deleted custom role")  # fmt: skip
def undelete_role(call: Call) -> Doc:
    role = _require(call)
    _check_etag(call.body.get("etag", ""), role)
    if not role.get("deleted"):
        raise failed_precondition(f"The role {role['name']} is not deleted.")
    return _put(call, {key: value for key, value in role.items() if key != "deleted"})


def _check(given: Doc) -> None:
    for permission in given.get("includedPermissions", []):
        if not _PERMISSION_GRAMMAR.fullmatch(permission):
            raise invalid_argument(f"Permission {permission} is not valid.", "role.included_permissions")


def _check_etag(etag: str, role: Doc) -> None:
    if etag and etag != role["etag"]:
        raise GoogleError(409, "ABORTED", f"The etag of {role['name']} is not the present one: read it and try again.")


def _require(call: Call) -> Doc:
    name = f"projects/{call.project.id}/roles/{call.params['role']}"
    role = call.sandbox.store.collection(_ROLES).get(name)
    if role is None:
        raise not_found(f"The role named {name} was not found.")
    return dict(role)


def _put(call: Call, role: Doc) -> Doc:
    kept = {**role, "etag": call.sandbox.ids.etag()}
    call.sandbox.store.collection(_ROLES).put(role["name"], kept)
    return _shown(kept)


def _shown(role: Doc) -> Doc:
    """The role as Google answers it: the stage ALPHA is left out."""
    return {key: value for key, value in role.items() if (key, value) != ("stage", "ALPHA")}
