"""TunedModel: waits for a tuning job, then keeps the model and the endpoints that it made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, Final, Literal

from pydantic import ConfigDict, Field

from pulumi_gcp_tuning.errors import Failed, NotFound, Refused
from pulumi_gcp_tuning.names import ModelName
from pulumi_gcp_tuning.preflight import existing
from pulumi_gcp_tuning.preflight.places import REGION
from pulumi_gcp_tuning.preflight.rule import Rules
from pulumi_gcp_tuning.preflight.spelling import (
    DISPLAY_NAME,
    NAME,
    OF_LABELS,
    check_display_name,
    check_labels,
)
from pulumi_gcp_tuning.resources.core import claims, costs
from pulumi_gcp_tuning.resources.core.declared import changed_paths, doing, inputs_among
from pulumi_gcp_tuning.resources.core.description import about, described
from pulumi_gcp_tuning.resources.core.foreseen import Foreseen
from pulumi_gcp_tuning.resources.core.inputs import CommonArgs, Labelled, Labels, known
from pulumi_gcp_tuning.resources.core.labels import (
    IDENTITY,
    OURS_ON_MODEL,
    RELEASE_PREFIX,
    effective_labels,
)
from pulumi_gcp_tuning.resources.core.lifecycle import UNKNOWN, Call, Current, Difference, Judged, Properties
from pulumi_gcp_tuning.resources.core.outputs import (
    API_ORIGIN,
    CLAIM,
    EFFECTIVE_LABELS,
    Checkpoint,
    Outputs,
    TuningDataStats,
    data_stats,
    without,
)
from pulumi_gcp_tuning.resources.core.places import is_same_object
from pulumi_gcp_tuning.resources.core.told import LabelledTold, ReferringTold
from pulumi_gcp_tuning.resources.core.traits import Traits
from pulumi_gcp_tuning.resources.core.wire import with_live_values
from pulumi_gcp_tuning.resources.jobs.estimates import Estimates
from pulumi_gcp_tuning.resources.jobs.kind import Job, check_job_name, check_project
from pulumi_gcp_tuning.resources.jobs.kinds import kind_of
from pulumi_gcp_tuning.resources.jobs.metrics import TuningMetrics, describe_training
from pulumi_gcp_tuning.resources.jobs.open_models import refuse_open_model
from pulumi_gcp_tuning.resources.jobs.records import find_records
from pulumi_gcp_tuning.resources.jobs.results import check_given_job, find_made, wait_on
from pulumi_gcp_tuning.resources.jobs.supervised import EvaluateDatasetRun, evaluation_runs
from pulumi_gcp_tuning.resources.jobs.upkeep import find_record, made_by, record_of, wait_for_job
from pulumi_gcp_tuning.resources.jobs.usage import USAGE, ModelUsage, usage_of
from pulumi_gcp_tuning.resources.models.removal import made_endpoints, remove_model
from pulumi_gcp_tuning.resources.models.retention import OnReplace, retire, say_what_stays, tell_of_left
from pulumi_gcp_tuning.resources.models.serving import compare_serving, endpoint_of_checkpoint, note_lost, still_serving
from pulumi_gcp_tuning.resources.models.takeover import (
    UPDATE,
    label_endpoint,
    refuse_unlisted_checkpoint,
    take_over,
    taking_over,
)

RULES: Final[Rules] = (NAME, REGION, DISPLAY_NAME, *OF_LABELS, *existing.OF_JOBS)

# Arguments and outputs


class Args(Labelled, CommonArgs):
    """The job, and the names and labels of its model."""

    model_config = ConfigDict(json_schema_extra=about(google="Model", base="answering.Answering"))

    tuning_job: Annotated[
        str,
        described(
            "The job: a `TuningJob`, a `PipelineTuningJob` or a job's name.",
            role="spec",
            wire="",
            refers={"TuningJob": "id", "PipelineTuningJob": "id"},
            ends=True,
        ),
    ]
    display_name: Annotated[
        str | None,
        described(
            "The name that the console shows.",
            role="patched",
            form="at most 128 characters",
            default="what the job gave",
            computed=True,
        ),
    ] = None
    description: Annotated[str | None, described("A description of the model.", role="patched")] = None
    default_checkpoint_id: Annotated[
        str | None,
        described(
            "The checkpoint that the model serves by default.",
            role="patched",
            default="Google's: the last",
            when="updates in place; removing it changes nothing",
            computed=True,
        ),
    ] = None
    labels: Annotated[
        Labels | None,
        described(
            "Labels of the model and of its endpoints; labels set by others are kept.",
            role="patched",
            wire="",
            at_google="`labels`",
        ),
    ] = None
    on_replace: Annotated[
        OnReplace | None,
        described("What happens to superseded models.", role="ours", default='`{"keep_last": 2}`'),
    ] = None
    wait_for: Annotated[
        Literal["model", "accepted"] | None,
        described(
            "What create and update wait for: `model`, until the job has ended; `accepted`, only until Google has the job.",
            role="ours",
            default="`model`",
        ),
    ] = None
    project: Annotated[
        str | None,
        described(
            "The project of the job; leave it out.",
            role="follows",
            default="the job's",
            when="must be the job's",
            names="project",
        ),
    ] = None


class Told(ReferringTold, LabelledTold):
    """Facts that only the program knows."""


class State(Outputs):
    """Waits until the job has ended.

    After a wait that ends early (^C, customTimeouts) the next `pulumi up` continues it. Destroying it deletes the
    model and the endpoints that the service made for it.
    """

    model_config = ConfigDict(
        json_schema_extra=about(
            summary="The model that a job makes; waits for it.",
            get="The model of the job of this name (projects/P/locations/L/tuningJobs/N)",
        )
    )

    model: Annotated[
        str | None, described("The model.", form="`projects/NUMBER/locations/L/models/M`", always=True, stays=True)
    ] = None
    model_version: Annotated[
        str | None, described('`"1"`, or later after a continued job.', always=True, stays=True)
    ] = None
    versioned_model: Annotated[str | None, described("`model@model_version`.", always=True, stays=True)] = None
    endpoint: Annotated[str | None, described("The endpoint of the default checkpoint.", always=True)] = None
    checkpoints: Annotated[list[Checkpoint], described("One for each epoch, unless `export_last_checkpoint_only`.")] = (
        Field(default_factory=list)
    )
    location: Annotated[str | None, described("The location of model and endpoints.", always=True, stays=True)] = None
    project: Annotated[
        str | None, described("The number of the job's project, if `project` was not given.", always=True)
    ] = None
    job_state: Annotated[str | None, described("The job's state.", always=True)] = None
    create_time: Annotated[
        str | None, described("When the model was made.", form="RFC 3339", always=True, stays=True)
    ] = None
    display_name: Annotated[str | None, described("The model's display name, whoever set it.")] = None
    default_checkpoint_id: Annotated[str | None, described("The model's default checkpoint, whoever set it.")] = None
    evaluate_dataset_runs: Annotated[
        list[EvaluateDatasetRun] | None, described("The results of the job's `evaluation_config`.")
    ] = None
    metrics: Annotated[TuningMetrics | None, described("The first, best and last values of the training.")] = None
    experiment: Annotated[str | None, described("The Vertex AI experiment.")] = None
    tuning_data_stats: Annotated[TuningDataStats | None, described("Counts of the training data.", free=True)] = None
    usage: Annotated[ModelUsage | None, USAGE] = None
    effective_labels: Annotated[dict[str, str], EFFECTIVE_LABELS] = Field(default_factory=dict)
    releases: Annotated[dict[str, str], described("The labels that mark a release.")] = Field(default_factory=dict)
    api_origin: Annotated[str | None, API_ORIGIN] = None
    claim: Annotated[str | None, CLAIM] = None


# The functions that the frame calls


def submits(olds: Properties, inputs: Properties) -> bool:
    """Whether this run would take over another model."""
    return not olds or olds.get("tuningJob") != inputs.get("tuningJob")


def judge(
    call: Call, args: Args, told: Told, olds: Properties, inputs: Properties, *, ask: bool, creating: bool
) -> Judged:
    """Checks the name and the place of the job, and that it has a model or can still make one."""
    findings = check_display_name(known(args.display_name), path=("display_name",))
    findings += check_labels(known(args.pulumi_labels), ours=OURS_ON_MODEL)
    job, foreseen = known(args.tuning_job), call.run.of(Foreseen)
    foreseen.note_place(call.urn, foreseen.place_of(told.sources, "tuningJob"))
    stays = say_what_stays(call, olds, inputs, told.sources, call.run.of(Estimates).find)
    kind = kind_of(job or "")
    if malformed := check_job_name(call, kind, job):
        return Judged(findings=[*findings, *malformed])
    if job is not None:
        findings += check_project(known(args.project), kind.parse_name(job))
    if ask and not creating:
        checks, checkpoint = known(args.checks), known(args.default_checkpoint_id)
        findings += check_given_job(call, told, kind, job, checks=checks, checkpoint=checkpoint, is_new=not olds)
    return Judged(findings=findings, told=stays)


def changes(call: Call, id: str, olds: Properties, news: Properties) -> Difference:  # noqa: A002
    """Another job replaces; labels, names and the default checkpoint update in place; a wait that ended early continues."""
    job, paths = news.get("tuningJob"), changed_paths(olds, news, Args)
    if job is not UNKNOWN and not is_same_object(olds.get("tuningJob", id), job):
        becomes = find_made(call, kind_of(str(job)), str(job))
        return Difference(changed=None, paths=paths, replaces=["tuningJob"], becomes=becomes)
    if not olds.get("model"):
        return wait_on(call, kind_of(id), id, [*paths, ("model",)])
    refuse_unlisted_checkpoint(call, olds, news)
    shown = [place for place in paths if place != ("tuningJob",) or job is UNKNOWN]
    difference = Difference(changed=None if shown or job is UNKNOWN else False, paths=shown)
    return compare_serving(call, olds, difference)


def make(call: Call, args: Args, told: Told, inputs: Properties) -> Current:
    """Waits until the job has ended and takes over its model."""
    job = wait_for_job(call, kind_of(args.tuning_job), inputs, args.tuning_job, refuse_open_model)
    return _claimed(call, inputs, job, before={}, olds={})


def look(call: Call, id: str, outputs: Properties) -> Current:  # noqa: A002
    """The model as Google has it. A missing model counts as deleted only if its job still exists and names it."""
    kind, managed = kind_of(id), bool(outputs.get("tuningJob"))
    try:
        with doing(f"reading the {kind.noun} {id}"):
            job: Job | None = kind.at(call, id).read(id)
    except NotFound:
        if not managed:
            raise
        call.settings.check_origin(outputs.get("apiOrigin"), id)
        job = None
    if not outputs.get("model") and managed:
        state = job.get("state", "JOB_STATE_UNSPECIFIED") if job else outputs.get("jobState")
        kept = {**outputs, "jobState": state}
        return Current(id=id, outputs=kept, unfinished=True)
    name = outputs.get("versionedModel") or kind.made(job or {}).get("model")
    if not name:  # another resource or stack waits for the job
        raise Refused(f"The {kind.noun} {id} has no model to read: it is {kind.word_of(job or {})}.")
    try:
        with doing(f"reading the model {name}"):
            live = call.google.vertex_of(name).get_model(name)
    except NotFound as error:
        call.settings.check_origin(outputs.get("apiOrigin"), name)
        if job is None and kind.keeps_records:
            raise Refused(
                f"{call.settings.api_origin} has neither the model {name} nor its job {id}, although it "
                "never deletes job records: it was reset, or it is another API. State is kept.\n"
                f"If they are lost for good: pulumi state delete '{call.urn}'"
            ) from error
        if managed:
            tell_of_left(call, name, outputs)
        raise
    if not managed:
        return _current(call, id, {"tuningJob": id, "deletionPolicy": "DELETE"}, job or {}, live, outputs)
    stored = _stored_inputs(outputs) if call.declared is None else call.declared
    found = with_live_values(Args, stored, live)
    current = _current(call, id, found, job or {}, live, outputs)
    note_lost(call, outputs, current.outputs)
    return current if found != stored else replace(current, inputs=None)


def patch(call: Call, id: str, olds: Properties, news: Properties) -> Current:  # noqa: A002
    """Patches labels, display name, description and default checkpoint; continues a wait that ended early."""
    kind = kind_of(id)
    job = record_of(call, kind, id) if olds.get("model") else wait_for_job(call, kind, news, id)
    return _claimed(call, news, job, before=olds.get("pulumiLabels") or {}, olds=olds)


def remove(call: Call, id: str, outputs: Properties) -> None:  # noqa: A002
    """Removes the model with its endpoints, or keeps it if it is a kept model or a release."""
    job = find_record(call, kind_of(id), id, outputs)
    ref = kind_of(id).made(job or {})
    name = outputs.get("versionedModel") or ref.get("model")
    if not name:
        return
    own = claims.identities_of(call, outputs)
    of_job = set(filter(None, [effective_labels(job or {}).get(IDENTITY)]))
    made = {**(ref if made_endpoints(ref) else outputs), "model": name}
    try:
        live: Mapping[str, Any] | None = call.google.vertex_of(name).get_model(name)
    except NotFound:
        remove_model(call, name, None, made=made_endpoints(made), identities=own | of_job)
        live = None
    if live is not None and claims.whose(call, outputs, claims.marks_in(live), of_job) == "another's":
        call.warn(f"The model {name} is not deleted, because another TunedModel has taken it over.")
        return
    found = find_records(call, kind_of(id), id, job)
    of_jobs, overtaken, parents = [made, *found.made], found.overtaken, found.parents
    retire(call, name, live, outputs, made=of_jobs, overtaken=overtaken, parents=parents, of_job=of_job)


def marks(call: Call, id: str, outputs: Properties) -> claims.Marks | None:  # noqa: A002
    """The owner of the model; None while its job has not ended."""
    name = outputs.get("versionedModel")
    if not name:
        return None
    with doing(f"reading the model {name}"):
        return claims.marks_in(call.google.vertex_of(name).get_model(name))


def reclaim(call: Call, id: str, outputs: Properties) -> None:  # noqa: A002
    """Claims the model for this entry."""
    name = str(outputs["versionedModel"])
    vertex = call.google.vertex_of(name)
    claims.reclaim(call, outputs, name, vertex.get_model, vertex.patch_model, UPDATE)


def _claimed(call: Call, inputs: Properties, job: Job, *, before: Mapping[str, str], olds: Properties) -> Current:
    """Labels the model and its endpoints as this resource's and sets the declared fields."""
    kind = kind_of(job["name"])
    ref = made_by(kind, job, {}, {})
    name = olds.get("versionedModel") or ref.get("model")
    if not name:
        raise Failed(f"The {kind.noun} {job['name']} succeeded but names no model.\nSet retry to submit a new job.")
    with taking_over(call, inputs, name, f"{kind.noun} {job['name']}", kind.resource):
        of_job = effective_labels(job).get(IDENTITY)
        live, token = take_over(call, name, inputs, ref, before=before, olds=olds, of_job=of_job)
    for endpoint in made_endpoints(made_by(kind, job, live, olds)):
        label_endpoint(call, endpoint, inputs, before)
    training = {} if olds.get("model") else describe_training(call, job)
    current = _current(call, job["name"], inputs, job, live, {**olds, **training})
    return replace(current, outputs={**current.outputs, claims.KEY: token})


def _current(call: Call, id: str, inputs: Properties, job: Job, live: Mapping[str, Any], olds: Properties) -> Current:  # noqa: A002
    ref = made_by(kind_of(id), job, live, olds)
    name = ModelName.parse(str(ref.get("model") or olds.get("versionedModel") or live["name"]))
    version = name.version or str(live.get("versionId") or "1")
    labels = effective_labels(live)
    checkpoints = ref.get("checkpoints") or olds.get("checkpoints") or []
    default = live.get("defaultCheckpointId")
    endpoint = endpoint_of_checkpoint(default, checkpoints)
    state = State(
        project=inputs.get("project") or kind_of(id).parse_name(id).project,
        location=name.location,
        job_state=job.get("state") or olds.get("jobState"),
        model=str(name.unversioned),
        model_version=version,
        versioned_model=str(name.at(version)),
        endpoint=still_serving(call, endpoint or ref.get("endpoint") or olds.get("endpoint"), str(name.at(version))),
        checkpoints=[Checkpoint.model_validate(each) for each in checkpoints],
        display_name=live.get("displayName"),
        default_checkpoint_id=None if default is None else str(default),
        create_time=live.get("createTime"),
        evaluate_dataset_runs=[EvaluateDatasetRun.model_validate(each) for each in evaluation_runs(job) or ()] or None,
        metrics=olds.get("metrics"),
        experiment=olds.get("experiment"),
        tuning_data_stats=TuningDataStats.model_validate(stats) if (stats := data_stats(job)) else None,
        usage=olds.get("usage") or usage_of(call, job, name.at(version)),
        effective_labels=labels,
        releases={key: value for key, value in labels.items() if key.startswith(RELEASE_PREFIX)},
        api_origin=call.settings.api_origin,
    ).properties()
    return Current(id=id, outputs={**inputs, **state}, inputs=inputs)


def _stored_inputs(outputs: Properties) -> Properties:
    """The inputs in stored outputs, without location and project, which follow from the job."""
    computed = {"location"} | ({"project"} if str(outputs.get("project", "")).isdigit() else set())
    return without(inputs_among(outputs, Args, Told), computed)


TRAITS: Final = Traits(noun="tuned model", costs=costs.MODEL, marks=marks, reclaim=reclaim)
