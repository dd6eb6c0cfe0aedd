"""What preview says of a job that trains on from a model of the same program."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from support.tuning_programs import MAIN

if TYPE_CHECKING:
    from stacks.conftest import AfterUp

PROGRAM: Final = (
    MAIN
    + """
more = TuningJob("more", pre_tuned_model={"tuned_model_name": model.versioned_model},
                 supervised_tuning_spec={"training_dataset_uri": training.uri, "hyper_parameters": {"epoch_count": 1}})
TunedModel("more", tuning_job=more)
"""
)
LABELLED: Final = PROGRAM.replace('{"team": "support"}', '{"team": "sales"}')
RETRIED: Final = LABELLED.replace('"router", base_model=', '"router", retry="2", base_model=')


@pytest.mark.full  # the lives declare this on the handlers
def test_preview_follows_the_parent_of_a_continued_job(after_up: AfterUp) -> None:
    stack, sandbox = after_up(PROGRAM)
    stack.write("__main__.py", LABELLED)
    assert stack.preview().expect_ok().changes == {"update": 1}
    stack.up().expect_ok()
    stack.write("__main__.py", RETRIED)
    seen = stack.preview().expect_ok()
    replaced = {step["urn"].rpartition("gcptuning:")[2] for step in seen.steps if step["op"] == "create-replacement"}
    assert replaced == {"TuningJob::router", "TunedModel::router", "TuningJob::more", "TunedModel::more"}
    stack.up().expect_ok()
    assert len(sandbox.jobs()) == 4
