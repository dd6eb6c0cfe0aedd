"""A program of the provider's resources against a sandbox in this process, for what the source documents describe."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any
from urllib.parse import quote

import requests

from pulumi_gcp_tuning.config import Settings
from support.in_process import ADDRESS, World
from support.sandbox_server import PROJECT, REGION
from support.small_engine import Declared, Ran, Stack

BUCKET = "shop-data"


def settings_of(as_of: str) -> Settings:
    """The settings of a stack on a day."""
    given = {"GCP_TUNING_BASE_URL": ADDRESS, "GCP_TUNING_AS_OF": as_of, "GCP_TUNING_POLL_INTERVAL": "600"}
    return Settings.resolve({"gcp:project": PROJECT, "gcp:region": REGION}, given)


def upload(world: World, name: str, data: bytes) -> str:
    """An object of the bucket that every world has."""
    path = f"/upload/storage/v1/b/{BUCKET}/o?uploadType=media&name={quote(name, safe='')}"
    answer = world.answer(requests.Request("POST", ADDRESS + path, data=data).prepare())
    assert answer.status == 200, answer.data
    return f"gs://{BUCKET}/{name}"


def dataset(root: Path, name: str, data: bytes, **more: Any) -> Declared:
    """A TuningDataset of a file with these bytes."""
    (root / f"{name}.jsonl").write_bytes(data)
    digest = hashlib.sha256(data).hexdigest()
    inputs = {"bucket": BUCKET, "source": f"{name}.jsonl", "contentSha256": digest, **more}
    return Declared("tuning_dataset", lambda _: inputs, name)


def job(data: str, base: str, hyper: dict[str, Any], name: str = "bot", **more: Any) -> Declared:
    """A TuningJob on the dataset with that name."""
    spec = more.pop("spec", {})

    def inputs(there: Any) -> dict[str, Any]:
        uri = there[f"tuning_dataset {data}"].outputs["uri"]
        whole = {"trainingDatasetUri": uri, "hyperParameters": hyper, **spec}
        return {"baseModel": base, "supervisedTuningSpec": whole, "fromResources": ["supervisedTuningSpec"], **more}

    return Declared("tuning_job", inputs, name)


def stack_in(world: World, as_of: str, root: Path) -> Stack:
    """An empty stack."""
    return Stack(world, settings_of(as_of), root)


def went_up(stack: Stack, program: list[Declared]) -> Ran:
    """Brings it up; it has to work."""
    ran = stack.up(program)
    assert ran.ok, ran.error
    return ran
