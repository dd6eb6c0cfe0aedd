"""Checks that Google accepts tuning of a model on a day: its launch, its last day, its retirement."""

from __future__ import annotations

from datetime import date
from typing import Final

from pulumi_gcp_tuning.catalog import CLOSES_SOON, Catalogue, Method, ModelRow, Standing
from pulumi_gcp_tuning.errors import Finding
from pulumi_gcp_tuning.preflight.alternatives import AS_SURE, finding_of_row, name_successors, what_to_use
from pulumi_gcp_tuning.preflight.rule import Rule
from pulumi_gcp_tuning.wording import PropertyPath, Remedy, Words, advise

LAUNCH: Final = Rule(
    check="retirement",
    name="launched",
    refuses="a model before its launch",
    why=f"Google's page on model versions. {AS_SURE}",
    evidence="docs",
)
CLOSED: Final = Rule(
    check="retirement",
    name="tuning is open",
    refuses="a model past its last day of tuning (with the successor)",
    why=f'Google\'s life cycle page: tuning closes a month before a model retires. A day that is announced as "or later" '
    f"only warns. {AS_SURE}",
    evidence="docs",
)
RETIRED: Final = Rule(
    check="retirement",
    name="not retired",
    refuses="a model that has retired (with the successor)",
    why="Google's page on model versions: a tuned model retires with its base model.",
    evidence="docs",
)
DUE: Final = Rule(
    check="retirement",
    name="open-ended day has passed",
    refuses='nothing: it warns of a model whose last day of tuning was announced as "or later" and has passed',
    why='Google\'s page on model versions says "or later" of it: the model may still be open.',
    evidence="docs",
    severity="warn",
)
ACTIVE_ONLY: Final = Rule(
    check="retirement",
    name="closed to new projects",
    refuses="nothing: it warns of a model that has closed to projects that did not use it of late",
    why="Google's page on model versions and its mails. Whether projects that used it may still tune is not known.",
    evidence="docs",
    severity="warn",
)
SOON: Final = Rule(
    check="retirement",
    name="closes soon",
    refuses=f"nothing: it warns of a model whose last day of tuning is at most {CLOSES_SOON.days} days away",
    why="A model that is tuned now retires with its base.",
    evidence="docs",
    severity="warn",
)
RULES: Final = (LAUNCH, CLOSED, RETIRED, DUE, ACTIVE_ONLY, SOON)


def check_dates(
    row: ModelRow, method: Method, location: str | None, as_of: date, path: PropertyPath, known: Catalogue
) -> list[Finding]:
    """Compares the day with the model's launch, its last day of tuning and its retirement in that region."""
    standing = row.standing(as_of, location)
    last, retired = row.last_tuning or row.retired_on(location), row.retired_on(location)
    if standing == "OPEN" and (last is None or last - as_of > CLOSES_SOON):
        return []
    use = what_to_use(row, method, location, as_of, known)
    remedy = Remedy("set a property", use)
    if standing == "NOT_YET":
        problem = f"{row.id} is not offered before {row.launched} (as of {as_of})."
        return [finding_of_row(LAUNCH, row, "launched", path, problem, remedy)]
    if standing in ("OPEN", "DUE"):
        return [_ends_soon(row, standing, as_of, path, known)]
    if standing == "ACTIVE_ONLY":
        return [_closed_to_new(row, retired, as_of, path, use)]
    ended = retired if standing == "RETIRED" else last
    if ended and ended > row.as_of:
        remedy = advise(
            "set a property",
            "{use} The day was announced before {day}; if Google moved it, set {checks.retirement=warn}.",
            use=use,
            day=row.as_of,
        )
    if standing == "RETIRED":
        problem = f"{row.id} retired on {retired} (as of {as_of})."
        return [RETIRED.finding(path, problem, remedy, evidence=row.evidence_for("retired"))]
    problem = f"{row.id} can no longer be tuned: its last day of tuning was {row.last_tuning} (as of {as_of})."
    return [finding_of_row(CLOSED, row, "last_tuning", path, problem, remedy)]


def _ends_soon(row: ModelRow, standing: Standing, as_of: date, path: PropertyPath, known: Catalogue) -> Finding:
    last = row.last_tuning or row.retired
    later = " or later" if row.open_ended else ""
    instead = name_successors(row, as_of, known)
    remedy = advise("set a property", "A model tuned from it retires with it. {instead}", instead=instead)
    if standing == "DUE":
        past = (
            f"Tuning of {row.id} may have closed: its last day was announced as {last} or later "
            f"and has passed (as of {as_of})."
        )
        return DUE.finding(path, past, remedy, evidence=row.evidence_for("retired"))
    retires = f"{row.retired}{later}" if row.retired else "a later day"
    soon = f"{row.id} can be tuned until {last}{later} and retires on {retires} (as of {as_of})."
    return SOON.finding(path, soon, remedy, evidence=row.evidence_for("last_tuning"))


def _closed_to_new(row: ModelRow, retired: date | None, as_of: date, path: PropertyPath, use: Words) -> Finding:
    assert row.public_retirement is not None  # noqa: S101
    day, since = row.public_retirement.day, row.public_retirement.used_since
    closes = "closed" if as_of >= day else "closes"
    problem = (
        f"{row.id} {closes} on {day} to projects that made no call to it since {since}; whether the others can still "
        f"tune it is not known. It shuts down on {retired} (as of {as_of})."
    )
    remedy = advise("set a property", "{use} A model tuned from {model} shuts down with it.", use=use, model=row.id)
    return ACTIVE_ONLY.finding(path, problem, remedy, evidence=row.evidence_for("public_retirement"))
