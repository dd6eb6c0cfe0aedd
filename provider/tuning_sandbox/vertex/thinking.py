"""Which thinking budgets and levels a model takes. The sandbox's models do not think: an allowed value has no effect."""

from __future__ import annotations

import re
from typing import Any

from tuning_sandbox.kernel import invalid_argument
from tuning_sandbox.vertex.service import api

_WHERE = "generation_config.thinking_config"
_DYNAMIC = -1
# the smallest budget above 0, the largest, and whether 0 turns thinking off
_BUDGETS = {
    "gemini-2.5-pro": (128, 32_768, False),
    "gemini-2.5-flash-lite": (512, 24_576, True),
    "gemini-2.5-flash": (1, 24_576, True),
}
_OF_GEMINI_3 = (1, 32_768, True)

api.behaviour(
    "a thinking budget out of the model's range is 400",
    source="thread",
    ref="Roo-Code#4399, langchain-google#972",
)
api.behaviour("a thinking budget and a thinking level together are 400", source="thread")
api.behaviour("the range of thinking budgets of Gemini 3 models is 0 to 32768, or -1", source="assumed")
api.behaviour("thinking levels are taken by Gemini 2.5 too", source="sdk")
api.behaviour("models before 2.5 do not think: a budget or level is 400", source="assumed")


def check_thinking(config: dict[str, Any], model: str) -> None:
    """400 for a thinkingConfig that the model does not accept."""
    thinking = config.get("thinkingConfig") or {}
    budget, level = thinking.get("thinkingBudget"), thinking.get("thinkingLevel", "THINKING_LEVEL_UNSPECIFIED")
    has_level = level != "THINKING_LEVEL_UNSPECIFIED"
    if budget is None and not has_level:
        return
    if budget is not None and has_level:
        raise invalid_argument("You can only set one of thinking budget and thinking level.", _WHERE)
    generation = re.match(r"gemini-(\d+)\.(\d+)", model)
    version = (int(generation[1]), int(generation[2])) if generation else (0, 0)
    if version < (2, 5):
        raise invalid_argument(
            f"Unable to submit request because thinking is not supported by this model: {model}.", _WHERE
        )
    if budget is not None:
        _check_budget(int(budget), *_BUDGETS.get(model, _OF_GEMINI_3))


def _check_budget(budget: int, least: int, most: int, can_be_off: bool) -> None:  # noqa: FBT001 - a row of the table
    if budget == 0 and not can_be_off:
        raise invalid_argument(
            "Unable to submit request because Thinking can't be disabled for this model. Remove "
            "'thinking_config.thinking_budget' from your request and try again.",
            f"{_WHERE}.thinking_budget",
        )
    if budget not in (0, _DYNAMIC) and not least <= budget <= most:
        raise invalid_argument(f"The thinking budget ({budget}) is invalid.", f"{_WHERE}.thinking_budget")
