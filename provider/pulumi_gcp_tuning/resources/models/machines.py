"""Weights of open models on machines: one call makes a model, an endpoint and a deployment, under ids of our choosing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Final

from pydantic import Field

from pulumi_gcp_tuning.errors import ApiError, NotFound, Refused, TuningError, Unfinished
from pulumi_gcp_tuning.names import Urn, identity_of, may_be_same_resource, stack_hash
from pulumi_gcp_tuning.resources.core import claims, costs
from pulumi_gcp_tuning.resources.core.declared import called, doing, urn_of
from pulumi_gcp_tuning.resources.core.description import described
from pulumi_gcp_tuning.resources.core.holdings import Holdings
from pulumi_gcp_tuning.resources.core.inputs import Inputs, known
from pulumi_gcp_tuning.resources.core.labels import IDENTITY, STACK, effective_labels
from pulumi_gcp_tuning.resources.models.deployment_claims import claim_deployment
from pulumi_gcp_tuning.resources.models.removal import UNCLEAR_SECONDS, delete_model, undeploy
from pulumi_gcp_tuning.resources.models.turns import endpoint_turn, lasting

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
    return [
        "costs: "
        + price_in_words(
            known(args.machine_type),
            known(args.accelerator_type),
            known(args.accelerator_count),
            known(args.min_replica_count),
        )
    ]


def price_in_words(machine: object, accelerator: object, accelerators: object, least: object) -> str:
    """What is billed by the hour, and that its price is not known; None for what is not known yet."""
    with_what = f"{accelerators or 'some'} {accelerator or 'accelerators'}"
    what = f"{least or 1} x {machine or 'machine'} with {with_what}"
    return f"{what}, billed by the hour until it is deleted; the catalogue has no price"


def endpoint_of(call: Call, project: str | None, place: str | None, urn: str, weights: Weights) -> str:
    """The name of the endpoint that serves the weights: its id is ours. Raises Refused without a project or a place.

    If the stack was renamed, it is the earlier one, if that is there and no current entry has it.
    """
    if not project or not place:
        raise Refused("A project and a region are needed to deploy weights. Set gcp:project and gcp:region.")

    def name_of(of: Urn | str) -> str:
        return f"projects/{project}/locations/{place}/endpoints/{weights.own_id(identity_of(of))}"

    before = call.run.of(Holdings).free_names_before_rename(urn, name_of)
    return next((name for name in before if _find(call, name) is not None), None) or name_of(urn)


def deploy_weights(
    call: Call, inputs: Properties, endpoint: str, weights: Weights, token: str, *, operation: str | None = None
) -> Mapping[str, Any]:
    """The endpoint once the weights are deployed on it, now or by an earlier run, whose ``operation`` may still go on.

    It gets the claim with this token. If an earlier run made it, that is an adoption.
    Raises Unfinished if the wait ends early. If Google could not deploy them, what it made is removed.
    """
    try:
        live = _find(call, endpoint)
        if live is not None and operation is None:
            live = _wait_for_deployed(call, inputs, endpoint, token)
            if live is not None:
                return live
            remove_weights(call, endpoint)  # nobody deploys on it any more
    except TuningError as error:
        raise _unfinished(call, inputs, endpoint, operation, token, error) from error
    unclear = None
    if operation is None:
        try:
            operation = _begin(call, inputs, endpoint, weights, token)
        except ApiError as error:
            if not error.maybe_took_effect and error.status != "ALREADY_EXISTS":
                raise
            unclear = error
    try:
        failed = call.google.vertex_of(endpoint).await_weights(operation, lasting(call)) if operation else None
        live = _wait_for_deployed(call, inputs, endpoint, token) if failed is None else None
        if live is not None:
            return live
        remove_weights(call, endpoint)
    except TuningError as error:
        raise _unfinished(call, inputs, endpoint, operation, token, error) from error
    if failed is not None:
        raise _failed(failed, f"Deploying {weights.folder}")
    raise unclear or Refused(f"Google says that it has deployed {weights.folder}, but {endpoint} does not serve it.")


def _begin(call: Call, inputs: Properties, endpoint: str, weights: Weights, token: str) -> str:
    parent, _, chosen = endpoint.rpartition("/endpoints/")
    # without the labels no audit finds what a killed run left
    labels = {IDENTITY: identity_of(urn_of(call, inputs)), STACK: stack_hash(call.urn)}
    labels |= claims.own_labels(call, inputs, token)
    return str(call.google.vertex_of(endpoint).deploy_weights(parent, weights.body(chosen, labels))["name"])


def _failed(error: Mapping[str, Any], what: str) -> ApiError:
    from pulumi_gcp_tuning.google.operations import operation_error

    return operation_error(error, what)


def _unfinished(
    call: Call, inputs: Properties, endpoint: str, operation: str | None, token: str, error: TuningError
) -> Unfinished:
    outputs: Properties = {**inputs, "endpoint": endpoint, "apiOrigin": call.settings.api_origin, claims.KEY: token}
    if operation:
        outputs["operation"] = operation
    return Unfinished(
        f"The weights of {called(call, inputs)!r} are not served yet; Google may still deploy them.\n  {endpoint}\n"
        f"{str(error).splitlines()[0]}\nRun `pulumi up` again to continue; nothing is started twice. The machine is billed by "
        "the hour until `pulumi destroy`.",
        id=endpoint,
        outputs=outputs,
    )


def _wait_for_deployed(call: Call, inputs: Properties, endpoint: str, token: str) -> Mapping[str, Any] | None:
    """The endpoint once something is deployed on it; None if that does not come within ten minutes.

    It gets the claim before that: an earlier run or another process may have made it.
    """
    claimed: str | None = None
    end, wait = call.clock.monotonic() + UNCLEAR_SECONDS, lasting(call)
    while True:
        live = _find(call, endpoint)
        if live is not None and claimed is None:
            claimed = claim_deployment(call, inputs, endpoint, token=token, adopts=True) or token
        if live is not None and live.get("deployedModels"):
            return live
        if call.clock.monotonic() >= end:
            return None
        wait.check(f"a deployment on {endpoint}")
        call.report("looking for the deployment on the endpoint")
        wait.pause()


def find_weights(call: Call, endpoint: str) -> Mapping[str, Any] | None:
    """The endpoint; ``{}`` if only the model of the weights is left, None if that is gone too."""
    live = _find(call, endpoint)
    if live is not None:
        return live
    try:
        call.google.vertex_of(endpoint).get_model(_model_of(endpoint))
    except NotFound:
        return None
    return {}


def _model_of(endpoint: str) -> str:
    return endpoint.replace("/endpoints/", "/models/")


def _find(call: Call, endpoint: str) -> Mapping[str, Any] | None:
    try:
        found: Mapping[str, Any] = call.google.vertex_of(endpoint).get_endpoint(endpoint)
    except NotFound:
        return None
    return found


def end_deployment(call: Call, operation: str, endpoint: str) -> None:
    """Waits for an operation that may still deploy weights, because nothing it makes later would be deleted."""
    with doing(f"waiting for the deployment on {endpoint}"):
        call.google.vertex_of(endpoint).await_weights(operation, lasting(call))


def tell_of_other_machines(call: Call, endpoint: str, identity: str) -> None:
    """Names other machines of the same resource that no current entry has: state may have lost them. It never fails."""
    parent = endpoint.rpartition("/endpoints/")[0]
    try:
        listed = list(call.google.vertex_of(endpoint).list_endpoints(parent))
    except ApiError:
        return
    others = [
        str(each["name"])
        for each in listed
        if effective_labels(each).get(IDENTITY) == identity
        and not may_be_same_resource(str(each["name"]), endpoint)
        and not call.run.of(Holdings).names(str(each["name"]))
    ]
    if others:
        call.tell(
            f"Other machines were set up for the same resource as {endpoint}, and this delete does not touch them: "
            f"{', '.join(others)}. {costs.ENDPOINT}\nIf no entry of the state has one, delete it in Google's console."
        )


def tell_of_left_machines(call: Call, parent: str, folder: str) -> None:
    """Names the machines of this stack that serve weights of a folder, if no current entry has them. It never fails.

    What depends on a job is deleted before it, so an interrupted run left them.
    """
    with suppress(ApiError):
        vertex = call.google.vertex_of(f"{parent}/endpoints/-")
        left = [
            name
            for each in vertex.list_endpoints(parent)
            if "/endpoints/gcp-tuning-" in (name := str(each["name"]))
            and effective_labels(each).get(STACK) == stack_hash(call.urn)
            and not call.run.of(Holdings).names(name)
            and _is_of_folder(call, name, folder)
        ]
        if left:
            call.warn(
                f"{', '.join(left)} serves weights in {folder}, and no entry of the state has it: an interrupted run of this stack "
                f"left it. {costs.ENDPOINT}\nTo remove it, run `pulumi up`, which takes it over, and then `pulumi destroy`; or delete "
                "it in Google's console."
            )


def _is_of_folder(call: Call, endpoint: str, folder: str) -> bool:
    try:
        served = str(call.google.vertex_of(endpoint).get_model(_model_of(endpoint)).get("artifactUri") or "")
    except NotFound:
        return False
    return served.startswith(folder.rstrip("/") + "/")


def remove_weights(call: Call, endpoint: str) -> None:
    """Undeploys the weights and deletes their endpoint and their model. What is already gone is skipped."""
    vertex = call.google.vertex_of(endpoint)
    with endpoint_turn(call, endpoint), suppress(NotFound):
        for each in vertex.get_endpoint(endpoint).get("deployedModels") or ():
            undeploy(call, endpoint, str(each["id"]))
        vertex.delete_endpoint(endpoint, wait=lasting(call))
    delete_model(call, _model_of(endpoint))


def refuse_lost(call: Call, outputs: Properties) -> None:
    """Raises Refused for the state entry of a deployment that has lost its endpoint."""
    if not outputs.get("endpoint"):
        remedy = f"Correct it, or remove the entry: pulumi state delete '{call.urn}'."
        raise Refused(f"The state entry of {called(call, outputs)!r} cannot be read: endpoint is missing. {remedy}")
