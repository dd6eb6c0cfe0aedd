"""``gcp-tuning review`` with the real CLI: golden reports, and nothing changed."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pulumi_gcp_tuning.review.markdown import markdown
from support.golden_reviews import expect_golden, review_in, stable
from support.sandbox_server import CONCURRENT_JOBS, SandboxServer
from support.tuning_programs import IMPORTS, MAIN, rows
from support.warm_python import gcp_tuning

if TYPE_CHECKING:
    from stacks.conftest import AfterUp, TuningStack
    from support.pulumi_stack import Stack


def review(stack: Stack, *arguments: str) -> subprocess.CompletedProcess[str]:
    """``gcp-tuning review`` as a user of this stack types it."""
    named = () if "--stack" in arguments else ("--stack", stack.name)
    command = gcp_tuning("review", *named, *arguments)
    environment = stack.env | {"GCP_TUNING_PULUMI": str(stack.cli)}
    return subprocess.run(command, cwd=stack.folder, env=environment, capture_output=True, text=True, check=False)


def expect_reports(name: str, stack: Stack, sandbox: SandboxServer, *arguments: str, code: int) -> str:
    """The report in JSON is the golden one, and so is the Markdown of the same review."""
    before = sandbox.writes()
    done = review(stack, "--format", "json", *arguments)
    assert done.returncode == code, done.stdout + done.stderr
    assert done.stderr == ""
    assert sandbox.writes() == before
    origins = (str(stack.folder), sandbox.url)
    expect_golden(f"{name}.json", stable(done.stdout, *origins))
    text = stable(markdown(review_in(done.stdout)), *origins)
    expect_golden(f"{name}.md", text)
    return text


def test_a_first_up_is_reviewed_with_its_cost_and_its_quota(tuning_stack: TuningStack, sandbox: SandboxServer) -> None:
    text = expect_reports("first-up", tuning_stack(MAIN), sandbox, "--fail-on", "cost", code=3)
    assert "This merge trains 1 model (" in text


def test_changes_of_a_stack_are_reviewed_with_their_reasons(after_up: AfterUp) -> None:
    stack, sandbox = after_up(MAIN)
    stack.write("train.jsonl", rows(44))
    text = expect_reports("retrain-by-data", stack, sandbox, "--fail-on", "retrain", code=3)
    assert "4 rows added, 0 removed; 40 before, 44 after" in text

    stack.write("train.jsonl", rows())
    stack.write("__main__.py", MAIN.replace('"epoch_count": 8', '"epoch_count": 9'))
    text = expect_reports("retrain-by-field", stack, sandbox, code=0)
    assert "`supervised_tuning_spec.hyper_parameters.epoch_count` changes: `8` → `9`" in text


@pytest.mark.full  # the unit tests of judging hold what is said of each
def test_labels_deletions_and_refusals_are_reviewed(after_up: AfterUp) -> None:
    stack, sandbox = after_up(MAIN)
    stack.write("__main__.py", MAIN.replace('"team": "support"', '"team": "sales"'))
    expect_reports("a-label", stack, sandbox, code=0)

    stack.write("__main__.py", IMPORTS)
    expect_reports("a-deletion", stack, sandbox, "--fail-on", "destroy", code=3)

    more = "TuningJob('second', base_model='{}', supervised_tuning_spec={{'training_dataset_uri': training.uri}}{})\n"
    stack.write("__main__.py", MAIN + more.format("gemini-1.5-pro-002", ""))
    expect_reports("a-retired-model", stack, sandbox, code=1)

    sandbox.admin("POST", "quotas", {"metric": CONCURRENT_JOBS, "limit": 1})
    sandbox.never_end_next_job()
    body = {
        "baseModel": "gemini-3.1-flash-lite",
        "supervisedTuningSpec": {"trainingDatasetUri": stack.resource("training")["outputs"]["uri"]},
    }
    sandbox.call("POST", "v1/projects/shop/locations/us-central1/tuningJobs", body)
    stack.write("__main__.py", MAIN + more.format("gemini-3.1-flash-lite", ", on_quota='fail'"))
    expect_reports("a-full-quota", stack, sandbox, code=1)

    stack.write("__main__.py", MAIN.replace('"epoch_count": 8', '"epoch_count": 0'))
    expect_reports("a-refused-stack", stack, sandbox, code=1)

    stack.write("__main__.py", MAIN + "raise ValueError('boom')\n")
    expect_reports("a-failed-preview", stack, sandbox, code=2)

    stack.write("__main__.py", MAIN)
    text = expect_reports("an-empty-preview", stack, sandbox, code=0)
    assert len(text.splitlines()) == 1


@pytest.mark.full
def test_what_cannot_be_previewed_has_a_sentence_and_an_exit_code(tuning_stack: TuningStack) -> None:
    stack = tuning_stack(MAIN)
    done = review(stack, "--stack", "prod")
    assert (done.returncode, done.stdout) == (6, "")
    assert "no stack named 'prod'" in done.stderr
    done = review(stack, "--pulumi", "no-such-cli")
    assert (done.returncode, done.stdout) == (7, "")
    assert done.stderr.startswith("gcp-tuning: ")


PACK = """
from pulumi_policy import EnforcementLevel, PolicyPack, ResourceValidationPolicy

def keeps(level):
    def check(args, report):
        if args.resource_type.endswith(":TuningJob") and not args.props.get("labels"):
            report("It has no labels.")
    return ResourceValidationPolicy(name=f"{level}-labels", description="Jobs have labels.", validate=check,
                                    enforcement_level=EnforcementLevel(level))

def describe(args):
    if args.resource_type.endswith(":TuningJob"):
        return {**args.props, "description": "Of this house."}

describes = ResourceValidationPolicy(name="describes", description="Jobs are described.", remediate=describe,
                                     enforcement_level=EnforcementLevel.REMEDIATE)
PolicyPack("house", policies=[keeps("advisory"), keeps("mandatory"), describes])
"""


def test_policies_are_a_section_and_a_mandatory_one_blocks_the_merge(
    tuning_stack: TuningStack, sandbox: SandboxServer, tmp_path: Path
) -> None:
    stack = tuning_stack(MAIN)
    pack = tmp_path / "house"
    pack.mkdir()
    (pack / "PulumiPolicy.yaml").write_text("runtime: python\nversion: 1.0.0\n")
    (pack / "__main__.py").write_text(PACK)
    expect_reports("policies", stack, sandbox, "--policy-pack", str(pack), code=1)
