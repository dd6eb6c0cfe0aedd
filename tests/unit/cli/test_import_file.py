"""What ``gcp-tuning adopt --import-file`` writes of a foreign job is a whole state: compared and destroyed straight after."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pulumi_gcp_tuning.cli.import_file import find_existing, import_file_of
from pulumi_gcp_tuning.grammar import snake
from pulumi_gcp_tuning.resources.core.run import Run
from pulumi_gcp_tuning.resources.jobs.kinds import JOB_KINDS
from pulumi_gcp_tuning.resources.registry import lifecycle_of
from support.hand_made_google import urn
from support.jobs_of_a_kind import Jobs


class Imported:
    """A job without labels that somebody started, and the entries of its import file."""

    def __init__(self, kind: Any, *, ended: bool) -> None:
        self.jobs, self.ended = Jobs(kind), ended
        self.google, self.id = self.jobs.google, str(self.jobs.create().id)
        self.google.jobs[self.id]["labels"] = {}
        if ended:
            self.google.succeed(self.id)
        self.google.facts.clear()
        job = self.google.jobs[self.id]
        self.entries = json.loads(import_file_of(find_existing(self.jobs.call(), job, "bot", "shop-dev")))["resources"]

    def __iter__(self) -> Iterator[tuple[Any, Any, dict[str, Any], dict[str, Any]]]:
        """The resource, its call, and the entry with its outputs, as a run has them; what depends on others comes first."""
        run = Run()
        for entry in reversed(self.entries):
            name = entry["type"].rpartition(":")[2]
            call = self.jobs.call(urn=urn(name, entry["logicalName"]), run=run)
            yield (
                lifecycle_of(snake(name)),
                call,
                entry,
                {k: v for k, v in entry["outputs"].items() if k != "__provider"},
            )


@pytest.fixture(
    params=[(kind, ended) for kind in JOB_KINDS for ended in (True, False)], ids=lambda p: f"{p[0].resource}-{p[1]}"
)
def imported(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Imported:
    monkeypatch.chdir(tmp_path)
    kind, ended = request.param
    return Imported(kind, ended=ended)


def test_the_file_has_the_job_and_its_model_and_the_next_preview_replaces_nothing(imported: Imported) -> None:
    assert imported.entries[0]["id"] == imported.id
    assert [entry["type"].rpartition(":")[2] for entry in imported.entries[1:]] == ["TunedModel"] * bool(
        imported.google.models
    )
    for frame, call, entry, outputs in imported:
        declared = {key: value for key, value in entry["inputs"].items() if key != "__provider"}
        checked = frame.check(call, outputs, {**declared, "deletionPolicy": "DELETE", "resourceUrn": call.urn})
        assert [str(each) for each in checked.findings if each.severity == "error"] == []
        difference = frame.diff(call, entry["id"], outputs, checked.inputs)
        assert (difference.changed, list(difference.replaces)) == (None, [])


def test_what_was_imported_is_destroyed_straight_after(imported: Imported) -> None:
    for frame, call, entry, outputs in imported:
        frame.delete(call, entry["id"], outputs)
    assert (imported.google.models, imported.google.endpoints) == ({}, {})
    job = imported.google.jobs.get(imported.id)
    assert job is None or not imported.jobs.kind.state_of(job).is_active


@pytest.mark.parametrize("kind", JOB_KINDS, ids=lambda kind: kind.resource)
def test_the_file_of_a_job_whose_model_was_deleted_has_the_job_alone(
    kind: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    jobs = Jobs(kind)
    job = str(jobs.create().id)
    jobs.google.succeed(job)
    jobs.google.models.clear()
    jobs.google.facts.clear()
    found = find_existing(jobs.call(urn=""), jobs.google.jobs[job], "bot", "shop-dev")
    assert [each.type_name for each in found] == [kind.resource]
