"""Plays the cells of the matrices on the handlers: a story whose one call is killed at or answered wrongly, then what a user does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from pulumi_gcp_tuning.audit.state import StackState
from pulumi_gcp_tuning.cli.audit import look
from support.cli_cells import KILLS
from support.fault_stories import DAYS, STAYS, Stage, has_gemini_api, program, run_verb
from support.in_process import EVENTS, At, Wire, World
from support.sandbox_server import PROJECT, REGION
from support.small_engine import BugError, Ran, Stack

FEWER: Final = (*KILLS, "429", "503", "503 after the effect", "lost", "wrong shape", "stale")
STORIES: Final = ("up", "up, then destroy", "refresh", "replace", "destroy")
TWICE: Final = 2
"""How many calls of one form a step of a story has in the matrix; a poll may be sent more often."""
MOST_LINES: Final = 7
LOCATIONS: Final = ("us", REGION, "europe-west4")
_ENDED: Final = ("SUCCEEDED", "FAILED", "CANCELLED", "EXPIRED")
_NAME: Final = re.compile(r"(?:models|endpoints|Jobs|tunedModels)/[0-9a-z-]+(?:@[2-9])?|tuning-datasets/[0-9a-f]+")
_NUMBER: Final = re.compile(r"\b[0-9]{5,}\b|[0-9a-f]{16,}")


class WrongError(AssertionError):
    """What a cell must not end with."""


@dataclass(frozen=True)
class Column:
    """All calls of a story, and what happens to one of them at a time."""

    stack: str
    story: str
    event: str

    def __str__(self) -> str:
        return f"{self.stack}: {self.story}: {self.event}"

    @property
    def verb(self) -> str:
        return self.story.partition(",")[0]


def events_of(stack: str) -> tuple[str, ...]:
    """What a call of the stack meets. Most calls of the longest stacks are those of the full one, so they meet one event of a kind."""
    return FEWER if stack in ("continued", "open") else EVENTS


def columns() -> list[Column]:
    """All columns with a cell: a refresh only reads, and a read has no effect."""
    every = (Column(stack, story, event) for stack in DAYS for story in STORIES for event in events_of(stack))
    return [column for column in every if column.story != "refresh" or _can_meet(column.event, reads=True)]


@dataclass(frozen=True)
class Struck:
    """A call of a clean run."""

    number: int
    name: str


def struck_by(stage: Stage, column: Column) -> list[Struck]:
    """The calls of the story that the event can happen to."""
    found: list[Struck] = []
    counted: dict[str, int] = {}
    for number, call in enumerate(stage.calls(column.verb)):
        counted[call] = counted.get(call, 0) + 1
        reads = ": GET " in call
        if counted[call] <= TWICE and _can_meet(column.event, reads=reads):
            found.append(Struck(number, call + (" again" if counted[call] > 1 else "")))
    return found


def _can_meet(event: str, *, reads: bool) -> bool:
    return (event != "lost" and "after the effect" not in event) if reads else event != "stale"


def play(stage: Stage, column: Column, struck: Struck) -> str:
    """What was seen. Raises WrongError where something ended as it must not."""
    begun = stage.begun(column.verb)
    stack = stage.stack(begun)
    before = set(things(stage.world))
    ids = {entry.declared.key: entry.id for entry in stack.entries}
    runs = [_run(stack, column, column.verb, At(struck.number, column.event))]
    if len(stack.wire.calls) <= struck.number:
        raise WrongError("the call never came")
    seen = _seen(runs[0])
    if column.story == "up, then destroy":
        runs += _again(stack, column, "destroy")
    elif not runs[0].ok:
        runs += _again(stack, column, column.verb)
    _check_words(runs)
    said = "\n".join(line for run in runs for line in run.said)
    if column.story.endswith("destroy"):
        _expect(not stack.entries, "state still has " + ", ".join(e.declared.type for e in stack.entries))
        told = set(_names_in(said))
        left = set(things(stage.world)) - told - set(_serving(stage.world, told))
        unnamed = left - set(named_by_audit(stage)) if left else set()
        _expect(not unnamed, f"the audit does not name it: {_list(unnamed)}")
        _expect(not left, f"left without a word: {_list(left)}")
        return seen
    _check_jobs(stage, column)
    _check_converged(stack, column, ids)
    named = set(_names_in(repr([(e.id, e.outputs) for e in stack.entries]) + said))
    kept = before if column.verb == "replace" else set()
    left = set(things(stage.world)) - named - kept
    _expect(not left, f"left without a word: {_list(left)}")
    return seen


def _run(stack: Stack, column: Column, verb: str, event: At | None = None) -> Ran:
    try:
        return run_verb(stack, column.stack, verb, event)
    except BugError as error:
        raise WrongError(f"internal error: {_short(str(error))}") from error


def _again(stack: Stack, column: Column, verb: str) -> list[Ran]:
    ran = _run(stack, column, verb)
    _expect(ran.ok, f"{verb} again fails: {_short(ran.error or '')}")
    return [ran]


def _seen(run: Ran) -> str:
    if run.ok:
        return "went on"
    return "killed" if run.killed else f"told: {_short(run.error or '')}"


def _check_words(runs: list[Ran]) -> None:
    for text in (line for run in runs for line in [*run.said, run.error or ""]):
        _expect(len(text.strip().splitlines()) <= MOST_LINES, f"{len(text.splitlines())} lines: {_short(text)}")
        _expect("Traceback" not in text and "None/None" not in text, f"says {_short(text)}")


def _check_jobs(stage: Stage, column: Column) -> None:
    """As many records as a clean run leaves: of a replaced pipeline there is none."""
    declared = sum(each.kind.endswith("tuning_job") for each in program(column.stack))
    more = column.verb == "replace" and column.stack not in ("pipeline", "gemini api")
    count, wanted = len(list(jobs(stage.world))), declared + more
    _expect(count == wanted, f"{count} jobs in place of {wanted}")


def _check_converged(stack: Stack, column: Column, ids: dict[str, str]) -> None:
    declared = program(column.stack, changed=column.verb == "replace")
    steps = stack.preview(declared)
    _expect(steps.ok and not steps.steps, f"preview is not clean: {', '.join(steps.steps)} {_short(steps.error or '')}")
    refreshed = stack.refresh()
    _expect(refreshed.ok, f"refresh fails: {_short(refreshed.error or '')}")
    gone = [line for line in refreshed.said if line.endswith(" is gone")]
    _expect(not gone, f"state names what is gone: {_short('; '.join(gone))}")
    there = [entry.declared.key for entry in stack.entries]
    _expect(sorted(there) == sorted(each.key for each in declared), f"state has {', '.join(there)}")
    stays = STAYS[column.stack] if column.verb == "replace" else ids.keys()
    moved = [
        e.declared.type for e in stack.entries if e.declared.key in ids.keys() & stays and ids[e.declared.key] != e.id
    ]
    _expect(not moved, f"made again: {', '.join(moved)}")


def _serving(world: World, names: set[str]) -> Iterator[str]:
    """The endpoints of the models with these names. A message that names a model speaks of them, too."""
    for location in LOCATIONS:
        for each in _listed(world, "endpoints", location):
            if any(names & set(_NAME.findall(deployed["model"])) for deployed in each.get("deployedModels") or ()):
                yield from _NAME.findall(each["name"])


def jobs(world: World) -> Iterator[dict[str, Any]]:
    """Every record of a job."""
    for collection in ("tuningJobs", "pipelineJobs"):
        yield from _listed(world, collection, REGION)


def things(world: World) -> Iterator[str]:
    """What stands at Google and costs money or holds data, by the end of its name."""
    for location in LOCATIONS:
        for each in _listed(world, "endpoints", location):
            yield from _NAME.findall(each["name"])
        for each in _listed(world, "models", location):
            for version in world.ask("GET", f"/v1/{each['name']}:listVersions")["models"]:
                yield from _NAME.findall(version["name"])
    for each in world.ask("GET", "/v1beta/tunedModels").get("tunedModels", ()) if has_gemini_api(world) else ():
        yield each["name"]
    for each in world.ask("GET", "/storage/v1/b/shop-data/o").get("items", []):
        yield from _NAME.findall(each["name"])
    for job in jobs(world):
        if not job["state"].endswith(_ENDED):
            yield from _NAME.findall(job["name"])


def named_by_audit(stage: Stage) -> Iterator[str]:
    """What ``gcp-tuning audit --bucket shop-data`` shows once everything of the stack is destroyed."""
    google = Wire(stage.world).connect(stage.settings)
    found = look(google, stage.settings, [StackState(project="shop", stack="dev")], ["shop-data"])
    for item in found.items:
        yield from _names_in(" ".join([item.name, *item.endpoints]))


def _names_in(text: str) -> Iterator[str]:
    """The names in a text. The endpoint of weights stands for their model too, which has its id."""
    for name in _NAME.findall(text):
        yield name
        if name.startswith("endpoints/gcp-tuning-"):
            yield name.replace("endpoints/", "models/")


def _listed(world: World, collection: str, location: str) -> list[dict[str, Any]]:
    path = f"/v1/projects/{PROJECT}/locations/{location}/{collection}"
    found: list[dict[str, Any]] = world.ask("GET", path).get(collection, [])
    return found


def _expect(holds: object, otherwise: str) -> None:
    if not holds:
        raise WrongError(otherwise)


def _list(names: set[str]) -> str:
    return ", ".join(sorted(_NUMBER.sub("N", name) for name in names))


def _short(text: str) -> str:
    return _NUMBER.sub("N", " ".join(text.split()))[:150]
