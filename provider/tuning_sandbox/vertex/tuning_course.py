"""The course of a tuning job: reading, waiting for capacity, ten parts of tuning, a model, its endpoints."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from tuning_sandbox.kernel import Sandbox
from tuning_sandbox.kernel.course import Course, Failure, Outcome, Phase, State, Step
from tuning_sandbox.learner.schedule import Recipe
from tuning_sandbox.vertex.artifacts import write_artifacts
from tuning_sandbox.vertex.catalogue import BaseModel
from tuning_sandbox.vertex.evaluation import Evaluation, write_runs
from tuning_sandbox.vertex.files import missing_file, shown
from tuning_sandbox.vertex.metrics import write_metrics
from tuning_sandbox.vertex.open_data import files_problem, prepare_open
from tuning_sandbox.vertex.open_models import OpenModel, model_named
from tuning_sandbox.vertex.outputs import BASE_LABEL, MODELS_KEPT, Made, add_endpoint, encryption_works, register_model
from tuning_sandbox.vertex.service import MOST, api, seconds_of, settings_of
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
from tuning_sandbox.vertex.upgrade import upgrade
from tuning_sandbox.vertex.work import Prepared, bad_data, prepare

METRIC = "aiplatform.googleapis.com/global_concurrent_tuning_jobs"
_OPEN = "open/"
OPEN_METRIC = "aiplatform.googleapis.com/global_concurrent_managed_oss_model_fine_tuning_jobs"
STATES = {state: f"JOB_STATE_{state.name}" for state in State}
JOB_LABEL = "google-vertex-llm-tuning-job-id"
MARKS = frozenset({"tune-type", BASE_LABEL, JOB_LABEL})
_LABEL = re.compile(r"[^a-z0-9_-]")
_WAITS = "TUNING_JOB_STATE_WAITING_FOR_QUOTA"
Doc = dict[str, Any]

api.behaviour(
    "a job goes PENDING, RUNNING, then SUCCEEDED or FAILED, on the clock and never by being read", source="sdk"
)
api.behaviour("RUNNING is detailed on v1beta1: dataset, capacity, tuning, post-processing", source="discovery")
api.behaviour("200 examples x 3 epochs take about 45 minutes; other sizes in proportion", source="thread")
api.behaviour(
    "a dataset that is missing, malformed or over a limit is found out by the job, which fails", source="thread"
)
api.behaviour(
    "rows are the discovery document's contents with text, fileData and function parts, begin with user and end with "
    "model; Gemini 1.0 also takes messages, whose turns alternate",
    source="thread",
)
api.behaviour(
    "a tuned model has the labels tune-type, google-vertex-llm-tuning-base-model-id and google-vertex-llm-tuning-job-id, "
    "beside those of its job; its endpoints have not",
    source="thread",
)
api.behaviour("a data set holds one format; its validation set the same", source="assumed")
api.behaviour("the text of that failure names file and line", source="assumed")


@dataclass
class TuningJob(TrainingJob):
    """A tuning job as it is stored."""

    epochs: int = 0
    adapter: int = 0
    multiplier: float = 1.0
    metrics_uri: str = ""
    adds_to: str = ""
    batch: int = 0

    @property
    def is_open(self) -> bool:
        """Whether it tunes an open model: its result is files in the output folder."""
        return "outputUri" in self.resource

    @property
    def counted_as(self) -> str:
        """The name under which a live job is counted; open models have a quota of their own."""
        return f"{_OPEN}{self.name}" if self.is_open else self.name

    @property
    def base(self) -> BaseModel:
        """The model that is tuned; the parent's for a continued job."""
        return model_named(self.resource.get("baseModel") or self.resource["preTunedModel"]["baseModel"])

    @property
    def recipe(self) -> Recipe:
        """The settings for the learner."""
        return Recipe(self.epochs, self.adapter, self.multiplier, self.seed, batch=self.batch)

    def size(self, sandbox: Sandbox) -> int:
        """The bytes of its training data."""
        return size_of(sandbox, self.resource["supervisedTuningSpec"]["trainingDatasetUri"])

    def read(self, sandbox: Sandbox) -> Callable[[], Prepared]:
        """A function that reads the data sets in their current form."""
        spec, base, epochs = self.resource["supervisedTuningSpec"], self.base, self.epochs
        training = spec["trainingDatasetUri"]
        sources = sources_of(sandbox, training, spec.get("validationDatasetUri"))
        limits, file_of = limits_of_files(sandbox), sandbox.services.storage.read_object
        if isinstance(base, OpenModel):
            recipe = self.recipe
            return lambda: shown(prepare_open(*sources, base, recipe, *limits), file_of)
        evaluates = self.evaluation is not None

        def read() -> Prepared:
            found = prepare(*sources, base, epochs, *limits)
            if evaluates and (found.training.has_media or (found.validation and found.validation.has_media)):
                return Prepared(error=bad_data("training", training, "evaluation_config supports text only."))
            return shown(found, file_of)

        return read

    @property
    def evaluation(self) -> Evaluation | None:
        """What is measured of each checkpoint."""
        config = self.resource["supervisedTuningSpec"].get("evaluationConfig")
        return Evaluation(config) if config else None

    def refusal(self, sandbox: Sandbox, prepared: Prepared) -> Failure | None:
        """Files that are missing, or that the agents of open models cannot read."""
        uri, number = self.resource["supervisedTuningSpec"]["trainingDatasetUri"], self.name.split("/")[1]
        files = prepared.training.files
        return files_problem(sandbox, number, uri, files) if self.is_open else missing_file(sandbox, uri, files)

    @property
    def marks(self) -> dict[str, str]:
        """The labels by which Google's clients find tuned models."""
        return {
            "tune-type": "sft",
            BASE_LABEL: _LABEL.sub("-", self.base.name),
            JOB_LABEL: self.name.rpartition("/")[2],
        }

    @property
    def made(self) -> Made:
        """The values that the job's model and endpoints copy from it."""
        parts = self.name.split("/")
        return Made(
            weights=self.weights,
            place=f"projects/{parts[1]}/locations/{self.base.result_location(parts[3])}",
            display_name=self.resource.get("tunedModelDisplayName", ""),
            base_uri=f"publishers/google/models/{self.base.name}",
            checkpoints=self.checkpoints,
            shows_checkpoints=not self.last_only,
            common={key: self.resource[key] for key in ("labels", "encryptionSpec") if key in self.resource},
            marks=self.marks,
            description=self.resource.get("description"),
        )


def _leave_pending(sandbox: Sandbox, job: TuningJob) -> Outcome:
    project = sandbox.projects.resolve(job.name.split("/")[1])
    metric = metric_of(job.base)
    if limit_of(sandbox, project.id, metric) <= active_jobs(sandbox, project.number, metric, State.RUNNING):
        job.resource["tuningJobState"] = _WAITS
        return Step.AGAIN
    job.resource["tuningJobState"] = "TUNING_JOB_STATE_PROCESSING_DATASET"
    moment = sandbox.clock.now().strftime("%Y%m%d%H%M%S")
    place = "/".join(job.name.split("/")[:4])
    experiment = f"tuning-experiment-{moment}{sandbox.ids.number(6)}"
    job.resource["experiment"] = f"{place}/metadataStores/default/contexts/{experiment}"
    return Step.ON


def _leave_dataset(sandbox: Sandbox, job: TuningJob) -> Outcome:
    job.resource["tuningDataStats"] = job.stats
    job.resource["tuningJobState"] = "TUNING_JOB_STATE_WAITING_FOR_CAPACITY"
    return Step.ON


def _leave_capacity(sandbox: Sandbox, job: TuningJob) -> Outcome:
    job.resource["tuningJobState"] = "TUNING_JOB_STATE_TUNING"
    return Step.ON


def _leave_tuning(sandbox: Sandbox, job: TuningJob) -> Outcome:
    resource, lines = job.resource, job.metrics
    if not encryption_works(sandbox, resource):
        key = resource["encryptionSpec"]["kmsKeyName"]
        return Failure(9, f"The CryptoKey {key} can no longer be used.")
    steps = len(lines) * (job.part + 1) // PARTS
    epochs = [line["epoch"] for line in lines[steps:]]
    completed = (epochs[0] - 1) if epochs else lines[-1]["epoch"]
    resource["tuningJobMetadata"] = {"completedEpochCount": str(completed), "completedStepCount": str(steps)}
    done = [dict(found) for found in job.checkpoints if int(found["step"]) <= steps]
    if done and not job.last_only and not job.is_open:
        resource["tunedModel"] = {"checkpoints": done}
    write_metrics(sandbox, job.metrics_uri, lines[:steps])
    resource["gcsMetricsUri"] = job.metrics_uri
    if job.part + 1 < PARTS:
        return Step.AGAIN
    resource["tuningJobState"] = "TUNING_JOB_STATE_POST_PROCESSING"
    job.metrics = []
    return Step.ON


def _leave_registering(sandbox: Sandbox, job: TuningJob) -> Outcome:
    if job.is_open:
        uri = job.resource["outputUri"]
        written = write_artifacts(sandbox, uri, job.weights, job.checkpoints, job.base.name)
        return (
            Step.ON if written else Failure(9, f"The Google Cloud Storage bucket of `{uri}` does not exist any more.")
        )
    if job.adds_to and job.adds_to not in sandbox.store.collection(MODELS_KEPT):
        return Failure(5, f"The Model does not exist: {job.adds_to}")
    job.resource["tunedModel"] = {"model": register_model(sandbox, job.made, job.adds_to)}
    return Step.ON


def _leave_endpoints(sandbox: Sandbox, job: TuningJob) -> Outcome:
    if job.is_open or job.part == len(job.checkpoints):
        if job.evaluation is not None:
            place, config = "/".join(job.name.split("/")[:4]), job.evaluation.config
            job.resource["evaluateDatasetRuns"] = write_runs(sandbox, place, config, job.evaluations)
            job.evaluations = []
        return Step.ON
    checkpoint, tuned = job.checkpoints[job.part], job.resource["tunedModel"]
    endpoint = add_endpoint(sandbox, job.made, tuned["model"], None if job.last_only else checkpoint["checkpointId"])
    if not job.last_only:
        tuned["checkpoints"] = [*tuned.get("checkpoints", []), {**checkpoint, "endpoint": endpoint}]
    tuned["endpoint"] = endpoint
    return Step.AGAIN


def _lasts(setting: str) -> Callable[[Sandbox, TuningJob], float]:
    def seconds(sandbox: Sandbox, job: TuningJob) -> float:
        return seconds_of(sandbox, setting)

    return seconds


def _pending_seconds(sandbox: Sandbox, job: TuningJob) -> float:
    # a job that waits for quota checks again after at least a second, even with very short durations
    least = 1.0 if job.resource.get("tuningJobState") == _WAITS else 0.0
    return max(least, seconds_of(sandbox, "pendingSeconds"))


def _tuning_seconds(sandbox: Sandbox, job: TuningJob) -> float:
    return seconds_of_part(sandbox, job.examples * job.epochs)


class TuningJobs:
    """The kind of tuningJobs (`kernel.course.Kind`)."""

    collection = "vertex.tuningJobs"
    job_type = TuningJob
    states = STATES
    phases: Sequence[Phase[TuningJob]] = (
        Phase("pending", _pending_seconds, _leave_pending),
        Phase("dataset", _lasts("datasetSeconds"), _leave_dataset, Reading()),
        Phase("capacity", _lasts("capacitySeconds"), _leave_capacity),
        Phase("tuning", _tuning_seconds, _leave_tuning, Training(), fails_at=PARTS // 2),
        Phase("registering", _lasts("registerSeconds"), _leave_registering),
        Phase("endpoints", _lasts("endpointSeconds"), _leave_endpoints),
    )

    def cancel_seconds(self, sandbox: Sandbox) -> float:
        return settings_of(sandbox)["cancelSeconds"]

    def end(self, sandbox: Sandbox, job: TuningJob, state: State, failure: Failure | None) -> Failure | None:
        job.resource.pop("tuningJobState", None)
        if state is not State.SUCCEEDED and "model" not in job.resource.get("tunedModel", {}):
            job.resource.pop("tunedModel", None)
        job.metrics = []
        if job.is_open and job.start:
            sandbox.store.blobs.delete(job.start)
        forget_data(sandbox, job)
        return failure


COURSE: Course[TuningJob] = Course(TuningJobs())
api.on_start(upgrade)
api.on_start(COURSE.resume)


def metric_of(model: BaseModel) -> str:
    """The quota of jobs that tune the model."""
    return OPEN_METRIC if isinstance(model, OpenModel) else METRIC


def active_jobs(sandbox: Sandbox, number: str, metric: str = METRIC, *states: State) -> int:
    """The number of jobs of a project, in all its regions, that count against a quota; `states`: only those in one of them."""
    return COURSE.count(sandbox, f"{_OPEN if metric == OPEN_METRIC else ''}projects/{number}/locations/", *states)


def limit_of(sandbox: Sandbox, project_id: str, metric: str) -> int:
    """The number of jobs that may run at once: the quota's limit, or the setting if it is lower."""
    told = sandbox.services.quotas.limit_of(project_id, metric, "global")
    setting = int(settings_of(sandbox)["concurrentJobs"]) or MOST
    return setting if told is None else min(setting, told)
