"""`gs://cloud-samples-data`: generated data sets under the names that Google's samples and pages use."""

from __future__ import annotations

import json
import random
from functools import cache
from typing import Any

from tuning_sandbox.storage.sums import crc32c_of, md5_of

Doc = dict[str, Any]
BUCKET = "cloud-samples-data"
_OWNER = "100000000001"
_MADE = "2024-01-01T00:00:00.000Z"
_GENERATION = "1704067200000000"
_TEXT = "ai-platform/generative_ai/"
_ROWS = {"train": 240, "validation": 60, "eval": 60}
# the data sets by name: their row format, and their part of the generated messages
_SETS = {
    **{
        f"{_TEXT}{folder}sft_{part}_data.jsonl": ("contents", part)
        for folder in ("", "gemini-1_5/text/", "gemini-2_0/text/", "gemini/text/")
        for part in ("train", "validation")
    },
    "vertex-ai/model-evaluation/eval_sample.jsonl": ("pairs", "eval"),
}
_TOPICS = {
    "delivery": ("parcel", "courier", "tracking number", "shipment", "delivery date"),
    "invoice": ("invoice", "receipt", "charge", "bank transfer", "tax number"),
    "account": ("password", "login", "user name", "security code", "profile"),
    "return": ("return label", "refund", "exchange", "wrong size", "damaged box"),
    "product": ("battery", "manual", "warranty", "spare part", "color"),
}
_OPENINGS = (
    "I have a question about the {}.",
    "Can you help me with my {}?",
    "Something is wrong with the {}.",
    "Where do I find the {}?",
    "The {} that I got is not what I expected.",
    "Please tell me more about the {}.",
)
_ENDINGS = (
    "",
    " I wrote two days ago.",
    " It is urgent.",
    " Thank you.",
    " I could not find it on your page.",
    " A friend told me to ask here.",
)
_TASK = "Say which topic the message is about: delivery, invoice, account, return or product."


def find_bucket() -> Doc:
    """The bucket of the samples, which everybody may read and nobody may write."""
    return bucket_of_google(BUCKET, _OWNER, _MADE, _GENERATION)


def bucket_of_google(name: str, owner_number: str, made: str, generation: str) -> Doc:
    """The metadata of a bucket that Google itself owns, as it was created."""
    uniform = {"enabled": True, "lockedTime": made}
    return {
        "kind": "storage#bucket",
        "selfLink": f"https://www.googleapis.com/storage/v1/b/{name}",
        "id": name,
        "name": name,
        "projectNumber": owner_number,
        "generation": generation,
        "metageneration": "1",
        "location": "US",
        "locationType": "multi-region",
        "storageClass": "STANDARD",
        "etag": "CAE=",  # of metageneration 1
        "timeCreated": made,
        "updated": made,
        "iamConfiguration": {
            "bucketPolicyOnly": uniform,
            "uniformBucketLevelAccess": dict(uniform),
            "publicAccessPrevention": "inherited",
        },
    }


def names(prefix: str = "") -> list[str]:
    """The names of the samples, in order."""
    return sorted(name for name in _SETS if name.startswith(prefix))


@cache
def read_bytes(name: str) -> bytes:
    """The rows of a sample; the same in every process."""
    form, part = _SETS[name]
    parts = list(_ROWS)
    first = sum(_ROWS[before] for before in parts[: parts.index(part)])
    rows = [_row(form, asked, said) for asked, said in _messages()[first : first + _ROWS[part]]]
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def _messages() -> list[tuple[str, str]]:
    """Every message with its topic, shuffled; no two parts share a message."""
    found = [
        (f"{_TASK}\n{opening.format(thing)}{ending}", topic)
        for topic, things in _TOPICS.items()
        for thing in things
        for opening in _OPENINGS
        for ending in _ENDINGS
    ]
    random.Random(0).shuffle(found)
    return found


def find_object(name: str) -> Doc | None:
    """The metadata of a sample, None if there is none with that name."""
    return dict(_document(name)) if name in _SETS else None


@cache
def _document(name: str) -> Doc:
    data = read_bytes(name)
    path = f"b/{BUCKET}/o/{name.replace('/', '%2F')}"
    return {
        "kind": "storage#object",
        "id": f"{BUCKET}/{name}/{_GENERATION}",
        "selfLink": f"https://www.googleapis.com/storage/v1/{path}",
        "mediaLink": f"/download/storage/v1/{path}?generation={_GENERATION}&alt=media",
        "name": name,
        "bucket": BUCKET,
        "generation": _GENERATION,
        "metageneration": "1",
        "contentType": "application/octet-stream",
        "storageClass": "STANDARD",
        "size": str(len(data)),
        "md5Hash": md5_of(data),
        "crc32c": crc32c_of(data),
        "etag": "CICA+Pe4t4MDEAE=",
        "timeCreated": _MADE,
        "updated": _MADE,
        "timeStorageClassUpdated": _MADE,
    }


def _row(form: str, asked: str, said: str) -> Doc:
    if form == "pairs":
        return {"input_text": asked, "output_text": said}
    turns = (("user", asked), ("model", said))
    return {"contents": [{"role": role, "parts": [{"text": text}]} for role, text in turns]}
