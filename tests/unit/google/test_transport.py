"""One call: signed, sent, read, retried."""

from __future__ import annotations

import logging
import socket
from typing import TYPE_CHECKING

import pytest

from pulumi_gcp_tuning.config import Settings
from pulumi_gcp_tuning.errors import ApiError, NotFound
from pulumi_gcp_tuning.google import Google
from pulumi_gcp_tuning.google.shape import NOTHING
from support.fake_google import FakeClock, FakeGoogle, Reply, google_error

if TYPE_CHECKING:
    from pulumi_gcp_tuning.google.transport import Resend

TOKEN = "ya29.very-secret-token-of-a-test"
BUSY = google_error(503, "UNAVAILABLE", "The service is currently unavailable.")


def get(google: Google, path: str = "/v1/thing") -> dict[str, object]:
    return google.transport.send("GET", f"{google.settings.base_url}{path}", NOTHING)


def post(google: Google, resend: Resend = "unsent") -> dict[str, object]:
    return google.transport.send("POST", f"{google.settings.base_url}/v1/things", NOTHING, body={"a": 1}, resend=resend)


def test_a_call_carries_the_token_and_reads_json(google: Google, server: FakeGoogle) -> None:
    server.replies = [Reply({"name": "x"})]
    assert get(google) == {"name": "x"}
    assert server.requests[0].headers["authorization"] == f"Bearer {TOKEN}"


def test_the_time_is_that_of_googles_last_answer(google: Google, server: FakeGoogle, clock: FakeClock) -> None:
    assert google.now() == clock.now()
    server.replies = [Reply({}, headers={"date": "Wed, 01 Jan 2031 00:00:00 GMT"})]
    get(google)
    assert google.now().isoformat() == "2031-01-01T00:00:00+00:00"
    clock.seconds += 60
    assert google.now().isoformat() == "2031-01-01T00:01:00+00:00"


def test_a_loopback_address_without_a_token_gets_an_anonymous_call(server: FakeGoogle, clock: FakeClock) -> None:
    settings = Settings.resolve({}, {"GCP_TUNING_BASE_URL": server.url})
    anonymous = Google(settings, clock)
    get(anonymous)
    anonymous.close()
    assert "authorization" not in server.requests[0].headers


def test_the_users_quota_project_is_sent_only_where_asked_for(server: FakeGoogle, clock: FakeClock) -> None:
    env = {"GCP_TUNING_BASE_URL": server.url, "GCP_TUNING_ACCESS_TOKEN": "t", "GOOGLE_BILLING_PROJECT": "payer-project"}
    for override in ("false", "true"):
        client = Google(Settings.resolve({"gcp:userProjectOverride": override}, env), clock)
        get(client)
        client.close()
    sent = [each.headers.get("x-goog-user-project") for each in server.requests]
    assert sent == [None, "payer-project"]


def test_the_status_comes_from_the_body_and_the_text_from_google(google: Google, server: FakeGoogle) -> None:
    server.replies = [google_error(400, "FAILED_PRECONDITION", "Endpoint e has deployed DeployedModel(s): 1")]
    with pytest.raises(ApiError, match=r"Endpoint e has deployed DeployedModel\(s\): 1") as caught:
        get(google)
    assert (caught.value.http_status, caught.value.status) == (400, "FAILED_PRECONDITION")


def test_field_violations_in_the_details_reach_the_message(google: Google, server: FakeGoogle) -> None:
    details = [{"fieldViolations": [{"field": "tuning_job", "description": 'Unknown name "x"'}]}]
    server.replies = [google_error(400, "INVALID_ARGUMENT", "Request contains an invalid argument.", details=details)]
    with pytest.raises(ApiError, match='tuning_job: Unknown name "x"') as caught:
        get(google)
    assert caught.value.details[0]["fieldViolations"] == details[0]["fieldViolations"]


def test_googles_404_is_not_found(google: Google, server: FakeGoogle) -> None:
    server.replies = [google_error(404, "NOT_FOUND", "The TuningJob does not exist.")]
    with pytest.raises(NotFound, match="does not exist"):
        get(google)


def test_a_404_page_is_not_taken_for_a_deleted_resource(google: Google, server: FakeGoogle) -> None:
    page = b"<!DOCTYPE html><html><style>p{}</style><body><p>404. That\xe2\x80\x99s an error.</body></html>"
    server.replies = [Reply(page, status=404, headers={"content-type": "text/html"})]
    with pytest.raises(ApiError, match=r"404\. That.s an error") as caught:
        get(google)
    assert not isinstance(caught.value, NotFound)
    assert "<" not in str(caught.value)


def test_a_passing_failure_of_a_read_is_retried_with_growing_pauses(
    google: Google, server: FakeGoogle, clock: FakeClock
) -> None:
    server.replies = [BUSY, Reply(cut=0), google_error(429, "RESOURCE_EXHAUSTED", "slow down"), Reply({"ok": True})]
    assert get(google) == {"ok": True}
    assert clock.slept == [0.5, 1.0, 2.0]


def test_a_read_gives_up_at_its_deadline_with_googles_text(
    google: Google, server: FakeGoogle, clock: FakeClock
) -> None:
    server.answer = lambda _request: BUSY
    before = clock.monotonic()
    with pytest.raises(ApiError, match="currently unavailable"):
        get(google)
    assert clock.monotonic() - before <= 60.0
    assert len(server.requests) > 4


def test_retry_after_is_obeyed(google: Google, server: FakeGoogle, clock: FakeClock) -> None:
    slow = google_error(429, "RESOURCE_EXHAUSTED", "slow down")
    server.replies = [Reply(slow.body, status=429, headers={"retry-after": "7"}), Reply({"ok": True})]
    get(google)
    assert clock.slept == [7.0]


def test_a_cancel_ends_the_retries(server: FakeGoogle, clock: FakeClock) -> None:
    server.answer = lambda _request: BUSY
    settings = Settings.resolve({}, {"GCP_TUNING_BASE_URL": server.url})
    client = Google(settings, clock, cancelled=lambda: len(server.requests) >= 2)
    with pytest.raises(ApiError):
        get(client)
    client.close()
    assert len(server.requests) == 2


@pytest.mark.parametrize("refusal", [BUSY, google_error(429, "RESOURCE_EXHAUSTED", "slow down")])
def test_a_create_under_an_id_of_the_clients_is_sent_again_after_a_busy_answer(
    google: Google, server: FakeGoogle, refusal: Reply
) -> None:
    server.replies = [refusal, Reply({"name": "made"})]
    assert post(google, "front door") == {"name": "made"}
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    "unclear",
    [
        pytest.param(Reply(cut=0), id="no answer"),
        pytest.param(Reply({"name": "made"}, cut=5), id="half an answer"),
        pytest.param(Reply(b'{"name": "ma'), id="truncated JSON"),
        pytest.param(Reply(b"<html>proxy</html>"), id="a page instead of JSON"),
        pytest.param(google_error(408, "DEADLINE_EXCEEDED", "Request timeout"), id="408"),
        pytest.param(google_error(429, "RESOURCE_EXHAUSTED", "slow down"), id="429"),
        pytest.param(BUSY, id="503"),
        pytest.param(google_error(500, "INTERNAL", "Internal error"), id="500"),
        pytest.param(google_error(504, "DEADLINE_EXCEEDED", "Deadline exceeded"), id="504"),
        pytest.param(Reply(b"<html>Bad Gateway</html>", status=502), id="502 page"),
        pytest.param(Reply(b"upstream connect error", status=503), id="503 without Google's envelope"),
    ],
)
def test_a_create_whose_answer_is_unclear_is_never_sent_again(
    google: Google, server: FakeGoogle, unclear: Reply
) -> None:
    server.replies = [unclear]
    with pytest.raises(ApiError) as caught:
        post(google)
    assert caught.value.maybe_took_effect
    assert len(server.requests) == 1


def test_a_refused_create_did_not_take_effect(google: Google, server: FakeGoogle) -> None:
    server.replies = [google_error(403, "PERMISSION_DENIED", "Permission denied")]
    with pytest.raises(ApiError) as caught:
        post(google)
    assert not caught.value.maybe_took_effect


def test_a_full_quota_of_running_jobs_is_reported_at_once(google: Google, server: FakeGoogle) -> None:
    text = "The following quota metrics exceed quota limits: aiplatform.googleapis.com/global_concurrent_tuning_jobs"
    server.replies = [google_error(429, "RESOURCE_EXHAUSTED", text)]
    with pytest.raises(ApiError, match="global_concurrent_tuning_jobs"):
        post(google)
    assert len(server.requests) == 1


def test_nobody_at_the_address_is_said_plainly_and_nothing_took_effect(clock: FakeClock) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    client = Google(Settings.resolve({}, {"GCP_TUNING_BASE_URL": url}), clock)
    with pytest.raises(ApiError, match=r"Nothing answers at http://127\.0\.0\.1") as caught:
        post(client)
    client.close()
    assert (caught.value.http_status, caught.value.maybe_took_effect) == (0, False)
    assert "gcp-tuning sandbox" in str(caught.value)


def test_a_401_with_a_literal_token_shows_googles_text(google: Google, server: FakeGoogle) -> None:
    server.replies = [google_error(401, "UNAUTHENTICATED", "Request had invalid authentication credentials.")]
    with pytest.raises(ApiError, match="invalid authentication credentials"):
        get(google)
    assert len(server.requests) == 1


def test_no_token_reaches_a_message(google: Google, server: FakeGoogle) -> None:
    server.replies = [google_error(400, "INVALID_ARGUMENT", f"Bad header: Bearer {TOKEN}")]
    with pytest.raises(ApiError) as caught:
        get(google)
    assert "secret" not in str(caught.value)
    assert "[redacted]" in str(caught.value)


def test_a_message_has_at_most_six_lines(google: Google, server: FakeGoogle) -> None:
    server.replies = [google_error(400, "INVALID_ARGUMENT", "\n".join(f"line {n}" for n in range(40)))]
    with pytest.raises(ApiError) as caught:
        get(google)
    assert len(str(caught.value).splitlines()) <= 6


def test_each_call_leaves_one_debug_line_with_its_request_id(
    google: Google, server: FakeGoogle, caplog: pytest.LogCaptureFixture
) -> None:
    server.replies = [Reply({}, headers={"x-goog-request-id": "req-77"})]
    with caplog.at_level(logging.DEBUG, "pulumi_gcp_tuning.google"):
        get(google, "/v1/thing?key=AIzaSyExample")
    lines = [each.getMessage() for each in caplog.records if each.name == "pulumi_gcp_tuning.google"]
    assert len(lines) == 1
    assert "req-77" in lines[0]
    assert "200" in lines[0]
    assert "AIza" not in lines[0]


def test_the_request_id_is_in_the_message_of_an_error(google: Google, server: FakeGoogle) -> None:
    refusal = google_error(400, "INVALID_ARGUMENT", "no")
    server.replies = [Reply(refusal.body, status=400, headers={"x-goog-request-id": "req-78"})]
    with pytest.raises(ApiError, match="req-78"):
        get(google)
