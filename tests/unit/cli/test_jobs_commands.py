"""``gcp-tuning jobs``, ``models``, ``watch`` and ``ask --file`` before a Google made by hand."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
import typer
from typer.testing import CliRunner, Result

from pulumi_gcp_tuning.cli import watch
from pulumi_gcp_tuning.cli.ask import read_questions
from pulumi_gcp_tuning.cli.entry import app
from pulumi_gcp_tuning.commands import Sight, watch_jobs
from pulumi_gcp_tuning.commands.connection import Connection
from pulumi_gcp_tuning.errors import Refused
from support.audited_cloud import OTHER_SPEC, Cloud
from support.fake_pulumi import FakePulumi
from support.hand_made_google import settings


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Cloud:
    made = Cloud()
    monkeypatch.setattr("pulumi_gcp_tuning.commands.connection.google_of", lambda _settings: made.google)
    monkeypatch.setattr("pulumi_gcp_tuning.commands.connection.SystemClock", lambda: made.desk.clock)
    monkeypatch.setenv("GCP_TUNING_BASE_URL", "http://127.0.0.1:8085")
    monkeypatch.setenv("GOOGLE_PROJECT", "shop-dev")
    return made


def run(*arguments: str, text: str | None = None) -> Result:
    return CliRunner().invoke(app, arguments, input=text)


def test_a_list_fits_the_terminal_and_has_each_name_in_full(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    name = cloud.job().id
    cloud.google.jobs[name]["tunedModelDisplayName"] = "A name of a model that is too long for one column " * 2
    assert "for one column" in run("jobs", "list").stdout  # a pipe has no edge
    monkeypatch.setenv("COLUMNS", "100")
    done = run("jobs", "list")
    lines = done.stdout.splitlines()
    assert done.exit_code == 0
    assert max(len(line) for line in lines) <= 100
    assert f"  {name}" in lines
    assert lines[1].startswith("PENDING")
    assert "…" in lines[1]


def test_a_display_name_cannot_command_the_terminal(cloud: Cloud) -> None:
    job = cloud.job()
    cloud.google.jobs[job.id]["tunedModelDisplayName"] = "a\x1b[2Jb\nc"
    assert "a [2Jb c" in run("jobs", "list").stdout


def test_the_region_of_the_environment_is_listed_unless_all_are_asked_for(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOOGLE_REGION", "us-central1")
    assert run("jobs", "list").stdout.endswith(
        "0 jobs in projects/shop-dev/locations/us-central1 and the Gemini API.\n"
    )
    assert "0 jobs in 30 regions and the Gemini API." in run("jobs", "list", "--all-regions").stdout


def test_without_a_project_the_current_stack_says_where_to_list(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("GOOGLE_PROJECT")
    job = cloud.job()
    cloud.keep("TuningJob", job)
    cli = FakePulumi(tmp_path, "no such stack")
    cli.answers["export"] = {"version": 3, "deployment": {"resources": cloud.resources}}
    (tmp_path / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")
    done = run("jobs", "list", "--cwd", str(tmp_path), "--pulumi", cli.write())
    assert "TuningJob bot of shop/dev" in done.stdout
    assert done.stdout.endswith("1 job in projects/shop-dev/locations/us-central1 and the Gemini API.\n")
    found = run("models", "list", "--cwd", str(tmp_path), "--pulumi", cli.write())
    assert found.stdout == "0 models in 2 locations and the Gemini API.\n"


def test_a_tuned_model_of_the_gemini_api_is_deleted_in_place_of_cancelled_and_the_question_says_so(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pulumi_gcp_tuning.cli.jobs.is_terminal", lambda: True)
    cloud.google.tuned_models.create("mine", {"baseModel": "models/gemini-1.5-flash-001-tuning"})
    asked = run("jobs", "cancel", "tunedModels/mine", text="n\n")
    assert "The Gemini API has no cancel. Delete the tuned model of the Gemini API tunedModels/mine" in asked.stderr
    done = run("jobs", "cancel", "tunedModels/mine", "--yes")
    assert done.stdout == "A cancel was requested; the tuned model of the Gemini API is DELETED.\n"


def test_json_of_a_list_is_the_only_thing_on_stdout(cloud: Cloud) -> None:
    name = cloud.job().id
    document = json.loads(run("jobs", "list", "--json").stdout)
    assert ([each["name"] for each in document["jobs"]], document["complete"]) == ([name], True)


def test_a_job_is_shown_line_by_line(cloud: Cloud) -> None:
    job = cloud.trained()
    lines = dict(line.split("  ", 1) for line in run("jobs", "get", job.id).stdout.splitlines())
    assert lines["tuning job"].strip() == job.id
    assert lines["model"].strip() == cloud.google.jobs[job.id]["tunedModel"]["model"]


def test_a_cancel_without_a_terminal_needs_yes(cloud: Cloud) -> None:
    job = cloud.job().id
    refused = run("jobs", "cancel", job)
    assert "--yes is needed" in str(refused.exception)
    done = run("jobs", "cancel", job, "--yes")
    assert done.stdout == "A cancel was requested; the tuning job is CANCELLED.\n"


@pytest.mark.parametrize(("typed", "code", "state"), [("y", 0, "CANCELLED"), ("n", 1, "PENDING")])
def test_on_a_terminal_a_cancel_asks(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, typed: str, code: int, state: str
) -> None:
    monkeypatch.setattr("pulumi_gcp_tuning.cli.jobs.is_terminal", lambda: True)
    job = cloud.job().id
    assert run("jobs", "cancel", job, text=f"{typed}\n").exit_code == code
    assert cloud.google.jobs[job]["state"] == f"JOB_STATE_{state}"


def test_the_stack_gives_its_jobs_the_names_of_its_resources(cloud: Cloud, tmp_path: Path) -> None:
    job = cloud.job()
    cloud.keep("TuningJob", job)
    cli = FakePulumi(tmp_path, "no such stack")
    cli.answers["export"] = {"version": 3, "deployment": {"resources": cloud.resources}}
    done = run("jobs", "list", "--stack", "dev", "--pulumi", cli.write())
    assert "TuningJob bot of shop/dev" in done.stdout


def test_a_job_is_shown_with_its_weights_and_the_way_to_its_owner(cloud: Cloud) -> None:
    name = cloud.trained().id
    assert "weights" not in run("jobs", "get", name).stdout
    cloud.google.jobs[name]["outputUri"] = "gs://shop-data/out/"
    said = run("jobs", "get", name).stdout
    assert "gs://shop-data/out/postprocess/node-0/checkpoints/final\n" in said
    assert " (--stack STACK names it)\n" in said


def test_a_model_is_shown_with_python_and_curl_that_ask_it(cloud: Cloud) -> None:
    name = cloud.model_of(cloud.trained())
    said = run("models", "get", name).stdout
    assert "client = genai.Client(vertexai=True" in said
    assert "curl -X POST 'http://127.0.0.1:8085/v1/projects/" in said


def test_models_are_listed_with_their_endpoints(cloud: Cloud) -> None:
    name = cloud.model_of(cloud.trained())
    lines = run("models", "list", "--region", "us-central1").stdout.splitlines()
    endpoint = cloud.google.models[name]["deployedModels"][0]["endpoint"]
    assert {f"  {name}", f"  {endpoint}", "1 model in 2 locations."} <= set(lines)


def test_a_watch_of_named_jobs_ends_with_1_if_one_failed(cloud: Cloud) -> None:
    failed = cloud.job().id
    cloud.google.fail(failed)
    done = run("watch", failed)
    assert done.exit_code == 1
    assert f"({failed}): FAILED\n" in done.stdout
    assert "1 job ended without a model." in done.stderr


def test_a_change_is_one_line_and_no_change_is_none(cloud: Cloud, capsys: pytest.CaptureFixture[str]) -> None:
    first, second = _sight(1), _sight(2)
    watch.follow(iter([(first,), (first,), (second,)]))
    assert capsys.readouterr().out.splitlines() == [
        "7 (projects/p/7): not read yet, step 1/9",
        "7 (projects/p/7): not read yet, step 2/9",
    ]


def test_an_interrupted_watch_says_that_the_jobs_go_on(capsys: pytest.CaptureFixture[str]) -> None:
    def rounds() -> Iterator[tuple[Sight, ...]]:
        yield (_sight(1),)
        raise KeyboardInterrupt

    with pytest.raises(typer.Exit) as ended:
        watch.follow(rounds())
    assert ended.value.exit_code == watch.INTERRUPTED
    assert "Stopped watching. 1 job goes on; `gcp-tuning jobs cancel JOB` cancels one." in capsys.readouterr().err


def test_the_watch_of_a_stack_follows_its_jobs_that_have_not_ended(cloud: Cloud, tmp_path: Path) -> None:
    ended = cloud.trained()
    cloud.keep("TuningJob", ended, name="old")
    cloud.resources[-1]["outputs"] = {**ended.outputs, "state": "JOB_STATE_SUCCEEDED"}
    running = cloud.job(**OTHER_SPEC)
    cloud.keep("TuningJob", running)
    cli = FakePulumi(tmp_path, "no such stack")
    cli.answers["export"] = {"version": 3, "deployment": {"resources": cloud.resources}}
    names, _ = watch.jobs_meant(["dev"], None, cli.write())
    assert names == [running.id]


def test_the_live_table_has_a_bar_and_fits_the_terminal() -> None:
    from rich.console import Console

    console = Console(width=60, file=sys.stdout)
    with console.capture() as shown:
        console.print(watch.table_of([_sight(3, problem="x" * 200)], 60))
    (line,) = shown.get().splitlines()
    assert len(line) <= 60
    assert line.count("█") == round(20 / 3)


@pytest.mark.parametrize(("width", "bar"), [(120, 20), (90, 10), (84, 5), (80, 0)])
def test_the_bar_leaves_room_for_the_words(width: int, bar: int) -> None:
    from rich.console import Console

    console = Console(width=width, file=sys.stdout)
    sight = Sight(name="projects/p/1234567890", step=45, steps=90, epoch=1, epochs=5, loss=0.001401, seconds_left=420.0)
    with console.capture() as shown:
        console.print(watch.table_of([sight], width))
    (line,) = shown.get().splitlines()
    assert line.rstrip().endswith("not read yet, epoch 1/5, step 45/90, loss 0.001401, 7 min left")
    assert line.count("█") + line.count("░") == bar


def test_jobs_of_one_title_have_the_end_of_their_ids(cloud: Cloud) -> None:
    from rich.console import Console

    first, second = cloud.trained().id, cloud.trained(**OTHER_SPEC).id
    for job in (first, second):
        cloud.google.jobs[job]["tunedModelDisplayName"] = "bot"
    connection = Connection(settings(), cast("Any", cloud.google), cloud.desk.clock)
    console = Console(width=100)
    with console.capture() as shown:
        console.print(watch.table_of(next(watch_jobs([first, second], connection=connection)), 100))
    ids = [job[-6:] for job in (first, second)]
    assert [line.split("  ")[0] for line in shown.get().splitlines()] == [f"bot …{each}" for each in ids]


def _sight(step: int, **more: Any) -> Sight:
    return Sight(name="projects/p/7", step=step, steps=9, **more)


def test_questions_are_lines_of_text_or_of_json(tmp_path: Path) -> None:
    file = tmp_path / "questions"
    file.write_text('Where is it?\n\n{"question": "Why\\u2028so?"}\n"quoted"\r\n"Hi" she said\n{"prompt": "p"}\n')
    assert list(read_questions(file)) == ["Where is it?", "Why\u2028so?", "quoted", '"Hi" she said', "p"]


@pytest.mark.parametrize(
    ("content", "said"),
    [('a\n{"q": 1}\n', "line 2 has no question"), ("{broken\n", "line 1 begins like JSON but is not JSON")],
)
def test_a_line_that_is_no_question_is_named_before_anything_is_asked(tmp_path: Path, content: str, said: str) -> None:
    file = tmp_path / "questions"
    file.write_text(content)
    with pytest.raises(Refused, match=said):
        read_questions(file)


def test_a_question_without_an_answer_is_a_line_and_exit_code_1(
    cloud: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pulumi_gcp_tuning.commands.asking import Answer

    monkeypatch.setattr(
        "pulumi_gcp_tuning.commands.asking.ask_questions",
        lambda _target, questions, **_options: iter([Answer(each, error="no") for each in questions]),
    )
    file = tmp_path / "questions"
    file.write_text("a\nb\n")
    done = run("ask", "projects/p/locations/us/endpoints/5", "--file", str(file))
    assert done.exit_code == 1
    assert [json.loads(line) for line in done.stdout.splitlines()] == [
        {"question": "a", "error": "no"},
        {"question": "b", "error": "no"},
    ]
    assert "2 of 2 questions have no answer." in done.stderr
