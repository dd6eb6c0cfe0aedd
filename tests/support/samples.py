"""One sample of every resource, with all that the tests need which run over every resource."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pulumi_gcp_tuning.google import lookup_shapes, shapes
from pulumi_gcp_tuning.google.shape import Shape
from pulumi_gcp_tuning.resources.core.lifecycle import UNKNOWN
from pulumi_gcp_tuning.resources.registry import KINDS
from support.hand_made_google import GOOD_ROWS, HandMadeGoogle
from support.hand_made_lookups import NUMBER

PARENT = f"projects/{NUMBER}/locations/us-central1"
DATA = f"gs://shop-data/tuning-datasets/{'a' * 64}.jsonl"
SPEC = {"trainingDatasetUri": DATA, "hyperParameters": {"epochCount": "2"}}
PAIRS = b'{"text_input": "1", "output": "2"}\n'
KEY = "projects/shop/locations/{}/keyRings/r/cryptoKeys/k"
OURS, IDENTITY = "gcp-tuning-", "gcp-tuning-id"
CLAIMED = "gcp-tuning-claimed"  # a moment, no hash


@dataclass(frozen=True, kw_only=True)
class Sample:
    """A resource as the tests declare it.

    ``declared`` is the shortest declaration, and puts into the world what it refers to. ``changed`` are two declarations
    besides it, and what preview names of their difference. ``answers`` are the shapes that the resource reads, each with
    the field of HandMadeGoogle that holds such objects. ``sent`` is what it writes at Google that must stay from release
    to release: its labels that are ours, and the ids that we choose. ``refused`` is the declaration in Python whose
    messages its page quotes.
    """

    declared: Callable[[HandMadeGoogle], dict[str, Any]]
    changed: tuple[dict[str, Any], dict[str, Any], dict[str, str]]
    answers: list[tuple[Shape, str]]
    sent: Callable[[HandMadeGoogle], dict[str, str]]
    refused: str


def a_finished_job(google: HandMadeGoogle) -> str:
    body = {"baseModel": "gemini-3.5-flash", "supervisedTuningSpec": SPEC, "labels": {IDENTITY: "the-job"}}
    made = google.vertex("us-central1").tuning_jobs.create(PARENT, body)
    google.succeed(str(made["name"]))
    return str(made["name"])


def an_endpoint(google: HandMadeGoogle) -> str:
    name = f"{PARENT}/endpoints/5"
    google.endpoints[name] = {"name": name, "labels": {}, "deployedModels": [], "trafficSplit": {}}
    return name


def a_model(google: HandMadeGoogle) -> str:
    name = f"{PARENT}/models/77"
    google.models[name] = {"name": name, "versionId": "1"}
    return name


def spec(epochs: int, uri: str = DATA) -> dict[str, Any]:
    return {"supervisedTuningSpec": {"trainingDatasetUri": uri, "hyperParameters": {"epochCount": epochs}}}


def _job(google: HandMadeGoogle) -> dict[str, str]:
    (job,) = google.jobs.values()
    return _ours(job)


def _pipeline(google: HandMadeGoogle) -> dict[str, str]:
    ((name, job),) = google.jobs.items()
    return {"id": name.rpartition("/")[2], **_ours(job)}


def _model(google: HandMadeGoogle) -> dict[str, str]:
    (model,) = google.models.values()
    first, *_ = google.endpoints.values()
    return {**_ours(model), "on its endpoints": _ours(first)[IDENTITY]}


def _endpoint(google: HandMadeGoogle) -> dict[str, str]:
    ((name, endpoint),) = google.endpoints.items()
    return {"id": name.rpartition("/")[2], **_ours(endpoint)}


def _gemini(google: HandMadeGoogle) -> dict[str, str]:
    (name,) = google.models
    return {"id": name.rpartition("/")[2]}


def _deployment(google: HandMadeGoogle) -> dict[str, str]:
    (endpoint,) = google.endpoints.values()
    (deployed,) = endpoint["deployedModels"]
    return {"endpoint": endpoint["name"]} if "dedicatedResources" in deployed else {"id": deployed["id"]}


def _dataset(google: HandMadeGoogle) -> dict[str, str]:
    ((place, found),) = google.objects.items()
    return {"object": "/".join(place), **found["metadata"]}


def _ours(thing: Mapping[str, Any]) -> dict[str, str]:
    return {key: value for key, value in thing["labels"].items() if key.startswith(OURS) and key != CLAIMED}


_JOB, _MODEL = (shapes.TUNING_JOB, "jobs"), (shapes.MODEL, "models")
_ENDPOINT = (shapes.ENDPOINT, "endpoints")
SAMPLES: Final[dict[str, Sample]] = {
    "tuning_dataset": Sample(
        declared=lambda _google: {
            "bucket": "shop-data",
            "source": "train.jsonl",
            "contentSha256": hashlib.sha256(GOOD_ROWS).hexdigest(),
        },
        changed=({}, {"prefix": "other"}, {"prefix": "UPDATE_REPLACE", "uri": "UPDATE"}),
        answers=[(lookup_shapes.OBJECT, "objects")],
        sent=_dataset,
        refused='TuningDataset("t", bucket="gs://my-bucket", source="data/nowhere.jsonl")',
    ),
    "tuning_job": Sample(
        declared=lambda _google: {
            "baseModel": "gemini-3.5-flash",
            "supervisedTuningSpec": {"trainingDatasetUri": DATA},
        },
        changed=(
            spec(2),
            spec(4) | {"adopt": UNKNOWN},
            {"supervisedTuningSpec.hyperParameters.epochCount": "UPDATE_REPLACE", "adopt": "ADD"},
        ),
        answers=[_JOB, _MODEL, _ENDPOINT],
        sent=_job,
        refused='TuningJob("t", base_model="gemini-3.1-flash-lite", location="asia-east1",'
        ' supervised_tuning_spec={"training_dataset_uri": "gs://my-bucket/t.jsonl"},'
        f' encryption_spec={{"kms_key_name": "{KEY.format("europe-west4")}"}})',
    ),
    "pipeline_tuning_job": Sample(
        declared=lambda _google: {
            "baseModel": "code-bison@002",
            "datasetUri": DATA,
            "gcsOutputDirectory": "gs://shop-data/output",
        },
        changed=(
            {"trainSteps": 20},
            {"datasetUri": DATA.replace("a", "b"), "retry": "2"},
            {"datasetUri": "UPDATE_REPLACE", "trainSteps": "DELETE_REPLACE", "retry": "ADD_REPLACE"},
        ),
        answers=[(shapes.PIPELINE_JOB, "jobs"), _MODEL, _ENDPOINT],
        sent=_pipeline,
        refused='PipelineTuningJob("t", base_model="code-bison@002", location="us-east1",'
        ' dataset_uri="gs://my-bucket/t.jsonl", gcs_output_directory="my-bucket/output", checks={"dataset": "off"})',
    ),
    "tuned_model": Sample(
        declared=lambda google: {"tuningJob": a_finished_job(google)},
        changed=(
            {"labels": {"team": "a"}},
            {"labels": {"team": "b", "cost-center": "7"}},
            {
                "labels.team": "UPDATE",
                'labels["cost-center"]': "ADD",
                "pulumiLabels.team": "UPDATE",
                'pulumiLabels["cost-center"]': "ADD",
            },
        ),
        answers=[_JOB, _MODEL, _ENDPOINT],
        sent=_model,
        refused='TunedModel("t", tuning_job="projects/shop/locations/us-central1/tuningjobs/1", labels={"Team": "x"})',
    ),
    "gemini_api_tuned_model": Sample(
        declared=lambda _google: {
            "baseModel": "models/gemini-1.5-flash-001-tuning",
            "source": "pairs.jsonl",
            "contentSha256": hashlib.sha256(PAIRS).hexdigest(),
        },
        changed=(
            {"description": "old"},
            {"displayName": "Shop", "retry": "2"},
            {"description": "DELETE", "displayName": "ADD", "retry": "ADD_REPLACE"},
        ),
        answers=[(shapes.GEMINI_TUNED_MODEL, "models")],
        sent=_gemini,
        refused='GeminiApiTunedModel("t", base_model="gemini-3.5-flash", source="train.jsonl",'
        ' display_name="x" * 41, checks={"dataset": "off"})',
    ),
    "endpoint": Sample(
        declared=lambda _google: {"displayName": "Shop"},
        changed=(
            {},
            {"displayName": "Support", "location": "europe-west4"},
            {"displayName": "UPDATE", "location": "UPDATE_REPLACE"},
        ),
        answers=[_ENDPOINT],
        sent=_endpoint,
        refused='Endpoint("t", display_name="x" * 129,'
        f' encryption_spec={{"kms_key_name": "{KEY.format("us-central1")}"}})',
    ),
    "model_deployment": Sample(
        declared=lambda google: {"endpoint": an_endpoint(google), "model": a_model(google)},
        changed=(
            {},
            {"model": UNKNOWN, "displayName": "new"},
            {"model": "UPDATE", "displayName": "ADD_REPLACE"},
        ),
        answers=[_ENDPOINT],
        sent=_deployment,
        refused='ModelDeployment("t", endpoint="projects/shop/locations/us-central1/endpoints/1",'
        ' model="projects/shop/locations/us/models/2@1", display_name="x" * 129)',
    ),
}


def sample_of(kind: str) -> Sample:
    """The sample of a resource."""
    assert kind in SAMPLES, f"add {kind} to SAMPLES of tests/support/samples.py"
    return SAMPLES[kind]


DECLARED: Final = {kind: sample_of(kind).declared for kind in KINDS}
