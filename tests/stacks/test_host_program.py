"""What a program gets wrong, as the CLI shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.tuning_programs import IMPORTS

if TYPE_CHECKING:
    from stacks.conftest import NewStack


@pytest.mark.parametrize(
    ("program", "told"),
    [
        ("Endpoint('e', dispaly_name='E')\n", "dispaly_name: there is no such argument. Did you mean display_name?"),
        (
            "TuningJob('j', base_model='g', supervised_tuning_spec={'training_dataset_url': 'gs://b/t.jsonl'})\n",
            "supervised_tuning_spec.training_dataset_url: there is no such argument.",
        ),
    ],
)
def test_a_mistake_in_the_program_is_reported_without_frames(program: str, told: str, new_stack: NewStack) -> None:
    stack = new_stack(IMPORTS + program, config={"gcp:project": "shop-dev"})
    stack.preview().expect_failure(told)
