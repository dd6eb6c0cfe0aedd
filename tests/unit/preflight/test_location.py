"""Things that a job names live where the product wants them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_gcp_tuning.preflight.facts import NOT_ASKED, Bucket, Fact, Known, Missing
from pulumi_gcp_tuning.preflight.location import (
    check_bucket,
    check_endpoint_place,
    check_parent_place,
    check_pipeline_places,
    check_tensorboard,
    contains,
)
from support.findings import assert_documented, assert_found

PATH = ("supervised_tuning_spec", "training_dataset_uri")
TENSORBOARD = "projects/my-project/locations/us-central1/tensorboards/1"
MODEL = "projects/my-project/locations/us/models/1"
REFUSED = Missing(subject="the bucket b", reason="403 Forbidden", needs="the permission storage.buckets.get")


def bucket(location: str, kind: str = "region", *places: str) -> Known[Bucket | None]:
    return Known(Bucket(name="b", location=location, location_type=kind, data_locations=places))


@pytest.mark.parametrize(
    ("fact", "region", "inside"),
    [
        (bucket("us-central1"), "us-central1", True),
        (bucket("us-east1"), "us-central1", False),
        (bucket("us", "multi-region"), "us-central1", True),
        (bucket("us", "multi-region"), "europe-west4", False),
        (bucket("eu", "multi-region"), "europe-west4", True),
        (bucket("eu", "multi-region"), "europe-west2", False),
        (bucket("asia", "multi-region"), "asia-northeast1", True),
        (bucket("nam4", "dual-region"), "us-central1", True),
        (bucket("nam4", "dual-region"), "us-west1", False),
        (bucket("us", "dual-region", "us-central1", "us-east1"), "us-central1", True),
        (bucket("us", "dual-region", "us-east1", "us-east4"), "us-central1", False),
        (bucket("nam99", "dual-region"), "us-central1", None),
    ],
)
def test_a_bucket_holds_a_region_or_it_does_not(fact: Known[Bucket | None], region: str, inside: bool | None) -> None:  # noqa: FBT001
    assert fact.value is not None
    assert contains(fact.value, region) is inside


def test_gemini_data_in_another_region_is_a_warning_that_names_both_sides() -> None:
    found = check_bucket("b", bucket("us-east1"), "us-central1", path=PATH)
    assert_found(
        found,
        path=PATH,
        check="location",
        says="b is in us-east1",
        way_out="copy the data to a bucket in us",
        severity="warn",
    )
    assert found[0].evidence == "thread"
    assert "Google's page says that this does not matter, users report that it does" in str(found[0].remedy)


def test_gemini_data_in_the_region_or_around_it_passes() -> None:
    assert check_bucket("b", bucket("us-central1"), "us-central1", path=PATH) == []
    assert check_bucket("b", bucket("us", "multi-region"), "us-central1", path=PATH) == []


@pytest.mark.parametrize("name", ["cloud-samples-data", "github-repo"])
def test_googles_sample_buckets_are_usable_from_everywhere(name: str) -> None:
    samples: Known[Bucket | None] = bucket("us", "multi-region")
    assert check_bucket(name, samples, "europe-west4", path=PATH) == []
    assert check_bucket("cloud-samples-data-2", samples, "europe-west4", path=PATH) != []


def test_the_buckets_region_does_not_matter_to_a_pipeline_but_its_project_should() -> None:
    elsewhere = Known(Bucket(name="b", location="asia-east1", project_number="111"))
    assert check_bucket("b", elsewhere, "us-central1", path=("dataset_uri",), product="PIPELINE") == []
    assert check_bucket("b", elsewhere, None, path=("dataset_uri",), product="PIPELINE", project_number="111") == []
    found = check_bucket("b", elsewhere, None, path=("dataset_uri",), product="PIPELINE", project_number="222")
    assert_found(
        found, path="dataset_uri", check="location", says="project 111", way_out="own project", severity="warn"
    )


def test_a_bucket_that_is_not_there_is_refused() -> None:
    found = check_bucket("b", Known(None), "us-central1", path=PATH)
    assert_found(found, path=PATH, check="location", says="bucket b does not exist", way_out="Bucket resource")


def test_a_bucket_that_cannot_be_read_is_one_warning_and_one_not_asked_about_none() -> None:
    found = check_bucket("b", REFUSED, "us-central1", path=PATH)
    assert_found(found, path=PATH, check="location", says="403", way_out="storage.buckets.get", severity="warn")
    assert check_bucket("b", NOT_ASKED, "us-central1", path=PATH) == []


def test_a_tensorboard_elsewhere_than_the_pipeline_is_refused() -> None:
    found = check_tensorboard(TENSORBOARD, "europe-west4", Known(True))
    assert_found(
        found,
        path="tensorboard_resource_id",
        check="location",
        says="in us-central1, but the pipeline runs in europe-west4",
        way_out="Use an instance in europe-west4",
    )
    assert check_tensorboard(TENSORBOARD, "us-central1", Known(True)) == []
    assert check_tensorboard("123", "us-central1", NOT_ASKED) == []


def test_a_tensorboard_that_is_misspelt_missing_or_unreadable_is_said() -> None:
    spelt = check_tensorboard("projects/my-project/tensorboards/1", "us-central1", NOT_ASKED)
    path = "tensorboard_resource_id"
    assert_found(spelt, path=path, check="location", says="is not the name", way_out="/locations/us-central1/")
    gone = check_tensorboard(TENSORBOARD, "us-central1", Known(False))
    assert_found(gone, path=path, check="location", says="does not exist", way_out="leave it out", severity="warn")
    unread = Missing(subject="the TensorBoard", reason="403", needs="aiplatform.tensorboards.get")
    found = check_tensorboard(TENSORBOARD, "us-central1", unread)
    assert_found(found, path=path, check="location", says="403", way_out="tensorboards.get", severity="warn")


def test_a_pipeline_runs_and_uploads_where_the_seed_says() -> None:
    found = check_pipeline_places("us-east1", "us-central1")
    assert_found(found, path="location", check="location", says="run in us-east1", way_out="us-central1, europe-west4")
    found = check_pipeline_places("us-central1", "us-east1")
    assert_found(
        found, path="tuned_model_location", check="location", says="upload models in us-east1", way_out="us-central1"
    )
    (misspelt,) = check_pipeline_places(None, "europe-wst4")
    assert str(misspelt.remedy).startswith("Did you mean europe-west4? Use one of us-central1, ")
    assert check_pipeline_places("asia-northeast3", "europe-west9") == []
    assert check_pipeline_places(None, None) == []


def test_an_endpoint_elsewhere_than_its_model_is_a_warning_for_google_says_it_may_be() -> None:
    found = check_endpoint_place("projects/my-project/locations/us-central1/endpoints/1", MODEL)
    assert_found(
        found,
        path="endpoint",
        check="location",
        says="in us-central1, but the model is in us",
        way_out="endpoint in us",
        severity="warn",
    )
    assert check_endpoint_place("projects/my-project/locations/us/endpoints/1", MODEL) == []


def test_an_endpoint_of_another_project_than_its_model_is_a_warning_if_both_are_named_in_one_way() -> None:
    found = check_endpoint_place("projects/other-project/locations/us/endpoints/1", MODEL)
    says = "in project other-project, but the model is in my-project"
    assert_found(found, path="endpoint", check="location", says=says, way_out="project my-project", severity="warn")
    assert check_endpoint_place("projects/123456789/locations/us/endpoints/1", MODEL) == []


def test_a_parent_model_is_where_the_job_or_its_results_are() -> None:
    path = "pre_tuned_model.tuned_model_name"
    found = check_parent_place(MODEL, "europe-west4", "eu")
    assert_found(found, path=path, check="location", says="is in us", way_out="region that made", severity="warn")
    assert check_parent_place(MODEL, "us-central1", "us") == []
    assert check_parent_place("projects/my-project/locations/us-central1/models/1", "us-central1", None) == []


TEXT = st.none() | st.text() | st.sampled_from([TENSORBOARD, MODEL, "us-central1", "us", "global"])
BUCKETS = st.builds(
    Bucket, name=st.text(), location=st.text(), location_type=st.text(), data_locations=st.tuples(st.text())
)
FACTS: st.SearchStrategy[Fact[Bucket | None]] = st.one_of(
    st.just(NOT_ASKED), st.just(REFUSED), st.builds(Known, st.none() | BUCKETS)
)


@given(TEXT, TEXT, TEXT, FACTS)
def test_any_arguments_with_any_facts_give_findings(
    one: str | None, other: str | None, region: str | None, fact: Fact[Bucket | None]
) -> None:
    found = [
        *check_bucket(one, fact, region, path=("x",)),
        *check_bucket(one, fact, region, path=("x",), product="PIPELINE", project_number=other),
        *check_tensorboard(one, region, Known(False)),
        *check_pipeline_places(one, other),
        *check_endpoint_place(one, other),
        *check_parent_place(one, other, region),
    ]
    assert_documented(found)
