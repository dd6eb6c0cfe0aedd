"""The steps of docs/ci, read from the files and run on clones of a bare repository with the sandbox and a stand-in forge."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest

from support.ci_steps import CI, GITLAB_FILE, GitHubFiles, GitLabFile, Ran, run_steps
from support.ci_team import Team
from support.stand_in_forge import REPOSITORY, TOKEN, StandInForge
from support.tuning_programs import IMPORTS, rows

if TYPE_CHECKING:
    from pytest_httpserver import HTTPServer

    from stacks.conftest import MadeUp, TuningStack
    from support.sandbox_server import SandboxServer

PROGRAM = (
    IMPORTS
    + """
training = TuningDataset("training", bucket="shop-data", source="data/train.jsonl")
validation = TuningDataset("validation", bucket="shop-data", source="data/validation.jsonl")
job = TuningJob("router", base_model="gemini-3.1-flash-lite",
                supervised_tuning_spec={"training_dataset_uri": training.uri, "validation_dataset_uri": validation.uri,
                                        "hyper_parameters": {"epoch_count": 2}})
model = TunedModel("router", tuning_job=job, labels={"team": "support"})
pulumi.export("endpoint", model.endpoint)
"""
)
NOT_WAITING = PROGRAM.replace("tuning_job=job,", 'tuning_job=job, wait_for="accepted",')
BAD_ROW = '{"contents": [{"role": "user", "parts": []}]}\n'


@dataclass
class Project:
    """A team whose CI runs on one of the forges. ``run`` runs one job of the files for stack dev."""

    team: Team
    forge: StandInForge
    folder: Path
    fork: bool = False

    def review(self, branch: str) -> Ran:
        """The pull request's run; at GitLab the jobs of its pipeline until one fails."""
        if self.forge.name == "GitHub":
            return self._github("review.yml", "review", branch)
        ran = Ran()
        for job in ("validate", "review"):
            if not ran.failed:
                ran = self._gitlab(job, branch)
        return ran

    def deploy(self) -> Ran:
        """The run of stack dev after a merge."""
        return self._github("deploy.yml", "dev") if self.forge.name == "GitHub" else self._gitlab("up-dev")

    def scheduled(self, name: Literal["drift", "audit", "pick-up"]) -> Ran:
        """A run that a clock starts."""
        return self._github(f"{name}.yml", name) if self.forge.name == "GitHub" else self._gitlab(name)

    @property
    def last_run(self) -> Path:
        """The folder of the last job."""
        return max(
            filter(Path.is_dir, self.folder.glob("run-*")), key=lambda folder: int(folder.name.rpartition("-")[2])
        )

    def forget(self, *kinds: str) -> None:
        """Takes resources out of the state, as a state that was restored from a backup lacks them."""
        work = self.team.clone()
        listed = subprocess.run(
            [self.team.env["GCP_TUNING_PULUMI"], "stack", "export", "--stack", "dev"],
            cwd=work,
            env=self.team.env,
            capture_output=True,
            check=True,
        )
        state = json.loads(listed.stdout)
        deployment = state["deployment"]
        deployment["resources"] = [each for each in deployment["resources"] if not each["type"].endswith(kinds)]
        subprocess.run(
            [self.team.env["GCP_TUNING_PULUMI"], "stack", "import", "--stack", "dev"],
            cwd=work,
            env=self.team.env,
            input=json.dumps(state).encode(),
            capture_output=True,
            check=True,
        )

    def _github(self, workflow: str, job: str, branch: str = "main") -> Ran:
        work = self.team.clone(branch)
        files = GitHubFiles(work / ".github")
        context = {
            "matrix": {"stack": "dev"},
            "vars": {"PULUMI_BACKEND_URL": self.team.env["PULUMI_BACKEND_URL"]},
            "secrets": {"PULUMI_CONFIG_PASSPHRASE": self.team.env["PULUMI_CONFIG_PASSPHRASE"]},
            "github": {"repository": REPOSITORY, "token": TOKEN},
        }
        env = self.team.env | self.forge.env(self.folder, fork=self.fork, token=None)
        return run_steps(files.steps(workflow, job, context), work, env)

    def _gitlab(self, job: str, branch: str = "main") -> Ran:
        work = self.team.clone(branch)
        env = {
            **self.team.env,
            **self.forge.env(self.folder, fork=self.fork),
            "CI_PROJECT_DIR": str(work),
            "GOOGLE_ID_TOKEN": "a token of GitLab",
            "WORKLOAD_IDENTITY_PROVIDER": "projects/1/locations/global/workloadIdentityPools/ci/providers/gitlab",
            "SERVICE_ACCOUNT": "deploys@shop.iam.gserviceaccount.com",
            "REVIEW_SERVICE_ACCOUNT": "reviews@shop.iam.gserviceaccount.com",
            "STACK": "dev",
        }
        return GitLabFile(work / ".gitlab-ci.yml").run(job, work, env)


@pytest.fixture
def begin(tuning_stack: TuningStack, httpserver: HTTPServer, tmp_path: Path) -> Callable[..., Project]:
    """Makes the repository of a team that pasted the files of docs/ci."""

    def begin(name: Literal["GitHub", "GitLab"], program: str = PROGRAM) -> Project:
        stack = tuning_stack(program)
        stack.write("data/train.jsonl", rows(40))
        stack.write("data/validation.jsonl", rows(10, salt="held out"))
        shutil.copytree(CI / "github", stack.folder / ".github")
        shutil.copy(GITLAB_FILE, stack.folder / ".gitlab-ci.yml")
        stack.run("stack", "ls").expect_ok()
        return Project(Team(stack, tmp_path), StandInForge(httpserver, name), tmp_path)

    return begin


def succeeded(ran: Ran) -> Ran:
    assert ran.failed is None, f"{ran.failed} ended with {ran.exit_code}\n{ran.text}"
    return ran


def relabel(sandbox: SandboxServer, team: str) -> None:
    """What somebody does in the console: another value of a label of the one model."""
    [model] = sandbox.models()
    change = {"name": model["name"], "labels": {**model["labels"], "team": team}}
    sandbox.call("PATCH", f"v1/{model['name']}?updateMask=labels", change)


def states(sandbox: SandboxServer) -> list[str]:
    return [job["state"] for job in sandbox.jobs()]


def test_a_bad_dataset_is_red_a_merge_goes_up_and_drift_is_found(
    begin: Callable[..., Project], sandbox: SandboxServer
) -> None:
    project = begin("GitHub")
    project.team.commit("bad-data", {"data/train.jsonl": rows(40) + BAD_ROW})
    refused = project.review("bad-data")
    assert refused.failed == "Validate the data", refused.text
    assert sandbox.jobs() == []
    succeeded(project.deploy())
    assert states(sandbox) == ["JOB_STATE_SUCCEEDED"]
    relabel(sandbox, "somebody-else")
    drifted = project.scheduled("drift")
    assert drifted.failed == "Drift", drifted.text
    assert "no changes were expected for refresh but changes were proposed" in drifted.text


@pytest.mark.full
@pytest.mark.parametrize("forge", ["GitHub", "GitLab"])
def test_a_pull_request_has_one_comment_which_its_next_commit_edits(
    begin: Callable[..., Project], sandbox: SandboxServer, forge: Literal["GitHub", "GitLab"]
) -> None:
    project = begin(forge)
    project.team.commit("first", {"README.md": "The router of tickets.\n"})
    succeeded(project.review("first"))
    [created] = project.forge.bodies
    project.team.commit("first", {"__main__.py": PROGRAM.replace('"epoch_count": 2', '"epoch_count": 3')})
    succeeded(project.review("first"))
    [edited] = project.forge.bodies
    assert edited.splitlines()[0] == created.splitlines()[0]
    assert edited != created
    project.team.commit("first", {"__main__.py": PROGRAM.replace("gemini-3.1-flash-lite", "gemini-1.5-pro-002")})
    assert project.review("first").failed in ("Review", "review")
    [blocked] = project.forge.bodies
    assert "**BLOCK**" in blocked
    assert sandbox.jobs() == []


@pytest.mark.full
@pytest.mark.parametrize("forge", ["GitHub", "GitLab"])
def test_a_forks_run_is_green_and_its_report_is_a_file_of_the_job(
    begin: Callable[..., Project], forge: Literal["GitHub", "GitLab"]
) -> None:
    project = begin(forge)
    project.forge.may_write = False
    project.fork = True
    assert "from a fork" in succeeded(project.review("main")).text
    assert "trains 1 model" in (project.last_run / "gcp-tuning-review.dev.md").read_text()
    if forge == "GitHub":
        assert "trains 1 model" in (project.folder / "summary.md").read_text()
    assert project.forge.comments == []


@pytest.mark.full
@pytest.mark.parametrize("forge", ["GitHub", "GitLab"])
def test_after_a_merge_the_nightly_and_weekly_runs_are_green_until_something_differs(
    begin: Callable[..., Project], sandbox: SandboxServer, forge: Literal["GitHub", "GitLab"]
) -> None:
    project = begin(forge)
    project.team.commit("bad-data", {"data/train.jsonl": rows(40) + BAD_ROW})
    assert project.review("bad-data").failed in ("Validate the data", "validate")
    succeeded(project.deploy())
    succeeded(project.scheduled("drift"))
    succeeded(project.scheduled("audit"))
    assert "Nothing to pick up" in succeeded(project.scheduled("pick-up")).text
    relabel(sandbox, "somebody-else")
    assert project.scheduled("drift").failed in ("Drift", "drift")
    project.forget("TuningJob", "TunedModel")
    audited = project.scheduled("audit")
    assert audited.exit_code == 3, audited.text


@pytest.mark.full
@pytest.mark.parametrize("forge", ["GitHub", "GitLab"])
def test_a_job_that_trains_on_is_picked_up_with_the_commit_that_started_it(
    begin: Callable[..., Project], sandbox: SandboxServer, forge: Literal["GitHub", "GitLab"]
) -> None:
    project = begin(forge, NOT_WAITING)
    sandbox.step()
    assert "Run `pulumi up` again once the job has ended" in succeeded(project.deploy()).text
    project.team.commit("later", {"__main__.py": NOT_WAITING.replace('"epoch_count": 2', '"epoch_count": 3')})
    project.team.merge("later")
    succeeded(project.scheduled("pick-up"))
    assert len(states(sandbox)) == 1
    assert sandbox.models() == []
    sandbox.run()
    while states(sandbox) != ["JOB_STATE_SUCCEEDED"]:
        time.sleep(0.1)
    succeeded(project.scheduled("pick-up"))
    assert "Nothing to pick up" in succeeded(project.scheduled("pick-up")).text
    assert len(states(sandbox)) == 1


def test_make_in_a_copy_of_the_checkout_leaves_the_environment_of_the_tests_alone(bare_checkout: MadeUp) -> None:
    planned = bare_checkout.run("make", "--dry-run", "up", "drift", "down")
    assert planned.returncode == 0, planned.stderr
    assert "scripts/up.py" in planned.stdout
    assert "make_venv" not in planned.stdout


@pytest.mark.full
def test_the_demo_of_this_repository_runs_on_the_sandbox(
    bare_checkout: MadeUp, httpserver: HTTPServer, tmp_path: Path
) -> None:
    workflows = bare_checkout.folder / ".github" / "workflows"
    workflows.mkdir(parents=True)
    shutil.copy(bare_checkout.folder / "docs" / "ci" / "demo" / "sandbox.yml", workflows)
    forge = StandInForge(httpserver, "GitHub")
    context = {"github": {"event_name": "pull_request", "token": TOKEN}}
    steps = GitHubFiles(workflows.parent).steps("sandbox.yml", "demo", context)
    ran = succeeded(run_steps(steps, bare_checkout.folder, bare_checkout.env | forge.env(tmp_path, token=None)))
    assert list(ran.said) == ["Up", "Drift", "Audit", "Change the stack", "Review", "Down"]
    [body] = forge.bodies
    assert "hyper_parameters" in body
    assert "The stack is gone and the sandbox has stopped." in ran.said["Down"]
