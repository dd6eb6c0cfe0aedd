"""TunedModels of jobs that are made by hand: submitted, trained, and waited for."""

from __future__ import annotations

from typing import Any

from pulumi_gcp_tuning.resources.core.lifecycle import Current
from pulumi_gcp_tuning.resources.registry import lifecycle_of
from support.hand_made_google import Desk, settings, urn
from support.hand_made_lookups import NUMBER

TUNED_MODEL = lifecycle_of("tuned_model")
PARENT = f"projects/{NUMBER}/locations/us-central1"


def submitted(desk: Desk, labels: dict[str, str] | None = None) -> str:
    spec = {"trainingDatasetUri": "gs://b/t.jsonl", "hyperParameters": {"epochCount": "2"}}
    body = {"baseModel": "gemini-3.5-flash", "supervisedTuningSpec": spec, "tunedModelDisplayName": "tuned"}
    made = desk.google.vertex("us-central1").tuning_jobs.create(
        PARENT, {**body, "labels": labels or {"gcp-tuning-id": "the-job", "gcp-tuning-spec": "s"}}
    )
    return str(made["name"])


def inputs_of(job: str, **more: Any) -> dict[str, Any]:
    news = {"tuningJob": job, "resourceUrn": urn("TunedModel"), "labels": {"team": "shop"}, **more}
    elsewhere = Desk().call("TunedModel", settings=settings(checks={"existence": "off"}))
    found = TUNED_MODEL.check(elsewhere, {}, news)
    assert [str(f) for f in found.findings] == []
    return found.inputs


def waited(desk: Desk, job: str, **more: Any) -> Current:
    made = TUNED_MODEL.create(desk.call("TunedModel"), inputs_of(job, **more))
    desk.google.journal.clear()
    return made


def trained(desk: Desk, **more: Any) -> Current:
    job = submitted(desk)
    desk.google.succeed(job)
    return waited(desk, job, **more)
