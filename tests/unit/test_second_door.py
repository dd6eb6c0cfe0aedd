"""What a second door needs of the code: no identity hangs on the type tokens of one door."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from support.golden_hashes import send

PROVIDER = Path(__file__).resolve().parents[2] / "provider" / "pulumi_gcp_tuning"
GOLDEN = Path(__file__).parents[1] / "golden" / "hashes"
NAMES = PROVIDER / "names.py"
DYNAMIC, NATIVE = "pulumi-python:dynamic/gcptuning:", "gcptuning:index:"
OF_ONE_COMMAND = {"resources/core/seen.py"}
"""Files that hash a URN as it is, because nothing of the hash outlives the command."""


def python_files() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(PROVIDER.rglob("*.py")):
        if path != NAMES:
            yield path.relative_to(PROVIDER).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


def test_the_type_chain_of_a_urn_is_read_where_it_is_mapped_and_nowhere_else() -> None:
    readers = {
        file
        for file, tree in python_files()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr == "type_chain"
    }
    assert readers == set(), "use identity_of(urn) for what is hashed and urn.kind for what is shown"


def test_a_urn_is_hashed_where_its_types_are_mapped_and_nowhere_else() -> None:
    hashing = {file for file, tree in python_files() for node in ast.walk(tree) if hashes_a_urn(node)}
    assert hashing == OF_ONE_COMMAND, (
        "hash identity_of(urn) instead of the URN: another door spells its types otherwise"
    )


def hashes_a_urn(node: ast.AST) -> bool:
    """Whether it is a call of hashlib over something that is called a URN."""
    if not isinstance(node, ast.Call) or not ast.unparse(node.func).startswith("hashlib."):
        return False
    return any("urn" in ast.unparse(each).lower() for each in node.args)


def test_a_hash_of_a_urn_is_seen_by_this_test() -> None:
    (call,) = (each for each in ast.walk(ast.parse("hashlib.sha256(f'{call.urn}'.encode())")) if hashes_a_urn(each))
    assert isinstance(call, ast.Call)


def declarations() -> list[Any]:
    """Of every kind, one plain declaration and all that are below a parent."""
    return [
        pytest.param(kind, each, id=f"{file.stem}-{kind}-{each['declared']}")
        for file in sorted(GOLDEN.glob("*.json"))
        for kind, found in json.loads(file.read_text(encoding="utf-8")).items()
        for each in found
        if each["declared"] == "a plain name" or "$" in each["urn"]
    ]


@pytest.mark.parametrize(("kind", "declaration"), declarations())
def test_under_the_type_tokens_of_a_native_provider_everything_is_found_again(
    kind: str, declaration: dict[str, Any], tmp_path: Path
) -> None:
    native = declaration["urn"].replace(DYNAMIC, NATIVE)
    inputs = {key: value for key, value in declaration["inputs"].items() if key != "resourceUrn"}
    assert native != declaration["urn"]
    sent = send(kind, {**declaration, "urn": native, "inputs": inputs}, tmp_path)
    assert {key: sent.get(key) for key in declaration["sent"]} == declaration["sent"]


def test_the_door_and_the_host_hold_nothing_that_another_door_would_need() -> None:
    words = {"api_origin", "GCP_TUNING_BASE_URL", "effectiveLabels", "fromResources", "secretLabels", "EngineStub"}
    found = {
        (file, word)
        for file in ("dynamic.py", "host.py", "properties.py")
        for word in words
        if word in (PROVIDER / file).read_text(encoding="utf-8")
    }
    assert found == set(), "this belongs to resources/core/ or to engine.py"
