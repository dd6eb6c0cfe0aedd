"""Removes things in the order that Google accepts: undeploy, endpoints, model. What is already gone is skipped."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import suppress
from typing import Any, Final

from pulumi_gcp_tuning.errors import ApiError, Failed, NotFound, Refused
from pulumi_gcp_tuning.names import ModelName
from pulumi_gcp_tuning.resources.core import claims, costs
from pulumi_gcp_tuning.resources.core.claims import marks_in
from pulumi_gcp_tuning.resources.core.declared import doing
from pulumi_gcp_tuning.resources.core.holdings import Holdings
from pulumi_gcp_tuning.resources.core.labels import CLAIM, IDENTITY, SECRET_NAMES, STACK, effective_labels
from pulumi_gcp_tuning.resources.core.lifecycle import Call
from pulumi_gcp_tuning.resources.models.deployment_claims import claimed_in, is_of_other_program
from pulumi_gcp_tuning.resources.models.turns import endpoint_key, endpoint_turn, lasting
from pulumi_gcp_tuning.resources.models.versions import FIRST, is_version, list_versions, serves

UNCLEAR_SECONDS: Final = 600.0
"""How long to wait for a deployment that Google may still be making. After an unclear answer, Google may never have accepted it."""
_STILL_DEPLOYED_WINDOW: Final = 60.0


def undeploy(call: Call, endpoint: str, deployed_model_id: str) -> None:
    """Undeploys one model from an endpoint. The remaining ones share its traffic."""
    with endpoint_turn(call, endpoint):
        vertex = call.google.vertex_of(endpoint)
        try:
            live = vertex.get_endpoint(endpoint)
            if deployed_model_id in [str(each["id"]) for each in live.get("deployedModels") or ()]:
                split = traffic_without(live, deployed_model_id)
                vertex.undeploy_model(endpoint, deployed_model_id, split, wait=lasting(call))
        except NotFound:
            return


def traffic_without(endpoint: Mapping[str, Any], deployed_model_id: str) -> dict[str, int] | None:
    """The traffic split without one deployed model; None if no split must be sent.

    The models with traffic share it in proportion. If none of them has traffic, the newest gets all.
    """
    split = {str(key): int(value) for key, value in (endpoint.get("trafficSplit") or {}).items()}
    others = [each for each in endpoint.get("deployedModels") or () if str(each["id"]) != deployed_model_id]
    if not split.get(deployed_model_id) or not others:
        return None
    weights = {str(each["id"]): split.get(str(each["id"]), 0) for each in others}
    total = sum(weights.values())
    if not total:
        newest = max(others, key=lambda each: str(each.get("createTime", "")))
        return {key: 100 if key == str(newest["id"]) else 0 for key in weights}
    shares = {key: weight * 100 // total for key, weight in weights.items()}
    rest = 100 - sum(shares.values())
    for key in sorted(weights, key=lambda key: -(weights[key] * 100 % total))[:rest]:
        shares[key] += 1
    return shares


def remove_what_a_job_made(
    call: Call, made: Mapping[str, Any], identity: str | None, *, unless_claimed: bool = False
) -> None:
    """Removes the model and the endpoints in ``made`` (the shape of ``tunedModel``) of the job with that identity.

    With ``unless_claimed`` it keeps them if a TunedModel took the model over. It also keeps them, with a warning, if
    the model is deployed elsewhere too.
    """
    if not made.get("model"):
        return
    try:
        live = call.google.vertex_of(made["model"]).get_model(made["model"])
    except NotFound:
        live = None
    if unless_claimed and live is not None:
        marks = marks_in(live)
        if marks.claim or marks.identity not in (None, identity):
            return
    try:
        remove_model(call, made["model"], live, made=made_endpoints(made), identities={identity} if identity else set())
    except Refused as error:
        if not unless_claimed:
            raise
        call.warn(without_entry(error))


def without_entry(error: Refused) -> str:
    """The warning for a model that was not deleted. It replaces the error's advice, because no later run deletes the model."""
    return (
        f"{str(error).splitlines()[0]}\nNo entry of this stack deletes it any more. Undeploy it there, then delete it with "
        f"`gcp-tuning audit --delete NAME`. {costs.MODEL}"
    )


def made_endpoints(ref: Mapping[str, Any]) -> list[str]:
    """The endpoints that the service made for a model, including its checkpoints' endpoints."""
    names = [ref.get("endpoint"), *(each.get("endpoint") for each in ref.get("checkpoints") or ())]
    return list(dict.fromkeys(name for name in names if name))


def is_of_stack(call: Call, live: Mapping[str, Any], deployed: Mapping[str, Any]) -> bool:
    """Whether the deployment on ``live``, an endpoint of ours, belongs to the endpoint's stack.

    Nothing on a deployed model says who deployed it. It belongs to the stack if model and endpoint have the label of
    the same stack, because both then exist only for this stack; unless its claim says that its program does not declare
    this endpoint, which is then another stack of the same name.
    """
    stack = effective_labels(live).get(STACK)
    if not stack or is_of_other_program(live, str(deployed["id"]), "endpoint"):
        return False
    try:
        return (
            effective_labels(call.google.vertex_of(deployed["model"]).get_model(deployed["model"])).get(STACK) == stack
        )
    except NotFound:
        return False


def undeploy_of_stack(call: Call, endpoint: str) -> None:
    """Undeploys what an interrupted deployment of the stack left on its own endpoint, before the endpoint is deleted.

    Raises Refused, before any change, if the program declares a deployment on it or another stack may have made one.
    """
    live = call.google.vertex_of(endpoint).get_endpoint(endpoint)
    deployed = live.get("deployedModels") or []
    held = [each for each in deployed if call.run.of(Holdings).names(f"{endpoint}/deployedModels/{each['id']}")]
    if held:
        raise Refused(
            f"The endpoint {endpoint} is not deleted, because the program still declares a deployment on it: "
            f"{_names_of(live, held)}.\nRemove that ModelDeployment too, then run again; or set deletion_policy to ABANDON."
        )
    others = [each for each in deployed if not is_of_stack(call, live, each)]
    if others:
        raise Refused(
            f"The endpoint {endpoint} is not deleted, because {_names_of(live, others)} is deployed on it and nothing shows that this "
            "stack deployed it.\nIf a ModelDeployment of this stack was interrupted, run `pulumi up` once, so that its "
            "entry is in the state. Otherwise undeploy it first, then run again; or set deletion_policy to ABANDON."
        )
    for each in deployed:
        what = f"{deployment_name(live, each)} ({each['id']})"
        call.tell(f"{what} is undeployed from {endpoint}, because an interrupted run of this stack left it there.")
        undeploy(call, endpoint, str(each["id"]))


def _names_of(endpoint: Mapping[str, Any], deployed: list[Mapping[str, Any]]) -> str:
    return ", ".join(f"{deployment_name(endpoint, each)} ({each['id']})" for each in deployed)


def remove_model(
    call: Call,
    name: str,
    live: Mapping[str, Any] | None,
    *,
    made: Collection[str],
    identities: Collection[str],
    stacks: Collection[str] = (),
) -> None:
    """Removes a version of a model and the endpoints that were made for it; the other versions stay.

    ``live`` is the model as Google has it, None if it is gone. Raises Refused, before any change, if the model is also
    deployed on an endpoint that somebody else made. It is undeployed from endpoints with the label of one of
    ``stacks``, because no deployment of these stacks serves it any more, and from those where only deployments are left
    that the state has lost. A model that a current entry of this run names is kept.
    """
    if call.run.of(Holdings).names(name):
        return
    ours = {endpoint_key(each): each for each in made}
    deployed = (live or {}).get("deployedModels") or ()
    elsewhere = dict.fromkeys(str(each["endpoint"]) for each in deployed if endpoint_key(each["endpoint"]) not in ours)
    found = {each: _endpoint_of(call, each) for each in elsewhere}
    deployed = [each for each in deployed if _is_of_version(each, found.get(each["endpoint"]), name)]
    deployments = [f"{each['endpoint']}/deployedModels/{each['deployedModelId']}" for each in deployed]
    held = [name for name in deployments if call.run.of(Holdings).names(name)]
    if held:
        raise Refused(
            f"The model {name} is not deleted, because the program still declares its deployment "
            f"{', '.join(held)}.\nRemove that ModelDeployment too, then run again."
        )
    serving = [str(each["endpoint"]) for each in deployed]
    others = {e: None if live_e is None else effective_labels(live_e) for e, live_e in found.items() if e in serving}
    made_for_it = [e for e, labels in others.items() if labels is None or labels.get(IDENTITY) in identities]
    used = {str(each["endpoint"]) for each in deployed if _is_of_other(found.get(each["endpoint"]), each)}
    left = _left_deployments(call, found, deployed)
    of_stack = [
        e
        for e, labels in others.items()
        if e not in made_for_it and e not in used and labels and (labels.get(STACK) in stacks or e in left)
    ]
    foreign = [e for e in others if e not in made_for_it and e not in of_stack]
    if foreign:
        raise Refused(
            f"The model {name} is not deleted, because it is also deployed on {', '.join(foreign)}.\n"
            "Undeploy it there first, or destroy the stack that has the ModelDeployment, then run again."
        )
    for endpoint in of_stack:
        if endpoint in left:
            call.tell(f"{name} is undeployed from {endpoint}, because an interrupted run of this stack left it there.")
        _undeploy_all(call, endpoint, name)
    for endpoint in {**ours, **{endpoint_key(each): each for each in made_for_it}}.values():
        if not call.run.of(Holdings).names(endpoint):
            _clear_endpoint(call, endpoint, name)
    if live is not None:
        with doing(f"deleting the model {name}"):
            delete_model(call, name)


def remove_empty_endpoints(call: Call, parent: str, identities: Collection[str], stacks: Collection[str]) -> None:
    """Removes the empty endpoints that were made for models of these identities and stacks.

    They remain after a delete that was interrupted between undeploying and deleting, and no model names them any more.
    """
    try:
        listed = list(call.google.vertex_of(f"{parent}/endpoints/-").list_endpoints(parent))
    except ApiError as error:
        if error.http_status != 403:
            raise
        call.warn(
            f"Whether empty endpoints are left in {parent} is not known: {str(error).splitlines()[0]}\n"
            "This needs the permission aiplatform.endpoints.list."
        )
        return
    for live in listed:
        labels = effective_labels(live)
        is_ours = labels.get(IDENTITY) in identities and labels.get(STACK) in stacks and CLAIM not in labels
        if is_ours and not live.get("deployedModels") and not call.run.of(Holdings).names(str(live["name"])):
            with doing(f"deleting the endpoint {live['name']}"), suppress(NotFound):
                call.google.vertex_of(live["name"]).delete_endpoint(str(live["name"]), wait=lasting(call))


def _endpoint_of(call: Call, endpoint: str) -> Mapping[str, Any] | None:
    """The endpoint; None if it is gone."""
    try:
        return call.google.vertex_of(endpoint).get_endpoint(endpoint)
    except NotFound:
        return None


def _is_of_version(reference: Mapping[str, Any], endpoint: Mapping[str, Any] | None, name: str) -> bool:
    """Whether a deployment that a model names is of that version. Google may name those of all versions."""
    deployed_id = str(reference["deployedModelId"])
    there = [each for each in (endpoint or {}).get("deployedModels") or () if str(each["id"]) == deployed_id]
    return all(serves(each, name) for each in there)


def _is_of_other(endpoint: Mapping[str, Any] | None, reference: Mapping[str, Any]) -> bool:
    """Whether a program that does not declare the model deployed it on our endpoint."""
    return endpoint is not None and is_of_other_program(endpoint, str(reference["deployedModelId"]), "model")


def _left_deployments(
    call: Call, endpoints: Mapping[str, Mapping[str, Any] | None], deployed: Collection[Mapping[str, Any]]
) -> set[str]:
    """The endpoints on which every one of these deployments was made by an earlier run of a ModelDeployment that is current.

    The entry of that resource has another deployment, so an interrupted run left this one. The caller has found that no
    current entry names any of these.
    """
    urns = call.run.of(Holdings).current_urns("model_deployment")

    def is_left(reference: Mapping[str, Any]) -> bool:
        claim = claimed_in(endpoints.get(reference["endpoint"]) or {}, str(reference["deployedModelId"]))
        token = claims.token_in(claim)
        return token is not None and any(
            claims.label_of(token, urn, foreign=claims.foreign_in(claim)) == claim for urn in urns
        )

    left = {str(each["endpoint"]) for each in deployed if is_left(each)}
    return left - {str(each["endpoint"]) for each in deployed if not is_left(each)}


def _undeploy_all(call: Call, endpoint: str, name: str) -> list[Mapping[str, Any]]:
    """Removes every deployment of a version from an endpoint. Returns the other deployments on it."""
    deployed = call.google.vertex_of(endpoint).get_endpoint(endpoint).get("deployedModels") or []
    for each in deployed:
        if serves(each, name):
            undeploy(call, endpoint, str(each["id"]))
    return [each for each in deployed if not serves(each, name)]


def _clear_endpoint(call: Call, endpoint: str, name: str) -> None:
    vertex = call.google.vertex_of(endpoint)
    with endpoint_turn(call, endpoint), doing(f"deleting the endpoint {endpoint}"):
        try:
            others = _undeploy_all(call, endpoint, name)
            if others:
                live = vertex.get_endpoint(endpoint)
                names = ", ".join(deployment_name(live, each) for each in others)
                call.warn(
                    f"The endpoint {endpoint} is not deleted, because {names} is also deployed on it. {costs.DEPLOYMENT}"
                )
                return
            vertex.delete_endpoint(endpoint, wait=lasting(call))
        except NotFound:
            return


def deployment_name(endpoint: Mapping[str, Any], deployed: Mapping[str, Any]) -> str:
    """A deployment's name in messages: its display name, unless the names on this endpoint are secret."""
    shown = None if SECRET_NAMES in effective_labels(endpoint) else deployed.get("displayName")
    return str(shown or deployed.get("model") or deployed["id"])


def delete_model(call: Call, name: str) -> None:
    """Deletes one version. The model goes with it only if Google lists no other version at that moment."""
    read = ModelName.parse(name)
    vertex = call.google.vertex_of(name)
    end = call.clock.monotonic() + _STILL_DEPLOYED_WINDOW
    while True:
        try:
            there = list_versions(call, name)
            if not there:  # a model that exists has a version, so the answer proves nothing
                vertex.get_model(name)
                raise Failed(
                    f"The model {name} is not deleted: Google listed no version of it, although it exists.\n"
                    "Run the same command again."
                )
            if not any(is_version(each, name) for each in there):
                return
            if len(there) > 1:
                vertex.delete_model_version(str(read.at(read.version or FIRST)), wait=lasting(call))
            else:
                vertex.delete_model(str(read.unversioned), wait=lasting(call))
            return
        except NotFound:
            return
        except ApiError as error:
            # the model registry sees an undeploy late
            if error.status != "FAILED_PRECONDITION" or call.clock.monotonic() >= end or call.cancelled():
                raise
            call.clock.sleep(2.0, call.cancelled)
