"""Checks of a tuned model of the Gemini API: its base model, its names, its examples, and that Google has withdrawn the service."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from pulumi_gcp_tuning.catalog import Catalogue, shipped
from pulumi_gcp_tuning.errors import Finding
from pulumi_gcp_tuning.gemini_names import MOST_INPUT, MOST_OUTPUT
from pulumi_gcp_tuning.preflight.alternatives import resource_for
from pulumi_gcp_tuning.preflight.rule import Rule
from pulumi_gcp_tuning.wording import advise, words

WITHDRAWN_ON: Final = date(2025, 5, 1)
"""The first day of the month in which Google withdrew the last model that could be tuned; its page gives no day."""
PAGE: Final = "https://ai.google.dev/gemini-api/docs/model-tuning"
BASE: Final = "models/gemini-1.5-flash-001-tuning"
MOST_IN_A_NAME: Final = 40

WITHDRAWN: Final = Rule(
    check="retirement",
    name="Gemini API tuning is withdrawn",
    refuses="nothing: it warns that Google has withdrawn tuning from the Gemini API, so only another endpoint takes the request",
    why=f"Google's page on tuning, {PAGE}, as of 29 April 2026.",
    evidence="docs",
    severity="warn",
)
BASE_MODEL: Final = Rule(
    check="model",
    name="base model of the Gemini API",
    refuses="a base model that is none of the Gemini API, such as a name of Vertex AI (with the resource that takes it)",
    why="Seed 003 and the API's reference.",
    evidence="seed",
)
NAMED: Final = Rule(
    check="schema",
    name="display name in the Gemini API",
    refuses=f"a display name that is empty or longer than {MOST_IN_A_NAME} characters",
    why="The API's reference, https://ai.google.dev/api/tuning.",
    evidence="docs",
)
EXAMPLES: Final = Rule(
    check="dataset",
    name="examples of the Gemini API",
    refuses=f"a file without examples, and lines that are no pair of `text_input` (at most {MOST_INPUT:,} characters) and "
    f"`output` (at most {MOST_OUTPUT:,})",
    why="Seed 003.",
    evidence="seed",
)
RULES: Final = (WITHDRAWN, BASE_MODEL, NAMED, EXAMPLES)


def check_withdrawal(as_of: date) -> list[Finding]:
    """The warning, from the withdrawal on."""
    if as_of < WITHDRAWN_ON:
        return []
    problem = "Google withdrew tuning from the Gemini API in May 2025 ({page})."
    remedy = advise(
        "set a property", "Use TuningJob, or set {gcp-tuning:geminiBaseUrl} to an endpoint that still has the service."
    )
    return [WITHDRAWN.finding((), words(problem, page=PAGE), remedy)]


def check_base_model(base_model: str | None, known: Catalogue | None = None) -> list[Finding]:
    """The finding for a name that is not one of the Gemini API's, with the resource that takes it."""
    if base_model is None or base_model.startswith(("models/", "tunedModels/")):
        return _continued(base_model)
    what = words("{model} is not a model of the Gemini API, whose names begin with models/.", model=base_model)
    row = (known or shipped()).find_model(base_model)
    if row is not None and row.product == "GEMINI_API":
        return [BASE_MODEL.finding(("base_model",), what, advise("set a property", "Use {base}.", base=row.id))]
    resource = (row and resource_for(row)) or "TuningJob or PipelineTuningJob"
    remedy = advise(
        "set a property", "Use {base}, or declare a {resource} for this model.", base=BASE, resource=resource
    )
    return [BASE_MODEL.finding(("base_model",), what, remedy)]


def _continued(base_model: str | None) -> list[Finding]:
    if base_model is None or base_model.startswith("models/"):
        return []
    what = words("{model} is a tuned model, and this resource tunes base models only.", model=base_model)
    return [BASE_MODEL.finding(("base_model",), what, advise("set a property", "Use {base}.", base=BASE))]


def check_name(name: str | None) -> list[Finding]:
    """At most 40 characters, and not empty."""
    if name is None or 1 <= len(name) <= MOST_IN_A_NAME:
        return []
    problem = f"A display name in the Gemini API has 1 to {MOST_IN_A_NAME} characters; this one has {len(name)}."
    return [
        NAMED.finding(("display_name",), problem, advise("set a property", "Shorten it." if name else "Leave it out."))
    ]


def check_examples(source: str, problems: Sequence[str]) -> list[Finding]:
    """One finding for each cause in the file."""
    remedy = advise("change the data", "Correct the file. A line is one JSON object with {text_input} and {output}.",
                    text_input='"text_input"', output='"output"')  # fmt: skip
    return [
        EXAMPLES.finding(("source",), words("{source}, {problem}.", source=source, problem=each), remedy)
        for each in problems
    ]
