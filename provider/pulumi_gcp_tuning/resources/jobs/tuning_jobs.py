"""tuningJobs as a kind of billed job."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from pulumi_gcp_tuning.google.tuning_jobs import TUNING_JOBS
from pulumi_gcp_tuning.names import TuningJobName
from pulumi_gcp_tuning.resources.core.description import keys_of
from pulumi_gcp_tuning.resources.core.outputs import without
from pulumi_gcp_tuning.resources.core.wire import inputs_of
from pulumi_gcp_tuning.resources.jobs.kind import Job, JobKind
from pulumi_gcp_tuning.resources.jobs.spec import normalised

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pulumi_gcp_tuning.catalog import Catalogue
    from pulumi_gcp_tuning.preflight.facts import Family
    from pulumi_gcp_tuning.resources.core.inputs import CommonArgs
    from pulumi_gcp_tuning.resources.core.lifecycle import Properties


def read_spec(args: type[CommonArgs], body: Mapping[str, Any]) -> Properties:
    """The spec. Inputs, request and answer have the same keys.

    A parent is named without its project, which is that of the job, as an id or as a number. So is a job to start from.
    """
    spec = {key: body[key] for key in keys_of(args, "spec") if key in body}
    parent, start = spec.get("preTunedModel"), spec.get("customBaseModel")
    if isinstance(start, str):
        spec["customBaseModel"] = _without_project(start)
    if isinstance(parent, Mapping):
        name = parent.get("tunedModelName")
        short = _without_project(name) if isinstance(name, str) else name
        given = {"tunedModelName": short, "checkpointId": parent.get("checkpointId")}
        is_answer = "baseModel" in parent
        spec = {**without(spec, ("baseModel",) if is_answer else ()), "preTunedModel": given}
    return normalised(spec, args)


def _without_project(name: str) -> str:
    return name.split("/", 2)[-1] if name.startswith("projects/") else name


def read_inputs(args: type[CommonArgs], job: Job) -> Properties:
    """The inputs under Google's names. Counts, which Google writes as text, become numbers."""
    inputs = inputs_of(args, job)
    parameters = inputs.setdefault("supervisedTuningSpec", {}).get("hyperParameters", {})
    parameters.update({key: int(parameters[key]) for key in ("epochCount", "batchSize") if key in parameters})
    return inputs


def base_model_of(job: Job) -> str | None:
    """The base model; of a continued job that of its parent."""
    found = job.get("baseModel") or (job.get("preTunedModel") or {}).get("baseModel")
    return found if isinstance(found, str) else None


def family(job: Job, catalogue: Catalogue) -> Family:
    """The quota. Open models have their own."""
    base_model = base_model_of(job)
    row = catalogue.find_model(base_model) if base_model else None
    return "open" if row is not None and row.product == "OPEN" else "gemini"


def made(job: Job) -> Mapping[str, Any]:
    """The job's own ``tunedModel``."""
    found: Mapping[str, Any] = job.get("tunedModel") or {}
    return found


def progress(job: Job) -> Sequence[str]:
    """The progress of a running job: epoch, percent and step if they are known, and what Google does."""
    parts: list[str] = []
    done = job.get("tuningJobMetadata") or {}
    epochs = ((job.get("supervisedTuningSpec") or {}).get("hyperParameters") or {}).get("epochCount")
    steps = ((job.get("tuningDataStats") or {}).get("supervisedTuningDataStats") or {}).get("tuningStepCount")
    for word, count, total in (
        ("epoch", done.get("completedEpochCount"), epochs),
        ("step", done.get("completedStepCount"), steps),
    ):
        if count is not None:
            parts.append(f"{word} {count}/{total}" if total else f"{word} {count}")
    if job.get("state") != "JOB_STATE_RUNNING":
        return parts
    if steps and done.get("completedStepCount") is not None:
        parts.insert(-1, f"{100 * int(done['completedStepCount']) // int(steps)} %")
    detail = str(job.get("tuningJobState") or "")
    if detail and not detail.endswith("UNSPECIFIED"):
        parts.append(detail.removeprefix("TUNING_JOB_STATE_").replace("_", " ").lower())
    return parts


TUNING_JOB: Final = JobKind(
    resource="TuningJob",
    collection=TUNING_JOBS,
    product="GEMINI",
    parse_name=TuningJobName.parse,
    calls=lambda vertex: vertex.tuning_jobs,
    family=family,
    listed=("baseModel", "preTunedModel", "tunedModel", "outputUri"),
    made=made,
    progress=progress,
    error_of=lambda job: job.get("error") or {},
    curves_at=lambda job: job.get("gcsMetricsUri"),
    curves_come="they appear once it runs",
    read_spec=read_spec,
    read_inputs=read_inputs,
)
