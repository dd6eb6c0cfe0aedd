"""``gcp-tuning adopt --import-file`` and ``pulumi import --file``: what exists comes into state, and nothing is trained."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
import requests

from stacks.conftest import NewStack, TuningStack
from support.pulumi_stack import Result, Stack
from support.sandbox_server import PROJECT, REGION, SandboxServer
from support.tuning_programs import rows
from support.warm_python import gcp_tuning

PLACE = f"projects/{PROJECT}/locations/{REGION}"
CONTENT = hashlib.sha256(rows().encode()).hexdigest()
DATA = f"tuning-datasets/{CONTENT}.jsonl"


def start_job(sandbox: SandboxServer, title: str, **more: Any) -> str:
    """A job that somebody started without us; its name."""
    found = requests.get(f"{sandbox.url}/storage/v1/b/shop-data/o/{DATA.replace('/', '%2F')}", timeout=30)
    if found.status_code == 404:
        put_object(sandbox, DATA, rows().encode())
    spec = {"trainingDatasetUri": f"gs://shop-data/{DATA}", "hyperParameters": {"epochCount": "3"}}
    body = {"baseModel": "gemini-3.1-flash-lite", "tunedModelDisplayName": title, "supervisedTuningSpec": spec, **more}
    return str(sandbox.call("POST", f"v1/{PLACE}/tuningJobs", body)["name"])


def put_object(sandbox: SandboxServer, name: str, content: bytes) -> None:
    """An object in the bucket of the tests."""
    sent = requests.post(
        f"{sandbox.url}/upload/storage/v1/b/shop-data/o",
        params={"uploadType": "media", "name": name},
        data=content,
        headers={"content-type": "text/plain"},
        timeout=30,
    )
    assert sent.ok, sent.text


def serve_elsewhere(sandbox: SandboxServer, job: str) -> str:
    """Deploys the job's model to an endpoint of somebody's; the endpoint's name."""
    model = sandbox.call("GET", f"v1/{job}")["tunedModel"]["model"]
    place = model.partition("/models/")[0]
    made = sandbox.call("POST", f"v1/{place}/endpoints", {"displayName": "front door"})
    sandbox.advance(60)
    sandbox.finish(made)
    name = str(sandbox.call("GET", f"v1/{made['name']}")["response"]["name"])
    deployed = sandbox.call(
        "POST", f"v1/{name}:deployModel", {"deployedModel": {"model": model, "displayName": "by hand"}}
    )
    sandbox.advance(3600)
    sandbox.finish(deployed)
    return name


def run_in(stack: Stack, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command in the stack's folder."""
    command = gcp_tuning(*arguments)
    done = subprocess.run(
        command, cwd=stack.folder, env=os.environ | stack.env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done


def adopt(stack: Stack, job: str, file: str) -> str:
    """Writes the import file in the stack's folder; the program that was printed."""
    done = run_in(stack, "adopt", job, "--import-file", file)
    assert f"pulumi import --file {file}" in done.stderr
    return done.stdout


def take(stack: Stack, file: str) -> Result:
    """The command that the page names."""
    return stack.run("import", "--file", file, "--yes", "--generate-code=false", "--protect=false")


def operations(preview: Result) -> set[str]:
    return {step["op"] for step in preview.json["steps"] if "gcptuning" in step["urn"]}


@pytest.fixture
def stopped(sandbox: SandboxServer) -> SandboxServer:
    """The sandbox with a clock that stands still."""
    sandbox.step()
    return sandbox


def test_a_finished_and_a_running_job_are_imported_claimed_and_not_trained_again(
    tuning_stack: TuningStack, stopped: SandboxServer
) -> None:
    finished = start_job(stopped, "finished", labels={"team": "support"})
    stopped.advance(86_400)
    endpoint = serve_elsewhere(stopped, finished)
    stopped.never_end_next_job()
    running = start_job(stopped, "running")
    stopped.advance(600)
    stack = tuning_stack("")
    program = adopt(stack, finished, "finished.json")
    stack.write("__main__.py", program + "\n" + adopt(stack, running, "running.json"))
    take(stack, "finished.json").expect_ok()
    take(stack, "running.json").expect_ok()
    kinds = sorted(each["type"].rpartition(":")[2] for each in stack.resources)
    assert kinds == [
        *("Endpoint", "ModelDeployment", "TunedModel", "TuningDataset", "TuningDataset", "TuningJob", "TuningJob"),
    ]
    assert operations(stack.preview_json().expect_ok()) == {"update"}
    stack.up().expect_ok()
    assert len(stopped.jobs()) == 2
    (model,) = stopped.models()
    assert "gcp-tuning-id" in model["labels"]
    assert stack.preview("--expect-no-changes").expect_ok().changes == {}
    assert stack.resource_of("TuningJob", "running")["outputs"]["state"] == "JOB_STATE_RUNNING"
    stopped.run()
    stack.destroy().expect_ok()
    assert (stopped.models(), stopped.endpoints()) == ([], [])
    assert endpoint not in [each["name"] for each in stopped.endpoints()]
    assert sorted(job["state"] for job in stopped.jobs()) == ["JOB_STATE_CANCELLED", "JOB_STATE_SUCCEEDED"]


@pytest.mark.full
def test_an_import_file_holds_the_whole_state_and_what_was_imported_can_be_destroyed_at_once(
    tuning_stack: TuningStack, stopped: SandboxServer, checkout: Path
) -> None:
    finished = start_job(stopped, "finished")
    stopped.advance(86_400)
    stopped.never_end_next_job()
    running = start_job(stopped, "running")
    stopped.advance(600)
    stack = tuning_stack("")
    adopt(stack, finished, "import.json")
    frozen = json.loads((checkout / "tests" / "golden" / "providers.json").read_text())
    imported = json.loads((stack.folder / "import.json").read_text())["resources"]
    assert {each["logicalName"] for each in imported} == {"finished", "finished-training"}
    assert len({each["name"] for each in imported}) == 3
    for each in imported:
        assert each["inputs"]["__provider"] == each["outputs"]["__provider"]
        assert each["inputs"]["__provider"] in frozen.values()
        assert each["inputs"].items() <= each["outputs"].items()
        assert each["outputs"]["apiOrigin"] == stopped.url

    adopt(stack, running, "running.json")
    take(stack, "import.json").expect_ok()
    take(stack, "running.json").expect_ok()
    stopped.run()
    stack.destroy().expect_ok()
    assert (stopped.models(), stopped.endpoints()) == ([], [])
    assert sorted(each["state"] for each in stopped.jobs()) == ["JOB_STATE_CANCELLED", "JOB_STATE_SUCCEEDED"]
    assert stopped.call("GET", f"storage/v1/b/shop-data/o/{DATA.replace('/', '%2F')}")["name"] == DATA


@pytest.mark.full
def test_a_pipeline_and_its_model_are_imported_and_not_run_again(new_stack: NewStack) -> None:
    pairs = "".join(json.dumps({"input_text": f"sort {n}", "output_text": "sorted(x)"}) + "\n" for n in range(120))
    data = f"tuning-datasets/{hashlib.sha256(pairs.encode()).hexdigest()}.jsonl"
    registry = "https://us-kfp.pkg.dev/ml-pipeline/large-language-model-pipelines"
    parameters = {
        "project": PROJECT,
        "model_display_name": "helper",
        "dataset_uri": f"gs://shop-data/{data}",
        "large_model_reference": "code-bison@002",
        "train_steps": 20,
    }
    with SandboxServer("--stepped", "--as-of", "2024-06-03") as world:
        world.make_bucket()
        put_object(world, data, pairs.encode())
        runtime = {"gcsOutputDirectory": "gs://shop-data/output", "parameterValues": parameters}
        body = {
            "displayName": "helper",
            "templateUri": f"{registry}/tune-large-model/v3.0.0",
            "runtimeConfig": runtime,
        }
        job = str(world.call("POST", f"v1/{PLACE}/pipelineJobs", body)["name"])
        world.advance(86_400)
        stack = new_stack("", config={"gcp:project": PROJECT, "gcp:region": REGION}, env=world.env)
        stack.write("pairs.jsonl", pairs)
        stack.write("__main__.py", adopt(stack, job, "import.json"))
        take(stack, "import.json").expect_ok()
        kinds = sorted(each["type"].rpartition(":")[2] for each in stack.resources)
        assert kinds == ["PipelineTuningJob", "TunedModel", "TuningDataset"]
        assert operations(stack.preview_json().expect_ok()) == {"update"}
        stack.up().expect_ok()
        assert [each["name"] for each in world.jobs(collection="pipelineJobs")] == [job]
        endpoint = stack.resource_of("TunedModel", "helper")["outputs"]["endpoint"]
        assert run_in(stack, "ask", endpoint, "sort a list").stdout.strip()
        world.run()
        stack.destroy().expect_ok()
        assert (world.jobs(collection="pipelineJobs"), world.models(REGION), world.endpoints(REGION)) == ([], [], [])


def test_the_constructors_option_is_refused_in_a_sentence_that_names_the_way(
    tuning_stack: TuningStack, sandbox: SandboxServer
) -> None:
    stack = tuning_stack(
        """
        import pulumi
        from pulumi_gcp_tuning import TunedModel

        TunedModel("router", tuning_job="projects/1/locations/us-central1/tuningJobs/2",
                   opts=pulumi.ResourceOptions(import_="projects/1/locations/us-central1/tuningJobs/2"))
        """
    )
    stack.preview().expect_failure("TunedModel 'router'", "gcp-tuning adopt", "pulumi import --file")
