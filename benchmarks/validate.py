"""Measures the validator's speed, compared with ``orjson.loads`` of each line of the same file, and its memory.

    python benchmarks/validate.py [--bytes N] [--rounds N] [--kind ticket|long|chat|pairs|images|instructions]

Prints both as ratios: bytes per second to those of ``orjson.loads`` (goal: at least 0.1), and peak memory to
100 MB (goal: at most 1.0 for 1 GB). Exits with 1 if a goal is missed. Rounds alternate and the best of each counts.
"""

from __future__ import annotations

import argparse
import gc
import json
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import orjson

from pulumi_gcp_tuning.datasets import Source, validate

ENGLISH: Final = (
    "order parcel refund customer shipping invoice when did my arrive late broken please answer quickly account "
    "address change wrong colour size the a to of and is it that was for on are with as I"
)
FRENCH: Final = "commande colis remboursement été reçu adresse à changer la couleur où livré je très déçu merci"
KOREAN: Final = "주문 배송 환불 언제 도착 고객 주소 변경 색상 크기 빨리 답변 부탁 드립니다 계정 청구서"
LANGUAGES: Final = [each.split() for each in (ENGLISH, ENGLISH, FRENCH, KOREAN)]
SYSTEM: Final = "You route support tickets of an online shop. Answer with the team and the priority, nothing else."
MOST_MEMORY: Final = 100 * 1024 * 1024
LEAST_SPEED: Final = 0.1


def text(rng: random.Random, words: int) -> str:
    """Some words of one language."""
    return " ".join(rng.choices(rng.choice(LANGUAGES), k=words))


def contents(rng: random.Random, words: int, turns: int = 1, system: str = SYSTEM) -> dict[str, Any]:
    """A Gemini row."""
    said: list[dict[str, Any]] = []
    for _ in range(turns):
        said += [
            {"role": "user", "parts": [{"text": text(rng, words)}]},
            {"role": "model", "parts": [{"text": text(rng, 1 + words // 4)}]},
        ]
    return {"systemInstruction": {"role": "system", "parts": [{"text": system}]}, "contents": said}


def with_image(rng: random.Random) -> dict[str, Any]:
    """A Gemini row that names an image."""
    row = contents(rng, 20)
    uri = f"gs://shop-images/photos/{rng.randrange(10**9)}.jpg"
    row["contents"][0]["parts"].insert(0, {"fileData": {"mimeType": "image/jpeg", "fileUri": uri}})
    return row


KINDS: Final[dict[str, Callable[[random.Random], dict[str, Any]]]] = {
    "ticket": lambda rng: contents(rng, 16),
    "long": lambda rng: contents(rng, 150),
    "chat": lambda rng: contents(rng, 20, turns=rng.randint(1, 4)),
    "pairs": lambda rng: {"input_text": text(rng, 30), "output_text": text(rng, 30)},
    "images": with_image,
    "instructions": lambda rng: contents(rng, 16, system=f"{SYSTEM} Customer {rng.randrange(10**6)}."),
}


def write(path: Path, size: int, kind: str) -> None:
    """A file of that size; the rows differ."""
    rng = random.Random(20261121)  # noqa: S311
    written = 0
    with path.open("wb") as file:
        while written < size:
            written += file.write(json.dumps(KINDS[kind](rng), ensure_ascii=False).encode() + b"\n")


def parse_each_line(path: Path) -> None:
    """The baseline: ``orjson.loads`` of each line."""
    with path.open("rb") as file:
        for line in file:
            orjson.loads(line)


def seconds(work: Callable[[], object]) -> float:
    """The CPU time of a function, which depends less on the machine's load than clock time."""
    gc.collect()
    begin = time.process_time()
    work()
    return time.process_time() - begin


def peak_memory() -> int:
    """The peak memory of this process in bytes. On Linux, rusage also includes the process that started it."""
    status = Path("/proc/self/status")
    if status.exists():
        return next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM")) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def main() -> int:
    """Measures one kind of file, or all of them."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--bytes", type=int, default=20_000_000)
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--kind", choices=[*KINDS, "all"], default="all")
    given = arguments.parse_args()
    missed = False
    for kind in KINDS if given.kind == "all" else [given.kind]:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "rows.jsonl"
            write(path, given.bytes, kind)
            size = path.stat().st_size
            source = Source.of_path(path, path.name)
            rounds = [
                (seconds(lambda: parse_each_line(path)), seconds(lambda: validate(source)))  # noqa: B023
                for _ in range(given.rounds)
            ]
        parse, judge = (min(column) for column in zip(*rounds, strict=True))
        peak = peak_memory()
        speed, memory = parse / judge, peak / MOST_MEMORY
        missed = missed or speed < LEAST_SPEED or memory > 1
        print(
            f"{kind:<13} {size / 1e6:7.0f} MB  orjson.loads {size / parse / 1e6:5.0f} MB/s  validate "
            f"{size / judge / 1e6:5.0f} MB/s  speed ratio {speed:.2f} (>= {LEAST_SPEED})  "
            f"peak {peak / 2**20:.0f} MB  memory ratio {memory:.2f} (<= 1)"
        )
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
