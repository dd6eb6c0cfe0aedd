"""Projects, providers, adoption and the number of calls."""

from __future__ import annotations

import os
import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from stacks.test_crash import wait_for
from support.tuning_programs import IMPORTS, rows
from support.warm_python import gcp_tuning

if TYPE_CHECKING:
    from stacks.conftest import TuningStack
    from support.sandbox_server import SandboxServer

TWO = (
    IMPORTS
    + """
from pulumi_gcp_tuning import Provider

places = (("shop-dev", "us-central1", "shop-data"), ("shop-prod", "europe-west4", "shop-prod-data"))
for project, region, bucket in places:
    spec = {"training_dataset_uri": f"gs://{bucket}/train.jsonl"}
    provider = Provider(project, project=project, region=region, default_labels={"team": project})
    ours = pulumi.ResourceOptions(provider=provider)
    job = TuningJob(project, base_model="gemini-3.1-flash-lite", supervised_tuning_spec=spec, opts=ours)
    TunedModel(project, tuning_job=job, labels={"tier": "one"}, opts=ours)
Endpoint("neither", display_name="neither")
"""
)


def upload(sandbox: SandboxServer, bucket: str, text: str) -> None:
    """An object that some other team uploaded."""
    import requests

    url = f"{sandbox.url}/upload/storage/v1/b/{bucket}/o?uploadType=media&name=train.jsonl"
    assert requests.post(url, data=text.encode(), headers={"content-type": "application/jsonl"}, timeout=30).ok


def test_two_providers_train_in_two_projects_of_one_stack_each_with_its_own_settings_only(
    tuning_stack: TuningStack, sandbox: SandboxServer
) -> None:
    upload(sandbox, "shop-data", rows())
    upload(sandbox, sandbox.make_bucket("shop-prod-data", location="europe-west4", project="shop-prod"), rows())
    stack = tuning_stack(TWO, config={"gcp:defaultLabels": '{"team": "default"}'})
    stack.up().expect_ok()
    assert len(sandbox.jobs("shop-dev", "us-central1")) == 1
    assert len(sandbox.jobs("shop-prod", "europe-west4")) == 1
    assert len(sandbox.models("us", "shop-dev")) == 1
    assert len(sandbox.models("eu", "shop-prod")) == 1
    for project, location in (("shop-dev", "us-central1"), ("shop-prod", "europe-west4")):
        job = stack.resource_of("TuningJob", project)["outputs"]
        assert (job["project"], job["location"]) == (project, location)
        assert stack.resource_of("TunedModel", project)["outputs"]["pulumiLabels"] == {"team": project, "tier": "one"}
    assert stack.resource_of("Endpoint", "neither")["outputs"]["pulumiLabels"] == {"team": "default"}
    stack.refresh("--expect-no-changes").expect_ok()
    stack.destroy().expect_ok()
    assert sandbox.models("us", "shop-dev") + sandbox.models("eu", "shop-prod") == []


MANY = (
    IMPORTS
    + """
spec = {"training_dataset_uri": "gs://shop-data/train.jsonl", "hyper_parameters": {"epoch_count": 1}}
for number in range(32):
    job = TuningJob(f"job-{number}", base_model="gemini-3.1-flash-lite", supervised_tuning_spec=spec)
    TunedModel(f"model-{number}", tuning_job=job)
"""
)


@pytest.mark.full  # test_host_effects.py has 32 resources that wait; tests/preflight/test_calls.py counts the calls
def test_thirty_two_tuned_models_wait_at_the_same_time_and_then_a_preview_makes_at_most_twelve_calls(
    tuning_stack: TuningStack, sandbox: SandboxServer
) -> None:
    upload(sandbox, "shop-data", rows())
    sandbox.step()
    stack = tuning_stack(MANY)
    running = stack.start_up()

    def models_of(kind: str) -> set[str]:
        steps = [event[kind]["metadata"] for event in running.events() if kind in event]
        return {step["urn"] for step in steps if step["type"].endswith(":TunedModel")}

    def waiting() -> int:
        return len(models_of("resourcePreEvent") - models_of("resOutputsEvent"))

    wait_for(lambda: waiting() == 32 and len(sandbox.jobs()) == 32, running)
    sandbox.run()
    running.wait().expect_ok()
    assert len(sandbox.models()) == 32
    before = len(sandbox.requests())
    assert stack.preview("--expect-no-changes").expect_ok().changes == {}
    assert len(sandbox.requests()) - before <= 12


ADOPTING = (
    IMPORTS
    + """
job = TuningJob("router", adopt="NAME", base_model="gemini-3.1-flash-lite", tuned_model_display_name="by hand",
                supervised_tuning_spec={"training_dataset_uri": "gs://shop-data/train.jsonl",
                                        "hyper_parameters": {"epoch_count": 3}})
model = TunedModel("router", tuning_job=job)
"""
)


def start_by_hand(sandbox: SandboxServer) -> str:
    """A job from a notebook; returns its name."""
    upload(sandbox, "shop-data", rows())
    body = {
        "baseModel": "gemini-3.1-flash-lite",
        "tunedModelDisplayName": "by hand",
        "supervisedTuningSpec": {
            "trainingDatasetUri": "gs://shop-data/train.jsonl",
            "hyperParameters": {"epochCount": "3"},
        },
    }
    return str(sandbox.call("POST", "v1/projects/shop/locations/us-central1/tuningJobs", body)["name"])


def test_adoption_is_refused_where_the_spec_differs(tuning_stack: TuningStack, sandbox: SandboxServer) -> None:
    name = start_by_hand(sandbox)
    stack = tuning_stack(ADOPTING.replace("NAME", name).replace('"epoch_count": 3', '"epoch_count": 5'))
    stack.up().expect_failure("epoch_count", name)
    assert len(sandbox.jobs()) == 1


@pytest.mark.full  # tests/stacks/test_import.py adopts what the command prints
def test_the_declaration_that_the_command_prints_adopts_the_job_which_stays_when_adopt_is_removed(
    tuning_stack: TuningStack, sandbox: SandboxServer
) -> None:
    name = start_by_hand(sandbox)
    command = gcp_tuning("adopt", name)
    done = subprocess.run(command, env=os.environ | sandbox.env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    stack = tuning_stack(done.stdout)
    stack.up().expect_ok()
    assert [job["id"] for job in stack.resources if job["type"].endswith(":TuningJob")] == [name]
    assert len(sandbox.jobs()) == 1
    without, removed = re.subn(r"^ *adopt=.*\n", "", done.stdout, flags=re.MULTILINE)
    assert removed == 1, done.stdout
    stack.write("__main__.py", without)
    assert "replace" not in " ".join(stack.up().expect_ok().changes)
    assert len(sandbox.jobs()) == 1
