"""Changes to the running dynamic host, made from inside its process.

Pulumi serves Python dynamic providers through ``python -m pulumi.dynamic``: four threads, no cancel, no partial state,
tracebacks for errors. :func:`adapt` changes that in the process that loaded this module. It uses private names, so it
checks each shape before a change. If one differs, the rest still works and one warning says what does not. Outside that
host (a program, a test) nothing is changed.
"""

# This file uses private names and the state of the process on purpose.
# ruff: noqa: BLE001
from __future__ import annotations

import asyncio
import atexit
import gc
import os
import re
import sys
import threading
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from types import FrameType
from typing import TYPE_CHECKING, Any, Final

import grpc

from pulumi_gcp_tuning import engine
from pulumi_gcp_tuning.errors import TuningError
from pulumi_gcp_tuning.once import Once
from pulumi_gcp_tuning.redaction import redact

if TYPE_CHECKING:
    from pulumi_gcp_tuning.resources.core.detail import PropertyDiff

WAITS: Final = 512  # calls served in parallel; the engine's own limit is --parallel
_VERBS: Final = frozenset({"Check", "Diff", "Create", "Read", "Update", "Delete"})
_LOST: Final = {
    "pool": "only four resources wait at the same time",
    "calls": "customTimeouts are ignored and a wait that ends early is not kept in state",
    "errors": "errors show as Python tracebacks",
    "cancel": "^C waits for running operations",
    "refresh": "an unfinished resource is not read automatically (run `pulumi refresh`)",
    "detail": "a preview does not name nested properties and outputs that changed",
    "log": "no progress is shown",
}

# Python collects after 700 new objects, which is a tenth of the time of a preview. The process ends with the command.
_COLLECT_EVERY: Final = 50_000
_cancel: Final = threading.Event()
_thread: Final = threading.local()
_applies: Final = threading.Event()
_terminal: Final = Once()
_adapted: Final = Once(Exception)  # the effects that :func:`adapt` could apply


@dataclass(frozen=True)
class ServedCall:
    """The engine's call that this thread serves.

    ``timeout`` is from customTimeouts, or None; ``inputs`` are those of state, if the engine sends them (to Read), and
    ``old_inputs`` too (to Diff); ``ignored`` are the paths of ignore_changes (in Diff).
    """

    urn: str
    timeout: float | None
    context: Any
    inputs: Any = None
    old_inputs: Any = None
    ignored: tuple[str, ...] = ()


def adapt() -> frozenset[str]:
    """Adapt the host that runs this process, once; returns the names of the effects that work."""
    return _adapted.get("effects", _adapt)


def _adapt() -> frozenset[str]:
    host = _host_globals()
    if host is None:
        return frozenset()
    atexit.register(gc.freeze)  # garbage collection at exit frees nothing, and the CLI waits 0.2 s for it
    gc.set_threshold(_COLLECT_EVERY)
    # pydantic would read the metadata of every installed package to find plugins; none applies to this package's models
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    found = frozenset(name for name, effect in _EFFECTS.items() if _tried(effect, host))
    lost = [what for name, what in _LOST.items() if name not in found]
    if lost:
        engine.warn(
            "",
            "gcp-tuning does not support this version of Pulumi's dynamic provider host, so it runs with limitations: "
            + "; ".join(lost)
            + ". Use the pulumi version that this release of gcp-tuning is locked to.",
        )
    return found


def cancelled() -> bool:
    """Whether the user pressed ^C."""
    return _cancel.is_set()


def served_call() -> ServedCall | None:
    """The engine's call that the calling thread is serving, None if that is not known."""
    host = _host_globals()
    frame: FrameType | None = sys._getframe(1)
    while host is not None and frame is not None:
        if frame.f_globals is host and frame.f_code.co_name in _VERBS:
            request, context = frame.f_locals.get("request"), frame.f_locals.get("context")
            urn = getattr(request, "urn", None)
            if isinstance(urn, str) and hasattr(context, "set_trailing_metadata"):
                return ServedCall(
                    urn,
                    getattr(request, "timeout", 0.0) or None,
                    context,
                    inputs=getattr(request, "inputs", None),
                    old_inputs=getattr(request, "old_inputs", None),
                    ignored=tuple(getattr(request, "ignoreChanges", ())),
                )
            return None
        frame = frame.f_back
    return None


def mark_unfinished(*, unfinished: bool) -> None:
    """Set whether the engine reads the resource that this thread serves before its next preview or up."""
    _thread.unfinished = unfinished


def mark_changed(changes: Mapping[str, PropertyDiff], *, named: bool = True) -> None:
    """Set the changes by property path that the answer to this thread's Diff has, in place of those that the engine finds.

    Without ``named`` the engine learns that there are changes, but shows none of them.
    """
    _thread.changes = changes
    _thread.named = named


def mark_plain(*, plain: bool) -> None:
    """Set whether the answer to this thread's call holds only plain values, so that no event loop is needed to send it."""
    _thread.plain = plain


def note_apply() -> None:
    """Note that this process serves an operation that changes something, so no preview."""
    _applies.set()


def shows_progress() -> bool:
    """Whether lines of progress share one row of a terminal with the changes: not in a preview, and not in a log."""
    return _applies.is_set() and _has_terminal()


def _has_terminal() -> bool:
    return _terminal.get("/dev/tty", _opens_terminal)


def _opens_terminal() -> bool:
    try:
        os.close(os.open("/dev/tty", os.O_RDONLY | getattr(os, "O_NOCTTY", 0)))
    except OSError:
        return False
    return True


def keep_unfinished(id: str, outputs: Mapping[str, Any], reason: str) -> bool:  # noqa: A002
    """Have the engine keep what exists although this call is about to fail; False if that is not possible."""
    return _answer_with(engine.unfinished_status(id, outputs, reason))


def keep_awaited(id: str, outputs: Mapping[str, Any], reason: str) -> bool:  # noqa: A002
    """Have the engine continue without this resource, whose call is about to fail; False if that is not possible."""
    return _answer_with(engine.unfinished_status(id, outputs, reason, awaited=True))


def _answer_with(status: bytes) -> bool:
    call = served_call()
    if call is None:
        return False
    call.context.set_trailing_metadata((("grpc-status-details-bin", status),))
    return True


def _host_globals() -> dict[str, Any] | None:
    main = sys.modules.get("__main__")
    spec = getattr(main, "__spec__", None)
    return vars(main) if main is not None and spec is not None and spec.name == "pulumi.dynamic.__main__" else None


def _server_state(host: dict[str, Any]) -> Any:
    frame = sys._current_frames().get(threading.main_thread().ident or 0)
    while frame is not None:
        if frame.f_globals is host and frame.f_code.co_name == "main" and "server" in frame.f_locals:
            return getattr(frame.f_locals["server"], "_state", None)
        frame = frame.f_back
    return None


def _tried(effect: Callable[[dict[str, Any]], bool], host: dict[str, Any]) -> bool:
    try:
        return effect(host)
    except Exception:  # an unknown private shape must never stop the user's run
        return False


@cache
def engine_address() -> str | None:
    """Where the engine of this operation listens: the same for all providers of it. None if this is no provider of an engine."""
    given = sys.argv[1] if len(sys.argv) > 1 else ""
    return given if _host_globals() is not None and re.fullmatch(r"\S+:\d+", given) else None


def _reach_engine(_host: dict[str, Any]) -> bool:
    address = engine_address()
    if address is None:
        return False
    engine.connect(address, gone=_cancel.set)
    return True


def _widen_pool(host: dict[str, Any]) -> bool:
    pool = getattr(_server_state(host), "thread_pool", None)
    if not isinstance(pool, ThreadPoolExecutor) or not isinstance(getattr(pool, "_max_workers", None), int):
        return False
    pool._max_workers = max(pool._max_workers, WAITS)
    return True


def _know_calls(_host: dict[str, Any]) -> bool:
    return served_call() is not None


class _Reasons:
    """Replaces ``traceback`` in the host: our own errors are shown without a traceback."""

    def __init__(self, traceback: Any) -> None:
        self._traceback = traceback

    def __getattr__(self, name: str) -> Any:
        return getattr(self._traceback, name)

    def format_exc(self, *args: Any, **kwargs: Any) -> str:
        error = sys.exc_info()[1]
        told = error if isinstance(error, TuningError) else self._traceback.format_exc(*args, **kwargs)
        return redact(str(told))


def _clean_errors(host: dict[str, Any]) -> bool:
    if not callable(getattr(host.get("traceback"), "format_exc", None)):
        return False
    host["traceback"] = _Reasons(host["traceback"])
    return True


class _Messages:
    """Replaces ``proto`` in the host: some of its answers say more than the host does."""

    def __init__(self, proto: Any, **answers: Any) -> None:
        self._proto = proto
        self._answers = answers

    def __getattr__(self, name: str) -> Any:
        return self._answers[name] if name in self._answers else getattr(self._proto, name)


def _flagged(response: Any) -> Callable[..., Any]:
    def respond(**fields: Any) -> Any:
        unfinished, _thread.unfinished = getattr(_thread, "unfinished", False), False
        return response(**fields, refresh_before_update=unfinished)

    return respond


def _flag_unfinished(host: dict[str, Any]) -> bool:
    proto = host.get("proto")
    responses = {name: getattr(proto, name) for name in ("CreateResponse", "ReadResponse", "UpdateResponse")}
    if not all("refresh_before_update" in each.DESCRIPTOR.fields_by_name for each in responses.values()):
        return False
    host["proto"] = _Messages(proto, **{name: _flagged(each) for name, each in responses.items()})
    return True


class _DetailedResponse:
    """Replaces ``DiffResponse`` in the host: answers name the changes of :func:`mark_changed`."""

    def __init__(self, proto: Any) -> None:
        self._response, self._diff = proto.DiffResponse, proto.PropertyDiff

    def __getattr__(self, name: str) -> Any:
        return getattr(self._response, name)

    def __call__(self, **fields: Any) -> Any:
        changes, _thread.changes = getattr(_thread, "changes", None), None
        if not changes or fields.get("changes") == self._response.DIFF_NONE:
            return self._response(**fields)
        detailed = {
            path: self._diff(kind=self._diff.Kind.Value(each.kind), inputDiff=each.of_inputs)
            for path, each in changes.items()
        }
        keys = dict.fromkeys(re.split(r"[.\[]", path, maxsplit=1)[0] for path in changes)
        fields |= {"changes": self._response.DIFF_SOME, "diffs": list(keys)}
        shown = detailed if getattr(_thread, "named", True) else {}
        return self._response(**fields, detailedDiff=shown, hasDetailedDiff=True)


def _name_changes(host: dict[str, Any]) -> bool:
    proto = host.get("proto")
    response, kinds = getattr(proto, "DiffResponse", None), getattr(getattr(proto, "PropertyDiff", None), "Kind", None)
    known = getattr(getattr(response, "DESCRIPTOR", None), "fields_by_name", ())
    if kinds is None or not {"changes", "diffs", "detailedDiff", "hasDetailedDiff"} <= set(known):
        return False
    host["proto"] = _Messages(proto, DiffResponse=_DetailedResponse(proto))
    return True


class _NoLoop:
    """In place of an event loop, for a coroutine that never waits."""

    def run_until_complete(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        try:
            coroutine.send(None)
        except StopIteration as done:
            return done.value
        raise RuntimeError("a plain answer had to wait")

    def close(self) -> None:
        """Nothing is open."""


class _Loops:
    """Replaces ``asyncio`` in the host, which makes an event loop for each answer: three open files, a third of a check."""

    def __getattr__(self, name: str) -> Any:
        return getattr(asyncio, name)

    def new_event_loop(self) -> Any:
        plain, _thread.plain = getattr(_thread, "plain", False), False
        return _NoLoop() if plain else asyncio.new_event_loop()


def _spare_loops(host: dict[str, Any]) -> bool:
    if host.get("asyncio") is not asyncio:
        return False
    host["asyncio"] = _Loops()
    return True


class _Front(grpc.GenericRpcHandler):  # type: ignore[type-arg]  # generic in its stubs only
    """Wraps the host's service and receives Cancel on a separate thread, so that it never waits in the queue."""

    def __init__(self, service: Any) -> None:
        self._service = service
        self._pool = ThreadPoolExecutor(max_workers=1)

    def service(self, details: Any) -> Any:
        handler = self._service.service(details)
        if handler is None or handler.unary_unary is None or not details.method.endswith("/Cancel"):
            return handler

        def cancel(request: Any, context: Any) -> Any:
            _cancel.set()
            return handler.unary_unary(request, context)

        cancel.experimental_thread_pool = self._pool  # type: ignore[attr-defined]
        return grpc.unary_unary_rpc_method_handler(cancel, handler.request_deserializer, handler.response_serializer)


def _hear_cancel(host: dict[str, Any]) -> bool:
    state = _server_state(host)
    handlers = getattr(state, "generic_handlers", None)
    if not isinstance(handlers, list) or not handlers or getattr(state, "registered_method_handlers", None):
        return False
    handlers[:] = [_Front(handler) for handler in handlers]
    return True


_EFFECTS: Final[dict[str, Callable[[dict[str, Any]], bool]]] = {
    "log": _reach_engine,
    "pool": _widen_pool,
    "calls": _know_calls,
    "errors": _clean_errors,
    "cancel": _hear_cancel,
    "refresh": _flag_unfinished,
    "detail": _name_changes,
    "loops": _spare_loops,
}
