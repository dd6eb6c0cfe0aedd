"""One session for all requests: it signs, logs, retries and reads."""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from pulumi_gcp_tuning.clock import Clock
from pulumi_gcp_tuning.errors import ApiError
from pulumi_gcp_tuning.google.answers import FRONT_DOOR, REQUEST_ID_HEADERS, read_answer
from pulumi_gcp_tuning.google.no_answer import Unreachable, address_error, auth_error, connection_error, header_error
from pulumi_gcp_tuning.google.operations import Json, never
from pulumi_gcp_tuning.google.shape import NOTHING, Shape
from pulumi_gcp_tuning.once import Once
from pulumi_gcp_tuning.origins import is_loopback
from pulumi_gcp_tuning.redaction import redact, remember

if TYPE_CHECKING:
    import requests
    from google.auth.credentials import Credentials
    from tenacity import RetryCallState

    from pulumi_gcp_tuning.config import Settings

LOG = logging.getLogger("pulumi_gcp_tuning.google")
POOL_SIZE = 512
CONNECT_SECONDS = 10.0
READ_SECONDS = 60.0

Resend = Literal["idempotent", "front door", "unsent", "never"]
"""When a call is sent again.

``idempotent``: after any temporary failure. ``front door``: after 408, 429 and 503. The first request rarely took effect
then, so a second one must be harmless (a client-chosen id). ``unsent``: only if no connection was made. ``never``: not.
"""

T = TypeVar("T")
_TRANSIENT = FRONT_DOOR | {500, 502, 504}


@dataclass(frozen=True)
class Answer:
    """A success: its bytes (as the generated clients want them), headers, and the JSON that was read from it."""

    status_code: int
    content: bytes
    headers: Mapping[str, str]
    json: Json


class Transport:
    """Shared by all threads. ``cancelled`` ends pauses between retries early."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        *,
        cancelled: Callable[[], bool] = never,
        retry_seconds: float = 60.0,
        draw: Callable[[], float] = random.random,
    ) -> None:
        self.settings = settings
        self.clock = clock
        self.cancelled = cancelled
        self.retry_seconds = retry_seconds
        self._draw = draw
        self._refreshing = threading.Lock()
        self._opened = Once(Exception)
        self.ahead = timedelta(0)
        """How far Google's clock is before that of this machine, by its last answer."""

    @property
    def session(self) -> requests.Session:
        """The one session, made (and google-auth imported) on first use."""
        return self._opened.get("session", lambda: _open_session(self.settings))

    def close(self) -> None:
        """Closes the connections."""
        if "session" in self._opened:
            self.session.close()

    def send(
        self,
        verb: str,
        url: str,
        shape: Shape,
        *,
        params: Mapping[str, str] | Sequence[tuple[str, Any]] | None = None,
        body: Json | None = None,
        headers: Mapping[str, str] | None = None,
        resend: Resend | None = None,
        read_seconds: float = READ_SECONDS,
    ) -> Json:
        """Sends JSON and returns the JSON of the answer, checked against the ``shape``.

        By default GET and DELETE are sent again after any temporary failure, POST and PATCH only if unsent.
        """
        policy: Resend = resend or ("idempotent" if verb in ("GET", "DELETE") else "unsent")
        return self.retrying(
            lambda: (
                self.exchange(
                    verb, url, shape, params=params, body=body, headers=headers, read_seconds=read_seconds
                ).json
            ),
            policy,
        )

    def exchange(
        self,
        verb: str,
        url: str,
        shape: Shape,
        *,
        params: Mapping[str, str] | Sequence[tuple[str, Any]] | None = None,
        body: Json | None = None,
        data: bytes | str | None = None,
        headers: Mapping[str, str] | None = None,
        read_seconds: float = READ_SECONDS,
    ) -> Answer:
        """Sends once. Every failure is an :class:`ApiError`; if ``maybe_took_effect`` is set, look before you act."""
        with self._failing_as_api_error(verb, url):
            session = self.session
            _refresh_once(session, self._refreshing, self.settings)
            response = session.request(
                verb.upper(),
                url,
                params=list(params.items()) if isinstance(params, Mapping) else params,
                data=data,
                json=body,
                headers=dict(headers or {}),
                timeout=(CONNECT_SECONDS, read_seconds),
                allow_redirects=False,
            )
            content = response.content
        self._note_time(response.headers.get("date"))
        try:
            read = read_answer(verb, url, response.status_code, response.headers, content, shape)
        except ApiError as error:
            error.retry_after = _seconds(response.headers.get("retry-after"))  # type: ignore[attr-defined]
            raise
        return Answer(response.status_code, content, response.headers, read)

    def open_stream(
        self, url: str, *, params: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
    ) -> requests.Response:
        """One GET whose body the caller reads in parts. Fails as :meth:`exchange` does; sent once."""
        with self._failing_as_api_error("GET", url):
            session = self.session
            _refresh_once(session, self._refreshing, self.settings)
            response = session.get(
                url,
                params=dict(params or {}),
                headers=dict(headers or {}),
                timeout=(CONNECT_SECONDS, READ_SECONDS),
                allow_redirects=False,
                stream=True,
            )
            if response.status_code in (200, 206):
                return response
            content = response.content
        response.close()
        read_answer("GET", url, response.status_code, response.headers, content, NOTHING)
        raise ApiError(f"GET {url}: an answer without content", http_status=response.status_code, status="UNKNOWN")

    @contextmanager
    def _failing_as_api_error(self, verb: str, url: str) -> Iterator[None]:
        """Turns what the libraries raise for a request without an answer into an ApiError."""
        import requests
        from google.auth import exceptions as auth_errors
        from urllib3.exceptions import LocationParseError

        try:
            yield
        except (requests.exceptions.InvalidHeader, UnicodeEncodeError):
            raise header_error(self.settings) from None
        except LocationParseError:
            raise address_error() from None
        except requests.RequestException as error:
            LOG.debug("%s %s -> %s", verb.upper(), redact(url), type(error).__name__)
            raise connection_error(verb, url, error, changes=verb.upper() != "GET") from None
        except auth_errors.GoogleAuthError as error:
            raise auth_error(error, self.settings) from None

    def _note_time(self, date: str | None) -> None:
        """Keeps what Google's answer says of the time: seconds, so a difference below two is none."""
        with suppress(TypeError, ValueError):
            ahead = parsedate_to_datetime(str(date)) - self.clock.now()
            self.ahead = ahead if abs(ahead) >= timedelta(seconds=2) else timedelta(0)

    def retrying(self, call: Callable[[], T], resend: Resend) -> T:
        """Repeats ``call`` as ``resend`` allows, with growing pauses, for at most ``retry_seconds``."""
        import tenacity

        deadline = self.clock.monotonic() + self.retry_seconds

        def may_pass(error: BaseException) -> bool:
            return isinstance(error, ApiError) and is_worth_resending(error, resend)

        def out_of_time(state: RetryCallState) -> bool:
            error = state.outcome.exception() if state.outcome else None
            limit = deadline
            if isinstance(error, Unreachable):
                limit = deadline - self.retry_seconds + min(self.retry_seconds, self._patience_unreachable())
            return self.cancelled() or self.clock.monotonic() + state.upcoming_sleep > limit

        def pause(state: RetryCallState) -> float:
            error = state.outcome.exception() if state.outcome else None
            asked = getattr(error, "retry_after", None) or 0.0
            grown = float(min(16.0, 0.5 * 2 ** (state.attempt_number - 1)))
            return max(asked, grown * (0.5 + self._draw()))

        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception(may_pass),
            wait=pause,
            stop=out_of_time,
            sleep=lambda seconds: self.clock.sleep(seconds, self.cancelled),
            reraise=True,
        )
        return retrying(call)

    def _patience_unreachable(self) -> float:
        """Does not wait for a missing server on this machine, but for a network that may return."""
        return 2.0 if self.settings.base_url is not None and is_loopback(self.settings.base_url) else 20.0


def is_full(error: ApiError) -> bool:
    """Whether Google refused a job because too many are running."""
    return error.http_status == 429 and "concurrent" in str(error).lower()


def is_worth_resending(error: ApiError, resend: Resend) -> bool:
    """Whether the same call may succeed later and ``resend`` allows it."""
    if resend == "never":
        return False
    if is_full(error):
        return False  # a full quota of running jobs does not free up in this time
    if resend != "idempotent":
        return isinstance(error, Unreachable) or (resend == "front door" and error.http_status in FRONT_DOOR)
    unread = 200 <= error.http_status < 300
    return error.http_status in _TRANSIENT or unread or (error.http_status == 0 and error.status == "UNAVAILABLE")


def request_id_of(headers: Mapping[str, str]) -> str:
    """The id that Google's support asks for, ``-`` if the answer has none."""
    return next((headers[name] for name in REQUEST_ID_HEADERS if headers.get(name)), "-")


def _open_session(settings: Settings) -> requests.Session:
    from google.auth.credentials import CredentialsWithQuotaProject
    from google.auth.transport.requests import AuthorizedSession
    from requests.adapters import HTTPAdapter

    from pulumi_gcp_tuning.google.credentials import load_credentials, quota_project

    credentials = load_credentials(settings)
    payer = quota_project(settings)
    if payer and isinstance(credentials, CredentialsWithQuotaProject):
        credentials = credentials.with_quota_project(payer)  # type: ignore[no-untyped-call]
    kind = settings.credentials.kind
    refreshable = settings.credentials.impersonate is not None or kind not in ("token", "anonymous")
    # a literal token cannot be refreshed: a 401 would become an unclear error of google-auth
    session: requests.Session = AuthorizedSession(  # type: ignore[no-untyped-call]
        credentials, **({} if refreshable else {"refresh_status_codes": ()})
    )
    adapter = HTTPAdapter(pool_connections=16, pool_maxsize=POOL_SIZE)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    session.headers["user-agent"] = "pulumi-gcp-tuning"
    session.headers["accept"] = "application/json"
    session.hooks["response"].append(_log_call)
    if payer and kind != "anonymous":
        session.headers["x-goog-user-project"] = payer
    if settings.base_url is not None and is_loopback(settings.base_url):
        session.trust_env = False  # no proxy and no ~/.netrc for requests to this machine
    return session


def _log_call(response: requests.Response, *_arguments: object, **_keywords: object) -> None:
    """Logs one line per answer of any library: what Google's support needs, without secrets."""
    remember(str(response.request.headers.get("authorization", "")))
    LOG.debug(
        "%s %s -> %s in %.3f s, request id %s",
        response.request.method,
        redact(response.url),
        response.status_code,
        response.elapsed.total_seconds(),
        request_id_of(response.headers),
    )


def _refresh_once(session: requests.Session, lock: threading.Lock, settings: Settings) -> None:
    """Fetches a token in one thread while the others wait for it."""
    credentials: Credentials = session.credentials  # type: ignore[attr-defined]
    if credentials.valid or (credentials.token is not None and not credentials.expired):
        return
    from google.auth.credentials import AnonymousCredentials
    from google.auth.exceptions import GoogleAuthError
    from google.auth.transport.requests import Request
    from urllib3.exceptions import LocationParseError

    if isinstance(credentials, AnonymousCredentials):
        return
    with lock:
        if credentials.valid:
            return
        try:
            credentials.refresh(Request())  # type: ignore[no-untyped-call]
        except (GoogleAuthError, OSError, LocationParseError, UnicodeEncodeError):
            raise  # the sender reports it, as it does errors of requests
        except (
            AttributeError,
            KeyError,
            RecursionError,
            TypeError,
            ValueError,
        ):  # google-auth does not check the shape of the answer
            text = f"No token could be fetched ({settings.credentials.source}), because the answer is not a token."
            raise ApiError(f"{text} Run the command again.", http_status=0, status="UNAVAILABLE") from None


def _seconds(text: str | None) -> float | None:
    try:
        return None if text is None else max(0.0, min(float(text), 300.0))
    except ValueError:
        return None
