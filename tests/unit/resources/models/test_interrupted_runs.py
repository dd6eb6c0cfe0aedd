"""What runs that were killed or lost an answer left of a TunedModel: the next destroy takes it, or names it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from pulumi_gcp_tuning.errors import ApiError
from pulumi_gcp_tuning.names import identity_of
from pulumi_gcp_tuning.resources.core.lifecycle import Current
from pulumi_gcp_tuning.resources.core.run import Run
from pulumi_gcp_tuning.resources.registry import lifecycle_of
from support.claim_world import World
from support.hand_made_google import HandMadeJobs, HandMadeVertex, urn
from support.samples import DATA, PARENT


class KilledError(BaseException):
    """The process is no more."""


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def model_of(entry: Current) -> str:
    return str(entry.outputs["model"])


def kept(world: World, **inputs: Any) -> tuple[Current, Current]:
    """Two generations: the first is kept, the second is the current one."""
    first = world.make("tuned_model", **inputs)
    second = world.make("tuned_model", **inputs)
    world.delete("tuned_model", first)
    return first, second


def killed_at(monkeypatch: pytest.MonkeyPatch, verb: str, number: int, act: Callable[[], object]) -> None:
    """The process is killed before the call of this number."""
    asked, found = [0], getattr(HandMadeVertex, verb)

    def dying(*given: Any, **more: Any) -> Any:
        asked[0] += 1
        if asked[0] == number:
            raise KilledError
        return found(*given, **more)

    with monkeypatch.context() as patch:
        patch.setattr(HandMadeVertex, verb, dying)
        with pytest.raises(KilledError):
            act()


# A delete that was interrupted


@pytest.mark.parametrize("has_records", [True, False])
@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_a3_a_destroy_that_was_killed_before_any_endpoint_went_takes_it_when_it_runs_again(
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    number: int,
    has_records: bool,  # noqa: FBT001
) -> None:
    _, second = kept(world)
    killed_at(monkeypatch, "delete_endpoint", number, lambda: world.delete("tuned_model", second))
    if not has_records:  # those of tuning pipelines can be deleted
        world.google.jobs.clear()
    world.delete("tuned_model", second)
    assert (world.google.models, world.google.endpoints) == ({}, {})


def test_a3_a_superseded_model_that_went_half_way_takes_its_empty_endpoint_along(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, second = kept(world)
    third = world.make("tuned_model")
    delete = partial(world.delete, "tuned_model", second, onReplace={"keepLast": 0})
    killed_at(monkeypatch, "delete_endpoint", 3, delete)
    delete()
    points = [each["endpoint"] for each in third.outputs["checkpoints"]]
    assert (set(world.google.models), set(world.google.endpoints)) == ({model_of(third)}, set(points))


def emptied(world: World, entry: Current) -> str:
    """An endpoint of the entry's model from which somebody undeployed it."""
    name = str(entry.outputs["checkpoints"][0]["endpoint"])
    (deployed,) = world.google.endpoints[name]["deployedModels"]
    HandMadeVertex(world.google, "us").undeploy_model(name, deployed["id"])
    return name


def test_an_empty_endpoint_of_a_release_that_stays_is_not_removed(world: World) -> None:
    first, second = kept(world)
    world.google.models[model_of(first)]["labels"]["gcp-tuning-release-1"] = "yes"
    name = emptied(world, first)
    world.delete("tuned_model", second)
    assert name in world.google.endpoints


@pytest.mark.parametrize(
    "label", [{"gcp-tuning-id": "f" * 32}, {"gcp-tuning-stack": "f" * 32}, {"gcp-tuning-claim": "1"}]
)
def test_an_empty_endpoint_that_is_not_surely_of_this_resource_is_not_removed(
    world: World, label: dict[str, str]
) -> None:
    made = world.make("tuned_model")
    labels = {**world.google.endpoints[str(made.outputs["endpoint"])]["labels"], **label}
    world.google.endpoints["projects/123456789012/locations/us/endpoints/5"] = {
        "name": "projects/123456789012/locations/us/endpoints/5",
        "labels": labels,
    }
    world.delete("tuned_model", made)
    assert len(world.google.endpoints) == 1


def test_who_may_not_list_endpoints_is_told_and_the_model_goes(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    made = world.make("tuned_model")
    monkeypatch.setattr(HandMadeVertex, "list_endpoints", forbidden)
    world.delete("tuned_model", made)
    assert world.google.models == {}
    assert "aiplatform.endpoints.list" in world.desk.warnings[-1]


def forbidden(*_: Any, **__: Any) -> Any:
    raise ApiError("no", http_status=403, status="PERMISSION_DENIED")


# A take-over whose entry was never written


def test_a6_a_destroy_names_both_models_where_a_killed_run_took_the_newer_one_over(world: World) -> None:
    first, unknown = world.make("tuned_model"), world.make("tuned_model")
    world.delete("tuned_model", first)
    assert set(world.google.models) == {model_of(first), model_of(unknown)}
    (said,) = world.desk.told
    assert all(name in said for name in (model_of(first), model_of(unknown), "gcp-tuning audit"))


def test_a3_a_destroy_of_a_restored_state_names_what_is_newer_and_what_stays(world: World) -> None:
    first, second = kept(world)
    world.desk.told.clear()
    world.delete("tuned_model", first)
    (said,) = world.desk.told
    assert all(name in said for name in (model_of(first), model_of(second), "gcp-tuning audit"))


def test_a_replacement_says_once_what_it_keeps(world: World) -> None:
    first, run = world.make("tuned_model"), Run()
    frame, call = lifecycle_of("tuned_model"), world.call("tuned_model", run=run)
    news = {**(first.inputs or {}), "tuningJob": world.a_job()}
    world.desk.clock.seconds += 60
    inputs = frame.check(call, first.inputs or {}, news).inputs
    assert frame.diff(call, first.id, first.outputs, inputs).replaces == ["tuningJob"]
    frame.create(call, inputs)
    frame.delete(call, first.id, first.outputs)
    assert (len(world.google.models), world.desk.told) == (2, ["the current model stays (keep_last 2)"])


def a_job_and_its_model(world: World) -> tuple[Current, Current]:
    spec = {"trainingDatasetUri": DATA}
    job = world.create("tuning_job", baseModel="gemini-3.5-flash", supervisedTuningSpec=spec)
    world.google.succeed(job.id)
    return job, world.create("tuned_model", tuningJob=job.id)


def test_a6_the_delete_of_a_job_names_the_model_that_a_killed_run_claimed(world: World) -> None:
    job, claimed = a_job_and_its_model(world)
    world.delete("tuning_job", job)
    assert model_of(claimed) in world.google.models
    assert f"The model {model_of(claimed)}@1" in world.desk.told[-1]
    assert "belongs to shop/dev/bot" in world.desk.told[-1]


def test_the_delete_of_a_job_says_nothing_of_a_model_that_a_replacement_keeps(world: World) -> None:
    job, first = a_job_and_its_model(world)
    world.make("tuned_model")
    world.delete("tuned_model", first)
    world.desk.told.clear()
    world.delete("tuning_job", job)
    assert (world.desk.told, world.desk.warnings) == ([], [])


# Jobs that another specification overtook


def a_job(world: World, spec: str, *, ends: bool = True) -> str:
    """A job of one TuningJob with this spec; later processes list it."""
    world.google.facts.clear()
    labels = {"gcp-tuning-id": identity_of(urn("TuningJob")), "gcp-tuning-spec": spec}
    body = {"baseModel": "gemini-3.5-flash", "supervisedTuningSpec": {"trainingDatasetUri": DATA}, "labels": labels}
    name = str(HandMadeJobs(world.google).create(PARENT, body)["name"])
    if ends:
        world.google.succeed(name)
    return name


def made_by_job(world: World, job: str) -> str:
    return str(world.google.jobs[job]["tunedModel"]["model"]).partition("@")[0]


def test_a7_the_model_of_an_overtaken_job_goes_with_the_newest_model(world: World) -> None:
    a_job(world, "a" * 32)
    made = world.create("tuned_model", tuningJob=a_job(world, "b" * 32))
    assert len(world.google.models) == 2
    world.delete("tuned_model", made)
    assert (world.google.models, world.google.endpoints) == ({}, {})


def test_a7_the_model_of_an_overtaken_job_counts_as_superseded(world: World) -> None:
    overtaken = made_by_job(world, a_job(world, "a" * 32))
    second = world.create("tuned_model", tuningJob=a_job(world, "b" * 32))
    third = world.create("tuned_model", tuningJob=a_job(world, "c" * 32))
    world.delete("tuned_model", second, onReplace={"keepLast": 1})
    assert set(world.google.models) == {model_of(second), model_of(third)}
    assert overtaken not in world.google.models


def test_a7_a_kept_model_of_an_overtaken_job_goes_with_the_next_newest(world: World) -> None:
    overtaken = made_by_job(world, a_job(world, "a" * 32))
    second = world.create("tuned_model", tuningJob=a_job(world, "b" * 32))
    third = world.create("tuned_model", tuningJob=a_job(world, "c" * 32))
    world.delete("tuned_model", second)
    kept_by = world.google.models[overtaken]["labels"]["gcp-tuning-claim"]
    assert kept_by == f"kept-{identity_of(urn('TunedModel'))}"
    world.delete("tuned_model", third)
    assert (world.google.models, world.google.endpoints) == ({}, {})


def test_a_newer_model_that_nobody_took_over_stays_and_is_named(world: World) -> None:
    made = world.create("tuned_model", tuningJob=a_job(world, "b" * 32))
    newer = made_by_job(world, a_job(world, "c" * 32))
    running = a_job(world, "d" * 32, ends=False)
    world.delete("tuned_model", made)
    assert set(world.google.models) == {newer}
    assert "gcp-tuning-claim" not in world.google.models[newer]["labels"]
    assert newer in world.desk.told[-1]
    assert running in world.desk.told[-1]


def test_a_replaced_model_marks_no_newer_one_as_kept(world: World) -> None:
    second = world.create("tuned_model", tuningJob=a_job(world, "b" * 32))
    third = world.create("tuned_model", tuningJob=a_job(world, "c" * 32))
    newer = made_by_job(world, a_job(world, "d" * 32))
    world.delete("tuned_model", second)
    assert "gcp-tuning-claim" not in world.google.models[newer]["labels"]
    assert model_of(third) in world.google.models


def test_who_may_not_list_jobs_is_told_and_the_model_goes(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    made = world.create("tuned_model", tuningJob=a_job(world, "b" * 32))
    monkeypatch.setattr(HandMadeJobs, "list", forbidden)
    world.google.facts.clear()
    world.delete("tuned_model", made)
    assert (world.google.models, world.google.endpoints) == ({}, {})
    assert "aiplatform.tuningJobs.list" in world.desk.warnings[-1]
