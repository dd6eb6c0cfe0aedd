"""The fifth list: jobs of Gemini that Google refuses, or that do not do what they seem to."""

from __future__ import annotations

from typing import Final

from preflight.fifth_list import ABOUT, BETA, CONTINUOUS, LABELS, OLD_DAY, OWN, among, asked, evaluated
from preflight.list_row import file, wrong
from support.preflight_case import DATA, DROP, KEY, KEYED_DAY, PARAMETERS, SPEC, lines

EVALUATIONS: Final = (
    wrong(
        "sixty-four samples of a judge",
        f"{BETA}: AutoraterConfig",
        evaluated(autoraterConfig={"samplingCount": 64}),
        "sampling_count",
        "32",
    ),
    wrong(
        "no sample of a judge",
        f"{BETA}: AutoraterConfig",
        evaluated(autoraterConfig={"samplingCount": 0}),
        "sampling_count",
        "1",
    ),
    wrong(
        "a judge without its publisher",
        f"{BETA}: AutoraterConfig",
        evaluated(autoraterConfig={"autoraterModel": "gemini-3.5-flash"}),
        "autorater_model",
        "publishers/",
        answer="warning",
    ),
    wrong(
        "an answer at temperature 3",
        f"{BETA}: GenerationConfig.temperature",
        evaluated(inferenceGenerationConfig={"temperature": 3}),
        "temperature",
        "2",
    ),
    wrong(
        "a probability above one",
        f"{BETA}: GenerationConfig.topP",
        evaluated(inferenceGenerationConfig={"topP": 1.5}),
        "top_p",
        "1",
    ),
    wrong("an evaluation without a metric", f"{BETA}: EvaluationConfig", evaluated(metrics=[]), "metrics"),
    wrong(
        "a metric without the end of its name",
        f"{BETA}: Metric",
        evaluated(metrics=[{"exactMatch": {}}]),
        "metrics",
        "exactMatchSpec",
    ),
    wrong(
        "a metric of points without its template",
        f"{BETA}: PointwiseMetricSpec",
        evaluated(metrics=[{"pointwiseMetricSpec": {"systemInstruction": "Be strict."}}]),
        "metricPromptTemplate",
    ),
    wrong(
        "two metrics in one",
        f"{BETA}: Metric is a union",
        evaluated(metrics=[{"exactMatchSpec": {}, "bleuSpec": {}}]),
        "metrics",
        "exactMatchSpec",
        "bleuSpec",
    ),
    wrong(
        "scores in a bucket that is not there",
        f"{BETA}: OutputConfig",
        evaluated(outputConfig={"gcsDestination": {"outputUriPrefix": "gs://shop-scores/a"}}),
        "output_uri_prefix",
        "shop-scores",
    ),
    wrong(
        "scores at a web address",
        f"{BETA}: OutputConfig",
        evaluated(outputConfig={"gcsDestination": {"outputUriPrefix": "https://storage.googleapis.com/shop-data/a"}}),
        "output_uri_prefix",
        "gs://",
    ),
    wrong(
        "an evaluation in Europe",
        "facts, section 10: the Preview is in us-central1",
        {**evaluated(), "inputs/location": "europe-west4"},
        "evaluation_config",
        "us-central1",
    ),
    wrong(
        "an evaluation of answers about images",
        "facts, section 10: a multimodal set fails with code 3",
        {
            **evaluated(),
            **among(asked(file("image/png", "a.png"), "What is it?")),
            "world/objects/validation.jsonl": lines(asked(file("image/png", "a.png"), "What else is it?")),
        },
        "evaluation",
        "text",
    ),
)
JOBS: Final = (
    wrong(
        "an adapter of eight for Gemini 1.5 Pro",
        ABOUT,
        {"inputs/baseModel": "gemini-1.5-pro-002", "world/today": OLD_DAY, f"{PARAMETERS}/adapterSize": 8},
        "adapter_size",
        "1",
        "4",
    ),
    wrong(
        "an adapter of sixteen for Gemini 2.5 Pro",
        ABOUT,
        {"inputs/baseModel": "gemini-2.5-pro", "world/today": KEYED_DAY, f"{PARAMETERS}/adapterSize": 16},
        "adapter_size",
        "8",
    ),
    wrong(
        "two epochs and a half",
        f"{BETA}: epochCount is int64",
        {f"{PARAMETERS}/epochCount": 2.5},
        "epoch_count",
        "whole",
    ),
    wrong(
        "a rate of its own for Gemini",
        f"{BETA}: learningRate",
        {f"{PARAMETERS}/learningRate": 0.0002},
        "learning_rate",
        "learning_rate_multiplier",
    ),
    wrong("a batch size for Gemini", f"{BETA}: batchSize", {f"{PARAMETERS}/batchSize": 8}, "batch_size", "open"),
    wrong(
        "an output folder for Gemini",
        f"{BETA}: outputUri",
        {"inputs/outputUri": "gs://shop-data/out"},
        "output_uri",
        "open",
    ),
    wrong(
        "weights of one's own without a base model",
        f"{BETA}: customBaseModel",
        {"inputs/baseModel": DROP, "inputs/customBaseModel": "gs://shop-data/weights"},
        "base_model",
    ),
    wrong(
        "an endpoint to continue from",
        CONTINUOUS,
        {
            "inputs/baseModel": DROP,
            "inputs/preTunedModel": {"tunedModelName": "projects/shop/locations/us/endpoints/123"},
        },
        "pre_tuned_model",
        "models/",
    ),
    wrong(
        "a number to continue from",
        CONTINUOUS,
        {"inputs/baseModel": DROP, "inputs/preTunedModel": {"tunedModelName": "5550001112223334445"}},
        "pre_tuned_model",
        "projects/",
    ),
    wrong(
        "a base model to continue from",
        CONTINUOUS,
        {"inputs/baseModel": DROP, "inputs/preTunedModel": {"tunedModelName": "gemini-3.1-flash-lite"}},
        "pre_tuned_model",
        "base_model",
    ),
    wrong("a label whose key has a point", LABELS, {"inputs/labels": {"cost.center": "42"}}, "cost.center"),
    wrong("a label whose key begins with a low line", LABELS, {"inputs/labels": {"_team": "shop"}}, "_team", "letter"),
    wrong("a label whose key has a capital of another language", LABELS, {"inputs/labels": {"Ärger": "shop"}}, "Ärger"),
    wrong("a label whose value has a blank", LABELS, {"inputs/labels": {"team": "web shop"}}, "team"),
    wrong(
        "sixty-three labels beside our own",
        f"{LABELS}: 64",
        {"inputs/labels": {f"key{number}": "a" for number in range(63)}},
        "64",
    ),
    wrong(
        "one version of a key",
        f"{BETA}: EncryptionSpec",
        {
            "world/today": KEYED_DAY,
            "inputs/baseModel": "gemini-2.5-flash",
            "world/key": {},
            "inputs/encryptionSpec/kmsKeyName": f"{KEY}/cryptoKeyVersions/1",
        },
        "kms_key_name",
        "cryptoKeyVersions",
    ),
    wrong(
        "an account by its path",
        f"{BETA}: serviceAccount",
        {"inputs/serviceAccount": "projects/shop/serviceAccounts/tuner-bot@shop.iam.gserviceaccount.com"},
        "service_account",
        "tuner-bot@shop.iam.gserviceaccount.com",
    ),
    wrong(
        "an account by its number",
        f"{BETA}: serviceAccount",
        {"inputs/serviceAccount": "112233445566778899001"},
        "service_account",
        "@",
    ),
    wrong(
        "a region with a blank",
        "docs.cloud.google.com/vertex-ai/docs/general/locations",
        {"inputs/location": "us-central1 "},
        "location",
        "us-central1",
    ),
    wrong("no quota to wait for", "docs.cloud.google.com/vertex-ai/docs/quotas", {"world/limit": 0}, "quota", "0"),
    wrong("a way to wait that there is not", OWN, {"inputs/onQuota": "queue"}, "on_quota", "wait"),
    wrong("a policy in small letters", OWN, {"inputs/deletionPolicy": "delete"}, "deletion_policy", "DELETE"),
    wrong("a check that there is not", OWN, {"inputs/checks": {"locaton": "warn"}}, "locaton", "location"),
    wrong("a cost below zero", OWN, {"inputs/maxCost": -1}, "max_cost"),
    wrong(
        "training data with a question mark",
        f"{BETA}: trainingDatasetUri",
        {f"{SPEC}/trainingDatasetUri": f"{DATA}?generation=1"},
        "training_dataset_uri",
        "generation",
    ),
)
WRONG: Final = (*EVALUATIONS, *JOBS)
