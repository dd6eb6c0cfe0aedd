"""``gcp-tuning ask`` with a tuned model of the Gemini API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from pulumi_gcp_tuning.cli.entry import app
from support.fake_google import FakeGoogle, Reply, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

KEY = "AIzaSy-a-made-up-key-of-a-test-0123456789"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeGoogle]:
    answer = {"candidates": [{"content": {"parts": [{"text": "LXIV"}]}}]}
    with serving(lambda _request: Reply(answer)) as fake:
        monkeypatch.setenv("GCP_TUNING_GEMINI_BASE_URL", fake.url)
        monkeypatch.setenv("GCP_TUNING_GEMINI_API_KEY", KEY)
        yield fake


def ask(*arguments: str) -> Any:
    return CliRunner().invoke(app, ["ask", *arguments])


def test_the_question_has_no_role(server: FakeGoogle) -> None:
    assert ask("tunedModels/numbers", "LXIII").output == "LXIV\n"
    (sent,) = server.requests
    assert (sent.path, sent.body) == (
        "/v1beta/tunedModels/numbers:generateContent",
        {"contents": [{"parts": [{"text": "LXIII"}]}]},
    )


def test_the_temperature_is_sent(server: FakeGoogle) -> None:
    ask("tunedModels/numbers", "LXIII", "--temperature", "0")
    assert server.requests[0].body["generationConfig"] == {"temperature": 0}


def test_a_system_instruction_is_refused(server: FakeGoogle) -> None:
    found = ask("tunedModels/numbers", "LXIII", "--system", "Count.")
    assert "do not accept a system instruction" in str(found.exception)
    assert server.requests == []


def test_a_name_that_cannot_be_one_is_refused(server: FakeGoogle) -> None:
    assert "tunedModels/number-generator-u3b7m" in str(ask("tunedModels/N 1", "LXIII").exception)
    assert server.requests == []
