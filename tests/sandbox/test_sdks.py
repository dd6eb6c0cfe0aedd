"""What users of Google's SDKs do after a tuning, besides what the files of one client have: vertexai, google-genai's async client."""

from __future__ import annotations

import asyncio
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.test_vertex_clients import genai_client
from sandbox.vertex_support import MODEL, PROJECT, make_data

if TYPE_CHECKING:
    from sandbox.running import RunningSandbox

ASKED = "my invoice - refund - what now?"


@pytest.fixture
def sft(sandbox: RunningSandbox) -> Iterator[Any]:
    """vertexai.tuning.sft as a user sets it up, pointed at the sandbox."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import vertexai
        from google.auth.credentials import AnonymousCredentials
        from vertexai.tuning import sft

        credentials = AnonymousCredentials()  # type: ignore[no-untyped-call]
        vertexai.init(
            project=PROJECT,
            location="us-central1",
            credentials=credentials,
            api_endpoint=sandbox.url,
            api_transport="rest",
        )
        yield sft


def test_vertexai_lists_gets_and_cancels_its_jobs(sandbox: RunningSandbox, sft: Any) -> None:
    training, _ = make_data(sandbox)
    first = sft.train(source_model=MODEL, train_dataset=training, epochs=1, tuned_model_display_name="first")
    second = sft.train(source_model=MODEL, train_dataset=training, epochs=1)
    second.cancel()
    sandbox.advance(4 * 3600)
    again = sft.SupervisedTuningJob(first.resource_name)
    assert again.has_succeeded
    assert again.tuned_model_name.endswith("@1")
    assert sft.SupervisedTuningJob(second.resource_name).state.name == "JOB_STATE_CANCELLED"
    assert [job.resource_name for job in sft.SupervisedTuningJob.list()] == [second.resource_name, first.resource_name]
    named = sft.SupervisedTuningJob.list(filter='tuned_model_display_name="first"')
    assert [job.resource_name for job in named] == [first.resource_name]


def test_vertexai_asks_the_tuned_endpoint_and_streams(sandbox: RunningSandbox, sft: Any) -> None:
    from vertexai.generative_models import GenerationConfig, GenerativeModel

    training, _ = make_data(sandbox, 200)
    job = sft.train(source_model=MODEL, train_dataset=training, epochs=4)
    sandbox.advance(4 * 3600)
    job.refresh()
    model = GenerativeModel(job.tuned_model_endpoint_name)
    config = GenerationConfig(temperature=0, max_output_tokens=20)
    assert model.generate_content(ASKED, generation_config=config).text == "billing"
    parts = model.generate_content(ASKED, generation_config=config, stream=True)
    assert "".join(part.text for part in parts) == "billing"


async def use_async_client(sandbox: RunningSandbox, training: str) -> tuple[str, str]:
    """An answer of a model that was tuned in between, and a streamed answer."""
    from google.genai import types as t

    async with genai_client(sandbox, "v1beta1").aio as here, genai_client(sandbox, "v1beta1", "us").aio as there:
        job = await here.tunings.tune(
            base_model=MODEL,
            training_dataset=t.TuningDataset(gcs_uri=training),
            config=t.CreateTuningJobConfig(epoch_count=4),
        )
        sandbox.advance(4 * 3600)
        endpoint = (await here.tunings.get(name=job.name)).tuned_model.endpoint
        listed = [found.name async for found in await here.tunings.list()]
        asked: dict[str, Any] = {"model": endpoint, "contents": ASKED, "config": {"temperature": 0}}
        answer = (await there.models.generate_content(**asked)).text
        streamed = [part.text or "" async for part in await there.models.generate_content_stream(**asked)]
    assert listed == [job.name]
    return answer, "".join(streamed)


def test_the_async_client_of_google_genai_tunes_lists_asks_and_streams(sandbox: RunningSandbox) -> None:
    training, _ = make_data(sandbox, 200)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        answer, streamed = asyncio.run(use_async_client(sandbox, training))
    assert (answer, streamed) == ("billing", "billing")
