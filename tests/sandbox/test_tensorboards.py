"""TensorBoard instances of the sandbox, judged by Google's own client, and the metrics that pipelines write into them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.pipeline_support import (
    create_pipeline,
    make_files,
    outputs_of,
    pairs,
    pipeline_body,
    predict,
    run_pipeline,
    task,
)
from sandbox.test_vertex_clients import VERSIONS, gapic, types
from sandbox.vertex_support import PLACE, PROJECT, get, upload

if TYPE_CHECKING:
    from sandbox.running import RunningSandbox

PARENT = f"projects/{PROJECT}/locations/us-central1"
TRAINED = ["/train_fraction_of_correct_next_step_preds", "/train_num_predictions", "/train_total_loss"]
EVALUATED = ["/eval_fraction_of_correct_next_step_preds", "/eval_num_predictions", "/eval_total_loss"]


def make_board(sandbox: RunningSandbox) -> str:
    answer = sandbox.post(f"{PLACE}/tensorboards", json={"displayName": "tickets"})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["response"]["name"])


def metrics_of(sandbox: RunningSandbox, job: dict[str, Any], board: str) -> dict[str, list[tuple[int, float]]]:
    """The values of each metric by step, as a client reads them."""
    run = f"{board}/experiments/{job['name'].rpartition('/')[2]}/runs/tuning"
    found: dict[str, list[tuple[int, float]]] = {}
    for series in get(sandbox, f"{run}/timeSeries")["tensorboardTimeSeries"]:
        values = get(sandbox, f"{series['name']}:read")["timeSeriesData"]["values"]
        found[series["displayName"]] = [(int(each["step"]), each["scalar"].get("value", 0.0)) for each in values]
    return found


@pytest.mark.parametrize("version", VERSIONS)
def test_gapic_makes_an_instance_and_reads_what_a_pipeline_measured(bison: RunningSandbox, version: str) -> None:
    from google.api_core.exceptions import NotFound

    client, t = gapic(bison, version, "TensorboardServiceClient"), types(version)
    board = client.create_tensorboard(parent=PARENT, tensorboard=t.Tensorboard(display_name="tickets")).result()
    assert [each.name for each in client.list_tensorboards(parent=PARENT)] == [board.name]
    files = make_files(bison)
    body = pipeline_body(
        files["pairs"],
        tensorboard_resource_id=board.name,
        evaluation_data_uri=files["evaluation"],
        enable_early_stopping=False,
    )
    run_pipeline(bison, body)
    (experiment,) = client.list_tensorboard_experiments(parent=board.name)
    assert experiment.display_name == "tune tickets"
    (run,) = client.list_tensorboard_runs(parent=experiment.name)
    series = {each.display_name: each.name for each in client.list_tensorboard_time_series(parent=run.name)}
    assert sorted(series) == sorted([*TRAINED, *EVALUATED])
    read = client.read_tensorboard_time_series_data(tensorboard_time_series=series["/eval_total_loss"])
    assert [point.step for point in read.time_series_data.values] == [20, 40, 60]
    client.delete_tensorboard(name=board.name).result()
    with pytest.raises(NotFound):
        client.get_tensorboard(name=board.name)


@pytest.mark.parametrize("chat", [False, True])
def test_without_an_evaluation_set_only_the_training_is_measured(bison: RunningSandbox, *, chat: bool) -> None:
    board, files = make_board(bison), make_files(bison)
    body = pipeline_body(files["chats" if chat else "pairs"], chat=chat, tensorboard_resource_id=board)
    assert sorted(metrics_of(bison, run_pipeline(bison, body), board)) == TRAINED


def test_metrics_are_seen_only_after_the_end(bison: RunningSandbox) -> None:
    board = make_board(bison)
    create_pipeline(bison, pipeline_body(make_files(bison)["pairs"], tensorboard_resource_id=board))
    bison.advance(600)
    assert get(bison, f"{board}/experiments") == {}
    bison.advance(24 * 3600)
    assert len(get(bison, f"{board}/experiments")["tensorboardExperiments"]) == 1


def test_an_instance_may_be_named_by_its_id(bison: RunningSandbox) -> None:
    board = make_board(bison)
    id_ = board.rpartition("/")[2]
    job = run_pipeline(bison, pipeline_body(make_files(bison)["pairs"], tensorboard_resource_id=id_))
    assert sorted(metrics_of(bison, job, board)) == TRAINED


def test_an_instance_that_does_not_exist_fails_the_pipeline_before_it_tunes(bison: RunningSandbox) -> None:
    name = create_pipeline(bison, pipeline_body(make_files(bison)["pairs"], tensorboard_resource_id="7"))["name"]
    bison.advance(24 * 3600)
    job = get(bison, name)
    assert (job["state"], task(job, "dataset-encoder")["error"]["code"]) == ("PIPELINE_STATE_FAILED", 5)


def evaluated(files: dict[str, str], board: str, **more: Any) -> dict[str, Any]:
    """A pipeline that is evaluated every ten steps, and by default does not stop early."""
    given = {"evaluation_interval": 10, "enable_early_stopping": False, "tensorboard_resource_id": board, **more}
    return pipeline_body(files["pairs"], evaluation_data_uri=files["evaluation"], **given)


def test_early_stopping_ends_the_same_training_before_its_last_step(bison: RunningSandbox) -> None:
    board, files = make_board(bison), make_files(bison)
    loss = {
        stops: metrics_of(
            bison,
            run_pipeline(bison, evaluated(files, board, train_steps=300, enable_early_stopping=stops)),
            board,
        )["/train_total_loss"]
        for stops in (True, False)
    }
    assert len(loss[True]) < len(loss[False]) == 300
    assert loss[True] == loss[False][: len(loss[True])]


def test_checkpoint_selection_keeps_the_best_evaluation_and_not_the_last(bison: RunningSandbox) -> None:
    board, files = make_board(bison), make_files(bison, evaluation=60)
    right = [json.loads(line) for line in pairs(40).splitlines()]
    # every other answer is that of another row, so a training that goes on learns what is wrong
    wrong = [{**row, "output_text": right[at - 3]["output_text"]} if at % 2 else row for at, row in enumerate(right)]
    rows = "".join(json.dumps(row) + "\n" for row in wrong).encode()
    files["pairs"] = upload(bison, "tuning-data", "wrong.jsonl", rows)
    asked = [json.loads(line) for line in pairs(60, 2).splitlines()]
    hits, loss = {}, {}
    for selected in ("true", "false"):
        body = evaluated(files, board, train_steps=200, enable_checkpoint_selection=selected)
        job = run_pipeline(bison, body)
        measured = metrics_of(bison, job, board)
        loss[selected] = measured["/train_total_loss"]
        accuracy = [value for _, value in measured["/eval_fraction_of_correct_next_step_preds"]]
        assert accuracy[-1] < max(accuracy)
        found = [
            predict(bison, outputs_of(job)[1], {"prefix": each["input_text"]}, temperature=0).json() for each in asked
        ]
        hits[selected] = sum(
            answer["predictions"][0]["content"] == each["output_text"]
            for answer, each in zip(found, asked, strict=True)
        )
    assert loss["true"] == loss["false"]
    assert hits["true"] > hits["false"]


def test_a_sweep_of_steps_differs_because_more_steps_train_longer(bison: RunningSandbox) -> None:
    board, files = make_board(bison), make_files(bison)
    last = []
    for steps in (10, 40, 120):
        job = run_pipeline(bison, pipeline_body(files["pairs"], train_steps=steps, tensorboard_resource_id=board))
        last.append(metrics_of(bison, job, board)["/train_total_loss"][-1])
    assert [step for step, _ in last] == [10, 40, 120]
    assert last[0][1] > last[1][1] > last[2][1]
