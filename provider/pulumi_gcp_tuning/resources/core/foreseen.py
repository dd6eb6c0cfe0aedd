"""The results of this run's comparisons, used for the resources whose inputs come from the compared ones.

At preview, an input from a resource that will be replaced or updated is unknown. If the program passed the source of
the input and this run compared that source, the value may be known anyway.

Pulumi also compares the dependents of a resource that is deleted before its replacement. It does so with inputs from
state, before their own check, and during ``up`` too. A result there would delete what is in use, so only inputs that
this process checked get one.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pulumi_gcp_tuning.names import may_be_same_resource
from pulumi_gcp_tuning.resources.core.lifecycle import UNKNOWN, Properties

Sources = Mapping[str, tuple[str, ...]]
"""The URNs of the resources that each input comes from, by input; that of a nested one has its path, with dots."""


@dataclass(frozen=True)
class Fate:
    """The result of one resource's comparison.

    ``replaced`` says that another object replaces it. ``becomes`` holds the id of an object that its
    replacement adopts and the names that its outputs will have.
    ``stays`` holds its id and the outputs that do not change.
    """

    replaced: bool = False
    becomes: frozenset[str] = frozenset()
    stays: frozenset[str] = frozenset()


@dataclass
class Foreseen:
    """The fates of this run by URN, and the sources of each checked resource's inputs. Safe for all threads."""

    _lock: threading.Lock = field(default_factory=threading.Lock)
    _sources: dict[str, Sources] = field(default_factory=dict)
    _fates: dict[str, Fate] = field(default_factory=dict)
    _places: dict[str, str] = field(default_factory=dict)
    _made: set[str] = field(default_factory=set)

    def note_check(self, urn: str, sources: Sources) -> None:
        """Notes that the program declares this resource, and the sources of its inputs."""
        with self._lock:
            self._sources[urn] = sources

    def note_diff(self, urn: str, fate: Fate) -> None:
        """Notes the result of comparing a resource, if this run checked it."""
        with self._lock:
            if urn in self._sources:
                self._fates[urn] = fate

    def note_new(self, urn: str, adopted: frozenset[str] = frozenset()) -> None:
        """Notes that a resource without an entry will be created. ``adopted`` are the names of what it adopts, or will have."""
        with self._lock:
            if urn in self._sources and urn not in self._fates:
                self._fates[urn] = Fate(replaced=not adopted, becomes=adopted)

    def note_place(self, urn: str, place: str | None) -> None:
        """Notes the location of what this resource will make, if that is known before it is made."""
        with self._lock:
            if place is not None:
                self._places[urn] = place

    def place_of(self, sources: Sources, key: str) -> str | None:
        """The location of what the single source of an input makes; None if it is not known."""
        urns = sources.get(key, ())
        with self._lock:
            return self._places.get(urns[0]) if len(urns) == 1 else None

    def note_create(self, id: str) -> None:  # noqa: A002
        """Notes that this run created or adopted this id."""
        with self._lock:
            self._made.add(id)

    def was_made(self, id: str) -> bool:  # noqa: A002
        """Whether this run created or adopted this id, so that a read may not find it yet."""
        with self._lock:
            return id in self._made

    def is_kept(self, sources: Sources, key: str, id: str) -> bool:  # noqa: A002
        """Whether the input comes from a single resource that keeps this id in this run, so that nothing will create it."""
        urns = sources.get(key, ())
        with self._lock:
            return len(urns) == 1 and urns[0] in self._fates and id in self._fates[urns[0]].stays

    def filled_in(self, urn: str, olds: Properties, news: Properties, sources: Sources) -> Properties:
        """The new inputs, with UNKNOWN replaced by the value if the source of the input keeps or adopts it."""
        for path, fate in self._fates_of(urn, news, sources).items():
            before = _value_at(olds, path)
            name = before if isinstance(before, str) else ""
            # an entry may be older than its source, which then keeps another value: an interrupted run changed only that one
            known = fate.becomes | (fate.stays if _came_from(olds, path) == sources.get(path) else frozenset())
            alike = [name] if name in fate.stays else [each for each in known if _form(each) == _form(name)]
            if len(alike) == 1:
                value = name if may_be_same_resource(alike[0], name) else alike[0]
                news = _with_value(news, path.split("."), value)
        return news

    def surely_other(self, urn: str, news: Properties, sources: Sources) -> list[str]:
        """The unknown inputs that will certainly differ, because their single source is replaced."""
        return [path.partition(".")[0] for path, fate in self._fates_of(urn, news, sources).items() if fate.replaced]

    def _fates_of(self, urn: str, news: Mapping[str, Any], sources: Sources) -> dict[str, Fate]:
        with self._lock:
            if self._sources.get(urn) != sources:
                return {}
            single = {
                key: urns[0] for key, urns in sources.items() if len(urns) == 1 and _value_at(news, key) is UNKNOWN
            }
            return {key: self._fates[source] for key, source in single.items() if source in self._fates}


def _value_at(properties: Mapping[str, Any], path: str) -> Any:
    """The value at a path; UNKNOWN if an object on the way is not known."""
    value: Any = properties
    for key in path.split("."):
        value = value.get(key) if isinstance(value, Mapping) else value if value is UNKNOWN else None
    return value


def _came_from(olds: Properties, path: str) -> tuple[str, ...]:
    """The resources that an input of an entry came from."""
    sources = olds.get("inputSources")
    return tuple(map(str, sources.get(path) or ())) if isinstance(sources, Mapping) else ()


def _with_value(properties: Properties, path: list[str], value: str) -> Properties:
    """The properties with another value at a path; unchanged if an object on the way is not known."""
    key, *rest = path
    inner = properties.get(key)
    if not rest:
        return {**properties, key: value}
    return {**properties, key: _with_value(inner, rest, value)} if isinstance(inner, dict) else properties


def _form(name: str) -> tuple[list[str], bool]:
    """The collection in a name, such as ``tuningJobs``, and whether it has a version: an input comes from an output of its form."""
    return name.split("/")[4:-1], "@" in name
