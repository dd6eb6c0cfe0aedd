"""Addresses of an API: whether one is on this machine, whether two are the same, and which a user may set."""

from __future__ import annotations

from urllib.parse import urlsplit


def is_loopback(url: str) -> bool:
    """Whether a URL is plain http on this machine, where the user's credentials must not be sent."""
    try:
        parts = urlsplit(url)
    except ValueError:  # an unclosed bracket
        return False
    host = (parts.hostname or "").lower()
    return parts.scheme == "http" and (host in ("localhost", "::1") or host.startswith("127."))


def same_origin(a: str, b: str) -> bool:
    """Whether two origins are the same API. Letter case, a trailing slash and the name of loopback do not matter."""
    return _canonical(a) == _canonical(b)


def parse_base_url(text: str) -> str:
    """The address of an API (or a template of one), without a trailing slash. Raises ValueError with what is wrong."""
    bare = text.replace("{location}", "x").replace("{service}", "x")
    if "{" in bare or "}" in bare:
        raise ValueError(f"{text!r} has a placeholder other than {{location}} and {{service}}")
    parts = urlsplit(bare)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError(f"{text!r} is not an address like http://127.0.0.1:8085")
    if parts.username or parts.password:
        raise ValueError("the address must not contain a user name or password")
    if parts.scheme == "http" and not is_loopback(bare):
        raise ValueError(f"{text!r} would send credentials unencrypted; plain http is for this machine only")
    try:
        _ = parts.port
    except ValueError:
        raise ValueError(f"{text!r} has no usable port number") from None
    return text.rstrip("/")


def _canonical(text: str) -> str:
    parts = urlsplit(text.strip())
    host = (parts.hostname or "").lower()
    host = "127.0.0.1" if host in ("localhost", "::1") else host
    port = "" if ":" not in parts.netloc.rpartition("]")[2] else f":{parts.netloc.rpartition(':')[2]}"
    if (parts.scheme.lower(), port) in (("http", ":80"), ("https", ":443")):
        port = ""
    return f"{parts.scheme.lower()}://{host}{port}{parts.path.rstrip('/')}"
