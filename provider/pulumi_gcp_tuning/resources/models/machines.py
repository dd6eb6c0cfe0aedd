"""Weights of open models on machines: one call makes a model, an endpoint and a deployment, under ids of our choosing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Final

from pydantic import Field

from pulumi_gcp_tuning.errors import ApiError, NotFound, Refused
from pulumi_gcp_tuning.names import stack_hash
from pulumi_gcp_tuning.resources.core.declared import called
from pulumi_gcp_tuning.resources.core.description import described
from pulumi_gcp_tuning.resources.core.inputs import Inputs, known
from pulumi_gcp_tuning.resources.core.labels import IDENTITY, STACK
from pulumi_gcp_tuning.resources.models.removal import UNCLEAR_SECONDS, lasting

if TYPE_CHECKING:
    from pulumi_gcp_tuning.resources.core.lifecycle import Call, Properties


_MACHINE: Final = "dedicatedResources.machineSpec"


class OnMachines(Inputs):
    """The weights of an open model, and the machines on which they run."""

    artifacts: Annotated[
        str | None,
        described(
            "The folder of the weights that are served, if no job of the program makes them.",
            role="spec",
            wire="",
            form="a `gs://` URI",
        ),
    ] = None
    machine_type: Annotated[
        str | None,
        described(
            "The machine, billed by the hour.", role="spec", wire=f"{_MACHINE}.machineType", form="`g2-standard-12`"
        ),
    ] = None
    accelerator_type: Annotated[
        str | None,
        described("Its accelerator.", role="spec", wire=f"{_MACHINE}.acceleratorType", form="`NVIDIA_L4`"),
    ] = None
    accelerator_count: Annotated[
        int | None,
        described("How many accelerators the machine has.", role="spec", wire=f"{_MACHINE}.acceleratorCount"),
    ] = Field(default=None, ge=1)
    min_replica_count: Annotated[
        int | None,
        described("How many machines always run.", role="spec", wire="dedicatedResources.minReplicaCount", default="1"),
    ] = Field(default=None, ge=1)
    max_replica_count: Annotated[
        int | None,
        described(
            "How many machines run at most.",
            role="spec",
            wire="dedicatedResources.maxReplicaCount",
            default="as many as always run",
        ),
    ] = Field(default=None, ge=1)


@dataclass(frozen=True)
class Weights:
    """Weights to deploy: their folder, the name to show, and the machines in Google's form."""

    folder: str
    display_name: str
    machine: Mapping[str, Any]

    def own_id(self, identity: str) -> str:
        """The id of the endpoint and of the model: of the resource and of what it deploys."""
        text = json.dumps([identity, self.folder, self.display_name, self.machine], sort_keys=True)
        return f"gcp-tuning-{hashlib.sha256(text.encode()).hexdigest()[:16]}"

    def body(self, chosen: str, labels: Mapping[str, str]) -> Properties:
        """The request; the endpoint gets the id and the labels."""
        return {
            "customModel": {"gcsUri": self.folder},
            "modelConfig": {"modelUserId": chosen, "modelDisplayName": self.display_name},
            "endpointConfig": {
                "endpointUserId": chosen,
                "endpointDisplayName": self.display_name,
                "labels": dict(labels),
            },
            "deployConfig": {"dedicatedResources": self.machine},
        }


def costs_of(args: OnMachines) -> list[str]:
    """What preview says of the price of the machines."""
    machine = known(args.machine_type) or "machine"
    with_what = f"{known(args.accelerator_count) or 'some'} {known(args.accelerator_type) or 'accelerators'}"
    least = known(args.min_replica_count) or 1
    return [
        f"costs: {least} x {machine} with {with_what}, billed by the hour until it is deleted; the catalogue has no price"
    ]


def deploy_weights(
    call: Call, project: str | None, place: str | None, identity: str, weights: Weights
) -> Mapping[str, Any]:
    """The endpoint on which the weights are deployed, made now or by an earlier run of the same declaration."""
    if not project or not place:
        raise Refused("A project and a region are needed to deploy weights. Set gcp:project and gcp:region.")
    chosen, parent = weights.own_id(identity), f"projects/{project}/locations/{place}"
    vertex, endpoint = call.google.vertex(place), f"{parent}/endpoints/{chosen}"
    live, unclear = _find(call, endpoint), None
    if live is None:
        try:
            labels = {
                IDENTITY: identity,
                STACK: stack_hash(call.urn),
            }  # without them no audit finds what a killed run left
            vertex.deploy_weights(parent, weights.body(chosen, labels), wait=lasting(call))
        except ApiError as error:
            if not error.maybe_took_effect and error.status != "ALREADY_EXISTS":
                raise
            unclear = error
    return _wait_for_deployed(call, endpoint, unclear)


def _wait_for_deployed(call: Call, endpoint: str, unclear: ApiError | None) -> Mapping[str, Any]:
    end, wait = call.clock.monotonic() + UNCLEAR_SECONDS, lasting(call)
    while True:
        live = _find(call, endpoint)
        if live is not None and live.get("deployedModels"):
            return live
        if call.clock.monotonic() >= end or wait.expired() or call.cancelled():
            if unclear is not None:
                raise unclear
            raise Refused(
                f"{endpoint} has no deployed model, although an earlier run made it. If no operation deploys one any more, "
                "delete the endpoint and its model in the console, and run `pulumi up` again."
            )
        call.report("looking for the deployment on the endpoint")
        wait.pause()


def _find(call: Call, endpoint: str) -> Mapping[str, Any] | None:
    try:
        found: Mapping[str, Any] = call.google.vertex_of(endpoint).get_endpoint(endpoint)
    except NotFound:
        return None
    return found


def remove_weights(call: Call, endpoint: str) -> None:
    """Deletes the endpoint of such a deployment and its model, after the deployment itself."""
    vertex = call.google.vertex_of(endpoint)
    with suppress(NotFound):
        vertex.delete_endpoint(endpoint, wait=lasting(call))
    with suppress(NotFound):
        vertex.delete_model(endpoint.replace("/endpoints/", "/models/"), wait=lasting(call))


def refuse_lost(call: Call, outputs: Properties) -> None:
    """Raises Refused for the state entry of a deployment that has lost its endpoint."""
    if not outputs.get("endpoint"):
        remedy = f"Correct it, or remove the entry: pulumi state delete '{call.urn}'."
        raise Refused(f"The state entry of {called(call, outputs)!r} cannot be read: endpoint is missing. {remedy}")
