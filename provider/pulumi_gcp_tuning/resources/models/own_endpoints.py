"""Endpoints of our own: the id that one asks for, and the adoption of one that is there."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from pulumi_gcp_tuning.errors import ApiError, Refused
from pulumi_gcp_tuning.names import identity_of
from pulumi_gcp_tuning.resources.core import claims
from pulumi_gcp_tuning.resources.core.holdings import Holdings
from pulumi_gcp_tuning.resources.core.labels import CLAIM, IDENTITY, SPEC, effective_labels

if TYPE_CHECKING:
    from pulumi_gcp_tuning.resources.core.lifecycle import Call, Properties

UPDATE: Final = "aiplatform.endpoints.update"
"""The permission that adoption needs besides those of a create."""


def derived_id(identity: str, spec: str) -> str:
    """The endpoint id that a resource requests: ten digits without a leading zero. The same each time, so that it is adopted."""
    number = int(hashlib.sha256(f"{identity}/{spec}".encode()).hexdigest(), 16)
    return str(10**9 + number % (9 * 10**9))


def adopt(call: Call, name: str, ours: Mapping[str, str], urn: str) -> Properties:
    """The existing endpoint, with the labels in ``ours``. Raises NotFound if there is none.

    Raises Refused if it has another spec, or an identity that the resource with this URN has and had not.
    """
    own = {ours[IDENTITY], *map(identity_of, call.run.of(Holdings).urns_before_rename(urn))}
    vertex, seen = call.google.vertex_of(name), list[str | None]()

    def body_of(live: Mapping[str, Any]) -> Properties:
        labels = effective_labels(live)
        if labels.get(IDENTITY) not in own or labels.get(SPEC) != ours[SPEC]:
            raise Refused(
                f"The endpoint {name} already exists and does not have this resource's label ({IDENTITY}={ours[IDENTITY]}).\n"
                "Another resource owns it. Delete it, or declare this endpoint under another name."
            )
        seen.append(labels.get(CLAIM))
        return {} if labels.get(CLAIM) == ours[CLAIM] else {"labels": {**labels, **ours}}

    live = claims.write_under_etag(
        lambda: vertex.get_endpoint(name),
        body_of,
        lambda body, mask: vertex.patch_endpoint(name, body, mask),
        f"The endpoint {name}",
        adopts_by=UPDATE,
    )
    claims.tell_adoption(call, f"The endpoint {name}", seen[-1], str(claims.token_in(ours[CLAIM])))
    call.report(f"adopted {name}")
    return live


def find_name(call: Call, parent: str, urn: str, spec: str) -> str:
    """The name of the endpoint that a create adopts or makes.

    That of a resource whose stack was renamed is the earlier one, if there is such an endpoint and no current entry has it.
    """
    holdings = call.run.of(Holdings)
    for each in holdings.urns_before_rename(urn):
        name = f"{parent}/endpoints/{derived_id(identity_of(each), spec)}"
        with suppress(ApiError):
            if not holdings.names(name) and call.google.vertex_of(name).get_endpoint(name):
                return name
    return f"{parent}/endpoints/{derived_id(identity_of(urn), spec)}"
