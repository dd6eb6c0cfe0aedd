"""Which models of one TunedModel are kept and which are deleted when a newer one replaces them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Annotated, Any, Final

from pydantic import Field

from pulumi_gcp_tuning.errors import ApiError, NotFound, Refused
from pulumi_gcp_tuning.grammar import in_dollars
from pulumi_gcp_tuning.names import ModelName, identity_of, stack_hash
from pulumi_gcp_tuning.resources.core import claims, costs
from pulumi_gcp_tuning.resources.core.declared import urn_of
from pulumi_gcp_tuning.resources.core.description import described
from pulumi_gcp_tuning.resources.core.foreseen import Foreseen, Sources
from pulumi_gcp_tuning.resources.core.holdings import Holdings
from pulumi_gcp_tuning.resources.core.inputs import Inputs
from pulumi_gcp_tuning.resources.core.labels import (
    CLAIM,
    CLAIMED,
    IDENTITY,
    RELEASE_PREFIX,
    STACK,
    effective_labels,
    is_release,
)
from pulumi_gcp_tuning.resources.core.lifecycle import UNKNOWN, Call, Properties
from pulumi_gcp_tuning.resources.core.places import is_same_object
from pulumi_gcp_tuning.resources.models.children import find_left_child, kept_for, refuse_parent
from pulumi_gcp_tuning.resources.models.removal import (
    made_endpoints,
    remove_empty_endpoints,
    remove_model,
    without_entry,
)
from pulumi_gcp_tuning.resources.models.versions import (
    FIRST,
    is_version,
    list_versions,
    model_key,
    shown_name,
    version_key,
    versioned_name,
)
from pulumi_gcp_tuning.wording import PYTHON, Spelling

KEEP_LAST: Final = 2
Model = Mapping[str, Any]
Made = Mapping[str, Any]
"""What a job made, in the shape of ``tunedModel``."""


class OnReplace(Inputs):
    """What happens to superseded models."""

    keep_last: Annotated[
        int | None,
        described("How many superseded models are kept in addition to the current one.", unit="models", default="2"),
    ] = Field(default=None, ge=0)


def retire(
    call: Call,
    name: str,
    live: Model | None,
    outputs: Properties,
    *,
    made: Sequence[Made],
    overtaken: Mapping[str, Made],
    parents: Mapping[str, Mapping[str, Any]],
    of_job: Collection[str],
) -> None:
    """Removes the model of an entry, or keeps it with ``keep_last - 1`` others if a newer one took its place.

    Removing the newest model also removes all models that its TunedModel kept, even if ``live`` is None because the
    model itself no longer exists. Models of the jobs in ``overtaken`` count among the others if they are older than
    this one. A model with the token of another entry is not removed. ``made`` lists the endpoints that were made for
    each model. A model from which a running job trains on is not removed: ``parents`` are these models, with the job. If
    an interrupted run left that job, the model is kept without an entry. A line names each model that is not removed,
    unless this run has it.
    """
    keep_last = _keep_last_of(outputs)
    own, this = claims.identities_of(call, outputs), live or _remembered(name, outputs)
    older, newer = _unclaimed(call, overtaken, this)
    models = sorted([*_history(call, name, own, this, made), *older], key=_taken_over_at, reverse=True)
    there = [each for each in models if live is not None or not is_version(each, name)]
    left = [each for each in there if is_version(each, name) or _is_left(each, own)]
    going, is_newest = left, is_version(models[0], name)
    if not is_newest:
        identity, going = effective_labels(models[0])[IDENTITY], left[keep_last:]
        for each in left[:keep_last]:
            _keep(call, each, identity)
        _tell_of_kept(call, left[:keep_last], models[0])
    # without its newest model the stack needs no deployment; an older model may serve in a part that --target leaves out
    stacks = {stack_hash(urn) for urn in (call.urn, urn_of(call, outputs))} if is_newest else set()
    gone = True
    for each in going:
        if child := find_left_child(call, outputs, each, parents):
            gone = False
            _keep(call, each, effective_labels(each).get(IDENTITY) or identity_of(urn_of(call, outputs)))
            call.warn(kept_for(child, shown_name(each)))
            continue
        try:
            refuse_parent(each, parents)
            gone &= _remove_unless_released(call, each, _endpoints_of(each, made), {*own, *of_job}, stacks)
        except Refused as error:
            if is_version(each, name):
                raise
            gone = False
            call.warn(without_entry(error) if is_newest else str(error))  # an older model must not fail this run
    if is_newest:
        for each in [each for each in there if each not in left]:
            owner = claims.claimant_in(effective_labels(each)[CLAIM])
            call.tell(f"The model {shown_name(each)} is not deleted, because it belongs to {owner}. {costs.MODEL}")
        _tell_of_newer(call, newer, name)
        if gone and there == left:
            remove_empty_endpoints(call, ModelName.parse(name).parent, own, stacks)


def _unclaimed(call: Call, overtaken: Mapping[str, Made], this: Model) -> tuple[list[Model], list[str]]:
    """The models of overtaken jobs that are older than ``this``; for the other jobs, what they made, in words for a message."""
    older, newer = list[Model](), list[str]()
    for job, made in overtaken.items():
        if not made.get("model"):
            newer.append(job)
            continue
        with suppress(NotFound):
            model = call.google.vertex_of(made["model"]).get_model(made["model"])
            if _made_at(model) < _made_at(this):
                older.append(model)
            else:
                newer.append(f"{shown_name(model)} of {job}")
    return older, newer


def _endpoints_of(model: Model, made: Sequence[Made]) -> list[str]:
    """The endpoints that were made for a model, from the records: the model itself names only those on which it is deployed."""
    found = [each for each in made if is_version(model, str(each["model"]))]
    return list(dict.fromkeys(endpoint for each in found for endpoint in made_endpoints(each)))


def say_what_stays(
    call: Call, olds: Properties, inputs: Properties, sources: Sources, estimate_of: Callable[[str], float | None]
) -> list[str]:
    """What a new model costs and what becomes of the one in state, in one line, if another one takes its place in this run.

    ``estimate_of`` gives the estimated cost of a job of this run, by its URN.
    """
    job, others = inputs.get("tuningJob"), call.run.of(Foreseen).surely_other(call.urn, inputs, sources)
    is_other = "tuningJob" in others if job is UNKNOWN else not is_same_object(olds.get("tuningJob", ""), job)
    if not olds or not is_other:
        return []
    fate = fate_of(olds, call.spelling)
    trains = job is UNKNOWN and len(sources.get("tuningJob", ())) == 1
    if not trains:
        return [f"the current model {fate}"]
    usd = estimate_of(sources["tuningJob"][0])
    return [f"trains a new model{'' if usd is None else f': about {in_dollars(usd)}'}; the current one {fate}"]


def fate_of(entry: Mapping[str, Any], spelling: Spelling = PYTHON) -> str:
    """What becomes of the model of an entry when another one takes its place: ``stays (keep_last 2)``."""
    policy = entry.get("deletionPolicy", "DELETE")
    if policy != "DELETE":
        return f"stays ({spelling.path(('deletion_policy',))} {policy})"
    keep_last = _keep_last_of(entry)
    return f"{'stays' if keep_last else 'is deleted after the new one is ready'} ({spelling.path(('keep_last',))} {keep_last})"


def _keep_last_of(entry: Mapping[str, Any]) -> int:
    """How many models before the current one an entry keeps."""
    return int((entry.get("onReplace") or {}).get("keepLast", KEEP_LAST))


def _tell_of_kept(call: Call, kept: Sequence[Model], newest: Model) -> None:
    """Names the kept models if this run does not have the newest one: an interrupted run may have left it."""
    if kept and not call.run.of(Holdings).names(versioned_name(newest)):
        call.tell(
            f"The model {', '.join(map(shown_name, kept))} is kept, because {shown_name(newest)} was taken over "
            "after it.\nThe entry of the newer one removes both. If no state has that entry, an interrupted run or a restored "
            f"state left it out: `gcp-tuning audit` lists both. {costs.MODEL}"
        )


def tell_of_left(call: Call, name: str, outputs: Properties) -> None:
    """Names the kept models of an entry whose own model is gone, because the entry leaves the state and nothing else deletes them.

    Says nothing if an entry has a newer model, because that one deletes them, or if the models cannot be listed.
    """
    own = claims.identities_of(call, outputs)
    with suppress(ApiError):
        models = _history(call, name, own, None, ())
        if models and all(_is_left(each, own) for each in models):
            call.warn(
                f"The model {name} no longer exists, so its entry leaves the state. The models that it replaced stay: "
                f"{', '.join(map(shown_name, models))}. {costs.MODEL}\nTo delete them: `gcp-tuning audit`. If the resource is made "
                "again (set retry), its destroy deletes them too."
            )


def _tell_of_newer(call: Call, newer: Sequence[str], name: str) -> None:
    if newer:
        call.tell(
            f"Not deleted, because no TunedModel took it over and it is newer than {name}: {', '.join(newer)}.\n"
            f"If no entry of the state has it: `gcp-tuning audit` lists it. {costs.MODEL}"
        )


def follow_rename(call: Call, name: str, before: Collection[str], identity: str) -> None:
    """Moves the models that these identities kept, except the one with that name, to ``identity``."""
    earlier = set(before) - {identity}
    if not earlier:
        return
    try:
        for each in _history(call, name, earlier, None, ()):
            if _is_left(each, earlier):
                _keep(call, each, identity)
    except ApiError as error:
        if error.http_status != 403:
            raise
        call.warn(f"The models that were kept under the old name could not be listed, so they keep its labels: {error}")


def taken_over_now(call: Call) -> dict[str, str]:
    """The label that makes a model the current one of its TunedModel."""
    return {CLAIMED: str(int(call.clock.now().timestamp() * 1000))}


def _history(
    call: Call, name: str, identities: Collection[str], this: Model | None, made: Sequence[Made]
) -> list[Model]:
    """The models of these identities, most recently taken over first, including ``this``, which has the name.

    Google lists only the default version of a model. Other versions are found in the list of versions of the model
    itself, and in ``made``: a later version is always made by a job.
    """
    vertex = call.google.vertex_of(name)
    found: list[Model] = [
        each
        for identity in sorted(identities)
        for each in vertex.list_models(ModelName.parse(name).parent, f'labels.{IDENTITY}="{identity}"')
    ]
    with suppress(NotFound):
        found += list_versions(call, name)
    known = {version_key(versioned_name(each)) for each in (*found, *([this] if this else []))}
    for version in dict.fromkeys(str(each["model"]) for each in made):
        if ModelName.parse(version).version not in (None, FIRST) and version_key(version) not in known:
            with suppress(NotFound):
                found.append(call.google.vertex_of(version).get_model(version))
    own = {
        version_key(versioned_name(each)): each
        for each in found
        if effective_labels(each).get(IDENTITY) in identities and not is_version(each, name)
    }
    mine = _distinct([*own.values(), *([this] if this else [])], name)
    return sorted(mine, key=_taken_over_at, reverse=True)


def _distinct(models: Sequence[Model], name: str) -> list[Model]:
    """Without versions that show the same moment of a takeover as another version of their model.

    Each takeover writes a moment of its own. Google's client documents that a version has labels of its own; if all
    versions shared them, nothing would show whose version it is, and none but the one of that name may be deleted.
    """
    moments = Counter(_moment_of(each) for each in models)
    return [
        each for each in models if is_version(each, name) or not _moment_of(each)[1] or moments[_moment_of(each)] == 1
    ]


def _moment_of(model: Model) -> tuple[str, str]:
    return model_key(str(model["name"])), effective_labels(model).get(CLAIMED, "")


def _remembered(name: str, outputs: Properties) -> Model:
    """A deleted model from state, so that its age can be compared with the others."""
    return {"name": name, "labels": outputs.get("effectiveLabels"), "createTime": outputs.get("createTime")}


def _is_left(model: Model, identities: Collection[str]) -> bool:
    """Whether no entry has the model: one of these identities kept it, or an older release made it without a claim."""
    claim = effective_labels(model).get(CLAIM)
    return not claim or claims.is_kept(claim, identities)


def _keep(call: Call, model: Model, identity: str) -> None:
    """Labels the model as kept, unless somebody claimed it after it was read. Its endpoints get the identity too."""
    name, seen, before = (
        versioned_name(model),
        effective_labels(model).get(CLAIM),
        effective_labels(model).get(IDENTITY),
    )
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


def _remove_unless_released(call: Call, model: Model, made: list[str], identities: set[str], stacks: set[str]) -> bool:
    """Deletes a model with its endpoints, unless it has a release label. Returns whether it was deleted."""
    name = shown_name(model)
    if is_release(effective_labels(model)):
        call.warn(f"The model {name} is not deleted, because it has a release label ({RELEASE_PREFIX}*). {costs.MODEL}")
        return False
    call.report(f"deleting {name}")
    remove_model(call, versioned_name(model), model, made=made, identities=identities, stacks=stacks)
    return True


def _made_at(model: Model) -> float:
    """When the version was made: ``createTime`` is that of the model's first version."""
    first = str(model.get("versionId") or FIRST) == FIRST
    return datetime.fromisoformat(
        str((not first and model.get("versionCreateTime")) or model.get("createTime") or "1970-01-01T00:00:00Z")
    ).timestamp()


def _taken_over_at(model: Model) -> tuple[float, float]:
    made = _made_at(model)
    taken = effective_labels(model).get(CLAIMED, "")
    return (int(taken) / 1000 if taken.isdigit() else made), made
