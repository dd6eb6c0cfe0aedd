"""``gcp-tuning catalog``: tables, JSON, the day that is played, and errors in a sentence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from pulumi_gcp_tuning import catalog
from pulumi_gcp_tuning.catalog import Catalogue
from pulumi_gcp_tuning.cli.catalog import app
from pulumi_gcp_tuning.errors import Refused

RUNNER = CliRunner()


@pytest.fixture(autouse=True)
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GCP_TUNING_CATALOG", "COLUMNS", "GCP_TUNING_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GCP_TUNING_AS_OF", "2026-11-21")


def run(*arguments: str) -> str:
    result = RUNNER.invoke(app, arguments)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.output


def answer(*arguments: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(run(*arguments, "--json"))
    return read


def ids(read: dict[str, Any], table: str) -> list[str]:
    return [row["id"] for row in read[table]]


def test_the_table_of_models_holds_what_can_be_tuned_on_the_day() -> None:
    text = run("models")
    assert "Models as of 2026-11-21" in text
    assert "gemini-3.5-flash" in text
    assert "europe-west4 (result in eu)" in text
    assert "gemini-2.0-flash-001" not in text
    assert "gemini-3.8-flash" not in text
    assert "--all" in text


@pytest.mark.parametrize("table", ["models", "regions", "quotas"])
def test_a_pipe_gets_lines_of_at_most_100_columns(table: str) -> None:
    rows = run(table, *(["--all"] if table == "models" else [])).splitlines()
    assert any(line.startswith("  ") for line in rows)
    assert [line for line in rows if len(line) > 100] == []


def test_a_line_of_a_paragraph_ends_where_a_column_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    lines = run("models", "--region", "us-central1").splitlines()
    at = lines.index("gemini-3.1-flash-lite")
    assert lines[at + 1 : at + 4] == [
        "  methods: SUPERVISED, CONTINUOUS; regions: us-central1, result in us; adapters: 1, 2, 4, 8, 16;",
        "  CMEK: no; stage: GA, SUPERVISED tuning PREVIEW;",
        "  tuned until: 2027-04-07 or later, retires 2027-05-07 or later; USD / 1M training tokens: 3.00;",
    ]


def test_a_narrow_terminal_gets_a_paragraph_a_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    lines = run("models").splitlines()
    assert "gemini-3.5-flash" in [line.strip() for line in lines]
    assert any(line.startswith("  methods: SUPERVISED, CONTINUOUS") for line in lines)
    assert max(map(len, lines)) <= 80


def test_every_date_is_explained_below_the_table() -> None:
    notes = run("models").splitlines()
    assert "tuned until: the last day on which a new job is taken." in notes
    assert "retires: tuned models and their base answer nobody from that day on." in notes
    assert "or later: Google may still move the day back; a day that has passed only warns." in notes
    assert any(line.startswith("by every project: since 2026-10-20 only projects that called") for line in notes)


@pytest.mark.parametrize(("table", "said"), [("models", True), ("regions", False)])
def test_the_quota_of_a_tuned_models_answers_is_said_beside_their_price(table: str, said: bool) -> None:  # noqa: FBT001
    text = " ".join(run(table).split())
    assert ("what answers of the tuned model cost; they count towards its base model's quota" in text) is said


def test_a_model_that_is_closed_to_new_projects_says_by_whom_it_could_be_tuned_until_when() -> None:
    text = run("models", "--region", "us-central1")
    assert "tuned until: 2026-09-20 (by every project), retires 2027-01-28" in text
    assert "retires 2027-08-06 (?)" in run("models", "--region", "asia-northeast3")


def test_without_a_region_the_days_of_single_regions_are_named() -> None:
    text = " ".join(run("models").split())
    assert "retires 2027-01-28, 2027-08-06 in asia-northeast3, southamerica-east1, europe-west9 (?)" in text
    assert "2027-08-06" not in run("models", "--region", "us-central1")


def test_the_price_of_a_tuned_models_answers_is_shown() -> None:
    text = run("models", "--region", "us-central1")
    assert "USD / 1M tokens in, out: 2.25, 13.50" in text
    assert "USD / 1M tokens in, out: 1.5 x the base model's" in text


def test_another_day_has_other_models() -> None:
    assert "gemini-1.5-pro-002" in ids(answer("models", "--as-of", "2025-03-01"), "models")
    assert "gemini-3.5-flash" not in ids(answer("models", "--as-of", "2025-03-01"), "models")


def test_a_region_narrows_the_models() -> None:
    read = answer("models", "--region", "asia-east1", "--as-of", "2026-06-01")
    assert ids(read, "models") == ["gemini-2.5-pro", "gemini-2.5-flash", "gemini-2.5-flash-lite"]


def test_where_nothing_can_be_tuned_the_command_says_so() -> None:
    assert "No model of the catalogue can be tuned in africa-south1 on 2026-11-21." in run(
        "models", "--region", "africa-south1"
    )


def test_where_only_results_appear_the_command_says_from_where() -> None:
    said = "No model of the catalogue can be tuned in eu on 2026-11-21. Results of jobs in europe-west4 appear there."
    assert run("models", "--region", "eu").strip() == said


def test_a_method_that_some_regions_lack_is_shown_where_it_is_offered() -> None:
    assert "REINFORCEMENT" in run("models", "--region", "us-central1")
    assert "REINFORCEMENT" not in run("models", "--region", "europe-west4")
    assert "REINFORCEMENT (us-central1" in run("models")


def test_no_model_takes_a_key_at_global() -> None:
    assert "no (?)" not in run("models", "--region", "global")
    assert "yes (?)" in run("models", "--region", "us-west1")


def test_all_models_come_with_whether_they_are_tunable_on_the_day() -> None:
    read = answer("models", "--all")
    assert ids(read, "models") == list(catalog.shipped().models)
    assert read["applied"]["gemini-3.5-flash"] == {"tunable": True, "standing": "OPEN"}
    assert read["applied"]["gemini-2.5-pro"] == {"tunable": False, "standing": "ACTIVE_ONLY"}
    assert read["applied"]["gemini-1.5-pro-002"] == {"tunable": False, "standing": "RETIRED"}
    assert read["applied"]["deepseek-ai/deepseek-v3.2-maas"]["tunable"] is False
    assert read["as_of"] == "2026-11-21"


def test_marks_tell_what_is_assumed_soon_over_and_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "300")
    text = run("models", "--all", "--as-of", "2026-08-20")
    lines = {line.split("│")[1].strip(): line for line in text.splitlines() if line.startswith("│")}
    assert "2026-09-20 (soon)" in lines["gemini-2.5-pro"]
    assert "2025-08-24 (over)" in lines["gemini-1.5-pro-002"]
    assert "1.00 (?)" in lines["gemini-2.0-flash-lite-001"]
    assert "unknown" in lines["gemini-3.5-flash-lite"]
    assert "(?) assumed" in text


@pytest.mark.parametrize("table", ["models", "regions", "quotas"])
def test_what_json_prints_is_an_override_that_changes_nothing(table: str, tmp_path: Path) -> None:
    file = tmp_path / "mine.json"
    file.write_text(run(table, "--json", *(["--all"] if table == "models" else [])), encoding="utf-8")
    known, shipped = Catalogue.load(file), catalog.shipped()
    assert getattr(known, table) == getattr(shipped, table)


def test_the_users_file_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "mine.json"
    file.write_text(json.dumps({"models": [{"id": "gemini-2.5-pro", "last_tuning": None, "retired": None}]}))
    monkeypatch.setenv("GCP_TUNING_CATALOG", str(file))
    assert "gemini-2.5-pro" in ids(answer("models"), "models")


def test_regions_tell_what_they_offer_and_where_pipelines_compute() -> None:
    read = answer("regions", "--region", "us-central1")
    assert read["applied"]["us-central1"]["products"] == ["GEMINI", "OPEN", "PIPELINE"]
    assert "gemini-3.5-flash" in read["applied"]["us-central1"]["models"]
    text = run("regions")
    assert "aiplatform.us.rep.googleapis.com" in text
    assert "TPU: 64 cores of a TPU v3 pod in europe-west4, no CMEK." in text


def test_quotas_come_with_metric_default_and_multiples() -> None:
    rows = {row["id"]: row for row in answer("quotas")["quotas"]}
    assert rows["concurrent-oss-tuning-jobs"]["metric"] is None
    assert rows["a100-80gb-training-gpus"]["multiple_of"] == 8
    text = run("quotas")
    assert "Global concurrent tuning jobs" in text
    assert "not known" in text


def test_a_region_narrows_the_quotas_to_those_that_count_there() -> None:
    there = ids(answer("quotas", "--region", "europe-west4"), "quotas")
    assert "tpu-v3-pod-cores" in there
    assert "a100-80gb-training-gpus" not in there
    assert "concurrent-tuning-jobs" in there


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["models", "--as-of", "yesterday"], "--as-of: 'yesterday' is not a date like 2026-11-21."),
        (["models", "--region", "us-centra1"], "The region 'us-centra1' does not exist. Did you mean us-central1?"),
        (["quotas", "--region", "zzz"], "gcp-tuning catalog regions lists them."),
    ],
)
def test_a_wrong_argument_is_a_sentence_with_the_way_out(arguments: list[str], said: str) -> None:
    with pytest.raises(Refused) as refused:
        run(*arguments)
    assert said in str(refused.value)


def test_an_unreadable_catalogue_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GCP_TUNING_CATALOG", "nowhere.json")
    with pytest.raises(Refused, match=r"The catalogue nowhere\.json cannot be read"):
        run("models")


def test_an_unknown_option_ends_with_the_code_of_a_wrong_call() -> None:
    assert RUNNER.invoke(app, ["models", "--regoin", "x"]).exit_code == 2


def test_the_table_tells_defaults_retirement_units_and_where_pipelines_upload() -> None:
    old = run("models", "--as-of", "2025-01-15")
    assert "1, 4 (default)" in old
    assert "2025-08-24, retires" in old
    assert "rows are of 2026-09-25" in old
    assert "1/{project}/{region}" in run("quotas")
    assert "PIPELINE models are uploaded to one of: us-central1, europe-west4, asia-southeast1," in run("regions")


def test_what_is_assumed_of_todays_models_is_marked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "300")
    text = run("models", "--region", "us-central1")
    (line,) = (line for line in text.splitlines() if "gemini-3.5-flash-lite" in line)
    assert "us-central1 (?), result in us" in line
    assert "no (?)" in line
