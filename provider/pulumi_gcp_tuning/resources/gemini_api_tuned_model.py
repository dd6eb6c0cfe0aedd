"""GeminiApiTunedModel: a model that the Gemini API tunes on the examples of a local file."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Final

from pydantic import BeforeValidator, ConfigDict, Field

from pulumi_gcp_tuning.errors import ApiError, Failed, Finding, NotFound, Refused, Unfinished
from pulumi_gcp_tuning.gemini_names import parse_gemini_tuned_model
from pulumi_gcp_tuning.names import identity_of
from pulumi_gcp_tuning.preflight import gemini_api
from pulumi_gcp_tuning.preflight.change import UNCHANGED
from pulumi_gcp_tuning.preflight.rule import Rules
from pulumi_gcp_tuning.preflight.spelling import SOURCE
from pulumi_gcp_tuning.resources.core import costs
from pulumi_gcp_tuning.resources.core.catalogue import catalogue_of
from pulumi_gcp_tuning.resources.core.courses import Course, course_of
from pulumi_gcp_tuning.resources.core.declared import called, doing, find_difference, inputs_among, level_of, urn_of
from pulumi_gcp_tuning.resources.core.description import about, described, keys_of
from pulumi_gcp_tuning.resources.core.holdings import Holdings, Recognised
from pulumi_gcp_tuning.resources.core.inputs import CommonArgs, known, whole_as_text
from pulumi_gcp_tuning.resources.core.lifecycle import UNKNOWN, Call, Current, Difference, Judged, Properties, is_known
from pulumi_gcp_tuning.resources.core.outputs import API_ORIGIN, Count, Outputs
from pulumi_gcp_tuning.resources.core.seen import find_change
from pulumi_gcp_tuning.resources.core.told import CommonTold
from pulumi_gcp_tuning.resources.core.traits import Traits
from pulumi_gcp_tuning.resources.core.wire import body_of, inputs_of, keys_below
from pulumi_gcp_tuning.resources.facts.gemini_source import examples_of, path_of_examples
from pulumi_gcp_tuning.resources.facts.local_source import unreadable
from pulumi_gcp_tuning.resources.models.gemini_tuning import (
    CREATING,
    await_tuning,
    failure_of,
    find_standing,
    origins,
    refuse_elsewhere,
    refuse_failed,
    standing_first,
)
from pulumi_gcp_tuning.wording import advise

if TYPE_CHECKING:
    from pulumi_gcp_tuning.google.operations import Json

RULES: Final[Rules] = (SOURCE, UNCHANGED, *gemini_api.RULES)
KIND: Final = "gemini_api_tuned_model"
OWN_PREFIX: Final = "tunedModels/gcp-tuning-"
"""What the name of a model begins with that this package made."""
WAIT_SECONDS: Final = 24 * 3600.0
MOST_ATTEMPTS: Final = 20
"""How many ids are tried: each model of the same declaration that has failed keeps its id."""
_TASK: Final = "tuningTask.hyperparameters"


# Arguments and outputs


class Args(CommonArgs):
    """The base model, the examples and how to train."""

    model_config = ConfigDict(
        json_schema_extra=about(google="generativelanguage.TunedModel", base="answering.TunedByGeminiApi")
    )

    base_model: Annotated[
        str, described("The model to tune.", role="spec", form="`models/gemini-1.5-flash-001-tuning`")
    ]
    source: Annotated[
        str,
        described(
            "The examples, or a JSONL file of them, each a `text_input` of at most 40,000 characters and an `output` of at most 5,000.",
            role="ours",
            form="a path, a `pulumi.FileAsset` or a list of dicts",
            at_google="`tuningTask.trainingData`",
            when="replaces if the content differs, otherwise updates state only",
            accepts="local_examples.Examples",
        ),
    ]
    display_name: Annotated[
        str | None, described("The name that is shown.", role="patched", form="1 to 40 characters")
    ] = None
    description: Annotated[str | None, described("A description.", role="patched")] = None
    epoch_count: Annotated[
        int | None,
        described(
            "How often the examples are gone through.", role="spec", default="Google's", wire=f"{_TASK}.epochCount"
        ),
    ] = Field(default=None, ge=1)
    batch_size: Annotated[
        int | None,
        described("Examples in a step.", role="spec", default="Google's", wire=f"{_TASK}.batchSize"),
    ] = Field(default=None, ge=1)
    learning_rate: Annotated[
        float | None,
        described("The learning rate.", role="spec", default="Google's", wire=f"{_TASK}.learningRate"),
    ] = Field(default=None, gt=0)
    retry: Annotated[
        str | None,
        BeforeValidator(whole_as_text),
        described(
            "A new value tunes a new model, for example after one that failed.",
            role="place",
            form="any text or number",
            at_google="part of the id",
        ),
    ] = None


class Told(CommonTold):
    """Facts that only the program knows."""

    content_sha256: Annotated[
        str | None, described("The hash of the file, in hex.", role="spec", shown=True, always=True)
    ] = Field(default=None, pattern="^[0-9a-f]{64}$")


class State(Outputs):
    """Waits until the model can be used.

    After a wait that ends early (^C, customTimeouts) the next `pulumi up` continues it. A model that has failed stays
    as it is until `retry` or what it is tuned from changes.
    """

    model_config = ConfigDict(
        json_schema_extra=about(
            summary="A model tuned by the Gemini API, on examples of a local file.",
            get="The tuned model of this name (tunedModels/ID)",
        )
    )

    name: Annotated[str, described("The model's name, also the resource's id.", form="`tunedModels/ID`", stays=True)]
    state: Annotated[str | None, described("`CREATING`, `ACTIVE` or `FAILED`.", always=True)] = None
    create_time: Annotated[str | None, described("When it was made.", form="RFC 3339", always=True, stays=True)] = None
    update_time: Annotated[str | None, described("When it last changed.", form="RFC 3339", always=True)] = None
    start_time: Annotated[str | None, described("When its tuning started.", form="RFC 3339")] = None
    complete_time: Annotated[str | None, described("When its tuning ended.", form="RFC 3339")] = None
    operation: Annotated[str | None, described("The operation that tunes it.")] = None
    example_count: Annotated[Count, described("How many examples were sent.")] = None
    step_count: Annotated[Count, described("The last step of which Google tells a loss.")] = None
    mean_loss: Annotated[float | None, described("The mean loss of that step.")] = None
    loss: Annotated[
        Course | None, described("The first, best and last mean loss of the tuning, by Google's snapshots.")
    ] = None
    gemini_origin: Annotated[str | None, described("The address of the Gemini API that made it.", always=True)] = None
    api_origin: Annotated[str | None, API_ORIGIN] = None


# The functions that the frame calls


def submits(olds: Properties, inputs: Properties) -> bool:
    """Whether this run would tune a model."""
    return not olds or bool(_replacing(olds, inputs))


def judge(
    call: Call, args: Args, told: Told, olds: Properties, inputs: Properties, *, ask: bool, creating: bool
) -> Judged:
    """Checks names and base model, and the file if a model would be tuned on it."""
    findings = gemini_api.check_base_model(known(args.base_model), catalogue_of(call.settings))
    findings += gemini_api.check_name(known(args.display_name))
    if not ask:
        return Judged(findings=findings)
    findings += [*gemini_api.check_withdrawal(call.settings.as_of), *_check_file(call, args, told)]
    if creating:
        return Judged(findings=findings)
    urn, of = urn_of(call, inputs), partial(names_of, inputs=inputs)
    names = (of(urn) if olds else standing_first(call, urn, of)) if _declared(urn, inputs) else ()
    adopted = find_standing(call, names)
    line = f"trains a {'new ' if olds or call.run.of(Holdings).was_compared(call.urn) else ''}model"
    if adopted is not None:
        line = f"adopts {adopted}, which was tuned for this declaration; nothing is trained again"
        if call.note is not None:
            call.note("adopts", {"id": adopted})
    return Judged(findings=findings, told=[line])


def changes(call: Call, id: str, olds: Properties, news: Properties) -> Difference:  # noqa: A002
    """Another model, file content or parameter replaces; names update in place; a wait that ended early continues.

    Raises Failed if the program declares a model that has failed as it is.
    """
    difference = find_difference(olds, news, _replacing(olds, news), Args, Told)
    if difference.replaces or olds.get("state", "ACTIVE") == "ACTIVE":
        return difference
    if call.run.of(Holdings).is_declared(KIND, call.urn):  # a refresh compares too, and must not fail
        with suppress(ApiError):
            refuse_failed(call, id, call.google.tuned_models.get(id), news, olds)
    return Difference(changed=True, paths=[*difference.paths, ("state",)], waits=True)


def make(call: Call, args: Args, told: Told, inputs: Properties) -> Current:
    """Tunes a model under an id derived from this resource's identity, or takes over the one that an earlier run began."""
    from pulumi_gcp_tuning.datasets.gemini_examples import wire_examples

    examples = examples_of(call, args.source, told.content_sha256)
    inputs = {**inputs, "contentSha256": examples.sha256}
    body = body_of(args)
    body.setdefault("tuningTask", {})["trainingData"] = wire_examples(examples.pairs)
    counts = {"exampleCount": len(examples.pairs)}
    for name in standing_first(call, urn_of(call, inputs), partial(names_of, inputs=inputs)):
        try:
            with doing(f"tuning {called(call, inputs)!r} as {name}"):
                operation = call.google.tuned_models.create(name.partition("/")[2], body)["name"]
        except ApiError as error:
            if error.status != "ALREADY_EXISTS" and not error.maybe_took_effect:
                raise
            if _find(call, name, error).get("state") == "FAILED":
                continue
            call.report(f"adopted {name}")
            return _ready(call, inputs, name, counts)
        return _ready(call, inputs, name, {**counts, "operation": operation})
    raise Refused(
        f"The last {MOST_ATTEMPTS} models of {called(call, inputs)!r} have all failed and still exist.\n"
        "Correct the cause, and set retry to tune another one."
    )


def look(call: Call, id: str, outputs: Properties) -> Current:  # noqa: A002
    """The model as Google has it."""
    name = parse_gemini_tuned_model(id)
    refuse_elsewhere(call, outputs, name)
    with doing(f"reading {name}"):
        live = call.google.tuned_models.get(name)
    inputs = inputs_among(outputs, Args, Told)
    if not outputs.get("baseModel"):
        source = f"{name.partition('/')[2]}.jsonl"
        inputs = {"source": source, "deletionPolicy": "DELETE", **inputs_of(Args, live)}
    for wire, key in keys_below(Args, (), ("patched",)).items():
        if key in inputs:
            inputs[key] = live.get(wire, "")
    return _current(call, inputs, live, outputs)


def patch(call: Call, id: str, olds: Properties, news: Properties) -> Current:  # noqa: A002
    """Updates the names; continues a wait that ended early. A model that has failed is an error until it is replaced."""
    refuse_elsewhere(call, olds, id)
    with doing(f"reading {id}"):
        live = call.google.tuned_models.get(id)
    refuse_failed(call, id, live, news, olds)
    wanted = {wire: news.get(key) or "" for wire, key in keys_below(Args, (), ("patched",)).items()}
    body = {wire: value for wire, value in wanted.items() if value != live.get(wire, "")}
    told = {key: value for key, value in olds.items() if key in ("operation", "exampleCount")}
    news = {**news, "contentSha256": news.get("contentSha256") or olds.get("contentSha256")}
    if body:
        with doing(f"updating {id}"):
            call.google.tuned_models.patch(id, body, sorted(body))
    return _ready(call, news, id, told)


def remove(call: Call, id: str, outputs: Properties) -> None:  # noqa: A002
    """Deletes the model, which ends its tuning too."""
    refuse_elsewhere(call, outputs, id)
    with doing(f"deleting {id}"):
        call.google.tuned_models.delete(id)


def _declared(urn: str, inputs: Mapping[str, Any]) -> frozenset[str]:
    decides = (*keys_of(Args, "spec", "place"), "contentSha256")
    if not inputs.get("contentSha256") or not all(is_known(inputs.get(key)) for key in decides):
        return frozenset()
    return frozenset(names_of(urn, inputs))


def names_of(urn: str, inputs: Mapping[str, Any]) -> list[str]:
    """The names that a declaration may have, in the order in which they are tried."""
    spec = {key: inputs.get(key) for key in (*keys_of(Args, "spec"), "contentSha256")}
    text = json.dumps([identity_of(urn, inputs.get("retry")), _plain(spec)], sort_keys=True)
    own = f"{OWN_PREFIX}{hashlib.sha256(text.encode()).hexdigest()[:24]}"
    return [own, *(f"{own}-{number}" for number in range(2, MOST_ATTEMPTS + 1))]


def _plain(spec: Mapping[str, Any]) -> dict[str, Any]:
    """The values that are set; whole numbers alike whether they arrive as floats or not."""
    given = {key: value for key, value in spec.items() if value is not None}
    return {key: float(value) if isinstance(value, int | float) else value for key, value in given.items()}


def _replacing(olds: Mapping[str, Any], news: Mapping[str, Any]) -> list[str]:
    keys = [key for key in keys_of(Args, "spec", "place") if news.get(key) is not UNKNOWN]
    changed = [key for key in keys if _plain({key: olds.get(key)}) != _plain({key: news.get(key)})]
    content = news.get("contentSha256")
    # an imported model has no hash yet, and stays
    if content and content is not UNKNOWN and olds.get("contentSha256") not in (None, content):
        changed.append("contentSha256")
    return changed


def _ready(call: Call, inputs: Properties, name: str, told: Properties) -> Current:
    """The model once it is ACTIVE. A wait that ends early raises Unfinished, and so does a model that fails: its id stays in state."""
    from pulumi_gcp_tuning.google.operations import Wait, WaitEnded

    seconds = call.timeout or WAIT_SECONDS
    wait = Wait.lasting(seconds, clock=call.clock, cancelled=call.cancelled, interval=call.settings.poll_interval)
    resource, kept = called(call, inputs), {**inputs, **told, **origins(call), "name": name, "state": "CREATING"}
    try:
        live = await_tuning(call, name, told.get("operation"), wait)
    except WaitEnded as ended:
        why = "was interrupted" if ended.why == "cancelled" else f"ended after {seconds:.0f} s"
        raise Unfinished(
            f"The wait of {resource!r} {why}; Google continues to tune the model.\n  {name}\nRun `pulumi up` again to "
            "continue waiting; nothing is started twice.",
            id=name,
            outputs=kept,
        ) from ended
    except NotFound as error:
        raise Failed(f"{name} was deleted while {resource!r} waited for it.\n{error}") from error
    except ApiError as error:
        raise Unfinished(
            f"The wait of {resource!r} failed; Google may still tune the model.\n  {name}\n{error}",
            id=name,
            outputs=kept,
        ) from error
    current = _current(call, inputs, live, kept)
    if live.get("state") == "FAILED":
        raise Unfinished(failure_of(call, inputs, name, kept), id=name, outputs=current.outputs)
    return current


def _find(call: Call, name: str, lost: ApiError) -> Json:
    try:
        with doing(f"reading {name}"):
            return call.google.tuned_models.get(name)
    except NotFound:
        raise lost from None


def _current(call: Call, inputs: Properties, live: Mapping[str, Any], outputs: Mapping[str, Any]) -> Current:
    task = live.get("tuningTask") or {}
    snapshots: Sequence[Mapping[str, Any]] = task.get("snapshots") or ()
    last: Mapping[str, Any] = next(reversed(snapshots), {})
    state = State(
        name=str(live["name"]),
        state=live.get("state"),
        create_time=live.get("createTime"),
        update_time=live.get("updateTime"),
        start_time=task.get("startTime"),
        complete_time=task.get("completeTime"),
        operation=outputs.get("operation"),
        example_count=outputs.get("exampleCount"),
        step_count=last.get("step"),
        mean_loss=last.get("meanLoss"),
        loss=course_of("meanLoss", snapshots),
    ).properties()
    found = {**inputs, **state, **origins(call)}
    return Current(id=str(live["name"]), outputs=found, inputs=inputs, unfinished=live.get("state") in CREATING)


# Checks before anything is paid for


def _check_file(call: Call, args: Args, told: Told) -> list[Finding]:
    from pulumi_gcp_tuning.datasets.gemini_examples import read_gemini_examples

    source = known(args.source)
    path = None if source is None else path_of_examples(call, source, known(told.content_sha256))
    if source is None or path is None:
        return []
    try:
        found = read_gemini_examples(path)
    except OSError as error:
        return [unreadable(f"{source} cannot be read: {error.strerror}.")]
    declared = known(told.content_sha256)
    if declared is not None and declared != found.sha256:
        remedy = advise("run it again", "Nothing was submitted. Run the command again.")
        return [UNCHANGED.finding(("source",), f"{source} changed after the program read it.", remedy)]
    change = find_change(call, ("source",), source, f"sha256 {found.sha256[:16]}")
    of_rows = [] if level_of(call.settings, known(args.checks), "dataset") == "off" else found.problems
    return [*([change] if change else []), *gemini_api.check_examples(source, of_rows)]


TRAITS: Final = Traits(
    noun="tuned model of the Gemini API",
    costs=costs.GEMINI_API,
    # a tuned model has no labels, so no claim: its client-chosen id identifies the owner
    recognised=Recognised(declared=_declared, standing=lambda id, _outputs: frozenset({id})),  # noqa: A006
)
