"""A review on a terminal: laid out, with nothing folded, and without control characters."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from pulumi_gcp_tuning.cli import review_terminal
from pulumi_gcp_tuning.cli.review import _write
from support.golden_reviews import FOLDER


def shown(report: str, width: int = 100) -> str:
    console = Console(file=io.StringIO(), force_terminal=True, color_system=None, width=width)
    review_terminal.show(report, console)
    return console.file.getvalue()  # type: ignore[attr-defined, no-any-return]


@pytest.mark.parametrize("name", ["retrain-by-data", "a-full-quota", "2000-resources"])
@pytest.mark.parametrize("width", [60, 200])
def test_a_report_is_laid_out_without_markup_and_fits_the_terminal(name: str, width: int) -> None:
    report = (FOLDER / f"{name}.md").read_text(encoding="utf-8")
    text = shown(report[:12_000].rpartition("\n")[0], width)
    assert not any(mark in text for mark in ("**", "###", "| ---", "`", "\\_"))
    assert max(map(len, text.splitlines())) <= min(width, 120)


def test_no_section_is_folded() -> None:
    text = shown((FOLDER / "retrain-by-data.md").read_text(encoding="utf-8"))
    assert "Region and encryption" in text
    assert "<details>" not in text


def test_a_value_does_not_move_the_cursor() -> None:
    assert "\x1b" not in shown("a \x1b[2J b\r c")


@pytest.mark.parametrize(("terminal", "told"), [(True, "•"), (False, "- b")])
def test_a_pipe_gets_markdown(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], told: str, *, terminal: bool
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: terminal)
    _write("- b\n", None, is_markdown=True)
    assert told in capsys.readouterr().out


def test_json_on_a_terminal_is_json(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    _write("{}\n", None, is_markdown=False)
    assert capsys.readouterr().out == "{}\n"
