"""The third list: configurations that Google refuses or ignores, each with the page that says so."""

from __future__ import annotations

from typing import Final

from preflight.list_row import wrong
from preflight.third_list import DATA_PAGE, DISCOVERY, REGIONS_PAGE, TRAINED_ON, TUNING_PAGE
from preflight.third_list_wrong_rows import WRONG_ROWS
from support.preflight_case import CODE_DATA, DATA, KEY, KEYED_DAY, PARAMETERS, SPEC, good_rows, lines, row

VERSIONS_PAGE: Final = "docs.cloud.google.com/vertex-ai/generative-ai/docs/learn/model-versions"
AGENTS_PAGE: Final = "docs.cloud.google.com/iam/docs/service-agent-types"
STORAGE_PAGE: Final = "docs.cloud.google.com/storage/docs"
JOB: Final = "4192837465019283746"
ENDPOINT: Final = "projects/shop/locations/us/endpoints/1234567890"


MODELS: Final = (
    wrong(
        "adapter size 16 of Gemini 2.5 Pro",
        f"{TUNING_PAGE}: Gemini 2.5 Pro, 1, 2, 4 and 8",
        {
            "world/today": KEYED_DAY,
            "inputs/baseModel": "gemini-2.5-pro",
            f"{PARAMETERS}/adapterSize": "ADAPTER_SIZE_SIXTEEN",
        },
        "adapter_size",
        "gemini-2.5-pro",
    ),
    wrong(
        "Gemini 2.5 Flash in Jakarta",
        REGIONS_PAGE,
        {
            "world/today": KEYED_DAY,
            "inputs/baseModel": "gemini-2.5-flash",
            "inputs/location": "asia-southeast2",
            "world/buckets": {"shop-data": "asia-southeast2"},
        },
        "location",
        "asia-southeast2",
    ),
    wrong(
        "Gemini 3.5 Flash in Seoul",
        REGIONS_PAGE,
        {
            "inputs/baseModel": "gemini-3.5-flash",
            "inputs/location": "asia-northeast3",
            "world/buckets": {"shop-data": "asia-northeast3"},
        },
        "location",
        "us-central1",
        "europe-west4",
    ),
    wrong(
        "a month before a retirement",
        f"{VERSIONS_PAGE}: access closes a month before; GoogleCloudPlatform/generative-ai#2603",
        {"world/today": "2026-05-10", "inputs/baseModel": "gemini-2.0-flash-001"},
        "base_model",
        "gemini-2.0-flash-001",
    ),
    wrong(
        "an open model by its short name",
        "seed 004: google/gemma3@gemma-3-27b-it",
        {"inputs/baseModel": "gemma-3-27b-it"},
        "base_model",
        "google/gemma3@gemma-3-27b-it",
    ),
    wrong(
        "an open model of this resource",
        "seed 004: open models need outputUri",
        {"inputs/baseModel": "qwen/qwen3@qwen3-32b"},
        "output_uri",
        "output_uri",
    ),
    wrong(
        "a tuned model of the Gemini API",
        "seed 003: tunedModels of the Gemini API",
        {"inputs/baseModel": "tunedModels/number-generator-model"},
        "base_model",
        "Gemini API",
    ),
    wrong(
        "the first alias of Gemini",
        VERSIONS_PAGE,
        {"inputs/baseModel": "gemini-pro"},
        "base_model",
        "gemini-pro",
        "gemini-3",
    ),
    wrong(
        "a model's display name",
        VERSIONS_PAGE,
        {"inputs/baseModel": "Gemini 3.1 Flash-Lite"},
        "base_model",
        "gemini-3.1-flash-lite",
    ),
    wrong("a region in capitals", REGIONS_PAGE, {"inputs/location": "US-CENTRAL1"}, "location", "us-central1"),
    wrong(
        "an adapter size as a word",
        f"{DISCOVERY}: SupervisedHyperParameters.adapterSize",
        {f"{PARAMETERS}/adapterSize": "SIXTEEN"},
        "adapter_size",
    ),
)
PLACES: Final = (
    wrong(
        "data by its web address",
        "seed 000: the data's URI in Cloud Storage",
        {f"{SPEC}/trainingDatasetUri": "https://storage.googleapis.com/shop-data/train.jsonl"},
        "training_dataset_uri",
        DATA,
    ),
    wrong(
        "data by its address in the console",
        "seed 000: the data's URI in Cloud Storage",
        {f"{SPEC}/trainingDatasetUri": "https://storage.cloud.google.com/shop-data/train.jsonl"},
        "training_dataset_uri",
        "gs://",
    ),
    wrong(
        "data in BigQuery",
        f"{DISCOVERY}: SupervisedTuningSpec.trainingDatasetUri",
        {f"{SPEC}/trainingDatasetUri": "bq://shop.data.rows"},
        "training_dataset_uri",
        "gs://",
    ),
    wrong(
        "a folder as the training data",
        "seed 000: the data is one JSONL file",
        {f"{SPEC}/trainingDatasetUri": "gs://shop-data/rows/"},
        "training_dataset_uri",
        "gs://shop-data/rows/",
    ),
    wrong("an empty object", "seed 000: 100 to 500 examples", {TRAINED_ON: ""}, "training_dataset_uri", "no examples"),
    wrong(
        "data in an array",
        "seed 000: JSONL",
        {TRAINED_ON: "[\n" + ",\n".join(lines(each).strip() for each in good_rows(120)) + "\n]\n"},
        "training_dataset_uri",
        "JSON Lines",
    ),
    wrong(
        "data under a key that Google does not keep",
        f"{STORAGE_PAGE}/encryption/customer-supplied-keys: Google keeps no such key",
        {"world/fields": {"train.jsonl": {"customerEncryption": {"encryptionAlgorithm": "AES256", "keySha256": "x"}}}},
        "training_dataset_uri",
        "customer-supplied",
    ),
    wrong(
        "a bucket whose readers pay",
        f"{STORAGE_PAGE}/requester-pays: a request without a billing project is refused",
        {"world/payers": ["shop-data"]},
        "requester",
        answer="warning",
    ),
    wrong(
        "a caller who may not read the data",
        "docs.cloud.google.com/vertex-ai/generative-ai/docs/models/gemini-use-supervised-tuning",
        {"world/without": ["storage.objects.get"]},
        "storage.objects.get",
        answer="warning",
    ),
    wrong(
        "a caller who may not upload",
        f"{STORAGE_PAGE}/access-control/iam-permissions",
        {"world/without": ["storage.objects.create"]},
        "storage.objects.create",
        kind="tuning_dataset",
    ),
)
NAMES: Final = (
    wrong(
        "Google's own agent as the job's account",
        f"{AGENTS_PAGE}: a service agent is for Google's services",
        {"inputs/serviceAccount": "service-123456789012@gcp-sa-vertex-tune.iam.gserviceaccount.com"},
        "service_account",
        "service agent",
    ),
    wrong(
        "a person as the job's account",
        f"{DISCOVERY}: TuningJob.serviceAccount",
        {"inputs/serviceAccount": "anna@example.com"},
        "service_account",
        "anna@example.com",
    ),
    wrong(
        "a service account by its resource name",
        "docs.cloud.google.com/iam/docs/reference/rest/v1/projects.serviceAccounts",
        {"inputs/serviceAccount": "projects/-/serviceAccounts/tuner@shop.iam.gserviceaccount.com"},
        "service_account",
        "tuner@shop.iam.gserviceaccount.com",
    ),
    wrong(
        "a label of Google's own on a job",
        "googleapis/python-genai, models.py: clients filter on tune-type",
        {"inputs/labels": {"tune-type": "sft"}},
        "tune-type",
        answer="warning",
    ),
    wrong(
        "the billing label of a pipeline",
        f"{DISCOVERY}: PipelineJob.labels, user set value will get overrided",
        {"inputs/labels": {"vertex-ai-pipelines-run-billing-id": "7"}},
        "vertex-ai-pipelines-run-billing-id",
        answer="warning",
        kind="pipeline_tuning_job",
    ),
    wrong(
        "a key by its full resource name",
        f"{DISCOVERY}: EncryptionSpec.kmsKeyName",
        {
            "world/today": KEYED_DAY,
            "inputs/baseModel": "gemini-2.5-flash",
            "world/key": {},
            "inputs/encryptionSpec/kmsKeyName": f"//cloudkms.googleapis.com/{KEY}",
        },
        "kms_key_name",
        KEY,
    ),
    wrong(
        "a job by its number",
        f"{DISCOVERY}: TuningJob.name",
        {"inputs/tuningJob": JOB},
        "tuning_job",
        "projects/",
        kind="tuned_model",
    ),
    wrong(
        "a model for its job",
        f"{DISCOVERY}: TuningJob.name",
        {"inputs/tuningJob": "projects/shop/locations/us/models/5550001112223334445@1"},
        "tuning_job",
        "tuningJobs",
        kind="tuned_model",
    ),
    wrong(
        "a base model on an endpoint",
        f"{DISCOVERY}: DeployedModel.model",
        {"inputs/model": "publishers/google/models/gemini-3.1-flash-lite"},
        "model",
        "projects/",
        kind="model_deployment",
    ),
    wrong(
        "a model's alias with an underscore",
        f"{DISCOVERY}: Model.versionAliases",
        {"inputs/model": "projects/shop/locations/us/models/5550001112223334445@my_best"},
        "model",
        "my_best",
        kind="model_deployment",
    ),
    wrong(
        "an endpoint by its address",
        f"{DISCOVERY}: Endpoint.name",
        {"inputs/endpoint": f"https://us-aiplatform.googleapis.com/v1/{ENDPOINT}"},
        "endpoint",
        ENDPOINT,
        kind="model_deployment",
    ),
    wrong(
        "an endpoint for all regions",
        f"{DISCOVERY}: projects.locations.endpoints",
        {"inputs/location": "global"},
        "location",
        "global",
        answer="warning",
        kind="endpoint",
    ),
    wrong(
        "an endpoint without a name",
        f"{DISCOVERY}: Endpoint.displayName is required",
        {"inputs/displayName": ""},
        "display_name",
        kind="endpoint",
    ),
)
PIPELINES: Final = (
    wrong(
        "chat rows for a model that writes code",
        "seed 002: input_text and output_text",
        {
            "world/objects": {
                "code.jsonl": lines(
                    *(
                        {
                            "messages": [
                                {"author": "user", "content": f"Q {n}"},
                                {"author": "assistant", "content": f"A {n}"},
                            ]
                        }
                        for n in range(500)
                    )
                )
            }
        },
        "dataset_uri",
        "input_text",
        kind="pipeline_tuning_job",
    ),
    wrong(
        "contents for a model that writes code",
        "seed 002: input_text and output_text",
        {"world/objects": {"code.jsonl": lines(*map(row, range(500)))}},
        "dataset_uri",
        "input_text",
        kind="pipeline_tuning_job",
    ),
    wrong(
        "a bison model of the first version",
        "seed 002: code-bison@002",
        {"inputs/baseModel": "code-bison@001"},
        "base_model",
        "code-bison@002",
        kind="pipeline_tuning_job",
    ),
    wrong(
        "an output file for a folder",
        "seed 002: gcsOutputDirectory is the root of a pipeline's output",
        {"inputs/gcsOutputDirectory": CODE_DATA},
        "gcs_output_directory",
        kind="pipeline_tuning_job",
    ),
)
FILES: Final = (
    wrong(
        "a text file of comma-separated values",
        "seed 000: JSONL",
        {"files": {"train.jsonl": "question,answer\n" + "Where?,Here.\n" * 120}},
        "JSON",
        command=("train.jsonl",),
    ),
    wrong(
        "rows in two files of two formats",
        DATA_PAGE,
        {
            "files": {
                "train.jsonl": lines(*good_rows(120)),
                "check.jsonl": lines(*({"prompt": f"Q {n}", "completion": f"A {n}"} for n in range(30))),
            }
        },
        "check.jsonl",
        command=("train.jsonl", "--validation", "check.jsonl", "--model", "gemini-3.1-flash-lite"),
    ),
    wrong(
        "a file that is a compressed one",
        "seed 000: JSONL",
        {"files": {"train.jsonl": "\x1f\udc8b\x08\x00" + "\udcff" * 80}},
        "gzip",
        command=("train.jsonl",),
    ),
)

WRONG: Final = (*WRONG_ROWS, *MODELS, *PLACES, *NAMES, *PIPELINES, *FILES)
