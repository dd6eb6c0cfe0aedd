"""Steps as ``pulumi preview --json`` writes them, and reviews of them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

from pulumi_gcp_tuning.review.judging import Material, review_of
from pulumi_gcp_tuning.review.previews import Preview, preview_of
from pulumi_gcp_tuning.review.report import Judgement, Review
from support.fake_cli import urn

SECRET: Final = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "plaintext": '"hunter2222"'}
UNKNOWN: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
JOB: Final = "projects/1/locations/us-central1/tuningJobs/2"
SPEC: Final = {"trainingDatasetUri": "gs://shop-data/t.jsonl", "hyperParameters": {"epochCount": 8}}
COST: Final = {
    "usd": 12.9,
    "least": 10.0,
    "most": 15.0,
    "per_epoch": False,
    "text": "about $12.90, $10.00 to $15.00",
    "reckoning": "4.3M tokens x 1 epoch x $3",
    "serving": "serving it costs $0.38 per 1M tokens in",
}
JOB_INPUTS: Final = {"baseModel": "gemini-3.1-flash-lite", "location": "us-central1", "supervisedTuningSpec": SPEC}


def step(
    op: str,
    kind: str,
    name: str = "router",
    *,
    old: Mapping[str, Any] | None = None,
    new: Mapping[str, Any] | None = None,
    outputs: Mapping[str, Any] | None = None,
    needs: Sequence[str] = (),
    id_: str = "",
    **more: Any,
) -> dict[str, Any]:
    """One step: the old and the new inputs, the old outputs, and the URNs that it depends on."""
    about = urn(kind, name)
    states: dict[str, Any] = {}
    if op != "create":
        states["oldState"] = {"id": id_ or f"id-of-{name}", "inputs": dict(old or {}), "outputs": dict(outputs or {})}
        states["oldState"] |= {"dependencies": list(needs), "protect": more.pop("protect", False)}
        states["oldState"] |= {"retainOnDelete": more.pop("retained", False)}
    if op != "delete":
        states["newState"] = {"inputs": dict(new or {}), "dependencies": list(needs)}
    return {"op": op, "urn": about, **states, "detailedDiff": None, **more}


def preview(*steps: Mapping[str, Any], **more: Any) -> Preview:
    """The preview of these steps, read as the command reads it."""
    return preview_of(answer(*steps, **more))


def answer(*steps: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """What the CLI prints for these steps."""
    counts = Counter(str(each["op"]) for each in steps)
    return json.loads(json.dumps({"steps": list(steps), "changeSummary": counts, **more}))  # type: ignore[no-any-return]


def review(
    *steps: Mapping[str, Any],
    facts: Mapping[str, Mapping[str, Mapping[str, Any]]] | None = None,
    findings: Sequence[Judgement] = (),
    policies: Sequence[Judgement] = (),
    problem: str = "",
) -> Review:
    """The review of these steps. The checks were run, and noted ``facts``."""
    material = Material(
        preview=preview(*steps), facts=facts or {}, findings=findings, policies=policies, problem=problem
    )
    return review_of(material)
