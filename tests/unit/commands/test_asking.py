"""Many questions: answered in order, a few at a time, whatever happens to one of them."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from pulumi_gcp_tuning.clock import SystemClock
from pulumi_gcp_tuning.commands import Answer, Connection, ask_questions
from pulumi_gcp_tuning.errors import ApiError, Refused
from support.hand_made_google import settings

ENDPOINT = "projects/123456789012/locations/us/endpoints/5"


@dataclass
class Asked:
    """A Google that answers with the question in capitals. ``first`` is answered after ``others`` questions were asked."""

    others: int = 0
    seen: list[str] = field(default_factory=list)
    most: int = 0
    now: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
    enough: threading.Event = field(default_factory=threading.Event)

    def vertex_of(self, name: str) -> Asked:
        return self

    def generate_content(self, target: str, body: dict[str, Any]) -> dict[str, Any]:
        text = body["contents"][0]["parts"][0]["text"]
        with self.lock:
            self.seen.append(text)
            self.now += 1
            self.most = max(self.most, self.now)
            if len(self.seen) > self.others:
                self.enough.set()
        if text == "first":
            assert self.enough.wait(30)
        with self.lock:
            self.now -= 1
        if text == "bad":
            raise ApiError("Google refused.", http_status=400, status="INVALID_ARGUMENT")
        return {"candidates": [{"content": {"parts": [{"text": text.upper()}]}}]}

    @property
    def connection(self) -> Connection:
        return Connection(settings(), cast("Any", self), SystemClock())


def test_answers_come_in_the_order_of_the_questions_although_the_first_takes_longest() -> None:
    google = Asked(others=3)
    found = ask_questions(ENDPOINT, ["first", "b", "c", "d"], connection=google.connection)
    assert [each.text for each in found] == ["FIRST", "B", "C", "D"]


def test_one_failed_answer_does_not_end_the_run() -> None:
    found = list(ask_questions(ENDPOINT, ["a", "bad", "c"], connection=Asked().connection))
    assert found == [Answer("a", text="A"), Answer("bad", error="Google refused."), Answer("c", text="C")]


def test_no_more_questions_are_asked_at_once_than_was_said() -> None:
    google = Asked()
    list(ask_questions(ENDPOINT, [str(number) for number in range(20)], at_once=3, connection=google.connection))
    assert google.most <= 3


@pytest.mark.parametrize(
    ("target", "says"),
    [
        ("projects/123456789012/locations/us/models/5", "ask the endpoint"),
        ("", "target is empty"),
        (" ", "target is empty"),
    ],
)
def test_a_target_that_cannot_be_asked_is_refused_before_any_question(target: str, says: str) -> None:
    google = Asked()
    with pytest.raises(Refused, match=says):
        ask_questions(target, ["a"], connection=google.connection)
    assert google.seen == []


class Bison(Asked):
    """A Google whose endpoint serves a tuned bison model, which does not support generateContent."""

    def generate_content(self, target: str, body: dict[str, Any]) -> dict[str, Any]:
        raise ApiError("Use predict.", http_status=400, status="FAILED_PRECONDITION")

    def get_endpoint(self, name: str) -> dict[str, Any]:
        self.seen.append("endpoint")
        return {"deployedModels": [{"model": "one"}, {"model": "two"}]}

    def get_model(self, name: str) -> dict[str, Any]:
        self.seen.append(f"model {name}")
        return {"labels": {"google-vertex-llm-tuning-base-model-id": "text-bison-002"}}

    def predict(self, target: str, instance: dict[str, Any], parameters: dict[str, float]) -> dict[str, Any]:
        return {"predictions": [{"content": instance["content"].upper()}]}


def test_which_model_an_endpoint_serves_is_read_once_for_all_questions() -> None:
    google = Bison()
    found = ask_questions(ENDPOINT, ["a", "b", "c", "d", "e"], connection=google.connection)
    assert [each.text for each in found] == ["A", "B", "C", "D", "E"]
    assert google.seen == ["endpoint", "model one"]
