"""``gcp-tuning``: run the sandbox, print the declaration of a job that exists, ask a model."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Mapping
from importlib.metadata import version as version_of
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from pulumi_gcp_tuning import catalog_command, check_command, validate_command
from pulumi_gcp_tuning.config import Settings
from pulumi_gcp_tuning.curves import read_metrics, show_metrics
from pulumi_gcp_tuning.errors import NotFound, Refused, TuningError
from pulumi_gcp_tuning.grammar import snake
from pulumi_gcp_tuning.names import EndpointName, MalformedName, TuningJobName

if TYPE_CHECKING:
    from pulumi_gcp_tuning.google import Google

DISTRIBUTION: Final = "pulumi-gcp-tuning"
_JOB_EXAMPLE: Final = "projects/my-project/locations/us-central1/tuningJobs/1234567890"

app = typer.Typer(
    help="Google model tuning from the command line, beside pulumi_gcp_tuning.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

app.add_typer(catalog_command.app, name="catalog")
app.command("check")(check_command.check)
app.command("validate")(validate_command.validate)


@app.command()
def sandbox(
    port: Annotated[int | None, typer.Option(help="Port on 127.0.0.1; a free one where none is given.")] = None,
    data: Annotated[Path | None, typer.Option(help="Keep the state in this folder.")] = None,
    speed: Annotated[float | None, typer.Option(help="Sandbox seconds per real second.")] = None,
    as_of: Annotated[str | None, typer.Option(help="The sandbox's date, YYYY-MM-DD.")] = None,
) -> None:
    """Run the local sandbox until ^C; it prints one line with its address once it answers."""
    if find_spec("tuning_sandbox") is None or find_spec("uvicorn") is None:
        raise Refused(f"The sandbox is not installed. Install it with: pip install '{DISTRIBUTION}[sandbox]'")
    given = {"--port": port, "--data": data, "--speed": speed, "--as-of": as_of}
    options = [text for name, value in given.items() if value is not None for text in (name, str(value))]
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-m", "tuning_sandbox", *options])  # noqa: S606


@app.command()
def adopt(
    job: Annotated[str, typer.Argument(help=f"The name of a tuning job: {_JOB_EXAMPLE}")],
) -> None:
    """Print the Python declaration that adopts an existing tuning job."""
    name = TuningJobName.parse(job)
    settings = _settings(None, None)
    google = _google(settings)
    found = google.vertex_of(str(name)).get_tuning_job(str(name))
    typer.echo(declaration_of(found, project=_project_of(google, settings, name)))


@app.command()
def ask(
    target: Annotated[
        str, typer.Argument(help="An endpoint (projects/P/locations/L/endpoints/E) or a base model's id.")
    ],
    question: Annotated[str, typer.Argument(help="What to ask.")],
    system: Annotated[
        str | None, typer.Option(help="The system instruction; use the one of the training data.")
    ] = None,
    temperature: Annotated[
        float | None, typer.Option(min=0, max=2, help="0 always gives the likeliest answer.")
    ] = None,
    max_output_tokens: Annotated[int | None, typer.Option(min=1, help="The longest answer.")] = None,
    project: Annotated[str | None, typer.Option(help="The project, for a base model.")] = None,
    location: Annotated[str | None, typer.Option(help="The location, for a base model.")] = None,
) -> None:
    """Ask a tuned model's endpoint, or a base model, one question."""
    settings = _settings(project, location)
    place = _prediction_target(target, settings)
    generation = {"temperature": temperature, "maxOutputTokens": max_output_tokens}
    body: dict[str, Any] = {"contents": [{"role": "user", "parts": [{"text": question}]}]}
    if system is not None:
        body["systemInstruction"] = {"parts": [{"text": system}]}
    if any(value is not None for value in generation.values()):
        body["generationConfig"] = {key: value for key, value in generation.items() if value is not None}
    answer = _google(settings).vertex_of(place).generate_content(place, body)
    typer.echo(text_of(answer))


@app.command()
def metrics(
    job: Annotated[str, typer.Argument(help=f"The name of a tuning job: {_JOB_EXAMPLE}")],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Every step, one JSON object a line.")] = False,
) -> None:
    """Show how a job's loss fell: about ten of its steps, and the evaluation where it has one."""
    name = TuningJobName.parse(job)
    google = _google(_settings(None, None))
    found = google.vertex_of(str(name)).get_tuning_job(str(name))
    steps = read_metrics(google, found)
    if as_json:
        typer.echo("\n".join(json.dumps(step) for step in steps))
    else:
        show_metrics(steps)


@app.command()
def version() -> None:
    """Print the version."""
    typer.echo(version_of(DISTRIBUTION))


def main() -> None:
    """The entry point: errors are sentences, never tracebacks."""
    try:
        app()
    except NotFound as error:
        _fail(f"{error}\nCheck the name, its location, and where GCP_TUNING_BASE_URL points.")
    except TuningError as error:
        _fail(str(error))
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)


def declaration_of(job: Mapping[str, Any], *, project: str) -> str:
    """A program's lines that declare this job and its model, with ``adopt`` so that nothing is started."""
    from pulumi_gcp_tuning.resources.existing_job import inputs_from_wire

    if not job.get("supervisedTuningSpec") or not job.get("baseModel"):
        raise Refused(
            f"{job['name']} is not the supervised tuning of a base model; only such a job can be declared yet."
        )
    inputs = inputs_from_wire(job)
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


def text_of(answer: Mapping[str, Any]) -> str:
    """The text of a model's first answer, or why there is none."""
    candidates = answer.get("candidates") or []
    parts = (candidates[0].get("content") or {}).get("parts") or [] if candidates else []
    text = "".join(str(part.get("text", "")) for part in parts)
    if text:
        return text
    reason = (candidates[0].get("finishReason") if candidates else None) or (answer.get("promptFeedback") or {}).get(
        "blockReason"
    )
    return f"(no text; the model ended with {reason or 'no reason'})"


def _prediction_target(target: str, settings: Settings) -> str:
    if target.startswith("projects/"):
        if "/publishers/" in target:
            return target
        try:
            return str(EndpointName.parse(target))
        except MalformedName as error:
            if "/models/" in target:
                raise Refused(f"{target} is a model; ask the endpoint that serves it (output `endpoint`).") from error
            raise
    missing = [
        f"{what}: give {variable}"
        for what, value, variable in (
            ("no project", settings.project, "--project or GOOGLE_PROJECT"),
            ("no location", settings.location, "--location or GOOGLE_REGION"),
        )
        if not value
    ]
    if missing:
        raise Refused(f"To ask the base model {target!r} a project and a location are needed; {', '.join(missing)}.")
    model = target.removeprefix("publishers/google/models/")
    return f"projects/{settings.project}/locations/{settings.location}/publishers/google/models/{model}"


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


def _settings(project: str | None, location: str | None) -> Settings:
    given = {"gcp:project": project, "gcp:region": location}
    return Settings.resolve({key: value for key, value in given.items() if value}, os.environ)


def _google(settings: Settings) -> Google:
    from pulumi_gcp_tuning.google import Google

    return Google(settings)


def _fail(message: str) -> None:
    typer.echo(f"gcp-tuning: {message}", err=True)
    sys.exit(1)


if __name__ == "__main__":
    main()
