"""The Gemini API over a real socket: who a request says that it is from, and that no key is shown."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import pytest

from pulumi_gcp_tuning.config import Settings
from pulumi_gcp_tuning.errors import ApiError
from pulumi_gcp_tuning.google import Google
from pulumi_gcp_tuning.signing import CredentialsChoice
from support.fake_google import FakeClock, FakeGoogle, Reply, Request, google_error, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

API_KEY = "AIzaSy-a-made-up-key-of-a-test-0123456789"
TOKEN = CredentialsChoice(kind="token", text="ya29.very-secret-token-of-a-test", source="a test")
NAME = "tunedModels/numbers"


@pytest.fixture
def server() -> Iterator[FakeGoogle]:
    with serving(lambda _request: Reply({"name": NAME})) as fake:
        yield fake


def google(server: FakeGoogle, **given: Any) -> Google:
    options = {"base_url": server.url, "project": "my-project", "credentials": TOKEN, **given}
    return Google(Settings(**options), FakeClock())


def resolved(env: dict[str, str]) -> Settings:
    return Settings.resolve({}, env)


def test_an_api_key_is_in_a_header_and_not_in_the_url(server: FakeGoogle) -> None:
    google(server, gemini_api_key=API_KEY).tuned_models.get(NAME)
    (sent,) = server.requests
    assert sent.headers["x-goog-api-key"] == API_KEY
    assert (sent.query, "authorization" in sent.headers) == ({}, False)


def test_without_a_key_the_token_and_the_project_are_sent(server: FakeGoogle) -> None:
    google(server).tuned_models.get(NAME)
    (sent,) = server.requests
    assert sent.headers["authorization"] == f"Bearer {TOKEN.text}"
    assert sent.headers["x-goog-user-project"] == "my-project"


def test_the_users_token_is_not_sent_to_this_machine(server: FakeGoogle) -> None:
    google(server, base_url=None, gemini_base_url=server.url).tuned_models.get(NAME)
    assert "authorization" not in server.requests[0].headers


def test_an_operation_is_read_on_v1(server: FakeGoogle) -> None:
    google(server).tuned_models.get_operation(f"{NAME}/operations/1")
    assert server.requests[0].path == f"/v1/{NAME}/operations/1"


def test_the_id_of_a_create_is_ours(server: FakeGoogle) -> None:
    google(server).tuned_models.create("mine", {"displayName": "x"})
    assert server.requests[0].query == {"tunedModelId": ["mine"]}


def test_a_list_goes_through_all_pages() -> None:
    def page(request: Request) -> Reply:
        at = int(request.query.get("pageToken", ["0"])[0])
        return Reply({"tunedModels": [{"name": f"tunedModels/m{at}"}], "nextPageToken": str(at + 1) if at < 2 else ""})

    with serving(page) as server:
        names = [model["name"] for model in google(server).tuned_models.list()]
    assert names == ["tunedModels/m0", "tunedModels/m1", "tunedModels/m2"]


def test_a_list_that_names_a_page_again_is_an_error() -> None:
    with serving(lambda _request: Reply({"nextPageToken": "again"})) as server, pytest.raises(ApiError, match="end"):
        list(google(server).tuned_models.list())


def test_an_answer_of_another_kind_is_an_error() -> None:
    with serving(lambda _request: Reply({"name": "models/x"})) as server, pytest.raises(ApiError, match="tuned model"):
        google(server).tuned_models.get(NAME)


def test_no_log_and_no_error_shows_the_key(caplog: pytest.LogCaptureFixture) -> None:
    settings = resolved({"GEMINI_API_KEY": API_KEY})
    with serving(lambda _request: google_error(400, "INVALID_ARGUMENT", f"The key {API_KEY} is not valid.")) as server:
        client = google(server, gemini_api_key=settings.gemini_api_key)
        with caplog.at_level(logging.DEBUG), pytest.raises(ApiError) as caught:
            client.tuned_models.get(NAME)
    assert API_KEY not in f"{caught.value} {caplog.text} {settings!r} {client.settings!r}"


@pytest.mark.parametrize("name", ["GCP_TUNING_GEMINI_API_KEY", "GEMINI_API_KEY", "GOOGLE_API_KEY"])
def test_the_key_comes_from_the_environment(name: str) -> None:
    assert resolved({name: API_KEY}).gemini_api_key == API_KEY


@pytest.mark.parametrize("name", ["GCP_TUNING_BASE_URL", "GCP_TUNING_GEMINI_BASE_URL"])
def test_the_users_own_key_is_not_for_this_machine(name: str) -> None:
    assert resolved({"GEMINI_API_KEY": API_KEY, name: "http://127.0.0.1:8085"}).gemini_api_key == ""


def test_the_gemini_api_may_have_an_address_of_its_own() -> None:
    env = {"GCP_TUNING_BASE_URL": "https://a.example.com", "GCP_TUNING_GEMINI_BASE_URL": "https://b.example.com"}
    settings = resolved(env)
    origins = settings.origin("generativelanguage"), settings.origin("aiplatform")
    assert origins == ("https://b.example.com", "https://a.example.com")


def test_without_an_address_it_is_googles() -> None:
    assert resolved({}).origin("generativelanguage") == "https://generativelanguage.googleapis.com"
