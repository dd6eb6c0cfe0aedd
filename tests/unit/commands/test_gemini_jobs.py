"""A tuned model of the Gemini API is a job in every command: listed, shown, ended, drawn, followed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, cast

import pytest

from pulumi_gcp_tuning.cli.plot import read_jobs
from pulumi_gcp_tuning.cli.watch import line_of
from pulumi_gcp_tuning.commands import cancel_job, find_job, list_jobs, read_steps, watch_jobs
from pulumi_gcp_tuning.commands.connection import Connection
from pulumi_gcp_tuning.errors import NotFound, Refused
from pulumi_gcp_tuning.names import MalformedName
from pulumi_gcp_tuning.resources.core.lifecycle import Current
from support.audited_cloud import Cloud
from support.hand_made_google import SteppedClock, settings

NAME = "tunedModels/mine"
OPERATION = f"{NAME}/operations/1"
SNAPSHOTS = [{"step": 4, "epoch": 1, "meanLoss": 2.5}, {"step": 8, "epoch": 2, "meanLoss": 0.5}]


@pytest.fixture
def model(cloud: Cloud) -> dict[str, Any]:
    cloud.google.tuned_models.create("mine", {"baseModel": "models/gemini-1.5-flash-001-tuning", "displayName": "Mine"})
    made = cloud.google.models[NAME]
    made["stuck"] = True
    return made


@pytest.fixture
def connection(cloud: Cloud) -> Connection:
    configured = settings(gemini_base_url="http://127.0.0.1:8099")
    return Connection(configured, cast("Any", cloud.google), cloud.desk.clock)


def tuned(model: dict[str, Any]) -> None:
    model.update(state="ACTIVE", tuningTask={"snapshots": SNAPSHOTS, "hyperparameters": {"epochCount": 2}})


def test_it_is_listed_with_the_jobs_unless_a_region_is_named(
    cloud: Cloud, connection: Connection, model: dict[str, Any]
) -> None:
    job = cloud.job()
    found = list_jobs(connection=connection)
    assert {(each.name, each.state) for each in found.jobs} == {(job.id, "PENDING"), (NAME, "CREATING")}
    assert found.places[-1] == "the Gemini API"
    one = list_jobs(regions=["us-central1"], connection=connection)
    assert [each.name for each in one.jobs] == [job.id]
    both = list_jobs(regions=["us-central1"], gemini_api=True, active=True, connection=connection)
    assert {each.name for each in both.jobs} == {job.id, NAME}
    tuned(model)
    assert [each.name for each in list_jobs(active=True, connection=connection).jobs] == [job.id]


def test_it_is_listed_without_a_project_which_it_does_not_have(cloud: Cloud, model: dict[str, Any]) -> None:
    given = settings(gemini_base_url="http://127.0.0.1:8099").model_copy(update={"project": None})
    connection = Connection(given, cast("Any", cloud.google), cloud.desk.clock)
    assert [each.name for each in list_jobs(connection=connection).jobs] == [NAME]


def test_it_belongs_to_the_resource_whose_state_names_it(
    cloud: Cloud, connection: Connection, model: dict[str, Any]
) -> None:
    cloud.keep("GeminiApiTunedModel", Current(id=NAME, outputs={"name": NAME}))
    (found,) = list_jobs(states=[cloud.state()], connection=connection).jobs
    assert found.owner == "GeminiApiTunedModel bot of shop/dev"


def test_it_is_shown_with_its_operation_which_tells_percents_and_the_error(
    cloud: Cloud, connection: Connection, model: dict[str, Any]
) -> None:
    model["reads"] = 1
    running = find_job(OPERATION, connection=connection)
    assert (running.job.name, running.job.progress, running.model) == (NAME, ("33 %",), None)
    model["state"] = "FAILED"
    assert find_job(OPERATION, connection=connection).error == "The examples are too alike."
    tuned(model)
    done = find_job(NAME, connection=connection)
    assert (done.model, done.epochs, done.job.has_succeeded) == (NAME, 2, True)


def test_a_cancel_deletes_it_while_it_is_tuned_because_there_is_no_other_way(
    cloud: Cloud, connection: Connection, model: dict[str, Any]
) -> None:
    after = cancel_job(NAME, connection=connection)
    assert (after.state, after.is_active, NAME in cloud.google.models) == ("DELETED", False, False)
    with pytest.raises(NotFound):
        cancel_job(NAME, connection=connection)


def test_a_model_that_is_ready_is_not_cancelled(cloud: Cloud, connection: Connection, model: dict[str, Any]) -> None:
    tuned(model)
    with pytest.raises(Refused, match=r"ended .ACTIVE., so it cannot be cancelled"):
        cancel_job(NAME, connection=connection)
    assert NAME in cloud.google.models


def test_its_snapshots_are_its_steps(
    cloud: Cloud, connection: Connection, model: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Refused, match=r"no snapshot \(CREATING\)"):
        read_steps(NAME, connection=connection)
    tuned(model)
    assert [(each["step"], each["/train_total_loss"]) for each in read_steps(NAME, connection=connection)] == [
        (4, 2.5),
        (8, 0.5),
    ]
    monkeypatch.setattr("pulumi_gcp_tuning.commands.connection.connect", lambda: connection)
    assert list(read_jobs([NAME])) == ["Mine"]


def test_it_is_followed_by_the_percents_of_its_operation(
    cloud: Cloud, connection: Connection, model: dict[str, Any]
) -> None:
    del model["stuck"]
    stepped = Connection(connection.settings, connection.google, SteppedClock())
    sights = [sight for (sight,) in watch_jobs([OPERATION], interval=5, connection=stepped)]
    assert [line_of(each) for each in sights] == ["CREATING, 66 %", "ACTIVE"]
    assert [each.share for each in sights] == [0.66, 1.0]


def test_a_text_that_names_no_model_is_refused(connection: Connection) -> None:
    with pytest.raises(MalformedName):
        find_job("tunedModels/N 1", connection=connection)


def test_ages_are_told_by_googles_clock(cloud: Cloud, connection: Connection, model: dict[str, Any]) -> None:
    model["createTime"] = "2026-11-20T00:00:00Z"

    class Ahead(SteppedClock):
        def now(self) -> datetime:
            return datetime(2031, 1, 1, tzinfo=UTC)

    here = Connection(connection.settings, connection.google, Ahead())
    (found,) = list_jobs(connection=here).jobs
    assert found.age_seconds is not None
    assert found.age_seconds < 3 * 86400
