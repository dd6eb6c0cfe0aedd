"""Which models of one TunedModel are kept when a newer one replaces them, and which are deleted."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from pulumi_gcp_tuning.errors import ApiError, NotFound, Refused
from pulumi_gcp_tuning.names import ModelName, stack_hash
from pulumi_gcp_tuning.resources.core import claims
from pulumi_gcp_tuning.resources.core.declared import urn_of
from pulumi_gcp_tuning.resources.core.labels import (
    CLAIM,
    CLAIMED,
    IDENTITY,
    RELEASE_PREFIX,
    STACK,
    effective_labels,
    is_release,
)
from pulumi_gcp_tuning.resources.core.lifecycle import Call, Properties
from pulumi_gcp_tuning.resources.models.removal import remove_model

Model = Mapping[str, Any]


def retire(
    call: Call,
    name: str,
    live: Model | None,
    outputs: Properties,
    *,
    made: list[str],
    of_job: Collection[str],
    keep_last: int,
) -> None:
    """Removes the model of an entry, or keeps it with ``keep_last - 1`` others if a newer one took its place.

    Removing the newest model also removes all models that its TunedModel kept, even if ``live`` is None because the model
    itself no longer exists. A model with the token of another entry is not removed.
    """
    own = claims.identities_of(call, outputs)
    models = _history(call, name, own, live or _remembered(name, outputs))
    there = [each for each in models if live is not None or not same_model(each, name)]
    left = [each for each in there if same_model(each, name) or _is_left(each, own)]
    going = left
    if not same_model(models[0], name):
        identity, going = effective_labels(models[0])[IDENTITY], left[keep_last:]
        for each in left[:keep_last]:
            _keep(call, each, identity)
    # without its newest model the stack needs no deployment; an older model may serve in a part that --target leaves out
    stacks = {stack_hash(urn) for urn in (call.urn, urn_of(call, outputs))} if going is left else set()
    for each in going:
        is_this = same_model(each, name)
        try:
            _remove_unless_released(call, each, made if is_this else [], {*own, *of_job}, stacks)
        except Refused as error:
            if is_this:
                raise
            call.warn(str(error))  # an older model that still serves must not fail this run
    for each in there if going is left else ():
        if each not in left:
            call.tell(
                f"The model {each['name']} is not deleted, because it belongs to {claims.claimant_in(effective_labels(each)[CLAIM])}."
            )


def follow_rename(call: Call, name: str, before: Collection[str], identity: str) -> None:
    """Moves the models that these identities kept, except the one of that name, to ``identity``."""
    earlier = set(before) - {identity}
    try:
        for each in _history(call, name, earlier, None):
            if _is_left(each, earlier):
                _keep(call, each, identity)
    except ApiError as error:
        if error.http_status != 403:
            raise
        call.warn(f"The models that were kept under the old name could not be listed, so they keep its labels: {error}")


def same_model(model: Model, name: str) -> bool:
    """Whether a model is the one of that name, whatever the version and however the project is written."""
    read, other = ModelName.parse(model["name"]), ModelName.parse(name)
    return (read.location, read.model) == (other.location, other.model)


def taken_over_now(call: Call) -> dict[str, str]:
    """The label that makes a model the current one of its TunedModel."""
    return {CLAIMED: str(int(call.clock.now().timestamp() * 1000))}


def _history(call: Call, name: str, identities: Collection[str], this: Model | None) -> list[Model]:
    """The models of these identities, most recently taken over first, with ``this``, which has the name."""
    vertex = call.google.vertex_of(name)
    listed = {
        str(each["name"]): each
        for identity in sorted(identities)
        for each in vertex.list_models(ModelName.parse(name).parent, f'labels.{IDENTITY}="{identity}"')
        if effective_labels(each).get(IDENTITY) == identity and not same_model(each, name)
    }
    return sorted([*listed.values(), *([this] if this else [])], key=_taken_over_at, reverse=True)


def _remembered(name: str, outputs: Properties) -> Model:
    """A deleted model as state has it, to compare its age with the others."""
    return {"name": name, "labels": outputs.get("effectiveLabels"), "createTime": outputs.get("createTime")}


def _is_left(model: Model, identities: Collection[str]) -> bool:
    """Whether no entry has the model: one of these identities kept it, or an older release, which wrote no claim."""
    claim = effective_labels(model).get(CLAIM)
    return not claim or claims.is_kept(claim, identities)


def _keep(call: Call, model: Model, identity: str) -> None:
    """Labels the model as kept, unless somebody claimed it since it was read. Its endpoints get the identity too."""
    name, seen, before = str(model["name"]), effective_labels(model).get(CLAIM), effective_labels(model).get(IDENTITY)
    vertex = call.google.vertex_of(name)

    def body_of(live: Model) -> Properties:
        labels = effective_labels(live)
        moved = {} if before == identity else {STACK: stack_hash(call.urn)}
        wanted = {**labels, **moved, IDENTITY: identity, CLAIM: claims.kept_by(identity)}
        return {"labels": wanted} if labels.get(CLAIM) == seen and labels != wanted else {}

    try:
        if before != identity:
            for endpoint in {str(each["endpoint"]) for each in model.get("deployedModels") or ()}:
                _rename_endpoint(call, endpoint, before, identity)
        claims.write_under_etag(
            lambda: vertex.get_model(name),
            body_of,
            lambda body, mask: vertex.patch_model(name, body, mask),
            f"The model {name}",
        )
    except NotFound:
        return
    except ApiError as error:
        if error.http_status != 403:
            raise
        call.warn(
            f"The model {name} is kept, but its label could not be written, so `pulumi destroy` will not delete it: {error}"
        )


def _rename_endpoint(call: Call, endpoint: str, before: str | None, identity: str) -> None:
    """Moves an endpoint that was created for a model of the identity ``before`` to ``identity``."""
    vertex = call.google.vertex_of(endpoint)

    def body_of(live: Model) -> Properties:
        labels = effective_labels(live)
        moved = {**labels, IDENTITY: identity, STACK: stack_hash(call.urn)}
        return {"labels": moved} if labels.get(IDENTITY) == before else {}

    with suppress(NotFound):
        claims.write_under_etag(
            lambda: vertex.get_endpoint(endpoint),
            body_of,
            lambda body, mask: vertex.patch_endpoint(endpoint, body, mask),
            f"The endpoint {endpoint}",
        )


def _remove_unless_released(call: Call, model: Model, made: list[str], identities: set[str], stacks: set[str]) -> None:
    """Deletes a model with its endpoints, unless it has a release label."""
    name = model["name"]
    if is_release(effective_labels(model)):
        call.warn(f"The model {name} is not deleted, because it has a release label ({RELEASE_PREFIX}*).")
        return
    version = model.get("versionId")
    versioned = name if not version or "@" in name else f"{name}@{version}"
    call.report(f"deleting {name}")
    remove_model(call, versioned, model, made=made, identities=identities, stacks=stacks)


def _taken_over_at(model: Model) -> tuple[float, float]:
    made = datetime.fromisoformat(str(model.get("createTime") or "1970-01-01T00:00:00Z")).timestamp()
    taken = effective_labels(model).get(CLAIMED, "")
    return (int(taken) / 1000 if taken.isdigit() else made), made
