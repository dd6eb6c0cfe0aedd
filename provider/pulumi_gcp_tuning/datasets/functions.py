"""What a row's ``tools`` and ``toolConfig`` declare, by Google's discovery document."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from pulumi_gcp_tuning.datasets.facts import Say
from pulumi_gcp_tuning.datasets.report import named

DECLARATIONS: Final = ("functionDeclarations", "function_declarations")
_MOST_IN_A_NAME: Final = 128
_MOST_IN_A_PARAMETER: Final = 64
_MOST_FUNCTIONS: Final = 512
_NAME: Final = re.compile(rf"[A-Za-z_][A-Za-z0-9_.:-]{{0,{_MOST_IN_A_NAME - 1}}}")
_PARAMETER: Final = re.compile(rf"[A-Za-z_][A-Za-z0-9_]{{0,{_MOST_IN_A_PARAMETER - 1}}}")
_TYPES: Final = ("STRING", "NUMBER", "INTEGER", "BOOLEAN", "ARRAY", "OBJECT", "NULL")
_MODES: Final = ("AUTO", "ANY", "NONE", "VALIDATED")
_OTHER_SCHEMA: Final = {
    "parameters": ("parametersJsonSchema", "parameters_json_schema"),
    "response": ("responseJsonSchema", "response_json_schema"),
}
_DEEPEST: Final = 32


def check_declarations(tools: list[dict[str, Any]], say: Say) -> set[str]:
    """The names of the functions that the tools declare."""
    names: set[str] = set()
    for at, tool in enumerate(tools):
        for key in DECLARATIONS:
            functions = tool.get(key) or ()
            if len(functions) > _MOST_FUNCTIONS:
                say("too-many-functions", f"tools[{at}].{key}", count=len(functions), limit=_MOST_FUNCTIONS)
            for index, function in enumerate(functions):
                _check_declaration(function, f"tools[{at}].{key}[{index}]", names, say)
    return names


def check_mode(row: Mapping[str, Any], say: Say) -> None:
    """The mode of function calls is one of Google's."""
    for outer, inner in (("toolConfig", "functionCallingConfig"), ("tool_config", "function_calling_config")):
        if outer not in row:
            continue
        config = row[outer]
        calling = config.get(inner) if isinstance(config, dict) else None
        mode = calling.get("mode") if isinstance(calling, dict) else None
        if mode not in (None, "MODE_UNSPECIFIED", *_MODES):
            say("call-mode", f"{outer}.{inner}.mode", found=named(mode), expected=", ".join(_MODES))


def _check_declaration(function: dict[str, Any], at: str, names: set[str], say: Say) -> None:
    name = function.get("name")
    if not isinstance(name, str) or not name:
        say("missing-key", f"{at}.name", key="name")
    elif not _NAME.fullmatch(name):
        say("function-name", f"{at}.name", limit=_MOST_IN_A_NAME)
    elif name in names:
        say("function-twice", f"{at}.name", name=named(name, otherwise="another name"))
    else:
        names.add(name)
    for key, others in _OTHER_SCHEMA.items():
        if key not in function:
            continue
        for other in others:
            if other in function:
                say("two-schemas", f"{at}.{other}", first=key, second=other)
        _check_schema(function[key], f"{at}.{key}", say, names=key == "parameters")


def _check_schema(schema: Any, at: str, say: Say, *, names: bool = False, depth: int = 0) -> None:
    """Types are Google's, at every level; ``names``: the properties are parameters, whose names have a form."""
    if not isinstance(schema, dict) or depth > _DEEPEST:
        return
    kind = schema.get("type")
    if isinstance(kind, str) and kind.upper() not in (*_TYPES, "TYPE_UNSPECIFIED"):
        say("schema-type", f"{at}.type", found=named(kind), expected=", ".join(_TYPES))
    properties = schema.get("properties")
    for name, inner in properties.items() if isinstance(properties, dict) else ():
        if names and not _PARAMETER.fullmatch(name):
            shown = named(name, otherwise="not shown")
            say("parameter-name", f"{at}.properties", name=shown, limit=_MOST_IN_A_PARAMETER)
        _check_schema(inner, f"{at}.properties.{named(name, otherwise='...')}", say, depth=depth + 1)
    _check_schema(schema.get("items"), f"{at}.items", say, depth=depth + 1)
