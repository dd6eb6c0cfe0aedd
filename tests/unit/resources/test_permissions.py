"""docs/permissions.md: what each verb of each resource needs, as the sandbox asks it of the caller."""

from __future__ import annotations

import hashlib
import json
import re
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import requests

from pulumi_gcp_tuning.clock import SystemClock
from pulumi_gcp_tuning.config import CHECKS, Settings
from pulumi_gcp_tuning.google import Google
from pulumi_gcp_tuning.resources.core.lifecycle import Call, Current
from pulumi_gcp_tuning.resources.core.run import Run
from pulumi_gcp_tuning.resources.registry import lifecycle_of, registered
from support.hand_made_google import GOOD_ROWS, urn
from support.sandbox_server import PROJECT, REGION, SandboxServer
from tuning_sandbox.app import load_apis

if TYPE_CHECKING:
    from collections.abc import Iterator

NAMES = {frame.kind: frame.name for frame in registered()}
VERBS = ("create", "read", "update", "delete")
PERMISSIONS = {route.id: route.permission for api in load_apis() for route in api.routes if route.id}
Needs = dict[tuple[str, str], set[str]]


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    with SandboxServer("--as-of", "2026-01-20", "--speed", "100000") as running:
        running.make_bucket("shop-data")
        yield running


class Asked:
    """A program without checks, and the permissions that each of its calls needed."""

    def __init__(self, server: SandboxServer, folder: Path) -> None:
        config = {"gcp:project": PROJECT, "gcp:region": REGION}
        found = Settings.resolve(config, server.env | {"GCP_TUNING_POLL_INTERVAL": "0.05"})
        self.settings = found.model_copy(update={"checks": dict.fromkeys(CHECKS, "off")})
        self.server, self.folder, self.needs = server, folder, defaultdict[tuple[str, str], set[str]](set)

    def _of(self, kind: str, verb: str, act: Any) -> Any:
        before = len(self.server.requests())
        google = Google(self.settings)
        call = Call(
            urn=urn(NAMES[kind]),
            settings=self.settings,
            google=google,
            clock=SystemClock(),
            run=Run(),
            root=self.folder,
        )
        try:
            return act(lifecycle_of(kind), call)
        finally:
            google.close()
            for entry in self.server.requests()[before:]:
                if permission := PERMISSIONS.get(entry["id"]):
                    self.needs[NAMES[kind], verb].add(permission)

    def create(self, kind: str, **inputs: Any) -> Current:
        news = {**inputs, "resourceUrn": urn(NAMES[kind])}
        made: Current = self._of(
            kind, "create", lambda frame, call: frame.create(call, frame.check(call, {}, news).inputs)
        )
        return made

    def go_on(self, kind: str, made: Current, **changed: Any) -> None:
        """Reads it and updates it."""
        self._of(kind, "read", lambda frame, call: frame.read(call, made.id, made.outputs))
        news = {**(made.inputs or {}), **changed}
        self._of(kind, "update", lambda frame, call: frame.update(call, made.id, made.outputs, news))

    def delete(self, kind: str, made: Current) -> None:
        self._of(kind, "delete", lambda frame, call: frame.delete(call, made.id, made.outputs))


def asked_of(server: SandboxServer, folder: Path) -> Needs:
    """One life of each resource; jobs that run are cancelled."""
    asked = Asked(server, folder)
    (folder / "train.jsonl").write_bytes(GOOD_ROWS)
    content = hashlib.sha256(GOOD_ROWS).hexdigest()
    data = asked.create("tuning_dataset", bucket="shop-data", source="train.jsonl", contentSha256=content)
    uri = data.outputs["uri"]
    asked.go_on("tuning_dataset", data, resourceUrn=urn("TuningDataset", "renamed"))
    spec = {"trainingDatasetUri": uri, "hyperParameters": {"epochCount": 1}}
    job = asked.create("tuning_job", baseModel="gemini-2.5-flash", supervisedTuningSpec=spec)
    model = asked.create("tuned_model", tuningJob=job.id)
    asked.go_on("tuned_model", model, description="better")
    asked.go_on("tuning_job", job)
    endpoint = asked.create("endpoint", displayName="Shop", location=model.outputs["location"])
    asked.go_on("endpoint", endpoint, displayName="Store")
    deployment = asked.create("model_deployment", endpoint=endpoint.id, model=model.outputs["versionedModel"])
    asked.go_on("model_deployment", deployment)
    for kind, made in (("model_deployment", deployment), ("endpoint", endpoint), ("tuned_model", model)):
        asked.delete(kind, made)
    weights_on_a_machine(asked)
    server.never_end_next_job()
    running = asked.create("tuning_job", baseModel="gemini-2.5-flash", supervisedTuningSpec=spec, retry="2")
    asked.delete("tuning_job", running)
    asked.delete(
        "tuning_dataset", Current(id=data.id, outputs={**data.outputs, "resourceUrn": urn("TuningDataset", "renamed")})
    )
    return dict(asked.needs)


def weights_on_a_machine(asked: Asked) -> None:
    """The life of a deployment of an open model's weights."""
    rows = "".join(json.dumps({"prompt": f"{each}?", "completion": f"{each % 3}"}) + "\n" for each in range(12))
    place = f"{asked.server.url}/upload/storage/v1/b/shop-data/o?uploadType=media&name=open.jsonl"
    assert requests.post(place, data=rows.encode(), timeout=30).ok
    body = {
        "baseModel": "meta/llama3_1@llama-3.1-8b",
        "supervisedTuningSpec": {
            "trainingDatasetUri": "gs://shop-data/open.jsonl",
            "hyperParameters": {"epochCount": "1"},
        },
        "outputUri": "gs://shop-data/out",
    }
    job = asked.server.call("POST", f"v1beta1/projects/{PROJECT}/locations/{REGION}/tuningJobs", body)["name"]
    asked.server.advance(86_400)
    machine = {"machineType": "g2-standard-12", "acceleratorType": "NVIDIA_L4", "acceleratorCount": 1}
    made = asked.create("model_deployment", tuningJob=job, **machine)
    asked.go_on("model_deployment", made)
    asked.delete("model_deployment", made)


def on_the_page(page: Path) -> Needs:
    """The rows of the table: a resource, and a cell for each verb."""
    table = page.read_text(encoding="utf-8").partition("## Claims")[0]
    rows = re.findall(r"^\| `(\w+)` \|(.*)\|$", table, flags=re.MULTILINE)
    cells = {name: [set(re.findall(r"`([\w.]+)`", cell)) for cell in text.split("|")] for name, text in rows}
    return {(name, verb): found for name, row in cells.items() for verb, found in zip(VERBS, row, strict=True) if found}


def test_the_page_names_what_each_verb_asked_of_the_caller(
    server: SandboxServer, tmp_path: Path, checkout: Path
) -> None:
    asked, told = asked_of(server, tmp_path), on_the_page(checkout / "docs" / "permissions.md")
    rows = {
        name: " | ".join(", ".join(f"`{each}`" for each in sorted(asked.get((name, verb), ()))) for verb in VERBS)
        for name in NAMES.values()
    }
    wanted = "\n".join(f"| `{name}` | {row} |" for name, row in rows.items() if name != "PipelineTuningJob")
    pipeline = {key: value for key, value in told.items() if key[0] == "PipelineTuningJob"}
    assert {**asked, **pipeline} == told, f"write in docs/permissions.md:\n{wanted}"
