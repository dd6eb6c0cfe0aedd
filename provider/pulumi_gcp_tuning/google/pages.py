"""Google's lists, which come page by page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pulumi_gcp_tuning.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pulumi_gcp_tuning.google.operations import Json
    from pulumi_gcp_tuning.google.shape import Shape
    from pulumi_gcp_tuning.google.transport import Resend, Transport


def list_pages(
    transport: Transport,
    url: str,
    shape: Shape,
    params: Mapping[str, Any],
    *,
    headers: Mapping[str, str] | None = None,
    resend: Resend = "idempotent",
) -> Iterator[Json]:
    """The pages of a list as Google answered them, each checked against the ``shape``. ``{}`` is an empty page.

    Parameters that are None are left out. A list that names the same page again is an ApiError.
    """
    query = {key: str(value) for key, value in params.items() if value is not None}
    token: str | None = None
    while True:
        asked = {**query, "pageToken": token} if token else query
        page = transport.send("GET", url, shape, params=asked, headers=headers, resend=resend)
        yield page
        before, token = token, page.get("nextPageToken")
        if not token:
            return
        if token == before:
            text = f"The list {url} does not end, because Google returned the same page token twice. Run the command again."
            raise ApiError(text, http_status=200, status="UNKNOWN")
