"""What preview, or ``gcp-tuning validate``, answers to a configuration of a list."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import typer
from typer.testing import CliRunner

from pulumi_gcp_tuning.cli import validate as validate_command
from pulumi_gcp_tuning.declare.arguments import WrongArgumentError
from pulumi_gcp_tuning.errors import ApiError, TuningError
from pulumi_gcp_tuning.google.projects import Projects
from pulumi_gcp_tuning.google.storage import Storage
from pulumi_gcp_tuning.wording import PYTHON
from support.component_children import children_of
from support.preflight_world import Program, World, write_files

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pytest

    from preflight.conftest import WorldOf
    from preflight.list_row import Row

_app = typer.Typer()
_app.command()(validate_command.validate)

_SEVERITIES: Final = {"error": "error", "warning": "warn"}


@dataclass(frozen=True)
class Said:
    """One finding in words."""

    severity: str
    text: str

    def names(self, *names: str) -> bool:
        """Whether it has all of the names."""
        return all(each.lower() in self.text.lower() for each in names)


def answer_to(row: Row, world_of: WorldOf, folder: Path, patch: pytest.MonkeyPatch) -> list[Said]:
    """Every finding about the row's configuration."""
    situation = row.situation
    patch.chdir(folder)
    write_files(folder, situation)
    if row.command:
        return _validated(row.command, situation["world"]["today"], patch)
    world = world_of(situation["world"]["today"])
    _make(world, situation["world"])
    _overlay(situation["world"], world.number, patch)
    try:
        findings = []
        for kind, inputs in _inputs_of(row, situation):
            with Program(world.server, {**situation, "inputs": inputs}) as program:
                findings += [each.printed(PYTHON) for each in program.check(kind).findings]
    except (TuningError, WrongArgumentError) as error:  # a configuration that cannot be read at all
        return [Said("error", str(error))]
    return [Said(each.severity, f"{each.path}: {each.sentences}") for each in findings]


def _inputs_of(row: Row, situation: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """What is checked: the resource, or what a FineTunedModel with these arguments declares."""
    if row.kind != "fine_tuned_model":
        return [(row.kind, situation["inputs"])]
    return children_of(situation["arguments"])


def is_right(row: Row, said: list[Said]) -> bool:
    """Whether one finding of the row's severity has all the names, and a row that wants a warning gets no error."""
    wanted = [each for each in said if each.severity == _SEVERITIES[row.answer]]
    refused = row.answer == "warning" and any(each.severity == "error" for each in said)
    return any(each.names(*row.names) for each in wanted) and not refused


def _validated(command: tuple[str, ...], today: str, patch: pytest.MonkeyPatch) -> list[Said]:
    patch.setenv("GCP_TUNING_AS_OF", today)
    done = CliRunner().invoke(_app, [*command, "--json"])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    if not done.stdout.startswith("{"):
        return [Said("error", done.output)]
    findings = json.loads(done.stdout)["findings"]
    return [
        Said(each["severity"], f"{each['file']}:{each['line']}: {each['field']}: {each['problem']} {each['remedy']}")
        for each in findings
    ]


def _make(world: World, given: Mapping[str, Any]) -> None:
    """The situation's world, and in it what only the lists have."""
    world.make({**given, "bindings": []})
    for project in given.get("projects", ()):
        world.server.admin("POST", "projects", {"projectId": project})


def _overlay(given: Mapping[str, Any], number: str, patch: pytest.MonkeyPatch) -> None:
    """Answers that the sandbox cannot give.

    Sizes of objects that nobody wants to upload, fields of objects, roles of agents that come with a first job.
    """
    fields = {name: {"size": str(size)} for name, size in given.get("sizes", {}).items()} | given.get("fields", {})
    roles = [{"role": role, "members": [who.format(number=number)]} for role, who in given.get("bindings", ())]
    get_object, open_object, list_objects = Storage.get_object, Storage.open_object, Storage.list_objects
    get_iam = Projects.get_iam_policy

    def iam(held: Projects, project: str) -> Any:
        policy = get_iam(held, project)
        return {**policy, "bindings": [*policy.get("bindings", []), *roles]}

    def described(found: dict[str, Any]) -> dict[str, Any]:
        return {**found, **fields.get(found.get("name"), {})}

    def an_object(storage: Storage, bucket: str, name: str, **more: Any) -> Any:
        return described(get_object(storage, bucket, name, **more))

    def opened(storage: Storage, bucket: str, name: str, **more: Any) -> Any:
        if "customerEncryption" in fields.get(name, {}):
            said = "The target object is encrypted by a customer-supplied encryption key."
            raise ApiError(said, http_status=400, status="INVALID_ARGUMENT")
        return open_object(storage, bucket, name, **more)

    def objects(storage: Storage, bucket: str, prefix: str) -> Any:
        return map(described, list_objects(storage, bucket, prefix))

    patch.setattr(Projects, "get_iam_policy", iam)
    patch.setattr(Storage, "get_object", an_object)
    patch.setattr(Storage, "open_object", opened)
    patch.setattr(Storage, "list_objects", objects)
