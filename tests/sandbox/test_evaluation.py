"""An evaluation within a tuning job: its scores are those of the answers, and what is not computed is refused by name."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.vertex_support import PLACE, create, download, error_of, get, job_body, make_data, succeed, upload
from tuning_sandbox.learner.scores import bleu, exact_match, rouge

if TYPE_CHECKING:
    from sandbox.running import RunningSandbox

METRICS = [
    {"exactMatchSpec": {}, "aggregationMetrics": ["AVERAGE", "MINIMUM"]},
    {"rougeSpec": {"rougeType": "rougeL"}},
    {"computationBasedMetricSpec": {"type": "BLEU"}},
]


def evaluated(training: str, validation: str | None, metrics: Any = METRICS, **more: Any) -> dict[str, Any]:
    body = job_body(training, validation)
    output = {"gcsDestination": {"outputUriPrefix": "gs://tuning-data/evaluations"}}
    body["supervisedTuningSpec"]["evaluationConfig"] = {"metrics": metrics, "outputConfig": output, **more}
    return body


def test_each_checkpoint_has_a_run_with_its_scores(sandbox: RunningSandbox) -> None:
    job = succeed(sandbox, evaluated(*make_data(sandbox, 120)))
    runs = job["evaluateDatasetRuns"]
    assert [each["checkpointId"] for each in runs] == ["1", "2", "3"]
    first, *_, last = [each["evaluateDatasetResponse"]["aggregationOutput"]["aggregationResults"] for each in runs]
    assert [set(each) - {"aggregationMetric"} for each in last] == [
        {"exactMatchMetricValue"},
        {"exactMatchMetricValue"},
        {"rougeMetricValue"},
        {"bleuMetricValue"},
    ]
    assert 0.5 < last[0]["exactMatchMetricValue"]["score"] <= 1
    assert last[0]["exactMatchMetricValue"]["score"] >= first[0]["exactMatchMetricValue"]["score"]
    assert last[1]["exactMatchMetricValue"]["score"] == float(last[0]["exactMatchMetricValue"]["score"] == 1)


def test_the_score_is_that_of_the_answers_in_the_folder(sandbox: RunningSandbox) -> None:
    job = succeed(sandbox, evaluated(*make_data(sandbox, 120)))
    answer = job["evaluateDatasetRuns"][-1]["evaluateDatasetResponse"]
    folder = answer["outputInfo"]["gcsOutputDirectory"]
    assert folder.startswith("gs://tuning-data/")
    rows = [json.loads(line) for line in download(sandbox, f"{folder}/evaluation_results.jsonl").splitlines()]
    assert len(rows) == 20
    right = sum(row["response"] == row["reference"] for row in rows) / len(rows)
    assert answer["aggregationOutput"]["aggregationResults"][0]["exactMatchMetricValue"]["score"] == right


def test_answers_of_an_evaluation_differ_by_the_seed_and_end_at_a_stop_sequence(sandbox: RunningSandbox) -> None:
    make_data(sandbox)
    rows = [
        {
            "contents": [
                {"role": "user", "parts": [{"text": f"Say the number {number}."}]},
                {"role": "model", "parts": [{"text": f"It is {number} | and {number + 1} comes after it."}]},
            ]
        }
        for number in range(40)
    ]
    data = upload(sandbox, "tuning-data", "said.jsonl", "".join(json.dumps(row) + "\n" for row in rows).encode())
    said = []
    for more in ({}, {"seed": 7}, {"stopSequences": [" |"]}):
        body = evaluated(data, None, inferenceGenerationConfig={"temperature": 2, **more})
        answer = succeed(sandbox, body)["evaluateDatasetRuns"][-1]["evaluateDatasetResponse"]
        found = download(sandbox, f"{answer['outputInfo']['gcsOutputDirectory']}/evaluation_results.jsonl").splitlines()
        said.append([json.loads(line)["response"] for line in found])
    assert said[0] != said[1]
    assert any("|" in each for each in said[0])
    assert not any("|" in each for each in said[2])


def test_a_job_of_one_checkpoint_has_one_run_without_a_checkpoint(sandbox: RunningSandbox) -> None:
    body = evaluated(*make_data(sandbox))
    body["supervisedTuningSpec"]["exportLastCheckpointOnly"] = True
    (run,) = succeed(sandbox, body)["evaluateDatasetRuns"]
    assert "checkpointId" not in run


def test_a_data_set_with_files_fails_the_job(sandbox: RunningSandbox) -> None:
    make_data(sandbox)
    part = {"fileData": {"mimeType": "image/png", "fileUri": "gs://tuning-data/a.png"}}
    contents = [{"role": "user", "parts": [part, {"text": "What is it?"}]}, {"role": "model", "parts": [{"text": "A"}]}]
    shown = upload(sandbox, "tuning-data", "shown.jsonl", (json.dumps({"contents": contents}) + "\n").encode() * 20)
    name = create(sandbox, evaluated(shown, None))["name"]
    sandbox.advance(3600)
    assert get(sandbox, name)["error"]["code"] == 3


@pytest.mark.parametrize(
    ("metrics", "more", "place", "expected"),
    [
        (METRICS, {}, "europe-west4", (400, "not supported in region europe-west4")),
        ([{"pointwiseMetricSpec": {"metricPromptTemplate": "?"}}], {}, "us-central1", (501, "pointwiseMetricSpec")),
        ([{"rougeSpec": {"rougeType": "rougeX"}}], {}, "us-central1", (400, "Invalid rouge type")),
        ([{"rougeSpec": {"useStemmer": True}}], {}, "us-central1", (501, "useStemmer")),
        (METRICS, {"autoraterConfig": {"samplingCount": 2}}, "us-central1", (501, "autoraterConfig")),
        (METRICS, {"inferenceGenerationConfig": {"logprobs": 3}}, "us-central1", (501, "logprobs")),
        (METRICS, {"inferenceGenerationConfig": {"stopSequences": ["a"] * 6}}, "us-central1", (400, "At most 5")),
        (METRICS, {"inferenceGenerationConfig": {"temperature": 5}}, "us-central1", (400, "from 0 (inclusive) to 2")),
        (METRICS, {"datasetCustomMetrics": [{}]}, "us-central1", (501, "datasetCustomMetrics")),
        ([], {"outputConfig": {}}, "us-central1", (400, "evaluation_config.metrics")),
        (
            METRICS,
            {"outputConfig": {"gcsDestination": {"outputUriPrefix": "gs://none/a"}}},
            "us-central1",
            (404, "does not exist"),
        ),
    ],
)
def test_what_is_not_served_is_refused_at_create(
    sandbox: RunningSandbox, metrics: Any, more: dict[str, Any], place: str, expected: tuple[int, str]
) -> None:
    body = evaluated(*make_data(sandbox), metrics, **more)
    status, _, text = error_of(sandbox.post(f"{PLACE.replace('us-central1', place)}/tuningJobs", json=body))
    assert (status, expected[1] in text) == (expected[0], True), text


def test_scores_are_one_for_the_expected_answer_and_less_for_others() -> None:
    expected = "Order 17 left our warehouse on Monday."
    close = "Order 17 left our warehouse on Friday."
    for score in (exact_match, bleu, lambda a, b: rouge(a, b, "rouge2"), lambda a, b: rouge(a, b, "rougeL")):
        assert score(expected, expected) == pytest.approx(1.0)
        assert score("Hello", expected) == 0.0
        assert score(close, expected) < 1.0
    assert 0.5 < rouge(close, expected, "rougeL") < 1.0
