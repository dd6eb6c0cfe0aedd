"""The fourth list, continued: names, numbers, access and the component."""

from __future__ import annotations

from typing import Any, Final

from preflight.fourth_list import (
    DISCOVERY,
    GEMINI_API,
    GRANTS,
    LOCATIONS,
    SEED,
    pairs,
    weights,
)
from preflight.list_row import Row, wrong
from support.preflight_case import DROP, KEY, KEYED_DAY, PARAMETERS

VERSIONS: Final = "docs.cloud.google.com/vertex-ai/generative-ai/docs/learn/model-versions"
PROJECTS: Final = "docs.cloud.google.com/resource-manager/docs/creating-managing-projects"
JSON_PAGE: Final = "protobuf.dev/programming-guides/json: numbers"
FOLDER: Final = "gs://shop-data/weights"


def _place(id: str, key: str, name: str, kind: str, **more: Any) -> Row:  # noqa: A002
    """A name in a region with one letter too many."""
    return wrong(id, LOCATIONS, {f"inputs/{key}": name, **more}, "us-central1", kind=kind)


NAMES: Final = (
    _place(
        "a job's region misspelt",
        "tuningJob",
        "projects/shop/locations/us-centrall1/tuningJobs/4192837465019283746",
        "tuned_model",
    ),
    _place(
        "an endpoint's region misspelt",
        "endpoint",
        "projects/shop/locations/us-centrall1/endpoints/123",
        "model_deployment",
    ),
    _place("a model's region misspelt", "model", "projects/shop/locations/us-centrall1/models/123", "model_deployment"),
    _place(
        "a key's region misspelt",
        "encryptionSpec/kmsKeyName",
        KEY.replace("central1", "centrall1"),
        "tuning_job",
        **{"world/today": KEYED_DAY, "inputs/baseModel": "gemini-2.5-flash"},
    ),
    _place(
        "the region of a dataset's key misspelt", "kmsKeyName", KEY.replace("central1", "centrall1"), "tuning_dataset"
    ),
    _place(
        "the region of an endpoint's key misspelt",
        "encryptionSpec/kmsKeyName",
        KEY.replace("central1", "centrall1"),
        "endpoint",
    ),
    _place(
        "the region of the model to continue from misspelt",
        "preTunedModel",
        "projects/shop/locations/us-centrall1/models/123@1",
        "tuning_job",
        **{
            "inputs/preTunedModel": {"tunedModelName": "projects/shop/locations/us-centrall1/models/123@1"},
            "inputs/baseModel": DROP,
        },
    ),
    _place("the upload region of a pipeline misspelt", "tunedModelLocation", "us-centrall1", "pipeline_tuning_job"),
    _place("an endpoint's own region misspelt", "location", "us-centrall1", "endpoint"),
    _place("a zone as an endpoint's region", "location", "us-central1-a", "endpoint"),
    wrong(
        "a European region by its AWS name",
        LOCATIONS,
        {"inputs/location": "eu-west4"},
        "location",
        "europe-west4",
        kind="endpoint",
    ),
    wrong(
        "a training pipeline as a job",
        f"{DISCOVERY}: trainingPipelines",
        {"inputs/tuningJob": "projects/shop/locations/us-central1/trainingPipelines/123"},
        "tuning_job",
        "tuningJobs",
        kind="tuned_model",
    ),
    wrong(
        "an endpoint's project by its display name",
        PROJECTS,
        {"inputs/project": "My Project"},
        "project",
        "my project",
        kind="endpoint",
    ),
    wrong(
        "an endpoint's name of 129 characters",
        f"{DISCOVERY}: Endpoint.displayName",
        {"inputs/displayName": "x" * 129},
        "display_name",
        "128",
        kind="endpoint",
    ),
    wrong(
        "a dataset's bucket in capitals",
        "docs.cloud.google.com/storage/docs/buckets",
        {"inputs/bucket": "Shop-Data"},
        "bucket",
        "lower",
        kind="tuning_dataset",
    ),
    wrong(
        "the last two models by a number below zero",
        "policy of this package",
        {"inputs/onReplace": {"keepLast": -1}},
        "keep_last",
        kind="tuned_model",
    ),
)
NUMBERS: Final = (
    wrong("a thousand epochs with a comma", JSON_PAGE, {f"{PARAMETERS}/epochCount": "1,000"}, "epoch_count", "1000"),
    wrong(
        "a rate with a comma",
        JSON_PAGE,
        {f"{PARAMETERS}/learningRateMultiplier": "0,5"},
        "learning_rate_multiplier",
        "0.5",
    ),
    wrong("a limit of the cost with a comma", JSON_PAGE, {"inputs/maxCost": "1,000"}, "max_cost", "1000"),
    wrong(
        "a thousand steps with a comma",
        JSON_PAGE,
        {"inputs/trainSteps": "1,000"},
        "train_steps",
        "1000",
        kind="pipeline_tuning_job",
    ),
    wrong(
        "a thousand epochs in the Gemini API",
        JSON_PAGE,
        {"inputs/epochCount": "1,000"},
        "epoch_count",
        "1000",
        kind="gemini_api_tuned_model",
    ),
    wrong(
        "accelerators in words",
        JSON_PAGE,
        weights(acceleratorCount="one"),
        "accelerator_count",
        kind="model_deployment",
    ),
    wrong(
        "an epoch below zero in the Gemini API",
        GEMINI_API,
        {"inputs/epochCount": -1},
        "epoch_count",
        kind="gemini_api_tuned_model",
    ),
    wrong(
        "an answer of 5,001 characters",
        GEMINI_API,
        pairs({"text_input": "Q", "output": "x" * 5001}),
        "5,000",
        kind="gemini_api_tuned_model",
    ),
    wrong(
        "a question of 40,001 characters",
        GEMINI_API,
        pairs({"text_input": "x" * 40001, "output": "A"}),
        "40,000",
        kind="gemini_api_tuned_model",
    ),
)
ACCESS: Final = (
    wrong(
        "an endpoint's key without its grant",
        GRANTS,
        {"world/key": {"granted": False}, "inputs/encryptionSpec/kmsKeyName": KEY},
        "gcp.kms.CryptoKeyIAMMember",
        "gcp-sa-aiplatform",
        answer="warning",
        kind="endpoint",
    ),
    wrong(
        "a dataset's key without its grant",
        GRANTS,
        {"world/key": {"granted": False}, "inputs/kmsKeyName": KEY},
        "gcp.kms.CryptoKeyIAMMember",
        "gs-project-accounts",
        answer="warning",
        kind="tuning_dataset",
    ),
    wrong(
        "an endpoint's key for signing",
        GRANTS,
        {"world/key": {"purpose": "ASYMMETRIC_SIGN", "granted": False}, "inputs/encryptionSpec/kmsKeyName": KEY},
        "ENCRYPT_DECRYPT",
        kind="endpoint",
    ),
    wrong(
        "a dataset's key that is disabled",
        GRANTS,
        {"world/key": {"state": "DISABLED"}, "inputs/kmsKeyName": KEY},
        "DISABLED",
        kind="tuning_dataset",
    ),
    wrong(
        "a policy that forbids the machines' region",
        "docs.cloud.google.com/resource-manager/docs/organization-policy/defining-locations",
        {**weights(), "world/policies": {"gcp.resourceLocations": {"allowedValues": ["europe-west4"]}}},
        "gcp.resourceLocations",
        kind="model_deployment",
    ),
    wrong(
        "a policy that wants keys of machines",
        "docs.cloud.google.com/resource-manager/docs/organization-policy: gcp.restrictNonCmekServices",
        {
            **weights(),
            "world/policies": {"gcp.restrictNonCmekServices": {"deniedValues": ["aiplatform.googleapis.com"]}},
        },
        "gcp.restrictNonCmekServices",
        kind="model_deployment",
    ),
    wrong(
        "machines in a project without billing, of the list",
        "seed 004: billing",
        {**weights(), "world/billing": "closed"},
        "billing",
        kind="model_deployment",
    ),
    wrong(
        "machines in a project whose API is off, of the list",
        "seed 004: APIs",
        {**weights(), "world/disabled": ["aiplatform.googleapis.com"]},
        "aiplatform.googleapis.com",
        "disabled",
        kind="model_deployment",
    ),
)
COMPONENT: Final = (
    wrong(
        "an open model of the component, with rows of Gemini",
        SEED,
        {"arguments/base_model": "google/gemma3@gemma-3-27b-it"},
        "prompt",
        kind="fine_tuned_model",
    ),
    wrong(
        "the component's region misspelt",
        LOCATIONS,
        {"arguments/location": "us-centrall1"},
        "us-central1",
        kind="fine_tuned_model",
    ),
    wrong(
        "the component's adapter size",
        f"{DISCOVERY}: adapterSize",
        {"arguments/hyper_parameters": {"adapter_size": 5}},
        "adapter_size",
        kind="fine_tuned_model",
    ),
    wrong(
        "the component's label in capitals",
        f"{DISCOVERY}: labels",
        {"arguments/labels": {"Team": "care"}},
        "Team",
        kind="fine_tuned_model",
    ),
    wrong(
        "the component's bucket in capitals",
        "docs.cloud.google.com/storage/docs/buckets",
        {"arguments/bucket": "Shop-Data"},
        "bucket",
        kind="fine_tuned_model",
    ),
    wrong(
        "the component's endpoint where the model will not be",
        f"{DISCOVERY}: DeployedModel.model",
        {"arguments/own_endpoint": True, "arguments/endpoint_location": "us-centrall1"},
        "us-central1",
        kind="fine_tuned_model",
    ),
    wrong(
        "a code model of the component",
        "seed 002",
        {"arguments/base_model": "code-bison@002"},
        "PipelineTuningJob",
        kind="fine_tuned_model",
    ),
    wrong(
        "a place of an endpoint that is not wanted",
        "policy of this package",
        {"arguments/endpoint_location": "us"},
        "own_endpoint",
        kind="fine_tuned_model",
    ),
)

WRONG: Final = (*NAMES, *NUMBERS, *ACCESS, *COMPONENT)
