"""What every test may rely on: an environment without the developer's accounts, and the real Pulumi CLI."""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings

import setup_pulumi
from support.parts import Part, describe_left_out, leave_out
from support.sharing import build_wheel_once
from support.warm_python import REAL_START, warm_python

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# A program, a provider or a sandbox starts a fifth of a second later where Python compiles our modules again.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# Tests share two cores with the CLI: how long an input takes to make says nothing there.
settings.register_profile("shared cores", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("make test", settings.get_profile("shared cores"), max_examples=40)
settings.load_profile("shared cores")

# What collection makes stays until the end: to look through it for garbage took a fifth of each worker's collection.
gc.disable()

CHECKOUT = Path(__file__).resolve().parent.parent
# A developer's log-in, project or running sandbox must not reach a test.
THEIRS = ("CLOUDSDK_", "GCP_TUNING_", "GOOGLE_", "PULUMI_")
OURS = ("PULUMI_GCP_TUNING_",)
# What is printed depends on these; without them a test sees what a file gets.
OF_THE_TERMINAL = (
    "CLICOLOR",
    "COLUMNS",
    "FORCE_COLOR",
    "LINES",
    "NO_COLOR",
    "TERM",
    "TTY_COMPATIBLE",
    "TTY_INTERACTIVE",
)
LEFT_OUT = pytest.StashKey[dict[str, int]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--part", default="", metavar="I/N", help="run part I of N of the tests")
    parser.addoption("--seed", default="0", metavar="S", help="draws the parts, and the cells of matrices (default 0)")


def pytest_configure(config: pytest.Config) -> None:
    config.stash[LEFT_OUT] = {"others": 0, "full": 0}
    try:
        part_of(config)
    except ValueError as error:
        raise pytest.UsageError(str(error)) from None


def part_of(config: pytest.Config) -> Part | None:
    """The part that was asked for, None where all tests run."""
    text = config.getoption("--part")
    return Part.parse(text, config.getoption("--seed")) if text else None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        if "pulumi_cli" in getattr(item, "fixturenames", ()):
            item.add_marker("cli")
    sample_matrices(items, config.getoption("--seed"))
    # One worker takes the first tests in a row: then only that one makes a checkout in which `make up` has run.
    items.sort(key=lambda item: "made_up" not in getattr(item, "fixturenames", ()))
    part = part_of(config)
    if part:
        others = [item for item in items if not part.has(item.nodeid)]
        items[:] = [item for item in items if part.has(item.nodeid)]
        config.stash[LEFT_OUT]["others"] = len(others)


def sample_matrices(items: Sequence[pytest.Item], seed: str) -> None:
    """Of a test with the mark ``matrix(n)``, n cells of the seed run in ``make test``; the others get the mark full.

    The tests of a file that give the mark the same ``kind`` are one matrix.
    """
    matrices: dict[tuple[str, str], tuple[int, list[pytest.Item]]] = {}
    for item in items:
        mark = item.get_closest_marker("matrix")
        if mark:
            name = mark.kwargs.get("kind", getattr(item, "originalname", ""))
            matrices.setdefault((str(item.path), name), (mark.args[0], []))[1].append(item)
    for (_, name), (count, cells) in matrices.items():
        for item in leave_out(cells, count, f"{seed}:{name}"):
            item.add_marker("full")


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.enable()


def pytest_deselected(items: Sequence[pytest.Item]) -> None:
    for item in items:
        if item.get_closest_marker("full"):
            item.config.stash[LEFT_OUT]["full"] += 1


def pytest_sessionfinish(session: pytest.Session) -> None:
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["left_out"] = session.config.stash[LEFT_OUT]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """A worker of pytest-xdist has ended; each of them collected all tests."""
    node.config.stash[LEFT_OUT] = getattr(node, "workeroutput", {}).get("left_out", node.config.stash[LEFT_OUT])


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    for line in describe_left_out(part_of(config), **config.stash[LEFT_OUT]):
        terminalreporter.write_line(line)


@pytest.fixture(scope="session", autouse=True)
def clean_environment() -> Iterator[None]:
    """Every test starts without the settings of Pulumi, of Google and of the terminal."""
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name in OF_THE_TERMINAL or (name.startswith(THEIRS) and not name.startswith(OURS)):
                patch.delenv(name)
        yield


@pytest.fixture(scope="session")
def checkout() -> Path:
    """The root of this checkout."""
    return CHECKOUT


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all workers of this run have."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if os.environ.get("PYTEST_XDIST_WORKER") else own


@pytest.fixture(scope="session")
def wheel(shared_folder: Path) -> Path:
    """The wheel of this checkout."""
    return build_wheel_once(CHECKOUT, shared_folder / "wheel")


@pytest.fixture
def no_collection() -> Iterator[None]:
    """For JSON that is nested without end: in its depth, a collection would find no room to close what other tests left."""
    gc.disable()
    yield
    gc.enable()


@pytest.fixture
def real_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """The stacks of this test start every Python anew, as a user's do."""
    monkeypatch.setenv(REAL_START, "yes")


@pytest.fixture(scope="session")
def pulumi_cli(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command that runs the real Pulumi CLI: `scripts/pulumi`, its CLI found or built.

    It runs with the Python of the tests, and does not see a sandbox that `make up` has started. A test that sets
    GCP_TUNING_BASE_URL to its own sandbox gets the stand-in for Google's plugin, as a user does.
    """
    cli = setup_pulumi.set_up(os.environ)
    command = tmp_path_factory.mktemp("bin") / "pulumi"
    command.write_text(
        "#!/bin/sh\n"
        "# pulumi-gcp-tuning: for tests\n"
        f"if [ -n \"${REAL_START}\" ]; then python='{sys.executable}'; else python='{warm_python()}'; fi\n"
        'export PULUMI_GCP_TUNING_PYTHON="$python" PULUMI_PYTHON_CMD="$python"\n'
        f"export PULUMI_GCP_TUNING_CLI='{cli}' PULUMI_GCP_TUNING_SANDBOX=off\n"
        f"exec '{CHECKOUT / 'scripts' / 'pulumi'}' \"$@\"\n",
        encoding="utf-8",
    )
    command.chmod(0o755)
    return command
