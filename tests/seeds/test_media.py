"""Gemini is tuned with text, images, documents, audio and video: the tuned model has learned what the files hold."""

from __future__ import annotations

import base64
import json
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from support.in_process import World
from support.sandbox_server import AS_OF, PROJECT, REGION
from support.seed_stories import dataset, job, stack_in, upload, went_up
from support.small_engine import Declared

MODEL = "gemini-3.5-flash"
TEAMS = {"billing": "invoice with total amount payable", "shipping": "parcel with tracking label courier"}
ASKED = "Which team gets this?"


@pytest.fixture(scope="module")
def world() -> World:
    return World(AS_OF)


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(text: str) -> bytes:
    """One pixel, and a comment."""
    size = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    body = chunk(b"tEXt", b"Comment\0" + text.encode()) + chunk(b"IDAT", zlib.compress(b"\0\0")) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", size) + body


def pdf(text: str) -> bytes:
    return f"%PDF-1.4\n1 0 obj << /Length {len(text)} >> stream\n{text}\nendstream endobj\n%%EOF\n".encode()


def mp3(text: str) -> bytes:
    """A tag of ID3 with the title."""
    frame = b"TIT2" + struct.pack(">I", len(text) + 1) + b"\0\0\0" + text.encode()
    return b"ID3\3\0\0\0\0\0" + bytes([len(frame)]) + frame + b"\xff\xfb\x90\0" * 8


def mp4(text: str) -> bytes:
    """Its type, and a box with the title."""
    return b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + struct.pack(">I", len(text) + 8) + b"udta" + text.encode()


KINDS: dict[str, tuple[str, Callable[[str], bytes]]] = {
    "image": ("image/png", png),
    "document": ("application/pdf", pdf),
    "audio": ("audio/mp3", mp3),
    "video": ("video/mp4", mp4),
}


def parts(world: World, kind: str, team: str, number: int) -> list[dict[str, Any]]:
    """A question about one more thing of the team; its name in the bucket says nothing."""
    told = f"{TEAMS[team]} of order {number}"
    if kind == "text":
        return [{"text": f"{ASKED} {told}"}]
    mime, make = KINDS[kind]
    uri = upload(world, f"{kind}/{zlib.crc32(f'{team} {number}'.encode())}", make(told))
    return [{"text": ASKED}, {"fileData": {"mimeType": mime, "fileUri": uri}}]


def rows(world: World, kind: str, numbers: range) -> list[dict[str, Any]]:
    return [
        {"contents": [{"role": "user", "parts": parts(world, kind, team, number)},
                      {"role": "model", "parts": [{"text": team}]}]}
        for number in numbers
        for team in TEAMS
    ]  # fmt: skip


def lines(found: list[dict[str, Any]]) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in found).encode()


def program(root: Path, kind: str, data: bytes) -> list[Declared]:
    model = Declared("tuned_model", lambda there: {"tuningJob": there[f"tuning_job {kind}"].id}, kind)
    return [dataset(root, kind, data), job(kind, MODEL, {"epochCount": 4}, kind), model]


@pytest.mark.parametrize("kind", ["text", *KINDS])
def test_a_model_that_is_tuned_with_files_answers_by_what_they_hold(world: World, tmp_path: Path, kind: str) -> None:
    stack = stack_in(world, AS_OF, tmp_path)
    went_up(stack, program(tmp_path, kind, lines(rows(world, kind, range(20)))))
    model = stack.current(f"tuned_model {kind}")
    assert model is not None
    loss = model.outputs["metrics"]["trainTotalLoss"]
    assert loss["final"] < loss["first"] / 2
    answers = {}
    for row in rows(world, kind, range(90, 93)):  # files that no row of the data has
        body = {"contents": row["contents"][:1], "generationConfig": {"temperature": 0}}
        (answer,) = world.ask("POST", f"/v1/{model.outputs['endpoint']}:generateContent", body)["candidates"]
        answers[json.dumps(row)] = answer["content"] == row["contents"][1]
    assert set(answers.values()) == {True}
    assert stack.preview(program(tmp_path, kind, (tmp_path / f"{kind}.jsonl").read_bytes())).steps == []


def file(mime: str, uri: str = "gs://shop-data/image/1") -> dict[str, Any]:
    return {"fileData": {"mimeType": mime, "fileUri": uri}}


REFUSED: dict[str, tuple[list[dict[str, Any]], str]] = {
    "text": ([{"text": "  "}], "empty"),
    "image": ([{"text": ASKED}, file("image/gif")], "image/gif"),
    "document": ([{"text": ASKED}, file("application/msword")], "application/msword"),
    "audio": ([{"text": ASKED}, file("audio/mp3"), file("audio/mp3")], "audio"),
    "video": ([{"text": ASKED}, file("video/x-matroska")], "video/x-matroska"),
    "a file that is not there": ([{"text": ASKED}, file("image/png", "gs://shop-data/none.png")], "does not exist"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_the_neighbour_that_google_does_not_take_is_refused_before_a_job_is_made(
    world: World, tmp_path: Path, kind: str
) -> None:
    asked, words = REFUSED[kind]
    bad = {"contents": [{"role": "user", "parts": asked}, {"role": "model", "parts": [{"text": "billing"}]}]}
    good = rows(world, "text", range(10))
    stack = stack_in(world, AS_OF, tmp_path)
    ran = stack.up(program(tmp_path, f"bad {kind}", lines([*good, bad])))
    assert ran.error is not None
    assert ":21" in ran.error
    assert words in ran.error
    assert stack.current(f"tuning_job bad {kind}") is None


def test_the_sandbox_fails_a_job_whose_rows_name_a_file_that_is_not_there(world: World) -> None:
    bad = rows(world, "text", range(1))
    bad[0]["contents"][0]["parts"].append(file("image/png", "gs://shop-data/none.png"))
    spec = {"trainingDatasetUri": upload(world, "none.jsonl", lines(bad))}
    place = f"/v1/projects/{PROJECT}/locations/{REGION}/tuningJobs"
    name = world.ask("POST", place, {"baseModel": MODEL, "supervisedTuningSpec": spec})["name"]
    world.sandbox.clock.advance(7200)
    error = world.ask("GET", f"/v1/{name}")["error"]
    assert "gs://shop-data/none.png does not exist" in error["message"]


def test_a_file_in_the_request_itself_shows_the_model_the_same(world: World, tmp_path: Path) -> None:
    stack = stack_in(world, AS_OF, tmp_path)
    went_up(stack, program(tmp_path, "image", lines(rows(world, "image", range(20)))))
    model = stack.current("tuned_model image")
    assert model is not None
    for team, told in TEAMS.items():
        inline = {"mimeType": "image/png", "data": base64.b64encode(png(f"{told} of order 99")).decode()}
        contents = [{"role": "user", "parts": [{"text": ASKED}, {"inlineData": inline}]}]
        body = {"contents": contents, "generationConfig": {"temperature": 0}}
        answer = world.ask("POST", f"/v1/{model.outputs['endpoint']}:generateContent", body)
        assert answer["candidates"][0]["content"]["parts"] == [{"text": team}]
