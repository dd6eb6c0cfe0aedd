"""Declarations that break a policy and almost equal ones that do not, with what the policy says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from pulumi_gcp_tuning.catalog import shipped
from pulumi_gcp_tuning.policies.declared import TYPE_PREFIX, Declared, Surroundings
from pulumi_gcp_tuning.policies.rules import POLICIES, Policy

BY_NAME = {policy.name: policy for policy in POLICIES}
KEY = {"kmsKeyName": "projects/shop/locations/us-central1/keyRings/r/cryptoKeys/k"}
PINNED = f"gs://shop-data/tuning-datasets/{'ab' * 32}.jsonl"
ENDPOINT = "projects/123456/locations/europe-west4/endpoints/7"
MODEL = "projects/123456/locations/eu/models/7@1"
JOB = "projects/123456/locations/europe-west4/tuningJobs/7"
PIPELINE = "projects/123456/locations/europe-west4/pipelineJobs/7"
OURS = f"urn:pulumi:dev::shop::{TYPE_PREFIX}TuningJob::router"
FLASH = "gemini-3.1-flash-lite"
TUNER = "tuner@shop.iam.gserviceaccount.com"


def declared(kind: str, inputs: Mapping[str, Any], *, stack: str = "dev", **more: Any) -> Declared:
    around = {name: more.pop(name) for name in ("max_cost", "checks") if name in more}
    return Declared(
        kind=kind,
        urn=f"urn:pulumi:{stack}::shop::{TYPE_PREFIX}{kind}::router",
        inputs=inputs,
        surroundings=Surroundings(catalogue=shipped(), as_of=date(2026, 11, 28), **around),
        **more,
    )


@dataclass(frozen=True)
class Case:
    policy: str
    resource: Declared
    options: Mapping[str, Any]
    says: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.policy}-{self.resource.kind}-{'broken' if self.says else 'kept'}"

    @property
    def rule(self) -> Policy:
        return BY_NAME[self.policy]


def case(policy: str, resource: Declared, *says: str, **options: Any) -> Case:
    return Case(policy, resource, options, says)


def tuning(*, epochs: Any = 4, training: Any = PINNED, **inputs: Any) -> dict[str, Any]:
    """The inputs of a TuningJob as check returns them."""
    spec = {"trainingDatasetUri": training, "hyperParameters": {"epochCount": epochs} if epochs else {}}
    return {"baseModel": FLASH, "location": "us-central1", "supervisedTuningSpec": spec, **inputs}


NO_KEY = 'encryption_spec is not set. Set encryption_spec={"kms_key_name": ...} to a key in the resource\'s location.'
ELSEWHERE = (
    "Google puts models that are tuned from gemini-3.1-flash-lite in us-central1 into us, which is not one of the "
    "allowed regions: us-central1."
)
OVERWRITTEN = (
    "can be overwritten, and a change of its rows would not show in a review. Declare a TuningDataset and give its uri."
)
DESTROYED = "`pulumi destroy` of stack prod would delete it. Set deletion_policy to PREVENT or ABANDON, or the resource option protect."

CASES = (
    case("cmek-required", declared("TuningJob", tuning()), NO_KEY),
    case("cmek-required", declared("TuningJob", tuning(encryptionSpec=KEY))),
    case("cmek-required", declared("PipelineTuningJob", {"encryptionSpec": {}}), NO_KEY),
    case("cmek-required", declared("Endpoint", {}), NO_KEY),
    case("cmek-required", declared("Endpoint", {"encryptionSpec": KEY})),
    case("cmek-required", declared("TuningDataset", {})),
    case(
        "cmek-required",
        declared("TuningDataset", {}),
        "kms_key_name is not set. Set it to a key in the bucket's location.",
        datasets=True,
    ),
    case("cmek-required", declared("TuningDataset", KEY), datasets=True),
    case(
        "cmek-required",
        declared("GeminiApiTunedModel", {}),
        "The Gemini API takes no key of yours. Use a TuningJob with encryption_spec.",
    ),
    case(
        "cmek-required",
        declared("ModelDeployment", {"artifacts": "gs://shop-data/weights"}),
        "Weights are served on an endpoint that the deployment makes, and that one has no key of yours.",
    ),
    case("cmek-required", declared("ModelDeployment", {"model": MODEL, "endpoint": ENDPOINT})),
    case("cmek-required", declared("TunedModel", {})),
    case("allowed-regions", declared("TuningJob", tuning()), ELSEWHERE, regions=["us-central1"]),
    case("allowed-regions", declared("TuningJob", tuning()), regions=["us-central1", "us"]),
    case("allowed-regions", declared("TuningJob", tuning())),
    case(
        "allowed-regions",
        declared("PipelineTuningJob", {"location": "us-central1", "tunedModelLocation": "europe-west4"}),
        "tuned_model_location europe-west4 is not one of the allowed regions: us-central1.",
        regions=["us-central1"],
    ),
    case(
        "allowed-regions",
        declared("Endpoint", {"location": "us"}),
        "location us is not one of the allowed regions: eu, europe-west4.",
        regions=["eu", "europe-west4"],
    ),
    case("allowed-regions", declared("Endpoint", {"location": "eu"}), regions=["eu"]),
    case(
        "allowed-regions",
        declared("TunedModel", {"tuningJob": JOB}),
        "tuning_job is in europe-west4, which is not one of the allowed regions: us.",
        regions=["us"],
    ),
    case("allowed-regions", declared("TunedModel", {"tuningJob": PIPELINE}), regions=["europe-west4"]),
    case("allowed-regions", declared("TunedModel", {"tuningJob": "nonsense"}), regions=["europe-west4"]),
    case(
        "allowed-regions",
        declared("TunedModel", {"tuningJob": JOB, "inputSources": {"tuningJob": [OURS]}}),
        regions=["us"],
    ),
    case(
        "allowed-regions",
        declared("ModelDeployment", {"model": MODEL, "endpoint": ENDPOINT}),
        "endpoint is in europe-west4, which is not one of the allowed regions: us.",
        "model is in eu, which is not one of the allowed regions: us.",
        regions=["us"],
    ),
    case(
        "allowed-regions",
        declared("GeminiApiTunedModel", {}),
        "The Gemini API has no regions: Google chooses where the model is. Use a TuningJob.",
        regions=["us"],
    ),
    case("allowed-regions", declared("GeminiApiTunedModel", {})),
    case(
        "allowed-base-models",
        declared("TuningJob", tuning()),
        "base_model gemini-3.1-flash-lite is not one of the allowed models: gemini-3.5-*.",
        models=["gemini-3.5-*"],
    ),
    case("allowed-base-models", declared("TuningJob", tuning()), models=["gemini-3.*"]),
    case(
        "allowed-base-models",
        declared("TuningJob", tuning(baseModel=f"publishers/google/models/{FLASH}")),
        models=[FLASH],
    ),
    case(
        "allowed-base-models",
        declared("PipelineTuningJob", {"baseModel": "code-bison@002", "secretInputs": ["baseModel"]}),
        "base_model [secret] is not one of the allowed models: gemini-*.",
        models=["gemini-*"],
    ),
    case(
        "allowed-base-models",
        declared("GeminiApiTunedModel", {"baseModel": "models/gemini-1.5-flash-001-tuning"}),
        "base_model models/gemini-1.5-flash-001-tuning is not one of the allowed models: gemini-*.",
        models=["gemini-*"],
    ),
    case("allowed-base-models", declared("TuningJob", tuning())),
    case(
        "own-service-account",
        declared("TuningJob", tuning()),
        "service_account is not set, so Google's service agent runs the job. Set it to an account of yours.",
    ),
    case("own-service-account", declared("TuningJob", tuning(serviceAccount=TUNER))),
    case(
        "own-service-account",
        declared("PipelineTuningJob", {"serviceAccount": "123-compute@developer.gserviceaccount.com"}),
        "service_account 123-compute@developer.gserviceaccount.com is a default account or Google's agent. "
        "Set it to an account made for tuning.",
    ),
    case("own-service-account", declared("PipelineTuningJob", {"serviceAccount": TUNER})),
    case(
        "max-cost",
        declared("TuningJob", tuning()),
        "No limit of cost is set. Set max_cost to at most 50 (US dollars).",
        usd=50.0,
    ),
    case("max-cost", declared("TuningJob", tuning(maxCost=80.0)), "max_cost is 80, more than 50 US dollars.", usd=50.0),
    case("max-cost", declared("TuningJob", tuning(maxCost=50.0)), usd=50.0),
    case("max-cost", declared("TuningJob", tuning(), max_cost=20.0), usd=50.0),
    case(
        "max-cost",
        declared("TuningJob", tuning(), max_cost=60.0),
        "gcp-tuning:maxCost is 60, more than 50 US dollars.",
        usd=50.0,
    ),
    case(
        "max-cost",
        declared("TuningJob", tuning(maxCost=5.0, checks={"cost": "off"})),
        "The check cost is set to off, so nothing refuses a job above its limit. Set it to error.",
        usd=50.0,
    ),
    case(
        "max-cost",
        declared("TuningJob", tuning(maxCost=5.0), checks={"cost": "warn"}),
        "The check cost is set to warn, so nothing refuses a job above its limit. Set it to error.",
        usd=50.0,
    ),
    case(
        "max-cost",
        declared("PipelineTuningJob", {"baseModel": "code-bison@002"}),
        "No limit of cost is set. Set gcp-tuning:maxCost to at most 50 (US dollars).",
        "The catalogue has no price of tuning code-bison@002, so its cost cannot be limited. Add one (gcp-tuning:catalog).",
        usd=50.0,
    ),
    case("max-cost", declared("TuningJob", tuning())),
    case(
        "max-epochs",
        declared("TuningJob", tuning(epochs=40.0)),
        "supervised_tuning_spec.hyper_parameters.epoch_count is 40; at most 12 epochs are allowed.",
        epochs=12.0,
    ),
    case(
        "max-epochs",
        declared("TuningJob", tuning(epochs=None)),
        "supervised_tuning_spec.hyper_parameters.epoch_count is not set, so Google chooses it. Set it to at most 12.",
        epochs=12.0,
    ),
    case("max-epochs", declared("TuningJob", tuning(epochs=12.0)), epochs=12.0),
    case(
        "max-epochs",
        declared("PipelineTuningJob", {}),
        "train_steps is 300; at most 200 steps are allowed.",
        steps=200.0,
    ),
    case("max-epochs", declared("PipelineTuningJob", {"trainSteps": 200.0}), steps=200.0, epochs=1.0),
    case(
        "max-epochs",
        declared("GeminiApiTunedModel", {"epochCount": 2.0}),
        "epoch_count is 2; at most 1 epoch is allowed.",
        epochs=1.0,
    ),
    case("max-epochs", declared("GeminiApiTunedModel", {"epochCount": 1.0}), epochs=1.0),
    case(
        "required-labels",
        declared("TuningJob", tuning(pulumiLabels={"team": "support"})),
        "The label is missing: cost-center. Add to labels, or to gcp:defaultLabels for the whole stack.",
        labels=["team", "cost-center"],
    ),
    case("required-labels", declared("TunedModel", {"pulumiLabels": {"team": "support"}}), labels=["team"]),
    case(
        "required-labels",
        declared("Endpoint", {}),
        "The labels are missing: team, env. Add to labels, or to gcp:defaultLabels for the whole stack.",
        labels=["team", "env"],
    ),
    case("required-labels", declared("PipelineTuningJob", {"labels": {"team": "support"}}), labels=["team"]),
    case(
        "required-labels",
        declared("Endpoint", {}),
        "required-labels has no option label: it has labels.",
        label=["team"],
    ),
    case("keep-in-prod", declared("TunedModel", {"deletionPolicy": "DELETE"}, stack="prod"), DESTROYED),
    case("keep-in-prod", declared("TunedModel", {"deletionPolicy": "DELETE"})),
    case("keep-in-prod", declared("TunedModel", {"deletionPolicy": "ABANDON"}, stack="prod")),
    case("keep-in-prod", declared("TunedModel", {"deletionPolicy": "DELETE"}, stack="prod", is_protected=True)),
    case(
        "keep-in-prod",
        declared("TunedModel", {"deletionPolicy": "PREVENT", "onReplace": {"keepLast": 0.0}}, stack="live"),
        "on_replace.keep_last is 0; at least 2 superseded models must stay for a rollback.",
        stacks=["live"],
        keepLast=2.0,
    ),
    case("keep-in-prod", declared("Endpoint", {"deletionPolicy": "DELETE"}, stack="prod"), DESTROYED),
    case("keep-in-prod", declared("Endpoint", {"deletionPolicy": "PREVENT"}, stack="prod-eu")),
    case("keep-in-prod", declared("GeminiApiTunedModel", {"deletionPolicy": "DELETE"}, stack="prod"), DESTROYED),
    case("keep-in-prod", declared("GeminiApiTunedModel", {"deletionPolicy": "PREVENT"}, stack="prod")),
    case(
        "pinned-dataset",
        declared("TuningJob", tuning(training="gs://shop-data/train.jsonl")),
        f"supervised_tuning_spec.training_dataset_uri gs://shop-data/train.jsonl {OVERWRITTEN}",
    ),
    case("pinned-dataset", declared("TuningJob", tuning())),
    case(
        "pinned-dataset",
        declared("PipelineTuningJob", {"datasetUri": PINNED, "evaluationDataUri": "gs://shop-data/e.jsonl"}),
        f"evaluation_data_uri gs://shop-data/e.jsonl {OVERWRITTEN}",
    ),
    case("pinned-dataset", declared("PipelineTuningJob", {"datasetUri": PINNED})),
    case(
        "base-model-life",
        declared("TuningJob", tuning()),
        "gemini-3.1-flash-lite retires on 2027-05-07, in 160 days (as of 2026-11-28); at least 180 days are asked for. "
        "Its successor is gemini-3.5-flash-lite.",
        days=180.0,
    ),
    case("base-model-life", declared("TuningJob", tuning()), days=160.0),
    case("base-model-life", declared("TuningJob", tuning())),
    case(
        "base-model-life",
        declared("PipelineTuningJob", {"baseModel": "code-bison@002", "location": "us-central1"}),
        "code-bison@002 retired on 2025-04-09 (as of 2026-11-28); at least 90 days are asked for. "
        "Its successor is gemini-3.5-flash-lite or gemini-3.1-flash-lite.",
    ),
    case(
        "base-model-life",
        declared("GeminiApiTunedModel", {"baseModel": "models/gemini-1.5-flash-001-tuning"}),
        "models/gemini-1.5-flash-001-tuning retired on 2025-05-24 (as of 2026-11-28); at least 30 days are asked for. "
        "Its successor is gemini-3.5-flash-lite or gemini-3.1-flash-lite.",
        days=30.0,
    ),
    case("base-model-life", declared("TuningJob", tuning(baseModel="qwen/qwen3@qwen3-4b")), days=900.0),
)
