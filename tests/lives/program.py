"""The program of a life: the full stack, and what its user may change of it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from lives.entries import Goal, Ref
from pulumi_gcp_tuning.resources.core.description import keys_in
from pulumi_gcp_tuning.resources.registry import lifecycle_of
from support.hand_made_google import GOOD_ROWS, TYPE
from support.hand_made_lookups import NUMBER

if TYPE_CHECKING:
    from pathlib import Path

STACK: Final = "urn:pulumi:dev::shop::"
COMPONENT: Final = "shop:index:Router"
PROJECT: Final = "shop-dev"
CONTENTS: Final = ("a", "b", "c")
LEFT_OUT: Final = ("tuned_model", "endpoint", "model_deployment")
"""The kinds that a user may take out of the program."""
KINDS: Final = (*LEFT_OUT, "tuning_job", "tuning_dataset")
CLASSES: Final = {
    "tuning_dataset": "TuningDataset",
    "tuning_job": "TuningJob",
    "pipeline_tuning_job": "PipelineTuningJob",
    "tuned_model": "TunedModel",
    "endpoint": "Endpoint",
    "model_deployment": "ModelDeployment",
}


def rows_of(content: str) -> bytes:
    """A file of 30 good rows; another content is another file."""
    few = b"".join(GOOD_ROWS.splitlines(keepends=True)[:30])
    return few.replace(b"order", f"order {content}".encode())


@cache
def hash_of(content: str) -> str:
    return hashlib.sha256(rows_of(content)).hexdigest()


def write_files(folder: Path) -> None:
    for content in CONTENTS:
        (folder / f"{content}.jsonl").write_bytes(rows_of(content))


@dataclass(frozen=True)
class Program:
    """What is declared. ``names`` are all names that the stack has had, the current one last; ``parents`` the same."""

    content: str = "a"
    epochs: int = 2
    retry: int = 0
    label: str = "x"
    keep_last: int | None = None
    pipeline: bool = False
    numbered: bool = False
    names: tuple[str, ...] = ("bot",)
    parents: tuple[bool, ...] = (False,)
    protect: frozenset[str] = frozenset()
    left_out: frozenset[str] = field(default_factory=frozenset)
    bad: bool = False

    @property
    def project(self) -> str:
        """The project of the configuration, as its id or as its number."""
        return NUMBER if self.numbered else PROJECT

    @property
    def job_kind(self) -> str:
        return "pipeline_tuning_job" if self.pipeline else "tuning_job"

    def urn(self, kind: str, name: str | None = None, *, inside: bool | None = None) -> str:
        inside = self.parents[-1] if inside is None else inside
        return f"{STACK}{COMPONENT + '$' if inside else ''}{TYPE}:{CLASSES[kind]}::{name or self.names[-1]}"

    def without_trouble(self) -> Program:
        return replace(self, bad=False, protect=frozenset())

    def goals(self) -> list[Goal]:
        """What the program registers, dependencies first."""
        job_urn = self.urn(self.job_kind)
        declared: list[tuple[str, dict[str, Any]]] = [
            ("tuning_dataset", {"bucket": "shop-data", "source": f"{self.content}.jsonl"}),
            (self.job_kind, self._job()),
            ("tuned_model", {"tuningJob": Ref(job_urn, "id"), "labels": {"team": self.label}, **self._keeps()}),
            ("endpoint", {"displayName": "Shop", "location": "us", "labels": {"team": self.label}}),
            ("model_deployment", self._deployment()),
        ]
        goals = [self._goal(kind, inputs) for kind, inputs in declared if self._has(kind)]
        if self.bad:
            place = f"projects/{NUMBER}/locations/us"
            inputs = {"endpoint": f"{place}/endpoints/999", "model": f"{place}/models/999"}
            everything = frozenset(goal.urn for goal in goals)
            urn = self.urn("model_deployment", "bad")
            inputs["resourceUrn"] = urn
            goals.append(Goal(urn=urn, kind="model_deployment", inputs=inputs, after=everything))
        return goals

    def _has(self, kind: str) -> bool:
        if kind == "model_deployment":
            return not {"model_deployment", "endpoint", "tuned_model"} & self.left_out
        return kind not in self.left_out

    def _goal(self, kind: str, inputs: dict[str, Any]) -> Goal:
        urn = self.urn(kind)
        told: dict[str, Any] = {"resourceUrn": urn}
        if kind == "tuning_dataset":
            told["contentSha256"] = hash_of(self.content)
        if "inputSources" in keys_in(lifecycle_of(kind).resource.Told):
            sources = {key: [value.urn] for key, value in inputs.items() if isinstance(value, Ref)}
            told |= {"inputSources": sources} if sources else {}
        aliases = [self.urn(kind, name, inside=inside) for name in self.names for inside in set(self.parents)]
        return Goal(
            urn=urn,
            kind=kind,
            inputs={**inputs, **told},
            aliases=tuple(each for each in aliases if each != urn),
            protect=kind in self.protect,
        )

    def _job(self) -> dict[str, Any]:
        data = Ref(self.urn("tuning_dataset"), "uri")
        more = {"retry": self.retry} if self.retry else {}
        if self.pipeline:
            place = {"gcsOutputDirectory": "gs://shop-data/output", "fromResources": ["datasetUri"]}
            return {"baseModel": "code-bison@002", "datasetUri": data, "trainSteps": 100 * self.epochs, **place, **more}
        spec = {"trainingDatasetUri": data, "hyperParameters": {"epochCount": self.epochs}}
        told = {"fromResources": ["supervisedTuningSpec"]}
        return {"baseModel": "gemini-3.5-flash", "supervisedTuningSpec": spec, **told, **more}

    def _keeps(self) -> dict[str, Any]:
        return {} if self.keep_last is None else {"onReplace": {"keepLast": self.keep_last}}

    def _deployment(self) -> dict[str, Any]:
        return {"endpoint": Ref(self.urn("endpoint"), "id"), "model": Ref(self.urn("tuned_model"), "model")}
