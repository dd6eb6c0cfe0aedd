"""Checks of the evaluation that may follow a supervised tuning."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from pulumi_gcp_tuning.errors import Finding
from pulumi_gcp_tuning.grammar import snake
from pulumi_gcp_tuning.preflight.rule import Rule
from pulumi_gcp_tuning.preflight.spelling import PROPERTY, check_gs_uri
from pulumi_gcp_tuning.wording import Property, PropertyPath, advise, like, words

EVALUATION: Final[PropertyPath] = ("supervised_tuning_spec", "evaluation_config")
METRICS: Final[PropertyPath] = (*EVALUATION, "metrics")
OUTPUT: Final[PropertyPath] = (*EVALUATION, "output_config", "gcs_destination", "output_uri_prefix")
ONLY_REGION: Final = "us-central1"
REGION: Final = Rule(
    check="region",
    name="evaluation in region",
    refuses=f"an evaluation in a region other than {ONLY_REGION}",
    why="Google's page on supervised tuning (Preview).",
    evidence="docs",
)
METRIC: Final = Rule(
    check="schema",
    name="metrics of an evaluation",
    refuses="an evaluation without metrics, a metric that Google or its Python client does not have or that names none, "
    "several in one, a type of ROUGE that there is not, a judge without a prompt",
    why="Google's discovery document.",
    evidence="discovery",
)
TEXT: Final = Rule(
    check="dataset",
    name="evaluation of text",
    refuses="an evaluation of a dataset with images, audio, video or documents",
    why="A user's job failed with code 3 for that.",
    evidence="thread",
)
HELD_OUT: Final = Rule(
    check="dataset",
    name="evaluation on a validation set",
    refuses="nothing: it warns of an evaluation without a validation set",
    why="What Google evaluates on without one is not known.",
    evidence="assumed",
    severity="warn",
)
JUDGED: Final = Rule(
    check="schema",
    name="judge of an evaluation",
    refuses="nothing: it warns of a judge that is not named in full, as a model of a publisher or an endpoint",
    why="Google's discovery document gives these two forms; whether a shorter name is taken is not known.",
    evidence="assumed",
    severity="warn",
)
RULES: Final = (REGION, METRIC, TEXT, HELD_OUT, JUDGED)

_SPECS: Final = (
    "exactMatchSpec",
    "bleuSpec",
    "rougeSpec",
    "pointwiseMetricSpec",
    "pairwiseMetricSpec",
    "predefinedMetricSpec",
    "computationBasedMetricSpec",
    "llmBasedMetricSpec",
    "customCodeExecutionSpec",
    "stepBasedLlmMetricSpec",
)
_BESIDE: Final = ("aggregationMetrics", "metadata")
_REQUIRED: Final = {
    "pointwiseMetricSpec": "metricPromptTemplate",
    "pairwiseMetricSpec": "metricPromptTemplate",
    "llmBasedMetricSpec": "metricPromptTemplate",
    "predefinedMetricSpec": "metricSpecName",
    "computationBasedMetricSpec": "type",
    "customCodeExecutionSpec": "evaluationFunction",
}
_JUDGE: Final = re.compile(r"projects/[^/]+/locations/[^/]+/(?:publishers/[^/]+/models|endpoints)/[^/]+")
_ROUGE: Final = re.compile(r"rougen?[1-9]|rougeL|rougeLsum")


def check_evaluation(
    metrics: Sequence[Any] | None, output_uri: str | None, region: str | None, *, has_validation: bool
) -> list[Finding]:
    """The evaluation runs where Google offers it, and measures something. None is a value that is not known."""
    findings: list[Finding] = []
    if region is not None and region != ONLY_REGION:
        problem = f"Google evaluates tuned models in {ONLY_REGION} only; this is {region}."
        way_out = "Set {location} to {region}, or remove {evaluation}."
        remedy = advise("set a property", way_out, region=ONLY_REGION, evaluation=Property(EVALUATION))
        findings.append(REGION.finding(EVALUATION, problem, remedy))
    if metrics is not None:
        findings += _check_metrics(metrics)
    findings += check_gs_uri(PROPERTY, output_uri, "gs://my-bucket/evaluations", path=OUTPUT)
    if not has_validation:
        remedy = advise("set a property", "Set {supervised_tuning_spec.validation_dataset_uri}.")
        problem = "What Google evaluates on without a validation set is not known."
        findings.append(HELD_OUT.finding(EVALUATION, problem, remedy))
    return findings


def unsendable_metric(at: int, reason: str) -> Finding:
    """The finding about a metric that Google's client, which reads a request before it is sent, refuses for this reason."""
    remedy = advise("set a property", "Correct it, or remove the metric.")
    said = reason.rpartition("accept the request. ")[2].rpartition("field: ")[2].rstrip(".")
    return METRIC.finding((*METRICS, at), words("Google's client does not accept it: {said}.", said=said), remedy)


def check_judge(name: str | None) -> list[Finding]:
    """The judge is named in full."""
    if name is None or _JUDGE.fullmatch(name):
        return []
    example = (
        f"projects/my-project/locations/{ONLY_REGION}/publishers/google/models/{name.rpartition('/')[2] or 'MODEL'}"
    )
    path = (*EVALUATION, "autorater_config", "autorater_model")
    return [JUDGED.finding(path, f"{name!r} is not the full name of a model or an endpoint.", like(example))]


def check_evaluated_rows(rows_with_files: int) -> list[Finding]:
    """The rows have only text."""
    if not rows_with_files:
        return []
    problem = f"Google evaluates text only; {rows_with_files} rows name files, and the job would fail."
    remedy = advise("remove a property", "Remove {evaluation}.", evaluation=Property(EVALUATION))
    return [TEXT.finding(EVALUATION, problem, remedy)]


def _check_metrics(metrics: Sequence[Any]) -> list[Finding]:
    if not metrics:
        example = advise("set a property", "For example [{example}].", example='{"exactMatchSpec": {}}')
        return [METRIC.finding(METRICS, "An evaluation measures at least one metric.", example)]
    return [found for at, metric in enumerate(metrics) for found in _check_metric((*METRICS, at), metric)]


def _check_metric(path: PropertyPath, metric: Any) -> list[Finding]:
    offered = advise("set a property", "There are {specs}.", specs=", ".join(_SPECS))
    if not isinstance(metric, Mapping):
        return [METRIC.finding(path, "A metric is an object with the name of the metric.", offered)]
    strange = [str(key) for key in metric if key not in (*_SPECS, *_BESIDE)]
    if strange:
        return [METRIC.finding(path, f"Google has no metric {strange[0]!r}.", offered)]
    given = [key for key in _SPECS if key in metric]
    if len(given) != 1:
        problem = f"A metric is one of Google's; this is {len(given)}."
        return [METRIC.finding(path, problem, offered)]
    spec = metric[given[0]]
    if not isinstance(spec, Mapping):
        return []
    key = _REQUIRED.get(given[0])
    if key and not spec.get(key):
        remedy = advise("set a property", "Set {needed}.", needed=key)
        return [METRIC.finding((*path, snake(given[0])), f"{key} is required.", remedy)]
    rouge = spec.get("rougeType") if given[0] == "rougeSpec" else None
    if isinstance(rouge, str) and not _ROUGE.fullmatch(rouge):
        remedy = advise("set a property", "There are rouge1 to rouge9, rougeL and rougeLsum.")
        return [METRIC.finding((*path, "rouge_spec"), f"There is no ROUGE of type {rouge!r}.", remedy)]
    return []
