"""The door, without Pulumi's host around it."""

from __future__ import annotations

import base64
import json
import pickle
import subprocess
import sys
import traceback
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pulumi
import pytest
from google.protobuf import struct_pb2
from pulumi import dynamic as pulumi_dynamic
from pulumi.dynamic.dynamic import serialize_provider
from pulumi.runtime import rpc

from pulumi_gcp_tuning import dynamic, engine, host
from pulumi_gcp_tuning.config import Settings
from pulumi_gcp_tuning.dynamic import Door
from pulumi_gcp_tuning.errors import ApiError, Refused, TuningError, Unfinished
from pulumi_gcp_tuning.resources.core import process
from pulumi_gcp_tuning.resources.core.lifecycle import UNKNOWN, Call, Checked, Current, Difference
from support.credential_forms import leaks_in, made_up_key
from support.findings import finding_of

if TYPE_CHECKING:
    from collections.abc import Callable

GOLDEN: dict[str, str] = json.loads((Path(__file__).parents[1] / "golden" / "providers.json").read_text())
unknown: Any = pulumi.output.Unknown
URN = "urn:pulumi:dev::shop::pulumi-python:dynamic/gcptuning:TuningJob::job"


class Said(list[Any]):
    """A lifecycle that answers what a test gives it and keeps what it was asked."""

    def __init__(self, answer: Any) -> None:
        super().__init__()
        self.answer = answer

    def __getattr__(self, verb: str) -> Any:
        def answer(call: Call, *arguments: Any) -> Any:
            self.append((verb, call, *arguments))
            if isinstance(self.answer, Exception):
                raise self.answer
            return self.answer

        return answer


def opened(answer: Any, monkeypatch: pytest.MonkeyPatch, config: dict[str, str] | None = None) -> tuple[Door, Said]:
    """A configured door to a lifecycle that answers so."""
    said = Said(answer)
    monkeypatch.setattr(Door, "lifecycle", lambda _self: said)
    door = Door("tuning_job")
    request = pulumi_dynamic.ConfigureRequest(pulumi_dynamic.Config(config or {"gcp:project": "shop-project"}, "shop"))
    door.configure(request)
    return door, said


@pytest.mark.skipif(pickle.DEFAULT_PROTOCOL != 4, reason="the golden bytes are those of Python 3.11 to 3.13")
@pytest.mark.parametrize("kind", GOLDEN)
def test_the_bytes_that_stand_in_users_state_do_not_change(kind: str) -> None:
    assert serialize_provider(Door(kind)) == GOLDEN[kind]


@pytest.mark.parametrize("kind", GOLDEN)
def test_state_of_an_older_release_opens_the_door_of_its_kind(kind: str) -> None:
    loaded = pickle.loads(base64.b64decode(GOLDEN[kind]))  # noqa: S301
    assert isinstance(loaded, Door)
    assert serialize_provider(loaded) == serialize_provider(Door(kind))


def test_renaming_the_class_changes_no_byte_and_breaks_no_state(monkeypatch: pytest.MonkeyPatch) -> None:
    class Gate(Door):
        pass

    before = serialize_provider(Door("tuning_job"))
    monkeypatch.setattr(dynamic, "Door", Gate)
    assert serialize_provider(Gate("tuning_job")) == before
    assert type(pickle.loads(base64.b64decode(before))) is Gate  # noqa: S301


def test_what_configure_learns_does_not_reach_state(monkeypatch: pytest.MonkeyPatch) -> None:
    door, _ = opened(None, monkeypatch, {"gcp:project": "shop-project", "gcp:accessToken": "ya29.secret"})
    assert serialize_provider(door) == serialize_provider(Door("tuning_job"))
    assert door.serialize_as_secret_always is False


def test_the_provider_process_imports_no_declarations_and_no_google_library() -> None:
    script = (
        "import sys, pulumi_gcp_tuning.dynamic\n"
        "bad = [m for m in sys.modules if m.startswith(('pulumi_gcp_tuning.declare', 'google.cloud.', 'google.auth'))]\n"
        "print(bad)"
    )
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"


def test_a_program_imports_nothing_of_the_resources_but_the_unknown_value() -> None:
    script = (
        "import sys, pulumi_gcp_tuning as t\n"
        "for name in t.__all__: getattr(t, name)\n"
        "rooms = [m for m in sys.modules if m.startswith(('pulumi_gcp_tuning.resources.', 'pydantic'))]\n"
        "print(*sorted(rooms))"
    )
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert said.stdout.split() == ["pulumi_gcp_tuning.resources.core", "pulumi_gcp_tuning.resources.core.unknown"]


def test_labels_that_are_a_secret_are_not_quoted(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = "Google does not accept the label value 'Hush'."
    finding = finding_of(("labels", "Team"), problem, "A value is short. For example 'hush'.")
    door, _ = opened(Checked(inputs={}, findings=[finding]), monkeypatch)
    [hidden] = door.check({}, {"resourceUrn": URN, "secretLabels": True}).failures
    assert not any(word in hidden.reason for word in ("Hush", "hush", "Team"))
    assert hidden.reason.endswith("A value is short.")
    [told] = door.check({}, {"resourceUrn": URN}).failures
    assert "'Hush'" in told.reason


def test_unknowns_none_and_the_provider_key_are_translated_on_the_way_in(monkeypatch: pytest.MonkeyPatch) -> None:
    door, said = opened(Checked(inputs={}), monkeypatch)
    news = {
        "__provider": "x",
        "resourceUrn": URN,
        "description": None,
        "baseModel": unknown(),
        "supervisedTuningSpec": {"trainingDatasetUri": unknown(), "validationDatasetUri": None},
        "list": [unknown(), 3.0, 0.5, 1e300],
    }
    door.check({"__provider": "x", "location": "us-central1"}, news)
    verb, call, olds, seen = said[0]
    assert (verb, call.urn, olds) == ("check", URN, {"location": "us-central1"})
    assert seen == {
        "resourceUrn": URN,
        "baseModel": UNKNOWN,
        "supervisedTuningSpec": {"trainingDatasetUri": UNKNOWN},
        "list": [UNKNOWN, 3, 0.5, 1e300],
    }
    assert type(seen["list"][1]) is int


def test_unknowns_are_pulumis_own_again_on_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    door, _ = opened(Checked(inputs={"baseModel": UNKNOWN, "spec": {"uri": UNKNOWN, "none": None}}), monkeypatch)
    result = door.check({}, {"resourceUrn": URN})
    assert result.inputs == {"baseModel": rpc.UNKNOWN, "spec": {"uri": rpc.UNKNOWN}}


def test_errors_become_failures_with_their_path_and_warnings_go_to_the_diagnostics(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    findings = [
        finding_of(("location",), "mars is no region.", "Use us-central1."),
        finding_of(("labels",), "Odd.", "Change it.", severity="warn"),
        finding_of((), "All is well.", "Go on.", severity="warn"),
    ]
    warned: list[tuple[str, str]] = []
    monkeypatch.setattr(engine, "warn", lambda urn, text: warned.append((urn, text)))
    door, _ = opened(Checked(inputs={"a": 1}, findings=findings), monkeypatch)
    result = door.check({}, {"resourceUrn": URN})
    told = [(f.property, f.reason) for f in result.failures]
    assert told == [("", "location: mars is no region. Use us-central1.")]
    assert warned == [(URN, "labels: Odd. Change it."), (URN, "All is well. Go on.")]


def test_many_errors_are_one_failure_with_a_line_for_each(monkeypatch: pytest.MonkeyPatch) -> None:
    findings = [finding_of(("location",), "mars is no region.", "Use us-central1."), finding_of((), "Odd.", "Go.")]
    door, _ = opened(Checked(inputs={"a": 1}, findings=findings), monkeypatch)
    [failure] = door.check({}, {"resourceUrn": URN}).failures
    assert failure.reason == "2 errors:\n  location: mars is no region. Use us-central1.\n  Odd. Go."


def test_a_resource_without_an_error_has_no_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    door, _ = opened(Checked(inputs={"a": 1}, findings=[finding_of((), "Odd.", "Go.", severity="warn")]), monkeypatch)
    assert door.check({}, {"resourceUrn": URN}).failures == []


def test_a_create_begins_with_an_empty_status_column(monkeypatch: pytest.MonkeyPatch) -> None:
    cleared: list[str] = []
    monkeypatch.setattr(engine, "clear_status", cleared.append)
    door, _ = opened(Current(id="i", outputs={}), monkeypatch)
    door.create({"resourceUrn": URN})
    assert cleared == [URN]


def test_inputs_that_are_refused_go_back_as_they_came(monkeypatch: pytest.MonkeyPatch) -> None:
    findings = [finding_of(("source",), "It cannot be read.", "Mend it.")]
    door, _ = opened(Checked(inputs={"uri": UNKNOWN}, findings=findings), monkeypatch)
    result = door.check({}, {"resourceUrn": URN, "source": "x"})
    assert result.inputs == {"resourceUrn": URN, "source": "x"}  # up takes no unknown in what check answers


def test_a_shared_warning_is_told_of_no_resource_and_without_a_path(monkeypatch: pytest.MonkeyPatch) -> None:
    said: dict[str, Any] = {"problem": "The key could not be checked.", "remedy": "Ask for the role.", "shared": True}
    findings = [
        finding_of(("encryption_spec",), severity="warn", **said),
        finding_of(("location",), severity="error", **said),
    ]
    warned: list[tuple[str, str]] = []
    monkeypatch.setattr(engine, "warn", lambda urn, text: warned.append((urn, text)))
    door, _ = opened(Checked(inputs={}, findings=findings), monkeypatch)
    failures = door.check({}, {"resourceUrn": URN}).failures
    assert warned == [("", "The key could not be checked. Ask for the role.")]
    assert [f.reason for f in failures] == ["location: The key could not be checked. Ask for the role."]


def test_what_a_call_tells_stays_with_its_resource(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[str, str]] = []
    monkeypatch.setattr(engine, "tell", lambda urn, text: told.append((urn, text)))
    door, said = opened(Checked(inputs={}), monkeypatch)
    door.check({}, {"resourceUrn": URN})
    said[0][1].tell("about $1.20")
    assert told == [(URN, "about $1.20")]


def test_a_difference_is_passed_on_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    door, _ = opened(Difference(changed=None, replaces=["baseModel"], delete_before_replace=True), monkeypatch)
    result = door.diff("id", {}, {"resourceUrn": URN})
    assert (result.changes, result.replaces, result.delete_before_replace) == (None, ["baseModel"], True)


@pytest.mark.parametrize(
    ("given", "kept"),
    [(3, 3), (2**53, 2**53), (2**53 + 1, str(2**53 + 1)), (-(2**60), str(-(2**60))), (1.5, 1.5), (True, True)],
)
def test_no_number_that_pulumi_would_round_reaches_the_engine(
    given: float, kept: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    door, _ = opened(Current(id="i", outputs={"deep": [{"n": given}]}), monkeypatch)
    assert door.create({"resourceUrn": URN}).outs == {"deep": [{"n": kept}]}


def test_all_kinds_of_a_run_know_what_the_others_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    door, said = opened(Current(id="projects/1/tuningJobs/2", outputs={}), monkeypatch)
    other = Door("tuned_model")
    other._settings = door._settings
    door.create({"resourceUrn": URN})
    other.create({"resourceUrn": URN})
    assert said[0][1].run is said[1][1].run


def test_resources_of_equal_settings_share_google_and_a_run_and_others_do_not() -> None:
    def settings(team: str) -> Settings:
        return Settings.resolve({"gcp:project": "shop-dev", "gcp:defaultLabels": json.dumps({"team": team})}, {})

    first, again, other = (process.shared_by(settings(team), host.cancelled) for team in ("a", "a", "b"))
    assert first is again
    assert not {id(part) for part in first} & {id(part) for part in other}


def test_gone_is_an_empty_answer_and_inputs_are_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    door, said = opened(None, monkeypatch)
    gone = door.read("i", {"resourceUrn": URN, "a": 1})
    assert (gone.id, gone.outs) == (None, {})
    said.answer = Current(id="i", outputs={"a": 1}, inputs={"b": 2})
    found = door.read("i", {"resourceUrn": URN})
    assert (found.id, found.outs, found.inputs) == ("i", {"a": 1}, {"b": 2})


def verbs(door: Door) -> list[Callable[[], Any]]:
    props = {"resourceUrn": URN}
    return [
        lambda: door.check({}, props),
        lambda: door.diff("i", {}, props),
        lambda: door.create(props),
        lambda: door.read("i", props),
        lambda: door.update("i", {}, props),
        lambda: door.delete("i", props),
    ]


@pytest.mark.parametrize("verb", range(6))
def test_a_bug_in_any_verb_is_one_message_without_frames(verb: int, monkeypatch: pytest.MonkeyPatch) -> None:
    door, _ = opened(ValueError("a thing\nthat cannot be"), monkeypatch)
    with pytest.raises(TuningError) as told:
        verbs(door)[verb]()
    assert str(told.value) == "internal error in gcp-tuning (ValueError: a thing); this is a bug."


@pytest.mark.parametrize("verb", range(6))
@pytest.mark.parametrize("wrong", [ValueError, Refused])
def test_no_verb_tells_a_key_that_an_error_quotes_or_was_caused_by(
    wrong: type[Exception], verb: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, debugged = made_up_key(), list[str]()
    error = wrong(f"File {key.in_one_line} was not found.")
    error.__cause__ = error.__context__ = KeyError(key.pem)
    monkeypatch.setattr(engine, "_stub", SimpleNamespace(Log=lambda request, **_: debugged.append(request.message)))
    door, _ = opened(error, monkeypatch)
    with pytest.raises(TuningError) as told:
        verbs(door)[verb]()
    printed = "".join(traceback.format_exception(told.value))
    assert "[redacted] was not found" in str(told.value)
    assert leaks_in(printed + str(debugged), key) == []


def test_no_finding_tells_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    key, told = made_up_key(), list[str]()
    findings = [
        finding_of(("labels", key.pem), f"{key.in_one_line} is wrong.", f"Not {key.line}.", severity=s)
        for s in ("error", "warn")
    ]
    monkeypatch.setattr(engine, "_said", set())
    monkeypatch.setattr(engine, "_stub", SimpleNamespace(Log=lambda request, **_: told.append(request.message)))
    door, _ = opened(Checked(inputs={}, findings=findings), monkeypatch)
    failures = door.check({}, {"resourceUrn": URN}).failures
    assert len(told) == len(failures) == 1
    assert leaks_in(f"{told} {[failure.reason for failure in failures]}", key) == []


@pytest.mark.parametrize("verb", range(6))
def test_an_error_of_ours_is_told_in_at_most_six_lines(verb: int, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "\n".join(f"line {number}" for number in range(9))
    door, _ = opened(ApiError(text, http_status=403, status="PERMISSION_DENIED"), monkeypatch)
    with pytest.raises(TuningError) as told:
        verbs(door)[verb]()
    assert str(told.value).splitlines() == [*text.splitlines()[:5], "..."]


def test_every_verb_can_tell_that_the_run_was_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    door, said = opened(Current(id="i", outputs={}), monkeypatch)
    monkeypatch.setattr(host, "cancelled", lambda: True)
    for start in (verbs(door)[2], verbs(door)[4], verbs(door)[5]):
        start()
    assert [call.cancelled() for _, call, *_ in said] == [True, True, True]


def test_a_wait_that_ends_early_hands_over_what_exists(monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[Any] = []
    monkeypatch.setattr(host, "keep_unfinished", lambda *given: kept.append(given))
    door, _ = opened(Unfinished("It goes on.", id="i", outputs={"state": "RUNNING", "none": None}), monkeypatch)
    with pytest.raises(Unfinished):
        door.create({"resourceUrn": URN, "__provider": "me"})
    assert kept == [("i", {"state": "RUNNING", "__provider": "me"}, "It goes on.")]


def test_wrong_configuration_is_a_failure_of_check_and_an_error_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    door, said = opened(None, monkeypatch, {"gcp-tuning:asOf": "yesterday"})
    (failure,) = door.check({}, {"resourceUrn": URN}).failures
    assert failure.property == ""
    assert "gcp-tuning:asOf" in failure.reason
    with pytest.raises(TuningError, match="gcp-tuning:asOf"):
        door.delete("i", {"resourceUrn": URN})
    assert said == []


def test_a_config_of_another_shape_is_told_as_such() -> None:
    door = Door("tuning_job")
    door.configure(SimpleNamespace(config=object()))  # type: ignore[arg-type]
    (failure,) = door.check({}, {}).failures
    assert "this version of Pulumi" in failure.reason


def test_all_kinds_share_one_google_and_one_run_for_the_same_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    door, said = opened(Checked(inputs={}), monkeypatch)
    door.check({}, {"resourceUrn": URN})
    other, more = opened(Checked(inputs={}), monkeypatch, {"gcp:project": "another-project"})
    other.check({}, {"resourceUrn": URN})
    again, most = opened(Checked(inputs={}), monkeypatch)
    again.check({}, {"resourceUrn": URN})
    assert said[0][1].google is most[0][1].google
    assert said[0][1].google is not more[0][1].google
    assert said[0][1].run is most[0][1].run
    assert said[0][1].run is not more[0][1].run


def test_the_folder_that_paths_begin_at_is_what_the_program_said_and_never_reaches_state(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    door, said = opened(Checked(inputs={}), monkeypatch)
    monkeypatch.setattr(dynamic, "_roots", [])
    door.check({}, {"resourceUrn": URN, "projectRoot": str(tmp_path)})
    _, call, _, news = said[0]
    assert (call.root, news) == (tmp_path, {"resourceUrn": URN})
    said.answer = Current(id="i", outputs={})
    door.create({"resourceUrn": URN})
    assert said[1][1].root == tmp_path


def test_a_read_is_told_which_inputs_state_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    door, said = opened(Current(id="j", outputs={"a": 1}), monkeypatch)
    inputs = struct_pb2.Struct()
    inputs.update({"labels": {"team": "shop"}, "count": 3, "__provider": "p"})
    monkeypatch.setattr(host, "served_call", lambda: host.ServedCall(URN, None, None, inputs))
    door.read("j", {"labels": {"team": "care"}, "count": 4})
    assert said[0][1].declared == {"labels": {"team": "shop"}, "count": 3}


@pytest.mark.parametrize("inputs", [None, struct_pb2.Struct()])
def test_a_read_that_the_engine_sends_no_inputs_is_told_of_none(inputs: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    door, said = opened(Current(id="j", outputs={"a": 1}), monkeypatch)
    monkeypatch.setattr(host, "served_call", lambda: host.ServedCall(URN, None, None, inputs))
    door.read("j", {"a": 1})
    assert said[0][1].declared is None
