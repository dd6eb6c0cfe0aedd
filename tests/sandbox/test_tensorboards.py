"""TensorBoard instances of the sandbox, judged by Google's own client, and the metrics that pipelines write into them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sandbox.pipeline_support import create_pipeline, make_files, outputs_of, pipeline_body, predict, run_pipeline, task
from sandbox.test_vertex_clients import VERSIONS, gapic, types
from sandbox.vertex_support import PLACE, PROJECT, get

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


def test_early_stopping_ends_a_training_that_would_take_more_steps(bison: RunningSandbox) -> None:
    board, files = make_board(bison), make_files(bison)
    steps = {}
    for stops in (True, False):
        body = pipeline_body(
            files["pairs"],
            train_steps=300,
            evaluation_data_uri=files["evaluation"],
            evaluation_interval=10,
            enable_early_stopping=stops,
            tensorboard_resource_id=board,
        )
        measured = metrics_of(bison, run_pipeline(bison, body), board)
        steps[stops] = measured["/train_total_loss"][-1][0]
    assert steps[True] < steps[False] == 300


def test_the_last_checkpoint_and_the_best_one_are_two_models(bison: RunningSandbox) -> None:
    files, answers = make_files(bison, train=12), {}
    for selected in ("true", "false"):
        body = pipeline_body(
            files["pairs"],
            train_steps=150,
            evaluation_data_uri=files["evaluation"],
            evaluation_interval=10,
            enable_early_stopping=False,
            enable_checkpoint_selection=selected,
        )
        _, endpoint = outputs_of(run_pipeline(bison, body))
        asked = [{"prefix": f"ticket {number} about a late parcel"} for number in range(8)]
        answers[selected] = [
            predict(bison, endpoint, each, temperature=0.9, seed=1).json()["predictions"][0] for each in asked
        ]
    assert answers["true"] != answers["false"]


def test_more_steps_have_passed_more_often_over_the_same_examples(bison: RunningSandbox) -> None:
    board, files = make_board(bison), make_files(bison)
    loss, epochs = [], []
    for steps in (10, 40, 120):
        job = run_pipeline(bison, pipeline_body(files["pairs"], train_steps=steps, tensorboard_resource_id=board))
        measured = metrics_of(bison, job, board)
        loss.append(measured["/train_total_loss"][-1][1])
        epochs.append(steps * 8 / 200)
    assert loss == sorted(loss, reverse=True)
    assert epochs == [0.4, 1.6, 4.8]
