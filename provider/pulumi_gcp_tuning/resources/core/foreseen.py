"""What this run's comparisons said of the resources of the program, for those whose inputs come from them.

At preview an input that comes from a resource that will be replaced or updated is unknown. Where the program told which one
resource that is, and that resource was compared in this run, more is known than that.

Pulumi also compares what depends on a resource that is deleted before its replacement, with inputs out of state and before
their own check, during ``up`` too. An answer there would delete what is in use, so only the inputs that this process checked
get one.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pulumi_gcp_tuning.resources.core.lifecycle import UNKNOWN, Properties

Sources = Mapping[str, tuple[str, ...]]
"""The URNs of the resources that an input comes from, by input."""


@dataclass(frozen=True)
class Fate:
    """What a comparison said of one resource: ``replaced`` by another object, or what ``stays`` of its id and outputs.

    A replacement that adopts ``becomes`` what has that id.
    """

    replaced: bool = False
    becomes: str | None = None
    stays: frozenset[str] = frozenset()


@dataclass
class Foreseen:
    """The fates of this run by URN, and what each checked resource's inputs come from; safe for all threads."""

    _lock: threading.Lock = field(default_factory=threading.Lock)
    _sources: dict[str, Sources] = field(default_factory=dict)
    _fates: dict[str, Fate] = field(default_factory=dict)
    _places: dict[str, str] = field(default_factory=dict)
    _made: set[str] = field(default_factory=set)

    def note_check(self, urn: str, sources: Sources) -> None:
        """The program declares this resource, and told where its inputs come from."""
        with self._lock:
            self._sources[urn] = sources

    def note_diff(self, urn: str, fate: Fate) -> None:
        """What the comparison of a resource that was checked in this run said of it."""
        with self._lock:
            if urn in self._sources:
                self._fates[urn] = fate

    def note_place(self, urn: str, place: str | None) -> None:
        """Where what this resource makes will be, as far as that is known before it is made."""
        with self._lock:
            if place is not None:
                self._places[urn] = place

    def place_of(self, sources: Sources, key: str) -> str | None:
        """The place of what the one resource makes that an input comes from; None where that is not known."""
        urns = sources.get(key, ())
        with self._lock:
            return self._places.get(urns[0]) if len(urns) == 1 else None

    def note_create(self, id: str) -> None:  # noqa: A002
        """This run made or adopted it."""
        with self._lock:
            self._made.add(id)

    def was_made(self, id: str) -> bool:  # noqa: A002
        """Whether this run made or adopted it, so that a read may not find it yet."""
        with self._lock:
            return id in self._made

    def is_kept(self, sources: Sources, key: str, id: str) -> bool:  # noqa: A002
        """Whether an input comes from one resource alone, which keeps this id in this run: nothing will make it."""
        urns = sources.get(key, ())
        with self._lock:
            return len(urns) == 1 and urns[0] in self._fates and id in self._fates[urns[0]].stays

    def filled_in(self, urn: str, olds: Properties, news: Properties, sources: Sources) -> Properties:
        """The new inputs, with the value in place of UNKNOWN where the resource that it comes from keeps it or adopts it."""
        known, before = dict[str, Any](), {key: str(value) for key, value in olds.items() if isinstance(value, str)}
        for key, fate in self._fates_of(urn, news, sources).items():
            if before.get(key) in fate.stays:
                known[key] = before[key]
            elif fate.becomes is not None and _collection(before.get(key, "")) == _collection(fate.becomes):
                known[key] = fate.becomes
        return {**news, **known}

    def surely_other(self, urn: str, news: Properties, sources: Sources) -> list[str]:
        """The inputs that apply will know and that will differ, because the one resource that they come from is replaced."""
        return [key for key, fate in self._fates_of(urn, news, sources).items() if fate.replaced]

    def _fates_of(self, urn: str, news: Mapping[str, Any], sources: Sources) -> dict[str, Fate]:
        with self._lock:
            if self._sources.get(urn) != sources:
                return {}
            single = {key: urns[0] for key, urns in sources.items() if len(urns) == 1 and news.get(key) is UNKNOWN}
            return {key: self._fates[source] for key, source in single.items() if source in self._fates}


def _collection(name: str) -> list[str]:
    """What a name is one of: ``tuningJobs``. An input may also come from another output than the id."""
    return name.split("/")[4:-1]
