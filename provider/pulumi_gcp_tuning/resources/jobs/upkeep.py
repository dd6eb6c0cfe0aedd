"""Reads, waits for and cancels existing jobs. Nothing here starts a job."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from pulumi_gcp_tuning.errors import ApiError, Failed, NotFound, Unfinished
from pulumi_gcp_tuning.grammar import snake
from pulumi_gcp_tuning.resources.core import costs
from pulumi_gcp_tuning.resources.core.claims import claimant_in, marks_in, token_in
from pulumi_gcp_tuning.resources.core.declared import called, changed_keys, doing, inputs_among
from pulumi_gcp_tuning.resources.core.description import keys_of
from pulumi_gcp_tuning.resources.core.holdings import Holdings
from pulumi_gcp_tuning.resources.core.inputs import property_path
from pulumi_gcp_tuning.resources.core.labels import IDENTITY, effective_labels, is_release
from pulumi_gcp_tuning.resources.core.lifecycle import Call, Current, Properties
from pulumi_gcp_tuning.resources.core.outputs import TunedModelInfo, without
from pulumi_gcp_tuning.resources.core.told import CommonTold
from pulumi_gcp_tuning.resources.jobs.kind import DeclaredKind, Job, JobKind
from pulumi_gcp_tuning.resources.jobs.open_models import tell_of_files
from pulumi_gcp_tuning.resources.jobs.others import tell_of_left, warn_of_doubles
from pulumi_gcp_tuning.resources.jobs.progress import progress_of

_OF_MODEL: Final = {
    "labels": "labels",
    "description": "description",
    "tuned_model_display_name": "display_name",
    "model_display_name": "display_name",
}
"""The fields that a job passes to its model, and their names on a TunedModel."""
CurrentOf = Callable[[Call, Properties, Job, Properties], Current]
"""What state has of a job, from its inputs, Google's answer and the outputs so far."""
CANCEL_TIMEOUT: Final = 600.0
WAIT_TIMEOUT: Final = 24 * 3600.0


def look_at_job(
    call: Call,
    kind: DeclaredKind,
    told: type[CommonTold],
    id: str,  # noqa: A002
    outputs: Properties,
    current: CurrentOf,
) -> Current:
    """The job as Google has it, with its own inputs if it is imported. One that is missing at Google stays as it is."""
    job = _read_job(call, kind, id, outputs)
    inputs = inputs_among(outputs, kind.args, told)
    if job is None:
        return Current(id=id, outputs=outputs, inputs=inputs)
    is_whole = outputs.get("baseModel") or outputs.get("preTunedModel")
    return current(call, inputs if is_whole else kind.inputs_of(job), job, outputs)


def keep_job(
    call: Call,
    kind: DeclaredKind,
    told: type[CommonTold],
    id: str,  # noqa: A002
    olds: Properties,
    news: Properties,
    current: CurrentOf,
) -> Current:
    """The job with new inputs in state only; a warning names the fields that keep their submitted value."""
    job = _keep_submitted(call, kind, id, olds, news)
    if job is None:
        return Current(id=id, outputs={**without(olds, inputs_among(olds, kind.args, told)), **news}, inputs=news)
    return current(call, news, job, olds)


def _read_job(call: Call, kind: JobKind, id: str, outputs: Properties) -> Job | None:  # noqa: A002
    """The job as Google has it. None if Google no longer has the job in state, which is never resubmitted.

    A warning names a second job of the same identity and spec.
    """
    try:
        with doing(f"reading the {kind.noun} {id}"):
            job: Job = kind.at(call, id).read(id)
    except NotFound:
        if not outputs.get("state"):
            raise
        call.settings.check_origin(outputs.get("apiOrigin"), id)
        ever = ", although it does not delete job records" if kind.keeps_records else ""
        call.warn(
            f"Google no longer returns this job (404){ever}. The job stays in state and will not be resubmitted. "
            f"To submit a new job, set retry.\n  {id}"
        )
        return None
    if outputs.get("state"):
        warn_of_doubles(call, kind, job)
    return job


def _keep_submitted(call: Call, kind: DeclaredKind, id: str, olds: Properties, news: Properties) -> Job | None:  # noqa: A002
    """Warns of changes that Google cannot make to a submitted job. None if the job is gone."""
    kept = changed_keys(olds, news, keys_of(kind.args, "submitted once"))
    if kept:
        paths = [property_path(("labels" if key == "pulumiLabels" else key,)) for key in kept]
        names = dict.fromkeys(map(call.spelling.path, paths))
        shown = ", ".join(f"`{name}`" for name in names)
        of_model = ", ".join(dict.fromkeys(_OF_MODEL[name] for name in names if name in _OF_MODEL))
        remedy = f"Set {of_model} on TunedModel, or change" if of_model else "Change"
        call.warn(
            f"{shown} cannot be changed on a submitted {kind.noun}: Google has no update method. "
            f"{remedy} `retry` to submit a new job."
        )
    try:
        with doing(f"reading the {kind.noun} {id}"):
            return kind.at(call, id).get(id)
    except NotFound:
        call.settings.check_origin(olds.get("apiOrigin"), id)
        return None


def end_job(call: Call, kind: JobKind, id: str) -> Job | None:  # noqa: A002
    """Cancels the job if it is live, and waits. Returns the job if its model must be deleted with it, else None.

    The model must be deleted if the job succeeded before the cancel, or if nobody took the model over and no other job
    replaces this one. If none replaces it, a line names its other jobs that still cost or use something.
    """
    with doing(f"cancelling the {kind.noun} {id}"):
        job: Job = kind.at(call, id).get(id)
        if not call.run.of(Holdings).is_declared(snake(kind.resource), call.urn):
            tell_of_left(call, kind, job)
        tell_of_files(call, [job])
        if not kind.state_of(job).is_active:
            return job if _is_unclaimed(call, kind, job) else None
        if kind.state_of(job).is_adoptable:
            _cancel(call, kind, id)
    job = _wait_for_cancel(call, kind, id)
    if not kind.state_of(job).has_succeeded:
        return None
    call.report(f"{id} succeeded before the cancel reached it; removing its model")
    return job


def wait_for_job(
    call: Call,
    kind: JobKind,
    inputs: Properties,
    name: str,
    refuse: Callable[[Job], None] = lambda _: None,
    given: str = "tuning_job",
) -> Job:
    """The job once it has succeeded. Raises Unfinished if the wait ends early, Failed if the job did not succeed.

    ``refuse`` raises an error for a job that the resource cannot use; it sees the job as soon as it is read. A warning
    names a second job of the same identity and spec. ``given`` is the input that names the job.
    """
    from pulumi_gcp_tuning.google.operations import WaitEnded

    started = call.clock.monotonic()

    def report(job: Job) -> None:
        refuse(job)
        call.report(progress_of(kind, job, call.clock.monotonic() - started))

    timeout = call.timeout or WAIT_TIMEOUT
    resource = called(call, inputs)
    is_own = given == "tuning_job"
    if inputs.get("waitFor") == "accepted":
        _await(call, kind, inputs, name)
    try:
        with doing(f"waiting for the {kind.noun} {name}"):
            job: Job = kind.at(call, name).poll(name, timeout=timeout, cancelled=call.cancelled, on_change=report)
    except NotFound as error:
        call.settings.check_origin(inputs.get("apiOrigin"), name)
        raise Failed(f"{error}\n{resource!r} waits for a job that does not exist; check {given}.") from error
    except WaitEnded as ended:
        last: Job = ended.last or {"name": name}
        why = "was interrupted" if ended.why == "cancelled" else f"ended after {timeout:.0f} s"
        state = str(last.get("state", "JOB_STATE_UNSPECIFIED"))
        outputs: dict[str, Any] = {**inputs, "jobState": state, "apiOrigin": call.settings.api_origin}
        goes_on = "its job continues at Google" if is_own else "the job from which it starts continues at Google"
        raise Unfinished(
            f"The wait of {resource!r} {why}; {goes_on} ({kind.word_of(last)}).\n  {name}\nRun "
            "`pulumi up` again to continue waiting; nothing is started twice.",
            id=str(last.get("name", name)),
            outputs=outputs,
        ) from ended
    refuse(job)
    if not kind.state_of(job).has_succeeded:
        raise Failed(_failure(kind, job, f"of {resource!r}" if is_own else f"from which {resource!r} starts"))
    warn_of_doubles(call, kind, job)
    return job


def _await(call: Call, kind: JobKind, inputs: Properties, name: str) -> None:
    """Raises Unfinished if the job has not ended yet, because the program does not wait for it."""
    with doing(f"reading the {kind.noun} {name}"):
        job: Job = kind.at(call, name).get(name)
    if not kind.state_of(job).is_active:
        return
    resource = called(call, inputs)
    call.tell(
        f"The model of {resource!r} is not ready: its job is {kind.word_of(job)}. Its outputs are not known yet, and what uses "
        f"them is left out of this run. Pulumi ends with exit code 10.\n  {name}\n"
        "Run `pulumi up` again once the job has ended; nothing is started twice."
    )
    raise Unfinished(
        f"The model of {resource!r} is not ready, and wait_for is 'accepted'; its job goes on at Google ({kind.word_of(job)}).\n"
        f"  {name}\nRun `pulumi up` again once it has ended; nothing is started twice.",
        id=str(job.get("name", name)),
        outputs={**inputs, "jobState": str(job.get("state")), "apiOrigin": call.settings.api_origin},
        put_off=True,
    )


def record_of(call: Call, kind: JobKind, id: str) -> Job:  # noqa: A002
    """The job. If somebody deleted a record that can be deleted, only its name."""
    try:
        with doing(f"reading the {kind.noun} {id}"):
            return kind.at(call, id).get(id)
    except NotFound:
        if kind.keeps_records:
            raise
        return {"name": id}


def find_record(call: Call, kind: JobKind, id: str, outputs: Properties) -> Job | None:  # noqa: A002
    """The job, or None if its record is gone. A line says if it has no model yet."""
    try:
        with doing(f"reading the {kind.noun} {id}"):
            job: Job = kind.at(call, id).get(id)
    except NotFound:
        call.settings.check_origin(outputs.get("apiOrigin"), id)
        return None
    if kind.state_of(job).is_active:
        call.report(f"{id} is still {kind.word_of(job)}; it has no model yet")
    return job


def made_by(kind: JobKind, job: Job, live: Mapping[str, Any], outputs: Properties) -> Properties:
    """The model, endpoint and checkpoints that a job names; empty if it names none yet.

    If a kind of job may not name its endpoint, it comes from ``outputs`` of the TunedModel, else from ``live``, the
    model: the first endpoint on which it is deployed.
    """
    made = TunedModelInfo.model_validate(kind.made(job)).properties()
    if not kind.names_endpoint and not made.get("endpoint"):
        serving = [each["endpoint"] for each in live.get("deployedModels") or ()]
        found = outputs.get("endpoint") or next(iter(serving), None)
        return {**made, "endpoint": found} if found else made
    return made


def _failure(kind: JobKind, job: Job, whose: str) -> str:
    error = kind.error_of(job)
    text = str(error.get("message") or "Google gave no reason.").strip()
    return (
        f"The {kind.noun} {whose} ended {kind.word_of(job)}: {' '.join(text.split())[:600]}\n"
        f"  {job['name']}" + (f" (code {error['code']})" if error.get("code") else "") + "\nIt is not resubmitted "
        "by itself. Correct the "
        "cause, then change the "
        "spec or set retry on the "
        f"{kind.resource}."
    )


def _wait_for_cancel(call: Call, kind: JobKind, id: str) -> Job:  # noqa: A002
    from pulumi_gcp_tuning.google.operations import WaitEnded

    try:
        return kind.at(call, id).poll(
            id,
            timeout=call.timeout or CANCEL_TIMEOUT,
            cancelled=call.cancelled,
            on_change=lambda job: call.report(kind.word_of(job)),
        )
    except WaitEnded as ended:
        raise Failed(
            f"The {kind.noun} {id} was asked to cancel and has not ended yet ({ended.why}).\nIt stays in state; run "
            "the same command again to continue."
        ) from ended


def _cancel(call: Call, kind: JobKind, id: str) -> None:  # noqa: A002
    try:
        kind.at(call, id).cancel(id)
    except NotFound:
        raise
    except ApiError as error:
        if error.status != "FAILED_PRECONDITION":  # the job ended in between
            raise


def _is_unclaimed(call: Call, kind: JobKind, job: Job) -> bool:
    """Whether the model is deleted with the job: it has the job's own identity label, no claim and no release label.

    If another job replaces this one, the model may be in use until that job has made a new one, so it stays with a
    warning. A line names a model whose claim belongs to an entry that this run does not know.
    """
    model = kind.made(job).get("model")
    if not model or call.run.of(Holdings).names(model):
        return False
    try:
        live = call.google.vertex_of(model).get_model(model)
    except ApiError:
        return False
    marks = marks_in(live)
    if token_in(marks.claim):
        again = " To remove it, run `pulumi up`, which takes it over, and then `pulumi destroy`."
        call.tell(
            f"The model {model} of {job['name']} is not deleted, and neither are its endpoints: it belongs to "
            f"{claimant_in(str(marks.claim))}.\nIf no stack has it, an interrupted run left it: `gcp-tuning audit` lists "
            f"it.{again if kind.keeps_records else ''} {costs.MODEL}"
        )
        return False
    own = effective_labels(job).get(IDENTITY)
    if marks.claim or marks.identity not in (None, own):
        return False
    is_replaced = call.run.of(Holdings).is_declared(snake(kind.resource), call.urn)
    if marks.identity is not None and not is_replaced and not is_release(effective_labels(live)):
        return True
    call.warn(
        f"The model {model} of {job['name']} is not deleted, and neither are its endpoints, because no "
        "TunedModel took it over. To remove it, declare a TunedModel and destroy that, or delete it in the "
        f"console. {costs.MODEL}"
    )
    return False
