"""What the rows of the fifth list share; it was written from Google's pages, without a look at the checks or at earlier rows."""

from __future__ import annotations

from typing import Any, Final

from preflight.list_row import file, turn
from support.preflight_case import SPEC, Tree, good_rows, lines

BETA: Final = "discovery document aiplatform v1beta1, revision 20261106"
IMAGES: Final = "docs.cloud.google.com/gemini-enterprise-agent-platform/models/tuning/image"
VIDEOS: Final = "docs.cloud.google.com/gemini-enterprise-agent-platform/models/tuning/video"
AUDIO: Final = "docs.cloud.google.com/vertex-ai/generative-ai/docs/models/tune_gemini/audio_tune"
DOCUMENTS: Final = "cloud.google.com/vertex-ai/generative-ai/docs/models/tune_gemini/doc_tune"
DATA_PAGE: Final = "docs.cloud.google.com/gemini-enterprise-agent-platform/models/tuning/supervised-tuning/prepare-data"
ABOUT: Final = "cloud.google.com/vertex-ai/generative-ai/docs/models/gemini-supervised-tuning"
LABELS: Final = "cloud.google.com/resource-manager/docs/labels-overview"
CONTINUOUS: Final = "docs.cloud.google.com/gemini-enterprise-agent-platform/models/tuning/continuous-tuning"
GEMINI_API: Final = "ai.google.dev/api/tuning"
BUCKETS: Final = "docs.cloud.google.com/storage/docs/buckets: naming"
KEYS: Final = "docs.cloud.google.com/vertex-ai/docs/general/cmek"
JSON: Final = "RFC 8259"
SEED_CODE: Final = "seed 002"
SEED_OPEN: Final = "seed 004"
GPUS: Final = "docs.cloud.google.com/compute/docs/gpus"
OWN: Final = "policy of this package"
OLD_DAY: Final = "2024-12-01"
"""A day on which Gemini 1.5 was tuned."""

TRAINED_ON: Final = "world/objects/train.jsonl"
EVALUATION: Final = f"{SPEC}/evaluationConfig"
MEASURED: Final[Tree] = {
    "metrics": [{"exactMatchSpec": {}}],
    "outputConfig": {"gcsDestination": {"outputUriPrefix": "gs://shop-data/scores"}},
}
SCOUT: Final = "meta/llama4@llama-4-scout-17b-16e-instruct"


def among(*rows: Any) -> Tree:
    """Good rows, and among them these."""
    return {TRAINED_ON: lines(*good_rows(2), *rows, *good_rows(118, 2))}


def asked(*parts: Any, **more: Any) -> Tree:
    """A row that asks with these parts."""
    return {"contents": [turn("user", *parts), turn("model", "It is in the shop.")], **more}


def evaluated(**more: Any) -> Tree:
    """A job that is evaluated on a validation set, with one part of the configuration changed."""
    return {
        EVALUATION: {**MEASURED, **more},
        f"{SPEC}/validationDatasetUri": "gs://shop-data/validation.jsonl",
        "world/objects/validation.jsonl": lines(*good_rows(20, 500)),
    }


def prompted(question: str, answer: str) -> Tree:
    """A row of an open model."""
    return {"prompt": question, "completion": answer}


def said(question: str, answer: str) -> Tree:
    """A row of an open model, as a conversation."""
    return {"messages": [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]}


def open_rows(*rows: Any, model: Any = "google/gemma3@gemma-3-27b-it", **more: Any) -> Tree:
    """A job of an open model that is trained on 120 rows of one format and these."""
    form = said if any("messages" in row for row in rows) else prompted
    good = (form(f"Ticket {number}: what now?", f"team {number}") for number in range(120))
    return {
        "inputs/baseModel": model,
        "inputs/outputUri": "gs://shop-data/out",
        TRAINED_ON: lines(*good, *rows),
        **more,
    }


def clip(start: str, end: str, resolution: str) -> Tree:
    """A file whose rows all have one clip of a video at this resolution."""
    part = {**file("video/mp4", "a.mp4"), "videoMetadata": {"startOffset": start, "endOffset": end}}
    rows = []
    for number in range(120):
        asks = turn("user", part, f"What is sold in clip {number}?")
        config = {"generationConfig": {"mediaResolution": resolution}}
        rows.append({"contents": [asks, turn("model", f"A cup of size {number}.")], **config})
    return {TRAINED_ON: lines(*rows)}
