"""What only the program knows is yes, no or not told; not told is maybe, and no rule takes it for a no."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from pulumi_gcp_tuning.errors import Finding, Refused
from pulumi_gcp_tuning.grammar import camel
from pulumi_gcp_tuning.resources.core.description import meaning_of
from pulumi_gcp_tuning.resources.core.inputs import CommonArgs
from pulumi_gcp_tuning.resources.core.lifecycle import UNKNOWN, Properties
from pulumi_gcp_tuning.resources.core.run import Run
from pulumi_gcp_tuning.resources.core.secrets import secret_inputs
from pulumi_gcp_tuning.resources.core.told import CommonTold, JobTold, Made
from pulumi_gcp_tuning.resources.registry import KINDS, lifecycle_of, registered
from support.golden_hashes import pinned_first
from support.hand_made_google import GOOD_ROWS, Desk, HandMadeGoogle, HandMadeStorage, gone, settings, urn
from support.hand_made_lookups import NUMBER

HASHES = Path(__file__).parents[3] / "golden" / "hashes"
KEY = "projects/shop-dev/locations/us-central1/keyRings/r/cryptoKeys/k"
NAMED = {
    "key": KEY,
    "service account": "tuner@shop-dev.iam.gserviceaccount.com",
    "project": "shop-dev",
    "object": "gs://shop-data/rows.jsonl",
    "bucket": "shop-data",
    "model": "projects/shop-dev/locations/us/models/5550001112223334445@1",
    "TensorBoard": "projects/shop-dev/locations/us-central1/tensorboards/7",
}
"""A name of each thing whose existence is checked, where a declaration has none."""


class EmptyStorage(HandMadeStorage):
    def get_bucket(self, name: str) -> dict[str, Any]:
        raise gone(name)

    def test_permissions(self, bucket: str, permissions: Any) -> frozenset[str]:
        raise gone(bucket)

    def open_object(self, bucket: str, name: str, **_options: Any) -> Any:
        raise gone(name)


class EmptyGoogle(HandMadeGoogle):
    """A project in which nothing is there that a declaration may name, and no API is enabled."""

    @property
    def storage(self) -> HandMadeStorage:
        return EmptyStorage(self)

    @property
    def kms(self) -> Any:
        def none(name: str) -> Any:
            raise gone(name)

        return SimpleNamespace(get_crypto_key=none, get_crypto_key_iam_policy=none, get_key_ring_iam_policy=none)

    @property
    def service_accounts(self) -> Any:
        def none(email: str) -> Any:
            raise gone(email)

        return SimpleNamespace(get_service_account=none, may_act_as=none)

    @property
    def services(self) -> Any:
        def disabled(_project: str, names: Any) -> list[dict[str, str]]:
            return [{"name": f"projects/{NUMBER}/services/{each}", "state": "DISABLED"} for each in names]

        return SimpleNamespace(get_services=disabled)


def declaration_of(kind: str, folder: Path) -> Properties:
    """A declaration that names all that the resource may name; of what the program tells it holds the content only."""
    found: Properties = {**pinned_first(kind)["inputs"]}
    found.pop("resourceUrn")
    found |= {key: value for key, value in named_in(lifecycle_of(kind).resource.Args).items() if key not in found}
    if "source" in found:
        found["source"] = str(folder / "rows.jsonl")
        (folder / "rows.jsonl").write_bytes(GOOD_ROWS)
        found.pop("contentSha256")
    return found


def named_in(model: type[BaseModel]) -> Properties:
    """An input for every field that names something, also further down."""
    found: Properties = {}
    for name, field in model.model_fields.items():
        meant = str(meaning_of(model, name).get("names", ""))
        below = [each for each in get_args(field.annotation) if isinstance(each, type) and issubclass(each, BaseModel)]
        value: Any = NAMED[meant] if meant else next(filter(None, map(named_in, below)), None)
        if value:
            found[camel(name)] = value
    return found


def errors_of(kind: str, inputs: Properties) -> list[str]:
    checked = lifecycle_of(kind).check(Desk(EmptyGoogle()).call(), {}, inputs)
    return sorted(f"{each.path}: {each}" for each in checked.findings if each.severity == "error")


def told_of(kind: str, inputs: Properties, made: list[str] | None) -> Properties:
    """What a program of this package adds to a declaration, where it makes these inputs."""
    of_file: Properties = {}
    if "source" in inputs:
        of_file["contentSha256"] = hashlib.sha256(Path(inputs["source"]).read_bytes()).hexdigest()
    return {**inputs, "resourceUrn": urn("TuningJob"), **of_file, **({"fromResources": made} if made else {})}


@pytest.mark.parametrize("kind", KINDS)
def test_what_nobody_told_is_no_reason_to_say_that_something_does_not_exist(kind: str, tmp_path: Path) -> None:
    inputs = declaration_of(kind, tmp_path)
    made_here = errors_of(kind, told_of(kind, inputs, [*inputs, "services"]))
    assert errors_of(kind, inputs) == made_here


ASKING = [frame.kind for frame in registered() if any(rule.facts for rule in frame.rules)]
"""What asks Google before it is made."""


@pytest.mark.parametrize(
    "kind", [k for k in ASKING if k not in ("tuned_model", "model_deployment", "gemini_api_tuned_model")]
)
def test_what_the_program_says_that_it_does_not_make_has_to_be_there(kind: str, tmp_path: Path) -> None:
    inputs = declaration_of(kind, tmp_path)
    assert set(errors_of(kind, told_of(kind, inputs, None))) > set(errors_of(kind, inputs))


@pytest.mark.parametrize("kind", ["tuning_job", "pipeline_tuning_job", "endpoint", "tuning_dataset"])
def test_at_create_everything_has_to_be_there_whatever_was_told(kind: str, tmp_path: Path) -> None:
    desk, inputs = Desk(EmptyGoogle()), declaration_of(kind, tmp_path)
    frame = lifecycle_of(kind)
    checked = frame.check(desk.call(), {}, inputs)
    with pytest.raises(Refused, match="is refused before it is sent"):
        frame.create(desk.call(), {key: value for key, value in checked.inputs.items() if value is not UNKNOWN})


def test_jobs_that_nobody_placed_are_not_counted_as_running_side_by_side() -> None:
    inputs = {
        "baseModel": "gemini-3.5-flash",
        "supervisedTuningSpec": {"trainingDatasetUri": "gs://shop-data/rows.jsonl"},
        "onQuota": "fail",
    }
    assert without_room(inputs) == []


def test_jobs_of_which_the_program_says_that_none_ends_before_are_counted_together() -> None:
    inputs = {
        "baseModel": "gemini-3.5-flash",
        "supervisedTuningSpec": {"trainingDatasetUri": "gs://shop-data/rows.jsonl"},
        "onQuota": "fail",
        "resourceUrn": "",
    }
    assert len(without_room(inputs)) == 1


def without_room(inputs: Mapping[str, Any]) -> list[str]:
    """The errors about the quota of the second of two jobs, where there is room for one."""
    desk, run, frame, found = Desk(HandMadeGoogle(limit=1)), Run(), lifecycle_of("tuning_job"), list[str]()
    for name in ("first", "second"):
        own = {**inputs, **({"resourceUrn": urn("TuningJob", name)} if "resourceUrn" in inputs else {})}
        checked = frame.check(desk.call("TuningJob", name, settings=settings(), run=run), {}, own)
        found = [str(each) for each in checked.findings if each.path == ("on_quota",) and each.severity == "error"]
    return found


@pytest.mark.parametrize(
    ("told", "made"),
    [
        ({}, Made(complete=False)),
        ({"resourceUrn": "u"}, Made()),
        ({"resourceUrn": "u", "fromResources": ["bucket"]}, Made(frozenset({"bucket"}))),
        ({"resourceUrn": "u", "fromResources": ["bucket", UNKNOWN]}, Made(frozenset({"bucket"}), complete=False)),
        ({"resourceUrn": "u", "fromResources": UNKNOWN}, Made(complete=False)),
        ({"fromResources": ["bucket"]}, Made(frozenset({"bucket"}))),
    ],
)
def test_where_inputs_come_from_is_yes_no_or_not_told(told: Properties, made: Made) -> None:
    assert CommonTold.model_validate(told).made == made


@pytest.mark.parametrize(
    ("told", "before"),
    [
        ({}, None),
        ({"resourceUrn": "u"}, ()),
        ({"resourceUrn": "u", "afterJobs": ["a"]}, ("a",)),
        ({"resourceUrn": "u", "afterJobs": UNKNOWN}, None),
        ({"resourceUrn": "u", "afterJobs": ["a", UNKNOWN]}, None),
    ],
)
def test_which_jobs_end_before_is_known_none_or_not_told(told: Properties, before: tuple[str, ...] | None) -> None:
    assert JobTold.model_validate(told).before == before


@pytest.mark.parametrize(
    ("told", "secret"),
    [
        ({}, None),
        ({"resourceUrn": "u"}, set()),
        ({"resourceUrn": "u", "secretLabels": True}, {"labels"}),
        ({"resourceUrn": "u", "secretLabels": UNKNOWN}, None),
        ({"resourceUrn": "u", "secretInputs": ["description", "labels"]}, {"description", "labels"}),
        ({"resourceUrn": "u", "secretInputs": UNKNOWN}, None),
    ],
)
def test_which_inputs_are_a_secret_is_known_or_not_told(told: Properties, secret: set[str] | None) -> None:
    assert secret_inputs(told) == secret


@pytest.mark.parametrize("frame", registered(), ids=lambda frame: frame.kind)
def test_what_the_program_tells_stands_apart_from_what_it_declares(frame: Any) -> None:
    assert set(frame.resource.Args.model_fields) & set(frame.resource.Told.model_fields) == set()
    assert issubclass(frame.resource.Told, CommonTold)
    assert not issubclass(frame.resource.Told, CommonArgs)


@pytest.mark.parametrize("kind", KINDS)
def test_what_the_program_told_goes_into_state_as_before(kind: str, tmp_path: Path) -> None:
    inputs = told_of(kind, declaration_of(kind, tmp_path), ["project"])
    checked = lifecycle_of(kind).check(Desk().call(), {}, inputs)
    assert {"resourceUrn", "fromResources"} <= checked.inputs.keys()


def test_what_was_not_told_is_maybe_made_and_not_surely() -> None:
    made = CommonTold().made
    assert (made.maybe("project"), made.surely("project")) == (True, False)


def found_of_a_bucket(places: Any, uri: Any) -> list[Finding]:
    """What the location of the data gets, where the program makes its bucket."""
    told = {"resourceUrn": "", "fromResources": ["supervisedTuningSpec"], "bucketPlaces": places}
    spec = {"trainingDatasetUri": uri, "validationDatasetUri": uri}
    desk = Desk(EmptyGoogle())
    job = {"baseModel": "gemini-3.1-flash-lite", "supervisedTuningSpec": spec, **told}
    checked = lifecycle_of("tuning_job").check(desk.call(), {}, job)
    assert checked.inputs["bucketPlaces"] == places
    return [each for each in checked.findings if each.check == "location"]


@pytest.mark.parametrize("key", ["supervisedTuningSpec.trainingDatasetUri", "supervisedTuningSpec"])
@pytest.mark.parametrize(
    ("uri", "name"), [("gs://new-data/t.jsonl", "bucket new-data"), (UNKNOWN, "bucket of the data")]
)
def test_a_bucket_that_the_program_declares_elsewhere_is_a_warning_before_it_is_there(
    key: str, uri: Any, name: str
) -> None:
    (found,) = found_of_a_bucket({key: "europe-west4"}, uri)
    problem = f"The {name} is in europe-west4, but the job runs in us-central1."
    assert (found.severity, str(found.problem)) == ("warn", problem)


@pytest.mark.parametrize("place", ["us-central1", "us", "nam4", "nam99", UNKNOWN])
@pytest.mark.parametrize("uri", ["gs://new-data/t.jsonl", UNKNOWN])
def test_a_bucket_that_the_program_declares_in_or_around_the_jobs_region_passes(place: Any, uri: Any) -> None:
    assert found_of_a_bucket({"supervisedTuningSpec.trainingDatasetUri": place}, uri) == []


def test_a_bucket_that_is_there_is_judged_by_what_google_says_and_not_by_the_program() -> None:
    told = {"resourceUrn": "", "bucketPlaces": {"supervisedTuningSpec": "europe-west4"}}
    spec = {"trainingDatasetUri": "gs://shop-data/rows.jsonl"}
    inputs = {"baseModel": "gemini-3.1-flash-lite", "supervisedTuningSpec": spec, **told}
    checked = lifecycle_of("tuning_job").check(Desk(HandMadeGoogle()).call(), {}, inputs)
    assert [each for each in checked.findings if each.check == "location"] == []


def test_the_remedy_for_a_declared_bucket_is_to_declare_it_nearer() -> None:
    (found,) = found_of_a_bucket({"supervisedTuningSpec.trainingDatasetUri": "europe-west4"}, UNKNOWN)
    assert "To be sure, declare the bucket in us-central1 or in a multi-region" in str(found.remedy)
