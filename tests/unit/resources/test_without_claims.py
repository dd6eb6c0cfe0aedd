"""Jobs, pipelines and deployments carry no claim: what the program declares in this run is not removed. Each verb has a Run of its own.

The names of tests begin with their row of the cases on the lifecycle.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pulumi_gcp_tuning.errors import ApiError, Refused
from pulumi_gcp_tuning.resources.core.board import Board
from pulumi_gcp_tuning.resources.core.holdings import Holdings
from pulumi_gcp_tuning.resources.core.lifecycle import Current
from pulumi_gcp_tuning.resources.core.run import Run
from pulumi_gcp_tuning.resources.registry import lifecycle_of
from support.claim_world import World
from support.hand_made_lookups import NUMBER
from support.samples import DATA, PARENT

JOBS: dict[str, dict[str, Any]] = {
    "tuning_job": {"baseModel": "gemini-3.5-flash", "supervisedTuningSpec": {"trainingDatasetUri": DATA}},
    "pipeline_tuning_job": {
        "baseModel": "code-bison@002",
        "datasetUri": DATA,
        "gcsOutputDirectory": "gs://shop-data/output",
    },
}
every_job = pytest.mark.parametrize("kind", sorted(JOBS))


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def check(world: World, kind: str, entry: Current, run: Run, name: str = "bot", **changed: Any) -> Any:
    """The program declares it in this run; nobody has compared or made it in this process."""
    inputs = {**(entry.inputs or {}), **changed}
    return lifecycle_of(kind).check(world.call(kind, name, run=run), entry.inputs or {}, inputs)


def delete(world: World, kind: str, entry: Current, run: Run) -> None:
    lifecycle_of(kind).delete(world.call(kind, run=run), entry.id, entry.outputs)


@every_job
def test_l1e_a_job_that_the_program_declares_is_not_cancelled_by_a_pending_delete(world: World, kind: str) -> None:
    made, run = world.create(kind, **JOBS[kind]), Run()
    check(world, kind, made, run)
    before = world.stock()
    delete(world, kind, made, run)
    assert world.stock() == before
    assert "is not deleted, because the program declares it as 'bot'" in world.desk.told[-1]


@every_job
@pytest.mark.parametrize("change", [{"retry": "2"}, {"location": "europe-west4"}, {"project": "shop-prod"}])
def test_a_job_of_another_identity_or_place_is_cancelled(world: World, kind: str, change: dict[str, str]) -> None:
    made, run = world.create(kind, **JOBS[kind]), Run()
    by_id = Current(id=made.id.replace(NUMBER, "shop-dev"), outputs=made.outputs, inputs=made.inputs)
    check(world, kind, made, run, **change)
    delete(world, kind, by_id if "project" in change else made, run)
    assert world.google.said(f"cancel_{kind.replace('pipeline_tuning', 'pipeline')}") != []


@every_job
def test_a_job_that_nobody_declares_is_cancelled(world: World, kind: str) -> None:
    made = world.create(kind, **JOBS[kind])
    delete(world, kind, made, Run())
    assert "CANCELLED" in str(world.google.jobs.get(made.id, {"state": "CANCELLED"})["state"])


def test_l1e_a_deployment_that_the_program_declares_is_not_undeployed_by_a_pending_delete(world: World) -> None:
    endpoint, kind, run = world.make("endpoint"), "model_deployment", Run()
    made = world.create(kind, endpoint=endpoint.id, model=f"{PARENT}/models/77")
    check(world, kind, made, run)
    delete(world, kind, made, run)
    assert len(world.google.endpoints[endpoint.id]["deployedModels"]) == 1
    delete(world, kind, made, Run())
    assert world.google.endpoints[endpoint.id]["deployedModels"] == []


def two_processes(world: World) -> tuple[Run, Run]:
    """The memories of two providers of one operation."""
    runs = Run(), Run()
    for author, run in zip("ab", runs, strict=True):
        run.of(Holdings).share(Board(world.folder / "shared", "77-1-4000", author))
    return runs


@every_job
def test_l1e_a_job_that_the_program_declares_in_another_process_is_not_cancelled(world: World, kind: str) -> None:
    made, (current, older) = world.create(kind, **JOBS[kind]), two_processes(world)
    check(world, kind, made, current)
    before = world.stock()
    delete(world, kind, made, older)
    assert world.stock() == before
    assert "is not deleted, because the program declares it as 'bot'" in world.desk.told[-1]


def test_l1e_a_deployment_that_another_process_has_is_not_undeployed(world: World) -> None:
    endpoint, kind, (current, older) = world.make("endpoint"), "model_deployment", two_processes(world)
    made = world.create(kind, endpoint=endpoint.id, model=f"{PARENT}/models/77")
    call, inputs = world.call(kind, run=current), check(world, kind, made, current).inputs
    lifecycle_of(kind).diff(call, made.id, made.outputs, inputs)
    delete(world, kind, made, older)
    assert len(world.google.endpoints[endpoint.id]["deployedModels"]) == 1
    assert "because 'bot' still uses it" in world.desk.told[-1]


# A6


def an_interrupted_deployment(world: World) -> tuple[Current, Current]:
    """A model and an endpoint of the stack, and a deployment that no state entry knows."""
    model, endpoint = world.make("tuned_model"), world.make("endpoint", location="us")
    world.google.models[model.outputs["model"]].setdefault("labels", {})
    served = {"endpoint": endpoint.id, "model": model.outputs["versionedModel"]}
    world.create("model_deployment", **served, fromResources=["endpoint", "model"])
    return model, endpoint


@pytest.mark.parametrize("first", ["tuned_model", "endpoint"])
def test_a6_destroy_after_a_kill_at_deploy_undeploys_what_no_entry_knows(world: World, first: str) -> None:
    model, endpoint = an_interrupted_deployment(world)
    order = [("tuned_model", model), ("endpoint", endpoint)]
    for kind, entry in order if first == "tuned_model" else reversed(order):
        world.delete(kind, entry)
    assert (world.google.models, world.google.endpoints) == ({}, {})


def test_a_replaced_model_is_not_undeployed_where_an_entry_that_this_run_leaves_out_may_serve_it(world: World) -> None:
    model, endpoint = an_interrupted_deployment(world)
    world.make("tuned_model")
    with pytest.raises(Refused, match="also deployed on"):
        world.delete("tuned_model", model, onReplace={"keepLast": 0})
    assert len(world.google.endpoints[endpoint.id]["deployedModels"]) == 1


# A9


@every_job
@pytest.mark.parametrize(("old", "new"), [("shop-dev", NUMBER), (NUMBER, "shop-dev")])
def test_a9_id_and_number_of_one_project_are_the_same_place(world: World, kind: str, old: str, new: str) -> None:
    made = world.create(kind, **JOBS[kind], project=old)
    run = Run()
    inputs = check(world, kind, made, run, project=new).inputs
    call = world.call(kind, run=run)
    assert lifecycle_of(kind).diff(call, made.id, made.outputs, inputs).changed is False
    delete(world, kind, made, run)
    assert "PENDING" in world.google.jobs[made.id]["state"]


@every_job
def test_the_number_of_another_project_is_another_place(world: World, kind: str) -> None:
    made = world.create(kind, **JOBS[kind])
    inputs = check(world, kind, made, Run(), project="210987654321").inputs
    assert lifecycle_of(kind).diff(world.call(kind), made.id, made.outputs, inputs).replaces == ["project"]


def test_a_project_that_cannot_be_looked_up_is_taken_for_the_same(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = "tuning_job"
    made = world.create(kind, **JOBS[kind], project=NUMBER)

    def refuse(_self: object, _project: str) -> Any:
        raise ApiError("no", http_status=403, status="PERMISSION_DENIED")

    monkeypatch.setattr("support.hand_made_lookups.HandMadeLookups.get_project", refuse)
    inputs = check(world, kind, made, Run(), project="shop-dev").inputs
    assert lifecycle_of(kind).diff(world.call(kind), made.id, made.outputs, inputs).changed is False


@pytest.fixture
def imported(world: World) -> tuple[Current, str]:
    """The entry of an import that nobody has taken over, of a stack without claims, and the older model which that stack keeps."""
    older = world.make("tuned_model", stack="prod")
    current = world.make("tuned_model", stack="prod")
    world.delete("tuned_model", older, stack="prod")
    del world.google.models[str(current.outputs["model"])]["labels"]["gcp-tuning-claim"]
    read = lifecycle_of("tuned_model").read(world.call("tuned_model", stack="dev"), current.id, {})
    assert read is not None
    return read, str(older.outputs["model"])


def test_l10_a_destroy_of_an_import_of_another_stacks_model_leaves_the_models_which_that_stack_keeps(
    world: World, imported: tuple[Current, str]
) -> None:
    entry, older = imported
    world.delete("tuned_model", entry)
    assert older in world.google.models
    assert entry.outputs["model"] in world.google.models
    assert "its label gcp-tuning-id names another resource" in world.desk.warnings[-1]


def test_l10_a_destroy_of_an_import_of_a_model_without_labels_deletes_it(
    world: World, imported: tuple[Current, str]
) -> None:
    entry, older = imported
    world.google.models[str(entry.outputs["model"])]["labels"] = {}
    world.delete("tuned_model", entry, effectiveLabels={})
    assert list(world.google.models) == [older]
