"""Function calls in a row: the declarations in its tools, the model's calls, and the answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from pulumi_gcp_tuning.datasets.facts import Facts, Say
from pulumi_gcp_tuning.datasets.functions import DECLARATIONS, check_declarations, check_mode
from pulumi_gcp_tuning.datasets.report import named, type_of

RESPONSES: Final = frozenset({"functionResponse", "function_response"})
CALLS: Final = frozenset({"functionCall", "function_call", *RESPONSES})
_OF_OTHERS: Final = frozenset({"type", "function"})


@dataclass(slots=True)
class Calls:
    """The functions of one row: the declared ones, those called so far, and the calls and answers of a turn."""

    declared: set[str] = field(default_factory=set)
    called: set[str] = field(default_factory=set)
    any_called: bool = False
    waiting: int = 0
    made: int = 0
    answered: int = 0

    def end_turn(self, at: str, say: Say) -> None:
        """A turn is over: its answers are as many as the calls of the turn before."""
        if self.answered and self.waiting and self.answered != self.waiting:
            say("answers-differ", at, calls=self.waiting, answers=self.answered)
        self.waiting, self.made, self.answered = self.made, 0, 0


def check_tools(row: dict[str, Any], facts: Facts, say: Say) -> Calls:
    """The functions that the row's ``tools`` declare."""
    calls = Calls()
    check_mode(row, say)
    if "tools" not in row:
        return calls
    tools = row["tools"]
    if not _are_tools(tools):
        say("tools", "tools")
        return calls
    if not tools:
        return calls
    facts.declared = len(orjson.dumps(tools))
    calls.declared = check_declarations(tools, say)
    return calls


def check_call(part: dict[str, Any], key: str, at: str, calls: Calls, facts: Facts, say: Say, *, by: str) -> None:
    """A part that calls a function or answers a call, in a turn of the role ``by`` (``asks`` or ``answers``)."""
    call = part[key]
    if not isinstance(call, dict):
        say("wrong-type", at, found=type_of(call), expected="an object")
        return
    name = call.get("name")
    if not isinstance(name, str) or not name:
        say("missing-key", f"{at}.name", key="name")
        name = ""
    if key in RESPONSES:
        _check_object(call, "response", at, say, required=True)
        calls.answered += 1
        if not calls.any_called:
            say("answer-without-call", at)
        elif name and name not in calls.called:
            say("answer-of-another", f"{at}.name", name=named(name, otherwise="another name"))
    else:
        _check_object(call, "args", at, say, required=False)
        calls.any_called = True
        calls.called.add(name)
        calls.made += 1
        if by == "asks":
            say("call-by-user", at)
        if name and name not in calls.declared:
            say("call-undeclared", f"{at}.name", name=named(name, otherwise="another one"))
    text = orjson.dumps(part, option=orjson.OPT_SORT_KEYS).decode()
    facts.texts.append(text)
    facts.calls += 1
    if by == "answers":
        facts.answer = text
        facts.answer_characters += len(text)


def _check_object(call: dict[str, Any], key: str, at: str, say: Say, *, required: bool) -> None:
    value = call.get(key)
    if value is None and required:
        say("missing-key", f"{at}.{key}", key=key)
    elif value is not None and not isinstance(value, dict):
        say("wrong-type", f"{at}.{key}", found=type_of(value), expected="an object")


def _are_tools(tools: Any) -> bool:
    if not isinstance(tools, list) or not all(isinstance(tool, dict) for tool in tools):
        return False
    if any(not _OF_OTHERS.isdisjoint(tool) for tool in tools):
        return False
    declared = [tool[key] for tool in tools for key in DECLARATIONS if key in tool]
    return all(isinstance(each, list) and all(isinstance(one, dict) for one in each) for each in declared)
