"""Reading, waiting for and cancelling a job that exists. Nothing here starts a job."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from pulumi_gcp_tuning.errors import ApiError, Failed, NotFound, Unfinished
from pulumi_gcp_tuning.resources.core.claims import marks_in
from pulumi_gcp_tuning.resources.core.declared import called, changed_keys, doing
from pulumi_gcp_tuning.resources.core.inputs import property_path
from pulumi_gcp_tuning.resources.core.labels import IDENTITY, effective_labels
from pulumi_gcp_tuning.resources.core.lifecycle import Call, Properties
from pulumi_gcp_tuning.resources.core.outputs import TunedModelInfo
from pulumi_gcp_tuning.resources.jobs.kind import Job, JobKind
from pulumi_gcp_tuning.resources.jobs.others import warn_of_doubles
from pulumi_gcp_tuning.resources.jobs.progress import progress_of

_OF_MODEL: Final = {
    "labels": "labels",
    "description": "description",
    "tuned_model_display_name": "display_name",
    "model_display_name": "display_name",
}
"""What a job gives to its model, and what a TunedModel calls it."""
CANCEL_TIMEOUT: Final = 600.0
WAIT_TIMEOUT: Final = 24 * 3600.0


def read_job(call: Call, kind: JobKind, id: str, outputs: Properties) -> Job | None:  # noqa: A002
    """The job as Google has it. None if it is in state but not at Google: it is never resubmitted.

    A second job of the same identity and spec is named in a warning.
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


def keep_submitted(
    call: Call,
    kind: JobKind,
    id: str,  # noqa: A002
    olds: Properties,
    news: Properties,
    submitted_once: Iterable[str],
) -> Job | None:
    """Warns of changes that Google cannot make: what was submitted stays. None if the job is gone."""
    kept = changed_keys(olds, news, submitted_once)
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
    """Cancels the job if it is live, and waits. The answer is a job that succeeded anyway, else None."""
    with doing(f"cancelling the {kind.noun} {id}"):
        job: Job = kind.at(call, id).get(id)
        if not kind.state_of(job).is_active:
            _tell_of_unclaimed(call, kind, job)
            return None
        if kind.state_of(job).is_adoptable:
            _cancel(call, kind, id)
    job = _wait_for_cancel(call, kind, id)
    if not kind.state_of(job).has_succeeded:
        return None
    call.report(f"{id} succeeded before the cancel reached it; removing its model")
    return job


def wait_for_job(call: Call, kind: JobKind, inputs: Properties, name: str) -> Job:
    """The job once it has succeeded. Raises Unfinished if the wait ends early, Failed if the job did not succeed.

    A second job of the same identity and spec is named in a warning.
    """
    from pulumi_gcp_tuning.google.operations import WaitEnded

    started = call.clock.monotonic()

    def report(job: Job) -> None:
        call.report(progress_of(kind, job, call.clock.monotonic() - started))

    timeout = call.timeout or WAIT_TIMEOUT
    resource = called(call, inputs)
    try:
        with doing(f"waiting for the {kind.noun} {name}"):
            job: Job = kind.at(call, name).poll(name, timeout=timeout, cancelled=call.cancelled, on_change=report)
    except NotFound as error:
        call.settings.check_origin(inputs.get("apiOrigin"), name)
        raise Failed(f"{error}\n{resource!r} waits for a job that does not exist; check tuning_job.") from error
    except WaitEnded as ended:
        last: Job = ended.last or {"name": name}
        why = "was interrupted" if ended.why == "cancelled" else f"ended after {timeout:.0f} s"
        state = str(last.get("state", "JOB_STATE_UNSPECIFIED"))
        outputs: dict[str, Any] = {**inputs, "jobState": state, "apiOrigin": call.settings.api_origin}
        raise Unfinished(
            f"The wait of {resource!r} {why}; its job continues at Google ({kind.word_of(last)}).\n  {name}\nRun "
            "`pulumi up` again to continue waiting; nothing is started twice.",
            id=str(last.get("name", name)),
            outputs=outputs,
        ) from ended
    if not kind.state_of(job).has_succeeded:
        raise Failed(_failure(kind, job, resource))
    warn_of_doubles(call, kind, job)
    return job


def record_of(call: Call, kind: JobKind, id: str) -> Job:  # noqa: A002
    """The job, or its name alone if somebody deleted a record that can be deleted."""
    try:
        with doing(f"reading the {kind.noun} {id}"):
            return kind.at(call, id).get(id)
    except NotFound:
        if kind.keeps_records:
            raise
        return {"name": id}


def find_record(call: Call, kind: JobKind, id: str, outputs: Properties) -> Job | None:  # noqa: A002
    """The job, None if its record is gone. A line says if it has no model yet."""
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
    """Model, endpoint and checkpoints that a job names; empty if it names none yet.

    A kind of job that may not name its endpoint leaves it to ``outputs``, those of the TunedModel, and then to
    ``live``, the model: the first endpoint on which it is deployed.
    """
    made = TunedModelInfo.model_validate(kind.made(job)).properties()
    if not kind.names_endpoint and not made.get("endpoint"):
        serving = [each["endpoint"] for each in live.get("deployedModels") or ()]
        found = outputs.get("endpoint") or next(iter(serving), None)
        return {**made, "endpoint": found} if found else made
    return made


def _failure(kind: JobKind, job: Job, resource: str) -> str:
    error = kind.error_of(job)
    text = str(error.get("message") or "Google gave no reason.").strip()
    return (
        f"The {kind.noun} of {resource!r} ended {kind.word_of(job)}: {' '.join(text.split())[:600]}\n"
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
        if error.status != "FAILED_PRECONDITION":  # it ended in between
            raise


def _tell_of_unclaimed(call: Call, kind: JobKind, job: Job) -> None:
    """Warns of a model that no TunedModel took over: it was paid for and may be in use, so it stays."""
    model = kind.made(job).get("model")
    if not model:
        return
    try:
        marks = marks_in(call.google.vertex_of(model).get_model(model))
    except ApiError:
        return
    if not marks.claim and marks.identity in (None, effective_labels(job).get(IDENTITY)):
        call.warn(
            f"The model {model} of {job['name']} is not deleted, and neither are its endpoints, because no "
            "TunedModel took it over. To remove it, declare a TunedModel and destroy that, or delete it in the "
            "console."
        )
