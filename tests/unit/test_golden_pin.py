"""`python -m golden.pin` adds what is not pinned yet, and never changes what is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from golden.pin import pin
from support.golden_hashes import KINDS, LEAST, TYPE, keys_of

URN = f"urn:pulumi:dev::shop::{TYPE}:Endpoint::bot"
FIRST = {"declared": "a plain name", "urn": URN, "inputs": {"displayName": "Shop", "resourceUrn": URN}}


@pytest.fixture
def golden(tmp_path: Path) -> Path:
    for name in ("keys", "hashes"):
        (tmp_path / name).mkdir()
        write(tmp_path / name / "0.9.json", {})
    write(tmp_path / "hashes" / "0.10.json", {"endpoint": [FIRST]})
    write(tmp_path / "keys" / "0.10.json", {})
    return tmp_path


def write(file: Path, content: Any) -> None:
    file.write_text(json.dumps(content), encoding="utf-8")


def read(golden: Path, name: str) -> Any:
    return json.loads((golden / name / "0.10.json").read_text(encoding="utf-8"))


def test_the_first_declaration_is_enough_for_a_new_resource(golden: Path) -> None:
    pin(golden)
    endpoints = read(golden, "hashes")["endpoint"]
    assert len(endpoints) == LEAST
    assert len({each["urn"] for each in endpoints}) == len({each["sent"]["id"] for each in endpoints}) == LEAST
    assert {kind: keys["state"] for kind, keys in read(golden, "keys").items()} == {
        kind: keys_of(kind)["state"] for kind in KINDS
    }
    assert (golden / "hashes" / "0.9.json").read_text() == "{}"


def test_what_is_pinned_stays(golden: Path) -> None:
    write(golden / "hashes" / "0.10.json", {"endpoint": [{**FIRST, "sent": {"id": "old"}}] * LEAST})
    write(golden / "keys" / "0.10.json", {kind: {"type": "old"} for kind in KINDS})
    before = read(golden, "hashes"), read(golden, "keys")
    assert pin(golden) == []
    assert (read(golden, "hashes"), read(golden, "keys")) == before
