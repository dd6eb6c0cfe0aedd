"""Cloud Storage: reads buckets and objects, and uploads datasets.

Look-ups are JSON over the shared session; content goes through google-cloud-storage.
"""

from __future__ import annotations

import base64
import hashlib
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from pulumi_gcp_tuning.errors import ApiError, NotFound, Refused
from pulumi_gcp_tuning.google.lookup_shapes import BUCKET, GRANTED, OBJECT, OBJECTS, POLICY
from pulumi_gcp_tuning.google.pages import list_pages
from pulumi_gcp_tuning.google.shape import NOTHING
from pulumi_gcp_tuning.once import Once

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from google.cloud.storage import Client  # type: ignore[import-untyped]

    from pulumi_gcp_tuning.google.object_reading import OpenObject
    from pulumi_gcp_tuning.google.operations import Json
    from pulumi_gcp_tuning.google.transport import Transport

_CHUNK = 1 << 20
_SINGLE_REQUEST = 8 << 20


@dataclass(frozen=True)
class Uploaded:
    """``object`` is the object's metadata; ``created`` is false if it existed before (412).

    ``same_content`` compares the file's crc32c with that of the object.
    """

    object: Json
    created: bool
    same_content: bool


@dataclass
class Storage:
    """Safe to share among threads."""

    transport: Transport
    origin: str
    facts: Once
    _made: Once = field(default_factory=lambda: Once(Exception))

    def get_bucket(self, name: str) -> Json:
        """A bucket's metadata (``location``, ``locationType``, ``encryption.defaultKmsKeyName``), once per run."""
        url = self._url(name)
        return self.facts.get(("bucket", name), lambda: self.transport.send("GET", url, BUCKET))

    def get_bucket_policy(self, bucket: str) -> Json:
        """The IAM policy on a bucket, once per run."""
        url = f"{self._url(bucket)}/iam"
        return self.facts.get(("bucket policy", bucket), lambda: self.transport.send("GET", url, POLICY))

    def get_object(self, bucket: str, name: str, *, user_project: str | None = None) -> Json:
        """The metadata of the live object, requested each time. ``user_project`` pays for the request."""
        params = _given(userProject=user_project)
        return self.transport.send("GET", self._url(bucket, name), OBJECT, params=params)

    def list_objects(self, bucket: str, prefix: str) -> Iterator[Json]:
        """The metadata of the live objects whose names begin with ``prefix``, page after page."""
        params = {"prefix": prefix, "maxResults": 1000}
        for page in list_pages(self.transport, f"{self._url(bucket)}/o", OBJECTS, params):
            yield from page.get("items") or ()

    def patch_object(
        self,
        bucket: str,
        name: str,
        body: Json,
        *,
        if_metageneration_match: str | int | None = None,
        user_project: str | None = None,
    ) -> Json:
        """Changes an object's metadata, not its content; null removes a key. 412 if the metageneration differs."""
        params = _given(ifMetagenerationMatch=if_metageneration_match, userProject=user_project)
        url = self._url(bucket, name)
        return self.transport.send("PATCH", url, OBJECT, params=params, body=body, resend="idempotent")

    def delete_object(
        self,
        bucket: str,
        name: str,
        generation: str | int | None = None,
        *,
        if_metageneration_match: str | int | None = None,
        user_project: str | None = None,
    ) -> None:
        """Deletes exactly ``generation`` if given. NotFound if it no longer exists, 412 as for a patch."""
        params = _given(generation=generation, ifMetagenerationMatch=if_metageneration_match, userProject=user_project)
        self.transport.send("DELETE", self._url(bucket, name), NOTHING, params=params)

    def upload_object(
        self,
        bucket: str,
        name: str,
        path: Path | str,
        *,
        sha256: str | None = None,
        if_generation_match: int = 0,
        kms_key_name: str | None = None,
        content_type: str = "application/jsonl",
        metadata: Mapping[str, str] | None = None,
        user_project: str | None = None,
    ) -> Uploaded:
        """Uploads a file in a stream, never over an existing object (``if_generation_match=0``).

        The object has ``metadata`` and its ``sha256`` from the start. Refuses if the file no longer has the declared
        ``sha256``. Google checks the crc32c on arrival.
        """
        import requests
        from google.api_core import exceptions as api_errors
        from google.auth import exceptions as auth_errors
        from google.cloud.storage.retry import DEFAULT_RETRY  # type: ignore[import-untyped]

        digest, crc32c = _hashes(Path(path))
        if sha256 is not None and digest != sha256:
            raise Refused(
                f"{path} changed since the preview (declared sha256 {sha256[:12]}..., now "
                f"{digest[:12]}...). Nothing was uploaded. Run the program again."
            )
        blob = self._blob(bucket, name, kms_key_name, user_project=user_project)
        blob.metadata = {**(metadata or {}), "sha256": digest}
        try:
            blob.upload_from_filename(
                str(path),
                content_type=content_type,
                if_generation_match=if_generation_match,
                checksum="crc32c",
                retry=DEFAULT_RETRY.with_timeout(self.transport.retry_seconds),
                timeout=(10.0, 300.0),
            )
        except api_errors.PreconditionFailed:
            existing = self.get_object(bucket, name, user_project=user_project)
            return Uploaded(object=existing, created=False, same_content=existing.get("crc32c") == crc32c)
        except api_errors.GoogleAPICallError as error:
            raise _storage_error(error, f"Uploading gs://{bucket}/{name}") from error
        except auth_errors.GoogleAuthError as error:
            raise ApiError(
                f"Uploading gs://{bucket}/{name}: {error}", http_status=0, status="UNAUTHENTICATED"
            ) from error
        except (requests.RequestException, ConnectionError, RecursionError, api_errors.RetryError) as error:
            unread = isinstance(error, requests.exceptions.JSONDecodeError | RecursionError)
            why = "the answer cannot be read" if unread else f"the connection broke ({type(error).__name__})"
            raise ApiError(
                f"Uploading gs://{bucket}/{name}: {why}. Run it again. An object that was uploaded is found and not uploaded again.",
                http_status=0,
                status="UNAVAILABLE",
                maybe_took_effect=True,
            ) from error
        made = self.get_object(bucket, name, user_project=user_project)
        return Uploaded(object=made, created=True, same_content=made.get("crc32c") == crc32c)

    def open_object(
        self, bucket: str, name: str, generation: str | int | None = None, *, user_project: str | None = None
    ) -> OpenObject:
        """The content as a binary file: one GET, read in parts. Raises NotFound when it is opened."""
        from pulumi_gcp_tuning.google.object_reading import open_content

        params = _given(generation=generation, userProject=user_project)
        path = self._url(bucket, name).removeprefix(self.origin)
        try:
            return open_content(self.transport, f"{self.origin}/download{path}", params)
        except ApiError as error:
            if error.http_status == 404 and not isinstance(error, NotFound):
                # errors of downloads are plain text, which may come from a proxy, so the metadata decides
                self.transport.send("GET", self._url(bucket, name), OBJECT, params=params)
            raise

    def test_permissions(self, bucket: str, permissions: tuple[str, ...]) -> frozenset[str]:
        """The subset of the permissions that the caller has on a bucket, once per run. NotFound if there is no bucket."""
        url = f"{self._url(bucket)}/iam/testPermissions"
        params = [("permissions", each) for each in permissions]
        answer: Json = self.facts.get(
            ("bucket_permissions", bucket, permissions),
            lambda: self.transport.send("GET", url, GRANTED, params=params),
        )
        return frozenset(answer.get("permissions") or ())

    def _url(self, bucket: str, name: str | None = None) -> str:
        url = f"{self.origin}/storage/v1/b/{quote(bucket, safe='')}"
        return url if name is None else f"{url}/o/{quote(name, safe='')}"

    def _blob(
        self,
        bucket: str,
        name: str,
        kms_key_name: str | None,
        *,
        user_project: str | None = None,
    ) -> Any:
        return self.client.bucket(bucket, user_project=user_project).blob(
            name, kms_key_name=kms_key_name, chunk_size=_SINGLE_REQUEST
        )

    @property
    def client(self) -> Client:
        """google-cloud-storage over our session, imported on first use."""
        return self._made.get("client", self._make_client)

    def _make_client(self) -> Client:
        from google.cloud.storage import Client

        # else the client reads each bucket in the background to label traces that nobody collects
        os.environ.setdefault("DISABLE_GCS_PYTHON_CLIENT_OTEL_BUCKET_METADATA", "true")
        session = self.transport.session
        return Client(
            project=self.transport.settings.project or "unused",
            credentials=session.credentials,  # type: ignore[attr-defined]
            _http=session,
            client_options={"api_endpoint": self.origin},
        )


def _given(**params: object) -> dict[str, str]:
    return {key: str(value) for key, value in params.items() if value is not None}


def _hashes(path: Path) -> tuple[str, str]:
    """sha256 in hex and crc32c as Cloud Storage writes it (big-endian base64)."""
    import google_crc32c

    digest = hashlib.sha256()
    checksum: Any = google_crc32c.Checksum()  # type: ignore[no-untyped-call]
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
            checksum.update(chunk)
    return digest.hexdigest(), base64.b64encode(checksum.digest()).decode()


def _storage_error(error: Any, what: str) -> ApiError:
    from pulumi_gcp_tuning.google.answers import read_answer

    response = getattr(error, "response", None)
    if response is not None:
        try:
            url, status = str(response.url or what), int(response.status_code)
            read_answer("POST", url, status, response.headers, response.content, NOTHING)
        except ApiError as read:
            return read
    code = int(getattr(error, "code", None) or 0)
    kind = NotFound if code == 404 else ApiError
    return kind(f"{what}: {getattr(error, 'message', error)}", http_status=code, status="UNKNOWN")
