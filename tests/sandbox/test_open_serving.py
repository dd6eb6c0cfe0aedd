"""Artifacts of open models on machines in the sandbox: the deployment, its quota, its answers, and Google's own client."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sandbox.data.tickets import INSTRUCTION
from sandbox.open_support import BETA, FINAL, OUT, open_body, open_data, tune
from sandbox.vertex_support import PLACE, error_of, get

if TYPE_CHECKING:
    from sandbox.running import RunningSandbox

ASKED = f"{INSTRUCTION}\nmy invoice - refund - what now?"
L4 = {"machineType": "g2-standard-12", "acceleratorType": "NVIDIA_L4", "acceleratorCount": 1}


def deploy_body(folder: str = FINAL, machine: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    resources = {"machineSpec": machine or L4, "minReplicaCount": 1, "maxReplicaCount": 1}
    return {"customModel": {"gcsUri": folder}, "deployConfig": {"dedicatedResources": resources}, **more}


def deploy(sandbox: RunningSandbox, **more: Any) -> dict[str, Any]:
    answer = sandbox.post(f"{BETA}:deploy", json=deploy_body(**more))
    assert answer.status_code == 200, answer.text
    sandbox.advance(1800)
    done: dict[str, Any] = get(sandbox, answer.json()["name"], "v1beta1")["response"]
    return done


def ask(sandbox: RunningSandbox, endpoint: str, **more: Any) -> Any:
    instance = {"prompt": ASKED, "temperature": 0, "max_tokens": 20, **more}
    return sandbox.post(f"/v1/{endpoint}:predict", json={"instances": [instance]})


@pytest.fixture
def tuned(sandbox: RunningSandbox) -> RunningSandbox:
    tune(sandbox, open_body(open_data(sandbox), hyper={"epochCount": "5"}))
    return sandbox


def test_a_deployed_checkpoint_answers_as_it_was_tuned(tuned: RunningSandbox) -> None:
    endpoint = deploy(tuned)["endpoint"]
    assert ask(tuned, endpoint, raw_response=True).json()["predictions"] == ["billing"]


def test_without_raw_response_the_answer_repeats_the_prompt(tuned: RunningSandbox) -> None:
    assert ask(tuned, deploy(tuned)["endpoint"]).json()["predictions"] == [f"Prompt:\n{ASKED}\nOutput:\nbilling"]


def test_a_deployment_has_a_machine_a_model_with_its_folder_and_all_traffic(tuned: RunningSandbox) -> None:
    made = deploy(tuned)
    endpoint, model = get(tuned, made["endpoint"]), get(tuned, made["model"])
    (deployed,) = endpoint["deployedModels"]
    assert deployed["dedicatedResources"]["machineSpec"] == L4
    assert endpoint["trafficSplit"] == {deployed["id"]: 100}
    assert model["artifactUri"] == FINAL
    public = model["baseModelSource"]["modelGardenSource"]["publicModelName"]
    assert public == "publishers/meta/models/llama3_1@llama-3.1-8b"


def test_ids_of_the_model_and_the_endpoint_may_be_chosen_once(tuned: RunningSandbox) -> None:
    ids: dict[str, Any] = {"modelConfig": {"modelUserId": "mine"}, "endpointConfig": {"endpointUserId": "mine-too"}}
    made = deploy(tuned, **ids)
    assert made["model"].endswith("/models/mine")
    assert made["endpoint"].endswith("/endpoints/mine-too")
    assert error_of(tuned.post(f"{BETA}:deploy", json=deploy_body(**ids)))[:2] == (409, "ALREADY_EXISTS")


def test_a_model_of_such_a_deployment_is_deployed_again_on_another_endpoint(tuned: RunningSandbox) -> None:
    model = deploy(tuned)["model"]
    name = tuned.post(f"{PLACE}/endpoints", json={"displayName": "e"}).json()["name"].partition("/operations/")[0]
    body = {"deployedModel": {"model": model, "dedicatedResources": {"machineSpec": L4, "minReplicaCount": 1}}}
    assert tuned.post(f"/v1/{name}:deployModel", json=body).status_code == 200
    tuned.advance(600)
    assert ask(tuned, name, raw_response=True).json()["predictions"] == ["billing"]


@pytest.mark.parametrize(
    ("more", "status", "words"),
    [
        ({"folder": f"{OUT}/postprocess"}, 400, "has no safetensors files"),
        ({"folder": "gs://nowhere/x"}, 404, "does not exist"),
        ({"machine": {**L4, "acceleratorCount": 2}}, 400, "count 2 is not supported for machine type g2-standard-12"),
        ({"machine": {**L4, "acceleratorCount": 0}}, 400, "count 0 is not supported for machine type g2-standard-12"),
        ({"machine": {**L4, "acceleratorType": "NVIDIA_TESLA_T4"}}, 400, "NVIDIA_TESLA_T4"),
        ({"machine": {**L4, "machineType": "a3-highgpu-8g"}}, 501, "the machine type a3-highgpu-8g"),
        ({"publisherModelName": "publishers/google/models/gemma3@gemma-3-1b-it"}, 501, "publisherModelName"),
        ({"modelConfig": {"modelUserId": "A b"}}, 400, "Invalid resource ID"),
    ],
)
def test_a_deployment_that_cannot_be_is_refused(
    tuned: RunningSandbox, more: dict[str, Any], status: int, words: str
) -> None:
    answer = tuned.post(f"{BETA}:deploy", json=deploy_body(**more))
    assert answer.status_code == status, answer.text
    assert words in error_of(answer)[2]


def test_v1_does_not_know_a_custom_model(tuned: RunningSandbox) -> None:
    assert 'Unknown name "customModel"' in error_of(tuned.post(f"{PLACE}:deploy", json=deploy_body()))[2]


def test_more_accelerators_than_the_quota_are_429(tuned: RunningSandbox) -> None:
    tuned.admin("POST", "quotas", {"metric": "custom_model_serving_nvidia_l4_gpus", "limit": 1})
    assert tuned.post(f"{BETA}:deploy", json=deploy_body()).status_code == 200
    answer = tuned.post(f"{BETA}:deploy", json=deploy_body())
    assert error_of(answer)[0] == 429
    assert "custom_model_serving_nvidia_l4_gpus" in error_of(answer)[2]
    tuned.advance(1800)
    assert tuned.post(f"{BETA}:deploy", json=deploy_body()).status_code == 429


@pytest.mark.parametrize("status", [503, 504])
def test_a_cold_machine_answers_after_two_errors(tuned: RunningSandbox, status: int) -> None:
    tuned.admin("POST", "policy", {"vertex.cold_start": str(status)})
    endpoint = deploy(tuned)["endpoint"]
    assert [ask(tuned, endpoint).status_code for _ in range(3)] == [status, status, 200]


@pytest.mark.parametrize(
    "instance",
    [{"prompt": ""}, {"max_tokens": 0}, {"temperature": "hot"}, {"top_p": 2}, {"raw_response": "yes"}],
    ids=str,
)
def test_an_instance_that_the_machine_does_not_take_is_refused(tuned: RunningSandbox, instance: dict[str, Any]) -> None:
    assert ask(tuned, deploy(tuned)["endpoint"], **instance).status_code == 400


def test_a_machine_does_not_answer_generate_content(tuned: RunningSandbox) -> None:
    body = {"contents": [{"role": "user", "parts": [{"text": "a"}]}]}
    assert tuned.post(f"/v1/{deploy(tuned)['endpoint']}:generateContent", json=body).status_code == 400
