"""The fourth list: configurations that Google refuses or ignores, over every kind of resource."""

from __future__ import annotations

from typing import Final

from preflight import fourth_list_wrong_values
from preflight.fourth_list import (
    DISCOVERY,
    GEMINI_API,
    GPUS,
    GRANTS,
    LOCATIONS,
    MACHINE,
    REPLICAS,
    SEED,
    SERVING,
    bad_machine,
    open_job,
    weights,
)
from preflight.list_row import wrong
from support.preflight_case import KEY, PARAMETERS, SPEC

VERSIONS: Final = "docs.cloud.google.com/vertex-ai/generative-ai/docs/learn/model-versions"
PROJECTS: Final = "docs.cloud.google.com/resource-manager/docs/creating-managing-projects"
JSON_PAGE: Final = "protobuf.dev/programming-guides/json: numbers"
FOLDER: Final = "gs://shop-data/weights"

MACHINES: Final = (
    bad_machine(
        "an accelerator of one letter more", MACHINE, "accelerator_type", "NVIDIA_L4", acceleratorType="NVIDIA_L40"
    ),
    bad_machine(
        "an accelerator as gcloud writes it", MACHINE, "accelerator_type", "NVIDIA_L4", acceleratorType="nvidia-l4"
    ),
    bad_machine("an accelerator by its short name", MACHINE, "accelerator_type", "NVIDIA_L4", acceleratorType="L4"),
    bad_machine(
        "two accelerators on a machine of one", GPUS, "accelerator_count", "g2-standard-12", "1", acceleratorCount=2
    ),
    bad_machine(
        "an A100 on a machine of L4", GPUS, "accelerator_type", "NVIDIA_L4", acceleratorType="NVIDIA_TESLA_A100"
    ),
    bad_machine(
        "a machine without its hyphen",
        SERVING,
        "machine_type",
        "g2-standard-12",
        answer="warning",
        machineType="g2-standard12",
    ),
    bad_machine(
        "a size that G2 has not",
        GPUS,
        "machine_type",
        "g2-standard-64",
        answer="warning",
        machineType="g2-standard-64",
    ),
    bad_machine(
        "an accelerator on a machine of none", GPUS, "machine_type", "n2-standard-8", machineType="n2-standard-8"
    ),
    bad_machine(
        "the larger A100 on a machine of the smaller",
        GPUS,
        "accelerator_type",
        "NVIDIA_TESLA_A100",
        machineType="a2-highgpu-1g",
        acceleratorType="NVIDIA_A100_80GB",
    ),
    bad_machine(
        "three T4",
        GPUS,
        "accelerator_count",
        "1 or 2",
        answer="warning",
        machineType="n1-standard-8",
        acceleratorType="NVIDIA_TESLA_T4",
        acceleratorCount=3,
    ),
    bad_machine(
        "a machine by its path",
        SERVING,
        "machine_type",
        "g2-standard-12",
        answer="warning",
        machineType="zones/us-central1-a/machineTypes/g2-standard-12",
    ),
    bad_machine(
        "more machines at least than at most", REPLICAS, "max_replica_count", "3", minReplicaCount=3, maxReplicaCount=2
    ),
    bad_machine("no machine at least", f"{REPLICAS}: at least 1", "min_replica_count", minReplicaCount=0),
    bad_machine("no accelerator", MACHINE, "accelerator_count", acceleratorCount=0),
    bad_machine(
        "more accelerators than the quota",
        "docs.cloud.google.com/vertex-ai/docs/quotas: custom_model_serving_nvidia_l4_gpus",
        "quota",
        machineType="g2-standard-96",
        acceleratorCount=8,
        minReplicaCount=1,
        maxReplicaCount=8,
    ),
    bad_machine(
        "weights in a bucket that is not there", SEED, "artifacts", "shop-weights", artifacts="gs://shop-weights/a"
    ),
    bad_machine("weights in an empty folder", SEED, "artifacts", "safetensors", artifacts="gs://shop-data/nothing"),
    bad_machine("weights by one file", SEED, "artifacts", FOLDER, artifacts=f"{FOLDER}/model.safetensors"),
    bad_machine("a checkpoint of a folder", SEED, "checkpoint_id", "tuning_job", checkpointId="1"),
    wrong(
        "weights that the caller may not deploy",
        "docs.cloud.google.com/iam/docs/roles-permissions/aiplatform",
        {**weights(), "world/without": ["aiplatform.endpoints.create"]},
        "aiplatform.endpoints.create",
        kind="model_deployment",
    ),
    wrong(
        "weights in a multi-region",
        LOCATIONS,
        {**weights(), "config/gcp:region": "us"},
        "us-central1",
        kind="model_deployment",
    ),
)
OPEN: Final = (
    wrong(
        "an adapter of a small Llama",
        SEED,
        open_job(
            **{
                "inputs/baseModel": "meta/llama3-2@llama-3.2-1b-instruct",
                f"{SPEC}/tuningMode": "TUNING_MODE_PEFT_ADAPTER",
            }
        ),
        "tuning_mode",
        "FULL",
    ),
    wrong(
        "output in a bucket that is not there",
        SEED,
        open_job(**{"inputs/outputUri": "gs://shop-weights/out"}),
        "output_uri",
        "shop-weights",
    ),
    wrong(
        "a multiplier of an open model",
        f"{DISCOVERY}: learningRateMultiplier",
        open_job(**{f"{PARAMETERS}/learningRateMultiplier": 1}),
        "learning_rate",
    ),
    wrong(
        "an open model in Seoul", SEED, open_job(**{"inputs/location": "asia-northeast3"}), "location", "us-central1"
    ),
    wrong(
        "a mode that there is not",
        f"{DISCOVERY}: tuningMode",
        open_job(**{f"{SPEC}/tuningMode": "LORA"}),
        "tuning_mode",
    ),
    wrong(
        "an open model without its ending",
        SEED,
        open_job(**{"inputs/baseModel": "google/gemma3@gemma-3-27b"}),
        "base_model",
        "gemma-3-27b-it",
    ),
    wrong(
        "a checkpoint without weights",
        SEED,
        open_job(**{"inputs/customBaseModel": "gs://shop-data/nothing"}),
        "custom_base_model",
        "safetensors",
    ),
    wrong(
        "a key of an open model at global",
        GRANTS,
        open_job(**{"inputs/location": "global", "world/key": {}, "inputs/encryptionSpec/kmsKeyName": KEY}),
        "encryption_spec",
        "global",
    ),
    wrong("no rows in a batch", f"{DISCOVERY}: batchSize", open_job(**{f"{PARAMETERS}/batchSize": 0}), "batch_size"),
)
BASES: Final = (
    wrong(
        "a Gemini model as the Gemini API names it",
        VERSIONS,
        {"inputs/baseModel": "models/gemini-3.1-flash-lite"},
        "base_model",
        "gemini-3.1-flash-lite",
    ),
    wrong(
        "a Gemini model as OpenAI's clients name it",
        VERSIONS,
        {"inputs/baseModel": "google/gemini-3.1-flash-lite"},
        "base_model",
        "gemini-3.1-flash-lite",
    ),
    wrong(
        "a Gemini model with a version that it has not",
        VERSIONS,
        {"inputs/baseModel": "gemini-3.1-flash-lite@001"},
        "base_model",
        "gemini-3.1-flash-lite",
    ),
    wrong(
        "an endpoint as base model",
        f"{DISCOVERY}: TuningJob.baseModel",
        {"inputs/baseModel": "projects/shop/locations/us/endpoints/123"},
        "base_model",
        "endpoint",
    ),
    wrong(
        "a model of another company",
        "docs.cloud.google.com/vertex-ai/generative-ai/docs/models/tune-models",
        {"inputs/baseModel": "claude-haiku-4-5"},
        "base_model",
        "claude",
    ),
    wrong(
        "a video model",
        "docs.cloud.google.com/vertex-ai/generative-ai/docs/models/tune-models",
        {"inputs/baseModel": "veo-3.0-generate-001"},
        "base_model",
        "video",
    ),
    wrong(
        "a code model in a tuning job",
        "seed 002",
        {"inputs/baseModel": "code-bison@002"},
        "base_model",
        "PipelineTuningJob",
    ),
    wrong(
        "a Gemini model in a pipeline",
        "seed 002",
        {"inputs/baseModel": "gemini-2.0-flash-001"},
        "base_model",
        "TuningJob",
        kind="pipeline_tuning_job",
    ),
    wrong(
        "an open model in a pipeline",
        "seed 002",
        {"inputs/baseModel": "google/gemma3@gemma-3-27b-it"},
        "base_model",
        "TuningJob",
        kind="pipeline_tuning_job",
    ),
    wrong(
        "a Vertex model in the Gemini API",
        GEMINI_API,
        {"inputs/baseModel": "gemini-2.5-flash"},
        "base_model",
        "TuningJob",
        kind="gemini_api_tuned_model",
    ),
    wrong(
        "an open model in the Gemini API",
        GEMINI_API,
        {"inputs/baseModel": "google/gemma3@gemma-3-27b-it"},
        "base_model",
        "TuningJob",
        kind="gemini_api_tuned_model",
    ),
    wrong(
        "a code model in the Gemini API",
        GEMINI_API,
        {"inputs/baseModel": "code-bison@002"},
        "base_model",
        "PipelineTuningJob",
        kind="gemini_api_tuned_model",
    ),
)


WRONG: Final = (*MACHINES, *OPEN, *BASES, *fourth_list_wrong_values.WRONG)
