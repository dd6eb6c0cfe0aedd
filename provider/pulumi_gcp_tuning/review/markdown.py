"""A review as Markdown for a comment on a pull request. It fits GitHub's and GitLab's limit; details are folded."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Final

from pulumi_gcp_tuning.grammar import counted, in_dollars
from pulumi_gcp_tuning.review.sentences import by_cause, cost_in_words, total, what_happens

if TYPE_CHECKING:
    from pulumi_gcp_tuning.review.report import Change, DataChange, Judgement, Named, Review, Training

MOST_CHARACTERS: Final = 64_000
"""Characters of a report. A longer one loses the ends of its longest sections, and says so."""

_OPEN: Final = 20  # rows of a section that are shown without folding
_NAMED: Final = 5  # resources that one line names
_SIGNS: Final = {"OK": "✅", "WARN": "⚠️", "BLOCK": "⛔"}
_SPECIAL: Final = re.compile(r"([\\`*_{}\[\]<>|~#@])")
_MENTION: Final = re.compile(r"(?<!\w)\\@")
_NO_MENTION: Final = "@\u200b"  # forges look for mentions in the finished text, where a backslash is gone


def markdown(review: Review) -> str:
    """The report: the verdict and one sentence, then a section for each thing that there is to say."""
    for most in (10_000, 500, 200, 100, 50, 20, 5):
        text = _markdown(review, most)
        if len(text) <= MOST_CHARACTERS:
            return text
    return f"{text[: MOST_CHARACTERS - 100].rpartition(chr(10))[0]}\n\nThe report is too long; the rest is left out.\n"


def _markdown(review: Review, most: int) -> str:
    of = f" of stack {_code(review.stack)}" if review.stack else ""
    parts = [f"{_SIGNS[review.verdict]} **{review.verdict}**{of}: {review.sentence}"]
    if review.missing:
        parts.append(
            f"Missing: {', '.join(review.missing)}. The report was made from a file, so no check was run; "
            "`gcp-tuning review` without `--preview-json` runs them."
        )
    if review.problem:
        parts.append(f"```text\n{_fenced(review.problem)}\n```")
    for section in _IF_NOTHING_CHANGES if review.changes_nothing else _SECTIONS:
        parts += section(review, most)
    return "\n\n".join(parts) + "\n"


def _findings(review: Review, most: int) -> list[str]:
    return _judgements("Findings", review.findings, most)


def _policies(review: Review, most: int) -> list[str]:
    return _judgements("Policies", review.policies, most)


def _judgements(title: str, found: Sequence[Judgement], most: int) -> list[str]:
    lines = []
    for each, resources in by_cause(found).items():
        where = _those(resources) if resources else "the whole stack"
        path = f" {_code(each.path)}" if each.path else ""
        check = f" [{each.check}]" if each.check else ""
        lines.append(f"- **{each.severity}** {where}{path}: {_plain(f'{each.problem} {each.remedy}{check}')}")
    errors = sum(each.severity == "error" for each in found)
    warnings = sum(each.severity == "warn" for each in found)
    head = f"{title}: {counted(errors, 'error')}, {counted(warnings, 'warning')}"
    return _section(head, lines, most, folded=not errors and not warnings)


def _trainings(review: Review, most: int) -> list[str]:
    lines = []
    for each in review.trainings:
        base = f" tunes {_code(each.base_model)}" if each.base_model else " trains"
        again = "trains again" if each.again else "new"
        lines.append(f"- {_of(each.job)} ({again}){base}: {_plain(cost_in_words(each.cost))}{_took(each)}")
        lines += [f"  - because {_change(change)}" for change in each.changes]
        lines += [f"  - because {_data(data)}" for data in each.data]
        lines += [f"  - also {_change(change)}, which alone trains nothing" for change in each.others]
    lines += [f"- {_of(each)} adopts a job that already exists; nothing is trained" for each in review.adoptions]
    return _section(f"Trains {counted(len(review.trainings), 'model')}", lines, most)


def _took(training: Training) -> str:
    took = f"; such a job took: {training.took}" if training.took else "; how long it takes is not known"
    return took + (f"; waits for {_plain(training.waits)}" if training.waits else "")


def _change(change: Change) -> str:
    old = "not set" if change.old is None else _code(change.old)
    new = "not set" if change.new is None else _code(change.new)
    return f"{_code(change.path)} changes: {old} → {new}"


def _data(data: DataChange) -> str:
    if data.why_not:
        return f"the content of {_of(data.dataset)} changes ({_plain(data.why_not)})"
    rows = f"{data.added:,} rows added, {data.removed:,} removed; {data.before:,} before, {data.after:,} after"
    return f"the content of {_of(data.dataset)} changes: {rows}"


def _removals(review: Review, most: int) -> list[str]:
    lines = [
        f"- **{each.outcome}**: {_of(each.resource)}{' (replaced)' if each.replaced else ''}: {_plain(each.reason)}"
        for each in review.removals
    ]
    return _section("Deleted, kept and left behind", lines, most)


def _updates(review: Review, most: int) -> list[str]:
    lines = []
    for word, imported in (("creates", False), ("imports", True)):
        if made := [each.resource for each in review.creations if each.imported is imported]:
            lines.append(f"- {word} {_those(made)}")
    for each in review.updates:
        what = what_happens(each)
        follows = f" with {', '.join(map(_of, each.follows))}" if each.follows else ""
        trains = f": {_plain(each.trains)}" if each.trains else ""
        lines.append(f"- {_of(each.resource)} {what}{follows}{trains}")
        lines += [f"  - {_change(change)}" for change in each.changes]
    return _section("Other changes", lines, most, folded=len(lines) > _OPEN)


def _costs(review: Review, most: int) -> list[str]:
    if not review.trainings:
        return []
    rows = ["| job | in use now | this merge | calculation | serving |", "| --- | --- | --- | --- | --- |"]
    for each in review.trainings:
        before = "not known" if each.cost.before is None else in_dollars(each.cost.before)
        before = before if each.again else "new"
        cells = (cost_in_words(each.cost), each.cost.reckoning, each.cost.serving.removeprefix("serving it costs "))
        rows.append(f"| {_of(each.job)} | {before} | {' | '.join(_cell(cell) for cell in cells)} |")
    return _section(f"Cost of training: {total(review.trainings)}", rows, most, table=True)


def _hourly(review: Review, most: int) -> list[str]:
    lines = [f"- {_of(each.resource)}: {_plain(each.text)}" for each in review.hourly]
    return _section("Billed by the hour", lines, most)


def _quotas(review: Review, most: int) -> list[str]:
    rows = ["| quota | need | in use | limit | order |", "| --- | --- | --- | --- | --- |"]
    for each in review.quotas:
        use = "not known" if each.in_use is None else f"{each.in_use:,}"
        limit = "none" if each.limit is None else f"{each.limit:,}"
        rows.append(f"| {_cell(each.name)} | {each.need:,} | {use} | {limit} | {_cell(each.order or 'at once')} |")
    return _section("Quota", rows, most, table=True)


def _places(review: Review, most: int) -> list[str]:
    rows = ["| resource | region | key |", "| --- | --- | --- |"]
    rows += [
        f"| {_of(each.resource)} | {_cell(each.region or 'not known')} | {_cell(each.key or 'Google-managed')} |"
        for each in review.places
    ]
    return _section("Region and encryption", rows, most, table=True, folded=True)


def _ends(review: Review, most: int) -> list[str]:
    rows = ["| base model | tuned until | answers until | used by |", "| --- | --- | --- | --- |"]
    for each in review.ends:
        used = _those(each.resources)
        dates = [_cell(day or "not announced") for day in (each.tuning_until, each.serving_until)]
        rows.append(f"| {_code(each.base_model)} | {' | '.join(dates)} | {used} |")
    return _section("End of life of the base models", rows, most, table=True, folded=True)


def _links(review: Review, most: int) -> list[str]:
    lines = [f"- [{_plain(each.text)}]({each.url.replace(')', '%29').replace(' ', '%20')})" for each in review.links]
    return _section("Links", lines, most, folded=True)


_SECTIONS: Final[tuple[Callable[[Review, int], list[str]], ...]] = (
    _findings,
    _policies,
    _trainings,
    _removals,
    _updates,
    _costs,
    _hourly,
    _quotas,
    _places,
    _ends,
    _links,
)

_IF_NOTHING_CHANGES: Final = (_findings, _policies)


def _section(title: str, lines: Sequence[str], most: int, *, table: bool = False, folded: bool = False) -> list[str]:
    """The section, or nothing if it has no lines. A long one is folded; beyond ``most`` rows it says how many are left out."""
    head = 2 if table else 0
    rows = lines[head:]
    if not rows:
        return []
    shown: Iterable[str] = (*lines[:head], *rows[:most])
    left = len(rows) - most
    body = "\n".join(shown) + (f"\n\n{left:,} more lines are left out." if left > 0 else "")
    if folded or len(rows) > _OPEN:
        return [f"<details><summary>{_plain(title)}</summary>\n\n{body}\n\n</details>"]
    return [f"### {_plain(title)}\n\n{body}"]


def _of(resource: Named) -> str:
    return f"{resource.type} {_code(resource.name)}"


def _those(resources: Sequence[Named]) -> str:
    """All of them, or the first ones and how many more there are."""
    more = len(resources) - _NAMED
    return ", ".join(map(_of, resources[:_NAMED])) + (f" and {more:,} more" if more > 0 else "")


def _code(text: str) -> str:
    """Text in code marks that it cannot leave."""
    clean = " ".join(text.split())
    marks = "`" * (max((len(run) for run in re.findall("`+", clean)), default=0) + 1)
    padded = f" {clean} " if clean.startswith("`") or clean.endswith("`") else clean
    return f"{marks}{padded}{marks}".replace("|", "\\|")


def _plain(text: str) -> str:
    """Text in which nothing is Markdown, HTML, or a mention of somebody."""
    return _MENTION.sub(_NO_MENTION, _SPECIAL.sub(r"\\\1", " ".join(text.split())))


def _cell(text: str) -> str:
    return _plain(text) or "-"


def _fenced(text: str) -> str:
    return text.replace("```", "'''")
