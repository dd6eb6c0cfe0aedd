"""The host, outside of Pulumi's: nothing is touched. Its effects are shown in tests/stacks/test_host_effects.py."""

from __future__ import annotations

import asyncio
import threading
import traceback
from typing import Any

import pulumi
import pytest
from pulumi.runtime.proto import provider_pb2

from pulumi_gcp_tuning import engine, host
from pulumi_gcp_tuning.errors import Refused
from pulumi_gcp_tuning.once import Once
from pulumi_gcp_tuning.properties import is_plain
from pulumi_gcp_tuning.resources.core.detail import PropertyDiff
from pulumi_gcp_tuning.resources.core.unknown import UNKNOWN
from support.credential_forms import leaks_in, made_up_key


def test_outside_of_the_dynamic_host_nothing_is_adapted_and_nothing_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(host, "_adapted", Once())
    assert host.adapt() == frozenset()
    assert host.served_call() is None
    assert not host.cancelled()
    assert not host.keep_unfinished("i", {}, "why")
    assert not engine.debug("", "text")
    assert capsys.readouterr() == ("", "")


def test_a_warning_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    monkeypatch.setattr(engine, "_said", set())
    monkeypatch.setattr("pulumi.log.warn", told.append)
    engine.warn("urn", "the same")
    engine.warn("urn", "the same")
    engine.warn("another urn", "the same")
    assert told == ["the same", "the same"]


def test_a_line_that_is_told_stays_and_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    logged: list[tuple[Any, ...]] = []

    def log(*given: str, ephemeral: bool) -> bool:
        logged.append((*given, ephemeral))
        return True

    monkeypatch.setattr(engine, "_said", set())
    monkeypatch.setattr(engine, "_log", log)
    for urn, text in (("urn", "about $1"), ("urn", "about $1"), ("other", "about $1"), ("urn", "about $2")):
        engine.tell(urn, text)
    engine.warn("urn", "about $1")
    told = [("INFO", "urn", "about $1"), ("INFO", "other", "about $1"), ("INFO", "urn", "about $2")]
    assert logged == [(*line, False) for line in [*told, ("WARNING", "urn", "about $1")]]


def test_the_status_column_of_what_was_told_is_emptied_once_and_that_of_others_is_left_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    logged: list[tuple[Any, ...]] = []
    monkeypatch.setattr(engine, "_said", set())
    monkeypatch.setattr(engine, "_shown", set())
    monkeypatch.setattr(engine, "_log", lambda *given, ephemeral: logged.append((*given, ephemeral)))
    engine.tell("urn", "about $1")
    for urn in ("urn", "urn", "other"):
        engine.clear_status(urn)
    assert logged == [("INFO", "urn", "about $1", False), ("INFO", "urn", "", True)]


def test_an_effect_that_meets_an_unknown_shape_is_reported_lost_and_raises_nothing() -> None:
    def broken(_host: dict[str, Any]) -> bool:
        raise AttributeError("_max_workers")

    assert host._tried(broken, {}) is False
    effects = (host._clean_errors, host._flag_unfinished, host._name_changes, host._hear_cancel, host._widen_pool)
    for effect in (*effects, host._know_calls):
        assert host._tried(effect, {"proto": object(), "traceback": None}) is False


def test_only_our_own_errors_are_told_without_frames() -> None:
    reasons = host._Reasons(traceback)
    try:
        raise Refused("Google says no.")
    except Refused:
        assert reasons.format_exc() == "Google says no."
    try:
        raise KeyError("another provider's")
    except KeyError:
        assert "Traceback" in reasons.format_exc()
    assert reasons.format_stack is traceback.format_stack


def test_a_key_in_anothers_error_is_not_told() -> None:
    key = made_up_key()
    try:
        raise KeyError(key.in_one_line)
    except KeyError:
        told = host._Reasons(traceback).format_exc()
    assert "KeyError" in told
    assert leaks_in(told, key) == []


def adapted(*effects: Any) -> Any:
    """The ``proto`` of a host to which these effects are applied."""
    known: dict[str, Any] = {"proto": provider_pb2}
    assert all(effect(known) for effect in effects)
    return known["proto"]


def test_an_answer_bears_the_flag_of_its_own_call_only() -> None:
    messages = adapted(host._flag_unfinished)
    host.mark_unfinished(unfinished=True)
    assert messages.CreateResponse(id="a").refresh_before_update is True
    assert messages.CreateResponse(id="b").refresh_before_update is False
    assert messages.DiffResponse is provider_pb2.DiffResponse


def test_an_answer_names_the_changes_of_its_own_call_only_and_keeps_what_the_host_says() -> None:
    response = adapted(host._flag_unfinished, host._name_changes).DiffResponse
    host.mark_changed({"a.b": PropertyDiff("UPDATE_REPLACE", True), 'a["c.d"]': PropertyDiff("ADD", False)})
    first = response(changes=response.DIFF_UNKNOWN, replaces=["a"], deleteBeforeReplace=True)
    second = response(changes=response.DIFF_UNKNOWN)
    assert (first.changes, list(first.replaces), list(first.diffs)) == (response.DIFF_SOME, ["a"], ["a"])
    assert first.deleteBeforeReplace
    assert first.hasDetailedDiff
    assert {path: (each.kind, each.inputDiff) for path, each in first.detailedDiff.items()} == {
        "a.b": (provider_pb2.PropertyDiff.UPDATE_REPLACE, True),
        'a["c.d"]': (provider_pb2.PropertyDiff.ADD, False),
    }
    assert second == provider_pb2.DiffResponse(changes=provider_pb2.DiffResponse.DIFF_UNKNOWN)


def test_changes_that_are_not_named_are_changes_all_the_same() -> None:
    response = adapted(host._name_changes).DiffResponse
    host.mark_changed({"a.b": PropertyDiff("UPDATE", True)}, named=False)
    answer = response(changes=response.DIFF_UNKNOWN, replaces=["a"])
    assert (answer.changes, list(answer.diffs)) == (response.DIFF_SOME, ["a"])
    assert (answer.hasDetailedDiff, dict(answer.detailedDiff)) == (True, {})


@pytest.mark.parametrize(("applies", "terminal"), [(True, True), (True, False), (False, True)])
def test_changes_give_way_to_progress_only_where_an_operation_runs_on_a_terminal(
    monkeypatch: pytest.MonkeyPatch, *, applies: bool, terminal: bool
) -> None:
    monkeypatch.setattr(host, "_applies", threading.Event())
    monkeypatch.setattr(host, "_has_terminal", lambda: terminal)
    if applies:
        host.note_apply()
    assert host.shows_progress() is (applies and terminal)


def test_only_a_plain_answer_is_sent_without_an_event_loop() -> None:
    async def answer() -> str:
        return "sent"

    known: dict[str, Any] = {"asyncio": asyncio}
    assert host._spare_loops(known)
    host.mark_plain(plain=True)
    plain, other = known["asyncio"].new_event_loop(), known["asyncio"].new_event_loop()
    assert isinstance(other, asyncio.AbstractEventLoop)
    assert not isinstance(plain, asyncio.AbstractEventLoop)
    assert [each.run_until_complete(answer()) for each in (plain, other)] == ["sent", "sent"]
    plain.close()
    other.close()
    assert known["asyncio"].gather is asyncio.gather
    assert not host._spare_loops({"asyncio": object()})


def test_only_what_json_can_hold_is_plain() -> None:
    assert is_plain({"a": [1, "b", None, True, {"c": 1.5}]})
    for other in (pulumi.FileAsset("a.jsonl"), UNKNOWN, (1, 2)):
        assert not is_plain({"a": [{"b": other}]})


def test_an_answer_without_a_difference_names_no_change() -> None:
    response = adapted(host._name_changes).DiffResponse
    host.mark_changed({"a": PropertyDiff("UPDATE", True)})
    assert not response(changes=response.DIFF_NONE).hasDetailedDiff
