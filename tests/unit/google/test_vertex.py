"""Every call of ours is one that Google's discovery documents know, and what Google does not have is refused here."""

from __future__ import annotations

import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any

import pytest

from pulumi_gcp_tuning.config import Settings
from pulumi_gcp_tuning.errors import ApiError, NotFound, Refused
from pulumi_gcp_tuning.google import Google, Wait, WaitEnded
from pulumi_gcp_tuning.google.gapic import load_gapic
from support.discovery import NotGoogles, check_body, check_request
from support.fake_google import FakeClock, FakeGoogle, Reply, google_error

if TYPE_CHECKING:
    from collections.abc import Callable

    from pulumi_gcp_tuning.google.vertex import Vertex

PARENT = "projects/my-project/locations/us-central1"
JOB = f"{PARENT}/tuningJobs/4192837465019283746"
PIPELINE_JOB = f"{PARENT}/pipelineJobs/tune-1"
MODEL = f"{PARENT}/models/5550001112223334445"
ENDPOINT = f"{PARENT}/endpoints/777000111222333444"
KEY = f"{PARENT}/keyRings/r/cryptoKeys/k"
SFT = {
    "baseModel": "gemini-3.5-flash",
    "supervisedTuningSpec": {
        "trainingDatasetUri": "gs://bucket/train.jsonl",
        "validationDatasetUri": "gs://bucket/validation.jsonl",
        "hyperParameters": {"epochCount": "3", "adapterSize": "ADAPTER_SIZE_FOUR", "learningRateMultiplier": 1.5},
        "exportLastCheckpointOnly": True,
    },
    "tunedModelDisplayName": "name",
    "description": "what it is for",
    "labels": {"gcp-tuning-id": "a" * 32},
    "encryptionSpec": {"kmsKeyName": KEY},
    "serviceAccount": "tuner@my-project.iam.gserviceaccount.com",
}
OPEN_MODEL = {
    "baseModel": "meta/llama3_1@llama-3.1-8b-instruct",
    "outputUri": "gs://bucket/out",
    "supervisedTuningSpec": {
        "trainingDatasetUri": "gs://bucket/train.jsonl",
        "tuningMode": "TUNING_MODE_PEFT_ADAPTER",
        "hyperParameters": {"learningRate": 0.0002, "batchSize": "8"},
    },
}
PREFERENCE = {
    "baseModel": "gemini-2.5-flash",
    "preferenceOptimizationSpec": {
        "trainingDatasetUri": "gs://bucket/train.jsonl",
        "hyperParameters": {"beta": 0.1, "adapterSize": "ADAPTER_SIZE_TWO", "epochCount": "2"},
    },
}
PIPELINE = {
    "displayName": "name",
    "templateUri": "https://us-kfp.pkg.dev/ml-pipeline/large-language-model-pipelines/tune-large-model/v3.0.0",
    "labels": {"gcp-tuning-id": "a" * 32},
    "runtimeConfig": {
        "gcsOutputDirectory": "gs://bucket/out",
        "parameterValues": {"project": "my-project", "train_steps": 300, "large_model_reference": "code-bison@002"},
    },
}


CALLS: dict[str, Callable[[Vertex], Any]] = {
    "tuningJobs.create": lambda vertex: vertex.tuning_jobs.create(PARENT, SFT),
    "tuningJobs.create (open model)": lambda vertex: vertex.tuning_jobs.create(PARENT, OPEN_MODEL),
    "tuningJobs.create (preference)": lambda vertex: vertex.tuning_jobs.create(PARENT, PREFERENCE),
    "tuningJobs.get": lambda vertex: vertex.tuning_jobs.get(JOB),
    "tuningJobs.list": lambda vertex: list(vertex.tuning_jobs.list(PARENT, filter='labels.a="b"')),
    "tuningJobs.cancel": lambda vertex: vertex.tuning_jobs.cancel(JOB),
    "pipelineJobs.create": lambda vertex: vertex.pipeline_jobs.create(PARENT, PIPELINE, job_id="tune-1"),
    "pipelineJobs.get": lambda vertex: vertex.pipeline_jobs.get(PIPELINE_JOB),
    "pipelineJobs.list": lambda vertex: list(vertex.pipeline_jobs.list(PARENT, filter='labels.a="b"')),
    "pipelineJobs.cancel": lambda vertex: vertex.pipeline_jobs.cancel(PIPELINE_JOB),
    "pipelineJobs.delete": lambda vertex: vertex.pipeline_jobs.delete(PIPELINE_JOB),
    "models.get": lambda vertex: vertex.get_model(f"{MODEL}@1"),
    "models.list": lambda vertex: list(vertex.list_models(PARENT, 'labels.a="b"')),
    "models.listVersions": lambda vertex: list(vertex.list_model_versions(MODEL)),
    "models.patch": lambda vertex: vertex.patch_model(
        MODEL, {"displayName": "n", "labels": {"a": "b"}, "description": "d"}, ["displayName", "labels", "description"]
    ),
    "models.patch (checkpoint)": lambda vertex: vertex.patch_model(
        f"{MODEL}@1", {"defaultCheckpointId": "2"}, "defaultCheckpointId"
    ),
    "models.delete": lambda vertex: vertex.delete_model(MODEL),
    "models.deleteVersion": lambda vertex: vertex.delete_model_version(f"{MODEL}@2"),
    "endpoints.create": lambda vertex: vertex.create_endpoint(
        PARENT,
        {"displayName": "e", "description": "d", "labels": {"a": "b"}, "encryptionSpec": {"kmsKeyName": KEY}},
        "gcp-tuning-1",
    ),
    "endpoints.get": lambda vertex: vertex.get_endpoint(ENDPOINT),
    "endpoints.list": lambda vertex: list(vertex.list_endpoints(PARENT, 'labels.a="b"')),
    "endpoints.patch": lambda vertex: vertex.patch_endpoint(
        ENDPOINT, {"labels": {}, "trafficSplit": {"1": 100}}, ["labels", "trafficSplit"]
    ),
    "endpoints.delete": lambda vertex: vertex.delete_endpoint(ENDPOINT),
    "endpoints.deployModel": lambda vertex: vertex.deploy_model(
        ENDPOINT, {"model": f"{MODEL}@1", "displayName": "d", "checkpointId": "2"}, {"0": 100}
    ),
    "endpoints.undeployModel": lambda vertex: vertex.undeploy_model(ENDPOINT, "123", {"456": 100}),
    "endpoints.generateContent": lambda vertex: vertex.generate_content(
        ENDPOINT,
        {
            "contents": [{"role": "user", "parts": [{"text": "hi"}]}],
            "generationConfig": {"temperature": 0, "topK": 1, "maxOutputTokens": 20},
        },
    ),
}


@pytest.fixture
def vertex(google: Google) -> Vertex:
    return google.vertex("us-central1")


@pytest.mark.parametrize("call", CALLS)
def test_each_request_is_one_that_google_describes(vertex: Vertex, server: FakeGoogle, call: str) -> None:
    CALLS[call](vertex)
    sent = server.requests[0]
    method = check_request("aiplatform.v1beta1", sent.verb, sent.path, sent.query, sent.body)
    assert method == f"aiplatform.projects.locations.{call.split(maxsplit=1)[0]}"


def test_a_pipeline_is_sent_again_under_its_id_after_an_unclear_answer(vertex: Vertex, server: FakeGoogle) -> None:
    server.replies = [google_error(500, "INTERNAL", "sorry"), Reply({"name": PIPELINE_JOB})]
    assert vertex.pipeline_jobs.create(PARENT, PIPELINE, job_id="tune-1") == {"name": PIPELINE_JOB}
    assert [sent.query["pipelineJobId"] for sent in server.requests] == [["tune-1"], ["tune-1"]]


def test_a_pipeline_without_an_id_of_ours_is_never_sent_again(vertex: Vertex, server: FakeGoogle) -> None:
    server.replies = [google_error(500, "INTERNAL", "sorry"), Reply({"name": PIPELINE_JOB})]
    with pytest.raises(ApiError, match="sorry"):
        vertex.pipeline_jobs.create(PARENT, PIPELINE)
    assert len(server.requests) == 1


def test_the_judge_knows_an_unknown_field() -> None:
    with pytest.raises(NotGoogles, match="has no field epochs"):
        check_body("aiplatform.v1beta1", "GoogleCloudAiplatformV1beta1SupervisedTuningSpec", {"epochs": 1})


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"epochs": 3}, "epochs"),
        ({"supervisedTuningSpec": {"hyperParameters": {"adapterSize": "ADAPTER_SIZE_3"}}}, "ADAPTER_SIZE_3"),
        ({"supervisedTuningSpec": {"hyperParameters": {"epochCount": "three"}}}, "three|epochCount"),
        ({"labels": {"a": 1}}, "labels|1"),
    ],
)
def test_what_google_does_not_have_never_leaves(
    vertex: Vertex, server: FakeGoogle, change: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(Refused, match=complaint):
        vertex.tuning_jobs.create(PARENT, {**SFT, **change})
    assert server.requests == []


def test_the_adapter_size_goes_out_with_googles_own_number(vertex: Vertex, server: FakeGoogle) -> None:
    body = {"baseModel": "m", "supervisedTuningSpec": {"hyperParameters": {"adapterSize": "ADAPTER_SIZE_TWO"}}}
    vertex.tuning_jobs.create(PARENT, body)
    sent = server.requests[0].body["supervisedTuningSpec"]["hyperParameters"]["adapterSize"]
    assert sent in {6, "ADAPTER_SIZE_TWO"}


def test_an_answer_keeps_names_of_enums_and_fields_newer_than_the_client(vertex: Vertex, server: FakeGoogle) -> None:
    answer = {"name": JOB, "state": "JOB_STATE_NEWER", "preferenceOptimizationSpec": {"a": 1}, "fresh": [1]}
    server.replies = [Reply(answer), Reply(answer)]
    assert vertex.tuning_jobs.create(PARENT, SFT) == answer
    assert vertex.tuning_jobs.get(JOB) == answer
    assert "$alt" not in server.requests[0].query


@pytest.mark.parametrize(
    "unclear",
    [Reply(cut=0), *(google_error(status, "UNAVAILABLE", "Try again later.") for status in (408, 429, 500, 503, 504))],
    ids=["no answer", "408", "429", "500", "503", "504"],
)
@pytest.mark.parametrize("body", [SFT, PREFERENCE], ids=["through a generated client", "as JSON"])
def test_a_create_with_an_unclear_answer_is_sent_once(
    vertex: Vertex, server: FakeGoogle, unclear: Reply, body: dict[str, Any]
) -> None:
    server.replies = [unclear]
    with pytest.raises(ApiError) as caught:
        vertex.tuning_jobs.create(PARENT, body)
    assert caught.value.maybe_took_effect
    assert len(server.requests) == 1


def test_an_error_of_a_generated_client_is_our_error(vertex: Vertex, server: FakeGoogle) -> None:
    server.replies = [google_error(400, "FAILED_PRECONDITION", "Model is still deployed.")]
    with pytest.raises(ApiError, match="still deployed") as caught:
        vertex.delete_model(MODEL)
    assert caught.value.status == "FAILED_PRECONDITION"


def test_a_list_follows_its_pages(vertex: Vertex, server: FakeGoogle) -> None:
    server.replies = [
        Reply({"tuningJobs": [{"name": JOB}], "nextPageToken": "t"}),
        Reply({"nextPageToken": "u"}),
        Reply({"tuningJobs": [{"name": f"{JOB}1"}]}),
    ]
    assert [each["name"] for each in vertex.tuning_jobs.list(PARENT)] == [JOB, f"{JOB}1"]
    assert [each.query.get("pageToken") for each in server.requests] == [None, ["t"], ["u"]]


def test_a_list_that_names_the_same_page_again_ends(vertex: Vertex, server: FakeGoogle) -> None:
    server.answer = lambda _request: Reply({"nextPageToken": "t"})
    with pytest.raises(ApiError, match="does not end"):
        list(vertex.tuning_jobs.list(PARENT))


def test_an_operation_is_polled_to_its_response(vertex: Vertex, server: FakeGoogle, clock: FakeClock) -> None:
    operation = {"name": f"{ENDPOINT}/operations/9"}
    response = {"@type": "type.googleapis.com/google.cloud.aiplatform.v1beta1.Endpoint", "name": ENDPOINT}
    server.replies = [Reply(operation), Reply(operation), Reply({**operation, "done": True, "response": response})]
    assert vertex.create_endpoint(PARENT, {"displayName": "e"}) == {"name": ENDPOINT}
    assert server.lines()[1:] == [f"GET /v1beta1/{ENDPOINT}/operations/9"] * 2
    assert clock.slept == [0.5, 0.75]


def test_an_operation_that_fails_says_why_with_its_status(vertex: Vertex, server: FakeGoogle) -> None:
    error = {"code": 9, "message": "Endpoint has deployed or being-deployed DeployedModel(s): 1"}
    server.replies = [Reply({"name": "o", "done": True, "error": error})]
    with pytest.raises(ApiError, match="being-deployed") as caught:
        vertex.delete_endpoint(ENDPOINT)
    assert (caught.value.status, caught.value.http_status) == ("FAILED_PRECONDITION", 400)


def test_an_operation_that_ends_in_not_found_means_gone(vertex: Vertex, server: FakeGoogle) -> None:
    server.replies = [Reply({"name": "o", "done": True, "error": {"code": 5, "message": "gone"}})]
    with pytest.raises(NotFound):
        vertex.delete_model(MODEL)


def test_a_wait_that_runs_out_hands_over_the_operation(vertex: Vertex, server: FakeGoogle, clock: FakeClock) -> None:
    operation = {"name": f"{ENDPOINT}/operations/9"}
    server.answer = lambda _request: Reply(operation)
    with pytest.raises(WaitEnded) as caught:
        vertex.create_endpoint(PARENT, {}, wait=Wait.lasting(60, clock=clock, interval=20))
    assert (caught.value.why, caught.value.last) == ("timeout", operation)


def test_a_cancelled_wait_ends_before_the_next_poll(vertex: Vertex, server: FakeGoogle, clock: FakeClock) -> None:
    server.answer = lambda _request: Reply({"name": "o"})
    with pytest.raises(WaitEnded, match="interrupted"):
        vertex.delete_endpoint(ENDPOINT, wait=Wait(clock=clock, cancelled=lambda: len(server.requests) >= 2))
    assert len(server.requests) == 2


def test_a_base_url_with_a_path_and_a_template_reaches_reads_and_writes(server: FakeGoogle, clock: FakeClock) -> None:
    settings = Settings.resolve({}, {"GCP_TUNING_BASE_URL": server.url + "/{service}/in/{location}/"})
    client = Google(settings, clock)
    client.vertex("us-central1").tuning_jobs.get(JOB)
    client.vertex("us-central1").tuning_jobs.cancel(JOB)
    client.vertex_of("projects/p/locations/us/models/5").get_model("projects/p/locations/us/models/5")
    client.storage.get_bucket("b")
    client.close()
    assert [each.path.partition("/v1")[0] for each in server.requests] == [
        "/aiplatform/in/us-central1",
        "/aiplatform/in/us-central1",
        "/aiplatform/in/us",
        "/storage/in/global/storage",
    ]


def test_the_generated_clients_are_imported_once_however_many_threads_ask(google: Google) -> None:
    google.warm()
    loaded: list[object] = []
    threads = [threading.Thread(target=lambda: loaded.append(load_gapic())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(300)
    assert len(loaded) == 8
    assert len(set(map(id, loaded))) == 1


def test_reads_do_not_import_the_generated_clients() -> None:
    program = (
        "import sys; from pulumi_gcp_tuning.config import Settings; from pulumi_gcp_tuning.google import Google\n"
        "from support.fake_google import serving; from support.least_answers import least_answer\n"
        "with serving(least_answer) as s:\n"
        "    g = Google(Settings.resolve({}, {'GCP_TUNING_BASE_URL': s.url}))\n"
        f"    g.vertex('us-central1').get_model('{MODEL}'); g.storage.get_bucket('b'); g.kms.get_crypto_key('{KEY}')\n"
        "print([m for m in sys.modules if m.startswith(('google.cloud.aiplatform', 'google.cloud.storage', 'grpc'))])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env={"PYTHONPATH": "tests"}
    )
    assert done.stdout.strip() == "[]"
