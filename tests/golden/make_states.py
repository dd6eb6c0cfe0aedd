"""Keeps the states that this release writes. Run once for a release, from the root of the checkout:

    PYTHONPATH=tests:scripts .venv/bin/python -m golden.make_states

Writes ``state/VERSION``; a version that is there already is never written again.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

import setup_pulumi
from support.golden_states import STATES, Case, keep_state, keep_world
from support.pulumi_stack import CHECKOUT, PASSPHRASE, Stack
from support.sandbox_server import AS_OF, PROJECT, REGION, SandboxServer
from support.tuning_programs import rows

SPEED = 3000
PLACE: Mapping[str, Any] = {"gcp:project": PROJECT, "gcp:region": REGION}

RETRAINED = '''\
"""A model that was trained again while another resource failed: the old entries wait in state to be deleted."""

import pulumi

from pulumi_gcp_tuning import Endpoint, ModelDeployment, TunedModel, TuningDataset, TuningJob

config = pulumi.Config()
training = TuningDataset("training", bucket="shop-data", source=config.require("data"))
job = TuningJob(
    "router",
    base_model="gemini-3.1-flash-lite",
    supervised_tuning_spec={"training_dataset_uri": training.uri, "hyper_parameters": {"epoch_count": 2}},
)
model = TunedModel("router", tuning_job=job)
if config.get_bool("somethingFails"):
    TunedModel("bad", tuning_job="projects/shop/locations/us-central1/tuningJobs/999")

endpoint = Endpoint("router", display_name="router", location="us")
ModelDeployment("router", endpoint=endpoint, model=model)

pulumi.export("endpoint", endpoint.id)
'''

INTERRUPTED = '''\
"""A model whose job still runs: the wait was interrupted."""

import pulumi

from pulumi_gcp_tuning import TunedModel, TuningDataset, TuningJob

training = TuningDataset("training", bucket="shop-data", source="data/train.jsonl")
job = TuningJob(
    "router",
    base_model="gemini-3.1-flash-lite",
    tuned_model_display_name="router",
    supervised_tuning_spec={
        "training_dataset_uri": training,
        "hyper_parameters": {"epoch_count": 2, "adapter_size": 4, "learning_rate_multiplier": 0.5},
    },
    labels={"team": "support"},
)
model = TunedModel("router", tuning_job=job, labels={"team": "support"})

pulumi.export("endpoint", model.endpoint)
'''

DEPLOYED = '''\
"""All five resources below a component: the model and one of its checkpoints on an endpoint of one's own, a secret label."""

import pulumi

from pulumi_gcp_tuning import Endpoint, ModelDeployment, TunedModel, TuningDataset, TuningJob

config = pulumi.Config()


class Router(pulumi.ComponentResource):
    """What the shop deploys as one thing."""

    def __init__(self, name: str) -> None:
        super().__init__("shop:index:Router", name)
        below = pulumi.ResourceOptions(parent=self)
        training = TuningDataset("training", bucket="shop-data", source="data/train.jsonl", opts=below)
        job = TuningJob(
            "router",
            base_model="gemini-3.1-flash-lite",
            supervised_tuning_spec={"training_dataset_uri": training.uri, "hyper_parameters": {"epoch_count": 2}},
            retry="2",
            opts=below,
        )
        labels = {"team": "support", "cost-centre": config.require_secret("costCentre")}
        model = TunedModel("router", tuning_job=job, labels=labels, on_replace={"keep_last": 1}, opts=below)
        endpoint = Endpoint("router", display_name="Router", location="us", labels={"team": "support"}, opts=below)
        newest = ModelDeployment("router", endpoint=endpoint, model=model, opts=below)
        ModelDeployment(
            "first-epoch",
            endpoint=endpoint,
            model=model,
            checkpoint_id="1",
            display_name="after one epoch",
            opts=pulumi.ResourceOptions(parent=self, depends_on=[newest]),
        )
        self.endpoint = endpoint.id
        self.register_outputs({"endpoint": endpoint.id})


pulumi.export("endpoint", Router("router").endpoint)
'''


@dataclass(frozen=True)
class Making:
    """How a case comes about: its files, its configuration, what is done on its stack."""

    case: Case
    write: Callable[[Path], None]
    configuration: Mapping[str, Any] = field(default_factory=lambda: PLACE)
    do: Callable[[Stack, SandboxServer], None] = lambda stack, _sandbox: bring_up(stack)


def main(states: Path = STATES) -> None:
    """Make every case."""
    release = ".".join(version("pulumi-gcp-tuning").split(".")[:2])
    folder = states / release
    if folder.exists():
        sys.exit(
            f"{folder.relative_to(states.parent)} is there already: it is what release {release} wrote, and later "
            "releases must read it. Nothing was written; raise the version in pyproject.toml first."
        )
    with tempfile.TemporaryDirectory() as work:
        for name, making in makings().items():
            print(name, flush=True)  # noqa: T201
            make(making, Path(work) / name, Path(work) / "made" / name)
        shutil.copytree(Path(work) / "made", folder)


def make(making: Making, work: Path, target: Path) -> None:
    """One case, made in the folder ``work`` and kept in ``target``."""
    project, data = work / "project", work / "data"
    making.write(project)
    arguments = ("--data", str(data), "--as-of", making.case.as_of)
    with SandboxServer(*arguments) as sandbox:
        sandbox.reset(speed=SPEED)
        sandbox.make_bucket()
        env = sandbox.env | {
            "GCP_TUNING_AS_OF": making.case.as_of,
            "PULUMI_CONFIG_PASSPHRASE": making.case.passphrase,
            "PULUMI_GCP_TUNING_CLI": str(setup_pulumi.set_up(os.environ)),
            "PULUMI_GCP_TUNING_SANDBOX": "off",
        }
        cli = CHECKOUT / "scripts" / "pulumi"
        stack = Stack.restored(project, cli=cli, home=work / "home", env=env)
        stack.state_file.parents[2].parent.mkdir()
        stack.run("stack", "init", stack.name).expect_ok()
        stack.configure(making.configuration)
        making.do(stack, sandbox)
        target.mkdir(parents=True)
        keep_state(target, stack.state_file, sandbox.url)
    shutil.copytree(project, target / "program", ignore=shutil.ignore_patterns(".*", "__pycache__"))
    keep_world(target, data)
    making.case.write(target)
    refuse_traces_of_this_machine(target, [str(work), str(CHECKOUT), str(Path.home()), sandbox.url])


def refuse_traces_of_this_machine(target: Path, traces: Iterable[str]) -> None:
    """What is kept must be the same on every machine."""
    for file in (each for each in target.rglob("*") if each.is_file()):
        text = file.read_text(encoding="utf-8")
        for trace in (each for each in traces if each in text):
            sys.exit(f"{file.relative_to(target)} holds {trace}, which is a place on this machine.")


def makings() -> dict[str, Making]:
    """Every case by its name."""
    waiting = {"update": 1}
    pending = {"delete-replaced": 4}
    return {
        "dev": Making(case(), dev_files, {"gcp:project": "tuning-demo", "gcp:region": REGION}),
        "example-cmek": Making(case("2026-06-01"), example("cmek"), {"gcp:project": PROJECT}),
        "example-gemini-sft": Making(case(), example("gemini-sft"), {"gcp:project": PROJECT}),
        "example-own-endpoint": Making(case(), example("own-endpoint"), {"gcp:project": PROJECT}),
        "example-two-projects": Making(case(), example("two-projects"), {"gcp:project": PROJECT}),
        "pending-deletes": Making(case(preview=pending, quick=True), program(RETRAINED, "first", "second"), do=retrain),
        "unfinished-model": Making(case(preview=waiting, waits=True, quick=True), program(INTERRUPTED), do=interrupt),
        "deployed-checkpoint": Making(case(quick=True), program(DEPLOYED), do=bring_up_with_a_secret),
    }


def case(as_of: str = AS_OF, **more: Any) -> Case:
    """A case under the passphrase of the tests."""
    return Case(as_of=as_of, passphrase=PASSPHRASE, **more)


def dev_files(folder: Path) -> None:
    """What `make up` runs; its configuration is written again, with a passphrase."""
    folder.mkdir(parents=True)
    shutil.copy2(CHECKOUT / "Pulumi.yaml", folder)
    shutil.copytree(CHECKOUT / "stacks", folder / "stacks", ignore=shutil.ignore_patterns("Pulumi.*", "__pycache__"))


def example(name: str) -> Callable[[Path], None]:
    """One of docs/examples."""

    def write(folder: Path) -> None:
        left_out = shutil.ignore_patterns("README.md", "requirements.txt", "sdks", "__pycache__")
        shutil.copytree(CHECKOUT / "docs" / "examples" / name, folder, ignore=left_out)

    return write


def program(text: str, *editions: str) -> Callable[[Path], None]:
    """A program of this file, with one data file for each edition."""

    def write(folder: Path) -> None:
        (folder / "data").mkdir(parents=True)
        (folder / "Pulumi.yaml").write_text("name: shop\nruntime: python\n", encoding="utf-8")
        (folder / "__main__.py").write_text(text, encoding="utf-8")
        for edition in editions or ("train",):
            (folder / "data" / f"{edition}.jsonl").write_text(rows(salt=edition), encoding="utf-8")

    return write


def bring_up(stack: Stack) -> None:
    """`pulumi up`."""
    stack.up().expect_ok()


def bring_up_with_a_secret(stack: Stack, sandbox: SandboxServer) -> None:
    """A secret in configuration is a secret in state."""
    stack.run("config", "set", "--secret", "costCentre", "4711").expect_ok()
    bring_up(stack)


def retrain(stack: Stack, sandbox: SandboxServer) -> None:
    """Another edition of the data while another resource fails."""
    stack.configure({"shop:data": "data/first.jsonl"})
    bring_up(stack)
    stack.configure({"shop:data": "data/second.jsonl", "shop:somethingFails": "true"})
    stack.up().expect_failure("tuningJobs/999")
    stack.configure({"shop:somethingFails": "false"})


def interrupt(stack: Stack, sandbox: SandboxServer) -> None:
    """^C while the model waits for its job."""
    sandbox.step()
    running = stack.start_up()
    end = time.monotonic() + 60
    while not any("/tuningJobs/" in each["path"] for each in sandbox.requests()) and time.monotonic() < end:
        time.sleep(0.1)
    time.sleep(1)
    running.interrupt()
    running.wait().expect_failure("its job continues at Google")


if __name__ == "__main__":
    main()
