"""A Google made by hand: dicts in place of services, a journal of calls, answers that can be lost."""

from __future__ import annotations

import base64
import hashlib
import io
import itertools
import json
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from pulumi_gcp_tuning.config import Settings
from pulumi_gcp_tuning.errors import ApiError, NotFound, Refused
from pulumi_gcp_tuning.google.object_reading import OpenObject
from pulumi_gcp_tuning.google.operations import WaitEnded
from pulumi_gcp_tuning.google.storage import Uploaded
from pulumi_gcp_tuning.resources.core.lifecycle import Call
from support.hand_made_gemini import HandMadeTunedModels
from support.hand_made_lookups import NUMBER, HandMadeLookups
from support.json_copy import json_copy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

T = TypeVar("T")

GOOD_ROWS = b"".join(
    json.dumps(
        {
            "contents": [
                {"role": "user", "parts": [{"text": f"Where is order {number}?"}]},
                {"role": "model", "parts": [{"text": f"Order {number} left on day {number}."}]},
            ]
        }
    ).encode()
    + b"\n"
    for number in range(150)
)
TYPE = "pulumi-python:dynamic/gcptuning"
ENDED = ("SUCCEEDED", "FAILED", "CANCELLED", "EXPIRED")


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


def by_number(name: str) -> str:
    parts = name.split("/")
    return "/".join(["projects", NUMBER, *parts[2:]])


def gone(name: str) -> NotFound:
    return NotFound(f"{name} not found.", http_status=404, status="NOT_FOUND")


def lost() -> ApiError:
    return ApiError("connection lost", http_status=0, status="UNAVAILABLE", maybe_took_effect=True)


def refused(status: str, text: str = "no") -> ApiError:
    return ApiError(text, http_status=400, status=status)


@dataclass
class HandMadeJobs:
    """A collection of jobs of one location; ``what`` is one of them in the journal."""

    google: HandMadeGoogle
    collection: str = "tuningJobs"
    what: str = "tuning_job"
    state: str = "JOB_STATE_"

    def create(self, parent: str, body: dict[str, Any], *, job_id: str | None = None) -> dict[str, Any]:
        self.google.journal.append((f"create_{self.what}", parent))
        if self.google.refuse_create is not None:
            raise self.google.refuse_create
        name = f"{by_number(parent)}/{self.collection}/{job_id or next(self.google.ids)}"
        if name in self.google.jobs:
            raise ApiError(f"{name} exists", http_status=409, status="ALREADY_EXISTS")
        job = {**json_copy(body), "name": name, "state": f"{self.state}PENDING", "createTime": self.google.time()}
        self.google.jobs[name] = job
        self.google.made_at[name] = self.google.seconds()
        if self.google.unclear_answers:
            raise self.google.unclear_answers.pop(0)
        return json_copy(job)

    def read(self, name: str) -> dict[str, Any]:
        return self.get(name)

    def get(self, name: str) -> dict[str, Any]:
        self.google.journal.append((f"get_{self.what}", name))
        return self.google.find(self.google.jobs, name)

    def list(self, parent: str) -> Iterator[Any]:
        self.google.journal.append((f"list_{self.what}s", parent))
        prefix, before = f"{by_number(parent)}/{self.collection}/", self.google.seconds() - self.google.lag
        shown = [job for name, job in self.google.jobs.items() if self.google.made_at.get(name, before) <= before]
        return iter([json_copy(job) for job in shown if job["name"].startswith(prefix)])

    def cancel(self, name: str) -> None:
        self.google.journal.append((f"cancel_{self.what}", name))
        job = self.google.jobs[by_number(name)]
        if self.google.cancel_loses_the_race:
            self.google.succeed(job["name"])
        elif "CANCEL" not in job.get("state", ""):
            job.update(state=f"{self.state}CANCELLED", error={"code": 1, "message": "CANCELED"})

    def delete(self, name: str, *, wait: Any = None) -> None:
        if self.collection == "tuningJobs":
            return
        self.google.journal.append((f"delete_{self.what}", name))
        if self.google.find(self.google.jobs, name)["state"].removeprefix(self.state) not in ENDED:
            raise refused("FAILED_PRECONDITION", "cancel it first")
        del self.google.jobs[by_number(name)]

    def poll(
        self,
        name: str,
        *,
        timeout: float | None = None,
        cancelled: Callable[[], bool] = lambda: False,
        on_change: Callable[[Any], None] = lambda _job: None,
    ) -> dict[str, Any]:
        while True:
            job = self.get(name)
            on_change(job)
            if job["state"].removeprefix(self.state) in ENDED:
                return job
            if cancelled():
                raise WaitEnded("cancelled", name, job)
            if not self.google.future:
                raise WaitEnded("timeout", name, job)
            self.google.future.pop(0)(by_number(name))


@dataclass
class HandMadeVertex:
    google: HandMadeGoogle
    location: str

    @property
    def tuning_jobs(self) -> HandMadeJobs:
        return HandMadeJobs(self.google)

    @property
    def pipeline_jobs(self) -> HandMadeJobs:
        return HandMadeJobs(self.google, "pipelineJobs", "pipeline_job", "PIPELINE_STATE_")

    def get_model(self, name: str) -> dict[str, Any]:
        self.google.journal.append(("get_model", name))
        return self.google.find(self.google.models, name.split("@", maxsplit=1)[0])

    def list_models(self, parent: str, filter: str | None = None) -> Iterator[Any]:  # noqa: A002
        prefix = by_number(parent) + "/"
        return iter([json_copy(m) for name, m in self.google.models.items() if name.startswith(prefix)])

    def list_model_versions(self, name: str) -> Iterator[Any]:
        self.google.journal.append(("list_model_versions", name))
        return iter([self.google.find(self.google.models, name)])

    def patch_model(self, name: str, body: dict[str, Any], mask: list[str]) -> dict[str, Any]:
        self.google.journal.append(("patch_model", ",".join(mask)))
        return self.google.patch(self.google.models, name.split("@", maxsplit=1)[0], body, mask)

    def delete_model(self, name: str, *, wait: Any = None) -> None:
        self.google.journal.append(("delete_model", name))
        model = self.google.find(self.google.models, name)
        if model.get("deployedModels"):
            raise refused("FAILED_PRECONDITION", "still deployed")
        del self.google.models[by_number(name)]

    def delete_model_version(self, name: str, *, wait: Any = None) -> None:
        raise refused("UNIMPLEMENTED", "models made by hand have one version")

    def get_tensorboard(self, name: str) -> dict[str, Any]:
        self.google.journal.append(("get_tensorboard", name))
        return self.google.find(self.google.tensorboards, name)

    def count_tokens(self, target: str, contents: Any) -> int:
        raise refused("UNIMPLEMENTED", "tokens are not counted by hand")

    def create_endpoint(
        self, parent: str, body: dict[str, Any], endpoint_id: str | None, *, wait: Any
    ) -> dict[str, Any]:
        name = f"{by_number(parent)}/endpoints/{endpoint_id}"
        self.google.journal.append(("create_endpoint", name))
        if name in self.google.endpoints:
            raise ApiError("exists", http_status=409, status="ALREADY_EXISTS")
        self.google.endpoints[name] = {**json_copy(body), "name": name, "createTime": self.google.time()}
        return self.google.find(self.google.endpoints, name)

    def list_endpoints(self, parent: str) -> Iterator[Any]:
        self.google.journal.append(("list_endpoints", parent))
        prefix = f"{by_number(parent)}/endpoints/"
        return iter([json_copy(e) for name, e in self.google.endpoints.items() if name.startswith(prefix)])

    def get_endpoint(self, name: str) -> dict[str, Any]:
        self.google.journal.append(("get_endpoint", name))
        return self.google.find(self.google.endpoints, name)

    def patch_endpoint(self, name: str, body: dict[str, Any], mask: list[str]) -> dict[str, Any]:
        self.google.journal.append(("patch_endpoint", ",".join(mask)))
        return self.google.patch(self.google.endpoints, name, body, mask)

    def delete_endpoint(self, name: str, *, wait: Any = None) -> None:
        self.google.journal.append(("delete_endpoint", name))
        if self.google.find(self.google.endpoints, name).get("deployedModels"):
            raise refused("FAILED_PRECONDITION", "has deployed models")
        del self.google.endpoints[by_number(name)]

    def deploy_model(self, endpoint: str, deployed: dict[str, Any], split: dict[str, int], *, wait: Any) -> Any:
        self.google.journal.append(("deploy_model", deployed["id"]))
        live = self.google.endpoints[by_number(endpoint)]
        live.setdefault("deployedModels", []).append({**deployed, "createTime": self.google.time()})
        live["trafficSplit"] = {(deployed["id"] if key == "0" else key): value for key, value in split.items()}
        model = self.google.models.get(by_number(deployed["model"].split("@")[0]))
        if model is not None:
            model.setdefault("deployedModels", []).append({"endpoint": live["name"], "deployedModelId": deployed["id"]})
        return deployed

    def deploy_weights(self, parent: str, body: dict[str, Any], *, wait: Any = None) -> None:
        place, machine = by_number(parent), body["deployConfig"]["dedicatedResources"]
        name = f"{place}/endpoints/{body['endpointConfig']['endpointUserId']}"
        model = f"{place}/models/{body['modelConfig']['modelUserId']}"
        self.google.journal.append(("deploy_weights", body["customModel"]["gcsUri"]))
        if name in self.google.endpoints:
            raise ApiError("exists", http_status=409, status="ALREADY_EXISTS")
        deployed = {"id": "4242", "model": f"{model}@1", "dedicatedResources": json_copy(machine)}
        self.google.endpoints[name] = {
            "name": name,
            "deployedModels": [deployed],
            "trafficSplit": {"4242": 100},
            "labels": json_copy(body["endpointConfig"].get("labels") or {}),
        }
        self.google.models[model] = {"name": model, "versionId": "1", "artifactUri": body["customModel"]["gcsUri"]}

    def undeploy_model(
        self, endpoint: str, deployed_id: str, split: dict[str, int] | None = None, *, wait: Any = None
    ) -> None:
        self.google.journal.append(("undeploy_model", deployed_id))
        live = self.google.endpoints[by_number(endpoint)]
        before = live.get("trafficSplit", {})
        others = [each for each in live["deployedModels"] if each["id"] != deployed_id]
        if before.get(deployed_id) and others and not split:
            raise refused("FAILED_PRECONDITION", "it has traffic")
        live["deployedModels"] = others
        live["trafficSplit"] = split or {key: value for key, value in before.items() if key != deployed_id}
        for model in self.google.models.values():
            held = model.get("deployedModels") or []
            model["deployedModels"] = [each for each in held if each["deployedModelId"] != deployed_id]


@dataclass
class HandMadeStorage:
    google: HandMadeGoogle

    def upload_object(self, bucket: str, name: str, path: Path, **options: Any) -> Uploaded:
        content = Path(path).read_bytes()
        crc = base64.b64encode(hashlib.md5(content).digest()[:4]).decode()  # noqa: S324
        found = self.google.objects.get((bucket, name))
        if found is not None:
            return Uploaded(object=json_copy(found), created=False, same_content=found["crc32c"] == crc)
        made: dict[str, Any] = {"bucket": bucket, "name": name, "generation": str(next(self.google.ids)), "crc32c": crc}
        made |= {"size": str(len(content)), "kmsKeyName": options.get("kms_key_name"), "metageneration": "1"}
        made["metadata"] = {**(options.get("metadata") or {}), "sha256": hashlib.sha256(content).hexdigest()}
        self.google.objects[bucket, name] = made
        return Uploaded(object=json_copy(made), created=True, same_content=True)

    def get_bucket(self, name: str) -> dict[str, Any]:
        return {"name": name, "location": "US-CENTRAL1", "locationType": "region", **self.google.buckets.get(name, {})}

    def get_bucket_policy(self, bucket: str) -> dict[str, Any]:
        return {}

    def test_permissions(self, bucket: str, permissions: Any) -> frozenset[str]:
        return frozenset(permissions)

    def list_objects(self, bucket: str, prefix: str) -> Iterator[Any]:
        found = [(name, each) for (held, name), each in self.google.objects.items() if held == bucket]
        return iter([json_copy(each) for name, each in found if name.startswith(prefix)])

    def open_object(self, bucket: str, name: str, *, user_project: str | None = None) -> OpenObject:
        """Rows that nobody can object to, whatever the name: what a job trains on is seldom a test's subject."""
        generation = self.google.objects.get((bucket, name), {}).get("generation", "1")
        return OpenObject(io.BytesIO(GOOD_ROWS), generation=str(generation))

    def get_object(self, bucket: str, name: str, *, user_project: str | None = None) -> dict[str, Any]:
        if self.google.down is not None:
            raise self.google.down
        if (bucket, name) not in self.google.objects:
            raise gone(name)
        return json_copy(self.google.objects[bucket, name])

    def patch_object(
        self,
        bucket: str,
        name: str,
        body: dict[str, Any],
        *,
        if_metageneration_match: str | None = None,
        user_project: str | None = None,
    ) -> dict[str, Any]:
        self.google.journal.append(("patch_object", name))
        if self.google.refuse_patch is not None:
            raise self.google.refuse_patch
        found = self._matching(bucket, name, if_metageneration_match)
        metadata = {**(found.get("metadata") or {}), **body["metadata"]}
        found["metadata"] = {key: value for key, value in metadata.items() if value is not None}
        found["metageneration"] = str(int(found["metageneration"]) + 1)
        return json_copy(found)

    def delete_object(
        self,
        bucket: str,
        name: str,
        generation: str | None = None,
        *,
        if_metageneration_match: str | None = None,
        user_project: str | None = None,
    ) -> None:
        found = self._matching(bucket, name, if_metageneration_match)
        if generation not in (None, found["generation"]):
            raise gone(name)
        del self.google.objects[bucket, name]

    def _matching(self, bucket: str, name: str, metageneration: str | None) -> dict[str, Any]:
        found = self.google.objects.get((bucket, name))
        if found is None:
            raise gone(name)
        if self.google.meddling:
            self.google.meddling.pop(0)(found)
        if metageneration not in (None, found["metageneration"]):
            raise ApiError("conditionNotMet", http_status=412, status="FAILED_PRECONDITION")
        return found


@dataclass
class HandMadeGoogle:
    jobs: dict[str, dict[str, Any]] = field(default_factory=dict)
    models: dict[str, dict[str, Any]] = field(default_factory=dict)
    endpoints: dict[str, dict[str, Any]] = field(default_factory=dict)
    tensorboards: dict[str, dict[str, Any]] = field(default_factory=dict)
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
    cancel_loses_the_race: bool = False
    sent: dict[str, dict[str, Any]] = field(default_factory=dict)
    """What the creates of tuned models of the Gemini API sent, by name."""

    def vertex(self, location: str) -> HandMadeVertex:
        return HandMadeVertex(self, location)

    def vertex_of(self, name: str) -> HandMadeVertex:
        if len(name.split("/")) < 6:
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

    def find(self, things: dict[str, Any], name: str) -> dict[str, Any]:
        if self.down is not None:
            raise self.down
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
        """The job ends well: a model, an endpoint per checkpoint, all deployed, labels copied."""
        job = self.jobs[name]
        if "/pipelineJobs/" in name:
            checkpoints = 1
        parent = f"projects/{NUMBER}/locations/{location}"
        model = f"{parent}/models/{next(self.ids)}"
        labels = dict(job.get("labels") or {})
        points, serving = [], []
        for number in range(1, checkpoints + 1):
            endpoint, deployed = f"{parent}/endpoints/{next(self.ids)}", str(next(self.ids))
            self.endpoints[endpoint] = {
                "name": endpoint,
                "labels": dict(labels),
                "deployedModels": [{"id": deployed, "model": f"{model}@1"}],
                "trafficSplit": {deployed: 100},
            }
            points.append({"checkpointId": str(number), "epoch": str(number), "step": "10", "endpoint": endpoint})
            serving.append({"endpoint": endpoint, "deployedModelId": deployed})
        self.models[model] = {
            "name": model,
            "versionId": "1",
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
        job["tunedModel"] = {"model": f"{model}@1", "endpoint": points[-1]["endpoint"], "checkpoints": points}
        job["tuningDataStats"] = {
            "supervisedTuningDataStats": {
                "tuningDatasetExampleCount": "200",
                "totalBillableTokenCount": "9007199254740993",
                "userDatasetExamples": [{"parts": [{"text": "a customer's secret"}]}],
                "truncatedExampleIndices": [str(n) for n in range(300)],
            }
        }


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
