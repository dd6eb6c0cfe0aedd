"""What the host adapts, each effect under the real CLI and engine."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from support.pulumi_stack import CHECKOUT, HUNG, Result, Stack
from support.toys import journal

ToyStack = Callable[..., Stack]


HEAD = "import pulumi\nfrom support.toys import Toy\n"
CONFIG = {"gcp:project": "shop-project"}


def environment(toys: Path) -> dict[str, str]:
    return {"TOY_FOLDER": str(toys), "PYTHONPATH": str(CHECKOUT / "tests")}


@pytest.fixture
def toys(tmp_path: Path) -> Path:
    folder = tmp_path / "toys"
    folder.mkdir()
    return folder


@pytest.fixture
def toy_stack(new_stack: ToyStack, toys: Path) -> ToyStack:
    def make(program: str, **env: str) -> Stack:
        return new_stack(HEAD + program, config=CONFIG, env=environment(toys) | env)

    return make


@dataclass(frozen=True)
class Seen:
    """What one stack with a toy for each effect showed: its first ``up``, its state then, an ``up --debug`` after it."""

    up: Result
    made: dict[str, dict[str, Any]]
    debugged: Result
    after_refresh: list[str]


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory, pulumi_cli: Path, pulumi_home: Path) -> Seen:
    toys = tmp_path_factory.mktemp("toys")
    effects = {"a": "refuse", "b": "answer badly", "c": "break", "d": "speak", "e": "count"}
    program = HEAD + "".join(f"Toy('{name}', '{does}')\n" for name, does in effects.items())
    folder = tmp_path_factory.mktemp("effects") / "project"
    stack = Stack(folder, program, cli=pulumi_cli, home=pulumi_home, config=CONFIG, env=environment(toys))
    up = stack.up("--continue-on-error")
    made = {each["urn"].rpartition("::")[2]: each for each in stack.resources}
    debugged = stack.up("--continue-on-error", "--debug")
    (toys / "gone").touch()
    stack.refresh().expect_ok()
    return Seen(up, made, debugged, [each["urn"] for each in stack.resources])


def verbs(folder: Path, *wanted: str) -> list[str]:
    return [entry["verb"] for entry in journal(folder) if not wanted or entry["verb"] in wanted]


def entries(folder: Path, verb: str) -> list[dict[str, Any]]:
    return [entry for entry in journal(folder) if entry["verb"] == verb]


def wait_for(condition: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + HUNG
    while not condition():
        assert time.monotonic() < end, f"there is no {what}"
        time.sleep(0.05)


def messages(result: Result, severity: str) -> list[str]:
    return [d["message"].strip() for d in result.diagnostics if d["severity"] == severity]


def test_thirty_two_resources_wait_at_the_same_time(toy_stack: ToyStack, toys: Path) -> None:
    stack = toy_stack("for i in range(32): Toy(f't{i}', 'meet', guests=32)\n")
    stack.up().expect_ok()
    assert max(entry["peak"] for entry in entries(toys, "met")) == 32


def test_create_update_and_delete_know_their_urn_and_custom_timeouts(toy_stack: ToyStack, toys: Path) -> None:
    program = (
        "opts = pulumi.ResourceOptions(custom_timeouts=pulumi.CustomTimeouts(create='7m', update='8m', delete='9m'))\n"
        "class Group(pulumi.ComponentResource): pass\n"
        "opts.parent = Group('toys:index:Group', 'g')\n"
    )
    stack = toy_stack(program + "Toy('a', 'nothing', opts, size=1)\n")
    stack.up().expect_ok()
    stack.write("__main__.py", (stack.folder / "__main__.py").read_text().replace("size=1", "size=2"))
    stack.up().expect_ok()
    stack.destroy().expect_ok()
    urn = "urn:pulumi:dev::toy::toys:index:Group$pulumi-python:dynamic/toy:Toy::a"
    told = [(entry["verb"], entry["urn"], entry["timeout"]) for entry in journal(toys)]
    assert [t for t in told if t[0] in ("create", "update", "delete")] == [
        ("create", urn, 420.0),
        ("update", urn, 480.0),
        ("delete", urn, 540.0),
    ]
    assert {t[1] for t in told} == {urn}


def test_a_refusal_after_check_is_shown_as_its_own_words(seen: Seen) -> None:
    seen.up.expect_failure("Google says no to a.", "Ask for more quota.")
    assert "Refused" not in seen.up.text
    assert 'File "' not in seen.up.text


def test_a_long_answer_of_googles_is_cut_to_six_lines(seen: Seen) -> None:
    seen.up.expect_failure("line 0", "line 4")
    assert "line 5" not in seen.up.text


def test_a_bug_of_ours_is_one_message_and_its_frames_are_in_the_debug_log(seen: Seen) -> None:
    seen.up.expect_failure("internal error in gcp-tuning (ValueError: a thing that cannot be); this is a bug")
    assert 'File "' not in seen.up.text
    debug = messages(seen.debugged, "debug")
    assert any("Traceback" in text and "toys.py" in text for text in debug)


def test_a_wait_that_runs_out_of_time_is_kept_and_the_next_up_goes_on(toy_stack: ToyStack, toys: Path) -> None:
    program = "Toy('a', 'wait', pulumi.ResourceOptions(custom_timeouts=pulumi.CustomTimeouts(create='1s')))\n"
    stack = toy_stack(program)
    stack.up().expect_failure("a is still running: the time given for it is over")
    kept = stack.resource("a")
    assert (kept["id"], kept["outputs"]["state"]) == ("a", "running")
    assert kept["initErrors"] == [
        "a is still running: the time given for it is over. The next pulumi up goes on waiting."
    ]
    assert kept["refreshBeforeUpdate"] is True

    running = stack.start_up()
    wait_for(lambda: len(entries(toys, "wait")) == 2, "second wait")
    (toys / "done").touch()
    running.wait().expect_ok()
    assert verbs(toys, "create", "read", "update") == ["create", "read", "update"]
    ended = stack.resource("a")
    assert ended["outputs"]["state"] == "done"
    assert "initErrors" not in ended
    assert "refreshBeforeUpdate" not in ended


@pytest.mark.full  # the story of a wait that runs out of time goes on in the same way
def test_what_ended_between_two_runs_is_picked_up_without_a_wait(toy_stack: ToyStack, toys: Path) -> None:
    program = "Toy('a', 'wait', pulumi.ResourceOptions(custom_timeouts=pulumi.CustomTimeouts(create='1s')))\n"
    stack = toy_stack(program)
    stack.up().expect_failure()
    (toys / "done").touch()
    stack.up().expect_ok()
    assert stack.resource("a")["outputs"]["state"] == "done"
    assert len(entries(toys, "wait")) == 1


def test_a_resource_is_read_before_update_only_while_it_is_unfinished(toy_stack: ToyStack, toys: Path) -> None:
    stack = toy_stack("Toy('a', 'submit')\nToy('b', 'nothing')\n")
    stack.up().expect_ok()
    assert verbs(toys, "read") == []
    stack.preview().expect_ok()
    assert [entry["urn"][-1] for entry in entries(toys, "read")] == ["a"]
    (toys / "done").touch()
    stack.up().expect_ok()
    assert stack.resource("a")["outputs"]["state"] == "done"
    stack.up("--expect-no-changes").expect_ok()
    assert [entry["urn"][-1] for entry in entries(toys, "read")] == ["a", "a"]


@pytest.mark.full  # test_crash.py interrupts a wait for a model
def test_one_interrupt_ends_up_and_loses_nothing(toy_stack: ToyStack, toys: Path) -> None:
    stack = toy_stack("Toy('a', 'wait')\nToy('b', 'wait')\n")
    running = stack.start_up()
    wait_for(lambda: len(entries(toys, "wait")) == 2, "two waits")
    running.interrupt()
    ended = running.wait()
    ended.expect_failure("a is still running: the run was cancelled", "b is still running: the run was cancelled")
    state = stack.state
    assert not state.get("pending_operations")
    assert {r["id"] for r in stack.resources} == {"a", "b"}
    (toys / "done").touch()
    stack.up().expect_ok()
    assert {r["outputs"]["state"] for r in stack.resources} == {"done"}


def test_progress_and_warnings_reach_the_resource_in_the_engines_display(seen: Seen) -> None:
    about_d = [d for d in seen.up.diagnostics if d.get("urn", "").endswith("::d")]
    lines = [d["message"].strip() for d in about_d if d.get("ephemeral")]
    assert lines == ["step 1 of 2", "step 2 of 2"]
    warnings = [d for d in about_d if d["severity"] == "warning"]
    assert [d["message"].strip() for d in warnings] == ["labels of a finished job stay as they are"]
    assert "labels of a finished job stay as they are" in seen.up.text


def test_findings_are_reported_at_preview_all_at_once_with_their_paths(toy_stack: ToyStack, toys: Path) -> None:
    findings = [
        {"path": "location", "problem": "mars is not a region.", "remedy": "Use europe-west4."},
        {"path": "spec.epoch_count", "problem": "0 is less than 1.", "remedy": "Set 1 or more."},
        {"path": "spec.adapter", "problem": "Rare.", "remedy": "Use 4.", "severity": "warn"},
    ]
    preview = toy_stack(f"Toy('a', 'nothing', location='mars', findings={findings!r})\n").preview()
    preview.expect_failure("location: mars is not a region. Use europe-west4.", "spec.epoch_count: 0 is less than 1.")
    assert messages(preview, "warning") == ["spec.adapter: Rare. Use 4."]
    assert verbs(toys, "create") == []


def test_wrong_configuration_is_reported_at_preview(toy_stack: ToyStack) -> None:
    stack = toy_stack("Toy('a', 'nothing')\n")
    stack.configure({"gcp-tuning:asOf": "yesterday", "gcptuning:maxcost": "1"})
    stack.preview().expect_failure("gcp-tuning:asOf", "yesterday", "gcptuning:maxcost", "gcp-tuning:maxCost")


def test_whole_numbers_past_what_a_float_holds_stay_exact_in_state(seen: Seen) -> None:
    assert seen.made["e"]["outputs"]["big"] == "12345678901234567890"


def test_the_provider_takes_a_few_characters_of_state_and_is_not_secret(seen: Seen) -> None:
    assert len(seen.made["d"]["inputs"]["__provider"]) < 100


def test_what_is_gone_is_shown_as_deleted_by_refresh(seen: Seen) -> None:
    assert set(seen.made) == {"d", "e"}
    assert seen.after_refresh == []


def test_a_host_of_another_version_works_with_one_warning_that_says_what_is_lost(toy_stack: ToyStack) -> None:
    stack = toy_stack("for i in range(6): Toy(f't{i}', 'nothing')\n", TOY_OTHER_SDK="1")
    up = stack.up().expect_ok()
    warnings = messages(up, "warning")
    assert len(warnings) == 1, warnings
    for lost in ("only four resources wait at the same time", "^C waits for running operations", "Python tracebacks"):
        assert lost in warnings[0]
    assert "customTimeouts" not in warnings[0]
    stack.destroy().expect_ok()
