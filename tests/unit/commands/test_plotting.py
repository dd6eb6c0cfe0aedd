"""Pictures of jobs. Tests that draw need matplotlib, which the development environment has from the lock."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from pulumi_gcp_tuning.cli.entry import app
from pulumi_gcp_tuning.commands import plotting
from pulumi_gcp_tuning.commands.plotting import draw_metrics
from pulumi_gcp_tuning.errors import Refused
from pulumi_gcp_tuning.review.scales import points_of
from support.audited_cloud import OTHER_SPEC, Cloud

STEPS: list[dict[str, Any]] = [
    {"step": 10, "/train_total_loss": 2.0, "/train_fraction_of_correct_next_step_preds": 0.5, "/eval_total_loss": 2.5},
    {"step": 20, "/train_total_loss": 0.0, "/train_fraction_of_correct_next_step_preds": 0.9},
]


@pytest.fixture
def jobs(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Two jobs of one display name, with metrics."""
    monkeypatch.setattr("pulumi_gcp_tuning.commands.connection.google_of", lambda _settings: cloud.google)
    monkeypatch.setattr("pulumi_gcp_tuning.commands.vertex_jobs.read_metrics", lambda _google, _job: STEPS)
    return [cloud.trained().id, cloud.job(**OTHER_SPEC).id]


def without_matplotlib(name: str) -> Any:
    raise ModuleNotFoundError(name)


def test_without_matplotlib_a_picture_is_refused_with_the_command_that_installs_it(
    jobs: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plotting, "import_module", without_matplotlib)
    done = CliRunner().invoke(app, ["plot", *jobs, "-o", str(tmp_path / "a.svg")])
    assert str(done.exception) == "Pictures need matplotlib: pip install 'pulumi-gcp-tuning[plot]'."


def test_without_a_picture_the_curves_are_shown_on_the_terminal_without_matplotlib(
    jobs: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plotting, "import_module", without_matplotlib)
    shown = CliRunner().invoke(app, ["plot", *jobs]).stdout
    assert shown.count("train loss (log scale)") == 2
    assert all(job.rpartition("/")[2] in shown for job in jobs)


@pytest.mark.parametrize(("file", "said"), [("a.gif", "neither SVG nor PNG"), ("missing/a.svg", "does not exist")])
def test_a_picture_that_cannot_be_written_is_refused_before_anything_is_read(
    tmp_path: Path, file: str, said: str
) -> None:
    with pytest.raises(Refused, match=said):
        draw_metrics({}, tmp_path / file)


def test_a_loss_of_zero_is_shown_at_the_end_of_a_log_scale_and_steps_without_a_value_are_left_out() -> None:
    assert points_of(STEPS, "/train_total_loss", least=1e-6) == [(10, 2.0), (20, 1e-6)]
    assert points_of(STEPS, "/eval_total_loss") == [(10, 2.5)]


@pytest.mark.parametrize("suffix", [".svg", ".png"])
def test_several_jobs_are_drawn_in_one_picture(tmp_path: Path, suffix: str) -> None:
    pytest.importorskip("matplotlib")
    file = tmp_path / f"jobs{suffix}"
    draw_metrics({"first": STEPS, "costs $5 or $6": STEPS}, file)
    content = file.read_bytes()
    assert content.startswith(b"\x89PNG") if suffix == ".png" else re.search(rb"<svg\b", content)


def test_a_picture_has_a_curve_for_each_metric_of_each_job(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    file = tmp_path / "jobs.svg"
    draw_metrics({"first": STEPS, "second": STEPS}, file)
    drawn = file.read_text()
    assert [
        drawn.count(f"<!-- {job}, {what} -->") for job in ("first", "second") for what in ("training", "evaluation")
    ] == [
        2,
        1,
        2,
        1,
    ]
