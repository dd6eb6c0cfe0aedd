"""What open models start from and leave behind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_gcp_tuning.preflight.artifacts import check_custom_base_model, check_output_uri
from pulumi_gcp_tuning.preflight.facts import NOT_ASKED, Fact, Known, Listing, Missing
from support.findings import assert_documented, assert_found

FOLDER = "gs://my-bucket/checkpoint"
MODEL = "qwen/qwen3@qwen3-32b"
PATH = "custom_base_model"
UNREAD = Missing(subject="the objects under it", reason="403 Forbidden", needs="storage.objects.list")
CONFIG: Known[Mapping[str, Any] | None] = Known({"model_type": "qwen3"})
GOOD = Known(Listing(names=("checkpoint/config.json", "checkpoint/model-00001-of-00002.safetensors")))


def listing(*names: str, complete: bool = True) -> Known[Listing]:
    return Known(Listing(names=names, complete=complete))


def test_an_open_model_without_output_uri_is_refused_in_googles_words() -> None:
    found = check_output_uri(None, "OPEN")
    assert_found(
        found,
        path="output_uri",
        check="artifacts",
        says="The output_uri field is required for this model.",
        way_out="gs://my-bucket/tuned",
    )
    assert check_output_uri("gs://my-bucket/tuned", "OPEN") == []
    assert check_output_uri("gs://my-bucket", "OPEN") == []
    assert check_output_uri(None, "OPEN", is_set=True) == []


def test_a_gemini_model_has_no_output_uri() -> None:
    found = check_output_uri("gs://my-bucket/tuned", "GEMINI")
    assert_found(found, path="output_uri", check="artifacts", says="is for open models", way_out="Leave it out")
    assert check_output_uri(None, "GEMINI") == []


@pytest.mark.parametrize(
    ("uri", "says", "way_out"),
    [
        ("/tuned", "does not start with gs://", "gs://my-bucket/folder"),
        ("s3://my-bucket/tuned", "does not start with gs://", "gs://my-bucket/folder"),
        ("gs://my-bucket/train.jsonl", "names a file", "Use its folder: gs://my-bucket"),
    ],
)
def test_an_output_uri_that_is_no_folder_is_refused(uri: str, says: str, way_out: str) -> None:
    assert_found(check_output_uri(uri, "OPEN"), path="output_uri", check="artifacts", says=says, way_out=way_out)


def test_a_checkpoint_of_the_base_models_architecture_passes() -> None:
    assert check_custom_base_model(FOLDER, MODEL, "OPEN", GOOD, CONFIG) == []
    assert check_custom_base_model(f"{FOLDER}/", MODEL, "OPEN", GOOD, CONFIG) == []
    assert check_custom_base_model(None, MODEL, "OPEN", UNREAD, UNREAD) == []


def test_a_checkpoint_without_a_base_model_is_refused() -> None:
    found = check_custom_base_model(FOLDER, None, "OPEN", GOOD, CONFIG)
    assert_found(found, path="base_model", check="artifacts", says="also needs base_model", way_out="Set base_model")
    assert check_custom_base_model(FOLDER, None, "OPEN", GOOD, CONFIG, base_model_is_set=True) == []


def test_a_checkpoint_with_a_gemini_model_is_refused() -> None:
    found = check_custom_base_model(FOLDER, "gemini-2.5-flash", "GEMINI", GOOD, CONFIG)
    assert_found(found, path=PATH, check="artifacts", says="cannot start from a checkpoint", way_out="open model")


@pytest.mark.parametrize(
    ("names", "says", "way_out"),
    [
        ((), "is empty", "config.json and *.safetensors"),
        (("checkpoint/pytorch_model.bin",), "has no *.safetensors", "config.json and *.safetensors"),
        (("checkpoint/model.safetensors",), "no config.json", "Copy the checkpoint's config.json"),
        (("checkpoint-2/config.json", "checkpoint-2/model.safetensors"), "is empty", "config.json and"),
        (
            ("checkpoint/a/model.safetensors", "checkpoint/final/model.safetensors"),
            "its subfolders do",
            "Did you mean gs://my-bucket/checkpoint/final?",
        ),
    ],
)
def test_a_folder_that_is_no_checkpoint_is_refused(names: tuple[str, ...], says: str, way_out: str) -> None:
    found = check_custom_base_model(FOLDER, MODEL, "OPEN", listing(*names), CONFIG)
    assert_found(found, path=PATH, check="artifacts", says=says, way_out=way_out)


def test_the_output_of_a_tuning_job_needs_no_config() -> None:
    folder = "tuned/postprocess/node-0/checkpoints/final"
    names = listing(f"{folder}/model-00001-of-00002.safetensors")
    assert check_custom_base_model(f"gs://my-bucket/{folder}", MODEL, "OPEN", names, Known(None)) == []


def test_the_output_uri_of_a_tuning_job_is_not_its_checkpoint_and_the_folder_is_named() -> None:
    names = listing("tuned/postprocess/node-0/checkpoints/final/model.safetensors")
    found = check_custom_base_model("gs://my-bucket/tuned", MODEL, "OPEN", names, Known(None))
    way_out = "gs://my-bucket/tuned/postprocess/node-0/checkpoints/final?"
    assert_found(found, path=PATH, check="artifacts", says="its subfolders do", way_out=way_out)


@pytest.mark.parametrize(
    ("model", "right", "wrong"),
    [
        ("qwen/qwen3@qwen3-32b", "qwen3", "llama"),
        ("meta/llama3_1@llama-3.1-8b", "llama", "qwen3"),
        ("meta/llama3-3@llama-3.3-70b-instruct", "llama", "llama4"),
        ("meta/llama4@llama-4-scout-17b-16e-instruct", "llama4", "llama"),
        ("google/gemma3@gemma-3-27b-it", "gemma3", "gemma2"),
        ("google/gemma3@gemma-3-1b-it", "gemma3_text", "gemma3"),
    ],
)
def test_a_checkpoint_of_another_architecture_is_refused(model: str, right: str, wrong: str) -> None:
    assert check_custom_base_model(FOLDER, model, "OPEN", GOOD, Known({"model_type": right})) == []
    found = check_custom_base_model(FOLDER, model, "OPEN", GOOD, Known({"model_type": wrong}))
    assert_found(found, path=PATH, check="artifacts", says=f"says model_type '{wrong}'", way_out="Set base_model")


@pytest.mark.parametrize("model", ["google/gemma-3-1b-it", "publishers/google/models/gemma3@gemma-3-1b-it"])
def test_a_model_by_another_of_its_names_has_the_same_architecture(model: str) -> None:
    assert check_custom_base_model(FOLDER, model, "OPEN", GOOD, Known({"model_type": "gemma3_text"})) == []
    assert check_custom_base_model(FOLDER, model, "OPEN", GOOD, Known({"model_type": "gemma3"})) != []


def test_a_model_whose_architecture_is_not_known_is_not_judged() -> None:
    assert check_custom_base_model(FOLDER, "zai/glm@glm-4.7-flash", "OPEN", GOOD, Known({"model_type": "x"})) == []


def test_objects_that_cannot_be_listed_are_one_warning_and_not_asked_none() -> None:
    found = check_custom_base_model(FOLDER, MODEL, "OPEN", UNREAD, UNREAD)
    assert_found(found, path=PATH, check="artifacts", says="403", way_out="storage.objects.list", severity="warn")
    assert check_custom_base_model(FOLDER, MODEL, "OPEN", GOOD, UNREAD)[0].severity == "warn"
    assert check_custom_base_model(FOLDER, MODEL, "OPEN", NOT_ASKED, NOT_ASKED) == []
    assert check_custom_base_model(FOLDER, MODEL, "OPEN", listing(complete=False), NOT_ASKED) == []


TEXT = st.none() | st.text() | st.sampled_from([FOLDER, "gs://my-bucket", "gs://my-bucket//", MODEL])
LISTINGS: st.SearchStrategy[Fact[Listing]] = st.one_of(
    st.sampled_from([NOT_ASKED, UNREAD, GOOD]),
    st.builds(Known, st.builds(Listing, names=st.lists(st.text() | st.just("a.safetensors")).map(tuple))),
)
CONFIGS: st.SearchStrategy[Fact[Mapping[str, Any] | None]] = st.one_of(
    st.sampled_from([NOT_ASKED, UNREAD, Known(None)]),
    st.builds(Known, st.dictionaries(st.just("model_type"), st.text() | st.none() | st.integers())),
)


@given(TEXT, TEXT, st.sampled_from(["OPEN", "GEMINI", "PIPELINE", None]), LISTINGS, CONFIGS)
def test_any_arguments_with_any_facts_give_findings(
    uri: str | None,
    model: str | None,
    product: Any,
    names: Fact[Listing],
    config: Fact[Mapping[str, Any] | None],
) -> None:
    assert_documented(check_custom_base_model(uri, model, product, names, config))
    assert_documented(check_output_uri(uri, product))
