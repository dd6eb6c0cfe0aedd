"""What an audit finds: an object at Google and why it is there."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal

from pulumi_gcp_tuning.audit.costs import NOTHING, Cost
from pulumi_gcp_tuning.audit.state import StackState, Thing, key_of
from pulumi_gcp_tuning.names import may_be_same_resource

Why = Literal["orphan", "double", "overtaken", "kept", "other stack", "unknown stack"]
ORDER: Final[tuple[Why, ...]] = ("orphan", "double", "overtaken", "kept", "other stack", "unknown stack")
ORPHANS: Final = frozenset({"orphan", "double", "overtaken"})
"""What no entry of a state that was read knows."""


@dataclass(frozen=True, kw_only=True)
class Item:
    """An object at Google that has our labels and is not simply the object of a state entry.

    ``blocked`` says why it cannot be deleted, None if it can. ``thing`` is what Google answered, ``job`` the name of the
    job that made it, ``endpoints`` go with it.
    """

    name: str
    what: str
    why: Why
    reason: str
    stack: str
    created: str | None = None
    cost: Cost = NOTHING
    job: str | None = None
    endpoints: tuple[str, ...] = ()
    blocked: str | None = None
    thing: Thing = field(default_factory=dict, repr=False)

    @property
    def is_orphan(self) -> bool:
        """Whether its stack's state was read and does not know it."""
        return self.why in ORPHANS

    def is_called(self, name: str) -> bool:
        """Whether a user means it by this name: its own, or that of the job that made it."""
        return any(may_be_same_resource(key_of(name), key_of(each)) for each in (self.name, self.job or self.name))


@dataclass(frozen=True, kw_only=True)
class Audit:
    """What was found. ``known`` counts the objects of entries; ``problems`` are places that could not be listed.

    ``others`` are the other stacks whose states were read to name what belongs to them.
    """

    items: tuple[Item, ...]
    stacks: tuple[StackState, ...] = ()
    others: tuple[str, ...] = ()
    known: int = 0
    problems: tuple[str, ...] = ()

    @property
    def orphans(self) -> list[Item]:
        """What no state that was read knows, although its stack is among them."""
        return [item for item in self.items if item.is_orphan]

    @property
    def unknown(self) -> list[Item]:
        """What belongs to a stack whose state was not read."""
        return [item for item in self.items if item.why == "unknown stack"]
