"""Tokens of texts and files, estimated; ``benchmarks/tokens.py`` holds the texts against a real tokenizer."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_gcp_tuning.catalog import shipped
from pulumi_gcp_tuning.datasets import FileReport, Source, validate
from pulumi_gcp_tuning.datasets.tokens import ALL_OF, count_files, count_tokens, rate_of, width_of

MODELS = shipped().models
LITE, OLD = MODELS["gemini-3.1-flash-lite"], MODELS["gemini-2.5-flash"]


# what Gemma 3's tokenizer makes of them
@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("I ordered a pair of shoes last week and they have still not arrived.", 15),
        ("주문한 신발이 아직 도착하지 않았습니다. 배송이 언제 완료되는지 알려 주세요.", 22),
        ("注文した靴がまだ届いていません。配送がいつ完了するか教えてください。", 17),
        ("订单还没有送到,请问什么时候可以送达?", 12),
        ("123456789 4,500,000", 19),
    ],
    ids=["English", "Korean", "Japanese", "Chinese", "digits"],
)
def test_a_text_of_each_script_is_near_its_count(text: str, tokens: int) -> None:
    assert count_tokens(text) == pytest.approx(tokens, rel=0.25)


def test_no_text_is_no_token() -> None:
    assert count_tokens("") == 0


@given(st.text(), st.text())
def test_more_text_is_not_fewer_tokens_than_its_longer_part(text: str, more: str) -> None:
    assert count_tokens(f"{text}\n{more}") >= max(count_tokens(text), count_tokens(more)) * 0.5


def test_a_digit_is_a_token() -> None:
    assert count_tokens("0123456789" * 10) == 100


def report(*files: str, resolution: str | None = None) -> FileReport:
    parts: list[dict[str, Any]] = [{"text": "What is this?"}]
    parts += [{"fileData": {"mimeType": mime, "fileUri": f"gs://shop/{n}"}} for n, mime in enumerate(files)]
    row: dict[str, Any] = {
        "contents": [{"role": "user", "parts": parts}, {"role": "model", "parts": [{"text": "A shoe."}]}]
    }
    if resolution:
        row["generationConfig"] = {"mediaResolution": f"MEDIA_RESOLUTION_{resolution}"}
    line = json.dumps(row).encode()
    return validate(Source("train.jsonl", lambda: BytesIO(line), len(line)), model=LITE).training


@pytest.mark.parametrize(
    ("resolution", "model", "tokens", "least", "most"),
    [
        (None, LITE, 1120, 280, 2240),
        ("LOW", LITE, 280, 280, 280),
        ("MEDIUM", LITE, 560, 560, 560),
        ("HIGH", LITE, 1120, 1120, 1120),
        (None, OLD, 1290, 64, 2048),
        ("LOW", OLD, 64, 64, 64),
    ],
)
def test_an_image_counts_by_the_models_table_and_the_rows_resolution(
    resolution: str | None, model: Any, tokens: int, least: int, most: int
) -> None:
    found = count_files(report("image/png", "image/jpeg", resolution=resolution), model)
    assert (found.images, found.least, found.most) == (2 * tokens, 2 * least, 2 * most)
    assert (found.included, found.left_out) == ("2 images", "")


def test_recordings_and_videos_are_a_second_at_least_and_as_long_as_may_be_at_most() -> None:
    found = count_files(report("audio/mp3", "video/mp4"), LITE)
    assert (found.images, found.least, found.most) == (0, 25 + 70, 3600 * 25 + 1200 * (280 + 25))
    assert found.left_out == "1 recording and 1 video"


def test_a_document_is_a_page_at_least_and_nothing_bounds_it() -> None:
    found = count_files(report("application/pdf", "text/plain"), LITE)
    assert (found.least, found.most, found.left_out) == (280 + 1, None, "2 documents")


def test_files_of_a_model_without_a_table_are_left_out() -> None:
    found = count_files(report("image/png"), MODELS["meta/llama4@llama-4-scout-17b-16e-instruct"])
    assert (found.images, found.least, found.most, found.left_out) == (0, 0, None, "1 image")


def test_a_uri_is_no_text() -> None:
    assert report("image/png").tokens.count == report().tokens.count


def test_of_many_rows_some_are_counted_and_stand_for_the_others() -> None:
    line = json.dumps({"prompt": "one two three four", "completion": "five"}).encode() + b"\n"
    other = json.dumps({"prompt": "하나 둘 셋 넷 다섯", "completion": "여섯"}).encode() + b"\n"
    data = line * ALL_OF + other * 4 * ALL_OF
    found = validate(Source("train.jsonl", lambda: BytesIO(data), len(data))).training.tokens
    each = [count_tokens("one two three four") + count_tokens("five")]
    each += [count_tokens("하나 둘 셋 넷 다섯") + count_tokens("여섯")]
    assert found.count == round(ALL_OF * each[0] + 4 * ALL_OF * each[1])


def test_open_models_are_scaled_by_their_rate_and_what_nobody_measured_has_a_wider_range() -> None:
    qwen, gemma = MODELS["qwen/qwen3@qwen3-32b"], MODELS["google/gemma3@gemma-3-27b-it"]
    assert (rate_of(gemma), rate_of(LITE), rate_of(None)) == (1, 1, 1)
    assert rate_of(qwen) == pytest.approx(0.246 / 0.231)
    assert (width_of(OLD), width_of(gemma), width_of(LITE), width_of(qwen)) == (0.15, 0.15, 0.3, 0.3)
