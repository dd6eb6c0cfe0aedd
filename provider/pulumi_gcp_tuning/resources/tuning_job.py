"""TuningJob: one supervised tuning of a Gemini or open model, submitted once. It does not wait; TunedModel does."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Annotated, Final

from pydantic import ConfigDict, Field

from pulumi_gcp_tuning.preflight import cost, evaluating
from pulumi_gcp_tuning.preflight.facts import NOT_ASKED, NotAsked
from pulumi_gcp_tuning.preflight.rule import Rules
from pulumi_gcp_tuning.resources.core import costs
from pulumi_gcp_tuning.resources.core.catalogue import catalogue_of
from pulumi_gcp_tuning.resources.core.description import about, described
from pulumi_gcp_tuning.resources.core.foreseen import Foreseen
from pulumi_gcp_tuning.resources.core.inputs import CommonArgs, JobArgs, Keyed, Placed, known
from pulumi_gcp_tuning.resources.core.labels import IDENTITY, effective_labels
from pulumi_gcp_tuning.resources.core.lifecycle import UNKNOWN, Call, Current, Difference, Judged, Properties
from pulumi_gcp_tuning.resources.core.outputs import (
    API_ORIGIN,
    EFFECTIVE_LABELS,
    JobError,
    Outputs,
    TunedModelInfo,
    TuningDataStats,
    data_stats,
)
from pulumi_gcp_tuning.resources.core.told import NearDataTold, ReferringTold
from pulumi_gcp_tuning.resources.core.traits import Traits
from pulumi_gcp_tuning.resources.core.wire import body_of
from pulumi_gcp_tuning.resources.facts.dataset_reports import SUPERVISED
from pulumi_gcp_tuning.resources.jobs import changes as job_changes
from pulumi_gcp_tuning.resources.jobs import open_models
from pulumi_gcp_tuning.resources.jobs.checks import OF_KEYS_AND_ACCOUNTS, judge_job
from pulumi_gcp_tuning.resources.jobs.checks import RULES as ASKING_GOOGLE
from pulumi_gcp_tuning.resources.jobs.continuing import PreTunedModel, Start, start_of
from pulumi_gcp_tuning.resources.jobs.declaration import JobDeclaration
from pulumi_gcp_tuning.resources.jobs.estimates import ESTIMATED_USD, kept_estimate, new_estimate
from pulumi_gcp_tuning.resources.jobs.kind import Job
from pulumi_gcp_tuning.resources.jobs.metrics import TuningMetrics
from pulumi_gcp_tuning.resources.jobs.open_starts import await_start
from pulumi_gcp_tuning.resources.jobs.recognised import recognised_by_labels
from pulumi_gcp_tuning.resources.jobs.records import find_records
from pulumi_gcp_tuning.resources.jobs.spec import without_training
from pulumi_gcp_tuning.resources.jobs.submission import adopt_job, find_or_submit
from pulumi_gcp_tuning.resources.jobs.supervised import (
    EvaluateDatasetRun,
    SupervisedTuningSpec,
    evaluation_of,
    evaluation_runs,
    folder_of,
)
from pulumi_gcp_tuning.resources.jobs.trainings import training_of
from pulumi_gcp_tuning.resources.jobs.tuning_checks import OF_TUNING_JOBS, check_tuning_spelling
from pulumi_gcp_tuning.resources.jobs.tuning_jobs import TUNING_JOB
from pulumi_gcp_tuning.resources.jobs.upkeep import end_job, keep_job, look_at_job
from pulumi_gcp_tuning.resources.jobs.usage import ModelUsage
from pulumi_gcp_tuning.resources.models import machines
from pulumi_gcp_tuning.resources.models.children import find_left_child, kept_for, refuse_parent
from pulumi_gcp_tuning.resources.models.removal import remove_what_a_job_made
from pulumi_gcp_tuning.resources.models.versions import shown_name

RULES: Final[Rules] = (*OF_TUNING_JOBS, *ASKING_GOOGLE, *OF_KEYS_AND_ACCOUNTS, *job_changes.RULES)

# Arguments and outputs


class Args(Placed, Keyed, open_models.OfOpenModels, JobArgs, CommonArgs):
    """The model, its data, and the policies of the job."""

    model_config = ConfigDict(json_schema_extra=about(google="TuningJob"))

    base_model: Annotated[
        str | None, described("The model of Google or open model to tune. Set this or `pre_tuned_model`.", role="spec")
    ] = None
    pre_tuned_model: Annotated[
        PreTunedModel | None, described("The tuned model to train on from, in place of a base model.", role="spec")
    ] = None
    supervised_tuning_spec: Annotated[SupervisedTuningSpec, described("The data and the hyperparameters.", role="spec")]
    service_account: Annotated[
        str | None,
        described(
            "The account that the job runs as.",
            role="spec",
            form="an email",
            default="Google's service agent",
            names="service account",
        ),
    ] = None
    tuned_model_display_name: Annotated[
        str | None,
        described(
            "The display name of the model that the job makes.", role="submitted once", form="at most 128 characters"
        ),
    ] = None
    description: Annotated[str | None, described("A description of the job.", role="submitted once")] = None
    max_cost: Annotated[
        float | None,
        described(
            "The limit of the job's estimated cost; a job above it is refused.",
            role="ours",
            unit="US dollars",
            default="`gcp-tuning:maxCost`, else no limit",
        ),
    ] = Field(default=None, ge=0)


class Told(ReferringTold, NearDataTold):
    """Facts that only the program knows."""


class State(Outputs):
    """Submits the job without waiting for it; a TunedModel waits.

    Destroying it cancels a job that still runs, and deletes a model that no TunedModel took over; its record stays at Google.
    """

    model_config = ConfigDict(
        json_schema_extra=about(
            summary="One supervised tuning job: submitted once, never resubmitted by itself.",
            get="The job of this name (projects/P/locations/L/tuningJobs/N)",
        )
    )

    name: Annotated[
        str,
        described(
            "The job's name, also the resource's id.", form="`projects/NUMBER/locations/L/tuningJobs/ID`", stays=True
        ),
    ]
    state: Annotated[
        str,
        described(
            "The state of the job: `JOB_STATE_PENDING`, `..._RUNNING`, `..._SUCCEEDED`, `..._FAILED` and others."
        ),
    ] = "JOB_STATE_UNSPECIFIED"
    tuning_job_state: Annotated[str | None, described("The progress of a running job.")] = None
    create_time: Annotated[
        str | None, described("When it was submitted.", form="RFC 3339", always=True, stays=True)
    ] = None
    start_time: Annotated[str | None, described("When it began.", form="RFC 3339", stays=True)] = None
    end_time: Annotated[str | None, described("When it ended.", form="RFC 3339", stays=True)] = None
    update_time: Annotated[str | None, described("When it last changed.", form="RFC 3339")] = None
    error: Annotated[JobError | None, described("Why it failed, in Google's words.")] = None
    tuned_model: Annotated[TunedModelInfo | None, described("What it made, once it has succeeded.")] = None
    tuning_data_stats: Annotated[
        TuningDataStats | None, described("Counts of the training data; Google's example rows are dropped.", free=True)
    ] = None
    evaluate_dataset_runs: Annotated[
        list[EvaluateDatasetRun] | None,
        described("The results of `evaluation_config`: one for the model, or one for each checkpoint."),
    ] = None
    experiment: Annotated[str | None, described("The Vertex AI experiment.")] = None
    gcs_metrics_uri: Annotated[str | None, described("Where the loss curve is; `gcp-tuning metrics JOB` shows it.")] = (
        None
    )
    final_checkpoint_uri: Annotated[
        str | None, described("The folder of an open model's final checkpoint, once the job has succeeded.")
    ] = None
    checkpoint_uris: Annotated[
        list[str] | None, described("The folders of an open model's checkpoints, the final one last.")
    ] = None
    metrics: Annotated[
        TuningMetrics | None,
        described(
            "The first, best and last values of an open model's training; of a Gemini model the `TunedModel` has them."
        ),
    ] = None
    usage: Annotated[
        ModelUsage | None,
        described(
            "Links and costs of an open model's training; of a Gemini model the `TunedModel` has them.", stays=True
        ),
    ] = None
    estimated_usd: Annotated[float | None, ESTIMATED_USD] = None
    effective_labels: Annotated[dict[str, str], EFFECTIVE_LABELS] = Field(default_factory=dict)
    api_origin: Annotated[str | None, API_ORIGIN] = None


KIND: Final = TUNING_JOB.declared_by(Args)


# The functions that the frame calls


def submits(olds: Properties, inputs: Properties) -> bool:
    """Whether this run would submit a job: the resource is new, or its spec, place or ``retry`` changed."""
    return job_changes.would_submit(KIND, olds, inputs)


def judge(
    call: Call, args: Args, told: Told, olds: Properties, inputs: Properties, *, ask: bool, creating: bool
) -> Judged:
    """Runs every check of a job; asks Google only if this run would submit."""
    start = _start(call, args, told, ask=ask, creating=creating)
    place = _result_location(call, args, start)
    call.run.of(Foreseen).note_place(call.urn, start.result_location or place)
    spelling = partial(check_tuning_spelling, call, args, told, start, place, ask=ask, creating=creating)
    declaration = partial(_declaration, call, args, told, start)
    judged = judge_job(call, KIND, args, olds, inputs, spelling, declaration, ask=ask, creating=creating)
    said = start.tell(known(args.tuned_model_display_name))
    if ask and evaluation_of(known(args.supervised_tuning_spec)) is not None:
        said.append("evaluation: its answers are charged as batch prediction, on top of the training")
    return replace(judged, told=[*said, *judged.told])


def changes(call: Call, id: str, olds: Properties, news: Properties) -> Difference:  # noqa: A002
    """A changed spec, place or ``retry`` replaces the job; any other change updates only state."""
    return job_changes.find_changes(call, KIND, Args, id, olds, news)


def make(call: Call, args: Args, told: Told, inputs: Properties) -> Current:
    """Adopts the existing job or submits a new one; returns as soon as Google has answered. Waits only for a job to start from."""
    if args.adopt is not None:
        return _current(call, inputs, adopt_job(call, KIND, inputs, args.adopt), new_estimate(call))
    declaration = _declaration(call, args, told, _start(call, args, told, ask=True, creating=False))
    weights = await_start(call, inputs, args.custom_base_model)
    body = {**to_wire(args), **({"customBaseModel": weights} if weights else {})}
    if args.output_uri is not None:
        body["outputUri"] = open_models.own_folder(call, KIND, inputs, args.output_uri)
    return _current(call, inputs, find_or_submit(call, declaration, inputs, body), new_estimate(call))


def look(call: Call, id: str, outputs: Properties) -> Current:  # noqa: A002
    """The job as Google has it. A job that is missing at Google stays in state and is never resubmitted."""
    return look_at_job(call, KIND, Told, id, outputs, _current)


def patch(call: Call, id: str, olds: Properties, news: Properties) -> Current:  # noqa: A002
    """Updates only state, because a job cannot be changed; a warning names the fields that keep their submitted value."""
    return keep_job(call, KIND, Told, id, olds, news, _current)


def remove(call: Call, id: str, outputs: Properties) -> None:  # noqa: A002
    """Cancels a live job, and deletes its model if it succeeded anyway. The record stays at Google."""
    if outputs.get("outputUri"):
        folder = without_training(str(outputs["outputUri"]))
        machines.tell_of_left_machines(call, id.rpartition("/tuningJobs/")[0], folder)
    job = end_job(call, KIND, id)
    if job is not None:
        made = KIND.made(job)
        if made.get("model"):
            parents, model = find_records(call, KIND, id, job).parents, {"name": made["model"]}
            if child := find_left_child(call, outputs, model, parents):
                call.warn(kept_for(child, shown_name(model)))
                return
            refuse_parent(model, parents)
        remove_what_a_job_made(call, made, effective_labels(job).get(IDENTITY), unless_claimed=True)


def _current(call: Call, inputs: Properties, job: Job, before: Properties) -> Current:
    files = open_models.outputs_of(call, job, succeeded=KIND.state_of(job).has_succeeded)
    outputs = {**inputs, **from_wire({**job, **files}, call.settings.api_origin)}
    outputs |= kept_estimate(call, job["name"], before)
    if files:
        outputs |= training_of(call, job, before)
    return Current(id=job["name"], outputs=outputs, inputs=inputs, unfinished=KIND.state_of(job).is_active)


# Requests and answers


def to_wire(args: Args) -> Properties:
    """The body of the create request, without labels."""
    body = body_of(args)
    parameters = body["supervisedTuningSpec"].get("hyperParameters", {})
    parameters.update({key: str(parameters[key]) for key in ("epochCount", "batchSize") if key in parameters})
    return body


def from_wire(job: Job, api_origin: str) -> Properties:
    """The state of Google's job."""
    runs = evaluation_runs(job)
    plain = {**job, "tuningDataStats": data_stats(job), "evaluateDatasetRuns": runs}
    return State.model_validate(
        {**plain, "effectiveLabels": effective_labels(job), "apiOrigin": api_origin}
    ).properties()


# Checks before anything is paid for


def _start(call: Call, args: Args, told: Told, *, ask: bool, creating: bool) -> Start:
    return start_of(call, args.base_model, args.pre_tuned_model, told.made, args.checks, ask=ask, creating=creating)


def _result_location(call: Call, args: Args, start: Start) -> str | None:
    """Where the results will be; None if the model or the region is not known."""
    row = catalogue_of(call.settings).find_model(start.base_model) if start.base_model else None
    place = known(args.location)
    return row.result_location(place) if row and place else None


def _declaration(call: Call, args: Args, told: Told, start: Start) -> JobDeclaration:
    spec, own = known(args.supervised_tuning_spec), known(args.max_cost)
    base_model = start.base_model
    folders = {evaluating.OUTPUT: folder_of(evaluation_of(spec)), open_models.OUTPUT: known(args.output_uri)}
    return JobDeclaration.of(
        call,
        KIND,
        args,
        told,
        family=KIND.family({"baseModel": base_model}, catalogue_of(call.settings)) if base_model else None,
        base_model=base_model,
        paths=SUPERVISED,
        data_input="supervisedTuningSpec",
        training_uri=known(spec.training_dataset_uri) if spec else None,
        validation_uri=known(spec.validation_dataset_uri) if spec else None,
        data_is_known=bool(spec),
        epochs=lambda _examples: _epochs_of(args),
        max_cost=call.settings.max_cost if own is None else own,
        folders={path: folder for path, folder in folders.items() if folder},
        is_evaluated=evaluation_of(spec) is not None,
        is_unknown_parent=start.is_unknown_parent,
        declared_places=told.declared_places,
    )


def _epochs_of(args: Args) -> cost.Epochs | NotAsked | None:
    """The hyperparameters of the request; None if Google chooses all of them."""
    spec: object = args.supervised_tuning_spec
    parameters: object = UNKNOWN if spec is UNKNOWN else args.supervised_tuning_spec.hyper_parameters
    count: object = UNKNOWN if parameters is UNKNOWN else getattr(parameters, "epoch_count", None)
    if count is UNKNOWN:
        return NOT_ASKED
    return cost.Epochs(count=count) if isinstance(count, int) and count else None


TRAITS: Final = Traits(noun="tuning job", costs=costs.JOB, recognised=recognised_by_labels(KIND))
