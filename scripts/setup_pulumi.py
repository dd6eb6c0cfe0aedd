"""Find the Pulumi CLI, install it, or build it; print its path.

Standard library only: this runs before the virtual environment exists. Progress goes to stderr, the path to stdout.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import platform
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

VERSION = "3.276.0"
SCRIPTS = Path(__file__).resolve().parent
GO_MODULE = SCRIPTS / "pulumi-cli"
CLI_PACKAGE = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
SDK_MODULE = "github.com/pulumi/pulumi/sdk/v3"
INSTALLER = "https://get.pulumi.com/install.sh"
PROBE_SECONDS = 5
LANGUAGE_HOST = "pulumi-language-python"
# The files that a Python program with dynamic resources needs next to `pulumi`.
COMPANIONS = (LANGUAGE_HOST, "pulumi-language-python-exec", "pulumi-resource-pulumi-python")


class SetupError(Exception):
    """The message for the user: what is missing, with the command that corrects it."""


def say(text: str) -> None:
    """Progress on stderr, so that stdout has only the path."""
    print(text, file=sys.stderr, flush=True)


def cache_home(env: Mapping[str, str]) -> Path:
    """The folder outside every checkout where a built CLI is kept, so that the next checkout does not build again."""
    base = env.get("XDG_CACHE_HOME") or str(Path(env.get("HOME") or Path.home()) / ".cache")
    return Path(base) / "pulumi-gcp-tuning"


def built_home(env: Mapping[str, str]) -> Path:
    """The folder of this checkout's CLI, named by a hash of its sources, so that a change builds a new one."""
    recipe = hashlib.sha256()
    for part in (GO_MODULE / "go.mod", GO_MODULE / "go.sum", SCRIPTS / LANGUAGE_HOST):
        recipe.update(part.read_bytes())
    recipe.update(f"{platform.system()} {platform.machine()}".encode())
    return cache_home(env) / f"pulumi-{VERSION}-{recipe.hexdigest()[:12]}"


def installed_home(env: Mapping[str, str]) -> Path:
    """The folder in which Pulumi's official installer puts the CLI."""
    return cache_home(env) / f"pulumi-{VERSION}-official"


def is_complete(cli: Path) -> bool:
    """Whether this `pulumi` has the files that a Python program needs next to it (following symbolic links, as Pulumi does)."""
    home = cli.resolve().parent
    return cli.is_file() and os.access(cli, os.X_OK) and all(os.access(home / name, os.X_OK) for name in COMPANIONS)


def is_wrapper(cli: Path) -> bool:
    """Whether this `pulumi` is our own `scripts/pulumi`, of any checkout."""
    with cli.open("rb") as file:
        return b"pulumi-gcp-tuning" in file.read(512)


def on_path(env: Mapping[str, str]) -> Iterator[Path]:
    """Every real `pulumi` on PATH, in order."""
    for folder in env.get("PATH", "").split(os.pathsep):
        cli = Path(folder) / "pulumi"
        if folder and cli.is_file() and os.access(cli, os.X_OK) and not is_wrapper(cli):
            yield cli


def find_cli(env: Mapping[str, str]) -> Path | None:
    """The CLI to run, or None if one must be set up first. Starts no process, because every `scripts/pulumi` calls it."""
    named = env.get("PULUMI_GCP_TUNING_CLI")
    if named:
        cli = Path(named)
        if not is_complete(cli):
            raise SetupError(
                f"PULUMI_GCP_TUNING_CLI names {named}, which is not a complete Pulumi CLI. It needs these beside it: "
                f"{', '.join(COMPANIONS)}. Name another, or unset it to let `make up` find or build one."
            )
        return cli
    places = [*on_path(env), installed_home(env) / "pulumi", built_home(env) / "pulumi"]
    return next((cli for cli in places if is_complete(cli)), None)


def set_up(env: Mapping[str, str]) -> Path:
    """The CLI to run, installed or built now if there is none. Raises SetupError with a remedy."""
    found = find_cli(env)
    if found:
        return found
    for cli in on_path(env):
        say(f"{cli} has no Python language host beside it, so it is not used.")
    cache_home(env).mkdir(parents=True, exist_ok=True)
    with (cache_home(env) / "lock").open("w") as lock:
        wait_for(lock)
        found = find_cli(env)  # another checkout may have finished it in the meantime
        if found:
            return found
        script = fetch_installer()
        if script and install_official(script, installed_home(env), env):
            return installed_home(env) / "pulumi"
        return build(built_home(env), env)


def wait_for(lock: IO[str]) -> None:
    """Allows one set-up at a time on this machine; a set-up that waits says so."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        say("Another checkout is setting up the Pulumi CLI; waiting for it ...")
        fcntl.flock(lock, fcntl.LOCK_EX)


def fetch_installer() -> bytes | None:
    """Pulumi's install script, or None if it cannot be reached within seconds."""
    import urllib.request

    answer: queue.Queue[bytes | None] = queue.Queue()

    def fetch() -> None:
        try:
            with urllib.request.urlopen(INSTALLER, timeout=PROBE_SECONDS) as response:
                answer.put(response.read())
        except (OSError, ValueError):
            answer.put(None)

    # A thread, because the timeout above does not cover a name server that does not answer.
    threading.Thread(target=fetch, daemon=True).start()
    try:
        script = answer.get(timeout=PROBE_SECONDS + 1)
    except queue.Empty:
        return None
    return script if script and script.startswith(b"#!") else None


def install_official(script: bytes, home: Path, env: Mapping[str, str]) -> bool:
    """Run Pulumi's installer in a temporary folder and move the result into place; False if it failed."""
    say(f"Installing Pulumi {VERSION} with Pulumi's installer ...")
    with tempfile.TemporaryDirectory(dir=home.parent) as work:
        command = ["sh", "-s", "--", "--version", VERSION, "--no-edit-path", "--install-root", work]
        done = subprocess.run(command, input=script, env=dict(env), stdout=sys.stderr.fileno(), check=False)
        if done.returncode or not is_complete(Path(work) / "bin" / "pulumi"):
            say("Pulumi's installer did not finish; building from source instead.")
            return False
        put_in_place(Path(work) / "bin", home)
    return True


def build(home: Path, env: Mapping[str, str]) -> Path:
    """Build the CLI from the committed Go module and put the language host next to it."""
    go = shutil.which("go", path=env.get("PATH", os.defpath))
    if go is None:
        raise SetupError(
            "There is no Pulumi CLI on PATH, its installer cannot be reached, and there is no Go to build it with.\n"
            "Install one of the two and run the command again:\n"
            "  curl -fsSL https://get.pulumi.com | sh      (then open a new terminal)\n"
            "  Go 1.26.6 or later, from https://go.dev/dl"
        )
    # The user's workspace and flags must not change the build; CGO is off, so that no C compiler is needed.
    go_env = {**env, "GOWORK": "off", "GOFLAGS": "", "CGO_ENABLED": "0"}
    say(f"Building Pulumi {VERSION} from source, once for this machine (about four minutes on two cores) ...")
    packages = Progress("downloading Go modules").run([go, "list", "-deps", CLI_PACKAGE], go_env)
    with tempfile.TemporaryDirectory(dir=home.parent, prefix="building-") as work:
        target = Path(work) / "bin"
        target.mkdir()
        stamp = f"-s -w -X {SDK_MODULE}/go/common/version.Version=v{VERSION}"
        command = [go, "build", "-v", "-trimpath", "-ldflags", stamp, "-o", str(target / "pulumi"), CLI_PACKAGE]
        Progress("compiling", of=len(packages)).run(command, go_env)
        sdk = Path(Progress("finding the SDK").run([go, "list", "-m", "-f", "{{.Dir}}", SDK_MODULE], go_env)[0])
        for source in (
            sdk / "python" / "cmd" / "pulumi-language-python-exec",
            sdk / "python" / "dist" / "pulumi-resource-pulumi-python",
            SCRIPTS / LANGUAGE_HOST,
        ):
            shutil.copyfile(source, target / source.name)
            (target / source.name).chmod(0o755)
        put_in_place(target, home)
    return home / "pulumi"


def put_in_place(made: Path, home: Path) -> None:
    """Rename a finished folder in one step, so that no other process sees it incomplete."""
    if home.exists():
        shutil.rmtree(home)
    made.rename(home)


class Progress:
    """Runs a long command and shows its progress: one rewritten line on a terminal, a line now and then in a log."""

    def __init__(self, what: str, *, of: int = 0, clock: Callable[[], float] = time.monotonic) -> None:
        self.what, self.of, self.clock = what, of, clock
        self.terminal = sys.stderr.isatty()
        self.every = 0.5 if self.terminal else 15.0

    def run(self, command: list[str], env: Mapping[str, str]) -> list[str]:
        """The lines of its stdout. Raises SetupError with the end of its stderr if it fails."""
        started = shown = self.clock()
        said: list[str] = []
        finished = threading.Event()

        def read(stream: IO[str]) -> None:
            said.extend(line.rstrip("\n") for line in stream)
            finished.set()

        with (
            tempfile.TemporaryFile("w+") as out,
            subprocess.Popen(
                command, cwd=GO_MODULE, env=dict(env), stdout=out, stderr=subprocess.PIPE, text=True
            ) as process,
        ):
            assert process.stderr is not None  # noqa: S101
            threading.Thread(target=read, args=(process.stderr,), daemon=True).start()
            while not finished.wait(0.5):
                if self.clock() - shown >= self.every:
                    shown = self.clock()
                    self.show(len(said), shown - started)
            status = process.wait()
            out.seek(0)
            lines = out.read().splitlines()
        if self.terminal:
            say("\r\033[K  " + f"{self.what}: done in {self.clock() - started:.0f} s")
        if status:
            raise SetupError(
                f"Could not build the Pulumi CLI ({self.what}). Go says:\n"
                + "\n".join(f"  {line}" for line in said[-15:])
                + "\nMend that and run the command again, or install Pulumi: curl -fsSL https://get.pulumi.com | sh"
            )
        return lines

    def show(self, count: int, seconds: float) -> None:
        """One short line: the current step, the number of packages, the elapsed time."""
        number = f" {count} of at most {self.of} packages," if self.of else ""
        text = f"  {self.what}:{number} {seconds:.0f} s"
        print(
            f"\r\033[K{text}" if self.terminal else text, file=sys.stderr, end="" if self.terminal else "\n", flush=True
        )


def main() -> int:
    """Print the path of the CLI, or a message about what is missing."""
    try:
        cli = set_up(os.environ)
    except SetupError as error:
        say(str(error))
        return 1
    except KeyboardInterrupt:
        say("\nStopped. Nothing half-built is kept; run the command again to start over.")
        return 130
    print(cli)
    return 0


if __name__ == "__main__":
    sys.exit(main())
