"""The fourth list: configurations that Google takes, over every kind of resource."""

from __future__ import annotations

from typing import Final

from preflight.fourth_list import (
    DISCOVERY,
    GEMINI_API,
    GPUS,
    GRANTS,
    LOCATIONS,
    REPLICAS,
    SEED,
    good_machine,
    open_job,
    pairs,
)
from preflight.list_row import right
from support.preflight_case import KEY, PARAMETERS, SPEC

MACHINES: Final = (
    good_machine("the machine of the seed", SEED),
    good_machine("two L4", GPUS, machineType="g2-standard-24", acceleratorCount=2),
    good_machine("an A100", GPUS, machineType="a2-highgpu-1g", acceleratorType="NVIDIA_TESLA_A100"),
    good_machine(
        "eight larger A100", GPUS, machineType="a2-ultragpu-8g", acceleratorType="NVIDIA_A100_80GB", acceleratorCount=8
    ),
    good_machine("two H100", GPUS, machineType="a3-highgpu-2g", acceleratorType="NVIDIA_H100_80GB", acceleratorCount=2),
    good_machine(
        "four H100 on a machine of eight",
        f"{DISCOVERY}: MachineSpec.acceleratorCount",
        machineType="a3-highgpu-8g",
        acceleratorType="NVIDIA_H100_80GB",
        acceleratorCount=4,
    ),
    good_machine("two T4", GPUS, machineType="n1-standard-8", acceleratorType="NVIDIA_TESLA_T4", acceleratorCount=2),
    good_machine("one machine to three", REPLICAS, minReplicaCount=1, maxReplicaCount=3),
    good_machine(
        "a kind of machine that this list does not know",
        GPUS,
        machineType="a9-highgpu-8g",
        acceleratorType="NVIDIA_B200",
        acceleratorCount=8,
    ),
    good_machine("weights with a slash at the end", SEED, artifacts="gs://shop-data/weights/"),
)
JOBS: Final = (
    right("an open model in full", SEED, open_job(**{f"{SPEC}/tuningMode": "TUNING_MODE_FULL"})),
    right("an open model's rate", f"{DISCOVERY}: learningRate", open_job(**{f"{PARAMETERS}/learningRate": 0.0002})),
    right("an open model at global", SEED, open_job(**{"inputs/location": "global"})),
    right(
        "a model by its publisher's path",
        f"{DISCOVERY}: TuningJob.baseModel",
        {"inputs/baseModel": "publishers/google/models/gemini-3.1-flash-lite"},
    ),
    right("a number as text", "protobuf.dev/programming-guides/json: numbers", {f"{PARAMETERS}/epochCount": "3"}),
    right(
        "an answer of 5,000 characters",
        GEMINI_API,
        pairs({"text_input": "Q", "output": "x" * 5000}),
        kind="gemini_api_tuned_model",
    ),
)
PLACES: Final = (
    right("an endpoint in Finland", LOCATIONS, {"inputs/location": "europe-north1"}, kind="endpoint"),
    right(
        "an endpoint's key with its grant",
        GRANTS,
        {"world/key": {}, "inputs/encryptionSpec/kmsKeyName": KEY},
        kind="endpoint",
    ),
    right("a dataset's key with its grant", GRANTS, {"world/key": {}, "inputs/kmsKeyName": KEY}, kind="tuning_dataset"),
    right(
        "an endpoint in the project by its number",
        "docs.cloud.google.com/resource-manager/docs/creating-managing-projects",
        {"inputs/project": "123456789012", "inputs/checks": {"identity": "off"}},
        kind="endpoint",
    ),
)
COMPONENT: Final = (
    right("the component with what it needs", "seed 000", {}, kind="fine_tuned_model"),
    right(
        "the component with an endpoint of its own",
        DISCOVERY,
        {"arguments/own_endpoint": True},
        kind="fine_tuned_model",
    ),
    right(
        "the component with all hyperparameters",
        f"{DISCOVERY}: SupervisedHyperParameters",
        {"arguments/hyper_parameters": {"epoch_count": 3, "adapter_size": 4, "learning_rate_multiplier": 1.0}},
        kind="fine_tuned_model",
    ),
)

RIGHT: Final = (*MACHINES, *JOBS, *PLACES, *COMPONENT)
