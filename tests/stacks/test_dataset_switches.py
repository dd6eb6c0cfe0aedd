"""``checks`` of a TuningDataset: what its rows break may be uploaded; a file that cannot be read never is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.tuning_programs import IMPORTS, rows

if TYPE_CHECKING:
    from stacks.conftest import TuningStack

PROGRAM = IMPORTS + 'TuningDataset("training", bucket="shop-data", source="bad.jsonl", checks={"dataset": %r})\n'


@pytest.mark.parametrize("level", ["warn", "off"])
def test_rows_that_break_a_rule_are_uploaded_where_the_check_does_not_refuse_them(
    tuning_stack: TuningStack, level: str
) -> None:
    stack = tuning_stack(PROGRAM % level)
    stack.write("bad.jsonl", rows() + "[1]\n")
    done = stack.run("up", "--yes").expect_ok()
    assert ("bad.jsonl:" in done.text) == (level == "warn")


@pytest.mark.parametrize("level", ["warn", "off"])
def test_a_file_that_cannot_be_read_is_refused_at_preview_whatever_the_check_says(
    tuning_stack: TuningStack, level: str
) -> None:
    refused = tuning_stack(PROGRAM % level).run("preview").expect_failure("bad.jsonl cannot be read: No such file")
    assert "Give the path of a readable file" in refused.text
