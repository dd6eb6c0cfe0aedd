"""Checks of continuous tuning: what a job starts from, and its parent model."""

from __future__ import annotations

from typing import Final

from pulumi_gcp_tuning.errors import Finding
from pulumi_gcp_tuning.names import MalformedName, ModelName
from pulumi_gcp_tuning.preflight import cmek, location, places
from pulumi_gcp_tuning.preflight.existing import MODEL_EXISTS
from pulumi_gcp_tuning.preflight.facts import Fact, Known, Missing, TunedParent
from pulumi_gcp_tuning.preflight.rule import Rule
from pulumi_gcp_tuning.preflight.spelling import NAME, PROPERTY
from pulumi_gcp_tuning.wording import PropertyPath, advise, like, words

PARENT: Final[PropertyPath] = ("pre_tuned_model", "tuned_model_name")
_GONE: Final = (
    "Check the name and its version, or give the output of a TunedModel. If it is one already, that model was deleted: "
    "run `pulumi refresh`, then `pulumi up`."
)
CHECKPOINT: Final = Rule(
    check="existence",
    name="checkpoint of the parent exists",
    refuses="continuous tuning from a checkpoint that the parent model does not have",
    why="The model lists its checkpoints.",
    evidence="discovery",
    facts=("parent model",),
)
RULES: Final = (CHECKPOINT, MODEL_EXISTS, places.PARENT, location.PARENT_PLACE, cmek.SAME_KEY)


def check_start(base_model: object, pre_tuned_model: object) -> list[Finding]:
    """A job starts from a base model or from a tuned one: exactly one of the two properties is set."""
    if base_model is not None and pre_tuned_model is not None:
        remedy = advise("remove a property", "Remove {base_model}: it follows from the tuned model.")
        return [
            PROPERTY.finding(("base_model",), words("{base_model} and {pre_tuned_model} exclude each other."), remedy)
        ]
    if base_model is None and pre_tuned_model is None:
        way_out = "Set {base_model} of the TuningJob, or {pre_tuned_model} to train on from a tuned model."
        return [PROPERTY.finding(("base_model",), "It is required but not set.", advise("set a property", way_out))]
    return []


def check_parent_name(name: str | None) -> list[Finding]:
    """The full name of a model in the registry."""
    if name is None:
        return []
    try:
        ModelName.parse(name)
    except MalformedName as error:
        if "/" not in name:
            problem = f"{name!r} is not the name of a tuned model."
            way_out = (
                "It looks like this: {example}. For a model of Google, set {base_model} in place of {pre_tuned_model}."
            )
            remedy = advise("set a property", way_out, example=f"{error.example}@1")
            return [NAME.finding(PARENT, problem, remedy)]
        return [NAME.finding(PARENT, f"{error.text!r} cannot be read: {error.reason}.", like(f"{error.example}@1"))]
    return []


def check_parent(
    name: str,
    parent: Fact[TunedParent | None],
    checkpoint: str | None,
    region: str | None,
    result_location: str | None,
    *,
    key_name: str | None,
    key_known: bool,
) -> list[Finding]:
    """The parent exists where the job can reach it, has the checkpoint and the key, and is recent enough."""
    # where the results will be is known only with the base model
    findings = location.check_parent_place(name, region, result_location) if result_location else []
    if isinstance(parent, Missing):
        return [*findings, MODEL_EXISTS.not_judged(PARENT, parent)]
    if not isinstance(parent, Known):
        return findings
    if parent.value is None:
        remedy = advise("set a property", _GONE)
        return [*findings, MODEL_EXISTS.finding(PARENT, f"There is no model {name}.", remedy)]
    model = parent.value
    findings += places.check_pre_tuned_model(model.tuned_on)
    findings += cmek.check_same_key(key_name, parent, key_known=key_known)
    if checkpoint is not None and checkpoint not in model.checkpoints:
        path = ("pre_tuned_model", "checkpoint_id")
        has = "It has {offered}." if model.checkpoints else "It has none: remove {pre_tuned_model.checkpoint_id}."
        remedy = advise("set a property", has, offered=", ".join(model.checkpoints))
        findings.append(CHECKPOINT.finding(path, f"The model {name} has no checkpoint {checkpoint!r}.", remedy))
    return findings
