"""What programs do with Google's clients, as people do it: each case failed against this sandbox once."""

from __future__ import annotations

import json
import warnings
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.pipeline_support import make_files, pipeline_body, run_pipeline
from sandbox.test_vertex_clients import PARENT, gapic, genai_client
from sandbox.vertex_support import MODEL, PLACE, PROJECT, create, error_of, job_body, make_data, succeed
from tuning_sandbox.kernel.store import Collection
from tuning_sandbox.vertex.tuning_course import METRIC

if TYPE_CHECKING:
    from sandbox.running import RunningSandbox


def named(display_name: str, *data: str, **more: Any) -> dict[str, Any]:
    return {**job_body(*data, **more), "tunedModelDisplayName": display_name}


def test_vertexais_own_loop_refreshes_a_job_until_it_has_ended(sandbox: RunningSandbox) -> None:
    import vertexai
    from google.auth.credentials import AnonymousCredentials
    from vertexai.tuning import sft

    training, _ = make_data(sandbox)
    credentials = AnonymousCredentials()  # type: ignore[no-untyped-call]
    place = {"project": PROJECT, "location": "us-central1"}
    vertexai.init(**place, credentials=credentials, api_endpoint=sandbox.url, api_transport="rest")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        job = sft.train(source_model=MODEL, train_dataset=training, epochs=2)
        rounds = 0
        while not job.has_ended:
            sandbox.advance(1200)
            job.refresh()
            rounds += 1
        assert rounds > 1
        assert job.has_succeeded
        assert job.experiment is not None
        url = str(job.experiment.dashboard_url)
        assert url.startswith("https://console.cloud.google.com/vertex-ai/experiments")


def test_a_context_that_is_no_jobs_experiment_is_a_404(sandbox: RunningSandbox) -> None:
    job = succeed(sandbox, job_body(*make_data(sandbox)))
    found = sandbox.get(f"/v1/{job['experiment']}")
    assert found.json()["schemaTitle"] == "system.Experiment"
    assert error_of(sandbox.get(f"/v1/{job['experiment']}0"))[:2] == (404, "NOT_FOUND")


def test_google_genai_lists_tuned_models_by_the_labels_that_google_gives_them(sandbox: RunningSandbox) -> None:
    job = succeed(sandbox, job_body(*make_data(sandbox), labels={"team": "a"}))
    client = genai_client(sandbox, "v1beta1", "us")
    (tuned,) = client.models.list(config={"query_base": False})
    assert tuned.name == job["tunedModel"]["model"].partition("@")[0]
    assert tuned.labels == {
        "team": "a",
        "tune-type": "sft",
        "google-vertex-llm-tuning-base-model-id": "gemini-3-5-flash",
        "google-vertex-llm-tuning-job-id": job["name"].rpartition("/")[2],
    }
    assert list(genai_client(sandbox, "v1beta1").models.list(config={"query_base": False})) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('tuned_model_display_name="first"', ["first"]),
        ("tunedModelDisplayName:*ir*", ["third", "first"]),
        ('labels.team="a"', ["third", "first"]),
        ("labels.team:*", ["third", "second", "first"]),
        ('state="JOB_STATE_CANCELLED"', ["second"]),
        ('NOT state="JOB_STATE_CANCELLED" AND labels.team="a"', ["third", "first"]),
        ('createTime>"2026-11-21T00:00:30Z"', ["third", "second"]),
        (f'base_model="{MODEL}" (labels.team="b")', None),
        ("", ["third", "second", "first"]),
    ],
)
def test_gapic_and_google_genai_list_jobs_by_a_filter(
    sandbox: RunningSandbox, text: str, found: list[str] | None
) -> None:
    from google.api_core.exceptions import BadRequest
    from google.cloud import aiplatform_v1

    training, _ = make_data(sandbox)
    for name, team in (("first", "a"), ("second", "b"), ("third", "a")):
        job = create(sandbox, named(name, training, labels={"team": team}))
        if name == "second":
            sandbox.post(f"/v1/{job['name']}:cancel", json={})
        sandbox.advance(60)
    request = aiplatform_v1.ListTuningJobsRequest(parent=PARENT, filter=text)
    client = gapic(sandbox, "v1", "GenAiTuningServiceClient")
    if found is None:
        with pytest.raises(BadRequest, match="Invalid filter"):
            list(client.list_tuning_jobs(request))
        return
    assert [job.tuned_model_display_name for job in client.list_tuning_jobs(request)] == found
    genai = genai_client(sandbox, "v1beta1")
    listed = genai.tunings.list(config={"filter": text or None})
    assert [job.tuned_model_display_name for job in listed] == found


@pytest.mark.parametrize(
    ("text", "status", "said"),
    [
        ("description:x", 501, "description"),
        ("tunedModel.checkpoints:x", 501, "tunedModel"),
        ("nonsense=1", 400, "nonsense"),
    ],
)
def test_a_filter_of_jobs_that_is_not_served_is_refused_by_name(
    sandbox: RunningSandbox, text: str, status: int, said: str
) -> None:
    found = error_of(sandbox.get(f"{PLACE}/tuningJobs", params={"filter": text}))
    assert found[0] == status
    assert said in found[2]


SAMPLES = "gs://cloud-samples-data/ai-platform/generative_ai/"


def test_the_example_of_seed_000_succeeds_on_a_fresh_sandbox(sandbox: RunningSandbox) -> None:
    body = {
        "baseModel": MODEL,
        "supervisedTuningSpec": {
            "training_dataset_uri": f"{SAMPLES}sft_train_data.jsonl",
            "validation_dataset_uri": f"{SAMPLES}sft_validation_data.jsonl",
        },
        "tunedModelDisplayName": "tuned_gemini_pro",
    }
    job = succeed(sandbox, body)
    assert job["tuningDataStats"]["supervisedTuningDataStats"]["tuningDatasetExampleCount"] == "240"
    body["supervisedTuningSpec"]["training_dataset_uri"] = f"{SAMPLES}no_such_data.jsonl"  # type: ignore[index]
    name = create(sandbox, body)["name"]
    sandbox.advance(4 * 3600)
    assert sandbox.get(f"/v1/{name}").json()["state"] == "JOB_STATE_FAILED"


def test_googles_client_lists_and_reads_the_samples_and_nobody_writes_them(sandbox: RunningSandbox) -> None:
    from google.api_core.exceptions import Conflict, Forbidden
    from google.auth.credentials import AnonymousCredentials
    from google.cloud import storage

    client = storage.Client(
        project=PROJECT,
        credentials=AnonymousCredentials(),  # type: ignore[no-untyped-call]
        client_options={"api_endpoint": sandbox.url},
    )
    bucket = client.bucket("cloud-samples-data")
    names = [blob.name for blob in bucket.list_blobs(prefix="ai-platform/generative_ai/gemini-2_0/text/")]
    assert [name.rpartition("/")[2] for name in names] == ["sft_train_data.jsonl", "sft_validation_data.jsonl"]
    (train, validation) = (bucket.blob(name).download_as_bytes().splitlines() for name in names)
    assert set(json.loads(train[0])) == {"contents"}
    assert not set(train) & set(validation)
    with pytest.raises(Forbidden):
        bucket.blob("mine.txt").upload_from_string("a")
    with pytest.raises(Forbidden):
        bucket.blob(names[0]).delete()
    with pytest.raises(Conflict):
        client.create_bucket("cloud-samples-data")


def test_the_sample_of_seed_002_is_an_evaluation_set_of_a_pipeline(bison: RunningSandbox) -> None:
    uri = "gs://cloud-samples-data/vertex-ai/model-evaluation/eval_sample.jsonl"
    body = pipeline_body(make_files(bison)["pairs"], evaluation_data_uri=uri, evaluation_interval=20)
    assert run_pipeline(bison, body)["state"] == "PIPELINE_STATE_SUCCEEDED"


def test_a_bucket_that_keeps_versions_lists_reads_and_deletes_them(sandbox: RunningSandbox) -> None:
    from google.auth.credentials import AnonymousCredentials
    from google.cloud import storage

    client = storage.Client(
        project=PROJECT,
        credentials=AnonymousCredentials(),  # type: ignore[no-untyped-call]
        client_options={"api_endpoint": sandbox.url},
    )
    bucket = client.bucket("versioned-bucket")
    bucket.versioning_enabled = True
    bucket.create(location="us-central1")
    blob = bucket.blob("a.txt")
    blob.upload_from_string("first")
    first = blob.generation
    blob.upload_from_string("second")
    blob.delete()
    assert [found.name for found in bucket.list_blobs()] == []
    assert next(iter(bucket.list_blobs(versions=True))).generation == first
    assert bucket.blob("a.txt", generation=first).download_as_bytes() == b"first"
    with pytest.raises(Exception, match="not empty"):
        bucket.delete()
    for found in list(bucket.list_blobs(versions=True)):
        found.delete()
    bucket.delete()


def test_a_create_reads_as_much_with_many_live_jobs_as_with_few(
    sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = job_body(make_data(sandbox)[0])
    sandbox.admin("POST", "quotas", {"metric": METRIC, "limit": 100})
    read: list[Any] = []

    def counting(name: str) -> None:
        real = getattr(Collection, name)

        def counted(held: Collection, *asked: str, **more: str) -> Any:
            found = real(held, *asked, **more)
            read.extend(found if isinstance(found, list) else [found])
            return found

        monkeypatch.setattr(Collection, name, counted)

    for name in ("all", "get", "names"):
        counting(name)
    counts = []
    for _ in range(40):
        read.clear()
        create(sandbox, body)
        counts.append(len(read))
    assert counts[2] == counts[-1]
