"""The key of the Gemini API goes into the header of a request, and nowhere else."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any, Final

import pytest

from pulumi_gcp_tuning.config import Settings
from pulumi_gcp_tuning.google import Google
from support import small_engine
from support.fault_stories import DATA, GEMINI_DAY, program
from support.in_process import ADDRESS, Wire, World
from support.small_engine import Ran, Stack

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import requests

KEY: Final = "AIzaSy-a-made-up-key-of-a-test-0123456789"


class Keyed(Wire):
    """Calls with a key have a session of their own; their headers are kept."""

    def connect(self, settings: Settings) -> Google:
        google = super().connect(settings)
        google.tuned_models._transport.session.mount("http://", self)
        self.headers: list[str] = []
        return google

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:  # type: ignore[override]
        self.headers.append(str(request.headers.get("x-goog-api-key")))
        assert KEY not in str(request.url)
        assert KEY not in str(request.body)
        return super().send(request, **options)


@pytest.fixture
def stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stack:
    monkeypatch.setattr(small_engine, "Wire", Keyed)
    (tmp_path / "gemini api.jsonl").write_text(DATA["gemini api"])
    given = {"GCP_TUNING_BASE_URL": ADDRESS, "GCP_TUNING_AS_OF": GEMINI_DAY, "GCP_TUNING_POLL_INTERVAL": "600"}
    settings = Settings.resolve({"gcp:project": "shop"}, {**given, "GCP_TUNING_GEMINI_API_KEY": KEY})
    return Stack(World(GEMINI_DAY), settings, tmp_path)


def kept_by(stack: Stack) -> str:
    """What stays of a run: state, settings as they print themselves, and the journal of the other side."""
    entries = [(each.id, each.inputs, each.outputs, repr(each)) for each in stack.entries]
    return f"{json.dumps(entries)} {stack.settings!r} {stack.settings!s} {stack.world.ask('GET', '/_sandbox/requests')}"


def test_the_key_is_in_the_header_and_in_nothing_that_is_kept_or_said(
    stack: Stack, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    told = ""
    refused = {"kind": "status", "status": 403, "match": {"method": "POST", "path": "/tunedModels"}}
    stack.world.ask("POST", "/_sandbox/faults", refused)
    runs: list[Callable[[], Ran]] = [lambda: stack.up(program("gemini api"))] * 2
    runs += [stack.refresh, lambda: stack.preview(program("gemini api", changed=True)), stack.destroy]
    for number, run in enumerate(runs):
        ran = run()
        assert ran.ok == bool(number), ran.error
        assert isinstance(stack.wire, Keyed)
        assert set(stack.wire.headers) == {KEY}
        told += f"{ran.error} {ran.said} {ran.steps} {kept_by(stack)}"
    told += caplog.text + "".join(capfd.readouterr())
    assert "gcp-tuning" in told
    assert KEY not in told
    assert KEY[8:24] not in told
