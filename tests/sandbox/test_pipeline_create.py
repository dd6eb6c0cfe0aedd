"""What a create of a pipeline refuses, and in which words: template, parameters, places, dates, key, identity."""

from __future__ import annotations

import json
import random
from copy import deepcopy
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.pipeline_support import (
    CHAT_TEMPLATE,
    CODE_TEMPLATE,
    create_pipeline,
    make_files,
    outputs_of,
    pipeline_body,
    post,
    run_pipeline,
    task,
)
from sandbox.test_robustness import ODD
from sandbox.vertex_support import PLACE, PROJECT, error_of, get
from tuning_sandbox.vertex.pipelines.bison import BISON, REGIONS
from tuning_sandbox.vertex.pipelines.templates import TEMPLATES

if TYPE_CHECKING:
    from sandbox.running import RunningSandbox

KEY = f"projects/{PROJECT}/locations/us-central1/keyRings/r/cryptoKeys/k"
DATA = "gs://tuning-data/pairs.jsonl"


def refused(sandbox: RunningSandbox, **values: Any) -> tuple[int, str, str]:
    return error_of(post(sandbox, pipeline_body(DATA, **values)))


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("train_stepz", 10, "The parameter is not in the pipeline tune-large-model."),
        # the slip in the key of seed 002's own example
        ("evaluation_data_uri:", DATA, "The parameter is not in the pipeline tune-large-model."),
        ("default_context", "x", "The parameter is not in the pipeline tune-large-model."),
        ("project", None, "The parameter is required."),
        ("model_display_name", None, "The parameter is required."),
        ("large_model_reference", None, "The parameter is required."),
        ("dataset_uri", None, "The parameter is required."),
        ("dataset_uri", "bucket/x.jsonl", "bucket/x.jsonl is not a Cloud Storage URI."),
        ("large_model_reference", "code-bison@001", "The model code-bison@001 is not supported."),
        ("large_model_reference", "gemini-1.5-pro-002", "The model gemini-1.5-pro-002 is not supported."),
        ("large_model_reference", "codechat-bison@002", "is a chat model: tune-large-model does not tune it."),
        ("large_model_reference", 5, "The parameter must be of the type STRING."),
        ("train_steps", 0, "It must be from 1 to 10,000, not 0."),
        ("train_steps", 10_001, "It must be from 1 to 10,000, not 10001."),
        ("train_steps", 1.5, "The parameter must be of the type NUMBER_INTEGER."),
        ("train_steps", "300", "The parameter must be of the type NUMBER_INTEGER."),
        ("learning_rate_multiplier", 0, "It must be greater than 0."),
        ("accelerator_type", "CPU", "It is one of GPU and TPU, not CPU."),
        ("location", "us-east1", "A tuned model cannot be uploaded to us-east1."),
        ("evaluation_interval", 20, "It needs evaluation_data_uri."),
        ("enable_early_stopping", True, "It needs evaluation_data_uri."),
        ("enable_checkpoint_selection", "maybe", "It is one of true, false, default."),
        ("tensorboard_resource_id", "mine", "mine is not the name of a TensorBoard."),
        (
            "tensorboard_resource_id",
            f"projects/{PROJECT}/locations/europe-west4/tensorboards/7",
            "The TensorBoard must be in the pipeline's region, us-central1.",
        ),
    ],
)
def test_a_parameter_that_does_not_fit_is_refused_by_name(
    bison: RunningSandbox, name: str, value: Any, words: str
) -> None:
    make_files(bison, 10)
    code, status, message = refused(bison, **{name: value})
    assert (code, status) == (400, "INVALID_ARGUMENT")
    assert f"Field: runtime_config.parameter_values[{name}]; Message: " in message
    assert words in message


@pytest.mark.parametrize("stops", [False, "false"])
def test_early_stopping_that_is_switched_off_needs_no_evaluation_set(bison: RunningSandbox, stops: Any) -> None:
    files = make_files(bison, 10)
    assert post(bison, pipeline_body(files["pairs"], enable_early_stopping=stops)).status_code == 200


@pytest.mark.parametrize("name", ["evaluation_data_uri", "evaluation_interval", "enable_early_stopping"])
def test_a_chat_pipeline_has_no_evaluation(bison: RunningSandbox, name: str) -> None:
    body = pipeline_body(DATA, chat=True, **{name: "1"})
    assert "The parameter is not in the pipeline tune-large-chat-model." in error_of(post(bison, body))[2]


def test_every_fault_of_the_parameters_is_told_at_once(bison: RunningSandbox) -> None:
    message = refused(bison, train_steps=0, accelerator_type="CPU", location="mars", odd=1)[2]
    assert message.startswith("List of found errors:\t1.Field: runtime_config.parameter_values[odd]; ")
    assert [f"\t{at}.Field: " in message for at in range(1, 6)] == [True, True, True, True, False]


@pytest.mark.parametrize(("interval", "stops"), [(5, False), ("5", "false")])
def test_numbers_and_truths_may_be_quoted_where_seed_002_quotes_them(
    bison: RunningSandbox, interval: Any, stops: Any
) -> None:
    files = make_files(bison, 10)
    values: dict[str, Any] = {"evaluation_interval": interval, "enable_early_stopping": stops}
    body = pipeline_body(files["pairs"], evaluation_data_uri=files["evaluation"], **values)
    answer = post(bison, body)
    assert answer.status_code == 200, answer.text
    assert answer.json()["runtimeConfig"]["parameterValues"]["evaluation_interval"] == interval


@pytest.mark.parametrize("model", sorted(BISON))
@pytest.mark.parametrize(
    ("day", "answer"), [("2023-12-05", "no"), ("2023-12-06", "yes"), ("2024-10-08", "yes"), ("2024-10-09", "no")]
)
def test_a_model_is_tuned_from_its_release_to_the_day_on_which_new_tuning_was_blocked(
    model: str, day: str, answer: str
) -> None:
    assert BISON[model].is_tunable(date.fromisoformat(day)) is (answer == "yes")


def test_today_no_bison_model_is_tuned(sandbox: RunningSandbox) -> None:
    make_files(sandbox, 10)
    code, _, message = error_of(post(sandbox, pipeline_body(DATA)))
    assert (code, "The model code-bison@002 takes no tuning on 2026-11-21." in message) == (400, True)


@pytest.mark.parametrize("place", sorted(REGIONS))
def test_each_of_the_thirteen_regions_runs_pipelines(bison: RunningSandbox, place: str) -> None:
    make_files(bison, 10)
    assert post(bison, pipeline_body(DATA), place=PLACE.replace("us-central1", place)).status_code == 200


@pytest.mark.parametrize("place", ["us-east1", "global", "us", "mars"])
def test_no_other_location_runs_them(bison: RunningSandbox, place: str) -> None:
    answer = post(bison, pipeline_body(DATA), place=PLACE.replace("us-central1", place))
    assert error_of(answer)[:2] == (400, "INVALID_ARGUMENT")


@pytest.mark.parametrize(
    ("change", "code", "words"),
    [
        ({"templateUri": None}, 400, "Either pipeline_spec or template_uri must be set."),
        (
            {"templateUri": CODE_TEMPLATE.replace("v3.0.0", "v2.0.0")},
            501,
            "The sandbox does not have the pipeline template",
        ),
        ({"templateUri": None, "pipelineSpec": {"pipelineInfo": {"name": "mine"}}}, 501, "the pipeline mine"),
        ({"pipelineSpec": TEMPLATES["tune-large-chat-model"].spec}, 400, "is not that of the template"),
        ({"network": "projects/1/global/networks/n"}, 501, "pipelineJobs with network"),
        ({"preflightValidations": True}, 501, "preflightValidations"),
        ({"serviceAccount": "nobody@my-project.iam.gserviceaccount.com"}, 400, "permission to act as service_account"),
        ({"labels": {"Bad": "x"}}, 400, "Label key 'Bad' is not valid."),
        ({"displayName": "x" * 129}, 400, "at most 128 characters"),
        ({"pipelineJob": {}}, 400, "Unknown name \"pipelineJob\" at 'pipeline_job': Cannot find field."),
        ({"runtimeConfig": {}}, 400, "Required field is not set: runtime_config.gcs_output_directory."),
        (
            {"runtimeConfig": {"gcsOutputDirectory": "s3://x"}},
            400,
            "Invalid Cloud Storage URI for gcs_output_directory",
        ),
    ],
)
def test_a_body_that_does_not_fit_is_refused(
    bison: RunningSandbox, change: dict[str, Any], code: int, words: str
) -> None:
    body = {key: value for key, value in {**pipeline_body(DATA), **change}.items() if value is not None}
    answer = post(bison, body)
    assert (answer.status_code, words in error_of(answer)[2]) == (code, True), answer.text


def test_the_project_of_the_parameters_is_the_pipelines_own_by_id_or_number(bison: RunningSandbox) -> None:
    make_files(bison, 10)
    number = bison.get(f"/v1/projects/{PROJECT}").json()["projectNumber"]
    assert post(bison, pipeline_body(DATA, project=number)).status_code == 200
    assert "The parameter project is another" in refused(bison, project="another")[2]


@pytest.mark.parametrize("job_id", ["Big", "1a", "a_b", "a" * 129])
def test_a_job_id_out_of_its_grammar_is_refused(bison: RunningSandbox, job_id: str) -> None:
    assert "Invalid PipelineJob ID" in error_of(post(bison, pipeline_body(DATA), job_id))[2]


def test_an_unknown_query_parameter_is_refused_by_name(bison: RunningSandbox) -> None:
    answer = bison.post(f"{PLACE}/pipelineJobs?jobId=x", json=pipeline_body(DATA))
    assert 'Unknown name "jobId": Cannot bind query parameter.' in error_of(answer)[2]


def test_the_billing_label_of_a_request_is_overridden(bison: RunningSandbox) -> None:
    make_files(bison, 10)
    label = "vertex-ai-pipelines-run-billing-id"
    made = post(bison, {**pipeline_body(DATA), "labels": {label: "mine", "a": "b"}}).json()
    assert made["labels"]["a"] == "b"
    assert made["labels"][label].isdigit()


def test_a_spec_in_the_request_stands_for_the_template_of_its_name(bison: RunningSandbox) -> None:
    make_files(bison, 10)
    body = pipeline_body(DATA)
    del body["templateUri"]
    made = post(bison, {**body, "pipelineSpec": {"pipelineInfo": {"name": "tune-large-model"}}}).json()
    assert made["pipelineSpec"] == {"pipelineInfo": {"name": "tune-large-model"}}
    assert "templateMetadata" not in made


def make_key(sandbox: RunningSandbox) -> None:
    ring = f"/v1/projects/{PROJECT}/locations/us-central1/keyRings"
    assert sandbox.post(f"{ring}?keyRingId=r", json={}).ok
    assert sandbox.post(f"{ring}/r/cryptoKeys?cryptoKeyId=k", json={"purpose": "ENCRYPT_DECRYPT"}).ok
    number = sandbox.get(f"/v1/projects/{PROJECT}").json()["projectNumber"]
    agent = f"serviceAccount:service-{number}@gcp-sa-aiplatform.iam.gserviceaccount.com"
    bindings = [{"role": "roles/cloudkms.cryptoKeyEncrypterDecrypter", "members": [agent]}]
    assert sandbox.post(f"/v1/{KEY}:setIamPolicy", json={"policy": {"bindings": bindings}}).ok


@pytest.mark.parametrize("where", ["encryptionSpec", "encryption_spec_key_name"])
def test_a_key_encrypts_the_model_and_the_endpoint(bison: RunningSandbox, where: str) -> None:
    uri = make_files(bison, 10)["pairs"]
    make_key(bison)
    body = pipeline_body(
        uri, train_steps=1, encryption_spec_key_name=KEY if where == "encryption_spec_key_name" else None
    )
    if where == "encryptionSpec":
        body["encryptionSpec"] = {"kmsKeyName": KEY}
    for name in outputs_of(run_pipeline(bison, body)):
        assert bison.get(f"/v1/{name}").json()["encryptionSpec"] == {"kmsKeyName": KEY}


@pytest.mark.parametrize("values", [{"accelerator_type": "TPU"}, {"location": "europe-west4"}])
def test_a_key_is_taken_on_gpu_with_pipeline_and_model_in_us_central1_only(
    bison: RunningSandbox, values: dict[str, Any]
) -> None:
    make_files(bison, 10)
    make_key(bison)
    message = refused(bison, encryption_spec_key_name=KEY, **values)[2]
    assert message.startswith("CMEK is supported for tuning on GPU only")


def test_a_key_that_does_not_exist_is_not_found(bison: RunningSandbox) -> None:
    make_files(bison, 10)
    assert refused(bison, encryption_spec_key_name=KEY)[:2] == (404, "NOT_FOUND")


def test_a_key_that_is_disabled_while_a_pipeline_tunes_fails_it(bison: RunningSandbox) -> None:
    uri = make_files(bison, 10)["pairs"]
    make_key(bison)
    name = create_pipeline(bison, pipeline_body(uri, encryption_spec_key_name=KEY))["name"]
    bison.advance(600)
    assert bison.patch(f"/v1/{KEY}/cryptoKeyVersions/1?updateMask=state", json={"state": "DISABLED"}).ok
    bison.advance(24 * 3600)
    assert "can no longer be used" in task(get(bison, name), "large-language-model-tuner")["error"]["message"]


@pytest.mark.parametrize("verb", ["create", "get", "list", "cancel", "delete"])
def test_each_method_wants_its_permission(bison: RunningSandbox, verb: str) -> None:
    bison.admin("POST", "principals", {"token": "*", "without": [f"aiplatform.pipelineJobs.{verb}"]})
    one = f"{PLACE}/pipelineJobs/x"
    requests = {
        "create": ("POST", f"{PLACE}/pipelineJobs"),
        "get": ("GET", one),
        "list": ("GET", f"{PLACE}/pipelineJobs"),
        "cancel": ("POST", f"{one}:cancel"),
        "delete": ("DELETE", one),
    }
    code, _, message = error_of(bison.request(*requests[verb]))
    assert (code, f"'aiplatform.pipelineJobs.{verb}'" in message) == (403, True)


@pytest.mark.parametrize("verb", ["batchCancel", "batchDelete"])
def test_what_of_pipeline_jobs_is_not_there_is_said_by_name(bison: RunningSandbox, verb: str) -> None:
    code, _, message = error_of(bison.post(f"{PLACE}/pipelineJobs:{verb}", json={}))
    assert (code, f"aiplatform.projects.locations.pipelineJobs.{verb}" in message) == (501, True)


@pytest.mark.parametrize("seed", range(3))
def test_no_odd_value_in_a_create_makes_the_sandbox_fail(
    bison: RunningSandbox, seed: int, capfd: pytest.CaptureFixture[str]
) -> None:
    make_files(bison, 10)
    dice, counts = random.Random(seed), dict[int, int]()  # noqa: S311 - no secret
    for _ in range(150):
        body: Any = deepcopy(pipeline_body(DATA, chat=dice.random() < 0.3))
        body["pipelineSpec"] = {"pipelineInfo": {"name": "tune-large-model"}}
        for _ in range(dice.randint(1, 2)):
            spot, path = body, [*body]
            while True:
                key = dice.choice(path)
                if isinstance(spot[key], dict) and spot[key] and dice.random() < 0.8:
                    spot, path = spot[key], [*spot[key]]
                    continue
                spot[key] = dice.choice(ODD)
                break
            if not isinstance(body.get("runtimeConfig"), dict):
                break
        raw = json.dumps(body).encode()
        answer = bison.post(f"{PLACE}/pipelineJobs", data=raw, headers={"content-type": "application/json"})
        counts[answer.status_code] = counts.get(answer.status_code, 0) + 1
        assert answer.status_code < 500 or answer.status_code == 501, (raw, answer.text)
    bison.advance(3600)
    assert counts[400] > 50, counts
    assert capfd.readouterr().err == ""


def test_the_templates_are_those_of_seed_002() -> None:
    assert [template.uri for template in TEMPLATES.values()] == [CODE_TEMPLATE, CHAT_TEMPLATE]
