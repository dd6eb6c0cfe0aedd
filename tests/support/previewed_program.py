"""A program whose resources exist at a Google made by hand, and what its previews say of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from pulumi_gcp_tuning.resources.core.lifecycle import Call, Current, Difference, Properties
from pulumi_gcp_tuning.resources.core.run import Run
from pulumi_gcp_tuning.resources.registry import lifecycle_of, registered
from support.declared_tuning_job import declared
from support.findings import printed_of
from support.hand_made_google import Desk, urn

KIND = {frame.name: frame.kind for frame in registered()}
OTHER_SPEC = {"supervisedTuningSpec": {"trainingDatasetUri": f"gs://shop-data/tuning-datasets/{'b' * 64}.jsonl"}}


@dataclass
class Program:
    """A program whose resources exist. Each ``preview`` is a run of its own, as each command is a process of its own."""

    desk: Desk = field(default_factory=Desk)
    made: dict[str, Current] = field(default_factory=dict)
    run: Run = field(default_factory=Run)

    def call(self, at: str) -> Call:
        kind, _, name = at.partition(" ")
        return self.desk.call(kind, name or "bot", run=self.run)

    def up(self, at: str, **inputs: Any) -> Current:
        frame = lifecycle_of(KIND[at.partition(" ")[0]])
        news = frame.check(self.call(at), {}, {**inputs, "resourceUrn": self.urn(at)}).inputs
        self.made[at] = frame.create(self.call(at), news)
        return self.made[at]

    def urn(self, at: str) -> str:
        kind, _, name = at.partition(" ")
        return urn(kind, name or "bot")

    def check(self, at: str, **changed: Any) -> Properties:
        made, frame = self.made[at], lifecycle_of(KIND[at.partition(" ")[0]])
        return frame.check(self.call(at), made.inputs or {}, {**(made.inputs or {}), **changed}).inputs

    def diff(self, at: str, news: Properties) -> Difference:
        made, frame = self.made[at], lifecycle_of(KIND[at.partition(" ")[0]])
        return frame.diff(self.call(at), made.id, made.outputs, news)

    def preview(self, at: str, **changed: Any) -> Difference:
        return self.diff(at, self.check(at, **changed))

    def submit(self, at: str, **changed: Any) -> Current:
        job = self.up(at, **{**declared(**changed), "labels": {}})
        self.desk.google.succeed(job.id)
        return job

    def errors(self, at: str, **inputs: Any) -> list[tuple[str, str]]:
        """The errors of a declaration that is new in the program: path and problem."""
        frame = lifecycle_of(KIND[at.partition(" ")[0]])
        checked = frame.check(self.call(at), {}, {**inputs, "resourceUrn": self.urn(at)})
        return [(each.path, each.problem) for each in printed_of(checked.findings) if each.severity == "error"]


def program_that_is_up() -> Program:
    """A job, its model, and a deployment of that on an endpoint; then a new run."""
    program = Program()
    job = program.submit("TuningJob")
    model = program.up("TunedModel", tuningJob=job.id, inputSources={"tuningJob": [program.urn("TuningJob")]})
    endpoint = program.up("Endpoint", displayName="e", location="us")
    told = {"model": [program.urn("TunedModel")], "endpoint": [program.urn("Endpoint")]}
    program.up("ModelDeployment", endpoint=endpoint.id, model=model.outputs["model"], inputSources=told)
    program.run = Run()
    return program
