"""Cases of TuningJob about what a job starts from and what follows it: the parent of a continued job, an evaluation."""

from __future__ import annotations

from typing import Final

from support.preflight_case import DROP, GOOD, SPEC, USUAL, Cannot, Case, good_rows, lines

NOT_SWITCHED: Final = Cannot("the check cannot be switched off")
TUNED: Final = "projects/shop/locations/us/models/5550001112223334445@1"
EVALUATED: Final = "supervised_tuning_spec.evaluation_config"
METRICS: Final = f"{SPEC}/evaluationConfig/metrics"
JUDGE: Final = f"{SPEC}/evaluationConfig/autoraterConfig/autoraterModel"
HELD_OUT: Final = "gs://shop-data/validation.jsonl"
EVALUATION: Final = {
    "world/objects": {"train.jsonl": GOOD, "validation.jsonl": lines(*good_rows(20, 500))},
    f"{SPEC}/validationDatasetUri": HELD_OUT,
    f"{SPEC}/evaluationConfig": {
        "metrics": [{"exactMatchSpec": {}}],
        "outputConfig": {"gcsDestination": {"outputUriPrefix": "gs://shop-data/evaluations"}},
    },
}

CASES: Final = [
    Case(
        id="a base model beside the tuned model to train on from",
        check="schema", rule="properties", path="base_model", says="base_model and pre_tuned_model exclude each other",
        way_out="Remove base_model", google=NOT_SWITCHED,
        given={"inputs/preTunedModel": {"tunedModelName": TUNED}}, but={"inputs/preTunedModel": DROP},
    ),
    Case(
        id="a model of Google as the tuned model to train on from",
        check="schema", rule="names", path="pre_tuned_model.tuned_model_name", says="is not the name of a tuned model",
        way_out="set base_model in place of pre_tuned_model", google=NOT_SWITCHED,
        given={"inputs/baseModel": DROP, "inputs/preTunedModel": {"tunedModelName": "gemini-3.1-flash-lite"}},
        but={"inputs": USUAL["tuning_job"]},
    ),
    Case(
        id="a tuned model to train on from that there is not",
        check="existence", rule="model exists", path="pre_tuned_model.tuned_model_name", says=f"There is no model {TUNED}",
        way_out="give the output of a TunedModel", google="does not exist",
        given={"inputs/baseModel": DROP, "inputs/preTunedModel": {"tunedModelName": TUNED}},
        but={"inputs": USUAL["tuning_job"]},
    ),
    Case(
        id="an evaluation elsewhere",
        check="region", rule="evaluation in region", path=EVALUATED, says="Google evaluates tuned models in us-central1 only",
        way_out="Set location to us-central1", google="evaluation_config is not supported in region", also=("location",),
        given={**EVALUATION, "inputs/location": "europe-west4"}, but={"inputs/location": "us-central1"},
    ),
    Case(
        id="an evaluation without metrics",
        check="schema", rule="metrics of an evaluation", path=f"{EVALUATED}.metrics", says="at least one metric",
        way_out="exactMatchSpec", google=NOT_SWITCHED,
        given={**EVALUATION, METRICS: []}, but={METRICS: [{"exactMatchSpec": {}}]},
    ),
    Case(
        id="a metric that there is not",
        check="schema", rule="metrics of an evaluation", path=f"{EVALUATED}.metrics[0]", says="no metric 'accuracy'",
        way_out="exactMatchSpec, bleuSpec", google=NOT_SWITCHED,
        given={**EVALUATION, METRICS: [{"accuracy": {}}]}, but={METRICS: [{"exactMatchSpec": {}}]},
    ),
    Case(
        id="a judge without a prompt",
        check="schema", rule="metrics of an evaluation", path=f"{EVALUATED}.metrics[0].pointwise_metric_spec",
        says="metricPromptTemplate is required", way_out="Set metricPromptTemplate", google=NOT_SWITCHED,
        given={**EVALUATION, METRICS: [{"pointwiseMetricSpec": {}}]}, but={METRICS: [{"exactMatchSpec": {}}]},
    ),
    Case(
        id="a ROUGE that there is not",
        check="schema", rule="metrics of an evaluation", path=f"{EVALUATED}.metrics[0].rouge_spec",
        says="There is no ROUGE of type 'rougeX'", way_out="rougeL", google=NOT_SWITCHED,
        given={**EVALUATION, METRICS: [{"rougeSpec": {"rougeType": "rougeX"}}]},
        but={METRICS: [{"rougeSpec": {"rougeType": "rougeL"}}]},
    ),
    Case(
        id="a judge by its short name",
        check="schema", rule="judge of an evaluation", severity="warn", path=f"{EVALUATED}.autorater_config.autorater_model",
        says="'gemini-3.5-flash' is not the full name of a model", way_out="publishers/google/models/gemini-3.5-flash",
        given={**EVALUATION, JUDGE: "gemini-3.5-flash"},
        but={JUDGE: "projects/shop/locations/us-central1/publishers/google/models/gemini-3.5-flash"},
    ),
    Case(
        id="an evaluation without a validation set",
        check="dataset", rule="evaluation on a validation set", severity="warn", path=EVALUATED,
        says="What Google evaluates on without a validation set is not known",
        way_out="Set supervised_tuning_spec.validation_dataset_uri",
        given={**EVALUATION, f"{SPEC}/validationDatasetUri": DROP}, but={f"{SPEC}/validationDatasetUri": HELD_OUT},
    ),
]  # fmt: skip
