"""What ``gcp-tuning adopt`` says about objects that another stack manages, before ``pulumi up`` meets them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pulumi_gcp_tuning.errors import ApiError, NotFound

if TYPE_CHECKING:
    from pulumi_gcp_tuning.cli.import_file import Existing
    from pulumi_gcp_tuning.resources.core.lifecycle import Call
    from pulumi_gcp_tuning.resources.jobs.kind import DeclaredKind


def on_import(call: Call, kind: DeclaredKind, job: Mapping[str, Any], existing: Sequence[Existing]) -> list[str]:
    """A paragraph about the imported objects that have an owner: ``up`` fails until the imported entry claims them."""
    from pulumi_gcp_tuning.resources.core.claims import holder_in
    from pulumi_gcp_tuning.resources.registry import lifecycle_of

    owned: list[str] = []
    commands: list[str] = []
    for each in existing:
        frame = lifecycle_of(each.kind)
        if frame.traits.marks is None or frame.traits.shared:
            continue
        marks = frame.traits.marks(call, each.id, each.outputs)
        if marks is not None and (holder := holder_in(marks)):
            owned.append(f"{marks.name} belongs to {holder}.")
            commands.append(f"  gcp-tuning claim 'urn:pulumi:STACK::PROJECT::{each.token}::{each.name}'")
    if not owned:
        return _of_job(kind, job)
    advice = (
        "The preview does not show this, and `pulumi up` fails until your stack claims it. The other stack then no longer "
        "changes or deletes it. To take it over, run this after the import, with your stack and project:"
    )
    return ["\n".join([*owned, advice, *commands]), *_of_job(kind, job)]


def on_adoption(call: Call, kind: DeclaredKind, job: Mapping[str, Any]) -> list[str]:
    """A paragraph about the model of a job, if it has an owner: ``up`` takes it over."""
    from pulumi_gcp_tuning.resources.core.claims import holder_in, marks_in

    model = kind.made(job).get("model")
    try:
        marks = marks_in(call.google.vertex_of(model).get_model(model)) if model else None
    except NotFound:
        return [f"The model {model} no longer exists. Leave the TunedModel out: `up` would fail.", *_of_job(kind, job)]
    except ApiError:
        return _of_job(kind, job)
    holder = holder_in(marks) if marks else None
    if marks is None or holder is None or not marks.claim:  # until a TunedModel claims it, it has its job's identity
        return _of_job(kind, job)
    told = (
        f"{marks.name} belongs to {holder}.\n`pulumi up` takes it over: the other stack then no longer changes or deletes "
        "it, unless it runs `gcp-tuning claim`. To only use the model, leave the TunedModel out."
    )
    return [told, *_of_job(kind, job)]


def _of_job(kind: DeclaredKind, job: Mapping[str, Any]) -> list[str]:
    from pulumi_gcp_tuning.resources.core.labels import IDENTITY

    identity = (job.get("labels") or {}).get(IDENTITY)
    if not identity or not kind.state_of(job).is_adoptable:
        return []
    told = (
        f"{job['name']} is running, and a stack submitted it (label {IDENTITY}={identity}). A job has no claim: if it is "
        "in two stacks, a destroy of either one cancels it."
    )
    return [told]
