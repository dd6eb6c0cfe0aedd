"""Organization Policy v2: a project's policies for the constraints that affect tuning, and the effective policy."""

from __future__ import annotations

import base64
from typing import Any

from tuning_sandbox.kernel import Api, Call, GoogleError, Sandbox, already_exists, invalid_argument, not_found
from tuning_sandbox.places import is_group, is_in

api = Api("orgpolicy", versions=("v2",), title="Organization Policy API")
Doc = dict[str, Any]

LOCATIONS = "gcp.resourceLocations"
KEYS = "gcp.restrictNonCmekServices"
_KEPT = ("gcp.restrictServiceUsage", "vertexai.allowedModels", "gcp.restrictCmekCryptoKeyProjects")
_CONSTRAINTS = (LOCATIONS, KEYS, *_KEPT)
_POLICIES = "orgpolicy.policies"
_PARENT = "/{version}/projects/{project}/policies"
_POLICY = _PARENT + "/{policy}"
_IDS = "orgpolicy.projects.policies"
_MOST_RULES = 10
# the sandbox's services that CMEK organization policies support
_WITH_KEYS = ("aiplatform.googleapis.com", "storage.googleapis.com")

api.behaviour(
    "without a policy the effective one allows all", source="thread", ref="gcloud org-policies describe --effective"
)
api.behaviour(
    "a project has no folder and no organization above it; the switch vertex.require_cmek replaces their policies",
    source="assumed",
)
api.behaviour("rules with a condition match nothing: there are no tags", source="assumed")
api.behaviour("value groups (in:us-locations) are not expanded in an effective policy", source="assumed")
api.behaviour(
    "of the constraints only gcp.resourceLocations and gcp.restrictNonCmekServices are enforced; gcp.restrictServiceUsage, "
    "vertexai.allowedModels and gcp.restrictCmekCryptoKeyProjects are kept and shown; others are 501",
    source="assumed",
)
api.behaviour(
    "gcp.restrictNonCmekServices takes denied values only, each a service",
    source="thread",
    ref="CMEK organization policies",
)
api.behaviour("a policy is in force as soon as it is set; at Google it takes minutes", source="assumed")


@api.route("POST", _PARENT, id=f"{_IDS}.create", permission="orgpolicy.policies.create", source="discovery",
           does="sets a policy on a project that has none for the constraint; 409 if it has one")  # fmt: skip
def create_policy(call: Call) -> Doc:
    prefix, _, name = str(call.require("name")).rpartition("/")
    if prefix not in {f"projects/{key}/policies" for key in (call.project.id, call.project.number)}:
        raise invalid_argument("The policy name must match the parent resource.", "policy.name")
    key = _key(call, name)
    if key in call.sandbox.store.collection(_POLICIES):
        raise already_exists(f"A policy with the name {key} already exists.")
    return _write(call, name)


@api.route("GET", _PARENT, id=f"{_IDS}.list", permission="orgpolicy.policies.list", source="discovery",
           does="the policies that were set on a project")  # fmt: skip
def list_policies(call: Call) -> Doc:
    return call.page(call.sandbox.store.collection(_POLICIES).all(f"projects/{call.project.number}/"), key="policies")


@api.route("GET", _POLICY, id=f"{_IDS}.get", permission="orgpolicy.policy.get", source="discovery",
           does="the policy that was set on the project; 404 if none was set")  # fmt: skip
def get_policy(call: Call) -> Doc:
    return _require(call)


@api.route("PATCH", _POLICY, id=f"{_IDS}.patch", permission="orgpolicy.policies.update", source="discovery",
           does="overwrites a policy; 409 ABORTED if the etag is not the current one")  # fmt: skip
def patch_policy(call: Call) -> Doc:
    held = _require(call)
    _check_etag(held, call.body.get("etag") or (call.body.get("spec") or {}).get("etag"))
    mask = {path.removeprefix("policy.") for path in call.update_mask}
    if unknown := mask - {"*", "spec", "dryRunSpec"}:
        raise invalid_argument(
            f"The update mask names {', '.join(sorted(unknown))}: it is spec or dryRunSpec.", "update_mask"
        )
    if mask == {"dryRunSpec"}:
        held["dryRunSpec"] = call.body.get("dryRunSpec", {})
        call.sandbox.store.collection(_POLICIES).put(held["name"], held)
        return held
    written = _write(call, call.params["policy"])
    if mask == {"spec"} and "dryRunSpec" in held:
        written["dryRunSpec"] = held["dryRunSpec"]
        call.sandbox.store.collection(_POLICIES).put(written["name"], written)
    return written


@api.route("DELETE", _POLICY, id=f"{_IDS}.delete", permission="orgpolicy.policies.delete", source="discovery",
           does="deletes a policy of a project")  # fmt: skip
def delete_policy(call: Call) -> Doc:
    held = _require(call)
    _check_etag(held, call.query.get("etag"))
    call.sandbox.store.collection(_POLICIES).delete(held["name"])
    return {}


@api.route("GET", _POLICY + ":getEffectivePolicy", id=f"{_IDS}.getEffectivePolicy", permission="orgpolicy.policy.get",
           source="discovery", does="the policy in effect for the project: allowAll if none was set; no etag")  # fmt: skip
def get_effective_policy(call: Call) -> Doc:
    name = call.params["policy"]
    return {"name": _key(call, name), "spec": {"rules": effective_rules(call.sandbox, call.project.number, name)}}


class Constraints:
    """What the policies allow, as the other modules use it (`kernel.protocols.OrgPolicies`)."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def allows_location(self, project_number: str, location: str) -> bool:
        """Whether gcp.resourceLocations lets a resource be made there."""
        return allows_location(self._sandbox, project_number, location)

    def requires_key(self, project_number: str, host: str) -> bool:
        """Whether gcp.restrictNonCmekServices refuses what this service makes without a key."""
        return requires_key(self._sandbox, project_number, host)


def effective_rules(sandbox: Sandbox, number: str, constraint: str) -> list[Doc]:
    """The effective rules; with `inheritFromParent` the parent's rules come first."""
    above: list[Doc] = []
    if constraint == KEYS and sandbox.policy.get("vertex.require_cmek"):
        above = [{"values": {"deniedValues": ["is:aiplatform.googleapis.com"]}}]
    held = sandbox.store.collection(_POLICIES).get(f"projects/{number}/policies/{constraint}") or {}
    spec = held.get("spec")
    rules: list[Doc] = above
    if spec is not None and spec.get("reset"):
        rules = []
    elif spec is not None:
        own = [rule for rule in spec.get("rules", []) if "condition" not in rule]
        rules = [*above, *own] if spec.get("inheritFromParent") else own
    return rules or [{"allowAll": True}]


def allows_location(sandbox: Sandbox, number: str, location: str) -> bool:
    """Whether gcp.resourceLocations lets a resource be made there."""
    return _allows(effective_rules(sandbox, number, LOCATIONS), lambda value: is_in(location, value))


def requires_key(sandbox: Sandbox, number: str, service: str) -> bool:
    """Whether gcp.restrictNonCmekServices refuses what this service makes without a key."""
    rules = effective_rules(sandbox, number, KEYS)
    return not _allows(rules, lambda value: value.removeprefix("is:") == service)


def _allows(rules: list[Doc], matches: Any) -> bool:
    if any(rule.get("denyAll") for rule in rules):
        return False
    values = [rule.get("values", {}) for rule in rules]
    if any(matches(value) for each in values for value in each.get("deniedValues", [])):
        return False
    allowed = [value for each in values for value in each.get("allowedValues", [])]
    return not allowed or any(rule.get("allowAll") for rule in rules) or any(map(matches, allowed))


def _key(call: Call, name: str) -> str:
    if name not in _CONSTRAINTS:
        known = ", ".join(_CONSTRAINTS)
        raise GoogleError(501, "UNIMPLEMENTED", f"The sandbox does not have the constraint {name}: it has {known}.")
    return f"projects/{call.project.number}/policies/{name}"


def _require(call: Call) -> Doc:
    name = _key(call, call.params["policy"])
    held = call.sandbox.store.collection(_POLICIES).get(name)
    if held is None:
        raise not_found(f"Policy {name} not found.")
    return held


def _check_etag(held: Doc, sent: str | None) -> None:
    if sent and sent not in (held["etag"], held["spec"].get("etag")):
        raise GoogleError(
            409, "ABORTED", "The etag of the policy does not match the present one: read it and try again."
        )


def _write(call: Call, constraint: str) -> Doc:
    body = call.body
    spec = dict(call.require("spec"))
    _check_spec(spec, constraint)
    etag = base64.b64encode(b"\x08" + int(call.sandbox.ids.number(13)).to_bytes(6, "big")).decode()
    name = _key(call, constraint)
    held: Doc = {"name": name, "spec": {**spec, "etag": etag, "updateTime": call.now}, "etag": etag}
    if "dryRunSpec" in body:
        held["dryRunSpec"] = body["dryRunSpec"]
    call.sandbox.store.collection(_POLICIES).put(name, held)
    return held


def _check_spec(spec: Doc, constraint: str) -> None:
    rules = spec.get("rules", [])
    if spec.get("reset"):
        if rules or spec.get("inheritFromParent"):
            raise invalid_argument(
                "A policy with reset must not have rules or inherit from its parent.", "policy.spec.reset"
            )
        return
    if not rules and not spec.get("inheritFromParent"):
        raise invalid_argument("The policy must have at least one rule.", "policy.spec.rules")
    if len(rules) > _MOST_RULES:
        raise invalid_argument(f"A policy may have at most {_MOST_RULES} rules.", "policy.spec.rules")
    for at, rule in enumerate(rules):
        where = f"policy.spec.rules[{at}]"
        if "enforce" in rule:
            raise invalid_argument("enforce can only be set for boolean constraints.", f"{where}.enforce")
        kinds = [kind for kind in ("values", "allowAll", "denyAll") if rule.get(kind)]
        if len(kinds) != 1:
            raise invalid_argument("A rule must have exactly one of values, allow_all and deny_all.", where)
        _check_values(rule.get("values", {}), constraint, f"{where}.values")


def _check_values(values: Doc, constraint: str, where: str) -> None:
    if constraint == KEYS and values.get("allowedValues"):
        raise invalid_argument(f"{constraint} only supports denied values.", f"{where}.allowed_values")
    for value in [*values.get("allowedValues", []), *values.get("deniedValues", [])]:
        bare = value.removeprefix("is:")
        known = constraint in _KEPT or (bare in _WITH_KEYS if constraint == KEYS else is_group(value))
        if not known:
            raise invalid_argument(
                f"The value {value} is not valid for the constraint constraints/{constraint}.", where
            )
