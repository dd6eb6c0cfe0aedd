"""The files of tests/golden are the same on every machine and are written once."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from golden import make_states
from support.golden_states import ORIGIN, STATES, keep_state

RELEASES = sorted(folder for folder in STATES.iterdir() if folder.is_dir())
PLACES = re.compile(r"127\.0\.0\.1|localhost|/(home|root|tmp|Users|work)/|sourcePosition")
MOST_BYTES = 2_000_000


def test_a_version_that_is_there_is_not_written_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(make_states, "version", lambda _package: "7.3.1")
    monkeypatch.setattr(make_states, "makings", dict)
    (tmp_path / "state" / "7.3").mkdir(parents=True)
    with pytest.raises(SystemExit, match=r"state/7\.3 is there already.*Nothing was written"):
        make_states.main(tmp_path / "state")


@pytest.mark.parametrize("release", RELEASES, ids=lambda folder: folder.name)
def test_the_states_of_a_release_name_no_place_on_a_machine(release: Path) -> None:
    for file in (each for each in release.rglob("*") if each.is_file()):
        found = PLACES.search(file.read_text(encoding="utf-8"))
        assert found is None, f"{file} holds {found}"


def test_a_state_is_kept_without_the_places_that_the_engine_notes(tmp_path: Path) -> None:
    noted = {"resources": [{"sourcePosition": "project:///x.py#1", "stackTrace": [{}], "origin": "http://127.0.0.1:8"}]}
    (tmp_path / "dev.json").write_text(json.dumps(noted), encoding="utf-8")
    keep_state(tmp_path, tmp_path / "dev.json", "http://127.0.0.1:8")
    assert json.loads((tmp_path / "state.json").read_text(encoding="utf-8")) == {"resources": [{"origin": ORIGIN}]}


def test_all_golden_files_together_stay_small() -> None:
    assert sum(file.stat().st_size for file in STATES.parent.rglob("*") if file.is_file()) < MOST_BYTES
