"""Documents of an older sandbox as the present one keeps them. A golden world is translated where it is read, never edited."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tuning_sandbox.kernel.disk import FORMAT

Document = dict[str, Any]
Step = Callable[[str, Document], Document]


def translate(world: Mapping[str, Any]) -> Document:
    """The world in the format that this sandbox reads; the steps between two formats follow each other."""
    meta, documents = dict(world["meta"]), list(world["documents"])
    while meta["format"] != FORMAT:
        known = _STEPS.get(meta["format"])
        assert known is not None, (
            f"This sandbox keeps format {FORMAT}, and nothing translates a golden world of format {meta['format']}. "
            "Add the step to tests/support/golden_worlds.py."
        )
        meta["format"], step = known
        documents = [[kind, name, step(kind, document)] for kind, name, document in documents]
    return {**world, "meta": meta, "documents": documents}


def _from_1_to_2(kind: str, document: Document) -> Document:
    """Every kind of job has one course; a model names its weights and not its job."""
    if kind == "vertex.models":
        kept = {key: value for key, value in document.items() if key != "jobs"}
        return {**kept, "weights": document["jobs"]}
    if kind != "vertex.tuningJobs":
        return document
    assert document["phase"] in ("pending", "ended"), document["phase"]
    same = ("phase", "turn", "due", "fault", "seed", "last_only", "examples")
    asked = ("epochs", "adapter", "multiplier", "metrics_uri")
    return {
        **{key: document[key] for key in (*same, *asked)},
        "resource": document["job"],
        "part": 0,
        "worked": False,
        "failure": None,
        "stats": document["job"].get("tuningDataStats", {}),
        "metrics": [],
        "checkpoints": document["told"].get("learned", []),
    }


_STEPS: Mapping[str, tuple[str, Step]] = {"1": ("2", _from_1_to_2)}
