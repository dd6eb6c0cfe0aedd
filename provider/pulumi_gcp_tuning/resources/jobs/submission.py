"""Makes a job: adopts an existing one, or submits one, once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pulumi_gcp_tuning.errors import ApiError, NotFound, Refused
from pulumi_gcp_tuning.names import stack_hash
from pulumi_gcp_tuning.resources.core.catalogue import catalogue_of
from pulumi_gcp_tuning.resources.core.declared import called, doing, urn_of
from pulumi_gcp_tuning.resources.core.labels import IDENTITY, SPEC, STACK
from pulumi_gcp_tuning.resources.jobs.adoption import Wanted, choose, find_existing, find_new, table, wanted_by
from pulumi_gcp_tuning.resources.jobs.changes import refuse_another_spec
from pulumi_gcp_tuning.resources.jobs.checks import slots_of
from pulumi_gcp_tuning.resources.jobs.others import warn_of_earlier_retries, warn_of_overtaken
from pulumi_gcp_tuning.resources.jobs.sending import Sending
from pulumi_gcp_tuning.resources.jobs.slots import submit_in_turn

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pulumi_gcp_tuning.resources.core.lifecycle import Call, Properties
    from pulumi_gcp_tuning.resources.jobs.declaration import JobDeclaration
    from pulumi_gcp_tuning.resources.jobs.kind import DeclaredKind, Job


def find_or_submit(call: Call, job: JobDeclaration, inputs: Properties, body: Mapping[str, Any]) -> Job:
    """An existing job, or a new one as soon as Google has answered. ``body`` is the request without labels.

    A warning names earlier jobs of the same identity that are left at Google with another spec.
    """
    kind, name = job.kind, called(call, inputs)
    wanted = wanted_by(call, kind, inputs)
    ours = {IDENTITY: wanted.identity, SPEC: wanted.spec, STACK: stack_hash(urn_of(call, inputs))}
    labelled = {**body, "labels": {**(inputs.get("pulumiLabels") or {}), **ours}}
    call.google.warm()
    with doing(f"looking for {kind.noun}s of {name!r} in {wanted.parent}"):
        found, jobs = find_existing(call, wanted)
        warn_of_overtaken(call, wanted, jobs)
        warn_of_earlier_retries(call, wanted, urn_of(call, inputs))
    if found is not None:
        call.report(f"adopted {found['name']} ({found.get('state')})")
        return found
    names = frozenset(str(each["name"]) for each in jobs)
    sending = Sending(call=call, wanted=wanted, body=labelled, known=names, job_id=wanted.free_id(names))
    try:
        with doing(f"creating the {kind.noun} {name!r} in {wanted.parent}"):
            if job.on_quota == "fail":
                return sending.send()
            slots = slots_of(call, job, wanted.parent)
            return submit_in_turn(call, slots, sending.send, sending.look, catalogue_of(call.settings))
    except ApiError as error:
        if sending.job_id is not None and error.http_status == 409:
            return _holder_of(call, wanted, sending.job_id, error)
        if not error.maybe_took_effect:
            raise
        return sending.find(error)


def adopt_job(call: Call, kind: DeclaredKind, inputs: Properties, adopt: str) -> Job:
    """The job that the declaration names. Raises Refused if it does not match the declaration."""
    try:
        with doing(f"reading the {kind.noun} {adopt} to adopt it"):
            job = kind.at(call, adopt).get(adopt)
    except NotFound as error:
        raise Refused(
            f"The {kind.noun} {adopt} to adopt does not exist.\nCheck the name, the project and the location."
        ) from error
    refuse_another_spec(call, kind, job, inputs)
    return job


def _holder_of(call: Call, wanted: Wanted, job_id: str, taken: ApiError) -> Job:
    """The job that already has the id: ours from a request whose answer was lost, or one that the list did not show yet."""
    name = f"{wanted.parent}/{wanted.kind.collection.name}/{job_id}"
    job = find_new(call, wanted, (), job_id)
    if job is None:
        raise Refused(
            f"{name} is already used by another job, so {wanted.resource!r} cannot be submitted.\n"
            "Set retry (any text) to submit it under another id."
        ) from taken
    found = choose(call, wanted, [job])
    if found is None:
        raise Refused(
            f"{wanted.resource!r} was submitted before and has ended without a model:\n{table([job])}\n"
            "Google's list did not show it yet. Run `pulumi up` again, or set retry to submit a new job."
        ) from taken
    call.report(f"adopted {found['name']} ({found.get('state')})")
    return found
