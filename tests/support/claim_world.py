"""Stacks on one Google made by hand, each verb in a process of its own."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from pulumi_gcp_tuning.config import CHECKS
from pulumi_gcp_tuning.resources.core.lifecycle import Call, Current
from pulumi_gcp_tuning.resources.core.run import Run
from pulumi_gcp_tuning.resources.registry import lifecycle_of, registered
from support.hand_made_google import GOOD_ROWS, Desk, HandMadeGoogle, settings, urn
from support.samples import a_finished_job, sample_of

NO_CHECKS = dict.fromkeys(CHECKS, "off")
CLASSES = {each.kind: each.name for each in registered() if each.traits.marks and not each.traits.recognised}
"""What carries a claim on an object of its own, by its kind."""


@dataclass
class World:
    """One Google, a clock, and the entries of stacks that use it. Each verb is a process of its own unless ``run`` is given."""

    folder: Path
    desk: Desk = field(default_factory=Desk)

    def __post_init__(self) -> None:
        (self.folder / "train.jsonl").write_bytes(GOOD_ROWS)

    @property
    def google(self) -> HandMadeGoogle:
        return self.desk.google

    def call(self, kind: str, name: str = "bot", stack: str = "dev", **given: Any) -> Call:
        of = urn(lifecycle_of(kind).name, name, stack)
        return self.desk.call(
            urn=of, **{"settings": settings(checks=NO_CHECKS), "run": Run(), "root": self.folder, **given}
        )

    def a_job(self) -> str:
        """One that has ended well."""
        return a_finished_job(self.google)

    def create(self, kind: str, name: str = "bot", stack: str = "dev", **inputs: Any) -> Current:
        given = {**inputs, "resourceUrn": urn(lifecycle_of(kind).name, name, stack)}
        frame, call = lifecycle_of(kind), self.call(kind, name, stack)
        self.desk.clock.seconds += 60
        return frame.create(call, frame.check(call, {}, given).inputs)

    def make(self, kind: str, name: str = "bot", stack: str = "dev", **inputs: Any) -> Current:
        """The shortest declaration of one that can carry a claim."""
        return self.create(kind, name, stack, **{**sample_of(kind).declared(self.google), **inputs})

    def again(self, kind: str, made: Current, stack: str = "dev", name: str = "bot") -> Current:
        """The same declaration in another process: an adoption."""
        return self.create(kind, name, stack, **{k: v for k, v in (made.inputs or {}).items() if k != "resourceUrn"})

    def delete(self, kind: str, entry: Current, name: str = "bot", stack: str = "dev", **outputs: Any) -> None:
        lifecycle_of(kind).delete(self.call(kind, name, stack), entry.id, {**entry.outputs, **outputs})

    def update(self, kind: str, entry: Current, name: str = "bot", stack: str = "dev", **changed: Any) -> Current:
        frame, call = lifecycle_of(kind), self.call(kind, name, stack)
        inputs = {**(entry.inputs or {}), "resourceUrn": call.urn, **changed}
        return frame.update(call, entry.id, entry.outputs, inputs)

    def stock(self) -> Any:
        google = self.google
        return deepcopy((google.jobs, google.models, google.endpoints, google.objects))

    def object_of(self, kind: str, entry: Current) -> dict[str, Any]:
        """The object that bears the claim."""
        google = self.google
        if kind == "tuned_model":
            return google.models[entry.outputs["model"]]
        if kind == "endpoint":
            return google.endpoints[entry.id]
        ((_, found),) = google.objects.items()
        return found

    def claim_at(self, kind: str, entry: Current) -> str | None:
        found = self.object_of(kind, entry)
        if kind != "tuning_dataset":
            return cast("str | None", found["labels"].get("gcp-tuning-claim"))
        return next((value for key, value in found["metadata"].items() if key.startswith("gcp-tuning-claim-")), None)

    def strip(self, kind: str, entry: Current) -> None:
        """A sweeper takes the claim off."""
        found = self.object_of(kind, entry)
        held = found["metadata" if kind == "tuning_dataset" else "labels"]
        for key in [key for key in held if key.startswith("gcp-tuning-claim") and key != "gcp-tuning-claimed"]:
            del held[key]


def of_older_release(entry: Current) -> Current:
    """The entry as a release without claims wrote it."""
    return Current(id=entry.id, outputs={k: v for k, v in entry.outputs.items() if k != "claim"}, inputs=entry.inputs)
