"""The stories whose calls the matrices strike, each with the world and the state that it begins at."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from pulumi_gcp_tuning.config import Settings
from support.in_process import ADDRESS, At, Snapshot, World
from support.sandbox_server import AS_OF, PROJECT, REGION
from support.small_engine import Declared, Entry, Ran, Stack
from support.tuning_programs import rows

DATA: Final = {
    "full": rows(),
    "pipeline": "".join(
        json.dumps({"input_text": f"How do I list order {n}?", "output_text": f"shop.list_order({n})"}) + "\n"
        for n in range(40)
    ),
}
DAYS: Final = {"full": AS_OF, "pipeline": "2024-06-01"}  # a day on which its model takes tuning


def _uri(there: Mapping[str, Entry]) -> str:
    return str(there["tuning_dataset"].outputs["uri"])


def program(stack: str, *, changed: bool = False) -> list[Declared]:
    """What a stack declares; ``changed`` trains differently."""
    digest = hashlib.sha256(DATA[stack].encode()).hexdigest()
    source = {"bucket": "shop-data", "source": f"{stack}.jsonl", "contentSha256": digest}
    data = Declared("tuning_dataset", lambda _: source)
    if stack == "pipeline":
        steps = 200 if changed else 100
        job = Declared(
            "pipeline_tuning_job",
            lambda there: {
                "baseModel": "code-bison@002",
                "datasetUri": _uri(there),
                "gcsOutputDirectory": "gs://shop-data/output",
                "trainSteps": steps,
            },
        )
        model = Declared("tuned_model", lambda there: {"tuningJob": there["pipeline_tuning_job"].id})
        return [data, job, model]
    epochs = 2 if changed else 1
    job = Declared(
        "tuning_job",
        lambda there: {
            "baseModel": "gemini-3.1-flash-lite",
            "tunedModelDisplayName": "router",
            "supervisedTuningSpec": {"trainingDatasetUri": _uri(there), "hyperParameters": {"epochCount": epochs}},
            "fromResources": ["supervisedTuningSpec"],
        },
    )
    model = Declared("tuned_model", lambda there: {"tuningJob": there["tuning_job"].id, "labels": {"team": "support"}})
    endpoint = Declared("endpoint", lambda _: {"displayName": "support", "location": "us"})
    deployment = Declared(
        "model_deployment",
        lambda there: {"endpoint": there["endpoint"].id, "model": there["tuned_model"].outputs["model"]},
    )
    return [data, job, model, endpoint, deployment]


def run_verb(stack: Stack, name: str, verb: str, event: At | None = None) -> Ran:
    """The command of a story; ``replace`` is ``up`` of the changed program."""
    if verb in ("up", "replace"):
        return stack.up(program(name, changed=verb == "replace"), event)
    ran: Ran = getattr(stack, verb)(event)
    return ran


@dataclass(frozen=True)
class Begun:
    """Where a story begins."""

    world: Snapshot
    entries: Sequence[Entry]


class Stage:
    """One world for all cells of a stack and process, put back before each."""

    def __init__(self, name: str, root: Path) -> None:
        self.name, as_of = name, DAYS[name]
        (root / f"{name}.jsonl").write_text(DATA[name])
        self.root, self.world = root, World(as_of)
        given = {"GCP_TUNING_BASE_URL": ADDRESS, "GCP_TUNING_AS_OF": as_of, "GCP_TUNING_POLL_INTERVAL": "600"}
        self.settings = Settings.resolve({"gcp:project": PROJECT, "gcp:region": REGION}, given)
        self._empty = Begun(self.world.take(), ())
        self.begun = cache(self._begun)
        self.calls = cache(self._calls)

    def stack(self, begun: Begun) -> Stack:
        """A stack as a story finds it."""
        self.world.restore(begun.world)
        return Stack(self.world, self.settings, self.root, begun.entries)

    def _calls(self, verb: str) -> list[str]:
        """What a clean run asks."""
        clean = self.stack(self.begun(verb))
        ran = run_verb(clean, self.name, verb)
        assert ran.ok, ran.error
        return clean.wire.calls

    def _begun(self, verb: str) -> Begun:
        if verb == "up":
            return self._empty
        before = self.stack(self._empty)
        ran = before.up(program(self.name))
        assert ran.ok, ran.error
        ran = before.refresh()
        assert ran.ok, ran.error
        return Begun(self.world.take(), before.entries)
