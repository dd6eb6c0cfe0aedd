"""The steps of the files in docs/ci, read from the files and run by bash as a runner does.

What is left out is the making of the machine: the tests have Python, the CLI and the packages already.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]

from support.ci_expressions import fill_in, holds_at_gitlab, value_of

CI = Path(__file__).resolve().parents[2] / "docs" / "ci"
GITLAB_FILE = CI / "gitlab" / "gitlab-ci.yml"
DONE_BY_THE_TESTS = (
    "actions/checkout",
    "actions/setup-python",
    "actions/upload-artifact",
    "google-github-actions/auth",
    "pulumi/actions",
)
MAKES_THE_MACHINE = "Install"
MAKE_THE_MACHINE = (".install", ".install-pulumi")


@dataclass(frozen=True)
class Step:
    """One script with its variables. ``always``: it runs after a failure too. ``strict``: a pipe fails with its first part."""

    name: str
    script: str
    env: Mapping[str, str]
    always: bool = False
    strict: bool = False


@dataclass
class Ran:
    """What a job did: the names of its steps that ran, and what each printed."""

    exit_code: int = 0
    failed: str | None = None
    said: dict[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        return "\n".join(f"== {name}\n{text}" for name, text in self.said.items())


def run_steps(steps: list[Step], folder: Path, env: Mapping[str, str]) -> Ran:
    """Runs the steps as a job of GitHub: after a failure only those that always run."""
    ran = Ran()
    for step in steps:
        if ran.failed and not step.always:
            continue
        shell = ["bash", "--noprofile", "--norc", "-eo", "pipefail"] if step.strict else ["bash", "-e"]
        done = subprocess.run(
            [*shell, "-c", step.script],
            cwd=folder,
            env={**os.environ, **env, **step.env},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        ran.said[step.name] = done.stdout + done.stderr
        if done.returncode and not ran.failed:
            ran.exit_code, ran.failed = done.returncode, step.name
    return ran


class GitHubFiles:
    """The workflows and actions of a folder that stands for ``.github``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def stacks(self, workflow: str, job: str) -> list[str]:
        """The stacks of a job's matrix."""
        return list(self._read(workflow)["jobs"][job]["strategy"]["matrix"]["stack"])

    def jobs(self, workflow: str) -> dict[str, Any]:
        """The jobs of a workflow as they are written."""
        return dict(self._read(workflow)["jobs"])

    def steps(self, workflow: str, job: str, context: Mapping[str, Any]) -> list[Step]:
        """The scripts of a job, also of the workflow and the actions that it uses, with the values of the context."""
        found = self._read(workflow)["jobs"][job]
        if "uses" in found:
            given = {name: fill_in(value, context) for name, value in found.get("with", {}).items()}
            secrets = {name: fill_in(value, context) for name, value in found.get("secrets", {}).items()}
            called = Path(found["uses"]).name
            [inner] = self._read(called)["jobs"]
            return self.steps(called, inner, {**context, "inputs": given, "secrets": secrets})
        env = _filled(found.get("env"), context)
        return [step for each in found["steps"] for step in self._of(each, env, {**context, "env": env})]

    def _of(self, step: Mapping[str, Any], env: Mapping[str, str], context: Mapping[str, Any]) -> list[Step]:
        condition = str(step.get("if", ""))
        if condition and not value_of(condition, {**context, "always()": True}):
            return []
        used = step.get("uses", "")
        if used.startswith("./.github/"):
            given = _filled(step.get("with"), context)
            action = yaml.safe_load((self._folder / used.removeprefix("./.github/") / "action.yml").read_text())
            inside = {**context, "inputs": given}
            return [found for each in action["runs"]["steps"] for found in self._of(each, env, inside)]
        if used:
            assert used.partition("@")[0] in DONE_BY_THE_TESTS, f"nothing stands in for {used}"
            return []
        if step["name"] == MAKES_THE_MACHINE:
            return []
        assert "${{" not in step["run"], f"{step['name']}: a value may hold commands; give it as a variable"
        own = {**env, **_filled(step.get("env"), context)}
        return [Step(step["name"], step["run"], own, always="always()" in condition, strict="shell" in step)]

    def _read(self, workflow: str) -> dict[str, Any]:
        return dict(yaml.safe_load((self._folder / "workflows" / workflow).read_text(encoding="utf-8")))


class GitLabFile:
    """The jobs of gitlab-ci.yml with what they extend and refer to."""

    def __init__(self, file: Path = GITLAB_FILE) -> None:
        self._read = yaml.load(file.read_text(encoding="utf-8"), _GitLabLoader)  # noqa: S506  it is a safe loader

    def jobs(self, variables: Mapping[str, str]) -> list[str]:
        """The jobs of a pipeline with these variables."""
        found = [name for name, job in self._read.items() if isinstance(job, dict) and "script" in self.job(name)]
        return [
            name
            for name in found
            if not name.startswith(".")
            and any(holds_at_gitlab(rule["if"], variables) for rule in self.job(name)["rules"])
        ]

    def job(self, name: str) -> dict[str, Any]:
        """A job with what it extends."""
        own = self._read[name]
        if not isinstance(own, dict) or "extends" not in own:
            return dict(own) if isinstance(own, dict) else {}
        return _merged(self.job(own["extends"]), own)

    def step(self, name: str, env: Mapping[str, str]) -> Step:
        """The one script that a runner makes of a job."""
        job = self.job(name)
        lines = [line for part in ("before_script", "script") for line in self._lines(job.get(part, []))]
        variables = {**self._read["variables"], **job.get("variables", {})}
        filled = {key: _expanded(str(value), env) for key, value in variables.items()}
        return Step(name, "\n".join(lines), filled, strict=True)

    def script(self, name: str) -> str:
        """The script of a job or a template alone."""
        return "\n".join(self._lines(self._read[name]["script"]))

    def run(self, name: str, folder: Path, env: Mapping[str, str]) -> Ran:
        """Runs a job; an exit code that it allows is no failure."""
        ran = run_steps([self.step(name, env)], folder, env)
        if ran.exit_code and ran.exit_code == self.job(name).get("allow_failure", {}).get("exit_codes"):
            ran.failed = None
        return ran

    def _lines(self, script: list[Any]) -> list[str]:
        found: list[str] = []
        for each in script:
            if isinstance(each, _Reference):
                name, part = each.path
                found += [] if name in MAKE_THE_MACHINE else self._lines(self._read[name][part])
            else:
                found.append(each)
        return found


@dataclass(frozen=True)
class _Reference:
    path: tuple[str, str]


class _GitLabLoader(yaml.SafeLoader):  # type: ignore[misc]
    """Reads ``!reference [JOB, KEY]`` too."""


def _reference(loader: Any, node: Any) -> _Reference:
    name, part = loader.construct_sequence(node)
    return _Reference((name, part))


_GitLabLoader.add_constructor("!reference", _reference)


def _filled(values: Mapping[str, Any] | None, context: Mapping[str, Any]) -> dict[str, str]:
    return {name: fill_in(value, context) for name, value in (values or {}).items()}


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    both = {**below, **above}
    for name, value in below.items():
        if isinstance(value, dict) and isinstance(above.get(name), dict):
            both[name] = _merged(value, above[name])
    return both


def _expanded(value: str, env: Mapping[str, str]) -> str:
    return env.get(value.removeprefix("$"), "") if value.startswith("$") else value
