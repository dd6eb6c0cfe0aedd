from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pulumi_gcp_tuning.google import gapic

PROGRAM = """
import json, sys
from pulumi_gcp_tuning.google.gapic import load_gapic
from pulumi_gcp_tuning.google.gapic_import import PACKAGE
load_gapic()
modules = sorted(name.rpartition(".")[2] for name in sys.modules if name.startswith(PACKAGE))
from google.cloud.aiplatform_v1beta1 import types
listed = "TuningJob" in dir(types)
same = types.TuningJob is types.tuning_job.TuningJob
nonsense = hasattr(types, "Nonsense")
from google.cloud.aiplatform_v1beta1 import DatasetServiceClient
from google.cloud import aiplatform_v1beta1 as package
client = package.DatasetServiceClient is DatasetServiceClient
print(json.dumps({"modules": modules, "same": same, "nonsense": nonsense, "client": client, "listed": listed}))
"""


@pytest.fixture(scope="module")
def seen() -> Any:
    """What a program sees of the generated package after our part of it was imported."""
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_every_service_that_is_called_is_imported() -> None:
    files = Path(gapic.__file__).parent.glob("*.py")
    called = {name for file in files for name in re.findall(r'"(\w+Service)"', file.read_text(encoding="utf-8"))}
    missing = ", ".join(sorted(called - set(gapic.SERVICES)))
    assert not missing, f"add {missing} to SERVICES of provider/pulumi_gcp_tuning/google/gapic.py"


def test_only_the_services_that_are_written_to_are_imported(seen: Any) -> None:
    assert {"genai_tuning_service", "model_service", "endpoint_service"} <= set(seen["modules"])
    assert not {"dataset_service", "grpc", "grpc_asyncio", "client"} & set(seen["modules"])


def test_whoever_asks_for_the_rest_of_the_package_gets_it(seen: Any) -> None:
    assert seen["client"] is True


def test_a_message_type_is_the_same_object_under_each_of_its_names(seen: Any) -> None:
    assert seen["same"] is True


def test_the_names_of_the_package_are_listed(seen: Any) -> None:
    assert seen["listed"] is True


def test_a_name_that_the_package_does_not_have_is_missing_as_usual(seen: Any) -> None:
    assert seen["nonsense"] is False
