"""Whatever is sent, the sandbox answers what Google would: never a 500, never a traceback."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from sandbox.vertex_support import PLACE, PROJECT, get, job_body, make_data, succeed
from tuning_sandbox.app import load_apis
from tuning_sandbox.kernel.discovery import Document, document

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.running import RunningSandbox
    from tuning_sandbox.kernel.routes import Route

ODD: tuple[Any, ...] = (
    None, True, "", "x", "²", "-1", "9" * 30, "9" * 5000, "NaN", "\ud800", "\x00", "../..", 0, -1, 2**63, 1e300, 0.5, [], {}, [{}],
    {"x": 1}, [None], "projects/p", "gs://b/o", "2026-01-01T00:00:00Z", "not-a-date", {"a": "b"}, ["a", 1], "Zm9v",
)  # fmt: skip
ODD_SEGMENTS = (
    "x",
    "%2F",
    "..",
    "%00",
    "²",
    "%ED%A0%80",
    "9" * 5000,
    "a@b",
    "a@",
    "@",
    "-",
    "1",
    "us-central1",
    "%25",
    "~" * 300,
)
ODD_QUERY = (
    "pageSize=²",
    "pageSize=-1",
    "pageToken=YXQ6LTU=",
    "pageToken=%FF",
    "filter=%22",
    "orderBy=,",
    "updateMask=a..b,,",
    "alt=media",
    "generation=²",
    "ifGenerationMatch=99999999999999999999",
    "maxResults=0",
    "uploadType=x",
    "uploadType=multipart",
    "uploadType=resumable",
    "uploadType=media&name=a",
    "upload_id=x",
    "project=",
    "keyRingId=%00",
)
ODD_RAW = (b"{", b"[1]", b"\xff\xfe", b'{"a":1e999}', b'{"name":"\\ud800"}', b"[" * 3000, b'{"a":' * 3000,
           b'{"contents":' + b'[{"parts":' * 60 + b"1", b"null", b"--b\r\n\r\n--b--", b'{"n":' + b"9" * 6000 + b"}")  # fmt: skip


@pytest.fixture
def full(sandbox: RunningSandbox) -> RunningSandbox:
    """A sandbox with one of everything."""
    sandbox.post(f"/v1/projects/{PROJECT}/locations/us-central1/keyRings?keyRingId=r", json={})
    sandbox.post(
        f"/v1/projects/{PROJECT}/locations/us-central1/keyRings/r/cryptoKeys?cryptoKeyId=k",
        json={"purpose": "ENCRYPT_DECRYPT"},
    )
    sandbox.post(f"/v1/projects/{PROJECT}/serviceAccounts", json={"accountId": "tuner-1"})
    sandbox.post("/_sandbox/vertex", json={"concurrentJobs": 1})
    succeed(sandbox, job_body(*make_data(sandbox, 10, 4)))
    return sandbox


def known_segments(sandbox: RunningSandbox) -> dict[str, list[str]]:
    job = sandbox.get(f"{PLACE}/tuningJobs").json()["tuningJobs"][0]
    tuned = get(sandbox, job["name"])["tunedModel"]
    last = {key: tuned[key].rpartition("/")[2] for key in ("model", "endpoint")}
    return {
        "project": [PROJECT, job["name"].split("/")[1]],
        "location": ["us-central1", "us", "global"],
        "job": [job["name"].rpartition("/")[2]],
        "model": [last["model"], "gemini-3.5-flash"],
        "endpoint": [last["endpoint"]],
        "bucket": ["tuning-data"],
        "object": ["train.jsonl"],
        "publisher": ["google"],
        "keyRing": ["r"],
        "ring": ["r"],
        "key": ["k"],
        "cryptoKey": ["k"],
        "version": ["1"],
        "account": [f"tuner-1@{PROJECT}.iam.gserviceaccount.com"],
        "service": ["aiplatform.googleapis.com"],
        "policy": ["gcp.resourceLocations", "gcp.restrictNonCmekServices"],
    }


class Maker:
    """Requests for a route: mostly of the right shape, with something odd in them."""

    def __init__(self, seed: int, known: dict[str, list[str]]) -> None:
        self.random = random.Random(seed)  # noqa: S311 - no secret
        self.known = known

    def path(self, route: Route) -> str:
        parts = []
        for part in route.template.split("/"):
            name = part.partition("}")[0].lstrip("{").partition("=")[0]
            if not part.startswith("{"):
                parts.append(part)
            elif name in self.known and self.random.random() < 0.9:
                parts.append(quote(self.random.choice(self.known[name]), safe="@") + part.partition("}")[2])
            else:
                parts.append(self.random.choice(ODD_SEGMENTS) + part.partition("}")[2])
        chosen = self.random.sample(ODD_QUERY, self.random.choice((0, 0, 0, 0, 1, 2)))
        if "project" not in route.template:
            chosen.append(f"project={PROJECT}")
        return "/".join(parts) + ("?" + "&".join(chosen) if chosen else "")

    def body(self, route: Route) -> bytes:
        if self.random.random() < 0.15:
            return self.random.choice(ODD_RAW)
        doc = document(route.api.document, route.document_version or "v1") if route.api.document else None
        method = doc.methods.get(route.id or "") if doc else None
        if doc is None or method is None or method.request is None:
            return json.dumps(self.random.choice(ODD)).encode()
        return json.dumps(self.message(doc, method.request, 0)).encode()

    def message(self, doc: Document, schema: str, depth: int) -> Any:
        fields = doc.schemas[schema].get("properties", {})
        names = self.random.sample(sorted(fields), min(len(fields), self.random.randint(0, 4)))
        return {name: self.value(doc, fields[name], depth + 1) for name in names}

    def value(self, doc: Document, field: dict[str, Any], depth: int) -> Any:
        if self.random.random() < 0.1 or depth > 6:
            return self.random.choice(ODD)
        if "$ref" in field:
            return self.message(doc, field["$ref"], depth)
        kind = field.get("type")
        if kind == "array":
            return [self.value(doc, field["items"], depth) for _ in range(self.random.randint(0, 2))]
        if kind == "object":
            inner = field.get("additionalProperties", {"type": "string"})
            return {"k": self.value(doc, inner if isinstance(inner, dict) else {"type": "string"}, depth)}
        if "enum" in field:
            return self.random.choice([*field["enum"], 1, 99])
        fitting: dict[str, list[Any]] = {
            "boolean": [True, False],
            "integer": [0, 1, -5, 2**31],
            "number": [0, 0.5, 1e308],
        }
        return self.random.choice(fitting.get(kind or "", ["a", "1", *ODD]))


def all_routes() -> Iterator[Route]:
    # what takes away comes last, or all that follows is the same 403 or 404
    routes = [route for api in load_apis() for route in api.routes if not route.template.endswith(":disable")]
    yield from sorted(routes, key=lambda route: route.method == "DELETE" or str(route.id).endswith("updateBillingInfo"))


@pytest.mark.matrix(1)
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.usefixtures("no_collection")
def test_no_request_makes_the_sandbox_fail(full: RunningSandbox, seed: int, capfd: pytest.CaptureFixture[str]) -> None:
    make, counts = Maker(seed, known_segments(full)), dict[int, int]()
    for route in all_routes():
        for _ in range(4):
            path, data = make.path(route), b"" if route.method == "GET" else make.body(route)
            kind = make.random.choice(["application/json", "multipart/related; boundary=b", "", "application/json"])
            span = {
                "content-range": make.random.choice(["bytes 0-²/x", "bytes 0-9/" + "9" * 5000, "bytes */*"]),
                "range": "bytes=" + "9" * 5000 + "-",
            }
            headers = {"content-type": kind, **(span if make.random.random() < 0.2 else {})}
            answer = full.request(
                route.method, path, data=data, headers={k: v.encode("latin-1") for k, v in headers.items()}
            )
            counts[answer.status_code] = counts.get(answer.status_code, 0) + 1
            assert answer.status_code < 500 or answer.status_code in {501, 503}, (
                route.method,
                path,
                data[:2000],
                answer.text,
            )
            if "json" in answer.headers.get("content-type", "") and answer.content:
                json.loads(answer.content, parse_constant=not_json)
    full.advance(3600)
    assert full.get("/_sandbox/requests").status_code == 200
    assert capfd.readouterr().err == ""
    assert counts[200] > 80, counts


def not_json(name: str) -> float:
    pytest.fail(f"{name} is not JSON")


def changed(dice: random.Random, value: Any) -> Any:
    """The same JSON with one odd thing somewhere in it."""
    if not isinstance(value, dict | list) or not value or dice.random() < 0.1:
        return dice.choice(ODD)
    if isinstance(value, list):
        at = dice.randrange(len(value))
        return [*value[:at], changed(dice, value[at]), *value[at + 1 :]]
    key = dice.choice(list(value))
    return {**value, key: changed(dice, value[key])}


@pytest.mark.matrix(1)
@pytest.mark.parametrize("seed", range(4))
def test_one_odd_thing_in_a_good_body_is_never_a_failure(
    full: RunningSandbox, seed: int, capfd: pytest.CaptureFixture[str]
) -> None:
    dice = random.Random(seed)  # noqa: S311 - no secret
    tuned = get(full, full.get(f"{PLACE}/tuningJobs").json()["tuningJobs"][0]["name"])["tunedModel"]
    key = f"projects/{PROJECT}/locations/us-central1/keyRings/r/cryptoKeys/k"
    job = job_body("gs://tuning-data/train.jsonl", "gs://tuning-data/validation.jsonl", labels={"a": "b"}, description="d",
                   encryptionSpec={"kmsKeyName": key}, serviceAccount=f"tuner-1@{PROJECT}.iam.gserviceaccount.com")  # fmt: skip
    job["supervisedTuningSpec"] |= {
        "exportLastCheckpointOnly": False,
        "hyperParameters": {"epochCount": 1, "learningRateMultiplier": 1.0, "adapterSize": 1},
    }
    config = {
        "temperature": 0.5,
        "topP": 0.5,
        "topK": 5,
        "maxOutputTokens": 4,
        "seed": 1,
        "candidateCount": 2,
        "stopSequences": ["a"],
    }
    ask = {
        "contents": [{"role": "user", "parts": [{"text": "hi"}]}],
        "systemInstruction": {"parts": [{"text": "s"}]},
        "generationConfig": config,
    }
    policy = {
        "policy": {
            "version": 1,
            "etag": "",
            "bindings": [{"role": "roles/viewer", "members": ["user:a@example.com"], "condition": {"title": "t"}}],
        }
    }
    good: list[tuple[str, str, Any]] = [
        ("POST", f"{PLACE}/tuningJobs", job),
        (
            "POST",
            f"{PLACE.replace('v1', 'v1beta1')}/tuningJobs",
            {**job, "outputUri": "gs://b/o", "customBaseModel": "gs://b/m"},
        ),
        ("POST", f"/v1/{tuned['endpoint']}:generateContent", ask),
        ("POST", f"/v1/{tuned['endpoint']}:streamGenerateContent?alt=sse", ask),
        ("POST", f"/v1/{tuned['endpoint']}:countTokens", {k: ask[k] for k in ("contents", "systemInstruction")}),
        (
            "POST",
            f"/v1/{tuned['endpoint']}:deployModel",
            {
                "deployedModel": {"model": tuned["model"], "displayName": "d", "checkpointId": "1", "id": "5"},
                "trafficSplit": {"0": 100},
            },
        ),
        ("POST", f"/v1/{tuned['endpoint']}:undeployModel", {"deployedModelId": "5", "trafficSplit": {"5": 0}}),
        (
            "PATCH",
            f"/v1/{tuned['endpoint']}?updateMask=displayName,labels,trafficSplit",
            {"displayName": "d", "labels": {"a": "b"}, "trafficSplit": {"5": 100}},
        ),
        (
            "PATCH",
            f"/v1/{tuned['model']}",
            {"displayName": "d", "labels": {"a": "b"}, "defaultCheckpointId": "1", "versionDescription": "v"},
        ),
        ("POST", f"/v1/{tuned['model']}:mergeVersionAliases", {"versionAliases": ["prod", "-prod"]}),
        (
            "POST",
            f"{PLACE}/endpoints",
            {"displayName": "e", "labels": {"a": "b"}, "encryptionSpec": {"kmsKeyName": key}},
        ),
        (
            "POST",
            f"/storage/v1/b?project={PROJECT}",
            {
                "name": "other-bucket",
                "location": "EU",
                "labels": {"a": "b"},
                "encryption": {"defaultKmsKeyName": key},
                "iamConfiguration": {"uniformBucketLevelAccess": {"enabled": True}},
            },
        ),
        (
            "PATCH",
            "/storage/v1/b/tuning-data",
            {
                "labels": {"a": None, "b": "c"},
                "versioning": {"enabled": True},
                "lifecycle": {"rule": [{"action": {"type": "Delete"}}]},
            },
        ),
        ("PATCH", "/storage/v1/b/tuning-data/o/train.jsonl", {"metadata": {"a": "b"}, "contentType": "text/plain"}),
        (
            "POST",
            "/storage/v1/b/tuning-data/o/all/compose",
            {"sourceObjects": [{"name": "train.jsonl"}], "destination": {"contentType": "a"}},
        ),
        ("PUT", "/storage/v1/b/tuning-data/iam", policy["policy"]),
        ("POST", f"/v1/{key}:setIamPolicy", policy),
        ("POST", f"/v1/projects/{PROJECT}:setIamPolicy", policy),
        (
            "POST",
            f"/v1/{key}:encrypt",
            {"plaintext": "aGk=", "additionalAuthenticatedData": "aGk=", "plaintextCrc32c": "1"},
        ),
        ("POST", f"/v1/{key}:decrypt", {"ciphertext": "aGk=" * 20}),
        (
            "PATCH",
            f"/v1/{key}?updateMask=rotationPeriod,nextRotationTime,labels",
            {"rotationPeriod": "90000s", "nextRotationTime": "2027-01-01T00:00:00Z", "labels": {"a": "b"}},
        ),
        ("PATCH", f"/v1/{key}/cryptoKeyVersions/1?updateMask=state", {"state": "DISABLED"}),
        (
            "POST",
            f"/v1/projects/{PROJECT}/serviceAccounts",
            {"accountId": "tuner-2", "serviceAccount": {"displayName": "d"}},
        ),
    ]
    for method, path, body in good * 8:
        data = json.dumps(changed(dice, body))
        answer = full.request(method, path, data=data, headers={"content-type": "application/json"})
        assert answer.status_code < 500 or answer.status_code == 501, (method, path, data[:2000], answer.text)
        assert answer.elapsed.total_seconds() < 1, (method, path, data[:2000])
    full.advance(24 * 3600)
    assert capfd.readouterr().err == ""


@pytest.mark.matrix(1)
@pytest.mark.parametrize("seed", range(3))
def test_no_admin_body_makes_the_sandbox_fail(
    full: RunningSandbox, seed: int, capfd: pytest.CaptureFixture[str]
) -> None:
    dice = random.Random(seed)  # noqa: S311 - no secret
    keys = (
        "kind",
        "match",
        "count",
        "skip",
        "status",
        "headers",
        "details",
        "delaySeconds",
        "mode",
        "scale",
        "advance_seconds",
        "jobFaults",
        "token",
        "permissions",
        "email",
        "projectId",
        "projectNumber",
        "concurrentJobs",
        "durationScale",
        "vertex.at_quota",
        "metric",
        "limit",
        "project",
        "path",
        "method",
        "id",
        "message",
        "code",
        "seconds",
        "changes",
    )
    paths = [
        entry
        for entry in full.admin("GET", "")["paths"]
        if entry["method"] == "POST" and entry["path"] != "/_sandbox/reset"
    ]
    for entry in paths * 12:
        body: Any = {
            key: dice.choice([*ODD, 1e308, "status", "stepped", {"method": 3}, {"path": "("}])
            for key in dice.sample(keys, dice.randint(0, 3))
        }
        if dice.random() < 0.2:
            body = dice.choice(ODD)
        answer = full.post(entry["path"], data=json.dumps(body), headers={"content-type": "application/json"})
        assert answer.status_code in {200, 400, 404}, (entry["path"], body, answer.text)
        full.admin("DELETE", "faults")
    full.admin("POST", "clock", {"mode": "stepped"})
    assert full.get(f"{PLACE}/tuningJobs").status_code == 200
    assert capfd.readouterr().err == ""
