"""Compares the token estimate with a real tokenizer, for each kind of text.

    python benchmarks/tokens.py MODEL [--texts N] [--seed N]

MODEL is the SentencePiece file of Gemma 3, which Gemini 2 also uses: `cargo add gemini-tokenizer@0.2.0` fetches a
crate that has it under `resources/`. It is never committed. The benchmark needs `pip install sentencepiece`.
Prints for each kind the error of the estimate for all its texts (goal: within 15 %), the largest error for one text,
and the error of four characters per token. Exits with 1 if the goal is missed.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from token_texts import KINDS

from pulumi_gcp_tuning.datasets.tokens import WIDTH, count_tokens


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


def main() -> int:
    """Prints a line for each kind of text."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("model", type=Path)
    parser.add_argument("--texts", type=int, default=200)
    parser.add_argument("--seed", type=int, default=20261128)
    asked = parser.parse_args()
    from sentencepiece import SentencePieceProcessor  # type: ignore[import-not-found, unused-ignore]

    tokenizer = SentencePieceProcessor(model_file=str(asked.model))
    rng = random.Random(asked.seed)  # noqa: S311
    missed = False
    for kind, make in KINDS.items():
        texts = [make(rng) for _ in range(asked.texts if kind != "long documents" else max(1, asked.texts // 20))]
        off, worst, by_four = measure(tokenizer, texts)
        missed |= abs(off) > WIDTH
        print(f"{kind:20} {off:+7.1%}, one text at most {worst:+7.1%}, characters / 4 {by_four:+7.1%}")
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
