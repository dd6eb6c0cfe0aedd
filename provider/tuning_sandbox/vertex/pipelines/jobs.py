"""pipelineJobs: create, get, list, cancel, delete, for the two templates that tuned bison models."""

from __future__ import annotations

import re
from typing import Any
from zlib import crc32

from tuning_sandbox.kernel import Call, already_exists, failed_precondition, invalid_argument, not_found
from tuning_sandbox.kernel.course import State
from tuning_sandbox.kernel.list_filter import compile_filter, order
from tuning_sandbox.kernel.partial import keep_masked
from tuning_sandbox.spelling import BUCKET_NAME, split_uri
from tuning_sandbox.vertex.checks import check_display_name, check_labels, check_location
from tuning_sandbox.vertex.operations import finished
from tuning_sandbox.vertex.pipelines.bison import REGIONS
from tuning_sandbox.vertex.pipelines.course import BILLING_LABEL, COURSE, PipelineJob, new_job
from tuning_sandbox.vertex.pipelines.list_filter import FIELDS
from tuning_sandbox.vertex.pipelines.parameters import Parameters, read_parameters
from tuning_sandbox.vertex.pipelines.templates import TEMPLATES, Template
from tuning_sandbox.vertex.service import api, not_in_sandbox, take_fault
from tuning_sandbox.vertex.surroundings import check_account, check_encryption, check_location_policy, check_place
from tuning_sandbox.vertex.training import cancel_job

_PARENT = "/{version}/projects/{project}/locations/{location}/pipelineJobs"
_ID = "aiplatform.projects.locations.pipelineJobs"
_JOB_ID = re.compile(r"[a-z][-a-z0-9]{0,127}")
_DIRECTORY = re.compile(rf"gs://{BUCKET_NAME}(/.*)?")
_LACKING = ("network", "reservedIpRanges", "pscInterfaceConfig")
_KEY_REGION = "us-central1"
Doc = dict[str, Any]

api.behaviour("a pipeline is PENDING first", source="thread", ref="logs of Google's SDK")
api.behaviour("a pipelineJobId that the client did not choose is a number", source="assumed")
api.behaviour("pipelineJobId: up to 128 of a-z, 0-9 and -, beginning with a letter", source="sdk")
api.behaviour("the label vertex-ai-pipelines-run-billing-id is the service's: a number", source="discovery")
api.behaviour("a pipeline that is not over is not deleted: FAILED_PRECONDITION", source="assumed")
api.behaviour("a deleted pipeline leaves its model and endpoint, and its id can be used again", source="assumed")
api.behaviour(
    "a pipeline that tunes takes a key on GPU only, with pipeline and model in us-central1",
    source="thread",
    ref="seed 002",
)
api.behaviour("encryptionSpec and encryption_spec_key_name must not name two keys", source="assumed")


@api.route("POST", _PARENT, id=f"{_ID}.create", permission="aiplatform.pipelineJobs.create", source="discovery",
           does="creates a pipeline of tune-large-model or tune-large-chat-model v3.0.0 and answers at once, in state PENDING; "
           "the client may choose the id; 409 if it is in use")  # fmt: skip
def create_pipeline_job(call: Call) -> Doc:
    check_location(call)
    sandbox, body = call.sandbox, call.body
    if call.location not in REGIONS:
        raise invalid_argument(f"Tuning pipelines do not run in the region {call.location}.")
    template = _template_of(body)
    check_place(call)
    _check_body(call, body)
    runtime = body["runtimeConfig"]
    parameters = read_parameters(template, runtime.get("parameterValues", {}), call.location, sandbox.clock.calendar())
    check_location_policy(call, parameters.upload_location)
    _check_project(call, runtime["parameterValues"]["project"])
    check_account(call, body)
    _check_key(call, body, parameters)
    name = f"{call.resource}/{_chosen_id(call)}"
    if COURSE.find(sandbox, name) is not None:
        raise already_exists(f"The PipelineJob {name} already exists.")
    # an int64, as the ids of the tasks are
    number = sandbox.ids.number(18)
    resource: Doc = {
        **body,
        "name": name,
        "pipelineSpec": body.get("pipelineSpec") or template.spec,
        "labels": {**body.get("labels", {}), BILLING_LABEL: number},
    }
    if "templateUri" in body:
        resource["templateMetadata"] = {"version": template.version}
    seed = crc32(repr((sandbox.seed, _recipe_of(runtime["parameterValues"]))).encode())
    fault = take_fault(sandbox, body.get("displayName", ""))
    job = new_job(resource, parameters, number=number, seed=seed, fault=fault)
    COURSE.begin(sandbox, job, State.PENDING)
    return job.resource


@api.route("GET", _PARENT + "/{job}", id=f"{_ID}.get", permission="aiplatform.pipelineJobs.get", source="discovery",
           does="one pipeline of this location with its tasks; 404 `The PipelineJob does not exist.`")  # fmt: skip
def get_pipeline_job(call: Call) -> Doc:
    return find_pipeline(call).resource


@api.route("GET", _PARENT, id=f"{_ID}.list", permission="aiplatform.pipelineJobs.list", source="discovery",
           does="the pipelines of this location, newest first or as orderBy says, filtered, with the fields of readMask")  # fmt: skip
def list_pipeline_jobs(call: Call) -> Doc:
    check_location(call)
    fits = compile_filter(call.query.get("filter", ""), FIELDS)
    jobs = [job.resource for job in reversed(COURSE.jobs(call.sandbox, f"{call.resource}/"))]
    page = call.page(order([job for job in jobs if fits(job)], call.query.get("orderBy"), FIELDS), "pipelineJobs")
    mask = call.query.get("readMask", "")
    if mask in ("", "*"):
        page["pipelineJobs"] = [{k: v for k, v in job.items() if k != "jobDetail"} for job in page["pipelineJobs"]]
        return page
    return keep_masked(call, page, "pipelineJobs")


@api.route("POST", _PARENT + "/{job}:cancel", id=f"{_ID}.cancel", permission="aiplatform.pipelineJobs.cancel",
           source="discovery", does="asks a pipeline to stop: CANCELLING, then CANCELLED with error code 1; best effort")  # fmt: skip
def cancel_pipeline_job(call: Call) -> Doc:
    return cancel_job(call, COURSE, find_pipeline(call), "PipelineJob")


@api.route("DELETE", _PARENT + "/{job}", id=f"{_ID}.delete", permission="aiplatform.pipelineJobs.delete",
           source="discovery", does="deletes a pipeline that has ended; the operation is done at once")  # fmt: skip
def delete_pipeline_job(call: Call) -> Doc:
    job = find_pipeline(call)
    if not COURSE.state_of(job).is_over:
        raise failed_precondition(
            f"The PipelineJob is in state {job.resource['state']} and cannot be deleted: cancel it first."
        )
    COURSE.forget(call.sandbox, job)
    return finished(call, job.name.partition("/pipelineJobs/")[0], "DeleteOperationMetadata")


def find_pipeline(call: Call) -> PipelineJob:
    """The pipeline in the path, or 404."""
    check_location(call)
    job = COURSE.find(call.sandbox, call.resource)
    if job is None:
        raise not_found("The PipelineJob does not exist.")
    return job


def _template_of(body: Doc) -> Template:
    uri, spec = body.get("templateUri"), body.get("pipelineSpec")
    named = (spec or {}).get("pipelineInfo", {})
    name = named.get("name") if isinstance(named, dict) else None
    if uri is None and spec is None:
        raise invalid_argument("Either pipeline_spec or template_uri must be set.", "pipeline_job")
    found = [
        template
        for template in TEMPLATES.values()
        if (uri in (None, template.uri) and spec is None) or template.name == name
    ]
    if not found:
        what = f"the pipeline template {uri}" if uri is not None else f"the pipeline {name}"
        raise not_in_sandbox(f"{what}; it has {' and '.join(template.uri for template in TEMPLATES.values())}")
    template = found[0]
    if uri not in (None, template.uri):
        raise invalid_argument(f"The pipeline_spec is not that of the template {uri}.", "pipeline_job.template_uri")
    return template


def _check_body(call: Call, body: Doc) -> None:
    for field in _LACKING:
        if body.get(field):
            raise not_in_sandbox(f"pipelineJobs with {field}")
    if body.get("preflightValidations"):
        raise not_in_sandbox("the validation of a pipeline's components before its creation (preflightValidations)")
    check_display_name(body.get("displayName", ""), "pipeline_job.display_name")
    check_labels(body)
    directory = call.require("runtimeConfig.gcsOutputDirectory")
    if not _DIRECTORY.fullmatch(directory):
        raise invalid_argument(
            f"Invalid Cloud Storage URI for gcs_output_directory: {directory}.", "runtime_config.gcs_output_directory"
        )
    for field in ("parameters", "inputArtifacts"):
        if body["runtimeConfig"].get(field):
            raise not_in_sandbox(f"runtimeConfig.{field}")
    if body["runtimeConfig"].get("parameterValues", {}).get("dataset_name"):
        raise not_in_sandbox("managed datasets of Vertex AI (dataset_name)")


def _check_project(call: Call, project: str) -> None:
    if call.sandbox.projects.resolve(str(project)).number != call.project.number:
        raise invalid_argument(
            f"The parameter project is {project}, the pipeline's own is {call.project.id}.",
            "runtime_config.parameter_values[project]",
        )


def _check_key(call: Call, body: Doc, parameters: Parameters) -> None:
    name = body.get("encryptionSpec", {}).get("kmsKeyName") or parameters.key
    check_encryption(call, {"encryptionSpec": {"kmsKeyName": name}} if name else {}, None)
    if not name:
        return
    if parameters.key not in ("", name):
        raise invalid_argument(f"encryption_spec_key_name is {parameters.key}, encryption_spec names {name}.")
    if parameters.accelerator != "GPU" or {call.location, parameters.upload_location} != {_KEY_REGION}:
        raise invalid_argument(
            f"CMEK is supported for tuning on GPU only, where the pipeline and its model are in {_KEY_REGION}."
        )


def _chosen_id(call: Call) -> str:
    wanted = call.query.get("pipelineJobId", "")
    if wanted and not _JOB_ID.fullmatch(wanted):
        raise invalid_argument(f"Invalid PipelineJob ID: {wanted}.", "pipeline_job_id")
    return wanted or call.sandbox.ids.number(19)


def _recipe_of(values: Doc) -> list[tuple[str, Any]]:
    # the same data and rate begin in the same way, so that two pipelines differ only by what their parameters change
    without = (
        "project", "model_display_name", "location", "tensorboard_resource_id", "encryption_spec_key_name", "train_steps",
        "evaluation_data_uri", "evaluation_interval", "enable_early_stopping", "enable_checkpoint_selection",
    )  # fmt: skip
    return sorted(
        (key, split_uri(str(value))[1] if key.endswith("_uri") else value)
        for key, value in values.items()
        if key not in without
    )
