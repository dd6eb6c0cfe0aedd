"""Converts a data folder of format 1 to this version, so that a local stack still works after an update of the sandbox."""

from __future__ import annotations

from typing import Any

from tuning_sandbox.kernel import Sandbox

Doc = dict[str, Any]
_SAME = (
    "phase", "turn", "due", "fault", "seed", "last_only", "examples", "epochs", "adapter", "multiplier", "metrics_uri",
)  # fmt: skip


def upgrade(sandbox: Sandbox) -> None:
    """Rewrite the jobs and models of format 1. The unfinished work of a job starts again."""
    jobs, models = sandbox.store.collection("vertex.tuningJobs"), sandbox.store.collection("vertex.models")
    for doc in [found for found in jobs.all() if "job" in found]:
        jobs.put(doc["job"]["name"], _job(doc))
    for doc in [found for found in models.all() if "jobs" in found]:
        models.put(doc["name"], {**{key: doc[key] for key in doc if key != "jobs"}, "weights": doc["jobs"]})


def _job(doc: Doc) -> Doc:
    told = doc["told"]
    learned = told.get("learned")
    return {
        "resource": doc["job"],
        "part": doc.get("made" if doc["phase"] == "endpoints" else "part", 0),
        "failure": told.get("error"),
        "stats": told.get("stats") or {},
        "checkpoints": learned if isinstance(learned, list) else [],
        **{key: doc[key] for key in _SAME},
    }
