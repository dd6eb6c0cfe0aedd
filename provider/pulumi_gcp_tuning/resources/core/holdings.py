"""What the current entries of this run's state name. No delete of the run may touch it.

Pulumi deletes last, and skips its deletes when anything else in the run fails. A skipped delete stays in state as a
pending delete. A later run carries it out, possibly when its id is the current one again (pulumi#14740).

With ``--continue-on-error`` Pulumi deletes despite a failure, but neither checks nor compares the dependents of the
failed resource. What is in use is then unknown, so nothing is deleted after a failure.

Each explicit provider of the program runs in its own process. The processes share their notes through :mod:`~.board`,
where possible.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from pulumi_gcp_tuning.names import MalformedName, Urn, may_be_same_resource
from pulumi_gcp_tuning.resources.core.board import Board, Held, Note

if TYPE_CHECKING:
    from pulumi_gcp_tuning.resources.core.seen import Memo

_ALSO_HELD: Final = ("versionedModel",)
"""Outputs that name another object, which a delete by a different id could reach."""
_MADE_FROM: Final = frozenset({"tuning_dataset"})
"""The kinds of resource that a model is made from although the model does not name them."""


_Key = tuple[str, str]


@dataclass(frozen=True)
class Recognised:
    """How to recognise that an object without a claim is one that the program declares: two sets of names overlap.

    ``declared`` returns the names for a URN and its checked inputs, ``standing`` those for an id and its outputs. Both
    are pure.
    """

    declared: Callable[[str, Mapping[str, Any]], frozenset[str]]
    standing: Callable[[str, Mapping[str, Any]], frozenset[str]]


@dataclass
class _View:
    """What has been noted: the checked resources, their current ids, and the ids that are being replaced."""

    checked: dict[_Key, frozenset[str]] = field(default_factory=dict)
    held: dict[_Key, Held] = field(default_factory=dict)
    replaced: dict[_Key, Held] = field(default_factory=dict)
    answered: set[_Key] = field(default_factory=set)
    """The resources that stay, and those whose replacement has been tried or may come after the delete."""
    failed: bool = False
    awaited: set[str] = field(default_factory=set)
    lives_on: bool = False
    places: frozenset[tuple[str, str]] = frozenset()
    """The project and stack of each earlier URN."""

    def take(self, note: Note) -> None:
        """Adds one note."""
        key = note.kind, note.urn
        if note.held and len(note.held.urns) > 1:
            self.places |= frozenset(_places_in(note.held.urns - {note.urn}))
        if note.what not in ("check", "let go", "failure"):
            self.answered.add(key)
        if note.what == "check":
            self.checked[key] = frozenset(note.names)
        elif note.what == "hold" and note.held:
            self.held[key] = note.held
            self.replaced.pop(key, None)
        elif note.what in ("let go", "let go first") and note.held:
            self.held.pop(key, None)
            self.replaced[key] = note.held
        elif note.what == "failure":
            self.failed = True
        else:
            if note.what == "awaited":
                self.awaited |= {*note.names}
                self.lives_on = self.lives_on or key in self.replaced
            if key in self.replaced:
                self.held[key] = self.replaced.pop(key)

    def beside(self, others: _View) -> _View:
        """This view, plus what ``others`` noted about the resources that were not checked here."""
        if others == _View():  # the program has one provider
            return replace(
                self,
                checked={**self.checked},
                held={**self.held},
                replaced={**self.replaced},
                answered={*self.answered},
            )
        return _View(
            checked={**others.checked, **self.checked},
            held={**{key: held for key, held in others.held.items() if key not in self.checked}, **self.held},
            replaced={
                **{key: held for key, held in others.replaced.items() if key not in self.checked},
                **self.replaced,
            },
            answered=self.answered | others.answered,
            failed=self.failed or others.failed,
            awaited=self.awaited | others.awaited,
            lives_on=self.lives_on or others.lives_on,
            places=self.places | others.places,
        )


@dataclass
class Holdings:
    """The current entries, by kind and URN. Safe for all threads.

    Only what this run has checked counts: a refresh also compares entries that the program may no longer declare.
    """

    _lock: threading.Lock = field(default_factory=threading.Lock)
    _own: _View = field(default_factory=_View)
    _others: _View = field(default_factory=_View)
    _board: Board | None = None
    _memo: Memo | None = None
    _before: dict[str, tuple[str, str] | None] = field(default_factory=dict)

    def share(self, board: Board | None, memo: Memo | None = None) -> None:
        """From now on, shares notes with the other processes of this operation, in both directions.

        ``memo`` tells the update of a command the stack's earlier name that its preview saw.
        """
        self._board, self._memo = board, memo

    def note_failure(self) -> None:
        """Notes that a create or an update of this run has failed."""
        self._note(Note("failure"))

    def note_awaited(self, name: str, kind: str, urn: str) -> None:
        """Notes that the program does not wait for a resource of this class. If its entry was being replaced, it stays current."""
        self._note(Note("awaited", kind, urn, names=frozenset({name})))

    def awaits_any(self, names: Collection[str]) -> bool:
        """Whether this run did not wait for a resource of these classes. Its dependents are then neither checked nor compared."""
        return not self._all().awaited.isdisjoint(names)

    def outlives(self, kind: str, urn: str, id: str) -> bool:  # noqa: A002
        """Whether an entry that was to be replaced stays current in this run, and names this id or may be made from it."""
        seen, key = self._all(), (kind, urn)
        is_older = key in seen.checked and key not in seen.replaced
        return seen.lives_on and is_older and (kind in _MADE_FROM or self.names(id))

    def puts_off_delete(self, kind: str, urn: str) -> bool:
        """Whether a delete must wait for a run without failure. A delete that precedes its own replacement need not wait."""
        seen = self._all()
        return seen.failed and (kind, urn) not in seen.replaced

    def note_check(self, kind: str, urn: str, names: frozenset[str] = frozenset()) -> None:
        """Notes that the program declares this resource and that these names recognise it."""
        self._note(Note("check", kind, urn, names=names))

    def declarer_of(self, kind: str, names: frozenset[str]) -> str | None:
        """The URN under which the program declares one of these names, if the id of that resource is not known yet."""
        seen = self._all()
        return next(
            (
                urn
                for (of, urn), declared in seen.checked.items()
                if of == kind
                and (of, urn) not in seen.held
                and any(may_be_same_resource(each, one) for each in declared for one in names)
            ),
            None,
        )

    def is_declared(self, kind: str, urn: str) -> bool:
        """Whether the program has declared the resource so far in this run."""
        return (kind, urn) in self._own.checked or (kind, urn) in self._all().checked

    def hold(self, kind: str, urn: str, id: str, properties: Mapping[str, Any]) -> None:  # noqa: A002
        """Notes that the resource has this id from now on."""
        self._note(Note("hold", kind, urn, held=_held_by(urn, id, properties)))

    def let_go(self, kind: str, urn: str, id: str, properties: Mapping[str, Any], *, first: bool = False) -> None:  # noqa: A002
        """Notes that the resource is about to be replaced, so its old id may be deleted; with ``first`` before the new one is made."""
        self._note(Note("let go first" if first else "let go", kind, urn, held=_held_by(urn, id, properties)))

    def goes_too_early(self, kind: str, urn: str, *, compared: bool) -> bool:
        """Whether an option has a delete precede the replacement: this run has not tried to make it, and we did not ask to delete it first.

        With ``compared`` only what was compared counts: what is declared is recognised before it is deleted.
        """
        seen, key = self._all(), (kind, urn)
        return key in seen.checked and key not in seen.answered and (key in seen.replaced or not compared)

    def is_let_go(self, name: str) -> bool:
        """Whether a resource of this run had this id and is about to be replaced."""
        return any(may_be_same_resource(each.id, name) for each in self._all().replaced.values())

    def earlier_urns(self, urn: str) -> frozenset[str]:
        """The URNs that a resource's entry has had, even if it is about to be replaced: the resource may have been renamed.

        An entry that is replaced because a user asks for it is not compared. Other entries then show the names that
        the stack has had.
        """
        seen = self._all()
        for (_, of), held in (*seen.replaced.items(), *seen.held.items()):
            if of == urn:
                return held.urns
        now = Urn.parse(urn)
        before = self._name_in_memo(now)
        places = {*seen.places, *([before] if before else [])}
        return frozenset(str(replace(now, project=project, stack=stack)) for project, stack in places) - {urn}

    def _name_in_memo(self, now: Urn) -> tuple[str, str] | None:
        """The stack's earlier name from the preview. It is read once, because the preview has ended before the update begins."""
        key = _earlier_name_of(now)
        if self._memo and key not in self._before:
            project, _, stack = (self._memo.noted(key) or "").partition("/")
            self._before[key] = (project, stack) if stack else None
        return self._before.get(key)

    def urns_before_rename(self, urn: str) -> Iterator[Urn]:
        """The URNs that a resource had before its stack or project was renamed. No other resource of this run can have them.

        None for a resource that was compared: what it becomes is new, and another stack may have the earlier name by now.
        """
        if self.was_compared(urn):
            return
        now = Urn.parse(urn)
        for each in self.earlier_urns(urn):
            with suppress(MalformedName):
                read = Urn.parse(each)
                if (read.project, read.stack) != (now.project, now.stack):
                    yield read

    def free_names_before_rename(self, urn: str, name_of: Callable[[Urn], str]) -> Iterator[str]:
        """The names that :meth:`urns_before_rename` gave the resource's object, without those that a current entry has."""
        return (name for each in self.urns_before_rename(urn) if not self.names(name := name_of(each)))

    def was_compared(self, urn: str) -> bool:
        """Whether this run compared an entry with this URN. If so, the resource is not new, although it may be replaced."""
        seen = self._all()
        return any(urn == each for _, each in (*seen.held, *seen.replaced))

    def hold_again(self, kind: str, urn: str) -> None:
        """Notes that the replacement was not made. The old id stays current, although the run may still go on to its deletes."""
        self._note(Note("hold again", kind, urn))

    def holders_of(self, kind: str, id: str) -> list[Held]:  # noqa: A002
        """The current entries of this kind with this id."""
        return [held for (of, _), held in self._all().held.items() if of == kind and may_be_same_resource(held.id, id)]

    def current_urns(self, kind: str) -> frozenset[str]:
        """The URNs of the current entries of this kind, as the program declares them."""
        return frozenset(urn for of, urn in self._all().held if of == kind)

    def names(self, name: str) -> bool:
        """Whether any current entry has this id or names this object.

        A held version of a model holds the model as a whole, but no other version of it.
        """
        version = _version_in(name)
        return any(
            may_be_same_resource(_without_version(each), _without_version(name))
            and (version is None or version == (_version_in(each) or "1"))
            for held in self._all().held.values()
            for each in (held.id, *held.also)
        )

    def _note(self, note: Note) -> None:
        with self._lock:
            before = self._own.places
            self._own.take(note)
            if self._board:
                self._board.add(note)
        if self._memo and self._own.places != before:
            now = Urn.parse(note.urn)
            for project, stack in self._own.places - before:
                if (project, stack) != (now.project, now.stack):
                    self._memo.first(_earlier_name_of(now), f"{project}/{stack}")

    def _all(self) -> _View:
        """The notes of all processes of the operation. For a resource that was checked here, only the notes made here count."""
        with self._lock:
            for note in self._board.news() if self._board else ():
                self._others.take(note)
            return self._own.beside(self._others)


def _held_by(urn: str, id: str, properties: Mapping[str, Any]) -> Held:  # noqa: A002
    urns = frozenset({urn, str(properties.get("resourceUrn") or urn)})
    named = [str(properties[key]) for key in _ALSO_HELD if isinstance(properties.get(key), str)]
    return Held(urns, id, frozenset(named))


def _places_in(urns: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Project and stack of each URN of the state. Other texts there are skipped."""
    for urn in urns:
        with suppress(MalformedName):
            read = Urn.parse(urn)
            yield read.project, read.stack


def _earlier_name_of(urn: Urn) -> str:
    """The memo's key for the earlier name of the stack in a URN."""
    return f"earlier name of {urn.project}/{urn.stack}"


def _without_version(name: str) -> str:
    return name.partition("@")[0] if "/models/" in name else name


def _version_in(name: str) -> str | None:
    """The version in the name of a model; None if the name is that of the model as a whole."""
    version = name.partition("@")[2] if "/models/" in name else ""
    return version if version not in ("", "default") else None
