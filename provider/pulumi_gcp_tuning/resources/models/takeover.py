"""Setting what a TunedModel declares on its model and on the endpoints that were made for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pulumi_gcp_tuning.errors import ApiError, NotFound, Refused
from pulumi_gcp_tuning.resources.core.labels import IDENTITY, effective_labels, merged
from pulumi_gcp_tuning.resources.core.lifecycle import Call, Properties


def body_of_patch(
    inputs: Properties, live: Mapping[str, Any], before: Mapping[str, str], ours: Mapping[str, str]
) -> Properties:
    """The changes that give a model what was declared, and the labels in ``ours``."""
    body: Properties = {}
    labels = merged(effective_labels(live), before, {**(inputs.get("pulumiLabels") or {}), **ours})
    if labels != effective_labels(live):
        body["labels"] = labels
    for key in ("displayName", "defaultCheckpointId"):
        if inputs.get(key) is not None and inputs[key] != live.get(key):
            body[key] = inputs[key]
    if (inputs.get("description") or "") != live.get("description", "") and ("description" in inputs or before):
        body["description"] = inputs.get("description") or ""
    return body


def refuse_unknown_checkpoint(wanted: str, ref: Mapping[str, Any], name: str) -> None:
    """Raises Refused if the model in ``ref`` has no such checkpoint."""
    offered = [str(each.get("checkpointId")) for each in ref.get("checkpoints") or ()]
    if wanted not in offered:
        has = f"it has {', '.join(offered)}" if offered else "it has none (export_last_checkpoint_only?)"
        raise Refused(f"default_checkpoint_id: the model {name} has no checkpoint {wanted!r}; {has}.")


def label_endpoint(call: Call, endpoint: str, inputs: Properties, before: Mapping[str, str], identity: str) -> None:
    """Gives an endpoint that was made for a model the model's labels; if that fails, a warning says so."""
    vertex = call.google.vertex_of(endpoint)
    try:
        held = effective_labels(vertex.get_endpoint(endpoint))
        labels = merged(held, before, {**(inputs.get("pulumiLabels") or {}), IDENTITY: identity})
        if labels != held:
            vertex.patch_endpoint(endpoint, {"labels": labels}, ["labels"])
    except NotFound:
        return
    except ApiError as error:
        call.warn(f"The labels of {endpoint} were not set: {error}")
