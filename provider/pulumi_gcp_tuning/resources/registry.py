"""The resources by their names in users' state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pulumi_gcp_tuning.resources import (
    endpoint,
    gemini_api_tuned_model,
    model_deployment,
    pipeline_tuning_job,
    tuned_model,
    tuning_dataset,
    tuning_job,
)
from pulumi_gcp_tuning.resources.core import costs
from pulumi_gcp_tuning.resources.core.frame import Frame
from pulumi_gcp_tuning.resources.jobs.kinds import kind_of
from pulumi_gcp_tuning.resources.jobs.recognised import recognised_by_labels

if TYPE_CHECKING:
    from pulumi_gcp_tuning.resources.jobs.kind import DeclaredKind

REGISTERED: Final = (
    Frame(
        "tuning_dataset",
        tuning_dataset,
        noun="dataset",
        costs=costs.OBJECT,
        shared=True,
        fill_in=tuning_dataset.fill_in,
        marks=tuning_dataset.marks,
        reclaim=tuning_dataset.reclaim,
    ),
    Frame(
        "tuning_job", tuning_job, noun="tuning job", costs=costs.JOB, recognised=recognised_by_labels(tuning_job.KIND)
    ),
    Frame(
        "pipeline_tuning_job",
        pipeline_tuning_job,
        noun="tuning pipeline",
        costs=costs.JOB,
        recognised=recognised_by_labels(pipeline_tuning_job.KIND),
    ),
    Frame(
        "tuned_model",
        tuned_model,
        noun="tuned model",
        costs=costs.MODEL,
        marks=tuned_model.marks,
        reclaim=tuned_model.reclaim,
    ),
    Frame(
        "gemini_api_tuned_model",
        gemini_api_tuned_model,
        noun="tuned model of the Gemini API",
        costs=costs.GEMINI_API,
        recognised=gemini_api_tuned_model.RECOGNISED,
    ),
    Frame("endpoint", endpoint, noun="endpoint", costs=costs.ENDPOINT, marks=endpoint.marks, reclaim=endpoint.reclaim),
    Frame(
        "model_deployment",
        model_deployment,
        noun="deployment",
        costs=costs.DEPLOYMENT,
        recognised=model_deployment.RECOGNISED,
    ),
)
KINDS: Final = tuple(frame.kind for frame in REGISTERED)
_BY_KIND: Final = {frame.kind: frame for frame in REGISTERED}


def lifecycle_of(kind: str) -> Frame:
    """The six methods that Pulumi calls on a kind of resource. Raises LookupError for an unknown kind."""
    if kind not in _BY_KIND:
        raise LookupError(f"no resource of kind {kind!r}; there are {', '.join(KINDS)}")
    return _BY_KIND[kind]


def declared_kind_of(job: str) -> tuple[Frame, DeclaredKind]:
    """The resource that declares a job of this name, and its kind of job."""
    resource = kind_of(job).resource
    frame = next(frame for frame in REGISTERED if frame.name == resource)
    module: Any = frame.resource
    return frame, module.KIND
