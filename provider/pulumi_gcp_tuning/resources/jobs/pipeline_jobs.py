"""pipelineJobs that tune bison models, as a kind of billed job."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pulumi_gcp_tuning.google.pipeline_jobs import PIPELINE_JOBS
from pulumi_gcp_tuning.grammar import camel
from pulumi_gcp_tuning.names import PipelineJobName
from pulumi_gcp_tuning.resources.core.description import keys_of
from pulumi_gcp_tuning.resources.core.wire import inputs_of, keys_below
from pulumi_gcp_tuning.resources.jobs.kind import Job, JobKind
from pulumi_gcp_tuning.resources.jobs.spec import normalised

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pulumi_gcp_tuning.catalog import Catalogue
    from pulumi_gcp_tuning.preflight.facts import Family
    from pulumi_gcp_tuning.resources.core.inputs import CommonArgs
    from pulumi_gcp_tuning.resources.core.lifecycle import Properties

REGISTRY: Final = "https://us-kfp.pkg.dev/ml-pipeline/large-language-model-pipelines"
TEMPLATE, CHAT_TEMPLATE = f"{REGISTRY}/tune-large-model/v3.0.0", f"{REGISTRY}/tune-large-chat-model/v3.0.0"
BILLING_LABEL: Final = "vertex-ai-pipelines-run-billing-id"
"""A label that the service adds."""

PARAMETERS: Final = ("runtimeConfig", "parameterValues")
"""The place of the template's parameters in a request."""
_DEFAULTS: Final[Mapping[str, Any]] = {
    "trainSteps": 300,
    "learningRateMultiplier": 1,
    "acceleratorType": "GPU",
    "evaluationInterval": 20,
    "enableEarlyStopping": "true",
    "enableCheckpointSelection": "default",
}
_MODEL, _ENDPOINT = "output:model_resource_name", "output:endpoint_resource_name"


def read_spec(args: type[CommonArgs], body: Mapping[str, Any]) -> Properties:
    """The spec, without values that are the template's defaults. A parameter without a matching input is kept."""
    if "runtimeConfig" in body:
        found = {**inputs_of(args, body, ("spec",)), **_trained_parameters(args, body)}
        if found.get("encryptionSpecKeyName") == (found.get("encryptionSpec") or {}).get("kmsKeyName"):
            found.pop("encryptionSpecKeyName", None)
        if body.get("templateUri") not in (TEMPLATE, CHAT_TEMPLATE):
            found["templateUri"] = body.get("templateUri")
        place = PipelineJobName.parse(body["name"]).location if "name" in body else None
    else:
        found = {key: body[key] for key in keys_of(args, "spec") if key in body}
        place = body.get("location")
    if found.get("tunedModelLocation") == place:
        found.pop("tunedModelLocation", None)
    found = {key: _as_compared(key, value) for key, value in found.items()}
    return normalised({key: value for key, value in found.items() if _DEFAULTS.get(key) != value}, args)


def read_inputs(args: type[CommonArgs], job: Job) -> Properties:
    """The inputs at their places in the request. Steps, which may be floats or text, become ints."""
    inputs = {"gcsOutputDirectory": "", **inputs_of(args, job)}
    for key in ("trainSteps", "evaluationInterval"):
        if key in inputs:
            inputs[key] = int(inputs[key])
    if template_parameters_of(job).get("enable_early_stopping") in (False, "false"):
        inputs["enableEarlyStopping"] = False
    return inputs


def length_of(job: Job, catalogue: Catalogue) -> Properties:
    """The steps that the pipeline was asked for, and the examples in a step if its model is known."""
    values = template_parameters_of(job)
    row = catalogue.find_model(str(values.get("large_model_reference")))
    batch = row.batch_sizes.get(computes_in(values.get("accelerator_type"), catalogue)) if row is not None else None
    return {"stepCount": int(values.get("train_steps") or _DEFAULTS["trainSteps"]), "batchSize": batch}


def computes_in(accelerator_type: object, catalogue: Catalogue) -> str:
    """The region in which an accelerator computes; it does not depend on the pipeline's. None is the template's default."""
    return catalogue.accelerators[str(accelerator_type or _DEFAULTS["acceleratorType"])].compute_region


def family(job: Job, _catalogue: Catalogue) -> Family | None:
    """A tuning pipeline uses the quota of its accelerator; any other pipeline uses none."""
    if job.get("templateUri") not in (TEMPLATE, CHAT_TEMPLATE):
        return None
    return "pipeline-tpu" if template_parameters_of(job).get("accelerator_type") == "TPU" else "pipeline-gpu"


def made(job: Job) -> Mapping[str, Any]:
    """The model and endpoint in the outputs of the pipeline's tasks; empty if it did not succeed."""
    if job.get("state") != "PIPELINE_STATE_SUCCEEDED":
        return {}
    outputs: dict[str, Any] = {}
    for task in (job.get("jobDetail") or {}).get("taskDetails") or ():
        outputs |= (task.get("execution") or {}).get("metadata") or {}
    named = {"model": outputs.get(_MODEL), "endpoint": outputs.get(_ENDPOINT)}
    return {key: value for key, value in named.items() if value}


def progress(job: Job) -> Sequence[str]:
    """The running tasks, without the task of the run itself."""
    if job.get("state") != "PIPELINE_STATE_RUNNING":
        return ()
    tasks = (job.get("jobDetail") or {}).get("taskDetails") or ()
    return [
        str(task.get("taskName"))
        for task in tasks
        if task.get("state") == "RUNNING" and task.get("parentTaskId") and task.get("taskName")
    ]


def task_counts(job: Job) -> tuple[int, int] | None:
    """How many tasks a pipeline has done, and how many its spec has at the first level; None for another job."""
    tasks = (((job.get("pipelineSpec") or {}).get("root") or {}).get("dag") or {}).get("tasks") or {}
    details = (job.get("jobDetail") or {}).get("taskDetails") or ()
    ended = {str(each.get("taskName")) for each in details if each.get("state") in ("SUCCEEDED", "SKIPPED")}
    return (len(ended & tasks.keys()), len(tasks)) if tasks else None


def error_of(job: Job) -> Mapping[str, Any]:
    """The error of the failed task, because the pipeline's own error only names the task."""
    tasks = (job.get("jobDetail") or {}).get("taskDetails") or ()
    failed = [task for task in tasks if task.get("parentTaskId") and (task.get("error") or {}).get("message")]
    found: Mapping[str, Any] = failed[0]["error"] if failed else job.get("error") or {}
    return found


def experiment_of(job: Job) -> str | None:
    """The TensorBoard experiment of a pipeline that has succeeded; None without a TensorBoard. Its id is assumed to be the pipeline's."""
    board = template_parameters_of(job).get("tensorboard_resource_id")
    if not board or job.get("state") != "PIPELINE_STATE_SUCCEEDED":
        return None
    place, _, id_ = str(job["name"]).partition(f"/{PIPELINE_JOBS.name}/")
    instance = str(board) if "/" in str(board) else f"{place}/tensorboards/{board}"
    return f"{instance}/experiments/{id_}"


def chosen_id(identity: str, spec_hash: str) -> str:
    """At most 128 characters of a-z, 0-9 and hyphens, beginning with a letter."""
    return f"gcp-tuning-{identity[:16]}-{spec_hash[:16]}"


def template_parameters_of(job: Job) -> Mapping[str, Any]:
    """The parameters of a pipeline; empty for another job."""
    return (job.get("runtimeConfig") or {}).get("parameterValues") or {}


def _as_compared(key: str, value: Any) -> Any:
    """One form of a value that a request may have as text; a false switch is not the template's default, so it is kept."""
    if key in ("enableEarlyStopping", "enableCheckpointSelection") and isinstance(value, bool):
        return str(value).lower()
    return int(value) if key == "evaluationInterval" and isinstance(value, str) and value.isdigit() else value


def _trained_parameters(args: type[CommonArgs], job: Job) -> Properties:
    """The template's parameters under the names of inputs, without the project and what is submitted once."""
    named = keys_below(args, PARAMETERS, ("spec",))
    left_out = {"project", *keys_below(args, PARAMETERS, ("submitted once",))}
    return {
        named.get(name, camel(name)): value
        for name, value in template_parameters_of(job).items()
        if name not in left_out
    }


PIPELINE_JOB: Final = JobKind(
    resource="PipelineTuningJob",
    collection=PIPELINE_JOBS,
    product="PIPELINE",
    parse_name=PipelineJobName.parse,
    calls=lambda vertex: vertex.pipeline_jobs,
    family=family,
    listed=("templateUri", "runtimeConfig"),
    made=made,
    progress=progress,
    error_of=error_of,
    curves_at=experiment_of,
    curves_come="a pipeline writes them to the TensorBoard of its tensorboard_resource_id when it succeeds",
    read_spec=read_spec,
    read_inputs=read_inputs,
    service_labels=(BILLING_LABEL,),
    chosen_id=chosen_id,
    names_endpoint=False,
    keeps_records=False,
)
