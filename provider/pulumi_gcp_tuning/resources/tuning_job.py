"""TuningJob: one supervised tuning of a Gemini model, submitted once. It does not wait; TunedModel does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

from pydantic import BeforeValidator, ConfigDict, Field

from pulumi_gcp_tuning.errors import ApiError, Failed, Finding, NotFound, Refused
from pulumi_gcp_tuning.names import MalformedName, TuningJobName, identity_of
from pulumi_gcp_tuning.preflight import cmek, cost, hyperparameters, places
from pulumi_gcp_tuning.preflight.change import ON_CHANGE
from pulumi_gcp_tuning.preflight.facts import NOT_ASKED, NotAsked
from pulumi_gcp_tuning.preflight.hyperparameters import check_hyperparameters
from pulumi_gcp_tuning.preflight.places import check_location, check_model
from pulumi_gcp_tuning.preflight.rule import Rules
from pulumi_gcp_tuning.preflight.spelling import (
    ACCOUNT,
    DATASET,
    DECLARED,
    DISPLAY_NAME,
    NAME,
    OF_LABELS,
    SUFFIX,
    check_dataset_uri,
    check_display_name,
    check_labels,
    check_service_account,
)
from pulumi_gcp_tuning.resources.core.catalogue import catalogue_of
from pulumi_gcp_tuning.resources.core.declared import (
    called,
    changed_inputs,
    changed_keys,
    doing,
    inputs_among,
    urn_of,
)
from pulumi_gcp_tuning.resources.core.description import about, described, keys_of
from pulumi_gcp_tuning.resources.core.inputs import (
    CommonArgs,
    Inputs,
    Keyed,
    LabelledOnce,
    Placed,
    TakesTurns,
    known,
    python_path,
)
from pulumi_gcp_tuning.resources.core.labels import IDENTITY, SPEC, effective_labels
from pulumi_gcp_tuning.resources.core.lifecycle import UNKNOWN, Call, Current, Difference, Judged, Properties
from pulumi_gcp_tuning.resources.core.outputs import (
    API_ORIGIN,
    EFFECTIVE_LABELS,
    JobError,
    Outputs,
    TunedModelInfo,
    TuningDataStats,
    data_stats,
    without,
)
from pulumi_gcp_tuning.resources.core.wire import body_of
from pulumi_gcp_tuning.resources.facts.dataset_reports import SUPERVISED
from pulumi_gcp_tuning.resources.facts.grants import key_is_known, key_name_of
from pulumi_gcp_tuning.resources.jobs.adoption import (
    Job,
    Wanted,
    choose,
    find_jobs,
    find_new,
    has_succeeded,
    is_active,
    look_for_lost,
)
from pulumi_gcp_tuning.resources.jobs.checks import RULES as ASKING_GOOGLE
from pulumi_gcp_tuning.resources.jobs.checks import check_with_google, slots_of
from pulumi_gcp_tuning.resources.jobs.declaration import JobDeclaration
from pulumi_gcp_tuning.resources.jobs.existing import inputs_from_wire
from pulumi_gcp_tuning.resources.jobs.slots import submit_in_turn
from pulumi_gcp_tuning.resources.jobs.spec import adapter_name, differences, spec_hash
from pulumi_gcp_tuning.resources.models.removal import remove_what_a_job_made

CANCEL_TIMEOUT: Final = 600.0


RULES: Final[Rules] = (
    NAME,
    DISPLAY_NAME,
    *OF_LABELS,
    DATASET,
    SUFFIX,
    ACCOUNT,
    ON_CHANGE,
    places.REGION,
    places.ONE_REGION,
    places.OFFERED,
    places.MODEL,
    places.TUNABLE,
    places.METHOD,
    places.LAUNCH,
    places.CLOSED,
    places.RETIRED,
    places.SOON,
    hyperparameters.PARAMETER,
    hyperparameters.SIZE,
    hyperparameters.SIZE_OFFERED,
    hyperparameters.TAKEN,
    hyperparameters.ONE_RATE,
    hyperparameters.NUMBER,
    hyperparameters.RANGE,
    hyperparameters.OF_PIPELINES,
    cmek.NAME,
    cmek.PLACE,
    cmek.MODEL,
    *ASKING_GOOGLE,
)


def _adapter(value: Any) -> Any:
    named = adapter_name(value)
    return str(named) if isinstance(named, int | float) and not isinstance(named, bool) else named


def _whole_as_text(value: Any) -> Any:
    whole = isinstance(value, int | float) and not isinstance(value, bool) and float(value).is_integer()
    return str(int(value)) if whole else value


class HyperParameters(Inputs):
    """How long and how fast it trains. What is not given Google chooses."""

    epoch_count: Annotated[
        int | None,
        described("How often the training passes over the whole dataset.", unit="epochs", default="Google's"),
    ] = Field(default=None, ge=1)
    adapter_size: Annotated[
        str | None,
        BeforeValidator(_adapter),
        described(
            "The size of the adapter that is trained.",
            form="1, 2, 4, 8, 16, 32 or Google's name (`ADAPTER_SIZE_FOUR`)",
            default="Google's",
            accepts="int | str",
        ),
    ] = None
    learning_rate_multiplier: Annotated[
        float | None, described("A factor on the learning rate that Google recommends.", default="Google's")
    ] = Field(default=None, gt=0)


class SupervisedTuningSpec(Inputs):
    """The data and how it is trained on."""

    training_dataset_uri: Annotated[
        str,
        described("The examples to train on.", form="a `gs://` URI", names="object", refers={"TuningDataset": "uri"}),
    ]
    validation_dataset_uri: Annotated[
        str | None,
        described(
            "The examples that the training is measured by.",
            form="a `gs://` URI",
            names="object",
            refers={"TuningDataset": "uri"},
        ),
    ] = None
    hyper_parameters: Annotated[
        HyperParameters | None, described("How long and how fast it trains.", default="Google chooses")
    ] = None
    export_last_checkpoint_only: Annotated[
        bool | None, described("Whether only the last checkpoint is kept, not one for each epoch.", default="false")
    ] = None


class Args(Placed, LabelledOnce, Keyed, TakesTurns, CommonArgs):
    """What is tuned on what, and what may happen without you."""

    model_config = ConfigDict(json_schema_extra=about(google="TuningJob"))

    base_model: Annotated[str, described("The model that is tuned.", role="spec")]
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
    retry: Annotated[
        str | None,
        BeforeValidator(_whole_as_text),
        described(
            "Another value submits a new job, for example after one that failed.",
            role="place",
            form="any text or number",
            at_google="part of the label `gcp-tuning-id`",
        ),
    ] = None
    tuned_model_display_name: Annotated[
        str | None,
        described(
            "The display name of the model that the job makes.", role="submitted once", form="at most 128 characters"
        ),
    ] = None
    description: Annotated[str | None, described("A description of the job.", role="submitted once")] = None
    adopt: Annotated[
        str | None,
        described("A job that exists and that is taken over; nothing is submitted.", role="ours", form="a job's name"),
    ] = None
    on_change: Annotated[
        Literal["replace", "error"] | None,
        described(
            "Whether a changed spec trains a new model or is refused.",
            role="ours",
            default="`gcp-tuning:onChange`, else `replace`",
        ),
    ] = None
    on_quota: Annotated[
        Literal["wait", "fail"] | None,
        described(
            "Whether a job without a free slot waits for one or is refused.",
            role="ours",
            default="`gcp-tuning:onQuota`, else `wait`",
        ),
    ] = None
    max_cost: Annotated[
        float | None,
        described(
            "The most that the job may cost, as estimated; a dearer one is refused.",
            role="ours",
            unit="US dollars",
            default="`gcp-tuning:maxCost`, else no limit",
        ),
    ] = Field(default=None, ge=0)


class State(Outputs):
    """Submits the job and is done; a TunedModel waits for it.

    Destroying it cancels a job that still runs; its record stays at Google.
    """

    model_config = ConfigDict(
        json_schema_extra=about(
            summary="One supervised tuning job: submitted once, never run again by itself.",
            get="The job of this name (projects/P/locations/L/tuningJobs/N)",
        )
    )

    name: Annotated[
        str, described("The job's name, also the resource's id.", form="`projects/NUMBER/locations/L/tuningJobs/ID`")
    ]
    state: Annotated[
        str,
        described(
            "Where the job stands: `JOB_STATE_PENDING`, `..._RUNNING`, `..._SUCCEEDED`, `..._FAILED` and others."
        ),
    ] = "JOB_STATE_UNSPECIFIED"
    tuning_job_state: Annotated[str | None, described("What a running job is at.")] = None
    create_time: Annotated[str | None, described("When it was submitted.", form="RFC 3339", always=True)] = None
    start_time: Annotated[str | None, described("When it began.", form="RFC 3339")] = None
    end_time: Annotated[str | None, described("When it ended.", form="RFC 3339")] = None
    update_time: Annotated[str | None, described("When it changed last.", form="RFC 3339")] = None
    error: Annotated[JobError | None, described("Why it failed, in Google's words.")] = None
    tuned_model: Annotated[TunedModelInfo | None, described("What it made, once it has succeeded.")] = None
    tuning_data_stats: Annotated[
        TuningDataStats | None, described("Counts of the training data; Google's example rows are dropped.", free=True)
    ] = None
    experiment: Annotated[str | None, described("The Vertex AI experiment.")] = None
    gcs_metrics_uri: Annotated[str | None, described("Where the loss curve is; `gcp-tuning metrics JOB` shows it.")] = (
        None
    )
    effective_labels: Annotated[dict[str, str], EFFECTIVE_LABELS] = Field(default_factory=dict)
    api_origin: Annotated[str | None, API_ORIGIN] = None


def submits(olds: Properties, inputs: Properties) -> bool:
    """Whether this run would submit a job: a new one, or one with another spec, place or ``retry``."""
    adopts = inputs.get("adopt") not in (None, UNKNOWN)
    return not adopts and (not olds or bool(_replacing(olds, inputs)))


def judge(call: Call, args: Args, olds: Properties, inputs: Properties, *, ask: bool, creating: bool) -> Judged:
    """Every check of a job; Google is asked only where this run would submit."""
    adopts = known(args.adopt) is not None
    if adopts and creating:
        return Judged(findings=_check_adopt(args))
    judged = Judged(findings=_check_spelling(call, args))
    if ask:
        asked = check_with_google(call, _declaration(call, args), inputs, judged.findings, creating=creating)
        judged = Judged(findings=[*judged.findings, *asked.findings], told=asked.told)
    findings = [*judged.findings, *(_check_adopt(args) if adopts else ())]
    if olds and args.on_change == "error" and olds.get("retry") == inputs.get("retry"):
        findings += _forbidden_changes(olds, inputs)
    return Judged(findings=findings, told=judged.told)


def changes(call: Call, id: str, olds: Properties, news: Properties) -> Difference:  # noqa: A002
    """A changed spec, place or ``retry`` replaces; everything else of ours is an update that Google never sees."""
    replaces = _replacing(olds, news)
    if replaces:
        return Difference(changed=None, replaces=replaces, delete_before_replace=_still_active(call, id, olds))
    return Difference(changed=None if changed_inputs(Args, olds, news) else False)


def make(call: Call, args: Args, inputs: Properties) -> Current:
    """Adopts the job that is already there, or submits one; returns as soon as Google has answered."""
    if args.adopt is not None:
        return _adopted(call, inputs, args.adopt)
    name = called(call, inputs)
    body = to_wire(args)
    wanted = Wanted(
        parent=f"projects/{args.project}/locations/{args.location}",
        identity=identity_of(urn_of(call, inputs), args.retry),
        spec=spec_hash(body),
        resource=name,
    )
    body["labels"] = {**(args.pulumi_labels or {}), IDENTITY: wanted.identity, SPEC: wanted.spec}
    call.google.warm()
    with doing(f"looking for tuning jobs of {name!r} in {wanted.parent}"):
        known_jobs = find_jobs(call, wanted)
        job = choose(call, wanted, known_jobs)
    if job is not None:
        call.report(f"adopted {job['name']} ({job.get('state')})")
        return _current(call, inputs, job)
    known_names = frozenset(each["name"] for each in known_jobs)
    try:
        with doing(f"creating the tuning job {name!r} in {wanted.parent}"):
            job = submit(call, args, wanted, body, known_names)
    except ApiError as error:
        if not error.maybe_took_effect:
            raise
        job = look_for_lost(call, wanted, known_names, error)
    return _current(call, inputs, job)


def submit(call: Call, args: Args, wanted: Wanted, body: Properties, known_names: frozenset[str]) -> Job:
    """Sends the job, at once or when its turn has come; never again before it was looked for."""
    vertex = call.google.vertex(str(args.location))
    sent = False

    def find() -> dict[str, Any] | None:
        return find_new(call, wanted, known_names)

    def send() -> dict[str, Any]:
        nonlocal sent
        found = find() if sent else None
        sent = True
        return found or vertex.create_tuning_job(wanted.parent, body, find=find)

    declaration = _declaration(call, args)
    if declaration.on_quota == "fail":
        return send()
    return submit_in_turn(call, slots_of(call, declaration, wanted.parent), send, catalogue_of(call.settings))


def look(call: Call, id: str, outputs: Properties) -> Current:  # noqa: A002
    """The job as Google has it. A job that state knows and Google does not stays in state: it never runs again by itself."""
    try:
        with doing(f"reading the tuning job {id}"):
            job = call.google.vertex_of(id).read_tuning_job(id)
    except NotFound:
        if not outputs.get("state"):
            raise
        call.settings.check_origin(outputs.get("apiOrigin"), id)
        call.warn(
            f"The record of {id} is gone at {outputs.get('apiOrigin')}, which keeps its records for ever. "
            "It is kept in state and will not run again by itself: set retry to train anew."
        )
        return Current(id=id, outputs=outputs, inputs=inputs_among(Args, outputs))
    inputs = inputs_among(Args, outputs) if outputs.get("baseModel") else inputs_from_wire(job)
    return _current(call, inputs, job)


def patch(call: Call, id: str, olds: Properties, news: Properties) -> Current:  # noqa: A002
    """Nothing of a job can be changed at Google: what was submitted stays, and that is said."""
    kept = changed_keys(olds, news, keys_of(Args, "submitted once"))
    if kept:
        words = ", ".join(dict.fromkeys("labels" if key == "pulumiLabels" else python_path((key,)) for key in kept))
        call.warn(f"{words}: the job {id} keeps what was submitted. TunedModel patches the model's; retry trains anew.")
    try:
        with doing(f"reading the tuning job {id}"):
            job: Job = call.google.vertex_of(id).get_tuning_job(id)
    except NotFound:
        call.settings.check_origin(olds.get("apiOrigin"), id)
        return Current(id=id, outputs={**without(olds, inputs_among(Args, olds)), **news}, inputs=news)
    return _current(call, news, job)


def remove(call: Call, id: str, outputs: Properties) -> None:  # noqa: A002
    """Cancels the job where it is live, and removes what it made if it succeeded after all. The record stays at Google."""
    vertex = call.google.vertex_of(id)
    with doing(f"cancelling the tuning job {id}"):
        job: Job = vertex.get_tuning_job(id)
        if not is_active(job):
            _tell_of_unclaimed(call, job)
            return
        if job.get("state") != "JOB_STATE_CANCELLING":
            _cancel(call, id)
    job = wait(call, id)
    if has_succeeded(job):
        call.report(f"{id} succeeded before the cancel reached it; removing its model")
        remove_what_a_job_made(call, job, unless_claimed=True)


def wait(call: Call, id: str) -> Job:  # noqa: A002
    """The job once it has ended after a cancel."""
    from pulumi_gcp_tuning.google.operations import WaitEnded

    timeout = call.timeout or CANCEL_TIMEOUT
    try:
        return call.google.vertex_of(id).poll_tuning_job(
            id,
            timeout=timeout,
            cancelled=call.cancelled,
            on_change=lambda job: call.report(f"{job.get('state', '').removeprefix('JOB_STATE_')}"),
        )
    except WaitEnded as ended:
        raise Failed(
            f"The tuning job {id} was asked to cancel and has not ended yet ({ended.why}).\n"
            "It stays in state; run the same command again to go on."
        ) from ended


def to_wire(args: Args) -> Properties:
    """The body of the create request, without labels."""
    body = body_of(args)
    parameters = body["supervisedTuningSpec"].get("hyperParameters", {})
    if "epochCount" in parameters:
        parameters["epochCount"] = str(parameters["epochCount"])
    return body


def from_wire(job: Job, api_origin: str) -> Properties:
    """Google's job as state."""
    plain = {**without(job, ("tuningDataStats",)), "tuningDataStats": data_stats(job)}
    return State.model_validate(
        {**plain, "effectiveLabels": effective_labels(job), "apiOrigin": api_origin}
    ).properties()


def _check_spelling(call: Call, args: Args) -> list[Finding]:
    """What can be judged without asking anybody."""
    catalogue = catalogue_of(call.settings)
    place, base_model, as_of = known(args.location), known(args.base_model), call.settings.as_of
    findings = check_location(place, base_model=base_model, catalogue=catalogue)
    findings += check_model(base_model, place, as_of, catalogue=catalogue)
    spec = known(args.supervised_tuning_spec)
    if spec:
        findings += check_dataset_uri(known(spec.training_dataset_uri), path=SUPERVISED.training)
        findings += check_dataset_uri(known(spec.validation_dataset_uri), path=SUPERVISED.validation)
        parameters = known(spec.hyper_parameters)
        if parameters:
            given = {name: known(getattr(parameters, name)) for name in type(parameters).model_fields}
            findings += check_hyperparameters(given, base_model, catalogue=catalogue)
    findings += check_display_name(known(args.tuned_model_display_name), path="tuned_model_display_name")
    findings += check_service_account(known(args.service_account))
    findings += check_labels(known(args.pulumi_labels))
    key_name = key_name_of(args.encryption_spec)
    findings += cmek.check_key_place(key_name, place if place in catalogue.regions else None)
    return findings + cmek.check_model_takes_key(key_name, base_model, place, as_of, catalogue=catalogue)


def _declaration(call: Call, args: Args) -> JobDeclaration:
    spec, own = known(args.supervised_tuning_spec), known(args.max_cost)
    return JobDeclaration(
        project=known(args.project),
        location=known(args.location),
        base_model=known(args.base_model),
        retry=known(args.retry),
        paths=SUPERVISED,
        data_input="supervisedTuningSpec",
        training_uri=known(spec.training_dataset_uri) if spec else None,
        validation_uri=known(spec.validation_dataset_uri) if spec else None,
        data_is_known=bool(spec),
        epochs=_epochs_of(args),
        key_name=key_name_of(args.encryption_spec),
        key_is_known=key_is_known(args.encryption_spec),
        service_account=known(args.service_account),
        account_is_known=args.service_account is None or known(args.service_account) is not None,
        max_cost=call.settings.max_cost if own is None else own,
        on_quota=known(args.on_quota) or call.settings.on_quota,
        checks=known(args.checks),
        made=frozenset(known(args.from_resources) or ()),
        after=tuple(known(args.after_jobs) or ()),
    )


def _epochs_of(args: Args) -> cost.Epochs | NotAsked | None:
    """None where they are left to Google."""
    spec: object = args.supervised_tuning_spec
    parameters: object = UNKNOWN if spec is UNKNOWN else args.supervised_tuning_spec.hyper_parameters
    count: object = UNKNOWN if parameters is UNKNOWN else getattr(parameters, "epoch_count", None)
    if count is UNKNOWN:
        return NOT_ASKED
    return cost.Epochs(count=count) if isinstance(count, int) and count else None


def _check_adopt(args: Args) -> list[Finding]:
    try:
        name = TuningJobName.parse(str(args.adopt))
    except MalformedName as error:
        problem = f"{error.text!r} is not the name of a tuning job: {error.reason}."
        return [NAME.finding("adopt", problem, f"It looks like this: {error.example}")]
    if known(args.location) not in (None, name.location):
        problem = f"The job is in {name.location}, the declaration says {args.location}."
        return [DECLARED.finding("adopt", problem, f"Set location to {name.location}.")]
    project = known(args.project)
    if project is not None and project.isdigit() == name.project.isdigit() and project != name.project:
        problem = f"The job is in project {name.project}, the declaration says {project}."
        return [DECLARED.finding("adopt", problem, f"Set project to {name.project}.")]
    return []


def _replacing(olds: Mapping[str, Any], news: Mapping[str, Any]) -> list[str]:
    keys = list(dict.fromkeys(str(place[0]) for place, _, _ in differences(olds, news)))
    return keys + [
        key for key in keys_of(Args, "place") if news.get(key) is not UNKNOWN and olds.get(key) != news.get(key)
    ]


def _forbidden_changes(olds: Mapping[str, Any], inputs: Mapping[str, Any]) -> list[Finding]:
    return [
        ON_CHANGE.finding(
            python_path(place),
            f"It changed from {old!r} to {new!r}, which would start another paid job; on_change is 'error'.",
            "Undo the change, or set on_change='replace' (or a new retry) to train anew.",
        )
        for place, old, new in differences(olds, inputs)
    ]


def _still_active(call: Call, id: str, olds: Mapping[str, Any]) -> bool:  # noqa: A002
    """Whether the old job has to be cancelled before the new one starts: both at once cost twice and need two slots."""
    if not is_active(olds):
        return False
    try:
        return is_active(call.google.vertex_of(id).get_tuning_job(id))
    except ApiError:
        return False


def _tell_of_unclaimed(call: Call, job: Job) -> None:
    """A model that no TunedModel took over was paid for and may serve somewhere: it stays, and that is said."""
    model = (job.get("tunedModel") or {}).get("model")
    if not model:
        return
    try:
        labels = effective_labels(call.google.vertex_of(model).get_model(model))
    except ApiError:
        return
    if labels.get(IDENTITY) in (None, effective_labels(job).get(IDENTITY)):
        call.warn(
            f"The model {model} of {job['name']} stays with its endpoints: no TunedModel took it over. "
            "To have it removed, declare a TunedModel and destroy that; or delete it in the console."
        )


def _adopted(call: Call, inputs: Properties, adopt: str) -> Current:
    try:
        with doing(f"reading the tuning job {adopt} to adopt it"):
            job = call.google.vertex_of(adopt).get_tuning_job(adopt)
    except NotFound as error:
        raise Refused(
            f"There is no tuning job {adopt} to adopt.\nCheck the name, the project and the location."
        ) from error
    found = differences(job, inputs)
    if found:
        lines = [f"- {python_path(p)}: the job has {old!r}, the declaration {new!r}" for p, old, new in found[:4]]
        raise Refused(
            f"The tuning job {adopt} is not what is declared:\n" + "\n".join(lines) + "\n"
            f"Change the declaration (`gcp-tuning adopt {adopt}` prints the job's), or leave adopt out to train anew."
        )
    return _current(call, inputs, job)


def _cancel(call: Call, id: str) -> None:  # noqa: A002
    try:
        call.google.vertex_of(id).cancel_tuning_job(id)
    except NotFound:
        raise
    except ApiError as error:
        if error.status != "FAILED_PRECONDITION":  # it ended in between
            raise


def _current(call: Call, inputs: Properties, job: Job) -> Current:
    outputs = {**inputs, **from_wire(job, call.settings.api_origin)}
    return Current(id=job["name"], outputs=outputs, inputs=inputs, unfinished=is_active(job))
