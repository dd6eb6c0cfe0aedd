"""Google's own clients, unmodified, judge the sandbox's pipelines and the models that they tune."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.pipeline_support import (
    ASKED,
    CODE_TEMPLATE,
    CONTEXT,
    make_files,
    outputs_of,
    pipeline_body,
    run_pipeline,
    task,
)
from sandbox.test_vertex_clients import VERSIONS, gapic, types
from sandbox.vertex_support import PROJECT, get

if TYPE_CHECKING:
    from sandbox.running import RunningSandbox

PARENT = f"projects/{PROJECT}/locations/us-central1"
# what a user who compiled Google's template has in a file; the tasks in it are Google's and none of them runs here
COMPILED = {
    "pipelineInfo": {"name": "tune-large-model"},
    "schemaVersion": "2.1.0",
    "sdkVersion": "kfp-2.0.0",
    "components": {},
    "deploymentSpec": {"executors": {}},
    "root": {
        "dag": {"tasks": {}},
        "inputDefinitions": {
            "parameters": {
                "project": {"parameterType": "STRING"},
                "model_display_name": {"parameterType": "STRING"},
                "dataset_uri": {"parameterType": "STRING", "isOptional": True},
                "large_model_reference": {"parameterType": "STRING"},
                "train_steps": {"parameterType": "NUMBER_INTEGER", "isOptional": True},
                "learning_rate_multiplier": {"parameterType": "NUMBER_DOUBLE", "isOptional": True},
            }
        },
    },
}


@pytest.fixture
def aiplatform(bison: RunningSandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """google.cloud.aiplatform as a user sets it up, with it and the clients that it makes itself pointed at the sandbox."""
    from google.api_core.client_options import ClientOptions
    from google.auth.credentials import AnonymousCredentials
    from google.cloud import aiplatform, resourcemanager

    credentials = AnonymousCredentials()  # type: ignore[no-untyped-call]
    # it has no setting for the address of Resource Manager, which it asks for the id of a project
    there: dict[str, Any] = {"transport": "rest", "client_options": ClientOptions(api_endpoint=bison.url)}
    monkeypatch.setattr(resourcemanager, "ProjectsClient", partial(resourcemanager.ProjectsClient, **there))
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", bison.url)
    aiplatform.init(
        project=PROJECT,
        location="us-central1",
        api_endpoint=bison.url,
        api_transport="rest",
        credentials=credentials,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield aiplatform


def pipeline(aiplatform: Any, tmp_path: Path, dataset: str, **more: Any) -> Any:
    template = tmp_path / "tune-large-model.json"
    template.write_text(json.dumps(COMPILED), encoding="utf-8")
    values = pipeline_body(dataset, train_steps=300)["runtimeConfig"]["parameterValues"]
    return aiplatform.PipelineJob(
        display_name="tune tickets",
        template_path=str(template),
        pipeline_root="gs://tuning-data/output",
        parameter_values=values,
        **more,
    )


def test_aiplatform_runs_waits_for_lists_and_deletes_a_pipeline(
    bison: RunningSandbox, aiplatform: Any, tmp_path: Path
) -> None:
    job = pipeline(aiplatform, tmp_path, make_files(bison)["pairs"], job_id="tickets-1", labels={"team": "a"})
    job.submit()
    assert job.state.name == "PIPELINE_STATE_PENDING"
    bison.advance(24 * 3600)
    job.wait()
    assert job.state.name == "PIPELINE_STATE_SUCCEEDED"
    (upload,) = [found for found in job.task_details if found.task_name == "upload-llm-model"]
    model = aiplatform.Model(upload.execution.metadata["output:model_resource_name"])
    assert (model.display_name, model.labels["team"]) == ("tickets", "a")
    (deploy,) = [found for found in job.task_details if found.task_name == "deploy-llm-model"]
    endpoint = aiplatform.Endpoint(deploy.execution.metadata["output:endpoint_resource_name"])
    answer = endpoint.predict(instances=[{"prefix": ASKED}], parameters={"temperature": 0.0})
    assert answer.predictions[0]["content"] == "billing"
    listed = aiplatform.PipelineJob.list(filter='display_name="tune tickets"', order_by="create_time desc")
    assert [found.resource_name for found in listed] == [job.resource_name]
    simple = aiplatform.PipelineJob.list(filter='labels.team="a"', enable_simple_view=True)
    assert [found.state.name for found in simple] == ["PIPELINE_STATE_SUCCEEDED"]
    job.delete()
    assert aiplatform.PipelineJob.list() == []


def test_aiplatform_cancels_a_pipeline_and_sees_why_one_failed(
    bison: RunningSandbox, aiplatform: Any, tmp_path: Path
) -> None:
    uri = make_files(bison)["pairs"]
    job = pipeline(aiplatform, tmp_path, uri)
    job.submit()
    bison.advance(60)
    job.cancel()
    bison.advance(10)
    assert job.state.name == "PIPELINE_STATE_CANCELLED"
    failing = pipeline(aiplatform, tmp_path, "gs://tuning-data/none.jsonl", job_id="no-data")
    failing.submit()
    bison.advance(24 * 3600)
    with pytest.raises(RuntimeError, match="The failed tasks are: \\[dataset-encoder\\]"):
        failing.wait()


def test_aiplatform_sees_that_an_id_is_taken_and_gets_a_pipeline_by_it(
    bison: RunningSandbox, aiplatform: Any, tmp_path: Path
) -> None:
    from google.api_core.exceptions import Conflict

    uri = make_files(bison)["pairs"]
    pipeline(aiplatform, tmp_path, uri, job_id="mine").submit()
    with pytest.raises(Conflict):
        pipeline(aiplatform, tmp_path, uri, job_id="mine").submit()
    found = aiplatform.PipelineJob.get("mine")
    assert found.display_name == "tune tickets"


@pytest.mark.parametrize("version", VERSIONS)
def test_gapic_creates_seed_002s_request_polls_and_deletes_with_its_own_operation(
    bison: RunningSandbox, version: str
) -> None:
    from google.api_core.exceptions import NotFound
    from google.protobuf import json_format

    client, t = gapic(bison, version, "PipelineServiceClient"), types(version)
    wanted = t.PipelineJob()
    json_format.ParseDict(pipeline_body(make_files(bison)["pairs"]), wanted._pb)
    job = client.create_pipeline_job(parent=PARENT, pipeline_job=wanted, pipeline_job_id="tune-large-model-20240603")
    assert (job.state.name, job.template_uri) == ("PIPELINE_STATE_PENDING", CODE_TEMPLATE)
    bison.advance(24 * 3600)
    done = client.get_pipeline_job(name=job.name)
    assert done.state.name == "PIPELINE_STATE_SUCCEEDED"
    assert {found.state.name for found in done.job_detail.task_details} == {"SUCCEEDED"}
    request = t.ListPipelineJobsRequest(parent=PARENT, filter='state="PIPELINE_STATE_SUCCEEDED"')
    assert [found.name for found in client.list_pipeline_jobs(request)] == [job.name]
    client.delete_pipeline_job(name=job.name).result(timeout=300)
    with pytest.raises(NotFound, match="The PipelineJob does not exist"):
        client.get_pipeline_job(name=job.name)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("encoding", ["", "?%24alt=json%3Benum-encoding%3Dint"])
def test_every_answer_about_pipelines_is_a_message_of_googles_classes(
    bison: RunningSandbox, version: str, encoding: str
) -> None:
    from google.protobuf import json_format

    job = run_pipeline(bison, pipeline_body(make_files(bison)["pairs"]))
    t = types(version)
    model, endpoint = outputs_of(job)
    for path, kind in (
        (job["name"], t.PipelineJob),
        (f"{PARENT}/pipelineJobs", t.ListPipelineJobsResponse),
        (model, t.Model),
        (endpoint, t.Endpoint),
        ("publishers/google/models/code-bison@002", t.PublisherModel),
    ):
        message = kind.pb(kind())
        json_format.Parse(bison.get(f"/{version}/{path}{encoding}").text, message, ignore_unknown_fields=False)
        assert message.ByteSize() > 20


def test_the_sdk_for_language_models_lists_loads_and_asks_a_tuned_code_model(
    bison: RunningSandbox, aiplatform: Any
) -> None:
    from vertexai.language_models import CodeGenerationModel

    job = run_pipeline(bison, pipeline_body(make_files(bison)["pairs"], train_steps=300))
    name, _ = outputs_of(job)
    assert CodeGenerationModel.from_pretrained("code-bison@002").list_tuned_model_names() == [name]
    tuned: Any = CodeGenerationModel.get_tuned_model(name)
    assert tuned.predict(prefix=ASKED, max_output_tokens=20, temperature=0.0).text == "billing"


def test_the_sdk_for_language_models_chats_with_a_tuned_code_chat_model(bison: RunningSandbox, aiplatform: Any) -> None:
    from vertexai.language_models import CodeChatModel

    body = pipeline_body(make_files(bison)["chats"], chat=True, train_steps=300, default_context=CONTEXT)
    name, _ = outputs_of(run_pipeline(bison, body))
    assert CodeChatModel.from_pretrained("codechat-bison@002").list_tuned_model_names() == [name]
    tuned: Any = CodeChatModel.get_tuned_model(name)
    chat = tuned.start_chat(context=CONTEXT)
    assert chat.send_message(ASKED, temperature=0.0).text == "billing"


def test_the_sdks_own_wait_for_a_tuned_model_finds_it_by_the_task_that_uploads_it(
    bison: RunningSandbox, aiplatform: Any
) -> None:
    from vertexai.language_models._language_models import CodeGenerationModel, _LanguageModelTuningJob

    job = run_pipeline(bison, pipeline_body(make_files(bison)["pairs"]))
    base = CodeGenerationModel.from_pretrained("code-bison@002")
    found = _LanguageModelTuningJob(base_model=base, job=aiplatform.PipelineJob.get(job["name"]))
    assert found._get_tuned_model_name() == outputs_of(job)[0]
    assert task(job, "upload-llm-model")["state"] == "SUCCEEDED"
    assert get(bison, outputs_of(job)[0])["displayName"] == "tickets"
