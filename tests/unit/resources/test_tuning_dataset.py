"""TuningDataset: content is the name, nothing is overwritten, rows stay where they are."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from pulumi_gcp_tuning.errors import ApiError, NotFound, Refused
from pulumi_gcp_tuning.resources.core.lifecycle import UNKNOWN, Current
from pulumi_gcp_tuning.resources.core.run import Run
from pulumi_gcp_tuning.resources.facts.dataset_reports import DatasetsOfRun
from pulumi_gcp_tuning.resources.registry import lifecycle_of
from support.findings import printed_of
from support.hand_made_google import GOOD_ROWS, Desk, HandMadeGoogle, HandMadeStorage, settings, urn

if TYPE_CHECKING:
    from pathlib import Path

TUNING_DATASET = lifecycle_of("tuning_dataset")
ROWS = GOOD_ROWS + b"\n"


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "train.jsonl").write_bytes(ROWS)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    return Desk(root=tmp_path)


def news(content: bytes = ROWS, **more: Any) -> dict[str, Any]:
    sha = hashlib.sha256(content).hexdigest()
    return {"bucket": "shop-data", "source": "data/train.jsonl", "contentSha256": sha, "resourceUrn": urn("T"), **more}


def checked(desk: Desk, olds: dict[str, Any] | None = None, **more: Any) -> Any:
    return TUNING_DATASET.check(desk.call("TuningDataset"), olds or {}, news(**more))


def created(desk: Desk, **more: Any) -> Current:
    found = checked(desk, **more)
    assert [str(f) for f in found.findings] == []
    return TUNING_DATASET.create(desk.call("TuningDataset"), found.inputs)


def test_the_uri_is_known_at_preview_and_follows_the_content(desk: Desk) -> None:
    found = checked(desk)
    sha = hashlib.sha256(ROWS).hexdigest()
    assert found.inputs["uri"] == f"gs://shop-data/tuning-datasets/{sha}.jsonl"
    assert desk.google.journal == []


def test_the_uri_is_unknown_where_the_bucket_is(desk: Desk) -> None:
    found = checked(desk, bucket=UNKNOWN)
    assert found.inputs["uri"] is UNKNOWN
    assert list(found.findings) == []


def test_a_relative_path_that_nobody_said_where_from_is_no_finding_and_is_never_looked_for_here(desk: Desk) -> None:
    desk.root = None
    found = checked(desk, source="../data/train.jsonl")
    assert [str(each) for each in found.findings] == []
    with pytest.raises(Refused, match="relative path, and its folder is not known"):
        TUNING_DATASET.create(desk.call("TuningDataset"), found.inputs)


def test_an_absolute_path_needs_nobody_to_say_where_from(desk: Desk, tmp_path: Path) -> None:
    desk.root = None
    assert created(desk, source=str(tmp_path / "data" / "train.jsonl")).outputs["exampleCount"] == 150


def test_a_file_whose_content_nobody_told_is_named_by_what_is_in_it(desk: Desk) -> None:
    untold = {key: value for key, value in news().items() if key not in ("contentSha256", "resourceUrn")}
    inputs = TUNING_DATASET.check(desk.call("TuningDataset"), {}, untold).inputs
    made = TUNING_DATASET.create(desk.call("TuningDataset"), inputs)
    assert made.outputs["contentSha256"] == hashlib.sha256(ROWS).hexdigest()
    assert made.id == f"gs://shop-data/tuning-datasets/{made.outputs['contentSha256']}.jsonl"


def test_create_counts_examples_and_keeps_big_numbers_as_text(desk: Desk) -> None:
    made = created(desk)
    assert made.id == made.outputs["uri"]
    assert made.outputs["exampleCount"] == 150
    assert made.outputs["sizeBytes"] == len(ROWS)
    assert made.outputs["generation"] == "4192837465019283001"


def test_the_same_content_is_found_and_not_uploaded_again(desk: Desk) -> None:
    assert created(desk).outputs["generation"] == created(desk).outputs["generation"]


def test_an_object_of_that_name_with_another_content_is_refused(desk: Desk) -> None:
    created(desk)
    next(iter(desk.google.objects.values()))["crc32c"] = "other"
    with pytest.raises(Refused, match="not overwritten"):
        created(desk)


def test_a_renamed_file_is_an_update_and_another_content_a_replacement(desk: Desk) -> None:
    made = created(desk)
    renamed = checked(desk, made.inputs, source="data/renamed.jsonl").inputs
    difference = TUNING_DATASET.diff(desk.call(), made.id, made.outputs, renamed)
    assert (difference.changed, list(difference.replaces)) == (None, [])
    assert TUNING_DATASET.update(desk.call(), made.id, made.outputs, renamed).outputs["exampleCount"] == 150
    other = TUNING_DATASET.check(desk.call(), {}, news(b"{}")).inputs
    assert TUNING_DATASET.diff(desk.call(), made.id, made.outputs, other).replaces == ["contentSha256"]


def test_an_unchanged_dataset_is_not_read_again(desk: Desk, tmp_path: Path) -> None:
    made = created(desk)
    (tmp_path / "data" / "train.jsonl").unlink()
    found = checked(desk, made.inputs)
    assert list(found.findings) == []
    assert TUNING_DATASET.diff(desk.call(), made.id, made.outputs, found.inputs).changed is False


@pytest.mark.parametrize("level", ["error", "warn", "off"])
def test_an_unreadable_file_is_an_error_with_its_path_whatever_the_check_is_set_to(desk: Desk, level: str) -> None:
    given = news(source="data/missing.jsonl", checks={"dataset": level})
    del given["contentSha256"]
    found = TUNING_DATASET.check(desk.call(), {}, given)
    assert [(f.path, f.severity) for f in found.findings] == [(("source",), "error")]
    assert "data/missing.jsonl cannot be read: No such file or directory" in str(found.findings[0])


def test_bad_lines_are_named_by_number_and_never_shown(desk: Desk, tmp_path: Path) -> None:
    content = b'{"a": 1}\n["a customer\'s secret"]\n{"a": \n'
    (tmp_path / "data" / "train.jsonl").write_bytes(content)
    found = TUNING_DATASET.check(desk.call(), {}, news(content))
    said = [str(each) for each in found.findings]
    assert [any(f"train.jsonl:{line}:" in each for each in said) for line in (1, 2, 3)] == [True, True, True]
    assert "secret" not in repr(found.findings)


def test_what_an_object_has_not_is_refused(desk: Desk) -> None:
    found = checked(desk, labels={"team": "shop"}, location="us", bucket="gs://shop-data", prefix="/x")
    assert sorted(f.path for f in printed_of(found.findings)) == ["bucket", "labels", "location", "prefix"]


def test_the_key_of_an_uploaded_object_cannot_change(desk: Desk) -> None:
    made = created(desk)
    key = "projects/shop-dev/locations/us-central1/keyRings/r/cryptoKeys/k"
    assert [f.path for f in checked(desk, made.inputs, kmsKeyName=key).findings] == [("kms_key_name",)]


@pytest.mark.parametrize(("place", "findings"), [("europe-west4", 1), ("us-central1", 0), (UNKNOWN, 0)])
def test_a_key_is_held_against_the_place_of_a_bucket_that_the_program_declares(
    desk: Desk, place: object, findings: int
) -> None:
    key = "projects/shop-dev/locations/us-central1/keyRings/r/cryptoKeys/k"
    desk.google.keys[key] = {"name": key, "purpose": "ENCRYPT_DECRYPT", "primary": {"state": "ENABLED"}}
    told: dict[str, Any] = {"fromResources": ["bucket"], "bucketPlaces": {"bucket": place}}
    found = checked(desk, bucket=UNKNOWN, kmsKeyName=key, **told).findings
    problem = "The key is in us-central1, but the bucket that the program declares is in europe-west4."
    assert [(each.severity, str(each.problem)) for each in found] == [("warn", problem)] * findings


def test_delete_removes_the_generation_it_made_and_no_other(desk: Desk) -> None:
    made = created(desk)
    TUNING_DATASET.delete(desk.call(), made.id, {**made.outputs, "generation": "7"})
    assert len(desk.google.objects) == 1
    TUNING_DATASET.delete(desk.call(), made.id, made.outputs)
    TUNING_DATASET.delete(desk.call(), made.id, made.outputs)
    assert desk.google.objects == {}


def test_a_gone_object_is_gone_only_at_its_own_api(desk: Desk) -> None:
    made = created(desk)
    desk.google.objects.clear()
    assert TUNING_DATASET.read(desk.call(), made.id, made.outputs) is None
    elsewhere = Desk(HandMadeGoogle()).call(settings=settings(base_url=None))
    with pytest.raises(Refused):
        TUNING_DATASET.read(elsewhere, made.id, made.outputs)


def test_get_knows_how_many_examples_an_object_holds_that_this_package_uploaded(desk: Desk) -> None:
    made = created(desk)
    read = TUNING_DATASET.read(desk.call(), made.id, {})
    assert read is not None
    assert read.outputs["exampleCount"] == made.outputs["exampleCount"]
    for each in desk.google.objects.values():
        each["metadata"] = {}
    read = TUNING_DATASET.read(desk.call(), made.id, {})
    assert read is not None
    assert "exampleCount" not in read.outputs


def of_stack(stack: str, name: str = "training") -> dict[str, Any]:
    found = checked(Desk(), resourceUrn=urn("TuningDataset", name, stack)).inputs
    return dict(found)


def test_a_shared_object_stays_until_its_last_dataset_goes(desk: Desk) -> None:
    dev = TUNING_DATASET.create(desk.call(), of_stack("dev"))
    prod = TUNING_DATASET.create(desk.call(), of_stack("prod"))
    assert dev.id == prod.id
    TUNING_DATASET.delete(desk.call(), dev.id, dev.outputs)
    assert len(desk.google.objects) == 1
    TUNING_DATASET.delete(desk.call(), prod.id, prod.outputs)
    assert desk.google.objects == {}


def test_one_that_joins_while_the_last_leaves_keeps_the_object(desk: Desk) -> None:
    made = TUNING_DATASET.create(desk.call(), of_stack("dev"))

    def join(live: dict[str, Any]) -> None:
        live["metadata"]["gcp-tuning-owner-" + "f" * 32] = "shop/prod/training"
        live["metageneration"] = "2"

    desk.google.meddling = [join]
    TUNING_DATASET.delete(desk.call(), made.id, made.outputs)
    (live,) = desk.google.objects.values()
    assert [key for key in live["metadata"] if "owner" in key] == ["gcp-tuning-owner-" + "f" * 32]


def test_an_object_that_was_there_before_is_used_and_never_deleted(desk: Desk) -> None:
    made = TUNING_DATASET.create(desk.call(), of_stack("dev"))
    (live,) = desk.google.objects.values()
    live["metadata"] = {}
    made = TUNING_DATASET.create(desk.call(), of_stack("dev"))
    TUNING_DATASET.delete(desk.call(), made.id, made.outputs)
    assert len(desk.google.objects) == 1


def test_a_forced_replacement_does_not_delete_what_it_found(desk: Desk) -> None:
    made = TUNING_DATASET.create(desk.call(), of_stack("dev"))
    call = desk.call("TuningDataset", "training")
    found = TUNING_DATASET.create(call, of_stack("dev"))
    TUNING_DATASET.delete(call, made.id, made.outputs)
    assert len(desk.google.objects) == 1
    TUNING_DATASET.delete(desk.call(), found.id, found.outputs)
    assert desk.google.objects == {}


def test_a_rename_without_alias_leaves_one_owner(desk: Desk) -> None:
    made = TUNING_DATASET.create(desk.call(), of_stack("dev"))
    call = desk.call("TuningDataset", "other")
    renamed = TUNING_DATASET.create(call, of_stack("dev", "other"))
    TUNING_DATASET.delete(desk.call("TuningDataset", "training", run=call.run), made.id, made.outputs)
    assert len(desk.google.objects) == 1
    TUNING_DATASET.delete(desk.call(), renamed.id, renamed.outputs)
    assert desk.google.objects == {}


def test_a_rename_with_alias_takes_the_claim_along(desk: Desk) -> None:
    made = TUNING_DATASET.create(desk.call(), of_stack("dev"))
    updated = TUNING_DATASET.update(desk.call(), made.id, made.outputs, of_stack("dev", "other"))
    TUNING_DATASET.delete(desk.call(), updated.id, updated.outputs)
    assert desk.google.objects == {}


def answer_permissions(monkeypatch: pytest.MonkeyPatch, answer: Any) -> list[str]:
    """Has every question for permissions on a bucket answered so; lists the buckets that were asked about."""
    asked: list[str] = []

    def answered(storage: object, bucket: str, permissions: Any) -> frozenset[str]:
        asked.append(bucket)
        if isinstance(answer, Exception):
            raise answer
        return frozenset(answer)

    monkeypatch.setattr(HandMadeStorage, "test_permissions", answered)
    return asked


ABSENT = NotFound("The specified bucket does not exist.", http_status=404, status="NOT_FOUND")


def test_a_bucket_that_is_not_there_is_refused_at_check_and_at_create(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer_permissions(monkeypatch, ABSENT)
    (found,) = checked(desk).findings
    assert (found.path, found.check, found.severity) == (("bucket",), "location", "error")
    assert "The bucket shop-data does not exist" in str(found.problem)
    with pytest.raises(Refused, match="The bucket shop-data does not exist"):
        TUNING_DATASET.create(desk.call("TuningDataset"), checked(desk).inputs)


def test_a_bucket_that_this_run_makes_is_missed_only_at_create(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    answer_permissions(monkeypatch, ABSENT)
    found = checked(desk, fromResources=["bucket"])
    assert list(found.findings) == []
    with pytest.raises(Refused, match="The bucket shop-data does not exist"):
        TUNING_DATASET.create(desk.call("TuningDataset"), found.inputs)


def test_who_may_not_put_objects_there_is_refused_before_the_upload(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer_permissions(monkeypatch, ["storage.objects.get"])
    (found,) = checked(desk).findings
    assert (found.path, found.check) == (("bucket",), "identity")
    assert "You lack storage.objects.create on the bucket shop-data" in str(found.problem)


def test_permissions_that_cannot_be_asked_are_one_warning(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    answer_permissions(monkeypatch, ApiError("no", http_status=403, status="PERMISSION_DENIED"))
    (found,) = checked(desk).findings
    assert (found.severity, found.shared) == ("warn", True)


def test_an_unchanged_dataset_asks_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    made = created(desk)
    asked = answer_permissions(monkeypatch, ABSENT)
    assert list(checked(desk, made.inputs).findings) == []
    assert asked == []


def test_a_file_that_changed_after_the_program_read_it_is_refused(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "data" / "train.jsonl").write_bytes(ROWS + ROWS)
    assert [(f.path, f.check) for f in checked(desk).findings if f.severity == "error"] == [(("source",), "change")]


def test_a_file_that_changes_between_check_and_create_is_not_uploaded(desk: Desk, tmp_path: Path) -> None:
    found = checked(desk)
    (tmp_path / "data" / "train.jsonl").write_bytes(ROWS + ROWS)
    with pytest.raises(Refused, match="changed after the program read it"):
        TUNING_DATASET.create(desk.call("TuningDataset"), found.inputs)
    assert desk.google.objects == {}


def test_one_content_is_judged_once_in_a_run(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    from pulumi_gcp_tuning import datasets

    judged: list[str] = []
    real = datasets.validate

    def counted(source: datasets.Source, **options: Any) -> datasets.Report:
        judged.append(source.name)
        return real(source, **options)

    monkeypatch.setattr(datasets, "validate", counted)
    run = Run()
    found = TUNING_DATASET.check(desk.call("TuningDataset", run=run), {}, news())
    TUNING_DATASET.create(desk.call("TuningDataset", run=run), found.inputs)
    assert judged == ["data/train.jsonl"]


def test_with_the_check_off_nothing_is_said_of_the_rows(desk: Desk, tmp_path: Path) -> None:
    content = b"[]\n"
    (tmp_path / "data" / "train.jsonl").write_bytes(content)
    found = TUNING_DATASET.check(desk.call(), {}, news(content, checks={"dataset": "off"}))
    assert list(found.findings) == []
    assert TUNING_DATASET.create(desk.call("TuningDataset"), found.inputs).outputs["exampleCount"] == 1


def test_with_the_check_off_a_file_that_is_gone_is_still_one_message(desk: Desk, tmp_path: Path) -> None:
    found = checked(desk, checks={"dataset": "off"})
    (tmp_path / "data" / "train.jsonl").unlink()
    with pytest.raises(Refused, match="cannot be read"):
        TUNING_DATASET.create(desk.call("TuningDataset"), found.inputs)


def test_jobs_of_the_run_find_the_file_by_its_uri(desk: Desk, tmp_path: Path) -> None:
    run = Run()
    found = TUNING_DATASET.check(desk.call("TuningDataset", run=run), {}, news())
    assert run.of(DatasetsOfRun).local_files == {found.inputs["uri"]: tmp_path / "data" / "train.jsonl"}


def test_other_content_notes_the_rows_for_a_review_and_only_for_it(desk: Desk, tmp_path: Path) -> None:
    made = created(desk)
    (tmp_path / "data" / "train.jsonl").write_bytes(ROWS + GOOD_ROWS.splitlines()[0] + b"\n")
    other = checked(desk, contentSha256="0" * 64).inputs
    desk.google.journal.clear()
    TUNING_DATASET.diff(desk.call(), made.id, made.outputs, other)
    assert desk.google.journal == []

    noted: dict[str, Any] = {}
    call = replace(desk.call(), note=lambda subject, fact: noted.update({subject: fact}))
    TUNING_DATASET.diff(call, made.id, made.outputs, other)
    assert noted == {"rows": {"added": 1, "removed": 0, "before": 150, "after": 151}}
