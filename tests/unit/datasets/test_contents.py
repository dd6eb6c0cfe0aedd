"""The words of a file as contents that Google can count."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

from pulumi_gcp_tuning.datasets import Source, validate
from pulumi_gcp_tuning.datasets.contents import HeadKept, read_words


def row(question: str, answer: str, **more: Any) -> bytes:
    turns = [{"role": "user", "parts": [{"text": question}]}, {"role": "model", "parts": [{"text": answer}]}]
    return json.dumps({"contents": turns, **more}).encode() + b"\n"


def test_the_words_of_a_row_are_its_instruction_and_its_turns() -> None:
    file = row("Where?", "Here.", systemInstruction={"parts": [{"text": "Be brief."}]})
    (words,) = read_words(BytesIO(file), 100)
    assert words.contents == [{"role": "user", "parts": [{"text": "Be brief."}, {"text": "Where?"}, {"text": "Here."}]}]
    assert (words.characters, words.more) == (20, False)


def test_rows_come_in_requests_that_stay_within_the_limit_and_none_is_lost() -> None:
    file = b"".join(row("x" * 10, str(n)) for n in range(10))
    found = list(read_words(BytesIO(file), 35))
    assert [len(words.contents) for words in found] == [3, 3, 3, 1]
    assert [words.more for words in found] == [True, True, True, False]
    answers = [each["parts"][1]["text"] for words in found for each in words.contents]
    assert answers == [str(n) for n in range(10)]


def test_a_row_that_is_longer_than_the_limit_stands_alone() -> None:
    found = list(read_words(BytesIO(row("a", "b") + row("x" * 100, "c") + row("d", "e")), 50))
    assert [words.characters for words in found] == [2, 101, 2]


def test_what_is_no_row_is_passed_over() -> None:
    (words,) = read_words(BytesIO(b"\xef\xbb\xbf" + row("a", "b") + b"[1]\nnonsense\n\n{}\n\xff\n"), 100)
    assert words.characters == 2


def test_the_characters_are_those_that_the_validator_counts() -> None:
    file = b"".join(row(f"Где {n}?", "여기.", systemInstruction={"parts": [{"text": "Kurz."}]}) for n in range(40))
    report = validate(Source("t.jsonl", lambda: BytesIO(file)))
    assert sum(words.characters for words in read_words(BytesIO(file), 200)) == report.training.characters


def test_the_head_of_a_file_is_kept_while_it_is_read() -> None:
    file = b"".join(row(f"{n:03}", "yes") for n in range(100))
    kept = HeadKept(BytesIO(file), len(file) // 2 - 1)
    with kept:
        assert kept.read(7) + kept.read(10_000) + kept.read() == file
    words = kept.words(10_000)
    assert words is not None
    assert (len(words.contents), words.more) == (49, True)


def test_a_short_file_is_kept_whole() -> None:
    kept = HeadKept(BytesIO(row("a", "b")), 10_000)
    kept.read()
    words = kept.words(10_000)
    assert words is not None
    assert (len(words.contents), words.more) == (1, False)


def test_a_file_without_words_has_none() -> None:
    kept = HeadKept(BytesIO(b"[1]\n"), 100)
    kept.read()
    assert kept.words(100) is None
