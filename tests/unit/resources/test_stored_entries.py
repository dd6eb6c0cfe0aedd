"""Entries of the state that another release wrote, or that somebody edited: no verb of any resource does harm on their account."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pulumi.runtime import rpc

from pulumi_gcp_tuning.errors import Refused, TuningError
from pulumi_gcp_tuning.properties import from_pulumi
from pulumi_gcp_tuning.resources.core.declared import inputs_among
from pulumi_gcp_tuning.resources.registry import lifecycle_of
from support.golden_states import STATES
from support.hand_made_google import Desk, HandMadeGoogle
from support.samples import DECLARED
from unit.resources.test_every_resource import Entry

VERBS = ("check", "diff", "read", "update", "delete")
WRONG: tuple[Any, ...] = (3, True, "x", "", [], [3], {}, {"a": 3})
_LABELS = ("labels", "pulumiLabels", "effectiveLabels", "releases")
"""What may be a secret as a whole and is no text."""
IDS = ("", "x", "projects/p", "gs://", "gs://bucket", "projects/1/locations/us-central1/models/5", "a/b/c/d/e/f")


class Stored:
    """A resource that was made, and its entry in the state, on which each verb is tried from the same beginning."""

    def __init__(self, kind: str, folder: Path) -> None:
        self.entry = Entry(kind, folder)
        made = self.entry.make()
        if "tuning_job" in kind:
            self.entry.google.succeed(made.id)
        found = self.entry.frame.read(self.entry.call(), made.id, made.outputs)
        assert found is not None
        self.id, self.outputs = found.id, found.outputs
        self.news = self.entry.check(self.outputs).inputs
        self.before = self.entry.world()

    def call(self, verb: str, outputs: dict[str, Any], id: str | None = None) -> Any:  # noqa: A002
        google: HandMadeGoogle = self.entry.google
        google.put_back(self.before)
        google.facts.clear()
        for said in (self.entry.told, self.entry.desk.lines, self.entry.desk.warnings):
            said.clear()
        frame, call, name = self.entry.frame, self.entry.call(), self.id if id is None else id
        if verb == "check":
            return frame.check(call, outputs, self.entry.news)
        if verb in ("diff", "update"):
            return getattr(frame, verb)(call, name, outputs, self.news)
        return getattr(frame, verb)(call, name, outputs)

    def removed(self) -> set[tuple[int, Any]]:
        """What Google had before and has no more."""
        held = [{(place, key) for place, things in world.items() for key in things} for world in self.worlds()]
        return held[0] - held[1]

    def worlds(self) -> tuple[Any, Any]:
        return self.before, self.entry.world()

    def said(self) -> str:
        return "\n".join([*self.entry.told, *self.entry.desk.lines, *self.entry.desk.warnings])


@pytest.fixture
def stored(request: pytest.FixtureRequest, tmp_path: Path) -> Stored:
    return Stored(request.param, tmp_path)


every_resource = pytest.mark.parametrize("stored", sorted(DECLARED), indirect=True)


def damaged(outputs: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The entry without one of its properties, and with each of them as something else."""
    yield {}
    for key, value in outputs.items():
        yield {each: outputs[each] for each in outputs if each != key}
        yield from ({**outputs, key: wrong} for wrong in WRONG if wrong != value)


@every_resource
@pytest.mark.parametrize("verb", ["check", "diff", "read", "update"])
def test_a_damaged_entry_is_used_or_refused_and_nothing_is_removed_or_dropped(stored: Stored, verb: str) -> None:
    for outputs in damaged(stored.outputs):
        try:
            answer = stored.call(verb, outputs)
        except TuningError:
            assert stored.entry.world() == stored.before
            continue
        assert stored.removed() == set()
        assert verb not in ("read", "update") or answer.id == stored.id


@every_resource
def test_a_delete_of_a_damaged_entry_removes_its_own_or_says_what_stays(stored: Stored) -> None:
    stored.call("delete", stored.outputs)
    own = stored.removed()
    for outputs in damaged(stored.outputs):
        try:
            stored.call("delete", outputs)
        except TuningError:
            assert stored.entry.world() == stored.before
            continue
        left = own - stored.removed()
        assert not left or any(name in stored.said() for name in (stored.id, *(name for _, name in left)))


@every_resource
def test_what_is_missing_or_no_text_replaces_nothing(stored: Stored) -> None:
    for outputs in damaged(stored.outputs):
        changed = [key for key in stored.outputs if outputs.get(key) != stored.outputs[key]]
        if any(isinstance(outputs.get(key), str) for key in changed):
            continue  # another value, and not another form
        try:
            difference = stored.call("diff", outputs)
        except Refused:
            continue
        assert list(difference.replaces) == [], (
            f"changes in resources/{stored.entry.frame.kind}.py: a stored entry without {', '.join(changed)}, or with a value "
            "of another form, has to replace nothing"
        )


@every_resource
@pytest.mark.parametrize("verb", VERBS)
def test_properties_that_this_release_does_not_know_change_nothing(stored: Stored, verb: str) -> None:
    expected = stored.call(verb, stored.outputs)
    world = stored.entry.world()
    found = stored.call(verb, {**stored.outputs, "colour": {"a": [1]}, "zz": 3})
    if verb in ("check", "diff"):
        assert found == expected
    assert stored.entry.world() == world


@every_resource
@pytest.mark.parametrize("verb", VERBS)
def test_what_cannot_be_read_is_said_with_what_to_do(stored: Stored, verb: str) -> None:
    with pytest.raises(Refused) as caught:
        stored.call(verb, {**stored.outputs, "deletionPolicy": ["KEEP"]})
    text = str(caught.value)
    assert text.startswith(
        "The state entry of 'bot' cannot be read: deletion_policy has the wrong form.\nNothing was changed."
    )
    assert "pulumi stack export" in text
    assert f"pulumi state delete '{stored.entry.call().urn}'" in text
    assert verb == "check" or f"{stored.id} then remains at Google" in text
    assert len(text.splitlines()) <= 6


@every_resource
def test_an_entry_that_lost_all_its_properties_is_refused_by_what_would_change_something(stored: Stored) -> None:
    for verb in ("diff", "update", "delete"):
        with pytest.raises(Refused, match="is missing"):
            stored.call(verb, {})


@every_resource
@pytest.mark.parametrize("verb", ["diff", "read", "update", "delete"])
def test_an_id_that_is_no_name_is_refused_or_not_there_and_never_a_bug(stored: Stored, verb: str) -> None:
    stored.call("delete", stored.outputs)
    own = stored.removed()
    for name in IDS:
        for outputs in (stored.outputs, {}):
            answer: Any = ...
            with contextlib.suppress(TuningError):
                answer = stored.call(verb, outputs, name)
            assert verb != "read" or answer is not None, name
            assert stored.removed() <= (own if verb == "delete" else set())


def released_entries() -> Iterator[Any]:
    """Every entry of ours in the states that releases wrote."""
    for file in sorted(STATES.rglob("state.json")):
        for entry in json.loads(file.read_text())["checkpoint"]["latest"]["resources"]:
            if "gcptuning:" in entry["type"]:
                kind = re.sub(r"(?<!^)(?=[A-Z])", "_", entry["type"].rpartition(":")[2]).lower()
                outputs = opened(from_pulumi(entry["outputs"]))
                yield pytest.param(
                    kind, entry["id"], outputs, id=f"{file.parent.name}: {entry['urn'].rpartition('::')[2]}"
                )


def opened(value: Any) -> Any:
    """As the engine gives it to a provider, with a text in place of what it would decrypt."""
    if not isinstance(value, dict):
        return value
    if rpc._special_sig_key in value:
        return "secret"
    held = {key: opened(each) for key, each in value.items()}
    return {key: each for key, each in held.items() if each != "secret" or key not in _LABELS}


@pytest.mark.parametrize(("kind", "id", "outputs"), list(released_entries()))
def test_what_a_release_wrote_can_be_read(kind: str, id: str, outputs: dict[str, Any]) -> None:  # noqa: A002
    frame = lifecycle_of(kind)
    news = inputs_among(outputs, frame.resource.Args)
    assert list(frame.diff(Desk().call(frame.name), id, outputs, news).replaces) == []
