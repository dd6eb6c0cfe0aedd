"""Names are read once, come back as they were, and say what is wrong with them."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_gcp_tuning.errors import Refused
from pulumi_gcp_tuning.names import (
    EndpointName,
    GcsUri,
    KmsKeyName,
    Location,
    MalformedName,
    ModelName,
    PipelineJobName,
    Project,
    TuningJobName,
    Urn,
    identity_of,
    may_be_same_resource,
    stack_hash,
)

BASE = "projects/my-project/locations/us-central1"
URN = "urn:pulumi:dev::shop::my:index:Team$pulumi-python:dynamic/gcptuning:TuningJob::support::bot"
RIGHT = [
    (Project, "my-project"),
    (Project, "example.com:my-project"),
    (Project, "123456789012"),
    (Location, "northamerica-northeast1"),
    (Location, "us"),
    (Location, "global"),
    (GcsUri, "gs://my_bucket.example/a/b c.jsonl"),
    (GcsUri, "gs://my-bucket"),
    (KmsKeyName, f"{BASE}/keyRings/r_1/cryptoKeys/k-2"),
    (TuningJobName, f"{BASE}/tuningJobs/4192837465019283746"),
    (PipelineJobName, f"{BASE}/pipelineJobs/gcp-tuning-4ff1fdc520146dfe-2"),
    (ModelName, "projects/123456789012/locations/us/models/555"),
    (ModelName, f"{BASE}/models/my_model-1@2"),
    (ModelName, f"{BASE}/models/555@default"),
    (EndpointName, f"{BASE}/endpoints/gcp-tuning-0a1b"),
    (Urn, URN),
]


@pytest.mark.parametrize(("kind", "text"), RIGHT)
def test_a_right_name_comes_back_as_it_was(kind: Any, text: str) -> None:
    assert str(kind.parse(text)) == text


@pytest.mark.parametrize(
    ("kind", "text", "reason"),
    [
        (Project, "My-Project", "lower-case"),
        (Project, "ab", "6 to 30 lower-case letters"),
        (Project, "a" * 31, "6 to 30 lower-case letters"),
        (Location, "us-central1-a", "its region is us-central1"),
        (Location, "US-Central1", "us-central1"),
        (Location, "us-central", "ends in a number"),
        (Location, "", "ends in a number"),
        (GcsUri, "s3://bucket/x", "gs://"),
        (GcsUri, "gs://Bucket/x", "not a bucket name"),
        (GcsUri, "gs:///x", "not a bucket name"),
        (KmsKeyName, "my-key", "'my-key' is in the place of 'projects'"),
        (KmsKeyName, f"{BASE}/keyRings/r", "ends before 'cryptoKeys/...'"),
        (KmsKeyName, f"{BASE}/keyRings/r/cryptoKeys/k/cryptoKeyVersions/1", "names a version"),
        (KmsKeyName, f"{BASE}/keyRings//cryptoKeys/k", "nothing follows 'keyRings/'"),
        (KmsKeyName, f"//cloudkms.googleapis.com/{BASE}/keyRings/r/cryptoKeys/k", "full URL"),
        (KmsKeyName, f"{BASE}/keyRings/r/cryptoKeys/k.2", "'k.2'"),
        (TuningJobName, f"{BASE}/models/1", "'models' is in the place of 'tuningJobs'"),
        (TuningJobName, f"{BASE}/tuningJobs/1/operations/2", "one part too many"),
        (ModelName, f"{BASE}/models/555@", "neither a version nor an alias"),
        (EndpointName, f"{BASE}/endpoints/5@1", "only a model has a version"),
        (EndpointName, "projects/P1/locations/us/endpoints/5", "not a project"),
        (Urn, "urn:pulumi:dev::shop::name", "four parts"),
    ],
)
def test_a_wrong_name_says_why(kind: Any, text: str, reason: str) -> None:
    with pytest.raises(MalformedName) as caught:
        kind.parse(text)
    assert reason in str(caught.value)
    assert isinstance(caught.value, Refused)


@given(st.text(max_size=60) | st.from_regex(r"projects/[^/]*/locations/[^/]*/models/.*", fullmatch=True))
def test_any_text_is_read_or_refused_and_nothing_else(text: str) -> None:
    for kind in (Project, Location, GcsUri, KmsKeyName, TuningJobName, PipelineJobName, ModelName, EndpointName, Urn):
        try:
            read = kind.parse(text)
        except MalformedName:
            continue
        assert kind.parse(str(read)) == read


def test_an_escaped_at_sign_is_a_version() -> None:
    assert ModelName.parse(f"{BASE}/models/5%401").version == "1"


def test_a_model_changes_its_version() -> None:
    model = ModelName.parse(f"{BASE}/models/5@1")
    assert (str(model.unversioned), str(model.at("2"))) == (f"{BASE}/models/5", f"{BASE}/models/5@2")


@pytest.mark.parametrize(
    ("text", "kind"), [("us-central1", "region"), ("us", "multi-region"), ("eu", "multi-region"), ("global", "global")]
)
def test_a_location_knows_its_kind(text: str, kind: str) -> None:
    assert Location.parse(text).kind == kind


@pytest.mark.parametrize(
    ("location", "region", "inside"),
    [
        ("us-east1", "us-east1", True),
        ("us-east1", "us-east4", False),
        ("us", "us-east4", True),
        ("eu", "europe-west4", True),
        ("eu", "europe-west2", False),
        ("eur8", "europe-west6", True),
        ("nam4", "us-west1", False),
        ("nam12", "us-west1", None),
        ("global", "us-west1", None),
    ],
)
def test_a_location_knows_the_regions_that_lie_in_it(location: str, region: str, inside: bool | None) -> None:  # noqa: FBT001
    assert Location.parse(location).contains(region) is inside


def test_an_object_uri_must_name_an_object() -> None:
    for text in ("gs://bucket", "gs://bucket/folder/"):
        with pytest.raises(MalformedName, match="not one object"):
            GcsUri.parse_object(text)


def test_a_urn_keeps_its_type_chain_and_colons_in_the_name() -> None:
    urn = Urn.parse(URN)
    assert (urn.stack, urn.project, urn.name) == ("dev", "shop", "support::bot")
    assert urn.type_chain == "my:index:Team$pulumi-python:dynamic/gcptuning:TuningJob"
    assert urn.kind == "TuningJob"


def test_identity_is_the_frozen_hash() -> None:
    plain = "shop/dev/my:index:Team$pulumi-python:dynamic/gcptuning:TuningJob/support::bot/"
    assert identity_of(URN) == hashlib.sha256(plain.encode()).hexdigest()[:32]
    assert identity_of(URN, "2") == hashlib.sha256(f"{plain}2".encode()).hexdigest()[:32]


def test_identity_does_not_depend_on_how_a_number_arrives() -> None:
    assert identity_of(URN, 2.0) == identity_of(URN, 2) == identity_of(Urn.parse(URN), "2")


def test_all_resources_of_a_stack_have_one_stack_hash_and_those_of_another_stack_another() -> None:
    other = Urn.parse(URN)
    assert stack_hash(URN) == hashlib.sha256(f"{other.project}/{other.stack}".encode()).hexdigest()[:32]
    assert stack_hash(URN) == stack_hash(URN + "-2") != stack_hash(URN.replace(other.stack, other.stack + "2", 1))


def test_a_project_id_may_be_the_project_of_any_number() -> None:
    by_id, by_number = f"{BASE}/models/5", "projects/123456789012/locations/us-central1/models/5"
    assert may_be_same_resource(by_id, by_number)


@pytest.mark.parametrize("other", ["your-project", "my-projec"])
def test_two_project_ids_are_two_projects(other: str) -> None:
    assert not may_be_same_resource(f"{BASE}/models/5", f"projects/{other}/locations/us-central1/models/5")


def test_a_native_type_has_the_identity_of_the_dynamic_one() -> None:
    dynamic = "urn:pulumi:dev::shop::my:index:Bot$pulumi-python:dynamic/gcptuning:TuningJob::job"
    native = "urn:pulumi:dev::shop::my:index:Bot$gcptuning:index:TuningJob::job"
    assert identity_of(native) == identity_of(dynamic)


def test_another_location_is_another_resource() -> None:
    assert not may_be_same_resource(f"{BASE}/models/5", "projects/my-project/locations/us/models/5")
