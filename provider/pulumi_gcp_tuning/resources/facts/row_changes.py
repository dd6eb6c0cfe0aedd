"""How many rows a new file adds to an object in a bucket, and how many it removes. Rows are compared by content."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from pulumi_gcp_tuning.errors import TuningError

if TYPE_CHECKING:
    from pathlib import Path

    from pulumi_gcp_tuning.names import GcsUri
    from pulumi_gcp_tuning.resources.core.lifecycle import Call

MOST_BYTES: Final = 64 << 20
"""Bytes of the old object that are read. A larger one is not compared."""


def compare_rows(call: Call, old: GcsUri, new: Path, *, user_project: str | None = None) -> dict[str, Any]:
    """``added``, ``removed``, ``before`` and ``after`` as numbers of rows; ``why_not`` alone if they cannot be compared."""
    try:
        live = call.google.storage.get_object(old.bucket, str(old.object), user_project=user_project)
        if int(live.get("size") or 0) > MOST_BYTES:
            return {"why_not": f"the old object is larger than {MOST_BYTES >> 20} MiB"}
        with call.google.storage.open_object(old.bucket, str(old.object), user_project=user_project) as file:
            before = _rows_of(file)
        with new.open("rb") as file:
            after = _rows_of(file)
    except (TuningError, OSError) as error:
        return {"why_not": f"the old object could not be read: {str(error).splitlines()[0]}"}
    return {
        "added": (after - before).total(),
        "removed": (before - after).total(),
        "before": before.total(),
        "after": after.total(),
    }


def _rows_of(lines: Iterable[bytes]) -> Counter[bytes]:
    return Counter(hashlib.sha256(line.strip()).digest() for line in lines if line.strip())
