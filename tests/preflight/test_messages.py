"""Messages: the right advice for what a user probably meant, and none that cannot be followed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pytest

from preflight.answer import Answer
from support.preflight_case import BISON_DAY, PARAMETERS, SPEC, lines, row

if TYPE_CHECKING:
    from pathlib import Path

    from preflight.conftest import WorldOf
    from support.preflight_case import Kind

OWN: Final = "projects/shop/locations/us/models/9"
ACCOUNT: Final = "tuner-bot@shop.iam.gserviceaccount.com"
GEMINI_ROW: Final = '{"contents": [{"role": "user", "parts": [{"text": "..."}]}, {"role": "model"'


@dataclass(frozen=True, kw_only=True)
class Message:
    """One error about ``path``, whose text has ``says`` and nothing of ``never``; with ``but`` there is no error."""

    id: str
    given: dict[str, Any]
    path: str
    says: tuple[str, ...]
    never: tuple[str, ...] = ()
    but: dict[str, Any]
    kind: Kind = "tuning_job"


def of_model(model: str, *says: str, never: tuple[str, ...] = (), but: str = "gemini-3.5-flash") -> Message:
    """A message about a base model."""
    inputs = ({"inputs/baseModel": model}, {"inputs/baseModel": but})
    return Message(id=model, given=inputs[0], path="base_model", says=says, never=never, but=inputs[1])


def of_rows(id: str, rows: list[Any], *says: str, never: tuple[str, ...] = ()) -> Message:  # noqa: A002
    """A message about the rows of the training file."""
    given, good = (
        {"world/objects/train.jsonl": lines(*each)} for each in (rows, [row(number) for number in range(120)])
    )
    path = "supervised_tuning_spec.training_dataset_uri"
    return Message(id=id, given=given, path=path, says=says, never=never, but=good)


def of_input(
    id: str,  # noqa: A002
    given: dict[str, Any],
    path: str,
    *says: str,
    but: dict[str, Any] | None = None,
    never: tuple[str, ...] = (),
    kind: Kind = "tuning_job",
) -> Message:
    """A message about an input; without it, or with ``but``, the declaration passes."""
    return Message(id=id, given=given, path=path, says=says, never=never, but=but or {}, kind=kind)


MESSAGES: Final = [
    of_model("gemini-2.5-flsh", "Did you mean gemini-2.5-flash?", "closed to new projects", never=("flash?3",)),
    of_model("gemini-3-pro-preview", "cannot be tuned", "gemini-3.5-flash", never=("gemini-2.5", "translation")),
    of_model("text-bison@001", "no such version", "cannot be tuned on", never=("@002",)),
    of_model(OWN, "is a tuned model of your own", "set pre_tuned_model in place of base_model", never=("checks=",)),
    of_model("projects/shop/locations/us/endpoints/9", "is an endpoint, not a base model", never=("checks=",)),
    of_model(
        "projects/shop/locations/us-central1/tuningJobs/9", "is a tuning job, not a base model", never=("checks=",)
    ),
    of_model("meta/llama3-8b-instruct", "is an open model", never=("checks=", "tuning_mode")),
    of_model("gpt-oss-120b", "is an open model", never=("partner", "checks=")),
    of_model("gpt-4o", "is a partner's model", never=("checks=",)),
    of_model("newer-model", "not a tunable model of the catalogue", "checks={'model': 'warn'}"),
    of_rows(
        "code pairs",
        [{"input_text": f"a{n}", "output_text": f"b{n}"} for n in range(120)],
        "does not take rows with input_text and output_text",
        GEMINI_ROW,
        never=("code-pairs", "gemini-contents"),
    ),
    of_rows(
        "an unknown format",
        [{"question": f"a{n}"} for n in range(120)],
        "it has question (and so in 119 other lines)",
        GEMINI_ROW,
    ),
    of_rows(
        "messages",
        [{"messages": [{"role": r, "content": f"a{n}"} for r in ("user", "assistant")]} for n in range(120)],
        "does not take rows with messages of user and assistant",
        GEMINI_ROW,
    ),
    of_rows(
        "a CSV file",
        [f"question{n},answer{n}" for n in range(120)],
        "the file is CSV, or other text",
        "one object per line",
    ),
    of_rows(
        "a text that is a number",
        [
            {**row(1), "contents": [{"role": "user", "parts": [{"text": 1}]}, row(1)["contents"][1]]},
            *[row(n) for n in range(2, 120)],
        ],
        "contents[0].parts[0].text: it is a number, not a string",
        never=("Use text or fileData",),
    ),
    of_rows(
        "an instruction that is a string",
        [{**row(1), "systemInstruction": "text"}, *[row(n) for n in range(2, 120)]],
        "systemInstruction: it is a string, not an object",
        never=("has no parts",),
    ),
    of_input(
        "a label that begins with a digit",
        {"inputs/labels": {"1team": "x"}},
        'labels["1team"]',
        "For example 'team'",
        never=("For example '1team'",),
    ),
    of_input(
        "the member of an account",
        {"inputs/serviceAccount": f"serviceAccount:{ACCOUNT}"},
        "service_account",
        "Leave serviceAccount: out",
        never=("does not exist",),
    ),
    of_input(
        "the member of a user",
        {"inputs/serviceAccount": "user:ann@shop.iam.gserviceaccount.com"},
        "service_account",
        "is not a service account's email",
        never=("does not exist", "Create it"),
    ),
    of_input(
        "the name of an account",
        {"inputs/serviceAccount": f"projects/shop/serviceAccounts/{ACCOUNT}"},
        "service_account",
        f"Use the email alone, {ACCOUNT}.",
    ),
    of_input(
        "a bucket's URI",
        {"inputs/bucket": "gs://shop-data"},
        "bucket",
        "Use the name alone, 'shop-data'",
        never=("gs://gs://",),
        kind="tuning_dataset",
    ),
    of_input(
        "no name of a bucket",
        {"inputs/bucket": "Shop_Data!"},
        "bucket",
        "It looks like this: my-bucket",
        never=("Use the name alone",),
        kind="tuning_dataset",
    ),
    of_input(
        "batch_size",
        {PARAMETERS: {"batchSize": 4}},
        "supervised_tuning_spec.hyper_parameters.batch_size",
        "does not take batch_size",
        "Leave batch_size out",
        never=("Did you mean",),
    ),
    of_input(
        "preference_optimization_spec",
        {"inputs/preferenceOptimizationSpec": {}},
        "preference_optimization_spec",
        "it belongs to preference tuning",
        never=("Did you mean",),
    ),
    of_input(
        "tuning_mode",
        {f"{SPEC}/tuningMode": "FULL"},
        "supervised_tuning_spec.tuning_mode",
        "is for open models",
        never=("Did you mean",),
    ),
    of_input(
        "epochs",
        {PARAMETERS: {"epochs": 3}},
        "supervised_tuning_spec.hyper_parameters.epochs",
        "Did you mean epoch_count?",
    ),
    of_input(
        "a parameter beside the model",
        {"inputs/epochCount": 3},
        "epoch_count",
        "Set supervised_tuning_spec.hyper_parameters.epoch_count instead",
        never=("Remove it",),
    ),
    of_input(
        "a parameter beside the data",
        {f"{SPEC}/adapterSize": 4},
        "supervised_tuning_spec.adapter_size",
        "Set supervised_tuning_spec.hyper_parameters.adapter_size instead",
    ),
    of_input(
        "a missing bucket",
        {SPEC: {"trainingDatasetUri": "gs://gone-data/t.jsonl", "validationDatasetUri": "gs://gone-data/v.jsonl"}},
        "supervised_tuning_spec.training_dataset_uri",
        "The bucket gone-data does not exist",
    ),
    of_input(
        "no billing",
        {"world/billing": "closed"},
        "project",
        "has no active billing account",
        never=("could not be checked",),
    ),
    of_input(
        "a region that does not exist",
        {"inputs/location": "us-centrall1"},
        "location",
        "Did you mean us-central1?",
        never=("quota",),
    ),
    of_input(
        "a bison model today",
        {"world/today": "2026-11-28"},
        "base_model",
        "retired on 2025-04-09",
        but={"world/today": BISON_DAY},
        kind="pipeline_tuning_job",
    ),
]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("message", MESSAGES, ids=lambda each: each.id)
def test_one_error_says_what_was_probably_meant_and_nothing_that_cannot_be_followed(
    message: Message, world_of: WorldOf
) -> None:
    answer = Answer(world_of, message.given, message.kind)
    assert [path for severity, path in answer.found if severity == "error"] == [message.path], answer.text
    assert all(each in answer.text for each in message.says), answer.text
    assert not any(each in answer.text for each in message.never), answer.text
    assert "http" not in answer.text


@pytest.mark.parametrize("message", MESSAGES, ids=lambda each: each.id)
def test_its_neighbour_has_no_error(message: Message, world_of: WorldOf) -> None:
    answer = Answer(world_of, message.but, message.kind)
    assert [path for severity, path in answer.found if severity == "error"] == [], answer.text


def test_each_file_that_does_not_exist_is_said_at_once(world_of: WorldOf) -> None:
    uris = {"trainingDatasetUri": "gs://shop-data/a.jsonl", "validationDatasetUri": "gs://shop-data/b.jsonl"}
    answer = Answer(world_of, {SPEC: uris})
    assert [path.rpartition(".")[2] for _, path in answer.found] == ["training_dataset_uri", "validation_dataset_uri"]


def test_a_file_that_exists_beside_one_that_does_not_is_not_said(world_of: WorldOf) -> None:
    uris = {"trainingDatasetUri": "gs://shop-data/a.jsonl", "validationDatasetUri": "gs://shop-data/train.jsonl"}
    answer = Answer(world_of, {SPEC: uris})
    assert [path.rpartition(".")[2] for _, path in answer.found] == ["training_dataset_uri"]
