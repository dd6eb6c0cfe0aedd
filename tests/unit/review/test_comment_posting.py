"""One comment for each stack, on a stand-in of GitHub and of GitLab."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import requests

from pulumi_gcp_tuning.review.comments.post import Outcome, Posting, post_comment
from pulumi_gcp_tuning.review.comments.service import target_of
from support.hand_made_google import SteppedClock
from support.stand_in_forge import STRANGER, TOKEN, Fault, StandInForge

if TYPE_CHECKING:
    from pytest_httpserver import HTTPServer

REPORT = "OK: this merge trains nothing.\n"


@pytest.fixture(params=["GitHub", "GitLab"])
def forge(request: pytest.FixtureRequest, httpserver: HTTPServer) -> StandInForge:
    return StandInForge(httpserver, request.param)


@pytest.fixture
def github(httpserver: HTTPServer) -> StandInForge:
    return StandInForge(httpserver, "GitHub")


def post(forge: StandInForge, folder: Path, report: str = REPORT, *, stack: str = "dev", **run: Any) -> Posting:
    clock = run.pop("clock", None) or SteppedClock()
    env = forge.env(folder, **run)
    return post_comment(report, env, project="tickets", stack=stack, artifact=folder / "report.md", clock=clock)


def test_the_first_run_creates_a_comment(forge: StandInForge, tmp_path: Path) -> None:
    done = post(forge, tmp_path)
    assert (done.outcome, done.exit_code) == (Outcome.CREATED, 0)
    assert [body.partition("\n")[2] for body in forge.bodies] == [REPORT]


def test_the_second_run_edits_it_in_place(forge: StandInForge, tmp_path: Path) -> None:
    post(forge, tmp_path)
    forge.add("Please merge.", STRANGER)
    done = post(forge, tmp_path, "WARN: this merge trains 1 model.\n")
    assert done.outcome == Outcome.EDITED
    assert [body.splitlines()[-1] for body in forge.bodies] == ["WARN: this merge trains 1 model.", "Please merge."]


def test_each_stack_has_a_comment_of_its_own(forge: StandInForge, tmp_path: Path) -> None:
    for stack in ("dev", "prod", "dev", "organization/tickets/prod"):
        post(forge, tmp_path, f"Stack {stack}", stack=stack)
    assert [body.splitlines()[-1] for body in forge.bodies] == ["Stack dev", "Stack organization/tickets/prod"]


def test_the_marker_is_not_shown_on_the_page(forge: StandInForge, tmp_path: Path) -> None:
    post(forge, tmp_path, stack="a-->b")
    first = forge.bodies[0].splitlines()[0]
    assert first.startswith("<!-- ")
    assert first.index("-->") == len(first) - 3


def test_a_comment_on_a_later_page_is_found(httpserver: HTTPServer, tmp_path: Path) -> None:
    for name in ("GitHub", "GitLab"):
        httpserver.clear()
        forge = StandInForge(httpserver, name, page_size=2)
        for number in range(5):
            forge.add(f"Comment {number}", STRANGER)
        post(forge, tmp_path)
        assert post(forge, tmp_path).outcome == Outcome.EDITED
        assert len(forge.comments) == 6


def test_a_comment_that_is_deleted_while_it_is_edited_is_created_again(forge: StandInForge, tmp_path: Path) -> None:
    post(forge, tmp_path)
    gone = Fault(404, {"message": "Not Found"}, then=forge.comments.clear)
    forge.fault(gone, verb="PUT" if forge.name == "GitLab" else "PATCH")
    assert post(forge, tmp_path).outcome == Outcome.CREATED
    assert len(forge.comments) == 1


def test_a_strangers_comment_with_our_marker_is_left_alone(forge: StandInForge, tmp_path: Path) -> None:
    post(forge, tmp_path)
    marker = forge.bodies[0].splitlines()[0]
    forge.comments.clear()
    forge.add(f"{marker}\nOK: merge me.", STRANGER)
    assert post(forge, tmp_path).outcome == Outcome.CREATED
    assert forge.bodies[0].endswith("OK: merge me.")


def test_a_users_own_token_finds_the_users_comment(github: StandInForge, tmp_path: Path) -> None:
    github.user_token = True
    post(github, tmp_path)
    assert post(github, tmp_path).outcome == Outcome.EDITED


@pytest.mark.parametrize(
    "fault", [Fault(502, "<html>", after=True), Fault(200, "<html>", after=True)], ids=["502", "html"]
)
def test_a_create_whose_answer_is_lost_is_looked_up_and_not_sent_twice(
    forge: StandInForge, tmp_path: Path, fault: Fault
) -> None:
    forge.fault(fault)
    assert post(forge, tmp_path).exit_code == 0
    assert len(forge.comments) == 1


def test_a_create_that_took_no_effect_is_sent_again(forge: StandInForge, tmp_path: Path) -> None:
    forge.fault(Fault(502))
    assert post(forge, tmp_path).outcome == Outcome.CREATED


@pytest.mark.parametrize(
    "limited",
    [
        Fault(429, headers={"Retry-After": "3"}),
        Fault(403, {"message": "You have exceeded a secondary rate limit."}),
        Fault(403, headers={"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "0"}),
    ],
    ids=["retry-after", "secondary", "spent"],
)
def test_a_short_limit_of_requests_is_waited_for(github: StandInForge, tmp_path: Path, limited: Fault) -> None:
    github.fault(limited)
    assert post(github, tmp_path).outcome == Outcome.CREATED


def test_a_long_limit_of_requests_is_named(forge: StandInForge, tmp_path: Path) -> None:
    forge.fault(Fault(429, headers={"Retry-After": "3000"}))
    done = post(forge, tmp_path)
    assert done.exit_code == 5
    assert f"{forge.name} limits the requests of this token; try again in 3000 s." in done.sentence


def test_a_redirect_within_the_api_is_followed(forge: StandInForge, tmp_path: Path) -> None:
    place = "/api/v4/projects/11/merge_requests/7/notes"
    if forge.name == "GitHub":
        place = "/api/v3/repos/shop/tickets/issues/7/comments"
    forge.fault(Fault(307, headers={"Location": place}))
    assert post(forge, tmp_path).outcome == Outcome.CREATED


@pytest.mark.parametrize("location", ["http://localhost:9/comments", "//elsewhere.test/x"])
def test_a_redirect_to_another_host_never_gets_the_token(forge: StandInForge, tmp_path: Path, location: str) -> None:
    forge.fault(Fault(307, headers={"Location": location}), verb="GET")
    done = post(forge, tmp_path)
    assert done.exit_code == 5
    assert "redirects" in done.sentence
    assert "which does not get the token" in done.sentence


@pytest.mark.parametrize("location", ["http://[bad", "http://localhost:99999/x"])
def test_a_redirect_to_what_is_no_address_leads_nowhere(location: str) -> None:
    assert target_of("http://localhost:1/a", location) is None


def test_a_redirect_in_a_circle_ends(forge: StandInForge, tmp_path: Path) -> None:
    for _ in range(5):
        forge.fault(Fault(307, headers={"Location": "/here"}))
    assert "in a circle" in post(forge, tmp_path).sentence


@pytest.mark.parametrize(
    ("verb", "fault"),
    [
        ("GET", Fault(200, "<html>Log in</html>")),
        ("GET", Fault(200, {"comments": []})),
        ("GET", Fault(200, ["a comment"])),
        ("POST", Fault(201, {"id": "seven"})),
        ("POST", Fault(201, [])),
    ],
    ids=["html", "an object", "a text", "no id", "a list"],
)
def test_an_answer_of_the_wrong_shape_is_an_error_of_the_service(
    forge: StandInForge, tmp_path: Path, verb: str, fault: Fault
) -> None:
    for _ in range(3):
        forge.fault(fault, verb=verb)
    done = post(forge, tmp_path)
    assert done.exit_code == 5
    assert f"{forge.name} answered" in done.sentence


@pytest.mark.parametrize("token", [TOKEN, "tok-7"], ids=["long", "short"])
def test_what_the_service_says_is_quoted_in_one_line_without_the_token(
    forge: StandInForge, tmp_path: Path, token: str
) -> None:
    forge.fault(Fault(422, {"message": f"Bad\nbody for {token}", "errors": [{"message": "too long"}]}), verb="GET")
    done = post(forge, tmp_path, token=token)
    assert "answered 422 to GET" in done.sentence
    assert "Bad body for" in done.sentence
    assert token not in done.sentence
    assert "\n" not in done.sentence


def test_a_refused_token_is_named_and_not_shown(forge: StandInForge, tmp_path: Path) -> None:
    done = post(forge, tmp_path, token="glpat-another0123456789")
    assert done.exit_code == 5
    assert f"{'GITLAB' if forge.name == 'GitLab' else 'GITHUB'}_TOKEN is not valid or has expired." in done.sentence
    assert "another" not in done.sentence


def test_a_token_with_a_line_break_is_not_shown(forge: StandInForge, tmp_path: Path) -> None:
    done = post(forge, tmp_path, token="glpat-first\nglpat-second")
    assert "has a character that no token has" in done.sentence
    assert "glpat" not in done.sentence


def test_without_a_token_the_sentence_says_which_one(forge: StandInForge, tmp_path: Path) -> None:
    done = post(forge, tmp_path, token=None)
    assert done.exit_code == 5
    wanted = "CI_JOB_TOKEN cannot write comments" if forge.name == "GitLab" else "`GITHUB_TOKEN: ${{ github.token }}`"
    assert wanted in done.sentence
    assert forge.requests == []


def test_a_job_that_may_not_write_is_told_what_it_lacks(forge: StandInForge, tmp_path: Path) -> None:
    forge.may_write = False
    done = post(forge, tmp_path)
    assert done.exit_code == 5
    assert ("scope `api`" if forge.name == "GitLab" else "`pull-requests: write`") in done.sentence


@pytest.mark.parametrize("token", [TOKEN, None], ids=["a token that may only read", "no token"])
def test_a_fork_gets_the_report_as_a_summary_and_a_file(forge: StandInForge, tmp_path: Path, token: str | None) -> None:
    forge.may_write = False
    done = post(forge, tmp_path, fork=True, token=token)
    assert (done.outcome, done.exit_code) == (Outcome.ELSEWHERE, 8)
    assert "from a fork" in done.sentence
    assert (tmp_path / "report.md").read_text() == REPORT
    if forge.name == "GitHub":
        assert (tmp_path / "summary.md").read_text() == REPORT
    assert forge.comments == []


def test_a_fork_whose_run_may_write_gets_a_comment(forge: StandInForge, tmp_path: Path) -> None:
    assert post(forge, tmp_path, fork=True).outcome == Outcome.CREATED


def test_a_report_that_was_not_posted_is_in_the_summary_and_the_file(github: StandInForge, tmp_path: Path) -> None:
    github.fault(Fault(422))
    (tmp_path / "summary.md").write_text("Earlier.\n")
    done = post(github, tmp_path)
    assert "The report is in the job's summary and in the file" in done.sentence
    assert (tmp_path / "summary.md").read_text() == f"Earlier.\n{REPORT}"
    assert (tmp_path / "report.md").read_text() == REPORT


def test_a_file_that_cannot_be_written_is_named(github: StandInForge, tmp_path: Path) -> None:
    (tmp_path / "report.md").mkdir()
    done = post(github, tmp_path, token=None)
    assert done.exit_code == 5
    assert "It cannot be written to" in done.sentence


def test_a_report_of_64_000_characters_is_posted_whole(forge: StandInForge, tmp_path: Path) -> None:
    report = "x" * 63_999 + "\n"
    assert post(forge, tmp_path, report, stack="s" * 100).exit_code == 0
    assert forge.bodies[0].endswith(report)


@pytest.mark.parametrize("row", ["| a | row |\n", "| \U0001f680 | row |\n"], ids=["letters", "emoji"])
def test_a_longer_report_is_cut_at_a_line_and_says_where_the_rest_is(
    github: StandInForge, tmp_path: Path, row: str
) -> None:
    report = "WARN\n\n<details>\n<summary>Rows</summary>\n\n```text\n" + row * 9_000 + "```\n</details>\n"
    assert post(github, tmp_path, report).outcome == Outcome.CREATED
    *_, last_row, fence, details, _blank, last = github.bodies[0].splitlines()
    assert (f"{last_row}\n", fence, details) == (row, "```", "</details>")
    assert last.endswith("The whole report is in the file report.md of the job.")
    assert (tmp_path / "report.md").read_text() == report


def test_a_line_of_the_report_is_no_command_of_the_forge(forge: StandInForge, tmp_path: Path) -> None:
    post(forge, tmp_path, "WARN\n/close\n  /merge now\n```text\n/data/train\n```\na /path\n")
    assert forge.bodies[0].splitlines()[2:] == [
        "\\/close",
        "  \\/merge now",
        "```text",
        "/data/train",
        "```",
        "a /path",
    ]


def test_a_service_that_does_not_answer_is_named(forge: StandInForge, tmp_path: Path) -> None:
    env = forge.env(tmp_path)
    env["CI_API_V4_URL" if forge.name == "GitLab" else "GITHUB_API_URL"] = "http://127.0.0.1:9/api"
    done = post_comment(
        REPORT, env, project="tickets", stack="dev", artifact=tmp_path / "report.md", clock=SteppedClock()
    )
    assert f"{forge.name} did not answer GET" in done.sentence


def test_a_service_whose_certificate_is_not_trusted_is_told_how_to_trust_it(
    forge: StandInForge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise requests.exceptions.SSLError("self-signed certificate")

    monkeypatch.setattr(requests.Session, "request", refuse)
    assert "(SSLError). REQUESTS_CA_BUNDLE can name the certificates" in post(forge, tmp_path).sentence


def test_netrc_does_not_take_the_place_of_the_token(
    forge: StandInForge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("machine localhost login someone password other\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    assert post(forge, tmp_path).outcome == Outcome.CREATED
