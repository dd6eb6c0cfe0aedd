"""Deploying a model on an endpoint: what is there already, its traffic, and an answer that was unclear."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pulumi_gcp_tuning.errors import ApiError
from pulumi_gcp_tuning.names import ModelName
from pulumi_gcp_tuning.resources.core import claims
from pulumi_gcp_tuning.resources.core.labels import IDENTITY, SECRET_NAMES, effective_labels
from pulumi_gcp_tuning.resources.models.removal import UNCLEAR_SECONDS
from pulumi_gcp_tuning.resources.models.turns import lasting

if TYPE_CHECKING:
    from pulumi_gcp_tuning.resources.core.lifecycle import Call, Properties


def wait_for_deployed(call: Call, endpoint: str, deployed_id: str, unclear: ApiError) -> Mapping[str, Any]:
    """Waits until the deployment is on the endpoint: after an unclear answer Google may need minutes for it.

    Raises ``unclear`` if it does not appear.
    """
    end, wait = call.clock.monotonic() + UNCLEAR_SECONDS, lasting(call)
    while True:
        live = call.google.vertex_of(endpoint).get_endpoint(endpoint)
        if find_deployed(live, deployed_id) is not None:
            return live
        if call.clock.monotonic() >= end or wait.expired() or call.cancelled():
            raise unclear
        call.report("the answer was unclear; looking for the deployment on the endpoint")
        wait.pause()


def deploy(call: Call, endpoint: str, body: Properties, live: Mapping[str, Any]) -> Mapping[str, Any]:
    """The endpoint ``live`` once the deployment in ``body`` is on it."""
    vertex = call.google.vertex_of(endpoint)
    try:
        vertex.deploy_model(endpoint, body, traffic_with_new(live), wait=lasting(call))
        deployed: Mapping[str, Any] = vertex.get_endpoint(endpoint)
    except ApiError as error:
        if not error.maybe_took_effect and error.status != "ALREADY_EXISTS":
            raise
        deployed = wait_for_deployed(call, endpoint, str(body["id"]), error)
    return _give_back_traffic(call, live, deployed, str(body["id"]))


def _give_back_traffic(
    call: Call, before: Mapping[str, Any], after: Mapping[str, Any], deployed_id: str
) -> Mapping[str, Any]:
    """The endpoint, after the traffic went back to a deployment that another machine made since ``before`` was read.

    Google takes no etag with a deployment. Both found an endpoint without traffic, so both asked for all of it. The
    first one keeps it, as if the two had come one after the other.
    """
    known = {deployed_id, *(str(each["id"]) for each in before.get("deployedModels") or ())}
    own = find_deployed(after, deployed_id) or {}
    others = [each for each in after.get("deployedModels") or () if str(each["id"]) not in known]
    first = min(others, key=_made_at, default=None)
    if first is None or traffic_with_new(before) != {"0": 100} or not _made_at(first) < _made_at(own):
        return after
    name, first_id = str(after["name"]), str(first["id"])
    vertex = call.google.vertex_of(name)

    def body_of(live: Mapping[str, Any]) -> Properties:
        shares = {str(key): int(share) for key, share in (live.get("trafficSplit") or {}).items() if int(share)}
        return {"trafficSplit": {first_id: 100}} if shares == {deployed_id: 100} else {}

    what = f"{first_id} was deployed on {name} at the same moment, and came first"
    try:
        changed = claims.write_under_etag(
            lambda: vertex.get_endpoint(name), body_of, lambda body, mask: vertex.patch_endpoint(name, body, mask), name
        )
    except ApiError as error:
        call.warn(
            f"{what}, but {deployed_id} has all the traffic now. It could not be given back: {str(error).splitlines()[0]}"
        )
        return after
    call.warn(f"{what}. It keeps the traffic of the endpoint, and {deployed_id} has none.")
    return changed


def _made_at(deployed: Mapping[str, Any]) -> str:
    return str(deployed.get("createTime") or "")


def mark_secret(call: Call, endpoint: str) -> None:
    """Writes the names of the deployments to our endpoint, so that other processes and stacks can read them."""
    vertex = call.google.vertex_of(endpoint)

    def body_of(live: Mapping[str, Any]) -> Properties:
        labels = effective_labels(live)
        if IDENTITY not in labels or SECRET_NAMES in labels:
            return {}
        return {"labels": {**labels, SECRET_NAMES: "names"}}

    claims.write_under_etag(
        lambda: vertex.get_endpoint(endpoint),
        body_of,
        lambda body, mask: vertex.patch_endpoint(endpoint, body, mask),
        endpoint,
    )


def traffic_with_new(endpoint: Mapping[str, Any]) -> dict[str, int]:
    """The traffic split of the deploy request; Google's key for the new model is ``"0"``."""
    deployed = [str(each["id"]) for each in endpoint.get("deployedModels") or ()]
    held = {str(key): int(value) for key, value in (endpoint.get("trafficSplit") or {}).items() if key in deployed}
    return {**held, "0": 0} if sum(held.values()) == 100 else {"0": 100}


def find_deployed(endpoint: Mapping[str, Any], deployed_id: str) -> Mapping[str, Any] | None:
    """What is deployed on an endpoint under this id."""
    return next((each for each in endpoint.get("deployedModels") or () if str(each["id"]) == deployed_id), None)


def is_same_model(live: str, declared: str) -> bool:
    """Whether the model that is deployed is the declared one, in its version if it names one."""
    if not live:
        return False
    read, other = ModelName.parse(live), ModelName.parse(declared)
    same = (read.location, read.model) == (other.location, other.model)
    return same and (other.version is None or read.version in (None, other.version))
