"""Every resource file has the same sections in the same order, so that who knows one finds their way in the next."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pytest

from pulumi_gcp_tuning.resources.core.frame import Resource
from pulumi_gcp_tuning.resources.jobs.kinds import JOB_KINDS
from pulumi_gcp_tuning.resources.registry import registered

DECLARED, VERBS, WIRE, CHECKS = SECTIONS = [
    "Arguments and outputs",
    "The functions that the frame calls",
    "Requests and answers",
    "Checks before anything is paid for",
]
CALLED = [name for name, value in vars(Resource).items() if not name.startswith("_") and callable(value)]


class File:
    """The sections of a resource file, and which of them each class and function stands in."""

    def __init__(self, module: Any) -> None:
        text = Path(module.__file__).read_text(encoding="utf-8")
        headings = [
            (number, found[1])
            for number, line in enumerate(text.splitlines(), 1)
            if (found := re.match(r"# ([A-Z].*)", line))
        ]
        self.sections = [title for _, title in headings]
        self.places: dict[str, str] = {}
        for node in ast.parse(text).body:
            if isinstance(node, ast.ClassDef | ast.FunctionDef):
                before = [title for number, title in headings if number < node.lineno]
                self.places[node.name] = before[-1] if before else ""


every_file = pytest.mark.parametrize("frame", registered(), ids=lambda frame: frame.kind)


@every_file
def test_the_sections_are_those_of_every_resource_in_the_same_order(frame: Any) -> None:
    found = File(frame.resource).sections
    wanted = [each for each in SECTIONS if each in found or each in (DECLARED, VERBS)]
    assert found == wanted, f"give resources/{frame.kind}.py the comments {wanted}, in this order"


@pytest.mark.parametrize("kind", JOB_KINDS, ids=lambda kind: kind.resource)
def test_a_billed_job_has_all_sections(kind: Any) -> None:
    frame = next(frame for frame in registered() if frame.name == kind.resource)
    assert File(frame.resource).sections == SECTIONS


@every_file
def test_what_a_section_is_for_stands_in_it(frame: Any) -> None:
    places = File(frame.resource).places
    wanted = {"Args": DECLARED, "State": DECLARED, **dict.fromkeys(CALLED, VERBS)}
    wanted |= {name: WIRE for name in ("to_wire", "from_wire") if name in places}
    wanted |= {name: CHECKS for name in places if name.startswith("_check")}
    wrong = [f"{name} (under {section!r})" for name, section in wanted.items() if places.get(name) != section]
    assert wrong == [], f"move in resources/{frame.kind}.py: {', '.join(wrong)}"


@every_file
def test_the_verbs_come_in_the_order_of_the_frame(frame: Any) -> None:
    assert [name for name in File(frame.resource).places if name in CALLED] == CALLED
