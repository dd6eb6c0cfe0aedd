"""The door in a run of ``gcp-tuning check``: everything is found, nothing is refused, nothing is changed."""

from __future__ import annotations

import base64
import json
import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi import dynamic as pulumi_dynamic
from pulumi.dynamic.dynamic import serialize_provider
from pulumi.runtime import rpc

from pulumi_gcp_tuning import engine
from pulumi_gcp_tuning.collecting import VARIABLE, Collection, Note, find_collection, new_collection
from pulumi_gcp_tuning.dynamic import CheckingDoor, Door
from pulumi_gcp_tuning.errors import Printed, Refused, TuningError
from pulumi_gcp_tuning.resources.core import process
from pulumi_gcp_tuning.resources.core.lifecycle import Checked, Current, Difference
from pulumi_gcp_tuning.resources.core.run import Run
from pulumi_gcp_tuning.resources.registry import KINDS, lifecycle_of
from support.findings import finding_of, printed_of
from support.hand_made_google import HandMadeGoogle

URN = "urn:pulumi:dev::shop::pulumi-python:dynamic/gcptuning:TuningJob::job"
WRONG = finding_of(("location",), "mars is no region.", "Use us-central1.", check="region")
ODD = finding_of(("labels",), "Odd.", "", severity="warn", evidence="seed", shared=True)


class Answers:
    """A lifecycle that says what a test wants, verb by verb."""

    def __init__(self, **verbs: Any) -> None:
        self.verbs = verbs
        self.asked: list[str] = []

    def __getattr__(self, verb: str) -> Callable[..., Any]:
        def answer(call: Any, *_arguments: Any) -> Any:
            self.asked.append(verb)
            said = self.verbs[verb]
            if isinstance(said, Exception):
                raise said
            return said(call) if callable(said) else said

        return answer


@pytest.fixture
def collection(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collection]:
    """A check that is under way."""
    with new_collection() as made:
        monkeypatch.setenv(VARIABLE, str(made.path))
        yield made


def opened(
    monkeypatch: pytest.MonkeyPatch, *, config: dict[str, str] | None = None, **verbs: Any
) -> tuple[Door, Answers]:
    """The door that Pulumi's host gets from the bytes in state, configured."""
    answers = Answers(**verbs)
    monkeypatch.setattr(Door, "lifecycle", lambda _self: answers)
    door: Door = pickle.loads(base64.b64decode(serialize_provider(Door("tuning_job"))))  # noqa: S301
    door.configure(pulumi_dynamic.ConfigureRequest(pulumi_dynamic.Config(config or {"gcp:project": "shop"}, "shop")))
    return door, answers


def found(collection: Collection) -> list[tuple[str, list[Printed], list[str]]]:
    return [(note.urn, list(note.findings), list(note.told)) for note in collection.read()]


def test_the_variable_changes_which_door_opens_and_no_byte_of_state(monkeypatch: pytest.MonkeyPatch) -> None:
    before = serialize_provider(Door("tuning_job"))
    assert type(pickle.loads(base64.b64decode(before))) is Door  # noqa: S301
    monkeypatch.setenv(VARIABLE, "")
    door = pickle.loads(base64.b64decode(before))  # noqa: S301
    assert type(door) is CheckingDoor
    assert serialize_provider(door) == before


def test_findings_are_written_down_and_nothing_is_refused_or_said(
    monkeypatch: pytest.MonkeyPatch, collection: Collection
) -> None:
    said: list[Any] = []
    for channel in ("warn", "tell", "report"):
        monkeypatch.setattr(engine, channel, lambda *given: said.append(given))

    def check(call: Any) -> Checked:
        call.tell("cost: about $1.20")
        call.warn("Strange.")
        call.report("reading")
        return Checked(inputs={"a": 1}, findings=[WRONG, ODD])

    door, _ = opened(monkeypatch, check=check)
    result = door.check({}, {"resourceUrn": URN, "__provider": "x"})
    assert (result.inputs, result.failures) == ({"a": 1}, [])
    strange = Printed(path="", problem="Strange.", remedy="", severity="warn")
    assert found(collection) == [(URN, [strange, *printed_of([WRONG, ODD])], ["cost: about $1.20"])]
    assert said == []


def test_facts_are_written_down_without_secrets_and_are_no_inputs(
    monkeypatch: pytest.MonkeyPatch, collection: Collection
) -> None:
    def check(call: Any) -> Checked:
        call.note("cost", {"usd": 1.2, "texts": ["about acme-holding"]})
        return Checked(inputs={"a": 1})

    door, _ = opened(monkeypatch, check=check)
    result = door.check({}, {"resourceUrn": URN, "datasetUri": "acme-holding", "secretInputs": ["datasetUri"]})
    assert result.inputs == {"a": 1}
    [note] = collection.read()
    assert note.facts["cost"]["usd"] == 1.2
    assert "acme" not in str(note.facts)


def test_a_preview_without_a_check_notes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    def check(call: Any) -> Checked:
        asked.append(call.note)
        return Checked(inputs={"a": 1})

    door, _ = opened(monkeypatch, check=check)
    door.check({}, {"resourceUrn": URN})
    assert asked == [None]


def test_labels_that_are_a_secret_are_not_written_down(monkeypatch: pytest.MonkeyPatch, collection: Collection) -> None:
    finding = finding_of(("labels", "Team"), "The label value 'Hush' is wrong.", "Mend it.")
    door, _ = opened(monkeypatch, check=Checked(inputs={}, findings=[finding]))
    door.check({}, {"resourceUrn": URN, "secretLabels": True})
    assert "Hush" not in collection.path.read_text(encoding="utf-8")
    assert "It is a secret, so it is not shown" in collection.path.read_text(encoding="utf-8")


def test_no_line_of_a_check_has_a_secret_input(monkeypatch: pytest.MonkeyPatch, collection: Collection) -> None:
    def check(call: Any) -> Checked:
        call.tell("about gs://acme-holding/rows")
        call.warn("gs://acme-holding/rows is far away.")
        return Checked(inputs={})

    door, _ = opened(monkeypatch, check=check)
    told = {"datasetUri": "gs://acme-holding/rows", "secretInputs": ["datasetUri"]}
    door.check({}, {"resourceUrn": URN, **told})
    assert "is far away" in collection.path.read_text(encoding="utf-8")
    assert "acme" not in collection.path.read_text(encoding="utf-8")


def test_a_resource_without_findings_is_written_down_too(
    monkeypatch: pytest.MonkeyPatch, collection: Collection
) -> None:
    door, _ = opened(monkeypatch, check=Checked(inputs={}))
    door.check({}, {"resourceUrn": URN})
    assert found(collection) == [(URN, [], [])]


@pytest.mark.parametrize(("error", "told"), [(Refused("No credentials."), "No credentials."), (KeyError("x"), "bug")])
def test_a_check_that_fails_is_an_error_of_its_resource(
    error: Exception, told: str, monkeypatch: pytest.MonkeyPatch, collection: Collection
) -> None:
    door, _ = opened(monkeypatch, check=error)
    result = door.check({}, {"resourceUrn": URN, "n": 3.0, "unknown": rpc.UNKNOWN})
    assert (result.inputs, result.failures) == ({"resourceUrn": URN, "n": 3, "unknown": rpc.UNKNOWN}, [])
    ((urn, (finding,), _),) = found(collection)
    assert (urn, finding.severity, finding.shared) == (URN, "error", False)
    assert told in finding.problem


def test_wrong_configuration_is_one_finding_for_all(monkeypatch: pytest.MonkeyPatch, collection: Collection) -> None:
    door, answers = opened(monkeypatch, config={"gcp-tuning:asOf": "yesterday"})
    assert door.check({}, {"resourceUrn": URN}).failures == []
    ((urn, (finding,), _),) = found(collection)
    assert urn == URN
    assert finding.shared
    assert "gcp-tuning:asOf" in finding.problem
    assert answers.asked == []


def test_diff_is_not_asked_of_inputs_that_were_found_wrong(
    monkeypatch: pytest.MonkeyPatch, collection: Collection
) -> None:
    door, answers = opened(monkeypatch, check=Checked(inputs={}, findings=[WRONG]), diff=Difference(changed=False))
    door.check({}, {"resourceUrn": URN})
    assert door.diff("i", {}, {"resourceUrn": URN}).changes is None
    assert answers.asked == ["check"]
    door.diff("i", {}, {"resourceUrn": f"{URN}2"})
    assert answers.asked == ["check", "diff"]


def test_diff_answers_as_ever_for_inputs_that_are_right(
    monkeypatch: pytest.MonkeyPatch, collection: Collection
) -> None:
    difference = Difference(changed=None, replaces=["baseModel"], delete_before_replace=True)
    door, _ = opened(monkeypatch, check=Checked(inputs={}, findings=[ODD]), diff=difference)
    door.check({}, {"resourceUrn": URN})
    result = door.diff("i", {}, {"resourceUrn": URN})
    assert (result.changes, result.replaces, result.delete_before_replace) == (None, ["baseModel"], True)
    assert len(collection.read()) == 1


def test_a_diff_or_read_that_fails_is_a_finding_and_the_preview_goes_on(
    monkeypatch: pytest.MonkeyPatch, collection: Collection
) -> None:
    door, _ = opened(monkeypatch, diff=Refused("Another origin."), read=Refused("Cannot be read."))
    assert door.diff("i", {}, {"resourceUrn": URN}).changes is None
    result = door.read("i", {"resourceUrn": URN, "__provider": "x", "state": "RUNNING"})
    assert (result.id, result.outs) == ("i", {"resourceUrn": URN, "__provider": "x", "state": "RUNNING"})
    assert [finding.problem for _, findings, _ in found(collection) for finding in findings] == [
        "Another origin.",
        "Cannot be read.",
    ]


def test_read_answers_as_ever(monkeypatch: pytest.MonkeyPatch, collection: Collection) -> None:
    door, answers = opened(monkeypatch, read=Current(id="i", outputs={"a": 1}, inputs={"b": 2}))
    result = door.read("i", {"resourceUrn": URN})
    assert (result.id, result.outs, result.inputs) == ("i", {"a": 1}, {"b": 2})
    answers.verbs["read"] = None
    assert door.read("i", {"resourceUrn": URN, "a": 1}).id is None
    assert collection.read() == []


def changing(door: Door) -> list[Callable[[], Any]]:
    props = {"resourceUrn": URN}
    return [lambda: door.create(props), lambda: door.update("i", {}, props), lambda: door.delete("i", props)]


@pytest.mark.parametrize("verb", range(3))
def test_nothing_is_changed_while_a_check_is_under_way(
    verb: int, monkeypatch: pytest.MonkeyPatch, collection: Collection
) -> None:
    door, answers = opened(monkeypatch, create=Current(id="i", outputs={}), update=None, delete=None)
    with pytest.raises(TuningError, match="this run only checks"):
        changing(door)[verb]()
    assert answers.asked == []


def left_behind(name: str, folder: Path) -> str:
    """What the variable may hold although no check is under way."""
    file = folder / "nonce.jsonl"
    if name == "a dead process":
        ended = subprocess.Popen([sys.executable, "-c", ""])
        ended.wait()
        file.write_text(json.dumps({"nonce": "nonce", "pid": ended.pid}) + "\n")
    elif name == "another file":
        file.write_text(json.dumps({"nonce": "other", "pid": os.getpid()}) + "\n")
    elif name == "no header":
        file.write_text("[]\n")
    elif name == "no process":
        file.write_text(json.dumps({"nonce": "nonce", "pid": 0}) + "\n")
    elif name == "empty":
        return ""
    return str(file)


@pytest.mark.parametrize("name", ["empty", "no file", "no header", "no process", "another file", "a dead process"])
def test_a_variable_that_was_left_behind_skips_no_refusal_and_changes_nothing(
    name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(VARIABLE, left_behind(name, tmp_path))
    assert find_collection(os.environ) is None
    door, answers = opened(
        monkeypatch,
        check=Checked(inputs={}, findings=[WRONG]),
        diff=Refused("Another origin."),
        read=Refused("Cannot be read."),
    )
    assert [f.reason for f in door.check({}, {"resourceUrn": URN}).failures] == [
        "location: mars is no region. Use us-central1."
    ]
    with pytest.raises(TuningError, match="Another origin"):
        door.diff("i", {}, {"resourceUrn": URN})
    with pytest.raises(TuningError, match="Cannot be read"):
        door.read("i", {"resourceUrn": URN})
    for change in changing(door):
        with pytest.raises(TuningError, match="this run only checks"):
            change()
    assert answers.asked == ["check", "diff", "read"]


def test_what_cannot_be_written_down_stops_the_preview(monkeypatch: pytest.MonkeyPatch, collection: Collection) -> None:
    door, _ = opened(monkeypatch, check=Checked(inputs={}, findings=[WRONG]))
    monkeypatch.setattr(os, "write", lambda _file, line: len(line) - 1)
    with pytest.raises(TuningError, match="could not be written for gcp-tuning check"):
        door.check({}, {"resourceUrn": URN})


def test_notes_of_many_threads_and_processes_are_all_read(collection: Collection) -> None:
    script = (
        "import os, sys; from pulumi_gcp_tuning.collecting import *\n"
        "c = find_collection(os.environ)\n"
        "for n in range(40): c.add(Note(urn=f'{sys.argv[1]}-{n}', told=('x' * 9000,)))\n"
    )
    others = [subprocess.Popen([sys.executable, "-c", script, f"process-{n}"]) for n in range(3)]

    def add(number: int) -> None:
        for each in range(40):
            collection.add(Note(urn=f"thread-{number}-{each}"))

    threads = [threading.Thread(target=add, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [other.wait() for other in others] == [0, 0, 0]
    assert len({note.urn for note in collection.read()}) == 7 * 40


def test_a_write_that_broke_off_loses_that_note_only(collection: Collection) -> None:
    collection.add(Note(urn="one"))
    with collection.path.open("a") as file:
        file.write('\n{"urn": "two", "findi')
    collection.add(Note(urn="three", findings=tuple(printed_of([WRONG]))))
    assert collection.read() == [Note(urn="one"), Note(urn="three", findings=tuple(printed_of([WRONG])))]


def test_the_file_is_its_users_alone_and_gone_afterwards() -> None:
    with new_collection() as made:
        assert made.path.stat().st_mode & 0o777 == 0o600
        assert made.path.parent.stat().st_mode & 0o777 == 0o700
        folder = made.path.parent
    assert not folder.exists()


plain = st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=12)
values = st.recursive(
    plain | st.just(rpc.UNKNOWN) | st.sampled_from(["us-central1", "gemini-2.5-flash", "gs://shop-data/train.jsonl"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=5,
)


def inputs_of(kind: str) -> st.SearchStrategy[dict[str, Any]]:
    """Any values under the keys of a resource."""
    resource: Any = lifecycle_of(kind).resource
    fields = {**resource.Args.model_fields, **resource.Told.model_fields}
    keys = [field.alias or name for name, field in fields.items()]
    named = sorted({*keys, "labels"} - {"fromResources"})
    ours = st.just(rpc.UNKNOWN) | st.lists(st.sampled_from(named), unique=True)  # no program writes this one
    return st.tuples(st.dictionaries(st.sampled_from(named), values, max_size=6), ours).map(
        lambda given: given[0] | {"fromResources": given[1]}
    )


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_whatever_the_inputs_are_the_preview_goes_on(kind: str, data: st.DataObject) -> None:
    olds, news = data.draw(st.just({}) | inputs_of(kind)), data.draw(inputs_of(kind))
    urn = {"resourceUrn": f"urn:pulumi:dev::shop::pulumi-python:dynamic/gcptuning:{kind}::it"}
    with pytest.MonkeyPatch.context() as patch, new_collection() as collection:
        patch.setenv(VARIABLE, str(collection.path))
        patch.setattr(process, "shared_by", lambda *_: (HandMadeGoogle(), Run()))
        door = CheckingDoor(kind)
        door.configure(pulumi_dynamic.ConfigureRequest(pulumi_dynamic.Config({"gcp:project": "shop"}, "shop")))
        checked = door.check(olds, news | urn)
        assert not checked.failures
        assert checked.inputs is not None
        json.dumps(checked.inputs)
        assert door.diff("i", olds, checked.inputs) is not None
        assert "internal error" not in collection.path.read_text()
