"""``gcp-tuning review --comment``: the report as the stack's comment on the pull request of this CI run."""

from __future__ import annotations

import os
from pathlib import Path

import typer

from pulumi_gcp_tuning.cli.stack_state import project_of
from pulumi_gcp_tuning.errors import Refused


def require_stack(stack: str | None) -> None:
    """Raises Refused without a stack: a failed preview does not name it, so its comment would not be found again."""
    if not stack:
        raise Refused("--comment needs --stack: each stack has a comment of its own, which is found by its name.")


def no_review(stack: str, why: str) -> str:
    """The report of a run that ended before there was a review; it replaces an earlier one, which may say OK."""
    fenced = why.strip().replace("```", "'''")
    return f"⛔ **BLOCK**: there is no review of stack `{stack}`.\n\n```text\n{fenced}\n```\n"


def comment(markdown: str, stack: str, cwd: Path | None, file: Path | None) -> int:
    """Posts the report and says on stderr what became of it. The exit code: 0, 5 without a comment, 8 for a fork."""
    from pulumi_gcp_tuning.review.comments.post import NOT_POSTED, post_comment

    try:
        project = project_of(stack, cwd)
    except Refused as error:
        typer.echo(f"gcp-tuning: The comment was not written. {error}", err=True)
        return NOT_POSTED
    posting = post_comment(markdown, os.environ, project=project, stack=stack, artifact=file)
    typer.echo(f"gcp-tuning: {posting.sentence}{f' {posting.url}' if posting.url else ''}", err=True)
    return posting.exit_code
