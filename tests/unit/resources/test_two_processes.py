"""Nothing that protects money lives in the memory of one process: another process, with a Run of its own, finds it at Google."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from pulumi_gcp_tuning.config import CHECKS
from pulumi_gcp_tuning.errors import Refused
from pulumi_gcp_tuning.resources.core.lifecycle import Current, Properties
from pulumi_gcp_tuning.resources.core.run import Run
from pulumi_gcp_tuning.resources.registry import KINDS, lifecycle_of
from support.golden_hashes import pinned_first
from support.hand_made_google import GOOD_ROWS, Desk, HandMadeGoogle, by_number, lost, settings

GIVEN = settings(checks=dict.fromkeys(CHECKS, "off"))


def declared(kind: str, google: HandMadeGoogle, folder: Path) -> Properties:
    """A declaration, with what it refers to in the world."""
    found = pinned_first(kind)
    inputs: Properties = {**found["inputs"]}
    if "source" in inputs:
        own = found.get("files", {}).get(inputs["source"])
        is_pairs = kind == "gemini_api_tuned_model"
        (folder / "rows.jsonl").write_bytes(own.encode() if is_pairs else GOOD_ROWS)
        inputs["source"] = str(folder / "rows.jsonl")
        inputs.pop("contentSha256")
        inputs.pop("resourceUrn")
    if "tuningJob" in inputs:
        name = by_number(inputs["tuningJob"])
        google.jobs[name] = {"name": name, "state": "JOB_STATE_RUNNING"}
        google.succeed(name)
    if "endpoint" in inputs:
        google.endpoints[by_number(inputs["endpoint"])] = {"name": by_number(inputs["endpoint"])}
    return inputs


class Process:
    """One provider process: its memory is a Run, and what it has read of Google so far."""

    def __init__(self, kind: str, google: HandMadeGoogle) -> None:
        google.facts.clear()
        self.frame, self.desk, self.run = lifecycle_of(kind), Desk(google), Run()

    def create(self, inputs: Properties) -> Current:
        call = self.desk.call(self.frame.name, settings=GIVEN, run=self.run)
        return self.frame.create(call, self.frame.check(call, {}, inputs).inputs)


def stock(google: HandMadeGoogle) -> list[Any]:
    """What stands at Google, without when it was taken over last."""
    models = deepcopy(google.models)
    for model in models.values():
        model.get("labels", {}).pop("gcp-tuning-claimed", None)
    found = deepcopy([google.jobs, models, google.endpoints])
    return [*found, {key: (each["generation"], each["metadata"]) for key, each in google.objects.items()}]


@pytest.mark.parametrize("kind", KINDS)
def test_what_one_process_made_another_finds_and_makes_no_second_one(kind: str, tmp_path: Path) -> None:
    google = HandMadeGoogle()
    inputs = declared(kind, google, tmp_path)
    first = Process(kind, google).create(inputs)
    before = stock(google)
    assert Process(kind, google).create(inputs).id == first.id
    assert stock(google) == before


@pytest.mark.parametrize("kind", ["tuning_job", "pipeline_tuning_job"])
def test_a_job_whose_answer_the_first_process_never_heard_is_found_by_the_second(kind: str, tmp_path: Path) -> None:
    google = HandMadeGoogle(unclear_answers=[lost()])
    inputs = declared(kind, google, tmp_path)
    Process(kind, google).create(inputs)
    Process(kind, google).create(inputs)
    assert len(google.jobs) == 1


def test_a_process_counts_the_jobs_that_another_started_against_the_quota(tmp_path: Path) -> None:
    kind, google = "tuning_job", HandMadeGoogle(limit=1)
    inputs = {**declared(kind, google, tmp_path), "onQuota": "fail", "checks": {"quota": "error"}}
    Process(kind, google).create(inputs)
    other = inputs["resourceUrn"].replace("::bot", "::other")
    with pytest.raises(Refused, match="No room in the quota"):
        Process(kind, google).create({**inputs, "resourceUrn": other})
