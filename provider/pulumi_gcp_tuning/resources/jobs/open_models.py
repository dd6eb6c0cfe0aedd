"""What a tuning job of an open model has beside one of a Gemini model: its mode, its folders, and the agents that read them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Final

from pulumi_gcp_tuning.errors import Finding, Refused, TuningError
from pulumi_gcp_tuning.names import GcsUri, MalformedName
from pulumi_gcp_tuning.preflight import artifacts, existing, identity
from pulumi_gcp_tuning.preflight.existing import check_job_fits
from pulumi_gcp_tuning.preflight.facts import NOT_ASKED, Fact, Known, Listing
from pulumi_gcp_tuning.resources.core import costs
from pulumi_gcp_tuning.resources.core.catalogue import catalogue_of
from pulumi_gcp_tuning.resources.core.declared import checks_on
from pulumi_gcp_tuning.resources.core.description import described
from pulumi_gcp_tuning.resources.core.inputs import Inputs, known
from pulumi_gcp_tuning.resources.core.told import ReferringTold, explain_missing, is_stack_reference
from pulumi_gcp_tuning.resources.facts.checkpoints import (
    checkpoint_folder,
    fetch_config,
    fetch_folder,
    list_checkpoints,
)
from pulumi_gcp_tuning.resources.facts.identities import fetch_bucket_policy
from pulumi_gcp_tuning.resources.facts.surroundings import fetch_project
from pulumi_gcp_tuning.resources.jobs.adoption import wanted_at_preview
from pulumi_gcp_tuning.resources.jobs.kind import check_job_name
from pulumi_gcp_tuning.resources.jobs.listing import list_jobs
from pulumi_gcp_tuning.resources.jobs.results import base_of, check_given_job
from pulumi_gcp_tuning.resources.jobs.spec import MODES, TRAINING, folder_of_training
from pulumi_gcp_tuning.resources.jobs.tuning_jobs import TUNING_JOB
from pulumi_gcp_tuning.wording import PYTHON

if TYPE_CHECKING:
    from pulumi_gcp_tuning.catalog import Method, ModelRow
    from pulumi_gcp_tuning.preflight.rule import Rules
    from pulumi_gcp_tuning.resources.core.lifecycle import Call, Properties
    from pulumi_gcp_tuning.resources.facts.dataset_reports import DatasetFact
    from pulumi_gcp_tuning.resources.jobs.declaration import JobDeclaration
    from pulumi_gcp_tuning.resources.jobs.kind import DeclaredKind, Job
    from pulumi_gcp_tuning.wording import PropertyPath

RULES: Final[Rules] = (
    *artifacts.RULES,
    existing.JOB_MODEL,
    existing.JOB_FITS,
    identity.AGENT_READS,
    identity.AGENT_LATER,
)
OUTPUT: Final = ("output_uri",)
START: Final = ("custom_base_model",)


class OfOpenModels(Inputs):
    """The folders of a job that tunes an open model."""

    output_uri: Annotated[
        str | None,
        described(
            "The folder to which an open model's job writes its checkpoints; required for open models, and only for them. "
            "`{training}` in it stands for a name that each training has of its own, so that a retrain overwrites nothing.",
            role="spec",
            form="a `gs://` URI",
        ),
    ] = None
    custom_base_model: Annotated[
        str | None,
        described(
            "The checkpoint from which an open model's job starts, of the architecture of `base_model`: a folder of "
            "`*.safetensors`, or a `TuningJob`, whose final checkpoint it is; create waits until that job has ended.",
            role="spec",
            form="a `gs://` URI",
            default="the weights of `base_model`",
            refers={"TuningJob": "id"},
            ends=True,
        ),
    ] = None


def method_of(row: ModelRow | None, tuning_mode: str | None, method: Method) -> Method:
    """The tuning method: for an open model its mode, by default the first that the model offers."""
    if row is None or row.product != "OPEN":
        return method
    named = next((short for short, name in MODES.items() if name == tuning_mode), None)
    offered = [each for each in row.methods if each in MODES]
    found: Method = "PEFT_ADAPTER" if (named or next(iter(offered), "FULL")) == "PEFT_ADAPTER" else "FULL"
    return found


def check_folders(
    call: Call,
    row: ModelRow | None,
    base_model: str | None,
    output_uri: str | None,
    custom_base_model: str | None,
    checks: Mapping[str, str] | None,
    told: ReferringTold,
    *,
    ask: bool,
    creating: bool = False,
) -> list[Finding]:
    """The findings about the folder that an open model's job writes to and the checkpoint that it starts from.

    Inputs may be unknown; the contents of the checkpoint, or the state of its job, are looked up if ``ask``.
    """
    product = row.product if row is not None and row.is_tunable else None
    findings = artifacts.check_output_uri(known(output_uri), product, is_set=output_uri is not None)
    start = known(custom_base_model)
    if custom_base_model is None and told.sources.get("customBaseModel"):
        of_stacks = {key: urns for key, urns in told.sources.items() if urns and is_stack_reference(urns[0])}
        findings += explain_missing(artifacts.missing_start(), {}, of_stacks)
    job = start if start is not None and artifacts.is_job(start) else None
    findings += check_job_name(call, TUNING_JOB, job, path=START)
    if ask and not creating and not findings and (job is not None or (custom_base_model is not None and start is None)):
        findings += _check_start(call, told, job, known(base_model), checks)
    listing: Fact[Listing] = NOT_ASKED
    config: Fact[Mapping[str, Any] | None] = NOT_ASKED
    if start is not None and ask and "artifacts" in checks_on(call.settings, checks) and _is_folder(start):
        listing, config = fetch_folder(call, start), fetch_config(call, start)
    is_set = base_model is not None
    return findings + artifacts.check_custom_base_model(
        start, known(base_model), product, listing, config, base_model_is_set=is_set
    )


def _check_start(
    call: Call, told: ReferringTold, job: str | None, base_model: str | None, checks: Mapping[str, str] | None
) -> list[Finding]:
    """The job that the checkpoint comes from writes weights, of the architecture of the base model. None: it has no name yet."""
    found = check_given_job(call, told, TUNING_JOB, job, checks=checks, weights=True, key="customBaseModel", path=START)
    if found or not {"artifacts", "existence"} <= checks_on(call.settings, checks):
        return found
    what, of_job = base_of(call, TUNING_JOB, job, told.sources.get("customBaseModel", ()))
    return artifacts.check_architecture_of_job(what, base_model, of_job)


def own_folder(call: Call, kind: DeclaredKind, inputs: Properties, output_uri: str) -> str | None:
    """The folder to which the declared job writes; None if it has a part of its own and the spec is not known yet."""
    if TRAINING not in output_uri:
        return output_uri
    wanted = wanted_at_preview(call, kind, inputs)
    return folder_of_training(output_uri, wanted.identity, wanted.spec) if wanted and wanted.spec else None


def check_overwritten(call: Call, job: JobDeclaration, inputs: Properties) -> list[Finding]:
    """Whether the job, which is submitted and not adopted, writes where there are checkpoints."""
    given = job.folders.get(OUTPUT)
    folder = None if given is None else own_folder(call, job.kind, inputs, given)
    if job.family != "open" or folder is None or "artifacts" not in checks_on(call.settings, job.checks):
        return []
    if not _is_folder(folder):
        return []
    return artifacts.check_overwritten(folder, fetch_folder(call, checkpoint_folder(folder, "")))


def _is_folder(uri: str) -> bool:
    try:
        GcsUri.parse(uri)
    except MalformedName:
        return False
    return True


def check_agents(call: Call, job: JobDeclaration, dataset: DatasetFact) -> list[Finding]:
    """Whether Google's agents can read images that are in another bucket than the rows which name them."""
    images = tuple(sorted({bucket for _, seen in dataset.seen for bucket in seen.buckets}))
    if (
        job.family != "open"
        or not images
        or job.project is None
        or "identity" not in checks_on(call.settings, job.checks)
    ):
        return []
    data = GcsUri.parse(dataset.training_uri).bucket
    owner = fetch_project(call, job.project)
    if not isinstance(owner, Known) or set(images) <= {data}:
        return []
    policies = {bucket: fetch_bucket_policy(call, bucket) for bucket in {data, *images}}
    return identity.check_open_model_agents(
        owner.value.number, data, images, policies, _had_a_job(call, job), path=job.paths.training
    )


def _had_a_job(call: Call, job: JobDeclaration) -> Fact[bool]:
    catalogue = catalogue_of(call.settings)
    try:
        jobs = list_jobs(call, job.kind, f"projects/{job.project}/locations/{job.location}")
    except TuningError:
        return NOT_ASKED
    return Known(any(job.kind.family(each, catalogue) == "open" for each in jobs))


def outputs_of(call: Call, job: Job, *, succeeded: bool) -> Properties:
    """The outputs ``finalCheckpointUri`` and ``checkpointUris`` of a job that has succeeded; empty for any other job."""
    output_uri = job.get("outputUri")
    if not succeeded or not isinstance(output_uri, str):
        return {}
    try:
        found = list_checkpoints(call, output_uri)
    except TuningError as error:
        call.warn(f"The checkpoints in {output_uri} could not be listed: {error}")
        found = ()
    return {"finalCheckpointUri": checkpoint_folder(output_uri), "checkpointUris": list(found)}


def tell_of_files(call: Call, jobs: Sequence[Job]) -> None:
    """Names the checkpoints that jobs of open models have written: a delete of the job leaves them. It never fails."""
    found = [job for job in jobs if _has_files(call, job.get("outputUri"))]
    if found:
        names, folders = (", ".join(str(job[key]) for job in found) for key in ("name", "outputUri"))
        call.tell(
            f"The checkpoints of {names} stay in {folders}: this package deletes no file that a job wrote. {costs.OBJECT}"
        )


def _has_files(call: Call, output_uri: object) -> bool:
    try:
        return isinstance(output_uri, str) and bool(list_checkpoints(call, output_uri))
    except TuningError:
        return False


def refuse_open_model(job: Job) -> None:
    """Raises Refused for the job of an open model, which makes files and no model."""
    _refuse_unfit(job, weights=False)


def refuse_other_model(job: Job, path: PropertyPath = ("tuning_job",)) -> None:
    """Raises Refused for a job that makes no weights in Cloud Storage."""
    _refuse_unfit(job, weights=True, path=path)


def _refuse_unfit(job: Job, *, weights: bool, path: PropertyPath = ("tuning_job",)) -> None:
    is_open, what = bool(job.get("outputUri")), f"The tuning job {job['name']}"
    for each in check_job_fits(what, tunes_open_model=is_open, weights=weights, path=path):
        raise Refused(each.printed(PYTHON).sentences)
