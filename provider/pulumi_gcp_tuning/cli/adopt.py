"""``gcp-tuning adopt``: print the declaration of an existing job, and write a file for ``pulumi import``."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pulumi_gcp_tuning.cli.connection import A_JOB, google_of, settings_of
from pulumi_gcp_tuning.errors import Refused, TuningError
from pulumi_gcp_tuning.grammar import snake

if TYPE_CHECKING:
    from pulumi_gcp_tuning.cli.import_file import Existing
    from pulumi_gcp_tuning.config import Settings
    from pulumi_gcp_tuning.google import Google
    from pulumi_gcp_tuning.resources.core.frame import Frame
    from pulumi_gcp_tuning.resources.jobs.kind import DeclaredKind


class Expression(str):
    """Python that is copied unchanged into a declaration, such as the output of another resource."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def adopt(
    job: Annotated[str, typer.Argument(help=A_JOB)],
    *,
    import_file: Annotated[
        Path | None, typer.Option(help="Write a file for `pulumi import --file` to this new path.")
    ] = None,
) -> None:
    """Print the Python declaration that adopts an existing tuning job or tuning pipeline.

    With --import-file, also write the job, its model and the deployments of the model to a file for `pulumi import --file`.
    """
    from pulumi_gcp_tuning.cli import ownership
    from pulumi_gcp_tuning.clock import SystemClock
    from pulumi_gcp_tuning.resources.core.lifecycle import Call
    from pulumi_gcp_tuning.resources.registry import declared_kind_of

    _, kind = declared_kind_of(job)
    name = kind.parse_name(job)
    settings = settings_of(None, None)
    google = google_of(settings)
    call = Call(urn="", settings=settings, google=google, clock=SystemClock())
    found = kind.calls(google.vertex_of(job)).get(job)
    project = _project_of(google, settings, name.project)
    if import_file is None:
        typer.echo(declaration_of(found, project=project))
        _tell(ownership.on_adoption(call, kind, found))
        return
    from pulumi_gcp_tuning.cli.import_file import find_existing, write_import_file

    _check_declarable(kind, found)
    existing = find_existing(call, found, resource_name_of(found), project)
    owned = ownership.on_import(call, kind, found, existing)
    model = kind.made(found).get("model")
    if model and not any(each.kind == "tuned_model" for each in existing):
        owned.insert(0, f"The model {model} no longer exists, so the file has no TunedModel.")
    program = declaration_of(found, project=project, existing=existing)
    write_import_file(import_file, existing)
    typer.echo(program)
    _tell([_next_steps(import_file, existing), *owned])


def _tell(paragraphs: Sequence[str]) -> None:
    for each in paragraphs:
        typer.echo(f"gcp-tuning: {each}", err=True)


def resource_name_of(job: Mapping[str, Any]) -> str:
    """The name that the job and its model get in a program."""
    title = str(job.get("tunedModelDisplayName") or job.get("displayName") or f"job-{job['name'].rpartition('/')[2]}")
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-") or "tuned"


def declaration_of(job: Mapping[str, Any], *, project: str, existing: Sequence[Existing] | None = None) -> str:
    """The lines of a program that declare this job and its model, with ``adopt`` so that no job is submitted.

    ``existing`` are the resources that will be imported; all of them are declared. None means that nothing is imported.
    """
    from pulumi_gcp_tuning.resources.registry import declared_kind_of

    frame, kind = declared_kind_of(job["name"])
    _check_declarable(kind, job)
    resource = resource_name_of(job)
    variable = _variable(resource)
    lines = ["import pulumi_gcp_tuning as tuning", ""]
    inputs: dict[str, Any] = {**kind.inputs_of(job), "project": project}
    others = [each for each in existing or () if each.kind not in (frame.kind, "tuned_model")]
    for dataset in (each for each in others if each.kind == "tuning_dataset"):
        lines += _lines(dataset, dataset.inputs)
        inputs = _with_reference(inputs, dataset.id, Expression(f"{_variable(dataset.name)}.uri"))
    given = _arguments(frame, inputs)
    lines += _call(variable, frame.name, resource, {**given, "adopt": job["name"]})
    imported = [each.kind for each in existing or ()]
    if "tuned_model" in imported or (existing is None and kind.state_of(job).has_succeeded):
        lines += [f"{variable}_model = tuning.TunedModel({resource!r}, tuning_job={variable}.name)"]
    for each in (each for each in others if each.kind != "tuning_dataset"):
        lines += _lines(each, {**each.inputs, **_references(each, others, f"{variable}_model")})
    return "\n".join(lines).replace("'", '"') if _quotes_are_plain(lines) else "\n".join(lines)


def _check_declarable(kind: DeclaredKind, job: Mapping[str, Any]) -> None:
    """Refuses a job that no declaration describes: it would be adopted with another spec."""
    from pydantic import ValidationError

    inputs = kind.inputs_of(job)
    try:
        kind.args.model_validate(inputs)
        reasons = [f"- {_path(place)}: the job has {seen!r}" for place, seen, _ in kind.differences(job, inputs)]
        what = f"it has values that no argument of {kind.resource} sets"
    except ValidationError as error:
        reasons = [f"- {_path(each['loc'])}: {each['msg']}" for each in error.errors(include_url=False)]
        what = f"it has no values for fields that a {kind.resource} requires"
    if reasons:
        raise Refused(f"{job['name']} cannot be declared: {what}.\n" + "\n".join(reasons[:4]))


def _path(place: Sequence[str | int]) -> str:
    return ".".join(snake(str(part)) for part in place)


def _with_reference(value: Any, text: str, meant: Expression) -> Any:
    if isinstance(value, Mapping):
        return {key: _with_reference(below, text, meant) for key, below in value.items()}
    return meant if value == text else value


def _arguments(frame: Frame, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs in the order of a program: the place, then the spec, then the rest."""
    import pulumi_gcp_tuning as tuning
    from pulumi_gcp_tuning.declare.arguments import fields_of
    from pulumi_gcp_tuning.resources.core.description import WATCHED, keys_of

    written = fields_of(getattr(tuning, f"{frame.name}Args")).keys() - {"deletion_policy", "checks"}
    keys = keys_of(frame.resource.Args, *WATCHED)
    return {key: inputs[key] for key in keys if key in inputs and snake(key) in written}


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
    from pulumi_gcp_tuning.resources.registry import lifecycle_of

    given = _arguments(lifecycle_of(each.kind), inputs)
    return _call(_variable(each.name), each.type_name, each.name, given)


def _call(variable: str, kind: str, resource: str, given: Mapping[str, Any]) -> list[str]:
    arguments = [f"    {snake(key)}={_python(value, 1, free=key == 'labels')}," for key, value in given.items()]
    return [f"{variable} = tuning.{kind}(", f"    {resource!r},", *arguments, ")"]


def _variable(resource: str) -> str:
    variable = re.sub(r"\W", "_", resource)
    return f"job_{variable}" if not variable.isidentifier() or variable == "job" else variable


def _project_of(google: Google, settings: Settings, named: str) -> str:
    """The id of the job's project, as programs write it; the number in the job's name if Google does not return the id."""
    for asked in dict.fromkeys((settings.project or named, named)):
        try:
            found = google.projects.get_project(asked)
        except TuningError:
            continue
        if named in (found.get("projectId"), str(found.get("projectNumber"))):
            return str(found.get("projectId") or named)
    return named


def _next_steps(file: Path, existing: Sequence[Existing]) -> str:
    names = ", ".join(f"{each.type_name} {each.name!r}" for each in existing)
    return (
        f"{file} has {names}.\nPut the declaration into the program first: the next up deletes imported "
        f"resources that are not declared. Then:\n  pulumi import --file {shlex.quote(str(file))} --yes "
        "--generate-code=false --protect=false\n  pulumi preview    (it must show no replace)\n  pulumi up"
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
