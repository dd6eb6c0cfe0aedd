"""Files that a request of generateContent names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tuning_sandbox.kernel import Call, GoogleError, invalid_argument
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


def _files(body: Doc) -> Iterator[Doc]:
    for content in [*body.get("contents", []), body.get("systemInstruction") or {}]:
        for part in content.get("parts", []):
            if isinstance(part.get("fileData"), Mapping):
                yield part["fileData"]
