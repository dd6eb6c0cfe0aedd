"""The requests to a forge: its answers, and its errors in one sentence each, without the token."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urljoin, urlsplit

from pulumi_gcp_tuning.errors import TuningError
from pulumi_gcp_tuning.redaction import redact

if TYPE_CHECKING:
    import requests

    from pulumi_gcp_tuning.clock import Clock
    from pulumi_gcp_tuning.review.comments.forges import Place

_TRIES: Final = 3
_REDIRECTS: Final = 3
_LONGEST_PAUSE: Final = 60.0
_PAUSE: Final = 2.0
_SECONDS: Final = (10.0, 30.0)
_PAGE: Final = 100
_PAGES: Final = 100
_MOST: Final = 300


class ForgeError(TuningError):
    """A request that did not succeed. ``maybe_took_effect``: the forge may have done it all the same."""

    def __init__(self, message: str, *, status: int = 0, maybe_took_effect: bool = False) -> None:
        super().__init__(message)
        self.status = status
        self.maybe_took_effect = maybe_took_effect


@dataclass(frozen=True)
class _Request:
    verb: str
    url: str
    body: Mapping[str, str] | None
    about: str

    @property
    def repeatable(self) -> bool:
        return self.verb != "POST"


class Service:
    """The API of a forge. The token is sent to the host of the API only."""

    def __init__(self, place: Place, token: str, clock: Clock) -> None:
        self._forge = place.forge
        self._api = place.api
        self._token = token
        self._clock = clock
        self._session = _open_session(place, token)

    def find(self, path: str) -> dict[str, Any]:
        """One object."""
        return self._object(self._ask("GET", path)[0], path)

    def write(self, verb: str, path: str, body: str) -> dict[str, Any]:
        """Sends a comment; the comment as the forge has it now. It has an id."""
        written = self._object(self._ask(verb, path, {"body": body})[0], path)
        if not isinstance(written.get("id"), int):
            raise self._misshapen(path, "a comment without an id")
        return written

    def list(self, path: str) -> Iterator[dict[str, Any]]:
        """All objects of all pages."""
        for page in range(1, _PAGES + 1):
            read, more = self._ask("GET", f"{path}?per_page={_PAGE}&page={page}")
            if not isinstance(read, list):
                raise self._misshapen(path, "something that is not a list")
            yield from (self._object(each, path) for each in read)
            if not more:
                return
        raise ForgeError(f"{self._forge.name} lists more than {_PAGE * _PAGES:,} comments.")

    def _ask(self, verb: str, path: str, body: Mapping[str, str] | None = None) -> tuple[Any, bool]:
        """The JSON of a success, and whether there is another page."""
        request = _Request(verb, self._api + path, body, path.partition("?")[0])
        for tries_left in reversed(range(_TRIES)):
            try:
                answer = self._send(request)
            except ForgeError as error:
                if not tries_left or not error.maybe_took_effect or not request.repeatable:
                    raise
                self._pause(_PAUSE)
                continue
            if answer.ok:
                return self._json(answer, request), "next" in answer.links
            pause = self._pause_of(answer, request)
            if pause is None or not tries_left or pause > _LONGEST_PAUSE:
                raise self._refusal(answer, request, pause)
            self._pause(pause)
        raise AssertionError("the last try returns or raises")

    def _pause(self, seconds: float) -> None:
        self._clock.sleep(seconds, lambda: False)

    def _send(self, request: _Request) -> requests.Response:
        """The answer after redirects within the API's host; another host never gets the token."""
        import requests

        for _ in range(_REDIRECTS + 1):
            try:
                answer = self._session.request(
                    request.verb, request.url, json=request.body, timeout=_SECONDS, allow_redirects=False
                )
            except requests.RequestException as error:
                untrusted = isinstance(error, requests.exceptions.SSLError)
                raise ForgeError(
                    f"{self._forge.name} did not answer {request.verb} {request.about} ({type(error).__name__})."
                    + (" REQUESTS_CA_BUNDLE can name the certificates to trust." if untrusted else ""),
                    maybe_took_effect=not (untrusted or isinstance(error, requests.ConnectTimeout)),
                ) from None
            if not answer.is_redirect:
                return answer
            target = target_of(request.url, answer.headers["location"])
            if target is None or _origin(target) != _origin(self._api):
                raise ForgeError(
                    f"{self._forge.name} redirects {request.about} to another host, which does not get the token. "
                    "Check the address of the API."
                )
            request = replace(request, url=target)
        raise ForgeError(f"{self._forge.name} redirects {request.about} in a circle.")

    def _pause_of(self, answer: requests.Response, request: _Request) -> float | None:
        """How long to wait before the request is sent again; None if it would get the same answer or may have taken effect."""
        spent = answer.headers.get("x-ratelimit-remaining", answer.headers.get("ratelimit-remaining")) == "0"
        limited = "retry-after" in answer.headers or spent or "rate limit" in _message(answer).lower()
        if answer.status_code == 429 or (answer.status_code == 403 and limited):
            wait = _number(answer.headers.get("retry-after"))
            reset = _number(answer.headers.get("x-ratelimit-reset", answer.headers.get("ratelimit-reset")))
            if wait is None and spent and reset is not None:
                wait = reset - self._clock.now().timestamp()
            return max(_PAUSE if wait is None else wait, 0.0)
        return _PAUSE if answer.status_code >= 500 and request.repeatable else None

    def _refusal(self, answer: requests.Response, request: _Request, pause: float | None) -> ForgeError:
        name, status = self._forge.name, answer.status_code
        said = self._clean(_message(answer))
        text = f"{name} answered {status} to {request.verb} {request.about}" + (f": {said}" if said else ".")
        if pause is not None and status < 500:
            text = f"{name} limits the requests of this token; try again in {pause:.0f} s."
        elif status == 401:
            text += f" {self._forge.token_variable} is not valid or has expired."
        elif status in (403, 404):
            text += f" {self._forge.forbidden}"
        return ForgeError(text, status=status, maybe_took_effect=status >= 500)

    def _json(self, answer: requests.Response, request: _Request) -> Any:
        try:
            return answer.json()
        except ValueError:
            error = self._misshapen(request.about, "something that is not JSON")
            error.maybe_took_effect = True
            raise error from None

    def _object(self, value: Any, path: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise self._misshapen(path, "something that is not an object")
        return value

    def _misshapen(self, path: str, what: str) -> ForgeError:
        return ForgeError(
            f"{self._forge.name} answered {path.partition('?')[0]} with {what}. "
            "Check that the address is that of its API, and that no proxy answers in its place."
        )

    def _clean(self, text: str) -> str:
        """What a forge says, in one line and without the token."""
        line = redact(" ".join(text.split()).replace(self._token, "[redacted]"))[:_MOST]
        return line if not line or line.endswith((".", "!", "?")) else f"{line}."


def _open_session(place: Place, token: str) -> requests.Session:
    import requests

    def sign(request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {token}"
        return request

    session = requests.Session()
    session.auth = sign  # a header alone would lose to a line of ~/.netrc
    session.headers.update({**place.forge.headers, "User-Agent": "pulumi-gcp-tuning"})
    return session


def target_of(url: str, location: str) -> str | None:
    """The address that a redirect of ``url`` names; None if it is no address."""
    try:
        target = urljoin(url, location)
        _origin(target)
    except ValueError:
        return None
    return target


def _origin(url: str) -> tuple[str, str, int | None]:
    parts = urlsplit(url)
    return parts.scheme, (parts.hostname or "").lower(), parts.port


def _number(text: str | None) -> float | None:
    try:
        return float(text or "")
    except ValueError:
        return None


def _message(answer: requests.Response) -> str:
    """What the forge says about its refusal: ``message`` at both, with ``errors`` at GitHub; ``error`` at GitLab."""
    try:
        read = answer.json()
    except ValueError:
        return ""
    if not isinstance(read, dict):
        return ""
    said = read.get("message") or read.get("error_description") or read.get("error") or ""
    errors = read.get("errors") if isinstance(read.get("errors"), list) else []
    more = [each["message"] for each in errors or [] if isinstance(each, dict) and isinstance(each.get("message"), str)]
    return "; ".join([said if isinstance(said, str) else str(said), *more])
