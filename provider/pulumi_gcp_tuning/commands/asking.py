"""Questions to a tuned model or a base model."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from pulumi_gcp_tuning.commands.bison import ask_bison, bison_behind
from pulumi_gcp_tuning.commands.connection import Connection, connect
from pulumi_gcp_tuning.commands.open_model import ask_open_model, is_on_a_machine
from pulumi_gcp_tuning.errors import ApiError, Refused, TuningError
from pulumi_gcp_tuning.gemini_names import is_gemini_tuned_model, parse_gemini_tuned_model
from pulumi_gcp_tuning.names import EndpointName, MalformedName
from pulumi_gcp_tuning.once import Once
from pulumi_gcp_tuning.redaction import quoted, redact

if TYPE_CHECKING:
    from pulumi_gcp_tuning.config import Settings
    from pulumi_gcp_tuning.google import Google

AT_ONCE: Final = 4
"""How many questions are asked at the same time."""


@dataclass(frozen=True)
class Answer:
    """The answer to one question: either ``text`` or ``error`` is set."""

    question: str
    text: str | None = None
    error: str | None = None


def ask_question(
    target: str,
    question: str,
    *,
    system: str | None = None,
    temperature: float | None = None,
    max_output_tokens: int | None = None,
    connection: Connection | None = None,
) -> str:
    """The answer of an endpoint (its full name or id), a base model (its id) or ``tunedModels/ID`` of the Gemini API.

    An id needs the project and the location of the connection. Raises Refused for a target that cannot be asked and
    ApiError if Google refuses. An answer without text says why in parentheses.
    """
    return _asker(target, system, temperature, max_output_tokens, connection or connect())(question)


def ask_questions(
    target: str,
    questions: Iterable[str],
    *,
    system: str | None = None,
    temperature: float | None = None,
    max_output_tokens: int | None = None,
    at_once: int = AT_ONCE,
    connection: Connection | None = None,
) -> Iterator[Answer]:
    """The answers in the order of the questions, each as soon as it and those before it are there.

    A question that fails is an Answer with ``error``, and the others are asked. At most ``at_once`` are asked at the
    same time. A target that cannot be asked is Refused before the first question.
    """
    answer = _asker(target, system, temperature, max_output_tokens, connection or connect())

    def ask(question: str) -> Answer:
        try:
            return Answer(question, text=answer(question))
        except TuningError as error:
            return Answer(question, error=redact(str(error)))

    return _in_order(ask, iter(questions), max(1, at_once))


def _asker(
    target: str, system: str | None, temperature: float | None, max_output_tokens: int | None, connection: Connection
) -> Callable[[str], str]:
    """The function that answers a question. Sends nothing. Raises Refused or MalformedName for a target that cannot be asked."""
    options = {"temperature": temperature, "maxOutputTokens": max_output_tokens}
    generation = {key: value for key, value in options.items() if value is not None}
    google = connection.google
    if is_gemini_tuned_model(target):
        name = parse_gemini_tuned_model(target)
        return lambda question: _ask_gemini(google, name, question, system, generation)
    place = prediction_target(target, connection.settings)
    found = Once(TuningError)
    return lambda question: _ask_vertex(google, place, question, system, generation, found)


def _ask_vertex(
    google: Google, place: str, question: str, system: str | None, generation: Mapping[str, Any], found: Once
) -> str:
    """The answer of an endpoint or a base model. ``found`` keeps which kind of model is behind it, for all questions."""
    body: dict[str, Any] = {"contents": [{"role": "user", "parts": [{"text": question}]}]}
    if system is not None:
        body["systemInstruction"] = {"parts": [{"text": system}]}
    if generation:
        body["generationConfig"] = generation
    try:
        return text_of(google.vertex_of(place).generate_content(place, body))
    except ApiError as error:
        if error.status != "FAILED_PRECONDITION":
            raise
        ask = found.get(place, lambda: _predictor(google, place))
        if ask is None:
            raise
        return ask(question, system, generation)


def _predictor(google: Google, place: str) -> Callable[[str, str | None, Mapping[str, Any]], str] | None:
    """How a model is asked that supports predict and not generateContent; None for another model."""
    is_endpoint = "/endpoints/" in place
    deployed = google.vertex_of(place).get_endpoint(place).get("deployedModels") or () if is_endpoint else ()
    if is_on_a_machine(deployed):
        return partial(ask_open_model, google, place)
    base = bison_behind(google, place, deployed)
    return None if base is None else partial(ask_bison, google, place, base)


def _ask_gemini(google: Google, name: str, question: str, system: str | None, generation: Mapping[str, Any]) -> str:
    """The answer of a tuned model of the Gemini API: one turn without a role is all that it accepts."""
    if system is not None:
        raise Refused(
            "Tuned models of the Gemini API do not accept a system instruction. Put it into the question, or leave out --system."
        )
    body: dict[str, Any] = {"contents": [{"parts": [{"text": question}]}]}
    if generation:
        body["generationConfig"] = generation
    return text_of(google.tuned_models.generate_content(name, body))


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


def _in_order(ask: Callable[[str], Answer], questions: Iterator[str], at_once: int) -> Iterator[Answer]:
    """Reads no more questions than are asked, so a long file is never in memory as a whole."""
    with ThreadPoolExecutor(max_workers=at_once) as pool:
        waiting: deque[Future[Answer]] = deque(pool.submit(ask, each) for each in islice(questions, at_once))
        while waiting:
            answer = waiting.popleft().result()
            waiting.extend(pool.submit(ask, each) for each in islice(questions, 1))
            yield answer


def prediction_target(target: str, settings: Settings) -> str:
    """The name that is asked. Raises Refused or MalformedName for a target that cannot be asked."""
    if not target.strip():
        raise Refused("The target is empty. Give an endpoint (output `endpoint`) or a base model.")
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
