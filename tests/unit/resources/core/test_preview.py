"""What a preview may show: which outputs are known before the verb has run, and where two declarations differ."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pulumi_gcp_tuning.config import CHECKS
from pulumi_gcp_tuning.resources.core.description import keys_in, keys_of, staying_keys
from pulumi_gcp_tuning.resources.core.lifecycle import UNKNOWN, Call, Current, Properties
from pulumi_gcp_tuning.resources.registry import KINDS, lifecycle_of
from support.golden_hashes import pinned_first
from support.hand_made_google import Desk, by_number, settings

FIRST = 20
ID = "projects/1/locations/us-central1/tuningJobs/2"
OTHER: Properties = {
    "displayName": "Another name",
    "description": "Another text.",
    "labels": {"team": "other"},
    "deletionPolicy": "ABANDON",
    "checks": {"cost": "off"},
    "maxCost": 1000,
    "onQuota": "fail",
    "onChange": "error",
    "onReplace": {"keepLast": 1},
    "source": "data/renamed.jsonl",
    "tunedModelDisplayName": "Another name",
}
"""Another value of inputs that change nothing but what they say, in whatever resource has them."""
ANOTHER: Properties = {
    "encryptionSpec": {"kmsKeyName": "another"},
    "preTunedModel": {"tunedModelName": "projects/shop-dev/locations/us/models/6@1"},
    "supervisedTuningSpec": {"trainingDatasetUri": "another"},
    "trainSteps": 7,
    "learningRateMultiplier": 7,
    "learningRate": 7,
    "batchSize": 7,
    "epochCount": 7,
    "acceleratorType": "TPU",
    "evaluationInterval": 7,
    "enableEarlyStopping": False,
    "acceleratorCount": 7,
    "minReplicaCount": 7,
    "maxReplicaCount": 7,
}
"""Another value of inputs that are no text."""


class Story:
    """One resource from its declaration to an update, at a Google where time goes on."""

    def __init__(self, kind: str, folder: Path) -> None:
        self.frame, self.desk = lifecycle_of(kind), Desk(root=folder)
        found = pinned_first(kind)
        for name, text in found.get("files", {}).items():
            for file in (folder / name, folder / "data" / "renamed.jsonl"):
                file.parent.mkdir(exist_ok=True)
                file.write_text(text)
        self.declared: Properties = {**found["inputs"]}
        google = self.desk.google
        if "tuningJob" in self.declared:
            name = by_number(self.declared["tuningJob"])
            google.jobs[name] = {"name": name, "state": "JOB_STATE_RUNNING"}
            google.succeed(name)
        if "endpoint" in self.declared:
            name = by_number(self.declared["endpoint"])
            google.endpoints[name] = {"name": name}

    def call(self) -> Call:
        given = settings(checks=dict.fromkeys(CHECKS, "off"))
        return self.desk.call(self.frame.name, settings=given)

    def check(self, **more: Any) -> Properties:
        return self.frame.check(self.call(), {}, {**self.declared, **more}).inputs

    def create(self, inputs: Properties) -> Current:
        return self.frame.create(self.call(), inputs)

    def read(self, made: Current) -> Properties:
        """The outputs of a refresh."""
        found = self.frame.read(self.call(), made.id, made.outputs)
        assert found is not None
        return found.outputs

    def go_on(self, day: int) -> None:
        """What Google may change by itself changes."""
        google, time = self.desk.google, f"2026-11-{day}T00:00:00Z"
        for name, job in list(google.jobs.items()):
            if day > FIRST and not job["state"].endswith("SUCCEEDED"):
                google.succeed(name)
        for each in (*google.jobs.values(), *google.endpoints.values(), *google.models.values()):
            each["updateTime"] = time
        for each in google.endpoints.values():
            each["deployedModels"] = [*each.get("deployedModels", []), {"id": str(day), "model": "m"}]
            split = each.setdefault("trafficSplit", {})
            each["trafficSplit"] = {**dict.fromkeys(split, 100 - day), str(day): day}


@pytest.mark.parametrize("kind", KINDS)
def test_an_output_that_is_known_before_create_is_what_create_gives(kind: str, tmp_path: Path) -> None:
    story = Story(kind, tmp_path)
    inputs = story.check()
    unknown, outputs = story.frame.unknown_on_create(inputs), story.create(inputs).outputs
    assert {key: value for key, value in outputs.items() if key not in unknown} == inputs


@pytest.mark.parametrize("kind", KINDS)
def test_what_the_inputs_do_not_give_is_unknown_before_create(kind: str, tmp_path: Path) -> None:
    story = Story(kind, tmp_path)
    inputs = story.check()
    unknown, outputs = story.frame.unknown_on_create(inputs), story.create(inputs).outputs
    assert outputs.keys() - inputs.keys() <= unknown
    assert not unknown & inputs.keys()


@pytest.mark.parametrize("kind", KINDS)
def test_an_output_that_is_known_before_an_update_is_what_the_update_gives(kind: str, tmp_path: Path) -> None:
    story = Story(kind, tmp_path)
    made = story.create(story.check())
    story.go_on(FIRST)
    olds = story.read(made)
    story.go_on(FIRST + 1)
    args = story.frame.resource.Args
    news = story.check(**{key: value for key, value in OTHER.items() if key in keys_in(args) - spec_of(kind)})
    known = story.frame.known_on_update(olds, news)
    outputs = story.frame.update(story.call(), made.id, olds, news).outputs
    expected = {**olds, **news}
    assert {key: outputs[key] for key in known} == {key: expected[key] for key in known}
    assert known >= news.keys()
    assert known & staying_keys(story.frame.resource.State)


def spec_of(kind: str) -> set[str]:
    return set(keys_of(lifecycle_of(kind).resource.Args, "spec", "place"))


@pytest.mark.parametrize("kind", KINDS)
def test_what_an_update_may_change_is_not_said_to_stay(kind: str) -> None:
    staying = staying_keys(lifecycle_of(kind).resource.State)
    assert not staying & {"state", "updateTime", "effectiveLabels", "trafficSplit", "deployedModels", "endpoint"}


def test_an_input_that_holds_something_unknown_is_an_unknown_output(tmp_path: Path) -> None:
    story = Story("tuning_job", tmp_path)
    inputs = story.check(supervisedTuningSpec={"trainingDatasetUri": UNKNOWN})
    assert "supervisedTuningSpec" in story.frame.unknown_on_create(inputs)


def test_what_is_not_there_yet_does_not_stay(tmp_path: Path) -> None:
    story = Story("tuned_model", tmp_path)
    inputs = story.check()
    assert "model" not in story.frame.known_on_update(dict(inputs), inputs)


# Where two declarations differ


def paths(kind: str, olds: Properties, news: Properties) -> list[tuple[str | int, ...]]:
    return list(lifecycle_of(kind).diff(Desk().call(), ID, olds, news).paths)


@pytest.mark.parametrize("kind", KINDS)
def test_a_changed_input_is_named_and_no_other(kind: str, tmp_path: Path) -> None:
    story = Story(kind, tmp_path)
    args = story.frame.resource.Args
    olds = {**story.check(), "model": story.declared.get("model", "projects/1/locations/us/models/1")}
    for key in sorted(OTHER.keys() & keys_in(args)):
        news = story.check(**{key: OTHER[key]})
        follows = {("pulumiLabels",), ("pulumiLabels", "team")} if key == "labels" else set()
        found = set(paths(kind, olds, news)) - follows
        assert {place[0] for place in found} == {key}, key


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_named_where_nothing_changes(kind: str, tmp_path: Path) -> None:
    story = Story(kind, tmp_path)
    inputs = story.check()
    assert paths(kind, {**inputs, "model": inputs.get("model", "m")}, inputs) == []


@pytest.mark.parametrize("kind", KINDS)
def test_every_input_that_forces_a_replacement_begins_a_path(kind: str, tmp_path: Path) -> None:
    story = Story(kind, tmp_path)
    inputs = story.check()
    for key in sorted(spec_of(kind)):
        olds = {**inputs, "model": inputs.get("model", "m"), key: ANOTHER.get(key, "another")}
        difference = story.frame.diff(story.call(), ID, olds, inputs)
        assert set(difference.replaces) <= {place[0] for place in difference.paths}, key


SPEC = {"trainingDatasetUri": "gs://b/t.jsonl", "hyperParameters": {"epochCount": 3, "adapterSize": "ADAPTER_SIZE_ONE"}}
PLACE = {"project": "shop-dev", "location": "us-central1"}
JOB = {**PLACE, "baseModel": "gemini-3.5-flash", "supervisedTuningSpec": SPEC}


def job_with(**hyper_parameters: Any) -> Properties:
    return {**JOB, "supervisedTuningSpec": {**SPEC, "hyperParameters": hyper_parameters}}


def test_a_change_deep_in_a_spec_is_named_where_it_is() -> None:
    news = job_with(epochCount=4, adapterSize="ADAPTER_SIZE_ONE")
    assert paths("tuning_job", JOB, news) == [("supervisedTuningSpec", "hyperParameters", "epochCount")]


def test_what_is_taken_out_and_what_is_put_in_are_both_named() -> None:
    news = job_with(epochCount=3, learningRateMultiplier=2.0)
    assert paths("tuning_job", JOB, news) == [
        ("supervisedTuningSpec", "hyperParameters", "adapterSize"),
        ("supervisedTuningSpec", "hyperParameters", "learningRateMultiplier"),
    ]


def test_what_only_apply_will_know_is_named_because_it_may_differ() -> None:
    news = job_with(epochCount=UNKNOWN, adapterSize="ADAPTER_SIZE_ONE")
    difference = lifecycle_of("tuning_job").diff(Desk().call(), ID, JOB, news)
    assert list(difference.paths) == [("supervisedTuningSpec", "hyperParameters", "epochCount")]
    assert list(difference.replaces) == []


def test_a_wait_that_ended_early_names_the_model_that_it_will_bring() -> None:
    job = {"tuningJob": "projects/1/locations/us-central1/tuningJobs/2"}
    assert paths("tuned_model", job, job) == [("model",)]
