"""Each call of a full stack is killed at or answered wrongly once; one more run of the same command puts all right."""

from __future__ import annotations

import re
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import pytest

from support.cell_records import record
from support.cli_cells import Cell, fault_cells, kill_cells, planned
from support.known_holes import holes_of
from support.pulumi_stack import FAST_CLOCK, HUNG
from support.tuning_programs import OWN_ENDPOINT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.pulumi_stack import Result, Running, Stack
    from support.sandbox_server import SandboxServer

PROGRAM: Final = OWN_ENDPOINT.replace('"epoch_count": 8', '"epoch_count": 2')
CHANGED: Final = PROGRAM.replace('"epoch_count": 2', '"epoch_count": 1')
# a minute is five seconds, which a busy machine needs for a few calls
QUICK: Final = FAST_CLOCK | {"TEST_CLOCK_TIMES": "12"}
SHORT_READS: Final = QUICK | {"TEST_READ_SECONDS": "2"}
POLL: Final = {"GCP_TUNING_POLL_INTERVAL": "2"}
NAMED: Final = re.compile(r"(?:models|endpoints|tuningJobs)/[0-9]+|tuning-datasets/[0-9a-f]+")


@dataclass
class Played:
    """One cell at work: its stack, its sandbox and all that its commands said."""

    cell: Cell
    stack: Stack
    sandbox: SandboxServer
    results: list[Result] = field(default_factory=list)

    @property
    def verb(self) -> str:
        return {"replace": "up"}.get(self.cell.call.verb, self.cell.call.verb)

    def begin(self) -> None:
        """The world before the verb whose call is met: at the start of ``up`` there is nothing."""
        if self.cell.call.verb == "replace":
            self.stack.write("__main__.py", CHANGED)
        self.before = set(things(self.sandbox))
        self.sandbox.admin("DELETE", "faults")
        self.sandbox.fault(**planned(self.cell))

    def run(self, env: dict[str, str]) -> Result:
        result: Result = getattr(self.stack, self.verb)(env=env)
        self.results.append(result)
        check_words(result)
        return result

    def kill(self) -> None:
        running = self.stack._logged(self.verb, "--yes", "--skip-preview", env=None)
        wait_until_met(self.sandbox, running)
        if self.cell.event == "kill after the answer":
            time.sleep(0.3)  # until the answer has been read; what follows is held
        if self.cell.victim == "everything":
            running.kill_all()
        else:
            running.kill_providers()
            self.results.append(running.wait())
        self.sandbox.admin("DELETE", "faults")
        if self.cell.victim == "everything":
            self.stack.cancel()

    def met(self) -> bool:
        return bool(self.sandbox.admin("GET", "faults")["receipts"])

    def check_end(self) -> None:
        """What every cell ends with: one job for each declared one, and nothing that nobody names."""
        jobs = self.sandbox.jobs()
        assert len(jobs) == (2 if self.cell.call.verb == "replace" else 1), [job["name"] for job in jobs]
        there = set(things(self.sandbox))
        named = set(NAMED.findall(self.stack.state_file.read_text()))
        told = set(NAMED.findall("\n".join(result.text for result in self.results)))
        kept = self.before if self.cell.call.verb == "replace" else set()
        assert there - named - told - kept == set(), "left at Google without a word"
        if self.verb == "destroy":
            assert self.stack.resources == []
        else:
            there |= {found for job in jobs for found in NAMED.findall(job["name"])}
            assert {each for each in named if "endpoints/" not in each} - there == set(), "state names what is gone"
            assert len(self.stack.resources) == 5
            assert self.stack.preview("--expect-no-changes").expect_ok().changes == {}


def things(sandbox: SandboxServer) -> Iterator[str]:
    """What stands at Google and costs money or holds data, by the end of its name."""
    objects = sandbox.call("GET", "storage/v1/b/shop-data/o").get("items", [])
    for each in [*sandbox.models(), *sandbox.endpoints(), *objects]:
        yield from NAMED.findall(each["name"])


def check_words(result: Result) -> None:
    """Errors are sentences of at most seven lines."""
    assert "Traceback" not in result.text, result.text[result.text.index("Traceback") :]
    assert "internal error" not in result.text, "internal error: " + result.text.partition("internal error")[2]
    told = [each["message"] for each in result.diagnostics if each["severity"] == "error"]
    assert all(len(each.strip().splitlines()) <= 7 for each in told), told


def wait_until_met(sandbox: SandboxServer, running: Running) -> None:
    """Until the call has come that the cell is about."""
    end = time.monotonic() + HUNG
    while not sandbox.admin("GET", "faults")["receipts"]:
        assert running.process.poll() is None, running.wait().text
        assert time.monotonic() < end, "the call never came"
        time.sleep(0.02)


def summary(result: Result) -> str:
    """What a failed run said first."""
    told = [each["message"] for each in result.diagnostics if each["severity"] == "error"]
    return shortened((told or ["no message"])[0])


def shortened(text: str) -> str:
    return re.sub(r"\b[0-9]{5,}\b|[0-9a-f]{32,}", "N", " ".join(text.split()))[:160]


def started(cell: Cell, request: pytest.FixtureRequest) -> Played:
    if cell.call.verb == "up":
        stack = request.getfixturevalue("tuning_stack")(PROGRAM, env=POLL)
        return Played(cell, stack, request.getfixturevalue("sandbox"))
    stack, sandbox = request.getfixturevalue("after_up")(PROGRAM)
    stack.env.update(POLL)
    return Played(cell, stack, sandbox)


@pytest.mark.full
@pytest.mark.usefixtures("pulumi_cli", "real_start")
@pytest.mark.parametrize("cell", kill_cells(), ids=str)
def test_after_a_kill_at_a_call_the_same_command_goes_on(cell: Cell, request: pytest.FixtureRequest) -> None:
    played = started(cell, request)
    with recording(cell) as seen:
        played.begin()
        played.kill()
        seen.append(f"{cell.victim} killed")
        played.run(QUICK).expect_ok()
        played.check_end()
        seen.append("the same command again ended well")


@pytest.mark.full
@pytest.mark.usefixtures("pulumi_cli")
@pytest.mark.parametrize("cell", fault_cells(), ids=str)
def test_a_call_may_be_answered_wrongly_once(cell: Cell, request: pytest.FixtureRequest) -> None:
    played = started(cell, request)
    with recording(cell) as seen:
        played.begin()
        first = played.run(SHORT_READS if cell.event == "timeout" else QUICK)
        assert played.met(), "the call never came"
        seen.append(f'said "{summary(first)}"' if first.exit_code else "the same run went on")
        if first.exit_code:
            played.run(QUICK).expect_ok()
            seen.append("the same command again ended well")
        played.check_end()


@contextmanager
def recording(cell: Cell) -> Iterator[list[str]]:
    """Keeps what was seen; a known hole is an expected failure."""
    seen: list[str] = []
    try:
        yield seen
    except Exception as error:
        wrong = f"WRONG: {first_line(error)}"
        record("cli", str(cell), "; ".join([*seen, wrong]))
        for hole in holes_of("cli", str(cell)):
            if hole.explains(wrong):
                pytest.xfail(hole.row)
        raise
    record("cli", str(cell), "; ".join(seen))


def first_line(error: BaseException) -> str:
    """What a failed claim says first."""
    return shortened(str(error))
