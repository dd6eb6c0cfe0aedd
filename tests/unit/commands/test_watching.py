"""Running jobs are followed until all have ended, without waiting in real time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from pulumi_gcp_tuning.cli.watch import line_of, span
from pulumi_gcp_tuning.commands import Sight, watch_jobs
from pulumi_gcp_tuning.commands.connection import Connection
from pulumi_gcp_tuning.errors import ApiError
from pulumi_gcp_tuning.names import MalformedName
from support.audited_cloud import OTHER_SPEC, Cloud, add_pipeline
from support.hand_made_google import SteppedClock

LOSSES = "pulumi_gcp_tuning.commands.vertex_jobs.read_metrics"


class Story(SteppedClock):
    """Each sleep lets the next thing happen; too many sleeps are a fault."""

    def __init__(self, *events: Callable[[], Any]) -> None:
        super().__init__()
        self.events = list(events)

    def sleep(self, seconds: float, cancelled: Callable[[], bool]) -> None:
        super().sleep(seconds, cancelled)
        self.events.pop(0)()


def followed(cloud: Cloud, connection: Connection, name: str, *events: Callable[[], Any]) -> list[Sight]:
    stepped = Connection(connection.settings, connection.google, Story(*events))
    return [sight for (sight,) in watch_jobs([name], interval=60, connection=stepped)]


def at_step(cloud: Cloud, name: str, step: int, steps: int = 100, **more: Any) -> Callable[[], None]:
    data = {"supervisedTuningDataStats": {"tuningStepCount": str(steps)}}
    done = {"completedStepCount": str(step), "completedEpochCount": str(step // 50)}
    return lambda: cloud.google.run(name, tuningJobMetadata=done, tuningDataStats=data, **more)


def test_the_watch_ends_when_the_job_has_ended_and_says_what_was_done_of_it(
    cloud: Cloud, connection: Connection
) -> None:
    job = cloud.job().id
    sights = followed(cloud, connection, job, at_step(cloud, job, 25), lambda: cloud.google.succeed(job))
    assert [each.job.state for each in sights if each.job] == ["PENDING", "RUNNING", "SUCCEEDED"]
    assert [each.share for each in sights] == [None, 0.25, 1.0]
    assert [each.has_failed for each in sights] == [False, False, False]


def test_a_tuned_model_of_the_gemini_api_is_followed_by_its_snapshots(cloud: Cloud, connection: Connection) -> None:
    cloud.google.tuned_models.create("mine", {"baseModel": "models/gemini-1.5-flash-001-tuning", "displayName": "Mine"})

    def at(epoch: int) -> Callable[[], None]:
        snapshots = [{"step": 4 * epoch, "epoch": epoch, "meanLoss": 2.5}]
        task = {"snapshots": snapshots, "hyperparameters": {"epochCount": 4}}
        return lambda: cloud.google.models["tunedModels/mine"].update(tuningTask=task)

    sights = followed(cloud, connection, "tunedModels/mine", at(2), at(4))
    assert [line_of(each) for each in sights] == [
        "CREATING",
        "CREATING, epoch 1/4, step 8, loss 2.5",
        "ACTIVE, epoch 4/4, step 16, loss 2.5",
    ]
    assert [each.share for each in sights] == [None, 0.25, 1.0]
    assert not sights[-1].has_failed


def test_a_pipeline_which_names_no_steps_is_followed_by_its_tasks(cloud: Cloud, connection: Connection) -> None:
    tasks = ("dataset-encoder", "large-language-model-tuner", "upload-llm-model", "deploy-llm-model")
    spec: Any = {"root": {"dag": {"tasks": {name: {} for name in tasks}}}}
    pipeline = add_pipeline(cloud, "tune-1", pipelineSpec=spec)

    def at(done: int) -> Callable[[], None]:
        states = ["SUCCEEDED"] * done + ["RUNNING"] * (done < len(tasks))
        details = [{"taskName": "tune-1", "state": "RUNNING"}]
        details += [
            {"taskName": name, "parentTaskId": "1", "state": state} for name, state in zip(tasks, states, strict=False)
        ]
        return lambda: cloud.google.jobs[pipeline].update(jobDetail={"taskDetails": details})

    end: Callable[[], Any] = lambda: cloud.google.jobs[pipeline].update(state="PIPELINE_STATE_SUCCEEDED")  # noqa: E731
    sights = followed(cloud, connection, pipeline, at(1), at(3), end)
    assert [line_of(each) for each in sights] == [
        "RUNNING, task 0/4",
        "RUNNING, task 1/4, large-language-model-tuner",
        "RUNNING, task 3/4, deploy-llm-model",
        "SUCCEEDED, task 3/4",
    ]
    assert [each.share for each in sights] == [0.0, 0.25, 0.75, 1.0]


def test_the_time_left_is_known_once_two_steps_were_seen(cloud: Cloud, connection: Connection) -> None:
    job = cloud.job().id
    events = [at_step(cloud, job, 10), at_step(cloud, job, 30), lambda: None, lambda: cloud.google.succeed(job)]
    sights = followed(cloud, connection, job, *events)
    # 20 steps in 60 seconds: 70 steps are 210 seconds, and 60 of these pass before the next read
    assert [each.seconds_left for each in sights] == [None, None, 210, 150, None]


def test_a_failed_job_ends_the_watch_as_failed(cloud: Cloud, connection: Connection) -> None:
    job = cloud.job().id
    assert followed(cloud, connection, job, lambda: cloud.google.fail(job))[-1].has_failed


def test_a_job_of_several_that_has_ended_is_not_read_again(cloud: Cloud, connection: Connection) -> None:
    first = cloud.trained().id
    second = cloud.job(**OTHER_SPEC).id
    stepped = Connection(
        connection.settings, connection.google, Story(lambda: None, lambda: cloud.google.succeed(second))
    )
    cloud.google.journal.clear()
    rounds = list(watch_jobs([first, second, first], connection=stepped))
    assert [[each.name for each in sights] for sights in rounds] == [[first, second]] * 3
    assert cloud.google.said("get_tuning_job").count(first) == 1


def test_a_read_that_fails_keeps_what_was_seen_and_is_tried_again(cloud: Cloud, connection: Connection) -> None:
    job = cloud.job().id

    def break_down() -> None:
        cloud.google.down = ApiError("Google is away.", http_status=503, status="UNAVAILABLE")

    def recover() -> None:
        cloud.google.down = None
        cloud.google.succeed(job)

    sights = followed(cloud, connection, job, at_step(cloud, job, 25), break_down, recover)
    assert (sights[2].problem, sights[2].step, sights[2].has_ended) == ("Google is away.", 25, False)
    assert sights[3].problem is None


def test_a_job_without_a_record_ends_the_watch_as_failed(cloud: Cloud, connection: Connection) -> None:
    job = cloud.job().id
    (_, gone) = followed(cloud, connection, job, cloud.google.jobs.clear)
    assert (gone.is_gone, gone.has_failed) == (True, True)


def test_the_loss_is_read_once_for_each_step(
    cloud: Cloud, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    losses = iter([[{"/train_total_loss": 2.5}], [{"/train_total_loss": 2.5}, {"/train_total_loss": 1.25}]])
    monkeypatch.setattr(LOSSES, lambda _google, _job: next(losses))
    job = cloud.job().id
    first = at_step(cloud, job, 10, gcsMetricsUri="gs://b/o")
    events = [first, first, lambda: cloud.google.succeed(job)]
    assert [each.loss for each in followed(cloud, connection, job, *events)] == [None, 2.5, 2.5, 1.25]


def test_a_cancelled_watch_leaves_the_job_alone(cloud: Cloud, connection: Connection) -> None:
    job, stop = cloud.job().id, list[bool]()
    stepped = Connection(connection.settings, connection.google, Story(lambda: stop.append(True)))
    assert len(list(watch_jobs([job], cancelled=lambda: bool(stop), connection=stepped))) == 1
    assert cloud.google.said("cancel_tuning_job") == []


def test_a_text_that_names_no_job_is_refused_before_anything_is_read(cloud: Cloud, connection: Connection) -> None:
    with pytest.raises(MalformedName):
        watch_jobs([cloud.job().id, "bot"], connection=connection)


def test_a_line_names_state_epoch_step_loss_and_time_left(cloud: Cloud, connection: Connection) -> None:
    job = cloud.job().id
    at_step(cloud, job, 60)()
    (seen,) = next(watch_jobs([job], connection=connection))
    known = Sight(**{**vars(seen), "epochs": 2, "loss": 0.51234, "seconds_left": 700.0})
    assert line_of(known) == "RUNNING, epoch 1/2, step 60/100, loss 0.5123, 12 min left"


@pytest.mark.parametrize(
    ("seconds", "said"), [(40, "40 s"), (700, "12 min"), (11_100, "3 h 05 min"), (3599, "1 h 00 min")]
)
def test_a_span_is_said_in_the_two_largest_units(seconds: float, said: str) -> None:
    assert span(seconds) == said
