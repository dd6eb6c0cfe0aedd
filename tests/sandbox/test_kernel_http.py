"""The front end over a real socket: faults with receipts, journal, clock, principals, envelopes."""

from __future__ import annotations

import time
from typing import Any

import pytest
import requests

from sandbox.running import RunningSandbox

BUCKETS = "/storage/v1/b?project=my-project"
BUCKET = "/storage/v1/b/my-bucket"


@pytest.fixture
def bucket(sandbox: RunningSandbox) -> dict[str, Any]:
    got: dict[str, Any] = sandbox.post(BUCKETS, json={"name": "my-bucket", "location": "us-central1"}).json()
    return got


def receipts(sandbox: RunningSandbox) -> list[dict[str, Any]]:
    got: list[dict[str, Any]] = sandbox.admin("GET", "faults")["receipts"]
    return got


def last_seq(sandbox: RunningSandbox) -> int:
    seq: int = sandbox.admin("GET", "requests")["requests"][-1]["seq"]
    return seq


def test_health_says_version_date_and_clock(sandbox: RunningSandbox) -> None:
    health = sandbox.admin("GET", "health")
    assert health["status"] == "ok"
    assert (health["asOf"], health["now"]) == ("2026-11-21", "2026-11-21T00:00:00.000000Z")
    assert health["clock"]["mode"] == "stepped"


def test_an_answer_has_the_date_of_the_sandbox(sandbox: RunningSandbox) -> None:
    assert sandbox.get(BUCKETS).headers["date"] == "Sat, 21 Nov 2026 00:00:00 GMT"
    sandbox.admin("POST", "clock", {"advance_seconds": 3600})
    assert sandbox.get(BUCKETS).headers["date"] == "Sat, 21 Nov 2026 01:00:00 GMT"


def test_the_admin_list_names_every_admin_path(sandbox: RunningSandbox) -> None:
    paths = {entry["path"] for entry in sandbox.admin("GET", "")["paths"]}
    assert {"/_sandbox/health", "/_sandbox/reset", "/_sandbox/requests", "/_sandbox/clock", "/_sandbox/faults"} <= paths


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "nothing", 404), ("POST", "health", 405), ("DELETE", "clock", 405)]
)
def test_an_admin_path_that_is_not_there_is_refused(
    sandbox: RunningSandbox, method: str, path: str, status: int
) -> None:
    assert sandbox.request(method, f"/_sandbox/{path}").status_code == status


def test_an_unknown_route_gets_a_page_that_names_it(sandbox: RunningSandbox) -> None:
    answer = sandbox.get("/v1/nothing/here?x=<b>")
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert "/v1/nothing/here" in answer.text
    assert "x=<b>" not in answer.text


def test_a_method_that_google_has_and_the_sandbox_has_not_is_named(sandbox: RunningSandbox) -> None:
    answer = sandbox.get(f"{BUCKET}/acl")
    assert answer.status_code == 501
    assert "storage.bucketAccessControls.list" in answer.json()["error"]["message"]


def test_an_unknown_query_parameter_is_refused_and_googles_common_ones_pass(
    sandbox: RunningSandbox, bucket: Any
) -> None:
    assert sandbox.get(f"{BUCKET}?nonsense=1").status_code == 400
    assert (
        sandbox.get(f"{BUCKET}?prettyPrint=false&alt=json&$alt=json&quotaUser=me&key=k&projection=full").status_code
        == 200
    )


def test_errors_of_storage_have_its_own_envelope(sandbox: RunningSandbox) -> None:
    answer = sandbox.get("/storage/v1/b/none")
    error = answer.json()["error"]
    assert error["errors"] == [{"message": error["message"], "domain": "global", "reason": "notFound"}]
    assert "status" not in error
    assert answer.headers["server"] == "UploadServer"


def test_a_body_that_is_no_json_is_refused(sandbox: RunningSandbox) -> None:
    assert sandbox.post(BUCKETS, data=b"{").status_code == 400
    assert sandbox.post(BUCKETS, data=b"[1]").status_code == 400


def test_a_status_fault_answers_once_and_leaves_a_receipt(sandbox: RunningSandbox, bucket: Any) -> None:
    sandbox.admin(
        "POST",
        "faults",
        {"kind": "status", "status": 429, "match": {"id": "storage.buckets.get"}, "headers": {"retry-after": "7"}},
    )
    answer = sandbox.get(BUCKET)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "7")
    assert [(r["kind"], r["request"]) for r in receipts(sandbox)] == [("status", last_seq(sandbox))]
    assert sandbox.get(BUCKET).status_code == 200


def test_faults_are_taken_in_their_order_and_skip_what_they_are_told(sandbox: RunningSandbox, bucket: Any) -> None:
    sandbox.admin(
        "POST",
        "faults",
        [
            {"kind": "status", "status": 503, "match": {"method": "GET"}, "skip": 1},
            {"kind": "status", "status": 500, "match": {"path": "my-bucket"}, "count": 2},
        ],
    )
    assert [sandbox.get(BUCKET).status_code for _ in range(4)] == [500, 503, 500, 200]


def test_a_delay_answers_later_as_usual(sandbox: RunningSandbox, bucket: Any) -> None:
    sandbox.admin("POST", "faults", {"kind": "delay", "delaySeconds": 0.05})
    start = time.monotonic()
    assert sandbox.get(BUCKET).status_code == 200
    assert time.monotonic() - start >= 0.05
    assert receipts(sandbox)[0]["kind"] == "delay"


def test_a_truncated_body_breaks_the_connection(sandbox: RunningSandbox, bucket: Any) -> None:
    sandbox.admin("POST", "faults", {"kind": "truncate"})
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        sandbox.get(BUCKET)
    assert receipts(sandbox)[0]["kind"] == "truncate"


NAMED = {"name": "new-bucket", "location": "us-central1"}


@pytest.mark.parametrize(("kind", "status"), [("hold", 404), ("mute", 200)])
def test_a_held_call_gets_no_answer_and_only_a_muted_one_takes_effect(
    sandbox: RunningSandbox, kind: str, status: int
) -> None:
    sandbox.admin("POST", "faults", {"kind": kind})
    with pytest.raises(requests.exceptions.ReadTimeout):
        sandbox.session.post(f"{sandbox.url}{BUCKETS}", json=NAMED, timeout=0.2)
    assert sandbox.get("/storage/v1/b/new-bucket").status_code == status


def test_after_the_last_answer_every_request_is_held_until_the_faults_are_gone(
    sandbox: RunningSandbox, bucket: Any
) -> None:
    sandbox.admin("POST", "faults", {"kind": "last"})
    assert sandbox.get(BUCKET).status_code == 200
    with pytest.raises(requests.exceptions.ReadTimeout):
        sandbox.session.get(f"{sandbox.url}{BUCKET}", timeout=0.2)
    sandbox.admin("DELETE", "faults")
    assert sandbox.get(BUCKET).status_code == 200


def test_a_text_of_ones_own_is_answered_after_the_effect(sandbox: RunningSandbox) -> None:
    sandbox.admin("POST", "faults", {"kind": "answer", "body": "<html>"})
    answer = sandbox.post(BUCKETS, json=NAMED)
    assert (answer.status_code, answer.text) == (200, "<html>")
    assert sandbox.get("/storage/v1/b/new-bucket").status_code == 200


def test_a_closed_connection_has_no_effect(sandbox: RunningSandbox) -> None:
    sandbox.admin("POST", "faults", {"kind": "close", "match": {"method": "POST"}})
    with pytest.raises(requests.ConnectionError):
        sandbox.post(BUCKETS, json={"name": "my-bucket"})
    assert receipts(sandbox)[0]["kind"] == "close"
    assert sandbox.get(BUCKET).status_code == 404


def test_a_lost_answer_has_its_effect(sandbox: RunningSandbox) -> None:
    sandbox.admin("POST", "faults", {"kind": "lost", "match": {"method": "POST"}})
    with pytest.raises(requests.ConnectionError):
        sandbox.post(BUCKETS, json={"name": "my-bucket"})
    assert receipts(sandbox)[0]["kind"] == "lost"
    assert sandbox.get(BUCKET).status_code == 200


def test_a_lost_answer_may_come_as_a_status(sandbox: RunningSandbox) -> None:
    sandbox.admin("POST", "faults", {"kind": "lost", "status": 504, "match": {"method": "POST"}})
    assert sandbox.post(BUCKETS, json={"name": "my-bucket"}).status_code == 504
    assert sandbox.get(BUCKET).status_code == 200


def test_a_stale_read_sees_one_change_ago_and_nothing_before_the_creation(sandbox: RunningSandbox, bucket: Any) -> None:
    sandbox.admin("POST", "faults", {"kind": "stale", "match": {"method": "GET"}})
    assert sandbox.get(BUCKET).status_code == 404
    sandbox.patch(BUCKET, json={"labels": {"a": "1"}})
    sandbox.admin("POST", "faults", {"kind": "stale", "match": {"method": "GET"}})
    assert "labels" not in sandbox.get(BUCKET).json()
    assert sandbox.get(BUCKET).json()["labels"] == {"a": "1"}
    assert [r["kind"] for r in receipts(sandbox)] == ["stale", "stale"]


def test_a_stale_list_is_as_it_was_so_many_seconds_ago(sandbox: RunningSandbox, bucket: Any) -> None:
    sandbox.advance(30)
    sandbox.post(BUCKETS, json={"name": "second-bucket"})
    sandbox.admin("POST", "faults", {"kind": "stale", "seconds": 10})
    assert [b["name"] for b in sandbox.get(BUCKETS).json()["items"]] == ["my-bucket"]
    assert len(sandbox.get(BUCKETS).json()["items"]) == 2


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "nonsense"},
        {"kind": "delay"},
        {"kind": "status", "x": 1},
        {"kind": "close", "match": {"path": "("}},
        {"kind": "close", "count": -1},
        3,
    ],
)
def test_a_fault_that_makes_no_sense_is_refused_and_nothing_added(sandbox: RunningSandbox, fault: Any) -> None:
    answer = sandbox.post("/_sandbox/faults", json=[{"kind": "close"}, fault])
    assert answer.status_code == 400
    assert sandbox.admin("GET", "faults")["faults"] == []


def test_the_journal_has_what_was_asked_and_answered(sandbox: RunningSandbox, bucket: Any) -> None:
    entry = sandbox.admin("GET", "requests")["requests"][-1]
    assert (entry["method"], entry["path"], entry["status"]) == ("POST", BUCKETS, 200)
    assert entry["body"]["name"] == "my-bucket"
    sandbox.get(BUCKET)
    newer = sandbox.admin("GET", f"requests?since={entry['seq']}")["requests"]
    assert [e["method"] for e in newer] == ["GET"]


def test_keys_and_tokens_do_not_reach_the_journal(sandbox: RunningSandbox) -> None:
    sandbox.post(
        f"{BUCKETS}&key=SECRET1&access_token=SECRET2",
        json={"name": "a", "privateKeyData": "SECRET3", "deep": [{"private_key": "SECRET4"}]},
        headers={"authorization": "Bearer SECRET5"},
    )
    text = sandbox.get("/_sandbox/requests").text
    assert "SECRET" not in text
    assert text.count("REDACTED") == 5


def test_a_principal_may_only_what_it_was_given(sandbox: RunningSandbox, bucket: Any) -> None:
    sandbox.admin(
        "POST", "principals", {"token": "weak", "email": "weak@example.com", "permissions": ["storage.buckets.get"]}
    )
    weak = {"authorization": "Bearer weak"}
    assert sandbox.get(BUCKET, headers=weak).status_code == 200
    denied = sandbox.delete(BUCKET, headers=weak)
    assert denied.status_code == 403
    assert "weak@example.com does not have storage.buckets.delete access" in denied.json()["error"]["message"]
    assert sandbox.delete(BUCKET, headers={"authorization": "Bearer other"}).status_code == 204


def test_a_denied_permission_of_vertex_is_named_with_the_resource(sandbox: RunningSandbox) -> None:
    sandbox.admin("POST", "principals", {"token": "none", "permissions": []})
    denied = sandbox.post(
        "/v1/projects/my-project/locations/us-central1/tuningJobs", json={}, headers={"authorization": "Bearer none"}
    )
    error = denied.json()["error"]
    assert (denied.status_code, error["status"]) == (403, "PERMISSION_DENIED")
    assert error["message"] == (
        "Permission 'aiplatform.tuningJobs.create' denied on resource "
        "'//aiplatform.googleapis.com/projects/my-project/locations/us-central1' (or it may not exist)."
    )
    assert error["details"][0]["reason"] == "IAM_PERMISSION_DENIED"


def test_a_registered_project_keeps_its_number(sandbox: RunningSandbox) -> None:
    sandbox.admin("POST", "projects", {"projectId": "given-project", "projectNumber": "123456789012"})
    bucket = sandbox.post("/storage/v1/b?project=given-project", json={"name": "b-1"}).json()
    assert bucket["projectNumber"] == "123456789012"
    listed = sandbox.get("/storage/v1/b?project=123456789012").json()
    assert [b["name"] for b in listed["items"]] == ["b-1"]


def test_a_switch_is_set_by_name_and_only_to_what_it_may_be(sandbox: RunningSandbox) -> None:
    assert sandbox.admin("POST", "policy", {"storage.cmek_agent": "ignore"})["policy"]["storage.cmek_agent"] == "ignore"
    assert sandbox.post("/_sandbox/policy", json={"storage.cmek_agent": "maybe"}).status_code == 400
    assert sandbox.post("/_sandbox/policy", json={"nonsense": 1}).status_code == 400
    sandbox.admin("POST", "reset")
    assert sandbox.admin("GET", "policy")["policy"]["storage.cmek_agent"] == "enforce"


def test_the_stepped_clock_stands_until_it_is_advanced(sandbox: RunningSandbox) -> None:
    before = sandbox.admin("GET", "clock")["now"]
    assert sandbox.admin("GET", "clock")["now"] == before
    assert sandbox.advance(90)["now"] == "2026-11-21T00:01:30.000000Z"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"mode": "fast"},
        {"mode": "scaled"},
        {"mode": "scaled", "scale": 0},
        {"scale": 5},
        {"advance_seconds": -1},
        {"advance_seconds": "1"},
        {"x": 1},
    ],
)
def test_a_clock_that_makes_no_sense_is_refused(sandbox: RunningSandbox, body: Any) -> None:
    assert sandbox.post("/_sandbox/clock", json=body).status_code == 400


def test_the_same_calls_after_a_reset_give_the_same_bytes(sandbox: RunningSandbox) -> None:
    def play() -> list[bytes]:
        sandbox.admin("POST", "reset")
        made = sandbox.post(BUCKETS, json={"name": "my-bucket"})
        begun = sandbox.post("/upload/storage/v1/b/my-bucket/o?uploadType=resumable&name=a", json={})
        return [made.content, begun.headers["location"].encode()]

    assert play() == play()
