"""A team's repository on a bare clone: each run of its CI works in a clone of its own, with one backend and one sandbox.

team = Team(stack, tmp_path)                       # the stack of a program, already initialised
team.commit("more-epochs", {"__main__.py": "..."})  # a branch with a change, pushed
folder = team.clone("more-epochs")                  # what a runner checks out
team.merge("more-epochs")
"""

from __future__ import annotations

import itertools
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from support.pulumi_stack import Stack

OWN_STATE = ".pulumi-state/\n__pycache__/\n"
_IDENTITY = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "A developer"), ("EMAIL", "developer@shop.test"))
}


class Team:
    """The repository that a stack's folder became, and clones of it."""

    def __init__(self, stack: Stack, folder: Path) -> None:
        self._folder = folder
        self._count = itertools.count(1)
        self.origin = folder / "origin.git"
        self.env = {
            **stack.env,
            **_IDENTITY,
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_SYSTEM": os.devnull,
            "GCP_TUNING_PULUMI": str(stack.cli),
        }
        (stack.folder / ".gitignore").write_text(OWN_STATE, encoding="utf-8")
        self._git(stack.folder, "init", "--quiet", "--initial-branch", "main")
        self._commit_all(stack.folder)
        self._git(folder, "clone", "--quiet", "--bare", str(stack.folder), str(self.origin))

    def clone(self, branch: str = "main") -> Path:
        """A new clone at the head of a branch."""
        made = self._folder / f"run-{next(self._count)}"
        self._git(self._folder, "clone", "--quiet", "--branch", branch, str(self.origin), str(made))
        return made

    def commit(self, branch: str, files: Mapping[str, str]) -> None:
        """Pushes a change to a branch, which begins at main."""
        known = self._git(self.origin, "branch", "--list", branch)
        work = self.clone(branch if known else "main")
        self._git(work, "checkout", "--quiet", "-B", branch)
        for name, text in files.items():
            (work / name).parent.mkdir(parents=True, exist_ok=True)
            (work / name).write_text(text, encoding="utf-8")
        self._commit_all(work)
        self._git(work, "push", "--quiet", "origin", branch)

    def merge(self, branch: str) -> None:
        """Makes main what the branch is."""
        self._git(self.clone(branch), "push", "--quiet", "origin", f"{branch}:main")

    def _commit_all(self, work: Path) -> None:
        self._git(work, "add", "--all")
        self._git(work, "commit", "--quiet", "--message", "A change")

    def _git(self, folder: Path, *arguments: str) -> str:
        done = subprocess.run(
            ["git", *arguments], cwd=folder, env=self.env, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"git {' '.join(arguments)}: {done.stderr}"
        return done.stdout
