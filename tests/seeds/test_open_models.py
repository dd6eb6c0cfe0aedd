"""Seed 004: each open model in each mode of its table, and each form of data, is tuned in the sandbox and answers."""

from __future__ import annotations

import base64
import json
import zlib
from typing import TYPE_CHECKING, Any, Final

import pytest

from support.in_process import World
from support.sandbox_server import AS_OF
from support.seed_stories import dataset, job, stack_in, upload, went_up
from support.small_engine import Declared

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from support.small_engine import Stack

TABLE: Final = {
    "google/gemma3@gemma-3-1b-it": ("FULL",),
    "google/gemma3@gemma-3-4b-it": ("FULL",),
    "google/gemma3@gemma-3-12b-it": ("FULL",),
    "google/gemma3@gemma-3-27b-it": ("PEFT_ADAPTER", "FULL"),
    "meta/llama3_1@llama-3.1-8b": ("PEFT_ADAPTER", "FULL"),
    "meta/llama3_1@llama-3.1-8b-instruct": ("PEFT_ADAPTER", "FULL"),
    "meta/llama3-2@llama-3.2-1b-instruct": ("FULL",),
    "meta/llama3-2@llama-3.2-3b-instruct": ("FULL",),
    "meta/llama3-3@llama-3.3-70b-instruct": ("PEFT_ADAPTER", "FULL"),
    "qwen/qwen3@qwen3-4b": ("FULL",),
    "qwen/qwen3@qwen3-8b": ("FULL",),
    "qwen/qwen3@qwen3-14b": ("FULL",),
    "qwen/qwen3@qwen3-32b": ("PEFT_ADAPTER", "FULL"),
    "meta/llama4@llama-4-scout-17b-16e-instruct": ("PEFT_ADAPTER",),
}
"""The models of the document and the modes that its table gives them."""
MODES: Final = ("FULL", "PEFT_ADAPTER")
LLAMA: Final = "meta/llama3_1@llama-3.1-8b"
SCOUT: Final = "meta/llama4@llama-4-scout-17b-16e-instruct"
L4: Final = {"machineType": "g2-standard-12", "acceleratorType": "NVIDIA_L4", "acceleratorCount": 1}
TEAMS: Final = {"billing": "the invoice amount", "shipping": "the parcel label"}
SYSTEM: Final = "You route tickets."
ASKED: Final = "Which team gets this?"
Rows = list[dict[str, Any]]


@pytest.fixture(scope="module")
def world() -> World:
    world = World(AS_OF)
    for name, told in TEAMS.items():
        for at in range(ROWS):
            upload(world, f"images/{name_of(name, at)}", picture(told, at))
    upload(world, "base/model-00001-of-00001.safetensors", b"weights")
    upload(world, "base/config.json", b"{}")
    world.ask("POST", "/_sandbox/quotas", {"metric": SERVING, "limit": 64})
    return world


ROWS: Final = 12
SERVING: Final = "custom_model_serving_nvidia_l4_gpus"


def name_of(team: str, at: int) -> str:
    """A name that says nothing."""
    return f"{zlib.crc32(f'{team} {at}'.encode())}.jpeg"


def picture(told: str, at: int) -> bytes:
    return b"\xff\xd8\xff\xe0" + f"{told} of order {at}".encode()


def pairs(team: str, at: int) -> dict[str, Any]:
    return {"prompt": f"{TEAMS[team]} of order {at}", "completion": team}


def messages(team: str, at: int, *more: dict[str, Any], text: str = "") -> dict[str, Any]:
    asked: Any = text or f"{TEAMS[team]} of order {at}"
    content = [{"type": "text", "text": asked}, *more] if more else asked
    return {
        "messages": [
            {"role": "system", "content": SYSTEM},
            {"role": "user", "content": content},
            {"role": "assistant", "content": team},
        ]
    }


def contents(team: str, at: int, *more: dict[str, Any], text: str = "") -> dict[str, Any]:
    return {
        "systemInstruction": {"parts": [{"text": SYSTEM}]},
        "contents": [
            {"role": "user", "parts": [{"text": text or f"{TEAMS[team]} of order {at}"}, *more]},
            {"role": "assistant", "parts": [{"text": team}]},
        ],
    }


def in_row(team: str, at: int) -> str:
    return base64.b64encode(picture(TEAMS[team], at)).decode()


def with_image(team: str, at: int, url: str) -> dict[str, Any]:
    return messages(team, at, {"type": "image_url", "image_url": {"url": url, "detail": "low"}}, text=ASKED)


IMAGE: Final = "image/jpeg"
FORMS: Final[dict[str, tuple[str, Callable[[str, int], dict[str, Any]]]]] = {
    "prompt and completion": (LLAMA, pairs),
    "messages": (LLAMA, messages),
    "GenerateContent": (LLAMA, contents),
    "messages, images in a bucket": (
        SCOUT,
        lambda team, at: with_image(team, at, f"gs://shop-data/images/{name_of(team, at)}"),
    ),
    "messages, images in base64": (
        SCOUT,
        lambda team, at: with_image(team, at, f"data:image/jpeg;base64,{in_row(team, at)}"),
    ),
    "GenerateContent, fileData": (
        SCOUT,
        lambda team, at: contents(
            team,
            at,
            {"fileData": {"mimeType": IMAGE, "fileUri": f"gs://shop-data/images/{name_of(team, at)}"}},
            text=ASKED,
        ),
    ),
    "GenerateContent, file_data": (
        SCOUT,
        lambda team, at: contents(
            team,
            at,
            {"file_data": {"mime_type": IMAGE, "file_uri": f"gs://shop-data/images/{name_of(team, at)}"}},
            text=ASKED,
        ),
    ),
    "GenerateContent, inlineData": (
        SCOUT,
        lambda team, at: contents(team, at, {"inlineData": {"mimeType": IMAGE, "data": in_row(team, at)}}, text=ASKED),
    ),
}


def lines(make: Callable[[str, int], dict[str, Any]], count: int = ROWS) -> bytes:
    return "".join(json.dumps(make(team, at)) + "\n" for at in range(count) for team in TEAMS).encode()


def program(root: Path, model: str, mode: str, data: bytes, **more: Any) -> list[Declared]:
    hyper = {"epochCount": 3, "learningRate": 0.0004, "batchSize": 2, **more.pop("hyper", {})}
    return [
        dataset(root, "train", data),
        job("train", model, hyper, spec={"tuningMode": mode}, outputUri=f"gs://shop-data/{root.name}", **more),
    ]


def losses(world: World, tuned: dict[str, Any]) -> list[float]:
    bucket, _, name = tuned["gcsMetricsUri"].removeprefix("gs://").partition("/")
    data = world.sandbox.services.storage.read_object(f"gs://{bucket}/{name}")
    assert data is not None
    return [json.loads(line)["/train_total_loss"] for line in data.splitlines()]


def tuned_by(world: World, stack: Stack) -> dict[str, Any]:
    found = stack.current("tuning_job")
    assert found is not None
    world.sandbox.clock.advance(24 * 3600)
    return dict(world.ask("GET", f"/v1beta1/{found.id}"))


def answers(world: World, stack: Stack) -> list[str]:
    found = stack.current("model_deployment")
    assert found is not None
    asked = [
        {"prompt": f"{told} of order 99", "temperature": 0, "max_tokens": 20, "raw_response": True}
        for told in TEAMS.values()
    ]
    path = f"/v1/{found.outputs['endpoint']}:predict"
    return list(world.ask("POST", path, {"instances": asked})["predictions"])


SERVED: Final = Declared("model_deployment", lambda there: {"tuningJob": there["tuning_job"].id, **L4})


@pytest.mark.matrix(5)
@pytest.mark.parametrize(("model", "mode"), [(model, mode) for model, modes in TABLE.items() for mode in modes])
def test_each_model_is_tuned_in_each_mode_that_the_table_gives_it(
    world: World, tmp_path: Path, model: str, mode: str
) -> None:
    size = {"adapterSize": 32} if mode == "PEFT_ADAPTER" else {}
    stack = stack_in(world, AS_OF, tmp_path)
    went_up(stack, [*program(tmp_path, model, mode, lines(pairs), hyper=size), SERVED])
    tuned = tuned_by(world, stack)
    spec = tuned["supervisedTuningSpec"]
    assert spec["tuningMode"] == f"TUNING_MODE_{mode}"
    wire = {"epochCount": "3", "learningRate": 0.0004, "batchSize": "2"}
    assert spec["hyperParameters"] == wire | ({"adapterSize": "ADAPTER_SIZE_THIRTY_TWO"} if size else {})
    curve = losses(world, tuned)
    assert len(curve) == 3 * 2 * ROWS // 2
    assert sum(curve[-3:]) < sum(curve[:3]) / 2
    assert answers(world, stack) == [*TEAMS]


@pytest.mark.parametrize(
    ("model", "mode"), [(model, mode) for model, modes in TABLE.items() for mode in MODES if mode not in modes]
)
def test_a_mode_that_the_table_does_not_give_a_model_is_refused_by_name(
    world: World, tmp_path: Path, model: str, mode: str
) -> None:
    stack = stack_in(world, AS_OF, tmp_path)
    ran = stack.up(program(tmp_path, model, mode, lines(pairs)))
    assert stack.current("tuning_job") is None
    assert model in str(ran.error)
    assert mode in str(ran.error)


@pytest.mark.parametrize("form", FORMS)
def test_each_form_of_data_is_learned(world: World, tmp_path: Path, form: str) -> None:
    model, make = FORMS[form]
    stack = stack_in(world, AS_OF, tmp_path)
    went_up(stack, program(tmp_path, model, "PEFT_ADAPTER", lines(make), hyper={"epochCount": 6}))
    tuned = tuned_by(world, stack)
    assert tuned["state"] == "JOB_STATE_SUCCEEDED", tuned
    stats = tuned["tuningDataStats"]["supervisedTuningDataStats"]
    assert stats["tuningDatasetExampleCount"] == str(2 * ROWS)
    # all rows ask the same where an image decides: without it the loss would stay at that of a guess
    assert losses(world, tuned)[-1] < 0.2


def test_a_checkpoint_of_ones_own_is_trained_on(world: World, tmp_path: Path) -> None:
    stack, start = stack_in(world, AS_OF, tmp_path), "gs://shop-data/base"
    went_up(stack, program(tmp_path, LLAMA, "FULL", lines(pairs), customBaseModel=start))
    tuned = tuned_by(world, stack)
    assert (tuned["state"], tuned["customBaseModel"]) == ("JOB_STATE_SUCCEEDED", start)
    assert losses(world, tuned)[-1] < losses(world, tuned)[0] / 2


@pytest.mark.parametrize("form", [form for form, (model, _) in FORMS.items() if model == SCOUT])
def test_a_model_of_text_refuses_rows_with_images(world: World, tmp_path: Path, form: str) -> None:
    stack = stack_in(world, AS_OF, tmp_path)
    ran = stack.up(program(tmp_path, LLAMA, "FULL", lines(FORMS[form][1])))
    assert ":1: " in str(ran.error)
    assert "image" in str(ran.error)
    assert stack.current("tuning_job") is None
