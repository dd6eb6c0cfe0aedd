"""GitHub and GitLab: where the comments of a run's pull request are, from the variables of its CI."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

from pulumi_gcp_tuning.errors import Refused
from pulumi_gcp_tuning.origins import parse_base_url
from pulumi_gcp_tuning.redaction import remember

_BODY_OF_GITHUB: Final = 65_536
_BODY_OF_GITLAB: Final = 1_000_000
_WITHOUT_SECRETS: Final = "dependabot[bot]"  # GitHub treats its pull requests as those of a fork


@dataclass(frozen=True)
class Forge:
    """What differs between the forges."""

    name: Literal["GitHub", "GitLab"]
    request: str
    edit: Literal["PATCH", "PUT"]
    author: str
    limit: int
    headers: Mapping[str, str]
    token_variable: str
    no_token: str
    forbidden: str


GITHUB: Final = Forge(
    name="GitHub",
    request="pull request",
    edit="PATCH",
    author="user",
    limit=_BODY_OF_GITHUB,
    headers={"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"},
    token_variable="GITHUB_TOKEN",
    no_token="Give the step `GITHUB_TOKEN: ${{ github.token }}` under `env`.",
    forbidden="Give the job `pull-requests: write` under `permissions`.",
)
GITLAB: Final = Forge(
    name="GitLab",
    request="merge request",
    edit="PUT",
    author="author",
    limit=_BODY_OF_GITLAB,
    headers={"Accept": "application/json"},
    token_variable="GITLAB_TOKEN",
    no_token=(
        "Make a project access token with the role Reporter and the scope `api`, and store it as the masked variable "
        "GITLAB_TOKEN, not protected. CI_JOB_TOKEN cannot write comments."
    ),
    forbidden="GITLAB_TOKEN needs the scope `api` and at least the role Reporter in the project of the merge request.",
)


@dataclass(frozen=True)
class Place:
    """The comments of one pull request. ``unprivileged``: the run may lack the secrets, because the change comes from a fork."""

    forge: Forge
    api: str
    comments: str
    comment: str
    number: int
    unprivileged: bool
    token: str | None = field(repr=False)


def find_place(env: Mapping[str, str]) -> Place:
    """The place of this CI run's comments. Raises Refused without a pull request or if a variable cannot be read."""
    if env.get("GITHUB_ACTIONS") == "true" or ("GITHUB_REPOSITORY" in env and "GITLAB_CI" not in env):
        return _on_github(env)
    if "GITLAB_CI" in env or "CI_API_V4_URL" in env:
        return _on_gitlab(env)
    raise Refused(
        "There is no pull request to comment on: neither the variables of GitHub Actions (GITHUB_REPOSITORY, "
        "GITHUB_EVENT_PATH) nor those of GitLab CI (CI_API_V4_URL, CI_MERGE_REQUEST_IID) are set."
    )


def _on_github(env: Mapping[str, str]) -> Place:
    repository = env.get("GITHUB_REPOSITORY", "")
    if not re.fullmatch(r"[\w.-]+/[\w.-]+", repository):
        raise Refused(f"GITHUB_REPOSITORY is {repository!r}, not OWNER/NAME.")
    event = _event(env.get("GITHUB_EVENT_PATH", ""))
    asked = _object(event.get("pull_request"))
    issue = _object(event.get("issue"))
    number = asked.get("number") if asked else issue.get("number") if issue.get("pull_request") else None
    if not isinstance(number, int) or isinstance(number, bool):
        name = env.get("GITHUB_EVENT_NAME") or "unknown"
        raise Refused(f"There is no pull request to comment on: this run is for the event {name}.")
    api = _address("GITHUB_API_URL", env.get("GITHUB_API_URL") or "https://api.github.com")
    return Place(
        forge=GITHUB,
        api=api,
        comments=f"/repos/{repository}/issues/{number}/comments",
        comment=f"/repos/{repository}/issues/comments",
        number=number,
        unprivileged=_is_from_fork(asked, repository) or env.get("GITHUB_ACTOR") == _WITHOUT_SECRETS,
        token=_token(env, GITHUB),
    )


def _on_gitlab(env: Mapping[str, str]) -> Place:
    number = env.get("CI_MERGE_REQUEST_IID", "")
    if not number:
        source = env.get("CI_PIPELINE_SOURCE") or "unknown"
        raise Refused(
            f"There is no merge request to comment on: this pipeline's source is {source}. "
            "Run the job for merge requests: `rules: [{if: $CI_PIPELINE_SOURCE == 'merge_request_event'}]`."
        )
    # A pipeline of a fork runs in the fork; the merge request is in the project that it asks.
    project = env.get("CI_MERGE_REQUEST_PROJECT_ID") or env.get("CI_PROJECT_ID", "")
    for name, value in (("CI_MERGE_REQUEST_IID", number), ("CI_PROJECT_ID", project)):
        if not re.fullmatch(r"[0-9]{1,18}", value):
            raise Refused(f"{name} is {value!r}, not a number.")
    notes = f"/projects/{project}/merge_requests/{number}/notes"
    return Place(
        forge=GITLAB,
        api=_address("CI_API_V4_URL", env.get("CI_API_V4_URL", "")),
        comments=notes,
        comment=notes,
        number=int(number),
        unprivileged=env.get("CI_MERGE_REQUEST_SOURCE_PROJECT_ID", project) != project,
        token=_token(env, GITLAB),
    )


def _token(env: Mapping[str, str], forge: Forge) -> str | None:
    token = env.get(forge.token_variable, "").strip()
    remember(token)
    if re.search(r"[^!-~]", token):
        raise Refused(
            f"{forge.token_variable} has a character that no token has. It is not shown; store the token again."
        )
    return token or None


def _event(path: str) -> dict[str, Any]:
    if not path:
        raise Refused("There is no pull request to comment on: GITHUB_EVENT_PATH is not set.")
    try:
        read = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Refused(f"The event in GITHUB_EVENT_PATH cannot be read ({type(error).__name__}).") from None
    return _object(read)


def _is_from_fork(asked: Mapping[str, Any], repository: str) -> bool:
    """A fork that was deleted has no repository any more."""
    head = _object(_object(asked.get("head")).get("repo"))
    return bool(asked) and str(head.get("full_name")).lower() != repository.lower()


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _address(name: str, text: str) -> str:
    try:
        return parse_base_url(text)
    except ValueError as error:
        raise Refused(f"{name}: {error}.") from None
