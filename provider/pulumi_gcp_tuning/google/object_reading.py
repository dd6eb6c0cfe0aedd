"""An object's content as a binary file: one GET, read in parts, resumed after a broken connection."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Final, cast

from pulumi_gcp_tuning.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import requests
    from _typeshed import WriteableBuffer

    from pulumi_gcp_tuning.google.transport import Transport

_BUFFER: Final = 1 << 18
_MOST_BREAKS: Final = 5


class OpenObject(io.BufferedReader):
    """The object being read: its ``generation``, and its ``size`` in bytes if Google sends it first."""

    def __init__(self, content: io.RawIOBase | io.BytesIO, *, generation: str | None, size: int | None = None) -> None:
        super().__init__(cast("io.RawIOBase", content), buffer_size=_BUFFER)
        self.generation = generation
        self.size = size


def open_content(transport: Transport, url: str, params: Mapping[str, str]) -> OpenObject:
    """The object at a URL, of one generation from the first byte to the last."""
    content = _Content(transport, url, dict(params))
    return OpenObject(content, generation=content.params.get("generation"), size=content.size)


class _Content(io.RawIOBase):
    def __init__(self, transport: Transport, url: str, params: dict[str, str]) -> None:
        super().__init__()
        self.params = {**params, "alt": "media"}
        self.size: int | None = None
        self._transport = transport
        self._url = url
        self._at = self._behind = self._breaks = 0
        self._response: requests.Response | None = None
        response = self._open()
        headers = response.headers
        generation, length = headers.get("x-goog-generation"), headers.get("content-length", "")
        if generation is not None:
            self.params["generation"] = generation
        if length.isdigit() and "content-encoding" not in headers:
            self.size = int(length)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer).cast("B")
        while True:
            try:
                assert self._response is not None  # noqa: S101
                chunk = self._response.raw.read(len(view), decode_content=True)
            except Exception as error:
                if not type(error).__module__.startswith(("urllib3.", "requests.")) and not isinstance(error, OSError):
                    raise
                self._take_up(error)
                continue
            if self._behind and chunk:  # the server ignored the range and sends the object from its start
                known, chunk = min(self._behind, len(chunk)), chunk[self._behind :]
                self._behind -= known
                if not chunk:
                    continue
            view[: len(chunk)] = chunk
            self._at += len(chunk)
            return len(chunk)

    def close(self) -> None:
        if self._response is not None:
            self._response.close()
        super().close()

    def _open(self) -> requests.Response:
        # without "identity" an answer may be compressed, and then it cannot be resumed in the middle
        headers = {"accept-encoding": "identity", "accept": "*/*"}
        if self._at:
            headers["range"] = f"bytes={self._at}-"
        opened = self._transport.retrying(
            lambda: self._transport.open_stream(self._url, params=self.params, headers=headers), "idempotent"
        )
        self._response = opened
        return opened

    def _take_up(self, error: Exception) -> None:
        """Continues after the last byte that arrived, in the same generation."""
        self._breaks += 1
        if self._breaks > _MOST_BREAKS or (self._at and "generation" not in self.params):
            raise ApiError(
                f"GET {self._url}: the connection broke repeatedly ({type(error).__name__}).",
                http_status=0,
                status="UNAVAILABLE",
            ) from error
        if self._response is not None:
            self._response.close()
        try:
            opened = self._open()
        except ApiError as gone:
            if gone.http_status != 404:
                raise
            text = f"GET {self._url}: the object was replaced or deleted while it was read. Run it again."
            raise ApiError(text, http_status=404, status="ABORTED") from gone
        self._behind = self._at if opened.status_code == 200 else 0
