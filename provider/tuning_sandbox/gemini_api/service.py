"""The API object of the Gemini API, and the dates of its tuning."""

from __future__ import annotations

from datetime import date

from tuning_sandbox.kernel import Api
from tuning_sandbox.vertex.catalogue import ServedModel

api = Api("generativelanguage", versions=("v1beta", "v1"), title="Generative Language API")

# seed 003 and Google's page on tuning: no model can be tuned since 1.5 Flash-001 was withdrawn in May 2025
BASES = {
    f"models/{model.name}-tuning": model
    for model in (ServedModel("gemini-1.5-flash-001", date(2024, 5, 24), date(2025, 5, 24), 48),)
}
MOST_INPUT, MOST_OUTPUT = 40_000, 5_000

api.behaviour(
    "models/gemini-1.5-flash-001-tuning can be tuned until 24 May 2025; the launch and the day in May are assumed",
    source="thread",
    ref="ai.google.dev/gemini-api/docs/model-tuning",
)
api.behaviour("an API key and an access token are accepted alike, and neither is checked", source="assumed")
