"""Sets what a TunedModel declares on its model and on the endpoints that were made for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from pulumi_gcp_tuning.errors import ApiError, Failed, NotFound, Refused
from pulumi_gcp_tuning.names import identity_of, stack_hash
from pulumi_gcp_tuning.resources.core import claims
from pulumi_gcp_tuning.resources.core.declared import called, doing, urn_of
from pulumi_gcp_tuning.resources.core.holdings import Holdings
from pulumi_gcp_tuning.resources.core.labels import IDENTITY, STACK, effective_labels, merged
from pulumi_gcp_tuning.resources.core.lifecycle import Call, Properties
from pulumi_gcp_tuning.resources.core.outputs import without
from pulumi_gcp_tuning.resources.models.retention import follow_rename, taken_over_now

UPDATE: Final = "aiplatform.models.update"


@contextmanager
def taking_over(call: Call, inputs: Properties, model: str, job: str, resource: str) -> Iterator[None]:
    """Says of a model that is gone what to do about its ``job``, which a ``resource`` declares."""
    try:
        with doing(f"taking over the model {model}"):
            yield
    except NotFound as error:
        raise Failed(
            f"The {job} succeeded, but its model {model} is gone.\n"
            f"Set retry on the {resource} to submit a new job, or remove {called(call, inputs)!r} from the program."
        ) from error


def take_over(
    call: Call,
    name: str,
    inputs: Properties,
    ref: Mapping[str, Any],
    *,
    before: Mapping[str, str],
    olds: Properties,
    of_job: str | None,
) -> tuple[Properties, str]:
    """The model with the declared values and the claim of this entry, and the entry's token.

    An entry that already has the model keeps its token; any other entry gets a new one. ``before`` are the labels that
    the entry had declared. ``of_job`` is the job's identity, which the model has until a TunedModel takes it over.
    """
    vertex, urn = call.google.vertex_of(name), urn_of(call, inputs)
    identity, adopts = identity_of(urn), not olds.get("model")
    token = (None if adopts else claims.claim_of(olds)) or call.new_token()
    ours = {IDENTITY: identity, STACK: stack_hash(urn), **(taken_over_now(call) if adopts else {})}
    seen: list[Mapping[str, Any]] = []

    def body_of(live: Mapping[str, Any]) -> Properties:
        seen.append(live)
        if not adopts:
            claims.refuse_anothers(call, olds, claims.marks_in(live))
        body = body_of_patch(inputs, live, before, {**ours, **claims.own_labels(call, inputs, token)})
        if "defaultCheckpointId" in body:
            refuse_unknown_checkpoint(str(body["defaultCheckpointId"]), ref, name)
        return body

    live = claims.write_under_etag(
        lambda: vertex.get_model(name),
        body_of,
        lambda body, mask: vertex.patch_model(name, body, mask),
        f"The model {name}",
        adopts_by=UPDATE if adopts else None,
    )
    found = claims.marks_in(seen[-1])
    before_rename = map(identity_of, call.run.of(Holdings).earlier_urns(call.urn))
    of_stack = effective_labels(seen[-1]).get(STACK) == ours[STACK]
    known = olds if of_stack else without(olds, ["effectiveLabels"])
    earlier = set(before_rename) if adopts else claims.identities_of(call, known)
    if found.identity not in (None, identity, of_job, *earlier):
        owner = f", {claims.claimant_in(found.claim)}" if found.claim and claims.token_in(found.claim) else ""
        call.warn(
            f"The model {name} belonged to another TunedModel{owner}. This one takes it over, and the other one no longer "
            "changes or deletes it, unless you run `gcp-tuning claim` with the URN of the other one."
        )
        if of_stack:
            earlier = {str(found.identity)}
    elif adopts:
        claims.tell_adoption(call, f"The model {name}", found.claim, token)
    follow_rename(call, name, earlier, identity)
    return live, token


def body_of_patch(
    inputs: Properties, live: Mapping[str, Any], before: Mapping[str, str], ours: Mapping[str, str]
) -> Properties:
    """The changes that give a model the declared values and the labels in ``ours``."""
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


def refuse_unlisted_checkpoint(call: Call, olds: Properties, news: Properties) -> None:
    """Raises Refused if the program asks for a default checkpoint that state does not list."""
    wanted = news.get("defaultCheckpointId")
    is_asked = call.run.of(Holdings).is_declared("tuned_model", call.urn)  # refresh compares in the other direction
    if is_asked and olds.get("checkpoints") and isinstance(wanted, str) and wanted != olds.get("defaultCheckpointId"):
        refuse_unknown_checkpoint(wanted, olds, str(olds.get("model")))


def label_endpoint(call: Call, endpoint: str, inputs: Properties, before: Mapping[str, str]) -> None:
    """Gives the model's labels to an endpoint that was made for it. A failure is a warning."""
    vertex, urn = call.google.vertex_of(endpoint), urn_of(call, inputs)
    ours = {IDENTITY: identity_of(urn), STACK: stack_hash(urn)}
    try:
        held = effective_labels(vertex.get_endpoint(endpoint))
        labels = merged(held, before, {**(inputs.get("pulumiLabels") or {}), **ours})
        if labels != held:
            vertex.patch_endpoint(endpoint, {"labels": labels}, ["labels"])
    except NotFound:
        return
    except ApiError as error:
        call.warn(f"The labels of {endpoint} were not set: {error}")
