"""The third list: configurations that Google takes, each with the page that says so."""

from __future__ import annotations

from typing import Any, Final

from preflight.list_row import Row, file, right, turn
from preflight.third_list import (
    CALL,
    DATA_PAGE,
    DECLARATION,
    DISCOVERY,
    REGIONS_PAGE,
    REPLY,
    TRAINED_ON,
    TUNING_PAGE,
    asked,
    called,
    clip,
    declared,
    taking,
    trained_on,
)
from support.preflight_case import GOOD, KEY, KEYED_DAY, PARAMETERS, SPEC, good_rows, lines

CALLS_PAGE: Final = "docs.cloud.google.com/gemini-enterprise-agent-platform/models/tuning/function-calling"
FORMATS_PAGE: Final = (
    "docs.cloud.google.com/vertex-ai/generative-ai/docs/multimodal: requirements of images, audio, video and documents"
)
LABELS: Final = f"{DISCOVERY}: TuningJob.labels, international characters are allowed"
BEFORE_CALLS_FAILED: Final = {"world/today": "2026-02-15", "inputs/baseModel": "gemini-2.0-flash-001"}
"""A day on which a model was tuned of which nobody reports that rows with calls fail."""


def right_row(id: str, source: str, good: Any, **given: Any) -> Row:  # noqa: A002
    """A row of the data that is right."""
    return right(id, source, {**trained_on(good), **given})


BRIEF: Final = {"parts": [{"text": "Be brief."}]}


def snake_case() -> dict[str, Any]:
    """A row with calls as Google's page on tuning function calls writes it."""
    return {
        "system_instruction": {"role": "system", **BRIEF},
        "contents": [
            turn("user", "Where is order 1?"),
            turn("model", {"function_call": CALL["functionCall"]}),
            turn("user", {"function_response": REPLY["functionResponse"]}),
            turn("model", "It is sent."),
        ],
        "tools": [{"function_declarations": [taking(order={"type": "INTEGER"})]}],
    }


ROWS: Final = (
    right_row("a function's name of 100 characters", f"{DECLARATION}.name: at most 128", declared({"name": "f" * 100})),
    right_row(
        "a function's name with a colon and a dot", f"{DECLARATION}.name", declared({"name": "shop:orders.find"})
    ),
    right_row(
        "parameters in JSON Schema",
        f"{DECLARATION}.parametersJsonSchema",
        declared(
            {
                "name": "find",
                "parametersJsonSchema": {"type": "object", "properties": {"order_id": {"type": "integer"}}},
            }
        ),
    ),
    right_row(
        "parameters with types in small letters",
        CALLS_PAGE,
        declared({"name": "find", "parameters": {"type": "object", "properties": {"order": {"type": "string"}}}}),
    ),
    right_row(
        "65 functions",
        f"{DISCOVERY}: Tool.functionDeclarations, at most 512",
        declared(*({"name": f"find_{n}"} for n in range(65))),
    ),
    right_row(
        "a mode of calls",
        f"{DISCOVERY}: FunctionCallingConfig.mode",
        declared(taking(), toolConfig={"functionCallingConfig": {"mode": "ANY"}}),
    ),
    right_row(
        "a function without parameters",
        f"{DECLARATION}.parameters: can be left unset",
        declared({"name": "ping", "description": "Answers."}),
    ),
    right_row(
        "two calls and two responses",
        "google-gemini/gemini-cli#4217",
        called(turn("model", CALL, CALL), turn("user", REPLY, REPLY)),
        **BEFORE_CALLS_FAILED,
    ),
    right(
        "calls in snake case",
        CALLS_PAGE,
        {
            TRAINED_ON: lines(snake_case(), *({**each, "system_instruction": BRIEF} for each in good_rows(119))),
            **BEFORE_CALLS_FAILED,
        },
    ),
    right_row("24 frames a second", f"{DISCOVERY}: VideoMetadata.fps", clip(fps=24)),
    right_row("a frame each two seconds", f"{DISCOVERY}: VideoMetadata.fps", clip(fps=0.5)),
    right_row(
        "offsets with fractions",
        f"{DISCOVERY}: VideoMetadata, google-duration",
        clip(startOffset="1.500s", endOffset="10.25s"),
    ),
    right_row("a part from an offset on", f"{DISCOVERY}: VideoMetadata, both are optional", clip(startOffset="3s")),
    right_row(
        "a question without its role",
        f"{DISCOVERY}: Content.role, defaults to user",
        {"contents": [{"parts": [{"text": "Where is it?"}]}, turn("model", "Here.")]},
    ),
    right_row("labels of a row", DATA_PAGE, asked("Where?", labels={"task": "find"})),
    right(
        "an instruction without a role",
        f"{DATA_PAGE}: role is optional",
        {TRAINED_ON: lines(*({**each, "systemInstruction": BRIEF} for each in good_rows(120)))},
    ),
    right_row("a text document", FORMATS_PAGE, asked("What?", file("text/plain", "a.pdf"))),
    right_row("a video in WebM", FORMATS_PAGE, asked("What?", file("video/webm", "a.mp4"))),
    right_row("a recording in FLAC", FORMATS_PAGE, asked("What?", file("audio/flac", "a.mp3"))),
    right_row("a picture in WebP", FORMATS_PAGE, asked("What?", file("image/webp", "a.png"))),
    right_row(
        "an emoji as two escapes",
        "RFC 8259, section 7",
        '{"contents": [{"role": "user", "parts": [{"text": "Where \\ud83d\\ude00?"}]}, {"role": "model", "parts": [{"text": "Here."}]}]}',
    ),
)
FILES: Final = (
    right("lines that end as on Windows", "RFC 8259, section 2: white space", {TRAINED_ON: GOOD.replace("\n", "\r\n")}),
    right("a last line without its end", "jsonlines.org", {TRAINED_ON: GOOD.rstrip("\n")}),
    right(
        "a name in Korean, with a blank",
        "docs.cloud.google.com/storage/docs/objects#naming",
        {
            "world/objects": {"데이터/훈련 1.jsonl": GOOD},
            f"{SPEC}/trainingDatasetUri": "gs://shop-data/데이터/훈련 1.jsonl",
        },
    ),
    right(
        "data in a bucket of the whole US",
        "docs.cloud.google.com/storage/docs/locations",
        {"world/buckets": {"shop-data": "US"}},
    ),
    right(
        "data in an object of the class ARCHIVE",
        "docs.cloud.google.com/storage/docs/storage-classes",
        {"world/fields": {"train.jsonl": {"storageClass": "ARCHIVE"}}},
    ),
    right(
        "data under a key of the bucket's",
        "docs.cloud.google.com/storage/docs/encryption/customer-managed-keys",
        {"world/fields": {"train.jsonl": {"kmsKeyName": f"{KEY}/cryptoKeyVersions/1"}}},
    ),
    right(
        "250 rows of validation",
        TUNING_PAGE,
        {
            TRAINED_ON: lines(*good_rows(1000)),
            "world/objects/validation.jsonl": lines(*good_rows(250, 2000)),
            f"{SPEC}/validationDatasetUri": "gs://shop-data/validation.jsonl",
        },
    ),
)
INPUTS: Final = (
    right(
        "Gemini 2.5 Flash in Seoul, in its time",
        REGIONS_PAGE,
        {
            "world/today": KEYED_DAY,
            "inputs/baseModel": "gemini-2.5-flash",
            "inputs/location": "asia-northeast3",
            "world/buckets": {"shop-data": "asia-northeast3"},
        },
    ),
    right(
        "adapter size 8 of Gemini 2.5 Pro",
        TUNING_PAGE,
        {
            "world/today": KEYED_DAY,
            "inputs/baseModel": "gemini-2.5-pro",
            f"{PARAMETERS}/adapterSize": "ADAPTER_SIZE_EIGHT",
        },
    ),
    right(
        "Gemini 3.5 Flash in the Netherlands",
        REGIONS_PAGE,
        {
            "inputs/baseModel": "gemini-3.5-flash",
            "inputs/location": "europe-west4",
            "world/buckets": {"shop-data": "EU"},
        },
    ),
    right(
        "all hyperparameters",
        f"{DISCOVERY}: SupervisedHyperParameters",
        {f"{PARAMETERS}": {"epochCount": 4, "adapterSize": "ADAPTER_SIZE_FOUR", "learningRateMultiplier": 0.5}},
    ),
    right("a label in Korean", LABELS, {"inputs/labels": {"팀": "주문"}}),
    right("a label in French", LABELS, {"inputs/labels": {"équipe": "données"}}),
    right(
        "a label without a value",
        "docs.cloud.google.com/resource-manager/docs/labels-overview: values can be empty",
        {"inputs/labels": {"team": ""}},
    ),
    right(
        "a label on an endpoint in Korean",
        f"{DISCOVERY}: Endpoint.labels",
        {"inputs/labels": {"팀": "주문"}},
        kind="endpoint",
    ),
    right(
        "a display name of 128 Korean characters",
        f"{DISCOVERY}: TuningJob.tunedModelDisplayName",
        {"inputs/tunedModelDisplayName": "팀" * 128},
    ),
    right(
        "a policy that names the region",
        "docs.cloud.google.com/resource-manager/docs/organization-policy/defining-locations",
        {"world/policies": {"gcp.resourceLocations": {"allowedValues": ["us-central1"]}}},
    ),
    right(
        "a policy that allows the services",
        "docs.cloud.google.com/resource-manager/docs/organization-policy/restricting-resources",
        {
            "world/policies": {
                "gcp.restrictServiceUsage": {"allowedValues": ["aiplatform.googleapis.com", "storage.googleapis.com"]}
            }
        },
    ),
    right(
        "an endpoint in the US",
        "docs.cloud.google.com/gemini-enterprise-agent-platform/models/tuning: models of Gemini 3 jobs are in us",
        {"inputs/location": "us"},
        kind="endpoint",
    ),
    right(
        "a version of a model by its alias",
        f"{DISCOVERY}: Model.versionAliases",
        {"inputs/model": "projects/shop/locations/us/models/5550001112223334445@golden-1"},
        kind="model_deployment",
    ),
    right(
        "an endpoint with an id of its own",
        f"{DISCOVERY}: endpoints.create, endpointId",
        {"inputs/endpoint": "projects/shop/locations/us/endpoints/shop-answers-1"},
        kind="model_deployment",
    ),
    right(
        "a project by its number in a name",
        "docs.cloud.google.com/resource-manager/docs/creating-managing-projects",
        {
            "inputs/tuningJob": "projects/123456789012/locations/us-central1/tuningJobs/4192837465019283746",
            "inputs/project": "123456789012",
        },
        kind="tuned_model",
    ),
    right(
        "a pipeline in the Netherlands",
        "seed 002: europe-west4",
        {"inputs/location": "europe-west4", "world/buckets": {"shop-data": "us-central1"}},
        kind="pipeline_tuning_job",
    ),
    right(
        "as many steps of a pipeline as are recommended",
        "seed 002: steps",
        {"inputs/trainSteps": 200},
        kind="pipeline_tuning_job",
    ),
)

RIGHT: Final = (*ROWS, *FILES, *INPUTS)
