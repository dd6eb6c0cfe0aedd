"""TensorBoard instances, and the experiments that tuning pipelines write into them when they end."""

from __future__ import annotations

from typing import Any

from tuning_sandbox.kernel import Call, Sandbox, not_found
from tuning_sandbox.vertex.checks import check_display_name, check_labels, check_location
from tuning_sandbox.vertex.operations import finished
from tuning_sandbox.vertex.service import api

BOARDS = "vertex.tensorboards"
EXPERIMENTS = "vertex.tensorboardExperiments"
RUN = "tuning"
_PARENT = "/{version}/projects/{project}/locations/{location}/tensorboards"
_BOARD = _PARENT + "/{tensorboard}"
_EXPERIMENT = _BOARD + "/experiments/{experiment}"
_RUN = _EXPERIMENT + "/runs/{run}"
_SERIES = _RUN + "/timeSeries/{series}"
_ID = "aiplatform.projects.locations.tensorboards"
Doc = dict[str, Any]

api.behaviour(
    "a pipeline with a TensorBoard writes one experiment of its own id when it has succeeded, with one run and a time "
    "series for each metric; /eval_* only with an evaluation set",
    source="thread",
    ref="seed 002; the names of the experiment and of the run are assumed",
)
api.behaviour(
    "only pipelines write experiments; there is no create of experiments, runs and time series", source="assumed"
)


@api.route("POST", _PARENT, id=f"{_ID}.create", permission="aiplatform.tensorboards.create", source="discovery",
           does="makes a TensorBoard instance, by an operation that is done already")  # fmt: skip
def create_tensorboard(call: Call) -> Doc:
    check_location(call)
    body = call.body
    call.require("displayName")
    check_display_name(body["displayName"], "tensorboard.display_name")
    check_labels(body)
    name = f"{call.resource}/{call.sandbox.ids.number(19)}"
    board = {**body, "name": name, "createTime": call.now, "updateTime": call.now, "etag": call.sandbox.ids.etag()}
    call.sandbox.store.collection(BOARDS).put(name, board)
    return finished(call, name, "CreateTensorboardOperationMetadata", board, "Tensorboard")


@api.route("GET", _BOARD, id=f"{_ID}.get", permission="aiplatform.tensorboards.get", source="discovery",
           does="a TensorBoard instance")  # fmt: skip
def get_tensorboard(call: Call) -> Doc:
    check_location(call)
    return _find_board(call)


@api.route("GET", _PARENT, id=f"{_ID}.list", permission="aiplatform.tensorboards.list", source="discovery",
           does="the TensorBoard instances of this location")  # fmt: skip
def list_tensorboards(call: Call) -> Doc:
    check_location(call)
    return call.page(call.sandbox.store.collection(BOARDS).all(prefix=f"{call.resource}/"), "tensorboards")


@api.route("DELETE", _BOARD, id=f"{_ID}.delete", permission="aiplatform.tensorboards.delete", source="discovery",
           does="deletes a TensorBoard instance with its experiments")  # fmt: skip
def delete_tensorboard(call: Call) -> Doc:
    check_location(call)
    board = _find_board(call)
    experiments = call.sandbox.store.collection(EXPERIMENTS)
    for name in experiments.names(f"{board['name']}/"):
        experiments.delete(name)
    call.sandbox.store.collection(BOARDS).delete(board["name"])
    return finished(call, board["name"], "DeleteOperationMetadata")


@api.route("GET", _EXPERIMENT, id=f"{_ID}.experiments.get", permission="aiplatform.tensorboardExperiments.get",
           source="discovery", does="the experiment of a pipeline")  # fmt: skip
def get_experiment(call: Call) -> Doc:
    found: Doc = _find_experiment(call)["experiment"]
    return found


@api.route("GET", _BOARD + "/experiments", id=f"{_ID}.experiments.list", source="discovery",
           permission="aiplatform.tensorboardExperiments.list", does="the experiments of an instance")  # fmt: skip
def list_experiments(call: Call) -> Doc:
    _find_board(call)
    held = call.sandbox.store.collection(EXPERIMENTS).all(prefix=f"{call.resource}/")
    return call.page([each["experiment"] for each in held], "tensorboardExperiments")


@api.route("GET", _RUN, id=f"{_ID}.experiments.runs.get", permission="aiplatform.tensorboardRuns.get",
           source="discovery", does="the run of an experiment")  # fmt: skip
def get_run(call: Call) -> Doc:
    found: Doc = _find_run(call)["run"]
    return found


@api.route("GET", _EXPERIMENT + "/runs", id=f"{_ID}.experiments.runs.list", source="discovery",
           permission="aiplatform.tensorboardRuns.list", does="the one run of an experiment")  # fmt: skip
def list_runs(call: Call) -> Doc:
    return call.page([_find_experiment(call)["run"]], "tensorboardRuns")


@api.route("GET", _RUN + "/timeSeries", id=f"{_ID}.experiments.runs.timeSeries.list", source="discovery",
           permission="aiplatform.tensorboardTimeSeries.list", does="the metrics of a run")  # fmt: skip
def list_time_series(call: Call) -> Doc:
    return call.page(list(_find_run(call)["series"].values()), "tensorboardTimeSeries")


@api.route("GET", _SERIES, id=f"{_ID}.experiments.runs.timeSeries.get", source="discovery",
           permission="aiplatform.tensorboardTimeSeries.get", does="a metric of a run")  # fmt: skip
def get_time_series(call: Call) -> Doc:
    series, _ = _find_series(call)
    return series


@api.route("GET", _SERIES + ":read", id=f"{_ID}.experiments.runs.timeSeries.read", source="discovery",
           permission="aiplatform.tensorboardTimeSeries.read", does="the values of a metric, by step")  # fmt: skip
def read_time_series(call: Call) -> Doc:
    series, points = _find_series(call)
    most = int(call.query.get("maxDataPoints") or 0) or 1000
    data = {
        "tensorboardTimeSeriesId": series["name"].rpartition("/")[2],
        "valueType": series["valueType"],
        "values": points[:: -(-len(points) // most)],
    }
    return {"timeSeriesData": data}


def has_tensorboard(sandbox: Sandbox, name: str) -> bool:
    """Whether there is an instance of this name, with the project's number in it."""
    return sandbox.store.collection(BOARDS).get(name) is not None


def write_experiment(sandbox: Sandbox, board: str, pipeline: str, display_name: str, metrics: list[Doc]) -> None:
    """Writes what a pipeline measured in its steps; nothing if the instance was deleted meanwhile."""
    if not has_tensorboard(sandbox, board):
        return
    now = sandbox.clock.stamp()
    times = {"createTime": now, "updateTime": now}
    name = f"{board}/experiments/{pipeline}"
    tags = sorted({tag for line in metrics for tag in line if tag.startswith("/")})
    points = {
        tag: [
            {"step": str(line["step"]), "wallTime": now, "scalar": {"value": line[tag]}}
            for line in metrics
            if tag in line
        ]
        for tag in tags
    }
    series = {
        str(number): {
            "name": f"{name}/runs/{RUN}/timeSeries/{number}",
            "displayName": tag,
            "valueType": "SCALAR",
            **times,
        }
        for number, tag in enumerate(tags, 1)
    }
    run = {"name": f"{name}/runs/{RUN}", "displayName": RUN, **times}
    experiment = {"name": name, "displayName": display_name, "source": "Vertex Pipelines", **times}
    sandbox.store.collection(EXPERIMENTS).put(
        name, {"experiment": experiment, "run": run, "series": series, "points": points}
    )


def _find_board(call: Call) -> Doc:
    name = f"{call.resource.partition('/tensorboards/')[0]}/tensorboards/{call.params['tensorboard']}"
    found: Doc | None = call.sandbox.store.collection(BOARDS).get(name)
    if found is None:
        raise not_found(f"The Tensorboard {name} does not exist.")
    return found


def _find_experiment(call: Call) -> Doc:
    """The experiment in the path as it is kept, with its run, its series and their points."""
    check_location(call)
    name = f"{_find_board(call)['name']}/experiments/{call.params['experiment']}"
    found: Doc | None = call.sandbox.store.collection(EXPERIMENTS).get(name)
    if found is None:
        raise not_found(f"The TensorboardExperiment {name} does not exist.")
    return found


def _find_run(call: Call) -> Doc:
    """The experiment of the run in the path."""
    held = _find_experiment(call)
    if call.params["run"] != RUN:
        raise not_found(f"The TensorboardRun {call.params['run']} does not exist.")
    return held


def _find_series(call: Call) -> tuple[Doc, list[Doc]]:
    """The series in the path, and its points."""
    held = _find_run(call)
    found: Doc | None = held["series"].get(call.params["series"])
    if found is None:
        raise not_found(f"The TensorboardTimeSeries {call.params['series']} does not exist.")
    return found, held["points"][found["displayName"]]
