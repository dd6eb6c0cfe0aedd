"""The tokens of a dataset as Google counts them: one call for all jobs, exact where the rows fit into one request."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import pytest

from pulumi_gcp_tuning.catalog import shipped
from pulumi_gcp_tuning.config import Settings
from pulumi_gcp_tuning.google import Google
from pulumi_gcp_tuning.preflight.cost import TokenCount
from pulumi_gcp_tuning.preflight.facts import Known, Missing, NotAsked
from pulumi_gcp_tuning.resources.core.lifecycle import Call
from pulumi_gcp_tuning.resources.facts import dataset_reports as dataset_facts
from pulumi_gcp_tuning.resources.facts.dataset_reports import fetch_dataset_report, remember_local_file
from pulumi_gcp_tuning.resources.facts.token_counts import target_of
from pulumi_gcp_tuning.signing import CredentialsChoice
from support.discovery import check_request
from support.fake_google import FakeClock, FakeGoogle, Reply, Request, google_error, serving
from support.hand_made_google import urn

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MODEL = shipped().find_model("gemini-2.5-flash")
TARGET = target_of("shop", "us-central1", "gemini-2.5-flash")
TOKENS_OF_A_ROW = 7


def rows(count: int) -> bytes:
    turns = [("user", "where is"), ("model", "on its way")]
    lines = [
        {"contents": [{"role": role, "parts": [{"text": f"{text} {n:05}"}]} for role, text in turns]}
        for n in range(count)
    ]
    return b"".join(json.dumps(line).encode() + b"\n" for line in lines)


def answer(content: bytes, count: Any = None) -> Any:
    def reply(request: Request) -> Reply:
        if request.path.endswith(":countTokens"):
            total = TOKENS_OF_A_ROW * len(request.body["contents"])
            return count or Reply({"totalTokens": total})
        return Reply(content, headers={"x-goog-generation": "1"})

    return reply


@pytest.fixture
def google() -> Iterator[FakeGoogle]:
    with serving() as server:
        yield server


@pytest.fixture
def call(google: FakeGoogle) -> Iterator[Call]:
    settings = Settings(
        project="shop",
        location="us-central1",
        base_url=google.url,
        credentials=CredentialsChoice(kind="anonymous"),
    )
    client = Google(settings, FakeClock())
    yield Call(urn=urn("TuningJob"), settings=settings, google=client, clock=FakeClock())
    client.close()


def counts(google: FakeGoogle) -> list[Request]:
    return [each for each in google.requests if each.path.endswith(":countTokens")]


def test_the_count_of_all_rows_is_exact(google: FakeGoogle, call: Call) -> None:
    google.answer = answer(rows(200))
    fact = fetch_dataset_report(call, "gs://bkt/t.jsonl", None, MODEL, counted_by=TARGET)
    assert fact.tokens == Known(TokenCount(tokens=200 * TOKENS_OF_A_ROW, source="countTokens"))
    assert str(TokenCount(tokens=1400, source="countTokens")) == "1,400 tokens, counted by Google"


def test_it_is_asked_once_and_the_object_is_not_read_again_for_it(google: FakeGoogle, call: Call) -> None:
    google.answer = answer(rows(200))
    for _ in range(20):
        fetch_dataset_report(call, "gs://bkt/t.jsonl", None, MODEL, counted_by=TARGET)
    assert [each.verb for each in google.requests] == ["GET", "POST"]


def test_the_request_is_one_of_googles(google: FakeGoogle, call: Call) -> None:
    google.answer = answer(rows(3))
    fetch_dataset_report(call, "gs://bkt/t.jsonl", None, MODEL, counted_by=TARGET)
    (request,) = counts(google)
    found = check_request("aiplatform.v1beta1", "POST", request.path, {}, request.body)
    assert found == "aiplatform.projects.locations.publishers.models.countTokens"
    assert request.path.endswith(f"/{TARGET}:countTokens")


def test_of_a_long_file_the_first_rows_are_counted_and_give_the_ratio(
    google: FakeGoogle, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dataset_facts, "MOST_CHARACTERS", 3_000)
    google.answer = answer(rows(1_000))
    fact = fetch_dataset_report(call, "gs://bkt/t.jsonl", None, MODEL, counted_by=TARGET)
    tokens = 1_000 * TOKENS_OF_A_ROW
    ratio = TokenCount(tokens=tokens, source="sample", least=round(tokens * 0.95), most=round(tokens * 1.05))
    assert fact.tokens == Known(ratio)
    assert 90 < len(counts(google)[0].body["contents"]) < 120


def test_a_file_of_this_machine_is_counted_too(google: FakeGoogle, call: Call, tmp_path: Path) -> None:
    google.answer = answer(b"")
    (tmp_path / "t.jsonl").write_bytes(rows(150))
    uri = f"gs://bkt/d/{hashlib.sha256(rows(150)).hexdigest()}.jsonl"
    remember_local_file(call, uri, tmp_path / "t.jsonl", None)
    fact = fetch_dataset_report(call, uri, None, MODEL, counted_by=TARGET)
    assert fact.tokens == Known(TokenCount(tokens=150 * TOKENS_OF_A_ROW, source="countTokens"))


def test_what_cannot_be_counted_is_estimated_from_its_text_and_says_what_is_missing(
    google: FakeGoogle, call: Call
) -> None:
    google.answer = answer(rows(200), google_error(403, "PERMISSION_DENIED", "Permission denied."))
    fact = fetch_dataset_report(call, "gs://bkt/t.jsonl", None, MODEL, counted_by=TARGET)
    assert isinstance(fact.counted, Missing)
    assert "aiplatform.endpoints.predict" in fact.counted.needs
    assert isinstance(fact.tokens, Known)
    assert fact.tokens.value.source == "estimate"


def test_a_count_of_nothing_is_not_taken_for_a_price_of_nothing(google: FakeGoogle, call: Call) -> None:
    google.answer = answer(rows(200), Reply({}))
    fact = fetch_dataset_report(call, "gs://bkt/t.jsonl", None, MODEL, counted_by=TARGET)
    assert isinstance(fact.counted, Missing)


def test_rows_that_are_refused_anyway_are_not_sent(google: FakeGoogle, call: Call) -> None:
    google.answer = answer(rows(200) + b"[1]\n")
    fact = fetch_dataset_report(call, "gs://bkt/t.jsonl", None, MODEL, counted_by=TARGET)
    assert isinstance(fact.counted, NotAsked)
    assert counts(google) == []


def test_without_a_model_to_count_by_nothing_is_sent(google: FakeGoogle, call: Call) -> None:
    google.answer = answer(rows(200))
    fetch_dataset_report(call, "gs://bkt/t.jsonl", None, MODEL)
    assert counts(google) == []
