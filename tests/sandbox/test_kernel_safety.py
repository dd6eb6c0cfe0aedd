"""What must not harm the sandbox or be done through it: other sites, hanging patterns, deep JSON, a damaged data folder."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from sandbox.running import RunningSandbox
from sandbox.test_kernel_program import refused
from sandbox.vertex_support import error_of
from tuning_sandbox.app import create_app
from tuning_sandbox.kernel.disk import FILE_NAME
from tuning_sandbox.kernel.disk_error import DiskError
from tuning_sandbox.kernel.sandbox import Config
from tuning_sandbox.testing import Sandbox

RESET = "/_sandbox/reset"


@pytest.mark.parametrize("path", [RESET, "/storage/v1/b?project=my-project"])
@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("Origin", "https://evil.example.com"),
        ("Origin", "http://127.0.0.1.evil.example.com"),
        ("Origin", "http://evil.example.com:80@localhost.evil.example.com"),
        ("Origin", "null"),
        ("Host", "evil.example.com"),
        ("Host", "evil.example.com:8085"),
        ("Host", "localhost.evil.example.com"),
        ("Host", ""),
        ("Host", "["),
        ("Host", "localhost@evil.example.com"),
        ("Origin", "http://[evil"),
    ],
)
def test_what_another_site_makes_a_browser_send_is_refused_and_changes_nothing(
    sandbox: RunningSandbox, path: str, header: str, value: str
) -> None:
    assert sandbox.post("/storage/v1/b?project=my-project", json={"name": "before"}).ok
    answer = sandbox.post(path, json={"name": "harm"}, headers={header: value})
    code, status, message = error_of(answer)
    assert (code, status) == (403, "PERMISSION_DENIED")
    assert f"the {header} header of the request is {value!r}" in message
    assert sandbox.get("/storage/v1/b/before").status_code == 200
    assert sandbox.get("/storage/v1/b/harm").status_code == 404


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("Origin", "http://localhost:3000"),
        ("Origin", "http://127.0.0.1:8085"),
        ("Origin", "http://[::1]:1"),
        ("Host", "localhost:8085"),
        ("Host", "LOCALHOST"),
        ("Host", "us-central1.localhost:8085"),
    ],
)
def test_what_comes_from_this_machine_is_answered(sandbox: RunningSandbox, header: str, value: str) -> None:
    assert sandbox.post(RESET, headers={header: value}).status_code == 200


@pytest.mark.usefixtures("no_collection")
@pytest.mark.parametrize(
    "body", ["[" * 100_000 + "]" * 100_000, '{"a":' * 500 + "1" + "}" * 500, "{", '{"a": NaN', '"\\ud800"', "\x00"]
)
@pytest.mark.parametrize("path", ["clock", "faults", "principals", "projects", "policy", "vertex", "quotas", "billing"])
def test_a_body_that_the_admin_cannot_read_is_a_400_with_a_sentence(
    sandbox: RunningSandbox, path: str, body: str, capfd: pytest.CaptureFixture[str]
) -> None:
    code, status, message = error_of(sandbox.post(f"/_sandbox/{path}", data=body.encode()))
    assert (code, status) == (400, "INVALID_ARGUMENT")
    assert message
    assert capfd.readouterr().err == ""


def test_a_fault_whose_pattern_would_go_back_and_forth_for_ever_does_not(sandbox: RunningSandbox) -> None:
    sandbox.admin("POST", "faults", {"kind": "status", "status": 503, "match": {"path": "(a+)+$"}})
    assert sandbox.get("/storage/v1/b/" + "a" * 60 + "-").status_code == 404
    assert sandbox.get("/storage/v1/b/" + "a" * 60).status_code == 503


@pytest.mark.parametrize("pattern", ["(", "(a)\\1", "(?=x)", "a{400}b{400}", "[[:alpha:]]", "(" * 400, "a" * 100_000])
def test_a_fault_with_a_pattern_that_is_not_known_is_refused(sandbox: RunningSandbox, pattern: str) -> None:
    answer = sandbox.post("/_sandbox/faults", json={"kind": "close", "match": {"path": pattern}})
    assert "match.path is not a regular expression" in error_of(answer)[2]


@pytest.mark.parametrize(
    ("key", "value"), [("now", "yesterday"), ("now", ""), ("hurried", "x"), ("seed", "1.5"), ("ids", "many")]
)
def test_a_damaged_data_folder_is_one_sentence_that_says_what_to_do(tmp_path: Path, key: str, value: str) -> None:
    with Sandbox(as_of="2026-11-21", data=tmp_path):
        pass
    with sqlite3.connect(tmp_path / FILE_NAME) as db:
        db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))
    db.close()
    for _ in range(2):
        got = refused("--stepped", "--data", str(tmp_path))
        assert (got.returncode, got.stdout, got.stderr.count("\n")) == (1, "", 1)
        assert got.stderr.startswith(f"the data folder {tmp_path} cannot be used: ")
        assert f"{key} {value!r}" in got.stderr
        assert f"rm -r {tmp_path}" in got.stderr


def damage(folder: Path, *statements: str) -> None:
    """A data folder that a sandbox used, and what somebody did to its file then."""
    with Sandbox(as_of="2026-11-21", data=folder) as sandbox:
        parent = "/v1beta1/projects/my-project/locations/us-central1"
        sandbox.call("POST", f"{parent}/endpoints", {"displayName": "e"})
    with sqlite3.connect(folder / FILE_NAME) as db:
        for statement in statements:
            db.execute(statement)
    db.close()


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE docs SET doc = '{'", "is no JSON object"),
        ("UPDATE docs SET doc = '3'", "is no JSON object"),
        ("UPDATE docs SET doc = x'ff'", "is no JSON object"),
        ("UPDATE docs SET doc = replace(hex(zeroblob(1500)), '00', '[[')", "is no JSON object"),
        ("UPDATE docs SET doc = '{}' WHERE kind = 'vertex.operations'", "what it keeps of an API is not readable"),
        ("ALTER TABLE docs RENAME COLUMN doc TO other", "its tables are not the sandbox's"),
        ("ALTER TABLE blobs RENAME COLUMN data TO other", "its tables are not the sandbox's"),
        ("INSERT OR REPLACE INTO meta VALUES ('now', x'ff')", "what it keeps of the sandbox is not readable"),
        ("INSERT OR REPLACE INTO meta VALUES ('now', '9999-12-31T23:59:59Z')", "what it keeps of the sandbox is not"),
        ("INSERT OR REPLACE INTO meta VALUES ('hurried', 'nan')", "what it keeps of the sandbox is not readable"),
    ],
)
def test_a_data_file_that_no_sandbox_wrote_is_refused_and_left_as_it_is(
    tmp_path: Path, statement: str, said: str
) -> None:
    damage(tmp_path, statement)
    for _ in range(2):  # and the file is free again
        with pytest.raises(DiskError, match=said) as caught:
            create_app(Config(data=tmp_path))
        assert f"rm -r {tmp_path}" in str(caught.value)


ADMIN_BODIES = [3, "x", [], [3], {}, {"a": 1}, {"kind": []}, {"kind": "status", "status": 10**400}, {"mode": 3}]
ADMIN_BODIES += [{"advance_seconds": 1e308}, {"mode": "scaled", "scale": 1e308}, {"kind": "stale", "changes": 10**30}]
ADMIN_BODIES += [{"token": 3, "email": [], "permissions": 3}, {"projectId": 3}, {"project": 3, "billingEnabled": "x"}]
ADMIN_BODIES += [{"projects.registered_only": []}, {"project": [], "limits": 3}]


@pytest.mark.parametrize("path", ["clock", "faults", "principals", "projects", "policy", "vertex", "quotas", "billing"])
def test_a_body_of_another_shape_is_never_the_sandboxs_failure(
    sandbox: RunningSandbox, path: str, capfd: pytest.CaptureFixture[str]
) -> None:
    for body in ADMIN_BODIES:
        answer = sandbox.post(f"/_sandbox/{path}", json=body)
        assert answer.status_code < 500, body
    assert capfd.readouterr().err == ""
