"""What preview says of a job that trains on from a model of the same program."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

import pytest

from support.tuning_programs import IMPORTS, MAIN

if TYPE_CHECKING:
    from stacks.conftest import AfterUp, TuningStack
    from support.sandbox_server import SandboxServer

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


PAIRS: Final = "".join(
    json.dumps({"prompt": f"Where is order {n}?", "completion": "shipping"}) + "\n" for n in range(20)
)
OPEN: Final = (
    IMPORTS
    + """
training = TuningDataset("training", bucket="shop-data", source="pairs.jsonl")
spec = {"training_dataset_uri": training.uri, "tuning_mode": "FULL", "hyper_parameters": {"epoch_count": 1}}
first = TuningJob("first", base_model="meta/llama3_1@llama-3.1-8b", output_uri="gs://shop-data/a", supervised_tuning_spec=spec)
TuningJob("more", base_model="meta/llama3_1@llama-3.1-8b", custom_base_model=first, output_uri="gs://shop-data/b",
          supervised_tuning_spec=spec)
"""
)


@pytest.mark.full  # tests/seeds/test_open_continued.py has it on the handlers
def test_an_open_model_is_tuned_on_in_one_up_and_replaced_with_the_job_that_it_starts_from(
    tuning_stack: TuningStack, sandbox: SandboxServer
) -> None:
    stack = tuning_stack(OPEN)
    stack.write("pairs.jsonl", PAIRS)
    assert stack.preview().expect_ok().changes["create"] == 3
    stack.up().expect_ok()
    first, more = sorted(sandbox.jobs(), key=lambda job: str(job["createTime"]))
    began = sandbox.call("GET", f"v1beta1/{more['name']}")["customBaseModel"]
    assert began == "gs://shop-data/a/postprocess/node-0/checkpoints/final"
    assert first["endTime"] <= more["createTime"]
    stack.refresh().expect_ok()
    assert stack.preview("--expect-no-changes").expect_ok().changes == {}
    stack.write("__main__.py", OPEN.replace('TuningJob("first",', 'TuningJob("first", retry="2",'))
    seen = stack.preview().expect_ok()
    replaced = {step["urn"].rpartition("::")[2] for step in seen.steps if step["op"] == "create-replacement"}
    assert replaced == {"first", "more"}
    stack.up().expect_ok()
    assert len(sandbox.jobs()) == 4
    stack.destroy().expect_ok()
