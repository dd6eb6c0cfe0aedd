"""One life of a stack: what its user does, step after step, and the rules after each step."""

from __future__ import annotations

import re
from contextlib import suppress
from copy import deepcopy
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from lives import rules
from lives.console import use_console
from lives.engine import Engine
from lives.entries import Entry, Outcome
from lives.process import Process
from lives.program import MORE, Program
from lives.world import Cloud, Trouble, Violation, World
from pulumi_gcp_tuning.config import CHECKS
from support.hand_made_google import settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from lives.program import Shape
    from pulumi_gcp_tuning.config import Settings

Step = tuple[Any, ...]
MOST_RECOVERIES: Final = 6
WRITES_SEEN: Final = 14
"""A full ``up`` writes less often than this."""


class _OverError(Exception):
    """The life has fallen into a known hole."""


class Life:
    """A stack, its program and its cloud.

    ``row`` says which known hole the life has fallen into: it is over then.
    """

    def __init__(self, folder: Path, *, shape: Shape = "gemini", known: Sequence[rules.Known] = rules.KNOWN) -> None:
        self.folder, self.known = folder, known
        self.world, self.state = World(), list[Entry]()
        self.cloud: Cloud = self.world
        self.program: Program = Program(shape=shape)
        self.past: list[Program] = []
        self.said: list[str] = []
        self.steps: list[Step] = []
        self.backup: list[Entry] | None = None
        self.pending = False  # a command has failed and nobody has recovered from it yet
        self.drifted: bool = False  # Google has changed in a way that state does not know, and no refresh has seen it
        self.orphans: set[str] = set()  # what a command that failed has made, and no entry has named since
        self.broken_destroys: int = 0
        self.last = Outcome()
        self.farewell: int = 0  # where in ``said`` the destroys begin that no other command has followed
        self.respelled: bool = False  # state had another spelling of the project when the last command began
        self.restored: bool = False  # state is not the last one that a command wrote
        self.met: set[str] = set()
        self.row: str | None = None

    def step(self, name: str, *given: Any) -> None:
        """One step of the user's; raises Violation where a rule does not hold that should."""
        if self.row is not None:
            return
        self.steps.append((name, *given))
        try:
            getattr(self, name)(*given)
        except _OverError:
            return
        except Violation as found:
            if self.row is not None:
                raise
            with suppress(_OverError):
                self._judge([found])

    def _judge(self, found: Iterable[Violation]) -> None:
        """Nothing is wrong but what is known to be."""
        for each in found:
            known = next((k for k in self.known if k.rule == each.rule and k.covers(self, each.seen)), None)
            if known is None:
                self.row = "a fault"
                raise each
            self.met.add(known.row)
            if known.ends:
                self.row = known.row
                raise _OverError

    # What a user does

    def change(self, what: str, to: Any = None) -> None:
        """The program is edited; nothing runs."""
        now, last = self.program, self.program.names[-1]
        edits: dict[str, Any] = {
            "content": {"content": to},
            "epochs": {"epochs": to},
            "retry": {"retry": now.retry + 1},
            "label": {"label": to},
            "keep_last": {"keep_last": to},
            "spelling": {"numbered": not now.numbered},
            "rename": {"names": (*now.names, "two" if last == "bot" else "bot")},
            "rename without aliases": {"names": (last + "x",), "parents": now.parents[-1:]},
            "move": {"parents": (*now.parents, not now.parents[-1])},
            "protect": {"protect": now.protect | {to}},
            "delete first": {"delete_first": now.delete_first | {to}},
            "drop": {"left_out": now.left_out | {to}},
            "add": {"left_out": now.left_out - {to}},
        }
        if what == "revert":
            names: dict[str, Any] = {"names": now.names, "parents": now.parents, "retry": now.retry}
            names |= {"retry_more": now.retry_more}
            self.program = replace(self.past[-1], **names) if self.past else now
        else:
            self.program = replace(now, **edits[what])
        self.past.append(now)

    def up(self, trouble: str = "", *given: Any) -> None:
        """``pulumi up``; where nothing is in its way, with a preview."""
        if trouble and trouble != "replace":
            self._command("up", trouble, given)
            return
        before = len(self.said)
        preview = self._preview(given)
        previewed = self.said[before:]
        if preview.errors:
            self.said += preview.errors
            self.pending = True
            return
        outcome = self._command("up", trouble, given)
        deletes_first = trouble and self.program.delete_first  # refused at the delete, which no preview asks about
        if not (outcome.errors and (self.drifted or deletes_first)):
            self._judge(rules.judge_preview(preview, outcome, previewed))
        if outcome.ok:
            self._settled()

    def refresh(self, trouble: str = "", *given: Any) -> None:
        """``pulumi refresh``."""
        self._command("refresh", trouble, given)

    def destroy(self, trouble: str = "", *given: Any) -> None:
        """``pulumi destroy``."""
        outcome = self._command("destroy", trouble, given)
        self.broken_destroys += not outcome.ok
        if outcome.ok and not self.state:
            # checkpoints stay in the user's own bucket, and a refresh drops a model that is gone: what they leave was said then
            earlier = self.said[: self.farewell]
            told = [
                line for line in earlier if line.startswith("The checkpoints of ") or "that it replaced stay" in line
            ]
            self._judge(rules.judge_the_rest(self.cloud, [*told, *self.said[self.farewell :]]))

    def hours(self) -> None:
        """Time passes: jobs end."""
        self.world.end_all_jobs()

    def save(self) -> None:
        """``pulumi stack export``."""
        self.backup = deepcopy(self.state)

    def restore(self) -> None:
        """``pulumi stack import`` of what was saved."""
        if self.backup is not None:
            self.state, self.drifted, self.restored = deepcopy(self.backup), True, True

    def console(self, act: str, name: str | None = None) -> None:
        """Somebody does something by hand, to what the stack has or to the endpoint of a name."""
        self.drifted = True
        entries = {each.kind: each for each in self.state if not each.delete}
        model = entries["tuned_model"].outputs.get("model") if "tuned_model" in entries else None
        endpoint = name or (entries["endpoint"].id if "endpoint" in entries else None)
        data = entries["tuning_dataset"].id if "tuning_dataset" in entries else None
        use_console(self.world, act, model=model, endpoint=endpoint, data=data)

    def unprotect(self) -> None:
        """``pulumi state unprotect --all``."""
        for each in self.state:
            each.protect = False

    def recover(self) -> None:
        """What a user does about a failure until ``up`` succeeds."""
        self.program = self.program.without_trouble()
        told: list[str] = []
        for _ in range(MOST_RECOVERIES):
            self.pending, before = False, len(self.said)
            self.up()
            if not self.pending:
                return
            told = self.said[before:]
            if not self._follow(told):
                break
        raise Violation(rules.NO_WAY_OUT, "\n".join(told[-3:]))

    # How it is carried out

    def _follow(self, told: list[str]) -> bool:
        """The user does what the messages say; False where they say nothing that can be done."""
        advice = "\n".join(told)
        if ("not found" in advice or "run `pulumi refresh`" in advice) and self.drifted:
            self.refresh()
        elif re.search(r"[Ss]et `?retry", advice):
            key = "retry_more" if f"{MORE}'" in next(line for line in reversed(told) if "retry" in line) else "retry"
            self.program = replace(self.program, **{key: getattr(self.program, key) + 1})
        elif "already exists and does not have this resource's label" in advice and "the endpoint" in advice.lower():
            self.console("delete the endpoint", re.findall(r"The endpoint (\S+) already exists", advice)[-1])
        elif "marked for protection" in advice:
            self.unprotect()
        else:
            return False
        return True

    def _command(self, verb: str, trouble: str, given: tuple[Any, ...]) -> Outcome:
        self.respelled = any(each.inputs.get("project") not in (None, self.program.project) for each in self.state)
        before = self.cloud.things()
        outcome = self.last = self._carry_out(verb, trouble, given)
        self.said += outcome.errors
        if verb != "destroy":
            self.farewell = len(self.said)
        self.pending = self.pending or not outcome.ok
        refreshed = outcome.ok and "refresh" in (verb, trouble)
        self.drifted = (self.drifted and not refreshed) or outcome.killed
        self.orphans |= self.cloud.things() - before
        self.orphans -= frozenset[str]().union(*map(rules.names_of, self.state))
        all_go = verb == "destroy" and trouble != "target"
        self._judge(rules.judge_losses(before, self.cloud, self.state, outcome, all_go=all_go))
        return outcome

    def _carry_out(self, verb: str, trouble: str, given: tuple[Any, ...]) -> Outcome:
        world, program = self.world, self.program
        world.begin()
        engine, targets = self._engine(), frozenset[str]()
        if trouble in ("before", "after", "lost", "interrupt"):
            world.trouble = Trouble(given[0], trouble)  # type: ignore[arg-type]
        elif trouble == "cli":
            engine = self._engine(die_after_step=given[0])
        elif trouble == "denied":
            world.denied = frozenset(given)
        elif trouble == "job fails":
            world.fail_next_job = True
        elif trouble == "target":
            targets = frozenset(program.urn(kind) for kind in given)
        elif trouble == "bad":
            program = replace(program, bad=True)
        if verb == "up":
            asked = [program.urn(kind) for kind in given] if trouble == "replace" else []
            outcome = engine.up(program.goals(), targets=targets, refresh=trouble == "refresh", replaces=asked)
        else:
            outcome = engine.refresh() if verb == "refresh" else engine.destroy(targets)
        world.trouble, world.denied, world.fail_next_job, world.cancelled = None, frozenset(), False, False
        return outcome

    def _preview(self, replaces: Iterable[str] = ()) -> Outcome:
        asked = [self.program.urn(kind) for kind in replaces]
        return self._engine().up(self.program.goals(), preview=True, replaces=asked)

    def _settled(self) -> None:
        """After an ``up`` that succeeded."""
        self._judge(rules.judge_names(self.cloud, self.state, self.said))
        self._judge(rules.judge_clean(self._preview()))

    def _engine(self, *, die_after_step: int = 0) -> Engine:
        given = _settings(self.program)
        return Engine(self.state, Process(self.world, given, self.folder, self.said), die_after_step=die_after_step)


def _settings(program: Program) -> Settings:
    is_today = program.shape in ("gemini", "continued")
    checks = {} if is_today else {**dict.fromkeys(CHECKS, "off"), "existence": "error"}
    return settings(project=program.project, checks=checks)
