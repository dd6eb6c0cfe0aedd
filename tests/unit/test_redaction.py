"""What is taken out of a text, by its shape and by its value, and what is left alone."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_gcp_tuning import redaction
from pulumi_gcp_tuning.names import MalformedName, Project, TuningJobName
from pulumi_gcp_tuning.redaction import holds_credential, quoted, redact, remember, remember_fields, remember_parts
from support.credential_forms import TOKEN, leaks_in, made_up_key, right_forms, wrong_forms

if TYPE_CHECKING:
    from collections.abc import Iterator

KEY = made_up_key()
FORMS = right_forms(KEY) | wrong_forms(KEY)


@pytest.fixture(autouse=True)
def _nothing_remembered() -> Iterator[None]:
    """Each test says what is known."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(redaction, "_known", set())
        yield


@pytest.mark.parametrize("form", FORMS)
def test_a_form_of_a_key_holds_a_credential_whatever_is_around_it(form: str) -> None:
    assert holds_credential(FORMS[form])
    assert holds_credential(f"it is {FORMS[form]!r}.")


@pytest.mark.parametrize("form", right_forms(KEY))
def test_no_piece_of_a_whole_key_is_left_in_a_message_that_quotes_it(form: str) -> None:
    assert leaks_in(redact(f"File {FORMS[form]} was not found."), KEY) == []
    assert leaks_in(redact(f"File {FORMS[form]!r} was not found."), KEY) == []


@pytest.mark.parametrize(
    "token",
    [
        TOKEN,
        "1//0gLeakyRefreshTokenOfATest-L9IrAbCdEfGh",
        "GOCSPX-LeakyClientSecretOfATest",
        "AIzaSyLeakyApiKeyOfATest0123456789abcdef",
        "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJsZWFreSJ9.c2lnbmF0dXJl",
        "Bearer some-opaque-token",
        "https://h/x?key=LeakyKeyOfATest",
        "refresh_token: 'leaky-refresh'",
        "{'client_secret': 'leaky-secret'}",
    ],
)
def test_a_token_is_known_by_its_shape(token: str) -> None:
    told = redact(f"it got {token}, and failed")
    assert "eaky" not in told.lower()
    assert "opaque" not in told
    assert told.startswith("it got ")
    assert redaction.REDACTED in told


@pytest.mark.parametrize(
    "text",
    [
        "POST https://us-central1-aiplatform.googleapis.com/v1beta1/projects/123/locations/us-central1/tuningJobs: denied",
        "projects/my-project-123/locations/us-central1/tuningJobs/1234567890123456789 ended FAILED",
        "gs://shop-data/pulumi/4f1c2d3e4f5a6b7c8d9e0f1a2b3c4d5e6f7a8b9c0d1e2f3a4b5c6d7e8f9a0b1c.jsonl does not exist",
        "Permission 'iam.serviceAccounts.getAccessToken' denied on tuner@my-project.iam.gserviceaccount.com",
        "urn:pulumi:dev::shop::pulumi-python:dynamic/gcptuning:TuningJob::router",
        'service_account: {"service_account": "tuner"} is not an email',
        "denied (request id AHVrFxPq9zAHVrFxPq9zAHVrFxPq9zAHVrFxPq9zAHVrFxPq9zAHVrFxPq9z)",
        "aiplatform.googleapis.com/global_concurrent_supervised_tuning_jobs_in_us_central1_2026",
        "/home/Anna2/Projects2026/TuningOfTickets/keys/dev-key-file.json",
        "MIGRATION_STATE_PENDING, MIIDDLE",
    ],
)
def test_what_google_and_the_plugin_say_is_left_alone(text: str) -> None:
    assert redact(text) == text


@given(st.data())
def test_no_piece_of_a_remembered_secret_is_left_wherever_it_was_cut(data: st.DataObject) -> None:
    remember_fields({"outer": [KEY.info]})
    text = "\n".join(KEY.lines[:-1])  # the last one may be too short to be known
    start = data.draw(st.integers(0, len(text) - 30))
    cut = text[start : data.draw(st.integers(start + 30, len(text)))]
    around = data.draw(st.text(max_size=5))
    assert leaks_in(redact(f"{around}{cut}{around}"), KEY) == []
    assert leaks_in(redact(json.dumps({"quoted": repr(cut)})), KEY) == []


@pytest.mark.parametrize("form", wrong_forms(KEY))
def test_pieces_of_a_text_that_is_no_key_file_are_known_too(form: str) -> None:
    remember_parts(FORMS[form])
    for line in (KEY.line, KEY.info["private_key_id"]):
        if line in FORMS[form]:
            assert leaks_in(redact(f"it met {line[3:30]} there"), KEY) == []


def test_a_secret_that_is_shorter_than_what_is_looked_for_changes_nothing() -> None:
    remember("short")
    assert redact("a short text") == "a short text"


def test_what_is_quoted_is_its_repr_or_nothing_of_it() -> None:
    assert quoted("a'b") == repr("a'b")
    assert quoted({"a": 1}) == "{'a': 1}"
    assert leaks_in(quoted({"a": KEY.info}), KEY) == []


@pytest.mark.parametrize("form", FORMS)
def test_a_name_that_is_a_key_is_refused_without_a_piece_of_it(form: str) -> None:
    for parse in (Project.parse, TuningJobName.parse):
        with pytest.raises(MalformedName) as refused:
            parse(FORMS[form])
        told = refused.value
        assert leaks_in(f"{told} {told.text} {told.reason} {told.example}", KEY) == []
