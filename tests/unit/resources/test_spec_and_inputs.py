"""What is one spec, how findings are spelled, and where a job stands in one line."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_gcp_tuning.errors import Refused
from pulumi_gcp_tuning.google.gapic import as_message
from pulumi_gcp_tuning.resources import tuning_job
from pulumi_gcp_tuning.resources.core.declared import weighed
from pulumi_gcp_tuning.resources.core.inputs import parse, property_path
from pulumi_gcp_tuning.resources.core.labels import merged
from pulumi_gcp_tuning.resources.core.lifecycle import UNKNOWN
from pulumi_gcp_tuning.resources.jobs.progress import progress_of
from pulumi_gcp_tuning.resources.jobs.spec import content_hash
from pulumi_gcp_tuning.resources.registry import KINDS, lifecycle_of
from pulumi_gcp_tuning.resources.tuning_job import KIND as TUNING_JOB
from pulumi_gcp_tuning.wording import PYTHON
from support.hand_made_google import settings

SHA = "0123456789abcdef" * 4
DECLARED: dict[str, Any] = {
    "baseModel": "gemini-3.5-flash",
    "supervisedTuningSpec": {
        "trainingDatasetUri": f"gs://b/p/{SHA}.jsonl",
        "hyperParameters": {"epochCount": 3, "adapterSize": "ADAPTER_SIZE_FOUR", "learningRateMultiplier": 1.0},
        "exportLastCheckpointOnly": False,
    },
}
ANSWERED: dict[str, Any] = {
    "name": "projects/1/locations/us-central1/tuningJobs/2",
    "state": "JOB_STATE_RUNNING",
    "labels": {"team": "shop"},
    "tunedModelDisplayName": "x",
    "description": "y",
    "baseModel": "publishers/google/models/gemini-3.5-flash",
    "supervisedTuningSpec": {
        "trainingDatasetUri": f"gs://other/{SHA}.jsonl",
        "hyperParameters": {"epochCount": "3", "adapterSize": "ADAPTER_SIZE_FOUR", "learningRateMultiplier": 1},
    },
    "encryptionSpec": {},
}


def test_what_is_declared_and_what_google_answers_are_one_spec() -> None:
    assert TUNING_JOB.spec(DECLARED) == TUNING_JOB.spec(ANSWERED)
    assert TUNING_JOB.spec_hash(DECLARED) == TUNING_JOB.spec_hash(ANSWERED)
    assert TUNING_JOB.differences(ANSWERED, DECLARED) == []


def test_the_hash_of_a_spec_is_frozen() -> None:
    assert TUNING_JOB.spec_hash(DECLARED) == "ad40c1825afd1fbc2ddb2a129906b1ce"


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("baseModel",), "gemini-3.1-flash-lite"),
        (("supervisedTuningSpec", "trainingDatasetUri"), f"gs://b/p/{'f' * 64}.jsonl"),
        (("supervisedTuningSpec", "hyperParameters", "epochCount"), 4),
        (("supervisedTuningSpec", "hyperParameters", "learningRateMultiplier"), 1.5),
        (("supervisedTuningSpec", "exportLastCheckpointOnly"), True),
        (("encryptionSpec", "kmsKeyName"), "k"),
        (("serviceAccount",), "a@b.iam.gserviceaccount.com"),
    ],
)
def test_every_part_of_the_spec_counts(place: tuple[str, ...], value: Any) -> None:
    from copy import deepcopy

    changed = deepcopy(DECLARED)
    holder = changed
    for key in place[:-1]:
        holder = holder.setdefault(key, {})
    holder[place[-1]] = value
    assert TUNING_JOB.spec_hash(changed) != TUNING_JOB.spec_hash(DECLARED)
    assert [found for found, _, _ in TUNING_JOB.differences(DECLARED, changed)] in ([place], [place[:1]])


def test_only_names_that_a_dataset_gave_carry_a_hash() -> None:
    assert content_hash(f"gs://b/{SHA}.jsonl") == SHA
    assert content_hash(f"gs://b/{SHA[:-1]}.jsonl") is None
    assert content_hash("gs://b/train.jsonl") is None


LEAVES = st.none() | st.text(max_size=5) | st.floats() | st.booleans() | st.just(UNKNOWN)
NEWS = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from([
        "baseModel", "supervisedTuningSpec", "hyperParameters", "epochCount", "adapterSize", "labels", "checks",
        "trainingDatasetUri", "encryptionSpec", "kmsKeyName", "retry", "adopt", "x",
    ]), inner, max_size=5),
    max_leaves=12,
)  # fmt: skip


@given(st.dictionaries(st.sampled_from(["baseModel", "supervisedTuningSpec", "labels", "checks", "retry", "y"]), NEWS))
def test_any_inputs_parse_into_args_and_findings(news: dict[str, Any]) -> None:
    args, findings = parse(tuning_job.Args, news, "TuningJob")
    assert isinstance(args, tuning_job.Args)
    assert all(str(finding.problem) for finding in findings)


def test_paths_are_spelled_as_in_python() -> None:
    assert PYTHON.path(property_path(("supervisedTuningSpec", "hyperParameters", "epochCount"))) == (
        "supervised_tuning_spec.hyper_parameters.epoch_count"
    )
    assert PYTHON.path(property_path(("labels", "Team-A"))) == 'labels["Team-A"]'


def test_labels_of_others_survive_ours_coming_and_going() -> None:
    live = {"theirs": "1", "old": "2", "kept": "3"}
    assert merged(live, {"old": "2", "kept": "3"}, {"kept": "4", "new": "5"}) == {
        "theirs": "1",
        "kept": "4",
        "new": "5",
    }


@pytest.mark.parametrize(
    ("seconds", "said"), [(5, "PENDING, 5 s"), (65, "PENDING, 1 min 05 s"), (7325, "PENDING, 2 h 02 min")]
)
def test_progress_tells_the_time_waited(seconds: float, said: str) -> None:
    assert progress_of(TUNING_JOB, {"state": "JOB_STATE_PENDING"}, seconds) == said


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("JOB_STATE_RUNNING", "epoch 3/4, 72 %, step 18/25, tuning, RUNNING, 5 s"),
        ("JOB_STATE_SUCCEEDED", "SUCCEEDED, epoch 3/4, step 18/25, 5 s"),
    ],
)
def test_progress_comes_first_until_the_job_has_ended(state: str, said: str) -> None:
    job = {
        "state": state,
        "tuningJobState": "TUNING_JOB_STATE_TUNING",
        "tuningJobMetadata": {"completedEpochCount": "3", "completedStepCount": "18"},
        "supervisedTuningSpec": {"hyperParameters": {"epochCount": "4"}},
        "tuningDataStats": {"supervisedTuningDataStats": {"tuningStepCount": "25"}},
    }
    assert progress_of(TUNING_JOB, job, 5) == said


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_six_verbs(kind: str) -> None:
    found = lifecycle_of(kind)
    assert all(callable(getattr(found, verb)) for verb in ("check", "diff", "create", "read", "update", "delete"))


def test_an_unknown_kind_is_named() -> None:
    with pytest.raises(LookupError, match="pipeline_job"):
        lifecycle_of("pipeline_job")


def test_a_bound_is_told_as_one_writes_it() -> None:
    _, findings = parse(
        tuning_job.Args, {"baseModel": "g", "supervisedTuningSpec": UNKNOWN, "maxCost": -3}, "TuningJob"
    )
    assert [str(finding) for finding in findings] == ["-3 is too small. The least is 0."]


def test_a_list_that_holds_what_it_must_not_is_one_finding() -> None:
    news = {"afterJobs": ["urn:a", None]}
    told, findings = parse(tuning_job.Told, news, "TuningJob")
    assert [finding.path for finding in findings] == [("after_jobs", 1)]
    assert told.after_jobs == ["urn:a", UNKNOWN]


def test_a_check_that_cannot_be_switched_is_refused_on_a_resource() -> None:
    (finding,) = weighed([], settings(), {"schema": "off"}, submits=True)
    assert (finding.path, finding.severity) == (("checks",), "error")
    assert "'schema' cannot be switched" in str(finding)


def test_a_check_that_there_is_none_of_lists_the_others_once() -> None:
    (finding,) = weighed([], settings(), {"xyz": "off"}, submits=True)
    assert str(finding).count("hyperparameters") == 1
    assert str(finding.remedy)


@pytest.mark.parametrize("size", [3, 3.0, "3"])
def test_a_number_is_never_sent_as_another_name_of_an_enum(size: Any) -> None:
    """With the check off: the number 3 is ADAPTER_SIZE_EIGHT to Google's client."""
    spec = {**DECLARED["supervisedTuningSpec"], "hyperParameters": {"adapterSize": size}}
    args, _ = parse(tuning_job.Args, {**DECLARED, "supervisedTuningSpec": spec}, "TuningJob")
    body = tuning_job.to_wire(args)
    with pytest.raises(Refused, match="Invalid enum value 3"):
        as_message("GenAiTuningService", "TuningJob", {"supervisedTuningSpec": body["supervisedTuningSpec"]})
