"""Cloud Storage made by hand: objects with generations and metadata."""

from __future__ import annotations

import base64
import hashlib
import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pulumi_gcp_tuning.errors import ApiError
from pulumi_gcp_tuning.google.object_reading import OpenObject
from pulumi_gcp_tuning.google.storage import Uploaded
from support.hand_made_answers import gone
from support.json_copy import json_copy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.hand_made_google import HandMadeGoogle

GOOD_ROWS = b"".join(
    json.dumps(
        {
            "contents": [
                {"role": "user", "parts": [{"text": f"Where is order {number}?"}]},
                {"role": "model", "parts": [{"text": f"Order {number} left on day {number}."}]},
            ]
        }
    ).encode()
    + b"\n"
    for number in range(150)
)


@dataclass
class HandMadeStorage:
    google: HandMadeGoogle

    def upload_object(self, bucket: str, name: str, path: Path, **options: Any) -> Uploaded:
        content = Path(path).read_bytes()
        crc = base64.b64encode(hashlib.md5(content).digest()[:4]).decode()  # noqa: S324
        found = self.google.objects.get((bucket, name))
        if found is not None:
            return Uploaded(object=json_copy(found), created=False, same_content=found["crc32c"] == crc)
        made: dict[str, Any] = {"bucket": bucket, "name": name, "generation": str(next(self.google.ids)), "crc32c": crc}
        made |= {"size": str(len(content)), "kmsKeyName": options.get("kms_key_name"), "metageneration": "1"}
        made["metadata"] = {**(options.get("metadata") or {}), "sha256": hashlib.sha256(content).hexdigest()}
        self.google.objects[bucket, name] = made
        return Uploaded(object=json_copy(made), created=True, same_content=True)

    def get_bucket(self, name: str) -> dict[str, Any]:
        return {"name": name, "location": "US-CENTRAL1", "locationType": "region", **self.google.buckets.get(name, {})}

    def get_bucket_policy(self, bucket: str) -> dict[str, Any]:
        return {}

    def test_permissions(self, bucket: str, permissions: Any) -> frozenset[str]:
        return frozenset(permissions)

    def list_objects(self, bucket: str, prefix: str) -> Iterator[Any]:
        found = [(name, each) for (held, name), each in self.google.objects.items() if held == bucket]
        return iter([json_copy(each) for name, each in found if name.startswith(prefix)])

    def open_object(self, bucket: str, name: str, *, user_project: str | None = None) -> OpenObject:
        """Rows that nobody can object to, whatever the name: what a job trains on is seldom a test's subject."""
        generation = self.google.objects.get((bucket, name), {}).get("generation", "1")
        return OpenObject(io.BytesIO(GOOD_ROWS), generation=str(generation))

    def get_object(self, bucket: str, name: str, *, user_project: str | None = None) -> dict[str, Any]:
        if self.google.down is not None:
            raise self.google.down
        if (bucket, name) not in self.google.objects:
            raise gone(name)
        return json_copy(self.google.objects[bucket, name])

    def patch_object(
        self,
        bucket: str,
        name: str,
        body: dict[str, Any],
        *,
        if_metageneration_match: str | None = None,
        user_project: str | None = None,
    ) -> dict[str, Any]:
        self.google.journal.append(("patch_object", name))
        if self.google.refuse_patch is not None:
            raise self.google.refuse_patch
        found = self._matching(bucket, name, if_metageneration_match)
        metadata = {**(found.get("metadata") or {}), **body["metadata"]}
        found["metadata"] = {key: value for key, value in metadata.items() if value is not None}
        found["metageneration"] = str(int(found["metageneration"]) + 1)
        return json_copy(found)

    def delete_object(
        self,
        bucket: str,
        name: str,
        generation: str | None = None,
        *,
        if_metageneration_match: str | None = None,
        user_project: str | None = None,
    ) -> None:
        found = self._matching(bucket, name, if_metageneration_match)
        if generation not in (None, found["generation"]):
            raise gone(name)
        del self.google.objects[bucket, name]

    def _matching(self, bucket: str, name: str, metageneration: str | None) -> dict[str, Any]:
        found = self.google.objects.get((bucket, name))
        if found is None:
            raise gone(name)
        if self.google.meddling:
            self.google.meddling.pop(0)(found)
        if metageneration not in (None, found["metageneration"]):
            raise ApiError("conditionNotMet", http_status=412, status="FAILED_PRECONDITION")
        return found
