"""The stories whose calls the matrices strike, each with the world and the state that it begins at."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from pulumi_gcp_tuning.config import Settings
from support.in_process import ADDRESS, At, Snapshot, World
from support.sandbox_server import AS_OF, PROJECT, REGION
from support.small_engine import Declared, Entry, Ran, Stack
from support.tuning_programs import rows

GEMINI_DAY: Final = "2024-11-20"
"""A day on which the Gemini API tunes."""
DATA: Final = {
    "full": rows(),
    "pipeline": "".join(
        json.dumps({"input_text": f"How do I list order {n}?", "output_text": f"shop.list_order({n})"}) + "\n"
        for n in range(40)
    ),
    "continued": rows(),
    "open": "".join(
        json.dumps({"prompt": f"Where is order {n}?", "completion": f"Order {n} left on day {n}."}) + "\n"
        for n in range(120)
    ),
    "gemini api": "".join(json.dumps({"text_input": str(n), "output": str(n + 1)}) + "\n" for n in range(40)),
}
DAYS: Final = {  # pipelines and the Gemini API take tuning on these days
    "full": AS_OF,
    "pipeline": "2024-06-01",
    "continued": AS_OF,
    "open": AS_OF,
    "gemini api": GEMINI_DAY,
}
STAYS: Final = {
    "full": {"tuning_dataset", "endpoint"},
    "pipeline": {"tuning_dataset"},
    "continued": {"tuning_dataset", "tuning_job", "tuned_model"},
    "open": {"tuning_dataset"},
    "gemini api": set(),
}
"""What ``replace`` leaves as it is."""


def _uri(there: Mapping[str, Entry]) -> str:
    return str(there["tuning_dataset"].outputs["uri"])


def has_gemini_api(world: World) -> bool:
    """Whether models of the Gemini API may be there."""
    return str(world.sandbox.clock.now().date()) >= GEMINI_DAY and world.sandbox.clock.now().year == 2024


def program(stack: str, *, changed: bool = False) -> list[Declared]:
    """What a stack declares; ``changed`` trains differently."""
    return _PROGRAMS[stack](hashlib.sha256(DATA[stack].encode()).hexdigest(), changed)


def _dataset(stack: str, digest: str) -> Declared:
    source = {"bucket": "shop-data", "source": f"{stack}.jsonl", "contentSha256": digest}
    return Declared("tuning_dataset", lambda _: source)


def _pipeline(digest: str, changed: bool) -> list[Declared]:  # noqa: FBT001  # as in the table below
    job = Declared(
        "pipeline_tuning_job",
        lambda there: {
            "baseModel": "code-bison@002",
            "datasetUri": _uri(there),
            "gcsOutputDirectory": "gs://shop-data/output",
            "trainSteps": 200 if changed else 100,
        },
    )
    model = Declared("tuned_model", lambda there: {"tuningJob": there["pipeline_tuning_job"].id})
    return [_dataset("pipeline", digest), job, model]


def _spec(there: Mapping[str, Entry], epochs: int, **more: Any) -> dict[str, Any]:
    spec = {"trainingDatasetUri": _uri(there), "hyperParameters": {"epochCount": epochs}, **more}
    return {"supervisedTuningSpec": spec, "fromResources": ["supervisedTuningSpec"]}


def _full(digest: str, changed: bool) -> list[Declared]:  # noqa: FBT001
    def job(there: Mapping[str, Entry]) -> dict[str, Any]:
        named = {"baseModel": "gemini-3.1-flash-lite", "tunedModelDisplayName": "router"}
        return {**named, **_spec(there, 2 if changed else 1)}

    model = Declared("tuned_model", lambda there: {"tuningJob": there["tuning_job"].id, "labels": {"team": "support"}})
    endpoint = Declared("endpoint", lambda _: {"displayName": "support", "location": "us"})
    deployment = Declared(
        "model_deployment",
        lambda there: {
            "endpoint": there["endpoint"].id,
            "model": there["tuned_model"].outputs["model"],
            "inputSources": {
                "endpoint": [there["endpoint"].declared.urn],
                "model": [there["tuned_model"].declared.urn],
            },
        },
    )
    return [_dataset("full", digest), Declared("tuning_job", job), model, endpoint, deployment]


def _continued(digest: str, changed: bool) -> list[Declared]:  # noqa: FBT001
    def more(there: Mapping[str, Entry]) -> dict[str, Any]:
        parent = {"tunedModelName": there["tuned_model"].outputs["versionedModel"]}
        return {"preTunedModel": parent, **_spec(there, 2 if changed else 1)}

    return [
        _dataset("continued", digest),
        Declared("tuning_job", lambda there: {"baseModel": "gemini-3.1-flash-lite", **_spec(there, 1)}),
        Declared("tuned_model", lambda there: {"tuningJob": there["tuning_job"].id}),
        Declared("tuning_job", more, "more"),
        Declared("tuned_model", lambda there: {"tuningJob": there["tuning_job more"].id}, "more"),
    ]


def _open(digest: str, changed: bool) -> list[Declared]:  # noqa: FBT001
    def job(there: Mapping[str, Entry]) -> dict[str, Any]:
        epochs = 2 if changed else 1
        start = {"baseModel": "meta/llama3_1@llama-3.1-8b-instruct", "outputUri": f"gs://shop-data/weights-{epochs}"}
        return {**start, **_spec(there, epochs, tuningMode="TUNING_MODE_FULL")}

    machine = {"machineType": "g2-standard-12", "acceleratorType": "NVIDIA_L4", "acceleratorCount": 1}
    deployment = Declared("model_deployment", lambda there: {"tuningJob": there["tuning_job"].id, **machine})
    return [_dataset("open", digest), Declared("tuning_job", job), deployment]


def _gemini_api(digest: str, changed: bool) -> list[Declared]:  # noqa: FBT001
    inputs = {
        "baseModel": "models/gemini-1.5-flash-001-tuning",
        "source": "gemini api.jsonl",
        "contentSha256": digest,
        "epochCount": 2 if changed else 1,
    }
    return [Declared("gemini_api_tuned_model", lambda _: inputs)]


_PROGRAMS: Final[Mapping[str, Callable[[str, bool], list[Declared]]]] = {
    "full": _full,
    "pipeline": _pipeline,
    "continued": _continued,
    "open": _open,
    "gemini api": _gemini_api,
}


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
