"""The resources by their names in users' state. A preview imports only those that its program declares."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Final

import pulumi_gcp_tuning.resources
from pulumi_gcp_tuning.once import Once
from pulumi_gcp_tuning.resources.core.frame import Frame, Resource
from pulumi_gcp_tuning.resources.jobs.kinds import kind_of
from pulumi_gcp_tuning.resources.jobs.recognised import RecognisedJob

if TYPE_CHECKING:
    from pulumi_gcp_tuning.resources.jobs.kind import DeclaredKind

# generated: the types of the files
if TYPE_CHECKING:
    import pulumi_gcp_tuning.resources.endpoint
    import pulumi_gcp_tuning.resources.gemini_api_tuned_model
    import pulumi_gcp_tuning.resources.model_deployment
    import pulumi_gcp_tuning.resources.pipeline_tuning_job
    import pulumi_gcp_tuning.resources.tuned_model
    import pulumi_gcp_tuning.resources.tuning_dataset
    import pulumi_gcp_tuning.resources.tuning_job
# end of the types of the files

_REGISTERED: Final[Mapping[str, Callable[[], Resource]]] = {
    "tuning_dataset": lambda: pulumi_gcp_tuning.resources.tuning_dataset,
    "tuning_job": lambda: pulumi_gcp_tuning.resources.tuning_job,
    "pipeline_tuning_job": lambda: pulumi_gcp_tuning.resources.pipeline_tuning_job,
    "tuned_model": lambda: pulumi_gcp_tuning.resources.tuned_model,
    "gemini_api_tuned_model": lambda: pulumi_gcp_tuning.resources.gemini_api_tuned_model,
    "endpoint": lambda: pulumi_gcp_tuning.resources.endpoint,
    "model_deployment": lambda: pulumi_gcp_tuning.resources.model_deployment,
}
KINDS: Final = tuple(_REGISTERED)
_frames: Final = Once()


def lifecycle_of(kind: str) -> Frame:
    """The six methods that Pulumi calls on a kind of resource. Raises LookupError for an unknown kind."""
    if kind not in _REGISTERED:
        raise LookupError(f"no resource of kind {kind!r}; there are {', '.join(KINDS)}")
    return _frames.get(kind, lambda: _load(kind))


def _load(kind: str) -> Frame:
    import_module(f"pulumi_gcp_tuning.resources.{kind}")
    return Frame(kind, _REGISTERED[kind]())


def registered() -> tuple[Frame, ...]:
    """Every resource, in the order of the documentation."""
    return tuple(map(lifecycle_of, KINDS))


def declared_kind_of(job: str) -> tuple[Frame, DeclaredKind]:
    """The resource that declares a job of this name, and its kind of job."""
    name = kind_of(job).resource
    return next(
        (frame, found.kind)
        for frame in registered()
        if frame.name == name and isinstance(found := frame.traits.recognised, RecognisedJob)
    )
