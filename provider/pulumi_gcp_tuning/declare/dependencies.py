"""Which inputs name a thing that the program itself makes: it need not exist yet when preview looks for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import pulumi

THINGS: Final = ("bucket", "encryptionSpec", "kmsKeyName", "project", "serviceAccount", "supervisedTuningSpec")
"""The inputs that name something whose existence is checked."""

_SERVICE: Final = "gcp:projects/service:Service"


async def from_resources(props: Mapping[str, Any], opts: pulumi.ResourceOptions) -> list[str] | None:
    """Those of :data:`THINGS` whose value comes from a resource of this program, sorted; None where there are none.

    ``services`` is among them where the resource depends on an API that the program enables.
    """
    found = {key for key in THINGS if props.get(key) is not None and await _is_made_here(props[key])}
    if any(each.pulumi_resource_type == _SERVICE for each in await _resources_in(opts.depends_on)):
        found.add("services")
    return sorted(found) or None


async def _is_made_here(value: object) -> bool:
    resources = await pulumi.Output.from_input(value).resources()
    return any(not isinstance(each, pulumi.StackReference) for each in resources)


async def _resources_in(depends_on: object) -> list[pulumi.Resource]:
    if depends_on is None:
        return []
    if isinstance(depends_on, pulumi.Resource):
        return [depends_on]
    if isinstance(depends_on, Sequence):
        return [resource for each in depends_on for resource in await _resources_in(each)]
    return await _resources_in(await pulumi.Output.from_input(depends_on).future())
