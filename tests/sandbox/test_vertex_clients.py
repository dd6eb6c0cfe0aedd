"""Google's own clients, unmodified, judge the sandbox's Vertex AI."""

from __future__ import annotations

import json
import re
import warnings
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.vertex_support import MODEL, PROJECT, job_body, make_data, succeed

if TYPE_CHECKING:
    from sandbox.running import RunningSandbox

PARENT = f"projects/{PROJECT}/locations/us-central1"
VERSIONS = ["v1", "v1beta1"]
# what Google's discovery document has and its GAPIC classes do not
NOT_IN_GAPIC = {"gcsMetricsUri", "tuningJobState", "tuningJobMetadata"}


def as_gapic_knows_it(found: dict[str, Any]) -> dict[str, Any]:
    dropped = NOT_IN_GAPIC | ({"checkpointId"} if "deployedModelId" in found else set())
    return {key: value for key, value in found.items() if key not in dropped}


def genai_client(sandbox: RunningSandbox, version: str, location: str = "us-central1") -> Any:
    from google.genai import Client
    from google.genai.types import HttpOptions
    from google.oauth2.credentials import Credentials

    credentials = Credentials("fake")  # type: ignore[no-untyped-call]
    options = HttpOptions(base_url=sandbox.url, api_version=version)
    return Client(vertexai=True, project=PROJECT, location=location, credentials=credentials, http_options=options)


def gapic(sandbox: RunningSandbox, version: str, service: str) -> Any:
    from google.api_core.client_options import ClientOptions
    from google.auth.credentials import AnonymousCredentials
    from google.cloud import aiplatform_v1, aiplatform_v1beta1

    package = aiplatform_v1 if version == "v1" else aiplatform_v1beta1
    credentials = AnonymousCredentials()  # type: ignore[no-untyped-call]
    options = ClientOptions(api_endpoint=sandbox.url)
    return getattr(package, service)(transport="rest", credentials=credentials, client_options=options)


def types(version: str) -> Any:
    from google.cloud import aiplatform_v1, aiplatform_v1beta1

    return aiplatform_v1 if version == "v1" else aiplatform_v1beta1


@pytest.mark.parametrize("version", VERSIONS)
def test_google_genai_tunes_gets_lists_cancels_and_asks(sandbox: RunningSandbox, version: str) -> None:
    from google.genai import types as t

    training, validation = make_data(sandbox, 200)
    client = genai_client(sandbox, version)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        job = client.tunings.tune(
            base_model=MODEL,
            training_dataset=t.TuningDataset(gcs_uri=training),
            config=t.CreateTuningJobConfig(
                validation_dataset=t.TuningValidationDataset(gcs_uri=validation),
                tuned_model_display_name="tickets",
                epoch_count=4,
                adapter_size=t.AdapterSize.ADAPTER_SIZE_FOUR,
                learning_rate_multiplier=1.0,
                labels={"team": "a"},
            ),
        )
    assert job.state == t.JobState.JOB_STATE_PENDING
    sandbox.advance(2 * 3600)
    done = client.tunings.get(name=job.name)
    assert done.has_succeeded
    assert done.tuned_model.model.endswith("@1")
    assert [found.name for found in client.tunings.list(config={"page_size": 1})] == [job.name]
    endpoint = done.tuned_model.endpoint
    there = genai_client(sandbox, version, "us")
    answer = there.models.generate_content(
        model=endpoint,
        contents="my invoice - refund - what now?",
        config=t.GenerateContentConfig(temperature=0, max_output_tokens=20),
    )
    assert answer.text == "billing"
    assert answer.candidates[0].finish_reason == t.FinishReason.STOP
    assert answer.usage_metadata.total_token_count > 0
    base = client.models.generate_content(model=MODEL, contents="my invoice - refund - what now?")
    assert base.text
    assert base.text != "billing"


def test_google_genai_streams_and_counts(sandbox: RunningSandbox) -> None:
    client = genai_client(sandbox, "v1")
    parts = [part.text for part in client.models.generate_content_stream(model=MODEL, contents="hello")]
    assert len(parts) > 1
    whole = client.models.generate_content(model=MODEL, contents="hello", config={"temperature": 0}).text
    assert whole.startswith("Hello!")
    assert client.models.count_tokens(model=MODEL, contents="x" * 41).total_tokens == 11


def test_google_genai_cancels_and_sees_googles_errors(sandbox: RunningSandbox) -> None:
    from google.genai import errors
    from google.genai import types as t

    training, _ = make_data(sandbox)
    client = genai_client(sandbox, "v1beta1")

    def tune(**config: Any) -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return client.tunings.tune(
                base_model=MODEL,
                training_dataset=t.TuningDataset(gcs_uri=training),
                config=t.CreateTuningJobConfig(**config),
            )

    job = tune()
    client.tunings.cancel(name=job.name)
    sandbox.advance(5)
    cancelled = client.tunings.get(name=job.name)
    assert cancelled.state == t.JobState.JOB_STATE_CANCELLED
    assert cancelled.error.code == 1
    with pytest.raises(errors.ClientError) as caught:
        tune(adapter_size=t.AdapterSize.ADAPTER_SIZE_THIRTY_TWO)
    assert (caught.value.code, caught.value.status) == (400, "INVALID_ARGUMENT")
    assert "adapter size is not supported" in str(caught.value.message)


@pytest.mark.parametrize("version", VERSIONS)
def test_gapic_creates_polls_lists_and_cancels_tuning_jobs(sandbox: RunningSandbox, version: str) -> None:
    training, validation = make_data(sandbox)
    client, t = gapic(sandbox, version, "GenAiTuningServiceClient"), types(version)
    spec = t.SupervisedTuningSpec(
        training_dataset_uri=training,
        validation_dataset_uri=validation,
        hyper_parameters=t.SupervisedHyperParameters(epoch_count=2, adapter_size=2, learning_rate_multiplier=1.0),
    )
    wanted = t.TuningJob(base_model=MODEL, supervised_tuning_spec=spec, tuned_model_display_name="tickets")
    job = client.create_tuning_job(parent=PARENT, tuning_job=wanted)
    assert job.state.name == "JOB_STATE_PENDING"
    other = client.create_tuning_job(parent=PARENT, tuning_job=wanted)
    client.cancel_tuning_job(name=other.name)
    sandbox.advance(2 * 3600)
    done = client.get_tuning_job(name=job.name)
    assert done.state.name == "JOB_STATE_SUCCEEDED"
    assert done.end_time > done.start_time
    assert [found.epoch for found in done.tuned_model.checkpoints] == [1, 2]
    assert done.tuning_data_stats.supervised_tuning_data_stats.tuning_dataset_example_count == 60
    assert client.get_tuning_job(name=other.name).state.name == "JOB_STATE_CANCELLED"
    request = t.ListTuningJobsRequest(parent=PARENT, page_size=1)
    assert [found.name for found in client.list_tuning_jobs(request)] == [other.name, job.name]


@pytest.mark.parametrize("version", VERSIONS)
def test_gapic_deploys_splits_undeploys_and_deletes_with_its_own_long_running_operations(
    sandbox: RunningSandbox, version: str
) -> None:
    from google.api_core.exceptions import BadRequest, NotFound

    job = succeed(sandbox, job_body(*make_data(sandbox), labels={"team": "a"}))
    models, endpoints = (gapic(sandbox, version, f"{name}ServiceClient") for name in ("Model", "Endpoint"))
    t = types(version)
    model_name = job["tunedModel"]["model"].partition("@")[0]
    parent = model_name.partition("/models/")[0]

    model = models.get_model(name=f"{model_name}@default")
    assert (model.version_id, list(model.version_aliases)) == ("1", ["default"])
    assert dict(model.labels).items() >= {"team": "a"}.items()
    listed = models.list_models(t.ListModelsRequest(parent=parent, filter='labels.team="a"'))
    assert [found.name for found in listed] == [model_name]
    assert [found.version_id for found in models.list_model_versions(name=model_name)] == ["1"]
    assert [found.checkpoint_id for found in models.list_model_version_checkpoints(name=model_name)] == ["1", "2", "3"]

    making = endpoints.create_endpoint(parent=parent, endpoint=t.Endpoint(display_name="mine"), endpoint_id="mine-1")
    assert not making.done()
    sandbox.advance(10)
    mine = making.result(timeout=300)
    assert mine.name == f"{parent}/endpoints/mine-1"

    def deploy(**split: int) -> str:
        deployed = t.DeployedModel(model=f"{model_name}@1", display_name="d")
        running = endpoints.deploy_model(endpoint=mine.name, deployed_model=deployed, traffic_split=split or None)
        with pytest.raises(BadRequest, match="being-deployed"):
            endpoints.delete_endpoint(name=mine.name)
        sandbox.advance(200)
        return str(running.result(timeout=300).deployed_model.id)

    first, second = deploy(), deploy()
    assert dict(endpoints.get_endpoint(name=mine.name).traffic_split) == {first: 100}
    with pytest.raises(BadRequest, match="has traffic"):
        endpoints.undeploy_model(endpoint=mine.name, deployed_model_id=first)
    with pytest.raises(BadRequest, match="deployed"):
        models.delete_model(name=model_name)
    gone = endpoints.undeploy_model(endpoint=mine.name, deployed_model_id=first, traffic_split={second: 100})
    sandbox.advance(60)
    gone.result(timeout=300)
    assert dict(endpoints.get_endpoint(name=mine.name).traffic_split) == {second: 100}

    for name in [mine.name, *(found["endpoint"] for found in job["tunedModel"]["checkpoints"])]:
        for deployed in endpoints.get_endpoint(name=name).deployed_models:
            running = endpoints.undeploy_model(endpoint=name, deployed_model_id=deployed.id)
            sandbox.advance(60)
            running.result(timeout=300)
        endpoints.delete_endpoint(name=name).result(timeout=300)
    models.delete_model(name=model_name).result(timeout=300)
    with pytest.raises(NotFound):
        models.get_model(name=model_name)


@pytest.mark.parametrize("version", VERSIONS)
def test_gapic_updates_models_and_endpoints_in_place(sandbox: RunningSandbox, version: str) -> None:
    job = succeed(sandbox, job_body(*make_data(sandbox)))
    models, endpoints = (gapic(sandbox, version, f"{name}ServiceClient") for name in ("Model", "Endpoint"))
    t = types(version)
    tuned = job["tunedModel"]
    wanted = t.Model(name=tuned["model"], default_checkpoint_id="1", labels={"a": "b"}, description="better")
    changed = models.update_model(model=wanted, update_mask="defaultCheckpointId,labels,description")
    assert (changed.default_checkpoint_id, dict(changed.labels), changed.description) == ("1", {"a": "b"}, "better")
    after = sandbox.get(f"/v1/{job['name']}").json()["tunedModel"]
    assert after["endpoint"] == tuned["checkpoints"][0]["endpoint"]
    renamed = endpoints.update_endpoint(
        endpoint=t.Endpoint(name=after["endpoint"], display_name="new", labels={"x": "y"}),
        update_mask="displayName,labels",
    )
    assert (renamed.display_name, dict(renamed.labels)) == ("new", {"x": "y"})
    merged = models.merge_version_aliases(name=tuned["model"], version_aliases=["prod"])
    assert list(merged.version_aliases) == ["default", "prod"]
    assert models.get_model(name=tuned["model"].replace("@1", "@prod")).version_id == "1"


@pytest.mark.parametrize("version", VERSIONS)
def test_gapic_prediction_service_asks_the_tuned_endpoint(sandbox: RunningSandbox, version: str) -> None:
    job = succeed(sandbox, job_body(*make_data(sandbox, 200)))
    client, t = gapic(sandbox, version, "PredictionServiceClient"), types(version)
    request = t.GenerateContentRequest(
        model=job["tunedModel"]["endpoint"],
        contents=[t.Content(role="user", parts=[t.Part(text="parcel and tracking number")])],
        generation_config=t.GenerationConfig(temperature=0, max_output_tokens=20),
    )
    answer = client.generate_content(request)
    assert answer.candidates[0].content.parts[0].text == "shipping"
    assert answer.candidates[0].finish_reason.name == "STOP"
    assert [part.usage_metadata.total_token_count for part in client.stream_generate_content(request)][-1] > 0


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("encoding", ["", "?%24alt=json%3Benum-encoding%3Dint"])
def test_every_answer_is_a_message_of_googles_classes_without_unknown_fields(
    sandbox: RunningSandbox, version: str, encoding: str
) -> None:
    from google.protobuf import json_format

    job = succeed(sandbox, job_body(*make_data(sandbox), labels={"team": "a"}))
    t = types(version)
    tuned = job["tunedModel"]
    for path, kind in (
        (job["name"], t.TuningJob),
        (tuned["model"], t.Model),
        (tuned["endpoint"], t.Endpoint),
        (f"{PARENT}/tuningJobs", t.ListTuningJobsResponse),
        (f"{tuned['model'].partition('/models/')[0]}/models", t.ListModelsResponse),
        (f"{tuned['model'].partition('/models/')[0]}/endpoints", t.ListEndpointsResponse),
        (f"publishers/google/models/{MODEL}", t.PublisherModel),
    ):
        text = sandbox.get(f"/{version}/{path}{encoding}").text
        data = json.loads(text, object_hook=as_gapic_knows_it)
        message = kind.pb(kind())
        json_format.ParseDict(data, message, ignore_unknown_fields=False)
        assert message.ByteSize() > 20
        assert not re.search(r'": (\[\]|\{\}|"")[,\n}]', text), "defaults and empty lists are left out"
