"""What a merge deletes, keeps or leaves at Google."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from pulumi_gcp_tuning.grammar import counted
from pulumi_gcp_tuning.review.previews import Planned
from pulumi_gcp_tuning.review.report import Outcome, Removal

_KEEPS: Final = 2  # TunedModel's default of on_replace.keep_last
_DELETED: Final[Mapping[str, str]] = {
    "TuningDataset": "the object in the bucket, unless another dataset uses it",
    "TunedModel": "the model, its endpoints and checkpoints, and the earlier models that it kept",
    "GeminiApiTunedModel": "the model",
    "Endpoint": "the endpoint, with what is deployed on it",
    "ModelDeployment": "the deployment; the model stays",
}
_JOBS: Final = ("TuningJob", "PipelineTuningJob")


def removals_of(steps: Sequence[Planned]) -> tuple[Removal, ...]:
    """The removals of the steps, in their order. The record of a replaced job stays with Google and is not listed."""
    return tuple(found for step in steps if step.is_ours and (found := _removal(step)) is not None)


def _removal(step: Planned) -> Removal | None:
    replaced = step.op in ("replace", "create-replacement", "import-replacement")
    kind = step.named.type
    if step.op not in ("delete", "discard") and not (replaced and kind not in _JOBS):
        return None
    outcome, reason = _outcome(step, kind, replaced=replaced)
    return Removal(resource=step.named, id=step.id, outcome=outcome, reason=reason, replaced=replaced)


def _outcome(step: Planned, kind: str, *, replaced: bool) -> tuple[Outcome, str]:
    policy = step.old_inputs.get("deletionPolicy")
    if policy == "ABANDON":
        return "left behind", "its deletion_policy is ABANDON"
    if policy == "PREVENT":
        return "kept", "its deletion_policy is PREVENT, so `pulumi up` fails when it comes to the deletion"
    if step.protected:
        return "kept", "it is protected, so `pulumi up` fails"
    if kind in _JOBS:
        return "left behind", "Google keeps the record of a job; a job that still runs is cancelled"
    if kind == "TunedModel" and replaced:
        keep = _kept(step.old_inputs)
        if keep:
            return "kept", f"on_replace keeps the last {counted(keep, 'model')}; an older one is deleted"
        return "deleted", "on_replace keeps no earlier model"
    return "deleted", _DELETED.get(kind, "the object")


def _kept(inputs: Mapping[str, Any]) -> int:
    declared = inputs.get("onReplace")
    number = declared.get("keepLast") if isinstance(declared, Mapping) else None
    return int(number) if isinstance(number, int | float) else _KEEPS
