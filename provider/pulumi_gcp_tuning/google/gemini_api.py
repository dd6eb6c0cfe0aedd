"""Tuned models of the Gemini API (generativelanguage.googleapis.com), which have no project and no location in their names.

With an API key the requests carry it in a header, never in the URL, and nothing else of the caller. Without one they carry
the credentials of the session, and the project that pays.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from pulumi_gcp_tuning.google import answer_shapes, shapes
from pulumi_gcp_tuning.google.credentials import quota_project
from pulumi_gcp_tuning.google.pages import list_pages
from pulumi_gcp_tuning.google.shape import NOTHING, Shape
from pulumi_gcp_tuning.google.transport import READ_SECONDS, Resend, Transport
from pulumi_gcp_tuning.origins import is_loopback
from pulumi_gcp_tuning.signing import CredentialsChoice

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pulumi_gcp_tuning.google.operations import Json

PAGE: Final = 100


class TunedModels:
    """The caller's tuned models. Names are ``tunedModels/ID``."""

    def __init__(self, transport: Transport, origin: str) -> None:
        self._shared = transport
        self._origin = origin

    def create(self, tuned_model_id: str, body: Json) -> Json:
        """Starts to tune a model under this id; the operation. Sent again where it may not have arrived, because the id is ours."""
        query = {"tunedModelId": tuned_model_id}
        return self._send("POST", "v1beta/tunedModels", shapes.OPERATION, query, body, resend="front door")

    def get(self, name: str) -> Json:
        """A tuned model with its state."""
        return self._send("GET", f"v1beta/{name}", shapes.GEMINI_TUNED_MODEL)

    def list(self) -> Iterator[Json]:
        """The caller's tuned models, page by page."""
        url, shape = self._url("v1beta/tunedModels"), shapes.GEMINI_TUNED_MODELS
        for page in list_pages(self._transport, url, shape, {"pageSize": PAGE}, headers=self._headers):
            yield from page.get("tunedModels") or ()

    def patch(self, name: str, body: Json, mask: Sequence[str]) -> Json:
        """Changes displayName or description."""
        query = {"updateMask": ",".join(mask)}
        return self._send("PATCH", f"v1beta/{name}", shapes.GEMINI_TUNED_MODEL, query, body, resend="idempotent")

    def delete(self, name: str) -> None:
        """Deletes a tuned model, also one that is being created."""
        self._send("DELETE", f"v1beta/{name}", NOTHING)

    def get_operation(self, name: str) -> Json:
        """The operation of a create, which only v1 has."""
        return self._send("GET", f"v1/{name}", shapes.OPERATION)

    def generate_content(self, name: str, body: Json) -> Json:
        """The answer of a tuned model."""
        path = f"v1beta/{name}:generateContent"
        return self._send("POST", path, answer_shapes.GENERATED, body=body, resend="idempotent", read_seconds=120.0)

    def _send(
        self,
        verb: str,
        path: str,
        shape: Shape,
        query: Mapping[str, str] | None = None,
        body: Json | None = None,
        *,
        resend: Resend = "idempotent",
        read_seconds: float = READ_SECONDS,
    ) -> Json:
        return self._transport.send(
            verb,
            self._url(path),
            shape,
            params=query,
            body=body,
            headers=self._headers,
            resend=resend,
            read_seconds=read_seconds,
        )

    def _url(self, path: str) -> str:
        return f"{self._origin}/{quote(path, safe='/:')}"

    @property
    def _headers(self) -> dict[str, str]:
        settings = self._shared.settings
        if settings.gemini_api_key:
            return {"x-goog-api-key": settings.gemini_api_key}
        payer = quota_project(settings) or settings.project
        return {"x-goog-user-project": payer} if payer and not self._is_unsigned else {}

    @property
    def _is_unsigned(self) -> bool:
        """Whether the caller's credentials stay out: with an API key, and where the Gemini API alone is on this machine."""
        settings = self._shared.settings
        is_apart = is_loopback(self._origin) and not is_loopback(settings.base_url or "")
        return bool(settings.gemini_api_key) or settings.credentials.kind == "anonymous" or is_apart

    @cached_property
    def _transport(self) -> Transport:
        shared = self._shared
        if not self._is_unsigned or (shared.settings.base_url == self._origin and not shared.settings.gemini_api_key):
            return shared
        unsigned = {"credentials": CredentialsChoice(kind="anonymous", source="none"), "base_url": self._origin}
        settings = shared.settings.model_copy(update=unsigned)
        return Transport(settings, shared.clock, cancelled=shared.cancelled, retry_seconds=shared.retry_seconds)
