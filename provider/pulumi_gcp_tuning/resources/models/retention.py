"""Which models of one TunedModel are kept when a newer one replaces them, and which are deleted."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from pulumi_gcp_tuning.names import ModelName
from pulumi_gcp_tuning.resources.core.labels import CLAIMED, IDENTITY, RELEASE_PREFIX, effective_labels, is_release
from pulumi_gcp_tuning.resources.core.lifecycle import Call
from pulumi_gcp_tuning.resources.models.removal import remove_model


def history(
    call: Call, name: str, identities: Collection[str], live: Mapping[str, Any] | None
) -> list[Mapping[str, Any]]:
    """The models of these identities, the latest claim first, this one among them if it still exists."""
    vertex = call.google.vertex_of(name)
    listed = {
        str(each["name"]): each
        for identity in sorted(identities)
        for each in vertex.list_models(ModelName.parse(name).parent, f'labels.{IDENTITY}="{identity}"')
        if effective_labels(each).get(IDENTITY) == identity and not same_model(each, name)
    }
    return sorted([*listed.values(), *([live] if live else [])], key=_claimed_at, reverse=True)


def superseded(models: list[Mapping[str, Any]], name: str, keep_last: int) -> list[Mapping[str, Any]]:
    """The models to delete: all if this is the newest, else those that are no longer kept."""
    if not models or same_model(models[0], name):
        return models
    return models[1 + keep_last :]


def remove_unless_released(call: Call, model: Mapping[str, Any], made: list[str], identities: set[str]) -> None:
    """Deletes a model with its endpoints, unless a release label asks to keep it."""
    name = model["name"]
    if is_release(effective_labels(model)):
        call.warn(f"The model {name} is not deleted, because it has a release label ({RELEASE_PREFIX}*).")
        return
    version = model.get("versionId")
    versioned = name if not version or "@" in name else f"{name}@{version}"
    call.report(f"deleting {name}")
    remove_model(call, versioned, model, made=made, identities=identities)


def same_model(model: Mapping[str, Any], name: str) -> bool:
    """Whether a model is the one of that name, ignoring the version and how the project is written."""
    read, other = ModelName.parse(model["name"]), ModelName.parse(name)
    return (read.location, read.model) == (other.location, other.model)


def claim(call: Call) -> dict[str, str]:
    """The label that makes a model the current one of its TunedModel."""
    return {CLAIMED: str(int(call.clock.now().timestamp() * 1000))}


def _claimed_at(model: Mapping[str, Any]) -> tuple[float, float]:
    made = datetime.fromisoformat(str(model.get("createTime") or "1970-01-01T00:00:00Z")).timestamp()
    claimed = effective_labels(model).get(CLAIMED, "")
    return (int(claimed) / 1000 if claimed.isdigit() else made), made
