"""The review of a large stack, for the golden reports that no run of the CLI makes."""

from __future__ import annotations

from typing import Any

from pulumi_gcp_tuning.review.previews import named_by
from pulumi_gcp_tuning.review.report import Judgement, Review
from support.fake_cli import urn
from support.planned_steps import COST, JOB_INPUTS, review, step


def many(count: int, *, again: bool = False) -> Review:
    """The review of a first up of this many jobs and models, or of a retrain of all of them."""
    names = [f"job-{number:04}" for number in range(count // 2)]
    op, old = ("replace", JOB_INPUTS | {"baseModel": "gemini"}) if again else ("create", None)
    jobs = [step(op, "TuningJob", name, old=old, new=JOB_INPUTS) for name in names]
    models = [step(op, "TunedModel", name, needs=[urn("TuningJob", name)]) for name in names]
    model = {"base_model": "gemini", "stage": "OPEN", "tuning_until": "2027-04-07", "serving_until": None}
    quota = {
        "name": "jobs",
        "need": 1,
        "in_use": 0,
        "limit": 1,
        "fits": False,
        "before": ["x"],
        "ahead": 9,
        "on_quota": "wait",
    }
    facts: dict[str, dict[str, dict[str, Any]]] = {
        each["urn"]: {"cost": COST, "model": model, "quota": quota} for each in jobs
    }
    warned = [
        Judgement(severity="warn", resource=named_by(each["urn"]), path="labels", problem="Odd.") for each in jobs
    ]
    return review(*jobs, *models, facts=facts, findings=warned)
