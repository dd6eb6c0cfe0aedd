"""``gcp-tuning review --comment``: the report as the stack's comment on the pull request of this CI run."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from difflib import get_close_matches
from pathlib import Path
from typing import Final

import typer

from pulumi_gcp_tuning.cli.stack_state import project_of
from pulumi_gcp_tuning.errors import Refused, TuningError
from pulumi_gcp_tuning.redaction import redact

_ALIKE: Final = 0.8
"""How much a misspelt word is like the right one, from 0 to 1."""


class Ended(typer.Exit):
    """The end of the command before there is a review; ``text`` says why."""

    def __init__(self, text: str, code: int) -> None:
        super().__init__(code)
        self.text = text


def require_stack(stack: str | None) -> None:
    """Raises Refused without a stack: a failed preview does not name it, so its comment would not be found again."""
    if not stack:
        raise Refused("--comment needs --stack: each stack has a comment of its own, which is found by its name.")


@contextmanager
def replacing_earlier(
    stack: str | None, cwd: Path | None, file: Path | None, *, is_markdown: bool, commented: bool
) -> Iterator[None]:
    """While a review of the stack is made: no report of an earlier run stays, whatever ends this one.

    The earlier comment first says that a review is being made, because a run that is killed says nothing any more. An
    error puts its sentence into the comment and into ``file``.
    """
    if stack and commented:
        _withdraw(stack, cwd)
    if file is not None and file.is_file():
        with suppress(OSError):
            file.unlink()
    try:
        yield
    except BaseException as error:
        report = _no_review(stack, _reason(error))
        if file is not None and is_markdown:
            with suppress(OSError):
                file.write_text(report, encoding="utf-8")
        if stack and commented:
            comment(report, stack, cwd, file if is_markdown else None)
        raise


def replace_after_usage_error(arguments: Sequence[str], why: str) -> None:
    """After a wrong option no command runs, so this finds what a review would have replaced: comment and file. Raises nothing.

    ``--comment`` may be the word that is misspelt. Without the name of the stack its comment is not known.
    """
    given = dict(_options(arguments))
    output = given.get("--output") or given.get("-o")
    place = given.get("--cwd")
    with (
        suppress(Exception),
        replacing_earlier(
            given.get("--stack"),
            Path(place) if place else None,
            Path(output) if output else None,
            is_markdown=given.get("--format", "md") == "md",
            commented=bool(get_close_matches("--comment", list(given), n=1, cutoff=_ALIKE)),
        ),
    ):
        raise Ended(redact(why), 2)


def _options(arguments: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Each option with what follows it, as ``--stack dev``, ``--stack=dev`` and ``-odev`` give it."""
    for each, following in zip(arguments, [*arguments[1:], ""], strict=True):
        name, given, value = each.partition("=")
        if each.startswith("-o") and len(each) > len("-o"):
            yield "-o", each.removeprefix("-o")
        elif each.startswith("-"):
            yield name, value if given else following


def comment(markdown: str, stack: str, cwd: Path | None, file: Path | None) -> int:
    """Posts the report and says on stderr what became of it. The exit code: 0, 5 without a comment, 8 for a fork."""
    from pulumi_gcp_tuning.review.comments.post import NOT_POSTED, post_comment, withdraw_comment

    try:
        project = project_of(stack, cwd)
    except Refused as error:
        withdraw_comment(markdown, os.environ, project=None, stack=stack)
        typer.echo(f"gcp-tuning: The comment was not written. {error}", err=True)
        return NOT_POSTED
    posting = post_comment(markdown, os.environ, project=project, stack=stack, artifact=file)
    typer.echo(f"gcp-tuning: {posting.sentence}{f' {posting.url}' if posting.url else ''}", err=True)
    return posting.exit_code


def _withdraw(stack: str, cwd: Path | None) -> None:
    from pulumi_gcp_tuning.review.comments.post import withdraw_comment

    text = (
        f"⛔ **BLOCK** of stack `{stack}`: A review of the newest commit is being made. "
        "If this text stays, its run was stopped and there is no review.\n"
    )
    project = None
    with suppress(Refused):
        project = project_of(stack, cwd)
    withdraw_comment(text, os.environ, project=project, stack=stack)


def _no_review(stack: str | None, why: str) -> str:
    """The report of a run that ended before there was a review."""
    fenced = why.strip().replace("```", "'''")
    of = f" of stack `{stack}`" if stack else ""
    return f"⛔ **BLOCK**: there is no review{of}.\n\n```text\n{fenced}\n```\n"


def _reason(error: BaseException) -> str:
    """Why there is no review. The text of an unexpected error may quote anything, so this names its type only."""
    if isinstance(error, Ended):
        return error.text
    if isinstance(error, TuningError):
        return redact(str(error))
    if isinstance(error, KeyboardInterrupt):
        return "The run was interrupted."
    return f"The review ended with an internal error ({type(error).__name__}). This is a bug."
