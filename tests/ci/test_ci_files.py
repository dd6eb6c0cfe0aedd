"""The files of docs/ci are valid, and three linters that find mistakes in them find none."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]
from google.auth.identity_pool import Credentials

from support.ci_expressions import holds_at_gitlab, value_of
from support.ci_steps import CI, GITLAB_FILE, GitHubFiles, GitLabFile, Step, run_steps

BIN = Path(sys.executable).parent
WORKFLOWS = sorted([*(CI / "github" / "workflows").glob("*.yml"), *(CI / "demo").glob("*.yml")])
ACTIONS = sorted((CI / "github" / "actions").glob("*/action.yml"))
BY_STACK = ("review.yml", "up.yml", "pick-up.yml", "drift.yml", "audit.yml")


def lint(*command: str | Path, folder: Path = CI) -> str:
    """What a linter says; empty if it finds nothing."""
    done = subprocess.run(
        [str(BIN / command[0]), *map(str, command[1:])], cwd=folder, capture_output=True, text=True, check=False
    )
    return done.stdout + done.stderr if done.returncode else ""


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with the workflows of docs/ci, and of the demo."""
    shutil.copytree(CI / "github", tmp_path / ".github")
    shutil.copy(CI / "demo" / "sandbox.yml", tmp_path / ".github" / "workflows")
    (tmp_path / ".git").mkdir()
    return tmp_path


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def test_the_workflows_have_the_form_of_github() -> None:
    assert lint("check-jsonschema", "--builtin-schema", "vendor.github-workflows", *WORKFLOWS) == ""
    assert lint("check-jsonschema", "--builtin-schema", "vendor.github-actions", *ACTIONS) == ""


def test_the_jobs_have_the_form_of_gitlab(tmp_path: Path) -> None:
    checked = ("check-jsonschema", "--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci")
    assert lint(*checked, GITLAB_FILE) == ""
    wrong = Path(shutil.copy(GITLAB_FILE, tmp_path / "wrong.yml"))
    edit(wrong, "resource_group: $STACK", "resourcegroup: $STACK")
    assert "resourcegroup" in lint(*checked, wrong)


def test_actionlint_finds_nothing(repository: Path) -> None:
    command = ("actionlint", "-shellcheck=", "-pyflakes=")
    assert lint(*command, folder=repository) == ""
    edit(repository / ".github" / "workflows" / "review.yml", "${{ matrix.stack }}", "${{ matrix.stock }}")
    assert 'property "stock" is not defined' in lint(*command, folder=repository)


def test_zizmor_finds_no_insecure_workflow(repository: Path) -> None:
    command = ("zizmor", "--offline", "--no-progress", ".github")
    assert lint(*command, folder=repository) == ""
    edit(repository / ".github" / "workflows" / "review.yml", '--stack "$STACK"', "--stack ${{ github.head_ref }}")
    assert "template-injection" in lint(*command, folder=repository)


@pytest.mark.parametrize(
    "file", [CI / "demo" / "sandbox.yml", CI / "github" / "workflows" / "drift.yml"], ids=lambda file: file.name
)
def test_drift_is_looked_for_every_night(file: Path) -> None:
    read = yaml.load(file.read_text(encoding="utf-8"), yaml.BaseLoader)  # noqa: S506  # `on` stays a text
    [night] = read["on"]["schedule"]
    assert re.fullmatch(r"\d+ \d+ \* \* \*", night["cron"])
    [job] = read["jobs"].values()
    found = [step for step in job["steps"] if step.get("name") == "Drift" or "refresh" in step.get("run", "")]
    assert found
    assert all("if" not in step for step in found)


@pytest.mark.parametrize("file", [*WORKFLOWS, *ACTIONS], ids=lambda file: file.name)
def test_an_action_is_pinned_by_a_hash_with_its_release_or_says_that_it_is_not(file: Path) -> None:
    for line in file.read_text(encoding="utf-8").splitlines():
        used = re.search(r"uses: ([^.\s][^\s]*)(.*)", line)
        if used and "ignore[unpinned-uses]" not in used[2]:
            assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", used[1]), line
            assert re.fullmatch(r" # v[0-9.]+", used[2]), line


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.name)
def test_no_workflow_runs_code_of_a_fork_with_secrets(file: Path) -> None:
    assert "pull_request_target" not in file.read_text(encoding="utf-8")


def jobs_with_steps() -> list[tuple[str, Any]]:
    files = GitHubFiles(CI / "github")
    return [(name, job) for name in BY_STACK for job in files.jobs(name).values()]


@pytest.mark.parametrize(("name", "job"), jobs_with_steps(), ids=BY_STACK)
def test_runs_of_one_stack_come_one_after_the_other(name: str, job: Any) -> None:
    assert re.search(r"\$\{\{ (inputs|matrix)\.stack \}\}", job["concurrency"]["group"])
    assert job["concurrency"]["cancel-in-progress"] is (name == "review.yml")


def test_the_file_of_a_review_is_kept_however_the_run_ends() -> None:
    (review,) = GitHubFiles(CI / "github").jobs("review.yml").values()
    written = re.search(
        r'-o "([^"]+)"', next(each["run"] for each in review["steps"] if "gcp-tuning review" in str(each.get("run")))
    )
    upload = next(each for each in review["steps"] if str(each.get("uses")).startswith("actions/upload-artifact@"))
    job = GitLabFile().job("review")
    of_gitlab = re.search(r'-o "([^"]+)"', GitLabFile().script("review"))
    assert written is not None
    assert of_gitlab is not None
    assert fnmatch(written[1], upload["with"]["path"])
    assert upload["if"] == "always()"
    assert fnmatch(of_gitlab[1], job["artifacts"]["paths"][0])
    assert job["artifacts"]["when"] == "always"


def test_each_environment_waits_for_the_one_before() -> None:
    jobs = GitHubFiles(CI / "github").jobs("deploy.yml")
    assert [(name, job.get("needs")) for name, job in jobs.items()] == [
        ("dev", None),
        ("staging", "dev"),
        ("prod", "staging"),
    ]
    assert [job["with"]["stack"] for job in jobs.values()] == list(jobs)


def test_only_the_run_that_deploys_uses_the_account_that_may_write() -> None:
    deploying = {
        file.name for file in WORKFLOWS if re.search(r"vars\.SERVICE_ACCOUNT", file.read_text(encoding="utf-8"))
    }
    assert deploying == {"up.yml", "pick-up.yml"}


@pytest.mark.parametrize(
    ("pipeline", "jobs"),
    [
        ({"CI_PIPELINE_SOURCE": "merge_request_event"}, ["validate", "review"]),
        ({"CI_PIPELINE_SOURCE": "push", "CI_COMMIT_BRANCH": "main"}, ["up-dev", "up-staging", "up-prod"]),
        ({"CI_PIPELINE_SOURCE": "push", "CI_COMMIT_BRANCH": "fix"}, []),
        ({"CI_PIPELINE_SOURCE": "schedule", "SCHEDULE": "pick-up"}, ["pick-up"]),
        ({"CI_PIPELINE_SOURCE": "schedule", "SCHEDULE": "drift"}, ["drift"]),
        ({"CI_PIPELINE_SOURCE": "schedule", "SCHEDULE": "audit"}, ["audit"]),
    ],
)
def test_a_pipeline_of_gitlab_has_the_jobs_of_its_source(pipeline: dict[str, str], jobs: list[str]) -> None:
    assert GitLabFile().jobs(pipeline | {"CI_DEFAULT_BRANCH": "main"}) == jobs


@pytest.mark.parametrize("name", ["up-dev", "up-staging", "up-prod", "pick-up"])
def test_a_job_of_gitlab_that_changes_a_stack_has_the_stack_for_itself(name: str) -> None:
    job = GitLabFile().job(name)
    assert (job["resource_group"], job["interruptible"], job["environment"]) == ("$STACK", False, "$STACK")
    assert job["allow_failure"] == {"exit_codes": 10}
    assert job["variables"]["ACCOUNT"] == "$SERVICE_ACCOUNT"


def test_prod_waits_for_a_person() -> None:
    assert [rule["when"] for rule in GitLabFile().job("up-prod")["rules"]] == ["manual"]


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("a.b == 'x'", True),
        ("a.b != 'x' || a.none == ''", True),
        ("!(a.b == 'x') && a.b", False),
        ("a.b == 'y' && a.b || ''", ""),
        ("always() && a.b", "x"),
        ("'it''s'", "it's"),
    ],
)
def test_the_reader_of_these_tests_knows_githubs_expressions(expression: str, value: Any) -> None:
    assert value_of(expression, {"a": {"b": "x"}, "always()": True}) == value


def test_the_reader_of_these_tests_knows_gitlabs_rules() -> None:
    assert holds_at_gitlab('$A == "x" && $B == $C', {"A": "x", "B": "1", "C": "1"})
    assert not holds_at_gitlab('$A == "x" && $B == $C', {"A": "x", "B": "1"})


def test_the_documented_variables_are_those_of_the_files() -> None:
    page = (CI / "README.md").read_text(encoding="utf-8")
    texts = [file.read_text(encoding="utf-8") for file in [*WORKFLOWS, *ACTIONS]]
    used = {name for text in texts for name in re.findall(r"\b(?:vars|secrets)\.([A-Z_]+)", text)}
    used |= {"GITLAB_TOKEN", "SCHEDULE"}
    assert {name for name in used if f"`{name}`" not in page} == set()


def test_the_login_of_gitlab_is_one_that_googles_library_reads(tmp_path: Path) -> None:
    given = {
        "CI_PROJECT_DIR": str(tmp_path / "project"),
        "GOOGLE_ID_TOKEN": "a token of GitLab",
        "WORKLOAD_IDENTITY_PROVIDER": "projects/1/locations/global/workloadIdentityPools/ci/providers/gitlab",
        "ACCOUNT": "reviews@shop.iam.gserviceaccount.com",
    }
    login = Step("login", GitLabFile().script(".log-in"), {}, strict=True)
    assert run_steps([login], tmp_path, given).exit_code == 0
    credentials = Credentials.from_file(str(tmp_path / "project.credentials.json"))  # type: ignore[no-untyped-call]
    assert credentials.info["audience"] == f"//iam.googleapis.com/{given['WORKLOAD_IDENTITY_PROVIDER']}"
    assert credentials.retrieve_subject_token(None) == "a token of GitLab"
    assert credentials.service_account_email == given["ACCOUNT"]
