"""The right forms sign; of the wrong ones no piece is in any message, log line, warning or traceback."""

from __future__ import annotations

import json
import logging
import os
import traceback
import warnings
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import pytest
from google.auth import jwt

from pulumi_gcp_tuning import redaction
from pulumi_gcp_tuning.config import Settings
from pulumi_gcp_tuning.errors import ApiError, TuningError
from pulumi_gcp_tuning.google import Google
from pulumi_gcp_tuning.google.shape import NOTHING
from pulumi_gcp_tuning.signing import GOOGLES_OWN, IMPERSONATED, KEYS, TOKENS, CredentialsChoice
from support.credential_forms import TOKEN, Key, leaks_in, made_up_key, right_forms, wrong_forms
from support.fake_google import FakeClock, FakeGoogle, Reply, Request, google_error

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

OTHERS = (
    "gcp:project",
    "gcp:region",
    "gcp:defaultLabels",
    "gcp:universeDomain",
    "gcp:userProjectOverride",
    "gcp-tuning:checks",
    "gcp-tuning:asOf",
    "gcp-tuning:pollInterval",
    "gcp-tuning:deletionPolicy",
    "gcp-tuning:onChange",
    "gcp-tuning:onQuota",
    "gcp-tuning:maxCost",
    "gcp-tuning:catalog",
    "GCP_TUNING_CATALOG",
    "GCP_TUNING_BASE_URL",
    "GOOGLE_BILLING_PROJECT",
)
FORMS = {**right_forms(made_up_key()), **wrong_forms(made_up_key())}


class Printed:
    """All that one call gave to read."""

    def __init__(self, capture: pytest.CaptureFixture[str], log: pytest.LogCaptureFixture) -> None:
        self.capture, self.log = capture, log

    def of(self, call: Callable[[], Any]) -> str:
        """What ``call`` printed, logged, warned of and raised, tracebacks of causes included."""
        self.log.clear()
        texts: list[str] = []
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            try:
                texts.append(f"answer: {call()!r}")
            except TuningError as error:
                texts += [str(error), repr(error), "".join(traceback.format_exception(error))]
        texts += [str(each.message) for each in warned]
        texts += [f"{record.name} {record.getMessage()} {record.exc_text or ''}" for record in self.log.records]
        return "\n".join([*texts, *self.capture.readouterr()])


@pytest.fixture
def printed(capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> Printed:
    caplog.set_level(logging.DEBUG)
    return Printed(capsys, caplog)


@pytest.fixture(autouse=True)
def _machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without a log-in, where nothing was remembered, and google-auth asks nothing else in the background."""
    patched = (
        "google.auth.credentials.CredentialsWithRegionalAccessBoundary._is_regional_access_boundary_lookup_required"
    )
    monkeypatch.setattr(patched, lambda _credentials: False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path / "gcloud"))
    monkeypatch.setenv("NO_GCE_CHECK", "true")
    monkeypatch.setattr(redaction, "_known", set())


@pytest.fixture
def key(server: FakeGoogle) -> Key:
    """A key whose tokens come from the server, which answers everything else with all that it was sent."""

    def answer(request: Request) -> Reply:
        if request.path == "/token":
            return Reply({"access_token": TOKEN, "expires_in": 3600, "token_type": "Bearer"})
        return google_error(403, "PERMISSION_DENIED", f"denied to {request.headers.get('authorization')}")

    server.answer = answer
    return made_up_key().pointing_at(f"{server.url}/token")


def call(server: FakeGoogle, config: Mapping[str, str], env: Mapping[str, str]) -> object:
    """One call of what configuration and environment say, to a server that is not taken for a sandbox."""
    settings = Settings.resolve(config, {**os.environ, **env})
    return send(server, settings.model_copy(update={"base_url": server.url}))


def send(server: FakeGoogle, settings: Settings) -> object:
    google = Google(settings, FakeClock())
    try:
        return google.transport.send("GET", f"{server.url}/v1/things", NOTHING)
    finally:
        google.close()


def placed(variable: str, text: str) -> tuple[dict[str, str], dict[str, str]]:
    """Configuration and environment with one key in them."""
    return ({variable: text}, {}) if ":" in variable else ({}, {variable: text})


@pytest.mark.parametrize("variable", KEYS)
@pytest.mark.parametrize("form", right_forms(made_up_key()))
def test_a_call_is_signed_with_the_key_in_this_form(
    form: str, variable: str, key: Key, server: FakeGoogle, printed: Printed
) -> None:
    told = printed.of(lambda: call(server, *placed(variable, right_forms(key)[form])))
    asked, sent = server.requests
    [assertion] = parse_qs(asked.body.decode())["assertion"]
    assert jwt.decode(assertion, certs=key.public, verify=True, audience=None)["iss"] == key.info["client_email"]  # type: ignore[no-untyped-call]
    assert sent.headers["authorization"] == f"Bearer {TOKEN}"
    assert leaks_in(told, key) == []


@pytest.mark.parametrize("source", ["GOOGLE_CREDENTIALS", GOOGLES_OWN])
def test_a_call_is_signed_with_the_key_of_a_file(source: str, key: Key, server: FakeGoogle, tmp_path: Path) -> None:
    (tmp_path / "key.json").write_text("\ufeff" + key.json)
    with pytest.raises(ApiError, match="denied to"):
        call(server, {}, {source: str(tmp_path / "key.json")})
    assert server.requests[1].headers["authorization"] == f"Bearer {TOKEN}"


@pytest.mark.parametrize("form", FORMS)
def test_no_piece_of_a_key_is_printed_whichever_variable_holds_it(
    form: str, key: Key, server: FakeGoogle, printed: Printed, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = {**right_forms(key), **wrong_forms(key)}[form]
    for variable in (*KEYS, *TOKENS, *IMPERSONATED, GOOGLES_OWN, *OTHERS):
        config, env = placed(variable, text)
        with monkeypatch.context() as patch:
            patch.setattr(redaction, "_known", set())
            for name, value in env.items():
                patch.setenv(name, value)
            told = printed.of(partial(call, server, config, env))
        assert leaks_in(told, key) == [], variable


@pytest.mark.parametrize("form", wrong_forms(made_up_key()))
def test_no_piece_of_a_file_that_is_no_key_file_is_printed(
    form: str, key: Key, server: FakeGoogle, printed: Printed, tmp_path: Path
) -> None:
    file = tmp_path / "key.json"
    file.write_text(wrong_forms(key)[form])
    for source in ("GOOGLE_CREDENTIALS", GOOGLES_OWN):
        told = printed.of(partial(call, server, {}, {source: str(file)}))
        assert leaks_in(told, key) == []
        assert f"({source})" in told
        assert server.requests == []


@pytest.mark.parametrize("form", FORMS)
def test_no_piece_of_what_is_taken_for_a_path_or_a_token_is_printed(
    form: str, key: Key, server: FakeGoogle, printed: Printed
) -> None:
    for kind in ("file", "token"):
        choice = CredentialsChoice(kind=kind, text=FORMS[form], source="GOOGLE_CREDENTIALS")
        told = printed.of(partial(send, server, Settings(base_url=server.url, credentials=choice)))
        assert leaks_in(told, key) == []


def test_a_log_in_of_gcloud_that_is_damaged_is_reported_without_a_piece(
    key: Key, server: FakeGoogle, printed: Printed, tmp_path: Path
) -> None:
    (tmp_path / "gcloud").mkdir()
    damaged = wrong_forms(key)["a type that is the private key"]
    (tmp_path / "gcloud" / "application_default_credentials.json").write_text(damaged)
    told = printed.of(lambda: call(server, {}, {}))
    assert "There are no usable Google credentials (application default credentials)" in told
    assert leaks_in(told, key) == []


@pytest.mark.parametrize("status", [400, 401])
def test_what_a_token_server_sends_back_is_reported_without_a_piece(
    status: int, key: Key, server: FakeGoogle, printed: Printed
) -> None:
    def echo(request: Request) -> Reply:
        said = {"error": f"invalid_grant for {key.info}", "error_description": f"{request.body} {TOKEN}"}
        return Reply(said, status=status)

    server.answer = echo
    told = printed.of(lambda: call(server, {}, {"GOOGLE_CREDENTIALS": key.json}))
    assert "GOOGLE_CREDENTIALS" in told
    assert "invalid_grant" in told
    assert leaks_in(told, key) == []


def test_a_token_that_no_header_takes_is_reported_without_a_piece(
    key: Key, server: FakeGoogle, printed: Printed
) -> None:
    server.answer = lambda _request: Reply({"access_token": f"{TOKEN}\n{TOKEN}", "expires_in": 3600})
    told = printed.of(lambda: call(server, {}, {"GOOGLE_CREDENTIALS": key.json}))
    assert "Nothing was sent: the credentials (GOOGLE_CREDENTIALS) have a token with a line break" in told
    assert leaks_in(told, key) == []


def test_what_a_command_of_the_user_printed_instead_of_a_token_is_not_shown(
    server: FakeGoogle, printed: Printed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES", "1")
    secret = made_up_key().line
    source = {"executable": {"command": f"sh -c 'echo {secret}; exit 3'", "timeout_millis": 30000}}
    info = {
        "type": "external_account",
        "audience": "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/q",
        "subject_token_type": "urn:ietf:params:oauth:token-type:id_token",
        "token_url": f"{server.url}/token",
        "credential_source": source,
    }
    told = printed.of(lambda: call(server, {}, {"GOOGLE_CREDENTIALS": json.dumps(info)}))
    assert "non-zero return code 3" in told or "exited" in told
    assert leaks_in(told, made_up_key()) == []


@pytest.mark.parametrize("source", IMPERSONATED)
@pytest.mark.parametrize("code", ["hex", "a piece of a line"])
def test_a_key_in_place_of_an_email_is_refused_without_a_piece(source: str, code: str, key: Key) -> None:
    text = key.in_one_line.encode().hex() if code == "hex" else f"keys/{key.line[:30]}.json"
    config, env = ({source: text}, {}) if ":" in source else ({}, {source: text})
    with pytest.raises(TuningError, match="this is not a service account's email") as refusal:
        Settings.resolve(config, env)
    assert text[:14] not in str(refusal.value)


@pytest.mark.parametrize("host", ["oauth2..googleapis.com", "a line of the key"])
def test_an_address_in_a_key_file_that_cannot_be_read_is_reported_without_it(
    host: str, key: Key, server: FakeGoogle
) -> None:
    wrong = f"https://{key.line if ' ' in host else host}/token"
    with pytest.raises(ApiError, match="An address cannot be read") as refusal:
        call(server, {}, {"GOOGLE_CREDENTIALS": json.dumps({**key.info, "token_uri": wrong})})
    assert key.line.lower()[:20] not in str(refusal.value).lower()
    assert server.requests == []
