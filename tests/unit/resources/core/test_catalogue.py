"""A user's rows over the catalogue, as a run finds them: a file beside Pulumi.yaml, or an object in the configuration."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from pulumi_gcp_tuning import catalog
from pulumi_gcp_tuning.catalog import Catalogue
from pulumi_gcp_tuning.config import Settings
from pulumi_gcp_tuning.errors import Refused
from pulumi_gcp_tuning.preflight.places import check_location, check_model
from pulumi_gcp_tuning.preflight.quota import need_of
from pulumi_gcp_tuning.resources.core.catalogue import catalogue_of

LATER = {"models": [{"id": "gemini-2.5-pro", "last_tuning": "2030-01-01", "retired": "2030-02-01"}]}
TODAY = date(2026, 11, 21)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with rows of its own, and a program that runs in a folder of it."""
    (tmp_path / "Pulumi.yaml").write_text("name: shop\nruntime: python\nmain: program\n", encoding="utf-8")
    (tmp_path / "rows.json").write_text(json.dumps(LATER), encoding="utf-8")
    (tmp_path / "program").mkdir()
    monkeypatch.chdir(tmp_path / "program")
    return tmp_path


def test_a_path_is_looked_for_from_the_folder_of_pulumi_yaml(folder: Path) -> None:
    settings = Settings.resolve({"gcp-tuning:catalog": "rows.json"}, {})
    assert "gemini-2.5-pro" in catalogue_of(settings).tunable_models(TODAY)
    absolute = Settings.resolve({}, {"GCP_TUNING_CATALOG": str(folder / "rows.json")})
    assert "gemini-2.5-pro" in catalogue_of(absolute).tunable_models(TODAY)


def test_an_object_in_the_configuration_is_the_rows_themselves() -> None:
    settings = Settings.resolve({"gcp-tuning:catalog": json.dumps(LATER)}, {})
    assert "gemini-2.5-pro" in catalogue_of(settings).tunable_models(TODAY)
    assert catalogue_of(Settings.resolve({}, {})) is catalog.shipped()


def test_rows_that_cannot_be_used_are_refused_with_their_place() -> None:
    settings = Settings.resolve({"gcp-tuning:catalog": '{"models": [{"id": "gemini-2.5-pro", "retird": 1}]}'}, {})
    with pytest.raises(Refused, match=r"models\[0\]\.retird: there is no such key \(did you mean retired\?\)\.$"):
        catalogue_of(settings)


def test_a_check_reads_only_the_tables_that_it_needs() -> None:
    known = Catalogue()
    assert check_location("us-central1", catalogue=known) == []
    assert set(vars(known)) & set(catalog.override.TABLES) == {"regions"}
    assert check_model("gemini-3.5-flash", "us-central1", TODAY, catalogue=known) == []
    need_of("gemini", catalogue=known)
    assert set(vars(known)) & set(catalog.override.TABLES) == {"regions", "models", "quotas"}
