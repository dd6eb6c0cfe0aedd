"""What an object left at Google costs, as the sentence after its name. The catalogue has no prices by the hour."""

from __future__ import annotations

from typing import Final

_PRICES: Final = "https://cloud.google.com/vertex-ai/pricing"
MODEL: Final = (
    "Where the service deployed it, it is billed per request and costs nothing without requests; machines of a deployment are "
    f"billed by the hour ({_PRICES})."
)
ENDPOINT: Final = (
    f"An endpoint without a deployed model costs nothing; machines of a deployment are billed by the hour ({_PRICES})."
)
DEPLOYMENT: Final = (
    "A tuned Gemini model is billed per request and costs nothing without requests; machines are billed by the hour "
    f"({_PRICES})."
)
JOB: Final = f"A job that runs is billed for its training ({_PRICES}); the record of one that has ended costs nothing."
OBJECT: Final = "Its storage is billed by the month (https://cloud.google.com/storage/pricing)."
GEMINI_API: Final = (
    "Tuning was free; a tuned model is billed by the call and costs nothing without calls "
    "(https://ai.google.dev/gemini-api/docs/pricing)."
)
