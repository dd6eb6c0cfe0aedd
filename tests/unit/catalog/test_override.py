"""A user's rows over the catalogue: what they change, and what is refused with its place."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_gcp_tuning import catalog
from pulumi_gcp_tuning.catalog import Catalogue, override_from
from pulumi_gcp_tuning.errors import Refused

NEW_MODEL: dict[str, Any] = {
    "id": "gemini-9-flash",
    "publisher": "google",
    "product": "GEMINI",
    "methods": ["SUPERVISED"],
    "regions": ["us-central1"],
    "cmek": False,
    "stage": "GA",
    "source": "my own notes",
    "as_of": "2027-01-01",
}


def refusal(override: Mapping[str, Any]) -> str:
    with pytest.raises(Refused) as refused:
        Catalogue.load(override)
    return str(refused.value)


def test_no_override_is_the_shipped_catalogue() -> None:
    assert Catalogue.load().models == catalog.shipped().models


def test_a_row_of_a_known_id_changes_the_fields_that_it_gives() -> None:
    known = Catalogue.load(
        {"models": [{"id": "gemini-3.5-flash", "last_tuning": "2028-01-01", "retired": "2028-02-01"}]}
    )
    row = known.models["gemini-3.5-flash"]
    assert row.last_tuning == date(2028, 1, 1)
    assert row.regions == catalog.shipped().models["gemini-3.5-flash"].regions
    assert "changed by gcp-tuning:catalog" in row.source
    assert known.models["gemini-3.1-flash-lite"] == catalog.shipped().models["gemini-3.1-flash-lite"]


def test_the_shipped_catalogue_stays_as_it_was() -> None:
    Catalogue.load({"models": [{"id": "gemini-3.5-flash", "cmek": True}]})
    assert catalog.shipped().models["gemini-3.5-flash"].cmek is False


def test_what_the_user_states_is_assumed_no_more() -> None:
    assert not catalog.shipped().models["gemini-1.0-pro-002"].sure_of("regions")
    known = Catalogue.load({"models": [{"id": "gemini-1.0-pro-002", "regions": ["us-central1"]}]})
    assert known.models["gemini-1.0-pro-002"].sure_of("regions")
    assert not known.models["gemini-1.0-pro-002"].sure_of("adapter_sizes")


def test_a_new_id_is_a_new_row_and_found_like_the_others() -> None:
    known = Catalogue.load({"models": [NEW_MODEL]})
    assert known.find_model("publishers/google/models/gemini-9-flash") is not None
    assert "gemini-9-flash" in known.tunable_models(date(2027, 1, 1))


def test_a_metric_that_was_not_known_can_be_given() -> None:
    known = Catalogue.load(
        {"quotas": [{"id": "concurrent-oss-tuning-jobs", "metric": "aiplatform.googleapis.com/oss"}]}
    )
    row = known.find_quota(metric="aiplatform.googleapis.com/oss", display_name="another name")
    assert row is not None
    assert row.id == "concurrent-oss-tuning-jobs"


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ({"model": []}, ["model: there is no such table (did you mean models?)."]),
        ({"models": {}}, ["models: it is not a list of rows."]),
        ({"models": ["gemini-3.5-flash"]}, ["models[0]: a row is an object with an id."]),
        ({"models": [{"cmek": True}]}, ["models[0]: a row is an object with an id."]),
        (
            {"models": [{"id": "gemini-3.5-flash", "adaptor_sizes": [1]}]},
            ["models[0].adaptor_sizes: there is no such key (did you mean adapter_sizes?)."],
        ),
        (
            {"models": [{"id": "gemini-3.5-flash", "epochs": {"maximun": 3}}]},
            ["models[0].epochs.maximun: there is no such key (did you mean maximum?)."],
        ),
        ({"models": [{"id": "gemini-3.5-flash", "methods": ["SFT"]}]}, ["models[0].methods[0]: input should be"]),
        ({"models": [{"id": "gemini-3.5-flash", "retired": "soon"}]}, ["models[0].retired:"]),
        ({"models": [{"id": "new", "cmek": True}]}, ["models[0].publisher: it is missing; new is a new row"]),
        (
            {"models": [{"id": "gemini-3.5-flash", "regions": ["us-centra1"]}]},
            ["models gemini-3.5-flash: there is no region 'us-centra1' (did you mean us-central1?)."],
        ),
        (
            {"models": [{"id": "gemini-3.5-flash", "successor": "gemini-3.5-flsh-lite"}]},
            ["the successor 'gemini-3.5-flsh-lite' is not in the catalogue (did you mean gemini-3.5-flash-lite?)."],
        ),
        (
            {"accelerators": [{"id": "GPU", "quota": "a100"}]},
            ["accelerators GPU: there is no quota 'a100'"],
        ),
        (
            {"models": [{"id": "gemini-3.5-flash"}, {"id": "gemini-3.5-flash"}]},
            ["models[1]: gemini-3.5-flash is in the list twice."],
        ),
        (
            {"modles": [], "quotas": [{"id": "serving-l4-gpus", "multiple_of": 0}]},
            ["modles: there is no such table", "quotas[0].multiple_of:"],
        ),
    ],
)
def test_what_is_wrong_is_refused_with_its_place(override: Mapping[str, Any], said: list[str]) -> None:
    text = refusal(override)
    assert text.startswith("The catalogue gcp-tuning:catalog cannot be used:")
    assert all(words in text for words in said)


def test_a_file_is_read_and_named_in_what_is_said(tmp_path: Path) -> None:
    file = tmp_path / "mine.json"
    file.write_text(json.dumps({"models": [NEW_MODEL]}), encoding="utf-8")
    assert "gemini-9-flash" in Catalogue.load(file).models
    file.write_text('{"models": [', encoding="utf-8")
    with pytest.raises(Refused, match=r"mine\.json is not JSON: line 1"):
        Catalogue.load(file)
    file.write_bytes(b'{"models": "\xff"}')
    with pytest.raises(Refused, match="not UTF-8"):
        Catalogue.load(file)
    file.write_text("[]", encoding="utf-8")
    with pytest.raises(Refused, match="is not an object"):
        Catalogue.load(file)
    with pytest.raises(Refused, match="cannot be read: No such file"):
        Catalogue.load(tmp_path / "missing.json")


def test_the_variable_stands_before_the_configuration() -> None:
    config, env = {"gcp-tuning:catalog": '{"models": []}'}, {"GCP_TUNING_CATALOG": "mine.json"}
    assert override_from({}, {}) is None
    assert override_from(config, env) == Path("mine.json")
    assert override_from(config, {}) == {"models": []}
    assert override_from({"gcp-tuning:catalog": "mine.json"}, {}) == Path("mine.json")
    with pytest.raises(Refused, match="gcp-tuning:catalog is not JSON"):
        override_from({"gcp-tuning:catalog": "{"}, {})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
FIELDS = st.sampled_from([*catalog.ModelRow.model_fields, "x"])
ROWS = st.dictionaries(FIELDS, JSON, max_size=4).map(lambda row: {**row, "id": "gemini-3.5-flash"})


@given(st.dictionaries(st.sampled_from(["models", "regions", "quotas", "x"]), JSON | st.lists(ROWS | JSON, max_size=2)))
def test_any_override_is_taken_or_refused_and_never_raises_otherwise(override: dict[str, Any]) -> None:
    with suppress(Refused):
        assert Catalogue.load(override).models
