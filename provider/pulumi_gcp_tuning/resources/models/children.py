"""The jobs that train on from a model: while one of them runs, the model is not deleted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pulumi_gcp_tuning.errors import Refused
from pulumi_gcp_tuning.names import ModelName, stack_hash
from pulumi_gcp_tuning.resources.core import costs
from pulumi_gcp_tuning.resources.core.declared import urn_of
from pulumi_gcp_tuning.resources.core.holdings import Holdings
from pulumi_gcp_tuning.resources.core.labels import STACK, effective_labels
from pulumi_gcp_tuning.resources.models.versions import FIRST, shown_name, versioned_name

if TYPE_CHECKING:
    from pulumi_gcp_tuning.resources.core.lifecycle import Call, Properties

Job = Mapping[str, Any]


def refuse_parent(model: Mapping[str, Any], parents: Mapping[str, Job]) -> None:
    """Raises Refused if a running job trains on from the model: the job has been paid for and would fail."""
    if child := _child_of(model, parents):
        name = child["name"]
        raise Refused(
            f"The model {shown_name(model)} is not deleted, because the tuning job {name} trains on from it.\n"
            "Run the same command again when the job has ended. To end it now, destroy the stack that has it, or run: "
            f"gcp-tuning jobs cancel {name}"
        )


def find_left_child(
    call: Call, outputs: Properties, model: Mapping[str, Any], parents: Mapping[str, Job]
) -> str | None:
    """The running job of the entry's own stack that trains on from the model and that no current entry of this run has.

    What depends on a model is deleted before it, so an interrupted run left the job.
    """
    child = _child_of(model, parents)
    stacks = {stack_hash(urn) for urn in (call.urn, urn_of(call, outputs))}
    is_left = child and effective_labels(child).get(STACK) in stacks and not call.run.of(Holdings).names(child["name"])
    return str(child["name"]) if child and is_left else None


def kept_for(job: str, model: str) -> str:
    """The warning for a model that stays for a job which an interrupted run left."""
    return (
        f"The model {model} is not deleted, and neither are its endpoints: the tuning job {job} trains on from it.\n"
        f"No entry that this run knows has the job: an interrupted run of this stack left it. {costs.JOB}\n"
        "If you run `pulumi up` again, it takes both over. To remove both: "
        f"gcp-tuning audit --delete {job} {model}"
    )


def _child_of(model: Mapping[str, Any], parents: Mapping[str, Job]) -> Job | None:
    name = ModelName.parse(versioned_name(model))
    for parent, job in parents.items():
        read = ModelName.parse(parent)
        is_number = read.version is not None and read.version.isdigit()  # any other version is an alias
        if (read.location, read.model) == (name.location, name.model) and (
            not is_number or read.version == (name.version or FIRST)
        ):
            return job
    return None
