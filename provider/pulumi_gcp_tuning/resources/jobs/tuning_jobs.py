"""tuningJobs as a kind of billed job."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pulumi_gcp_tuning.google.tuning_jobs import TUNING_JOBS
from pulumi_gcp_tuning.names import TuningJobName
from pulumi_gcp_tuning.resources.core.labels import IDENTITY, SPEC, effective_labels
from pulumi_gcp_tuning.resources.jobs.kind import Job, JobKind
from pulumi_gcp_tuning.resources.jobs.spec import normalised

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pulumi_gcp_tuning.catalog import Catalogue
    from pulumi_gcp_tuning.preflight.facts import Family
    from pulumi_gcp_tuning.resources.core.lifecycle import Properties

SPEC_KEYS: Final = ("baseModel", "supervisedTuningSpec", "encryptionSpec", "serviceAccount")


def spec(body: Mapping[str, Any]) -> Properties:
    """What is trained: inputs, request and answer have the same keys."""
    return normalised({key: body[key] for key in SPEC_KEYS if key in body})


def inputs_of(job: Job) -> Properties:
    """The declaration that a job amounts to."""
    name = TuningJobName.parse(job["name"])
    inputs: Properties = {"project": name.project, "location": name.location, "deletionPolicy": "DELETE"}
    for key in ("baseModel", "tunedModelDisplayName", "description", "serviceAccount"):
        if job.get(key):
            inputs[key] = job[key]
    given = job.get("supervisedTuningSpec") or {}
    keys = ("trainingDatasetUri", "validationDatasetUri", "exportLastCheckpointOnly", "hyperParameters")
    declared = {key: given[key] for key in keys if given.get(key)}
    if "hyperParameters" in declared:
        allowed = ("epochCount", "adapterSize", "learningRateMultiplier")
        declared["hyperParameters"] = {
            key: declared["hyperParameters"][key] for key in allowed if key in declared["hyperParameters"]
        }
        if "epochCount" in declared["hyperParameters"]:
            declared["hyperParameters"]["epochCount"] = int(declared["hyperParameters"]["epochCount"])
    inputs["supervisedTuningSpec"] = declared
    if (job.get("encryptionSpec") or {}).get("kmsKeyName"):
        inputs["encryptionSpec"] = {"kmsKeyName": job["encryptionSpec"]["kmsKeyName"]}
    own = {key: value for key, value in effective_labels(job).items() if key not in (IDENTITY, SPEC)}
    if own:
        inputs["labels"] = inputs["pulumiLabels"] = own
    return inputs


def family(job: Job, catalogue: Catalogue) -> Family:
    """Open models have a quota of their own."""
    base_model = job.get("baseModel")
    row = catalogue.find_model(base_model) if isinstance(base_model, str) else None
    return "open" if row is not None and row.product == "OPEN" else "gemini"


def made(job: Job) -> Mapping[str, Any]:
    """Google names it so."""
    found: Mapping[str, Any] = job.get("tunedModel") or {}
    return found


def progress(job: Job) -> Sequence[str]:
    """What a running job is at, and epoch and step where they are known."""
    parts: list[str] = []
    detail = str(job.get("tuningJobState") or "")
    if job.get("state") == "JOB_STATE_RUNNING" and detail and not detail.endswith("UNSPECIFIED"):
        parts.append(detail.removeprefix("TUNING_JOB_STATE_").replace("_", " ").lower())
    done = job.get("tuningJobMetadata") or {}
    epochs = ((job.get("supervisedTuningSpec") or {}).get("hyperParameters") or {}).get("epochCount")
    steps = ((job.get("tuningDataStats") or {}).get("supervisedTuningDataStats") or {}).get("tuningStepCount")
    for word, count, total in (
        ("epoch", done.get("completedEpochCount"), epochs),
        ("step", done.get("completedStepCount"), steps),
    ):
        if count is not None:
            parts.append(f"{word} {count}/{total}" if total else f"{word} {count}")
    return parts


TUNING_JOB: Final = JobKind(
    resource="TuningJob",
    collection=TUNING_JOBS,
    product="GEMINI",
    parse_name=TuningJobName.parse,
    calls=lambda vertex: vertex.tuning_jobs,
    family=family,
    listed=("baseModel", "tunedModel"),
    spec=spec,
    inputs_of=inputs_of,
    made=made,
    progress=progress,
    error_of=lambda job: job.get("error") or {},
)
