"""The Python language host for Pulumi's engine if Pulumi's own is not installed.

Pulumi publishes its host only inside its release archives. This one serves the calls that a Python program, a policy pack and a
source plugin need, with the gRPC stubs of the installed SDK. `pulumi-language-python` next to the CLI starts it.
"""

from __future__ import annotations

import json
import os
import platform
import queue
import select
import shutil
import signal
import stat
import subprocess
import sys
import threading
import types
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def skip_sdk_import() -> None:
    """Make the SDK's gRPC stubs importable without importing the SDK.

    The stubs take a tenth of a second and the SDK almost a second, and `pulumi up` starts three language hosts.
    """
    spec = find_spec("pulumi")
    if spec is None or not spec.submodule_search_locations:
        sys.exit(f"The Pulumi SDK is not installed for {sys.executable}: run `make .venv` in the checkout.")
    home = Path(spec.submodule_search_locations[0])
    for name, folder in (("pulumi", home), ("pulumi.runtime", home / "runtime")):
        package = types.ModuleType(name)
        package.__path__ = [str(folder)]
        sys.modules[name] = package


sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "provider"))
os.environ["GRPC_ENABLE_FORK_SUPPORT"] = "0"  # gRPC would warn about each process that the host starts
skip_sdk_import()

import grpc  # noqa: E402
from google.protobuf import empty_pb2  # noqa: E402
from google.protobuf.json_format import MessageToDict  # noqa: E402
from pulumi.runtime.proto import language_pb2 as pb  # noqa: E402
from pulumi.runtime.proto import language_pb2_grpc, plugin_pb2  # noqa: E402

from pulumi_gcp_tuning.cli.program_python import environment_of, python_of  # noqa: E402

VERSION = "0.1.0"
# pulumi-language-python-exec exits with this code after it has shown the error.
ALREADY_SHOWN = 32
SECONDS_TO_STOP = 5
LARGEST_MESSAGE = 400 * 1024 * 1024  # the engine's own limit
TOOLCHAINS = {"uv": [["uv", "sync"]], "poetry": [["poetry", "install"]]}
LIST_PACKAGES = """
import json, re, sys
from importlib.metadata import distributions
key = lambda name: re.sub(r"[-_.]+", "-", name).lower()
found = {key(d.metadata["Name"]): d for d in distributions()}
needed = {key(re.split(r"[^A-Za-z0-9_.-]", r, maxsplit=1)[0]) for d in found.values() for r in d.requires or ()
          if "extra ==" not in r}
print(json.dumps([(d.metadata["Name"], d.version) for k, d in sorted(found.items())
                  if sys.argv[1] == "all" or k not in needed]))
"""


class Programs:
    """The processes this host has started. Each has its own session, so that ^C at the terminal reaches Pulumi alone."""

    def __init__(self) -> None:
        self._running: set[subprocess.Popen[bytes]] = set()
        self._lock = threading.Lock()

    @contextmanager
    def started(
        self, command: list[str], *, cwd: str, env: Mapping[str, str], context: grpc.ServicerContext, capture: bool
    ) -> Iterator[subprocess.Popen[bytes]]:
        """A running process, which is stopped when the engine cancels the call that started it."""
        pipe = subprocess.PIPE if capture else None
        process = subprocess.Popen(
            command, cwd=cwd, env=dict(env), stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe, start_new_session=True
        )
        with self._lock:
            self._running.add(process)
        if not context.add_callback(lambda: stop(process)):
            stop(process)
        try:
            with process:
                yield process
        finally:
            stop(process)
            with self._lock:
                self._running.discard(process)

    def stop_all(self) -> None:
        """Ask every process to end, and kill it if it does not."""
        with self._lock:
            running = list(self._running)
        for process in running:
            stop(process)


def stop(process: subprocess.Popen[bytes]) -> None:
    """SIGTERM to the process and its children, on which a Python program ends without output. SIGKILL if it does not end."""
    if process.poll() is not None:
        return
    signal_group(process, signal.SIGTERM)
    killer = threading.Timer(SECONDS_TO_STOP, signal_group, (process, signal.SIGKILL))
    killer.daemon = True
    killer.start()


def signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """Send a signal to the session that the process leads, if it still exists."""
    if process.poll() is None:
        try:
            os.killpg(process.pid, number)
        except ProcessLookupError:
            return


def interpreter(info: pb.ProgramInfo, *, plugin: bool = False) -> str:
    """The Python that runs a program: from its runtime options, a plugin's own `venv`, or else this process."""
    options = {name: str(value) for name, value in MessageToDict(info.options).items()}
    named = environment_of(Path(info.root_directory), options, os.environ)
    if named:
        return str(python_of(named))
    own = Path(info.root_directory, "venv", "bin", "python")
    return str(own) if plugin and own.exists() else sys.executable


def check_interpreter(python: str, root: str) -> str:
    """The message for the user if that Python does not exist; empty if it does."""
    if os.access(python, os.X_OK):
        return ""
    folder = Path(python).parent.parent
    return (
        f"The runtime options in {root} (`virtualenv` or `toolchain`) name {folder}, which is not a virtual environment. "
        "Create it with `pulumi install`, or correct the options."
    )


def install_with_pip(python: str, folder: Path, root: Path) -> list[list[str]]:
    """The commands that create a virtual environment and install a program's requirements into it."""
    made = os.access(python, os.X_OK)
    commands = [] if made else [[sys.executable, "-m", "venv", str(Path(python).parent.parent)]]
    found = next((each for each in (folder, root) if (each / "requirements.txt").exists()), None)
    if found:
        commands.append([python, "-m", "pip", "install", "-r", str(found / "requirements.txt")])
    elif (folder / "pyproject.toml").exists():
        commands.append([python, "-m", "pip", "install", "-e", str(folder)])
    return commands


def clean_environment(python: str, base: Mapping[str, str]) -> dict[str, str]:
    """The environment variables of a program, with its virtual environment first on PATH."""
    env = {**base, "PATH": os.pathsep.join([str(Path(python).parent), base.get("PATH", os.defpath)])}
    for name in ("GRPC_ENABLE_FORK_SUPPORT", "PYTHONHOME"):
        env.pop(name, None)
    return env


class LanguageHost(language_pb2_grpc.LanguageRuntimeServicer):
    """The calls of the engine to a language. A missing call returns Unimplemented, which the engine accepts."""

    def __init__(self, engine: str, executor: Path, programs: Programs) -> None:
        self.engine, self.executor, self.programs = engine, executor, programs

    def Handshake(
        self, request: pb.LanguageHandshakeRequest, context: grpc.ServicerContext
    ) -> pb.LanguageHandshakeResponse:
        """Receive the engine's address if the engine attached to a running host."""
        self.engine = request.engine_address or self.engine
        return pb.LanguageHandshakeResponse()

    def GetPluginInfo(self, request: empty_pb2.Empty, context: grpc.ServicerContext) -> plugin_pb2.PluginInfo:
        """This host's version."""
        return plugin_pb2.PluginInfo(version=VERSION)

    def About(self, request: pb.AboutRequest, context: grpc.ServicerContext) -> pb.AboutResponse:
        """The Python that would run the program."""
        python = interpreter(request.info)
        if python == sys.executable or check_interpreter(python, ""):
            return pb.AboutResponse(executable=python, version=platform.python_version())
        said = subprocess.run([python, "--version"], capture_output=True, text=True, check=False)
        return pb.AboutResponse(executable=python, version=said.stdout.removeprefix("Python ").strip())

    def GetRequiredPackages(
        self, request: pb.GetRequiredPackagesRequest, context: grpc.ServicerContext
    ) -> pb.GetRequiredPackagesResponse:
        """None: the engine asks for a plugin when the first resource needs it, and downloads nothing before."""
        return pb.GetRequiredPackagesResponse()

    def GetRequiredPlugins(
        self, request: pb.GetRequiredPluginsRequest, context: grpc.ServicerContext
    ) -> pb.GetRequiredPluginsResponse:
        """None, as above, for an older engine."""
        return pb.GetRequiredPluginsResponse()

    def Run(self, request: pb.RunRequest, context: grpc.ServicerContext) -> pb.RunResponse:
        """Run the program to its end. An error that the program has already shown is not repeated."""
        python = interpreter(request.info)
        trouble = check_interpreter(python, str(Path(request.info.root_directory, "Pulumi.yaml")))
        if trouble:
            return pb.RunResponse(error=trouble)
        options = {
            "monitor": request.monitor_address,
            "engine": self.engine,
            "project": request.project,
            "root_directory": request.info.root_directory,
            "stack": request.stack,
            "pwd": request.pwd,
            "dry_run": "true" if request.dryRun else "false",
            "parallel": str(request.parallel),
            "organization": request.organization,
        }
        flags = [text for name, value in options.items() if value for text in (f"--{name}", value)]
        program = request.info.entry_point or request.program or "."
        command = [python, "-u", str(self.executor), *flags, program, *request.args]
        env = clean_environment(python, os.environ)
        env["PULUMI_CONFIG"] = json.dumps(dict(request.config))
        env["PULUMI_CONFIG_SECRET_KEYS"] = json.dumps(list(request.configSecretKeys))
        with self.programs.started(command, cwd=request.pwd, env=env, context=context, capture=False) as process:
            status = process.wait()
        if status == ALREADY_SHOWN:
            return pb.RunResponse(bail=True)
        return pb.RunResponse(error=describe(status))

    def RunPlugin(self, request: pb.RunPluginRequest, context: grpc.ServicerContext) -> Iterator[pb.RunPluginResponse]:
        """Run a policy pack or a source plugin; streams its output, then its exit code."""
        python = interpreter(request.info, plugin=True)
        trouble = check_interpreter(python, request.info.root_directory)
        if trouble:
            yield pb.RunPluginResponse(stderr=trouble.encode())
            yield pb.RunPluginResponse(exitcode=1)
            return
        given = dict(entry.split("=", 1) for entry in request.env if "=" in entry)
        folder = request.info.program_directory
        program = (
            ["-m", "pulumi.policy", *request.args, folder] if request.kind == "analyzer" else [folder, *request.args]
        )
        env = clean_environment(python, given or os.environ)
        command = [python, "-u", *program]
        with self.programs.started(command, cwd=request.pwd, env=env, context=context, capture=True) as process:
            for stream, data in output_of(process):
                yield pb.RunPluginResponse(**{stream: data})  # type: ignore[arg-type]
            yield pb.RunPluginResponse(exitcode=process.wait())

    def InstallDependencies(
        self, request: pb.InstallDependenciesRequest, context: grpc.ServicerContext
    ) -> Iterator[pb.InstallDependenciesResponse]:
        """Create the program's virtual environment and install its requirements there, and nowhere else."""
        python = interpreter(request.info, plugin=request.is_plugin)
        folder = Path(request.info.program_directory or request.directory)
        if python == sys.executable:
            text = f"No `virtualenv` option: the program runs with {python}, and nothing is installed into it.\n"
            yield pb.InstallDependenciesResponse(stdout=text.encode())
            return
        toolchain = str(MessageToDict(request.info.options).get("toolchain", "pip"))
        root = Path(request.info.root_directory)
        commands = TOOLCHAINS[toolchain] if toolchain in TOOLCHAINS else install_with_pip(python, folder, root)
        env = clean_environment(python, os.environ) | {"UV_PROJECT_ENVIRONMENT": str(Path(python).parent.parent)}
        for command in commands:
            if shutil.which(command[0], path=env["PATH"]) is None:
                context.abort(grpc.StatusCode.FAILED_PRECONDITION, f"`{command[0]}` is not on PATH; install it first")
            yield pb.InstallDependenciesResponse(stdout=f"{' '.join(command)}\n".encode())
            with self.programs.started(command, cwd=str(folder), env=env, context=context, capture=True) as process:
                for stream, data in output_of(process):
                    yield pb.InstallDependenciesResponse(**{stream: data})
                status = process.wait()
            if status:
                context.abort(grpc.StatusCode.INTERNAL, f"`{' '.join(command)}` failed with exit code {status}")

    def GetProgramDependencies(
        self, request: pb.GetProgramDependenciesRequest, context: grpc.ServicerContext
    ) -> pb.GetProgramDependenciesResponse:
        """The packages of the program's Python: all, or those that no other package requires."""
        python = interpreter(request.info)
        which = "all" if request.transitiveDependencies else "direct"
        said = subprocess.run([python, "-c", LIST_PACKAGES, which], capture_output=True, text=True, check=False)
        if said.returncode:
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, f"{python} could not list its packages: {said.stderr}")
        return pb.GetProgramDependenciesResponse(
            dependencies=[pb.DependencyInfo(name=name, version=version) for name, version in json.loads(said.stdout)]
        )

    def Cancel(self, request: empty_pb2.Empty, context: grpc.ServicerContext) -> empty_pb2.Empty:
        """Stop all processes; the engine is about to close this host."""
        self.programs.stop_all()
        return empty_pb2.Empty()


def describe(status: int) -> str:
    """The message for a program that ended by itself; empty if it succeeded."""
    if status < 0:
        return f"Program was stopped by {signal.Signals(-status).name}"
    return f"Program exited with non-zero exit code: {status}" if status else ""


def output_of(process: subprocess.Popen[bytes]) -> Iterator[tuple[str, bytes]]:
    """The output of a process as it is written, each piece with the name of its stream."""
    pieces: queue.Queue[tuple[str, bytes]] = queue.Queue()

    def read(name: str, stream: IO[bytes]) -> None:
        while data := os.read(stream.fileno(), 65536):
            pieces.put((name, data))
        pieces.put((name, b""))

    streams = {"stdout": cast("IO[bytes]", process.stdout), "stderr": cast("IO[bytes]", process.stderr)}
    for name, stream in streams.items():
        threading.Thread(target=read, args=(name, stream), daemon=True).start()
    open_streams = len(streams)
    while open_streams:
        name, data = pieces.get()
        if data:
            yield name, data
        else:
            open_streams -= 1


def expect_end() -> list[int]:
    """The events that end this host: signals, and the end of stdin, whose other end the engine has open."""
    asked, ask = os.pipe()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: os.write(ask, b"."))
    engine = sys.stdin.fileno()
    return [asked, engine] if stat.S_ISFIFO(os.fstat(engine).st_mode) else [asked]


def wait_until_over(watched: list[int]) -> None:
    """Returns when the engine asks this host to end, or has ended itself, even if it was killed."""
    asked = watched[0]
    while True:
        ready, _, _ = select.select(watched, [], [])
        if asked in ready or not os.read(ready[0], 4096):
            return


def main() -> None:
    """Serve until the engine ends this host: print the port, as the plugin protocol requires."""
    cli_home, *rest = sys.argv[1:]
    engine = rest[-1] if rest else ""
    executor = Path(cli_home, "pulumi-language-python-exec")
    programs = Programs()
    server = grpc.server(
        ThreadPoolExecutor(32),
        options=[
            ("grpc.max_receive_message_length", LARGEST_MESSAGE),
            ("grpc.max_send_message_length", LARGEST_MESSAGE),
        ],
    )
    language_pb2_grpc.add_LanguageRuntimeServicer_to_server(LanguageHost(engine, executor, programs), server)
    port = server.add_insecure_port("127.0.0.1:0")
    watched = expect_end()  # before the engine knows the port, because it may end this host right after its first call
    server.start()
    print(port, flush=True)
    wait_until_over(watched)
    programs.stop_all()
    server.stop(grace=1).wait()
    # Threads that still read a program's last output must not delay the engine.
    os._exit(0)


if __name__ == "__main__":
    main()
