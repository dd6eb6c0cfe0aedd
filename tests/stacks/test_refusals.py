"""What bad input gets: all findings at preview with path and way out, one clean message later, nothing lost."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from support.pulumi_stack import FAST_CLOCK
from support.sandbox_server import SandboxServer
from support.tuning_programs import IMPORTS, MAIN
from support.world_snapshots import start

if TYPE_CHECKING:
    from pathlib import Path

    from stacks.conftest import AfterUp, TuningStack
    from support.pulumi_stack import Result

CREATE = {"method": "POST", "path": r"/tuningJobs$"}
MODELS = {"method": "GET", "path": r"/models/"}
KEY = "projects/shop/locations/us-central1/keyRings/ring/cryptoKeys/key"


def job(**changes: str) -> str:
    """A program with one job on a dataset that is already in a bucket."""
    inputs = {
        "base_model": '"gemini-3.1-flash-lite"',
        "supervised_tuning_spec": '{"training_dataset_uri": "gs://shop-data/train.jsonl"}',
    } | changes
    return IMPORTS + f"\nTuningJob('router', {', '.join(f'{k}={v}' for k, v in inputs.items())})\n"


def told(result: Result) -> list[str]:
    """The error messages of a run that are about a resource of ours."""
    return [d["message"] for d in result.diagnostics if d["severity"] == "error" and "Tuning" in d.get("urn", "")]


@pytest.mark.matrix(1)
@pytest.mark.parametrize(
    ("changes", "findings"),
    [
        pytest.param(
            {
                "supervised_tuning_spec": '{"training_dataset_uri": "s3://shop-data/t.jsonl",'
                ' "hyper_parameters": {"adapter_size": 3}}',
                "encryption_spec": '{"kms_key_name": "my-key"}',
                "location": '"us-central-1"',
                "tuned_model_display_name": f'"{"x" * 129}"',
                "labels": '{"Team": "Support!"}',
            },
            {
                "supervised_tuning_spec.training_dataset_uri": "gs://",
                "supervised_tuning_spec.hyper_parameters.adapter_size": "3",
                "encryption_spec.kms_key_name": "my-key",
                "location": "us-central1",
                "tuned_model_display_name": "128",
                'labels["Team"]': "Team",
            },
            id="values that are wrong for every model",
        ),
        pytest.param(
            {"location": '"asia-east1"', "encryption_spec": f'{{"kms_key_name": "{KEY}"}}', "labels": '{"Team": "x"}'},
            {"location": "europe-west4", "encryption_spec": "customer-managed key", 'labels["Team"]': "Team"},
            id="a region and a key that are wrong for this model",
        ),
    ],
)
def test_preview_tells_all_findings_of_a_resource_at_once_and_writes_nothing(
    tuning_stack: TuningStack, sandbox: SandboxServer, changes: dict[str, str], findings: dict[str, str]
) -> None:
    before = sandbox.writes()
    preview = tuning_stack(job(**changes)).preview().expect_failure()
    messages = told(preview)
    found = {
        path: any(f"{path}: " in message and word in message for message in messages) for path, word in findings.items()
    }
    assert all(found.values()), (found, messages)
    assert sandbox.writes() == before


def test_a_broken_line_of_the_dataset_is_named_with_its_number(tuning_stack: TuningStack) -> None:
    stack = tuning_stack(MAIN)
    good = (stack.folder / "train.jsonl").read_text().splitlines()
    stack.write("train.jsonl", "\n".join([*good[:6], "{not json", *good[6:]]) + "\n")
    stack.preview().expect_failure("train.jsonl:7:")


@pytest.mark.matrix(1, kind="a create that Google refuses")
def test_a_denied_create_is_reported_in_googles_words_and_keeps_state(
    tuning_stack: TuningStack, sandbox: SandboxServer
) -> None:
    denied = "Permission 'aiplatform.tuningJobs.create' denied on resource '//aiplatform.googleapis.com/projects/shop'."
    sandbox.fault(kind="status", match=CREATE, status=403, code="PERMISSION_DENIED", message=denied, count=9)
    stack = tuning_stack(MAIN)
    up = stack.up().expect_failure(denied)
    assert all(len(message.strip().splitlines()) <= 6 for message in told(up))
    assert [r["type"].rpartition(":")[2] for r in stack.resources] == ["TuningDataset"]


def test_a_server_that_stays_broken_is_reported_after_the_retries(after_up: AfterUp) -> None:
    stack, sandbox = after_up(MAIN)
    sandbox.fault(kind="status", match=MODELS, status=500, code="INTERNAL", message="Internal error.", count=99)
    failed = stack.refresh(env=FAST_CLOCK).expect_failure("Internal error.")
    assert all(len(message.strip().splitlines()) <= 6 for message in told(failed))
    sandbox.admin("DELETE", "faults")
    assert stack.preview("--expect-no-changes").expect_ok().changes == {}


@pytest.mark.matrix(1, kind="a create that Google refuses")
def test_quota_that_is_full_is_reported_in_googles_words(tuning_stack: TuningStack, sandbox: SandboxServer) -> None:
    message = "The following quota metrics exceed quota limits: aiplatform.googleapis.com/global_concurrent_tuning_jobs"
    sandbox.fault(kind="status", match=CREATE, status=429, code="RESOURCE_EXHAUSTED", message=message, count=99)
    stack = tuning_stack(MAIN)
    stack.configure({"gcp-tuning:onQuota": "fail"})
    stack.up(env=FAST_CLOCK).expect_failure("global_concurrent_tuning_jobs")
    assert sandbox.jobs() == []


def test_state_of_another_api_origin_is_refused_with_the_way_out_although_each_id_answers_there(
    after_up: AfterUp, tmp_path: Path
) -> None:
    stack, sandbox = after_up(MAIN)
    with SandboxServer() as other:
        stack.refresh(env=other.env).expect_failure(sandbox.url, "GCP_TUNING_BASE_URL")
    shutil.copytree(tmp_path / "after-up" / "world", tmp_path / "twin")
    with start(tmp_path / "twin") as twin:
        assert [each["name"] for each in twin.models()] == [each["name"] for each in sandbox.models()]
        stack.write("__main__.py", MAIN.replace('"team": "support"', '"team": "sales"'))
        stack.up(env=twin.env).expect_failure(sandbox.url, "GCP_TUNING_BASE_URL")
        stack.destroy(env=twin.env).expect_failure(sandbox.url)
        assert twin.writes() == []
    stack.write("__main__.py", MAIN)
    assert len(stack.resources) == 3
    assert len(sandbox.models()) == 1
    assert stack.preview("--expect-no-changes").expect_ok().changes == {}


def test_a_gcp_provider_on_a_resource_of_ours_is_an_error_that_names_the_fix(tuning_stack: TuningStack) -> None:
    program = (
        "import pulumi_gcp as gcp\n"
        + MAIN.replace("model = TunedModel(", "").partition('"router", tuning_job')[0]
        + 'other = gcp.Provider("other", project="p2")\n'
        + 'TunedModel("x", tuning_job=job, opts=pulumi.ResourceOptions(provider=other))\n'
    )
    preview = tuning_stack(program).preview()
    assert preview.exit_code != 0
    assert "pulumi_gcp_tuning.Provider" in preview.text


@pytest.mark.full  # tests/unit/resources/test_every_resource.py holds the claim for every resource
def test_prevent_refuses_to_delete_and_abandon_leaves_the_model_at_google(
    tuning_stack: TuningStack, sandbox: SandboxServer
) -> None:
    one = MAIN.partition("model = ")[0] + 'TunedModel("router", tuning_job=job, deletion_policy="PREVENT")\n'
    other = one.removeprefix(IMPORTS).replace('"router"', '"other"').replace('"training"', '"other"')
    stack = tuning_stack(one + other.replace("PREVENT", "ABANDON"))
    stack.up().expect_ok()
    stack.destroy("--continue-on-error").expect_failure("deletion_policy is PREVENT")
    assert [r["urn"].rpartition("::")[2] for r in stack.resources if r["type"].endswith(":TunedModel")] == ["router"]
    assert len(sandbox.models()) == 2
