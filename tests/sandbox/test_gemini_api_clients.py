"""google-genai of the lock against tunedModels of the Gemini API, in the mode for API keys. It has no list there."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.gemini_api_support import body, create
from sandbox.running import RunningSandbox


@pytest.fixture
def client(gemini: RunningSandbox) -> Any:
    from google import genai

    return genai.Client(api_key="AIzaNotARealKey", http_options={"base_url": gemini.url})


def test_it_gets_a_model_that_is_created(gemini: RunningSandbox, client: Any) -> None:
    name = create(gemini)["metadata"]["tunedModel"]
    assert client.tunings.get(name=name).state.name == "JOB_STATE_RUNNING"


def test_it_gets_a_model_that_is_active(gemini: RunningSandbox, client: Any) -> None:
    name = create(gemini)["metadata"]["tunedModel"]
    gemini.advance(7200)
    assert client.tunings.get(name=name).state.name == "JOB_STATE_SUCCEEDED"


def test_it_asks_a_tuned_model(gemini: RunningSandbox, client: Any) -> None:
    pairs = [(f"{word} {at}", word.upper()) for word in ("red", "blue") for at in range(12)]
    name = create(gemini, given=body(pairs=pairs, epochCount=10))["metadata"]["tunedModel"]
    gemini.advance(7200)
    assert client.models.generate_content(model=name, contents="blue 77", config={"temperature": 0}).text == "BLUE"
