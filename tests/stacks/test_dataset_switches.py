"""``checks`` of a TuningDataset: what its rows break may be uploaded; a file that cannot be read never is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from support.tuning_programs import IMPORTS, rows

if TYPE_CHECKING:
    from stacks.conftest import TuningStack
    from support.sandbox_server import SandboxServer


def dataset(level: str) -> str:
    return f'TuningDataset("{level}", bucket="shop-data", source="{level}.jsonl", checks={{"dataset": "{level}"}})\n'


def test_rows_that_break_a_rule_are_uploaded_where_the_check_does_not_refuse_them(
    tuning_stack: TuningStack, sandbox: SandboxServer
) -> None:
    stack = tuning_stack(IMPORTS + dataset("warn") + dataset("off"))
    stack.write("warn.jsonl", rows(salt="warn") + "[1]\n")
    stack.write("off.jsonl", rows(salt="off") + "[1]\n")
    done = stack.up().expect_ok()
    assert len(sandbox.call("GET", "storage/v1/b/shop-data/o")["items"]) == 2
    assert "warn.jsonl:" in done.text
    assert "off.jsonl:" not in done.text


def test_a_file_that_cannot_be_read_is_refused_at_preview_even_with_the_check_off(tuning_stack: TuningStack) -> None:
    refused = tuning_stack(IMPORTS + dataset("off")).preview()
    refused.expect_failure("off.jsonl cannot be read: No such file", "Use the path of a readable file")
