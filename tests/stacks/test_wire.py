"""Every request of a stack's whole life is one that Google's discovery documents contain."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from support.discovery import check_request
from support.tuning_programs import MAIN

if TYPE_CHECKING:
    from stacks.conftest import TuningStack
    from support.sandbox_server import SandboxServer

FULL = (
    MAIN.replace(
        'base_model="gemini-3.1-flash-lite"',
        'base_model="gemini-3.1-flash-lite", description="routes tickets", labels={"team": "support"}',
    )
    + """
endpoint = Endpoint("support", display_name="support", description="ours", location="us", labels={"team": "support"})
deployment = ModelDeployment("support", endpoint=endpoint, model=model, display_name="router")
pulumi.export("own", endpoint.id)
"""
)


SIGNS = {
    r"/services:batchGet$": "serviceusage.v1",
    r"/billingInfo$": "cloudbilling.v1",
    r"^/v2/.*:getEffectivePolicy$": "orgpolicy.v2",
    r"/serviceAccounts/": "iam.v1",
    r"/cryptoKeys/|/keyRings/": "cloudkms.v1",
}


def api_of(path: str) -> str:
    """The discovery document that describes a path."""
    if path.startswith(("/storage/", "/upload/storage/", "/download/storage/")):
        return "storage.v1"
    if path.startswith(("/v1beta1/", "/ui/")):
        return "aiplatform.v1beta1"
    return next((api for sign, api in SIGNS.items() if re.search(sign, path)), "cloudresourcemanager.v3")


def check_entry(entry: dict[str, Any]) -> str:
    """The method that one journal entry is."""
    url = urlsplit(entry["path"])
    path = url.path.replace("/upload/storage/", "/storage/").replace("/download/storage/", "/storage/")
    path = path.replace("/ui/", "/v1beta1/")
    body = entry.get("body")
    sent = None if body in (None, {}) or set(body) == {"bytes"} else body
    api = api_of(url.path)
    path = path if api == "storage.v1" else unquote(path)
    return check_request(api, entry["method"], path, parse_qs(url.query), sent)


@pytest.mark.full  # the sandbox of every story refuses what discovery does not have
def test_ours_and_an_endpoint_of_ours_serve_side_by_side_and_every_request_of_their_life_is_googles(
    tuning_stack: TuningStack, sandbox: SandboxServer
) -> None:
    stack = tuning_stack(FULL)
    first = len(sandbox.requests())
    stack.up().expect_ok()
    own = stack.outputs()["own"]
    deployed = stack.resource_of("ModelDeployment", "support")["outputs"]["deployedModelId"]
    assert sandbox.call("GET", f"v1beta1/{own}")["trafficSplit"] == {deployed: 100}
    question = {"contents": [{"role": "user", "parts": [{"text": "Ticket 98 about returns: what now?"}]}]}
    assert sandbox.call("POST", f"v1beta1/{own}:generateContent", question)["candidates"]
    stack.refresh("--expect-no-changes").expect_ok()
    assert stack.preview("--expect-no-changes").expect_ok().changes == {}
    stack.write("__main__.py", FULL.replace('"support"}', '"sales"}').replace('"ours"', '"everybody\'s"'))
    stack.up().expect_ok()
    stack.destroy().expect_ok()
    # Cloud Quotas has no discovery document in google-api-python-client; tests/sandbox holds its form
    entries = [entry for entry in sandbox.requests()[first:] if "/quotaInfos" not in entry["path"]]
    methods = {check_entry(entry) for entry in entries}
    assert {
        "aiplatform.projects.locations.tuningJobs.create",
        "aiplatform.projects.locations.models.patch",
        "aiplatform.projects.locations.models.delete",
        "aiplatform.projects.locations.endpoints.create",
        "aiplatform.projects.locations.endpoints.patch",
        "aiplatform.projects.locations.endpoints.deployModel",
        "aiplatform.projects.locations.endpoints.undeployModel",
        "aiplatform.projects.locations.endpoints.delete",
        "storage.objects.insert",
        "storage.objects.delete",
    } <= methods
    assert (sandbox.models(), sandbox.endpoints()) == ([], [])
