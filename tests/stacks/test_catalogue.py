"""A user's rows over the catalogue decide what a preview refuses."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from support.tuning_programs import MAIN

if TYPE_CHECKING:
    from stacks.conftest import TuningStack

PROGRAM = MAIN.replace("gemini-3.1-flash-lite", "gemini-2.0-flash-001")
LATER = json.dumps({"models": [{"id": "gemini-2.0-flash-001", "last_tuning": "2030-01-01", "retired": "2030-02-01"}]})


@pytest.mark.matrix(1)
@pytest.mark.parametrize("given", ["rows.json", LATER], ids=["file", "object"])
def test_a_model_that_has_retired_is_offered_where_the_users_rows_say_so(tuning_stack: TuningStack, given: str) -> None:
    stack = tuning_stack(PROGRAM)
    stack.write("rows.json", LATER)
    stack.preview().expect_failure("gemini-2.0-flash-001 retired on 2026-06-01")
    stack.configure({"gcp-tuning:catalog": given})
    stack.preview().expect_ok()
