"""As a user has it: the built wheel in a clean environment, a project elsewhere, the real CLI."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from support.pulumi_stack import CHECKOUT, Stack
from support.sandbox_server import PROJECT, REGION, SandboxServer
from support.tuning_programs import rows

PROGRAM = """
import pulumi
import pulumi_gcp_tuning as tuning

data = tuning.TuningDataset("tickets", bucket="my-bucket", source="tickets.jsonl")
job = tuning.TuningJob("router", base_model="gemini-3.1-flash-lite",
                       supervised_tuning_spec={"training_dataset_uri": data.uri})
model = tuning.TunedModel("router", tuning_job=job)
pulumi.export("endpoint", model.endpoint)
pulumi.export("package", tuning.__file__)
"""


@dataclass(frozen=True)
class Installed:
    """An environment that has the wheel, lent packages that it needs, and nothing of this checkout's code."""

    folder: Path

    @property
    def python(self) -> Path:
        return self.folder / "bin" / "python"

    def run(self, *command: str | Path) -> str:
        """What a command of the environment prints, started outside of every project."""
        env = {name: text for name, text in os.environ.items() if not name.startswith("PYTHON")}
        done = subprocess.run(
            [str(part) for part in command], cwd=self.folder, env=env, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        return done.stdout


def build_wheel(folder: Path) -> Path:
    """The wheel of this checkout, built from a copy because setuptools writes beside the source."""
    source = folder / "source"
    shutil.copytree(CHECKOUT / "provider", source / "provider", ignore=shutil.ignore_patterns("*.egg-info"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(CHECKOUT / name, source / name)
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(source)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    folder = tmp_path_factory.mktemp("user")
    wheel = build_wheel(folder)
    user = Installed(folder / "venv")
    subprocess.run([sys.executable, "-m", "venv", str(user.folder)], check=True)
    user.run(user.python, "-m", "pip", "install", "--quiet", "--no-deps", wheel)
    # To install the lock once more takes longer than all else here. A folder that a .pth file names is searched after the
    # environment's own, and the .pth files in it, such as that of the editable checkout, are not read.
    own, lent = (packages_of(each) for each in (user.python, Path(sys.executable)))
    (own / "lent.pth").write_text(f"{lent}\n", encoding="utf-8")
    return user


def packages_of(python: Path) -> Path:
    """Where an interpreter keeps its packages."""
    asked = [str(python), "-c", "import sysconfig; print(sysconfig.get_paths()['purelib'])"]
    return Path(subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip())


@pytest.fixture
def project(installed: Installed, sandbox: SandboxServer, tmp_path: Path, pulumi_cli: Path) -> Stack:
    sandbox.make_bucket("my-bucket")
    cli = tmp_path / "pulumi"
    text = pulumi_cli.read_text(encoding="utf-8")
    cli.write_text(text.replace(f"'{sys.executable}'", f"'{installed.python}'"), encoding="utf-8")
    cli.chmod(0o755)
    assert str(installed.python) in cli.read_text(encoding="utf-8")
    stack = Stack(
        tmp_path / "shop",
        PROGRAM,
        cli=cli,
        home=tmp_path / "home",
        project="shop-models",
        config={"gcp:project": PROJECT, "gcp:region": REGION},
        env=sandbox.env | {"PATH": os.defpath, "PULUMI_PYTHON_CMD": str(installed.python)},
    )
    stack.write("tickets.jsonl", rows())
    return stack


def test_the_package_and_its_command_come_from_the_wheel(installed: Installed) -> None:
    where = "import pulumi_gcp_tuning, tuning_sandbox; print(pulumi_gcp_tuning.__file__, tuning_sandbox.__file__)"
    found = installed.run(installed.python, "-c", where).split()
    assert all(Path(file).is_relative_to(installed.folder) for file in found)
    assert installed.run(installed.python.parent / "gcp-tuning", "version").startswith("0.")


def test_what_the_wheel_asks_for_is_what_the_lock_installs(installed: Installed) -> None:
    assert installed.run(installed.python, "-m", "pip", "check").strip() == "No broken requirements found."


def test_a_foreign_project_goes_up_stands_still_and_comes_down(
    project: Stack, installed: Installed, sandbox: SandboxServer
) -> None:
    project.up().expect_ok()
    outputs = project.outputs()
    assert "/endpoints/" in outputs["endpoint"]
    assert Path(outputs["package"]).is_relative_to(installed.folder)
    assert project.preview("--expect-no-changes").expect_ok().changes == {}
    project.destroy().expect_ok()
    assert (sandbox.models(), sandbox.endpoints()) == ([], [])
    assert [job["state"] for job in sandbox.jobs()] == ["JOB_STATE_SUCCEEDED"]
