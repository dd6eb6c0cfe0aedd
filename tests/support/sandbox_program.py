"""A program whose resources go through the real google/ to a running sandbox."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from pulumi_gcp_tuning.config import Settings
from pulumi_gcp_tuning.google import Clock, Google, SystemClock
from pulumi_gcp_tuning.resources.core.lifecycle import Call, Current, Properties
from pulumi_gcp_tuning.resources.core.run import Run
from pulumi_gcp_tuning.resources.registry import lifecycle_of, registered
from support.hand_made_google import urn
from support.sandbox_server import PROJECT, REGION, SandboxServer

TYPES = {frame.kind: frame.name for frame in registered()}


class Program:
    """What the engine and the door do, in short."""

    def __init__(self, server: SandboxServer, folder: Path) -> None:
        config = {"gcp:project": PROJECT, "gcp:region": REGION, "gcp:defaultLabels": '{"env": "dev"}'}
        self.settings = Settings.resolve(config, server.env | {"GCP_TUNING_POLL_INTERVAL": "0.05"})
        self.server, self.folder = server, folder
        self.clock: Clock = SystemClock()
        self.warnings: list[str] = []
        self.lines: list[str] = []
        self.new_run()

    def new_run(self) -> None:
        self.google, self.run = Google(self.settings), Run()

    def call(self, kind: str, name: str = "bot", **given: Any) -> Call:
        return Call(
            urn=urn(TYPES[kind], name),
            settings=self.settings,
            google=self.google,
            clock=self.clock,
            run=self.run,
            report=self.lines.append,
            warn=self.warnings.append,
            **given,
        )

    def inputs(self, kind: str, news: Properties, olds: Properties | None = None, name: str = "bot") -> Properties:
        news = {**news, "resourceUrn": urn(TYPES[kind], name)}
        found = lifecycle_of(kind).check(self.call(kind, name), olds or {}, news)
        assert [str(each) for each in found.findings if each.severity == "error"] == []
        return found.inputs

    def create(self, kind: str, news: Properties, name: str = "bot", **given: Any) -> Current:
        return lifecycle_of(kind).create(self.call(kind, name, **given), self.inputs(kind, news, name=name))

    def dataset(self, text: str = "hello", name: str = "train") -> Current:
        rows = [
            {
                "contents": [
                    {"role": "user", "parts": [{"text": f"{text} {n}"}]},
                    {"role": "model", "parts": [{"text": "hi"}]},
                ]
            }
            for n in range(120)
        ]
        file = self.folder / f"{text}.jsonl"
        file.write_text("".join(json.dumps(row) + "\n" for row in rows))
        content = hashlib.sha256(file.read_bytes()).hexdigest()
        return self.create(
            "tuning_dataset", {"bucket": "shop-data", "source": str(file), "contentSha256": content}, name=name
        )

    def job(self, **changed: Any) -> Current:
        uri = self.dataset().outputs["uri"]
        spec = {"trainingDatasetUri": uri, "hyperParameters": {"epochCount": 2.0, "adapterSize": 4.0}}
        news = {"baseModel": "gemini-3.5-flash", "supervisedTuningSpec": spec, "labels": {"team": "shop"}, **changed}
        return self.create("tuning_job", news)

    def trained(self) -> tuple[Current, Current]:
        job = self.job()
        return job, self.create("tuned_model", {"tuningJob": job.id, "displayName": "Bot"})

    def read(self, kind: str, current: Current, name: str = "bot") -> Current:
        found = lifecycle_of(kind).read(self.call(kind, name), current.id, current.outputs)
        assert found is not None
        return found

    def diff(self, kind: str, current: Current, news: Properties, name: str = "bot") -> Any:
        return lifecycle_of(kind).diff(self.call(kind, name), current.id, current.outputs, news)

    def delete(self, kind: str, current: Current, name: str = "bot") -> None:
        lifecycle_of(kind).delete(self.call(kind, name), current.id, current.outputs)
