"""Recognises the job that a declaration describes. A job carries no claim, but its labels have the owner and the spec."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pulumi_gcp_tuning.names import identity_of
from pulumi_gcp_tuning.resources.core.holdings import Recognised
from pulumi_gcp_tuning.resources.core.labels import IDENTITY, SPEC
from pulumi_gcp_tuning.resources.core.lifecycle import is_known
from pulumi_gcp_tuning.resources.jobs.spec import hash_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pulumi_gcp_tuning.resources.jobs.kind import DeclaredKind


@dataclass(frozen=True, kw_only=True)
class RecognisedJob(Recognised):
    """How to recognise a job, and the kind of it that the resource declares."""

    kind: DeclaredKind


def recognised_by_labels(kind: DeclaredKind) -> RecognisedJob:
    """Recognises a job by identity, spec and place, or by the name in ``adopt``."""

    def declared(urn: str, inputs: Mapping[str, Any]) -> frozenset[str]:
        spec = kind.spec(inputs)
        if inputs.get("adopt") is not None:
            return frozenset({inputs["adopt"]} if is_known(inputs["adopt"]) else ())
        project, location = inputs.get("project"), inputs.get("location")
        if not isinstance(project, str) or not isinstance(location, str) or not is_known([spec, inputs.get("retry")]):
            return frozenset()
        return frozenset({_name(project, location, identity_of(urn, inputs.get("retry")), hash_of(spec))})

    def standing(id: str, outputs: Mapping[str, Any]) -> frozenset[str]:  # noqa: A002
        labels: Mapping[str, Any] = outputs.get("effectiveLabels") or {}
        if not labels.get(IDENTITY) or not labels.get(SPEC):
            return frozenset({id})
        place = kind.parse_name(id)
        return frozenset({id, _name(place.project, place.location, labels[IDENTITY], labels[SPEC])})

    return RecognisedJob(declared=declared, standing=standing, kind=kind)


def _name(project: str, location: str, identity: str, spec: str) -> str:
    """The names in the form of Google's, so that a project's number matches its id."""
    return f"projects/{project}/locations/{location}/{identity}/{spec}"
