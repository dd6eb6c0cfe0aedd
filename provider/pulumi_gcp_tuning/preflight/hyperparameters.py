"""Checks of hyperparameters against the base model.

A range is enforced only if Google's own pages or answers state it. A value that no model can use (zero epochs, a
learning rate that is not a number) is refused as our policy.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from difflib import get_close_matches
from typing import Any, Final

from pulumi_gcp_tuning.catalog import Catalogue, Method, ModelRow, NumberRule, shipped
from pulumi_gcp_tuning.errors import Evidence, Finding, Severity
from pulumi_gcp_tuning.names import ADAPTER_SIZES
from pulumi_gcp_tuning.preflight.rule import Rule
from pulumi_gcp_tuning.wording import Property, PropertyPath, Remedy, advise, joined, words

PATH: Final = ("supervised_tuning_spec", "hyper_parameters")
_SIZES: Final = {name: size for size, name in ADAPTER_SIZES.items()}
_WHOLE: Final = ("epoch_count", "batch_size", "train_steps", "evaluation_interval")
_PARAMETERS: Final = ("epoch_count", "adapter_size", "learning_rate_multiplier", "learning_rate", "batch_size", "beta")
_RULES: Final = {"epoch_count": "epochs"}
_OWNERS: Final = {
    "learning_rate": words("a learning rate is for open models; {learning_rate_multiplier} scales the recommended one"),
    "batch_size": words("Google chooses the batch size of its own models; only open models take one"),
    "learning_rate_multiplier": words("the multiplier is for Google's own models; set {learning_rate}"),
    "train_steps": words("{epoch_count} sets the length of a tuning job"),
    "evaluation_interval": words("an interval is for pipelines with an evaluation set"),
    "epoch_count": words("{train_steps} sets the length of a pipeline tuning"),
    "beta": words("{beta} is for preference tuning"),
}

PARAMETER: Final = Rule(
    check="hyperparameters",
    name="parameter exists",
    refuses="an unknown hyperparameter (with the nearest match)",
    why="Google's discovery document lists them.",
    evidence="discovery",
)
SIZE: Final = Rule(
    check="hyperparameters",
    name="adapter size exists",
    refuses="an adapter size other than 1, 2, 4, 8, 16 and 32",
    why="Google's discovery document lists them.",
    evidence="discovery",
)
SIZE_OFFERED: Final = Rule(
    check="hyperparameters",
    name="adapter size of the model",
    refuses="an adapter size that the model does not offer (with those that it does)",
    why='Google answers 400: "The adapter size is not supported for this base model." What the catalogue only assumes '
    "is a warning.",
    evidence="thread",
)
SIZE_UNUSED: Final = Rule(
    check="hyperparameters",
    name="adapter size under full tuning",
    refuses="nothing: it warns of an adapter size with tuning_mode FULL",
    why="Full tuning has no adapter; what Google does with the size is not known.",
    evidence="assumed",
    severity="warn",
)
TAKEN: Final = Rule(
    check="hyperparameters",
    name="parameter of the model",
    refuses="a parameter that the model does not take: a batch size or learning rate on Google's own models, a "
    "multiplier on open models, beta outside preference tuning",
    why="Google's discovery document says which models each is for.",
    evidence="discovery",
)
ONE_RATE: Final = Rule(
    check="hyperparameters",
    name="one learning rate",
    refuses="learning_rate together with learning_rate_multiplier",
    why="Google's discovery document.",
    evidence="discovery",
)
NUMBER: Final = Rule(
    check="hyperparameters",
    name="numbers that a model can use",
    refuses=(
        "a value that is not a number, zero or negative epochs, steps and rates, and fractions of an epoch, "
        "step or batch"
    ),
    why="No model can use them.",
    evidence="policy",
)
RANGE: Final = Rule(
    check="hyperparameters",
    name="range of the model",
    refuses="values outside an established range",
    why="The catalogue's row of the model names its source; a bound that is not established refuses nothing, and one "
    "that is only assumed warns.",
    evidence="thread",
)
OF_PIPELINES: Final = Rule(
    check="hyperparameters",
    name="parameters of a pipeline",
    refuses="epochs, adapter size, batch size and learning rate of a pipeline, and an enable_checkpoint_selection other "
    'than "true", "false" and "default"',
    why="Seed 002: a pipeline counts steps (epochs are steps x batch size / examples).",
    evidence="seed",
)
EVALUATION: Final = Rule(
    check="hyperparameters",
    name="evaluation of a pipeline",
    refuses="evaluation_interval or early stopping without an evaluation set; any of the three, also switched off, on a chat model",
    why="Seed 002; its template for chat models has none of them, and vertexai 1.75 refuses them.",
    evidence="seed",
)
BEST_CHECKPOINT: Final = Rule(
    check="hyperparameters",
    name="best checkpoint of a pipeline",
    refuses='enable_checkpoint_selection "true" without an evaluation set; any on a chat model',
    why="The best checkpoint is chosen by evaluation; vertexai 1.75 refuses it for a chat model.",
    evidence="policy",
)
INTERVAL: Final = Rule(
    check="hyperparameters",
    name="interval within the steps",
    refuses="nothing: it warns of an evaluation_interval longer than the training",
    why="Nothing would be evaluated: in seed 002 a metric gets one point per interval.",
    evidence="policy",
    severity="warn",
)
RULES: Final = (
    PARAMETER,
    SIZE,
    SIZE_OFFERED,
    SIZE_UNUSED,
    TAKEN,
    ONE_RATE,
    NUMBER,
    RANGE,
    OF_PIPELINES,
    EVALUATION,
    BEST_CHECKPOINT,
    INTERVAL,
)


def check_hyperparameters(
    parameters: Mapping[str, Any] | None,
    base_model: str | None,
    *,
    method: Method = "SUPERVISED",
    path: PropertyPath = PATH,
    catalogue: Catalogue | None = None,
) -> list[Finding]:
    """Checks each hyperparameter of a tuning job (Python spelling, None is unset or unknown) and their combinations."""
    given = {name: value for name, value in (parameters or {}).items() if value is not None}
    row = _row(base_model, catalogue)
    findings = [_stranger(name, path) for name in given if name not in _PARAMETERS]
    findings += check_adapter_size(
        given.get("adapter_size"), base_model, method=method, path=(*path, "adapter_size"), catalogue=catalogue
    )
    for name in _PARAMETERS:
        if name in given and name != "adapter_size":
            findings += _number(name, given[name], row, method, (*path, name))
    return findings + _either_rate(given, row, path)


def check_adapter_size(
    adapter_size: object,
    base_model: str | None,
    *,
    method: Method = "SUPERVISED",
    path: PropertyPath = (*PATH, "adapter_size"),
    catalogue: Catalogue | None = None,
) -> list[Finding]:
    """The size exists and the model offers it; it is Google's name of the size, or the number."""
    if adapter_size is None:
        return []
    size = _size(adapter_size)
    if size is None:
        remedy = advise("set a property", "Sizes are {sizes}.", sizes=", ".join(map(str, _SIZES.values())))
        return [SIZE.finding(path, f"{_shown(adapter_size)} is not an adapter size.", remedy)]
    row = _row(base_model, catalogue)
    if row is None or not row.is_tunable:
        return []
    if method == "FULL" and row.product == "OPEN":
        remedy = advise("remove a property", "Leave {adapter_size} out, or tune an adapter (PEFT_ADAPTER).")
        problem = "Full tuning trains the whole model; it has no adapter."
        return [SIZE_UNUSED.finding(path, problem, remedy)]
    if size in row.adapter_sizes:
        return []
    problem = f"{row.id} does not offer adapter size {size}."
    offered = ", ".join(map(str, row.adapter_sizes))
    none = advise("remove a property", "It has no adapter sizes; leave {adapter_size} out.")
    remedy = advise("set a property", "It offers {sizes}.", sizes=offered) if offered else none
    severity: Severity = "error" if row.sure_of("adapter_sizes") else "warn"
    return [SIZE_OFFERED.finding(path, problem, remedy, severity=severity, evidence=row.evidence_for("adapter_sizes"))]


def check_pipeline_parameters(
    parameters: Mapping[str, Any] | None,
    base_model: str | None,
    *,
    unknown: Collection[str] = (),
    path: PropertyPath = (),
    catalogue: Catalogue | None = None,
) -> list[Finding]:
    """Parameters of a bison pipeline: steps, multiplier, and those of the evaluation, which need an evaluation set.

    Keys are those of the pipeline (``train_steps``, ``evaluation_data_uri``, ``enable_early_stopping`` ...); keys of
    other checks are ignored. ``unknown`` names parameters that are set but not known yet; they are not checked.
    """
    given = {name: value for name, value in (parameters or {}).items() if value is not None and name not in unknown}
    row = _row(base_model, catalogue)
    findings: list[Finding] = []
    for name in ("train_steps", "learning_rate_multiplier", "evaluation_interval"):
        if name in given:
            # the interval of a chat model is refused below, with the other parameters of evaluation
            rules = row if row is not None and row.product == "PIPELINE" and name != "evaluation_interval" else None
            findings += _number(name, given[name], rules, "PIPELINE", (*path, name))
    findings += _selection(given.get("enable_checkpoint_selection"), path)
    if row is not None and row.product != "PIPELINE":
        return findings
    findings += _without_evaluation(given, row, path, evaluated="evaluation_data_uri" in {*given, *unknown})
    if "train_steps" not in unknown:
        findings += _interval_in_steps(given, row, path)
    return findings


def check_gemini_api_parameters(
    parameters: Mapping[str, Any] | None,
    base_model: str | None,
    *,
    path: PropertyPath = ("hyperparameters",),
    catalogue: Catalogue | None = None,
) -> list[Finding]:
    """Parameters of the Gemini API's tuning: epochs, batch size, and a learning rate or a multiplier, not both."""
    row = _row(base_model, catalogue)
    if row is None or row.product != "GEMINI_API":
        row = _row("models/gemini-1.5-flash-001-tuning", catalogue)
    model = row.id if row else None
    return check_hyperparameters(parameters, model, method="GEMINI_API", path=path, catalogue=catalogue)


def _number(name: str, value: Any, row: ModelRow | None, method: Method, path: PropertyPath) -> list[Finding]:
    named, shown = Property((name,)), _shown(value)
    if _as_number(value) is None:
        problem = words("{name} is {shown}, which is not a number.", name=named, shown=shown)
        return [NUMBER.finding(path, problem, advise("set a property", "Use a number, or leave it out."))]
    if name in _WHOLE and value != int(value):
        problem = words("{name} is {shown}, which is not a whole number.", name=named, shown=shown)
        whole = _shown(max(1, round(value)))
        return [NUMBER.finding(path, problem, advise("set a property", "Use {whole}, or leave it out.", whole=whole))]
    if name == "beta" and method != "PREFERENCE":
        problem = words("{beta} is not a parameter of {what}: {why}.", what=_what(row), why=_OWNERS[name])
        return [TAKEN.finding(path, problem, advise("remove a property", "Leave it out."))]
    if value <= 0:
        least = "at least 1" if name in _WHOLE else "more than 0"
        remedy = advise("set a property", "Use {least}, or leave it out for Google's default.", least=least)
        problem = words("{name} is {shown}; it must be above 0.", name=named, shown=shown)
        return [NUMBER.finding(path, problem, remedy)]
    if row is None or not row.is_tunable or name == "beta":
        return []
    rule: NumberRule | None = getattr(row, _RULES.get(name, name))
    if rule is None:
        problem = words("{model} does not take {name}: {why}.", model=row.id, name=named, why=_OWNERS[name])
        rule_of = OF_PIPELINES if row.product == "PIPELINE" else TAKEN
        return [rule_of.finding(path, problem, _leave_out(name))]
    return _outside(name, value, rule, row, path)


def _outside(name: str, value: float, rule: NumberRule, row: ModelRow, path: PropertyPath) -> list[Finding]:
    low, high = rule.minimum, rule.maximum
    if (low is None or value >= low) and (high is None or value <= high):
        return []
    known: Evidence = rule.evidence
    limits = [f"at least {low:g}" if low is not None else "", f"at most {high:g}" if high is not None else ""]
    named, shown = Property((name,)), _shown(value)
    problem = words("{name} is {shown}, outside what {model} takes.", name=named, shown=shown, model=row.id)
    remedy = advise("set a property", "Use {limits}.", limits=" and ".join(text for text in limits if text))
    return [RANGE.finding(path, problem, remedy, severity="warn" if known == "assumed" else "error", evidence=known)]


def _either_rate(given: Mapping[str, Any], row: ModelRow | None, path: PropertyPath) -> list[Finding]:
    if "learning_rate" not in given or "learning_rate_multiplier" not in given:
        return []
    problem = words("{learning_rate} and {learning_rate_multiplier} cannot be set together.")
    keep = "learning_rate" if row is not None and row.learning_rate is not None else "learning_rate_multiplier"
    drop = "learning_rate_multiplier" if keep == "learning_rate" else "learning_rate"
    rates = {"drop": Property((drop,)), "keep": Property((keep,))}
    remedy = advise("remove a property", "Leave {drop} out and keep {keep}.", **rates)
    return [ONE_RATE.finding((*path, drop), problem, remedy)]


def _without_evaluation(
    given: Mapping[str, Any], row: ModelRow | None, path: PropertyPath, *, evaluated: bool
) -> list[Finding]:
    chat = row is not None and row.chat
    if evaluated and not chat:
        return []
    whose = f"{row.id} is a chat model" if row is not None else ""
    findings: list[Finding] = []
    if chat and evaluated:
        problem = f"{whose}; evaluation is not offered for it."
        name = "evaluation_data_uri"
        findings.append(EVALUATION.finding((*path, name), problem, _leave_out(name)))
    for name in ("evaluation_interval", "enable_early_stopping", "enable_checkpoint_selection"):
        always = chat or name == "evaluation_interval"
        if name not in given or not (always or _is_true(given[name])):
            continue
        # The page excludes the first two by name; the best checkpoint is chosen by evaluation.
        rule = BEST_CHECKPOINT if name == "enable_checkpoint_selection" else EVALUATION
        named = Property((name,))
        off = "Leave {name} out." if always else "Set {name} to false, or leave it out."
        lacks = (
            "{whose}: {name} needs evaluation, which it does not offer." if chat else "{name} needs an evaluation set."
        )
        leave = words(off, name=named)
        give = advise("set a property", "Set {evaluation_data_uri} (10 to 250 examples). {leave}", leave=leave)
        remedy = Remedy("remove a property", leave) if chat else give
        findings.append(rule.finding((*path, name), words(lacks, whose=whose, name=named), remedy))
    return findings


def _interval_in_steps(given: Mapping[str, Any], row: ModelRow | None, path: PropertyPath) -> list[Finding]:
    interval = _as_number(given.get("evaluation_interval"))
    default = row.train_steps.default if row is not None and row.train_steps is not None else None
    steps = _as_number(given.get("train_steps", default))
    if interval is None or steps is None or not 0 < steps < interval:
        return []
    shown = _shown(int(steps))
    too_long = "{evaluation_interval} is {interval}, but there are only {steps} steps: nothing would be evaluated."
    problem = words(too_long, interval=_shown(interval), steps=shown)
    way_out = "Use an interval of at most {steps}; a metric gets one point per interval."
    return [INTERVAL.finding((*path, "evaluation_interval"), problem, advise("set a property", way_out, steps=shown))]


def _selection(value: Any, path: PropertyPath) -> list[Finding]:
    if value is None or isinstance(value, bool) or value in ("true", "false", "default"):
        return []
    problem = words("{enable_checkpoint_selection} is {shown}.", shown=_shown(value))
    remedy = advise("set a property", 'Use "true", "false" or "default".')
    return [OF_PIPELINES.finding((*path, "enable_checkpoint_selection"), problem, remedy)]


def _stranger(name: str, path: PropertyPath) -> Finding:
    named = Property((str(name),))
    close = get_close_matches(str(name), _PARAMETERS, n=1)
    there = Property((close[0],)) if close else joined(", ", [Property((each,)) for each in _PARAMETERS])
    hint = advise("set a property", "Did you mean {there}?" if close else "There are {there}.", there=there)
    owner = words(" ({why})", why=_OWNERS[name]) if name in _OWNERS else ""
    problem = words("{name} is not a hyperparameter{owner}.", name=named, owner=owner)
    return PARAMETER.finding((*path, *named.path), problem, hint)


def _leave_out(name: str) -> Remedy:
    return advise("remove a property", "Leave {name} out.", name=Property((name,)))


def _size(value: object) -> int | None:
    if isinstance(value, str):
        return _SIZES.get(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or value not in _SIZES.values():
        return None
    return int(value)


def _row(base_model: str | None, catalogue: Catalogue | None) -> ModelRow | None:
    return (catalogue or shipped()).find_model(base_model) if base_model else None


def _what(row: ModelRow | None) -> str:
    return f"the tuning of {row.id}" if row is not None else "this tuning"


def _as_number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return value if math.isfinite(value) else None
    except OverflowError:  # an int too large for a float is finite
        return value


def _shown(value: Any) -> str:
    """A value for a message: shortened, and never an exception."""
    try:
        text = repr(value)
    except ValueError:  # an int with more digits than Python prints
        return "a number of thousands of digits"
    return text if len(text) <= 60 else f"{text[:57]}..."


def _is_true(value: Any) -> bool:
    return value is True or (isinstance(value, str) and value.strip().lower() == "true")
