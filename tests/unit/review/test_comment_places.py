"""Where a comment goes, from the variables of the CI."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from pulumi_gcp_tuning.errors import Refused
from pulumi_gcp_tuning.review.comments.forges import find_place
from pulumi_gcp_tuning.review.comments.post import post_comment

if TYPE_CHECKING:
    from pathlib import Path

GITLAB = {
    "GITLAB_CI": "true",
    "CI_API_V4_URL": "https://gitlab.test/api/v4",
    "CI_PROJECT_ID": "11",
    "CI_MERGE_REQUEST_IID": "7",
}


def github(folder: Path, event: Any, **more: str) -> dict[str, str]:
    file = folder / "event.json"
    file.write_text(event if isinstance(event, str) else json.dumps(event))
    made = {"GITHUB_ACTIONS": "true", "GITHUB_REPOSITORY": "shop/tickets", "GITHUB_EVENT_PATH": str(file)}
    return made | more


def test_without_an_address_it_is_the_public_github(tmp_path: Path) -> None:
    place = find_place(github(tmp_path, {"pull_request": {"number": 7}}))
    assert place.api + place.comments == "https://api.github.com/repos/shop/tickets/issues/7/comments"


def test_github_enterprise_has_the_address_of_its_runner(tmp_path: Path) -> None:
    env = github(tmp_path, {"pull_request": {"number": 7}}, GITHUB_API_URL="https://ghe.test/api/v3/")
    assert find_place(env).api == "https://ghe.test/api/v3"


def test_a_comment_on_a_pull_request_starts_a_run_for_it(tmp_path: Path) -> None:
    env = github(tmp_path, {"issue": {"number": 8, "pull_request": {"url": "x"}}})
    assert find_place(env).number == 8


def test_a_merge_request_from_a_fork_has_its_notes_in_the_project_that_it_asks() -> None:
    env = GITLAB | {
        "CI_PROJECT_ID": "12",
        "CI_MERGE_REQUEST_PROJECT_ID": "11",
        "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "12",
    }
    place = find_place(env)
    assert place.comments == "/projects/11/merge_requests/7/notes"
    assert place.unprivileged


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ({"repo": {"full_name": "Shop/Tickets"}}, False),
        ({"repo": {"full_name": "stranger/tickets"}}, True),
        ({"repo": None}, True),
    ],
    ids=["same", "fork", "deleted fork"],
)
def test_a_fork_is_known_by_the_repository_of_its_head(tmp_path: Path, head: Any, expected: bool) -> None:  # noqa: FBT001
    assert find_place(github(tmp_path, {"pull_request": {"number": 7, "head": head}})).unprivileged is expected


def test_dependabot_has_the_rights_of_a_fork(tmp_path: Path) -> None:
    head = {"repo": {"full_name": "shop/tickets"}}
    env = github(tmp_path, {"pull_request": {"number": 7, "head": head}}, GITHUB_ACTOR="dependabot[bot]")
    assert find_place(env).unprivileged


def test_a_place_does_not_print_its_token(tmp_path: Path) -> None:
    env = github(tmp_path, {"pull_request": {"number": 7}}, GITHUB_TOKEN="ghs_secret0123456789")
    assert "ghs_secret" not in repr(find_place(env))


@pytest.mark.parametrize(
    ("event", "more", "said"),
    [
        ({"ref": "refs/heads/main"}, {"GITHUB_EVENT_NAME": "push"}, "this run is for the event push"),
        ({"issue": {"number": 8}}, {"GITHUB_EVENT_NAME": "issue_comment"}, "for the event issue_comment"),
        ({"pull_request": {"number": "7"}}, {}, "no pull request"),
        ({"pull_request": {"number": True}}, {}, "no pull request"),
        ([], {}, "no pull request"),
        ('{"pull_request": {"num', {}, "cannot be read (JSONDecodeError)"),
        ({}, {"GITHUB_EVENT_PATH": "/nowhere"}, "cannot be read (FileNotFoundError)"),
        ({}, {"GITHUB_EVENT_PATH": ""}, "GITHUB_EVENT_PATH is not set"),
        ({}, {"GITHUB_REPOSITORY": "shop/tickets/../.."}, "not OWNER/NAME"),
        ({"pull_request": {"number": 7}}, {"GITHUB_API_URL": "http://ghe.test"}, "plain http is for this machine only"),
    ],
)
def test_a_variable_of_github_that_cannot_be_used_is_named(
    tmp_path: Path, event: Any, more: dict[str, str], said: str
) -> None:
    with pytest.raises(Refused, match=re.escape(said)):
        find_place(github(tmp_path, event, **more))


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"CI_MERGE_REQUEST_IID": "", "CI_PIPELINE_SOURCE": "push"}, "this pipeline's source is push"),
        ({"CI_MERGE_REQUEST_IID": "7/../8"}, "CI_MERGE_REQUEST_IID is '7/../8', not a number"),
        ({"CI_PROJECT_ID": "shop%2Ftickets"}, "not a number"),
        ({"CI_API_V4_URL": ""}, "CI_API_V4_URL"),
        ({"CI_API_V4_URL": "https://user:word@gitlab.test"}, "must not contain a user name or password"),
    ],
)
def test_a_variable_of_gitlab_that_cannot_be_used_is_named(more: dict[str, str], said: str) -> None:
    with pytest.raises(Refused, match=re.escape(said)):
        find_place(GITLAB | more)


def test_a_laptop_is_told_that_there_is_no_pull_request_and_gets_the_file(tmp_path: Path) -> None:
    done = post_comment("OK\n", {}, project="tickets", stack="dev", artifact=tmp_path / "report.md")
    assert done.exit_code == 5
    assert "neither the variables of GitHub Actions" in done.sentence
    assert (tmp_path / "report.md").read_text() == "OK\n"
