"""A Google made by hand: dicts in place of services, a journal of calls, answers that can be lost."""

from __future__ import annotations

import hashlib
import itertools
import json
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from pulumi_gcp_tuning.config import Settings
from pulumi_gcp_tuning.errors import ApiError, Refused
from pulumi_gcp_tuning.resources.core.lifecycle import Call
from support.hand_made_answers import by_number, gone, lost, refused
from support.hand_made_gemini import HandMadeTunedModels
from support.hand_made_lookups import NUMBER, HandMadeLookups
from support.hand_made_storage import GOOD_ROWS, HandMadeStorage
from support.hand_made_vertex import ENDED, HandMadeJobs, HandMadeVertex
from support.json_copy import json_copy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = [
    "ENDED",
    "GOOD_ROWS",
    "TYPE",
    "Desk",
    "HandMadeGoogle",
    "HandMadeJobs",
    "HandMadeStorage",
    "HandMadeVertex",
    "SteppedClock",
    "by_number",
    "gone",
    "lost",
    "refused",
    "settings",
    "urn",
]

T = TypeVar("T")

TYPE = "pulumi-python:dynamic/gcptuning"


_NOTES = ("facts", "made_at", "sent", "deploy_error")
"""The fields with what is remembered or noted, not held."""


def urn(kind: str, name: str = "bot", stack: str = "dev") -> str:
    return f"urn:pulumi:{stack}::shop::{TYPE}:{kind}::{name}"


class SteppedClock:
    """Time passes only where somebody sleeps."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> datetime:
        return datetime(2026, 11, 21, tzinfo=UTC) + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        return self.seconds

    def sleep(self, seconds: float, cancelled: Callable[[], bool]) -> None:
        self.seconds += seconds


@dataclass
class HandMadeGoogle:
    jobs: dict[str, dict[str, Any]] = field(default_factory=dict)
    models: dict[str, dict[str, Any]] = field(default_factory=dict)
    endpoints: dict[str, dict[str, Any]] = field(default_factory=dict)
    tensorboards: dict[str, dict[str, Any]] = field(default_factory=dict)
    experiments: dict[str, dict[str, Any]] = field(default_factory=dict)
    objects: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    keys: dict[str, Any] = field(default_factory=dict)
    buckets: dict[str, dict[str, Any]] = field(default_factory=dict)
    limit: int = 10
    journal: list[tuple[str, str]] = field(default_factory=list)
    ids: Iterator[int] = field(default_factory=lambda: itertools.count(4192837465019283001))
    ticks: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    future: list[Callable[[str], None]] = field(default_factory=list)
    meddling: list[Callable[[dict[str, Any]], None]] = field(default_factory=list)
    facts: dict[tuple[str, str], Any] = field(default_factory=dict)
    refuse_create: ApiError | None = None
    refuse_patch: ApiError | None = None
    down: ApiError | None = None
    unclear_answers: list[ApiError] = field(default_factory=list)
    """What the next creates of a job answer, although each takes effect."""
    lag: float = 0.0
    """After how many seconds a list shows a job that was made through ``create``."""
    made_at: dict[str, float] = field(default_factory=dict)
    seconds: Callable[[], float] = lambda: 0.0
    coming: dict[str, tuple[float, dict[str, Any]]] = field(default_factory=dict)
    """The machines that are being set up: when they serve, and what then is on the endpoint."""
    deploy_seconds: float = 0.0
    deploy_error: dict[str, Any] | None = None
    """What setting up a machine ends in."""
    cancel_loses_the_race: bool = False
    sent: dict[str, dict[str, Any]] = field(default_factory=dict)
    """What the creates of tuned models of the Gemini API sent, by name."""

    def world(self) -> dict[str, dict[Any, Any]]:
        """A copy of all that Google holds: every field that is a dict, except what only the tests note."""
        held = {name: value for name, value in vars(self).items() if isinstance(value, dict) and name not in _NOTES}
        return deepcopy(held)

    def put_back(self, world: dict[str, dict[Any, Any]]) -> None:
        """Holds what :meth:`world` gave."""
        vars(self).update(deepcopy(world))

    def vertex(self, location: str) -> HandMadeVertex:
        return HandMadeVertex(self, location)

    def vertex_of(self, name: str) -> HandMadeVertex:
        if len(name.split("/")) < 4:
            raise Refused(f"{name!r} is not a name of Google's")
        return HandMadeVertex(self, name.split("/")[3])

    @property
    def tuned_models(self) -> HandMadeTunedModels:
        return HandMadeTunedModels(self)

    @property
    def storage(self) -> HandMadeStorage:
        return HandMadeStorage(self)

    @property
    def kms(self) -> HandMadeLookups:
        return HandMadeLookups(lambda name: self.cached("key", name, lambda: self._key(name)), self.limit)

    projects = services = quotas = billing = org_policies = service_accounts = kms

    def now(self) -> datetime:
        return datetime(2026, 11, 21, tzinfo=UTC) + timedelta(seconds=self.seconds())

    def warm(self) -> None:
        """Nothing to import."""

    def cached(self, kind: str, name: str, fetch: Callable[[], T], *, fresh: bool = False) -> T:
        if fresh or (kind, name) not in self.facts:
            self.facts[kind, name] = fetch()
        fact: T = self.facts[kind, name]
        return fact

    def _key(self, name: str) -> Any:
        self.journal.append(("get_crypto_key", name))
        found = self.keys.get(name)
        if isinstance(found, Exception):
            raise found
        if found is None:
            raise gone(name)
        return found

    def bring(self) -> None:
        """Machines whose time has come serve."""
        for name, (at, deployed) in list(self.coming.items()):
            if self.deploy_error is None and at <= self.seconds():
                del self.coming[name]
                model = deployed["model"].partition("@")[0]
                if name in self.endpoints and model in self.models:
                    self.endpoints[name] |= {"deployedModels": [deployed], "trafficSplit": {deployed["id"]: 100}}
                    self.models[model]["deployedModels"] = [{"endpoint": name, "deployedModelId": deployed["id"]}]

    def find(self, things: dict[str, Any], name: str) -> dict[str, Any]:
        if self.down is not None:
            raise self.down
        self.bring()
        if by_number(name) not in things:
            raise gone(name)
        found: dict[str, Any] = json_copy(things[by_number(name)])
        if things is not self.jobs:
            found["etag"] = self.etag_of(found)
        return found

    def patch(self, things: dict[str, Any], name: str, body: dict[str, Any], mask: list[str]) -> dict[str, Any]:
        """What a model or an endpoint is then; refused where it is not what ``etag`` says that it was."""
        if self.refuse_patch is not None:
            raise self.refuse_patch
        if by_number(name) not in things:
            raise gone(name)
        live = things[by_number(name)]
        if self.meddling:
            self.meddling.pop(0)(live)
        if body.get("etag", self.etag_of(live)) != self.etag_of(live):
            raise ApiError("the etag is another", http_status=409, status="ABORTED")
        live.update(json_copy({key: body[key] for key in mask}))
        return self.find(things, name)

    def version_of(self, name: str) -> str:
        """The key of a version among ``models``: the first has none, and a name without one means the default version."""
        model, _, version = by_number(name).partition("@")
        if version in ("", "default"):
            return model if model in self.models else max(self.versions_of(model), default=model)
        return model if version == "1" else f"{model}@{version}"

    def versions_of(self, name: str) -> list[str]:
        """The keys of all versions of a model."""
        model = by_number(name).partition("@")[0]
        return [each for each in self.models if each.partition("@")[0] == model]

    def etag_of(self, thing: dict[str, Any]) -> str:
        """Another one whenever something of it is another."""
        plain = {key: value for key, value in thing.items() if key != "etag"}
        return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()[:12]

    def time(self) -> str:
        return (datetime(2026, 11, 21, tzinfo=UTC) + timedelta(seconds=next(self.ticks))).isoformat()

    def said(self, verb: str) -> list[str]:
        return [what for each, what in self.journal if each == verb]

    def run(self, name: str, **more: Any) -> None:
        self.jobs[name].update(state="JOB_STATE_RUNNING", **more)

    def fail(self, name: str) -> None:
        error = {"code": 3, "message": "Failed to process the training dataset: line 7 is not valid JSON."}
        self.jobs[name].update(state="JOB_STATE_FAILED", error=error)

    def succeed(self, name: str, location: str = "us", checkpoints: int = 2) -> None:
        """The job ends well: a model, an endpoint per checkpoint, all deployed, labels copied. An open model's job writes files."""
        job = self.jobs[name]
        if "outputUri" in job:
            self._write_weights(job)
            return
        if "/pipelineJobs/" in name:
            checkpoints = 1
        parent, version = f"projects/{NUMBER}/locations/{location}", 1
        model = f"{parent}/models/{next(self.ids)}"
        if "preTunedModel" in job and "tunedModelDisplayName" not in job:
            model = by_number(job["preTunedModel"]["tunedModelName"]).partition("@")[0]
            version = self._next_version(model)
            if version == 1:
                self.fail(name)
                return
        labels = dict(job.get("labels") or {})
        points, serving = [], []
        for number in range(1, checkpoints + 1):
            endpoint, deployed = f"{parent}/endpoints/{next(self.ids)}", str(next(self.ids))
            self.endpoints[endpoint] = {
                "name": endpoint,
                "labels": dict(labels),
                "deployedModels": [{"id": deployed, "model": f"{model}@{version}"}],
                "trafficSplit": {deployed: 100},
            }
            points.append({"checkpointId": str(number), "epoch": str(number), "step": "10", "endpoint": endpoint})
            serving.append({"endpoint": endpoint, "deployedModelId": deployed})
        self.models[model if version == 1 else f"{model}@{version}"] = {
            "name": model,
            "versionId": str(version),
            "displayName": job.get("tunedModelDisplayName", "tuned"),
            "labels": dict(labels),
            "deployedModels": serving,
            "defaultCheckpointId": str(checkpoints),
            "createTime": self.time(),
        }
        if "/pipelineJobs/" in name:
            task = {"taskName": "deploy-llm-model", "parentTaskId": "1", "state": "SUCCEEDED"}
            outputs = {"output:model_resource_name": model, "output:endpoint_resource_name": points[-1]["endpoint"]}
            job["jobDetail"] = {"taskDetails": [{**task, "execution": {"metadata": outputs}}]}
            job["state"] = "PIPELINE_STATE_SUCCEEDED"
            return
        job["state"] = "JOB_STATE_SUCCEEDED"
        job["tunedModel"] = {"model": f"{model}@{version}", "endpoint": points[-1]["endpoint"], "checkpoints": points}
        job["tuningDataStats"] = {
            "supervisedTuningDataStats": {
                "tuningDatasetExampleCount": "200",
                "totalBillableTokenCount": "9007199254740993",
                "userDatasetExamples": [{"parts": [{"text": "a customer's secret"}]}],
                "truncatedExampleIndices": [str(n) for n in range(300)],
            }
        }

    def _next_version(self, model: str) -> int:
        """The number of the version that a continued job adds; 1 if the model is gone."""
        return max((int(each.partition("@")[2] or 1) for each in self.versions_of(model)), default=0) + 1

    def _write_weights(self, job: dict[str, Any]) -> None:
        bucket, _, folder = job["outputUri"].removeprefix("gs://").partition("/")
        path = f"{folder.rstrip('/')}/postprocess/node-0/checkpoints/final/model.safetensors"
        self.objects[bucket, path] = {"bucket": bucket, "name": path, "generation": str(next(self.ids)), "size": "9"}
        job["state"] = "JOB_STATE_SUCCEEDED"


def settings(**given: Any) -> Settings:
    base: dict[str, Any] = {"project": "shop-dev", "location": "us-central1", "as_of": date(2026, 11, 21)}
    return Settings(**{**base, "base_url": "http://127.0.0.1:8085", **given})


@dataclass
class Desk:
    """A call in the making, and what it said."""

    google: HandMadeGoogle = field(default_factory=HandMadeGoogle)
    warnings: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    clock: SteppedClock = field(default_factory=SteppedClock)
    root: Path | None = None
    tokens: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        self.google.seconds = lambda: self.clock.seconds

    def call(self, kind: str = "TuningJob", name: str = "bot", **given: Any) -> Call:
        options: dict[str, Any] = {
            "urn": urn(kind, name),
            "settings": settings(),
            "root": self.root,
            "new_token": lambda: f"{next(self.tokens):016x}",
            "tell": self.told.append,
            **given,
        }
        return Call(
            google=self.google,
            clock=self.clock,
            report=self.lines.append,
            warn=self.warnings.append,
            **options,
        )
