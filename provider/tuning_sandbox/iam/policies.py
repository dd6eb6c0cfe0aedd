"""IAM policies of resources: read, write with etags, test permissions, and find who has a role."""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING, Any

from tuning_sandbox.iam.permissions import refuse_unknown
from tuning_sandbox.kernel import Api, Call, GoogleError, Sandbox, invalid_argument
from tuning_sandbox.spelling import read_mask

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Policy = dict[str, Any]
EMPTY_ETAG = "ACAB"
_POLICIES = "iam.policies"
_ACCOUNTS = "iam.serviceAccounts"
_AGENTS = "iam.serviceAgents"
_MEMBER = re.compile(
    r"(user|group|serviceAccount):[^@\s]+@[^@\s]+|domain:\S+|allUsers|allAuthenticatedUsers"
    r"|principal(Set)?://\S+|deleted:\S+|project(Owner|Editor|Viewer):\S+"
)
_ROLE = re.compile(r"(roles|(projects|organizations)/[^/\s]+/roles)/[A-Za-z0-9_.]+")
_MASKED = frozenset({"*", "auditConfigs", "bindings", "etag", "version"})
_PERMISSION = re.compile(r"[a-z][a-zA-Z0-9-]*(\.[a-zA-Z0-9-]+){2,}")
_MOST_PERMISSIONS = 100
# Created by the first tuning job of a project.
_LATE_AGENTS = ("gcp-sa-vertex-tune", "gcp-sa-vertex-moss-ft")


def read_policy(sandbox: Sandbox, resource: str) -> Policy:
    """The policy of a resource; a policy that was never set has only an etag."""
    return sandbox.store.collection(_POLICIES).get(resource) or {"etag": EMPTY_ETAG}


def write_policy(sandbox: Sandbox, resource: str, policy: Policy) -> Policy:
    """Set a policy: a stale etag is a 409, invalid members and roles are a 400. Equal bindings are merged."""
    current = read_policy(sandbox, resource)
    if policy.get("etag") and policy["etag"] != current["etag"]:
        raise GoogleError(
            409,
            "ABORTED",
            "There were concurrent policy changes. Please retry the whole read-modify-write with exponential backoff. "
            "The request's ETag '"
            f"{policy['etag']}' did not match the current policy's ETag '{current['etag']}'.",
        )
    if int(policy.get("version", 0)) not in (0, 1, 3):
        raise invalid_argument(f"Invalid policy version: {policy['version']}.", "policy.version")
    joined: dict[str, dict[str, Any]] = {}
    for binding in policy.get("bindings", []):
        role, members, condition = binding.get("role", ""), binding.get("members", []), binding.get("condition")
        check_form(role, members)
        for member in members:
            check_account(sandbox, member)
        entry = joined.setdefault(f"{role} {condition}", {"role": role, "members": []})
        entry["members"] = sorted({*entry["members"], *members})
        if condition:
            entry["condition"] = condition
    bindings = [entry for _, entry in sorted(joined.items()) if entry["members"]]
    # bytes on the wire: a client returns only canonical base64 unchanged
    etag = base64.b64encode(b"\x07\x06" + int(sandbox.ids.number(13)).to_bytes(6, "big")).decode()
    written: Policy = {"version": max(int(policy.get("version", 1)), 1), "etag": etag}
    if bindings:
        written["bindings"] = bindings
    sandbox.store.collection(_POLICIES).put(resource, written)
    return written


def take_policy(sandbox: Sandbox, resource: str) -> Policy:
    """Remove the policy of a deleted resource and return it."""
    policy = read_policy(sandbox, resource)
    sandbox.store.collection(_POLICIES).delete(resource)
    return policy


def put_policy(sandbox: Sandbox, resource: str, policy: Policy) -> None:
    """Set the policy of a restored resource to its earlier one."""
    sandbox.store.collection(_POLICIES).put(resource, policy)


def check_form(role: str, members: list[str]) -> None:
    """A 400 for a role or a member of another form."""
    if not _ROLE.fullmatch(role):
        raise invalid_argument(f"Role {role} is not supported for this resource.", "policy.bindings.role")
    for member in members:
        if not _MEMBER.fullmatch(member):
            raise invalid_argument(
                f"The member {member} is of an unknown type. Please set a valid type prefix for the member."
            )


def check_account(sandbox: Sandbox, member: str) -> None:
    """A 400 for a service account that does not exist."""
    kind, _, email = member.partition(":")
    if kind != "serviceAccount" or not email.endswith(".iam.gserviceaccount.com"):
        return
    domain = email.partition("@")[2].removesuffix(".iam.gserviceaccount.com")
    if domain in _LATE_AGENTS:
        known = email in sandbox.store.collection(_AGENTS)
    elif domain.startswith("gcp-sa-") or domain == "gs-project-accounts" or email.startswith("service-"):
        known = True
    else:
        known = email in sandbox.store.collection(_ACCOUNTS)
    if not known:
        raise invalid_argument(f"Service account {email} does not exist.")


def make_agent(sandbox: Sandbox, project_number: str, agent: str) -> str:
    """Create a project's service agent (`gcp-sa-vertex-tune`) and return its email. Policies may then name it."""
    email = f"service-{project_number}@{agent}.iam.gserviceaccount.com"
    sandbox.store.collection(_AGENTS).put(email, {"email": email})
    return email


def has_role(sandbox: Sandbox, resource: str, member: str, role: str) -> bool:
    """Whether the policy of this resource itself grants the member the role, without a condition."""
    return grants(read_policy(sandbox, resource), member, role)


def grants(policy: Policy, member: str, role: str) -> bool:
    """Whether a policy grants the member the role, without a condition."""
    return any(
        binding["role"] == role and member in binding["members"] and "condition" not in binding
        for binding in policy.get("bindings", [])
    )


def is_granted(sandbox: Sandbox, resource: str, member: str, role: str) -> bool:
    """Whether the member has the role on the resource or on a parent of it: key, ring, project."""
    return any(has_role(sandbox, name, member, role) for name in _with_parents(resource))


def _with_parents(resource: str) -> Iterator[str]:
    parts = resource.split("/")
    for end in range(len(parts), 1, -2):
        yield "/".join(parts[:end])


def serve_policy(
    api: Api,
    path: str,
    *,
    ids: str,
    permissions: str,
    of: str,
    holder: Callable[[Call], str],
    verb: str = "POST",
    shows_version: bool = False,
) -> None:
    """Serve getIamPolicy (by `verb`), setIamPolicy and testIamPermissions of the resource that `holder` finds.

    `shows_version`: a policy that was never set has a version too.
    """

    @api.route(
        verb,
        path + ":getIamPolicy",
        id=f"{ids}.getIamPolicy",
        permission=f"{permissions}getIamPolicy",
        source="discovery",
        does=f"the IAM policy of the {of}",
    )
    def get_iam_policy(call: Call) -> Policy:
        asked = call.query.get("options.requestedPolicyVersion") if verb == "GET" or not call.raw.strip() else None
        found = read_policy(call.sandbox, holder(call))
        check_requested_version(asked or (call.body.get("options") or {}).get("requestedPolicyVersion"), found)
        return {**({"version": 1} if shows_version else {}), **found}

    @api.route(
        "POST",
        path + ":setIamPolicy",
        id=f"{ids}.setIamPolicy",
        permission=f"{permissions}setIamPolicy",
        source="discovery",
        does=f"sets the IAM policy of the {of}; a stale etag is a 409",
    )
    def set_iam_policy(call: Call) -> Policy:
        held, policy = holder(call), dict(call.body.get("policy", {}))
        if policy.get("auditConfigs"):
            raise GoogleError(501, "UNIMPLEMENTED", "The sandbox does not serve auditConfigs of IAM policies.")
        mask = read_mask(str(call.body.get("updateMask", "")))
        unknown = [path for path in mask if path not in _MASKED]
        if unknown:
            raise invalid_argument(f"Invalid field mask: a policy has no field {unknown[0]}.", "update_mask")
        if mask and "bindings" not in mask and "*" not in mask:
            policy["bindings"] = read_policy(call.sandbox, held).get("bindings", [])
        return write_policy(call.sandbox, held, policy)

    @api.route(
        "POST",
        path + ":testIamPermissions",
        id=f"{ids}.testIamPermissions",
        source="discovery",
        does=f"which of the permissions the caller has on the {of}",
    )
    def test_iam_permissions(call: Call) -> dict[str, Any]:
        holder(call)
        return allowed_permissions(call, "" if of == "project" else f"{permissions.partition('.')[0]}.")


def check_requested_version(asked: Any, policy: Policy) -> None:
    """400 for an invalid policy version; 501 for a policy with conditions in the form of version 1."""
    if str(asked or 0) not in ("0", "1", "3"):
        raise invalid_argument(f"Invalid requested policy version: {asked}.", "options.requested_policy_version")
    if str(asked or 0) == "1" and any("condition" in binding for binding in policy.get("bindings", [])):
        raise GoogleError(
            501, "UNIMPLEMENTED", "The sandbox does not serve requestedPolicyVersion=1 of a policy with conditions."
        )


def allowed_permissions(call: Call, service: str = "") -> dict[str, Any]:
    """The answer of testIamPermissions: the requested permissions that the caller has; 400 for those of another service."""
    permissions = [str(item) for item in call.body.get("permissions", [])]
    wrong = [item for item in permissions if not _PERMISSION.fullmatch(item) or not item.startswith(service)]
    if wrong:
        raise invalid_argument(f"Permission {wrong[0]} is not valid for this resource.", "permissions")
    if len(permissions) > _MOST_PERMISSIONS:
        raise invalid_argument(f"At most {_MOST_PERMISSIONS} permissions can be tested at once.", "permissions")
    if not call.sandbox.config.loose:
        refuse_unknown(permissions)
    return {"permissions": [item for item in permissions if call.principal.may(item)]}
