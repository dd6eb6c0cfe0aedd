"""Vertex AI made by hand: jobs, models, endpoints and what is deployed on them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pulumi_gcp_tuning.errors import ApiError
from pulumi_gcp_tuning.google.operations import WaitEnded
from support.hand_made_answers import by_number, gone, refused
from support.json_copy import json_copy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pulumi_gcp_tuning.google.protocols import VertexApi
    from support.hand_made_google import HandMadeGoogle

ENDED = ("SUCCEEDED", "FAILED", "CANCELLED", "EXPIRED")


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
        return self.google.find(self.google.models, self.google.version_of(name))

    def list_models(self, parent: str, filter: str | None = None) -> Iterator[Any]:  # noqa: A002
        prefix, models = by_number(parent) + "/", self.google.models
        heads = [name for name in models if self.google.version_of(name.partition("@")[0]) == name]
        return iter([json_copy(models[name]) for name in heads if name.startswith(prefix)])

    def list_model_versions(self, name: str) -> Iterator[Any]:
        self.google.journal.append(("list_model_versions", name))
        versions = self.google.versions_of(name)
        if not versions:
            raise gone(name)
        named = {each: each if "@" in each else f"{each}@1" for each in versions}
        return iter([{**self.google.find(self.google.models, key), "name": each} for key, each in named.items()])

    def patch_model(self, name: str, body: dict[str, Any], mask: list[str]) -> dict[str, Any]:
        self.google.journal.append(("patch_model", ",".join(mask)))
        return self.google.patch(self.google.models, self.google.version_of(name), body, mask)

    def delete_model(self, name: str, *, wait: Any = None) -> None:
        self.google.journal.append(("delete_model", name))
        self.google.find(self.google.models, self.google.version_of(name))
        versions = self.google.versions_of(name)
        if any(self.google.models[each].get("deployedModels") for each in versions):
            raise refused("FAILED_PRECONDITION", "still deployed")
        for each in versions:
            del self.google.models[each]

    def delete_model_version(self, name: str, *, wait: Any = None) -> None:
        self.google.journal.append(("delete_model_version", name))
        version = self.google.version_of(name)
        if self.google.find(self.google.models, version).get("deployedModels"):
            raise refused("FAILED_PRECONDITION", "still deployed")
        if len(self.google.versions_of(name)) == 1:
            raise refused("FAILED_PRECONDITION", "it is the only version: delete the model")
        del self.google.models[version]

    def get_tensorboard(self, name: str) -> dict[str, Any]:
        self.google.journal.append(("get_tensorboard", name))
        return self.google.find(self.google.tensorboards, name)

    def read_experiment(self, name: str) -> dict[str, dict[int, float]]:
        self.google.journal.append(("read_experiment", name))
        found: dict[str, dict[int, float]] = self.google.find(self.google.experiments, name)["series"]
        return found

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
        model = self.google.models.get(self.google.version_of(deployed["model"]))
        if model is not None:
            model.setdefault("deployedModels", []).append({"endpoint": live["name"], "deployedModelId": deployed["id"]})
        return deployed

    def deploy_weights(self, parent: str, body: dict[str, Any]) -> dict[str, Any]:
        """The endpoint and the model are there at once, the machine after ``deploy_seconds``."""
        place, machine = by_number(parent), body["deployConfig"]["dedicatedResources"]
        name = f"{place}/endpoints/{body['endpointConfig']['endpointUserId']}"
        model = f"{place}/models/{body['modelConfig']['modelUserId']}"
        self.google.journal.append(("deploy_weights", body["customModel"]["gcsUri"]))
        if name in self.google.endpoints:
            raise ApiError("exists", http_status=409, status="ALREADY_EXISTS")
        self.google.endpoints[name] = {"name": name, "labels": json_copy(body["endpointConfig"].get("labels") or {})}
        self.google.models[model] = {"name": model, "versionId": "1", "artifactUri": body["customModel"]["gcsUri"]}
        deployed = {"id": "4242", "model": f"{model}@1", "dedicatedResources": json_copy(machine)}
        self.google.coming[name] = (self.google.seconds() + self.google.deploy_seconds, deployed)
        return {"name": f"{name}/operations/1"}

    def await_weights(self, operation: str, wait: Any) -> dict[str, Any] | None:
        name = operation.partition("/operations/")[0]
        self.google.journal.append(("await_weights", name))
        while name in self.google.coming:
            self.google.bring()
            if self.google.deploy_error is not None:
                return self.google.deploy_error
            if name in self.google.coming:
                wait.check("the deployment")
                wait.pause()
        return None

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


def _plays(made: HandMadeVertex) -> VertexApi:
    return made  # here mypy names the call that is missing or has other arguments
