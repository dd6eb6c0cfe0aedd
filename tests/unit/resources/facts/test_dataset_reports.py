"""What a job learns of its dataset: read once for all jobs, from this machine or from the bucket, and said once."""

from __future__ import annotations

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from pulumi_gcp_tuning.catalog import shipped
from pulumi_gcp_tuning.config import Settings
from pulumi_gcp_tuning.google import Google
from pulumi_gcp_tuning.preflight.facts import Known, Missing, NotAsked
from pulumi_gcp_tuning.resources.core.lifecycle import Call
from pulumi_gcp_tuning.resources.core.run import Run
from pulumi_gcp_tuning.resources.facts.dataset_reports import (
    SUPERVISED,
    check_dataset_fact,
    fetch_dataset_report,
    fetch_local_report,
    remember_local_file,
)
from pulumi_gcp_tuning.resources.facts.surroundings import fetch_bucket_permissions
from pulumi_gcp_tuning.signing import CredentialsChoice
from pulumi_gcp_tuning.wording import PropertyPath
from support.fake_google import FakeClock, FakeGoogle, Reply, Request, google_error, serving
from support.hand_made_google import urn

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MODEL = shipped().find_model("gemini-2.5-flash")


def rows(count: int, salt: str = "") -> bytes:
    turns = [("user", "where is"), ("model", "on its way")]
    lines = [
        {"contents": [{"role": role, "parts": [{"text": f"{text} {salt}{n}"}]} for role, text in turns]}
        for n in range(count)
    ]
    return b"".join(json.dumps(line).encode() + b"\n" for line in lines)


@dataclass
class Bucket:
    """One bucket, ``bkt``, as a server."""

    google: FakeGoogle
    objects: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    denied: bool = False
    pays: bool = False

    def answer(self, request: Request) -> Reply:
        name = request.path.rpartition("/o/")[2]
        media = request.path.startswith("/download")
        if self.denied:
            return google_error(403, "PERMISSION_DENIED", "you do not have storage.objects.get access")
        if self.pays and "userProject" not in request.query:
            return google_error(400, "INVALID_ARGUMENT", "Bucket is a requester pays bucket but no user project given.")
        if name not in self.objects:
            text = f"No such object: bkt/{name}"
            return Reply(text.encode(), status=404) if media else google_error(404, "NOT_FOUND", text)
        generation, content = self.objects[name]
        if not media:
            return Reply({"name": name, "bucket": "bkt", "generation": generation, "metageneration": "1"})
        return Reply(content, headers={"x-goog-generation": generation})

    def reads(self) -> list[str]:
        return [each.path.rpartition("/o/")[2] for each in self.google.requests if each.path.startswith("/download")]


@pytest.fixture
def bucket() -> Iterator[Bucket]:
    with serving() as google:
        made = Bucket(google)
        google.answer = made.answer
        yield made


@pytest.fixture
def call(bucket: Bucket) -> Iterator[Call]:
    settings = Settings(
        project="shop",
        location="us-central1",
        base_url=bucket.google.url,
        credentials=CredentialsChoice(kind="anonymous"),
    )
    google = Google(settings, FakeClock())
    yield Call(urn=urn("TuningJob"), settings=settings, google=google, clock=FakeClock())
    google.close()


def test_a_job_learns_generation_examples_and_tokens_of_an_object_from_one_get(bucket: Bucket, call: Call) -> None:
    bucket.objects["t.jsonl"] = ("17", rows(200))
    fact = fetch_dataset_report(call, "gs://bkt/t.jsonl", None, MODEL)
    assert (fact.generation, fact.examples, fact.findings) == ("17", 200, ())
    assert isinstance(fact.tokens, Known)
    assert fact.tokens.value.tokens > 500
    assert [each.verb for each in bucket.google.requests] == ["GET"]


def test_files_in_the_data_are_counted_in_its_report(bucket: Bucket, call: Call) -> None:
    image = b'{"fileData": {"mimeType": "image/png", "fileUri": "gs://bkt/a.png"}}, '
    bucket.objects["t.jsonl"] = ("17", rows(200).replace(b'{"text": ', image + b'{"text": ', 1))
    fact = fetch_dataset_report(call, "gs://bkt/t.jsonl", None, MODEL)
    assert isinstance(fact.tokens, Known)
    assert fact.report is not None
    assert fact.report.training.files == 1


def test_a_hundred_jobs_on_one_dataset_and_model_read_it_once(bucket: Bucket, call: Call) -> None:
    bucket.objects |= {"t.jsonl": ("1", rows(200)), "v.jsonl": ("2", rows(50, "v"))}
    with ThreadPoolExecutor(20) as pool:
        uris = "gs://bkt/t.jsonl", "gs://bkt/v.jsonl"
        facts = list(pool.map(lambda _: fetch_dataset_report(call, *uris, MODEL), range(100)))
    assert bucket.reads() == ["t.jsonl", "v.jsonl"]
    assert {id(fact) for fact in facts} == {id(facts[0])}


def test_findings_name_the_property_the_object_and_the_line(bucket: Bucket, call: Call) -> None:
    bucket.objects |= {"t.jsonl": ("1", rows(200) + b"[1]\n"), "v.jsonl": ("2", b"{\n" + rows(50, "v"))}
    fact = fetch_dataset_report(call, "gs://bkt/t.jsonl", "gs://bkt/v.jsonl", MODEL)
    assert [(each.path, str(each.problem).split(" ")[0], each.check) for each in check_dataset_fact(fact)] == [
        (SUPERVISED.training, "gs://bkt/t.jsonl:201:", "dataset"),
        (SUPERVISED.validation, "gs://bkt/v.jsonl:1:", "dataset"),
    ]


@pytest.mark.parametrize(("absent", "path"), [("t.jsonl", SUPERVISED.training), ("v.jsonl", SUPERVISED.validation)])
def test_an_object_that_is_not_there_is_an_error_unless_it_may_still_come(
    bucket: Bucket, call: Call, absent: str, path: PropertyPath
) -> None:
    bucket.objects |= {"t.jsonl": ("1", rows(200)), "v.jsonl": ("2", rows(50, "v"))}
    del bucket.objects[absent]
    fact = fetch_dataset_report(call, "gs://bkt/t.jsonl", "gs://bkt/v.jsonl", MODEL)
    (found,) = check_dataset_fact(fact)
    assert (found.path, found.severity) == (path, "error")
    assert f"gs://bkt/{absent}" in str(found.problem)
    assert check_dataset_fact(fact, coming={path}) == []
    assert (fact.examples is None) == (absent == "t.jsonl")


def test_an_object_that_came_meanwhile_is_read_by_create(bucket: Bucket, call: Call) -> None:
    assert isinstance(fetch_dataset_report(call, "gs://bkt/t.jsonl").tokens, NotAsked)
    bucket.objects["t.jsonl"] = ("1", rows(200))
    assert fetch_dataset_report(call, "gs://bkt/t.jsonl").examples is None
    assert fetch_dataset_report(call, "gs://bkt/t.jsonl", fresh=True).examples == 200


def test_an_object_that_may_not_be_read_is_one_warning_that_names_the_permission(bucket: Bucket, call: Call) -> None:
    bucket.denied = True
    fact = fetch_dataset_report(call, "gs://bkt/t.jsonl", None, MODEL)
    (found,) = check_dataset_fact(fact)
    assert isinstance(fact.tokens, Missing)
    assert (found.severity, found.shared) == ("warn", True)
    assert "storage.objects.get on the bucket bkt" in str(found.remedy)


def test_an_unreachable_cloud_is_reported_in_the_same_words_for_every_object(call: Call) -> None:
    settings = Settings(base_url="http://127.0.0.1:9", credentials=CredentialsChoice(kind="anonymous"))
    gone = Call(urn=call.urn, settings=settings, google=Google(settings, FakeClock()), clock=FakeClock(), run=Run())
    one, two = (check_dataset_fact(fetch_dataset_report(gone, f"gs://{name}-data/t.jsonl")) for name in ("one", "two"))
    assert one == two
    assert one[0].severity == "warn"


def test_a_bucket_whose_requester_pays_is_read_at_the_jobs_project(bucket: Bucket, call: Call) -> None:
    bucket.objects["t.jsonl"] = ("1", rows(200))
    bucket.pays = True
    assert fetch_dataset_report(call, "gs://bkt/t.jsonl", user_project="shop").examples == 200
    assert bucket.google.requests[-1].query["userProject"] == ["shop"]


def test_an_object_that_changed_between_check_and_create_stops_the_job(bucket: Bucket, call: Call) -> None:
    bucket.objects["t.jsonl"] = ("1", rows(200))
    fetch_dataset_report(call, "gs://bkt/t.jsonl", None, MODEL)
    bucket.objects["t.jsonl"] = ("2", rows(300))
    fact = fetch_dataset_report(call, "gs://bkt/t.jsonl", None, MODEL, fresh=True)
    (found,) = fact.findings
    assert (found.check, found.severity, found.path) == ("change", "error", SUPERVISED.training)
    assert ("generation 1" in str(found.problem), "generation 2" in str(found.problem)) == (True, True)
    assert fact.examples == 300


def test_an_object_that_this_run_makes_may_change(bucket: Bucket, call: Call) -> None:
    bucket.objects["t.jsonl"] = ("1", rows(200))
    fetch_dataset_report(call, "gs://bkt/t.jsonl", None, MODEL, coming={SUPERVISED.training})
    bucket.objects["t.jsonl"] = ("2", rows(300))
    assert fetch_dataset_report(call, "gs://bkt/t.jsonl", None, MODEL, fresh=True).findings == ()


def test_create_does_not_read_an_unchanged_object_again(bucket: Bucket, call: Call) -> None:
    bucket.objects["t.jsonl"] = ("1", rows(200))
    for _ in range(3):
        fetch_dataset_report(call, "gs://bkt/t.jsonl", None, MODEL, fresh=True)
    assert bucket.reads() == ["t.jsonl"]


def declared(call: Call, path: Path, content: bytes, *, tell: bool) -> str:
    path.write_bytes(content)
    uri = f"gs://bkt/d/{hashlib.sha256(content).hexdigest()}.jsonl"
    remember_local_file(call, uri, path, fetch_local_report(call, path, path.name) if tell else None)
    return uri


def test_the_file_that_a_dataset_of_this_run_uploads_is_judged_before_it_is_there(
    bucket: Bucket, call: Call, tmp_path: Path
) -> None:
    uri = declared(call, tmp_path / "t.jsonl", rows(200), tell=True)
    fact = fetch_dataset_report(call, uri, None, MODEL)
    assert (fact.examples, fact.generation) == (200, None)
    assert bucket.google.requests == []


def test_what_the_dataset_told_its_job_does_not_repeat(call: Call, tmp_path: Path) -> None:
    content = rows(150) + b"".join(b'{"contents": %s}\n' % each for each in (b"[]", b'"a"', b"3", b"{}", b"null"))
    uri = declared(call, tmp_path / "t.jsonl", content, tell=True)
    assert fetch_dataset_report(call, uri, None, MODEL).findings == ()
    other = Call(urn=call.urn, settings=call.settings, google=call.google, clock=call.clock)
    uri = declared(other, tmp_path / "t.jsonl", content, tell=False)
    assert len(fetch_dataset_report(other, uri, None, MODEL).findings) == 5


def test_what_only_the_model_of_the_job_shows_is_reported_by_the_job(call: Call, tmp_path: Path) -> None:
    uri = declared(call, tmp_path / "t.jsonl", rows(200), tell=True)
    found = fetch_dataset_report(call, uri, None, shipped().find_model("code-bison@002")).findings
    assert [str(each.problem) for each in found if "does not take" in str(each.problem)] != []


def test_a_file_that_changed_since_it_was_declared_is_not_taken_for_the_object(
    bucket: Bucket, call: Call, tmp_path: Path
) -> None:
    uri = declared(call, tmp_path / "t.jsonl", rows(200), tell=True)
    (tmp_path / "t.jsonl").write_bytes(rows(300))
    bucket.objects["d/" + uri.rpartition("/")[2]] = ("5", rows(200))
    fact = fetch_dataset_report(call, uri, None, MODEL)
    assert (fact.examples, fact.generation) == (200, "5")


@pytest.mark.parametrize("uri", [None, "gs://bkt", "s3://bkt/t.jsonl", "gs://bkt/folder/"])
def test_what_names_no_object_is_not_asked_for(bucket: Bucket, call: Call, uri: str | None) -> None:
    fact = fetch_dataset_report(call, uri, "gs://bkt/v.jsonl", MODEL)
    assert (check_dataset_fact(fact), fact.report) == ([], None)
    assert bucket.google.requests == []


def permissions(call: Call, *, being_made: bool) -> Any:
    return fetch_bucket_permissions(call, "bkt", ("storage.objects.create",), being_made=being_made)


def test_permissions_on_a_bucket_are_asked_once(bucket: Bucket, call: Call) -> None:
    bucket.google.answer = lambda _request: Reply({"permissions": ["storage.objects.create"]})
    assert permissions(call, being_made=False).value.lacking == ()
    assert permissions(call, being_made=False).value.lacking == ()
    assert len(bucket.google.requests) == 1


def test_a_bucket_that_is_not_there_may_be_on_its_way(bucket: Bucket, call: Call) -> None:
    bucket.google.answer = lambda _request: google_error(404, "NOT_FOUND", "The specified bucket does not exist.")
    assert permissions(call, being_made=False) == Known(None)
    assert isinstance(permissions(call, being_made=True), NotAsked)
