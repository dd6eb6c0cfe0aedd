"""What Pulumi's engine does with a program's resources, in short: enough to run up, refresh and destroy again and again.

Resources go up in the order of the program, one after the other. State is what a file backend would hold: it is written
after each step, so it is what a killed process leaves. Deletes come last, and not where anything failed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pulumi_gcp_tuning.config import Settings
from pulumi_gcp_tuning.errors import TuningError, Unfinished
from pulumi_gcp_tuning.resources.core.lifecycle import Call, Current, Properties
from pulumi_gcp_tuning.resources.core.run import Run
from pulumi_gcp_tuning.resources.registry import lifecycle_of
from support.hand_made_google import urn
from support.in_process import At, Killed, Wire, World, WorldClock

Inputs = Callable[[Mapping[str, "Entry"]], Properties]


@dataclass(frozen=True)
class Declared:
    """A resource of the program; ``inputs`` may name what went up before it by its key: the kind, and a name of its own."""

    kind: str
    inputs: Inputs
    name: str = "bot"

    @property
    def key(self) -> str:
        return self.kind if self.name == "bot" else f"{self.kind} {self.name}"

    @property
    def type(self) -> str:
        return "".join(word.capitalize() for word in self.kind.split("_"))

    @property
    def urn(self) -> str:
        return urn(self.type, self.name)


@dataclass
class Entry:
    """A resource in state. ``pending`` marks one that was replaced and is still to be deleted."""

    declared: Declared
    id: str
    inputs: Properties
    outputs: Properties
    unfinished: bool = False
    pending: bool = False


@dataclass
class Ran:
    """What one command did: ``error`` is what it said last, None where it ended well."""

    error: str | None = None
    killed: bool = False
    steps: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return self.error is None and not self.killed


class BugError(AssertionError):
    """The door would have said "internal error"."""


class Stack:
    """A stack of one program in one world. Each command is a process of its own."""

    def __init__(self, world: World, settings: Settings, root: Path, entries: Sequence[Entry] = ()) -> None:
        self.world, self.settings, self.root = world, settings, root
        self.entries = [deepcopy(each) for each in entries]
        self.wire = Wire(world)

    def up(self, program: Sequence[Declared], event: At | None = None) -> Ran:
        """``pulumi up``."""
        return self._command(event, lambda process: process.up(program))

    def preview(self, program: Sequence[Declared]) -> Ran:
        """``pulumi preview``: what it would do, in ``steps``."""
        return self._command(None, lambda process: process.up(program, dry=True))

    def refresh(self, event: At | None = None) -> Ran:
        """``pulumi refresh``."""
        return self._command(event, lambda process: process.refresh())

    def destroy(self, event: At | None = None) -> Ran:
        """``pulumi destroy``."""
        return self._command(event, lambda process: process.destroy())

    def current(self, key: str) -> Entry | None:
        """The entry of a resource that is not on its way out."""
        return next((each for each in self.entries if each.declared.key == key and not each.pending), None)

    def _command(self, event: At | None, work: Callable[[_Process], None]) -> Ran:
        self.wire = Wire(self.world, event)
        process = _Process(self)
        try:
            work(process)
        except Killed:
            process.ran.killed = True
        except TuningError as error:
            process.ran.error = str(error)
        return process.ran


class _Process:
    """One run of the provider."""

    def __init__(self, stack: Stack) -> None:
        self.stack, self.ran, self.run = stack, Ran(), Run()
        self.google = stack.wire.connect(stack.settings)

    def up(self, program: Sequence[Declared], *, dry: bool = False) -> None:
        for declared in program:
            self._bring(declared, dry=dry)
        if dry:
            return
        kept = {declared.urn for declared in program}
        for entry in reversed(list(self.stack.entries)):
            if entry.pending or entry.declared.urn not in kept:
                self._delete(entry)

    def refresh(self) -> None:
        for entry in list(self.stack.entries):
            self._read(entry)

    def destroy(self) -> None:
        for entry in reversed(list(self.stack.entries)):
            self._delete(entry)

    def _bring(self, declared: Declared, *, dry: bool) -> None:
        entry = self.stack.current(declared.key)
        if entry is not None and entry.unfinished:
            self._read(entry)
            entry = self.stack.current(declared.key)
        there = {each.declared.key: each for each in self.stack.entries if not each.pending}
        news = {**deepcopy(declared.inputs(there)), "resourceUrn": declared.urn}
        olds = deepcopy(entry.inputs) if entry else {}
        checked = self._do(declared, "check", lambda verbs, call: verbs.check(call, olds, news))
        wrong = [str(finding) for finding in checked.findings if finding.severity == "error"]
        if wrong:
            raise TuningError("; ".join(wrong))
        inputs: Properties = checked.inputs
        if entry is None:
            self._note(declared, "create")
            if not dry:
                self._create(declared, inputs)
            return
        found, stood = entry, deepcopy(entry.outputs)
        difference = self._do(declared, "diff", lambda verbs, call: verbs.diff(call, found.id, stood, deepcopy(inputs)))
        if difference.replaces:
            self._note(declared, "replace")
            if not dry:
                self._create(declared, inputs, replaced=entry)
        elif difference.changed or (difference.changed is None and inputs != entry.inputs) or entry.unfinished:
            self._note(declared, "update")
            if not dry:
                self._update(entry, inputs)
        elif not dry:
            entry.inputs = inputs

    def _create(self, declared: Declared, inputs: Properties, replaced: Entry | None = None) -> None:
        def keep(current: Current, *, unfinished: bool) -> None:
            if replaced is not None:
                replaced.pending = True
            self.stack.entries.append(Entry(declared, current.id, inputs, current.outputs, unfinished))

        try:
            made = self._do(declared, "create", lambda verbs, call: verbs.create(call, deepcopy(inputs)))
        except Unfinished as error:
            keep(Current(id=error.id, outputs=dict(error.outputs)), unfinished=True)
            raise
        keep(made, unfinished=made.unfinished)

    def _update(self, entry: Entry, inputs: Properties) -> None:
        olds, news = deepcopy(entry.outputs), deepcopy(inputs)
        made = self._do(entry.declared, "update", lambda verbs, call: verbs.update(call, entry.id, olds, news))
        entry.inputs, entry.outputs, entry.unfinished = inputs, made.outputs, made.unfinished

    def _read(self, entry: Entry) -> None:
        outputs = deepcopy(entry.outputs)
        found = self._do(entry.declared, "read", lambda verbs, call: verbs.read(call, entry.id, outputs))
        if found is None:
            self.ran.said.append(f"{entry.id} is gone")
            self.stack.entries.remove(entry)
            return
        entry.id, entry.outputs, entry.unfinished = found.id, found.outputs, found.unfinished
        entry.inputs = entry.inputs if found.inputs is None else found.inputs

    def _delete(self, entry: Entry) -> None:
        outputs = deepcopy(entry.outputs)
        self._note(entry.declared, "delete")
        self._do(entry.declared, "delete", lambda verbs, call: verbs.delete(call, entry.id, outputs))
        self.stack.entries.remove(entry)

    def _note(self, declared: Declared, step: str) -> None:
        self.ran.steps.append(f"{step} {declared.type}")

    def _do(self, declared: Declared, verb: str, work: Callable[[Any, Call], Any]) -> Any:
        self.stack.wire.place = f"{declared.type} {verb}"
        call = Call(
            urn=declared.urn,
            settings=self.stack.settings,
            google=self.google,
            clock=WorldClock(self.stack.world),
            run=self.run,
            root=self.stack.root,
            report=self.ran.said.append,
            warn=self.ran.said.append,
            tell=self.ran.said.append,
        )
        try:
            return work(lifecycle_of(declared.kind), call)
        except TuningError as error:
            self.ran.said.append(str(error))
            raise
        except Exception as error:
            raise BugError(f"{declared.type} {verb}: {type(error).__name__}: {error}") from error
