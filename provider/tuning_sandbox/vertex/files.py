"""Files that a request of generateContent names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tuning_sandbox.kernel import Call, GoogleError, invalid_argument
from tuning_sandbox.spelling import to_snake
from tuning_sandbox.vertex.service import api, not_in_sandbox

Doc = dict[str, Any]

api.behaviour(
    "a file in Cloud Storage that a request names must exist and have a mimeType; what it shows changes no answer",
    source="assumed",
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
