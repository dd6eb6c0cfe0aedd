"""tuningJobs: create, get, list, cancel. There is no delete and no patch."""

from __future__ import annotations

from typing import Any
from zlib import crc32

from ..kernel import Call, failed_precondition, not_found
from .checks import adapter_of, check_body, check_location, check_model, check_quota
from .course import ACTIVE, JOBS, begin, request_cancel
from .service import api, not_in_sandbox, take_fault
from .surroundings import check_encryption, check_place

DATASETS = ("trainingDatasetUri", "validationDatasetUri")
_PARENT = "/{version}/projects/{project}/locations/{location}/tuningJobs"
_ID = "aiplatform.projects.locations.tuningJobs"
_BETA_ONLY = ("tuningJobState", "tuningJobMetadata")
Doc = dict[str, Any]

api.behaviour(
    "create is judged in this order: permission, location and model, policy of locations, body, key, quota",
    source="assumed",
)
api.behaviour("names carry the project's number whatever the request said", source="recording")
api.behaviour("a job without a display name gets a random one", source="sdk", ref="seed 000")


@api.route("POST", _PARENT, id=f"{_ID}.create", permission="aiplatform.tuningJobs.create", source="discovery",
           does="accepts a tuning job and answers it at once, PENDING")  # fmt: skip
def create_tuning_job(call: Call) -> Doc:
    check_location(call)
    body = call.body
    model = check_model(call, body)
    check_place(call)
    check_body(call, body, model)
    check_encryption(call, body, model)
    check_quota(call)
    sandbox = call.sandbox
    hyper = body["supervisedTuningSpec"].get("hyperParameters", {})
    job = {
        "name": f"{call.resource}/{sandbox.ids.number(19)}",
        **body,
        "state": sandbox.policy["vertex.first_state"],
        "createTime": call.now,
        "updateTime": call.now,
    }
    job.setdefault("tunedModelDisplayName", f"tuned-{sandbox.ids.number(10)}")
    place = f"{call.location}-{call.project.number}"
    doc: Doc = {
        "job": job,
        "epochs": int(hyper.get("epochCount", 4)),
        "adapter": adapter_of(hyper) or model.default_adapter,
        "multiplier": float(hyper.get("learningRateMultiplier") or 1.0),
        "last_only": bool(body["supervisedTuningSpec"].get("exportLastCheckpointOnly")),
        "seed": seed_of(sandbox.seed, body["supervisedTuningSpec"], model.name),
        "fault": take_fault(sandbox, job["tunedModelDisplayName"]) or {},
        "examples": 0,
        "metrics_uri": f"gs://vertex-tuning-metrics-{place}/{job['name'].rpartition('/')[2]}/metrics.jsonl",
    }
    # the agent that runs Gemini jobs comes into being with the project's first job
    sandbox.ask("make_service_agent", call.project.number, "gcp-sa-vertex-tune")
    begin(sandbox, doc)
    return job_to_wire(doc["job"], call.version)


def seed_of(sandbox_seed: int, spec: dict[str, Any], model: str) -> int:
    """The learner's seed: the same objects and parameters train the same model, whatever the bucket is called."""
    data = [str(spec.get(key, "")).removeprefix("gs://").partition("/")[2] for key in DATASETS]
    rest = {key: value for key, value in spec.items() if key not in DATASETS}
    return crc32(repr((sandbox_seed, data, rest, model)).encode())


@api.route("GET", _PARENT + "/{job}", id=f"{_ID}.get", permission="aiplatform.tuningJobs.get", source="discovery",
           does="one job of this location, with what is known of it by now")  # fmt: skip
def get_tuning_job(call: Call) -> Doc:
    return job_to_wire(find_job(call)["job"], call.version)


@api.route("GET", _PARENT, id=f"{_ID}.list", permission="aiplatform.tuningJobs.list", source="discovery",
           does="the jobs of this location, newest first, in pages; a filter is 501: its grammar is not established")  # fmt: skip
def list_tuning_jobs(call: Call) -> Doc:
    check_location(call)
    if call.query.get("filter"):
        raise not_in_sandbox("filters of tuningJobs.list: their grammar is not documented; filter on the client's side")
    jobs = [doc["job"] for doc in reversed(call.sandbox.store.collection(JOBS).all(prefix=f"{call.resource}/"))]
    page = call.page(jobs, "tuningJobs")
    page["tuningJobs"] = [job_to_wire(job, call.version) for job in page["tuningJobs"]]
    return page


@api.route("POST", _PARENT + "/{job}:cancel", id=f"{_ID}.cancel", permission="aiplatform.tuningJobs.cancel",
           source="discovery", does="asks a job to stop: CANCELLING, then CANCELLED with error code 1; best effort")  # fmt: skip
def cancel_tuning_job(call: Call) -> Doc:
    doc = find_job(call)
    _ = call.body
    if doc["job"]["state"] in ACTIVE:
        request_cancel(call.sandbox, doc)
    elif call.sandbox.policy["vertex.cancel_of_finished"] == "refuse":
        raise failed_precondition(f"The TuningJob is in state {doc['job']['state']} and cannot be cancelled.")
    return {}


@api.route("POST", _PARENT + ":rebaseTunedModel", id=f"{_ID}.rebaseTunedModel", source="assumed",
           permission="aiplatform.tuningJobs.create", does="501 by name: rebasing is a legacy of retired models")  # fmt: skip
def rebase_tuned_model(call: Call) -> Doc:
    raise not_in_sandbox("tuningJobs:rebaseTunedModel")


def find_job(call: Call) -> Doc:
    """The job of the path, or 404."""
    check_location(call)
    doc = call.sandbox.store.collection(JOBS).get(call.resource)
    if doc is None:
        raise not_found("The TuningJob does not exist.")
    return doc


def job_to_wire(job: Doc, version: str) -> Doc:
    """The job as a version of the API shows it."""
    return job if version == "v1beta1" else {key: value for key, value in job.items() if key not in _BETA_ONLY}
