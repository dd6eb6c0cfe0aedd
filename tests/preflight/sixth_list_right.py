"""The sixth list: configurations that Google takes, beside what was last added to the checks."""

from __future__ import annotations

from typing import Any, Final

from preflight.fifth_list import (
    ABOUT,
    AUDIO,
    BETA,
    DATA_PAGE,
    DOCUMENTS,
    IMAGES,
    JSON,
    LABELS,
    MEASURED,
    SCOUT,
    SEED_OPEN,
    TRAINED_ON,
    VIDEOS,
    among,
    asked,
    evaluated,
    open_rows,
)
from preflight.list_row import file, right, turn
from support.preflight_case import DROP, PARAMETERS, lines, row

GPUS: Final = "GoogleCloudPlatform/cluster-toolkit: modules/internal/gpu-definition/main.tf"
SERVED: Final = "GoogleCloudPlatform/vertex-ai-samples: model_garden notebooks"


def served(*names: str, machine: str = "g2-standard-12", kind: str = "NVIDIA_L4", count: int = 1) -> dict[str, object]:
    """A deployment of weights whose folder has these files."""
    return {
        "inputs/endpoint": DROP,
        "inputs/model": DROP,
        "inputs/artifacts": "gs://shop-data/weights",
        "inputs/machineType": machine,
        "inputs/acceleratorType": kind,
        "inputs/acceleratorCount": count,
        "inputs/checks": {"quota": "off"},
        "world/objects": {f"weights/{name}": "x" for name in names or ("model.safetensors",)}
        | {"weights/config.json": "{}"},
    }


def videos(part: dict[str, Any], **config: Any) -> dict[str, Any]:
    """A file whose rows all have this part."""
    said = {"generationConfig": config} if config else {}
    asks = [turn("user", part, f"What is sold in clip {number}?") for number in range(120)]
    return {
        TRAINED_ON: lines(*({"contents": [each, turn("model", f"Cup {n}.")], **said} for n, each in enumerate(asks)))
    }


def video(**clip: Any) -> dict[str, Any]:
    """A part with a video, and its clip."""
    return {**file("video/mp4", "a.mp4"), "videoMetadata": clip}


def _with_notes() -> dict[str, Any]:
    given = open_rows()
    train = given.pop(TRAINED_ON)
    return {**given, "world/objects": {"train.jsonl": train, "out/readme.txt": "x", "out2/model.safetensors": "x"}}


NUMBERS: Final = (
    right("numbers as text", f"{BETA}: int64 is a string", {f"{PARAMETERS}/epochCount": "3"}),
    right("numbers as Pulumi sends them", f"{BETA}: int64", {f"{PARAMETERS}/epochCount": 3.0}),
    right("a multiplier that is whole", f"{BETA}: double", {f"{PARAMETERS}/learningRateMultiplier": 1}),
    right("a multiplier of a tenth", ABOUT, {f"{PARAMETERS}/learningRateMultiplier": 0.1}),
    right(
        "the answers at temperature zero",
        f"{BETA}: temperature 0.0 to 2.0",
        evaluated(inferenceGenerationConfig={"temperature": 0}),
    ),
    right(
        "an answer of one token and no text before it",
        f"{BETA}: GenerationConfig",
        evaluated(
            inferenceGenerationConfig={"maxOutputTokens": 1, "topK": 40, "topP": 0, "stopSequences": ["\n"], "seed": 7}
        ),
    ),
    right(
        "NaN and Infinity in a text",
        JSON,
        among(row(7, question="Is NaN above Infinity?", answer="NaN is not a number.")),
    ),
    right("a label without a value", f"{LABELS}: values may be empty", {"inputs/labels": {"team": ""}}),
    right(
        "a judge that is not asked twice",
        f"{BETA}: autoraterModel",
        evaluated(
            autoraterConfig={"samplingCount": 1, "flipEnabled": False},
            outputConfig=MEASURED["outputConfig"],
        ),
    ),
)
MEDIA: Final = (
    right("a clip with an end only", VIDEOS, videos(video(endOffset="20s"), mediaResolution="MEDIA_RESOLUTION_LOW")),
    right("a clip in parts of a second", VIDEOS, videos(video(startOffset="0.5s", endOffset="10.250s"))),
    right("a frame in two seconds", VIDEOS, videos(video(startOffset="0s", endOffset="60s", fps=0.5))),
    right("clips without a word on the resolution", VIDEOS, videos(file("video/quicktime", "a.mp4"))),
    right(
        "a HEIC image",
        f"{IMAGES}: the page on image understanding",
        among(asked(file("image/heic", "a.png"), "What is it?")),
    ),
    right("a document of text", DOCUMENTS, among(asked(file("text/plain", "a.pdf"), "What is in it?"))),
    right("a recording in Opus", AUDIO, among(asked(file("audio/opus", "a.mp3"), "Who speaks?"))),
    right(
        "an image and its resolution in snake case",
        IMAGES,
        {
            TRAINED_ON: lines(
                *(
                    {
                        "contents": [
                            turn("user", file("image/png", "a.png"), f"What is {n}?"),
                            turn("model", f"Cup {n}."),
                        ],
                        "generation_config": {"media_resolution": "MEDIA_RESOLUTION_MEDIUM"},
                    }
                    for n in range(120)
                )
            )
        },
    ),
    right(
        "an answer without its role",
        DATA_PAGE,
        among({"contents": [turn("user", "Hi there?"), {"parts": [{"text": "Hello."}]}]}),
    ),
)
OPEN: Final = (
    right(
        "an output folder with notes of one's own",
        SEED_OPEN,
        _with_notes(),
    ),
    right("a bucket as the output folder", SEED_OPEN, open_rows(**{"inputs/outputUri": "gs://shop-data/"})),
    right(
        "an image in inlineData",
        f"{SEED_OPEN}: GenerateContent form",
        {
            **open_rows(model=SCOUT),
            TRAINED_ON: lines(
                *(
                    {
                        "contents": [
                            turn(
                                "user",
                                {"inlineData": {"mimeType": "image/png", "data": "iVBORw0KGgo="}},
                                f"What is {n}?",
                            ),
                            turn("assistant", f"Cup {n}."),
                        ]
                    }
                    for n in range(120)
                )
            ),
        },
    ),
)
SERVING: Final = (
    right(
        "weights in two files",
        SERVED,
        served("model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"),
        kind="model_deployment",
    ),
    right("weights of PyTorch", SERVED, served("pytorch_model.bin", "tokenizer.json"), kind="model_deployment"),
    right("two H100", GPUS, served(machine="a3-highgpu-2g", kind="NVIDIA_H100_80GB", count=2), kind="model_deployment"),
    right(
        "one of the eight L4",
        f"{BETA}: acceleratorCount",
        served(machine="g2-standard-96", count=1),
        kind="model_deployment",
    ),
    right(
        "sixteen A100",
        GPUS,
        served(machine="a2-megagpu-16g", kind="NVIDIA_TESLA_A100", count=16),
        kind="model_deployment",
    ),
    right("two T4", GPUS, served(machine="n1-standard-16", kind="NVIDIA_TESLA_T4", count=2), kind="model_deployment"),
    right(
        "a TPU v5e",
        f"{BETA}: AcceleratorType",
        served(machine="ct5lp-hightpu-4t", kind="TPU_V5_LITEPOD", count=4),
        kind="model_deployment",
    ),
    right("eight B200", GPUS, served(machine="a4-highgpu-8g", kind="NVIDIA_B200", count=8), kind="model_deployment"),
)
RIGHT: Final = (*NUMBERS, *MEDIA, *OPEN, *SERVING)
