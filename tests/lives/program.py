"""The program of a life: the full stack, and what its user may change of it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

from lives.entries import Goal, Ref
from pulumi_gcp_tuning.resources.core.description import keys_in
from pulumi_gcp_tuning.resources.registry import lifecycle_of, registered
from support.hand_made_google import GOOD_ROWS, TYPE
from support.hand_made_lookups import NUMBER

if TYPE_CHECKING:
    from pathlib import Path

STACK: Final = "urn:pulumi:dev::shop::"
COMPONENT: Final = "shop:index:Router"
PROJECT: Final = "shop-dev"
CONTENTS: Final = ("a", "b", "c")
Shape = Literal["gemini", "pipeline", "continued", "open", "open continued", "gemini api"]
SHAPES: Final[tuple[Shape, ...]] = get_args(Shape)
MORE: Final = "-more"
"""What is appended to the name of the job that trains on from another, and of its model."""
LEFT_OUT: Final = ("tuned_model", "endpoint", "model_deployment")
"""The kinds that a user may take out of the program."""
KINDS: Final = (*LEFT_OUT, "tuning_job", "tuning_dataset")
CLASSES: Final = {frame.kind: frame.name for frame in registered()}


def rows_of(content: str) -> bytes:
    """A file of 30 good rows; another content is another file."""
    few = b"".join(GOOD_ROWS.splitlines(keepends=True)[:30])
    return few.replace(b"order", f"order {content}".encode())


def pairs_of(content: str) -> bytes:
    """The same for a model of the Gemini API."""
    return b"".join(json.dumps({"text_input": f"{content} {n}", "output": str(n)}).encode() + b"\n" for n in range(30))


@cache
def hash_of(content: str) -> str:
    return hashlib.sha256(rows_of(content)).hexdigest()


@cache
def hash_of_pairs(content: str) -> str:
    return hashlib.sha256(pairs_of(content)).hexdigest()


def write_files(folder: Path) -> None:
    for content in CONTENTS:
        (folder / f"{content}.jsonl").write_bytes(rows_of(content))
        (folder / f"{content}.pairs.jsonl").write_bytes(pairs_of(content))


@dataclass(frozen=True)
class Program:
    """What is declared. ``names`` are all names that the stack has had, the current one last; ``parents`` the same."""

    content: str = "a"
    epochs: int = 2
    retry: int = 0
    retry_more: int = 0
    label: str = "x"
    keep_last: int | None = None
    shape: Shape = "gemini"
    numbered: bool = False
    names: tuple[str, ...] = ("bot",)
    parents: tuple[bool, ...] = (False,)
    protect: frozenset[str] = frozenset()
    left_out: frozenset[str] = field(default_factory=frozenset)
    bad: bool = False
    delete_first: frozenset[str] = frozenset()

    @property
    def project(self) -> str:
        """The project of the configuration, as its id or as its number."""
        return NUMBER if self.numbered else PROJECT

    @property
    def job_kind(self) -> str:
        return "pipeline_tuning_job" if self.shape == "pipeline" else "tuning_job"

    @property
    def is_open(self) -> bool:
        return self.shape in ("open", "open continued")

    @property
    def has_two_jobs(self) -> bool:
        """Whether a second job trains on from what the first makes."""
        return self.shape in ("continued", "open continued")

    def urn(self, kind: str, name: str | None = None, *, inside: bool | None = None, more: bool = False) -> str:
        inside = self.parents[-1] if inside is None else inside
        name = (name or self.names[-1]) + (MORE if more else "")
        return f"{STACK}{COMPONENT + '$' if inside else ''}{TYPE}:{CLASSES[kind]}::{name}"

    def without_trouble(self) -> Program:
        return replace(self, bad=False, protect=frozenset(), delete_first=frozenset())

    def goals(self) -> list[Goal]:
        """What the program registers, dependencies first."""
        goals = [
            self._goal(kind, inputs, more=more) for kind, inputs, more in self._declared() if self._has(kind, more)
        ]
        if self.bad:
            place = f"projects/{NUMBER}/locations/us"
            inputs = {"endpoint": f"{place}/endpoints/999", "model": f"{place}/models/999"}
            everything = frozenset(goal.urn for goal in goals)
            urn = self.urn("model_deployment", "bad")
            inputs["resourceUrn"] = urn
            goals.append(Goal(urn=urn, kind="model_deployment", inputs=inputs, after=everything))
        return goals

    def _declared(self) -> list[tuple[str, dict[str, Any], bool]]:
        """Kind and inputs of each resource, and whether it belongs to the job that trains on from another."""
        if self.shape == "gemini api":
            return [("gemini_api_tuned_model", self._of_gemini_api(), False)]
        data = ("tuning_dataset", {"bucket": "shop-data", "source": f"{self.content}.jsonl"}, False)
        if self.is_open:
            second = [("tuning_job", self._of_open_model(more=True), True)] if self.has_two_jobs else []
            return [
                data,
                ("tuning_job", self._of_open_model(), False),
                *second,
                ("model_deployment", self._on_machine(), False),
            ]
        labels = {"team": self.label}
        endpoint = ("endpoint", {"displayName": "Shop", "location": "us", "labels": labels}, False)
        model = {"tuningJob": Ref(self.urn(self.job_kind), "id"), "labels": labels, **self._keeps()}
        first = [data, (self.job_kind, self._job(), False), ("tuned_model", model, False)]
        if not self.has_two_jobs:
            return [*first, endpoint, ("model_deployment", self._deployment(), False)]
        model = {**model, "tuningJob": Ref(self.urn("tuning_job", more=True), "id")}
        second = [("tuning_job", self._continued(), True), ("tuned_model", model, True)]
        return [*first, *second, endpoint, ("model_deployment", self._deployment(), False)]

    def _has(self, kind: str, more: bool) -> bool:  # noqa: FBT001  # as in the list
        if kind == "model_deployment" and not self.is_open:
            return not {"model_deployment", "endpoint", "tuned_model"} & self.left_out
        has_no_parent = more and not self.is_open and "tuned_model" in self.left_out
        return kind not in self.left_out and not has_no_parent

    def _goal(self, kind: str, inputs: dict[str, Any], *, more: bool) -> Goal:
        urn = self.urn(kind, more=more)
        told: dict[str, Any] = {"resourceUrn": urn}
        if kind == "tuning_dataset":
            told["contentSha256"] = hash_of(self.content)
        if "inputSources" in keys_in(lifecycle_of(kind).resource.Told):
            sources = {key: [value.urn] for key, value in inputs.items() if isinstance(value, Ref)}
            if parent := inputs.get("preTunedModel"):
                sources["preTunedModel.tunedModelName"] = [parent["tunedModelName"].urn]
            told |= {"inputSources": sources} if sources else {}
        aliases = [self.urn(kind, name, inside=on, more=more) for name in self.names for on in set(self.parents)]
        return Goal(
            urn=urn,
            kind=kind,
            inputs={**inputs, **told},
            aliases=tuple(each for each in aliases if each != urn),
            protect=kind in self.protect,
            delete_first=kind in self.delete_first,
        )

    @property
    def _retry(self) -> dict[str, Any]:
        return {"retry": self.retry} if self.retry else {}

    def _job(self) -> dict[str, Any]:
        data, more = Ref(self.urn("tuning_dataset"), "uri"), self._retry
        if self.shape == "pipeline":
            place = {"gcsOutputDirectory": "gs://shop-data/output", "fromResources": ["datasetUri"]}
            return {"baseModel": "code-bison@002", "datasetUri": data, "trainSteps": 100 * self.epochs, **place, **more}
        epochs = 2 if self.has_two_jobs else self.epochs
        spec = {"trainingDatasetUri": data, "hyperParameters": {"epochCount": epochs}}
        told = {"fromResources": ["supervisedTuningSpec"]}
        return {"baseModel": "gemini-3.5-flash", "supervisedTuningSpec": spec, **told, **more}

    def _continued(self) -> dict[str, Any]:
        """The parent is trained again with new data or ``retry``; the epochs and ``retry_more`` are those of this job."""
        parent = {"tunedModelName": Ref(self.urn("tuned_model"), "versionedModel")}
        spec = {
            "trainingDatasetUri": Ref(self.urn("tuning_dataset"), "uri"),
            "hyperParameters": {"epochCount": self.epochs},
        }
        told = {"fromResources": ["supervisedTuningSpec", "preTunedModel"]}
        more = {"retry": self.retry_more} if self.retry_more else {}
        return {"preTunedModel": parent, "supervisedTuningSpec": spec, **told, **more}

    def _of_open_model(self, *, more: bool = False) -> dict[str, Any]:
        """As for :meth:`_continued`, the epochs are those of the job that trains on, if there is one."""
        epochs = 2 if self.has_two_jobs and not more else self.epochs
        data = Ref(self.urn("tuning_dataset"), "uri")
        spec = {
            "trainingDatasetUri": data,
            "tuningMode": "TUNING_MODE_FULL",
            "hyperParameters": {"epochCount": epochs},
        }
        retry = self.retry_more if more else self.retry
        told: dict[str, Any] = {"fromResources": ["supervisedTuningSpec"]}
        told |= {"retry": retry} if retry else {}
        told |= {"customBaseModel": Ref(self.urn("tuning_job"), "id")} if more else {}
        return {
            "baseModel": "meta/llama3_1@llama-3.1-8b-instruct",
            "supervisedTuningSpec": spec,
            "outputUri": "gs://shop-data/weights/{training}",
            **told,
        }

    def _on_machine(self) -> dict[str, Any]:
        machine = {"machineType": "g2-standard-12", "acceleratorType": "NVIDIA_L4", "acceleratorCount": 1}
        job = Ref(self.urn("tuning_job", more=self.has_two_jobs), "id")
        return {"tuningJob": job, "displayName": f"Shop {self.label}", **machine}

    def _of_gemini_api(self) -> dict[str, Any]:
        return {
            "baseModel": "models/gemini-1.5-flash-001-tuning",
            "source": f"{self.content}.pairs.jsonl",
            "contentSha256": hash_of_pairs(self.content),
            "epochCount": self.epochs,
            "description": self.label,
            **self._retry,
        }

    def _keeps(self) -> dict[str, Any]:
        return {} if self.keep_last is None else {"onReplace": {"keepLast": self.keep_last}}

    def _deployment(self) -> dict[str, Any]:
        more = self.has_two_jobs
        model = Ref(self.urn("tuned_model", more=more), "versionedModel" if more else "model")
        return {"endpoint": Ref(self.urn("endpoint"), "id"), "model": model}
