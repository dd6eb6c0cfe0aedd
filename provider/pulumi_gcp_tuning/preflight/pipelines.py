"""Checks of a tuning pipeline against what Google's page on bison models says."""

from __future__ import annotations

from typing import Final

from pulumi_gcp_tuning.catalog import Catalogue, shipped
from pulumi_gcp_tuning.errors import Finding
from pulumi_gcp_tuning.preflight.rule import Rule
from pulumi_gcp_tuning.wording import advise, words

CONTEXT: Final = Rule(
    check="hyperparameters",
    name="default context of a chat",
    refuses="a default_context of a model that is not a chat model",
    why="Seed 002: only the template for chat models has the parameter.",
    evidence="seed",
)
STEPS: Final = Rule(
    check="hyperparameters",
    name="recommended steps",
    refuses="nothing: it warns of fewer or more steps than recommended",
    why="Seed 002 recommends 200 to 1,000 steps for code and code chat models.",
    evidence="seed",
    severity="warn",
)
RULES: Final = (CONTEXT, STEPS)


def check_default_context(
    context: str | None, base_model: str | None, *, catalogue: Catalogue | None = None
) -> list[Finding]:
    """Only a chat model takes a context for all examples."""
    row = (catalogue or shipped()).find_model(base_model) if base_model else None
    if context is None or row is None or row.chat or row.product != "PIPELINE":
        return []
    problem = words("{model} is not a chat model and does not take {default_context}.", model=row.id)
    way_out = "Leave {default_context} out, and write the instruction into each row."
    return [CONTEXT.finding(("default_context",), problem, advise("remove a property", way_out))]


def check_recommended_steps(
    steps: int | None, base_model: str | None, *, catalogue: Catalogue | None = None
) -> list[Finding]:
    """A warning for steps outside of the recommended range."""
    row = (catalogue or shipped()).find_model(base_model) if base_model else None
    rule = row.train_steps if row is not None else None
    if row is None or rule is None or steps is None or steps < 1:
        return []
    low, high = rule.recommended_from, rule.recommended_to
    if low is None or high is None or low <= steps <= high:
        return []
    named = {"model": row.id, "low": f"{low:,.0f}", "high": f"{high:,.0f}"}
    problem = words(
        "{train_steps} is {steps}; {low} to {high} are recommended for {model}.", steps=f"{steps:,}", **named
    )
    way_out = "Compare the answers of several values, such as 100, 200 and 500 steps, and keep the best."
    return [STEPS.finding(("train_steps",), problem, advise("check it yourself", way_out))]
