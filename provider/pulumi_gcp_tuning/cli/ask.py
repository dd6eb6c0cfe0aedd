"""``gcp-tuning ask``: ask a tuned model or a base model one question."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pulumi_gcp_tuning.cli.bison import ask_bison, bison_behind
from pulumi_gcp_tuning.cli.connection import google_of, settings_of
from pulumi_gcp_tuning.cli.open_model import ask_open_model, is_on_a_machine
from pulumi_gcp_tuning.errors import ApiError, Refused
from pulumi_gcp_tuning.names import EndpointName, MalformedName
from pulumi_gcp_tuning.redaction import quoted

if TYPE_CHECKING:
    from pulumi_gcp_tuning.config import Settings


def ask(
    target: Annotated[
        str,
        typer.Argument(help="An endpoint (projects/P/locations/L/endpoints/E, or its id) or a base model's id."),
    ],
    question: Annotated[str, typer.Argument(help="The question.")],
    system: Annotated[
        str | None, typer.Option(help="The system instruction; use the one of the training data.")
    ] = None,
    temperature: Annotated[
        float | None, typer.Option(min=0, max=2, help="0 always gives the likeliest answer.")
    ] = None,
    max_output_tokens: Annotated[
        int | None, typer.Option(min=1, help="The maximum length of the answer, in tokens.")
    ] = None,
    project: Annotated[str | None, typer.Option(help="The project, for a base model or an endpoint's id.")] = None,
    location: Annotated[str | None, typer.Option(help="The location, for a base model or an endpoint's id.")] = None,
) -> None:
    """Ask a tuned model's endpoint, or a base model, one question."""
    settings = settings_of(project, location)
    place = _prediction_target(target, settings)
    options = {"temperature": temperature, "maxOutputTokens": max_output_tokens}
    generation = {key: value for key, value in options.items() if value is not None}
    body: dict[str, Any] = {"contents": [{"role": "user", "parts": [{"text": question}]}]}
    if system is not None:
        body["systemInstruction"] = {"parts": [{"text": system}]}
    if generation:
        body["generationConfig"] = generation
    google = google_of(settings)
    try:
        typer.echo(text_of(google.vertex_of(place).generate_content(place, body)))
    except ApiError as error:
        if error.status != "FAILED_PRECONDITION":
            raise
        if is_on_a_machine(google, place):
            typer.echo(ask_open_model(google, place, question, system, generation))
            return
        base = bison_behind(google, place)
        if base is None:
            raise
        typer.echo(ask_bison(google, place, base, question, system, generation))


def text_of(answer: Mapping[str, Any]) -> str:
    """The text of a model's first answer, or the reason why there is none."""
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
    endpoint = target.removeprefix("endpoints/")
    if endpoint != target or endpoint.isdecimal():  # the id of a base model is never a number
        place = _place_of(settings, f"the endpoint {quoted(target)}", "or give its full name (output `endpoint`)")
        return str(EndpointName.parse(f"{place}/endpoints/{endpoint}"))
    model = target.removeprefix("publishers/google/models/")
    return f"{_place_of(settings, f'the base model {quoted(target)}')}/publishers/google/models/{model}"


def _place_of(settings: Settings, asked: str, otherwise: str = "") -> str:
    missing = [
        f"{what}: set {variable}"
        for what, value, variable in (
            ("no project", settings.project, "--project or GOOGLE_PROJECT"),
            ("no location", settings.location, "--location or GOOGLE_REGION"),
        )
        if not value
    ]
    if missing:
        remedies = ", ".join([*missing, *filter(None, [otherwise])])
        raise Refused(f"A project and a location are needed to ask {asked}; {remedies}.")
    return f"projects/{settings.project}/locations/{settings.location}"
