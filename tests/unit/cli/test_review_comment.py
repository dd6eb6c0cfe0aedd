"""``gcp-tuning review --comment``: what the comment holds, and the exit codes."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

import pulumi_gcp_tuning.review.previews
from pulumi_gcp_tuning.cli.entry import app, main
from pulumi_gcp_tuning.errors import Refused
from support.stand_in_forge import StandInForge

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_httpserver import HTTPServer

PREVIEW = '{"steps": [], "changeSummary": {}}'


@pytest.fixture
def forge(httpserver: HTTPServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StandInForge:
    """The run of a pull request in a project's folder, with the file of a preview."""
    made = StandInForge(httpserver, "GitHub")
    for name, value in made.env(tmp_path).items():
        monkeypatch.setenv(name, value)
    (tmp_path / "Pulumi.yaml").write_text("name: tickets\nruntime: python\n")
    (tmp_path / "preview.json").write_text(PREVIEW)
    monkeypatch.chdir(tmp_path)
    return made


def review(*arguments: str) -> Any:
    return CliRunner().invoke(app, ["review", "--stack", "dev", "--comment", *arguments])


def test_the_comment_holds_the_report_under_a_marker_of_project_and_stack(forge: StandInForge) -> None:
    done = review("--preview-json", "preview.json")
    assert forge.bodies == [f"<!-- gcp-tuning review tickets/dev -->\n{done.stdout}"]
    assert "The comment on pull request 7 was created." in done.stderr


def test_the_comment_is_markdown_whatever_the_form_of_the_file(forge: StandInForge, tmp_path: Path) -> None:
    review("--preview-json", "preview.json", "--format", "json", "-o", "review.json")
    assert json.loads((tmp_path / "review.json").read_text())["stack"] == "dev"
    assert "**" in forge.bodies[0]


def test_a_comment_that_cannot_be_written_has_an_exit_code_of_its_own(forge: StandInForge) -> None:
    forge.may_write = False
    done = review("--preview-json", "preview.json")
    assert done.exit_code == 5
    assert "`pull-requests: write`" in done.stderr


def test_a_review_that_ends_early_replaces_an_earlier_comment(forge: StandInForge, tmp_path: Path) -> None:
    review("--preview-json", "preview.json")
    (tmp_path / "preview.json").write_text('{"steps": [')
    done = review("--preview-json", "preview.json")
    assert done.exit_code == 4
    [body] = forge.bodies
    assert "**BLOCK**: there is no review of stack `dev`." in body
    assert "cut off" in body


@pytest.mark.parametrize(
    ("where", "arguments", "error"),
    [
        ("pulumi_gcp_tuning.review.judging.review_of", (), RecursionError()),
        ("pulumi_gcp_tuning.review.markdown.markdown", (), ValueError("hunter2")),
        ("pulumi_gcp_tuning.review.html.page", ("--format", "html", "-o", "r.html"), KeyError("hunter2")),
        ("pulumi_gcp_tuning.review.html.check_page", ("--format", "html", "-o", "r.html"), Refused("No jinja2.")),
        ("pulumi_gcp_tuning.review.previews.preview_of", ("-o", "r.md"), Refused("Another version.")),
        ("pulumi_gcp_tuning.review.previews.preview_of", ("-o", "r.md"), KeyboardInterrupt()),
        (None, ("-o", "no-such-folder/r.md"), None),
    ],
)
def test_no_earlier_report_stays_whatever_ends_a_review(
    forge: StandInForge,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    where: str | None,
    arguments: tuple[str, ...],
    error: BaseException | None,
) -> None:
    forge.add("<!-- gcp-tuning review tickets/dev -->\n✅ **OK**")
    for name in ("r.md", "r.html"):
        (tmp_path / name).write_text("OK")

    def fails(*_: object, **__: object) -> None:
        assert error is not None
        raise error

    if where is not None:
        monkeypatch.setattr(where, fails)
    done = review("--preview-json", "preview.json", *arguments)
    assert done.exit_code != 0
    [body] = forge.bodies
    assert "there is no review of stack `dev`." in body
    assert "hunter2" not in body
    for name in ("r.md", "r.html"):
        if name in arguments:
            assert not (tmp_path / name).exists() or "no review" in (tmp_path / name).read_text()


def test_while_a_review_is_made_the_earlier_one_is_withdrawn(
    forge: StandInForge, monkeypatch: pytest.MonkeyPatch
) -> None:
    forge.add("<!-- gcp-tuning review tickets/dev -->\n✅ **OK**")
    seen: list[str] = []
    read = pulumi_gcp_tuning.review.previews.preview_of

    def looks(*asked: Any) -> Any:
        seen.extend(forge.bodies)
        return read(*asked)

    monkeypatch.setattr(pulumi_gcp_tuning.review.previews, "preview_of", looks)
    review("--preview-json", "preview.json")
    assert "being made" in seen[0]
    assert "being made" not in forge.bodies[0]


def test_no_report_is_in_the_summary_of_a_run_that_may_not_comment(forge: StandInForge, tmp_path: Path) -> None:
    forge.may_write = False
    (tmp_path / "preview.json").write_text("{")
    review("--preview-json", "preview.json")
    assert "there is no review" in (tmp_path / "summary.md").read_text()


def test_a_folder_without_a_project_has_no_comment(forge: StandInForge, tmp_path: Path) -> None:
    (tmp_path / "Pulumi.yaml").unlink()
    done = review("--preview-json", "preview.json")
    assert done.exit_code == 5
    assert "The comment was not written. There is no Pulumi.yaml" in done.stderr


@pytest.mark.parametrize("project", ["name: [", "runtime: python"])
@pytest.mark.parametrize(("others", "stays"), [(["tickets/prod", "tickets/my-dev"], 0), (["billing/dev"], 1)])
def test_a_project_that_cannot_be_read_leaves_no_earlier_report_of_its_only_stack_of_that_name(
    forge: StandInForge, tmp_path: Path, project: str, others: list[str], stays: int
) -> None:
    for named in ("tickets/dev", *others):
        forge.add(f"<!-- gcp-tuning review {named} -->\n✅ **OK**")
    (tmp_path / "Pulumi.yaml").write_text(project)
    (tmp_path / "preview.json").write_text("{")
    assert review("--preview-json", "preview.json").exit_code == 4
    first, *rest = forge.bodies
    assert ("OK" in first, "there is no review" in first) == (bool(stays), not stays)
    assert all("OK" in each for each in rest)


def test_a_comment_needs_the_name_of_the_stack(forge: StandInForge) -> None:
    done = CliRunner().invoke(app, ["review", "--comment", "--preview-json", "preview.json"])
    assert isinstance(done.exception, Refused)
    assert "--comment needs --stack" in str(done.exception)
    assert forge.requests == []


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--stack", "dev", "--comment", "--fail-onn", "cost", "-o", "r.md"), 2),
        (("--stack=dev", "--coment", "--output=r.md"), 2),
        (("--comment", "--stack", "dev", "--format", "pdf", "-or.md"), 2),
        (("--cwd", ".", "--stack", "organization/tickets/dev", "--comment", "-o", "r.md", "extra"), 2),
        (("--stack", "dev", "--comment", "-o", "r.md", "--policy-pack", "ya29.hunter2hunter2hunter2hunter2"), 1),
    ],
)
def test_no_earlier_report_stays_after_a_wrong_option(
    forge: StandInForge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], code: int
) -> None:
    forge.add("<!-- gcp-tuning review tickets/dev -->\n✅ **OK**")
    (tmp_path / "r.md").write_text("OK")
    monkeypatch.setattr(sys, "argv", ["gcp-tuning", "review", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == code
    [body] = forge.bodies
    assert "there is no review of stack" in body
    assert "hunter2" not in body
    assert not (tmp_path / "r.md").exists() or "no review" in (tmp_path / "r.md").read_text()


def test_a_wrong_option_without_a_comment_writes_none(forge: StandInForge, monkeypatch: pytest.MonkeyPatch) -> None:
    for arguments in (["--stack", "dev", "--bogus"], ["--comment", "--bogus"]):
        monkeypatch.setattr(sys, "argv", ["gcp-tuning", "review", *arguments])
        with pytest.raises(SystemExit):
            main()
    assert forge.requests == []
