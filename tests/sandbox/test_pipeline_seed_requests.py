"""The two curl requests of seed 002, as the page prints them: what is wrong with them, and that they work once put right."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sandbox.pipeline_support import CHAT_TEMPLATE, CODE_TEMPLATE, make_files, outputs_of
from sandbox.test_pipeline_create import KEY, make_key
from sandbox.vertex_support import PLACE, get

if TYPE_CHECKING:
    from sandbox.running import RunningSandbox

CODE = """{
"displayName": "tune code",
"runtimeConfig": {
"gcsOutputDirectory": "gs://tuning-data/output",
"parameterValues": {
"project": "my-project",
"model_display_name": "The display name for your model in the UI",
"dataset_uri": "DATASET_URI",
"evaluation_data_uri:": "gs://cloud-samples-data/vertex-ai/model-evaluation/eval_sample.jsonl",
"location": "us-central1",
"accelerator_type": "GPU",
"large_model_reference": "code-bison@002",
"learning_rate_multiplier": 1,
"train_steps": 300
}
},
"templateUri": "https://us-kfp.pkg.dev/ml-pipeline/large-language-model-pipelines/tune-large-model/v3.0.0"
}"""
CHAT = (
    """{
"displayName": "tune chat",
"runtimeConfig": {
"gcsOutputDirectory": "gs://tuning-data/output",
"parameterValues": {
"project": "my-project",
"model_display_name": "your-model-display-name",
"dataset_uri": "DATASET_URI",
"location": "us-central1",
"large_model_reference": "codechat-bison@002",
"train_steps": 300,
"learning_rate_multiplier": 1,
"encryption_spec_key_name": "KEY"
}
},
"encryptionSpec": {
"kmsKeyName": "KEY"
"templateUri": "https://us-kfp.pkg.dev/ml-pipeline/large-language-model-pipelines/tune-large-chat-model/v3.0.0"
}"""
).replace("KEY", KEY)
QUOTED = """{ "displayName": "PIPELINEJOB_DISPLAYNAME", "runtimeConfig": { "gcsOutputDirectory": "gs://tuning-data/output",
"parameterValues": { "project": "my-project", "model_display_name": "MODEL_DISPLAYNAME", "dataset_uri": "DATASET_URI",
"evaluation_data_uri": "EVAL_DATASET_URI", "evaluation_interval": "20", "enable_early_stopping": "true",
"enable_checkpoint_selection": "default", "tensorboard_resource_id": "", "location": "us-central1",
"accelerator_type": "GPU", "large_model_reference": "code-bison@002", "train_steps": 300,
"learning_rate_multiplier": 1 } }
"templateUri": "https://us-kfp.pkg.dev/ml-pipeline/large-language-model-pipelines/tune-large-model/v3.0.0" }"""


def post(sandbox: RunningSandbox, text: str) -> Any:
    return sandbox.post(
        f"{PLACE}/pipelineJobs?pipelineJobId=tune-large-model-20240603120000",
        data=text.encode(),
        headers={"Content-Type": "application/json; charset=utf-8"},
    )


def ended(sandbox: RunningSandbox, text: str) -> dict[str, Any]:
    answer = post(sandbox, text)
    assert answer.status_code == 200, answer.text
    sandbox.advance(24 * 3600)
    return get(sandbox, answer.json()["name"])


def test_the_code_request_names_a_parameter_with_a_colon_which_is_refused_by_name(bison: RunningSandbox) -> None:
    answer = post(bison, CODE.replace("DATASET_URI", make_files(bison)["pairs"], 1))
    assert answer.status_code == 400
    assert "runtime_config.parameter_values[evaluation_data_uri:]" in answer.text


def test_the_code_request_without_that_colon_tunes_a_model(bison: RunningSandbox) -> None:
    files = make_files(bison)
    sample = "gs://cloud-samples-data/vertex-ai/model-evaluation/eval_sample.jsonl"
    text = CODE.replace("DATASET_URI", files["pairs"], 1).replace('uri:"', 'uri"').replace(sample, files["evaluation"])
    job = ended(bison, text)
    assert (job["state"], job["templateUri"]) == ("PIPELINE_STATE_SUCCEEDED", CODE_TEMPLATE)


@pytest.mark.parametrize("text", [CHAT, QUOTED], ids=["a brace", "a comma"])
def test_a_request_that_the_page_prints_without_a_comma_or_brace_is_no_json(bison: RunningSandbox, text: str) -> None:
    answer = post(bison, text)
    assert (answer.status_code, answer.json()["error"]["status"]) == (400, "INVALID_ARGUMENT")


def test_the_chat_request_with_its_brace_tunes_a_model_with_the_key(bison: RunningSandbox) -> None:
    files = make_files(bison)
    make_key(bison)
    text = CHAT.replace("DATASET_URI", files["chats"]).replace(f'"{KEY}"\n"templateUri"', f'"{KEY}" }},\n"templateUri"')
    job = ended(bison, text)
    assert (job["state"], job["templateUri"]) == ("PIPELINE_STATE_SUCCEEDED", CHAT_TEMPLATE)
    assert get(bison, outputs_of(job)[0])["encryptionSpec"] == {"kmsKeyName": KEY}


def test_the_pages_request_with_quoted_numbers_and_its_comma_is_evaluated(bison: RunningSandbox) -> None:
    files = make_files(bison)
    text = QUOTED.replace("EVAL_DATASET_URI", files["evaluation"]).replace("DATASET_URI", files["pairs"])
    job = ended(bison, text.replace('} }\n"templateUri"', '} },\n"templateUri"'))
    assert job["state"] == "PIPELINE_STATE_SUCCEEDED"
