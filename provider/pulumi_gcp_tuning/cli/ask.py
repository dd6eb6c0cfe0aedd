"""``gcp-tuning ask``: ask a tuned model or a base model one question, or those of a file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from pulumi_gcp_tuning.errors import Refused
from pulumi_gcp_tuning.redaction import quoted

_KEYS = ("question", "prompt", "input_text", "text")
"""The keys that hold the question in a line of JSON."""


def ask(
    target: Annotated[
        str,
        typer.Argument(
            help="An endpoint (projects/P/locations/L/endpoints/E, or its id), a tuned model of the Gemini API "
            "(tunedModels/ID) or a base model's id."
        ),
    ],
    question: Annotated[str | None, typer.Argument(help="The question.")] = None,
    *,
    file: Annotated[
        Path | None, typer.Option(help="A file of questions: one a line, as text or as JSON with the key `question`.")
    ] = None,
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
    """Ask a tuned model's endpoint, or a base model, one question or all questions of a file.

    With --file, each answer is a line of JSON, in the order of the file; exits 1 if a question has no answer.
    """
    if (question is None) == (file is None):
        raise typer.BadParameter("Give either a question or --file with questions.", param_hint="QUESTION")
    from pulumi_gcp_tuning.commands.asking import ask_question, ask_questions
    from pulumi_gcp_tuning.commands.connection import connect

    options: dict[str, Any] = {
        "system": system,
        "temperature": temperature,
        "max_output_tokens": max_output_tokens,
        "connection": connect(project, location),
    }
    if file is None:
        typer.echo(ask_question(target, str(question), **options))
        return
    count = failed = 0
    for answer in ask_questions(target, read_questions(file), **options):
        count += 1
        failed += answer.error is not None
        said = {"answer": answer.text} if answer.error is None else {"error": answer.error}
        typer.echo(json.dumps({"question": answer.question, **said}, ensure_ascii=False))
    if not count:
        raise Refused(f"{quoted(str(file))} has no questions.")
    if failed:
        typer.echo(f"gcp-tuning: {failed:,} of {count:,} questions have no answer.", err=True)
        raise typer.Exit(1)


def read_questions(file: Path) -> Iterator[str]:
    """The questions of a file, one a line: JSON with one of the known keys, or the line itself. Blank lines are left out.

    The whole file is looked at before the first question is asked. Raises Refused for a line that is not a question.
    """
    try:
        lines = file.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, ValueError) as error:
        raise Refused(f"{quoted(str(file))} cannot be read ({type(error).__name__}).") from None
    where = quoted(str(file))
    return iter([_question_in(line, f"{where}, line {number}") for number, line in enumerate(lines, 1) if line.strip()])


def _question_in(line: str, where: str) -> str:
    if not line.lstrip().startswith(("{", '"')):
        return line.strip()
    try:
        read = json.loads(line)
    except ValueError:
        if line.lstrip().startswith('"'):
            return line.strip()
        raise Refused(f"{where} begins like JSON but is not JSON. Write the question as it is, or as JSON.") from None
    found = read if isinstance(read, str) else next((read[key] for key in _KEYS if key in read), None)
    if not isinstance(found, str) or not found.strip():
        raise Refused(f"{where} has no question: the keys {', '.join(_KEYS)} are read, in this order.")
    return found
