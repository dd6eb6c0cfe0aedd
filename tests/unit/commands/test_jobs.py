"""Jobs are listed over regions and kinds, shown and cancelled."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from pulumi_gcp_tuning import commands
from pulumi_gcp_tuning.commands import cancel_job, find_job, list_jobs
from pulumi_gcp_tuning.commands.connection import Connection
from pulumi_gcp_tuning.errors import ApiError, NotFound, Refused
from pulumi_gcp_tuning.names import MalformedName
from support.audited_cloud import OTHER_SPEC, Cloud, add_pipeline
from support.hand_made_google import HandMadeJobs
from support.hand_made_lookups import NUMBER


def test_every_name_that_is_public_can_be_imported() -> None:
    assert [name for name in commands.__all__ if getattr(commands, name).__name__ != name] == []


def test_importing_the_package_of_functions_does_not_import_pydantic() -> None:
    program = "import sys, pulumi_gcp_tuning.commands; print('pydantic' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_without_a_region_jobs_of_every_kind_and_region_are_listed_newest_first(
    cloud: Cloud, connection: Connection
) -> None:
    job, pipeline = cloud.job(), add_pipeline(cloud, "tune-1")
    found = list_jobs(connection=connection)
    assert [each.name for each in found.jobs] == [job.id, pipeline]
    assert len(found.places) > 20
    assert {each.rpartition("/")[2] for each in found.places} >= {"us-central1", "europe-west4"}
    assert "global" not in {each.rpartition("/")[2] for each in found.places}


def test_a_pipeline_has_its_base_model_and_display_name_in_the_parameters(cloud: Cloud, connection: Connection) -> None:
    add_pipeline(cloud, "tune-1")
    (found,) = list_jobs(regions=["europe-west4"], connection=connection).jobs
    assert (found.noun, found.base_model, found.display_name) == ("tuning pipeline", "code-bison@002", "helper")


def test_a_pipeline_that_tunes_nothing_is_not_listed(cloud: Cloud, connection: Connection) -> None:
    add_pipeline(cloud, "nightly", templateUri="https://example.com/etl")
    assert list_jobs(regions=["europe-west4"], connection=connection).jobs == ()


def test_active_leaves_out_jobs_that_have_ended(cloud: Cloud, connection: Connection) -> None:
    cloud.trained()
    running = cloud.job(**OTHER_SPEC)
    found = list_jobs(regions=["us-central1"], active=True, connection=connection)
    assert [each.name for each in found.jobs] == [running.id]


def test_a_list_that_is_cut_at_the_limit_is_said(cloud: Cloud, connection: Connection) -> None:
    cloud.trained()
    cloud.job(**OTHER_SPEC)
    found = list_jobs(regions=["us-central1"], limit=1, connection=connection)
    assert (len(found.jobs), found.shortened) == (1, ("tuning jobs of projects/shop-dev/locations/us-central1",))


def test_the_owner_is_the_stack_of_the_label_until_a_state_gives_it_a_name(
    cloud: Cloud, connection: Connection
) -> None:
    cloud.keep("TuningJob", cloud.job())
    state = cloud.state()
    (unknown,) = list_jobs(regions=["us-central1"], connection=connection).jobs
    (known,) = list_jobs(regions=["us-central1"], states=[state], connection=connection).jobs
    assert (unknown.owner, known.owner) == (f"stack {state.hash}", "TuningJob bot of shop/dev")


def test_a_region_that_cannot_be_listed_is_a_sentence_with_the_permission_and_the_rest_is_listed(
    cloud: Cloud, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    job, listed = cloud.job(), HandMadeJobs.list
    refusal = ApiError("You may not.", http_status=403, status="PERMISSION_DENIED")

    def list_some(self: HandMadeJobs, parent: str) -> Any:
        if "europe" in parent:
            raise refusal
        return listed(self, parent)

    monkeypatch.setattr(HandMadeJobs, "list", list_some)
    found = list_jobs(regions=["us-central1", "europe-west4"], connection=connection)
    assert [each.name for each in found.jobs] == [job.id]
    assert found.problems[0] == (
        "The tuning jobs of projects/shop-dev/locations/europe-west4 could not be listed: You may not. "
        "This needs aiplatform.tuningJobs.list."
    )
    with pytest.raises(ApiError, match="You may not"):
        list_jobs(regions=["europe-west4"], connection=connection)


def test_a_failed_job_is_shown_with_its_error(cloud: Cloud, connection: Connection) -> None:
    job = cloud.job()
    cloud.google.fail(job.id)
    report = find_job(job.id, connection=connection)
    assert report.job.state == "FAILED"
    assert report.error == "Failed to process the training dataset: line 7 is not valid JSON."
    assert report.cost is None


def test_a_finished_job_is_shown_with_what_it_made_and_what_it_cost(cloud: Cloud, connection: Connection) -> None:
    job = cloud.trained()
    live = cloud.google.jobs[job.id]
    live["supervisedTuningSpec"]["hyperParameters"] = {"epochCount": "3"}
    live["tuningDataStats"] = {
        "supervisedTuningDataStats": {"totalBillableTokenCount": "1000000", "tuningStepCount": "60"}
    }
    live["baseModel"] = "gemini-3.5-flash"
    report = find_job(job.id, connection=connection)
    assert (report.model, report.endpoint) == (live["tunedModel"]["model"], live["tunedModel"]["endpoint"])
    assert (report.epochs, report.steps) == (3, 60)
    assert report.cost is not None
    assert report.cost.usd == 30
    assert report.cost.text.startswith(
        "about $30.00 (1,000,000 billable tokens x 3 epochs x $10 per 1M training tokens"
    )


def test_a_job_that_does_not_exist_or_has_no_such_name_is_said(connection: Connection) -> None:
    with pytest.raises(NotFound):
        find_job(f"projects/{NUMBER}/locations/us-central1/tuningJobs/1", connection=connection)
    with pytest.raises(MalformedName):
        find_job("4711", connection=connection)


def test_a_running_job_is_cancelled(cloud: Cloud, connection: Connection) -> None:
    job = cloud.job()
    assert cancel_job(job.id, connection=connection).state == "CANCELLED"
    assert cloud.google.said("cancel_tuning_job") == [job.id]


def test_a_job_that_has_ended_is_not_cancelled(cloud: Cloud, connection: Connection) -> None:
    job = cloud.trained()
    with pytest.raises(Refused, match=r"The tuning job has ended \(SUCCEEDED\), so it cannot be cancelled."):
        cancel_job(job.id, connection=connection)
    assert cloud.google.said("cancel_tuning_job") == []


BOARD = f"projects/{NUMBER}/locations/us-central1/tensorboards/7"


@pytest.mark.parametrize("board", ["7", BOARD])
def test_the_steps_of_a_pipeline_are_those_of_its_tensorboard(cloud: Cloud, connection: Connection, board: str) -> None:
    name = add_pipeline(cloud, "tune-1", "us-central1", state="PIPELINE_STATE_SUCCEEDED")
    cloud.google.jobs[name]["runtimeConfig"]["parameterValues"]["tensorboard_resource_id"] = board
    measured = {"/train_total_loss": {20: 1.0, 10: 2.0}, "/eval_total_loss": {20: 1.5, 15: 9.0}}
    cloud.google.experiments[f"{BOARD}/experiments/tune-1"] = {"series": measured}
    assert commands.read_steps(name, connection=connection) == [
        {"step": 10, "/train_total_loss": 2.0},
        {"step": 20, "/train_total_loss": 1.0, "/eval_total_loss": 1.5},
    ]


def test_a_pipeline_without_a_tensorboard_is_refused_with_the_input_that_names_one(
    cloud: Cloud, connection: Connection
) -> None:
    name = add_pipeline(cloud, "tune-1", state="PIPELINE_STATE_SUCCEEDED")
    with pytest.raises(Refused, match=r"no metrics \(SUCCEEDED\); .* TensorBoard of its tensorboard_resource_id"):
        commands.read_steps(name, connection=connection)


def test_a_pipeline_that_runs_has_no_steps_yet(cloud: Cloud, connection: Connection) -> None:
    name = add_pipeline(cloud, "tune-1", state="PIPELINE_STATE_RUNNING")
    cloud.google.jobs[name]["runtimeConfig"]["parameterValues"]["tensorboard_resource_id"] = BOARD
    with pytest.raises(Refused, match=r"no metrics \(RUNNING\); .* when it succeeds"):
        commands.read_steps(name, connection=connection)


def test_steps_of_a_job_that_names_no_metrics_are_refused_with_its_state(cloud: Cloud, connection: Connection) -> None:
    with pytest.raises(Refused, match=r"The job names no metrics \(PENDING\)"):
        commands.read_steps(cloud.job().id, connection=connection)
