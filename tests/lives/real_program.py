"""The program of a life for the real CLI: fixed text, which reads from a file what its user declares."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from lives.entries import Ref
from lives.program import CLASSES, CONTENTS, pairs_of
from support.tuning_programs import rows

if TYPE_CHECKING:
    from lives.program import Program, Shape

TEXT: Final = """
import json
import re
import pulumi
import pulumi_gcp_tuning as tuning

told = json.load(open("life.json"))
made = {}


class Router(pulumi.ComponentResource):
    def __init__(self):
        super().__init__("shop:index:Router", "router")


parent = Router() if told["inside"] else None


def snake(key):
    return re.sub(r"[A-Z]", lambda found: "_" + found[0].lower(), key)


def given(value):
    if isinstance(value, dict) and "ref" in value:
        return getattr(made[value["ref"]], snake(value["output"]))
    if isinstance(value, dict):
        return {snake(key): given(each) for key, each in value.items()}
    return value


for goal in told["goals"]:
    opts = pulumi.ResourceOptions(
        parent=parent if goal["inside"] else None,
        aliases=goal["aliases"],
        protect=True if goal["protect"] else None,
        depends_on=list(made.values()) if goal["last"] else None,
    )
    made[goal["urn"]] = getattr(tuning, goal["class"])(goal["name"], opts=opts, **given(goal["inputs"]))
"""
_TOLD: Final = ("resourceUrn", "contentSha256", "inputSources", "fromResources")
DAYS: Final[dict[Shape, str]] = {"pipeline": "2024-09-01", "gemini api": "2024-11-20"}
"""The day of the sandbox, where it is not today's."""


def settings_of(program: Program, number: str, *, bad: bool) -> str:
    """``life.json`` for a program."""
    goals = []
    for goal in replace(program, bad=bad).goals():
        name, is_bad = goal.urn.rpartition("::")[2], goal.urn.endswith("::bad")
        inputs = {key: _written(value, number) for key, value in goal.inputs.items() if key not in _TOLD}
        if goal.kind == "endpoint" and program.shape == "pipeline":
            inputs["location"] = "us-central1"  # where the sandbox's pipeline puts its model
        shown = {"urn": goal.urn, "class": CLASSES[goal.kind], "name": name, "aliases": list(goal.aliases)}
        more = {"protect": goal.protect, "inside": program.parents[-1] and not is_bad, "last": is_bad}
        goals.append({**shown, "inputs": inputs, **more})
    return json.dumps({"inside": program.parents[-1], "goals": goals})


def files_of(shape: Shape) -> dict[str, str]:
    """The data files of a shape, each content in the form that its jobs read."""
    if shape == "gemini api":
        return {f"{content}.pairs.jsonl": pairs_of(content).decode() for content in CONTENTS}
    asked = ("input_text", "output_text") if shape == "pipeline" else ("prompt", "completion")
    made = {}
    for content in CONTENTS:
        pairs = (json.dumps({asked[0]: f"Ticket {n} {content}", asked[1]: f"team: {n % 4}"}) for n in range(40))
        text = "".join(f"{line}\n" for line in pairs)
        made[f"{content}.jsonl"] = text if shape in ("pipeline", "open", "open continued") else rows(salt=content)
    return made


def _written(value: Any, number: str) -> Any:
    if isinstance(value, Ref):
        return {"ref": value.urn, "output": value.output}
    if isinstance(value, dict):
        return {key: _written(each, number) for key, each in value.items()}
    return value.replace("projects/123456789012/", f"projects/{number}/") if isinstance(value, str) else value
