"""Where the local file of a declaration is."""

from __future__ import annotations

from pathlib import Path

from pulumi_gcp_tuning.errors import Finding
from pulumi_gcp_tuning.preflight.spelling import SOURCE
from pulumi_gcp_tuning.resources.core.lifecycle import Call
from pulumi_gcp_tuning.wording import advise


def find_source(call: Call, source: str) -> Path | None:
    """The absolute path of a declared source; None if it is relative and the program's folder is not known."""
    path = Path(source)
    return path if path.is_absolute() else None if call.root is None else call.root / path


def unreadable(problem: str) -> Finding:
    """The finding of a file that cannot be read."""
    remedy = advise(
        "set a property",
        "Use the path of a readable file, relative to the program's folder; the path shown here starts at Pulumi.yaml.",
    )
    return SOURCE.finding(("source",), problem, remedy)
