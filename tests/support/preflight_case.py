"""A case of the preflight table: one situation that is refused, and the one thing in it that makes it pass.

A situation is a tree of plain data: ``inputs`` of a resource, ``olds`` of it in state, ``config`` of the provider,
``world`` at Google (see preflight_world) and ``files`` beside the program. A case changes the usual situation of its kind
(``given``); its neighbour changes that once more, in one place (``but``). Places are written with slashes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, Final

from pulumi_gcp_tuning.errors import Finding, Severity
from pulumi_gcp_tuning.wording import PYTHON

Kind = str
"""A resource, the component, or ``pure`` for a rule of its own: a key of ``USUAL``."""
Tree = dict[str, Any]
Judge = Callable[..., Any]

DROP: Final = object()
"""Takes a value away."""

TODAY: Final = "2026-11-21"
KEYED_DAY: Final = "2026-06-01"
"""A day on which a model that takes customer-managed keys can be tuned."""

BUCKET: Final = "shop-data"
DATA: Final = f"gs://{BUCKET}/train.jsonl"
CHECKED_DATA: Final = f"gs://{BUCKET}/validation.jsonl"
SPEC: Final = "inputs/supervisedTuningSpec"
PARAMETERS: Final = f"{SPEC}/hyperParameters"
TRAINING: Final = "supervised_tuning_spec.training_dataset_uri"
VALIDATION: Final = "supervised_tuning_spec.validation_dataset_uri"
KEY: Final = "projects/shop/locations/us-central1/keyRings/ring/cryptoKeys/key"


def row(number: int = 0, *, question: str = "", answer: str = "") -> Tree:
    """A good row of Gemini's contents."""
    said = question or f"Ticket {number} about {('billing', 'shipping', 'returns')[number % 3]}: what now?"
    return {
        "contents": [
            {"role": "user", "parts": [{"text": said}]},
            {"role": "model", "parts": [{"text": answer or f"team {number % 3}, order {number}"}]},
        ]
    }


def lines(*rows: Any) -> str:
    """JSON Lines; a string stands for itself."""
    return "".join((each if isinstance(each, str) else json.dumps(each)) + "\n" for each in rows)


def good_rows(count: int = 120, start: int = 0) -> list[Any]:
    """Rows that nobody objects to."""
    return [row(number) for number in range(start, start + count)]


def pair(number: int = 0) -> Tree:
    """A good row of a code model's pairs."""
    return {"input_text": f"Write a call for order {number}.", "output_text": f"shop.find({number})"}


GOOD: Final = lines(*good_rows())
PAIRS: Final = lines(*(pair(number) for number in range(500)))
CODE_DATA: Final = f"gs://{BUCKET}/code.jsonl"
TEXT_PAIRS: Final = lines(*({"text_input": str(number), "output": str(number + 1)} for number in range(20)))
GEMINI_API_DAY: Final = "2024-11-20"
"""A day on which the Gemini API tuned models."""
NAMED_FILES: Final = {"a.png": "x", "a.mp3": "x", "a.mp4": "x", "a.pdf": "x"}
"""Files beside the usual data, for rows that name them."""
BISON_DAY: Final = "2024-06-01"
"""A day on which bison models were tuned."""
USUAL: Final[Mapping[str, Tree]] = {
    "tuning_job": {"baseModel": "gemini-3.1-flash-lite", "supervisedTuningSpec": {"trainingDatasetUri": DATA}},
    "pipeline_tuning_job": {
        "baseModel": "code-bison@002",
        "datasetUri": CODE_DATA,
        "gcsOutputDirectory": f"gs://{BUCKET}/output",
    },
    "gemini_api_tuned_model": {"baseModel": "models/gemini-1.5-flash-001-tuning", "source": "pairs.jsonl"},
    "tuning_dataset": {"bucket": BUCKET, "source": "train.jsonl"},
    "tuned_model": {
        "tuningJob": "projects/shop/locations/us-central1/tuningJobs/4192837465019283746",
        "checks": {"existence": "off"},  # the world of a case has no job
    },
    "endpoint": {"displayName": "Shop", "location": "us-central1"},
    "model_deployment": {
        "endpoint": "projects/shop/locations/us/endpoints/1234567890",
        "model": "projects/shop/locations/us/models/5550001112223334445",
        "checks": {"existence": "off"},
    },
    "fine_tuned_model": {},
    "pure": {},
}
OF_COMPONENT: Final = {"base_model": "gemini-3.1-flash-lite", "bucket": BUCKET, "training_data": "train.jsonl"}
"""The usual arguments of a FineTunedModel."""
_AROUND: Final[Mapping[str, Tree]] = {
    "pipeline_tuning_job": {"world": {"today": BISON_DAY, "objects": {"code.jsonl": PAIRS}}},
    "gemini_api_tuned_model": {"world": {"today": GEMINI_API_DAY}, "files": {"pairs.jsonl": TEXT_PAIRS}},
    "tuning_dataset": {"files": {"train.jsonl": GOOD}},
    "fine_tuned_model": {"files": {"train.jsonl": GOOD}, "arguments": OF_COMPONENT},
}
"""What is other than usual around a declaration."""


@dataclass(frozen=True)
class Cannot:
    """Why the sandbox does not refuse what Google would."""

    reason: str


@dataclass(frozen=True)
class JobFails:
    """Google takes the job, and it ends FAILED with these words."""

    says: str


@dataclass(frozen=True, kw_only=True)
class Case:
    """What is refused (or warned of), and its neighbour.

    ``rule`` is the name of the check's rule. ``also`` are other checks that rightly object to the same situation.
    ``google`` is what the sandbox says at create with the check off.
    ``judge`` gives the findings of a pure case; its situation holds the ``arguments``.
    """

    id: str
    check: str
    rule: str
    path: str
    says: str
    way_out: str
    but: Mapping[str, Any]
    given: Mapping[str, Any] = field(default_factory=dict)
    kind: Kind = "tuning_job"
    severity: Severity = "error"
    also: tuple[str, ...] = ()
    google: str | JobFails | Cannot | None = None
    judge: Judge | None = None

    @property
    def refused(self) -> Tree:
        """The situation that is refused."""
        return changed(usual(self.kind), self.given)

    @property
    def passing(self) -> Tree:
        """Its neighbour."""
        return changed(self.refused, self.but)

    def says_so(self, finding: Finding) -> bool:
        """Whether a finding is this case's."""
        said = finding.printed(PYTHON)
        return (said.check, said.path) == (self.check, self.path) and self.says in said.problem


def usual(kind: Kind) -> Tree:
    """The situation in which nothing is wrong."""
    assert kind in USUAL, f"add {kind} to USUAL of tests/support/preflight_case.py"
    world = {"today": TODAY, "buckets": {BUCKET: "us-central1"}, "objects": {"train.jsonl": GOOD, **NAMED_FILES}}
    around = _AROUND.get(kind, {})
    return deepcopy({
        "inputs": USUAL[kind], "olds": {}, "config": {}, "world": {**world, **around.get("world", {})},
        "files": around.get("files", {}), "arguments": around.get("arguments", {}),
    })  # fmt: skip


def changed(tree: Mapping[str, Any], changes: Mapping[str, Any]) -> Tree:
    """A copy with values set, or dropped, at the places."""
    made = deepcopy(dict(tree))
    for place, value in changes.items():
        *above, last = place.split("/")
        at = made
        for part in above:
            at = at.setdefault(part, {})
        if value is DROP:
            at.pop(last, None)
        else:
            at[last] = deepcopy(value) if isinstance(value, dict | list) else value
    return made


def places(tree: Any, place: str = "") -> dict[str, Any]:
    """Every leaf of a tree by its place."""
    if not isinstance(tree, Mapping) or not tree:
        return {place: tree}
    found: dict[str, Any] = {}
    for name, inner in tree.items():
        found |= places(inner, f"{place}/{name}" if place else str(name))
    return found
