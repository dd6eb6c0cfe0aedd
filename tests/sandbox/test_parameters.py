"""Every parameter of every served method in Google's discovery documents changes the answer or is refused by name."""

from __future__ import annotations

import json
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

import pytest

from sandbox.gemini_api_support import create as tune_gemini
from sandbox.parameter_samples import BASE, BODIES, EMPTY_BUCKET, NO_DIFFERENCE, SAMPLES, SAMPLES_OF, UNPAID
from sandbox.pipeline_support import BISON_DAY, make_files, pipeline_body, run_pipeline
from sandbox.running import RunningSandbox, run_sandbox
from sandbox.vertex_support import PLACE, PROJECT, create, job_body, upload
from tuning_sandbox.app import create_app, load_apis
from tuning_sandbox.kernel.discovery import document
from tuning_sandbox.kernel.sandbox import Config, parse_as_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tuning_sandbox.kernel.api import ServedRoute


class _RolledBackError(Exception):
    pass


@contextmanager
def undone(world: RunningSandbox) -> Iterator[None]:
    """What happens inside leaves no trace in the store."""
    try:
        with world.state.store.transaction():
            yield
            raise _RolledBackError
    except _RolledBackError:
        return


@pytest.fixture(scope="module")
def world() -> Iterator[RunningSandbox]:
    """A sandbox in which every served collection holds something, most of them two things."""
    app = create_app(Config(mode="stepped", as_of=parse_as_of(BISON_DAY), seed=7))
    with run_sandbox(app) as sandbox:
        files = make_files(sandbox)
        sandbox.patch("/storage/v1/b/tuning-data", json={"versioning": {"enabled": True}})
        upload(sandbox, "tuning-data", "chats.jsonl", b"{}")
        sandbox.post(f"/storage/v1/b?project={PROJECT}", json=EMPTY_BUCKET)
        for name in ("first", "second"):
            board = sandbox.post(f"{PLACE}/tensorboards", json={"displayName": name}).json()["response"]["name"]
        for name in ("tickets", "second"):
            body = pipeline_body(files["pairs"], model_display_name=name, tensorboard_resource_id=board)
            run_pipeline(sandbox, body)
        for _ in range(2):
            training = {"trainingDatasetUri": files["pairs"]}
            create(sandbox, job_body("", baseModel="gemini-1.0-pro-002", supervisedTuningSpec=training))
        for ring in ("ring", "second"):
            sandbox.post(f"{PLACE}/keyRings?keyRingId={ring}", json={})
        for key in ("key", "second"):
            sandbox.post(f"{PLACE}/keyRings/ring/cryptoKeys?cryptoKeyId={key}", json={"purpose": "ENCRYPT_DECRYPT"})
        sandbox.post(f"{PLACE}/keyRings/ring/cryptoKeys/key/cryptoKeyVersions", json={})
        for account in ("first-account", "second-account"):
            sandbox.post(f"/v1/projects/{PROJECT}/serviceAccounts", json={"accountId": account})
        for role in ("first", "second", "third"):
            body = {"roleId": role, "role": {"includedPermissions": ["storage.objects.get"]}}
            sandbox.post(f"/v1/projects/{PROJECT}/roles", json=body)
        sandbox.delete(f"/v1/projects/{PROJECT}/roles/third")
        for name, rule in (
            ("gcp.resourceLocations", {"allowAll": True}),
            ("gcp.restrictNonCmekServices", {"allowAll": True}),
        ):
            body = {"name": f"projects/{PROJECT}/policies/{name}", "spec": {"rules": [rule]}}
            assert sandbox.post(f"/v2/projects/{PROJECT}/policies", json=body).status_code == 200
        for _ in range(2):
            tune_gemini(sandbox)
        sandbox.admin("POST", "billing", {"project": UNPAID, "billingEnabled": False})
        sandbox.post(f"{PLACE}/endpoints?endpointId=mine", json={"displayName": "z"})
        sandbox.advance(600)
        yield sandbox


def served() -> list[tuple[ServedRoute, str]]:
    """Every served route and query parameter that the discovery document of its version has."""
    found = []
    for api in load_apis():
        for route in api.routes:
            if route.version is not None and route.version not in api.versions:
                continue  # `ui` is a spelling of the first version
            if not (api.document and route.id and route.document_version):
                continue
            method = document(api.document, route.document_version).methods.get(route.id)
            found += [(route, name) for name in (method.query if method else ())]
    return found


def _path_of(world: RunningSandbox, route: ServedRoute) -> str:
    empty = route.id in ("storage.buckets.delete", "storage.managedFolders.list")
    bucket = "empty-bucket" if empty else "tuning-data"
    held = {
        "project": PROJECT,
        "location": "us-central1",
        "bucket": bucket,
        "object": "pairs.jsonl",
        "destinationBucket": "tuning-data",
        "destinationObject": "copy.jsonl",
        "ring": "ring",
        "key": "key",
        "number": "1",
        "account": f"first-account@{PROJECT}.iam.gserviceaccount.com",
        "policy": "gcp.resourceLocations",
        "role": "first",
        "service": "aiplatform.googleapis.com",
        "publisher": "google",
        "run": "tuning",
        "series": "1",
    }
    for kind, collection in (
        ("model", "models"),
        ("endpoint", "endpoints"),
        ("tensorboard", "tensorboards"),
        ("owner", ""),
    ):
        wanted = collection or re.search(r"/(\w+)/\{owner\}", route.template)
        if not wanted:
            continue
        name = wanted if isinstance(wanted, str) else wanted[1]
        answer = world.get(f"{PLACE}/{name}").json()[name]
        held[kind] = str(answer[-1]["name"]).rpartition("/")[2]
    if "/tunedModels/" in route.template:
        held["model"] = world.get("/v1beta/tunedModels").json()["tunedModels"][0]["name"].partition("/")[2]
    if "{experiment}" in route.template:
        board = f"{PLACE}/tensorboards/{held['tensorboard']}/experiments"
        held["experiment"] = str(world.get(board).json()["tensorboardExperiments"][0]["name"]).rpartition("/")[2]
    if "/publishers/" in route.template:
        held["model"] = "gemini-1.0-pro-002"
    if "{operation}" in route.template:
        held["operation"] = _operation_of(world, held.get("owner", ""))
    return re.sub(r"\{(\w+)(=\*\*?)?\}", lambda match: quote(held[match[1]], safe=""), route.template)


def _operation_of(world: RunningSandbox, owner: str) -> str:
    names = world.state.store.collection("vertex.operations").names()
    fits = [name for name in names if (f"/{owner}/operations/" in name if owner else name.count("/") == 5)]
    return fits[0].rpartition("/")[2] if fits else "0"


def _sample_of(world: RunningSandbox, route: ServedRoute, name: str) -> str:
    if (str(route.id), name) in SAMPLES_OF:
        return SAMPLES_OF[(str(route.id), name)]
    schema = document(str(route.api.document), str(route.document_version)).methods[str(route.id)].query[name]
    fresh = route.id in ("storage.objects.insert", "storage.objects.copy", "storage.objects.rewrite")
    if name in ("ifGenerationNotMatch", "ifSourceGenerationNotMatch"):
        if fresh and "Source" not in name:
            return "0"
        return str(world.get("/storage/v1/b/tuning-data/o/pairs.jsonl").json()["generation"])
    if name == "ifMetagenerationNotMatch" and fresh:
        return "0"
    if name == "orderBy" and route.api.name == "aiplatform":
        return "create_time"
    if name == "filter" and route.api.name == "cloudkms":
        return "state=DISABLED"
    if name == "filter":
        return "name=none" if str(route.id).endswith("operations.list") else 'labels.no="thing"'
    if name in SAMPLES:
        return SAMPLES[name]
    if "enum" in schema:
        return str(schema["enum"][-1])
    return {"boolean": "true", "integer": "1"}.get(str(schema.get("type")), "x")


def _ask(world: RunningSandbox, route: ServedRoute, query: dict[str, str]) -> tuple[int, str]:
    """The answer, without what differs between two equal requests."""
    body: Any = BODIES.get(str(route.id), {})
    arguments: dict[str, Any] = {"json": body}
    if body == "pipeline":
        arguments = {"json": pipeline_body("gs://tuning-data/pairs.jsonl")}
    if route.template.startswith("/upload/"):
        query = {"uploadType": "media", "name": "new.txt", **query}
        arguments = {"data": b"text"}
    if route.method == "GET":
        arguments = {}
    with undone(world):
        answer = world.request(route.method, f"{_path_of(world, route)}?{urlencode(query)}", **arguments)
    text = re.sub(r'("(?:etag|selfLink|mediaLink)": )"[^"]*"', r'\1""', answer.text)
    return answer.status_code, re.sub(r"\d{16,}", "", text)


def _is_one_page(text: str) -> bool:
    """Whether a list has no more than one item, so that it is the same in pages of one."""
    return all(len(value) <= 1 for value in json.loads(text).values() if isinstance(value, list))


def wrongs(world: RunningSandbox, route: ServedRoute, name: str) -> str | None:
    """What is wrong with how a parameter is answered, None where nothing is."""
    base = BASE.get(str(route.id), {})
    plain = _ask(world, route, base)
    status, text = _ask(world, route, {**base, name: _sample_of(world, route, name)})
    if status == 501:
        return None if name in text else f"501 does not name {name}"
    if status >= 500:
        return f"{status} {text[:200]}"
    if (status, text) != plain or NO_DIFFERENCE.keys() & {name, f"{route.id} {name}"}:
        return None
    if plain[0] >= 400 and plain[0] != 404:
        return f"the request without it fails: {plain[1][:200]}"
    if name in ("filter", "orderBy", "pageSize") and _is_one_page(text):
        return None
    return f"{status} with and without it"


def test_every_parameter_of_every_served_method_is_honored_or_refused_by_name(world: RunningSandbox) -> None:
    cases = served()
    assert len(cases) > 250
    found = {
        f"{route.method} {route.template} {name}": wrong
        for route, name in cases
        if (wrong := wrongs(world, route, name)) is not None
    }
    assert not found, json.dumps(found, indent=1)


def test_the_walk_sees_a_parameter_that_is_passed_over(world: RunningSandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    from tuning_sandbox.kernel import front

    route = next(route for route, _ in served() if route.id == "storage.objects.list")
    assert wrongs(world, route, "matchGlob") is None
    monkeypatch.setattr(front, "refuse_unread", lambda _call: None)
    assert wrongs(world, route, "matchGlob") == "200 with and without it"


def test_a_field_of_a_request_message_that_nobody_reads_is_refused_by_name(world: RunningSandbox) -> None:
    path = f"{PLACE}/publishers/google/models/gemini-1.0-pro-002:countTokens"
    asked = {"contents": [{"role": "user", "parts": [{"text": "a"}]}]}
    assert world.post(path, json=asked).status_code == 200
    answer = world.post(path, json={**asked, "generationConfig": {"temperature": 0.5}})
    assert answer.status_code == 501
    assert "generationConfig" in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    ("query", "status"), [("maxResults=many", 400), ("versions=yes", 400), ("projection=all", 400)]
)
def test_a_parameter_of_another_type_is_a_400_that_names_it(world: RunningSandbox, query: str, status: int) -> None:
    answer = world.get(f"/storage/v1/b/tuning-data/o?{query}")
    assert answer.status_code == status
    name = query.partition("=")[0]
    assert re.sub(r"([A-Z])", r"_\1", name).lower() in answer.json()["error"]["message"]


def test_fields_keep_what_they_name_and_refuse_what_there_is_not(world: RunningSandbox) -> None:
    path = "/storage/v1/b/tuning-data/o?maxResults=1&fields="
    answer = world.get(path + "items(name,bucket),nextPageToken").json()
    assert set(answer) == {"items", "nextPageToken"}
    assert [set(item) for item in answer["items"]] == [{"name", "bucket"}]
    assert set(world.get(path + "items/name").json()) == {"items"}
    assert set(world.get(path + "*").json()) >= {"kind", "items", "nextPageToken"}
    refused = world.get(path + "items(colour)")
    assert (refused.status_code, refused.json()["error"]["message"]) == (400, "Invalid field selection items/colour")
    assert world.get(path + "items(name").status_code == 400


def test_fields_are_kept_by_vertex_and_kms_too(world: RunningSandbox) -> None:
    assert set(world.get(f"{PLACE}/tuningJobs?fields=tuningJobs.state").json()["tuningJobs"][0]) == {"state"}
    assert set(world.get(f"{PLACE}/keyRings?fields=keyRings(name)").json()["keyRings"][0]) == {"name"}


@pytest.mark.parametrize(
    ("query", "status"), [("alt=json", 200), ("alt=proto", 501), ("alt=csv", 400), ("callback=f", 501)]
)
def test_a_form_of_answer_that_is_not_served_is_refused_by_name(world: RunningSandbox, query: str, status: int) -> None:
    answer = world.get(f"{PLACE}/models?{query}")
    assert answer.status_code == status
    assert status == 200 or query.partition("=")[0] in answer.json()["error"]["message"]


def test_pretty_print_decides_whether_an_answer_is_one_line(world: RunningSandbox) -> None:
    assert world.get(f"{PLACE}/models").text.count("\n") > 1
    assert world.get(f"{PLACE}/models?prettyPrint=false").text.count("\n") == 1


def test_a_stale_etag_is_a_409(world: RunningSandbox) -> None:
    with undone(world):
        path = f"/v1/projects/{PROJECT}/serviceAccounts/first-account@{PROJECT}.iam.gserviceaccount.com"
        change = {
            "serviceAccount": {"displayName": "a", "etag": world.get(path).json()["etag"]},
            "updateMask": "displayName",
        }
        assert world.patch(path, json=change).status_code == 200
        refused = world.patch(path, json=change)
        assert (refused.status_code, refused.json()["error"]["status"]) == (409, "ABORTED")


def test_a_create_between_two_pages_repeats_nothing(world: RunningSandbox) -> None:
    first = world.get(f"{PLACE}/tuningJobs?pageSize=1").json()
    with undone(world):
        training = {"trainingDatasetUri": "gs://tuning-data/pairs.jsonl"}
        create(world, job_body("", baseModel="gemini-1.0-pro-002", supervisedTuningSpec=training))
        second = world.get(f"{PLACE}/tuningJobs?pageSize=1&pageToken={first['nextPageToken']}").json()
    names = [found["tuningJobs"][0]["name"] for found in (first, second)]
    assert len(set(names)) == 2
    assert "nextPageToken" not in second


def test_a_delete_between_two_pages_skips_nothing(world: RunningSandbox) -> None:
    path = "/storage/v1/b/tuning-data/o?maxResults=1"
    whole = [item["name"] for item in world.get("/storage/v1/b/tuning-data/o").json()["items"]]
    first = world.get(path).json()
    with undone(world):
        world.delete(f"/storage/v1/b/tuning-data/o/{first['items'][0]['name']}")
        second = world.get(f"{path}&pageToken={first['nextPageToken']}").json()
    assert [first["items"][0]["name"], second["items"][0]["name"]] == whole[:2]


@pytest.mark.parametrize("path", ["/models?", "/pipelineJobs?", "/tuningJobs?filter=labels.a:*&"])
def test_a_page_token_of_another_list_is_refused(world: RunningSandbox, path: str) -> None:
    token = world.get(f"{PLACE}/tuningJobs?pageSize=1").json()["nextPageToken"]
    answer = world.get(f"{PLACE}{path}pageSize=1&pageToken={token}")
    assert (answer.status_code, answer.json()["error"]["message"]) == (400, "Invalid page token.")


def test_a_page_token_goes_on_with_another_size_of_page(world: RunningSandbox) -> None:
    token = world.get(f"{PLACE}/pipelineJobs?pageSize=1").json()["nextPageToken"]
    assert world.get(f"{PLACE}/pipelineJobs?pageSize=7&pageToken={token}").status_code == 200
