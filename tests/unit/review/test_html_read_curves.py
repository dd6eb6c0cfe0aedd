"""Whose curves a review has."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import typer
from typer.testing import CliRunner

from pulumi_gcp_tuning.cli import review as review_command
from pulumi_gcp_tuning.cli.review_curves import MOST_JOBS, read_curves
from pulumi_gcp_tuning.errors import ApiError, Refused
from pulumi_gcp_tuning.review.html import page
from pulumi_gcp_tuning.review.previews import Planned
from support.example_reviews import retrain_by_data

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PLACE = "projects/shop/locations/us-central1/tuningJobs"
STEPS = [{"step": 1, "/train_total_loss": 2.0}, {"step": 2, "/train_total_loss": 0.1, "/eval_total_loss": 0.3}]


def planned(
    kind: str, op: str, id_: str = "", old: Mapping[str, Any] | None = None, new: Mapping[str, Any] | None = None
) -> Planned:
    return Planned(
        urn=f"urn:pulumi:prod::support::pulumi-python:dynamic/gcptuning:{kind}::support{id_[-1:]}",
        op=op,
        id=id_,
        old_inputs=old or {},
        new_inputs=new or {},
        outputs={},
        needs=(),
        paths=(),
        replaces=(),
    )


def read(job: str) -> Sequence[Mapping[str, Any]]:
    return STEPS


def whose(*steps: Planned) -> list[tuple[str, str]]:
    return list(dict.fromkeys((curve.job, curve.of) for curve in read_curves(steps, read)))


def test_a_job_that_is_replaced_has_the_curves_of_the_model_in_use() -> None:
    curves = read_curves([planned("TuningJob", "replace", f"{PLACE}/1")], read)
    assert [(curve.of, curve.metric, curve.points) for curve in curves] == [
        ("in use", "train_total_loss", ((1, 2.0), (2, 0.1))),
        ("in use", "eval_total_loss", ((2, 0.3),)),
    ]


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("PipelineTuningJob", "projects/shop/locations/europe-west4/pipelineJobs/tune-1"),
        ("GeminiApiTunedModel", "tunedModels/gcp-tuning-1"),
    ],
)
def test_a_pipeline_and_a_model_of_the_gemini_api_have_their_curves_too(kind: str, name: str) -> None:
    assert whose(planned(kind, "replace", name)) == [("support1", "in use")]


def test_a_model_that_another_pipeline_tuned_shows_both_trainings() -> None:
    one, two = (f"projects/shop/locations/europe-west4/pipelineJobs/tune-{at}" for at in (1, 2))
    step = planned("TunedModel", "replace", one, {"tuningJob": one}, {"tuningJob": two})
    assert whose(step) == [("support1", "in use"), ("support1", "candidate")]


def test_a_new_job_has_no_curve() -> None:
    assert whose(planned("TuningJob", "create")) == []


def test_a_job_that_does_not_change_has_no_curve() -> None:
    assert whose(planned("TuningJob", "same", f"{PLACE}/1", new={"adopt": f"{PLACE}/1"})) == []


def test_a_job_that_is_adopted_is_a_candidate() -> None:
    assert whose(planned("TuningJob", "replace", f"{PLACE}/1", new={"adopt": f"{PLACE}/2"})) == [
        ("support1", "in use"),
        ("support1", "candidate"),
    ]


def test_a_model_of_another_job_shows_both_trainings() -> None:
    step = planned("TunedModel", "replace", f"{PLACE}/1", {"tuningJob": f"{PLACE}/1"}, {"tuningJob": f"{PLACE}/2"})
    assert whose(step) == [("support1", "in use"), ("support1", "candidate")]


def test_a_job_that_is_not_known_yet_is_not_read() -> None:
    step = planned("TunedModel", "replace", f"{PLACE}/1", {"tuningJob": f"{PLACE}/1"}, {"tuningJob": "04da6b54"})
    assert whose(step) == []


def test_a_job_without_metrics_has_no_curve_and_the_others_have_theirs() -> None:
    def refuses(job: str) -> Sequence[Mapping[str, Any]]:
        if job.endswith("1"):
            raise Refused("no metrics yet")
        return STEPS

    steps = [planned("TuningJob", "replace", f"{PLACE}/{at}") for at in (1, 2)]
    assert {curve.job for curve in read_curves(steps, refuses)} == {"support2"}


def test_nothing_more_is_read_if_google_cannot_be_reached() -> None:
    asked: list[str] = []

    def unreachable(job: str) -> Sequence[Mapping[str, Any]]:
        asked.append(job)
        raise ApiError("no route to host", http_status=0, status="UNAVAILABLE")

    steps = [planned("TuningJob", "replace", f"{PLACE}/{at}") for at in (1, 2, 3)]
    assert (read_curves(steps, unreachable), len(asked)) == ((), 1)


def test_the_metrics_of_a_limited_number_of_jobs_are_read() -> None:
    asked: list[str] = []

    def counted(job: str) -> Sequence[Mapping[str, Any]]:
        asked.append(job)
        return STEPS

    read_curves([planned("TuningJob", "replace", f"{PLACE}/{at}") for at in range(100)], counted)
    assert len(asked) == MOST_JOBS


def test_what_is_read_is_drawn() -> None:
    curves = read_curves([planned("TuningJob", "replace", f"{PLACE}/1")], read)
    assert "Loss (log scale): in use, training from 2 to 0.1; in use, evaluation" in page(
        replace(retrain_by_data(), curves=curves)
    )


def test_without_jinja2_nothing_is_previewed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    app = typer.Typer()
    app.command()(review_command.review)
    monkeypatch.setitem(sys.modules, "jinja2", None)
    done = CliRunner().invoke(app, ["--format", "html", "--pulumi", str(tmp_path / "no-cli")])
    assert isinstance(done.exception, Refused)
    assert str(done.exception) == "An HTML report needs jinja2: pip install 'pulumi-gcp-tuning[report]'."
