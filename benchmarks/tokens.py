"""Compares the token estimate with a real tokenizer, for each kind of text.

    python benchmarks/tokens.py [MODEL] [--texts N] [--seed N]

MODEL is the SentencePiece file of Gemma 3, which Gemini 2 also uses: `cargo add gemini-tokenizer@0.2.0` fetches a
crate that has it under `resources/`. It is never committed. The benchmark needs `pip install sentencepiece`.
Without MODEL only images are compared: no package has a tokenizer for them, so the figures are those of Google's pages.
Prints for each kind the error of the estimate for all its texts (goal: within 15 %), the largest error for one text,
and the error of four characters per token. Exits with 1 if the goal is missed.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Sequence
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any, Final, Protocol

from token_texts import KINDS

from pulumi_gcp_tuning.catalog import shipped
from pulumi_gcp_tuning.datasets import Source, validate
from pulumi_gcp_tuning.datasets.tokens import WIDTH, count_files, count_tokens

IMAGES: Final = (
    # Google's page on supervised tuning of Gemini 2: an image of 768 pixels
    ("gemini-2.5-flash", "LOW", "768 x 768", 64),
    ("gemini-2.5-flash", "MEDIUM", "768 x 768", 256),
    ("gemini-2.5-flash", "HIGH", "768 x 768", 1290),
    # ai.google.dev/gemini-api/docs/tokens: 258 if both sides are at most 384 pixels, else for each tile of 768
    ("gemini-2.5-flash", None, "384 x 384", 258),
    ("gemini-2.5-flash", None, "1536 x 1536", 1032),
    # ai.google.dev/gemini-api/docs/media-resolution: Gemini 3, of any size
    ("gemini-3.1-flash-lite", "LOW", "any", 280),
    ("gemini-3.1-flash-lite", "MEDIUM", "any", 560),
    ("gemini-3.1-flash-lite", "HIGH", "any", 1120),
    ("gemini-3.1-flash-lite", None, "any", 1120),
)
"""Model, ``mediaResolution``, size, and the tokens that Google's pages say."""


class Tokenizer(Protocol):
    """The functions used from sentencepiece."""

    def encode(self, text: str) -> Sequence[int]:
        """The tokens of a text."""
        ...


def measure(tokenizer: Tokenizer, texts: Sequence[str]) -> tuple[float, float, float]:
    """The error of the estimate for all texts, for the worst one, and with four characters per token."""
    real = [len(tokenizer.encode(text)) for text in texts]
    estimates = [count_tokens(text) for text in texts]
    worst = max((about / count - 1 for about, count in zip(estimates, real, strict=True)), key=abs)
    return sum(estimates) / sum(real) - 1, worst, sum(map(len, texts)) / 4 / sum(real) - 1


def measure_images() -> bool:
    """Prints for each image of Google's pages the estimate, or its range; whether one misses."""
    missed = False
    for model, resolution, size, real in IMAGES:
        row: dict[str, Any] = {
            "contents": [
                {"role": "user", "parts": [{"fileData": {"mimeType": "image/png", "fileUri": "gs://shop/a.png"}}]},
                {"role": "model", "parts": [{"text": "A shoe."}]},
            ]
        }
        if resolution:
            row["generationConfig"] = {"mediaResolution": f"MEDIA_RESOLUTION_{resolution}"}
        line = json.dumps(row).encode()
        file = validate(Source("images.jsonl", partial(BytesIO, line), len(line))).training
        found = count_files(file, shipped().models[model])
        is_range = found.least != found.most
        off = found.images / real - 1
        fits = found.least <= real <= (found.most or real) if is_range else abs(off) <= WIDTH
        missed |= not fits
        said = f"said as {found.least} to {found.most}" if is_range else f"{off:+7.1%}"
        print(f"image {resolution or 'plain':10} {model:22} {size:12} Google {real:5}: {found.images:5}, {said}")
    return missed


def main() -> int:
    """Prints a line for each kind of text."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("model", type=Path, nargs="?")
    parser.add_argument("--texts", type=int, default=200)
    parser.add_argument("--seed", type=int, default=20261128)
    asked = parser.parse_args()
    missed = measure_images()
    if asked.model is None:
        return int(missed)
    from sentencepiece import SentencePieceProcessor  # type: ignore[import-not-found, unused-ignore]

    tokenizer = SentencePieceProcessor(model_file=str(asked.model))
    rng = random.Random(asked.seed)  # noqa: S311
    for kind, make in KINDS.items():
        texts = [make(rng) for _ in range(asked.texts if kind != "long documents" else max(1, asked.texts // 20))]
        off, worst, by_four = measure(tokenizer, texts)
        missed |= abs(off) > WIDTH
        print(f"{kind:20} {off:+7.1%}, one text at most {worst:+7.1%}, characters / 4 {by_four:+7.1%}")
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
