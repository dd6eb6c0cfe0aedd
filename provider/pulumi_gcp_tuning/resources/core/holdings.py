"""What the current entries of this run's state name: no delete of the run may touch it.

Pulumi deletes last, and skips its deletes when anything else of the run fails. What was to be deleted stays in state as a
pending delete, and a later run carries it out, perhaps when its id is the current one again (pulumi#14740).

With ``--continue-on-error`` it deletes in spite of a failure, but neither checks nor compares what depends on the resource
that failed. Nobody knows then what is in use, so after a failure nothing is deleted.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from pulumi_gcp_tuning.names import may_be_same_resource

_ALSO_HELD: Final = ("versionedModel",)
"""Outputs that name a thing of their own, which a delete by another id could reach."""
_MADE_FROM: Final = frozenset({"tuning_dataset"})
"""The kinds of what a model is made from without naming it."""


@dataclass(frozen=True)
class Held:
    """One current entry: its URN and the one its program declared, its id, and what else it names."""

    urns: frozenset[str]
    id: str
    also: frozenset[str]


@dataclass(frozen=True)
class Recognised:
    """How what carries no claim is recognised as what the program declares: two sets of names that have one in common.

    ``declared`` gives them for a URN and its checked inputs, ``standing`` for an id and its outputs. Both are pure.
    """

    declared: Callable[[str, Mapping[str, Any]], frozenset[str]]
    standing: Callable[[str, Mapping[str, Any]], frozenset[str]]


@dataclass
class Holdings:
    """The current entries, by kind and URN; safe for all threads.

    Only what this run has checked counts: refresh compares entries, too, that the program may no longer declare.
    """

    _lock: threading.Lock = field(default_factory=threading.Lock)
    _checked: dict[tuple[str, str], frozenset[str]] = field(default_factory=dict)
    _held: dict[tuple[str, str], Held] = field(default_factory=dict)
    _replaced: dict[tuple[str, str], Held] = field(default_factory=dict)
    _failed: bool = False
    _awaited: set[str] = field(default_factory=set)
    _lives_on: bool = False

    def note_failure(self) -> None:
        """A create or an update of this run has failed."""
        with self._lock:
            self._failed = True

    def note_awaited(self, name: str, kind: str, urn: str) -> None:
        """The program did not want to wait for a resource of this class: a replaced entry of it stays the current one."""
        with self._lock:
            self._awaited.add(name)
            self._lives_on = self._lives_on or (kind, urn) in self._replaced
        self.hold_again(kind, urn)

    def awaits_any(self, names: Collection[str]) -> bool:
        """Whether this run did not wait for a resource of these classes: what depends on it is neither checked nor compared."""
        with self._lock:
            return not self._awaited.isdisjoint(names)

    def outlives(self, kind: str, urn: str, id: str) -> bool:  # noqa: A002
        """Whether an entry that was to be replaced stays current in this run, and names this or may have been made from it."""
        with self._lock:
            is_older = (kind, urn) in self._checked and (kind, urn) not in self._replaced
            stays = self._lives_on and is_older
        return stays and (kind in _MADE_FROM or self.names(id))

    def puts_off_delete(self, kind: str, urn: str) -> bool:
        """Whether a delete has to wait for a run without failure. What goes before its own replacement need not."""
        with self._lock:
            return self._failed and (kind, urn) not in self._replaced

    def note_check(self, kind: str, urn: str, names: frozenset[str] = frozenset()) -> None:
        """The program declares this resource, which is recognised by these names."""
        with self._lock:
            self._checked[kind, urn] = names

    def declarer_of(self, kind: str, names: frozenset[str]) -> str | None:
        """The URN that the program declares one of these names under, where it is not known yet which id that has."""
        with self._lock:
            return next(
                (
                    urn
                    for (of, urn), declared in self._checked.items()
                    if of == kind
                    and (of, urn) not in self._held
                    and any(may_be_same_resource(each, one) for each in declared for one in names)
                ),
                None,
            )

    def is_declared(self, kind: str, urn: str) -> bool:
        """Whether the program of this run declares the resource, as far as it has come."""
        with self._lock:
            return (kind, urn) in self._checked

    def hold(self, kind: str, urn: str, id: str, properties: Mapping[str, Any]) -> None:  # noqa: A002
        """The id is the one that this resource has from now on."""
        with self._lock:
            self._held[kind, urn] = _held_by(urn, id, properties)
            self._replaced.pop((kind, urn), None)

    def let_go(self, kind: str, urn: str, id: str, properties: Mapping[str, Any]) -> None:  # noqa: A002
        """The resource is about to be replaced: the id it had may be deleted."""
        with self._lock:
            self._held.pop((kind, urn), None)
            self._replaced[kind, urn] = _held_by(urn, id, properties)

    def is_let_go(self, name: str) -> bool:
        """Whether a resource of this run had this id until now and is about to be replaced."""
        with self._lock:
            return any(may_be_same_resource(each.id, name) for each in self._replaced.values())

    def was_compared(self, urn: str) -> bool:
        """Whether this run compared an entry of this URN: the resource is not new, although it may be replaced."""
        with self._lock:
            return any(urn == each for _, each in (*self._held, *self._replaced))

    def hold_again(self, kind: str, urn: str) -> None:
        """The replacement was not made: the id that was let go stays the current one, and the run may go on to its deletes."""
        with self._lock:
            replaced = self._replaced.pop((kind, urn), None)
            if replaced is not None:
                self._held[kind, urn] = replaced

    def holders_of(self, kind: str, id: str) -> list[Held]:  # noqa: A002
        """The current entries of this kind with this id."""
        with self._lock:
            return [held for (of, _), held in self._held.items() if of == kind and may_be_same_resource(held.id, id)]

    def names(self, name: str) -> bool:
        """Whether any current entry has this id or names this thing; a model's first version is the whole model."""
        asked = {name, name.removesuffix("@1").removesuffix("@default")}
        with self._lock:
            return any(
                may_be_same_resource(each, one)
                for held in self._held.values()
                for each in (held.id, *held.also)
                for one in asked
            )


def _held_by(urn: str, id: str, properties: Mapping[str, Any]) -> Held:  # noqa: A002
    urns = frozenset({urn, str(properties.get("resourceUrn") or urn)})
    named = [str(properties[key]) for key in _ALSO_HELD if isinstance(properties.get(key), str)]
    return Held(urns, id, frozenset([*named, *(each.partition("@")[0] for each in named)]))
