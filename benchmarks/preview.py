"""Compares an unchanged preview with the preview of as many resources that do nothing.

    python benchmarks/preview.py [--count N] [--rounds N] [--profile]

One stack has N tuning jobs and N models of them (100 of each if not given), the other 2 N dynamic resources with one
input and one output, whose provider does nothing. Both are created against a local sandbox in which every job
has ended. Then their previews alternate. Prints the ratio of the two, jobs and models over the others, per round,
as the median and the range: of clock time, and of the CPU time of the CLI and all its processes (the
sandbox is not counted). The goal is at most 1.4 of clock time. Times do not make it fail: the machine may be busy.

``--profile`` adds a profile of each stack's program.
"""

from __future__ import annotations

import argparse
import json
import os
import pstats
import statistics
import subprocess
import sys
import tempfile
import textwrap
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pulumi_gcp_tuning.cli.sandbox_environment import command_environment, sandbox_environment
from pulumi_gcp_tuning.cli.sandbox_folder import SandboxFolder
from pulumi_gcp_tuning.cli.sandbox_process import Wanted, use_sandbox

CHECKOUT: Final = Path(__file__).resolve().parents[1]
sys.path.append(str(CHECKOUT / "scripts"))

from run_pulumi import environment  # noqa: E402
from setup_pulumi import set_up  # noqa: E402

WANTED: Final = 1.4
SPEED: Final = 1_000_000.0  # sandbox seconds per second: every job has ended when its model reads it
PROJECT: Final = "shop"
REGION: Final = "us-central1"
CONCURRENT_JOBS: Final = "aiplatform.googleapis.com/global_concurrent_tuning_jobs"
NOT_INHERITED: Final = ("PULUMI_", "GCP_TUNING_", "GOOGLE_", "CLOUDSDK_", "GCLOUD_", "PYTHONDONTWRITEBYTECODE")
PROFILE: Final = "PREVIEW_PROFILE"
AS_OF: Final = "2026-11-21"  # a day on which the base model can be tuned
SETTINGS: Final = {"gcp:project": PROJECT, "gcp:region": REGION}
PROFILED: Final = f"""
    import atexit, cProfile, os
    if os.environ.get("{PROFILE}"):
        profile = cProfile.Profile()
        atexit.register(lambda: profile.dump_stats(os.environ["{PROFILE}"]))
        profile.enable()
"""
OURS: Final = """
    import pulumi_gcp_tuning as tuning

    for number in range({count}):
        job = tuning.TuningJob(
            f"job-{{number}}",
            base_model="gemini-3.1-flash-lite",
            tuned_model_display_name=f"job-{{number}}",
            supervised_tuning_spec={{
                "training_dataset_uri": "gs://shop-data/train.jsonl",
                "hyper_parameters": {{"epoch_count": 2}},
            }},
            labels={{"team": "support"}},
        )
        tuning.TunedModel(f"model-{{number}}", tuning_job=job)
"""
OTHERS: Final = """
    import pulumi
    from nothing import Nothing

    for number in range({count}):
        first = Nothing(f"first-{{number}}", given="as it was")
        Nothing(f"second-{{number}}", given=first.made)
"""
NOTHING: Final = """
    import pulumi
    from pulumi import dynamic


    class NothingProvider(dynamic.ResourceProvider):
        serialize_as_secret_always = False

        def create(self, props):
            return dynamic.CreateResult("1", {**props, "made": "here"})


    class Nothing(dynamic.Resource):
        made: pulumi.Output[str]

        def __init__(self, name, given, opts=None):
            super().__init__(NothingProvider(), name, {"given": given, "made": None}, opts)
"""


@dataclass(frozen=True)
class Cost:
    """The times of one run of a command."""

    wall: float
    cpu: float


@dataclass(frozen=True)
class Stack:
    """A project in a separate folder, with one stack."""

    folder: Path
    env: Mapping[str, str]

    def run(self, *arguments: str, **env: str) -> Cost:
        """Run the CLI; its CPU time includes all processes that it started and waited for."""
        log = self.folder / "said.txt"
        command = ["pulumi", *arguments, "--non-interactive", "--color", "never"]
        begin = time.monotonic()
        with log.open("wb") as file:
            child = subprocess.Popen(  # noqa: S603
                command, cwd=self.folder, env={**self.env, **env}, stdin=subprocess.DEVNULL, stdout=file, stderr=file
            )
            _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            sys.exit(f"{' '.join(command)} ended with {child.returncode}:\n{log.read_text(encoding='utf-8')[-4000:]}")
        return Cost(time.monotonic() - begin, used.ru_utime + used.ru_stime)

    def preview(self, **env: str) -> Cost:
        """A preview; the benchmark ends if it shows a change."""
        return self.run("preview", "--expect-no-changes", **env)


def make(folder: Path, env: Mapping[str, str], files: Mapping[str, str]) -> Stack:
    """A stack after `pulumi up`."""
    folder.mkdir()
    for name, text in files.items():
        (folder / name).write_text(textwrap.dedent(text), encoding="utf-8")
    (folder / "Pulumi.yaml").write_text(f"name: {folder.name}\nruntime: python\n", encoding="utf-8")
    stack = Stack(folder, env)
    stack.run("stack", "init", "dev")
    with (folder / "Pulumi.dev.yaml").open("a", encoding="utf-8") as file:
        file.write("config:\n" + "".join(f"  {key}: {value}\n" for key, value in SETTINGS.items()))
    stack.run("up", "--yes", "--skip-preview")
    stack.run("up", "--yes", "--skip-preview")  # records that the jobs have ended: until then, each preview reads them
    return stack


def ask(url: str, body: object) -> None:
    """One call of the sandbox."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(url, data, {"Content-Type": "application/json"}), timeout=30):  # noqa: S310
        pass


def fill(sandbox: str, count: int) -> None:
    """The bucket with the jobs' rows, and a quota for all jobs at once."""
    rows = "".join(
        json.dumps(
            {
                "contents": [
                    {"role": "user", "parts": [{"text": f"Ticket {number}: which team?"}]},
                    {"role": "model", "parts": [{"text": f"team: {number % 4}"}]},
                ]
            }
        )
        + "\n"
        for number in range(100)
    )
    ask(f"{sandbox}/storage/v1/b?project={PROJECT}", {"name": "shop-data", "location": REGION})
    ask(f"{sandbox}/upload/storage/v1/b/shop-data/o?uploadType=media&name=train.jsonl", rows.encode())
    ask(f"{sandbox}/_sandbox/quotas", {"metric": CONCURRENT_JOBS, "limit": max(count, 1)})


@contextmanager
def two_stacks(count: int) -> Iterator[tuple[Stack, Stack]]:
    """The stack of jobs and models, and the one of as many resources that do nothing, both after `pulumi up`."""
    with tempfile.TemporaryDirectory() as name:
        home = Path(name).resolve()
        folder = SandboxFolder(home / "sandbox")
        with use_sandbox(folder, Wanted(speed=SPEED, as_of=AS_OF)) as (sandbox, _):
            fill(sandbox.address, count)
            inherited = {key: value for key, value in os.environ.items() if not key.startswith(NOT_INHERITED)}
            env = environment(command_environment(inherited), Path(sys.executable), set_up(os.environ), None)
            env = sandbox_environment(env, sandbox, folder)
            folder.state.mkdir()
            yield (
                make(home / "ours", env, {"__main__.py": PROFILED + OURS.format(count=count)}),
                make(
                    home / "others", env, {"__main__.py": PROFILED + OTHERS.format(count=count), "nothing.py": NOTHING}
                ),
            )


def told(name: str, pairs: list[tuple[float, float]]) -> str:
    """The ratios of the rounds, and their seconds."""
    ratios = [ours / others for ours, others in pairs]
    ours, others = (statistics.median(column) for column in zip(*pairs, strict=True))
    return (
        f"{name:<15} ratio {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
        f"  {ours:.2f} s over {others:.2f} s"
    )


def show_profile(name: str, stack: Stack) -> None:
    """A profile of a program's main thread, which waits there for the gRPC calls of other threads."""
    file = stack.folder / "profile"
    stack.preview(**{PROFILE: str(file)})
    print(f"\n{name}")
    stats = pstats.Stats(str(file))
    stats.strip_dirs().sort_stats("tottime").print_stats(25)


def main() -> None:
    """Measure, and print the ratios."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--count", type=int, default=100)
    arguments.add_argument("--rounds", type=int, default=7)
    arguments.add_argument("--profile", action="store_true")
    given = arguments.parse_args()
    with two_stacks(given.count) as (ours, others):
        for stack in (ours, others):
            stack.preview()  # the first run compiles bytecode and fills the caches
        rounds = [(ours.preview(), others.preview()) for _ in range(given.rounds)]
        count = given.count
        print(f"jobs: {count}, models: {count}, resources that do nothing: {2 * count}, rounds: {given.rounds}")
        print(told("clock", [(one.wall, other.wall) for one, other in rounds]), f" (at most {WANTED} is wanted)")
        print(told("processor time", [(one.cpu, other.cpu) for one, other in rounds]))
        if given.profile:
            show_profile("the program with jobs and models", ours)
            show_profile("the program with resources that do nothing", others)


if __name__ == "__main__":
    main()
