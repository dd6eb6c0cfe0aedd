"""Files that a request of generateContent or a row of a data set names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from tuning_sandbox.kernel import Call, GoogleError, Sandbox, invalid_argument
from tuning_sandbox.kernel.course import Failure
from tuning_sandbox.learner.contents import show_files
from tuning_sandbox.learner.dataset import Dataset
from tuning_sandbox.spelling import split_uri, to_snake
from tuning_sandbox.vertex.service import api, not_in_sandbox
from tuning_sandbox.vertex.surroundings import PUBLIC_BUCKETS
from tuning_sandbox.vertex.work import Prepared, bad_data

Doc = dict[str, Any]

api.behaviour(
    "a file in Cloud Storage that a request names must exist and have a mimeType",
    source="assumed",
)
api.behaviour(
    "of a file, in a row or in a request, the small model sees its type, a hash of its bytes and the words in them",
    source="assumed",
)
api.behaviour(
    "a job fails whose rows name a file in Cloud Storage that does not exist; Google's own buckets are passed over",
    source="discovery",
)


def check_files(call: Call, body: Doc) -> None:
    """An error for a file that does not exist, has no type, or is not in Cloud Storage."""
    for file in _files(body):
        uri = str(file.get("fileUri", ""))
        if not file.get("mimeType"):
            raise invalid_argument(
                "Unable to submit request because it must have a mimeType parameter in fileData. Add one and try again.",
                "contents.parts.file_data.mime_type",
            )
        if not uri.startswith("gs://"):
            raise not_in_sandbox(f"files outside of Cloud Storage (fileData.fileUri {uri})")
        if call.sandbox.services.storage.find_object(uri) is None:
            raise GoogleError(
                404, "NOT_FOUND", f"Unable to submit request because the file {uri} of fileData was not found."
            )


api.behaviour(
    "a part of a request holds something, and what discovery requires of it: the file's URI, the type of inline data, the "
    "name and the response of a function; the texts are assumed",
    source="discovery",
)
_REQUIRED = {
    "fileData": ("fileUri",),
    "inlineData": ("mimeType", "data"),
    "functionResponse": ("name", "response"),
}


def check_parts(body: Doc) -> None:
    """400 for a part without data, or without a field that its kind of data needs."""
    for at, content in enumerate(body.get("contents", [])):
        for index, part in enumerate(content.get("parts", [])):
            where = f"contents[{at}].parts[{index}]"
            if not part:
                told = f"{where}.data: required oneof field 'data' must have one initialized field"
                raise invalid_argument(told, where)
            for kind, fields in _REQUIRED.items():
                for field in fields if kind in part else ():
                    if field not in part[kind] or part[kind][field] == "":
                        raise invalid_argument(
                            f"Required field is not set: {where}.{to_snake(kind)}.{to_snake(field)}.", where
                        )


def _files(body: Doc) -> Iterator[Doc]:
    for content in [*body.get("contents", []), body.get("systemInstruction") or {}]:
        for part in content.get("parts", []):
            if isinstance(part.get("fileData"), Mapping):
                yield part["fileData"]


def missing_file(sandbox: Sandbox, data_uri: str, files: Iterable[str]) -> Failure | None:
    """The error of a job whose rows name a file that does not exist."""
    for uri in sorted(files):
        if not uri.startswith("gs://") or split_uri(uri)[0] in PUBLIC_BUCKETS:
            continue
        if sandbox.services.storage.find_object(uri) is None:
            return bad_data("training", data_uri, f"the file {uri} does not exist.")
    return None


def shown(prepared: Prepared, read: Callable[[str], bytes | None]) -> Prepared:
    """What was read, with the contents of files in the prompts; their counts stay those of the rows."""
    for data in (prepared.training, prepared.validation):
        if isinstance(data, Dataset) and data.files:
            data.examples = [replace(each, prompt=show_files(each.prompt, read)) for each in data.examples]
    return prepared
