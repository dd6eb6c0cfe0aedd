"""The resources by their names in users' state. A preview imports only those that its program declares."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from pulumi_gcp_tuning.resources.core import costs
from pulumi_gcp_tuning.resources.core.frame import Frame
from pulumi_gcp_tuning.resources.jobs.kinds import kind_of
from pulumi_gcp_tuning.resources.jobs.recognised import recognised_by_labels

if TYPE_CHECKING:
    from pulumi_gcp_tuning.resources.jobs.kind import DeclaredKind


def _tuning_dataset(kind: str) -> Frame:
    from pulumi_gcp_tuning.resources import tuning_dataset

    return Frame(
        kind,
        tuning_dataset,
        noun="dataset",
        costs=costs.OBJECT,
        shared=True,
        fill_in=tuning_dataset.fill_in,
        marks=tuning_dataset.marks,
        reclaim=tuning_dataset.reclaim,
    )


def _tuning_job(kind: str) -> Frame:
    from pulumi_gcp_tuning.resources import tuning_job

    return Frame(kind, tuning_job, noun="tuning job", costs=costs.JOB, recognised=recognised_by_labels(tuning_job.KIND))


def _pipeline_tuning_job(kind: str) -> Frame:
    from pulumi_gcp_tuning.resources import pipeline_tuning_job

    return Frame(
        kind,
        pipeline_tuning_job,
        noun="tuning pipeline",
        costs=costs.JOB,
        recognised=recognised_by_labels(pipeline_tuning_job.KIND),
    )


def _tuned_model(kind: str) -> Frame:
    from pulumi_gcp_tuning.resources import tuned_model

    return Frame(
        kind, tuned_model, noun="tuned model", costs=costs.MODEL, marks=tuned_model.marks, reclaim=tuned_model.reclaim
    )


def _gemini_api_tuned_model(kind: str) -> Frame:
    from pulumi_gcp_tuning.resources import gemini_api_tuned_model

    noun = "tuned model of the Gemini API"
    return Frame(
        kind, gemini_api_tuned_model, noun=noun, costs=costs.GEMINI_API, recognised=gemini_api_tuned_model.RECOGNISED
    )


def _endpoint(kind: str) -> Frame:
    from pulumi_gcp_tuning.resources import endpoint

    return Frame(kind, endpoint, noun="endpoint", costs=costs.ENDPOINT, marks=endpoint.marks, reclaim=endpoint.reclaim)


def _model_deployment(kind: str) -> Frame:
    from pulumi_gcp_tuning.resources import model_deployment
    from pulumi_gcp_tuning.resources.models import deployment_claims

    return Frame(
        kind,
        model_deployment,
        noun="deployment",
        costs=costs.DEPLOYMENT,
        marks=deployment_claims.marks,
        reclaim=deployment_claims.reclaim,
        recognised=model_deployment.RECOGNISED,
    )


_REGISTERED: Final[Mapping[str, Callable[[str], Frame]]] = {
    "tuning_dataset": _tuning_dataset,
    "tuning_job": _tuning_job,
    "pipeline_tuning_job": _pipeline_tuning_job,
    "tuned_model": _tuned_model,
    "gemini_api_tuned_model": _gemini_api_tuned_model,
    "endpoint": _endpoint,
    "model_deployment": _model_deployment,
}
KINDS: Final = tuple(_REGISTERED)


@cache
def lifecycle_of(kind: str) -> Frame:
    """The six methods that Pulumi calls on a kind of resource. Raises LookupError for an unknown kind."""
    if kind not in _REGISTERED:
        raise LookupError(f"no resource of kind {kind!r}; there are {', '.join(KINDS)}")
    return _REGISTERED[kind](kind)


def registered() -> tuple[Frame, ...]:
    """Every resource, in the order of the documentation."""
    return tuple(map(lifecycle_of, KINDS))


def declared_kind_of(job: str) -> tuple[Frame, DeclaredKind]:
    """The resource that declares a job of this name, and its kind of job."""
    resource = kind_of(job).resource
    frame = next(frame for frame in registered() if frame.name == resource)
    module: Any = frame.resource
    return frame, module.KIND
