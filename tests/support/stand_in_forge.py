"""GitHub and GitLab on this machine: the comments of one pull request, kept as the real services keep them.

forge = StandInForge(server, "GitHub")        # server is the fixture ``httpserver``
forge.env(tmp_path)                           # the variables of a CI run on its pull request
forge.comments                                # what a page of the pull request shows, oldest first
forge.fault(Fault(502), verb="POST")          # the next such request is answered with this
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from werkzeug import Request, Response

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_httpserver import HTTPServer

TOKEN = "ghs_SandboxToken0123456789abcdefABCDEF"
REPOSITORY = "shop/tickets"
NUMBER = 7
BOT = {"login": "github-actions[bot]", "id": 41898282, "type": "Bot"}
GITLAB_BOT = {"username": "project_11_bot", "id": 90}
STRANGER = {"login": "stranger", "username": "stranger", "id": 5, "type": "User"}
LIMITS = {"GitHub": 65_536, "GitLab": 1_000_000}


@dataclass(frozen=True)
class Fault:
    """One wrong answer. ``after``: the request takes effect first; ``then`` runs before the answer."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    after: bool = False
    then: Callable[[], None] | None = None

    def answer(self) -> Response:
        text = self.body if isinstance(self.body, str) else json.dumps(self.body or {"message": "A fault"})
        return Response(text, self.status, dict(self.headers), content_type="application/json")


class StandInForge:
    """A forge with one project. Only a request with the token gets an answer; pages have ``page_size`` comments."""

    def __init__(self, server: HTTPServer, name: Literal["GitHub", "GitLab"], *, page_size: int = 100) -> None:
        self.name = name
        self.page_size = page_size
        self.comments: list[dict[str, Any]] = []
        self.requests: list[str] = []
        self.may_write = True
        self.user_token = name == "GitLab"
        self._faults: list[tuple[str, Fault]] = []
        self._last = 100
        gitlab = name == "GitLab"
        self._root = "/api/v4" if gitlab else "/api/v3"
        self._edit = "PUT" if gitlab else "PATCH"
        notes = f"/projects/11/merge_requests/{NUMBER}/notes"
        self._collection = notes if gitlab else f"/repos/{REPOSITORY}/issues/{NUMBER}/comments"
        self._one = notes if gitlab else f"/repos/{REPOSITORY}/issues/comments"
        self._url = server.url_for(self._root)
        server.expect_request(re.compile(".*")).respond_with_handler(self._answer)

    def env(self, folder: Path, *, fork: bool = False, token: str | None = TOKEN) -> dict[str, str]:
        """The variables of a CI run for the pull request."""
        if self.name == "GitLab":
            source = "12" if fork else "11"
            made = {
                "GITLAB_CI": "true",
                "CI_API_V4_URL": self._url,
                "CI_PROJECT_ID": source,
                "CI_MERGE_REQUEST_IID": str(NUMBER),
                "CI_MERGE_REQUEST_PROJECT_ID": "11",
                "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": source,
                "CI_JOB_TOKEN": "of-no-use",
            }
            return made | ({"GITLAB_TOKEN": token} if token else {})
        event = folder / "event.json"
        head = {"repo": {"full_name": "stranger/tickets" if fork else REPOSITORY}}
        event.write_text(json.dumps({"number": NUMBER, "pull_request": {"number": NUMBER, "head": head}}))
        made = {
            "GITHUB_ACTIONS": "true",
            "GITHUB_API_URL": self._url,
            "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_EVENT_NAME": "pull_request",
            "GITHUB_EVENT_PATH": str(event),
            "GITHUB_STEP_SUMMARY": str(folder / "summary.md"),
        }
        return made | ({"GITHUB_TOKEN": token} if token else {})

    def fault(self, fault: Fault, *, verb: str = "POST") -> None:
        """The next request with this verb that has no fault yet gets this answer."""
        self._faults.append((verb, fault))

    def add(self, body: str, author: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """A comment, by default of the token's own account."""
        self._last += 1
        own = GITLAB_BOT if self.name == "GitLab" else BOT
        comment = {"id": self._last, "body": body, ("author" if self.name == "GitLab" else "user"): dict(author or own)}
        self.comments.append(comment)
        return comment

    @property
    def bodies(self) -> list[str]:
        return [comment["body"] for comment in self.comments]

    def _answer(self, request: Request) -> Response:
        path = request.path.removeprefix(self._root)
        self.requests.append(f"{request.method} {path}")
        fault = self._take_fault(request.method)
        if fault and not fault.after:
            if fault.then:
                fault.then()
            return fault.answer()
        answer = self._served(request, path)
        return fault.answer() if fault else answer

    def _take_fault(self, verb: str) -> Fault | None:
        for index, (of_verb, fault) in enumerate(self._faults):
            if of_verb == verb:
                del self._faults[index]
                return fault
        return None

    def _served(self, request: Request, path: str) -> Response:
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return _json({"message": "Bad credentials"}, 401)
        if (request.method, path) == ("GET", "/user"):
            if not self.user_token:
                return _json({"message": "Resource not accessible by integration"}, 403)
            return _json(GITLAB_BOT if self.name == "GitLab" else BOT)
        if (request.method, path) == ("GET", self._collection):
            return self._page(request)
        return self._written(request, path)

    def _written(self, request: Request, path: str) -> Response:
        body = request.get_json(silent=True)
        if not self.may_write:
            return _json({"message": "Resource not accessible by integration"}, 403)
        if not isinstance(body, dict) or len(body.get("body", "")) > LIMITS[self.name]:
            return _json({"message": "Validation Failed", "errors": [{"message": "body is too long"}]}, 422)
        if (request.method, path) == ("POST", self._collection):
            return _json(self._shown(self.add(body["body"])), 201)
        number = path.rpartition("/")[2]
        if (request.method, path) == (self._edit, f"{self._one}/{number}"):
            for comment in self.comments:
                if str(comment["id"]) == number:
                    comment["body"] = body["body"]
                    return _json(self._shown(comment))
        return _json({"message": "Not Found"}, 404)

    def _shown(self, comment: Mapping[str, Any]) -> dict[str, Any]:
        address = {} if self.name == "GitLab" else {"html_url": f"https://github.test/{REPOSITORY}/{comment['id']}"}
        return {**comment, **address}

    def _page(self, request: Request) -> Response:
        page = int(request.args.get("page", "1"))
        size = min(int(request.args.get("per_page", "30")), self.page_size)
        begin = (page - 1) * size
        answer = _json([self._shown(comment) for comment in self.comments[begin : begin + size]])
        if begin + size < len(self.comments):
            answer.headers["Link"] = f'<{request.base_url}?page={page + 1}&per_page={size}>; rel="next"'
        return answer


def _json(value: Any, status: int = 200) -> Response:
    return Response(json.dumps(value), status, content_type="application/json")
