"""Wrong configurations of the second list: names, places, models, hyperparameters, keys and accounts."""

from __future__ import annotations

from typing import Final

from preflight.list_row import Row
from preflight.second_list import (
    ABOUT,
    BISON,
    BUCKETS,
    CMEK,
    DEPLOYING,
    JOB,
    LABELS,
    OBJECTS,
    POLICIES,
    PROJECTS,
    REGIONS,
    SERVICE_ACCOUNTS,
    STORAGE_KEYS,
    STORAGE_ROLES,
    USE,
)
from support.preflight_case import GOOD, KEY, KEYED_DAY, PARAMETERS, SPEC

TRAINED: Final = f"{SPEC}/trainingDatasetUri"
DATASET_KEY: Final = "inputs/kmsKeyName"
JOB_KEY: Final = "inputs/encryptionSpec/kmsKeyName"
FIRST_DAY: Final = "2025-01-15"
"""A day on which Gemini 1.5 was tuned."""
SECOND_DAY: Final = "2025-10-01"
"""A day on which Gemini 2.0 was tuned."""
FORM: Final = (
    "An id is 6 to 30 lower-case letters, digits and hyphens, begins with a letter and does not end with a hyphen."
)
BUCKET_FORM: Final = (
    "3 to 63 lower-case letters, digits, hyphens, underscores and dots; a letter or digit at both ends."
)


def key_in(location: str) -> str:
    """A key like the usual one, elsewhere."""
    return KEY.replace("us-central1", location)


NAMES: Final = (
    PROJECTS.wrong(
        "a project id that ends with a hyphen", FORM, {"inputs/project": "shop-prod-"}, "shop-prod-", "6 to 30"
    ),
    PROJECTS.wrong(
        "a project id of 31 characters", FORM, {"inputs/project": "s" * 31}, "s" * 31, "6 to 30", kind="endpoint"
    ),
    PROJECTS.wrong(
        "a project id that begins with a digit",
        FORM,
        {"config/gcp:project": "2shop-prod"},
        "2shop-prod",
        "6 to 30",
        kind="tuning_dataset",
    ),
    BUCKETS.wrong(
        "a bucket's name in capitals",
        BUCKET_FORM,
        {"inputs/bucket": "Shop-Data"},
        "Shop-Data",
        "lower",
        kind="tuning_dataset",
    ),
    BUCKETS.wrong("a bucket's name of two characters", BUCKET_FORM, {TRAINED: "gs://ab/train.jsonl"}, "3 to 63"),
    BUCKETS.wrong(
        "a bucket's name of 64 characters",
        BUCKET_FORM,
        {"inputs/gcsOutputDirectory": f"gs://{'b' * 64}/output"},
        "3 to 63",
        kind="pipeline_tuning_job",
    ),
    BUCKETS.wrong(
        "a bucket's name that ends with a hyphen", BUCKET_FORM, {TRAINED: "gs://shop-/train.jsonl"}, "shop-", "ends"
    ),
    BUCKETS.wrong(
        "an address as a bucket's name",
        "A name is no IP address.",
        {TRAINED: "gs://192.168.5.4/t.jsonl"},
        "192.168.5.4",
    ),
    BUCKETS.wrong(
        "a bucket's name that begins with goog",
        "A name does not begin with goog.",
        {"inputs/bucket": "goog-shop"},
        "goog-shop",
        kind="tuning_dataset",
    ),
    OBJECTS.wrong(
        "an object's name with a line feed",
        "A name holds no carriage return and no line feed.",
        {TRAINED: "gs://shop-data/tra\nin.jsonl"},
        "line feed",
    ),
    OBJECTS.wrong(
        "an object's name of more than 1,024 bytes",
        "A name has 1 to 1,024 bytes in UTF-8.",
        {"inputs/prefix": "rows/" * 201},
        "1024",
        kind="tuning_dataset",
    ),
    OBJECTS.wrong(
        "an object's name below .well-known/acme-challenge",
        "A name does not begin with .well-known/acme-challenge/.",
        {"inputs/prefix": ".well-known/acme-challenge"},
        ".well-known/acme-challenge",
        kind="tuning_dataset",
    ),
    JOB.wrong(
        "a folder as the training data",
        "The dataset is a path of one JSONL file.",
        {TRAINED: "gs://shop-data/rows/"},
        "gs://shop-data/rows/",
        "folder",
    ),
    JOB.wrong(
        "a pattern as the training data",
        "The dataset is a path of one JSONL file.",
        {TRAINED: "gs://shop-data/train-*.jsonl", "world/objects": {"train-1.jsonl": GOOD}},
        "train-*.jsonl",
        "one file",
    ),
    LABELS.wrong(
        "a label key with a prefix of Google's",
        "Keys hold lower-case letters, digits, underscores and dashes; the prefix is reserved.",
        {"inputs/labels": {"aiplatform.googleapis.com/team": "x"}},
        "aiplatform.googleapis.com/team",
    ),
    LABELS.wrong("an empty label key", "A key has at least one character.", {"inputs/labels": {"": "x"}}, "label key"),
    LABELS.wrong(
        "a label key of 65 characters",
        "A key has at most 63 characters (64 in the reference of tuning jobs).",
        {"inputs/labels": {"k" * 65: "x"}},
        "k" * 65,
        kind="tuned_model",
    ),
    LABELS.wrong(
        "a label value with a dot",
        "Values hold lower-case letters, digits, underscores and dashes.",
        {"inputs/labels": {"release": "v1.2"}},
        "v1.2",
        kind="endpoint",
    ),
    SERVICE_ACCOUNTS.wrong(
        "a service account whose id has three characters",
        "The id that makes the email has 6 to 30 characters.",
        {"inputs/serviceAccount": "bot@shop.iam.gserviceaccount.com"},
        "bot@shop.iam.gserviceaccount.com",
        "6 to 30",
    ),
    SERVICE_ACCOUNTS.wrong(
        "a service account by its number",
        "A tuning job names it by its email.",
        {"inputs/serviceAccount": "113456789012345678901"},
        "113456789012345678901",
        "email",
    ),
    DEPLOYING.wrong(
        "an endpoint with an empty display name",
        "The display name is required, at most 128 characters.",
        {"inputs/displayName": ""},
        "display_name",
        kind="endpoint",
    ),
    DEPLOYING.wrong(
        "a deployment of a display name",
        "The model is projects/P/locations/L/models/M, with a version if you like.",
        {"inputs/model": "support-bot"},
        "support-bot",
        "models/",
        kind="model_deployment",
    ),
    DEPLOYING.wrong(
        "a deployment of an endpoint",
        "The model is projects/P/locations/L/models/M, with a version if you like.",
        {"inputs/model": "projects/shop/locations/us/endpoints/1234567890"},
        "endpoints/1234567890",
        "models/",
        kind="model_deployment",
    ),
    JOB.wrong(
        "a tuned model of a model's name",
        "A tuning job is projects/P/locations/L/tuningJobs/J.",
        {"inputs/tuningJob": "projects/shop/locations/us/models/5550001112223334445"},
        "models/5550001112223334445",
        "tuningJobs/",
        kind="tuned_model",
    ),
)

PLACES: Final = (
    REGIONS.wrong(
        "a zone for a region", "A job runs in a region.", {"inputs/location": "us-central1-a"}, "us-central1-a", "zone"
    ),
    REGIONS.wrong(
        "a zone in the configuration",
        "A job runs in a region.",
        {"config/gcp:region": "europe-west4-b"},
        "europe-west4-b",
        "zone",
    ),
    REGIONS.wrong(
        "an endpoint in a zone",
        "Endpoints are in regions, and in us and eu.",
        {"inputs/location": "us-central1-f"},
        "us-central1-f",
        "zone",
        kind="endpoint",
    ),
    ABOUT.wrong(
        "Gemini 3.5 Flash outside of its two regions",
        "Gemini 3.5 Flash is tuned in us-central1 and europe-west4.",
        {"inputs/baseModel": "gemini-3.5-flash", "inputs/location": "us-east1"},
        "us-east1",
        "europe-west4",
    ),
    POLICIES.wrong(
        "an organization that denies Vertex AI",
        "gcp.restrictServiceUsage restricts which services can be used.",
        {"world/policies": {"gcp.restrictServiceUsage": {"deniedValues": ["aiplatform.googleapis.com"]}}},
        "gcp.restrictServiceUsage",
        "aiplatform.googleapis.com",
    ),
    POLICIES.wrong(
        "an organization that allows Vertex AI without Cloud Storage",
        "gcp.restrictServiceUsage restricts which services can be used.",
        {"world/policies": {"gcp.restrictServiceUsage": {"allowedValues": ["aiplatform.googleapis.com"]}}},
        "gcp.restrictServiceUsage",
        "storage.googleapis.com",
    ),
)


def model(id: str, name: str, *names: str) -> Row:  # noqa: A002
    """A base model that the list of models for supervised fine-tuning does not have."""
    return ABOUT.wrong(id, "It is not among the supported models.", {"inputs/baseModel": name}, name, "tuned", *names)


MODELS: Final = (
    model("a preview that only answers", "gemini-3-pro-preview", "gemini-3.5-flash"),
    model("an embedding model", "text-embedding-005"),
    model("a video model", "veo-3.1-generate-001"),
    model("a live model", "gemini-live-2.5-flash"),
    model("an alias of the newest model", "gemini-flash-latest"),
    model("a partner's model", "claude-sonnet-4-5"),
    model("a preview of Gemini 2.5 Flash", "gemini-2.5-flash-preview-09-2025"),
    ABOUT.wrong(
        "a version that the model does not have",
        "It is not among the supported models.",
        {"inputs/baseModel": "gemini-3.1-flash-lite@001"},
        "gemini-3.1-flash-lite@001",
        "gemini-3.1-flash-lite.",
    ),
    BISON.wrong(
        "a code model that is not tuned",
        "code-bison and codechat-bison are tuned.",
        {"inputs/baseModel": "code-gecko@002"},
        "code-gecko@002",
        kind="pipeline_tuning_job",
    ),
    ABOUT.wrong(
        "adapter size 8 on Gemini 1.5 Pro",
        "Supported are 1 and 4; higher values result in failure.",
        {
            "world/today": FIRST_DAY,
            "inputs/baseModel": "gemini-1.5-pro-002",
            f"{PARAMETERS}/adapterSize": "ADAPTER_SIZE_EIGHT",
        },
        "gemini-1.5-pro-002",
        "4",
    ),
    ABOUT.wrong(
        "adapter size 16 on Gemini 2.0 Flash",
        "Supported are 1, 2, 4 and 8.",
        {
            "world/today": SECOND_DAY,
            "inputs/baseModel": "gemini-2.0-flash-001",
            f"{PARAMETERS}/adapterSize": "ADAPTER_SIZE_SIXTEEN",
        },
        "gemini-2.0-flash-001",
        "8",
    ),
    JOB.wrong("two and a half epochs", "epochCount is an int64.", {f"{PARAMETERS}/epochCount": 2.5}, "2.5"),
    JOB.wrong(
        "a negative multiplier",
        "learningRateMultiplier scales the default learning rate.",
        {f"{PARAMETERS}/learningRateMultiplier": -1},
        "-1",
    ),
    JOB.wrong(
        "the last checkpoint only: yes",
        "exportLastCheckpointOnly is a boolean.",
        {f"{SPEC}/exportLastCheckpointOnly": "yes"},
        "yes",
    ),
    BISON.wrong(
        "a negative number of steps",
        "train_steps is the number of steps to run.",
        {"inputs/trainSteps": -5},
        "-5",
        kind="pipeline_tuning_job",
    ),
)

KEYS: Final = (
    STORAGE_KEYS.wrong(
        "a dataset's key in another region than its bucket",
        "The key is in the location of the bucket.",
        {DATASET_KEY: key_in("europe-west4"), "world/key": {"name": key_in("europe-west4")}},
        "europe-west4",
        "us-central1",
        kind="tuning_dataset",
    ),
    STORAGE_KEYS.wrong(
        "a dataset's key in a region, its bucket in a multi-region",
        "The key is in the location of the bucket.",
        {DATASET_KEY: KEY, "world/key": {}, "world/buckets": {"shop-data": "us"}},
        "us-central1",
        "in us",
        kind="tuning_dataset",
    ),
    STORAGE_KEYS.wrong(
        "a dataset's key that Cloud Storage may not use",
        "Cloud Storage's service agent needs cryptoKeyEncrypterDecrypter on the key.",
        {DATASET_KEY: KEY, "world/key": {"granted": False}},
        "gs-project-accounts",
        kind="tuning_dataset",
        answer="warning",
    ),
    CMEK.wrong(
        "a key in a dual-region",
        "Keys are in one single region; dual-regions and multi-regions are not supported.",
        {
            "world/today": KEYED_DAY,
            "inputs/baseModel": "gemini-2.5-pro",
            JOB_KEY: key_in("eur4"),
            "world/key": {"name": key_in("eur4")},
        },
        "eur4",
    ),
    STORAGE_ROLES.wrong(
        "a caller who may not read the training data",
        "Reading an object takes storage.objects.get.",
        {"world/without": ["storage.objects.get"]},
        "storage.objects.get",
        answer="warning",
    ),
    DEPLOYING.wrong(
        "a caller who may not deploy",
        "Deploying takes aiplatform.endpoints.deploy on the endpoint.",
        {"world/without": ["aiplatform.endpoints.deploy"]},
        "aiplatform.endpoints.deploy",
        kind="model_deployment",
    ),
    USE.wrong(
        "a display name of 128 characters and a blank",
        "A tuned model's name has at most 128 characters.",
        {"inputs/displayName": "x" * 128 + " "},
        "128",
        kind="tuned_model",
    ),
)

WRONG: Final = (*NAMES, *PLACES, *MODELS, *KEYS)
