"""``gcp-tuning review``: what a merge would train, replace and delete, for the reviewer of a pull request."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from pulumi_gcp_tuning.cli.check import UNFINISHED, preview, secrets_of, waiting
from pulumi_gcp_tuning.cli.check_report import Report, hiding, report_of
from pulumi_gcp_tuning.cli.pulumi_cli import Cli, find_pulumi
from pulumi_gcp_tuning.cli.review_comment import Ended, replacing_earlier, require_stack
from pulumi_gcp_tuning.cli.review_comment import comment as post
from pulumi_gcp_tuning.errors import Refused
from pulumi_gcp_tuning.redaction import redact

if TYPE_CHECKING:
    from pulumi_gcp_tuning.collecting import Note
    from pulumi_gcp_tuning.errors import Printed
    from pulumi_gcp_tuning.review.judging import Material
    from pulumi_gcp_tuning.review.report import Judgement, Named, Review

BLOCKED: Final = 1
INCOMPLETE: Final = 2
FAILED_ON: Final = 3
UNREADABLE: Final = 4
NO_STACK: Final = 6
NO_CLI: Final = 7
"""Exit codes. 5 and 8 are of a comment: ``review/comments/post.py``."""

_WHICH_STACK: Final = (
    "`pulumi stack ls` names the stacks of the backend that you are logged in to (PULUMI_BACKEND_URL)."
)
_NO_STACK: Final = ("no stack named", "no stack selected", "stack not found")


class Format(StrEnum):
    """The form of the report."""

    MD = "md"
    JSON = "json"
    HTML = "html"


class FailOn(StrEnum):
    """What ends the command with exit code 3, although nothing blocks the merge."""

    COST = "cost"
    DESTROY = "destroy"
    RETRAIN = "retrain"
    WARNING = "warning"


def review(
    *,
    stack: Annotated[str | None, typer.Option(help="The stack; Pulumi's current one if not given.")] = None,
    cwd: Annotated[Path | None, typer.Option(help="The folder of the program, or a folder inside it.")] = None,
    form: Annotated[Format, typer.Option("--format", help="The form of the report.")] = Format.MD,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write the report to this file.")] = None,
    fail_on: Annotated[
        list[FailOn] | None,
        typer.Option(
            help="Exit 3 if the merge starts something that is paid for (cost), deletes something (destroy), trains a model "
            "again (retrain), or has a warning (warning). May be given several times."
        ),
    ] = None,
    preview_json: Annotated[
        Path | None,
        typer.Option(help="A file of `pulumi preview --json` in place of a preview. No check runs, so it is never OK."),
    ] = None,
    comment: Annotated[
        bool,
        typer.Option("--comment", help="Write the stack's comment on the pull request of this CI run, or edit it."),
    ] = False,
    policy_pack: Annotated[list[str] | None, typer.Option(help="A policy pack, as for `pulumi preview`.")] = None,
    policy_pack_config: Annotated[list[str] | None, typer.Option(help="Its configuration, in the same order.")] = None,
    pulumi: Cli = "pulumi",
) -> None:
    """Report what `pulumi up` would train, replace, delete and cost, from a preview; nothing is changed.

    Exits 0; 1 if the merge is blocked; 2 if the preview did not finish; 3 for --fail-on; 4 if the file of a preview
    cannot be read; 5 if there is no comment; 6 if there is no such stack; 7 if the Pulumi CLI is missing; 8 if only the
    comment is missing, because the change comes from a fork.
    """
    if comment:
        require_stack(stack)
    options = [f"--policy-pack={each}" for each in policy_pack or []]
    options += [f"--policy-pack-config={each}" for each in policy_pack_config or []]
    options.append("--show-sames")  # what a change depends on, and how long earlier jobs took
    options.append("--show-replacement-steps")  # what an interrupted run replaced is deleted in no other step
    is_markdown = form is Format.MD
    with replacing_earlier(stack, cwd, output, is_markdown=is_markdown, commented=comment):
        made = _review(stack, cwd, pulumi, options, preview_json, form)
        report = _rendered(made, form)
        in_comment = report if is_markdown or not comment else _rendered(made, Format.MD)
        _write(report, output, is_markdown=is_markdown)
    code = _code_of(made, fail_on or [])
    if comment and stack:
        posted = post(in_comment, stack, cwd, output if is_markdown else None)
        code = code or posted
    raise typer.Exit(code)


def _review(
    stack: str | None, cwd: Path | None, pulumi: str, options: Sequence[str], preview_json: Path | None, form: Format
) -> Review:
    """The review, without secrets, with curves if it becomes a page. Raises Ended or Refused if there is none."""
    from pulumi_gcp_tuning.cli.review_curves import read_curves
    from pulumi_gcp_tuning.review.judging import review_of

    if form is Format.HTML:
        from pulumi_gcp_tuning.review.html import check_page

        check_page()  # before a preview that takes a while
    material, secrets = (
        _from_file(preview_json, stack) if preview_json is not None else _from_preview(stack, cwd, pulumi, options)
    )
    made = review_of(material)
    if form is Format.HTML and preview_json is None:
        made = replace(made, curves=read_curves(material.preview.steps))
    return made.rewritten(_hiding(secrets))


def _from_file(file: Path, stack: str | None) -> tuple[Material, Sequence[str]]:
    """What a file holds, and the secrets that it marks. Nobody was asked for the rest, so it is missing."""
    from pulumi_gcp_tuning.review.judging import Material
    from pulumi_gcp_tuning.review.previews import answer_in, failure_in, preview_of, said_in
    from pulumi_gcp_tuning.review.secret_values import secrets_in

    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise _ended(f"{file} cannot be read: {error}", UNREADABLE) from None
    try:
        answer = answer_in(text)
        secrets = secrets_in(answer)
        read = preview_of(answer, _hiding(secrets))
    except Refused as error:
        raise _ended(f"{file}: {error}", UNREADABLE) from None
    return Material(preview=read, facts=None, findings=said_in(read), stack=stack, problem=failure_in(read)), secrets


def _from_preview(
    stack: str | None, cwd: Path | None, pulumi: str, options: Sequence[str]
) -> tuple[Material, Sequence[str]]:
    """What a preview and its checks say, and the secrets of the stack's configuration."""
    from pulumi_gcp_tuning.review.judging import Material
    from pulumi_gcp_tuning.review.previews import policies_in, preview_of

    try:
        command = [find_pulumi(pulumi)]
    except Refused as error:
        raise _ended(str(error), NO_CLI) from None
    place = [*(["--cwd", str(cwd)] if cwd else []), *(["--stack", stack] if stack else [])]
    try:
        with waiting(stack):
            done = preview(command, place, options, with_policies=True)
        if done.problem is not None and any(words in done.problem for words in _NO_STACK):
            raise _ended(f"{done.problem.removeprefix(UNFINISHED)}\n{_WHICH_STACK}", NO_STACK)
        secrets = _secrets_of(command, place, (done.problem or "").removeprefix(UNFINISHED))
        read = preview_of(done.answer if "steps" in done.answer else {**done.answer, "steps": []}, _hiding(secrets))
    except Refused as error:
        raise _ended(str(error), INCOMPLETE) from None
    return Material(
        preview=read,
        facts=_facts_in(done.notes),
        findings=_judgements(report_of(done.notes, stack=stack, secrets=secrets)),
        policies=policies_in(done.policies),
        stack=stack,
        problem=(done.problem or "").removeprefix(UNFINISHED),
    ), secrets


def _secrets_of(command: Sequence[str], place: Sequence[str], problem: str) -> Sequence[str]:
    """The secrets of the stack. If there are none because nothing could run, raises Ended with the CLI's own error."""
    try:
        return secrets_of(command, place)
    except Refused:
        if not problem.startswith("error: "):
            raise
        raise _ended(f"There is no preview. Pulumi said:\n{problem.splitlines()[0]}", INCOMPLETE) from None


def _hiding(secrets: Sequence[str]) -> Callable[[str], str]:
    """What every text from outside goes through: no secret, no credential, and no half of a character, which no file takes."""
    hide = hiding(secrets)
    return lambda text: redact(hide(text)).encode("utf-8", "replace").decode("utf-8")


def _facts_in(notes: Sequence[Note]) -> dict[str, dict[str, Mapping[str, object]]]:
    """The facts of each resource; those of its last call if a subject was noted twice."""
    found: dict[str, dict[str, Mapping[str, object]]] = {}
    for note in notes:
        found.setdefault(note.urn, {}).update(note.facts)
    return found


def _judgements(report: Report) -> list[Judgement]:
    from pulumi_gcp_tuning.review.previews import named_by

    found = [_judgement(finding, None) for finding in report.shared]
    for each in report.resources:
        found += [_judgement(finding, named_by(each.urn)) for finding in each.findings]
    return found


def _judgement(finding: Printed, resource: Named | None) -> Judgement:
    from pulumi_gcp_tuning.review.report import Judgement

    return Judgement(
        severity=finding.severity,
        resource=resource,
        path=finding.path,
        problem=finding.problem,
        remedy=finding.remedy,
        check=finding.check,
    )


def _rendered(made: Review, form: Format) -> str:
    if form is Format.JSON:
        return json.dumps(made.plain(), indent=1, ensure_ascii=False) + "\n"
    if form is Format.HTML:
        from pulumi_gcp_tuning.review.html import page

        return page(made)
    from pulumi_gcp_tuning.review.markdown import markdown

    return markdown(made)


def _write(text: str, output: Path | None, *, is_markdown: bool) -> None:
    if output is None and is_markdown and sys.stdout.isatty():
        from pulumi_gcp_tuning.cli.review_terminal import show

        show(text)
        return
    if output is None:
        sys.stdout.write(text)
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Refused(f"The report could not be written to {output}: {error.strerror}") from None


def _code_of(made: Review, fail_on: Sequence[FailOn]) -> int:
    if made.problem:
        return INCOMPLETE
    if made.verdict == "BLOCK":
        return BLOCKED
    may_train = any(each.may_train for each in made.updates)
    may_delete = any(each.may_be_replaced and not each.may_train for each in made.updates)
    holds = {
        FailOn.COST: may_train or bool(made.hourly) or any(each.cost.usd != 0 for each in made.trainings),
        FailOn.DESTROY: may_delete or any(each.outcome == "deleted" for each in made.removals),
        FailOn.RETRAIN: may_train or any(each.again for each in made.trainings),
        FailOn.WARNING: any(each.severity == "warn" for each in (*made.findings, *made.policies)),
    }
    return FAILED_ON if any(holds[each] for each in fail_on) else 0


def _ended(text: str, code: int) -> Ended:
    shown = redact(text)
    typer.echo(f"gcp-tuning: {shown}", err=True)
    return Ended(shown, code)
