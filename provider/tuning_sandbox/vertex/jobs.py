"""tuningJobs: create, get, list, cancel. There is no delete and no patch."""

from __future__ import annotations

from typing import Any
from zlib import crc32

from tuning_sandbox.kernel import Call, not_found
from tuning_sandbox.kernel.course import State
from tuning_sandbox.kernel.list_filter import Fields, compile_filter, plain
from tuning_sandbox.spelling import split_uri
from tuning_sandbox.vertex.catalogue import regions_of
from tuning_sandbox.vertex.checks import adapter_of, check_body, check_location, check_model, check_quota
from tuning_sandbox.vertex.open_checks import check_open_settings
from tuning_sandbox.vertex.open_models import OpenModel
from tuning_sandbox.vertex.parents import find_parent
from tuning_sandbox.vertex.service import api, not_in_sandbox, take_fault
from tuning_sandbox.vertex.surroundings import check_encryption, check_place
from tuning_sandbox.vertex.training import cancel_job
from tuning_sandbox.vertex.tuning_course import COURSE, STATES, TuningJob

DATASETS = ("trainingDatasetUri", "validationDatasetUri")
_PARENT = "/{version}/projects/{project}/locations/{location}/tuningJobs"
_ID = "aiplatform.projects.locations.tuningJobs"
_BETA_ONLY = ("tuningJobState", "tuningJobMetadata", "outputUri", "customBaseModel", "learningRate", "batchSize")
_FIRST = {STATES[state]: state for state in (State.PENDING, State.QUEUED)}
_EQUAL = ("=", "!=")
_FIELDS = Fields(
    texts={
        "name": plain("name"),
        "base_model": plain("baseModel"),
        "tuned_model_display_name": plain("tunedModelDisplayName"),
        "state": plain("state", _EQUAL, STATES.values()),
        "service_account": plain("serviceAccount"),
        "experiment": plain("experiment"),
        "tuned_model.model": plain("tunedModel.model"),
        "tuned_model.endpoint": plain("tunedModel.endpoint"),
        "supervised_tuning_spec.training_dataset_uri": plain("supervisedTuningSpec.trainingDatasetUri"),
        "supervised_tuning_spec.validation_dataset_uri": plain("supervisedTuningSpec.validationDatasetUri"),
        "encryption_spec.kms_key_name": plain("encryptionSpec.kmsKeyName"),
    },
    times=("create_time", "update_time", "start_time", "end_time"),
    unserved=(
        "description", "error", "pre_tuned_model", "custom_base_model", "output_uri", "tuning_data_stats", "tuned_model",
        "supervised_tuning_spec", "preference_optimization_spec", "distillation_spec", "pipeline_job", "evaluate_dataset_runs",
    ),
)  # fmt: skip
Doc = dict[str, Any]

api.behaviour("totalBillableTokenCount counts the data set once, whatever the epochs", source="assumed")
api.behaviour(
    "tuningJobs.list takes the standard filter (AIP-160): comparisons of the job's texts, times and labels",
    source="assumed",
)
api.behaviour(
    "create is judged in this order: permission, location and model, policy of locations, body, key, quota",
    source="assumed",
)
api.behaviour("names carry the project's number whatever the request said", source="recording")
api.behaviour("a job without a display name gets a random one", source="sdk", ref="seed 000")


@api.route("POST", _PARENT, id=f"{_ID}.create", permission="aiplatform.tuningJobs.create", source="discovery",
           does="creates a tuning job and answers at once, in state PENDING")  # fmt: skip
def create_tuning_job(call: Call) -> Doc:
    check_location(call)
    body = call.body
    parent = find_parent(call, body)
    model = check_model(call, body, parent.base if parent else None)
    check_place(call)
    check_body(call, body, model)
    spec = body["supervisedTuningSpec"]
    hyper = spec.get("hyperParameters", {})
    adapter = adapter_of(hyper)
    settings = check_open_settings(call, body, model, adapter) if isinstance(model, OpenModel) else None
    check_encryption(call, body, model)
    check_quota(call, model)
    sandbox = call.sandbox
    resource = {"name": f"{call.resource}/{sandbox.ids.number(19)}", **body}
    shown = parent.display_name if parent else f"tuned-{sandbox.ids.number(10)}"
    resource.setdefault("tunedModelDisplayName", shown)
    if parent:
        resource["preTunedModel"] = {**resource["preTunedModel"], "baseModel": parent.base}
    bucket = f"vertex-tuning-metrics-{call.location}-{call.project.number}"
    job = TuningJob(
        resource,
        fault=take_fault(sandbox, resource["tunedModelDisplayName"]),
        seed=seed_of(
            sandbox.seed, spec, f"{parent.seed} {parent.weights.rpartition('/')[2]}" if parent else model.name
        ),
        last_only=bool(spec.get("exportLastCheckpointOnly")),
        epochs=int(hyper.get("epochCount", 4)),
        adapter=adapter or (parent.adapter if parent else model.default_adapter),
        multiplier=float(hyper.get("learningRateMultiplier") or 1.0),
        metrics_uri=f"gs://{bucket}/{resource['name'].rpartition('/')[2]}/metrics.jsonl",
        start=parent.weights if parent else "",
        adds_to=parent.name.partition("@")[0]
        if parent and resource["tunedModelDisplayName"] == parent.display_name
        else "",
    )
    if settings is not None:
        job.adapter, job.multiplier, job.batch = settings.adapter, settings.multiplier, settings.batch
        if settings.start is not None:
            job.start = f"vertex/{job.name}/start"
            sandbox.store.blobs.put(job.start, settings.start)
    # the project's first job creates the service agent that runs such jobs
    agent = "gcp-sa-vertex-tune" if settings is None else "gcp-sa-vertex-moss-ft"
    sandbox.services.accounts.make_service_agent(call.project.number, agent)
    COURSE.begin(sandbox, job, _FIRST[sandbox.policy["vertex.first_state"]])
    return job_to_wire(job.resource, call.version)


def seed_of(sandbox_seed: int, spec: dict[str, Any], model: str) -> int:
    """The learner's seed: the same objects and parameters train the same model, for any bucket name."""
    data = [split_uri(str(spec.get(key, "")))[1] for key in DATASETS]
    rest = {key: value for key, value in spec.items() if key not in DATASETS}
    return crc32(repr((sandbox_seed, data, rest, model)).encode())


@api.route("GET", _PARENT + "/{job}", id=f"{_ID}.get", permission="aiplatform.tuningJobs.get", source="discovery",
           does="one job of this location in its current state")  # fmt: skip
def get_tuning_job(call: Call) -> Doc:
    return job_to_wire(find_job(call, at_result=True).resource, call.version)


@api.route("GET", _PARENT, id=f"{_ID}.list", permission="aiplatform.tuningJobs.list", source="discovery",
           does="the jobs of this location, newest first, filtered, in pages")  # fmt: skip
def list_tuning_jobs(call: Call) -> Doc:
    check_location(call)
    fits = compile_filter(call.query.get("filter", ""), _FIELDS)
    jobs = [job.resource for job in reversed(COURSE.jobs(call.sandbox, f"{call.resource}/"))]
    page = call.page([job for job in jobs if fits(job)], "tuningJobs")
    page["tuningJobs"] = [job_to_wire(job, call.version) for job in page["tuningJobs"]]
    return page


@api.route("POST", _PARENT + "/{job}:cancel", id=f"{_ID}.cancel", permission="aiplatform.tuningJobs.cancel",
           source="discovery", does="asks a job to stop: CANCELLING, then CANCELLED with error code 1; best effort")  # fmt: skip
def cancel_tuning_job(call: Call) -> Doc:
    return cancel_job(call, COURSE, find_job(call), "TuningJob")


@api.route("POST", _PARENT + ":rebaseTunedModel", id=f"{_ID}.rebaseTunedModel", source="assumed",
           permission="aiplatform.tuningJobs.create", does="501: only retired models can be rebased")  # fmt: skip
def rebase_tuned_model(call: Call) -> Doc:
    raise not_in_sandbox("tuningJobs:rebaseTunedModel")


def find_job(call: Call, *, at_result: bool = False) -> TuningJob:
    """The job in the path, or 404; `at_result`: a finished job is also found in its model's location."""
    check_location(call)
    job = COURSE.find(call.sandbox, call.resource)
    if job is None and at_result and call.sandbox.policy["vertex.job_at_result"] == "accept":
        job = _job_of_result(call)
    if job is None:
        raise not_found("The TuningJob does not exist.")
    return job


def _job_of_result(call: Call) -> TuningJob | None:
    place, _, number = call.resource.rpartition("/tuningJobs/")
    for region in regions_of(call.location):
        job = COURSE.find(call.sandbox, f"{place.rpartition('/')[0]}/{region}/tuningJobs/{number}")
        if job is not None and str(job.resource.get("tunedModel", {}).get("model", "")).startswith(f"{place}/"):
            return job
    return None


def job_to_wire(job: Doc, version: str) -> Doc:
    """The job as this version of the API shows it."""
    if version == "v1beta1":
        return job
    shown = {key: value for key, value in job.items() if key not in _BETA_ONLY}
    if "outputUri" in job:
        spec = {key: value for key, value in job["supervisedTuningSpec"].items() if key != "tuningMode"}
        hyper = spec.get("hyperParameters", {})
        spec["hyperParameters"] = {key: value for key, value in hyper.items() if key not in _BETA_ONLY}
        shown["supervisedTuningSpec"] = spec
    return shown
