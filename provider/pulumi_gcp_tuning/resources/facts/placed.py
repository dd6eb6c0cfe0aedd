"""What Google is asked about a resource with a project, a location and maybe a key: APIs, permissions, policies, the key."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Protocol

from pulumi_gcp_tuning.preflight import cmek, identity, organization
from pulumi_gcp_tuning.preflight.facts import NOT_ASKED
from pulumi_gcp_tuning.preflight.rule import Rules
from pulumi_gcp_tuning.resources.core.declared import checks_on, softened
from pulumi_gcp_tuning.resources.core.inputs import EncryptionSpec, known
from pulumi_gcp_tuning.resources.facts import surroundings
from pulumi_gcp_tuning.resources.facts.grants import check_grants, fetch_grants, key_is_known, key_name_of

if TYPE_CHECKING:
    from pulumi_gcp_tuning.errors import Finding
    from pulumi_gcp_tuning.resources.core.lifecycle import Call
    from pulumi_gcp_tuning.resources.core.told import Made

RULES: Final[Rules] = (
    cmek.EXISTS,
    cmek.USABLE,
    cmek.GRANT,
    identity.API,
    identity.PERMISSION,
    identity.ORG_PLACE,
    identity.ORG_KEY,
)


class PlacedArgs(Protocol):
    """The arguments of such a resource: the mixins ``Placed`` and ``Keyed``, and ``CommonArgs``."""

    project: str | None
    location: str | None
    encryption_spec: EncryptionSpec | None
    checks: dict[str, str] | None


def check_with_google(
    call: Call, args: PlacedArgs, made: Made, key_name: str | None, permissions: tuple[str, ...]
) -> list[Finding]:
    """The findings of the ``RULES``. ``key_name`` is the key to ask about; ``permissions`` are those on the project."""
    project, place = known(args.project), known(args.location)
    on = checks_on(call.settings, known(args.checks))
    asks_for_key = key_name_of(args.encryption_spec) is not None or not key_is_known(args.encryption_spec)
    ask: dict[str, Callable[[], Any]] = {}
    if project is not None and not made.surely("project") and "identity" in on:
        if not made.surely("services"):
            ask["apis"] = partial(surroundings.fetch_apis, call, project)
        ask["permissions"] = partial(surroundings.fetch_permissions, call, project, permissions)
        ask["org_location"] = partial(surroundings.fetch_org_policy, call, project, "gcp.resourceLocations")
        if not asks_for_key:
            ask["org_key"] = partial(surroundings.fetch_org_policy, call, project, "gcp.restrictNonCmekServices")
    if key_name is not None and "cmek" in on:
        ask["key"] = partial(surroundings.fetch_key, call, key_name, being_made=made.maybe("encryptionSpec"))
        if project is not None:
            ask["grants"] = partial(fetch_grants, call, project, key_name)
    found = surroundings.fetch_together(ask)
    findings: list[Finding] = []
    if project is not None:
        of_apis = identity.check_apis(found.get("apis", NOT_ASKED), project)
        findings += softened(of_apis) if made.maybe("services") else of_apis
        findings += identity.check_caller(found.get("permissions", NOT_ASKED), f"project {project}")
    policies = organization.said_once({name: found.get(name, NOT_ASKED) for name in ("org_location", "org_key")})
    findings += identity.check_org_location(policies["org_location"], place)
    findings += identity.check_org_key(policies.get("org_key", NOT_ASKED), None, key_known=not asks_for_key)
    findings += cmek.check_key(key_name, found.get("key", NOT_ASKED))
    return findings + check_grants(key_name, found.get("key", NOT_ASKED), found.get("grants"))
