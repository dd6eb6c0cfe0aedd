from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def lock(checkout: Path) -> str:
    return (checkout / "requirements.lock").read_text(encoding="utf-8")


def test_every_locked_package_has_a_hash(lock: str) -> None:
    entries = re.split(r"\n(?=\S)", lock.strip())
    assert len(entries) > 50
    assert [entry for entry in entries if "--hash=sha256:" not in entry] == []


def test_every_locked_package_is_pinned_to_one_version(lock: str) -> None:
    names = re.findall(r"^([a-z0-9._-]+)(==\S+)? ", lock, flags=re.MULTILINE)
    assert [name for name, pin in names if not pin] == []
    assert len({name for name, _ in names}) == len(names)


def test_the_lock_names_no_address(lock: str) -> None:
    assert "://" not in lock
    assert "--index-url" not in lock
    assert "--find-links" not in lock


def test_the_lock_holds_the_build_backend_for_the_editable_install(lock: str) -> None:
    assert re.search(r"^setuptools==", lock, flags=re.MULTILINE)
