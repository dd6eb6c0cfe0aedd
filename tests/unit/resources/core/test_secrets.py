"""What is a secret stays one in every copy, and no message quotes it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any, cast

import pytest
from pulumi.runtime import rpc

from pulumi_gcp_tuning import dynamic, engine
from pulumi_gcp_tuning.config import Settings
from pulumi_gcp_tuning.errors import Refused, TuningError, Unfinished
from pulumi_gcp_tuning.properties import for_engine
from pulumi_gcp_tuning.resources.core.labels import SECRET_NAMES
from pulumi_gcp_tuning.resources.core.lifecycle import UNKNOWN, Current, Properties
from pulumi_gcp_tuning.resources.core.secrets import hiding, secret_copies, without_secrets
from pulumi_gcp_tuning.resources.registry import lifecycle_of, registered
from pulumi_gcp_tuning.wording import PYTHON
from support.findings import finding_of
from support.hand_made_google import GOOD_ROWS, Desk, urn
from support.hand_made_lookups import NUMBER

JOB, MODEL = lifecycle_of("tuning_job"), lifecycle_of("tuned_model")
ENDPOINT, DEPLOYMENT = lifecycle_of("endpoint"), lifecycle_of("model_deployment")
DATASET = lifecycle_of("tuning_dataset")
WORD = "Zebra Crossing! (of 2019)"
GEMINI: Properties = {
    "baseModel": "gemini-3.5-flash",
    "supervisedTuningSpec": {"trainingDatasetUri": "gs://shop-data/t.jsonl"},
    "resourceUrn": urn("TuningJob"),
}


@pytest.fixture
def desk() -> Desk:
    return Desk()


def in_clear(properties: Properties) -> str:
    """What state has in clear of outputs: all but what the door marks; the engine knows inputs of the same name."""
    own = {path.partition(".")[0] for path in properties["secretInputs"]}
    marked = for_engine(properties)
    plain = {key: value for key, value in marked.items() if key not in own and not is_marked(value)}
    return json.dumps(plain)


def is_marked(value: Any) -> bool:
    return isinstance(value, dict) and value.get(rpc._special_sig_key) == rpc._special_secret_sig


def made(frame: Any, desk: Desk, **news: Any) -> Current:
    call = desk.call(frame.name)
    found = frame.check(call, {}, {"resourceUrn": urn(frame.name), **news})
    assert [str(each) for each in found.findings] == []
    return cast("Current", frame.create(call, found.inputs))


# Copies


@pytest.mark.parametrize(
    ("told", "properties", "copies"),
    [
        ("labels", {"pulumiLabels": {}, "effectiveLabels": {}, "releases": {}, "model": "m"}, 3),
        ("pulumiLabels", {"pulumiLabels": {"a": "b"}, "effectiveLabels": {"a": "b"}}, 2),
        ("tuningJob.labels", {"pulumiLabels": {}, "effectiveLabels": {}, "releases": {}}, 2),
        ("tuningJob.tunedModelDisplayName", {"displayName": "x", "model": "m"}, 1),
        ("tuningJob.modelDisplayName", {"displayName": "x", "model": "m"}, 1),
        ("bucket", {"bucket": "b", "uri": UNKNOWN, "objectName": "p/x"}, 1),
        ("project", {"project": "p", "location": "us"}, 1),
        ("description", {"description": "merger plans", "error": {"message": "No merger plans here."}}, 1),
        ("description", {"description": "ab", "error": {"message": "ab"}, "model": "cab"}, 0),
        ("spec.uri", {"spec": {"uri": "gs://acme/x"}, "error": {"details": ["at gs://acme/x"]}, "model": "m"}, 1),
    ],
)
def test_each_property_that_repeats_a_secret_input_is_a_secret(told: str, properties: Properties, copies: int) -> None:
    assert len(secret_copies({"resourceUrn": "u", "secretInputs": [told], **properties})) == copies


@pytest.mark.parametrize("told", [{}, {"resourceUrn": "u"}, {"resourceUrn": "u", "secretInputs": UNKNOWN}])
def test_where_no_input_is_known_to_be_a_secret_nothing_is_marked(told: Properties) -> None:
    properties = {"labels": {"a": "b"}, "pulumiLabels": {"a": "b"}, "uri": "gs://b/p", "project": "p"}
    assert secret_copies({**told, **properties}) == frozenset()


def test_state_of_an_earlier_release_keeps_its_secret_labels() -> None:
    assert secret_copies({"resourceUrn": "u", "secretLabels": True, "effectiveLabels": {}}) == {"effectiveLabels"}


def test_a_model_is_as_secret_as_its_job_says(desk: Desk) -> None:
    job = made(JOB, desk, **{**GEMINI, "tunedModelDisplayName": "juniper", "labels": {"client": "acme"}})
    desk.google.succeed(job.id)
    told = ["tuningJob.labels", "tuningJob.tunedModelDisplayName"]
    model = made(MODEL, desk, tuningJob=job.id, secretInputs=told)
    again = MODEL.read(desk.call("TunedModel"), model.id, model.outputs)
    assert again is not None
    for outputs in (model.outputs, again.outputs):
        assert outputs["displayName"] == "juniper"
        assert "juniper" not in in_clear(outputs)
        assert "acme" not in in_clear(outputs)


def test_a_wait_that_ends_early_keeps_what_is_secret(desk: Desk) -> None:
    job = made(JOB, desk, **GEMINI)
    news = {"tuningJob": job.id, "labels": {"client": "acme"}, "secretInputs": ["labels"]}
    with pytest.raises(Unfinished) as ended:
        made(MODEL, desk, **news)
    assert "acme" not in in_clear(ended.value.outputs)


@pytest.mark.parametrize("ours", [True, False])
def test_a_secret_name_of_a_deployment_is_none_of_the_endpoints_state(desk: Desk, *, ours: bool) -> None:
    endpoint = made(ENDPOINT, desk, displayName="Shop")
    if not ours:
        desk.google.endpoints[endpoint.id]["labels"] = {"team": "other"}
    model = f"projects/{NUMBER}/locations/us-central1/models/77"
    desk.google.models[model] = {"name": model}
    on = {"endpoint": endpoint.id, "model": model}
    made(DEPLOYMENT, desk, **on, displayName="maple-deployment", secretInputs=["displayName"])
    labels = desk.google.endpoints[endpoint.id]["labels"]
    assert (SECRET_NAMES in labels) is ours
    if ours:
        read = ENDPOINT.read(desk.call("Endpoint"), endpoint.id, {**endpoint.outputs})
        assert read is not None
        assert read.outputs["deployedModels"][0]["displayName"] == "maple-deployment"
        assert "maple" not in in_clear({"secretInputs": [], **read.outputs})


def test_a_deployment_whose_name_is_no_secret_leaves_its_claim_on_the_endpoint_and_nothing_else(desk: Desk) -> None:
    endpoint = made(ENDPOINT, desk, displayName="Shop")
    before = dict(desk.google.endpoints[endpoint.id]["labels"])
    model = f"projects/{NUMBER}/locations/us-central1/models/77"
    desk.google.models[model] = {"name": model}
    deployed = made(DEPLOYMENT, desk, endpoint=endpoint.id, model=model, displayName="maple-deployment")
    claim = f"gcp-tuning-claim-{deployed.outputs['deployedModelId']}"
    labels = desk.google.endpoints[endpoint.id]["labels"]
    assert {key: value for key, value in labels.items() if key != claim} == before
    assert "maple" not in labels[claim]


def test_the_id_of_a_dataset_does_not_tell_a_secret_bucket_and_is_found_again(tmp_path: Any) -> None:
    desk = Desk(root=tmp_path)
    (tmp_path / "rows.jsonl").write_bytes(GOOD_ROWS)
    news = {"bucket": "orchid-bucket", "source": "rows.jsonl", "contentSha256": hashlib.sha256(GOOD_ROWS).hexdigest()}
    dataset = made(DATASET, desk, **news, secretInputs=["bucket"])
    assert dataset.outputs["uri"].startswith("gs://orchid-bucket/")
    assert "orchid" not in dataset.id + in_clear(dataset.outputs)
    call = desk.call("TuningDataset")
    read = DATASET.read(call, dataset.id, dataset.outputs)
    assert read is not None
    assert (read.id, read.outputs["uri"]) == (dataset.id, dataset.outputs["uri"])
    assert DATASET.update(call, dataset.id, dataset.outputs, dataset.inputs or {}).id == dataset.id
    DATASET.delete(desk.call("TuningDataset"), dataset.id, dataset.outputs)
    assert desk.google.objects == {}


# A secret that was none, and none that was


@pytest.mark.parametrize(
    ("before", "now", "changed"),
    [
        ({}, {"secretInputs": ["description"]}, None),
        ({"secretInputs": ["description"]}, {}, None),
        ({"secretLabels": True}, {"secretInputs": ["labels"]}, False),
        ({"secretInputs": ["labels"]}, {"secretInputs": ["labels"]}, False),
        ({}, {}, False),
    ],
)
def test_an_input_that_became_a_secret_is_an_update_because_state_has_it_in_clear(
    before: Properties, now: Properties, desk: Desk, *, changed: bool | None
) -> None:
    endpoint = made(ENDPOINT, desk, displayName="Shop", description="d", labels={"a": "b"})
    inputs = endpoint.inputs or {}
    difference = ENDPOINT.diff(desk.call("Endpoint"), endpoint.id, {**endpoint.outputs, **before}, {**inputs, **now})
    assert difference.changed is changed


# Messages


@pytest.mark.parametrize("key", ["labels", "displayName", "description", "location", "project", "checks"])
@pytest.mark.parametrize("frame", registered(), ids=lambda frame: frame.kind)
def test_no_finding_quotes_a_secret_input(frame: Any, key: str, desk: Desk) -> None:
    value: Any = {"Team": WORD} if key in ("labels", "checks") else WORD
    news = {"resourceUrn": urn(frame.name), key: value, "secretInputs": [key]}
    checked = frame.check(desk.call(frame.name), {}, news)
    told = "\n".join(str(each) for each in dynamic._printed(checked, news, PYTHON))
    assert [word for word in ("Zebra", "Crossing", "zebra", "2019") if word in told] == []


@pytest.mark.parametrize("key", ["bucket", "prefix", "kmsKeyName", "source"])
def test_no_finding_quotes_a_secret_input_of_a_dataset(key: str, desk: Desk) -> None:
    news = {"bucket": "b", "source": "rows", key: f"/Zebra//{WORD}", "secretInputs": [key], "resourceUrn": urn("X")}
    checked = DATASET.check(desk.call("TuningDataset"), {}, news)
    told = "\n".join(str(each) for each in dynamic._printed(checked, news, PYTHON))
    assert [word for word in ("Zebra", "Crossing") if word in told] == []


def test_a_finding_still_says_what_is_wrong() -> None:
    finding = finding_of(("bucket",), "'Acme Holding' is not the name of a bucket.", "Give the name alone.")
    inputs = {"bucket": "Acme Holding", "secretInputs": ["bucket"], "resourceUrn": "u"}
    [clean] = without_secrets([finding], inputs)
    assert str(clean) == (
        "[secret] is not the name of a bucket. It is a secret, so it is not shown. Give the name alone."
    )
    assert without_secrets([finding], {**inputs, "secretInputs": ["prefix"]}) == [finding]


def test_a_finding_of_another_input_does_not_quote_a_secret_either() -> None:
    finding = finding_of((), "The bucket acme-holding of gs://acme-holding/rows.jsonl is in Mars.", "Use one on Earth.")
    inputs = {"spec": {"uri": "gs://acme-holding/rows.jsonl"}, "secretInputs": ["spec.uri"], "resourceUrn": "u"}
    [clean] = without_secrets([finding], inputs)
    assert "acme" not in str(clean)


def test_create_refuses_without_a_quote(desk: Desk) -> None:
    news = {"displayName": WORD * 6, "location": "us-central1", "project": "shop-dev", "secretInputs": ["displayName"]}
    with pytest.raises(Refused) as refused:
        ENDPOINT.create(desk.call("Endpoint"), {**news, "resourceUrn": urn("Endpoint")})
    assert "Zebra" not in str(refused.value)


def test_where_nobody_told_what_is_a_secret_no_finding_quotes_the_input() -> None:
    finding = finding_of(("bucket",), "'Acme Holding' is not the name of a bucket.", "Give the name alone.")
    [clean] = without_secrets([finding], {"bucket": "Acme Holding"})
    assert "Acme" not in str(clean)


@pytest.mark.parametrize("value", ["acme-holding", "it's acme", "acme\nholding", "gs://acme-holding/acme-file"])
def test_a_secret_is_taken_out_of_a_text_in_every_form_in_which_python_writes_it(value: str) -> None:
    hide = hiding({"description": value, "secretInputs": ["description"], "resourceUrn": "u"})
    assert "acme" not in hide(f"{value} and {value!r} and {json.dumps(value)}")


def test_words_of_resource_names_stay_although_a_secret_has_them() -> None:
    hide = hiding({"key": "projects/acme-project/locations/us", "secretInputs": ["key"], "resourceUrn": "u"})
    assert hide("projects/acme-project/locations/eu of projects") == "projects/[secret]/locations/eu of projects"


class Telling:
    """A resource that says its secret in whatever way a call has."""

    def __init__(self, error: Callable[[str], Exception]) -> None:
        self.error = error

    def create(self, call: Any, inputs: Properties) -> Current:
        for say in (call.report, call.warn, call.tell):
            say(f"about {inputs['description']}")
        raise self.error(f"wrong: {inputs['description']}")


@pytest.mark.parametrize(
    "error", [Refused, ValueError, lambda text: Unfinished(text, id="i", outputs={})], ids=["ours", "a bug", "a wait"]
)
def test_no_line_warning_or_error_of_a_call_tells_a_secret(
    error: Callable[[str], Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    for name in ("report", "warn", "tell", "debug"):
        monkeypatch.setattr(engine, name, lambda _urn, text: said.append(text))
    monkeypatch.setattr(dynamic.Door, "lifecycle", lambda _self: Telling(error))
    door = dynamic.Door("tuning_job")
    door._settings = Settings.resolve({"gcp:project": "shop-dev"}, {})
    inputs = {"description": "merger-plans", "secretInputs": ["description"], "resourceUrn": urn("TuningJob")}
    with pytest.raises(TuningError) as told:
        door.create(inputs)
    assert len(said) >= 3
    assert "merger" not in f"{said} {told.value}"
