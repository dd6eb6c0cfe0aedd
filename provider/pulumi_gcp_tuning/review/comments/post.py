"""Posts the report of a stack as the one comment that the stack has on a pull request."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from pulumi_gcp_tuning.clock import Clock, SystemClock
from pulumi_gcp_tuning.errors import TuningError
from pulumi_gcp_tuning.redaction import redact
from pulumi_gcp_tuning.review.comments.body import body_of, marker_of
from pulumi_gcp_tuning.review.comments.forges import GITHUB, Place, find_place
from pulumi_gcp_tuning.review.comments.service import ForgeError, Service

SUMMARY: Final = "GITHUB_STEP_SUMMARY"
NOT_POSTED: Final = 5
ELSEWHERE: Final = 8
_DENIED: Final = frozenset({401, 403, 404})
_SUMMARY_LIMIT: Final = 250_000  # GitHub takes 1 MiB for each step; a letter has up to 4 bytes


class Outcome(StrEnum):
    """What became of the report."""

    CREATED = "created"
    EDITED = "edited"
    ELSEWHERE = "elsewhere"
    NOT_POSTED = "not posted"


@dataclass(frozen=True)
class Posting:
    """What ``post_comment`` did. ``sentence`` says it to a person, ``url`` is the comment's address if there is one."""

    outcome: Outcome
    sentence: str
    url: str | None = None

    @property
    def exit_code(self) -> int:
        """0 if there is a comment, 8 if a fork's run may not write one, 5 if it could not be written."""
        return {Outcome.ELSEWHERE: ELSEWHERE, Outcome.NOT_POSTED: NOT_POSTED}.get(self.outcome, 0)


def post_comment(
    markdown: str,
    env: Mapping[str, str],
    *,
    project: str,
    stack: str,
    artifact: Path | None = None,
    clock: Clock | None = None,
) -> Posting:
    """Creates the stack's comment on the pull request of this CI run, or edits the one that is there.

    ``project`` and ``stack`` are Pulumi's names. The place and the token come from ``env``, the variables of GitHub Actions or GitLab CI.
    If there can be no comment, the report goes into the summary of the job (on GitHub) and into the file ``artifact``.
    Raises nothing: the outcome, its sentence and its exit code are in the answer.
    """
    file = artifact or Path(f"gcp-tuning-review.{stack.rpartition('/')[2]}.md")
    marker = marker_of(project, stack)
    place: Place | None = None
    try:
        place = find_place(env)
        if place.token is None:
            raise ForgeError(f"{place.forge.token_variable} is not set. {place.forge.no_token}", status=401)
        body = body_of(markdown, marker, place.forge.limit, f"The whole report is in the file {file.name} of the job.")
        if not body.is_whole:
            _write(file, markdown)
        written, outcome = _put(Service(place, place.token, clock or SystemClock()), place, marker, body.text)
    except OSError as error:
        return Posting(Outcome.NOT_POSTED, f"The report was not posted: {file} cannot be written ({error.strerror}).")
    except TuningError as error:
        return _elsewhere(markdown, env, file, place, error)
    url = written.get("html_url")
    said = f"The comment on {place.forge.request} {place.number} was {outcome}."
    return Posting(outcome, said, url if isinstance(url, str) else None)


def withdraw_comment(markdown: str, env: Mapping[str, str], *, project: str | None, stack: str) -> None:
    """Puts ``markdown`` in place of the comment of an earlier run, so that its verdict does not outlive this run.

    Without such a comment none is made. ``project`` None: it cannot be read, and the comment is the only one of a stack of
    that name. Raises nothing: what is wrong here, :func:`post_comment` says at the end.
    """
    with suppress(OSError, TuningError):
        place = find_place(env)
        service = Service(place, place.token, SystemClock()) if place.token is not None else None
        marker = service and (marker_of(project, stack) if project else _only_marker(service, place, stack))
        if service and marker and (found := _find(service, place, marker)) is not None:
            service.write(
                place.forge.edit, f"{place.comment}/{found}", body_of(markdown, marker, place.forge.limit, "").text
            )


def _only_marker(service: Service, place: Place, stack: str) -> str | None:
    """The marker of the stack, whatever its project; None if several projects have a stack of that name."""
    begin, end = marker_of("/", stack).split(quote("/", safe=""), 1)
    lines = {_first_line(each) for each in service.list(place.comments)}
    found = [line for line in lines if line.startswith(begin) and line.endswith(end)]
    return found[0] if len(found) == 1 else None


def _put(service: Service, place: Place, marker: str, body: str) -> tuple[dict[str, Any], Outcome]:
    """Edits the comment with the marker, or creates it: also if it was deleted since the list was read."""
    for is_last in (False, True):
        found = _find(service, place, marker)
        try:
            if found is None:
                return service.write("POST", place.comments, body), Outcome.CREATED
            return service.write(place.forge.edit, f"{place.comment}/{found}", body), Outcome.EDITED
        except ForgeError as error:
            deleted = found is not None and error.status == 404
            unclear = found is None and error.maybe_took_effect  # the list says whether it was created
            if is_last or not (deleted or unclear):
                raise
    raise AssertionError("the second round returns or raises")


def _find(service: Service, place: Place, marker: str) -> int | None:
    """The id of our own comment with the marker. Anyone can write the marker, so the author counts too."""
    found = [each for each in service.list(place.comments) if _first_line(each) == marker]
    if not found:
        return None
    try:
        me = service.find("/user").get("id")
    except ForgeError as error:
        if error.status != 403 or place.forge is not GITHUB:
            raise
        me = None  # the token of a workflow belongs to no user, and its comments are those of a bot
    for each in found:
        author = each.get(place.forge.author)
        known = author if isinstance(author, dict) else {}
        if isinstance(each.get("id"), int) and (known.get("type") == "Bot" if me is None else known.get("id") == me):
            return int(each["id"])
    return None


def _first_line(comment: Mapping[str, Any]) -> str:
    body = comment.get("body")
    return body.partition("\n")[0].rstrip() if isinstance(body, str) else ""


def _elsewhere(markdown: str, env: Mapping[str, str], file: Path, place: Place | None, error: TuningError) -> Posting:
    """Writes the report to where a reviewer finds it without a comment."""
    kept: list[str] = []
    lost: list[str] = []
    summary = env.get(SUMMARY)
    for where, path, text in (
        ("in the job's summary", Path(summary) if summary else None, markdown[:_SUMMARY_LIMIT]),
        (f"in the file {file}", file, markdown),
    ):
        try:
            if path is not None:
                _write(path, text, append=path != file)
                kept.append(where)
        except OSError as failed:
            lost.append(f"It cannot be written to {path} ({failed.strerror}).")
    said = f"The report is {' and '.join(kept)}." if kept else ""
    denied = isinstance(error, ForgeError) and error.status in _DENIED
    if place is not None and place.unprivileged and denied and kept:
        forge = place.forge
        why = f"{forge.name} gives no right to comment to the run of a {forge.request} from a fork"
        return Posting(Outcome.ELSEWHERE, " ".join([f"There is no comment: {why}. {said}", *lost]))
    sentence = " ".join(part for part in (f"The comment was not written. {error}", said, *lost) if part)
    return Posting(Outcome.NOT_POSTED, redact(sentence))


def _write(file: Path, text: str, *, append: bool = False) -> None:
    with file.open("a" if append else "w", encoding="utf-8") as opened:
        opened.write(text if text.endswith("\n") else f"{text}\n")
