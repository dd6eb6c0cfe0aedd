"""The least that Google answers to each request: what it always sends, and every field at its default left out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from support.fake_google import Reply

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.fake_google import Request

PARENT = "projects/my-project/locations/us-central1"
OBJECT = {"name": "n", "bucket": "b", "generation": "17", "metageneration": "1"}
PROJECT = "projects/123456789012"


def done(response: dict[str, Any]) -> dict[str, Any]:
    """An operation that has ended."""
    return {"name": f"{PARENT}/operations/1", "done": True, "response": {"@type": "x/google.y", **response}}


_LEAST: list[tuple[str, Callable[[Request], dict[str, Any]]]] = [
    (r".* .*:(generateContent|predict|getIamPolicy|testIamPermissions|cancel)$", lambda _: {}),
    (r".* .*:countTokens$", lambda _: {"totalTokens": 1}),
    (r".* .*:deployModel$", lambda _: done({"deployedModel": {"id": "123"}})),
    (r".* .*:undeployModel$", lambda _: done({})),
    (r".* .*us-central1:deploy$", lambda _: done({})),
    (rf"GET .*{PARENT}/operations/1$", lambda _: done({})),
    (r".* .*:batchGet$", lambda _: {"services": [{"name": f"{PROJECT}/services/aiplatform.googleapis.com"}]}),
    (r".* .*:getEffectivePolicy$", lambda _: {"name": f"{PROJECT}/policies/x"}),
    (r".* .*/storage/v1/b/[^/]+/iam/testPermissions$", lambda _: {}),
    (r"DELETE .*/storage/.*", lambda _: {}),
    (r".* .*/storage/v1/b/[^/]+/o(/.*)?$", lambda _: OBJECT),
    (r"GET .*/storage/v1/b/([^/]+)$", lambda sent: {"name": sent.path.rpartition("/")[2]}),
    (r"GET .*/quotaInfos$", lambda _: {}),
    (r"GET .*/billingInfo$", lambda _: {"name": f"{PROJECT}/billingInfo"}),
    (r"GET .*/serviceAccounts/[^/]+$", lambda sent: {"email": sent.path.rpartition("/")[2]}),
    (r"GET .*/v3/projects/[^/]+$", lambda _: {"name": PROJECT}),
    (r"GET .*/cryptoKeys/[^/]+$", lambda sent: {"name": sent.path.partition("/v1/")[2]}),
    (r"POST .*/tunedModels$", lambda _: {"name": "tunedModels/x/operations/1"}),
    (r"(GET|PATCH) .*/tunedModels/.*", lambda sent: {"name": sent.path[sent.path.index("tunedModels/") :]}),
    (r"DELETE .*", lambda _: done({})),
    (r"POST .*/endpoints$", lambda _: done({"name": f"{PARENT}/endpoints/5"})),
    (r"POST .*/(tuningJobs|pipelineJobs)$", lambda sent: {"name": f"{PARENT}/{sent.path.rpartition('/')[2]}/5"}),
    (r"GET .*/(tuningJobs|pipelineJobs|models|endpoints)$", lambda _: {}),
    (r"(GET|PATCH) .*/projects/.*", lambda sent: {"name": sent.path[sent.path.index("projects/") :]}),
    (r".*", lambda _: {}),
]


def least_answer(request: Request) -> Reply:
    """The least that Google would answer."""
    line = f"{request.verb} {request.path}"
    return Reply(next(answer(request) for pattern, answer in _LEAST if re.fullmatch(pattern, line)))
