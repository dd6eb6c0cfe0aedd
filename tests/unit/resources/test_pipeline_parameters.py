"""PipelineTuningJob: every parameter of seed 002 reaches the request or is refused, and what a change of it does."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_gcp_tuning import catalog
from pulumi_gcp_tuning.errors import Refused
from pulumi_gcp_tuning.resources.core.lifecycle import UNKNOWN
from pulumi_gcp_tuning.resources.jobs.pipeline_jobs import PIPELINE_JOB, length_of
from pulumi_gcp_tuning.resources.pipeline_tuning_job import KIND
from pulumi_gcp_tuning.resources.registry import lifecycle_of
from support.hand_made_google import Desk, by_number, settings, urn

PIPELINE = lifecycle_of("pipeline_tuning_job")
DATA = f"gs://shop-data/tuning-datasets/{'a' * 64}.jsonl"
EVALUATION = f"gs://shop-data/tuning-datasets/{'b' * 64}.jsonl"
KEY = "projects/shop-dev/locations/us-central1/keyRings/ring/cryptoKeys/key"
BOARD = "projects/shop-dev/locations/us-central1/tensorboards/7"
EVALUATED = {"evaluationDataUri": EVALUATION}
CHAT = {"baseModel": "codechat-bison@002"}
CHECKS = {
    "retirement": "off", "dataset": "off", "location": "off", "cmek": "off", "identity": "off", "quota": "off"
}  # fmt: skip

OF_CODE: dict[str, tuple[dict[str, Any], Any]] = {
    "project": ({}, "shop-dev"),
    "model_display_name": ({"modelDisplayName": "helper"}, "helper"),
    "dataset_uri": ({"datasetUri": DATA}, DATA),
    "evaluation_data_uri": (EVALUATED, EVALUATION),
    "evaluation_interval": ({**EVALUATED, "evaluationInterval": 50.0}, 50),
    "enable_early_stopping": ({**EVALUATED, "enableEarlyStopping": False}, False),
    "enable_checkpoint_selection": ({**EVALUATED, "enableCheckpointSelection": True}, "true"),
    "tensorboard_resource_id": ({"tensorboardResourceId": BOARD}, BOARD),
    "location": ({"tunedModelLocation": "europe-west4"}, "europe-west4"),
    "accelerator_type": ({"acceleratorType": "TPU"}, "TPU"),
    "large_model_reference": ({"baseModel": "code-bison@002"}, "code-bison@002"),
    "train_steps": ({"trainSteps": 200.0}, 200),
    "learning_rate_multiplier": ({"learningRateMultiplier": 0.5}, 0.5),
    "encryption_spec_key_name": ({"encryptionSpec": {"kmsKeyName": KEY}}, KEY),
}
"""Each parameter of the page's request for code models: a declaration with it, and what is sent."""
_NOT_OF_CHATS = (
    "evaluation_data_uri",
    "evaluation_interval",
    "enable_early_stopping",
    "enable_checkpoint_selection",
)
OF_CHAT: dict[str, tuple[dict[str, Any], Any]] = {
    **{name: case for name, case in OF_CODE.items() if name not in (*_NOT_OF_CHATS, "large_model_reference")},
    "large_model_reference": ({}, "codechat-bison@002"),
    "default_context": ({"defaultContext": "You write Python."}, "You write Python."),
}


@pytest.fixture
def desk() -> Desk:
    return Desk()


def call(desk: Desk, **checks: str) -> Any:
    desk.google.facts.clear()
    return desk.call("PipelineTuningJob", settings=settings(checks={**CHECKS, **checks}))


def found(desk: Desk, **given: Any) -> Any:
    news = {
        "baseModel": "code-bison@002",
        "datasetUri": DATA,
        "gcsOutputDirectory": "gs://shop-data/output",
        "resourceUrn": urn("PipelineTuningJob"),
        **given,
    }
    return PIPELINE.check(call(desk), {}, news)


def refusals(desk: Desk, **given: Any) -> list[str]:
    return [str(each) for each in found(desk, **given).findings if each.severity == "error"]


def checked(desk: Desk, **given: Any) -> dict[str, Any]:
    assert refusals(desk, **given) == []
    inputs: dict[str, Any] = found(desk, **given).inputs
    return inputs


def created(desk: Desk, **given: Any) -> Any:
    return PIPELINE.create(call(desk), checked(desk, **given))


def parameters(desk: Desk, **given: Any) -> dict[str, Any]:
    values: dict[str, Any] = desk.google.jobs[created(desk, **given).id]["runtimeConfig"]["parameterValues"]
    return values


@pytest.mark.parametrize("name", OF_CODE)
def test_each_parameter_of_the_pages_code_request_is_sent(desk: Desk, name: str) -> None:
    declared, sent = OF_CODE[name]
    assert parameters(desk, **declared)[name] == sent


@pytest.mark.parametrize("name", OF_CHAT)
def test_each_parameter_of_the_pages_chat_request_is_sent(desk: Desk, name: str) -> None:
    declared, sent = OF_CHAT[name]
    assert parameters(desk, **{**CHAT, **declared})[name] == sent


def test_every_argument_that_is_sent_as_a_parameter_is_in_the_table(desk: Desk) -> None:
    everything: dict[str, Any] = {}
    for declared, _ in OF_CODE.values():
        everything |= declared
    del everything["acceleratorType"], everything["tunedModelLocation"]  # a key excludes both
    assert set(OF_CODE) - {"accelerator_type", "location"} == set(parameters(desk, **everything))


@pytest.mark.parametrize(
    "declared",
    [
        EVALUATED,
        {"evaluationInterval": 50},
        {"enableEarlyStopping": True},
        {"enableCheckpointSelection": "true"},
    ],
)
def test_a_chat_model_takes_no_evaluation(desk: Desk, declared: dict[str, Any]) -> None:
    (refusal,) = refusals(desk, **CHAT, **declared)
    assert "codechat-bison@002 is a chat model" in refusal


@pytest.mark.parametrize("declared", [{"evaluationInterval": 50}, {"enableEarlyStopping": True}])
def test_interval_and_early_stopping_need_an_evaluation_set(desk: Desk, declared: dict[str, Any]) -> None:
    (refusal,) = refusals(desk, **declared)
    assert "needs an evaluation set" in refusal


def test_a_context_for_all_examples_is_refused_where_no_chat_is_tuned(desk: Desk) -> None:
    (refusal,) = refusals(desk, defaultContext="You write Python.")
    assert refusal.startswith("code-bison@002 is not a chat model and does not take default_context.")


@pytest.mark.parametrize(("name", "value"), [("acceleratorType", "CPU"), ("learningRateMultiplier", 0)])
def test_a_value_that_the_template_does_not_have_is_refused(desk: Desk, name: str, value: Any) -> None:
    assert len(refusals(desk, **{name: value})) == 1


def test_key_and_account_are_at_the_pipeline_too(desk: Desk) -> None:
    account = "tuner@shop-dev.iam.gserviceaccount.com"
    job = desk.google.jobs[created(desk, encryptionSpec={"kmsKeyName": KEY}, serviceAccount=account).id]
    assert (job["encryptionSpec"], job["serviceAccount"]) == ({"kmsKeyName": KEY}, account)


@pytest.mark.parametrize(
    ("declared", "path"),
    [
        ({"acceleratorType": "TPU"}, ("accelerator_type",)),
        ({"location": "europe-west4"}, ("location",)),
        ({"tunedModelLocation": "europe-west4"}, ("tuned_model_location",)),
        (
            {"encryptionSpec": {"kmsKeyName": KEY.replace("us-central1", "us-east4")}},
            ("encryption_spec", "kms_key_name"),
        ),
    ],
)
def test_a_key_is_taken_on_gpu_in_us_central1_only(desk: Desk, declared: dict[str, Any], path: tuple[str, ...]) -> None:
    news = {"encryptionSpec": {"kmsKeyName": KEY}, **declared}
    judged = PIPELINE.check(call(desk, cmek="error"), {}, {**checked(desk), **news})
    wrong = [each.path for each in judged.findings if each.check == "cmek" and "does not exist" not in str(each)]
    assert wrong == [path]


# TensorBoard


def boards(desk: Desk, name: Any, **told: Any) -> list[str]:
    inputs = {**checked(desk), "tensorboardResourceId": name, **told}
    return [
        str(each)
        for each in PIPELINE.check(call(desk, location="error"), {}, inputs).findings
        if each.path == ("tensorboard_resource_id",)
    ]


def test_a_tensorboard_that_does_not_exist_is_a_warning(desk: Desk) -> None:
    (warning,) = boards(desk, BOARD)
    assert "does not exist" in warning


def test_a_tensorboard_that_exists_is_fine(desk: Desk) -> None:
    desk.google.tensorboards[by_number(BOARD)] = {"name": BOARD}
    assert boards(desk, BOARD) == []


def test_a_tensorboard_of_another_region_is_refused(desk: Desk) -> None:
    (refusal,) = boards(desk, BOARD.replace("us-central1", "europe-west4"))
    assert "is in europe-west4, but the pipeline runs in us-central1" in refusal


def test_a_tensorboard_that_the_program_makes_is_not_missed(desk: Desk) -> None:
    assert boards(desk, BOARD, fromResources=["tensorboardResourceId"]) == []


def test_another_tensorboard_changes_nothing_that_was_submitted(desk: Desk) -> None:
    made = created(desk)
    desk.google.succeed(made.id)
    news = checked(desk, tensorboardResourceId=BOARD)
    assert PIPELINE.diff(call(desk), made.id, made.outputs, news).replaces == ()


# changes


@pytest.mark.parametrize(
    ("key", "value", "more"),
    [
        ("learningRateMultiplier", 0.5, {}),
        ("acceleratorType", "TPU", {}),
        ("evaluationDataUri", EVALUATION, {}),
        ("evaluationInterval", 50, EVALUATED),
        ("enableEarlyStopping", False, EVALUATED),
        ("enableCheckpointSelection", "false", EVALUATED),
        ("encryptionSpec", {"kmsKeyName": KEY}, {}),
        ("serviceAccount", "tuner@shop-dev.iam.gserviceaccount.com", {}),
        ("defaultContext", "You write Python.", CHAT),
    ],
)
def test_a_changed_parameter_replaces(desk: Desk, key: str, value: Any, more: dict[str, Any]) -> None:
    made = created(desk, **more)
    desk.google.succeed(made.id)
    difference = PIPELINE.diff(call(desk), made.id, made.outputs, checked(desk, **{**more, key: value}))
    assert list(difference.replaces) == [key]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("learningRateMultiplier", 1.0),
        ("acceleratorType", "GPU"),
        ("evaluationInterval", 20.0),
        ("enableEarlyStopping", True),
        ("enableCheckpointSelection", "default"),
    ],
)
def test_a_templates_default_that_is_declared_replaces_nothing(desk: Desk, key: str, value: Any) -> None:
    made = created(desk, **EVALUATED)
    desk.google.succeed(made.id)
    assert PIPELINE.diff(call(desk), made.id, made.outputs, checked(desk, **EVALUATED, **{key: value})).replaces == ()


@pytest.mark.parametrize("key", [*(name for name in KIND.args.model_fields if name.startswith("enable")), "trainSteps"])
def test_a_parameter_that_only_apply_knows_passes_the_checks(desk: Desk, key: str) -> None:
    alias = KIND.args.model_fields[key].alias if key in KIND.args.model_fields else key
    assert refusals(desk, **EVALUATED, **{str(alias): UNKNOWN}) == []


# adoption


def test_a_pipeline_that_was_submitted_as_the_page_writes_it_is_adopted(desk: Desk) -> None:
    declared = {**EVALUATED, "evaluationInterval": 50, "enableEarlyStopping": False}
    theirs = created(desk, **declared)
    values = desk.google.jobs[theirs.id]["runtimeConfig"]["parameterValues"]
    values |= {"evaluation_interval": "50", "enable_early_stopping": "false", "accelerator_type": "GPU"}
    assert created(desk, **declared, adopt=theirs.id).id == theirs.id


def test_a_pipeline_that_stops_early_is_not_adopted_by_one_that_does_not(desk: Desk) -> None:
    theirs = created(desk, **EVALUATED)
    with pytest.raises(Refused, match="enable_early_stopping"):
        created(desk, **EVALUATED, enableEarlyStopping=False, adopt=theirs.id)


def test_a_pipeline_whose_model_alone_has_a_key_is_not_adopted(desk: Desk) -> None:
    theirs = created(desk)
    desk.google.jobs[theirs.id]["runtimeConfig"]["parameterValues"]["encryption_spec_key_name"] = KEY
    with pytest.raises(Refused, match="encryption_spec_key_name"):
        created(desk, adopt=theirs.id)


def test_an_import_has_the_parameters_of_the_pipeline(desk: Desk) -> None:
    declared = {
        **EVALUATED,
        "evaluationInterval": 50,
        "enableEarlyStopping": False,
        "learningRateMultiplier": 0.5,
        "tensorboardResourceId": BOARD,
    }
    job = desk.google.jobs[created(desk, **declared).id]
    job["runtimeConfig"]["parameterValues"]["evaluation_interval"] = "50"
    inputs = KIND.inputs_of(job)
    assert {key: inputs[key] for key in declared} == declared


# the length of the training


@pytest.mark.parametrize(
    ("model", "accelerator", "batch"),
    [
        ("code-bison@002", None, 8),
        ("code-bison@002", "TPU", 24),
        ("codechat-bison@002", "TPU", 24),
        ("code-bison-32k@002", "TPU", 8),
    ],
)
def test_steps_and_batch_are_outputs(desk: Desk, model: str, accelerator: str | None, batch: int) -> None:
    made = created(desk, baseModel=model, **({"acceleratorType": accelerator} if accelerator else {}))
    assert (made.outputs["stepCount"], made.outputs["batchSize"]) == (300, batch)


def test_a_pipeline_of_an_unknown_model_has_no_batch_size() -> None:
    job = {"runtimeConfig": {"parameterValues": {"large_model_reference": "moon-1", "train_steps": 20.0}}}
    assert length_of(job, catalog.shipped()) == {"stepCount": 20, "batchSize": None}


def test_a_pipeline_on_tpu_takes_the_quota_of_its_cores(desk: Desk) -> None:
    job = desk.google.jobs[created(desk, acceleratorType="TPU").id]
    assert PIPELINE_JOB.family(job, catalog.shipped()) == "pipeline-tpu"
