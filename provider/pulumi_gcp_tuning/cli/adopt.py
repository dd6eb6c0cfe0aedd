"""``gcp-tuning adopt``: print the declaration of a job that exists, and write what Pulumi imports."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from pulumi_gcp_tuning.cli.connection import JOB_EXAMPLE, google_of, settings_of
from pulumi_gcp_tuning.errors import Refused, TuningError
from pulumi_gcp_tuning.grammar import snake
from pulumi_gcp_tuning.names import TuningJobName

if TYPE_CHECKING:
    from pulumi_gcp_tuning.cli.import_file import Existing
    from pulumi_gcp_tuning.config import Settings
    from pulumi_gcp_tuning.google import Google

_JOB_ARGUMENTS: Final = (
    "baseModel",
    "supervisedTuningSpec",
    "tunedModelDisplayName",
    "description",
    "encryptionSpec",
    "serviceAccount",
    "labels",
)
_ARGUMENTS: Final = {
    "tuning_dataset": ("bucket", "source", "prefix"),
    "endpoint": ("project", "location", "displayName", "description", "encryptionSpec", "labels"),
    "model_deployment": ("endpoint", "model", "displayName", "checkpointId"),
}


class Expression(str):
    """Python that stands in a declaration as it is, such as the output of another resource."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def adopt(
    job: Annotated[str, typer.Argument(help=f"The name of a tuning job: {JOB_EXAMPLE}")],
    *,
    import_file: Annotated[
        Path | None, typer.Option(help="Write what `pulumi import --file` takes into state to this new file.")
    ] = None,
) -> None:
    """Print the Python declaration that adopts an existing tuning job.

    With --import-file also write the state of the job, its model and what serves it, for `pulumi import --file`.
    """
    name = TuningJobName.parse(job)
    settings = settings_of(None, None)
    google = google_of(settings)
    found = google.vertex_of(str(name)).tuning_jobs.get(str(name))
    project = _project_of(google, settings, name)
    if import_file is None:
        typer.echo(declaration_of(found, project=project))
        return
    from pulumi_gcp_tuning.cli.import_file import find_existing, write_import_file

    _check_declarable(found)
    existing = find_existing(google, settings, found, resource_name_of(found), project)
    program = declaration_of(found, project=project, existing=existing)
    write_import_file(import_file, existing)
    typer.echo(program)
    typer.echo(_next_steps(import_file, existing), err=True)


def resource_name_of(job: Mapping[str, Any]) -> str:
    """The name that the job and its model get in a program."""
    title = str(job.get("tunedModelDisplayName") or f"job-{job['name'].rpartition('/')[2]}")
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-") or "tuned"


def declaration_of(job: Mapping[str, Any], *, project: str, existing: Sequence[Existing] | None = None) -> str:
    """A program's lines that declare this job and its model, with ``adopt`` so that nothing is started.

    ``existing`` are the resources that will be imported, all of which are declared; None where none will be.
    """
    from pulumi_gcp_tuning.resources.tuning_job import KIND

    _check_declarable(job)
    inputs = KIND.inputs_of(job)
    resource = resource_name_of(job)
    variable = _variable(resource)
    lines = ["import pulumi_gcp_tuning as tuning", ""]
    spec = dict(inputs["supervisedTuningSpec"])
    others = [each for each in existing or () if each.kind not in ("tuning_job", "tuned_model")]
    for dataset in (each for each in others if each.kind == "tuning_dataset"):
        lines += _lines(dataset, dataset.inputs)
        spec |= {key: Expression(f"{_variable(dataset.name)}.uri") for key, uri in spec.items() if uri == dataset.id}
    given = {"project": project, "location": inputs["location"]}
    given |= {key: inputs[key] for key in _JOB_ARGUMENTS if key in inputs}
    lines += _call(variable, "TuningJob", resource, {**given, "supervisedTuningSpec": spec, "adopt": job["name"]})
    imported = [each.kind for each in existing or ()]
    if "tuned_model" in imported or (existing is None and job.get("state") == "JOB_STATE_SUCCEEDED"):
        lines += [f"{variable}_model = tuning.TunedModel({resource!r}, tuning_job={variable}.name)"]
    for each in (each for each in others if each.kind != "tuning_dataset"):
        lines += _lines(each, {**each.inputs, **_references(each, others, f"{variable}_model")})
    return "\n".join(lines).replace("'", '"') if _quotes_are_plain(lines) else "\n".join(lines)


def _check_declarable(job: Mapping[str, Any]) -> None:
    if not job.get("supervisedTuningSpec") or not job.get("baseModel"):
        raise Refused(
            f"{job['name']} is not the supervised tuning of a base model; only such a job can be declared yet."
        )


def _references(each: Existing, others: Sequence[Existing], model: str) -> dict[str, Any]:
    """The inputs of a deployment that are outputs of other resources of the program."""
    if each.kind != "model_deployment":
        return {}
    endpoints = {other.id: other for other in others if other.kind == "endpoint"}
    output = "versioned_model" if "@" in str(each.inputs["model"]) else "model"
    references: dict[str, Any] = {"model": Expression(f"{model}.{output}")}
    if each.inputs["endpoint"] in endpoints:
        references["endpoint"] = Expression(f"{_variable(endpoints[each.inputs['endpoint']].name)}.name")
    return references


def _lines(each: Existing, inputs: Mapping[str, Any]) -> list[str]:
    given = {key: inputs[key] for key in _ARGUMENTS[each.kind] if key in inputs}
    return _call(_variable(each.name), each.type_name, each.name, given)


def _call(variable: str, kind: str, resource: str, given: Mapping[str, Any]) -> list[str]:
    arguments = [f"    {snake(key)}={_python(value, 1, free=key == 'labels')}," for key, value in given.items()]
    return [f"{variable} = tuning.{kind}(", f"    {resource!r},", *arguments, ")"]


def _variable(resource: str) -> str:
    variable = re.sub(r"\W", "_", resource)
    return f"job_{variable}" if not variable.isidentifier() or variable == "job" else variable


def _project_of(google: Google, settings: Settings, name: TuningJobName) -> str:
    """The id of the job's project, as programs spell it; the number in the job's name where Google does not tell the id."""
    for asked in dict.fromkeys((settings.project or name.project, name.project)):
        try:
            found = google.projects.get_project(asked)
        except TuningError:
            continue
        if name.project in (found.get("projectId"), str(found.get("projectNumber"))):
            return str(found.get("projectId") or name.project)
    return name.project


def _next_steps(file: Path, existing: Sequence[Existing]) -> str:
    names = ", ".join(f"{each.type_name} {each.name!r}" for each in existing)
    return (
        f"gcp-tuning: {file} has {names}.\n"
        "Put the declaration into the program first: what is imported and not declared, the next up deletes. Then:\n"
        f"  pulumi import --file {shlex.quote(str(file))} --yes --generate-code=false --protect=false\n"
        "  pulumi preview    (it must show no replace)\n"
        "  pulumi up"
    )


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
