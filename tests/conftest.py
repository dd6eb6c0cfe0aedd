"""What every test may rely on: an environment without the developer's accounts, and the real Pulumi CLI."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

import setup_pulumi

if TYPE_CHECKING:
    from collections.abc import Iterator

# Tests share two cores with the CLI: how long an input takes to make says nothing there.
settings.register_profile("shared cores", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("shared cores")

CHECKOUT = Path(__file__).resolve().parent.parent
# A developer's log-in, project or running sandbox must not reach a test.
THEIRS = ("CLOUDSDK_", "GCP_TUNING_", "GOOGLE_", "PULUMI_")
OURS = ("PULUMI_GCP_TUNING_",)


@pytest.fixture(scope="session", autouse=True)
def clean_environment() -> Iterator[None]:
    """Every test starts without Pulumi's and Google's settings; scripts/pulumi runs with the Python of the tests."""
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith(THEIRS) and not name.startswith(OURS):
                patch.delenv(name)
        yield


@pytest.fixture(scope="session")
def checkout() -> Path:
    """The root of this checkout."""
    return CHECKOUT


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
        f"export PULUMI_GCP_TUNING_PYTHON='{sys.executable}' PULUMI_GCP_TUNING_CLI='{cli}'\n"
        "export PULUMI_GCP_TUNING_SANDBOX=off\n"
        f"exec '{CHECKOUT / 'scripts' / 'pulumi'}' \"$@\"\n",
        encoding="utf-8",
    )
    command.chmod(0o755)
    return command
