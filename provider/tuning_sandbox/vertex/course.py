"""The course of a tuning job on the sandbox's clock.

    PENDING -> RUNNING: dataset -> capacity -> tuning (ten parts) -> registering -> endpoints -> SUCCEEDED

Each phase has a due time; reading and training run beside the loop, and a phase ends only when its time has come and its
work is done. The document keeps the phase, so a restart goes on where it was.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from ..kernel import Sandbox, from_stamp, to_stamp
from .catalogue import MODELS, bare_name
from .metrics import write_metrics
from .outputs import add_endpoint, encryption_works, register_model
from .service import api, settings_of
from .work import Learned, Prepared, learn, prepare

JOBS = "vertex.tuningJobs"
ACTIVE = ("JOB_STATE_QUEUED", "JOB_STATE_PENDING", "JOB_STATE_RUNNING", "JOB_STATE_CANCELLING")
PARTS = 10
METRIC = "aiplatform.googleapis.com/global_concurrent_tuning_jobs"
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
api.behaviour("a data set holds one format; its validation set the same", source="assumed")
api.behaviour("the text of that failure names file and line", source="assumed")


@api.on_start
def resume(sandbox: Sandbox) -> None:
    """Goes on with every job that has not ended."""
    for doc in sandbox.store.collection(JOBS).all():
        if doc["job"]["state"] in ACTIVE and doc["due"]:
            _schedule(sandbox, doc)


def begin(sandbox: Sandbox, doc: Doc) -> None:
    """Starts the course of a job that create has just accepted."""
    doc.update(phase="pending", turn=0, due=None, told={})
    _enter(sandbox, doc, "pending", settings_of(sandbox)["pendingSeconds"])


def request_cancel(sandbox: Sandbox, doc: Doc) -> None:
    """Cancels an active job: CANCELLING now, CANCELLED soon; or, where a fault says so, the job wins the race."""
    if doc["job"]["state"] == "JOB_STATE_CANCELLING" or doc["fault"].get("kind") == "cancelLoses":
        return
    doc["job"]["state"] = "JOB_STATE_CANCELLING"
    _cancelled(sandbox).add(doc["job"]["name"])
    _enter(sandbox, doc, "cancelling", settings_of(sandbox)["cancelSeconds"])


def active_jobs(sandbox: Sandbox, number: str) -> list[Doc]:
    """The jobs of a project, in all its regions, that hold a place of the quota."""
    prefix = f"projects/{number}/locations/"
    kept = sandbox.store.collection(JOBS).all(prefix=prefix)
    return [doc for doc in kept if doc["job"]["state"] in ACTIVE]


def limit_of(sandbox: Sandbox, project_id: str) -> int:
    """How many jobs may run at once: the quota module's word or the setting, whichever is less."""
    told = sandbox.ask("quota", project_id, METRIC, "global")
    setting = int(settings_of(sandbox)["concurrentJobs"])
    return setting if told is None else min(setting, int(told))


def _enter(sandbox: Sandbox, doc: Doc, phase: str, seconds: float) -> None:
    scale = 1.0 if phase == "cancelling" else settings_of(sandbox)["durationScale"]
    doc.update(phase=phase, turn=doc["turn"] + 1)
    # a job that waits for quota looks again after a second at least, however fast the durations were made
    least = (
        1.0 if doc["job"].get("tuningJobState") == "TUNING_JOB_STATE_WAITING_FOR_QUOTA" and phase == "pending" else 0.0
    )
    doc["due"] = to_stamp(sandbox.clock.now() + timedelta(seconds=max(least, seconds * scale)))
    doc["job"]["updateTime"] = sandbox.clock.stamp()
    _keep(sandbox, doc)
    _schedule(sandbox, doc)


def _schedule(sandbox: Sandbox, doc: Doc) -> None:
    due: datetime = from_stamp(doc["due"])
    sandbox.clock.at(due, _fall_due, sandbox, doc["job"]["name"], doc["turn"])
    if doc["phase"] in ("dataset", "tuning"):
        _start_work(sandbox, doc)


def _fall_due(sandbox: Sandbox, name: str, turn: int) -> None:
    doc = sandbox.store.collection(JOBS).get(name)
    if doc is not None and doc["turn"] == turn:
        _go_on(sandbox, doc)


def _go_on(sandbox: Sandbox, doc: Doc) -> None:  # noqa: C901 - one branch per phase
    if sandbox.clock.now() < from_stamp(doc["due"]):
        return
    job, fault, settings = doc["job"], doc["fault"], settings_of(sandbox)
    phase = doc["phase"]
    if phase == "cancelling":
        _end(sandbox, doc, "JOB_STATE_CANCELLED", {"code": 1, "message": "CANCELED"})
    elif phase == "pending":
        _leave_pending(sandbox, doc)
    elif phase == "dataset" and "stats" in doc["told"]:
        if doc["told"]["error"] or _fails(fault, "dataset"):
            _end(sandbox, doc, "JOB_STATE_FAILED", doc["told"]["error"] or _fault_error(fault))
            return
        job["tuningDataStats"] = doc["told"]["stats"]
        job["tuningJobState"] = "TUNING_JOB_STATE_WAITING_FOR_CAPACITY"
        _enter(sandbox, doc, "capacity", settings["capacitySeconds"])
    elif phase == "capacity":
        job["tuningJobState"] = "TUNING_JOB_STATE_TUNING"
        doc["part"] = 0
        _enter(sandbox, doc, "tuning", _tuning_seconds(doc, settings) / PARTS)
    elif phase == "tuning" and doc["told"].get("learned"):
        _tune_on(sandbox, doc)
    elif phase == "registering":
        register_model(sandbox, doc)
        _enter(sandbox, doc, "endpoints", settings["endpointSeconds"])
    elif phase == "endpoints":
        if add_endpoint(sandbox, doc):
            _enter(sandbox, doc, "endpoints", settings["endpointSeconds"])
        else:
            _end(sandbox, doc, "JOB_STATE_SUCCEEDED", None)


def _leave_pending(sandbox: Sandbox, doc: Doc) -> None:
    job, settings = doc["job"], settings_of(sandbox)
    project = sandbox.projects.resolve(job["name"].split("/")[1])
    limit = limit_of(sandbox, project.id)
    ahead = [found for found in active_jobs(sandbox, project.number) if found["job"]["state"] == "JOB_STATE_RUNNING"]
    if limit <= len(ahead):
        job["tuningJobState"] = "TUNING_JOB_STATE_WAITING_FOR_QUOTA"
        _enter(sandbox, doc, "pending", settings["pendingSeconds"])
        return
    job.update(state="JOB_STATE_RUNNING", startTime=sandbox.clock.stamp())
    job["tuningJobState"] = "TUNING_JOB_STATE_PROCESSING_DATASET"
    moment = sandbox.clock.now().strftime("%Y%m%d%H%M%S")
    place = "/".join(job["name"].split("/")[:4])
    job["experiment"] = f"{place}/metadataStores/default/contexts/tuning-experiment-{moment}{sandbox.ids.number(6)}"
    _enter(sandbox, doc, "dataset", settings["datasetSeconds"])


def _tune_on(sandbox: Sandbox, doc: Doc) -> None:
    job, fault = doc["job"], doc["fault"]
    if fault.get("kind") == "stuck":
        doc["due"] = None
        _keep(sandbox, doc)
        return
    if doc["told"]["error"] or (_fails(fault, "tuning") and doc["part"] >= PARTS // 2):
        _end(sandbox, doc, "JOB_STATE_FAILED", doc["told"]["error"] or _fault_error(fault))
        return
    if not encryption_works(sandbox, job):
        key = job["encryptionSpec"]["kmsKeyName"]
        _end(sandbox, doc, "JOB_STATE_FAILED", {"code": 9, "message": f"The CryptoKey {key} can no longer be used."})
        return
    doc["part"] += 1
    lines = doc["told"]["metrics"]
    steps = len(lines) * doc["part"] // PARTS
    done = [found for found in doc["told"]["learned"] if int(found["step"]) <= steps]
    epochs = [line["epoch"] for line in lines[steps:]]
    completed = (epochs[0] - 1) if epochs else lines[-1]["epoch"]
    job["tuningJobMetadata"] = {"completedEpochCount": str(completed), "completedStepCount": str(steps)}
    if done and not doc["last_only"]:
        job["tunedModel"] = {"checkpoints": [dict(found) for found in done]}
    if write_metrics(sandbox, doc["metrics_uri"], lines[:steps]):
        job["gcsMetricsUri"] = doc["metrics_uri"]
    settings = settings_of(sandbox)
    if doc["part"] < PARTS:
        _enter(sandbox, doc, "tuning", _tuning_seconds(doc, settings) / PARTS)
        return
    job["tuningJobState"] = "TUNING_JOB_STATE_POST_PROCESSING"
    doc["told"].pop("metrics")
    _enter(sandbox, doc, "registering", settings["registerSeconds"])


def _start_work(sandbox: Sandbox, doc: Doc) -> None:
    name = doc["job"]["name"]
    done = "stats" if doc["phase"] == "dataset" else "learned"
    if done in doc["told"] or (doc["phase"], name) in _running(sandbox):
        return
    _running(sandbox).add((doc["phase"], name))
    spec = doc["job"]["supervisedTuningSpec"]
    model, epochs = MODELS[bare_name(doc["job"]["baseModel"])], doc["epochs"]
    prepared: Prepared | None = _prepared(sandbox).get(name)
    sources, settings = _sources_of(sandbox, spec), settings_of(sandbox)

    cancelled, forgotten = _cancelled(sandbox), sandbox.until_reset()

    def stopped() -> bool:
        return forgotten() or name in cancelled

    def read() -> Prepared:
        return prepare(*sources, model, epochs, int(settings["mostRows"]), int(settings["mostFileBytes"]))

    if doc["phase"] == "dataset":
        sandbox.background(lambda: _guarded(read, Prepared), lambda found: _data_read(sandbox, name, found))
        return

    def train() -> Learned:
        data = prepared or read()
        if data.error:
            return Learned(error=data.error)
        return learn(data, model, epochs, doc["adapter"], doc["multiplier"], doc["seed"], stopped)

    sandbox.background(lambda: _guarded(train, Learned), lambda found: _learned(sandbox, name, found))


def _data_read(sandbox: Sandbox, name: str, found: Prepared) -> None:
    _running(sandbox).discard(("dataset", name))
    doc = sandbox.store.collection(JOBS).get(name)
    if doc is None or doc["phase"] != "dataset":
        return
    _prepared(sandbox)[name] = found
    doc["told"] = {"stats": found.stats, "error": found.error}
    doc["examples"] = len(found.training.examples)
    _keep(sandbox, doc)
    _go_on(sandbox, doc)


def _learned(sandbox: Sandbox, name: str, found: Learned) -> None:
    _running(sandbox).discard(("tuning", name))
    _prepared(sandbox).pop(name, None)
    doc = sandbox.store.collection(JOBS).get(name)
    if doc is None or doc["phase"] != "tuning":
        return
    checkpoints = found.checkpoints[-1:] if doc["last_only"] else found.checkpoints
    if doc["last_only"] and checkpoints:
        checkpoints = [{**checkpoints[0], "checkpointId": "1"}]
    blobs = found.blobs[-1:] if doc["last_only"] else found.blobs
    for told, blob in zip(checkpoints, blobs, strict=True):
        sandbox.store.blobs.put(weights_key(name, told["checkpointId"]), blob)
    doc["told"] = {"learned": checkpoints or True, "metrics": found.metrics, "error": found.error}
    _keep(sandbox, doc)
    _go_on(sandbox, doc)


def weights_key(job_name: str, checkpoint_id: str) -> str:
    """Where the parameters of a checkpoint are kept."""
    return f"vertex/{job_name}/checkpoints/{checkpoint_id}"


def _end(sandbox: Sandbox, doc: Doc, state: str, error: Doc | None) -> None:
    job = doc["job"]
    job.update(state=state, endTime=sandbox.clock.stamp(), updateTime=sandbox.clock.stamp())
    job.pop("tuningJobState", None)
    if error:
        job["error"] = error
        if "model" not in job.get("tunedModel", {}):
            job.pop("tunedModel", None)
    doc.update(phase="ended", due=None, turn=doc["turn"] + 1)
    doc["told"].pop("metrics", None)
    _prepared(sandbox).pop(job["name"], None)
    _keep(sandbox, doc)


def _sources_of(sandbox: Sandbox, spec: Doc) -> tuple[tuple[str, bytes | None], tuple[str, bytes | None] | None]:
    training, validation = spec["trainingDatasetUri"], spec.get("validationDatasetUri")
    return (training, sandbox.ask("read_object", training)), (
        (validation, sandbox.ask("read_object", validation)) if validation else None
    )


def _guarded(work: Any, kind: Any) -> Any:
    try:
        return work()
    except Exception as error:  # noqa: BLE001 - a fault of the learner must end the job, not leave it running for ever
        return kind(error={"code": 13, "message": f"Internal error: {type(error).__name__}: {error}"})


def _tuning_seconds(doc: Doc, settings: dict[str, float]) -> float:
    rows = int(doc["examples"]) * int(doc["epochs"])
    return settings["tuningBaseSeconds"] + settings["tuningSecondsPerExample"] * rows


def _fails(fault: Doc, at: str) -> bool:
    return fault.get("kind") == "fail" and fault.get("at", "tuning") == at


def _fault_error(fault: Doc) -> Doc:
    return {"code": int(fault.get("code", 13)), "message": fault.get("message", "Internal error encountered.")}


def _prepared(sandbox: Sandbox) -> dict[str, Prepared]:
    kept: dict[str, Prepared] = sandbox.scratch.setdefault("vertex.prepared", {})
    return kept


def _cancelled(sandbox: Sandbox) -> set[str]:
    cancelled: set[str] = sandbox.scratch.setdefault("vertex.cancelled", set())
    return cancelled


def _running(sandbox: Sandbox) -> set[tuple[str, str]]:
    running: set[tuple[str, str]] = sandbox.scratch.setdefault("vertex.running", set())
    return running


def _keep(sandbox: Sandbox, doc: Doc) -> None:
    sandbox.store.collection(JOBS).put(doc["job"]["name"], doc)
