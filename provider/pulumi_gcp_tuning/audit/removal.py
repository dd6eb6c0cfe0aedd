"""Deletes what an audit found, unless it changed since it was listed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from pulumi_gcp_tuning.audit.items import Item
from pulumi_gcp_tuning.audit.state import Thing
from pulumi_gcp_tuning.audit.unlabelled import TUNED_MODEL
from pulumi_gcp_tuning.errors import Refused
from pulumi_gcp_tuning.label_keys import CLAIM_LABEL, STACK_LABEL
from pulumi_gcp_tuning.names import GcsUri
from pulumi_gcp_tuning.resources.core.declared import doing
from pulumi_gcp_tuning.resources.core.labels import IDENTITY, SPEC, effective_labels, is_release
from pulumi_gcp_tuning.resources.core.lifecycle import Call
from pulumi_gcp_tuning.resources.core.sharing import claims_in, owners_in
from pulumi_gcp_tuning.resources.jobs.kinds import JOB_KINDS, kind_of
from pulumi_gcp_tuning.resources.jobs.upkeep import end_job
from pulumi_gcp_tuning.resources.models.removal import remove_model, remove_what_a_job_made, undeploy
from pulumi_gcp_tuning.resources.models.turns import endpoint_turn, lasting
from pulumi_gcp_tuning.resources.models.versions import versioned_name

_MARKS: Final = (IDENTITY, SPEC, CLAIM_LABEL, STACK_LABEL)
_NOUNS: Final = frozenset(kind.noun for kind in JOB_KINDS)


def remove_item(call: Call, item: Item) -> None:
    """Deletes it with what was made for it. NotFound if it no longer exists.

    Raises Refused if it must not be deleted or has changed since it was listed.
    """
    if item.blocked is not None:
        raise Refused(f"{item.name} is not deleted: {item.blocked}.")
    if item.what in _NOUNS:
        _remove_job(call, item)
    else:
        _REMOVERS[item.what](call, item)


def _remove_job(call: Call, item: Item) -> None:
    kind = kind_of(item.name)
    job = end_job(call, kind, item.name)
    if job is not None:
        identity = effective_labels(job).get(IDENTITY)
        remove_what_a_job_made(call, kind.made(job), identity, unless_claimed=True)
    kind.at(call, item.name).delete(item.name, wait=lasting(call))


def _remove_model(call: Call, item: Item) -> None:
    live = call.google.vertex_of(item.name).get_model(item.name)
    _refuse_changed(item, live)
    identities = {effective_labels(live).get(IDENTITY, "")}
    remove_model(call, versioned_name(live), live, made=item.endpoints, identities=identities)


def _remove_endpoint(call: Call, item: Item) -> None:
    vertex = call.google.vertex_of(item.name)
    with endpoint_turn(call, item.name), doing(f"deleting the endpoint {item.name}"):
        live = vertex.get_endpoint(item.name)
        _refuse_changed(item, live)
        deployed = [str(each["id"]) for each in live.get("deployedModels") or ()]
        if any(int(share) for key, share in (live.get("trafficSplit") or {}).items() if key in deployed):
            raise Refused(f"{item.name} is not deleted: it has started to serve traffic since it was listed.")
        for each in deployed:
            undeploy(call, item.name, each)
        vertex.delete_endpoint(item.name, wait=lasting(call))


def _remove_deployment(call: Call, item: Item) -> None:
    endpoint, _, deployed_id = item.name.partition("/deployedModels/")
    with endpoint_turn(call, endpoint), doing(f"undeploying {item.name}"):
        live = call.google.vertex_of(endpoint).get_endpoint(endpoint)
        if int((live.get("trafficSplit") or {}).get(deployed_id, 0)):
            raise Refused(f"{item.name} is not deleted: it has started to serve traffic since it was listed.")
        undeploy(call, endpoint, deployed_id)


def _remove_object(call: Call, item: Item) -> None:
    uri, storage = GcsUri.parse(item.name), call.google.storage
    with doing(f"deleting {item.name}"):
        live = storage.get_object(uri.bucket, uri.object)
        if _mark_of(live) != _mark_of(item.thing) or live.get("generation") != item.thing.get("generation"):
            raise Refused(f"{item.name} is not deleted: it has changed since it was listed.")
        match = str(live["metageneration"])
        storage.delete_object(uri.bucket, uri.object, live.get("generation"), if_metageneration_match=match)


def _remove_tuned_model(call: Call, item: Item) -> None:
    with doing(f"deleting {item.name}"):
        call.google.tuned_models.delete(item.name)


_REMOVERS: Final[Mapping[str, Callable[[Call, Item], None]]] = {
    "model": _remove_model,
    "endpoint": _remove_endpoint,
    "deployment": _remove_deployment,
    "object": _remove_object,
    TUNED_MODEL: _remove_tuned_model,
}


def _refuse_changed(item: Item, live: Thing) -> None:
    before, now = effective_labels(item.thing), effective_labels(live)
    if is_release(now) or any(before.get(key) != now.get(key) for key in _MARKS):
        raise Refused(f"{item.name} is not deleted: its labels have changed since it was listed.")


def _mark_of(stored: Thing) -> tuple[dict[str, str], dict[str, str]]:
    """The owners of an object, with their claims."""
    return owners_in(stored), claims_in(stored)
