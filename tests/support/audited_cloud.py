"""A stack and a Google made by hand, for audits."""

from __future__ import annotations

from typing import Any

from pulumi_gcp_tuning.audit.findings import audit_of
from pulumi_gcp_tuning.audit.items import Audit, Item
from pulumi_gcp_tuning.audit.listing import list_things, list_tuned_models
from pulumi_gcp_tuning.audit.removal import remove_item
from pulumi_gcp_tuning.audit.state import StackState, read_state
from pulumi_gcp_tuning.catalog import shipped
from pulumi_gcp_tuning.resources.core.lifecycle import Current
from pulumi_gcp_tuning.resources.registry import lifecycle_of
from support.declared_tuning_job import checked
from support.hand_made_google import Desk, urn
from support.hand_made_lookups import NUMBER

JOB, MODEL, ENDPOINT = lifecycle_of("tuning_job"), lifecycle_of("tuned_model"), lifecycle_of("endpoint")
PLACE = ("shop-dev", "us-central1")
OTHER_SPEC = {"baseModel": "gemini-3.1-flash-lite"}
REGISTRY = "https://us-kfp.pkg.dev/ml-pipeline/large-language-model-pipelines"
FOLDER = ("shop-data", "tuning-datasets")


def entry(kind: str, current: Current, name: str = "bot", **more: Any) -> dict[str, Any]:
    """A resource as an export has it."""
    token = urn(kind, name).split("::")[2]
    resource = {"urn": urn(kind, name), "type": token, "id": current.id, "custom": True, **more}
    return {**resource, "inputs": current.inputs or {}, "outputs": current.outputs}


class Cloud:
    """A stack ``dev`` of the project ``shop`` before a Google made by hand, and what its state has."""

    def __init__(self) -> None:
        self.desk, self.resources, self.pending = Desk(), list[dict[str, Any]](), list[dict[str, Any]]()
        self.google = self.desk.google

    def job(self, *, retry: str | None = None, **changed: Any) -> Current:
        """What create makes of a declaration; no state has it."""
        self.google.facts.clear()
        return JOB.create(self.desk.call(), checked(self.desk, retry=retry, checks={"model": "off"}, **changed))

    def trained(self, **changed: Any) -> Current:
        made = self.job(**changed)
        self.google.succeed(made.id)
        return made

    def model_of(self, job: Current) -> str:
        return str(self.google.jobs[job.id]["tunedModel"]["model"]).partition("@")[0]

    def taken(self, job: Current) -> Current:
        """The TunedModel of a job."""
        self.desk.clock.seconds += 60
        inputs = {"tuningJob": job.id, "resourceUrn": urn("TunedModel"), "pulumiLabels": {}}
        return MODEL.create(self.desk.call("TunedModel"), inputs)

    def keep(self, kind: str, current: Current, name: str = "bot", **more: Any) -> None:
        """The state has it."""
        self.resources.append(entry(kind, current, name, **more))

    def state(self) -> StackState:
        exported = {"deployment": {"resources": self.resources, "pending_operations": self.pending}}
        return read_state(exported, project="shop", stack="dev")

    def audit(self, *, read: bool = True) -> Audit:
        """What an audit of the place finds; ``read`` False: of no stack."""
        listed = list_things(self.google, shipped(), [PLACE], [FOLDER])
        list_tuned_models(listed, self.google, insist=False)
        return audit_of([self.state()] if read else [], listed, shipped())

    def item(self, *, read: bool = True) -> Item:
        """The only thing that it finds."""
        (found,) = self.audit(read=read).items
        return found

    def remove(self, item: Item) -> None:
        remove_item(self.desk.call(""), item)


def add_pipeline(cloud: Cloud, name: str, region: str = "europe-west4", **more: Any) -> str:
    """A tuning pipeline that somebody else submitted; its name."""
    full = f"projects/{NUMBER}/locations/{region}/pipelineJobs/{name}"
    parameters = {"large_model_reference": "code-bison@002", "model_display_name": "helper"}
    cloud.google.jobs[full] = {
        "name": full,
        "state": "PIPELINE_STATE_RUNNING",
        "templateUri": f"{REGISTRY}/tune-large-model/v3.0.0",
        "runtimeConfig": {"parameterValues": parameters},
        "createTime": "2026-11-20T00:00:00Z",
        **more,
    }
    return full
