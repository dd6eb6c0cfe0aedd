"""What an answer must hold before anything of ours reads it: an answer of another shape is Google's error, never ``{}``.

Each shape names only the fields that are read. Whatever else Google sends stays in the answer, which is handed on as it came.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, Final, NotRequired

from typing_extensions import TypedDict

if TYPE_CHECKING:
    from pydantic import TypeAdapter

    from pulumi_gcp_tuning.google.operations import Json


class _Made(TypedDict):
    model: NotRequired[str]
    endpoint: NotRequired[str]
    checkpoints: NotRequired[list[dict[str, Any]]]


class _JobDetail(TypedDict):
    taskDetails: NotRequired[list[dict[str, Any]]]


class Job(TypedDict):
    """A tuning job or a pipeline."""

    name: str
    state: NotRequired[str]
    labels: NotRequired[dict[str, str]]
    tunedModel: NotRequired[_Made]
    jobDetail: NotRequired[_JobDetail]
    error: NotRequired[dict[str, Any]]


class TuningJobs(TypedDict):
    """A page of tuning jobs."""

    tuningJobs: NotRequired[list[Job]]
    nextPageToken: NotRequired[str]


class PipelineJobs(TypedDict):
    """A page of pipelines."""

    pipelineJobs: NotRequired[list[Job]]
    nextPageToken: NotRequired[str]


class _ServedAt(TypedDict):
    endpoint: str
    deployedModelId: str


class Model(TypedDict):
    """A model, or one of its versions."""

    name: str
    versionId: NotRequired[str]
    labels: NotRequired[dict[str, str]]
    deployedModels: NotRequired[list[_ServedAt]]
    displayName: NotRequired[str]
    createTime: NotRequired[str]


class Models(TypedDict):
    """A page of models."""

    models: NotRequired[list[Model]]
    nextPageToken: NotRequired[str]


class DeployedModel(TypedDict):
    """A model on an endpoint."""

    id: str
    model: NotRequired[str]


class Deployed(TypedDict):
    """What a deployment answers with."""

    deployedModel: DeployedModel


class Endpoint(TypedDict):
    """An endpoint."""

    name: str
    labels: NotRequired[dict[str, str]]
    deployedModels: NotRequired[list[DeployedModel]]
    trafficSplit: NotRequired[dict[str, int]]
    displayName: NotRequired[str]


class Endpoints(TypedDict):
    """A page of endpoints."""

    endpoints: NotRequired[list[Endpoint]]
    nextPageToken: NotRequired[str]


class Operation(TypedDict):
    """A long-running operation."""

    name: str
    done: NotRequired[bool]
    error: NotRequired[dict[str, Any]]
    response: NotRequired[dict[str, Any]]


class Bucket(TypedDict):
    """A bucket's metadata."""

    name: str
    location: NotRequired[str]


class Object(TypedDict):
    """An object's metadata."""

    name: str
    bucket: str
    generation: str | int
    metadata: NotRequired[dict[str, str]]


_NOUNS: Final[Mapping[type, str]] = {
    Job: "a job",
    TuningJobs: "a list of tuning jobs",
    PipelineJobs: "a list of pipelines",
    Model: "a model",
    Models: "a list of models",
    Endpoint: "an endpoint",
    Endpoints: "a list of endpoints",
    Deployed: "a deployment",
    Operation: "an operation",
    Bucket: "a bucket",
    Object: "an object",
}


def misfit(answer: Json, shape: type) -> str | None:
    """What keeps the answer from being of the shape, as the end of a sentence; None where it is."""
    from pydantic import ValidationError

    try:
        _adapter(shape).validate_python(answer, strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(step) for step in first["loc"])
        wrong = "is missing" if first["type"] == "missing" else f"is wrong ({first['msg'].lower()})"
        return f"it is not {_NOUNS[shape]}: {where} {wrong}"
    return None


@cache
def _adapter(shape: type) -> TypeAdapter[Any]:
    from pydantic import TypeAdapter

    return TypeAdapter(shape)
