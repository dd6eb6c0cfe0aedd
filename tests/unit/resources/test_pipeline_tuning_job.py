"""PipelineTuningJob: what it sends, the id that it chooses, and what is its own at the end."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_gcp_tuning import catalog
from pulumi_gcp_tuning.errors import Failed, Refused
from pulumi_gcp_tuning.resources.core.lifecycle import UNKNOWN
from pulumi_gcp_tuning.resources.jobs.pipeline_jobs import PIPELINE_JOB, progress
from pulumi_gcp_tuning.resources.registry import lifecycle_of
from support.hand_made_google import Desk, settings, urn
from support.hand_made_lookups import NUMBER

PIPELINE = lifecycle_of("pipeline_tuning_job")
TUNED_MODEL = lifecycle_of("tuned_model")
TEMPLATES = "https://us-kfp.pkg.dev/ml-pipeline/large-language-model-pipelines"
DATA = f"gs://shop-data/tuning-datasets/{'a' * 64}.jsonl"


@pytest.fixture
def desk() -> Desk:
    return Desk()


def call(desk: Desk) -> Any:
    desk.google.facts.clear()
    return desk.call("PipelineTuningJob", settings=settings(checks={"retirement": "off", "dataset": "off"}))


def checked(desk: Desk, **changed: Any) -> dict[str, Any]:
    news = {
        "baseModel": "code-bison@002",
        "datasetUri": DATA,
        "gcsOutputDirectory": "gs://shop-data/output",
        "resourceUrn": urn("PipelineTuningJob"),
        **changed,
    }
    found = PIPELINE.check(call(desk), {}, news)
    assert [str(each) for each in found.findings if each.severity == "error"] == []
    return found.inputs


def created(desk: Desk, **changed: Any) -> Any:
    return PIPELINE.create(call(desk), checked(desk, **changed))


def diffed(desk: Desk, **changed: Any) -> Any:
    made = created(desk)
    desk.google.succeed(made.id)
    return PIPELINE.diff(call(desk), made.id, made.outputs, checked(desk, **changed))


def test_the_request_is_that_of_seed_002(desk: Desk) -> None:
    made = created(
        desk, trainSteps=200.0, tunedModelLocation="europe-west4", modelDisplayName="helper", displayName="tune"
    )
    sent = {key: desk.google.jobs[made.id][key] for key in ("displayName", "templateUri", "runtimeConfig")}
    assert sent == {
        "displayName": "tune",
        "templateUri": f"{TEMPLATES}/tune-large-model/v3.0.0",
        "runtimeConfig": {
            "gcsOutputDirectory": "gs://shop-data/output",
            "parameterValues": {
                "project": "shop-dev",
                "model_display_name": "helper",
                "dataset_uri": DATA,
                "large_model_reference": "code-bison@002",
                "location": "europe-west4",
                "train_steps": 200,
            },
        },
    }


def test_what_is_not_declared_is_left_to_the_template_and_names_are_the_resources(desk: Desk) -> None:
    made = created(desk, tunedModelLocation="us-central1")
    job = desk.google.jobs[made.id]
    assert job["displayName"] == job["runtimeConfig"]["parameterValues"]["model_display_name"] == "bot"
    assert job["runtimeConfig"]["parameterValues"].keys().isdisjoint({"location", "train_steps"})


@pytest.mark.parametrize("model", ["chat-bison@002", "codechat-bison@002", "codechat-bison-32k@002"])
def test_a_chat_model_runs_the_template_for_chats(desk: Desk, model: str) -> None:
    assert created(desk, baseModel=model).outputs["templateUri"] == f"{TEMPLATES}/tune-large-chat-model/v3.0.0"


# the id


def test_the_id_follows_from_identity_and_spec(desk: Desk) -> None:
    made = created(desk)
    labels = made.outputs["effectiveLabels"]
    chosen = f"gcp-tuning-{labels['gcp-tuning-id'][:16]}-{labels['gcp-tuning-spec'][:16]}"
    assert made.id == f"projects/{NUMBER}/locations/us-central1/pipelineJobs/{chosen}"


def test_a_pipeline_that_ended_badly_keeps_its_id_and_the_next_one_has_a_number(desk: Desk) -> None:
    first = created(desk)
    desk.google.jobs[first.id]["state"] = "PIPELINE_STATE_FAILED"
    assert created(desk).id == f"{first.id}-2"


def test_an_id_that_is_taken_by_our_own_pipeline_is_adoption(desk: Desk) -> None:
    first = created(desk)
    desk.google.lag = 3  # the list does not show it yet
    assert created(desk).id == first.id
    assert any(line.startswith("adopted") for line in desk.lines)


def test_a_running_pipeline_that_this_run_replaces_is_not_in_its_own_way(desk: Desk) -> None:
    made, one_run = created(desk), call(desk)
    inputs = {**made.inputs, "trainSteps": 200}
    difference = PIPELINE.diff(one_run, made.id, made.outputs, inputs)
    desk.clock.seconds += 1
    PIPELINE.delete(one_run, made.id, made.outputs)
    replacement = PIPELINE.create(one_run, inputs)
    assert (difference.delete_before_replace, list(desk.google.jobs)) == (True, [replacement.id])


def test_an_id_that_is_taken_by_a_foreign_pipeline_is_refused_by_name(desk: Desk) -> None:
    first = created(desk)
    desk.google.jobs[first.id]["labels"] = {}
    with pytest.raises(Refused, match="already used by another job") as refusal:
        created(desk)
    assert first.id.rpartition("/")[2] in str(refusal.value)


# changes


@pytest.mark.parametrize(
    ("change", "replaces"),
    [
        ({"baseModel": "codechat-bison@002"}, ["baseModel"]),
        ({"datasetUri": DATA.replace("a", "b")}, ["datasetUri"]),
        ({"trainSteps": 200}, ["trainSteps"]),
        ({"tunedModelLocation": "europe-west4"}, ["tunedModelLocation"]),
        ({"location": "europe-west4"}, ["location"]),
        ({"retry": "2"}, ["retry"]),
    ],
)
def test_what_is_trained_and_where_replaces(desk: Desk, change: dict[str, Any], replaces: list[str]) -> None:
    assert list(diffed(desk, **change).replaces) == replaces


@pytest.mark.parametrize("change", [{"trainSteps": 300.0}, {"tunedModelLocation": "us-central1"}])
def test_a_default_that_is_said_aloud_replaces_nothing(desk: Desk, change: dict[str, Any]) -> None:
    assert diffed(desk, **change).replaces == ()


def test_another_output_directory_keeps_what_was_submitted_and_says_so(desk: Desk) -> None:
    made = created(desk)
    news = checked(desk, gcsOutputDirectory="gs://shop-data/elsewhere")
    assert PIPELINE.diff(call(desk), made.id, made.outputs, news).replaces == ()
    PIPELINE.update(call(desk), made.id, made.outputs, news)
    assert desk.warnings[-1].startswith("`gcs_output_directory` cannot be changed on a submitted tuning pipeline: ")
    assert desk.warnings[-1].endswith("Change `retry` to submit a new job.")
    assert desk.google.jobs[made.id]["runtimeConfig"]["gcsOutputDirectory"] == "gs://shop-data/output"


@pytest.mark.parametrize("key", ["baseModel", "datasetUri", "gcsOutputDirectory", "trainSteps", "tunedModelLocation"])
def test_what_only_apply_knows_passes_the_checks_and_replaces_nothing(desk: Desk, key: str) -> None:
    assert diffed(desk, **{key: UNKNOWN}).replaces == ()


@pytest.mark.parametrize(
    ("key", "value"),
    [("batchSize", 8), ("epochCount", 2), ("maxCost", 5)],
)
def test_an_argument_that_there_is_not_is_refused_and_not_dropped(desk: Desk, key: str, value: Any) -> None:
    found = PIPELINE.check(call(desk), {}, {**checked(desk), key: value})
    assert any("has no property" in str(each) for each in found.findings if each.severity == "error")


def test_a_pipeline_with_a_parameter_that_cannot_be_declared_is_not_adopted(desk: Desk) -> None:
    theirs = created(desk)
    values = desk.google.jobs[theirs.id]["runtimeConfig"]["parameterValues"]
    values["learning_rate_multiplier"] = 1  # the template's own
    assert created(desk, adopt=theirs.id).id == theirs.id
    values["evaluation_data_uri"] = DATA
    with pytest.raises(Refused, match="evaluation_data_uri: the job has"):
        created(desk, adopt=theirs.id)


# what it made


def test_a_pipeline_without_the_name_of_its_endpoint_leaves_it_to_the_model(desk: Desk) -> None:
    made = created(desk)
    desk.google.succeed(made.id)
    (task,) = desk.google.jobs[made.id]["jobDetail"]["taskDetails"]
    del task["execution"]["metadata"]["output:endpoint_resource_name"]
    model = TUNED_MODEL.create(desk.call("TunedModel"), {"tuningJob": made.id, "resourceUrn": urn("TunedModel")})
    assert model.outputs["endpoint"] in desk.google.endpoints


def test_a_model_has_the_metrics_that_its_pipeline_wrote_to_the_tensorboard(desk: Desk) -> None:
    place = f"projects/{NUMBER}/locations/us-central1"
    desk.google.tensorboards[f"{place}/tensorboards/7"] = {"name": f"{place}/tensorboards/7"}
    made = created(desk, tensorboardResourceId="7")
    desk.google.succeed(made.id)
    name = f"{place}/tensorboards/7/experiments/{made.id.rpartition('/')[2]}"
    desk.google.experiments[name] = {"series": {"/train_total_loss": {10: 3.0, 20: 1.0, 30: 2.0}}}
    model = TUNED_MODEL.create(desk.call("TunedModel"), {"tuningJob": made.id, "resourceUrn": urn("TunedModel")})
    assert model.outputs["metrics"]["trainTotalLoss"] == {"first": 3.0, "best": 1.0, "bestStep": 20, "final": 2.0}


def test_a_tensorboard_that_was_deleted_meanwhile_costs_the_metrics_and_not_the_model(desk: Desk) -> None:
    made = created(desk, tensorboardResourceId="7")
    desk.google.succeed(made.id)
    model = TUNED_MODEL.create(desk.call("TunedModel"), {"tuningJob": made.id, "resourceUrn": urn("TunedModel")})
    assert "metrics" not in model.outputs


def test_the_error_of_a_failed_pipeline_is_that_of_its_task(desk: Desk) -> None:
    made = created(desk)
    said = {"code": 3, "message": "9 examples are fewer than 10"}
    tasks = [{"taskName": "run", "error": {"message": "x"}}, {"taskName": "encode", "parentTaskId": "1", "error": said}]
    failed = {"state": "PIPELINE_STATE_FAILED", "error": {"code": 9, "message": "The DAG failed"}}
    desk.google.jobs[made.id] |= {**failed, "jobDetail": {"taskDetails": tasks}}
    with pytest.raises(Failed, match="9 examples are fewer"):
        TUNED_MODEL.create(desk.call("TunedModel"), {"tuningJob": made.id, "resourceUrn": urn("TunedModel")})
    read = PIPELINE.read(call(desk), made.id, made.outputs)
    assert read is not None
    assert read.outputs["error"] == said


def test_delete_removes_the_record_and_leaves_a_model_that_was_taken_over(desk: Desk) -> None:
    made = created(desk)
    desk.google.succeed(made.id)
    TUNED_MODEL.create(desk.call("TunedModel"), {"tuningJob": made.id, "resourceUrn": urn("TunedModel")})
    PIPELINE.delete(call(desk), made.id, made.outputs)
    assert (desk.google.jobs, len(desk.google.models)) == ({}, 1)
    assert [line for line in desk.warnings if made.id in line] == []


def test_a_model_whose_pipeline_was_deleted_is_read_patched_and_removed(desk: Desk) -> None:
    made = created(desk)
    desk.google.succeed(made.id)
    inputs = {"tuningJob": made.id, "resourceUrn": urn("TunedModel"), "pulumiLabels": {}}
    model = TUNED_MODEL.create(desk.call("TunedModel"), inputs)
    desk.google.jobs.clear()
    news = {**inputs, "labels": {"team": "care"}, "pulumiLabels": {"team": "care"}}
    patched = TUNED_MODEL.update(desk.call("TunedModel"), model.id, model.outputs, news)
    assert desk.google.endpoints[model.outputs["endpoint"]]["labels"]["team"] == "care"
    read = TUNED_MODEL.read(desk.call("TunedModel"), model.id, patched.outputs)
    assert read is not None
    assert (read.outputs["endpoint"], read.outputs["jobState"]) == (
        model.outputs["endpoint"],
        "PIPELINE_STATE_SUCCEEDED",
    )
    TUNED_MODEL.delete(desk.call("TunedModel"), model.id, read.outputs)
    assert (desk.google.models, desk.google.endpoints) == ({}, {})


def test_a_model_that_is_gone_with_its_deleted_pipeline_is_gone(desk: Desk) -> None:
    made = created(desk)
    desk.google.succeed(made.id)
    model = TUNED_MODEL.create(desk.call("TunedModel"), {"tuningJob": made.id, "resourceUrn": urn("TunedModel")})
    desk.google.jobs.clear()
    desk.google.models.clear()
    assert TUNED_MODEL.read(desk.call("TunedModel"), model.id, model.outputs) is None


def test_progress_names_the_task_that_runs() -> None:
    tasks = [
        {"taskName": "run", "state": "RUNNING"},
        {"taskName": "dataset-encoder", "state": "SUCCEEDED", "parentTaskId": "1"},
        {"taskName": "large-language-model-tuner", "state": "RUNNING", "parentTaskId": "1"},
    ]
    job = {"state": "PIPELINE_STATE_RUNNING", "jobDetail": {"taskDetails": tasks}}
    assert list(progress(job)) == ["large-language-model-tuner"]


def test_a_pipeline_of_another_template_takes_nothing_of_the_quota_of_tuning() -> None:
    job = {"templateUri": f"{TEMPLATES}/tune-large-model/v3.0.0"}
    assert PIPELINE_JOB.family(job, catalog.shipped()) == "pipeline-gpu"
    assert PIPELINE_JOB.family({"templateUri": "https://example.com/mine"}, catalog.shipped()) is None
