"""What a supervised tuning trains on and how, and the evaluation that may follow it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, Field

from pulumi_gcp_tuning.errors import Finding, Refused
from pulumi_gcp_tuning.grammar import camel
from pulumi_gcp_tuning.preflight.evaluating import METRICS, check_evaluation, check_judge, unsendable_metric
from pulumi_gcp_tuning.resources.core.description import described
from pulumi_gcp_tuning.resources.core.inputs import Inputs, Switch, known
from pulumi_gcp_tuning.resources.core.lifecycle import is_known
from pulumi_gcp_tuning.resources.core.outputs import Ident, JobError, Outputs
from pulumi_gcp_tuning.resources.jobs.kind import Job
from pulumi_gcp_tuning.resources.jobs.spec import adapter_name, mode_name

_FREE: Final = ("parameters", "metricSpecParameters", "metric_spec_parameters", "additionalConfig", "additional_config")


def _adapter(value: Any) -> Any:
    named = adapter_name(value)
    return str(named) if isinstance(named, int | float) and not isinstance(named, bool) else named


class HyperParameters(Inputs):
    """How long and how fast it trains. Google chooses a value for each field that is not set."""

    epoch_count: Annotated[
        int | None,
        described("How often the training passes over the whole dataset.", unit="epochs", default="Google's"),
    ] = Field(default=None, ge=1)
    adapter_size: Annotated[
        str | None,
        BeforeValidator(_adapter),
        described(
            "The size of the adapter that is trained.",
            form="1, 2, 4, 8, 16, 32 or Google's name (`ADAPTER_SIZE_FOUR`)",
            default="Google's",
            accepts="int | str",
        ),
    ] = None
    learning_rate_multiplier: Annotated[
        float | None, described("A factor on the learning rate that Google recommends.", default="Google's")
    ] = Field(default=None, gt=0)
    learning_rate: Annotated[
        float | None,
        described(
            "The learning rate itself, for open models only; the usual start of an adapter is 2e-4.", default="Google's"
        ),
    ] = Field(default=None, gt=0)
    batch_size: Annotated[
        int | None,
        described("The number of examples in a step, for open models only.", unit="examples", default="Google's"),
    ] = Field(default=None, ge=1)


def _as_google_spells(value: Any) -> Any:
    """Metrics under Google's names: keys in snake case become camelCase. Parameters of a metric are the user's own."""
    if isinstance(value, list):
        return [_as_google_spells(each) for each in value]
    if not isinstance(value, Mapping):
        return value
    return {camel(str(key)): below if key in _FREE else _as_google_spells(below) for key, below in value.items()}


class GcsDestination(Inputs):
    """A folder in Cloud Storage."""

    output_uri_prefix: Annotated[str, described("The folder.", form="a `gs://` URI")]


class OutputConfig(Inputs):
    """Where an evaluation writes what it finds."""

    gcs_destination: Annotated[GcsDestination, described("The folder that it writes to.")]


class GenerationConfig(Inputs):
    """How answers are generated."""

    temperature: Annotated[
        float | None, described("How much answers vary; 0 always takes the most probable token.", default="the model's")
    ] = Field(default=None, ge=0, le=2)
    top_p: Annotated[
        float | None,
        described("Tokens are chosen from the smallest set with this probability.", default="the model's"),
    ] = Field(default=None, ge=0, le=1)
    top_k: Annotated[
        float | None, described("Tokens are chosen from this many of the most probable ones.", default="the model's")
    ] = Field(default=None, ge=1)
    max_output_tokens: Annotated[int | None, described("The longest answer.", unit="tokens", default="the model's")] = (
        Field(default=None, ge=1)
    )
    stop_sequences: Annotated[
        list[str] | None, described("Texts at which an answer ends, 5 at most.", default="none")
    ] = Field(default=None, max_length=5)
    seed: Annotated[
        int | None, described("With one, the same question is answered alike, as far as Google can.", default="random")
    ] = None


class AutoraterConfig(Inputs):
    """The model that judges answers."""

    autorater_model: Annotated[
        str | None,
        described(
            "The judge.",
            form="`projects/P/locations/L/publishers/google/models/M`, or an endpoint of a tuned judge",
            default="Google's",
        ),
    ] = None
    sampling_count: Annotated[int | None, described("How often each answer is judged.", default="4")] = Field(
        default=None, ge=1, le=32
    )
    flip_enabled: Annotated[
        Switch | None,
        described("Whether half of the pairs are shown to the judge in the other order.", default="true"),
    ] = None


class EvaluationConfig(Inputs):
    """The evaluation of the tuned model on the validation set, after the training. Google offers it as a Preview."""

    metrics: Annotated[
        list[Any],
        BeforeValidator(_as_google_spells),
        described(
            "What is measured.",
            form='Google\'s `Metric`, for example `{"exact_match_spec": {}}` or `{"rouge_spec": {"rouge_type": "rougeL"}}`, '
            'with `"aggregation_metrics": ["AVERAGE"]` beside it',
            accepts="list[dict[str, Any]]",
            free=True,
        ),
    ]
    output_config: Annotated[OutputConfig, described("Where the results are written.")]
    inference_generation_config: Annotated[
        GenerationConfig | None, described("How the answers that are measured are generated.", default="the model's")
    ] = None
    autorater_config: Annotated[
        AutoraterConfig | None, described("The judge of metrics that need one.", default="Google's")
    ] = None


class SupervisedTuningSpec(Inputs):
    """The data to train on and the hyperparameters."""

    training_dataset_uri: Annotated[
        str,
        described("The examples to train on.", form="a `gs://` URI", names="object", refers={"TuningDataset": "uri"}),
    ]
    validation_dataset_uri: Annotated[
        str | None,
        described(
            "The examples on which the training is evaluated.",
            form="a `gs://` URI",
            names="object",
            refers={"TuningDataset": "uri"},
        ),
    ] = None
    hyper_parameters: Annotated[
        HyperParameters | None, described("How long and how fast it trains.", default="Google chooses")
    ] = None
    export_last_checkpoint_only: Annotated[
        Switch | None, described("Whether only the last checkpoint is kept, not one for each epoch.", default="false")
    ] = None
    tuning_mode: Annotated[
        str | None,
        BeforeValidator(mode_name),
        described(
            "What is trained of an open model: all of it, or an adapter.",
            form="`FULL`, `PEFT_ADAPTER` or Google's name (`TUNING_MODE_FULL`)",
            default="Google's",
        ),
    ] = None
    evaluation_config: Annotated[
        EvaluationConfig | None,
        described("The evaluation that follows the training (Preview; us-central1; text).", default="no evaluation"),
    ] = None


def check_evaluation_of(spec: SupervisedTuningSpec | None, region: str | None, *, ask: bool) -> list[Finding]:
    """The findings about the evaluation that a spec declares; none without one."""
    config = evaluation_of(spec)
    if spec is None or config is None:
        return []
    has_validation = spec.validation_dataset_uri is not None
    judge = known(config.autorater_config)
    findings = check_judge(known(judge.autorater_model) if judge else None)
    findings += check_evaluation(known(config.metrics), folder_of(config), region, has_validation=has_validation)
    if ask and is_known(config.metrics) and not any(each.path[: len(METRICS)] == METRICS for each in findings):
        findings += _check_sendable(config.metrics)
    return findings


def _check_sendable(metrics: Sequence[Any]) -> list[Finding]:
    """Metrics are free-form, so only Google's client knows their fields. It is imported here, because few jobs have any."""
    from pulumi_gcp_tuning.google.gapic import as_message

    findings: list[Finding] = []
    for at, metric in enumerate(metrics):
        try:
            as_message("GenAiTuningService", "SupervisedTuningSpec", {"evaluationConfig": {"metrics": [metric]}})
        except Refused as refused:
            findings.append(unsendable_metric(at, str(refused)))
    return findings


def evaluation_of(spec: SupervisedTuningSpec | None) -> EvaluationConfig | None:
    """The evaluation; None if there is none or if only apply will know it."""
    return known(spec.evaluation_config) if spec is not None else None


def folder_of(config: EvaluationConfig | None) -> str | None:
    """The folder of the results; None if it is not known."""
    output = known(config.output_config) if config is not None else None
    folder = known(output.gcs_destination) if output is not None else None
    return known(folder.output_uri_prefix) if folder is not None else None


# Results of an evaluation


class MetricValue(Outputs):
    """The value of one metric."""

    score: Annotated[float | None, described("The score.")] = None


class AggregationResult(Outputs):
    """One metric over all answers. Exactly one of the values is there."""

    aggregation_metric: Annotated[str | None, described("How the scores of the answers were combined: `AVERAGE`.")] = (
        None
    )
    exact_match_metric_value: Annotated[MetricValue | None, described("The share of equal answers.")] = None
    bleu_metric_value: Annotated[MetricValue | None, described("BLEU.")] = None
    rouge_metric_value: Annotated[MetricValue | None, described("ROUGE.")] = None
    pointwise_metric_result: Annotated[MetricValue | None, described("The judge's score.")] = None
    custom_code_execution_result: Annotated[MetricValue | None, described("The score of your own code.")] = None


class AggregationOutput(Outputs):
    """The metrics over all answers."""

    aggregation_results: Annotated[
        list[AggregationResult] | None, described("One for each metric and aggregation.")
    ] = None


class OutputInfo(Outputs):
    """Where the results are."""

    gcs_output_directory: Annotated[str | None, described("The folder that Google made, a `gs://` URI.")] = None


class EvaluateDatasetResponse(Outputs):
    """The results. Answers and explanations are in the folder, not here."""

    aggregation_output: Annotated[AggregationOutput | None, described("The metrics.")] = None
    output_info: Annotated[OutputInfo | None, described("Where the results are.")] = None


class EvaluateDatasetRun(Outputs):
    """One evaluation of the model or of a checkpoint."""

    checkpoint_id: Annotated[Ident, described("The checkpoint; missing for the model as a whole.")] = None
    evaluation_run: Annotated[str | None, described("The evaluation run at Google.")] = None
    evaluate_dataset_response: Annotated[EvaluateDatasetResponse | None, described("The results.")] = None
    error: Annotated[JobError | None, described("Why it failed, in Google's words.")] = None


def evaluation_runs(job: Job) -> list[Mapping[str, Any]] | None:
    """The evaluations that a job names; None if it has none."""
    found = job.get("evaluateDatasetRuns")
    return list(found) if found else None
