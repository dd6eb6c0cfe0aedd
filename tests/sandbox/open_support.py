"""What the tests of open models share: rows in their formats, a job of v1beta1, its artifacts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from sandbox.data.tickets import INSTRUCTION, tickets
from sandbox.vertex_support import PROJECT, create, get, make_bucket, upload

if TYPE_CHECKING:
    from sandbox.running import RunningSandbox

BETA = f"/v1beta1/projects/{PROJECT}/locations/us-central1"
LLAMA = "meta/llama3_1@llama-3.1-8b"
SCOUT = "meta/llama4@llama-4-scout-17b-16e-instruct"
OUT = "gs://tuning-data/out"
FINAL = f"{OUT}/postprocess/node-0/checkpoints/final"
ROWS = tickets(60, 1)


def lines(rows: list[dict[str, Any]]) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def pairs(rows: list[tuple[str, str]] = ROWS) -> bytes:
    return lines([{"prompt": f"{INSTRUCTION}\n{asked}", "completion": said} for asked, said in rows])


def messages(rows: list[tuple[str, str]] = ROWS, image: str = "") -> bytes:
    def asked(text: str) -> Any:
        part = {"type": "image_url", "image_url": {"url": image, "detail": "low"}}
        return [{"type": "text", "text": text}, part] if image else text

    return lines(
        [
            {"messages": [{"role": "system", "content": INSTRUCTION}, {"role": "user", "content": asked(text)},
                          {"role": "assistant", "content": said}]}
            for text, said in rows
        ]
    )  # fmt: skip


def contents(rows: list[tuple[str, str]] = ROWS, image: str = "") -> bytes:
    file = [{"file_data": {"mime_type": "image/jpeg", "file_uri": image}}] if image else []
    return lines(
        [
            {"systemInstruction": {"parts": [{"text": INSTRUCTION}]},
             "contents": [{"role": "user", "parts": [{"text": asked}, *file]},
                          {"role": "assistant", "parts": [{"text": said}]}]}
            for asked, said in rows
        ]
    )  # fmt: skip


def open_data(sandbox: RunningSandbox, data: bytes | None = None) -> str:
    return upload(sandbox, make_bucket(sandbox), "train.jsonl", data or pairs())


def open_body(training: str, mode: str | None = "TUNING_MODE_PEFT_ADAPTER", **more: Any) -> dict[str, Any]:
    hyper = {"epochCount": "3", **more.pop("hyper", {})}
    spec = {"trainingDatasetUri": training, "hyperParameters": hyper}
    if mode:
        spec["tuningMode"] = mode
    return {"baseModel": LLAMA, "supervisedTuningSpec": spec, "outputUri": OUT, **more}


def tune(sandbox: RunningSandbox, body: dict[str, Any], place: str = BETA) -> dict[str, Any]:
    name = create(sandbox, body, place)["name"]
    sandbox.advance(4 * 3600)
    return get(sandbox, name, "v1beta1")


def objects(sandbox: RunningSandbox, folder: str = OUT) -> list[str]:
    bucket, _, prefix = folder.removeprefix("gs://").partition("/")
    found = sandbox.get(f"/storage/v1/b/{bucket}/o?prefix={quote(prefix)}").json().get("items", [])
    return [each["name"].removeprefix(f"{prefix}/postprocess/node-0/checkpoints/") for each in found]


def folders(sandbox: RunningSandbox, folder: str = OUT) -> set[str]:
    return {name.partition("/")[0] for name in objects(sandbox, folder)}
