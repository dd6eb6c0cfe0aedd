"""The rules of the frame, kept by each registered resource as it is: made, read, left alone and removed at a Google made by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from pulumi_gcp_tuning.errors import ApiError, Refused
from pulumi_gcp_tuning.resources.core.detail import find_property_diffs
from pulumi_gcp_tuning.resources.core.lifecycle import UNKNOWN, Call, Current, Difference
from pulumi_gcp_tuning.resources.core.run import Run
from pulumi_gcp_tuning.resources.registry import lifecycle_of
from support.hand_made_google import GOOD_ROWS, Desk, HandMadeGoogle, settings, urn
from support.samples import DATA, DECLARED, PAIRS, a_finished_job, sample_of

CHECKS = {"retirement": "off", "dataset": "off"}


def a_tuned_model(google: HandMadeGoogle) -> str:
    return str(google.jobs[a_finished_job(google)]["tunedModel"]["model"])


def some_weights(google: HandMadeGoogle) -> str:
    google.objects["shop-data", "weights/model.safetensors"] = {"name": "weights/model.safetensors", "generation": "1"}
    return "gs://shop-data/weights"


MACHINE = {"machineType": "g2-standard-12", "acceleratorType": "NVIDIA_L4", "acceleratorCount": 1}
OTHER_FORMS: dict[str, Callable[[HandMadeGoogle], dict[str, Any]]] = {
    "tuning_job that is continued": lambda google: {
        "preTunedModel": {"tunedModelName": a_tuned_model(google)},
        "supervisedTuningSpec": {"trainingDatasetUri": DATA},
    },
    "tuning_job of an open model": lambda _google: {
        "baseModel": "meta/llama3_1@llama-3.1-8b-instruct",
        "outputUri": "gs://shop-data/out",
        "supervisedTuningSpec": {"trainingDatasetUri": DATA, "tuningMode": "TUNING_MODE_FULL"},
    },
    "model_deployment of weights": lambda google: {"artifacts": some_weights(google), **MACHINE},
}
"""Declarations that take another way through a resource."""


class Entry:
    """One resource of a program, from its check to its delete."""

    def __init__(self, kind: str, folder: Path) -> None:
        self.folder, self.form = folder, kind
        (folder / "train.jsonl").write_bytes(GOOD_ROWS)
        (folder / "pairs.jsonl").write_bytes(PAIRS)
        self.frame, self.desk, self.told = lifecycle_of(kind.partition(" ")[0]), Desk(), list[str]()
        self.google = self.desk.google
        self.news = {**{**DECLARED, **OTHER_FORMS}[kind](self.google), "resourceUrn": urn(self.frame.name)}

    def call(self, **given: Any) -> Call:
        options = {
            "settings": settings(checks=CHECKS),
            "run": Run(),
            "tell": self.told.append,
            "root": self.folder,
            **given,
        }
        return self.desk.call(self.frame.name, **options)

    def check(self, olds: dict[str, Any] | None = None, **changed: Any) -> Any:
        return self.frame.check(self.call(), olds or {}, {**self.news, **changed})

    def make(self, **changed: Any) -> Current:
        found = self.check(**changed)
        assert [str(finding) for finding in found.findings if finding.severity == "error"] == []
        return self.frame.create(self.call(), found.inputs)

    def world(self) -> Any:
        """All that Google holds."""
        return self.google.world()


@pytest.fixture
def entry(request: pytest.FixtureRequest, tmp_path: Path) -> Entry:
    return Entry(request.param, tmp_path)


every_resource = pytest.mark.parametrize("entry", sorted({*DECLARED, *OTHER_FORMS}), indirect=True)


@every_resource
def test_what_was_made_is_there_and_is_no_change(entry: Entry) -> None:
    made = entry.make()
    read = entry.frame.read(entry.call(), made.id, made.outputs)
    assert read is not None
    assert entry.frame.diff(entry.call(), made.id, read.outputs, entry.check(made.outputs).inputs).changed is False


@every_resource
def test_all_that_is_wrong_is_reported_at_once(entry: Entry) -> None:
    found = entry.check(colour="red", deletionPolicy="KEEP", checks={"modle": "off"})
    wrong = {str(finding.path) for finding in found.findings if finding.severity == "error"}
    assert len(wrong) == 3, wrong


@every_resource
def test_what_is_refused_at_create_leaves_google_as_it_was(entry: Entry) -> None:
    inputs, before = entry.check().inputs, entry.world()
    with pytest.raises(Refused, match="is refused before it is sent to Google"):
        entry.frame.create(entry.call(), {**inputs, "deletionPolicy": "KEEP"})
    assert entry.world() == before


@every_resource
def test_where_nothing_would_be_made_no_finding_of_the_world_is_an_error(entry: Entry) -> None:
    made = entry.make()
    entry.google.down = ApiError("sorry", http_status=500, status="INTERNAL")
    entry.google.facts.clear()
    years_later = entry.call(settings=settings(as_of=date(2040, 1, 1)))
    found = entry.frame.check(years_later, made.outputs, entry.news).findings
    assert [str(each) for each in found if each.severity == "error"] == []


@every_resource
def test_a_404_of_another_api_proves_nothing(entry: Entry) -> None:
    made = entry.make()
    elsewhere = Desk(HandMadeGoogle()).call(entry.frame.name, settings=settings(base_url=None))
    for verb in (entry.frame.read, entry.frame.delete):
        with pytest.raises(Refused, match="GCP_TUNING_BASE_URL"):
            verb(elsewhere, made.id, made.outputs)


@every_resource
def test_an_answer_that_is_no_404_keeps_the_entry(entry: Entry) -> None:
    made = entry.make()
    entry.google.down = ApiError("sorry", http_status=500, status="INTERNAL")
    with pytest.raises(ApiError, match="sorry"):
        entry.frame.read(entry.call(), made.id, made.outputs)


@every_resource
def test_what_is_abandoned_stays_at_google_and_is_named_with_what_it_costs(entry: Entry) -> None:
    made, before = entry.make(deletionPolicy="ABANDON"), entry.world()
    entry.frame.delete(entry.call(), made.id, made.outputs)
    assert entry.world() == before
    assert entry.told[-1].startswith(f"{made.id} stays at Google, because its deletion_policy is ABANDON. ")
    assert "/pricing)" in entry.told[-1], (
        "end costs= of its TRAITS with a link to Google's prices, see resources/core/costs.py"
    )


@every_resource
def test_what_may_not_be_deleted_is_refused_with_the_way_out(entry: Entry) -> None:
    made, before = entry.make(deletionPolicy="PREVENT"), entry.world()
    with pytest.raises(Refused, match=r"PREVENT.*set deletion_policy to DELETE and run `pulumi up` first"):
        entry.frame.delete(entry.call(), made.id, made.outputs)
    assert entry.world() == before


@every_resource
def test_a_pending_delete_of_what_the_run_uses_touches_nothing(entry: Entry) -> None:
    made, before, run = entry.make(), entry.world(), Run()
    inputs = entry.frame.check(entry.call(run=run), made.outputs, entry.news).inputs
    entry.frame.diff(entry.call(run=run), made.id, made.outputs, inputs)
    entry.frame.delete(entry.call(run=run), made.id, made.outputs)
    assert entry.world() == before
    assert "still uses it" in entry.told[-1]


@every_resource
def test_a_delete_can_be_run_again(entry: Entry) -> None:
    made = entry.make()
    before = entry.world()
    entry.frame.delete(entry.call(), made.id, made.outputs)
    after = entry.world()
    assert after != before, f"keep {entry.frame.name} in a dict that is a field of HandMadeGoogle"
    entry.frame.delete(entry.call(), made.id, made.outputs)
    assert entry.world() == after


CHANGED: dict[str, tuple[dict[str, Any], dict[str, Any], dict[str, str]]] = {
    "model_deployment of weights": (
        {},
        {"model": UNKNOWN, "displayName": "new"},
        {"model": "ADD", "displayName": "ADD_REPLACE"},
    ),
}
"""Of a form of a resource, where it differs: see ``Sample.changed``."""


def changed_in(entry: Entry) -> tuple[dict[str, Any], dict[str, Any], dict[str, str]]:
    return CHANGED.get(entry.form, sample_of(entry.frame.kind).changed)


def compared(entry: Entry) -> tuple[Difference, dict[str, Any], dict[str, Any], dict[str, Any]]:
    """The difference of its two declarations; the inputs and outputs in state, and the new inputs."""
    first, second, _ = changed_in(entry)
    made, before = entry.make(**first), entry.check(**first).inputs
    news = entry.check(before, **second).inputs
    return entry.frame.diff(entry.call(), made.id, made.outputs, news), before, made.outputs, news


@every_resource
def test_a_change_is_named_with_its_path_and_its_kind(entry: Entry) -> None:
    found = find_property_diffs(*compared(entry))
    assert {path: each.kind for path, each in found.items()} == changed_in(entry)[2]
    assert all(each.of_inputs for each in found.values())


@every_resource
def test_changes_that_the_program_ignores_are_left_to_the_engine(entry: Entry) -> None:
    assert find_property_diffs(*compared(entry), ignored=changed_in(entry)[2]) == {}


@every_resource
def test_a_difference_that_no_input_has_is_left_to_the_engine(entry: Entry) -> None:
    difference, _, outputs, news = compared(entry)
    assert difference.changed is None
    assert find_property_diffs(difference, news, outputs, news) == {}
