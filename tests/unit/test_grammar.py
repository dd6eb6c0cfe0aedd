"""One grammar for labels wherever they are written, and one way between the two spellings of a property."""

from __future__ import annotations

import json

import pytest

from pulumi_gcp_tuning.config import Settings
from pulumi_gcp_tuning.errors import Refused
from pulumi_gcp_tuning.grammar import camel, snake
from pulumi_gcp_tuning.preflight.spelling import check_labels

LABELS = [
    ("team", "shop_1-x", True),
    ("팀", "상점", True),
    ("k" * 64, "v" * 64, True),
    ("team", "", True),
    ("Team", "shop", False),
    ("_team", "shop", False),
    ("1team", "shop", False),
    ("", "shop", False),
    ("team", "Shop", False),
    ("team", "a b", False),
    ("k" * 65, "v", False),
    ("team", "v" * 65, False),
]


@pytest.mark.parametrize(("key", "value", "fine"), LABELS)
def test_a_default_label_is_judged_as_a_resources_own_label_is(key: str, value: str, *, fine: bool) -> None:
    assert (check_labels({key: value}) == []) is fine
    config = {"gcp:defaultLabels": json.dumps({key: value})}
    if fine:
        assert Settings.resolve(config, {}).default_labels == {key: value}
    else:
        with pytest.raises(Refused, match="at most 64"):
            Settings.resolve(config, {})


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("base_model", "baseModel"),
        ("supervised_tuning_spec", "supervisedTuningSpec"),
        ("content_sha256", "contentSha256"),
        ("crc32c", "crc32c"),
        ("kms_key_name", "kmsKeyName"),
        ("model_service", "modelService"),
    ],
)
def test_a_property_has_two_spellings_that_lead_to_each_other(written: str, stored: str) -> None:
    assert (camel(written), snake(stored)) == (stored, written)


def test_a_word_that_has_the_wanted_spelling_stays() -> None:
    assert (camel("baseModel"), snake("base_model")) == ("baseModel", "base_model")
