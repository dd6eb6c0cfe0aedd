"""``gcp-tuning adopt``: print the declaration of a job that exists."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pulumi_gcp_tuning.cli.connection import JOB_EXAMPLE, google_of, settings_of
from pulumi_gcp_tuning.errors import Refused, TuningError
from pulumi_gcp_tuning.grammar import snake
from pulumi_gcp_tuning.names import TuningJobName

if TYPE_CHECKING:
    from pulumi_gcp_tuning.config import Settings
    from pulumi_gcp_tuning.google import Google


def adopt(
    job: Annotated[str, typer.Argument(help=f"The name of a tuning job: {JOB_EXAMPLE}")],
) -> None:
    """Print the Python declaration that adopts an existing tuning job."""
    name = TuningJobName.parse(job)
    settings = settings_of(None, None)
    google = google_of(settings)
    found = google.vertex_of(str(name)).tuning_jobs.get(str(name))
    typer.echo(declaration_of(found, project=_project_of(google, settings, name)))


def declaration_of(job: Mapping[str, Any], *, project: str) -> str:
    """A program's lines that declare this job and its model, with ``adopt`` so that nothing is started."""
    from pulumi_gcp_tuning.resources.jobs.tuning_jobs import inputs_of

    if not job.get("supervisedTuningSpec") or not job.get("baseModel"):
        raise Refused(
            f"{job['name']} is not the supervised tuning of a base model; only such a job can be declared yet."
        )
    inputs = inputs_of(job)
    title = str(job.get("tunedModelDisplayName") or f"job-{job['name'].rpartition('/')[2]}")
    resource = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-") or "tuned"
    variable = re.sub(r"\W", "_", resource)
    variable = f"job_{variable}" if not variable.isidentifier() or variable == "job" else variable
    order = (
        "baseModel",
        "supervisedTuningSpec",
        "tunedModelDisplayName",
        "description",
        "encryptionSpec",
        "serviceAccount",
        "labels",
    )
    lines = ["import pulumi_gcp_tuning as tuning", "", f"{variable} = tuning.TuningJob(", f"    {resource!r},"]
    lines += [f"    project={project!r},", f"    location={inputs['location']!r},"]
    for key in order:
        if key in inputs:
            lines.append(f"    {snake(key)}={_python(inputs[key], 1, free=key == 'labels')},")
    lines += [f"    adopt={job['name']!r},", ")"]
    if job.get("state") == "JOB_STATE_SUCCEEDED":
        lines += [f"{variable}_model = tuning.TunedModel({resource!r}, tuning_job={variable}.name)"]
    return "\n".join(lines).replace("'", '"') if _quotes_are_plain(lines) else "\n".join(lines)


def _project_of(google: Google, settings: Settings, name: TuningJobName) -> str:
    """The id of the job's project where the configured project is that one, else what the name says."""
    if not settings.project or settings.project == name.project:
        return name.project
    try:
        number = google.projects.get_project(settings.project).get("projectNumber")
    except TuningError:
        return name.project
    return settings.project if str(number) == name.project else name.project


def _python(value: Any, depth: int, *, free: bool = False) -> str:
    if not isinstance(value, Mapping):
        return repr(value)
    pad = "    " * (depth + 1)
    rows = [
        f"{pad}{(key if free else snake(key))!r}: {_python(inner, depth + 1, free=free)},"
        for key, inner in value.items()
    ]
    return "\n".join(["{", *rows, "    " * depth + "}"])


def _quotes_are_plain(lines: list[str]) -> bool:
    return not any('"' in line or "\\'" in line for line in lines)
