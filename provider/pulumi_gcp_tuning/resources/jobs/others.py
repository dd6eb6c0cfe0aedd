"""Other jobs with the identity of the current one: those with the same spec, and those that another spec has overtaken.

Google accepts no id for a tuning job, so a run that was killed while it submitted one may leave a job that is in no
state.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Final

from pulumi_gcp_tuning.errors import ApiError, NotFound
from pulumi_gcp_tuning.names import identity_of, may_be_same_resource, stack_hash
from pulumi_gcp_tuning.resources.core import costs
from pulumi_gcp_tuning.resources.core.holdings import Holdings
from pulumi_gcp_tuning.resources.core.labels import IDENTITY, SPEC, STACK, effective_labels
from pulumi_gcp_tuning.resources.core.lifecycle import Call
from pulumi_gcp_tuning.resources.jobs.adoption import Wanted, table
from pulumi_gcp_tuning.resources.jobs.kind import Job, JobKind
from pulumi_gcp_tuning.resources.jobs.kinds import JOB_KINDS
from pulumi_gcp_tuning.resources.jobs.listing import list_jobs
from pulumi_gcp_tuning.resources.jobs.open_models import tell_of_files

_MOST_RETRIES: Final = 10
_MOST_JOBS: Final = 20
_REMOVES: Final = "If no entry of the state has it, `gcp-tuning audit --delete NAME` removes one."


def is_left(call: Call, kind: JobKind, job: Job) -> bool:
    """Whether a job still costs or uses something: it runs, or its model exists and no TunedModel took it over."""
    if kind.state_of(job).is_adoptable:
        return True
    model = kind.made(job).get("model")
    if not model:
        return False
    try:
        labels = effective_labels(call.google.vertex_of(model).get_model(model))
    except NotFound:
        return False
    return labels.get(IDENTITY) in (None, effective_labels(job).get(IDENTITY))


def find_doubles(call: Call, kind: JobKind, job: Job) -> list[Job]:
    """The other jobs of this job's identity and spec that still cost or use something."""
    return [each for each in _left_of_identity(call, kind, job) if _spec_of(each) == _spec_of(job)]


def find_overtaken(call: Call, kind: JobKind, job: Job) -> list[Job]:
    """The other jobs of this job's identity that still cost or use something and have another spec.

    Their models count as superseded, because this job was declared after them.
    """
    return [each for each in _left_of_identity(call, kind, job) if _spec_of(each) != _spec_of(job)]


def warn_of_doubles(call: Call, kind: JobKind, job: Job) -> None:
    """Warns of another job with the same identity and spec. If the jobs cannot be listed, warns once per run."""
    if not _spec_of(job):
        return
    parent = _parent_of(job)
    try:
        found = find_doubles(call, kind, job)
    except ApiError as error:
        if call.run.is_first(("unlisted", parent)):
            reason = str(error).splitlines()[0]
            call.warn(
                f"Whether a job was submitted twice is not known: the {kind.noun}s of {parent} cannot be listed "
                f"({reason}). This needs the permission {kind.needs('list')}."
            )
        return
    if found:
        call.warn(
            f"{_number(len(found))} {kind.noun}{_s(found)} beside {job['name']} with the same identity and "
            f"specification:\n{table(found)}\n"
            "Each of them is billed. `gcp-tuning audit` lists them with their models, and `gcp-tuning audit --delete NAME` "
            "removes one that the state does not know."
        )


def warn_of_overtaken(call: Call, wanted: Wanted, jobs: Iterable[Job]) -> None:
    """Warns of those of ``jobs`` that have another spec than ``wanted`` and are left at Google.

    It leaves out jobs that a current entry of this run has, or had until its replacement: their own delete decides. It
    never fails, because its requests must not affect whether a job is submitted.
    """
    holdings = call.run.of(Holdings)
    others = [
        each
        for each in jobs
        if not wanted.fits(each) and not holdings.names(each["name"]) and not holdings.is_let_go(each["name"])
    ]
    with suppress(ApiError):
        found = [each for each in others if is_left(call, wanted.kind, each)]
        if found:
            call.warn(
                f"{_number(len(found))} earlier {wanted.kind.noun}{_s(found)} of {wanted.resource!r} with another "
                f"specification, and no TunedModel took the result over:\n{table(found)}\n"
                "They are superseded: their models go with those that the TunedModel of the job replaces. "
                "`gcp-tuning audit` lists them with their models, and `gcp-tuning audit --delete NAME` removes one."
            )


def warn_of_earlier_retries(call: Call, wanted: Wanted, urn: str) -> None:
    """Warns of running jobs of this resource with another ``retry``: a run that was killed left them. It never fails."""
    with suppress(ApiError):
        jobs = list_jobs(call, wanted.kind, wanted.parent)
        others = identities_of(urn) - {wanted.identity}
        found = [
            each
            for each in jobs
            if effective_labels(each).get(IDENTITY) in others
            and wanted.kind.state_of(each).is_adoptable
            and not _is_in_state(call, each)
        ]
        if found:
            call.warn(
                f"{_number(len(found))} other {wanted.kind.noun}{_s(found)} of {wanted.resource!r} with another retry, still "
                f"running:\n{table(found)}\n"
                "An interrupted run left it, and it is billed. `gcp-tuning audit --delete NAME` cancels it."
            )


def _is_in_state(call: Call, job: Job) -> bool:
    holdings = call.run.of(Holdings)
    return holdings.names(job["name"]) or holdings.is_let_go(job["name"])


def identities_of(urn: str) -> frozenset[str]:
    """The identities of a resource without ``retry`` and with the first whole numbers. Texts cannot be guessed."""
    return frozenset(identity_of(urn, retry) for retry in (None, *range(_MOST_RETRIES)))


def tell_of_left(call: Call, kind: JobKind, job: Job) -> None:
    """Names the other jobs of a job that is about to be deleted, if no current entry has them. It never fails.

    Of jobs of open models that have ended, it names the folders with their checkpoints.
    """
    try:
        others = _of_identity(call, kind, job, identities_of(call.urn))
        others = [each for each in others if not call.run.of(Holdings).names(each["name"])]
        found = [each for each in others if is_left(call, kind, each)]
    except ApiError as error:
        call.warn(
            f"Whether other jobs of {job['name']} are left is not known: {str(error).splitlines()[0]}\n"
            f"This needs the permission {kind.needs('list')}. `gcp-tuning audit` lists what is left."
        )
        return
    if found:
        call.tell(
            f"{_number(len(found))} other {kind.noun}{_s(found)} of the same resource as {job['name']}, which this delete does not "
            f"touch:\n{table(found)}\n{costs.JOB} {costs.MODEL}\n{_REMOVES}"
        )
    tell_of_files(call, [each for each in others if each not in found])
    if not kind.keeps_records:
        _tell_of_models_without_record(call, kind, job)


def _tell_of_models_without_record(call: Call, kind: JobKind, job: Job) -> None:
    """Names the models of earlier jobs whose records are deleted, if no TunedModel took them over. It never fails."""
    made = str(kind.made(job).get("model") or "")
    identity = effective_labels(job).get(IDENTITY)
    if not made or not identity:
        return
    parent = made.rpartition("/models/")[0]
    with suppress(ApiError):
        listed = call.google.vertex_of(made).list_models(parent, f'labels.{IDENTITY}="{identity}"')
        left = [
            name
            for each in listed
            if not may_be_same_resource(name := str(each["name"]), made.partition("@")[0])
            and not call.run.of(Holdings).names(name)
        ]
        if left:
            call.tell(
                f"Models of earlier jobs of the same resource stay, because no TunedModel took them over: {', '.join(left)}. "
                f"{costs.MODEL}\n{_REMOVES}"
            )


def tell_of_left_readers(call: Call, uri: str) -> None:
    """Names the jobs of this stack that train, or trained, on a file which is about to be deleted, if no current entry has them.

    What depends on a dataset is deleted before it, so an interrupted run left a job that still runs or has a model which
    nobody took over. Only the newest jobs of the stack are looked at. It never fails.
    """
    if not call.settings.project or not call.settings.location:
        return
    parent = f"projects/{call.settings.project}/locations/{call.settings.location}"
    for kind in JOB_KINDS:
        with suppress(ApiError):
            of_stack = [
                each
                for each in list_jobs(call, kind, parent)
                if effective_labels(each).get(STACK) == stack_hash(call.urn) and not _is_in_state(call, each)
            ]
            newest = sorted(of_stack, key=lambda each: str(each.get("createTime") or ""))[-_MOST_JOBS:]
            left = [words for each in newest if (words := _left_reader(call, kind, each, uri))]
            if left:
                call.warn(
                    f"An interrupted run of this stack submitted {', '.join(left)}, which trains on {uri}, and no entry of the "
                    f"state has it.\n{costs.JOB} {costs.MODEL}\nIf you run `pulumi up` again, it takes the job over. "
                    "`gcp-tuning audit` lists it, or its model, and `gcp-tuning audit --delete NAME` removes it."
                )


def _left_reader(call: Call, kind: JobKind, listed: Job, uri: str) -> str | None:
    """A job that trains on the file and is left, with its model; None for any other."""
    try:
        job = kind.at(call, listed["name"]).get(listed["name"])
    except NotFound:
        return None
    if f'"{uri}"' not in json.dumps(job) or not is_left(call, kind, job):
        return None
    model = kind.made(job).get("model")
    return f"{job['name']} (its model is {model})" if model else str(job["name"])


def _left_of_identity(call: Call, kind: JobKind, job: Job) -> list[Job]:
    return [each for each in _of_identity(call, kind, job) if is_left(call, kind, each)]


def _of_identity(call: Call, kind: JobKind, job: Job, more: frozenset[str] = frozenset()) -> list[Job]:
    identity = effective_labels(job).get(IDENTITY)
    if not identity:
        return []
    calls, found = kind.at(call, job["name"]), list[Job]()
    for listed in list_jobs(call, kind, _parent_of(job)):
        if effective_labels(listed).get(IDENTITY) not in {identity, *more} or may_be_same_resource(
            listed["name"], job["name"]
        ):
            continue
        try:
            read: Job = listed if kind.collection.lists_whole else calls.get(listed["name"])
        except NotFound:
            continue
        found.append(read)
    return found


def _parent_of(job: Job) -> str:
    return str(job["name"]).rsplit("/", 2)[0]


def _spec_of(job: Job) -> str | None:
    return effective_labels(job).get(SPEC)


def _number(count: int) -> str:
    return "There is one" if count == 1 else f"There are {count}"


def _s(found: Sequence[Job]) -> str:
    return "" if len(found) == 1 else "s"
