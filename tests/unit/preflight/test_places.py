"""Model, method, region and day: each rule refuses one case, and its neighbour passes."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_gcp_tuning import catalog
from pulumi_gcp_tuning.catalog import TUNING_METHODS, Catalogue, Method
from pulumi_gcp_tuning.errors import Finding, Printed
from pulumi_gcp_tuning.preflight.places import (
    check_accelerator,
    check_location,
    check_model,
    check_pre_tuned_model,
)
from pulumi_gcp_tuning.wording import PYTHON

TODAY = date(2026, 11, 21)
GEMINI = "gemini-3.5-flash"
GEMMA = "google/gemma3@gemma-3-1b-it"


def only(findings: list[Finding]) -> Printed:
    assert len(findings) == 1, findings
    return findings[0].printed(PYTHON)


def test_a_misspelt_region_is_refused_with_the_nearest_one() -> None:
    found = only(check_location("us-centra1"))
    assert (found.path, found.check, found.severity) == ("location", "region", "error")
    assert found.problem == "The region 'us-centra1' does not exist."
    assert found.remedy == "Did you mean us-central1?"
    assert check_location("us-central1") == []


@pytest.mark.parametrize("place", ["global", "us", "eu"])
def test_gemini_is_not_tuned_outside_single_regions(place: str) -> None:
    found = only(check_location(place, base_model=GEMINI))
    assert found.path == "location"
    assert "A Gemini model cannot be tuned" in found.problem
    assert "single region" in found.remedy
    assert check_location("europe-west4", base_model=GEMINI) == []


def test_the_region_whose_results_appear_in_a_multi_region_is_the_way_out() -> None:
    assert "such as europe-west4." in only(check_location("eu", base_model="gemini-3.5-flash")).remedy
    assert "such as us-central1." in only(check_location("us", base_model="gemini-3.5-flash")).remedy
    assert "such as us-central1." in only(check_location("eu", base_model="gemini-2.5-flash")).remedy


def test_a_bison_model_is_not_called_a_gemini_model() -> None:
    assert (
        "A bison model cannot be tuned in 'global'" in only(check_location("global", base_model="code-bison")).problem
    )


def test_an_open_model_is_tuned_at_global_but_not_in_a_multi_region() -> None:
    assert check_location("global", base_model=GEMMA) == []
    assert check_model(GEMMA, "global", TODAY, method="FULL") == []
    assert "An open model" in only(check_location("us", base_model=GEMMA)).problem


@pytest.mark.parametrize(
    ("model", "method", "refused", "fine"),
    [
        (GEMINI, "SUPERVISED", "asia-east1", "us-central1"),
        (GEMINI, "REINFORCEMENT", "europe-west4", "us-central1"),
        (GEMMA, "FULL", "europe-west1", "us-east5"),
        ("translation-llm-002", "SUPERVISED", "europe-west4", "us-central1"),
    ],
)
def test_a_region_that_does_not_offer_the_model_is_refused_with_those_that_do(
    model: str, method: Method, refused: str, fine: str
) -> None:
    found = only(check_model(model, refused, TODAY, method=method))
    assert (found.path, found.check, found.severity) == ("location", "region", "error")
    assert refused in found.problem
    assert "us-central1" in found.remedy
    assert check_model(model, fine, TODAY, method=method) == []


def test_a_pipeline_runs_in_thirteen_regions() -> None:
    day = date(2024, 3, 1)
    found = only(check_model("code-bison@002", "us-east1", day, method="PIPELINE"))
    assert found.path == "location"
    assert found.evidence == "seed"
    assert check_model("code-bison@002", "asia-northeast3", day, method="PIPELINE") == []


def test_what_the_catalogue_only_assumes_of_a_region_is_a_warning() -> None:
    day = date(2025, 7, 1)
    assumed = only(check_model("gemini-2.5-flash", "us-west2", day))
    assert (assumed.severity, assumed.evidence) == ("warn", "assumed")
    known = only(check_model("gemini-2.5-flash", "africa-south1", day))
    assert known.severity == "error"


def test_other_models_of_the_region_are_offered() -> None:
    found = check_model(GEMINI, "asia-east1", date(2026, 6, 1))
    assert "or in asia-east1 one of gemini-2.5-pro" in only(found).remedy


def test_an_unknown_model_is_refused_with_the_nearest_one() -> None:
    found = only(check_model("gemini-3.5-flsh", "us-central1", TODAY))
    assert (found.path, found.check) == ("base_model", "model")
    assert "Did you mean gemini-3.5-flash?" in found.remedy
    assert "checks={'model': 'warn'}" in found.remedy
    assert check_model(GEMINI, "us-central1", TODAY) == []


def test_the_nearest_model_is_one_that_can_be_tuned() -> None:
    found = only(check_model("gemini-1.5-flash-01", "us-central1", date(2025, 1, 1)))
    assert "gemini-1.5-flash-002" in found.remedy


def test_a_mode_that_an_open_model_does_not_offer_is_refused_where_it_was_asked_for() -> None:
    found = only(check_model(GEMMA, "us-central1", TODAY, method="PEFT_ADAPTER"))
    assert (found.path, found.check) == ("supervised_tuning_spec.tuning_mode", "model")
    assert "Set tuning_mode to FULL" in found.remedy
    assert check_model("google/gemma3@gemma-3-27b-it", "us-central1", TODAY, method="PEFT_ADAPTER") == []


def test_an_open_model_without_a_mode_is_refused_with_models_that_need_none() -> None:
    found = only(check_model("qwen/qwen3@qwen3-32b", "us-central1", TODAY))
    assert found.path == "base_model"
    assert found.remedy.startswith("Use one of gemini-3.5-flash, ")


@pytest.mark.parametrize(
    ("model", "method", "fine"),
    [
        ("gemini-2.5-pro", "PREFERENCE", "gemini-2.5-flash"),
        ("gemini-2.0-flash-001", "CONTINUOUS", "gemini-2.5-pro"),
    ],
)
def test_a_method_that_the_model_does_not_offer_is_refused(model: str, method: Method, fine: str) -> None:
    day = date(2025, 8, 1)
    found = only(check_model(model, "us-central1", day, method=method))
    assert found.path == "base_model"
    assert "only for supervised tuning" in found.problem
    assert fine in found.remedy
    assert check_model(fine, "us-central1", day, method=method) == []


def test_where_nobody_offers_a_method_that_is_said() -> None:
    found = only(check_model(GEMINI, "us-central1", TODAY, method="PREFERENCE"))
    assert (
        found.remedy == "No model is offered for preference tuning on 2026-11-21; use supervised tuning (a TuningJob)."
    )


@pytest.mark.parametrize(
    ("model", "words"),
    [("code-bison@002", "through pipelines"), ("models/gemini-1.5-flash-001-tuning", "through the Gemini API")],
)
def test_a_model_of_another_api_is_refused_for_tuning_jobs(model: str, words: str) -> None:
    found = only(check_model(model, "us-central1", date(2024, 8, 10)))
    assert words in found.problem
    assert "Use one of gemini-1.0-pro-002" in found.remedy


def test_a_teacher_and_a_model_that_only_answers_are_not_tuned() -> None:
    teacher = only(check_model("deepseek-ai/deepseek-v3.2-maas", "us-central1", TODAY, method="FULL"))
    assert "can only be the teacher of a distillation" in teacher.problem
    assert "google/gemma3@gemma-3-1b-it" in teacher.remedy
    answers = only(check_model("gemini-1.5-flash-001", "us-central1", date(2024, 12, 1)))
    assert answers.remedy == "Use gemini-1.5-flash-002."


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (date(2026, 7, 1), None),
        (date(2026, 8, 5), None),
        (date(2026, 8, 6), ("warn", "gemini-2.5-pro can be tuned until 2026-09-20 and retires on 2027-03-31")),
        (date(2026, 9, 20), ("warn", "gemini-2.5-pro can be tuned until 2026-09-20")),
        (date(2026, 9, 21), ("warn", "gemini-2.5-pro closes on 2026-10-20 to projects that made no call to it since")),
        (date(2026, 11, 28), ("warn", "gemini-2.5-pro closed on 2026-10-20 to projects that made no call to it since")),
        (date(2027, 3, 30), ("warn", "gemini-2.5-pro closed on 2026-10-20")),
        (date(2027, 3, 31), ("error", "gemini-2.5-pro retired on 2027-03-31")),
        (date(2025, 6, 1), ("error", "gemini-2.5-pro is not offered before 2025-06-17")),
    ],
)
def test_the_dates_of_a_model_that_closes_to_new_projects_first(day: date, said: tuple[str, str] | None) -> None:
    found = check_model("gemini-2.5-pro", "us-central1", day)
    if said is None:
        assert found == []
        return
    assert (only(found).path, only(found).check, only(found).severity) == ("base_model", "retirement", said[0])
    assert only(found).problem.startswith(said[1])


def test_past_its_dates_a_living_successor_is_named_with_where_and_how() -> None:
    assert "Use gemini-3.5-flash." in only(check_model("gemini-1.5-pro-002", "us-central1", TODAY)).remedy
    elsewhere = check_model("gemini-2.5-pro", "asia-east1", TODAY)
    assert "Use gemini-3.5-flash in us-central1, europe-west4." in only(elsewhere).remedy
    otherwise = check_model("gemini-2.5-flash", "us-central1", TODAY, method="PREFERENCE")
    offers = "Use gemini-3.5-flash-lite or gemini-3.1-flash-lite, which offer supervised tuning (a TuningJob)."
    assert offers in only(otherwise).remedy


@pytest.mark.parametrize(
    ("model", "day", "said"),
    [
        ("gemini-2.0-flash-001", date(2026, 5, 1), "warn"),
        ("gemini-2.0-flash-001", date(2026, 5, 2), "error"),
        ("gemini-2.0-flash-lite-001", date(2026, 6, 1), "error"),
        ("gemini-2.5-flash-lite", date(2027, 1, 27), "warn"),
        ("gemini-2.5-flash-lite", date(2027, 1, 28), "error"),
    ],
)
def test_a_day_that_is_fixed_refuses(model: str, day: date, said: str) -> None:
    assert only(check_model(model, "us-central1", day)).severity == said


@pytest.mark.parametrize("region", ["asia-northeast3", "southamerica-east1", "europe-west9"])
def test_a_model_shuts_down_later_in_korea_brazil_and_france(region: str) -> None:
    assert only(check_model("gemini-2.5-flash", region, date(2027, 8, 5))).severity == "warn"
    assert only(check_model("gemini-2.5-flash", region, date(2027, 8, 6))).severity == "error"


@pytest.mark.parametrize("model", ["gemini-3.5-flash", "gemini-3.5-flash-lite", "gemini-3.1-flash-lite"])
@pytest.mark.parametrize("day", [date(2027, 4, 8), date(2027, 7, 21), date(2029, 1, 1)])
def test_an_open_ended_day_never_becomes_an_error(model: str, day: date) -> None:
    assert {finding.severity for finding in check_model(model, "us-central1", day)} <= {"warn"}


def test_an_open_ended_day_that_has_passed_is_said() -> None:
    found = only(check_model("gemini-3.1-flash-lite", "us-central1", date(2027, 4, 8)))
    assert found.problem.startswith("Tuning of gemini-3.1-flash-lite may have closed: its last day was announced as")
    assert "2027-04-07 or later" in found.problem
    assert found.remedy == "A model tuned from it retires with it. gemini-3.5-flash-lite replaces it."


@pytest.mark.parametrize("model", ["gemini-3.6-flash", "gemini-3.7-flash", "gemini-3.8-flash", "gemini-3-pro-preview"])
def test_a_known_model_that_is_not_tuned_names_those_that_are(model: str) -> None:
    found = only(check_model(model, "us-central1", TODAY))
    assert found.problem == f"{model} can generate, but cannot be tuned."
    assert found.remedy == (
        "Use one of gemini-3.5-flash, gemini-3.1-flash-lite, gemini-3.5-flash-lite. "
        f"If Google tunes {model} by now, set checks={{'model': 'warn'}}."
    )


@pytest.mark.parametrize(
    ("model", "said"),
    [
        ("gemini-2.5-flash-image", "is an image model: image models are not tuned."),
        ("publishers/google/models/imagegeneration@006", "is an image model:"),
        ("imagen-4.0-generate-001", "is an image model:"),
        ("veo-3.0-generate-001", "is a video model:"),
        ("gemini-embedding-001", "is an embedding model:"),
    ],
)
def test_a_model_of_a_family_that_is_not_tuned_is_refused_for_what_it_is(model: str, said: str) -> None:
    found = only(check_model(model, "us-central1", TODAY))
    assert said in found.problem
    assert found.remedy.startswith("Use one of gemini-3.5-flash, gemini-3.1-flash-lite, gemini-3.5-flash-lite.")


@pytest.mark.parametrize(
    ("written", "hint"),
    [
        (
            "gemini-2.5-flsh",
            "Did you mean gemini-2.5-flash? It is closed to new projects. Use gemini-3.5-flash-lite or",
        ),
        ("gemini-3.1-flash-light", "Did you mean gemini-3.1-flash-lite?"),
        ("gemini-1.5-flsh-002", "Did you mean gemini-1.5-flash-002? It cannot be tuned on 2026-11-21. Use gemini-3.5-"),
        (
            "text-bison@001",
            "text-bison cannot be tuned on 2026-11-21. Use gemini-3.5-flash-lite or gemini-3.1-flash-lite.",
        ),
        ("translation-llm-02", "Use translation-llm-002."),
    ],
)
def test_a_suggestion_works_on_that_day(written: str, hint: str) -> None:
    assert only(check_model(written, "us-central1", TODAY)).remedy.startswith(hint)


def test_a_model_for_translation_is_offered_to_no_other_job() -> None:
    assert "translation" not in only(check_model("nothing-like-it", "us-central1", TODAY)).remedy


def test_a_day_that_was_still_to_come_when_it_was_written_down_can_have_moved() -> None:
    found = only(check_model("gemini-2.5-flash", "us-central1", date(2027, 6, 1)))
    assert found.severity == "error"
    assert "checks={'retirement': 'warn'}" in found.remedy
    assert "checks=" not in only(check_model("gemini-1.5-pro-002", "us-central1", TODAY)).remedy


def test_the_users_rows_decide() -> None:
    known = Catalogue.load({"models": [{"id": GEMINI, "regions": ["asia-east1"], "retired": "2030-01-01"}]})
    assert check_model(GEMINI, "asia-east1", TODAY, catalogue=known) == []
    assert only(check_model(GEMINI, "us-central1", TODAY, catalogue=known)).path == "location"


def test_an_accelerator_is_gpu_or_tpu() -> None:
    found = only(check_accelerator("CPU"))
    assert found.path == "accelerator_type"
    assert found.remedy == (
        "Use one of GPU (8 x NVIDIA A100 80 GB, us-central1), TPU (64 cores of a TPU v3 pod, europe-west4)."
    )
    assert check_accelerator("TPU") == check_accelerator(None) == []


def test_a_model_that_was_tuned_too_early_is_not_tuned_further() -> None:
    found = only(check_pre_tuned_model(date(2025, 7, 10)))
    assert found.path == "pre_tuned_model.tuned_model_name"
    assert "2025-07-11" in found.problem
    assert "base_model" in found.remedy
    assert check_pre_tuned_model(date(2025, 7, 11)) == check_pre_tuned_model(None) == []


NAMES = (
    st.none()
    | st.text()
    | st.sampled_from([*catalog.shipped().models, *catalog.shipped().regions, *catalog.shipped().accelerators])
)


@given(NAMES, NAMES, st.dates(), st.sampled_from([*TUNING_METHODS, "TEACHER"]))
def test_any_names_on_any_day_give_findings_with_a_way_out(
    model: str | None, place: str | None, day: date, method: Method
) -> None:
    found = [
        *check_location(place, base_model=model),
        *check_model(model, place, day, method=method),
        *check_accelerator(place),
        *check_pre_tuned_model(day),
    ]
    assert all(finding.path and str(finding.problem) and str(finding.remedy) for finding in found)
    assert not any(
        " ." in str(finding) or "one of ." in str(finding) for finding in found if model in catalog.shipped().models
    )
