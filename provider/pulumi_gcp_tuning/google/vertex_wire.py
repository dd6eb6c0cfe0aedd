"""How the calls of Vertex AI in one location reach their origin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from pulumi_gcp_tuning.errors import ApiError
from pulumi_gcp_tuning.google import shapes
from pulumi_gcp_tuning.google.gapic import GapicWire
from pulumi_gcp_tuning.google.operations import OPERATION_SECONDS, Json, Wait, wait_until_done
from pulumi_gcp_tuning.google.pages import list_pages
from pulumi_gcp_tuning.google.shape import NOTHING, Shape

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pulumi_gcp_tuning.google.transport import Resend, Transport

API = "v1beta1"


class VertexWire:
    """Requests to one origin, as JSON and through Google's message types."""

    def __init__(self, transport: Transport, origin: str) -> None:
        self.transport = transport
        self.origin = origin
        self.gapic = GapicWire(transport, origin)

    def get(self, path: str, shape: Shape, *, resend: Resend = "idempotent", read_seconds: float = 60.0) -> Json:
        """The resource of this name, checked against the ``shape``."""
        return self.transport.send("GET", self._url(path), shape, resend=resend, read_seconds=read_seconds)

    def pages(
        self, path: str, shape: Shape, params: Mapping[str, Any], *, resend: Resend = "idempotent"
    ) -> Iterator[Json]:
        """The pages of a list, as :func:`list_pages` gives them."""
        return list_pages(self.transport, self._url(path), shape, params, resend=resend)

    def items(self, path: str, key: str, shape: Shape, params: Mapping[str, Any]) -> Iterator[Json]:
        """The entries under ``key`` of all pages, which are checked against the ``shape``."""
        for page in self.pages(path, shape, params):
            yield from page.get(key) or ()

    def post(self, path: str, shape: Shape, body: Json, *, resend: Resend, read_seconds: float = 60.0) -> Json:
        """Sends a body as JSON that the generated clients have no fields for."""
        return self.transport.send("POST", self._url(path), shape, body=body, resend=resend, read_seconds=read_seconds)

    def finish(self, operation: Json, wait: Wait | None, what: str, shape: Shape = NOTHING) -> Json:
        """Waits for an operation and returns its response, checked against the ``shape``."""

        def fetch(name: str) -> Json:
            return self.get(name, shapes.OPERATION)

        response = wait_until_done(operation, fetch, self.wait_or_default(wait), what=what)
        wrong = shape.misfit(response)
        if wrong is None:
            return response
        text = f"{what} has ended, but Google's answer cannot be read: {wrong}."
        raise ApiError(text, http_status=200, status="UNKNOWN", maybe_took_effect=True)

    def wait_or_default(self, wait: Wait | None) -> Wait:
        """The wait of the caller, or half an hour."""
        if wait is not None:
            return wait
        transport = self.transport
        return Wait.lasting(
            OPERATION_SECONDS,
            clock=transport.clock,
            cancelled=transport.cancelled,
            interval=transport.settings.poll_interval,
        )

    def _url(self, path: str) -> str:
        return f"{self.origin}/{API}/{quote(path, safe='/@:')}"
