"""Examples that a program gives as a list: their hash is declared, their rows are in a private file while it runs."""

from __future__ import annotations

import hashlib
import json
import os
import stat
from pathlib import Path
from typing import Any

import pulumi
import pytest

import pulumi_gcp_tuning as tuning
from pulumi_gcp_tuning.inline_examples import find_examples
from support.recorded_engine import Recorder, run

BASE = "models/gemini-1.5-flash-001-tuning"
EXAMPLES = [{"text_input": "a customer's question", "output": "2"}]
LINES = "".join(json.dumps(each) + "\n" for each in EXAMPLES).encode()


@pytest.fixture(autouse=True)
def temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


def declare(source: Any) -> None:
    run(lambda: tuning.GeminiApiTunedModel("m", base_model=BASE, source=source))


def test_of_a_list_only_the_hash_is_declared(engine: Recorder) -> None:
    declare(EXAMPLES)
    told = {
        "baseModel": BASE,
        "source": "(examples of the program)",
        "contentSha256": hashlib.sha256(LINES).hexdigest(),
    }
    assert engine.inputs("m") == told


def test_the_rows_are_where_the_provider_finds_them(engine: Recorder) -> None:
    declare(EXAMPLES)
    path = find_examples(engine.inputs("m")["contentSha256"])
    assert path is not None
    assert path.read_bytes() == LINES


def test_nobody_else_can_read_the_rows(engine: Recorder) -> None:
    declare(EXAMPLES)
    path = find_examples(engine.inputs("m")["contentSha256"])
    assert path is not None
    assert [stat.S_IMODE(each.stat().st_mode) for each in (path, path.parent)] == [0o600, 0o700]


def test_a_folder_that_others_can_read_is_not_used(temporary_folder: Path) -> None:
    (temporary_folder / f"gcp-tuning-{os.getuid()}").mkdir(mode=0o755)
    with pytest.raises(pulumi.RunError, match="Write the examples to a JSONL file"):
        declare(EXAMPLES)


def test_a_file_is_declared_as_that_of_a_dataset(engine: Recorder, temporary_folder: Path) -> None:
    (temporary_folder / "pairs.jsonl").write_bytes(LINES)
    declare(temporary_folder / "pairs.jsonl")
    assert engine.inputs("m")["contentSha256"] == hashlib.sha256(LINES).hexdigest()


@pytest.mark.parametrize("example", ["x", {"text_input": "x"}, {"text_input": "x", "output": 3}])
def test_what_is_no_pair_of_texts_is_refused_with_its_place(example: Any) -> None:
    with pytest.raises(pulumi.RunError, match=r"source\[1\]: an example is a dict") as refused:
        declare([*EXAMPLES, example])
    assert "customer" not in str(refused.value)
