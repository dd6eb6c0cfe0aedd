"""``gcp-tuning claim``: with a CLI that exports the state that a test wants, and a Google made by hand."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from pulumi_gcp_tuning.cli import claim as claim_command
from pulumi_gcp_tuning.errors import Refused
from pulumi_gcp_tuning.resources.core.lifecycle import Current
from support.claim_world import CLASSES, World, of_older_release
from support.hand_made_google import TYPE, settings, urn

app = typer.Typer()
app.command()(claim_command.claim)
every_kind = pytest.mark.parametrize("kind", sorted(CLASSES))


class Command:
    """The command, and the state of the stack that it reads."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.world, self.pulumi = World(folder), folder / "pulumi"
        self.pulumi.write_text(f"#!{sys.executable}\nprint(open({str(folder / 'state.json')!r}).read())\n")
        self.pulumi.chmod(0o755)
        self.state = folder / "state.json"
        monkeypatch.setattr(claim_command, "settings_of", lambda _project, _location: settings())
        monkeypatch.setattr(claim_command, "google_of", lambda _settings: self.world.google)

    def keep(self, kind: str, *entries: Current) -> None:
        """The entries of one resource; all but the last are yet to be deleted."""
        name = CLASSES.get(kind, "TuningJob")
        found = [
            {
                "urn": urn(name),
                "type": f"{TYPE}:{name}",
                "id": entry.id,
                "outputs": {**entry.outputs, "__provider": "x"},
                **({"delete": True} if entry is not entries[-1] else {}),
            }
            for entry in entries
        ]
        self.state.write_text(json.dumps({"version": 3, "deployment": {"resources": found}}))

    def run(self, kind: str, *options: str) -> Result:
        return CliRunner().invoke(app, [urn(CLASSES.get(kind, "TuningJob")), "--pulumi", str(self.pulumi), *options])


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    return Command(tmp_path, monkeypatch)


@every_kind
def test_the_claim_of_the_entry_in_state_is_written_onto_the_object(command: Command, kind: str) -> None:
    mine = command.world.make(kind)
    theirs = command.world.again(kind, mine)
    command.keep(kind, mine)
    done = command.run(kind, "--yes")
    assert (done.exit_code, f"now belongs to {urn(CLASSES[kind])} (claim {mine.outputs['claim']})" in done.output) == (
        0,
        True,
    )
    command.world.delete(kind, theirs)
    assert command.world.object_of(kind, mine)
    command.world.delete(kind, mine)
    assert command.world.left() == {}


def test_a_dataset_whose_address_is_a_secret_is_claimed_and_its_address_is_not_shown(command: Command) -> None:
    mine = command.world.make("tuning_dataset")
    theirs = command.world.again("tuning_dataset", mine)
    address = str(mine.outputs["uri"])
    hidden = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "plaintext": json.dumps(address)}
    id_ = f"secret/4711/{address.rpartition('/')[2]}"
    command.keep("tuning_dataset", Current(id=id_, outputs={**mine.outputs, "uri": hidden}))
    done = command.run("tuning_dataset", "--yes")
    assert done.exit_code == 0
    assert address not in done.output
    command.world.delete("tuning_dataset", theirs)
    assert command.world.object_of("tuning_dataset", mine)


@every_kind
def test_without_a_terminal_it_is_claimed_only_with_yes(command: Command, kind: str) -> None:
    mine = command.world.make(kind)
    command.world.again(kind, mine)
    command.keep(kind, mine)
    before = command.world.stock()
    done = command.run(kind)
    assert isinstance(done.exception, Refused)
    assert "Give --yes" in str(done.exception)
    assert "belongs to shop/dev/bot (claim 0000000000000002)" in done.output
    assert command.world.stock() == before


@every_kind
def test_an_entry_of_an_older_release_takes_the_other_claim_off_and_its_next_update_claims(
    command: Command, kind: str
) -> None:
    made = command.world.make(kind)
    mine = of_older_release(made)
    command.keep(kind, mine)
    assert command.run(kind, "--yes").exit_code == 0
    assert command.world.claim_at(kind, made) is None
    assert command.world.update(kind, mine).outputs["claim"] == "0000000000000002"


@every_kind
def test_the_entry_that_is_yet_to_be_deleted_is_not_meant(command: Command, kind: str) -> None:
    pending = command.world.make(kind)
    current = command.world.again(kind, pending)
    command.keep(kind, pending, current)
    before = command.world.stock()
    done = command.run(kind)
    assert (done.exit_code, f"already belongs to this entry (claim {current.outputs['claim']})" in done.output) == (
        0,
        True,
    )
    assert command.world.stock() == before


def refusal(command: Command, kind: str) -> str:
    done = command.run(kind, "--yes")
    assert isinstance(done.exception, Refused)
    return str(done.exception)


def test_what_cannot_be_claimed_is_refused_in_a_sentence(command: Command) -> None:
    made = command.world.make("endpoint")
    command.keep("tuned_model", command.world.make("tuned_model"))
    assert f"has no entry {urn('Endpoint')}. It has:\n  {urn('TunedModel')}" in refusal(command, "endpoint")
    command.keep("tuning_job", made)
    assert "A tuning job cannot be claimed" in refusal(command, "tuning_job")
    command.keep("endpoint", Current(id=made.id, outputs={**made.outputs, "apiOrigin": "https://googleapis.com"}))
    assert "was made through https://googleapis.com" in refusal(command, "endpoint")
    command.keep("endpoint", made)
    command.world.google.endpoints.clear()
    assert "There is nothing to claim" in refusal(command, "endpoint")


def test_what_is_no_urn_is_refused_before_a_missing_cli(command: Command) -> None:
    done = CliRunner().invoke(app, ["foo", "--pulumi", str(command.pulumi / "nowhere")])
    assert isinstance(done.exception, Refused)
    assert "'foo' is not a URN" in str(done.exception)


@pytest.mark.parametrize("text", ["no JSON", json.dumps({"deployment": None}), json.dumps([])])
def test_a_state_that_cannot_be_read_is_refused(command: Command, text: Any) -> None:
    command.state.write_text(text)
    assert "Pulumi printed no state" in refusal(command, "endpoint")
