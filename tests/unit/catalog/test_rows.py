"""The shipped rows: every model of the seeds is there, and every row stands by itself and with the others."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from importlib.resources import files

import pytest

from pulumi_gcp_tuning import catalog
from pulumi_gcp_tuning.config import Settings

# Each line: a model's name as a seed writes it, and the line of the seed that does.
SEED_MODELS = {
    # seed 000: "gemini-1.5-pro-002", "(정식 버전)gemini-1.5-flash-002", "(정식 버전)gemini-1.0-pro-002"
    "gemini-1.5-pro-002": ("GEMINI", ["SUPERVISED"]),
    "gemini-1.5-flash-002": ("GEMINI", ["SUPERVISED"]),
    "gemini-1.0-pro-002": ("GEMINI", ["SUPERVISED"]),
    # seed 001: model = GenerativeModel(model_name="gemini-1.5-flash-001"), asked and not tuned
    "gemini-1.5-flash-001": ("GEMINI", []),
    # seed 001: "Gemini 1.0 Pro로 미세 조정"
    "gemini-1.0-pro": ("GEMINI", ["SUPERVISED"]),
    # seed 002: "다음은 code-bison 및 codechat-bison 모델에 학습시킬 수 있는 항목의 예시입니다."
    "code-bison": ("PIPELINE", ["PIPELINE"]),
    "codechat-bison": ("PIPELINE", ["PIPELINE"]),
    # seed 002: "text-bison@002 ,chat-bison@002 ,code-bison@002 ,codechat-bison@002 와 같은 8k 모델의 경우:"
    "text-bison@002": ("PIPELINE", ["PIPELINE"]),
    "chat-bison@002": ("PIPELINE", ["PIPELINE"]),
    "code-bison@002": ("PIPELINE", ["PIPELINE"]),
    "codechat-bison@002": ("PIPELINE", ["PIPELINE"]),
    # seed 002: "text-bison-32k ,chat-bison-32k ,code-bison-32k ,codechat-bison-32k 와 같은 32k 모델의 경우:"
    "text-bison-32k": ("PIPELINE", ["PIPELINE"]),
    "chat-bison-32k": ("PIPELINE", ["PIPELINE"]),
    "code-bison-32k": ("PIPELINE", ["PIPELINE"]),
    "codechat-bison-32k": ("PIPELINE", ["PIPELINE"]),
    # seed 002: "chat-bison , code-bison , codechat-bison , text-bison 에 대해 다음 조정 측정항목을"
    "text-bison": ("PIPELINE", ["PIPELINE"]),
    "chat-bison": ("PIPELINE", ["PIPELINE"]),
    # seed 003: "base_model": "models/gemini-1.5-flash-001-tuning",
    "models/gemini-1.5-flash-001-tuning": ("GEMINI_API", ["GEMINI_API"]),
    # seed 004: "• Gemma 3 1B IT (google/gemma3@gemma-3-1b-it)" and the thirteen lines after it, with the modes of
    # its table "제한사항" (전체 미세 조정 is FULL, Parameter-Efficient Fine-Tuning is PEFT_ADAPTER)
    "google/gemma3@gemma-3-1b-it": ("OPEN", ["FULL"]),
    "google/gemma3@gemma-3-4b-it": ("OPEN", ["FULL"]),
    "google/gemma3@gemma-3-12b-it": ("OPEN", ["FULL"]),
    "google/gemma3@gemma-3-27b-it": ("OPEN", ["PEFT_ADAPTER", "FULL"]),
    "meta/llama3_1@llama-3.1-8b": ("OPEN", ["PEFT_ADAPTER", "FULL"]),
    "meta/llama3_1@llama-3.1-8b-instruct": ("OPEN", ["PEFT_ADAPTER", "FULL"]),
    "meta/llama3-2@llama-3.2-1b-instruct": ("OPEN", ["FULL"]),
    "meta/llama3-2@llama-3.2-3b-instruct": ("OPEN", ["FULL"]),
    "meta/llama3-3@llama-3.3-70b-instruct": ("OPEN", ["PEFT_ADAPTER", "FULL"]),
    "qwen/qwen3@qwen3-4b": ("OPEN", ["FULL"]),
    "qwen/qwen3@qwen3-8b": ("OPEN", ["FULL"]),
    "qwen/qwen3@qwen3-14b": ("OPEN", ["FULL"]),
    "qwen/qwen3@qwen3-32b": ("OPEN", ["PEFT_ADAPTER", "FULL"]),
    "meta/llama4@llama-4-scout-17b-16e-instruct": ("OPEN", ["PEFT_ADAPTER"]),
}
OF_TODAY = [
    "gemini-3.5-flash",
    "gemini-3.5-flash-lite",
    "gemini-3.1-flash-lite",
    "gemini-2.5-pro",
    "gemini-2.5-flash",
    "gemini-2.5-flash-lite",
    "gemini-2.0-flash-001",
    "gemini-2.0-flash-lite-001",
    "translation-llm-002",
    "google/gemma4@gemma-4-e2b-it",
    "google/gemma4@gemma-4-e4b-it",
    "google/gemma4@gemma-4-26b-a4b-it",
    "google/gemma4@gemma-4-31b-it",
    "google/medgemma@medgemma-1.5-4b-it",
    "qwen/qwen3-5@qwen3.5-9b",
    "qwen/qwen3-6@qwen3.6-27b",
    "qwen/qwen3-6@qwen3.6-35b-a3b",
    "zai-org/glm-4.7-flash@glm-4.7-flash",
    "deepseek-ai/deepseek-r1-0528-maas",
    "deepseek-ai/deepseek-v3.2-maas",
    "qwen/qwen3-next-80b-a3b-thinking-maas",
]
TABLES = {
    "models": catalog.shipped().models,
    "regions": catalog.shipped().regions,
    "products": catalog.shipped().products,
    "accelerators": catalog.shipped().accelerators,
    "quotas": catalog.shipped().quotas,
    "families": catalog.shipped().families,
    "media": catalog.shipped().media,
}
ALL = [row for rows in TABLES.values() for row in rows.values()]
MODELS = list(catalog.shipped().models.values())


@pytest.mark.parametrize("name", SEED_MODELS)
def test_every_model_that_a_seed_names_is_known_with_its_methods(name: str) -> None:
    product, methods = SEED_MODELS[name]
    row = catalog.shipped().find_model(name)
    assert row is not None
    assert row.product == product
    assert [method for method in row.methods if method != "DISTILLATION"] == methods
    assert row.evidence == "seed"


def test_the_fourteen_open_models_of_seed_004_have_its_sequence_lengths() -> None:
    names = [name for name, (product, _) in SEED_MODELS.items() if product == "OPEN"]
    lengths = {name: catalog.shipped().models[name].max_sequence_tokens for name in names}
    assert len(names) == 14
    assert {name for name, length in lengths.items() if length != 8192} == {
        "meta/llama4@llama-4-scout-17b-16e-instruct"
    }
    assert lengths["meta/llama4@llama-4-scout-17b-16e-instruct"] == 2048


@pytest.mark.parametrize("name", OF_TODAY)
def test_every_model_of_the_documentation_is_known(name: str) -> None:
    assert catalog.shipped().find_model(name) is not None


@pytest.mark.parametrize(
    ("written", "row_id"),
    [
        ("publishers/google/models/gemini-3.5-flash", "gemini-3.5-flash"),
        ("publishers/google/models/code-bison@002", "code-bison@002"),
        ("publishers/google/models/gemma3@gemma-3-1b-it", "google/gemma3@gemma-3-1b-it"),
        ("publishers/qwen/models/qwen3@qwen3-32b", "qwen/qwen3@qwen3-32b"),
        ("google/gemma-3-27b-it", "google/gemma3@gemma-3-27b-it"),
        ("gemini-1.5-flash-001-tuning", "models/gemini-1.5-flash-001-tuning"),
        ("gemini-9", None),
        ("", None),
    ],
)
def test_a_model_is_found_however_it_is_written(written: str, row_id: str | None) -> None:
    row = catalog.shipped().find_model(written)
    assert (row.id if row else None) == row_id


@pytest.mark.parametrize("row", ALL, ids=lambda row: row.id)
def test_a_row_names_its_source_and_how_each_field_is_known(row: catalog.Row) -> None:
    assert row.source.strip()
    assert row.evidence != "assumed"
    fields = {field.partition(".")[0] for field in row.field_evidence}
    assert fields <= set(type(row).model_fields)


@pytest.mark.parametrize("row", MODELS, ids=lambda row: row.id)
def test_a_models_places_dates_sizes_and_successor_exist(row: catalog.ModelRow) -> None:
    places = {*row.regions, *(row.cmek_regions or ()), *row.result_locations, *row.result_locations.values()}
    places |= {place for named in row.method_regions.values() for place in named}
    assert places <= set(catalog.shipped().regions)
    assert set(row.cmek_regions or ()) <= set(row.regions)
    assert row.cmek or not row.cmek_regions
    assert set(row.method_regions) <= set(row.methods)
    public = row.public_retirement.day if row.public_retirement is not None else None
    days = [day for day in (row.launched, row.last_tuning, public, row.retired) if day is not None]
    assert days == sorted(set(days))
    assert all(row.retired is not None and row.retired < later for later in row.retired_in.values())
    assert row.public_retirement is None or row.public_retirement.used_since < row.public_retirement.day
    assert row.open_ended <= (row.retired is not None)
    assert row.successor != row.id
    assert set(row.successors) <= set(catalog.shipped().models)
    assert set(row.tuning_stages) <= set(row.methods)
    assert set(row.retired_in) <= set(row.regions)
    assert row.media is None or row.media in catalog.shipped().media
    assert row.default_adapter_size is None or row.default_adapter_size in row.adapter_sizes
    assert row.regions or not row.is_tunable
    assert set(row.tokens_per_character_by_method) <= set(row.methods)
    assert row.product in catalog.shipped().products


def test_an_alias_belongs_to_one_model_and_is_none_itself() -> None:
    aliases = [alias for row in MODELS for alias in row.aliases]
    assert len(aliases) == len(set(aliases))
    assert not set(aliases) & set(catalog.shipped().models)


def test_every_line_of_successors_ends() -> None:
    for row in MODELS:
        seen = [row.id]
        while (following := catalog.shipped().models[seen[-1]].successor) is not None:
            assert following not in seen
            seen.append(following)


LAST_DAYS = [
    (row, day + timedelta(days=1))
    for row in MODELS
    for day in (row.last_tuning, row.retired, row.public_retirement.day if row.public_retirement else None)
    if day is not None and not row.open_ended
]


@pytest.mark.parametrize(("row", "day"), LAST_DAYS, ids=lambda each: getattr(each, "id", str(each)))
def test_a_successor_can_be_tuned_on_the_day_on_which_it_is_offered(row: catalog.ModelRow, day: date) -> None:
    offered = catalog.shipped().live_successors(row, day)
    assert offered
    assert all(catalog.shipped().models[name].standing(day) == "OPEN" for name in offered)


@pytest.mark.parametrize("row", MODELS, ids=lambda row: row.id)
def test_a_slip_in_a_name_is_answered_with_a_model_of_the_same_numbers(row: catalog.ModelRow) -> None:
    meant = catalog.shipped().nearest_model(row.id.replace("a", "", 1))
    assert meant is not None
    assert re.findall(r"\d+", meant) == re.findall(r"\d+", row.id)


def test_the_models_stage_and_the_tunings_are_two() -> None:
    lite, flash = catalog.shipped().models["gemini-3.1-flash-lite"], catalog.shipped().models["gemini-3.5-flash"]
    assert (lite.stage, lite.tuning_stages["SUPERVISED"]) == ("GA", "PREVIEW")
    assert (flash.stage, flash.tuning_stages["REINFORCEMENT"]) == ("GA", "PRE_GA")


@pytest.mark.parametrize("row", [row for row in MODELS if row.serving], ids=lambda row: row.id)
def test_a_tuned_model_is_served_at_one_and_a_half_times_the_price_from_gemini_3_on(row: catalog.ModelRow) -> None:
    assert row.serving is not None
    assert row.serving.tuned_factor == (1.5 if row.id >= "gemini-3" else 1)


@pytest.mark.parametrize("row", [row for row in MODELS if row.id.startswith("gemini-3")], ids=lambda row: row.id)
def test_the_days_of_gemini_3_are_open_ended(row: catalog.ModelRow) -> None:
    assert row.open_ended == (row.retired is not None)


def test_no_id_stands_twice_in_a_file() -> None:
    for table, rows in TABLES.items():
        text = files(catalog).joinpath(f"{table}.json").read_text(encoding="utf-8")
        ids = [row["id"] for row in json.loads(text)[table]]
        assert sorted(ids) == sorted(rows)


def test_a_price_that_is_not_known_is_null_and_one_that_is_names_its_source() -> None:
    unknown = {row.id for row in MODELS if row.is_tunable and row.price is None}
    assert {"gemini-3.5-flash-lite", "qwen/qwen3-5@qwen3.5-9b", "zai-org/glm-4.7-flash@glm-4.7-flash"} <= unknown
    prices = {row.id: row.price for row in MODELS if row.price is not None}
    assert all(price.source for price in prices.values())
    assert prices["gemini-2.0-flash-lite-001"].evidence == "assumed"
    assert (prices["gemini-3.5-flash"].usd_per_million_training_tokens, prices["gemini-3.5-flash"].evidence) == (
        10,
        "docs",
    )
    assert prices["gemini-3.1-flash-lite"].evidence == "docs"
    assert prices["gemini-2.5-pro"].usd_per_million_training_tokens == 25


@pytest.mark.parametrize("row", catalog.shipped().regions.values(), ids=lambda row: row.id)
def test_a_region_is_answered_for_by_the_host_that_the_calls_go_to(row: catalog.RegionRow) -> None:
    assert Settings().origin("aiplatform", row.id) == f"https://{row.host}"


def test_products_accelerators_and_quotas_name_each_other() -> None:
    for product in catalog.shipped().products.values():
        assert {*product.regions, *product.upload_regions} <= set(catalog.shipped().regions)
        assert set(product.quotas) <= set(catalog.shipped().quotas)
    for accelerator in catalog.shipped().accelerators.values():
        quota = catalog.shipped().quotas[accelerator.quota]
        assert accelerator.quota_need == quota.multiple_of
        assert accelerator.compute_region in catalog.shipped().regions
        assert accelerator.cmek == bool(accelerator.cmek_locations)


def test_the_rule_of_seed_002_for_gpu_and_tpu() -> None:
    gpu, tpu = catalog.shipped().accelerators["GPU"], catalog.shipped().accelerators["TPU"]
    assert (gpu.compute_region, gpu.quota_need, gpu.cmek_locations) == ("us-central1", 8, ("us-central1",))
    assert (tpu.compute_region, tpu.quota_need, tpu.cmek) == ("europe-west4", 64, False)
    small, large = catalog.shipped().models["text-bison@002"], catalog.shipped().models["text-bison-32k@002"]
    assert (small.batch_sizes["us-central1"], small.batch_sizes["europe-west4"]) == (8, 24)
    assert (large.batch_sizes["us-central1"], large.batch_sizes["europe-west4"]) == (8, 8)
    assert len(catalog.shipped().products["PIPELINE"].upload_regions) == 13


@pytest.mark.parametrize(
    ("metric", "display_name", "found"),
    [
        ("aiplatform.googleapis.com/global_concurrent_tuning_jobs", "whatever", "concurrent-tuning-jobs"),
        ("aiplatform.googleapis.com/not_the_id", "global concurrent tuning jobs", None),
        (
            "aiplatform.googleapis.com/some_id",
            "Global concurrent managed OSS model fine-tuning jobs per project",
            "concurrent-oss-tuning-jobs",
        ),
        (
            "aiplatform.googleapis.com/other",
            "Restricted image training TPU V3 pod cores per region",
            "tpu-v3-pod-cores",
        ),
        ("aiplatform.googleapis.com/restricted_image_training_tpu_v3_pod", None, "tpu-v3-pod-cores"),
        (None, None, None),
    ],
)
def test_a_quota_is_told_by_its_metric_or_where_that_is_not_known_by_its_name(
    metric: str | None, display_name: str | None, found: str | None
) -> None:
    row = catalog.shipped().find_quota(metric=metric, display_name=display_name)
    assert (row.id if row else None) == found


def test_keys_are_taken_in_the_models_own_regions_only() -> None:
    assert catalog.shipped().models["code-bison@002"].takes_key_in("us-central1")
    assert not catalog.shipped().models["code-bison@002"].takes_key_in("europe-west4")
    assert catalog.shipped().models["gemini-1.0-pro-002"].takes_key_in("us-east1")
    assert not catalog.shipped().models["gemini-1.0-pro-002"].takes_key_in("us-central1")
    assert not catalog.shipped().models["qwen/qwen3@qwen3-32b"].takes_key_in("global")
    assert not catalog.shipped().models["gemini-3.5-flash"].takes_key_in("us-central1")


def test_tokens_a_character_differ_by_mode_for_llama() -> None:
    row = catalog.shipped().models["meta/llama3_1@llama-3.1-8b"]
    assert (row.tokens_per_character_for("PEFT_ADAPTER"), row.tokens_per_character_for("FULL")) == (0.317, 0.247)
    assert catalog.shipped().models["gemini-3.5-flash"].tokens_per_character_for("SUPERVISED") == 0.25


def test_the_defaults_of_gemini_1_0_pro_are_those_of_seed_001() -> None:
    # seed 001: "epochs=4, learning_rate_multiplier=1, adapter_size=1 (default)", from 2 to 12 epochs
    row = catalog.shipped().find_model("gemini-1.0-pro-002")
    assert row is not None
    assert row.epochs is not None
    assert row.learning_rate_multiplier is not None
    assert (row.epochs.default, row.epochs.recommended_from, row.epochs.recommended_to) == (4, 2, 12)
    assert (row.learning_rate_multiplier.default, row.default_adapter_size) == (1, 1)
    assert row.known_by("default_adapter_size") == "seed"


def test_what_no_page_says_of_gemini_3_5_flash_lite_is_assumed() -> None:
    row = catalog.shipped().find_model("gemini-3.5-flash-lite")
    assert row is not None
    assert row.sure_of("methods.SUPERVISED")
    assert row.sure_of("retired")
    assert not any(row.sure_of(field) for field in ("regions.us-central1", "result_locations", "cmek", "adapter_sizes"))
