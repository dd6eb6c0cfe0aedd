"""Right configurations of the second list: Google takes them, so nothing may be said of them."""

from __future__ import annotations

import json
from typing import Any, Final

from preflight.list_row import Row, file, turn
from preflight.second_list import (
    ABOUT,
    AUDIO,
    BISON,
    BUCKETS,
    CMEK,
    DEPLOYING,
    DOCUMENT,
    DOCUMENT_TYPES,
    FUNCTION_CALLING,
    FUNCTIONS,
    IMAGE,
    IMAGE_TYPES,
    JOB,
    LABELS,
    MODEL_ACCESS,
    OBJECTS,
    OPEN,
    POLICIES,
    PREFERENCE_DATA,
    PREPARE,
    PROJECTS,
    REGIONS,
    STORAGE_KEYS,
    USE,
    VIDEO,
    Page,
)
from preflight.second_list_files import CHATS, LIKED, LLAMA, SCOUT, of_file
from preflight.second_list_names import DATASET_KEY, FIRST_DAY, JOB_KEY, SECOND_DAY, TRAINED, key_in
from preflight.second_list_rows import (
    ANSWER,
    CALL,
    QUESTION,
    RESPONSE,
    TOOL,
    turns,
)
from support.preflight_case import CHECKED_DATA, GOOD, KEYED_DAY, PARAMETERS, SPEC, Tree, good_rows, lines, row
from support.preflight_identity_cases import TUNE_AGENT, TUNER

MODEL: Final = "inputs/baseModel"
PLACE: Final = "inputs/location"
HELD: Final = "world/buckets"
STORED: Final = "world/objects"
EUROPE: Final = "europe-west4"
OWN_KEY: Final = "projects/keys-prod/locations/us-central1/keyRings/ring/cryptoKeys/key"
US_KEY: Final = key_in("us")

NAMES: Final = (
    PROJECTS.right(
        "a project id of 30 characters",
        "6 to 30 characters.",
        {"inputs/project": "s" * 30, "world/projects": ["s" * 30]},
        kind="endpoint",
    ),
    PROJECTS.right(
        "a project id of six characters",
        "6 to 30 characters.",
        {"inputs/project": "shop-2", "world/projects": ["shop-2"]},
        kind="endpoint",
    ),
    BUCKETS.right(
        "a bucket named like a domain",
        "Names may hold dots.",
        {HELD: {"data.shop.example": "us-central1"}, "inputs/bucket": "data.shop.example"},
        kind="tuning_dataset",
    ),
    BUCKETS.right(
        "a bucket's name with an underscore",
        "Names may hold underscores.",
        {HELD: {"shop_data": "us-central1"}, "inputs/bucket": "shop_data"},
        kind="tuning_dataset",
    ),
    OBJECTS.right(
        "an object's name with blanks and umlauts",
        "Any valid Unicode characters.",
        {STORED: {"Datensätze 2026/train (1).jsonl": GOOD}, TRAINED: "gs://shop-data/Datensätze 2026/train (1).jsonl"},
    ),
    LABELS.right(
        "labels in another alphabet", "International characters are allowed.", {"inputs/labels": {"größe": "zürich"}}
    ),
    LABELS.right("an empty label value", "Values can be empty.", {"inputs/labels": {"team": ""}}, kind="endpoint"),
    LABELS.right(
        "a label key of 63 characters", "At most 63.", {"inputs/labels": {"k" * 63: "v" * 63}}, kind="tuned_model"
    ),
    USE.right(
        "a display name as people write it",
        "A name of at most 128 characters.",
        {"inputs/tunedModelDisplayName": "Support bot, Zürich (v2)"},
    ),
    USE.right(
        "an own service account with its role",
        "It has roles/aiplatform.tuningServiceAgent, and the Secure Fine Tuning agent makes tokens for it.",
        {
            "inputs/serviceAccount": TUNER,
            "world/account": {},
            "world/bindings": [
                ["roles/aiplatform.tuningServiceAgent", f"serviceAccount:{TUNER}"],
                ["roles/iam.serviceAccountTokenCreator", f"serviceAccount:{TUNE_AGENT}"],
                ["roles/storage.objectViewer", f"serviceAccount:{TUNER}"],
            ],
        },
    ),
)


def in_place(page: Page, id: str, says: str, model: str, place: str, bucket: str, day: str = "") -> Row:  # noqa: A002
    """A model in a region, its data in a bucket there."""
    given: Tree = {MODEL: model, PLACE: place, HELD: {"shop-data": bucket}}
    return page.right(id, says, given | ({"world/today": day} if day else {}))


def sized(model: str, size: str, says: str, day: str = "") -> Row:
    """A model with an adapter size that it has."""
    given: Tree = {MODEL: model, f"{PARAMETERS}/adapterSize": size}
    return ABOUT.right(f"{size} of {model}", says, given | ({"world/today": day} if day else {}))


MODELS: Final = (
    in_place(ABOUT, "Gemini 3.5 Flash in Europe", "us-central1 and europe-west4.", "gemini-3.5-flash", EUROPE, EUROPE),
    in_place(ABOUT, "data in the multi-region around", "us-central1 and europe-west4.", "gemini-3.1-flash-lite", EUROPE, "eu"),
    in_place(REGIONS, "Gemini 2.5 Flash in Seoul", "asia-northeast3 is listed.", "gemini-2.5-flash", "asia-northeast3",
             "asia-northeast3", KEYED_DAY),
    in_place(REGIONS, "Gemini 2.5 Pro in São Paulo", "southamerica-east1 is listed.", "gemini-2.5-pro",
             "southamerica-east1", "southamerica-east1", KEYED_DAY),
    ABOUT.right("Gemini 3.5 Flash-Lite", "It shares the limits of 3.5 Flash.", {MODEL: "gemini-3.5-flash-lite"}),
    sized("gemini-1.5-flash-002", "ADAPTER_SIZE_EIGHT", "1, 4, 8 and 16.", FIRST_DAY),
    sized("gemini-1.5-pro-002", "ADAPTER_SIZE_FOUR", "1 and 4.", FIRST_DAY),
    sized("gemini-2.0-flash-001", "ADAPTER_SIZE_EIGHT", "1, 2, 4 and 8.", SECOND_DAY),
    sized("gemini-2.5-flash", "ADAPTER_SIZE_SIXTEEN", "1, 2, 4, 8 and 16.", KEYED_DAY),
    sized("gemini-3.5-flash", "ADAPTER_SIZE_TWO", "1, 2, 4, 8 and 16."),
    JOB.right("twenty epochs at a tenth of the rate", "An int64 and a positive number.",
              {f"{PARAMETERS}/epochCount": 20, f"{PARAMETERS}/learningRateMultiplier": 0.1}),
    JOB.right("epochs as text", "An int64 is text in JSON.", {f"{PARAMETERS}/epochCount": "3"}),
    JOB.right("the last checkpoint only", "A boolean.", {f"{SPEC}/exportLastCheckpointOnly": True}),
)  # fmt: skip


def whole(*rows: Any, **more: Any) -> Tree:
    """A file of these rows."""
    return {STORED: {"train.jsonl": lines(*rows), **{n.replace("__", "."): text for n, text in more.items()}}}


KOREAN: Final = [
    row(n, question=f"주문 {n}은 어디에 있습니까?", answer=f"주문 {n}은 배송 중입니다.") for n in range(120)
]
TALKS: Final = [turns(QUESTION | {"parts": [{"text": f"Where is {n}?"}]}, ANSWER, turn("user", "And then?"),
                      turn("model", f"On day {n}.")) for n in range(120)]  # fmt: skip
BRIEF: Final = {"role": "user", "parts": [{"text": "Be brief."}]}

TEXT: Final = (
    ABOUT.right(
        "900 validation examples beside 1,200 of training",
        "The 30 % are of sets with more than 1,000 validation examples.",
        {
            f"{SPEC}/validationDatasetUri": CHECKED_DATA,
            STORED: {"train.jsonl": lines(*good_rows(1200)), "validation.jsonl": lines(*good_rows(900, 2000))},
        },
    ),
    PREPARE.right("conversations of several turns", "The whole history is in contents.", whole(*TALKS)),
    PREPARE.right(
        "an instruction whose role is user",
        "The instruction's role is ignored.",
        whole(*({**each, "systemInstruction": BRIEF} for each in good_rows())),
    ),
    PREPARE.right(
        "an instruction in snake case, without a role",
        "JSON takes both spellings; the role is optional.",
        whole(*({**each, "system_instruction": {"parts": [{"text": "Be brief."}]}} for each in good_rows())),
    ),
    PREPARE.right("Korean rows", "Any language that the model speaks.", whole(*KOREAN)),
    PREPARE.right(
        "lines that end as Windows ends them",
        "JSON allows white space around a value.",
        {STORED: {"train.jsonl": GOOD.replace("\n", "\r\n")}},
    ),
    PREPARE.right(
        "a last line without an end", "One object on each line.", {STORED: {"train.jsonl": GOOD.removesuffix("\n")}}
    ),
    PREPARE.right(
        "characters as JSON escapes",
        "JSON text.",
        {STORED: {"train.jsonl": "".join(json.dumps(each, ensure_ascii=True) + "\n" for each in KOREAN)}},
    ),
)


def shown(*parts: Any, config: Tree | None = None, **objects: Any) -> Tree:
    """120 rows that each show these parts."""
    more = {"generationConfig": config} if config else {}
    rows = (turns(turn("user", *parts, f"What is in {n}?"), turn("model", f"Cat {n}."), **more) for n in range(120))
    return whole(*rows, **objects)


LOW: Final = {"mediaResolution": "MEDIA_RESOLUTION_LOW"}
WEB: Final = {"fileData": {"mimeType": "image/png", "fileUri": "https://shop.example/a.png"}}
CLIP: Final = {"startOffset": "5s", "endOffset": "25s"}
LONG: Final = {"startOffset": "0s", "endOffset": "1080s"}

PDFS: Final[Tree] = {f"{n}__pdf": "x" for n in range(4)}

MEDIA: Final = (
    IMAGE_TYPES.right("WEBP and HEIC", "PNG, JPEG, WEBP, HEIC, HEIF.",
                      shown(file("image/webp", "a.webp"), file("image/heic", "b.heic"), a__webp="x", b__heic="x")),
    IMAGE.right("images of a public address", "fileUri may be a public URL.", shown(WEB)),
    IMAGE.right("an image of 19 MB", "At most 20 MB.",
                shown(file("image/png", "a.png"), a__png="x") | {"world/sizes": {"a.png": 19_000_000}}),
    IMAGE.right("one resolution everywhere", "The same in all rows, also of validation.",
                shown(file("image/png", "a.png"), config={"mediaResolution": "MEDIA_RESOLUTION_MEDIUM"}, a__png="x")),
    DOCUMENT.right("four PDF files in a row", "At most 4.",
                   shown(*(file("application/pdf", f"{n}.pdf") for n in range(4)), **PDFS)),
    DOCUMENT_TYPES.right("a text file", "application/pdf and text/plain.", shown(file("text/plain", "a.txt"), a__txt="x")),
    AUDIO.right("one FLAC file in a row", "At most 1.", shown(file("audio/flac", "a.flac"), a__flac="x")),
    AUDIO.right("a recording of 99 MB", "At most 100 MB.",
                shown(file("audio/mp3", "a.mp3"), a__mp3="x") | {"world/sizes": {"a.mp3": 99_000_000}}),
    VIDEO.right("twenty seconds of a video", "The page's own example.",
                shown(file("video/mp4", "a.mp4", videoMetadata=CLIP), config=LOW, a__mp4="x")),
    VIDEO.right("eighteen minutes at LOW", "At most 20 minutes at LOW.",
                shown(file("video/mp4", "a.mp4", videoMetadata=LONG), config=LOW, a__mp4="x")),
)  # fmt: skip


def calling(*contents: Any) -> Tree:
    """120 rows with a tool, on a model and a day without reports about calls."""
    rows = (turns(turn("user", f"Where is {n}?"), *contents, tools=[TOOL]) for n in range(120))
    return whole(*rows) | {MODEL: "gemini-2.0-flash-001", "world/today": SECOND_DAY}


def replied(number: int) -> Tree:
    """A plain answer."""
    return turn("model", f"Order {number} is sent.")


def some(*contents: Any) -> Tree:
    """Every second row of ``calling``, the others answered in plain words."""
    rows = (
        turns(turn("user", f"Where is {n}?"), *(contents if n % 2 else (replied(n),)), tools=[TOOL]) for n in range(120)
    )
    return whole(*rows) | {MODEL: "gemini-2.0-flash-001", "world/today": SECOND_DAY}


CALLS: Final = (
    FUNCTIONS.right(
        "a call, its response and an answer", "The page's first example.", some(turn("model", CALL), {"parts": [RESPONSE]}, ANSWER)
    ),
    FUNCTIONS.right("a call as the answer", "The page's second example.", some(turn("model", CALL))),
    FUNCTIONS.right(
        "two calls at once, two responses",
        "Parallel calls are parts of one turn.",
        some(turn("model", CALL, CALL), {"parts": [RESPONSE, RESPONSE]}, ANSWER),
    ),
    FUNCTION_CALLING.right(
        "a function's name with dots and dashes",
        "Letters, digits, underscores, dots and dashes.",
        whole(*(turns(each["contents"][0], each["contents"][1],
                      tools=[{"functionDeclarations": [{"name": "shop.find-order_2"}]}]) for each in good_rows()))
        | {MODEL: "gemini-2.0-flash-001", "world/today": SECOND_DAY},
    ),
)  # fmt: skip

CLOUD: Final = (
    CMEK.right("a key of another project", "The key may be in a project of its own.",
               {"world/today": KEYED_DAY, MODEL: "gemini-2.5-pro", JOB_KEY: OWN_KEY, "world/key": {"name": OWN_KEY},
                "world/projects": ["keys-prod"]}),
    STORAGE_KEYS.right("a dataset's key in the bucket's multi-region", "The location of the bucket.",
                       {HELD: {"shop-data": "us"}, DATASET_KEY: US_KEY, "world/key": {"name": US_KEY}}, kind="tuning_dataset"),
    POLICIES.right("an organization that denies another service", "Only what is listed is denied.",
                   {"world/policies": {"gcp.restrictServiceUsage": {"deniedValues": ["sqladmin.googleapis.com"]}}}),
    MODEL_ACCESS.right("an organization that denies another model", "A deny policy allows all other models.",
                       {"world/policies": {"vertexai.allowedModels":
                                           {"deniedValues": ["publishers/google/models/gemini-2.5-pro:predict"]}}}),
    POLICIES.right("an organization that allows the region itself", "Values are locations and groups of them.",
                   {"world/policies": {"gcp.resourceLocations": {"allowedValues": ["us-central1", "in:us-locations"]}}}),
    DEPLOYING.right("a deployment of a version by its alias", "A version id or an alias may follow.",
                    {"inputs/model": "projects/shop/locations/us/models/5550001112223334445@default"}, kind="model_deployment"),
    DEPLOYING.right("an endpoint in eu", "Models of Gemini 3 are deployed in us and eu.", {PLACE: "eu"}, kind="endpoint"),
    BISON.right("a pipeline in one region, its model in another", "Both may be chosen.",
                {PLACE: EUROPE, "inputs/tunedModelLocation": "us-west1"}, kind="pipeline_tuning_job"),
    BISON.right("a chat model with its chats", "Messages of user and assistant.",
                {MODEL: "codechat-bison@002", STORED: {"code.jsonl": lines(*(
                    {"messages": [{"author": "user", "content": f"Call {n}?"}, {"author": "assistant", "content": f"f({n})"}]}
                    for n in range(500)))}}, kind="pipeline_tuning_job"),
)  # fmt: skip


def commanded(page: Page, id: str, says: str, rows: list[Any], model: str, *more: str, **world: str) -> Row:  # noqa: A002
    """A file that ``gcp-tuning validate`` reads."""
    made = of_file(rows, model, *more)
    days = {f"world/{key}": value for key, value in world.items()}
    return page.right(id, says, made["given"] | days, command=made["command"])


PICTURE: Final = {"type": "image_url", "image_url": {"url": "gs://shop-data/a.png", "detail": "low"}}
PICTURES: Final = [
    {
        "messages": [
            {"role": "user", "content": [{"type": "text", "text": f"What is {n}?"}, PICTURE]},
            {"role": "assistant", "content": f"A cat, {n}."},
        ]
    }
    for n in range(120)
]
ASSISTED: Final = [turns(turn("user", f"Where is {n}?"), turn("assistant", f"Sent {n}.")) for n in range(120)]

FILES: Final = (
    commanded(OPEN, "prompts and completions for Llama", "The first format of the page.",
              [{"prompt": f"Order {n}?", "completion": f"Sent {n}."} for n in range(120)], LLAMA),
    commanded(OPEN, "messages for Llama", "The second format of the page.", CHATS, LLAMA),
    commanded(OPEN, "contents of an assistant for Llama", "The third format of the page.", ASSISTED, LLAMA),
    commanded(OPEN, "images for Llama 4 Scout", "Messages with images by gs:// URI.", PICTURES, SCOUT),
    commanded(PREFERENCE_DATA, "preferences for Gemini 2.5 Flash", "The page's own form.", LIKED, "gemini-2.5-flash",
              today=KEYED_DAY),
)  # fmt: skip

RIGHT: Final = (*NAMES, *MODELS, *TEXT, *MEDIA, *CALLS, *CLOUD, *FILES)
