"""As a user has it: the built wheel in a clean environment, a project elsewhere, the real CLI."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

import setup_pulumi
from support.pulumi_stack import CHECKOUT
from support.sandbox_server import PROJECT, REGION
from support.tuning_programs import rows

PROGRAM = """
import pulumi
import pulumi_gcp as gcp
import pulumi_gcp_tuning as tuning

bucket = gcp.storage.Bucket("my-bucket", location="US-CENTRAL1")
data = tuning.TuningDataset("tickets", bucket=bucket.name, source="tickets.jsonl")
job = tuning.TuningJob("router", base_model="gemini-3.1-flash-lite",
                       supervised_tuning_spec={"training_dataset_uri": data.uri})
model = tuning.TunedModel("router", tuning_job=job)
pulumi.export("bucket", bucket.name)
pulumi.export("endpoint", model.endpoint)
pulumi.export("package", tuning.__file__)
"""
LEFT = f"""
import json, os, urllib.request

def found(location, collection):
    url = os.environ["GCP_TUNING_BASE_URL"] + f"/v1/projects/{PROJECT}/locations/{{location}}/{{collection}}"
    return json.load(urllib.request.urlopen(url)).get(collection, [])

print(json.dumps({{
    "models": len(found("us", "models")),
    "endpoints": len(found("us", "endpoints")),
    "tuningJobs": [job["state"] for job in found("{REGION}", "tuningJobs")],
}}))
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

    def pip(self, *arguments: str) -> str:
        """What the pip of the tests says of this environment, which has none of its own."""
        return self.run(sys.executable, "-m", "pip", "--python", self.python, *arguments)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory, wheel: Path) -> Installed:
    user = Installed(tmp_path_factory.mktemp("user") / "venv")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(user.folder)], check=True)
    user.pip("install", "--quiet", "--no-deps", str(wheel))
    # To install the lock once more takes longer than all else here. A folder that a .pth file names is searched after the
    # environment's own, and the .pth files in it, such as that of the editable checkout, are not read.
    own, lent = (packages_of(each) for each in (user.python, Path(sys.executable)))
    (own / "lent.pth").write_text(f"{lent}\n", encoding="utf-8")
    return user


def packages_of(python: Path) -> Path:
    """Where an interpreter keeps its packages."""
    asked = [str(python), "-c", "import sysconfig; print(sysconfig.get_paths()['purelib'])"]
    return Path(subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip())


class Shop:
    """An empty folder that became a project, in which a user types ``gcp-tuning sandbox -- ...``."""

    def __init__(self, folder: Path, installed: Installed, cli: Path) -> None:
        self.folder, self.installed = folder, installed
        bare = {
            name: text for name, text in os.environ.items() if not name.startswith(("PYTHON", "PULUMI_", "VIRTUAL"))
        }
        self.env = bare | {
            "HOME": str(folder),
            "PATH": os.pathsep.join([str(cli.parent), os.defpath]),
            # The CLI of the tests has our language host beside it, which asks for these; Pulumi's own does not.
            "PULUMI_GCP_TUNING_LANGUAGE_HOST": str(CHECKOUT / "scripts" / "language_host.py"),
        }
        for name, text in {
            "Pulumi.yaml": "name: shop-models\nruntime: python\n",
            "Pulumi.dev.yaml": f"config:\n  gcp:project: {PROJECT}\n  gcp:region: {REGION}\n",
            "__main__.py": PROGRAM,
            "tickets.jsonl": rows(),
        }.items():
            (folder / name).write_text(text, encoding="utf-8")

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        typed = [str(self.installed.python.parent / "gcp-tuning"), "sandbox", "--speed", "3000", "--", *command]
        return subprocess.run(
            typed, cwd=self.folder, env=self.env, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )

    def succeed(self, *command: str) -> str:
        done = self.run(*command)
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        return done.stdout


@pytest.fixture
def shop(installed: Installed, tmp_path: Path, pulumi_cli: Path) -> Shop:
    return Shop(tmp_path, installed, setup_pulumi.set_up(os.environ))


def test_the_package_and_its_command_come_from_the_wheel(installed: Installed) -> None:
    where = "import pulumi_gcp_tuning, tuning_sandbox; print(pulumi_gcp_tuning.__file__, tuning_sandbox.__file__)"
    found = installed.run(installed.python, "-c", where).split()
    assert all(Path(file).is_relative_to(installed.folder) for file in found)
    assert installed.run(installed.python.parent / "gcp-tuning", "version").startswith("0.")


def test_what_the_wheel_asks_for_is_what_the_lock_installs(installed: Installed) -> None:
    assert installed.pip("check").strip() == "No broken requirements found."


def test_a_project_elsewhere_goes_up_stands_still_and_comes_down_in_a_sandbox(shop: Shop, installed: Installed) -> None:
    output = "pulumi stack output --json >outputs.json"
    shop.succeed("sh", "-e", "-c", f"pulumi stack init dev; pulumi up --yes --skip-preview; {output}")
    outputs = json.loads((shop.folder / "outputs.json").read_text())
    assert outputs["bucket"].startswith("my-bucket")
    assert "/endpoints/" in outputs["endpoint"]
    assert Path(outputs["package"]).is_relative_to(installed.folder)
    left = f"{installed.python} -c '{LEFT}' >left.json"
    shop.succeed("sh", "-e", "-c", f"pulumi preview --expect-no-changes; pulumi destroy --yes --skip-preview; {left}")
    found = json.loads((shop.folder / "left.json").read_text())
    assert found == {"models": 0, "endpoints": 0, "tuningJobs": ["JOB_STATE_SUCCEEDED"]}
