"""What the tests of pipelines share: data of seed 002's forms, the bodies of its two requests, and a day on which they work."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sandbox.data.tickets import tickets
from sandbox.vertex_support import PLACE, PROJECT, make_bucket, upload

if TYPE_CHECKING:
    from sandbox.running import RunningSandbox

BISON_DAY = "2024-06-03"
REGISTRY = "https://us-kfp.pkg.dev/ml-pipeline/large-language-model-pipelines"
CODE_TEMPLATE = f"{REGISTRY}/tune-large-model/v3.0.0"
CHAT_TEMPLATE = f"{REGISTRY}/tune-large-chat-model/v3.0.0"
ASKED = "my invoice - refund - what now?"
CONTEXT = "Label the ticket."


def pairs(count: int, seed: int = 1) -> bytes:
    rows = [{"input_text": asked, "output_text": said} for asked, said in tickets(count, seed)]
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def chats(count: int, seed: int = 1) -> bytes:
    rows = [
        {"messages": [{"author": "user", "content": asked}, {"author": "assistant", "content": said}]}
        for asked, said in tickets(count, seed)
    ]
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def make_files(sandbox: RunningSandbox, train: int = 200, evaluation: int = 20) -> dict[str, str]:
    bucket = make_bucket(sandbox)
    return {
        "pairs": upload(sandbox, bucket, "pairs.jsonl", pairs(train)),
        "evaluation": upload(sandbox, bucket, "evaluation.jsonl", pairs(evaluation, 2)),
        "chats": upload(sandbox, bucket, "chats.jsonl", chats(train)),
    }


def pipeline_body(dataset: str, *, chat: bool = False, **values: Any) -> dict[str, Any]:
    """A request as seed 002 has it; `values` change its parameters, None takes one away."""
    given = {
        "project": PROJECT,
        "model_display_name": "tickets",
        "dataset_uri": dataset,
        "large_model_reference": "codechat-bison@002" if chat else "code-bison@002",
        "train_steps": 60,
        "learning_rate_multiplier": 1,
        **values,
    }
    return {
        "displayName": "tune tickets",
        "runtimeConfig": {
            "gcsOutputDirectory": "gs://tuning-data/output",
            "parameterValues": {key: value for key, value in given.items() if value is not None},
        },
        "templateUri": CHAT_TEMPLATE if chat else CODE_TEMPLATE,
    }


def post(sandbox: RunningSandbox, body: dict[str, Any], job_id: str = "", place: str = PLACE) -> Any:
    return sandbox.post(f"{place}/pipelineJobs" + (f"?pipelineJobId={job_id}" if job_id else ""), json=body)


def create_pipeline(
    sandbox: RunningSandbox, body: dict[str, Any], job_id: str = "", place: str = PLACE
) -> dict[str, Any]:
    answer = post(sandbox, body, job_id, place)
    assert answer.status_code == 200, answer.text
    got: dict[str, Any] = answer.json()
    return got


def run_pipeline(sandbox: RunningSandbox, body: dict[str, Any], place: str = PLACE) -> dict[str, Any]:
    name = create_pipeline(sandbox, body, place=place)["name"]
    sandbox.advance(24 * 3600)
    got: dict[str, Any] = sandbox.get(f"/v1/{name}").json()
    assert got["state"] == "PIPELINE_STATE_SUCCEEDED", got.get("error")
    return got


def task(job: dict[str, Any], name: str) -> dict[str, Any]:
    (found,) = [found for found in job["jobDetail"]["taskDetails"] if found["taskName"] == name]
    held: dict[str, Any] = found
    return held


def outputs_of(job: dict[str, Any]) -> tuple[str, str]:
    """The names of the model and of the endpoint that a pipeline made."""
    metadata = job["jobDetail"]["taskDetails"][0]["execution"]["metadata"]
    return metadata["output:model_resource_name"], metadata["output:endpoint_resource_name"]


def predict(sandbox: RunningSandbox, endpoint: str, instance: dict[str, Any], **parameters: Any) -> Any:
    return sandbox.post(f"/v1/{endpoint}:predict", json={"instances": [instance], "parameters": parameters})
