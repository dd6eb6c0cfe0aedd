"""PipelineTuningJob: one tuning pipeline of a bison model, submitted once. It does not wait; TunedModel does."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any, Final

from pydantic import ConfigDict, Field

from pulumi_gcp_tuning.catalog import Catalogue
from pulumi_gcp_tuning.preflight import cost
from pulumi_gcp_tuning.preflight.facts import NOT_ASKED, NotAsked
from pulumi_gcp_tuning.preflight.rule import Rules
from pulumi_gcp_tuning.resources.core import costs
from pulumi_gcp_tuning.resources.core.catalogue import catalogue_of
from pulumi_gcp_tuning.resources.core.declared import called, checks_on
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
)
from pulumi_gcp_tuning.resources.core.told import JobTold
from pulumi_gcp_tuning.resources.core.traits import Traits
from pulumi_gcp_tuning.resources.core.wire import body_of
from pulumi_gcp_tuning.resources.facts.dataset_reports import fetch_dataset_report
from pulumi_gcp_tuning.resources.jobs import changes as job_changes
from pulumi_gcp_tuning.resources.jobs.checks import RULES as ASKING_GOOGLE
from pulumi_gcp_tuning.resources.jobs.checks import judge_job
from pulumi_gcp_tuning.resources.jobs.declaration import JobDeclaration
from pulumi_gcp_tuning.resources.jobs.estimates import ESTIMATED_USD, kept_estimate, new_estimate
from pulumi_gcp_tuning.resources.jobs.kind import Job
from pulumi_gcp_tuning.resources.jobs.pipeline_checks import (
    DATA,
    OF_PIPELINES,
    check_pipeline_spelling,
    find_tensorboard,
)
from pulumi_gcp_tuning.resources.jobs.pipeline_inputs import DEFAULT_STEPS, EvaluationArgs, TemplateArgs
from pulumi_gcp_tuning.resources.jobs.pipeline_jobs import (
    CHAT_TEMPLATE,
    PIPELINE_JOB,
    TEMPLATE,
    computes_in,
    length_of,
)
from pulumi_gcp_tuning.resources.jobs.recognised import recognised_by_labels
from pulumi_gcp_tuning.resources.jobs.submission import adopt_job, find_or_submit
from pulumi_gcp_tuning.resources.jobs.upkeep import end_job, keep_job, look_at_job
from pulumi_gcp_tuning.resources.models.removal import remove_what_a_job_made
from pulumi_gcp_tuning.resources.models.turns import lasting

RULES: Final[Rules] = (*OF_PIPELINES, *ASKING_GOOGLE, *job_changes.RULES)

# Arguments and outputs


class Args(Placed, Keyed, EvaluationArgs, TemplateArgs, JobArgs, CommonArgs):
    """The bison model, its data, and the policies of the job."""

    model_config = ConfigDict(json_schema_extra=about(google="PipelineJob"))

    base_model: Annotated[
        str,
        described(
            "The model to tune. It decides which template runs: `tune-large-model` or, for a chat model, "
            "`tune-large-chat-model`.",
            role="spec",
            form="such as `code-bison@002`",
            wire="runtimeConfig.parameterValues.large_model_reference",
            at_google="`large_model_reference` and `templateUri`",
            source="seed 002",
        ),
    ]
    dataset_uri: Annotated[
        str,
        described(
            "The examples to train on.",
            role="spec",
            form="a `gs://` URI",
            names="object",
            refers={"TuningDataset": "uri"},
            wire="runtimeConfig.parameterValues.dataset_uri",
            at_google="`dataset_uri`",
            source="seed 002",
        ),
    ]
    gcs_output_directory: Annotated[
        str,
        described(
            "Where the pipeline writes its artifacts.",
            role="submitted once",
            form="a `gs://` URI of a folder",
            names="bucket",
            wire="runtimeConfig.gcsOutputDirectory",
        ),
    ]
    train_steps: Annotated[
        int | None,
        described(
            "How many steps the training takes; each takes a batch of examples.",
            role="spec",
            default="300",
            wire="runtimeConfig.parameterValues.train_steps",
            at_google="`train_steps`",
            source="seed 002",
        ),
    ] = Field(default=None, ge=1)
    tuned_model_location: Annotated[
        str | None,
        described(
            "Where the model is uploaded and deployed.",
            role="spec",
            form="one region",
            default="`location`",
            wire="runtimeConfig.parameterValues.location",
            at_google="`location`",
            source="seed 002",
        ),
    ] = None
    service_account: Annotated[
        str | None,
        described(
            "The account that the pipeline runs as.",
            role="spec",
            form="an email",
            default="Google's service agent",
            names="service account",
        ),
    ] = None
    display_name: Annotated[
        str | None,
        described(
            "The display name of the pipeline.",
            role="submitted once",
            form="at most 128 characters",
            default="the resource's name",
        ),
    ] = None
    model_display_name: Annotated[
        str | None,
        described(
            "The display name of the model that the pipeline makes.",
            role="submitted once",
            form="at most 128 characters",
            default="the resource's name",
            wire="runtimeConfig.parameterValues.model_display_name",
            at_google="`model_display_name`",
            source="seed 002",
        ),
    ] = None


class Told(JobTold):
    """Facts that only the program knows."""


class State(Outputs):
    """Submits the pipeline without waiting for it; a TunedModel waits.

    Destroying it cancels a pipeline that still runs, and deletes its record and a model that no TunedModel took over.
    """

    model_config = ConfigDict(
        json_schema_extra=about(
            summary="One tuning pipeline of a bison model: submitted once, never resubmitted by itself.",
            get="The pipeline of this name (projects/P/locations/L/pipelineJobs/ID)",
        )
    )

    name: Annotated[
        str,
        described(
            "The pipeline's name, also the resource's id.",
            form="`projects/NUMBER/locations/L/pipelineJobs/ID`",
            stays=True,
        ),
    ]
    state: Annotated[
        str,
        described(
            "The state of the pipeline: `PIPELINE_STATE_PENDING`, `..._RUNNING`, `..._SUCCEEDED`, "
            "`..._FAILED` and others."
        ),
    ] = "PIPELINE_STATE_UNSPECIFIED"
    template_uri: Annotated[str | None, described("The template that it runs.", always=True, stays=True)] = None
    create_time: Annotated[
        str | None, described("When it was submitted.", form="RFC 3339", always=True, stays=True)
    ] = None
    start_time: Annotated[str | None, described("When it began.", form="RFC 3339", stays=True)] = None
    end_time: Annotated[str | None, described("When it ended.", form="RFC 3339", stays=True)] = None
    update_time: Annotated[str | None, described("When it last changed.", form="RFC 3339")] = None
    error: Annotated[JobError | None, described("Why it failed, in Google's words.")] = None
    step_count: Annotated[
        int | None,
        described("How many steps the training takes; early stopping may end it before.", unit="steps", stays=True),
    ] = None
    batch_size: Annotated[
        int | None,
        described("How many examples a step takes; the model and the accelerator decide.", unit="examples", stays=True),
    ] = None
    epoch_count: Annotated[
        float | None,
        described("`step_count` x `batch_size` / examples, if the examples could be counted.", stays=True),
    ] = None
    tuned_model: Annotated[TunedModelInfo | None, described("What it made, once it has succeeded.")] = None
    estimated_usd: Annotated[float | None, ESTIMATED_USD] = None
    effective_labels: Annotated[dict[str, str], EFFECTIVE_LABELS] = Field(default_factory=dict)
    api_origin: Annotated[str | None, API_ORIGIN] = None


KIND: Final = PIPELINE_JOB.declared_by(Args)


# The functions that the frame calls


def submits(olds: Properties, inputs: Properties) -> bool:
    """Whether this run would submit a job: the resource is new, or its spec, place or ``retry`` changed."""
    return job_changes.would_submit(KIND, olds, inputs)


def judge(
    call: Call, args: Args, told: Told, olds: Properties, inputs: Properties, *, ask: bool, creating: bool
) -> Judged:
    """Runs every check of a job; asks Google only if this run would submit."""
    upload = args.location if args.tuned_model_location is None else args.tuned_model_location
    call.run.of(Foreseen).note_place(call.urn, known(upload))
    board = partial(find_tensorboard, call, args, told.made, creating=creating) if ask else None
    spelling, declaration = partial(check_pipeline_spelling, call, args, board), partial(_declaration, call, args, told)
    return judge_job(call, KIND, args, olds, inputs, spelling, declaration, ask=ask, creating=creating)


def changes(call: Call, id: str, olds: Properties, news: Properties) -> Difference:  # noqa: A002
    """A changed spec, place or ``retry`` replaces the job; any other change updates only state."""
    return job_changes.find_changes(call, KIND, Args, id, olds, news)


def make(call: Call, args: Args, told: Told, inputs: Properties) -> Current:
    """Adopts the existing job or submits a new one; returns as soon as Google has answered."""
    declared = _declaration(call, args, told)
    counted = {"epochCount": _counted_epochs(call, declared), **new_estimate(call)}
    if args.adopt is not None:
        return _current(call, inputs, adopt_job(call, KIND, inputs, args.adopt), counted)
    body = to_wire(args, called(call, inputs), catalogue_of(call.settings))
    return _current(call, inputs, find_or_submit(call, declared, inputs, body), counted)


def look(call: Call, id: str, outputs: Properties) -> Current:  # noqa: A002
    """The job as Google has it. A job that is missing at Google stays in state and is never resubmitted."""
    return look_at_job(call, KIND, Told, id, outputs, _current)


def patch(call: Call, id: str, olds: Properties, news: Properties) -> Current:  # noqa: A002
    """Updates only state, because a job cannot be changed; a warning names the fields that keep their submitted value."""
    return keep_job(call, KIND, Told, id, olds, news, _current)


def remove(call: Call, id: str, outputs: Properties) -> None:  # noqa: A002
    """Cancels a live job, deletes its model if it succeeded anyway, and deletes the record."""
    job = end_job(call, KIND, id)
    if job is not None:
        remove_what_a_job_made(call, KIND.made(job), effective_labels(job).get(IDENTITY), unless_claimed=True)
    KIND.at(call, id).delete(id, wait=lasting(call))


def _current(call: Call, inputs: Properties, job: Job, before: Properties) -> Current:
    outputs = {**inputs, **from_wire(job, call.settings.api_origin, catalogue_of(call.settings))}
    if before.get("epochCount") is not None:
        outputs["epochCount"] = before["epochCount"]
    outputs |= kept_estimate(call, job["name"], before)
    return Current(id=job["name"], outputs=outputs, inputs=inputs, unfinished=KIND.state_of(job).is_active)


# Requests and answers


def to_wire(args: Args, name: str, catalogue: Catalogue) -> Properties:
    """The body of the create request, without labels. ``name`` is the display name if none is declared."""
    body = body_of(args)
    parameters = body["runtimeConfig"]["parameterValues"]
    parameters["project"] = args.project
    parameters["large_model_reference"] = args.base_model.removeprefix("publishers/google/models/")
    if args.tuned_model_location == args.location:
        parameters.pop("location", None)
    if "encryptionSpec" in body:
        parameters["encryption_spec_key_name"] = body["encryptionSpec"]["kmsKeyName"]
    for holder, key in ((body, "displayName"), (parameters, "model_display_name")):
        holder[key] = holder.get(key) or name
    return {**body, "templateUri": CHAT_TEMPLATE if _is_chat(args.base_model, catalogue) else TEMPLATE}


def from_wire(job: Job, api_origin: str, catalogue: Catalogue) -> Properties:
    """The state of Google's pipeline."""
    told: dict[str, Any] = {"tunedModel": KIND.made(job) or None, "error": KIND.error_of(job) or None}
    told |= {"effectiveLabels": effective_labels(job), "apiOrigin": api_origin, **length_of(job, catalogue)}
    return State.model_validate({**job, **told}).properties()


def _is_chat(base_model: str, catalogue: Catalogue) -> bool:
    row = catalogue.find_model(base_model)
    return row.chat if row is not None else "chat" in base_model


# Checks before anything is paid for


def _declaration(call: Call, args: Args, told: Told) -> JobDeclaration:
    base_model, evaluation = known(args.base_model), known(args.evaluation_data_uri)
    evaluation_is_known = args.evaluation_data_uri is None or evaluation is not None
    return JobDeclaration.of(
        call,
        KIND,
        args,
        told,
        family="pipeline-tpu" if known(args.accelerator_type) == "TPU" else "pipeline-gpu",
        base_model=base_model,
        paths=DATA,
        data_input="datasetUri",
        training_uri=known(args.dataset_uri),
        validation_uri=evaluation,
        data_is_known=known(args.dataset_uri) is not None and evaluation_is_known,
        epochs=lambda examples: _epochs_of(args, examples, catalogue_of(call.settings)),
        max_cost=call.settings.max_cost,
        folders={("gcs_output_directory",): known(args.gcs_output_directory)},
    )


def _epochs_of(args: Args, examples: int | None, catalogue: Catalogue) -> cost.Epochs | NotAsked | None:
    """The epochs of the steps: the batch size depends on the model and on the region of the accelerator."""
    base_model = known(args.base_model)
    row = catalogue.find_model(base_model) if base_model is not None else None
    length: tuple[object, ...] = (args.train_steps, args.accelerator_type)
    if UNKNOWN in length or row is None or examples is None:
        return NOT_ASKED
    stops = args.evaluation_data_uri is not None and args.enable_early_stopping is not False
    batch = row.batch_sizes.get(computes_in(args.accelerator_type, catalogue))
    return cost.epochs_of_steps(args.train_steps or DEFAULT_STEPS, batch, examples, early_stopping=stops)


def _counted_epochs(call: Call, job: JobDeclaration) -> float | None:
    """The epochs of the dataset that the checks have read; None if they have not read it."""
    row = catalogue_of(call.settings).find_model(job.base_model) if job.base_model else None
    if row is None or "dataset" not in checks_on(call.settings, job.checks):
        return None
    fact = fetch_dataset_report(
        call, job.training_uri, job.validation_uri, row, paths=job.paths, user_project=job.project
    )
    epochs = job.epochs(fact.examples)
    return round(epochs.count, 4) if isinstance(epochs, cost.Epochs) and epochs.count is not None else None


TRAITS: Final = Traits(noun="tuning pipeline", costs=costs.JOB, recognised=recognised_by_labels(KIND))
