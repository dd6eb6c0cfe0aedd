"""The sandbox that ships for users' own tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path

import pytest

from sandbox.data.tickets import tickets, to_jsonl
from tuning_sandbox.testing import Sandbox, SandboxError

PLACE = "/v1/projects/my-project/locations/us-central1"


def upload(sandbox: Sandbox) -> str:
    sandbox.call("POST", "/storage/v1/b?project=my-project", {"name": "my-data", "location": "US-CENTRAL1"})
    rows = to_jsonl(tickets(60, 1)).decode()
    connection = HTTPConnection(sandbox.url.removeprefix("http://"))
    connection.request("POST", "/upload/storage/v1/b/my-data/o?uploadType=media&name=train.jsonl", rows)
    assert connection.getresponse().status == 200
    connection.close()
    return "gs://my-data/train.jsonl"


def test_a_job_stands_still_until_the_test_advances_the_clock() -> None:
    with Sandbox(as_of="2026-11-21") as sandbox:
        body = {"baseModel": "gemini-3.5-flash", "supervisedTuningSpec": {"trainingDatasetUri": upload(sandbox)}}
        name = sandbox.call("POST", f"{PLACE}/tuningJobs", body)["name"]
        assert sandbox.call("GET", f"/v1/{name}")["state"] == "JOB_STATE_PENDING"
        assert sandbox.advance(minutes=1) == datetime(2026, 11, 21, 0, 1, tzinfo=UTC)
        assert sandbox.call("GET", f"/v1/{name}")["state"] == "JOB_STATE_RUNNING"
        sandbox.advance(hours=2)
        assert sandbox.call("GET", f"/v1/{name}")["state"] == "JOB_STATE_SUCCEEDED"


def test_a_reset_forgets_everything_and_sets_the_clock_back() -> None:
    with Sandbox(as_of="2026-11-21") as sandbox:
        upload(sandbox)
        sandbox.advance(days=3, seconds=1)
        assert sandbox.now == datetime(2026, 11, 24, 0, 0, 1, tzinfo=UTC)
        sandbox.reset()
        assert sandbox.now == datetime(2026, 11, 21, tzinfo=UTC)
        with pytest.raises(SandboxError, match="404"):
            sandbox.call("GET", "/storage/v1/b/my-data")


def test_what_is_refused_is_an_error_with_googles_words() -> None:
    with Sandbox() as sandbox:
        with pytest.raises(SandboxError) as caught:
            sandbox.call("POST", f"{PLACE}/tuningJobs", {"baseModel": "nothing"})
        assert (caught.value.code, caught.value.status) == (404, "NOT_FOUND")
        assert "Publisher Model" in caught.value.message
        with pytest.raises(SandboxError, match="GET /nowhere is not a path of the sandbox"):
            sandbox.call("GET", "/nowhere")


def test_its_environment_points_the_provider_at_it_on_its_day() -> None:
    with Sandbox(as_of="2024-06-03") as sandbox:
        assert sandbox.environment["GCP_TUNING_BASE_URL"] == sandbox.url
        assert sandbox.environment["GCP_TUNING_AS_OF"] == "2024-06-03"


def test_it_answers_inside_its_block_only() -> None:
    sandbox = Sandbox()
    with pytest.raises(RuntimeError, match="inside its `with` block only"):
        _ = sandbox.url
    with sandbox:
        url = sandbox.url
    with pytest.raises(OSError, match="refused"):
        HTTPConnection(url.removeprefix("http://")).request("GET", "/_sandbox/health")
    with pytest.raises(RuntimeError):
        _ = sandbox.url


def test_two_of_them_have_nothing_in_common() -> None:
    with Sandbox(as_of="2026-11-21") as one, Sandbox(as_of="2026-11-21") as other:
        upload(one)
        one.advance(60)
        assert other.now == one.now - timedelta(seconds=60)
        with pytest.raises(SandboxError, match="404"):
            other.call("GET", "/storage/v1/b/my-data")


def test_a_folder_keeps_its_state_from_one_test_to_the_next(tmp_path: Path) -> None:
    with Sandbox(as_of="2026-11-21", data=tmp_path) as sandbox:
        upload(sandbox)
    with Sandbox(as_of="2026-11-21", data=tmp_path) as sandbox:
        assert sandbox.call("GET", "/storage/v1/b/my-data")["name"] == "my-data"


def test_with_a_speed_its_clock_runs_by_itself() -> None:
    with Sandbox(speed=1_000_000) as sandbox:
        assert sandbox.now < sandbox.now
        assert sandbox.call("GET", "/_sandbox/clock")["mode"] == "scaled"


def test_a_folder_that_another_sandbox_holds_is_an_error_where_it_is_started(tmp_path: Path) -> None:
    with (
        Sandbox(data=tmp_path),
        pytest.raises(Exception, match="another sandbox is running on"),
        Sandbox(data=tmp_path),
    ):
        pytest.fail("it must not start")


def test_every_member_is_described_on_the_page() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "sandbox.md").read_text(encoding="utf-8")
    text = page.partition("## In your own tests\n")[2].partition("\n## ")[0]
    members = [name for name in vars(Sandbox) if not name.startswith("_")]
    assert {"url", "advance", "reset"} <= set(members)
    assert [name for name in members if f"`{name}" not in text] == []
