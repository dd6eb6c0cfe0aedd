"""Which job a declaration amounts to, although a job carries no claim: its labels say whose it is and what it trains."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pulumi_gcp_tuning.names import identity_of
from pulumi_gcp_tuning.resources.core.holdings import Recognised
from pulumi_gcp_tuning.resources.core.labels import IDENTITY, SPEC
from pulumi_gcp_tuning.resources.core.lifecycle import Properties, is_known

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pulumi_gcp_tuning.resources.jobs.kind import DeclaredKind


def recognised_by_labels(kind: DeclaredKind) -> Recognised:
    """A job of identity, spec and place, or the one that ``adopt`` names."""

    def declared(urn: str, inputs: Properties) -> frozenset[str]:
        parts = [inputs.get(key) for key in ("project", "location")]
        spec = kind.spec(inputs)
        if inputs.get("adopt") is not None:
            return frozenset({inputs["adopt"]} if is_known(inputs["adopt"]) else ())
        if not all(isinstance(part, str) for part in parts) or not is_known([spec, inputs.get("retry")]):
            return frozenset()
        return frozenset({_name(*parts, identity_of(urn, inputs.get("retry")), kind.spec_hash(inputs))})

    def standing(id: str, outputs: Properties) -> frozenset[str]:  # noqa: A002
        labels: Mapping[str, Any] = outputs.get("effectiveLabels") or {}
        if not labels.get(IDENTITY) or not labels.get(SPEC):
            return frozenset({id})
        place = kind.parse_name(id)
        return frozenset({id, _name(place.project, place.location, labels[IDENTITY], labels[SPEC])})

    return Recognised(declared=declared, standing=standing)


def _name(project: Any, location: Any, identity: str, spec: str) -> str:
    """In the form of Google's names, so that the number of a project is taken for its id."""
    return f"projects/{project}/locations/{location}/{identity}/{spec}"
