"""The fifth list: configurations that Google takes."""

from __future__ import annotations

from typing import Final

from preflight.fifth_list import (
    ABOUT,
    AUDIO,
    BETA,
    DATA_PAGE,
    DOCUMENTS,
    GEMINI_API,
    GPUS,
    IMAGES,
    JSON,
    LABELS,
    OLD_DAY,
    OWN,
    SCOUT,
    SEED_CODE,
    SEED_OPEN,
    TRAINED_ON,
    VIDEOS,
    among,
    asked,
    clip,
    evaluated,
    open_rows,
)
from preflight.list_row import file, right, turn
from support.preflight_case import DROP, KEY, KEYED_DAY, PARAMETERS, SPEC, TEXT_PAIRS, good_rows, lines, pair, row

_WEIGHTS: Final = {"weights/config.json": "{}", "weights/model.safetensors": "x"}


def _machine(machine: str, accelerator: str, count: int) -> dict[str, object]:
    return {
        "inputs/endpoint": DROP,
        "inputs/model": DROP,
        "inputs/artifacts": "gs://shop-data/weights",
        "inputs/machineType": machine,
        "inputs/acceleratorType": accelerator,
        "inputs/acceleratorCount": count,
        "inputs/checks": {"quota": "off"},
        "world/objects": _WEIGHTS,
    }


LABELLED: Final = (
    right("a label of 63 characters", LABELS, {"inputs/labels": {"k" * 63: "v" * 63}}),
    right("an endpoint's label in Korean", LABELS, {"inputs/labels": {"팀": "결제"}}, kind="endpoint"),
    right("a label whose value begins with a hyphen", f"{LABELS}: values may", {"inputs/labels": {"team": "-shop_1"}}),
    right(
        "a name of 128 Korean letters", f"{BETA}: any UTF-8 characters", {"inputs/tunedModelDisplayName": "가" * 128}
    ),
)
MEDIA: Final = (
    right(
        "an image of the public web",
        f"{IMAGES}: a publicly available HTTP or HTTPS URL",
        among(
            asked({"fileData": {"mimeType": "image/jpeg", "fileUri": "https://www.example.com/cup.jpg"}}, "What is it?")
        ),
    ),
    right("thirty images in one row", IMAGES, among(asked(*[file("image/png", "a.png")] * 30, "What are they?"))),
    right(
        "four documents in one row",
        DOCUMENTS,
        among(asked(*[file("application/pdf", "a.pdf")] * 4, "What is in them?")),
    ),
    right("one recording", AUDIO, among(asked(file("audio/mpeg", "a.mp3"), "Who speaks?"))),
    right("clips of twenty seconds, as the page has them", VIDEOS, clip("5s", "25s", "MEDIA_RESOLUTION_LOW")),
    right("clips of five minutes at the medium resolution", VIDEOS, clip("0s", "300s", "MEDIA_RESOLUTION_MEDIUM")),
    right("clips of twenty minutes at the low resolution", VIDEOS, clip("60s", "1260s", "MEDIA_RESOLUTION_LOW")),
)
FILES: Final = (
    right(
        "a face in two escapes",
        f"{JSON}: surrogate pairs",
        among(lines(row(7)).replace("Ticket", "Ticket \\ud83d\\ude00").strip()),
    ),
    right(
        "six turns",
        DATA_PAGE,
        among({"contents": [turn("user" if number % 2 == 0 else "model", f"Say {number}.") for number in range(6)]}),
    ),
    right(
        "400 validation examples with 1,000 of training",
        "facts, section 5.1: 30 % counts above 1,000",
        {
            TRAINED_ON: lines(*good_rows(1000)),
            f"{SPEC}/validationDatasetUri": "gs://shop-data/validation.jsonl",
            "world/objects/validation.jsonl": lines(*good_rows(400, 1000)),
        },
    ),
)
JOBS: Final = (
    right(
        "an adapter of sixteen for Gemini 1.5 Flash",
        ABOUT,
        {"inputs/baseModel": "gemini-1.5-flash-002", "world/today": OLD_DAY, f"{PARAMETERS}/adapterSize": 16},
    ),
    right(
        "an adapter of eight and a key for Gemini 2.5 Pro",
        ABOUT,
        {
            "inputs/baseModel": "gemini-2.5-pro",
            "world/today": KEYED_DAY,
            f"{PARAMETERS}/adapterSize": 8,
            "world/key": {},
            "inputs/encryptionSpec/kmsKeyName": KEY,
        },
    ),
    right(
        "an adapter by its name",
        f"{BETA}: adapterSize",
        {
            f"{PARAMETERS}/adapterSize": "ADAPTER_SIZE_ONE",
            f"{PARAMETERS}/epochCount": 1,
            f"{SPEC}/exportLastCheckpointOnly": True,
        },
    ),
    right(
        "an evaluation with all it may have",
        f"{BETA}: EvaluationConfig",
        evaluated(
            metrics=[
                {"exactMatchSpec": {}},
                {"rougeSpec": {"rougeType": "rougeLsum"}},
                {"bleuSpec": {"useEffectiveOrder": True}},
            ],
            autoraterConfig={"samplingCount": 32},
            inferenceGenerationConfig={"temperature": 2.0, "topP": 1.0},
        ),
    ),
    right(
        "an evaluation by points",
        f"{BETA}: PointwiseMetricSpec",
        evaluated(
            metrics=[
                {"pointwiseMetricSpec": {"metricPromptTemplate": "Rate {response}."}, "aggregationMetrics": ["AVERAGE"]}
            ]
        ),
    ),
    right("ROUGE of nine words", f"{BETA}: rougen[1-9]", evaluated(metrics=[{"rougeSpec": {"rougeType": "rouge9"}}])),
    right(
        "a description of 2,000 characters",
        f"{BETA}: TuningJob.description has no limit",
        {"inputs/description": "d" * 2000},
    ),
)
OPEN: Final = (
    right(
        "an open model's usual start",
        "facts, section 5.2: 2e-4, 3 epochs, adapter 16",
        open_rows(
            **{
                f"{SPEC}/tuningMode": "TUNING_MODE_PEFT_ADAPTER",
                f"{PARAMETERS}/learningRate": 0.0002,
                f"{PARAMETERS}/epochCount": 3,
                f"{PARAMETERS}/adapterSize": 16,
            }
        ),
    ),
    right(
        "messages with an instruction",
        SEED_OPEN,
        {
            **open_rows(),
            TRAINED_ON: lines(
                *(
                    {
                        "messages": [
                            {"role": "system", "content": "Be short."},
                            {"role": "user", "content": f"Ticket {number}?"},
                            {"role": "assistant", "content": f"team {number}"},
                        ]
                    }
                    for number in range(120)
                )
            ),
        },
    ),
    right(
        "contents with an assistant",
        SEED_OPEN,
        {
            **open_rows(),
            TRAINED_ON: lines(
                *(
                    {"contents": [turn("user", f"Ticket {number}?"), turn("assistant", f"team {number}")]}
                    for number in range(120)
                )
            ),
        },
    ),
    right(
        "an image in the row for Scout",
        f"{SEED_OPEN}: data:image/...;base64",
        {
            **open_rows(model=SCOUT),
            TRAINED_ON: lines(
                *(
                    {
                        "messages": [
                            {
                                "role": "user",
                                "content": [
                                    {"type": "text", "text": f"What is number {number}?"},
                                    {
                                        "type": "image_url",
                                        "image_url": {"url": "data:image/webp;base64,UklGRg==", "detail": "low"},
                                    },
                                ],
                            },
                            {"role": "assistant", "content": f"cup {number}"},
                        ]
                    }
                    for number in range(120)
                )
            ),
        },
    ),
    right(
        "weights of one's own",
        SEED_OPEN,
        {
            **open_rows(),
            "world/objects": {
                **_WEIGHTS,
                "train.jsonl": lines(
                    *({"prompt": f"Ticket {number}?", "completion": f"team {number}"} for number in range(120))
                ),
            },
            "inputs/customBaseModel": "gs://shop-data/weights",
        },
    ),
    right("an output folder with a slash", SEED_OPEN, open_rows(**{"inputs/outputUri": "gs://shop-data/out/"})),
)
OTHERS: Final = (
    right(
        "a code model of 32k on TPUs",
        SEED_CODE,
        {
            "inputs/baseModel": "code-bison-32k@002",
            "inputs/acceleratorType": "TPU",
            "inputs/location": "europe-west4",
            "world/buckets": {"shop-data": "europe-west4"},
        },
        kind="pipeline_tuning_job",
    ),
    right(
        "an evaluation of ten rows",
        SEED_CODE,
        {
            "inputs/evaluationDataUri": "gs://shop-data/ten.jsonl",
            "inputs/evaluationInterval": 20,
            "inputs/trainSteps": 200,
            "world/objects/ten.jsonl": lines(*(pair(number + 700) for number in range(10))),
        },
        kind="pipeline_tuning_job",
    ),
    right(
        "a model of a pipeline in Seoul",
        f"{SEED_CODE}: regions",
        {"inputs/tunedModelLocation": "asia-northeast3"},
        kind="pipeline_tuning_job",
    ),
    right(
        "a name of 40 characters",
        GEMINI_API,
        {"inputs/displayName": "x" * 40, "inputs/batchSize": 4, "inputs/epochCount": 5, "inputs/learningRate": 0.001},
        kind="gemini_api_tuned_model",
    ),
    right(
        "a question of 40,000 characters",
        "seed 003",
        {"files": {"pairs.jsonl": TEXT_PAIRS + lines({"text_input": "q" * 40000, "output": "a"})}},
        kind="gemini_api_tuned_model",
    ),
    right("an RTX PRO 6000", GPUS, _machine("g4-standard-48", "NVIDIA_RTX_PRO_6000", 1), kind="model_deployment"),
    right("eight H200", GPUS, _machine("a3-ultragpu-8g", "NVIDIA_H200_141GB", 8), kind="model_deployment"),
    right("eight H100 Mega", GPUS, _machine("a3-megagpu-8g", "NVIDIA_H100_MEGA_80GB", 8), kind="model_deployment"),
    right("a V100", GPUS, _machine("n1-highmem-8", "NVIDIA_TESLA_V100", 1), kind="model_deployment"),
    right(
        "an endpoint of a multi-region",
        "facts, section 5.1: Gemini 3 is served in us and eu",
        {"inputs/location": "us"},
        kind="endpoint",
    ),
    right(
        "an endpoint's name of 128 characters",
        f"{BETA}: Endpoint.displayName",
        {"inputs/displayName": "x" * 128},
        kind="endpoint",
    ),
    right(
        "a folder in Korean",
        "docs.cloud.google.com/storage/docs/objects: naming",
        {"inputs/prefix": "한국어/자료"},
        kind="tuning_dataset",
    ),
    right(
        "a multi-region's key and bucket",
        "docs.cloud.google.com/storage/docs/encryption/customer-managed-keys: same location",
        {
            "world/buckets": {"shop-data": "US"},
            "world/key": {"name": KEY.replace("us-central1", "us")},
            "inputs/kmsKeyName": KEY.replace("us-central1", "us"),
        },
        kind="tuning_dataset",
    ),
    right(
        "a tuned model that keeps no other",
        OWN,
        {"inputs/onReplace": {"keepLast": 0}, "inputs/labels": {"팀": "결제"}},
        kind="tuned_model",
    ),
)
RIGHT: Final = (*LABELLED, *MEDIA, *FILES, *JOBS, *OPEN, *OTHERS)
