"""``gcp-tuning sandbox -- COMMAND``: which sandbox the command gets, how it ends, and what is refused."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from pulumi_gcp_tuning.cli.sandbox_folder import SandboxFolder
from pulumi_gcp_tuning.cli.sandbox_process import stop_sandbox

COMMAND = [sys.executable, "-m", "pulumi_gcp_tuning.cli", "sandbox"]
TELL = "import json, os; print(json.dumps(dict(os.environ)))"


class Project:
    """A folder with a Pulumi.yaml, in which commands are typed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.sandbox = SandboxFolder(folder / ".sandbox")
        self.env = {"HOME": str(folder), "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.defpath])}

    def run(self, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
        command = [*COMMAND, *arguments]
        return subprocess.run(
            command, cwd=self.folder, env=self.env | env, capture_output=True, text=True, timeout=300, check=False
        )

    def told(self, *options: str, **env: str) -> dict[str, str]:
        """The environment that a command is given."""
        done = self.run(*options, "--", sys.executable, "-c", TELL, **env)
        assert done.returncode == 0, done.stderr
        told: dict[str, str] = json.loads(done.stdout)
        return told

    def start(self, program: str) -> subprocess.Popen[str]:
        """A command under way, in a session of its own; it has printed its first line."""
        running = subprocess.Popen(
            [*COMMAND, "--", sys.executable, "-c", program], cwd=self.folder, env=self.env, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
        )  # fmt: skip
        assert running.stdout is not None
        assert running.stdout.readline() == "ready\n"
        return running


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")
    return Project(tmp_path)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """A project whose sandbox goes on running."""
    made = Project(tmp_path_factory.mktemp("kept"))
    try:
        made.run("--keep", "--as-of", "2026-06-01", "--", "true")
        yield made
    finally:
        stop_sandbox(made.sandbox)


def test_a_command_gets_the_address_and_day_of_a_sandbox_and_a_backend_and_home_of_its_own(kept: Project) -> None:
    told = kept.told()
    found = kept.sandbox.find()
    assert found is not None
    assert told["GCP_TUNING_BASE_URL"] == found.address
    assert told["GCP_TUNING_AS_OF"] == "2026-06-01"
    assert told["PULUMI_BACKEND_URL"] == f"file://{kept.folder}/.sandbox/state"
    assert told["PULUMI_HOME"] == f"{kept.folder}/.sandbox/pulumi"
    assert told["PULUMI_CONFIG_PASSPHRASE"] == ""


def test_the_folder_of_the_sandbox_is_not_committed(kept: Project) -> None:
    assert (kept.sandbox.home / ".gitignore").read_text().splitlines()[-1] == "*"


def test_the_exit_code_and_the_input_pass_through(kept: Project) -> None:
    program = "import sys; print(sys.stdin.read().upper(), end=''); sys.exit(int('7'))"
    command = [*COMMAND, "--", sys.executable, "-c", program]
    done = subprocess.run(
        command, cwd=kept.folder, env=kept.env, input="yes", capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (7, "YES")


def test_a_command_that_a_signal_ends_exits_as_in_a_shell(kept: Project) -> None:
    assert kept.run("--", "sh", "-c", "kill -9 $$").returncode == 128 + 9


def test_options_after_the_command_are_the_commands_without_the_dashes_too(kept: Project) -> None:
    assert kept.run("echo", "--keep", "--stop").stdout == "--keep --stop\n"


def test_a_command_within_a_command_uses_the_same_sandbox(kept: Project) -> None:
    done = kept.run("--", *COMMAND, "--", sys.executable, "-c", TELL)
    assert json.loads(done.stdout)["PULUMI_HOME"] == f"{kept.folder}/.sandbox/pulumi"


def test_stdout_is_the_commands_alone_and_stderr_names_the_sandbox(kept: Project) -> None:
    done = kept.run("--", "echo", "x")
    assert done.stdout == "x\n"
    assert done.stderr.splitlines()[0].endswith("of 2026-06-01; its stacks and their state are in .sandbox")


@pytest.mark.parametrize(
    ("arguments", "env", "said"),
    [
        (("--as-of", "2026-07-01", "--", "true"), {}, "has the date 2026-06-01"),
        (("--", "true"), {"GCP_TUNING_AS_OF": "2026-07-01"}, "has the date 2026-06-01"),
        (("--as-of", "July", "--", "true"), {}, "--as-of must be a date"),
        (("--port", "9", "--", "true"), {}, "gcp-tuning sandbox --stop"),
        (("--", "no-such-thing"), {}, "The command 'no-such-thing' was not found on PATH."),
        (("--", "true"), {"GCP_TUNING_BASE_URL": "http://127.0.0.1:9"}, "No sandbox answers at http://127.0.0.1:9"),
        (("--", "true"), {"GCP_TUNING_BASE_URL": "https://cloud.example"}, "No sandbox answers at https://cloud"),
        (("--", "true", "-C", "nowhere"), {}, "The folder nowhere does not exist."),
        (("--", "/"), {}, "'/' is not a program that can be run."),
        (("--keep",), {}, "--keep needs a command"),
        (("--stop", "--", "true"), {}, "--stop takes no command."),
    ],
)
def test_what_cannot_be_done_is_a_sentence(
    kept: Project, arguments: tuple[str, ...], env: Mapping[str, str], said: str
) -> None:
    done = kept.run(*arguments, **env)
    assert done.returncode == 1
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_sandbox_that_the_user_has_started_is_used_and_tells_its_day(kept: Project, project: Project) -> None:
    found = kept.sandbox.find()
    assert found is not None
    told = project.told(GCP_TUNING_BASE_URL=found.address)
    assert (told["GCP_TUNING_BASE_URL"], told["GCP_TUNING_AS_OF"]) == (found.address, "2026-06-01")
    assert told["PULUMI_BACKEND_URL"] == f"file://{project.folder}/.sandbox/state"
    refused = project.run("--", "true", GCP_TUNING_BASE_URL=found.address, GCP_TUNING_AS_OF="2025-01-01")
    assert "has the date 2026-06-01, not 2025-01-01" in refused.stderr


def test_a_sandbox_ends_with_its_command_and_comes_back_with_its_data_at_its_address(project: Project) -> None:
    make = (
        "import os, urllib.request as r\n"
        "url = os.environ['GCP_TUNING_BASE_URL'] + '/storage/v1/b?project=shop'\n"
        "r.urlopen(r.Request(url, b'{\"name\": \"kept-data\"}', {'Content-Type': 'application/json'}))\n"
    )
    look = "import os, urllib.request as r; print(r.urlopen(os.environ['GCP_TUNING_BASE_URL'] + '/storage/v1/b/kept-data').status)"
    assert project.run("--", sys.executable, "-c", make).returncode == 0
    first = project.sandbox.last()
    assert project.sandbox.find() is None
    assert project.run("--", sys.executable, "-c", look).stdout == "200\n"
    second = project.sandbox.last()
    assert first is not None
    assert second is not None
    assert second.address == first.address


def test_a_sandbox_is_left_to_a_second_command_that_uses_it(project: Project) -> None:
    program = "print('ready', flush=True); input()"
    with project.start(program) as first, project.start(program) as second:
        first.communicate("\n")
        assert project.sandbox.find() is not None
        second.communicate("\n")
    assert project.sandbox.find() is None


def test_an_interrupt_reaches_the_command_once_and_the_sandbox_outlives_the_commands_own_end(project: Project) -> None:
    program = (
        "import os, signal, time, urllib.request as r\n"
        "seen = []\n"
        "signal.signal(signal.SIGINT, lambda *_: seen.append(1))\n"
        "print('ready', flush=True)\n"
        "while not seen: time.sleep(0.02)\n"
        "time.sleep(0.2)\n"
        "print(len(seen), r.urlopen(os.environ['GCP_TUNING_BASE_URL'] + '/_sandbox/health').status)\n"
        "raise SystemExit(8)\n"
    )
    with project.start(program) as running:
        os.killpg(running.pid, signal.SIGINT)
        said, _ = running.communicate(timeout=300)
    assert (running.returncode, said) == (8, "1 200\n")
    assert project.sandbox.find() is None


def test_a_request_to_end_is_handed_on_and_the_sandbox_ends_too(project: Project) -> None:
    with project.start("import signal; print('ready', flush=True); signal.pause()") as running:
        running.terminate()
        running.communicate(timeout=300)
    assert running.returncode == 128 + signal.SIGTERM
    assert project.sandbox.find() is None


def test_a_kept_sandbox_runs_on_until_it_is_stopped(project: Project) -> None:
    project.run("--keep", "--data", "mine", "--", "true")
    assert SandboxFolder(project.folder / "mine").find() is not None
    project.run("--data", "mine", "--", "true")
    assert "has stopped" in project.run("--stop", "--data", "mine").stdout
    assert SandboxFolder(project.folder / "mine").find() is None
    assert project.run("--stop", "--data", "mine").stdout == "No sandbox runs in mine.\n"


def test_without_a_pulumi_cli_the_ways_to_get_one_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from pulumi_gcp_tuning.cli import sandboxed
    from pulumi_gcp_tuning.errors import Refused

    monkeypatch.setattr(sandboxed, "find_wrapper", lambda: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Refused, match=r"command 'pulumi' was not found on PATH.*get\.pulumi\.com.*`npx pulumi`"):
        sandboxed.resolve(["pulumi", "up"])


def test_in_a_checkout_pulumi_is_the_checkouts_wrapper_unless_another_is_named(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pulumi_gcp_tuning.cli import sandboxed

    assert sandboxed.resolve(["pulumi", "up"]) == [str(checkout / "scripts" / "pulumi"), "up"]
    monkeypatch.setenv("GCP_TUNING_PULUMI", "true")
    assert sandboxed.resolve(["pulumi"]) == [shutil.which("true")]
