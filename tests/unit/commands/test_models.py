"""Tuned models are listed by base model, and shown with how they are asked."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_gcp_tuning.commands import find_model, list_models
from pulumi_gcp_tuning.commands.connection import Connection
from pulumi_gcp_tuning.commands.snippets import gemini_snippets_of, snippets_of
from pulumi_gcp_tuning.config import Settings
from pulumi_gcp_tuning.errors import Refused
from pulumi_gcp_tuning.label_keys import CLAIM_LABEL
from pulumi_gcp_tuning.resources.core.labels import BASE_MODEL
from pulumi_gcp_tuning.resources.registry import lifecycle_of
from support.audited_cloud import OTHER_SPEC, Cloud
from support.hand_made_google import urn


def label(cloud: Cloud, name: str, **labels: str) -> dict[str, Any]:
    model = cloud.google.models[name]
    model["labels"] = {**model["labels"], **labels}
    return model


def test_models_are_found_where_the_results_of_a_region_are(cloud: Cloud, connection: Connection) -> None:
    name = cloud.model_of(cloud.trained())
    found = list_models(regions=["us-central1"], connection=connection)
    assert [each.name for each in found.models] == [name]
    assert "projects/shop-dev/locations/us" in found.places


def test_models_of_the_gemini_api_are_among_them_where_no_region_is_given(cloud: Cloud, connection: Connection) -> None:
    cloud.google.tuned_models.create("mine", {"baseModel": "models/gemini-1.5-flash-001-tuning", "displayName": "Mine"})
    (found,) = list_models(connection=connection).models
    assert (found.name, found.display_name, found.cost) == ("tunedModels/mine", "Mine", "by the call")
    assert found.base_model == "gemini-1-5-flash-001-tuning"
    for written in ("gemini-1.5-flash-001-tuning", "models/gemini-1.5-flash-001-tuning"):
        assert list_models(base_model=written, connection=connection).models == (found,)
    assert find_model("tunedModels/mine", connection=connection).model.name == "tunedModels/mine"
    assert list_models(regions=["us-central1"], connection=connection).models == ()


def test_a_model_of_another_base_model_is_left_out(cloud: Cloud, connection: Connection) -> None:
    name = cloud.model_of(cloud.trained())
    label(cloud, name, **{BASE_MODEL: "gemini-3-5-flash"})
    label(cloud, cloud.model_of(cloud.trained(**OTHER_SPEC)), **{BASE_MODEL: "gemini-3-1-flash-lite"})
    found = list_models(regions=["us-central1"], base_model="gemini-3.5-flash", connection=connection)
    assert [each.name for each in found.models] == [name]


def test_a_model_that_somebody_else_tuned_is_listed_and_an_uploaded_one_is_not(
    cloud: Cloud, connection: Connection
) -> None:
    tuned, uploaded = cloud.model_of(cloud.trained()), cloud.model_of(cloud.trained(**OTHER_SPEC))
    cloud.google.models[tuned]["labels"] = {BASE_MODEL: "gemini-3-5-flash"}
    cloud.google.models[uploaded]["labels"] = {}
    (found,) = list_models(regions=["us-central1"], connection=connection).models
    assert (found.name, found.owner) == (tuned, None)


@pytest.mark.parametrize(
    ("labels", "why"),
    [
        ({CLAIM_LABEL: "kept-0123"}, "a newer model took its place (keep_last)"),
        ({"gcp-tuning-release-v1": ""}, "a release (label gcp-tuning-release*)"),
    ],
)
def test_a_kept_model_says_why_and_what_it_costs(
    cloud: Cloud, connection: Connection, labels: dict[str, str], why: str
) -> None:
    name = cloud.model_of(cloud.trained())
    cloud.trained(**OTHER_SPEC)
    label(cloud, name, **labels)
    (found,) = list_models(regions=["us-central1"], kept=True, connection=connection).models
    assert (found.name, found.kept, found.cost) == (name, why, "per request")


def test_the_cost_of_a_model_leaves_out_what_else_its_endpoint_serves(cloud: Cloud, connection: Connection) -> None:
    name = cloud.model_of(cloud.trained())
    endpoint = cloud.google.models[name]["deployedModels"][0]["endpoint"]
    machines = {"dedicatedResources": {"machineSpec": {"machineType": "g2-standard-12"}}}
    cloud.google.endpoints[endpoint]["deployedModels"].append({"id": "9", "model": "another", **machines})
    assert [each.cost for each in list_models(regions=["us-central1"], connection=connection).models] == ["per request"]


def test_a_model_is_shown_with_the_endpoint_of_its_default_checkpoint(cloud: Cloud, connection: Connection) -> None:
    name = cloud.model_of(cloud.trained())
    model = cloud.google.models[name]
    first = model["deployedModels"][0]["endpoint"]
    cloud.google.endpoints[first]["deployedModels"][0]["checkpointId"] = "1"
    model["defaultCheckpointId"] = "1"
    report = find_model(name, connection=connection)
    assert report.endpoint == first
    assert report.snippets is not None
    assert first in report.snippets.python


@pytest.mark.parametrize(
    ("base", "asked", "read"),
    [
        ("code-bison-002", '{"prefix": "Where is my order?"}', '["predictions"][0]["content"]'),
        ("text-bison-002", '{"content": "Where is my order?"}', '["predictions"][0]["content"]'),
        ("codechat-bison-002", '[{"author": "user", "content": ', '["predictions"][0]["candidates"][0]["content"]'),
    ],
)
def test_the_snippets_of_a_bison_model_ask_with_predict(
    cloud: Cloud, connection: Connection, base: str, asked: str, read: str
) -> None:
    name = cloud.model_of(cloud.trained())
    label(cloud, name, **{BASE_MODEL: base})
    snippets = find_model(name, connection=connection).snippets
    assert snippets is not None
    assert ":predict" in snippets.curl
    assert asked in snippets.curl
    assert asked in snippets.python
    assert read in snippets.python
    assert "genai" not in snippets.python + snippets.packages
    compile(snippets.python, "snippet", "exec")


def test_the_snippets_of_the_gemini_api_name_the_configured_address() -> None:
    at = "http://127.0.0.1:8085"
    found = gemini_snippets_of("tunedModels/mine", Settings(gemini_base_url=at))
    assert f'genai.Client(api_key="sandbox", http_options={{"base_url": "{at}"}})' in found.python
    assert f"'{at}/v1beta/tunedModels/mine:generateContent'" in found.curl
    assert '-H "x-goog-api-key: sandbox"' in found.curl
    apart = gemini_snippets_of("tunedModels/mine", Settings(gemini_base_url="https://gemini.example.com"))
    assert 'genai.Client(http_options={"base_url": "https://gemini.example.com"})' in apart.python
    assert '-H "x-goog-api-key: $GEMINI_API_KEY"' in apart.curl


def test_the_snippets_of_the_gemini_api_name_googles_address_by_default() -> None:
    found = gemini_snippets_of("tunedModels/mine")
    assert "genai.Client()" in found.python
    assert "'https://generativelanguage.googleapis.com/v1beta/tunedModels/mine:generateContent'" in found.curl


def test_snippets_name_the_location_and_the_host_of_the_endpoint() -> None:
    found = snippets_of("projects/123456789012/locations/us/endpoints/5")
    assert 'project="123456789012", location="us")' in found.python
    assert (
        "'https://aiplatform.us.rep.googleapis.com/v1/projects/123456789012/locations/us/endpoints/5:generateContent'"
        in found.curl
    )
    compile(found.python, "snippet", "exec")


def test_deployed_weights_are_listed_with_the_base_model_and_the_owner_of_their_machine(
    cloud: Cloud, connection: Connection
) -> None:
    frame, call = lifecycle_of("model_deployment"), cloud.desk.call("ModelDeployment")
    machine = {"machineType": "g2-standard-12", "acceleratorType": "NVIDIA_L4", "acceleratorCount": 1}
    inputs = {"artifacts": "gs://shop-data/llama", "resourceUrn": urn("ModelDeployment"), **machine}
    made = frame.create(call, frame.check(call, {}, inputs).inputs)
    (name,) = cloud.google.models
    endpoint = made.outputs["endpoint"]
    public = "publishers/meta/models/llama3_1@llama-3.1-8b"
    cloud.google.models[name] |= {
        "baseModelSource": {"modelGardenSource": {"publicModelName": public}},
        "deployedModels": [{"endpoint": endpoint, "deployedModelId": "4242"}],
    }
    cloud.keep("ModelDeployment", made)
    (found,) = list_models(
        regions=["us-central1"], base_model="meta/llama3_1@llama-3.1-8b", states=[cloud.state()], connection=connection
    ).models
    assert (found.name, found.owner) == (name, "ModelDeployment bot of shop/dev")
    assert found.cost.startswith("1 x g2-standard-12")
    report = find_model(endpoint, connection=connection)
    assert (report.model.name, report.endpoint) == (name, endpoint)
    assert report.snippets is not None
    assert ":predict" in report.snippets.curl


def test_an_endpoint_that_does_not_serve_one_model_is_refused(cloud: Cloud, connection: Connection) -> None:
    name = cloud.model_of(cloud.trained())
    endpoint = cloud.google.models[name]["deployedModels"][0]["endpoint"]
    assert find_model(endpoint, connection=connection).model.name == name
    other = {"id": "9", "model": name.replace("/models/", "/models/1")}
    cloud.google.endpoints[endpoint]["deployedModels"].append(other)
    with pytest.raises(Refused, match="serves 2 models; name one"):
        find_model(endpoint, connection=connection)
    cloud.google.endpoints[endpoint]["deployedModels"] = []
    with pytest.raises(Refused, match="serves 0 models"):
        find_model(endpoint, connection=connection)
