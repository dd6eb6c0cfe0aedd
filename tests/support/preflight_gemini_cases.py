"""Cases of GeminiApiTunedModel: its base model, its examples, and a service that is withdrawn."""

from __future__ import annotations

from typing import Final

from support.preflight_case import DROP, GEMINI_API_DAY, TEXT_PAIRS, TODAY, lines
from support.preflight_job_cases import NOT_SWITCHED
from support.preflight_other_cases import DECLARED, SPELT, of

FILE: Final = "files/pairs.jsonl"
OF_EXAMPLES: Final = {"check": "dataset", "rule": "examples of the Gemini API"}


def _row(question: str = "1", answer: str = "2") -> str:
    return lines({"text_input": question, "output": answer})


CASES: Final = [
    of("gemini_api_tuned_model", "an unknown property", "Did you mean source?", "sorce", "has no property sorce", **SPELT,
       given={"inputs/sorce": "x"}, but={"inputs/sorce": DROP}),
    of("gemini_api_tuned_model", "a check that there is not", "Correct it", "checks", "there is no check 'modle'",
       **DECLARED, given={"inputs/checks/modle": "off"}, but={"inputs/checks/modle": DROP}),
    of("gemini_api_tuned_model", "a file that there is not", "Use the path of a readable file", "source", "cannot be read",
       check="schema", rule="source", google=NOT_SWITCHED, given={FILE: DROP}, but={FILE: TEXT_PAIRS}),
    of("gemini_api_tuned_model", "a file that changed since the program read it", "Run the command again", "source",
       "changed after the program read it", check="change", rule="dataset unchanged since the preview",
       google=NOT_SWITCHED, given={"inputs/contentSha256": "0" * 64}, but={"inputs/contentSha256": DROP}),
    of("gemini_api_tuned_model", "a model of Vertex AI", "declare a TuningJob for this model", "base_model",
       "is not a model of the Gemini API", check="model", rule="base model of the Gemini API",
       google="does not support createTunedModel", given={"inputs/baseModel": "gemini-2.5-flash"},
       but={"inputs/baseModel": "models/gemini-1.5-flash-001-tuning"}),
    of("gemini_api_tuned_model", "a long display name", "Shorten it", "display_name", "this one has 41", check="schema",
       rule="display name in the Gemini API", google=NOT_SWITCHED,
       given={"inputs/displayName": "x" * 41}, but={"inputs/displayName": "x" * 40}),
    of("gemini_api_tuned_model", "a long input", "Correct the file", "source", "more than 40,000 characters",
       **OF_EXAMPLES, google="the most is 40000", given={FILE: _row("x" * 40_001)}, but={FILE: _row("x" * 40_000)}),
    of("gemini_api_tuned_model", "a long output", "Correct the file", "source", "more than 5,000 characters",
       **OF_EXAMPLES, google="the most is 5000", given={FILE: _row("1", "x" * 5_001)}, but={FILE: _row("1", "x" * 5_000)}),
    of("gemini_api_tuned_model", "an empty output", "Correct the file", "source", 'its "output" is empty',
       **OF_EXAMPLES, google="of a training example is empty", given={FILE: _row("1", "")}, but={FILE: _row()}),
    of("gemini_api_tuned_model", "a service that is withdrawn", "Use TuningJob", "",
       "Google withdrew tuning from the Gemini API in May 2025", check="retirement",
       rule="Gemini API tuning is withdrawn", severity="warn", google="does not support createTunedModel",
       given={"world/today": TODAY}, but={"world/today": GEMINI_API_DAY}),
]  # fmt: skip
