"""Writes docs/reliability.md from what the cells of the matrices were seen to do: ``python -m support.reliability_page``."""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from support.cell_records import CHECKOUT, recorded
from support.cli_cells import Cell, fault_cells, kill_cells
from support.fault_cells import STORIES, Column, columns, events_of, struck_by
from support.fault_stories import DAYS, Stage
from support.in_process import made_simple
from support.known_holes import holes_of

PAGE: Final = CHECKOUT / "docs" / "reliability.md"
NOT_RUN: Final = "?"
HEAD: Final = """# Reliability

What happens when a process is killed at a call of Google's APIs, or when Google answers a call wrongly.
`make test-full` writes this page from what it saw. Do not edit it.

A cell is one call of one command and one event. The event strikes once, then the same command runs again, as a user would run it.
A cell is right when these hold at the end:

- there is one job for each declared job
- nothing that is in use was deleted
- nothing is left at Google that neither the state nor a message names
- no message is an internal error or a traceback, and none is longer than seven lines
- the next preview shows no change

| event | what it is |
| --- | --- |
| kill before | `kill -9` before Google has the request |
| kill after the effect | `kill -9` once the request took effect, before the answer |
| kill after the answer | `kill -9` once the answer was read |
| 408 to 504 | this status in place of the answer, without effect; `after the effect` with it |
| timeout, lost | the request takes effect, and no answer comes in time, or the connection breaks before it |
| reset | the connection breaks before anything happens |
| truncated, malformed, wrong shape | the request takes effect; its answer is half of it, no JSON, or JSON with other types |
| stale | a read shows what was there one change ago |

{ran}
"""
LEGEND: Final = """
| in the table | what was seen |
| --- | --- |
| on | the same run went on and ended well |
| again | the run was killed, or ended with a message, and the same command then ended well |
| a letter with a number | a known fault, named below the table |
| **wrong** | a fault that is not known |
| ? | did not run |
| - | cannot happen: a read has no effect to lose, and only a read can be stale |
"""


def main() -> None:
    handlers, cli = recorded("handlers"), recorded("cli")
    sections = [*handler_sections(handlers), *cli_section(cli)]
    PAGE.write_text(HEAD.format(ran=how_many(handlers, cli)) + "\n".join(sections) + "\n", encoding="utf-8")
    sys.stdout.write(f"{PAGE.relative_to(CHECKOUT)} is written.\n")


def how_many(handlers: Mapping[str, Any], cli: Mapping[str, Any]) -> str:
    """How much of the matrices ran, and on which commits."""
    struck = {str(column) for column in columns()}
    cells = [str(cell) for cell in (*kill_cells(), *fault_cells())]
    ran = sum(len(each["seen"]) for each in handlers.values())
    is_whole = struck <= handlers.keys() and set(cells) <= cli.keys()
    rest = "" if is_whole else "The other cells did not run; the tables say which. "
    commits = sorted({each["commit"] for each in (*handlers.values(), *cli.values())})
    return (
        f"On the handlers {ran:,} cells in {len(handlers.keys() & struck)} of {len(struck)} columns ran, "
        f"through the real CLI {len(cli.keys() & set(cells))} of {len(cells)} cells.\n"
        f"{rest}Commits that were tested: {', '.join(commits) or 'none'} (`+` is with changes).\n"
    )


def handler_sections(records: Mapping[str, Any]) -> Iterator[str]:
    """A table for each story: calls by events."""
    yield "## On the handlers"
    yield "\nThe provider's own code talks to a sandbox in the same process, through the same session as to Google.\n"
    yield "The full stack is a TuningDataset, TuningJob, TunedModel, Endpoint and ModelDeployment;"
    yield "the pipeline's is a TuningDataset, PipelineTuningJob and TunedModel;"
    yield "the continued one is a TuningDataset and two TuningJobs with their TunedModels, of which the second adds a version to the first;"
    yield "the open one is a TuningDataset, a TuningJob of an open model and a ModelDeployment of its weights on a machine;"
    yield "that of the Gemini API is a GeminiApiTunedModel."
    yield LEGEND
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as folder:
        made_simple(patch)
        for name in DAYS:
            stage = Stage(name, Path(folder))
            for story in STORIES:
                yield f"### {name.capitalize()} stack: {story}\n"
                yield from story_table(stage, name, story, records)


def story_table(stage: Stage, stack: str, story: str, records: Mapping[str, Any]) -> Iterator[str]:
    events = [Column(stack, story, event) for event in events_of(stack)]
    can = [{struck.name for struck in struck_by(stage, column)} for column in events]
    calls = list(dict.fromkeys(struck.name for column in events for struck in struck_by(stage, column)))
    rows: set[str] = set()
    yield "| call | " + " | ".join(events_of(stack)) + " |"
    yield "| --- |" + " --- |" * len(events)
    for call in calls:
        told = []
        for column, possible in zip(events, can, strict=True):
            seen = records.get(str(column), {}).get("seen", {}).get(call, NOT_RUN)
            told.append(code(column, seen, rows) if call in possible else "-")
        yield f"| {shown(call)} | " + " | ".join(told) + " |"
    yield ""
    yield from (f"- {row}" for row in sorted(rows))
    yield ""


def code(column: Column, seen: str, rows: set[str]) -> str:
    """What was seen, in a word."""
    if seen == NOT_RUN:
        return NOT_RUN
    if not seen.startswith("WRONG"):
        return "on" if seen == "went on" else "again"
    holes = [hole.row for hole in holes_of("handlers", str(column)) if hole.explains(seen)]
    rows.update(holes)
    return holes[0].partition(":")[0] if holes else "**wrong**"


def shown(call: str) -> str:
    """A call without the parts of its path that all calls have."""
    place, _, path = call.partition(": ")
    path = re.sub(r"projects/(shop|N)/", "", path)
    path = re.sub(r"/(v1beta1|v[123]|storage/v1)/(locations/[a-z0-9-]+/)?", "/", path)
    return f"{place}: `{path.removesuffix(' again')}`" + (" again" if path.endswith(" again") else "")


def cli_section(records: Mapping[str, Any]) -> Iterator[str]:
    """Each cell with what was seen."""
    yield "## Through the real CLI\n"
    yield "The full stack, the sandbox as a server, and the CLI with its processes. A killed run is followed by `pulumi cancel`."
    yield "A kill takes everything at once, or only the process of the provider.\n"
    cells: list[Cell] = [*kill_cells(), *fault_cells()]
    missing = [cell for cell in cells if str(cell) not in records]
    yield "| command | call | event | what was seen |"
    yield "| --- | --- | --- | --- |"
    for cell in cells:
        if cell not in missing:
            yield f"| {cell.call.verb} | {cell.call.name} | {cell.event} | {cell_text(cell, records[str(cell)]['seen'])} |"
    if missing:
        yield f"\nThese {len(missing)} cells did not run:\n"
        for call in dict.fromkeys(cell.call for cell in missing):
            yield f"- {call.verb}, {call.name}: " + ", ".join(cell.event for cell in missing if cell.call == call)


def cell_text(cell: Cell, seen: str) -> str:
    """What was seen, as a table takes it; a known fault is called by its row."""
    wrong = seen[seen.index("WRONG") :] if "WRONG" in seen else ""
    for hole in holes_of("cli", str(cell)):
        if hole.explains(wrong):
            return hole.row
    text = re.sub(r"http://127\.0\.0\.1:\w+/[^\s\"]*", "URL", seen)
    text = re.sub(r"(?<!\w)/(tmp|home|root|work)/\S*", "PATH", text)
    return text.replace("|", "/").replace("<", "&lt;").replace(">", "&gt;").replace("WRONG", "**wrong**")


if __name__ == "__main__":
    main()
