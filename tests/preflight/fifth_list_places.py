"""The fifth list: wrong endpoints, deployments and tuned models."""

from __future__ import annotations

from typing import Final

from preflight.fifth_list import BETA, KEYS, LABELS, SEED_OPEN
from preflight.list_row import wrong
from support.preflight_case import DROP, KEY

PLACES: Final = (
    wrong(
        "a machine for a tuned Gemini model",
        "docs.cloud.google.com/vertex-ai/docs: deploy a tuned model",
        {"inputs/machineType": "g2-standard-12"},
        "machine_type",
        kind="model_deployment",
    ),
    wrong(
        "accelerators without a type",
        f"{BETA}: MachineSpec",
        {
            "inputs/endpoint": DROP,
            "inputs/model": DROP,
            "inputs/artifacts": "gs://shop-data/weights",
            "inputs/machineType": "n1-standard-8",
            "inputs/acceleratorCount": 1,
            "world/objects": {"weights/config.json": "{}", "weights/model.safetensors": "x"},
        },
        "accelerator_type",
        kind="model_deployment",
    ),
    wrong(
        "an accelerator whose support has ended",
        f"{BETA}: NVIDIA_TESLA_K80",
        {
            "inputs/endpoint": DROP,
            "inputs/model": DROP,
            "inputs/artifacts": "gs://shop-data/weights",
            "inputs/machineType": "n1-standard-8",
            "inputs/acceleratorType": "NVIDIA_TESLA_K80",
            "inputs/acceleratorCount": 1,
            "world/objects": {"weights/config.json": "{}", "weights/model.safetensors": "x"},
        },
        "K80",
        answer="warning",
        kind="model_deployment",
    ),
    wrong(
        "no machine at most",
        f"{BETA}: DedicatedResources",
        {
            "inputs/endpoint": DROP,
            "inputs/model": DROP,
            "inputs/artifacts": "gs://shop-data/weights",
            "inputs/machineType": "g2-standard-12",
            "inputs/acceleratorType": "NVIDIA_L4",
            "inputs/acceleratorCount": 1,
            "inputs/maxReplicaCount": 0,
            "world/objects": {"weights/config.json": "{}", "weights/model.safetensors": "x"},
        },
        "max_replica_count",
        kind="model_deployment",
    ),
    wrong(
        "weights at Amazon",
        SEED_OPEN,
        {
            "inputs/endpoint": DROP,
            "inputs/model": DROP,
            "inputs/artifacts": "s3://shop/weights",
            "inputs/machineType": "g2-standard-12",
        },
        "artifacts",
        "gs://",
        kind="model_deployment",
    ),
    wrong(
        "a model as endpoint",
        f"{BETA}: DeployModelRequest",
        {"inputs/endpoint": "projects/shop/locations/us/models/5550001112223334445"},
        "endpoint",
        "endpoints/",
        kind="model_deployment",
    ),
    wrong(
        "a job as model",
        f"{BETA}: DeployedModel.model",
        {"inputs/model": "projects/shop/locations/us-central1/tuningJobs/4192837465019283746"},
        "model",
        "models/",
        kind="model_deployment",
    ),
    wrong(
        "a model in America at an endpoint in Europe",
        f"{BETA}: DeployedModel.model",
        {"inputs/endpoint": "projects/shop/locations/eu/endpoints/1234567890"},
        "eu",
        "us",
        answer="warning",
        kind="model_deployment",
    ),
    wrong(
        "an endpoint's key of another region",
        KEYS,
        {"world/key": {}, "inputs/encryptionSpec/kmsKeyName": KEY, "inputs/location": "europe-west4"},
        "europe-west4",
        "us-central1",
        kind="endpoint",
    ),
    wrong(
        "a caller who may not make endpoints",
        "docs.cloud.google.com/iam/docs/roles-permissions/aiplatform",
        {"world/without": ["aiplatform.endpoints.create"]},
        "aiplatform.endpoints.create",
        kind="endpoint",
    ),
    wrong(
        "an endpoint in a region of Cloud Storage",
        "docs.cloud.google.com/vertex-ai/docs/general/locations",
        {"inputs/location": "nam4"},
        "location",
        "nam4",
        kind="endpoint",
    ),
    wrong("an endpoint's label in capitals", LABELS, {"inputs/labels": {"team": "Shop"}}, "team", kind="endpoint"),
    wrong(
        "a tuned model's name of 129 characters",
        f"{BETA}: Model.displayName",
        {"inputs/displayName": "x" * 129},
        "display_name",
        "128",
        kind="tuned_model",
    ),
    wrong(
        "a job by half of its name",
        f"{BETA}: TuningJob.name",
        {"inputs/tuningJob": "tuningJobs/4192837465019283746"},
        "tuning_job",
        "projects/",
        kind="tuned_model",
    ),
    wrong(
        "a model as a tuned model's job",
        f"{BETA}: TuningJob.name",
        {"inputs/tuningJob": "projects/shop/locations/us/models/5550001112223334445@1"},
        "tuning_job",
        "tuningJobs",
        kind="tuned_model",
    ),
    wrong(
        "a tuned model's label with a point",
        LABELS,
        {"inputs/labels": {"cost.center": "42"}},
        "cost.center",
        kind="tuned_model",
    ),
)
WRONG: Final = PLACES
