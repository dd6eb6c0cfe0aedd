"""Jobs with an evaluation over the real google/ and a running sandbox: the scores are outputs of job and model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pulumi_gcp_tuning.resources.registry import lifecycle_of
from support.hand_made_google import urn
from support.sandbox_program import TYPES, Program

if TYPE_CHECKING:
    from pulumi_gcp_tuning.resources.core.lifecycle import Properties


def found(program: Program, news: Properties, name: str = "more", **olds: Any) -> Any:
    sent = {**news, "resourceUrn": urn(TYPES["tuning_job"], name)}
    return lifecycle_of("tuning_job").check(program.call("tuning_job", name, tell=program.lines.append), olds, sent)


def evaluated(program: Program, region: str = "us-central1") -> Properties:
    uri = program.dataset().outputs["uri"]
    config = {
        "metrics": [{"exact_match_spec": {}}, {"rougeSpec": {"rougeType": "rougeL"}, "aggregationMetrics": ["MEDIAN"]}],
        "outputConfig": {"gcsDestination": {"outputUriPrefix": "gs://shop-data/evaluations"}},
        "inferenceGenerationConfig": {"temperature": 0.0, "maxOutputTokens": 64.0},
    }
    spec = {"trainingDatasetUri": uri, "validationDatasetUri": uri, "evaluationConfig": config}
    return {
        "baseModel": "gemini-3.5-flash",
        "location": region,
        "supervisedTuningSpec": {**spec, "exportLastCheckpointOnly": True},
    }


def test_the_scores_of_an_evaluation_are_outputs_of_job_and_model(program: Program) -> None:
    job = program.create("tuning_job", evaluated(program), name="more")
    model = program.create("tuned_model", {"tuningJob": job.id}, name="more")
    (run,) = model.outputs["evaluateDatasetRuns"]
    exact, rouge = run["evaluateDatasetResponse"]["aggregationOutput"]["aggregationResults"]
    assert exact == {"aggregationMetric": "AVERAGE", "exactMatchMetricValue": {"score": 1.0}}
    assert rouge["aggregationMetric"] == "MEDIAN"
    assert run["evaluateDatasetResponse"]["outputInfo"]["gcsOutputDirectory"].startswith("gs://shop-data/evaluations/")
    assert program.read("tuning_job", job, "more").outputs["evaluateDatasetRuns"] == [run]


def test_the_declaration_of_an_evaluated_job_adopts_it_and_changes_nothing(program: Program) -> None:
    news = evaluated(program)
    job = program.create("tuning_job", news, name="more")
    program.new_run()
    assert program.create("tuning_job", news, name="more").id == job.id
    inputs = program.inputs("tuning_job", news, job.outputs, name="more")
    assert program.diff("tuning_job", program.read("tuning_job", job, "more"), inputs, "more").changed is False


def test_a_preview_of_a_declaration_that_the_job_has_asks_nothing_and_says_nothing(program: Program) -> None:
    news = evaluated(program)
    job = program.create("tuning_job", news, name="more")
    program.lines.clear()
    assert found(program, news, **job.outputs).findings == []
    assert program.lines == []


def test_another_metric_is_another_job(program: Program) -> None:
    news = evaluated(program)
    job = program.create("tuning_job", news, name="more")
    news["supervisedTuningSpec"]["evaluationConfig"]["metrics"] = [{"bleuSpec": {}}]
    inputs = program.inputs("tuning_job", news, job.outputs, name="more")
    assert program.diff("tuning_job", job, inputs, "more").replaces == ["supervisedTuningSpec"]


@pytest.mark.parametrize(
    ("metric", "says"),
    [
        ({"exact_match_spec": {}, "aggregation_metrics": ["MEAN"]}, "Invalid enum value MEAN"),
        ({"exact_match_spec": {}, "aggregation_metrics": ["3"]}, "does not accept it: Invalid enum value 3"),
        ({"bleu_spec": {"use_effectiv_order": True}}, 'has no field named "useEffectivOrder"'),
        ({"step_based_llm_metric_spec": {}}, 'has no field named "stepBasedLlmMetricSpec"'),
    ],
)
def test_preview_refuses_a_metric_that_could_not_be_sent(program: Program, metric: Any, says: str) -> None:
    news = evaluated(program)
    news["supervisedTuningSpec"]["evaluationConfig"]["metrics"].append(metric)
    ((path, said),) = [(each.path, str(each)) for each in found(program, news).findings if each.severity == "error"]
    assert path[-2:] == ("metrics", 2)
    assert "Google's client does not accept it: " in said
    assert says in said


def test_preview_says_that_an_evaluation_costs_more(program: Program) -> None:
    found(program, evaluated(program))
    assert "charged as batch prediction" in " ".join(program.lines)
