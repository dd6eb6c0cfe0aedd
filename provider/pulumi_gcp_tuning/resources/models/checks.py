"""What is known of a tuned model and of a deployment from their declarations. Google is not asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pulumi_gcp_tuning.names import EndpointName, MalformedName, ModelName, TuningJobName
from pulumi_gcp_tuning.preflight.location import check_endpoint_place
from pulumi_gcp_tuning.preflight.spelling import DECLARED, NAME, check_display_name, check_labels
from pulumi_gcp_tuning.resources.core.inputs import known

if TYPE_CHECKING:
    from pulumi_gcp_tuning.errors import Finding
    from pulumi_gcp_tuning.resources import model_deployment, tuned_model

OWN_LABELS: Final = 4
"""Labels that the plugin puts on a model, the job's two among them."""


def check_tuned_model(args: tuned_model.Args) -> list[Finding]:
    """The name of a job, and nothing that is the job's to say."""
    findings = check_display_name(known(args.display_name), path="display_name")
    findings += check_labels(known(args.pulumi_labels), ours=OWN_LABELS)
    if args.location is not None:
        problem = "A tuned model is where its job's results are; the location cannot be chosen here."
        findings.append(DECLARED.finding("location", problem, "Remove it."))
    job = known(args.tuning_job)
    if job is None:
        return findings
    try:
        name = TuningJobName.parse(job)
    except MalformedName as error:
        problem = f"{error.text!r} is not the name of a tuning job: {error.reason}."
        return [*findings, NAME.finding("tuning_job", problem, f"It looks like this: {error.example}")]
    project = known(args.project)
    if project is not None and project != name.project and project.isdigit() == name.project.isdigit():
        problem = f"The job is in project {name.project}, the declaration says {project}."
        findings.append(DECLARED.finding("project", problem, "Remove project: it is the job's."))
    return findings


def check_deployment(args: model_deployment.Args) -> list[Finding]:
    """The names of an endpoint and a model, in one place."""
    findings = check_display_name(known(args.display_name), path="display_name")
    for key in ("location", "labels"):
        if getattr(args, key) is not None:
            problem = f"A deployment has no {key} of its own."
            findings.append(DECLARED.finding(key, problem, "Remove it: the endpoint has it."))
    endpoint, model = known(args.endpoint), known(args.model)
    for path, kind, text in (("endpoint", EndpointName, endpoint), ("model", ModelName, model)):
        try:
            if text is not None:
                kind.parse(text)
        except MalformedName as error:
            problem = f"{error.text!r} cannot be read: {error.reason}."
            findings.append(NAME.finding(path, problem, f"It looks like this: {error.example}"))
    return findings + check_endpoint_place(endpoint, model)
