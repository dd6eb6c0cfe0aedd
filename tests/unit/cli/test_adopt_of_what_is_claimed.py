"""``gcp-tuning adopt`` says what ``pulumi up`` will meet: an object that another stack manages. The preview cannot say it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from pulumi_gcp_tuning.cli import adopt
from pulumi_gcp_tuning.errors import Refused
from pulumi_gcp_tuning.resources.core.lifecycle import Current
from pulumi_gcp_tuning.resources.registry import lifecycle_of
from support.claim_world import CLASSES, World
from support.hand_made_google import TYPE, settings

app = typer.Typer()
app.command()(adopt.adopt)


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    made = World(tmp_path)
    monkeypatch.setattr(adopt, "settings_of", lambda _project, _location: settings())
    monkeypatch.setattr(adopt, "google_of", lambda _settings: made.google)
    monkeypatch.chdir(tmp_path)
    return made


def run(*arguments: str) -> Result:
    done = CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done


def imported(kind: str) -> Current:
    """The entry that ``pulumi import`` makes of the file."""
    resources: list[dict[str, Any]] = json.loads(Path("import.json").read_text())["resources"]
    (entry,) = [each for each in resources if each["type"].endswith(f":{CLASSES[kind]}")]
    own = {key: value for key, value in entry["inputs"].items() if key != "__provider"}
    outputs = {key: value for key, value in entry["outputs"].items() if key != "__provider"}
    return Current(id=entry["id"], outputs=outputs, inputs=own)


@pytest.mark.parametrize("kept", [False, True])
def test_an_import_of_a_claimed_model_names_its_owner_and_the_command_that_lets_up_pass(
    world: World, *, kept: bool
) -> None:
    theirs = world.make("tuned_model", stack="prod")
    if kept:
        world.object_of("tuned_model", theirs)["labels"]["gcp-tuning-claim"] = "kept-0123456789ab"
    said = run(str((theirs.inputs or {})["tuningJob"]), "--import-file", "import.json").stderr
    owner = "identity 0123456789ab, which replaced it" if kept else f"/prod/bot (claim {theirs.outputs['claim']})"
    assert owner in said
    assert f"gcp-tuning claim 'urn:pulumi:STACK::PROJECT::{TYPE}:TunedModel::" in said
    mine = imported("tuned_model")
    with pytest.raises(Refused, match="is not changed"):
        world.update("tuned_model", mine, displayName="ours")
    frame = lifecycle_of("tuned_model")
    assert frame.traits.reclaim is not None
    frame.traits.reclaim(world.call("tuned_model"), mine.id, mine.outputs)
    assert world.update("tuned_model", mine, displayName="ours").outputs["displayName"] == "ours"


def test_an_import_of_what_nobody_claims_says_nothing_of_owners(world: World) -> None:
    job = world.a_job()
    world.google.jobs[job]["labels"] = {}
    for model in world.google.models.values():
        model["labels"] = {}
    said = run(job, "--import-file", "import.json").stderr
    assert "pulumi import --file import.json" in said
    assert "belongs to" not in said
    assert run(job).stderr == ""


def test_a_declaration_of_a_claimed_model_says_that_up_takes_it_over(world: World) -> None:
    theirs = world.make("tuned_model", stack="prod")
    said = run(str((theirs.inputs or {})["tuningJob"])).stderr
    assert f"/prod/bot (claim {theirs.outputs['claim']}).\n`pulumi up` takes it over" in said
    mine = world.again("tuned_model", theirs)
    assert str(mine.outputs["claim"]) in str(world.claim_at("tuned_model", mine))


def test_a_running_job_of_a_stack_is_cancelled_by_the_destroy_of_either(world: World) -> None:
    given: dict[str, Any] = {
        "baseModel": "gemini-3.5-flash",
        "supervisedTuningSpec": {"trainingDatasetUri": "gs://b/t.jsonl"},
    }
    theirs = world.create("tuning_job", stack="prod", **given)
    assert "a destroy of either one cancels it" in run(theirs.id).stderr
    lifecycle_of("tuning_job").delete(world.call("tuning_job"), theirs.id, theirs.outputs)
    assert world.google.said("cancel_tuning_job") != []


def test_the_models_that_the_other_stack_keeps_stay_its_own(world: World) -> None:
    kept = world.make("tuned_model", stack="prod")
    world.desk.clock.seconds += 60
    theirs = world.make("tuned_model", stack="prod")
    world.delete("tuned_model", kept, stack="prod")
    before = world.object_of("tuned_model", kept)["labels"]
    assert before["gcp-tuning-claim"].startswith("kept-")
    run(str((theirs.inputs or {})["tuningJob"]), "--import-file", "import.json")
    mine, frame = imported("tuned_model"), lifecycle_of("tuned_model")
    assert frame.traits.reclaim is not None
    frame.traits.reclaim(world.call("tuned_model"), mine.id, mine.outputs)
    mine = world.update("tuned_model", mine, displayName="ours")
    assert world.object_of("tuned_model", kept)["labels"] == before
    world.delete("tuned_model", mine)
    assert list(world.google.models) == [kept.outputs["model"]]


def test_an_import_of_a_job_whose_model_is_gone_says_so(world: World) -> None:
    job = world.a_job()
    world.google.models.clear()
    said = run(job, "--import-file", "import.json")
    assert "no longer exists, so the file has no TunedModel" in said.stderr
    assert "TunedModel" not in said.stdout
    (entry,) = json.loads(Path("import.json").read_text())["resources"]
    assert entry["id"] == job
    assert "no longer exists. Leave the TunedModel out" in run(job).stderr
