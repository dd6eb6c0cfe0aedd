"""What a merge deletes, keeps or leaves at Google."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any, Final

from pulumi_gcp_tuning.grammar import counted
from pulumi_gcp_tuning.review.previews import DELETES_REPLACED, Planned, package_of
from pulumi_gcp_tuning.review.report import Outcome, Removal

_DELETED: Final[Mapping[str, str]] = {
    "TuningDataset": "the object in the bucket, unless another dataset uses it",
    "TunedModel": "the model, its endpoints and checkpoints, and the earlier models that it kept",
    "GeminiApiTunedModel": "the model",
    "Endpoint": "the endpoint, with what is deployed on it",
    "ModelDeployment": "the deployment; the model stays",
}
_JOBS: Final = ("TuningJob", "PipelineTuningJob")


def removals_of(steps: Sequence[Planned]) -> tuple[Removal, ...]:
    """The removals of the steps, in their order, also of other packages.

    The record of a replaced job stays with Google and is not listed.
    """
    return tuple(found for step in steps if (found := _removal(step)) is not None)


def pending_deletions(steps: Sequence[Planned]) -> tuple[Planned, ...]:
    """The steps that delete what an earlier, interrupted run replaced. The record of a job stays, so it is left out.

    The old half of a replacement of this preview has the same operation, so ids tell the two apart. Another package may
    delete by a name that the new object has too, so there only a replacement of the same resource does.
    """
    replaced = {step.urn for step in steps if step.is_replacement}
    uses = {(step.named.type, step.id) for step in steps if step.op not in (DELETES_REPLACED, "delete")}
    return tuple(
        step
        for step in steps
        if step.op == DELETES_REPLACED
        and (
            step.urn not in replaced
            if step.is_of_others
            else step.named.type not in _JOBS and (step.named.type, step.id) not in uses
        )
    )


def _removal(step: Planned) -> Removal | None:
    if not (step.is_ours or step.is_of_others):
        return None
    is_job, is_pending = step.is_ours and step.named.type in _JOBS, step.op == DELETES_REPLACED
    goes = step.op in ("delete", DELETES_REPLACED) or (step.op == "discard" and step.is_ours)
    if not goes and not (step.is_replacement and not is_job):
        return None
    outcome, reason = _outcome(step, replaced=step.is_replacement or is_pending)
    if is_pending:
        reason = f"an earlier run replaced it and did not come to its deletion; {reason}"
    return Removal(resource=step.named, id=step.id, outcome=outcome, reason=reason, replaced=step.is_replacement)


def _outcome(step: Planned, *, replaced: bool) -> tuple[Outcome, str]:
    kind, policy = step.named.type, step.old_inputs.get("deletionPolicy")
    if step.op == "discard":
        return "left behind", "the program only read it"
    if step.protected:
        return "kept", "it is protected, so `pulumi up` fails"
    if step.retained:
        where = "at Google" if step.is_ours else "where it is"
        return "left behind", f"its resource option retain_on_delete keeps it {where}"
    if step.is_of_others:
        return "deleted", f"the package {package_of(step.urn)} deletes it"
    if policy == "ABANDON":
        return "left behind", "its deletion_policy is ABANDON"
    if policy == "PREVENT":
        return "kept", "its deletion_policy is PREVENT, so `pulumi up` fails when it comes to the deletion"
    if kind in _JOBS:
        return "left behind", "Google keeps the record of a job; a job that still runs is cancelled"
    if kind == "TunedModel" and replaced:
        keep = _kept(step.old_inputs)
        if keep:
            return "kept", f"on_replace keeps the last {counted(keep, 'model')}; an older one is deleted"
        return "deleted", "on_replace keeps no earlier model"
    return "deleted", _DELETED.get(kind, "the object")


def what_stays(step: Planned) -> str:
    """What becomes of the model of a TunedModel that is replaced: ``stays (keep_last 2)``, as preview says it."""
    from pulumi_gcp_tuning.resources.models.retention import fate_of

    policy = step.old_inputs.get("deletionPolicy")
    return fate_of({"deletionPolicy": policy or "DELETE", "onReplace": {"keepLast": _kept(step.old_inputs)}})


def _kept(inputs: Mapping[str, Any]) -> int:
    from pulumi_gcp_tuning.resources.models.retention import KEEP_LAST

    declared = inputs.get("onReplace")
    number = declared.get("keepLast") if isinstance(declared, Mapping) else None
    return int(number) if isinstance(number, int | float) and isfinite(number) else KEEP_LAST


def stops_up(step: Planned) -> bool:
    """Whether `pulumi up` fails because it may not delete what this step removes, also after a replacement."""
    removal = _removal(step)
    if removal is None or removal.outcome != "kept":
        return False
    return step.protected or step.old_inputs.get("deletionPolicy") == "PREVENT"
