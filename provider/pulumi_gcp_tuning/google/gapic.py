"""Requests that Google's generated clients check before they are sent.

A body is parsed into Google's own message types first, so an unknown field, enum name or type is refused before
anything is paid for. The generated REST transports write the request and our session sends it.
The answer is returned as Google wrote it (names of enums, fields newer than the client).
"""

from __future__ import annotations

import contextlib
import threading
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

from pulumi_gcp_tuning.errors import Refused
from pulumi_gcp_tuning.google.gapic_import import PACKAGE, import_rest
from pulumi_gcp_tuning.google.transport import READ_SECONDS, Answer, Resend, Transport
from pulumi_gcp_tuning.grammar import snake
from pulumi_gcp_tuning.once import Once

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pulumi_gcp_tuning.google.operations import Json
    from pulumi_gcp_tuning.google.shape import Shape

SERVICES: Final = ("GenAiTuningService", "PipelineService", "ModelService", "EndpointService")
_imported: Final = Once()


def load_gapic() -> dict[str, ModuleType]:
    """The REST transport of each service, imported once for all threads (0.3 s)."""
    return _imported.get("transports", lambda: {service: import_rest(snake(service)) for service in SERVICES})


def warm_gapic() -> None:
    """Starts the import in the background, so that it overlaps with other work."""
    if "transports" not in _imported:
        threading.Thread(target=load_gapic, name="gapic-import", daemon=True).start()


class GapicWire:
    """The generated REST transports of one origin, over our session."""

    def __init__(self, transport: Transport, origin: str) -> None:
        self.transport = transport
        self.origin = origin
        self._session = _Session(transport)
        self._stubs = Once(Exception)

    def call(
        self,
        service: str,
        method: str,
        request: str,
        fields: Json,
        shape: Shape,
        *,
        resend: Resend,
        read_seconds: float = READ_SECONDS,
    ) -> Json:
        """Sends ``fields`` as the message ``request`` to ``method`` of ``service`` (``EndpointService``).

        The answer has to be of the ``shape``.
        """
        from google.protobuf import json_format

        message = as_message(service, request, fields)
        stub = getattr(self._stubs.get(service, lambda: self._make_stub(service)), method)

        def once() -> Json:
            self._session.expect(shape)
            # a success with fields that this client does not know; we return the JSON
            with contextlib.suppress(json_format.ParseError):
                stub(message, timeout=read_seconds)
            return self._session.last_json()

        return self.transport.retrying(once, resend)

    def _make_stub(self, service: str) -> Any:
        from google.auth.credentials import AnonymousCredentials

        nobody = AnonymousCredentials()  # type: ignore[no-untyped-call]
        stub = getattr(load_gapic()[service], f"{service}RestTransport")(host=self.origin, credentials=nobody)
        # The only private name we touch: the transport offers no way to be given a session, and a second one would
        # have its own pool, credentials, log and errors.
        stub._session.close()  # noqa: SLF001
        stub._session = self._session  # noqa: SLF001
        return stub


def as_message(service: str, name: str, fields: Json) -> Any:
    """``fields`` as a message type of a service. Raises Refused for a field or a name of an enum that the type does not have."""
    from google.protobuf import json_format

    kind = _message_type(service, name)
    message = kind()
    try:
        json_format.ParseDict(fields, kind.pb(message), ignore_unknown_fields=False)
        _refuse_numbers(kind.pb(message).DESCRIPTOR, fields, name)
    except json_format.ParseError as error:
        text = str(error).splitlines()[0].replace("google.cloud.aiplatform.v1beta1.", "")
        raise Refused(f"Nothing was sent, because Google's API does not accept the request. {text}") from None
    return message


def _refuse_numbers(descriptor: Any, fields: Any, path: str) -> None:
    """Raises ParseError for a number in place of a name of an enum: it would be read as the place of another name."""
    from google.protobuf import json_format

    known = {field.json_name: field for field in descriptor.fields}
    for key, value in fields.items() if isinstance(fields, dict) else ():
        field = known.get(key)
        for each in value if isinstance(value, list) else [value]:
            if field is not None and field.enum_type is not None and str(each).lstrip("-").isdigit():
                raise json_format.ParseError(f"Invalid enum value {each} at {path}.{key}: it is no name.")
            if field is not None and field.message_type is not None and not _is_free(field.message_type):
                _refuse_numbers(field.message_type, each, f"{path}.{key}")


def _is_free(descriptor: Any) -> bool:
    """Whether its keys are no names of fields."""
    return bool(descriptor.GetOptions().map_entry) or descriptor.full_name.startswith("google.protobuf.")


def _message_type(service: str, name: str) -> Any:
    """The message type among the modules of types that the service's transport imports."""
    used = [each for each in vars(load_gapic()[service]).values() if isinstance(each, ModuleType)]
    return next(
        getattr(each, name) for each in used if each.__name__.startswith(f"{PACKAGE}.types.") and hasattr(each, name)
    )


class _Session:
    """A stand-in for the requests session of the generated transports. It keeps, per thread, the JSON that it read last."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._local = threading.local()

    def expect(self, shape: Shape) -> None:
        """Sets the shape that this thread's next answer must have."""
        self._local.shape = shape

    def last_json(self) -> Json:
        """This thread's last answer."""
        read: Json = self._local.json
        return read

    def _send(
        self,
        verb: str,
        url: str,
        *,
        timeout: float | None,
        headers: Mapping[str, str],
        params: Sequence[tuple[str, Any]],
        data: str | None = None,
    ) -> Answer:
        self._local.json = {}
        answer = self._transport.exchange(
            verb,
            url,
            self._local.shape,
            # without $alt the answer names its enums, also those that are newer than the client
            params=[(key, value) for key, value in params if key != "$alt"],
            data=data.encode() if isinstance(data, str) else data,
            headers=headers,
            read_seconds=timeout or READ_SECONDS,
        )
        self._local.json = answer.json
        return answer

    def get(self, url: str, **rest: Any) -> Answer:
        """As requests."""
        return self._send("GET", url, **rest)

    def post(self, url: str, **rest: Any) -> Answer:
        """As requests."""
        return self._send("POST", url, **rest)

    def patch(self, url: str, **rest: Any) -> Answer:
        """As requests."""
        return self._send("PATCH", url, **rest)

    def delete(self, url: str, **rest: Any) -> Answer:
        """As requests."""
        return self._send("DELETE", url, **rest)
