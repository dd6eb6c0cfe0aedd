"""Stacks on one Google made by hand, each verb in a process of its own."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pulumi_gcp_tuning.config import CHECKS
from pulumi_gcp_tuning.resources.core.lifecycle import Call, Current
from pulumi_gcp_tuning.resources.core.run import Run
from pulumi_gcp_tuning.resources.registry import KINDS, lifecycle_of, registered
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

    def stock(self) -> dict[str, Any]:
        """Everything that resources make at Google, by the field that holds it."""
        fields = sorted({field for kind in KINDS for _, field in sample_of(kind).answers})
        return {field: deepcopy(getattr(self.google, field)) for field in fields}

    def left(self) -> dict[str, Any]:
        """What there is at Google besides the jobs, whose records stay."""
        return {field: held for field, held in self.stock().items() if field != "jobs" and held}

    def object_of(self, kind: str, entry: Current) -> dict[str, Any]:
        """The object with the claim. Its name is the output ``model`` if there is one, else the id of the entry."""
        fields = [field for _, field in sample_of(kind).answers]
        held = {_name_of(key): thing for field in fields for key, thing in getattr(self.google, field).items()}
        found: dict[str, Any] = held[entry.outputs.get("model") or entry.id]
        return found

    def labels_of(self, kind: str, entry: Current) -> dict[str, str]:
        """What the object has the claim in; an object of Cloud Storage has no labels."""
        return labels_in(self.object_of(kind, entry))

    def claim_at(self, kind: str, entry: Current) -> str | None:
        held = self.labels_of(kind, entry)
        return next((value for key, value in held.items() if is_claim(key)), None)

    def strip(self, kind: str, entry: Current) -> None:
        """A sweeper takes the claim off."""
        held = self.labels_of(kind, entry)
        for key in filter(is_claim, list(held)):
            del held[key]


def labels_in(found: dict[str, Any]) -> dict[str, str]:
    held: dict[str, str] = found["labels" if "labels" in found else "metadata"]
    return held


def is_claim(key: str) -> bool:
    return key.startswith("gcp-tuning-claim") and key != "gcp-tuning-claimed"


def _name_of(key: str | tuple[str, ...]) -> str:
    return key if isinstance(key, str) else f"gs://{'/'.join(key)}"


def of_older_release(entry: Current) -> Current:
    """The entry as a release without claims wrote it."""
    return Current(id=entry.id, outputs={k: v for k, v in entry.outputs.items() if k != "claim"}, inputs=entry.inputs)
