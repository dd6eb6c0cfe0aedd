"""Reports of reviews that are pinned in ``tests/golden/review``, and what makes those of a sandbox the same each time.

``WRITE_GOLDEN=1`` writes the files in place of comparing; read the difference before you commit it.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter

from pulumi_gcp_tuning.review.report import Review

FOLDER: Final = Path(__file__).resolve().parents[1] / "golden" / "review"
_NUMBERS: Final = re.compile(r"\d{9,}")
_TIME: Final = re.compile(r"(\d+ jobs? of this stack: )(?:\d+ (?:h|min)(?: \d+ min)?(?: to )?)+")


def expect_golden(name: str, text: str) -> None:
    """The report is the one of the golden file, byte for byte."""
    file = FOLDER / name
    if os.environ.get("WRITE_GOLDEN"):
        file.write_text(text, encoding="utf-8")
    assert file.exists(), f"Add {file.name} to tests/golden/review with WRITE_GOLDEN=1."
    assert text == file.read_text(encoding="utf-8"), f"{file.name} is another report now"


def review_in(text: str) -> Review:
    """The review in its JSON form."""
    read = json.loads(text)
    assert read.pop("schema") == 1
    return TypeAdapter(Review).validate_python(read)


def stable(text: str, *origins: str) -> str:
    """The text with the ids, the addresses and the durations of one run of a sandbox replaced by stable ones."""
    for number, origin in enumerate(origins):
        text = text.replace(origin, f"ORIGIN-{number}")
    seen: dict[str, str] = {}
    text = _NUMBERS.sub(lambda found: seen.setdefault(found[0], f"ID-{len(seen) + 1}"), text)
    return _TIME.sub(r"\1SOME TIME", text)
