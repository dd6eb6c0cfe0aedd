"""Function calls in a row: the declarations in its tools, the model's calls, and the answers."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from pulumi_gcp_tuning.datasets.facts import Facts, Say
from pulumi_gcp_tuning.datasets.report import named, type_of

RESPONSES: Final = frozenset({"functionResponse", "function_response"})
CALLS: Final = frozenset({"functionCall", "function_call", *RESPONSES})
_DECLARATIONS: Final = ("functionDeclarations", "function_declarations")
_OF_OTHERS: Final = frozenset({"type", "function"})
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.:-]{0,63}")


@dataclass
class Calls:
    """The functions of one row: the declared ones, and whether one was called so far."""

    declared: set[str] = field(default_factory=set)
    called: bool = False


def check_tools(row: dict[str, Any], facts: Facts, say: Say) -> Calls:
    """The functions that the row's ``tools`` declare."""
    calls = Calls()
    tools = row.get("tools")
    if "tools" in row and not _are_tools(tools):
        say("tools", "tools")
        return calls
    if not tools:
        return calls
    facts.declared = len(orjson.dumps(tools))
    for at, tool in enumerate(tools):
        for key in _DECLARATIONS:
            for index, declaration in enumerate(tool.get(key) or ()):
                _take_declaration(declaration, f"tools[{at}].{key}[{index}]", calls, say)
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
    if key in RESPONSES:
        _check_object(call, "response", at, say, required=True)
        if not calls.called:
            say("answer-without-call", at)
    else:
        _check_object(call, "args", at, say, required=False)
        calls.called = True
        if by == "asks":
            say("call-by-user", at)
        if isinstance(name, str) and name and name not in calls.declared:
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


def _take_declaration(declaration: dict[str, Any], at: str, calls: Calls, say: Say) -> None:
    name = declaration.get("name")
    if not isinstance(name, str) or not name:
        say("missing-key", f"{at}.name", key="name")
    elif not _NAME.fullmatch(name):
        say("function-name", f"{at}.name")
    else:
        calls.declared.add(name)


def _are_tools(tools: Any) -> bool:
    if not isinstance(tools, list) or not all(isinstance(tool, dict) for tool in tools):
        return False
    if any(not _OF_OTHERS.isdisjoint(tool) for tool in tools):
        return False
    declared = [tool[key] for tool in tools for key in _DECLARATIONS if key in tool]
    return all(isinstance(each, list) and all(isinstance(one, dict) for one in each) for each in declared)
