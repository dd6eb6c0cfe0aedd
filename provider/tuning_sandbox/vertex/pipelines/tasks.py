"""The jobDetail of a pipeline: its run, its tasks, and their outputs."""

from __future__ import annotations

from typing import Any

from tuning_sandbox.kernel import Sandbox
from tuning_sandbox.kernel.course import Failure
from tuning_sandbox.vertex.pipelines.templates import DEPLOYING, READING, TUNING, UPLOADING
from tuning_sandbox.vertex.service import api

Doc = dict[str, Any]
MODEL_OUTPUT, ENDPOINT_OUTPUT, METRICS_OUTPUT = "model_resource_name", "endpoint_resource_name", "tuning_metrics"
_AFTER = {READING: TUNING, TUNING: UPLOADING, UPLOADING: DEPLOYING}

api.behaviour(
    "the model's name is output:model_resource_name of the task upload-llm-model",
    source="sdk",
    ref="vertexai.language_models",
)
api.behaviour("the endpoint's name is output:endpoint_resource_name of the task deploy-llm-model", source="assumed")
api.behaviour("jobDetail is not in a list", source="discovery")
api.behaviour(
    "a pipeline that fails has code 9 and names the task that failed; the task has the error itself",
    source="thread",
    ref="The DAG failed because some tasks failed",
)


def new_detail(sandbox: Sandbox, name: str, pipeline: str) -> Doc:
    """The jobDetail of a pipeline that starts to run: the run itself and its first task."""
    place, _, job_id = name.rpartition("/pipelineJobs/")
    contexts, now = f"{place}/metadataStores/default/contexts", sandbox.clock.stamp()
    times = {"createTime": now, "updateTime": now}
    detail: Doc = {
        "pipelineContext": {
            "name": f"{contexts}/{pipeline}",
            "displayName": pipeline,
            "schemaTitle": "system.Pipeline",
            "schemaVersion": "0.0.1",
            **times,
        },
        "pipelineRunContext": {
            "name": f"{contexts}/{job_id}",
            "displayName": job_id,
            "schemaTitle": "system.PipelineRun",
            "schemaVersion": "0.0.1",
            "parentContexts": [f"{contexts}/{pipeline}"],
            **times,
        },
        "taskDetails": [],
    }
    _start(sandbox, detail, place, job_id, parent="")
    _start(sandbox, detail, place, READING, parent=detail["taskDetails"][0]["taskId"])
    return detail


def finish_task(sandbox: Sandbox, detail: Doc, task: str, outputs: Doc, artifacts: Doc | None = None) -> None:
    """End a task and start the next one; the last task ends the run, which has the outputs of all tasks."""
    tasks = detail["taskDetails"]
    run, held = tasks[0], _task_of(detail, task)
    for ended in (held, run):
        ended["execution"]["metadata"] |= {f"output:{key}": value for key, value in outputs.items()}
    place = held["execution"]["name"].partition("/executions/")[0]
    if artifacts:
        held["outputs"] = {key: {"artifacts": [_artifact(sandbox, place, key, uri)]} for key, uri in artifacts.items()}
    _end(sandbox, held, "SUCCEEDED", "COMPLETE")
    if task in _AFTER:
        _start(sandbox, detail, place.partition("/metadataStores/")[0], _AFTER[task], parent=run["taskId"])
    else:
        _end(sandbox, run, "SUCCEEDED", "COMPLETE")


def break_off(sandbox: Sandbox, detail: Doc, failure: Failure | None) -> str:
    """End the running task: FAILED with the error, or CANCELLED without one; returns the name of the task."""
    running = [task for task in detail["taskDetails"] if task["state"] == "RUNNING"]
    for task in running:
        if failure is None:
            _end(sandbox, task, "CANCELLED", "CANCELLED")
        else:
            task["error"] = {"code": failure.code, "message": failure.message}
            _end(sandbox, task, "FAILED", "FAILED")
    return str(running[-1]["taskName"]) if running else ""


def _start(sandbox: Sandbox, detail: Doc, place: str, name: str, *, parent: str) -> None:
    now = sandbox.clock.stamp()
    task: Doc = {
        "taskId": sandbox.ids.number(18),
        "taskName": name,
        "createTime": now,
        "startTime": now,
        "state": "RUNNING",
        "execution": {
            "name": f"{place}/metadataStores/default/executions/{sandbox.ids.number(19)}",
            "displayName": name,
            "state": "RUNNING",
            "schemaTitle": "system.ContainerExecution" if parent else "system.Run",
            "schemaVersion": "0.0.1",
            "metadata": {},
            "createTime": now,
            "updateTime": now,
        },
        "pipelineTaskStatus": [{"updateTime": now, "state": "RUNNING"}],
    }
    if parent:
        task["parentTaskId"] = parent
    detail["taskDetails"].append(task)


def _end(sandbox: Sandbox, task: Doc, state: str, execution_state: str) -> None:
    now = sandbox.clock.stamp()
    task.update(state=state, endTime=now)
    task["execution"].update(state=execution_state, updateTime=now)
    told = {"updateTime": now, "state": state}
    task["pipelineTaskStatus"].append({**told, "error": task["error"]} if "error" in task else told)


def _artifact(sandbox: Sandbox, store: str, name: str, uri: str) -> Doc:
    now = sandbox.clock.stamp()
    return {
        "name": f"{store}/artifacts/{sandbox.ids.number(19)}",
        "displayName": name,
        "uri": uri,
        "state": "LIVE",
        "schemaTitle": "system.Artifact",
        "schemaVersion": "0.0.1",
        "createTime": now,
        "updateTime": now,
    }


def _task_of(detail: Doc, name: str) -> Doc:
    found: Doc = next(task for task in detail["taskDetails"] if task["taskName"] == name)
    return found
