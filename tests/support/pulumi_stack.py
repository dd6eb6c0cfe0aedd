"""Drives the real Pulumi CLI in tests. No Automation API: what is tested is what a user types.

    def test_a_job_is_created_once(new_stack):                      # fixture in tests/stacks/conftest.py
        stack = new_stack('''                                       # the text of __main__.py
            import pulumi_gcp_tuning as tuning
            tuning.TuningJob("job", base_model="gemini-2.5-flash", ...)
        ''', config={"gcp:project": "shop"}, env={"GCP_TUNING_BASE_URL": sandbox})
        up = stack.up().expect_ok()                                  # Result: exit_code, stdout, stderr, text
        assert up.changes == {"create": 2}                           # from --event-log; up.diagnostics, up.events too
        assert stack.preview_json().steps_of("job") == ["same"]
        stack.write("__main__.py", "...")                            # change the program
        stack.preview("--expect-no-changes"); stack.refresh(); stack.destroy()
        stack.resource("job")["outputs"]["name"]                     # one resource of the state; stack.resources for all
        running = stack.start_up(); running.interrupt(); running.wait()   # ^C as a terminal sends it; kill(), kill_all()

Every method takes further CLI arguments as strings and ``env=`` for that run only; ``expect_ok`` and ``expect_failure``
show the whole output where they are disappointed. ``Stack.cli`` comes from the fixture ``pulumi_cli``.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import yaml  # type: ignore[import-untyped]

from support.warm_python import REAL_START

CHECKOUT = Path(__file__).resolve().parents[2]
FAST_CLOCK = {"PYTHONPATH": str(CHECKOUT / "tests" / "support" / "fast_clock")}
PASSPHRASE = "correct horse"
HUNG = 900
"""Seconds after which a command is taken for hung: many times what it takes on a machine that is busy."""
_SECRET = "4dabf18193072939515e22adb298388d"  # the key by which Pulumi marks a special value in state
_INITIALISED: dict[tuple[Path, str], tuple[dict[str, Any], dict[str, Any]]] = {}
_OURS = ("PULUMI_", "GCP_TUNING_", "GOOGLE_", "CLOUDSDK_", "GCLOUD_")


@dataclass(frozen=True)
class Result:
    """What one command did."""

    command: str
    exit_code: int
    stdout: str
    stderr: str
    events: list[dict[str, Any]] = field(default_factory=list, repr=False)

    @property
    def text(self) -> str:
        """All that the user saw."""
        return f"{self.stdout}\n{self.stderr}"

    def expect_ok(self) -> Self:
        assert self.exit_code == 0, f"{self.command} ended with {self.exit_code}\n{self.text}"
        return self

    def expect_failure(self, *texts: str) -> Self:
        """It failed, said each of ``texts`` and showed no Python frames."""
        assert self.exit_code != 0, f"{self.command} was expected to fail\n{self.text}"
        for text in texts:
            assert text in self.text, f"{text!r} is missing in\n{self.text}"
        assert "Traceback" not in self.text, self.text
        return self

    @property
    def json(self) -> Any:
        """stdout of a command with ``--json``."""
        return json.loads(self.stdout)

    @property
    def changes(self) -> dict[str, int]:
        """Resources by operation; left out are the stack, providers, and what was only compared or read."""
        counted: dict[str, int] = {}
        for step in self.steps:
            if step["op"] not in ("same", "refresh"):
                counted[step["op"]] = counted.get(step["op"], 0) + 1
        return counted

    @property
    def steps(self) -> list[dict[str, Any]]:
        """The steps that the engine began, in order: ``op``, ``urn``, ``type``, ``old``, ``new``, ``detailedDiff``."""
        events = (event["resourcePreEvent"]["metadata"] for event in self.events if "resourcePreEvent" in event)
        return [step for step in events if not step["type"].startswith("pulumi:")]

    def steps_of(self, name: str) -> list[str]:
        """The operations on one resource, from ``--json`` of a preview or the event log."""
        if self.events:
            return [step["op"] for step in self.steps if step["urn"].endswith(f"::{name}")]
        return [step["op"] for step in self.json["steps"] if step["urn"].endswith(f"::{name}")]

    @property
    def diagnostics(self) -> list[dict[str, Any]]:
        """Messages of the run: ``severity``, ``message``, ``urn``, ``ephemeral``."""
        return [event["diagnosticEvent"] for event in self.events if "diagnosticEvent" in event]


class Running:
    """A command under way, in a session of its own."""

    def __init__(self, command: list[str], cwd: Path, env: Mapping[str, str], log: Path) -> None:
        self._command, self._log = " ".join(command), log
        self._real = bool(env.get(REAL_START))
        self._out = tempfile.TemporaryFile("w+")  # noqa: SIM115  # open until wait
        self._err = tempfile.TemporaryFile("w+")  # noqa: SIM115  # open until wait
        self.process = subprocess.Popen(
            command, cwd=cwd, env=dict(env), stdin=subprocess.DEVNULL, stdout=self._out, stderr=self._err,
            text=True, start_new_session=True,
        )  # fmt: skip

    def interrupt(self) -> None:
        """^C as a terminal sends it: to the whole foreground process group."""
        os.killpg(self.process.pid, signal.SIGINT)

    def kill_all(self) -> Result:
        """kill -9 of the CLI, the program and the providers at once."""
        for each, _ in self._family():
            with suppress(ProcessLookupError):
                os.kill(each, signal.SIGKILL)
        return self.wait()

    def kill_providers(self) -> None:
        """kill -9 of the processes that serve our resources; the CLI notices."""
        for each, command in self._family():
            if "pulumi.dynamic" in command:
                with suppress(ProcessLookupError):
                    os.kill(each, signal.SIGKILL)

    def _family(self) -> list[tuple[int, str]]:
        """The CLI and every process below it, with their commands."""
        assert self._real, "what a fork starts is not below the CLI: mark the test with usefixtures('real_start')"
        listed = subprocess.run(["ps", "-Ao", "pid=,ppid=,args="], capture_output=True, text=True, check=True).stdout
        lines = [line.split(None, 2) for line in listed.splitlines()]
        found = [(self.process.pid, "")]
        for parent, _ in found:
            found += [(int(pid), " ".join(rest)) for pid, of, *rest in lines if int(of) == parent]
        return found

    def kill(self) -> None:
        """kill -9 of the CLI; its plugins notice by themselves."""
        self.process.kill()

    def events(self) -> list[dict[str, Any]]:
        """The engine's events so far."""
        return list(_events(self._log))

    def wait(self, timeout: float = HUNG) -> Result:
        try:
            code = self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            code = -signal.SIGKILL
        texts = []
        for file in (self._out, self._err):
            file.seek(0)
            texts.append(file.read())
            file.close()
        return Result(self._command, code, texts[0], texts[1], list(_events(self._log)))


class Stack:
    """One project with one stack in a folder of its own, its state in a file backend beside it."""

    def __init__(
        self,
        folder: Path,
        program: str,
        *,
        cli: Path,
        home: Path,
        config: Mapping[str, Any] | None = None,
        env: Mapping[str, str] | None = None,
        name: str = "dev",
        project: str = "toy",
        settings: Mapping[str, Any] | None = None,
    ) -> None:
        (folder / ".pulumi-state").mkdir(parents=True)
        self._settle(folder, cli, home, env, name, project)
        self.write("Pulumi.yaml", yaml.safe_dump({"name": project, "runtime": "python", **(settings or {})}))
        self.write("__main__.py", program)
        self._initialise()
        if config:
            self.configure(config)

    @classmethod
    def restored(
        cls,
        folder: Path,
        *,
        cli: Path,
        home: Path,
        env: Mapping[str, str] | None = None,
        name: str = "dev",
    ) -> Self:
        """The stack of a folder that holds its project, its configuration and its state already."""
        stack = cls.__new__(cls)
        project = yaml.safe_load((folder / "Pulumi.yaml").read_text())["name"]
        stack._settle(folder, cli, home, env, name, project)
        return stack

    @classmethod
    def of(cls, folder: Path, *, cli: Path, home: Path, env: Mapping[str, str] | None = None) -> Self:
        """A new stack of the project that a folder holds."""
        (folder / ".pulumi-state").mkdir()
        stack = cls.restored(folder, cli=cli, home=home, env=env)
        stack._initialise()
        return stack

    def _settle(
        self, folder: Path, cli: Path, home: Path, env: Mapping[str, str] | None, name: str, project: str
    ) -> None:
        self.folder, self.cli, self.name, self.project = folder, cli, name, project
        self.env = _environment(folder, cli, home) | dict(env or {})
        self._runs = 0

    @property
    def state_file(self) -> Path:
        """Where the backend keeps the stack's state."""
        return self.folder / ".pulumi-state" / ".pulumi" / "stacks" / self.project / f"{self.name}.json"

    def _initialise(self) -> None:
        """What ``stack init`` does. It runs once for each CLI and passphrase; further stacks get copies of what it wrote."""
        key = (self.cli, self.env["PULUMI_CONFIG_PASSPHRASE"])
        if key not in _INITIALISED:
            self.run("stack", "init", self.name).expect_ok()
            _INITIALISED[key] = json.loads(self.state_file.read_text()), yaml.safe_load(self._config_file.read_text())
            return
        state, settings = _INITIALISED[key]
        state["checkpoint"]["stack"] = f"organization/{self.project}/{self.name}"
        self.state_file.parent.mkdir(parents=True)
        self.state_file.write_text(json.dumps(state))
        (self.state_file.parents[2] / "meta.yaml").write_text("version: 1\n")
        self._config_file.parent.mkdir(parents=True, exist_ok=True)
        self._config_file.write_text(yaml.safe_dump(settings))

    @property
    def _config_file(self) -> Path:
        settings = yaml.safe_load((self.folder / "Pulumi.yaml").read_text())
        return self.folder / str(settings.get("stackConfigDir", ".")) / f"Pulumi.{self.name}.yaml"

    def write(self, path: str, text: str) -> Path:
        """A file of the project."""
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(textwrap.dedent(text))
        return file

    def configure(self, config: Mapping[str, Any]) -> None:
        """Adds plain configuration, as ``pulumi config set`` would."""
        file = self._config_file
        kept = (yaml.safe_load(file.read_text()) if file.exists() else None) or {}
        kept["config"] = {**kept.get("config", {}), **config}
        file.write_text(yaml.safe_dump(kept))

    def run(self, *arguments: str, env: Mapping[str, str] | None = None, timeout: float = HUNG) -> Result:
        """Any command of the CLI."""
        return self._start(arguments, env, None).wait(timeout)

    def up(self, *arguments: str, env: Mapping[str, str] | None = None) -> Result:
        return self._logged("up", "--yes", "--skip-preview", *arguments, env=env).wait()

    def start_up(self, *arguments: str, env: Mapping[str, str] | None = None) -> Running:
        return self._logged("up", "--yes", "--skip-preview", *arguments, env=env)

    def preview(self, *arguments: str, env: Mapping[str, str] | None = None) -> Result:
        return self._logged("preview", "--diff", *arguments, env=env).wait()

    def preview_json(self, *arguments: str, env: Mapping[str, str] | None = None) -> Result:
        return self._start(("preview", "--json", *arguments), env, None).wait()

    def refresh(self, *arguments: str, env: Mapping[str, str] | None = None) -> Result:
        return self._logged("refresh", "--yes", "--skip-preview", *arguments, env=env).wait()

    def destroy(self, *arguments: str, env: Mapping[str, str] | None = None) -> Result:
        return self._logged("destroy", "--yes", "--skip-preview", *arguments, env=env).wait()

    def cancel(self) -> Result:
        """Removes the lock of a run that was killed."""
        return self.run("cancel", "--yes", self.name)

    @property
    def state(self) -> dict[str, Any]:
        """The deployment in the backend: ``resources``, ``pending_operations`` ..."""
        return dict(json.loads(self.state_file.read_text())["checkpoint"].get("latest") or {})

    @property
    def resources(self) -> list[dict[str, Any]]:
        """The resources of state without the stack and providers."""
        return [r for r in self.state.get("resources", []) if not r["type"].startswith("pulumi:")]

    def resource(self, name: str) -> dict[str, Any]:
        """One resource of state by its name."""
        found = [r for r in self.resources if r["urn"].endswith(f"::{name}")]
        assert len(found) == 1, f"{len(found)} resources named {name} in state"
        return found[0]

    def resource_of(self, kind: str, name: str) -> dict[str, Any]:
        """One resource of state by its type's last word and its name."""
        found = [r for r in self.resources if r["type"].endswith(f":{kind}") and r["urn"].endswith(f"::{name}")]
        assert len(found) == 1, f"{len(found)} resources {kind} named {name} in state"
        return found[0]

    def outputs(self) -> dict[str, Any]:
        """The stack's outputs; a secret one is ``[secret]``, as ``pulumi stack output`` shows it."""
        found = [r.get("outputs", {}) for r in self.state.get("resources", []) if r["type"] == "pulumi:pulumi:Stack"]
        return {name: _shown(value) for outputs in found for name, value in outputs.items()}

    def _logged(self, verb: str, *arguments: str, env: Mapping[str, str] | None) -> Running:
        self._runs += 1
        log = self.folder / ".pulumi-state" / f"events-{self._runs}.json"
        return self._start((verb, "--event-log", str(log), *arguments), env, log)

    def _start(self, arguments: tuple[str, ...], env: Mapping[str, str] | None, log: Path | None) -> Running:
        stack = () if arguments[0] in ("cancel", "stack") and arguments[-1] == self.name else ("--stack", self.name)
        command = [str(self.cli), *arguments, *stack, "--non-interactive", "--color", "never"]
        return Running(command, self.folder, self.env | dict(env or {}), log or self.folder / "none")


def _shown(value: Any) -> Any:
    """A value of state without what is secret in it."""
    if isinstance(value, dict):
        return "[secret]" if _SECRET in value else {name: _shown(inner) for name, inner in value.items()}
    return [_shown(inner) for inner in value] if isinstance(value, list) else value


def _environment(folder: Path, cli: Path, home: Path) -> dict[str, str]:
    """A clean environment: nothing of the developer's own Pulumi or Google settings gets in."""
    inherited = {key: value for key, value in os.environ.items() if not key.startswith(_OURS)}
    return inherited | {
        "PATH": os.pathsep.join([str(cli.parent), str(Path(sys.executable).parent), os.environ.get("PATH", "")]),
        "PULUMI_HOME": str(home),
        "PULUMI_BACKEND_URL": (folder / ".pulumi-state").as_uri(),
        "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE,
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        "PULUMI_DEBUG_COMMANDS": "true",  # gives --event-log
        "PULUMI_PARALLEL": "64",
        "GOGC": "off",  # a command lives for two seconds
        "PULUMI_PYTHON_CMD": sys.executable,
        "PULUMI_GCP_TUNING_PYTHON": sys.executable,
        "PULUMI_GCP_TUNING_LANGUAGE_HOST": str(CHECKOUT / "scripts" / "language_host.py"),
    }


def _events(log: Path) -> Iterator[dict[str, Any]]:
    if not log.exists():
        return
    for line in log.read_text().splitlines():
        if line.strip().endswith("}"):
            yield json.loads(line)
