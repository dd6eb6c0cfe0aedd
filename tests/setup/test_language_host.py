"""The CLI with our language host runs what Pulumi runs: programs, policy packs and source plugins."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from support.pulumi_stack import HUNG

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("real_start")  # the host that a user has

PROGRAM = """
    import os
    import signal
    import sys

    import pulumi
    from things import Thing

    config = pulumi.Config()
    how = config.get("how")
    if how == "raises":
        raise ValueError("the mistake of the user")
    if how == "exits":
        sys.exit(7)
    if how == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    if how == "waits":
        import time

        print("waiting now", flush=True)
        time.sleep(600)
    thing = Thing("thing", size=config.get_int("size") or 3)
    pulumi.export("size", thing.size)
    pulumi.export("python", sys.prefix)
    pulumi.export("secret", config.get_secret("secret") or "none")
"""
THINGS = """
    import pulumi
    from pulumi.dynamic import CreateResult, Resource, ResourceProvider


    class Provider(ResourceProvider):
        def create(self, props):
            return CreateResult("thing-1", dict(props))


    class Thing(Resource):
        size: pulumi.Output[float]

        def __init__(self, name, size, opts=None):
            super().__init__(Provider(), name, {"size": size}, opts)
"""
# A pack over the SDK's own stubs: pulumi-policy pins another protobuf than the rest of the lock.
PACK = """
    import sys
    import threading
    from concurrent.futures import ThreadPoolExecutor

    import grpc
    from google.protobuf import empty_pb2
    from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc, plugin_pb2


    class Analyzer(analyzer_pb2_grpc.AnalyzerServicer):
        def GetAnalyzerInfo(self, request, context):
            policy = analyzer_pb2.PolicyInfo(name="small", enforcementLevel=analyzer_pb2.MANDATORY)
            return analyzer_pb2.AnalyzerInfo(name="pack", version="0.0.1", policies=[policy])

        def GetPluginInfo(self, request, context):
            return plugin_pb2.PluginInfo(version="0.0.1")

        def Configure(self, request, context):
            return empty_pb2.Empty()

        def Analyze(self, request, context):
            found = []
            if dict(request.properties).get("size", 0) > 5:
                found.append(
                    analyzer_pb2.AnalyzeDiagnostic(
                        policyName="small",
                        policyPackName="pack",
                        policyPackVersion="0.0.1",
                        message="a thing must be small",
                        enforcementLevel=analyzer_pb2.MANDATORY,
                        urn=request.urn,
                    )
                )
            return analyzer_pb2.AnalyzeResponse(diagnostics=found)

        def AnalyzeStack(self, request, context):
            return analyzer_pb2.AnalyzeResponse()


    server = grpc.server(ThreadPoolExecutor(4))
    analyzer_pb2_grpc.add_AnalyzerServicer_to_server(Analyzer(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)
    threading.Event().wait()
"""
PLUGIN = """
    import sys
    from pathlib import Path

    from pulumi.provider.experimental import provider, server
    from pulumi.provider.experimental.property_value import PropertyValue


    class Provider(provider.Provider):
        async def configure(self, request):
            return provider.ConfigureResponse(
                accept_secrets=True, supports_preview=True, accept_resources=True, accept_outputs=True
            )

        async def check_config(self, request):
            return provider.CheckResponse(inputs=request.new_inputs)

        async def check(self, request):
            return provider.CheckResponse(inputs=request.new_inputs)

        async def create(self, request):
            made_by = PropertyValue(Path(__file__).parent.name)
            return provider.CreateResponse(resource_id="made-1", properties={"maker": made_by})

        async def delete(self, request):
            return None


    server.main(sys.argv[1:], "0.0.1", Provider())
"""


@dataclass(frozen=True)
class Project:
    """A small Pulumi project with a file backend of its own."""

    folder: Path
    cli: Path
    env: Mapping[str, str]

    def write(self, name: str, text: str) -> None:
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(textwrap.dedent(text), encoding="utf-8")

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [str(self.cli), *arguments, "--non-interactive"]
        return subprocess.run(
            command, cwd=self.folder, env=self.env, capture_output=True, text=True, check=False, timeout=HUNG
        )

    def succeed(self, *arguments: str) -> str:
        done = self.run(*arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def configure(self, **values: object) -> None:
        """As ``pulumi config set`` does."""
        file = self.folder / "Pulumi.dev.yaml"
        lines = [f"  small:{name}: {value}" for name, value in values.items()]
        salt = next(line for line in file.read_text(encoding="utf-8").splitlines() if line.startswith("encryptionsalt"))
        file.write_text("\n".join([salt, "config:", *lines]) + "\n", encoding="utf-8")

    def outputs(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(self.succeed("stack", "output", "--json"))
        return told


def project_in(folder: Path, cli: Path) -> Project:
    env = {
        **os.environ,
        "PULUMI_HOME": str(folder / "home"),
        "PULUMI_BACKEND_URL": f"file://{folder / 'state'}",
        "PULUMI_STACK": "dev",
        "PULUMI_CONFIG_PASSPHRASE": "tests",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
    }
    return Project(folder / "project", cli, env)


@pytest.fixture(scope="module")
def initialised(tmp_path_factory: pytest.TempPathFactory, pulumi_cli: Path) -> Path:
    """A folder with the project and the state of a stack that nothing has run in."""
    folder = tmp_path_factory.mktemp("initialised")
    (folder / "state").mkdir()
    project = project_in(folder, pulumi_cli)
    project.write("Pulumi.yaml", "name: small\nruntime: python\n")
    project.write("__main__.py", PROGRAM)
    project.write("things.py", THINGS)
    project.succeed("stack", "init", "dev")
    return folder


@pytest.fixture
def project(tmp_path: Path, pulumi_cli: Path, initialised: Path) -> Project:
    for name in ("project", "state"):
        shutil.copytree(initialised / name, tmp_path / name)
    return project_in(tmp_path, pulumi_cli)


def test_a_program_reads_its_config_and_secrets_goes_up_previews_unchanged_and_is_destroyed(project: Project) -> None:
    project.succeed("config", "set", "size", "4")
    project.succeed("config", "set", "--secret", "secret", "hush")
    project.succeed("up", "--yes")
    told = project.outputs()
    assert (told["size"], told["secret"]) == (4, "[secret]")
    assert json.loads(project.succeed("stack", "output", "--json", "--show-secrets"))["secret"] == "hush"
    assert "2 unchanged" in project.succeed("preview", "--expect-no-changes")
    assert "2 deleted" in project.succeed("destroy", "--yes")


def test_a_program_that_raises_shows_its_traceback_once(project: Project) -> None:
    project.configure(how="raises")
    done = project.run("up", "--yes")
    said = done.stdout + done.stderr
    assert done.returncode != 0
    assert said.count("ValueError: the mistake of the user") == 1
    assert "exit code" not in said


def test_a_program_that_exits_or_is_killed_says_how_it_ended(project: Project) -> None:
    project.configure(how="exits")
    assert "non-zero exit code: 7" in project.run("preview").stdout
    project.configure(how="killed")
    assert "stopped by SIGKILL" in project.run("preview").stdout


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_nothing_is_left_running_when_the_cli_is_interrupted_or_killed(project: Project, number: int) -> None:
    project.configure(how="waits")
    command = [str(project.cli), "preview", "--non-interactive"]
    marker = str(project.folder)
    with subprocess.Popen(
        command, cwd=project.folder, env=project.env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        assert process.stdout is not None
        said = ""
        while "waiting now" not in said:
            line = process.stdout.readline()
            assert line, said
            said += line
        assert running(marker)
        process.send_signal(number)
        said += process.stdout.read()
        process.wait(timeout=HUNG)
    deadline = time.monotonic() + HUNG
    while running(marker) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert running(marker) == []
    assert "KeyboardInterrupt" not in said


def running(marker: str) -> list[str]:
    """The commands of every process that has the marker among its arguments."""
    listed = subprocess.run(["ps", "-wweo", "args"], capture_output=True, text=True, check=True).stdout.splitlines()
    return [line for line in listed if marker in line]


def test_a_policy_pack_passes_what_it_likes_and_refuses_what_it_does_not(project: Project, tmp_path: Path) -> None:
    project.write("../pack/PulumiPolicy.yaml", "runtime: python\n")
    project.write("../pack/__main__.py", PACK)
    pack = str(tmp_path / "pack")
    project.succeed("preview", "--policy-pack", pack)
    project.configure(size=9)
    done = project.run("preview", "--policy-pack", pack)
    assert done.returncode != 0
    assert "a thing must be small" in done.stdout


@pytest.mark.full
def test_a_source_plugin_creates_and_deletes_its_resources(project: Project, tmp_path: Path) -> None:
    project.write("../nv/PulumiPlugin.yaml", "runtime: python\n")
    project.write("../nv/__main__.py", PLUGIN)
    project.write(
        "Pulumi.yaml",
        f"name: small\nruntime: python\nplugins:\n  providers:\n    - name: nv\n      path: {tmp_path / 'nv'}\n",
    )
    project.write(
        "__main__.py",
        """
        import pulumi


        class Made(pulumi.CustomResource):
            maker: pulumi.Output[str]

            def __init__(self, name):
                super().__init__("nv:index:Made", name, {"maker": None})


        pulumi.export("maker", Made("made").maker)
        """,
    )
    project.succeed("up", "--yes")
    assert project.outputs()["maker"] == "nv"
    assert "2 deleted" in project.succeed("destroy", "--yes")


@pytest.mark.full
def test_the_virtualenv_option_is_relative_to_the_project_and_pulumi_install_makes_it(project: Project) -> None:
    project.write("Pulumi.yaml", "name: small\nruntime:\n  name: python\n  options:\n    virtualenv: own\n")
    refused = project.run("preview").stdout
    assert "not a virtual environment" in refused
    assert "pulumi install" in refused
    project.succeed("install", "--no-plugins")
    assert (project.folder / "own" / "bin" / "python").exists()
    # The SDK of the tests stands in for an installation from a registry.
    found = next((project.folder / "own" / "lib").glob("python*")) / "site-packages" / "sdk.pth"
    found.write_text(next(path for path in sys.path if path.endswith("site-packages")), encoding="utf-8")
    project.succeed("up", "--yes", "--skip-preview")
    assert project.outputs()["python"] == str(project.folder / "own")


def test_with_uv_the_projects_own_environment_runs_the_program(project: Project) -> None:
    options = "name: small\nruntime:\n  name: python\n  options:\n    toolchain: uv\n"
    project.write("Pulumi.yaml", options)
    assert f"{project.folder / '.venv'}, which is not a virtual environment" in project.run("preview").stdout
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(project.folder / ".venv")], check=True)
    found = next((project.folder / ".venv" / "lib").glob("python*")) / "site-packages" / "sdk.pth"
    found.write_text(next(path for path in sys.path if path.endswith("site-packages")), encoding="utf-8")
    project.succeed("up", "--yes", "--skip-preview")
    assert project.outputs()["python"] == str(project.folder / ".venv")


def test_pulumi_about_names_the_python_that_runs_the_program(project: Project) -> None:
    said = project.succeed("about")
    assert sys.executable in said
    assert "python" in said
