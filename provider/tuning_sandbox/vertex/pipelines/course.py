"""The course of a tuning pipeline: reading, ten parts of tuning, uploading a model, deploying it."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from tuning_sandbox.kernel import Sandbox
from tuning_sandbox.kernel.course import Course, Failure, Outcome, Phase, State, Step
from tuning_sandbox.learner.schedule import Recipe
from tuning_sandbox.vertex.outputs import BASE_LABEL, Made, add_endpoint, encryption_works, register_model
from tuning_sandbox.vertex.pipelines.bison import ACCELERATORS, BISON, BisonModel
from tuning_sandbox.vertex.pipelines.data import prepare_pipeline
from tuning_sandbox.vertex.pipelines.parameters import Parameters
from tuning_sandbox.vertex.pipelines.tasks import (
    ENDPOINT_OUTPUT,
    METRICS_OUTPUT,
    MODEL_OUTPUT,
    break_off,
    finish_task,
    new_detail,
)
from tuning_sandbox.vertex.pipelines.templates import DEPLOYING, READING, TUNING, UPLOADING
from tuning_sandbox.vertex.service import api, seconds_of, settings_of
from tuning_sandbox.vertex.tensorboards import has_tensorboard, write_experiment
from tuning_sandbox.vertex.training import (
    PARTS,
    Reading,
    Training,
    TrainingJob,
    forget_data,
    limits_of_files,
    seconds_of_part,
    size_of,
    sources_of,
)
from tuning_sandbox.vertex.work import Prepared

STATES = {state: f"PIPELINE_STATE_{state.name}" for state in State}
BILLING_LABEL = "vertex-ai-pipelines-run-billing-id"
_ADAPTER = 4
Doc = dict[str, Any]

api.behaviour(
    "a pipeline without room for its accelerators fails, its task with code 8; with vertex.at_quota `queue` it waits",
    source="thread",
    ref="vertex-ai-samples#3479, generative-ai#151",
)
api.behaviour(
    "an output directory whose bucket does not exist fails the pipeline when it first writes there", source="assumed"
)
api.behaviour(
    "a step takes 8 examples, on TPU 24 for the 8k models; steps and batch give the epochs",
    source="thread",
    ref="seed 002",
)
api.behaviour(
    "the checkpoint of the best evaluation is kept if enable_checkpoint_selection is true; `default` means so for the "
    "@001 models only, which the sandbox does not have",
    source="sdk",
    ref="vertexai 1.75: TuningEvaluationSpec",
)
api.behaviour(
    "tuning stops early after three evaluations that gain less than a thousandth of accuracy each", source="assumed"
)
api.behaviour("the metrics of a pipeline are an artifact of its tuner, written when the tuner ends", source="assumed")
api.behaviour(
    "the pipeline's labels, its billing id among them, are those of its model and endpoint too", source="assumed"
)
api.behaviour(
    "a model that a pipeline tuned names its base model in the label google-vertex-llm-tuning-base-model-id",
    source="sdk",
    ref="vertexai.language_models",
)


@dataclass
class PipelineJob(TrainingJob):
    """A pipeline as it is stored."""

    last_only: bool = True
    number: str = ""
    base_name: str = ""
    values: Doc | None = None

    @property
    def parameters(self) -> Parameters:
        """The pipeline's parameters."""
        return Parameters(**{**(self.values or {}), "model": self.base})

    @property
    def base(self) -> BisonModel:
        """The model that is tuned."""
        return BISON[self.base_name]

    @property
    def weights(self) -> str:
        """The key of its checkpoints; not the job's name, because that can be reused after a delete."""
        return f"{self.name}/{self.number}"

    @property
    def recipe(self) -> Recipe:
        """The settings for the learner."""
        asked = self.parameters
        return Recipe(
            adapter_size=_ADAPTER,
            rate_multiplier=asked.rate_multiplier,
            seed=self.seed,
            steps=asked.train_steps,
            batch=self.base.batch_on(asked.accelerator),
            evaluate_every=asked.evaluation_interval,
            stops_early=asked.stops_early,
            selects_best=asked.selects_best,
        )

    @property
    def tensorboard(self) -> str:
        """The full name of its TensorBoard instance, "" without one."""
        asked = self.parameters.tensorboard
        place = self.name.partition("/pipelineJobs/")[0]
        return f"{place}/tensorboards/{asked.rpartition('/')[2]}" if asked else ""

    @property
    def encryption(self) -> Doc:
        """The encryptionSpec of its results, `{}` without a key."""
        name = self.resource.get("encryptionSpec", {}).get("kmsKeyName") or self.parameters.key
        return {"encryptionSpec": {"kmsKeyName": name}} if name else {}

    @property
    def made(self) -> Made:
        """The values that its model and endpoint copy from it."""
        project, asked = "/".join(self.name.split("/")[:2]), self.parameters
        return Made(
            weights=self.weights,
            place=f"{project}/locations/{asked.upload_location}",
            display_name=asked.model_display_name,
            base_uri=f"publishers/google/models/{self.base.name}",
            checkpoints=self.checkpoints,
            shows_checkpoints=False,
            common={"labels": {**self.resource["labels"], BASE_LABEL: self.base.label}, **self.encryption},
        )

    def size(self, sandbox: Sandbox) -> int:
        """The bytes of its training data."""
        return size_of(sandbox, self.parameters.dataset_uri)

    def read(self, sandbox: Sandbox) -> Callable[[], Prepared]:
        """A function that reads the data sets in their current form."""
        asked, limits = self.parameters, limits_of_files(sandbox)
        sources = sources_of(sandbox, asked.dataset_uri, asked.evaluation_data_uri)
        return lambda: prepare_pipeline(*sources, asked.model, asked.default_context, *limits)


def new_job(resource: Doc, parameters: Parameters, *, number: str, seed: int, fault: Doc) -> PipelineJob:
    """The stored job of a pipeline that create has just accepted."""
    values = {key: value for key, value in asdict(parameters).items() if key != "model"}
    return PipelineJob(resource, seed=seed, fault=fault, number=number, base_name=parameters.model.name, values=values)


def _leave_pending(sandbox: Sandbox, job: PipelineJob) -> Outcome:
    pipeline = job.resource["pipelineSpec"]["pipelineInfo"]["name"]
    job.resource["jobDetail"] = new_detail(sandbox, job.name, pipeline)
    return Step.ON


def _leave_dataset(sandbox: Sandbox, job: PipelineJob) -> Outcome:
    detail = job.resource["jobDetail"]
    if job.tensorboard and not has_tensorboard(sandbox, job.tensorboard):
        return Failure(5, f"The Tensorboard {job.tensorboard} does not exist.")
    if detail["taskDetails"][-1]["taskName"] == READING:
        finish_task(sandbox, detail, READING, {})
    if not _lacks_room(sandbox, job):
        return Step.ON
    if sandbox.policy["vertex.at_quota"] == "queue":
        return Step.AGAIN
    metric = ACCELERATORS[job.parameters.accelerator].metric
    return Failure(
        8, f"code=RESOURCE_EXHAUSTED, message=The following quota metrics exceed quota limits: {metric}, cause=null"
    )


def _lacks_room(sandbox: Sandbox, job: PipelineJob) -> bool:
    accelerator = ACCELERATORS[job.parameters.accelerator]
    project = sandbox.projects.resolve(job.name.split("/")[1])
    limit = sandbox.services.quotas.limit_of(project.id, accelerator.metric, accelerator.region)
    running = [
        found
        for found in COURSE.active(sandbox, f"projects/{project.number}/locations/")
        if found.phase == "tuning" and found.parameters.accelerator == job.parameters.accelerator
    ]
    return limit is not None and (len(running) + 1) * accelerator.units > limit


def _leave_tuning(sandbox: Sandbox, job: PipelineJob) -> Outcome:
    if not encryption_works(sandbox, job.encryption):
        return Failure(9, f"The CryptoKey {job.encryption['encryptionSpec']['kmsKeyName']} can no longer be used.")
    if job.part + 1 < PARTS:
        return Step.AGAIN
    detail = job.resource["jobDetail"]
    folder = job.resource["runtimeConfig"]["gcsOutputDirectory"].rstrip("/")
    uri = f"{folder}/{job.name.rpartition('/')[2]}/{detail['taskDetails'][-1]['taskId']}/{METRICS_OUTPUT}"
    lines = "".join(json.dumps(line) + "\n" for line in job.metrics).encode()
    if not sandbox.services.storage.write_object(uri, lines, "application/jsonl"):
        return Failure(5, f"The output directory {folder} cannot be written: its bucket does not exist.")
    finish_task(sandbox, detail, TUNING, {}, {METRICS_OUTPUT: uri})
    return Step.ON


def _leave_uploading(sandbox: Sandbox, job: PipelineJob) -> Outcome:
    model = register_model(sandbox, job.made).rpartition("@")[0]
    finish_task(sandbox, job.resource["jobDetail"], UPLOADING, {MODEL_OUTPUT: model})
    return Step.ON


def _leave_deploying(sandbox: Sandbox, job: PipelineJob) -> Outcome:
    detail = job.resource["jobDetail"]
    model = detail["taskDetails"][0]["execution"]["metadata"][f"output:{MODEL_OUTPUT}"]
    endpoint = add_endpoint(sandbox, job.made, f"{model}@1", None)
    finish_task(sandbox, detail, DEPLOYING, {ENDPOINT_OUTPUT: endpoint})
    return Step.ON


def _lasts(setting: str, least_again: float = 0.0) -> Callable[[Sandbox, PipelineJob], float]:
    def seconds(sandbox: Sandbox, job: PipelineJob) -> float:
        return max(least_again if job.part else 0.0, seconds_of(sandbox, setting))

    return seconds


def _tuning_seconds(sandbox: Sandbox, job: PipelineJob) -> float:
    asked = job.parameters
    return seconds_of_part(sandbox, asked.train_steps * asked.model.batch_on(asked.accelerator))


class PipelineJobs:
    """The kind of pipelineJobs (`kernel.course.Kind`)."""

    collection = "vertex.pipelineJobs"
    job_type = PipelineJob
    states = STATES
    phases: Sequence[Phase[PipelineJob]] = (
        Phase("pending", _lasts("pendingSeconds"), _leave_pending),
        # a pipeline that waits for quota checks again after at least a second
        Phase("dataset", _lasts("datasetSeconds", least_again=1.0), _leave_dataset, Reading()),
        Phase("tuning", _tuning_seconds, _leave_tuning, Training(), fails_at=PARTS // 2),
        Phase("uploading", _lasts("registerSeconds"), _leave_uploading),
        Phase("deploying", _lasts("endpointSeconds"), _leave_deploying),
    )

    def cancel_seconds(self, sandbox: Sandbox) -> float:
        return settings_of(sandbox)["cancelSeconds"]

    def end(self, sandbox: Sandbox, job: PipelineJob, state: State, failure: Failure | None) -> Failure | None:
        forget_data(sandbox, job)
        measured, job.metrics = job.metrics, []
        if state is State.SUCCEEDED and job.tensorboard:
            id_, shown = job.name.rpartition("/")[2], job.resource.get("displayName", "")
            write_experiment(sandbox, job.tensorboard, id_, shown, measured)
        if state is State.SUCCEEDED or "jobDetail" not in job.resource:
            return failure
        task = break_off(sandbox, job.resource["jobDetail"], None if state is State.CANCELLED else failure)
        if state is State.CANCELLED:
            return failure
        project = sandbox.projects.resolve(job.name.split("/")[1]).id
        return Failure(
            9,
            f"The DAG failed because some tasks failed. The failed tasks are: [{task}].; "
            f"Job (project_id = {project}, job_id = {job.number}) is failed due to the above error.",
        )


COURSE: Course[PipelineJob] = Course(PipelineJobs())
api.on_start(COURSE.resume)
