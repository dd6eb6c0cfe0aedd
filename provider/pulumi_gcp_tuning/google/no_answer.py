"""Requests without an answer: the libraries' exceptions as errors that say what to do."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pulumi_gcp_tuning.errors import ApiError
from pulumi_gcp_tuning.origins import is_loopback
from pulumi_gcp_tuning.redaction import redact

if TYPE_CHECKING:
    import requests

    from pulumi_gcp_tuning.config import Settings


class Unreachable(ApiError):
    """There was no connection: nothing was sent."""


def connection_error(verb: str, url: str, error: requests.RequestException, *, changes: bool) -> ApiError:
    """There was no answer, or only a part of it. ``changes``: the request may have taken effect."""
    import requests
    from urllib3.exceptions import MaxRetryError, NewConnectionError

    origin = "/".join(url.split("/")[:3])
    reason = error.args[0] if error.args else None
    cause = reason.reason if isinstance(reason, MaxRetryError) else reason
    nothing_sent = isinstance(
        error, requests.ConnectTimeout | requests.exceptions.SSLError | requests.exceptions.ProxyError
    )
    if nothing_sent or isinstance(cause, NewConnectionError):
        remedy = (
            "Start the sandbox ('gcp-tuning sandbox') or unset GCP_TUNING_BASE_URL."
            if is_loopback(url)
            else "Check the network, the proxy settings and the region's name."
        )
        text = f"Nothing answers at {origin} ({_plain(cause or error)}). {remedy}"
        return Unreachable(redact(text), http_status=0, status="UNAVAILABLE", maybe_took_effect=False)
    slow = isinstance(error, requests.Timeout)
    text = f"{verb.upper()} {url.split('?', maxsplit=1)[0]}: " + (
        "no answer came in time." if slow else f"the connection broke before the answer was complete ({_plain(error)})."
    )
    if changes:
        text += " It is not known whether the request took effect."
    return ApiError(redact(text), http_status=0, status="UNAVAILABLE", maybe_took_effect=changes)


def address_error() -> ApiError:
    """No library can parse the address. It is not quoted, because in a damaged key file it may contain part of the key."""
    return ApiError(
        "An address cannot be read: the API's (GCP_TUNING_BASE_URL) or token_uri in the credentials.\n"
        "Correct the address that you set, or download the key file again.",
        http_status=0,
        status="INVALID_ARGUMENT",
    )


def header_error(settings: Settings) -> ApiError:
    """The token has a character that no header may have. It is not quoted."""
    return ApiError(
        f"Nothing was sent: the credentials ({settings.credentials.source}) have a token with a line break or a character "
        "that is not allowed in a header. Get a new token.",
        http_status=0,
        status="UNAUTHENTICATED",
    )


def auth_error(error: Exception, settings: Settings) -> ApiError:
    """google-auth got no token: UNAVAILABLE if another try may get one, else UNAUTHENTICATED."""
    # Google's library quotes whole answers of token servers, proxy addresses and the output of the user's own command
    told = re.sub(r"://[^/\s@]+@", "://", redact(str(error), shortest_run=16))
    first_line = (told.strip().splitlines() or [type(error).__name__])[0]
    from google.auth.exceptions import TransportError

    # no token because of the network; the credentials may still be valid
    retryable = bool(getattr(error, "retryable", False)) or isinstance(error, TransportError)
    if retryable:
        text = f"No token could be fetched ({settings.credentials.source}): {first_line[:300]} Check the network."
        return ApiError(redact(text), http_status=0, status="UNAVAILABLE")
    return ApiError(
        redact(
            f"Google did not accept the credentials ({settings.credentials.source}): {first_line[:300]} "
            "Run 'gcloud auth application-default login' or check the service account."
        ),
        http_status=0,
        status="UNAUTHENTICATED",
    )


def _plain(error: object) -> str:
    """The innermost reason in a few words, without object addresses."""
    text = str(error)
    for word in (
        "Connection refused",
        "Name or service not known",
        "Temporary failure in name resolution",
        "Remote end closed connection",
        "Connection reset",
        "IncompleteRead",
        "certificate verify failed",
        "Network is unreachable",
        "timed out",
    ):
        if word.lower() in text.lower():
            return word[0].lower() + word[1:]
    return type(error).__name__
