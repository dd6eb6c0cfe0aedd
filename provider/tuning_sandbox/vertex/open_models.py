"""The open models that tuning jobs of v1beta1 accept: their modes, regions, lengths and adapter sizes.

Sources: seed 004 for the first fourteen, Google's page on open model tuning of 25 September 2026 for the others. No page
gives launch dates: those below are assumed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from tuning_sandbox.vertex.catalogue import MODELS, BaseModel, bare_name

FULL, PEFT = "TUNING_MODE_FULL", "TUNING_MODE_PEFT_ADAPTER"
ADAPTERS = (1, 2, 4, 8, 16, 32)
_SEED_REGIONS = frozenset({"us-central1", "europe-west4", "us-west1", "us-east5", "asia-southeast1"})
_REGIONS = _SEED_REGIONS | {"asia-southeast2", "global"}
_FORMATS = ("prompt", "messages", "contents")
_OF_THE_SEED, _LATER = date(2025, 5, 1), date(2026, 1, 1)


@dataclass(frozen=True)
class OpenModel(BaseModel):
    """An open model; `modes` are the tuning modes that it accepts."""

    modes: tuple[str, ...] = (FULL,)


def _open(
    name: str, modes: tuple[str, ...], launched: date, most_tokens: int = 8_192, *, media: bool = False
) -> OpenModel:
    return OpenModel(
        name, launched, None, 48, _REGIONS, ADAPTERS if PEFT in modes else (), 16, cmek=True, multi_region_result=False,
        most_tokens=most_tokens, most_validation=5_000, most_media_rows=BaseModel.most_rows, formats=_FORMATS,
        media=media, modes=modes,
    )  # fmt: skip


OPEN = {
    model.name: model
    for model in (
        _open("google/gemma3@gemma-3-1b-it", (FULL,), _OF_THE_SEED),
        _open("google/gemma3@gemma-3-4b-it", (FULL,), _OF_THE_SEED),
        _open("google/gemma3@gemma-3-12b-it", (FULL,), _OF_THE_SEED),
        _open("google/gemma3@gemma-3-27b-it", (PEFT, FULL), _OF_THE_SEED),
        _open("meta/llama3_1@llama-3.1-8b", (PEFT, FULL), _OF_THE_SEED),
        _open("meta/llama3_1@llama-3.1-8b-instruct", (PEFT, FULL), _OF_THE_SEED),
        _open("meta/llama3-2@llama-3.2-1b-instruct", (FULL,), _OF_THE_SEED),
        _open("meta/llama3-2@llama-3.2-3b-instruct", (FULL,), _OF_THE_SEED),
        _open("meta/llama3-3@llama-3.3-70b-instruct", (PEFT, FULL), _OF_THE_SEED),
        _open("meta/llama4@llama-4-scout-17b-16e-instruct", (PEFT,), _OF_THE_SEED, 2_048, media=True),
        _open("qwen/qwen3@qwen3-4b", (FULL,), _OF_THE_SEED),
        _open("qwen/qwen3@qwen3-8b", (FULL,), _OF_THE_SEED),
        _open("qwen/qwen3@qwen3-14b", (FULL,), _OF_THE_SEED),
        _open("qwen/qwen3@qwen3-32b", (PEFT, FULL), _OF_THE_SEED),
        _open("google/gemma4@gemma-4-e2b-it", (PEFT,), _LATER),
        _open("google/gemma4@gemma-4-e4b-it", (PEFT,), _LATER),
        _open("google/gemma4@gemma-4-26b-a4b-it", (PEFT,), _LATER),
        _open("google/gemma4@gemma-4-31b-it", (PEFT,), _LATER),
        _open("google/medgemma@medgemma-1.5-4b-it", (FULL,), _LATER),
        _open("qwen/qwen3-5@qwen3.5-9b", (FULL,), _LATER),
        _open("qwen/qwen3-6@qwen3.6-27b", (PEFT,), _LATER, 12_288),
        _open("qwen/qwen3-6@qwen3.6-35b-a3b", (PEFT,), _LATER, 12_288),
        _open("zai-org/glm-4.7-flash@glm-4.7-flash", (PEFT,), _LATER),
    )
}
_BY_ITS_VERSION = {f"{name.partition('/')[0]}/{name.partition('@')[2]}": model for name, model in OPEN.items()}
_BY_SHORT_NAME = {name.partition("/")[2]: model for name, model in OPEN.items()}


def find_open(name: str) -> OpenModel | None:
    """The open model with that name, with or without its publisher.

    The forms are `google/gemma3@gemma-3-1b-it`, `google/gemma-3-1b-it` and `publishers/google/models/gemma3@gemma-3-1b-it`.
    """
    name = name.removeprefix("publishers/").replace("/models/", "/")
    return OPEN.get(name) or _BY_ITS_VERSION.get(name) or _BY_SHORT_NAME.get(name)


def model_named(name: str) -> BaseModel:
    """The model, Google's or open, of a job that was accepted."""
    return find_open(name) or MODELS[bare_name(name)]
