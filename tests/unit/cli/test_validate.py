"""``gcp-tuning validate``: what it prints, and its exit codes."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import typer
from typer.testing import CliRunner, Result

from pulumi_gcp_tuning.cli import validate as validate_command
from support.fake_google import Reply, serving
from support.sandbox_server import SandboxServer

app = typer.Typer()
app.command()(validate_command.validate)


COUNTED = (
    "none.jsonl",
    "--count-tokens",
    "--project",
    "shop",
    "--location",
    "us-central1",
    "--model",
    "gemini-3.1-flash-lite",
)
"""``none.jsonl`` first and the model last."""


def row(index: int) -> dict[str, Any]:
    asked = {"role": "user", "parts": [{"text": f"Ticket {index}"}]}
    return {"contents": [asked, {"role": "model", "parts": [{"text": f"Answer {index}"}]}]}


def write(path: Path, rows: list[Any]) -> str:
    path.write_text("".join(json.dumps(each) + "\n" for each in rows))
    return str(path)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


@pytest.fixture
def good(tmp_path: Path) -> str:
    return write(tmp_path / "good.jsonl", [row(index) for index in range(100)])


def test_a_clean_file_exits_0_and_says_what_it_is(good: str) -> None:
    done = run(good)
    assert done.exit_code == 0
    assert "100 examples" in done.output
    assert "gemini-contents (key contents, role model, from line 1)" in done.output
    assert "Name the model with --model for a price." in done.output
    assert done.output.endswith("0 errors, 0 warnings.\n")


def test_blank_lines_are_counted_and_said(tmp_path: Path) -> None:
    file = tmp_path / "gaps.jsonl"
    file.write_text("\n" + "".join(json.dumps(row(index)) + "\n\n" for index in range(100)) + "  \n")
    done = run(str(file))
    assert "100 examples" in done.output
    assert "\n  102 blank lines, not counted as examples\n" in done.output
    assert json.loads(run(str(file), "--json").output)["training"]["blank_lines"] == 102


def test_a_file_without_blank_lines_says_nothing_of_them(good: str) -> None:
    assert "blank line," not in run(good).output
    assert "blank lines," not in run(good).output


def test_findings_exit_1_with_file_line_field_and_way_out(tmp_path: Path) -> None:
    file = write(tmp_path / "bad.jsonl", [row(0), {"contents": [row(1)["contents"][0]]}])
    done = run(file)
    assert done.exit_code == 1
    assert f"error {file}:2: contents[0].role: the conversation ends with user. End with a turn of model" in done.output
    assert done.output.endswith("1 error, 1 warning.\n")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("none.jsonl",), "No such file or directory"),
        (("gs://b",), "It looks like this: gs://my-bucket/folder/train.jsonl"),
        (("none.jsonl", "--model", "gemini-3.5-flush"), "Did you mean gemini-3.5-flash"),
        (("none.jsonl", "--format", "csv"), "csv"),
        (("none.jsonl", "--count-tokens"), "--count-tokens also needs --model, --project, --location"),
        ((*COUNTED, "--tokens", "5"), "use one of them"),
        ((*COUNTED[:-1], "code-bison@002"), "does not count tokens"),
    ],
)
def test_what_cannot_be_used_exits_2_with_a_sentence(arguments: tuple[str, ...], said: str) -> None:
    done = run(*arguments)
    assert done.exit_code == 2
    assert said in done.output
    assert "Traceback" not in done.output


@pytest.mark.parametrize("name", ["pipe", "/dev/zero"])
def test_a_file_that_might_never_end_is_refused(tmp_path: Path, name: str) -> None:
    os.mkfifo(tmp_path / "pipe")
    done = run(str(tmp_path / name))
    assert (done.exit_code, "it is a pipe or a device, and not a file" in done.output) == (2, True)


def test_json_has_counts_and_no_rows_even_where_rows_are_asked_for(tmp_path: Path) -> None:
    file = write(tmp_path / "bad.jsonl", [row(0), {"contents": [], "secret": 4711}])
    done = run(file, "--json", "--show-rows")
    report = json.loads(done.stdout)
    assert done.exit_code == 1
    assert report["counts"] == {"few-examples": 1, "no-turns": 1, "unknown-key": 1}
    assert "4711" not in done.output
    assert "4711" not in run(file).output
    assert "4711" in run(file, "--show-rows").output


def test_a_validation_file_is_held_against_the_training_file(good: str, tmp_path: Path) -> None:
    second = write(tmp_path / "validation.jsonl", [row(7)])
    done = run(good, "--validation", second)
    assert "the row is in the training file too (line 8)" in done.output
    assert done.output.endswith("0 errors, 1 warning.\n")


def test_warnings_alone_exit_0_but_under_strict(good: str, tmp_path: Path) -> None:
    few = write(tmp_path / "few.jsonl", [row(0)])
    assert (run(few).exit_code, run(few, "--json").exit_code) == (0, 0)
    assert (run(few, "--strict").exit_code, run(few, "--strict", "--json").exit_code) == (1, 1)
    assert (run(good, "--strict").exit_code, run("none.jsonl", "--strict").exit_code) == (0, 2)


def test_the_first_twenty_are_shown_and_the_rest_counted_by_kind(tmp_path: Path) -> None:
    question, answer = row(1)["contents"]
    strangers = [{"contents": [{**question, "role": f"r{index}"}, answer]} for index in range(30)]
    rows = strangers + [{"contents": [question]}] * 7 + [row(2)] * 100
    done = run(write(tmp_path / "bad.jsonl", rows))
    assert done.output.count("the role is r") == 20
    assert "and 116 more: duplicate 99, last-turn 7, unknown-role 10\n" in done.output
    assert " an epoch, not counting 37 rows with errors. Name" in done.output
    assert done.output.endswith("37 errors, 100 warnings.\n")


def test_one_cause_in_many_lines_is_one_line_with_their_number(tmp_path: Path) -> None:
    done = run(write(tmp_path / "bad.jsonl", [{"contents": []}] * 30 + [row(index) for index in range(100)]))
    assert done.output.count("there are no turns") == 1
    assert ":1: contents: there are no turns (and so in 29 other lines). Give at least" in done.output
    assert " more: " not in done.output
    assert done.output.endswith("30 errors, 0 warnings.\n")


def test_of_a_file_that_gives_nothing_nothing_is_estimated(tmp_path: Path) -> None:
    assert "Training reads" not in run(write(tmp_path / "bad.jsonl", [{"contents": []}])).output
    assert run("none.jsonl").output.startswith("error none.jsonl: the file cannot be read")


def test_files_are_said_to_be_missing_from_the_estimate(tmp_path: Path) -> None:
    rows = [row(index) for index in range(100)]
    for each in rows[:2]:
        each["contents"][0]["parts"].append({"fileData": {"mimeType": "image/png", "fileUri": "gs://shop/a.png"}})
    rows[2]["contents"][0]["parts"].append({"fileData": {"mimeType": "audio/mp3", "fileUri": "gs://shop/a.mp3"}})
    file = write(tmp_path / "t.jsonl", rows)
    rows[3]["contents"][0]["parts"].append({"fileData": {"mimeType": "video/mp4", "fileUri": "gs://shop/a.mp4"}})
    file = write(tmp_path / "t.jsonl", rows)
    said = run(file).output
    assert ", estimated from the text, with 2 images) an epoch, not counting 1 recording and 1 video. Name" in said
    assert "not counting" not in run(file, "--tokens", "9000").output
    missing = [
        json.loads(run(file, "--json", "--model", "gemini-2.5-flash", *counted).stdout)["cost"]["files_not_counted"]
        for counted in ((), ("--tokens", "9000"))
    ]
    assert missing == [2, 0]


@pytest.mark.parametrize(("mime", "about"), [("video/mp4", "at least "), ("image/png", "about ")])
def test_the_number_of_tokens_and_its_price_are_in_the_range_whatever_files_there_are(
    tmp_path: Path, mime: str, about: str
) -> None:
    rows = [row(index) for index in range(100)]
    for each in rows:
        each["contents"][0]["parts"].append({"fileData": {"mimeType": mime, "fileUri": "gs://shop/a.x"}})
    done = run(write(tmp_path / "t.jsonl", rows), "--model", "gemini-3.1-flash-lite")
    said = re.search(rf"Training reads {about}([\d,]+) tokens \(([\d,]+) to ([\d,]+),", done.output)
    assert said, done.output
    count, least, most = (int(each.replace(",", "")) for each in said.groups())
    assert least <= count <= most
    assert f": {'at least ' if about == 'at least ' else ''}${count * 3 / 1e6:,.2f} at $3 a million" in done.output
    as_json = run(str(tmp_path / "t.jsonl"), "--model", "gemini-3.1-flash-lite", "--json")
    cost = json.loads(as_json.stdout)["cost"]
    assert [cost[f"tokens{end}"] for end in ("", "_at_least", "_at_most")] == [count, least, most]
    assert [cost[f"usd{end}"] for end in ("", "_at_least", "_at_most")] == pytest.approx(
        [number * 3 / 1e6 for number in (count, least, most)]
    )


def test_the_question_of_a_preference_pair_is_said_to_count_twice(tmp_path: Path) -> None:
    said = [{"score": score, "completion": row(score)["contents"][1]} for score in (1, 0)]
    file = write(tmp_path / "t.jsonl", [{"contents": row(1)["contents"][:1], "completions": said}])
    assert ", estimated from the text, those of questions twice) an epoch" in run(file).output


def test_the_price_is_the_catalogues_and_an_unknown_one_is_said(good: str, tmp_path: Path) -> None:
    priced = run(good, "--model", "gemini-2.5-flash", "--tokens", "2000000", "--epochs", "3").output
    assert (
        "2,000,000 tokens (as counted) an epoch; 3 epochs on gemini-2.5-flash: $30.00 at $5 a million tokens" in priced
    )
    assert "The price of gemini-3.5-flash-lite is not known." in run(good, "--model", "gemini-3.5-flash-lite").output


def test_labels_are_shown_as_shares(tmp_path: Path) -> None:
    rows = [row(index) for index in range(100)]
    for index, each in enumerate(rows):
        each["contents"][1]["parts"][0]["text"] = "bad" if index % 4 else "good"
    done = run(write(tmp_path / "t.jsonl", rows))
    assert "2 different answers, probably labels: 75 %, 25 %" in done.output
    assert "probably labels: bad 75 %, good 25 %" in run(str(tmp_path / "t.jsonl"), "--show-rows").output


def test_a_row_that_is_shown_does_not_change_the_terminal(tmp_path: Path) -> None:
    file = tmp_path / "t.jsonl"
    file.write_bytes(b'{"contents": "\x1b[2J\x07"\n')
    shown = run(str(file), "--show-rows").output
    assert '{"contents": "\N{REPLACEMENT CHARACTER}[2J\N{REPLACEMENT CHARACTER}"\n' in shown


def test_a_big_file_has_a_bar_on_stderr(good: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(validate_command, "_BIG", 10)
    monkeypatch.setenv("FORCE_COLOR", "1")
    done = run(good)
    assert "reading" in done.stderr
    assert "reading" not in done.stdout


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    with SandboxServer() as running:
        running.make_bucket("shop-data")
        yield running


def test_an_object_in_a_bucket_is_judged_as_a_file_is(
    server: SandboxServer, good: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in server.env.items():
        monkeypatch.setenv(name, value)
    url = f"{server.url}/upload/storage/v1/b/shop-data/o?uploadType=media&name=train.jsonl"
    assert requests.post(url, data=Path(good).read_bytes(), timeout=30).ok
    done = run("gs://shop-data/train.jsonl", "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["training"]["sha256"] == json.loads(run(good, "--json").stdout)["training"]["sha256"]
    missing = run("gs://shop-data/none.jsonl")
    assert missing.exit_code == 2
    assert "Traceback" not in missing.output


def test_a_read_that_breaks_off_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    content = Reply(b"x" * 1000, headers={"x-goog-generation": "1"}, cut=10)
    with serving(lambda _request: content) as google:
        monkeypatch.setenv("GCP_TUNING_BASE_URL", google.url)
        monkeypatch.setenv("GCP_TUNING_ACCESS_TOKEN", "t")
        done = run("gs://shop-data/train.jsonl")
    assert done.exit_code == 2
    assert "the connection broke repeatedly" in done.output


def test_an_object_that_is_not_there_is_named_as_it_was_given(
    server: SandboxServer, good: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in server.env.items():
        monkeypatch.setenv(name, value)
    for arguments in (("gs://shop-data/none.jsonl",), (good, "--validation", "gs://shop-data/none.jsonl")):
        done = run(*arguments)
        assert done.exit_code == 2
        assert (
            done.output == "gcp-tuning: The object gs://shop-data/none.jsonl does not exist, or its bucket does not.\n"
        )


def test_json_has_the_cost_where_a_model_is_named(good: str) -> None:
    cost = json.loads(
        run(good, "--json", "--model", "gemini-2.5-flash", "--tokens", "2000000", "--epochs", "3").stdout
    )["cost"]
    assert (cost["usd"], cost["tokens"], cost["epochs"]) == (30.0, 2_000_000, 3)
    unknown = json.loads(run(good, "--json", "--model", "gemini-3.5-flash-lite").stdout)["cost"]
    assert (unknown["usd"], unknown["as_of"]) == (None, None)
    assert "cost" not in json.loads(run(good, "--json").stdout)


def test_no_bar_is_drawn_where_nobody_looks(good: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(validate_command, "_BIG", 10)
    assert run(good).stderr == ""


def test_google_counts_the_tokens_of_the_rows_on_request(good: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with SandboxServer() as sandbox:
        for name, value in sandbox.env.items():
            monkeypatch.setenv(name, value)
        done = run(good, *COUNTED[1:])
        assert done.exit_code == 0
        said = re.search(r"Training reads (\d+) tokens \(counted by Google\) an epoch; 1 epoch on gemini-", done.output)
        assert said is not None
        assert 400 < int(said[1]) < 600
        assert [each["path"].rpartition(":")[2] for each in sandbox.requests()] == ["countTokens"]


def test_files_are_not_among_the_tokens_that_google_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [row(index) for index in range(100)]
    rows[0]["contents"][0]["parts"].append({"fileData": {"mimeType": "image/png", "fileUri": "gs://shop/a.png"}})
    with SandboxServer() as sandbox:
        for name, value in sandbox.env.items():
            monkeypatch.setenv(name, value)
        done = run(write(tmp_path / "t.jsonl", rows), *COUNTED[1:], "--json")
    document = json.loads(done.output)
    assert document["training"]["tokens"]["source"] == "text"
    assert document["cost"]["files_not_counted"] == 0
    assert document["cost"]["tokens"] == document["training"]["tokens"]["count"] + 1120


def test_rows_that_are_wrong_are_not_sent_to_be_counted(tmp_path: Path) -> None:
    done = run(write(tmp_path / "t.jsonl", [*(row(index) for index in range(100)), {"contents": []}]), *COUNTED[1:])
    assert done.exit_code == 1
    assert "were not counted: it has errors" in done.output


def test_a_day_that_is_none_is_refused_as_the_catalogue_refuses_it(good: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GCP_TUNING_AS_OF", "nonsense")
    done = run(good)
    assert done.exit_code == 2
    assert "GCP_TUNING_AS_OF: 'nonsense' is not a date like 2026-11-21" in done.output


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (
            [
                {"contents": [{"role": r, "parts": [{"text": f"{r} {n}"}]} for r in ("user", "assistant")]}
                for n in range(100)
            ],
            "GenerateContent of an open model of user and assistant, which tune",
        ),
        (
            [{"messages": [{"role": r, "content": f"{r} {n}"} for r in ("user", "assistant")]} for n in range(100)],
            "messages of an open model of user and assistant, which tune",
        ),
        (
            [{"text_input": f"{n}", "output": f"{n + 1}"} for n in range(100)],
            "Gemini API text_input and output, which no model that can be tuned on",
        ),
    ],
    ids=["contents of an assistant", "OpenAI's messages", "AI Studio's pairs"],
)
def test_rows_of_another_form_say_what_they_tune_and_how_gemini_takes_them(
    tmp_path: Path, rows: list[Any], said: str
) -> None:
    done = run(write(tmp_path / "other.jsonl", rows))
    assert said in done.output
    assert 'For a Gemini model write each row like this: {"contents": [{"role": "user"' in done.output


def test_a_named_model_says_itself_what_it_takes(tmp_path: Path) -> None:
    rows = [{"messages": [{"role": r, "content": f"{r} {n}"} for r in ("user", "assistant")]} for n in range(100)]
    done = run(write(tmp_path / "other.jsonl", rows), "--model", "meta/llama3_1@llama-3.1-8b")
    assert "which tune" not in done.output


def test_videos_are_called_videos(tmp_path: Path) -> None:
    clip = {"fileData": {"mimeType": "video/mp4", "fileUri": "gs://shop/a.mp4"}}
    rows = [row(index) for index in range(100)]
    rows[0]["contents"][0]["parts"].append(clip)
    assert "not counting 1 video\n" in run(write(tmp_path / "clip.jsonl", rows)).output.replace(". Name", "\n")
