"""Who signs: what the settings chose, refreshed once however many threads call."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from google.auth import credentials as auth_credentials
from google.auth import exceptions as auth_errors

from pulumi_gcp_tuning.config import Settings
from pulumi_gcp_tuning.errors import ApiError
from pulumi_gcp_tuning.google import Google
from pulumi_gcp_tuning.google import credentials as ours
from pulumi_gcp_tuning.signing import CredentialsChoice
from support.fake_google import FakeClock, FakeGoogle

if TYPE_CHECKING:
    from pathlib import Path

EMAIL = "deployer@my-project.iam.gserviceaccount.com"


class Refreshing(auth_credentials.Credentials):
    """Credentials that count their refreshes."""

    def __init__(self, error: Exception | None = None) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.refreshes = 0
        self.error = error

    def refresh(self, _request: Any) -> None:
        self.refreshes += 1
        threading.Event().wait(0.02)
        if self.error:
            raise self.error
        self.token = f"token-{self.refreshes}"
        self.expiry = datetime.now(UTC).replace(tzinfo=None) + timedelta(hours=1)


def signed_by(credentials: Refreshing, server: FakeGoogle, patch: pytest.MonkeyPatch) -> Google:
    patch.setattr(ours, "_chosen", lambda _choice: credentials)
    return Google(Settings(base_url=server.url), FakeClock())


def test_many_threads_share_one_refresh(server: FakeGoogle, monkeypatch: pytest.MonkeyPatch) -> None:
    credentials = Refreshing()
    google = signed_by(credentials, server, monkeypatch)
    threads = [threading.Thread(target=google.storage.get_object, args=("b", str(each))) for each in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(300)
    google.close()
    assert credentials.refreshes == 1
    assert {each.headers["authorization"] for each in server.requests} == {"Bearer token-1"}
    assert len(server.requests) == 24


def test_credentials_that_cannot_be_refreshed_say_what_to_do(
    server: FakeGoogle, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = auth_errors.RefreshError("invalid_grant: Bad Request")  # type: ignore[no-untyped-call]
    google = signed_by(Refreshing(refused), server, monkeypatch)
    with pytest.raises(ApiError, match="gcloud auth application-default login") as caught:
        google.storage.get_object("b", "o")
    assert caught.value.status == "UNAUTHENTICATED"
    assert "invalid_grant" in str(caught.value)
    assert server.requests == []


def test_no_credentials_at_all_is_a_sentence_with_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(**_arguments: Any) -> None:
        raise auth_errors.DefaultCredentialsError("None were found.")  # type: ignore[no-untyped-call]

    monkeypatch.setattr("google.auth.default", nothing)
    with pytest.raises(ApiError, match="gcloud auth application-default login"):
        ours.load_credentials(Settings())


def test_an_unreadable_key_file_names_its_variable(tmp_path: Path) -> None:
    choice = CredentialsChoice(kind="file", text=str(tmp_path / "none.json"), source="GOOGLE_CREDENTIALS")
    with pytest.raises(ApiError, match="GOOGLE_CREDENTIALS"):
        ours.load_credentials(Settings(credentials=choice))


def test_impersonation_wraps_what_was_chosen() -> None:
    choice = CredentialsChoice(kind="token", text="t", impersonate=EMAIL)
    made: Any = ours.load_credentials(Settings(credentials=choice))
    assert made.service_account_email == EMAIL


def test_the_sandbox_is_never_impersonated() -> None:
    choice = CredentialsChoice(kind="anonymous", impersonate=EMAIL)
    assert isinstance(ours.load_credentials(Settings(credentials=choice)), auth_credentials.AnonymousCredentials)
