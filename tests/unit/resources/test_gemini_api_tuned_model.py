"""GeminiApiTunedModel on its handlers: ids, lost answers, waits that end early, failures that stay, names."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from pulumi_gcp_tuning.errors import ApiError, Failed, Refused, Unfinished
from pulumi_gcp_tuning.inline_examples import INLINE, keep_examples
from pulumi_gcp_tuning.resources.core.lifecycle import Current
from pulumi_gcp_tuning.resources.core.run import Run
from pulumi_gcp_tuning.resources.registry import lifecycle_of
from support.hand_made_google import Desk, lost, settings, urn

SECRET = "a customer's question"
FRAME = lifecycle_of("gemini_api_tuned_model")
OF_ITS_DAY = settings(as_of=date(2024, 11, 20))


def rows(*pairs: tuple[str, str]) -> bytes:
    return "".join(json.dumps({"text_input": asked, "output": told}) + "\n" for asked, told in pairs).encode()


class Program:
    """One declaration at a Google made by hand."""

    def __init__(self, folder: Path) -> None:
        self.desk, self.folder = Desk(root=folder), folder
        self.google = self.desk.google
        self.write(rows((SECRET, "2"), ("3", "4")))

    def write(self, data: bytes) -> None:
        (self.folder / "pairs.jsonl").write_bytes(data)
        self.sha256 = hashlib.sha256(data).hexdigest()

    def call(self, **given: Any) -> Any:
        return self.desk.call("GeminiApiTunedModel", **{"settings": OF_ITS_DAY, "run": Run(), **given})

    def check(self, olds: Any = None, call: Any = None, **changed: Any) -> Any:
        news = {
            "baseModel": "models/gemini-1.5-flash-001-tuning",
            "source": "pairs.jsonl",
            "contentSha256": self.sha256,
            "resourceUrn": urn("GeminiApiTunedModel"),
            **changed,
        }
        return FRAME.check(call or self.call(), olds or {}, news)

    def make(self, **changed: Any) -> Current:
        return FRAME.create(self.call(), self.check(**changed).inputs)

    def findings(self, **changed: Any) -> list[str]:
        return [f"{'.'.join(map(str, each.path))}: {each}" for each in self.check(**changed).findings]

    @property
    def only(self) -> dict[str, Any]:
        (model,) = self.google.models.values()
        return model


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path)


def test_the_examples_and_parameters_reach_google(program: Program) -> None:
    made = program.make(displayName="numbers", epochCount=5, batchSize=2, learningRate=0.001)
    assert program.google.sent[made.id] == {
        "baseModel": "models/gemini-1.5-flash-001-tuning",
        "displayName": "numbers",
        "tuningTask": {
            "hyperparameters": {"epochCount": 5, "batchSize": 2, "learningRate": 0.001},
            "trainingData": {
                "examples": {"examples": [{"textInput": SECRET, "output": "2"}, {"textInput": "3", "output": "4"}]}
            },
        },
    }


def test_no_row_is_in_state_or_in_a_line(program: Program) -> None:
    made = program.make()
    assert SECRET not in json.dumps([made.outputs, made.inputs, program.desk.lines, program.desk.told])


def test_a_preview_says_that_it_trains_and_an_update_in_place_says_nothing(program: Program) -> None:
    made = program.check().inputs
    program.check(made, retry="2")
    program.check(made, displayName="numbers")
    assert program.desk.told == ["trains a model", "trains a new model"]


def test_the_check_of_a_replacement_says_the_same_as_that_of_the_change(program: Program) -> None:
    made, call = program.make(), program.call()
    inputs = program.check(made.outputs, call, retry="2").inputs
    FRAME.diff(call, made.id, made.outputs, inputs)
    program.check({}, call, retry="2")
    assert program.desk.told[-2:] == ["trains a new model", "trains a new model"]


def test_the_wait_shows_the_percents(program: Program) -> None:
    program.make()
    assert program.desk.lines == ["33 %, creating", "66 %, creating"]


def test_a_lost_answer_is_found_by_the_id_and_nothing_is_tuned_twice(program: Program) -> None:
    program.google.unclear_answers = [lost()]
    made = program.make()
    assert list(program.google.models) == [made.id]
    assert made.outputs["state"] == "ACTIVE"


def test_a_create_that_never_arrived_is_an_error(program: Program) -> None:
    program.google.refuse_create = lost()
    with pytest.raises(ApiError, match="connection lost"):
        program.make()


def test_what_a_killed_run_began_is_adopted(program: Program) -> None:
    first = program.make()
    program.check()
    assert program.desk.told[-1] == f"adopts {first.id}, which was tuned for this declaration; nothing is trained again"
    assert program.make().id == first.id
    assert len(program.google.models) == 1


@pytest.mark.parametrize("given", [{"cancelled": lambda: True}, {"timeout": 15.0}], ids=["^C", "timeout"])
def test_a_wait_that_ends_early_keeps_the_id(program: Program, given: dict[str, Any]) -> None:
    inputs = program.check().inputs
    pressed = {"cancelled": iter([False, False, True, True, True]).__next__} if "cancelled" in given else given
    with pytest.raises(Unfinished, match="nothing is started twice") as caught:
        FRAME.create(program.call(**pressed), inputs)
    assert caught.value.id == program.only["name"]
    assert caught.value.outputs["operation"] == f"{caught.value.id}/operations/1"


def test_the_next_up_goes_on_with_the_wait(program: Program) -> None:
    inputs = program.check().inputs
    with pytest.raises(Unfinished) as caught:
        FRAME.create(program.call(timeout=15.0), inputs)
    held = caught.value
    difference = FRAME.diff(program.call(), held.id, dict(held.outputs), program.check(held.outputs).inputs)
    assert (difference.changed, difference.paths, list(difference.replaces)) == (True, [("state",)], [])
    done = FRAME.update(program.call(), held.id, dict(held.outputs), inputs)
    assert done.outputs["state"] == "ACTIVE"
    assert len(program.google.said("create_tuned_model")) == 1


def test_an_error_during_the_wait_keeps_the_id(program: Program) -> None:
    inputs = program.check().inputs
    program.desk.clock.sleep = lambda *_: setattr(program.google, "down", ApiError("500", http_status=500, status="INTERNAL"))  # type: ignore[method-assign]  # fmt: skip
    with pytest.raises(Unfinished, match="The wait of 'bot' failed") as caught:
        FRAME.create(program.call(), inputs)
    assert caught.value.id == program.only["name"]


def test_a_model_that_fails_stays_in_state_with_googles_reason(program: Program) -> None:
    with pytest.raises(Unfinished, match=r"failed: The examples are too alike\.") as caught:
        program.make(displayName="fails")
    assert caught.value.outputs["state"] == "FAILED"


def test_a_model_that_has_failed_is_not_tuned_again_by_itself(program: Program) -> None:
    with pytest.raises(Unfinished) as caught:
        program.make(displayName="fails")
    with pytest.raises(Failed, match="set retry"):
        FRAME.update(program.call(), caught.value.id, dict(caught.value.outputs), program.check(displayName="x").inputs)
    assert len(program.google.said("create_tuned_model")) == 1


def test_after_a_failure_that_no_state_holds_the_next_id_is_tried(program: Program) -> None:
    with pytest.raises(Unfinished) as caught:
        program.make(displayName="fails")
    assert program.make(displayName="works").id == f"{caught.value.id}-2"


@pytest.mark.parametrize(
    ("changed", "key"),
    [
        ({"epochCount": 7}, "epochCount"),
        ({"batchSize": 4}, "batchSize"),
        ({"learningRate": 0.1}, "learningRate"),
        ({"baseModel": "models/other"}, "baseModel"),
        ({"retry": "2"}, "retry"),
        ({"contentSha256": "b" * 64}, "contentSha256"),
    ],
)
def test_what_is_trained_replaces(program: Program, changed: dict[str, Any], key: str) -> None:
    made = program.make()
    news = {**program.check(made.outputs).inputs, **changed}
    assert FRAME.diff(program.call(), made.id, made.outputs, news).replaces == [key]


def test_a_number_that_arrives_as_a_float_changes_nothing(program: Program) -> None:
    made = program.make(epochCount=5)
    news = program.check(made.outputs, epochCount=5.0).inputs
    assert FRAME.diff(program.call(), made.id, made.outputs, news).changed is False


def test_the_losses_of_a_tuning_are_its_first_best_and_last(program: Program) -> None:
    made = program.make()
    losses = [(1, 3.0), (2, 1.0), (3, 2.0)]
    snapshots = [{"step": step, "epoch": step, "meanLoss": loss} for step, loss in losses]
    program.only["tuningTask"] = {"snapshots": snapshots}
    read = FRAME.read(program.call(), made.id, made.outputs)
    assert read is not None
    assert read.outputs["loss"] == {"first": 3.0, "best": 1.0, "bestStep": 2, "final": 2.0}


def test_names_are_changed_in_place(program: Program) -> None:
    made = program.make(displayName="one")
    news = program.check(made.outputs, displayName="two").inputs
    assert not FRAME.diff(program.call(), made.id, made.outputs, news).replaces
    assert FRAME.update(program.call(), made.id, made.outputs, news).outputs["displayName"] == "two"
    assert program.only["displayName"] == "two"


def test_an_imported_model_is_not_replaced_for_its_file(program: Program) -> None:
    made = program.make()
    read = FRAME.read(program.call(), made.id, {})
    assert read is not None
    assert read.inputs is not None
    assert not FRAME.diff(program.call(), made.id, read.outputs, program.check(read.inputs).inputs).replaces


def test_another_address_of_the_gemini_api_proves_nothing(program: Program) -> None:
    made = program.make()
    other = settings(gemini_base_url="https://gemini.example.com")
    with pytest.raises(Refused, match=r"GCP_TUNING_GEMINI_BASE_URL=http://127\.0\.0\.1:8085"):
        FRAME.read(program.call(settings=other), made.id, made.outputs)


def test_a_pending_delete_of_a_declared_model_touches_nothing(program: Program) -> None:
    made = program.make()
    run = Run()
    program.check(made.inputs, call=program.call(run=run))
    other = program.call(run=run, urn=urn("GeminiApiTunedModel", "other"))
    FRAME.delete(other, made.id, {**made.outputs, "resourceUrn": other.urn})
    assert list(program.google.models) == [made.id]


def test_examples_of_the_program_reach_google_and_not_the_state(
    program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    sha256 = keep_examples(rows((SECRET, "2")))
    made = program.make(source=INLINE, contentSha256=sha256)
    assert program.google.sent[made.id]["tuningTask"]["trainingData"]["examples"]["examples"] == [
        {"textInput": SECRET, "output": "2"}
    ]
    assert SECRET not in json.dumps([made.outputs, made.inputs])


def test_examples_of_a_program_that_has_ended_are_an_error(
    program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with pytest.raises(Refused, match="because it has ended"):
        program.make(source=INLINE, contentSha256="b" * 64)
    assert program.google.models == {}


# What preview says


def test_the_withdrawal_is_a_warning_with_its_date_and_source(program: Program) -> None:
    found = program.check(call=program.call(settings=settings())).findings
    (warning,) = [each for each in found if each.severity == "warn"]
    assert "in May 2025 (https://ai.google.dev/gemini-api/docs/model-tuning)" in str(warning)


def test_before_the_withdrawal_nothing_warns(program: Program) -> None:
    assert program.findings() == []


def test_a_model_that_exists_is_not_warned_about_again(program: Program) -> None:
    made = program.make()
    assert program.check(made.outputs, call=program.call(settings=settings())).findings == []


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (b"{", "line 2: it is not JSON"),
        (b"[]", "line 2: it is not a JSON object"),
        (b'{"text_input": "x"}', 'line 2: it has no "output"'),
        (b'{"text_input": "x", "output": 1}', 'line 2: its "output" is a number, not a string'),
        (b'{"text_input": "", "output": "y"}', 'line 2: its "text_input" is empty'),
        (rows(("x" * 40_001, "y")).strip(), 'line 2: its "text_input" has more than 40,000 characters'),
        (rows(("x", "y" * 5_001)).strip(), 'line 2: its "output" has more than 5,000 characters'),
        (b'{"contents": []}', "line 2: it has turns of a chat"),
        (b'{"text_input": "x", "output": "y", "image": "z"}', 'line 2: it has fields other than "text_input"'),
    ],
)
def test_a_line_that_google_would_refuse_is_named(program: Program, line: bytes, says: str) -> None:
    program.write(rows(("1", "2")) + line + b"\n")
    (found,) = program.findings()
    assert found.startswith(f"source: pairs.jsonl, {says}")


def test_lines_of_one_cause_are_one_finding(program: Program) -> None:
    program.write(b"{\n{\n{\n")
    (found,) = program.findings()
    assert "line 1: it is not JSON (and 2 more lines)" in found


def test_with_the_check_off_a_line_that_is_no_pair_is_still_not_left_out(program: Program) -> None:
    program.write(rows(("1", "2")) + b"{\n")
    with pytest.raises(Refused, match="cannot be sent: line 2: it is not JSON"):
        program.make(checks={"dataset": "off"})
    assert program.google.models == {}


def test_rows_at_the_limits_pass(program: Program) -> None:
    program.write(rows(("x" * 40_000, "y" * 5_000)))
    assert program.findings() == []


def test_a_file_without_examples_is_refused(program: Program) -> None:
    program.write(b"\n")
    assert "the file has no examples" in program.findings()[0]


def test_a_missing_file_is_refused(program: Program) -> None:
    assert "nowhere.jsonl cannot be read" in program.findings(source="nowhere.jsonl", contentSha256=None)[0]


def test_a_file_that_changed_after_the_program_read_it_is_refused(program: Program) -> None:
    assert "changed after the program read it" in program.findings(contentSha256="b" * 64)[0]


def test_a_model_of_vertex_ai_names_the_resources_that_take_it(program: Program) -> None:
    assert "declare a TuningJob for this model" in program.findings(baseModel="gemini-3.5-flash")[0]


@pytest.mark.parametrize("key", ["epochCount", "batchSize", "learningRate"])
def test_no_parameter_is_zero(program: Program, key: str) -> None:
    assert "is too small" in program.findings(**{key: 0})[0]


def test_a_display_name_has_at_most_40_characters(program: Program) -> None:
    assert "1 to 40 characters; this one has 41" in program.findings(displayName="x" * 41)[0]


def test_preview_refuses_a_model_that_has_failed_and_a_refresh_does_not(program: Program) -> None:
    with pytest.raises(Unfinished) as ended:
        program.make(displayName="fails")
    run = Run()
    stored = dict(ended.value.outputs)
    news = program.check(stored, program.call(run=run), displayName="fails").inputs
    with pytest.raises(Failed, match="set retry to tune a new model"):
        FRAME.diff(program.call(run=run), ended.value.id, stored, news)
    assert FRAME.diff(program.call(), ended.value.id, stored, news).changed is True
