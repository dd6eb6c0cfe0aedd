"""Endpoints of our own: the id that one asks for, and the adoption of one that is there."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from pulumi_gcp_tuning.errors import ApiError
from pulumi_gcp_tuning.names import Urn, identity_of
from pulumi_gcp_tuning.resources.core import claims
from pulumi_gcp_tuning.resources.core.holdings import Holdings

if TYPE_CHECKING:
    from pulumi_gcp_tuning.resources.core.lifecycle import Call, Properties

UPDATE: Final = "aiplatform.endpoints.update"
"""The permission that adoption needs besides those of a create."""


def derived_id(identity: str, spec: str) -> str:
    """The endpoint id that a resource requests: ten digits without a leading zero. The same each time, so that it is adopted."""
    number = int(hashlib.sha256(f"{identity}/{spec}".encode()).hexdigest(), 16)
    return str(10**9 + number % (9 * 10**9))


def adopt(call: Call, name: str, ours: Mapping[str, str], urn: str, lost: ApiError) -> Properties:
    """The existing endpoint, see ``claims.adopt``; it may have the identity from before the stack was renamed."""
    earlier = {identity_of(each) for each in call.run.of(Holdings).urns_before_rename(urn)}
    vertex = call.google.vertex_of(name)
    return claims.adopt(
        call, "endpoint", name, ours, lost, vertex.get_endpoint, vertex.patch_endpoint, UPDATE, earlier=earlier
    )


def find_name(call: Call, parent: str, urn: str, spec: str) -> str:
    """The name of the endpoint that a create adopts or makes.

    That of a resource whose stack was renamed is the earlier one, if there is such an endpoint and no current entry has it.
    """

    def name_of(of: Urn | str) -> str:
        return f"{parent}/endpoints/{derived_id(identity_of(of), spec)}"

    for name in call.run.of(Holdings).free_names_before_rename(urn, name_of):
        with suppress(ApiError):
            call.google.vertex_of(name).get_endpoint(name)
            return name
    return name_of(urn)
