"""Pulumi's engine in small: what it keeps in state, what it calls of a provider and in which order.

Written from the source of 3.276 (``resource/deploy``). It runs one step after the other. ``test_engine.py`` holds it
against the real CLI.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any, Protocol

from lives.entries import Entry, Goal, Outcome, Ref
from lives.world import Killed
from pulumi_gcp_tuning.errors import TuningError, Unfinished
from pulumi_gcp_tuning.resources.core.lifecycle import UNKNOWN, Checked, Current, Difference, Properties, is_known
from support.json_copy import json_copy


class Provider(Protocol):
    """One provider process."""

    def check(self, kind: str, urn: str, olds: Properties, news: Properties) -> Checked: ...
    def diff(self, kind: str, urn: str, id: str, olds: Properties, news: Properties) -> Difference: ...  # noqa: A002
    def create(self, kind: str, urn: str, inputs: Properties) -> Current: ...
    def read(self, kind: str, urn: str, id: str, outputs: Properties) -> Current | None: ...  # noqa: A002
    def update(self, kind: str, urn: str, id: str, olds: Properties, news: Properties) -> Current: ...  # noqa: A002
    def delete(self, kind: str, urn: str, id: str, outputs: Properties) -> None: ...  # noqa: A002
    def is_cancelled(self) -> bool: ...


@dataclass
class _Known:
    """What the program knows of a resource that it has registered."""

    id: Any
    outputs: Mapping[str, Any]
    complete: bool


class Engine:
    """One command of the CLI on a state, which changes as the steps succeed."""

    def __init__(self, state: list[Entry], provider: Provider, *, die_after_step: int = 0) -> None:
        self.state, self._provider, self._die_after = state, provider, die_after_step
        self.done = Outcome()
        self._known: dict[str, _Known] = {}
        self._gone: set[str] = set()  # deleted because what they depend on is replaced delete-first
        self._steps = 0
        self._preview = False
        self._replaces = frozenset[str]()

    def up(
        self,
        goals: Sequence[Goal],
        *,
        preview: bool = False,
        targets: Collection[str] = (),
        refresh: bool = False,
        replaces: Collection[str] = (),
    ) -> Outcome:
        """``pulumi up``, or what its preview says. ``replaces`` are the URNs of ``--replace``, which nobody compares."""
        self._preview, self._replaces = preview, frozenset(replaces)
        if preview:
            self.state = deepcopy(self.state)

        def run() -> None:
            asked = [each for each in self.state if each.refresh_first or refresh]
            there = {each.urn for each in self.state}
            if asked and not self._find(targets, there):
                return
            self._refresh([each for each in asked if not targets or each.urn in targets])
            for goal in goals:
                if self.done.errors or self._provider.is_cancelled():
                    break
                self._register(goal, targets)
            if not self.done.errors and not self._provider.is_cancelled():
                declared = {goal.urn for goal in goals}
                if not self._find(targets, there | declared):
                    return
                self._delete([e for e in self.state if e.delete or e.urn not in declared], targets)

        return self._run(run)

    def refresh(self) -> Outcome:
        """``pulumi refresh``: pending deletes too."""
        return self._run(lambda: self._refresh(self.state))

    def destroy(self, targets: Collection[str] = ()) -> Outcome:
        """``pulumi destroy``."""
        return self._run(lambda: self._delete(list(self.state), targets))

    def _run(self, body: Callable[[], None]) -> Outcome:
        try:
            body()
        except Killed:
            self.done.killed = True
        if self._provider.is_cancelled() and not self.done.killed:
            self.done.errors.append("error: update canceled")
        return self.done

    def _find(self, targets: Collection[str], there: set[str]) -> bool:
        """Whether all targets are there. Where something is refreshed first, they have to be in state already."""
        self.done.errors += [f"Target '{urn}' could not be found in the stack" for urn in sorted({*targets} - there)]
        return there >= {*targets}

    # Registering

    def _register(self, goal: Goal, targets: Collection[str]) -> None:
        old = next((e for urn in (goal.urn, *goal.aliases) for e in self.state if e.urn == urn and not e.delete), None)
        news, uses = self._resolved(goal.inputs)
        skeleton = Entry(goal.urn, goal.kind, "", {}, {}, uses, goal.after, goal.protect)
        if targets and goal.urn not in targets:
            if old is None:
                self._known[goal.urn] = _Known(None, {}, complete=True)
            else:
                self._same(old, replace(skeleton, inputs=old.inputs))
            return
        recreating = old is not None and old.urn in self._gone
        is_asked = goal.urn in self._replaces
        inputs = self._checked(goal, {} if old is None or recreating or is_asked else old.inputs, news)
        if inputs is None:
            return
        new = replace(skeleton, inputs=inputs)
        if old is None:
            self._create(new, "create")
        elif recreating:
            self._create(new, "replace", in_place_of=old)
        elif is_asked:
            self._replace(goal, old, new, news, delete_first=goal.delete_first)
        else:
            self._compare(goal, old, new, news)

    def _compare(self, goal: Goal, old: Entry, new: Entry, news: Properties) -> None:
        try:
            found = self._provider.diff(goal.kind, goal.urn, old.id, json_copy(old.outputs), json_copy(new.inputs))
        except TuningError as error:
            self._fail(error)
            return
        changed = (
            found.changed if found.changed is not None else bool(found.replaces) or _differ(old.inputs, new.inputs)
        )
        if (changed and found.replaces) or old.replacing:
            self._replace(goal, old, new, news, delete_first=goal.delete_first or found.delete_before_replace)
        elif changed or old.init_errors:
            self._update(old, new)
        else:
            self._same(old, new)

    def _replace(self, goal: Goal, old: Entry, new: Entry, news: Properties, *, delete_first: bool) -> None:
        if new.protect and old.protect:
            self.done.errors.append(f'unable to replace resource "{goal.urn}" as it is currently marked for protection')
            return
        inputs = self._checked(goal, {}, news)
        if inputs is None:
            return
        new = replace(new, inputs=inputs)
        if not delete_first or old.replacing:
            self._create(new, "replace", in_place_of=old)
            return
        doomed = self._dependents(old)
        if any(each.protect for each in doomed):
            self.done.errors.append(f'unable to replace "{goal.urn}": a dependent is marked for protection')
            return
        for each in [*reversed(doomed), old]:
            if each.replacing:
                continue
            if not self._delete_one(each, keep_entry=True):
                return
            self._gone.add(each.urn)
        self._create(new, "replace", in_place_of=old)

    def _dependents(self, root: Entry) -> list[Entry]:
        """What has to go before ``root`` goes, dependencies first: what would be replaced if its inputs were unknown."""
        found, urns = [], {root.urn}
        for each in self.state:
            hit = {key for key, of in each.uses.items() if of & urns}
            if each.delete or not hit or each.urn in self._known:
                continue
            news = {key: UNKNOWN if key in hit else value for key, value in each.inputs.items()}
            if self._provider.diff(each.kind, each.urn, each.id, json_copy(each.outputs), news).replaces:
                found.append(each)
                urns.add(each.urn)
        return found

    def _checked(self, goal: Goal, olds: Properties, news: Properties) -> Properties | None:
        try:
            found = self._provider.check(goal.kind, goal.urn, json_copy(olds), json_copy(news))
        except TuningError as error:
            self._fail(error)
            return None
        errors = [str(each) for each in found.findings if each.severity == "error"]
        self.done.errors += errors
        return None if errors else found.inputs

    def _resolved(self, inputs: Properties) -> tuple[Properties, dict[str, frozenset[str]]]:
        uses: dict[str, frozenset[str]] = {}

        def value_of(value: Any, key: str) -> Any:
            if isinstance(value, Ref):
                uses[key] = uses.get(key, frozenset()) | {value.urn}
                known = self._known[value.urn]
                if value.output == "id":
                    return known.id
                return known.outputs.get(value.output, None if known.complete else UNKNOWN)
            if isinstance(value, dict):
                return {name: value_of(each, key) for name, each in value.items()}
            return value

        found = {key: value_of(value, key) for key, value in inputs.items()}
        return {key: value for key, value in found.items() if value is not None}, uses

    # Steps

    def _same(self, old: Entry, new: Entry) -> None:
        self.done.ops[new.urn] = "same"
        self._put(replace(new, id=old.id, outputs=old.outputs, refresh_first=old.refresh_first), old)
        self._known[new.urn] = _Known(old.id, old.outputs, complete=True)

    def _create(self, new: Entry, op: str, *, in_place_of: Entry | None = None) -> None:
        self.done.ops[new.urn] = op
        if self._preview:
            self._known[new.urn] = _Known(UNKNOWN, new.inputs, complete=False)
            if in_place_of is not None:
                in_place_of.delete = True
            return
        made = self._step(lambda: self._provider.create(new.kind, new.urn, json_copy(new.inputs)), new)
        if made is None:
            return
        if in_place_of is not None:
            in_place_of.delete = True
            if in_place_of.replacing:
                self.state.remove(in_place_of)
        self._put(made, None)

    def _update(self, old: Entry, new: Entry) -> None:
        self.done.ops[new.urn] = "update"
        if self._preview:
            self._known[new.urn] = _Known(old.id, new.inputs, complete=False)
            self._put(replace(new, id=old.id, outputs=old.outputs), old)
            return
        news, olds = json_copy(new.inputs), json_copy(old.outputs)
        made = self._step(lambda: self._provider.update(new.kind, new.urn, old.id, olds, news), new)
        if made is not None:
            self._put(made, old)

    def _step(self, act: Callable[[], Current], new: Entry) -> Entry | None:
        """The entry that the step made; None where it made nothing."""
        self._steps += 1
        try:
            current = act()
        except Unfinished as error:
            self._fail(error)
            made = replace(new, id=error.id, outputs=dict(error.outputs), init_errors=True, refresh_first=False)
        except TuningError as error:
            self._fail(error)
            return None
        else:
            made = replace(new, id=current.id, outputs=current.outputs, refresh_first=current.unfinished)
            self._known[new.urn] = _Known(made.id, made.outputs, complete=True)
        self._die()
        return made

    def _put(self, new: Entry, old: Entry | None) -> None:
        if old is None:
            self.state.append(new)
        else:
            self.state[self.state.index(old)] = new

    def _delete(self, doomed: Sequence[Entry], targets: Collection[str]) -> None:
        if targets:
            reached = self._dependents_of(targets)
            doomed = [each for each in doomed if each.urn in reached]
            unasked = sorted({each.urn for each in doomed} - set(targets))
            if unasked:
                self.done.errors.append(f"{unasked[0]} will be destroyed but was not specified in --target list")
                return
        if any(each.protect and not each.delete for each in doomed):
            self.done.errors.append("unable to delete resource: it is marked for protection")
            return
        for together in _scheduled(doomed):
            for each in together:
                if self._provider.is_cancelled():
                    return
                self._delete_one(each)
            if self.done.errors:
                return

    def _dependents_of(self, targets: Collection[str]) -> set[str]:
        """The targets and what depends on them."""
        reached = set(targets)
        for _ in self.state:
            reached |= {e.urn for e in self.state if (frozenset().union(*e.uses.values()) | e.after) & reached}
        return reached

    def _delete_one(self, entry: Entry, *, keep_entry: bool = False) -> bool:
        if not keep_entry and not entry.delete:
            self.done.ops[entry.urn] = "delete"
        if not self._preview and not entry.replacing:
            self._steps += 1
            self.done.began_delete.append(entry)
            try:
                self._provider.delete(entry.kind, entry.urn, entry.id, json_copy(entry.outputs))
            except TuningError as error:
                self._fail(error)
                return False
            self._die()
        if keep_entry:
            entry.replacing = True
        else:
            self.state.remove(entry)
        return True

    def _refresh(self, entries: Sequence[Entry]) -> None:
        for each in list(entries):
            if each.replacing:
                continue
            try:
                found = self._provider.read(each.kind, each.urn, each.id, json_copy(each.outputs))
            except TuningError as error:
                self._fail(error)
                continue
            if found is None:
                self.state.remove(each)
                continue
            before = each.inputs
            each.id, each.outputs = found.id, found.outputs
            each.init_errors, each.refresh_first = False, found.unfinished
            if found.inputs is not None:
                each.inputs = found.inputs
            try:
                self._provider.diff(each.kind, each.urn, each.id, json_copy(each.outputs), json_copy(before))
            except TuningError as error:
                self._fail(error)

    def _fail(self, error: TuningError) -> None:
        self.done.errors.append(str(error))

    def _die(self) -> None:
        """The CLI is killed when it has the answer, and before it has saved it."""
        if self._steps == self._die_after:
            raise Killed


def _scheduled(doomed: Sequence[Entry]) -> list[list[Entry]]:
    """What may be deleted side by side: what depends on nothing that goes is last, whatever depends on it or not."""
    left, rounds = list(doomed), list[list[Entry]]()
    while left:
        free = [each for each in left if not any(_depends(each, other, left) for other in left)]
        rounds.append(free)
        left = [each for each in left if each not in free]
    return rounds[::-1]


def _depends(entry: Entry, other: Entry, among: Sequence[Entry]) -> bool:
    """Whether one entry depends on another; of two with one URN it is the one of its own generation."""
    if other.urn not in frozenset().union(*entry.uses.values()) | entry.after:
        return False
    own = [each for each in among if each.urn == other.urn and each.delete == entry.delete]
    return other.delete == entry.delete or not own


def _differ(old: Properties, new: Properties) -> bool:
    return not is_known(new) or old != new
