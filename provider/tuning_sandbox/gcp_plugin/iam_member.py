"""One member in one role on one resource, for each kind of resource: the policy is read, changed and written back."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING, Any, ClassVar

from typing_extensions import override

from tuning_sandbox.gcp_plugin.api import Api, ApiError, Json, StandInError, quote
from tuning_sandbox.gcp_plugin.kms import full_name
from tuning_sandbox.gcp_plugin.resource import Context, Failure, Prop, Resource

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tuning_sandbox.gcp_plugin.values import Properties

_ATTEMPTS = 8


class IamMember(Resource):
    """The behaviour of all *IAMMember resources; subclasses define where the policy is."""

    target: ClassVar[str]
    """The input that names the resource with the policy."""
    name_property = None
    has_project = False
    computed = ("etag",)

    @override
    def check_more(self, inputs: Properties) -> Iterable[Failure]:
        member, role = inputs.get("member"), inputs.get("role")
        if isinstance(member, str) and ":" not in member and member not in ("allUsers", "allAuthenticatedUsers"):
            yield Failure("member", f"invalid member {member!r}: expected a prefix such as serviceAccount: or user:")
        if isinstance(role, str) and not role.startswith(("roles/", "projects/", "organizations/")):
            yield Failure("role", f"invalid role {role!r}: expected roles/NAME or a custom role's full name")

    def target_name(self, target: str, context: Context) -> str:
        """The resource's name in state and in the id."""
        return target

    def read_policy(self, api: Api, target: str) -> Json:
        """The resource's policy."""
        raise NotImplementedError

    def write_policy(self, api: Api, target: str, policy: Json) -> Json:
        """Set the resource's policy."""
        raise NotImplementedError

    @override
    def create(self, inputs: Properties, context: Context) -> tuple[str, Properties]:
        target = self.target_name(inputs[self.target], context)
        role, member, condition = inputs["role"], _normal(inputs["member"]), inputs.get("condition")

        def add(policy: Json) -> bool:
            bindings = policy.setdefault("bindings", [])
            binding = _find(policy, role, condition)
            if binding is None:
                binding = {"role": role, "members": []}
                if condition:
                    binding["condition"] = condition
                    policy["version"] = 3
                bindings.append(binding)
            if member in binding["members"]:
                return False
            binding["members"].append(member)
            return True

        try:
            policy = self._change(context.api, target, add)
        except ApiError as error:
            raise StandInError(f"Error applying IAM policy for {target}: {error}") from None
        return self._id(target, inputs | {"member": member}), self._outputs(target, inputs, member, policy)

    @override
    def read(self, resource_id: str, state: Properties, context: Context) -> tuple[str, Properties] | None:
        wanted = state if state.get("role") else self._parse(resource_id)
        target = self.target_name(wanted[self.target], context)
        try:
            policy = self.read_policy(context.api, target)
        except ApiError as error:
            if error.status == 404:
                return None
            raise
        binding = _find(policy, wanted["role"], wanted.get("condition"))
        member = _normal(wanted["member"])
        if binding is None or member not in binding["members"]:
            return None
        return self._id(target, wanted | {"member": member}), self._outputs(target, wanted, member, policy)

    @override
    def update(self, resource_id: str, state: Properties, inputs: Properties, context: Context) -> Properties:
        raise StandInError("an IAM member has nothing that can be updated.")

    @override
    def delete(self, resource_id: str, state: Properties, context: Context) -> str | None:
        target, member = state[self.target], _normal(state["member"])

        def remove(policy: Json) -> bool:
            binding = _find(policy, state["role"], state.get("condition"))
            if binding is None or member not in binding["members"]:
                return False
            binding["members"].remove(member)
            policy["bindings"] = [item for item in policy["bindings"] if item["members"]]
            return True

        try:
            self._change(context.api, self.target_name(target, context), remove)
        except ApiError as error:
            if error.status != 404:
                raise
        return None

    def _change(self, api: Api, target: str, change: Any) -> Json:
        with api.lock(target):
            for attempt in range(_ATTEMPTS):
                policy = self.read_policy(api, target)
                if not change(policy):
                    return policy
                try:
                    return self.write_policy(api, target, policy)
                except ApiError as error:
                    if error.status not in (409, 412) or attempt == _ATTEMPTS - 1:
                        raise
                time.sleep(random.uniform(0, 0.05 * 2**attempt))
        raise AssertionError("unreachable")

    def _id(self, target: str, inputs: Properties) -> str:
        title = (inputs.get("condition") or {}).get("title")
        return "/".join([target, inputs["role"], inputs["member"], *([title] if title else [])])

    def _outputs(self, target: str, inputs: Properties, member: str, policy: Json) -> Properties:
        outputs = {self.target: target, "role": inputs["role"], "member": member, "etag": policy.get("etag", "")}
        return outputs | ({"condition": inputs["condition"]} if inputs.get("condition") else {})

    def _parse(self, resource_id: str) -> Properties:
        """`RESOURCE ROLE MEMBER`, as the real plugin's import takes it, or the id in state."""
        parts = resource_id.split(" ")
        if len(parts) == 3:
            return {self.target: parts[0], "role": parts[1], "member": parts[2]}
        resource, slash, rest = resource_id.partition("/roles/")
        role, _, member = rest.partition("/")
        if not slash or not member:
            raise StandInError(f"cannot read {resource_id!r}: expected 'RESOURCE ROLE MEMBER', separated by spaces.")
        return {self.target: resource, "role": f"roles/{role}", "member": member}


def _inputs(target: str) -> tuple[Prop, ...]:
    return (
        Prop(target, required=True, forces_new=True),
        Prop("role", required=True, forces_new=True),
        Prop("member", required=True, forces_new=True, same=lambda old, new: _normal(old) == _normal(new)),
        Prop("condition", dict, forces_new=True),
    )


class CryptoKeyIamMember(IamMember):
    """gcp.kms.CryptoKeyIAMMember."""

    type_name = "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember"
    target = "cryptoKeyId"
    inputs = _inputs("cryptoKeyId")
    collections: ClassVar[tuple[str, ...]] = ("projects", "locations", "keyRings", "cryptoKeys")

    @override
    def target_name(self, target: str, context: Context) -> str:
        return full_name(target, self.collections, context)

    @override
    def read_policy(self, api: Api, target: str) -> Json:
        return api.get(f"/v1/{target}:getIamPolicy", **{"options.requestedPolicyVersion": "3"})

    @override
    def write_policy(self, api: Api, target: str, policy: Json) -> Json:
        return api.post(f"/v1/{target}:setIamPolicy", {"policy": policy})


class KeyRingIamMember(CryptoKeyIamMember):
    """gcp.kms.KeyRingIAMMember."""

    type_name = "gcp:kms/keyRingIAMMember:KeyRingIAMMember"
    target = "keyRingId"
    inputs = _inputs("keyRingId")
    collections = ("projects", "locations", "keyRings")


class ServiceAccountIamMember(IamMember):
    """gcp.serviceaccount.IAMMember."""

    type_name = "gcp:serviceaccount/iAMMember:IAMMember"
    target = "serviceAccountId"
    inputs = _inputs("serviceAccountId")

    @override
    def target_name(self, target: str, context: Context) -> str:
        if target.startswith("projects/"):
            return target
        return f"projects/{context.settings.require_project({})}/serviceAccounts/{target}"

    @override
    def read_policy(self, api: Api, target: str) -> Json:
        return api.call("POST", f"/v1/{target}:getIamPolicy", query={"options.requestedPolicyVersion": "3"})

    @override
    def write_policy(self, api: Api, target: str, policy: Json) -> Json:
        return api.post(f"/v1/{target}:setIamPolicy", {"policy": policy})


class ProjectIamMember(IamMember):
    """gcp.projects.IAMMember."""

    type_name = "gcp:projects/iAMMember:IAMMember"
    target = "project"
    inputs = _inputs("project")

    @override
    def target_name(self, target: str, context: Context) -> str:
        return target.removeprefix("projects/")

    @override
    def read_policy(self, api: Api, target: str) -> Json:
        return api.post(f"/v1/projects/{target}:getIamPolicy", {"options": {"requestedPolicyVersion": 3}})

    @override
    def write_policy(self, api: Api, target: str, policy: Json) -> Json:
        return api.post(f"/v1/projects/{target}:setIamPolicy", {"policy": policy})


class BucketIamMember(IamMember):
    """gcp.storage.BucketIAMMember."""

    type_name = "gcp:storage/bucketIAMMember:BucketIAMMember"
    target = "bucket"
    inputs = _inputs("bucket")

    @override
    def target_name(self, target: str, context: Context) -> str:
        return "b/" + target.removeprefix("b/")

    @override
    def read_policy(self, api: Api, target: str) -> Json:
        return api.get(f"/storage/v1/b/{quote(target.removeprefix('b/'))}/iam", optionsRequestedPolicyVersion="3")

    @override
    def write_policy(self, api: Api, target: str, policy: Json) -> Json:
        return api.put(f"/storage/v1/b/{quote(target.removeprefix('b/'))}/iam", policy)

    @override
    def means_same(self, prop: Prop, old: Any, new: Any) -> bool:
        if prop.name == "bucket" and isinstance(old, str) and isinstance(new, str):
            return old.removeprefix("b/") == new.removeprefix("b/")
        return super().means_same(prop, old, new)


def _find(policy: Json, role: str, condition: Any) -> Json | None:
    found: list[Json] = policy.get("bindings", [])
    return next((item for item in found if item["role"] == role and item.get("condition") == (condition or None)), None)


def _normal(member: str) -> str:
    """Google keeps emails in lower case."""
    kind, colon, rest = member.partition(":")
    return f"{kind}:{rest.lower()}" if colon and kind in ("user", "group", "serviceAccount", "domain") else member
