"""What the model of the engine keeps and is given: entries of state, goals of a program, what a command did."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pulumi_gcp_tuning.resources.core.lifecycle import Properties


@dataclass(eq=False)
class Entry:
    """One resource of state. ``delete``: a pending delete. ``replacing``: deleted already, its replacement is not made yet."""

    urn: str
    kind: str
    id: str
    inputs: Properties
    outputs: Properties
    uses: dict[str, frozenset[str]] = field(default_factory=dict)
    after: frozenset[str] = frozenset()
    protect: bool = False
    delete: bool = False
    replacing: bool = False
    init_errors: bool = False
    refresh_first: bool = False


@dataclass(frozen=True)
class Ref:
    """An output of another resource; ``id`` is its id."""

    urn: str
    output: str


@dataclass(frozen=True, kw_only=True)
class Goal:
    """One resource as the program registers it. Inputs may hold Refs at any depth."""

    urn: str
    kind: str
    inputs: Properties
    aliases: tuple[str, ...] = ()
    after: frozenset[str] = frozenset()
    protect: bool = False
    delete_first: bool = False


@dataclass
class Outcome:
    """What one command did: operations by URN, and why it failed."""

    ops: dict[str, str] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    killed: bool = False
    began_delete: list[Entry] = field(default_factory=list)
    """The entries whose delete was begun."""

    @property
    def ok(self) -> bool:
        return not self.errors and not self.killed

    @property
    def changes(self) -> dict[str, str]:
        return {urn: op for urn, op in self.ops.items() if op != "same"}
