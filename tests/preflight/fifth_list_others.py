"""The fifth list: wrong configurations of open models, pipelines, the Gemini API and datasets."""

from __future__ import annotations

from typing import Final

from preflight.fifth_list import (
    BETA,
    BUCKETS,
    EVALUATION,
    GEMINI_API,
    KEYS,
    OWN,
    SCOUT,
    SEED_CODE,
    SEED_OPEN,
    open_rows,
)
from preflight.list_row import turn, wrong
from support.preflight_case import KEY, PARAMETERS, SPEC, TEXT_PAIRS, TODAY, VALIDATION, lines, pair

OPEN: Final = (
    wrong(
        "an open model of two rates",
        f"{BETA}: learningRate",
        open_rows(**{f"{PARAMETERS}/learningRate": 0.0002, f"{PARAMETERS}/learningRateMultiplier": 1.0}),
        "learning_rate",
        "learning_rate_multiplier",
    ),
    wrong(
        "a turn of an open model as Gemini has it",
        SEED_OPEN,
        open_rows({"messages": [{"role": "user", "content": "Hi"}, {"role": "model", "content": "Hello"}]}),
        "assistant",
        "model",
    ),
    wrong(
        "an image for an open model of texts",
        SEED_OPEN,
        open_rows(
            {
                "messages": [
                    {
                        "role": "user",
                        "content": [
                            {"type": "text", "text": "What is it?"},
                            {"type": "image_url", "image_url": {"url": "gs://shop-data/a.png"}},
                        ],
                    },
                    {"role": "assistant", "content": "A cup."},
                ]
            }
        ),
        "image",
    ),
    wrong(
        "a moving image for Scout",
        f"{SEED_OPEN}: JPEG, PNG, WEBP",
        open_rows(
            {
                "messages": [
                    {
                        "role": "user",
                        "content": [
                            {"type": "image_url", "image_url": {"url": "data:image/gif;base64,R0lGODlhAQABAAAAACw="}}
                        ],
                    },
                    {"role": "assistant", "content": "A cup."},
                ]
            },
            model=SCOUT,
        ),
        "gif",
    ),
    wrong(
        "as much validation as training",
        "facts, section 5.2: 25 % of the training file",
        open_rows(
            **{
                f"{SPEC}/validationDatasetUri": "gs://shop-data/validation.jsonl",
                "world/objects/validation.jsonl": lines(
                    *({"prompt": f"Order {number}: what now?", "completion": f"team {number}"} for number in range(60))
                ),
            }
        ),
        VALIDATION,
        "25",
    ),
    wrong("a prompt without a completion", SEED_OPEN, open_rows({"prompt": "Ticket 7: what now?"}), "completion"),
    wrong(
        "a conversation of an open model that ends with the question",
        SEED_OPEN,
        open_rows(
            {
                "messages": [
                    {"role": "user", "content": "Hi"},
                    {"role": "assistant", "content": "Hello"},
                    {"role": "user", "content": "And?"},
                ]
            }
        ),
        "assistant",
    ),
    wrong("a batch of nothing", f"{BETA}: batchSize", open_rows(**{f"{PARAMETERS}/batchSize": 0}), "batch_size"),
    wrong(
        "an evaluation's samples as words",
        f"{BETA}: samplingCount is an integer",
        {
            EVALUATION: {
                "metrics": [{"exactMatchSpec": {}}],
                "outputConfig": {"gcsDestination": {"outputUriPrefix": "gs://shop-data/s"}},
                "autoraterConfig": {"samplingCount": "four"},
            }
        },
        "sampling_count",
    ),
)
PIPELINES: Final = (
    wrong(
        "a code model of today",
        f"{SEED_CODE}: bison is gone",
        {"world/today": TODAY},
        "code-bison@002",
        "retired",
        kind="pipeline_tuning_job",
    ),
    wrong(
        "an accelerator in small letters",
        SEED_CODE,
        {"inputs/acceleratorType": "gpu"},
        "accelerator_type",
        "GPU",
        kind="pipeline_tuning_job",
    ),
    wrong("no step", SEED_CODE, {"inputs/trainSteps": 0}, "train_steps", kind="pipeline_tuning_job"),
    wrong(
        "a selection by yes",
        f"{SEED_CODE}: true, false, default",
        {"inputs/enableCheckpointSelection": "yes"},
        "enable_checkpoint_selection",
        "default",
        kind="pipeline_tuning_job",
    ),
    wrong(
        "a model of a pipeline in Taiwan",
        f"{SEED_CODE}: regions",
        {"inputs/tunedModelLocation": "asia-east1"},
        "tuned_model_location",
        "asia-east1",
        kind="pipeline_tuning_job",
    ),
    wrong(
        "nine rows of evaluation",
        f"{SEED_CODE}: 10 to 250",
        {
            "inputs/evaluationDataUri": "gs://shop-data/few.jsonl",
            "world/objects/few.jsonl": lines(*(pair(number + 700) for number in range(9))),
        },
        "evaluation_data_uri",
        "10",
        kind="pipeline_tuning_job",
    ),
    wrong(
        "output in a bucket of nobody",
        SEED_CODE,
        {"inputs/gcsOutputDirectory": "gs://shop-nowhere/out"},
        "gcs_output_directory",
        "shop-nowhere",
        kind="pipeline_tuning_job",
    ),
    wrong(
        "a multiplier below zero",
        SEED_CODE,
        {"inputs/learningRateMultiplier": -1},
        "learning_rate_multiplier",
        kind="pipeline_tuning_job",
    ),
    wrong(
        "a key of TPUs",
        f"{SEED_CODE}: CMEK only in us-central1",
        {
            "inputs/location": "europe-west4",
            "inputs/acceleratorType": "TPU",
            "world/key": {"name": KEY.replace("us-central1", "europe-west4")},
            "inputs/encryptionSpec/kmsKeyName": KEY.replace("us-central1", "europe-west4"),
        },
        "encryption_spec",
        "us-central1",
        kind="pipeline_tuning_job",
    ),
    wrong(
        "a caller who may not start pipelines",
        "docs.cloud.google.com/iam/docs/roles-permissions/aiplatform",
        {"world/without": ["aiplatform.pipelineJobs.create"]},
        "aiplatform.pipelineJobs.create",
        kind="pipeline_tuning_job",
    ),
)
GEMINI: Final = (
    wrong(
        "a name of 41 characters",
        f"{GEMINI_API}: 40",
        {"inputs/displayName": "x" * 41},
        "display_name",
        "40",
        kind="gemini_api_tuned_model",
    ),
    wrong("a batch of no pair", GEMINI_API, {"inputs/batchSize": 0}, "batch_size", kind="gemini_api_tuned_model"),
    wrong(
        "a rate below zero", GEMINI_API, {"inputs/learningRate": -0.001}, "learning_rate", kind="gemini_api_tuned_model"
    ),
    wrong(
        "pairs by other names",
        f"{GEMINI_API}: TuningExample",
        {"files": {"pairs.jsonl": lines(*({"input": str(number), "output": str(number + 1)} for number in range(20)))}},
        "text_input",
        kind="gemini_api_tuned_model",
    ),
    wrong(
        "a conversation in the Gemini API",
        "seed 003: pairs only",
        {
            "files": {
                "pairs.jsonl": lines(
                    *({"contents": [turn("user", str(number)), turn("model", "yes")]} for number in range(20))
                )
            }
        },
        "text_input",
        kind="gemini_api_tuned_model",
    ),
    wrong(
        "a number as output",
        f"{GEMINI_API}: output is a string",
        {"files": {"pairs.jsonl": TEXT_PAIRS + lines({"text_input": "21", "output": 22})}},
        "output",
        "string",
        kind="gemini_api_tuned_model",
    ),
    wrong(
        "the Gemini API of today",
        "seed 003: the service is withdrawn",
        {"world/today": TODAY},
        "TuningJob",
        answer="warning",
        kind="gemini_api_tuned_model",
    ),
)
DATASETS: Final = (
    wrong("a file that is not there", OWN, {"inputs/source": "missing.jsonl"}, "missing.jsonl", kind="tuning_dataset"),
    wrong("an address as a bucket", BUCKETS, {"inputs/bucket": "192.168.5.4"}, "bucket", "IP", kind="tuning_dataset"),
    wrong(
        "a bucket with a folder",
        BUCKETS,
        {"inputs/bucket": "shop-data/rows"},
        "bucket",
        "prefix",
        kind="tuning_dataset",
    ),
    wrong(
        "a caller who may not write objects",
        "docs.cloud.google.com/iam/docs/roles-permissions/storage",
        {"world/without": ["storage.objects.create"]},
        "storage.objects.create",
        kind="tuning_dataset",
    ),
    wrong(
        "a dataset's key that is to be destroyed",
        KEYS,
        {"world/key": {"state": "DESTROY_SCHEDULED"}, "inputs/kmsKeyName": KEY},
        "DESTROY_SCHEDULED",
        kind="tuning_dataset",
    ),
    wrong(
        "a dataset's key by its version",
        f"{BETA}: EncryptionSpec",
        {"world/key": {}, "inputs/kmsKeyName": f"{KEY}/cryptoKeyVersions/1"},
        "kms_key_name",
        "cryptoKeyVersions",
        kind="tuning_dataset",
    ),
    wrong(
        "a component in a multi-region",
        "docs.cloud.google.com/vertex-ai/generative-ai/docs/models/gemini-supervised-tuning-region-settings",
        {"arguments/location": "us"},
        "location",
        "us-central1",
        kind="fine_tuned_model",
    ),
)
WRONG: Final = (*OPEN, *PIPELINES, *GEMINI, *DATASETS)
