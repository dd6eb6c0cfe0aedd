"""Resources that do what a test tells them, served by the real door and host in the real provider process.

A program imports :class:`Toy`; ``does`` says what create and update do. What happened is appended to ``journal`` in the
folder ``TOY_FOLDER``; a file ``done`` there ends all waits. ``TOY_OTHER_SDK`` makes the host look like another version.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from pathlib import Path
from typing import Any

import pulumi
from pulumi import dynamic

from pulumi_gcp_tuning import host
from pulumi_gcp_tuning.declare.resource import own_urn
from pulumi_gcp_tuning.dynamic import Door
from pulumi_gcp_tuning.errors import ApiError, Refused, Unfinished
from pulumi_gcp_tuning.resources.core.lifecycle import UNKNOWN, Call, Checked, Current, Difference, Properties
from support.findings import finding_of

_lock = threading.Lock()
_waiting = 0
_peak = 0
_together = threading.Condition()


def folder() -> Path:
    return Path(os.environ["TOY_FOLDER"])


def record(verb: str, call: Call, **more: Any) -> None:
    line = {"verb": verb, "urn": call.urn, "timeout": call.timeout, **more}
    with _lock, (folder() / "journal").open("a") as journal:
        journal.write(json.dumps(line) + "\n")


def journal(where: Path) -> list[dict[str, Any]]:
    """What happened so far, oldest first."""
    file = where / "journal"
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


class Toys:
    """A lifecycle of toys."""

    def check(self, call: Call, olds: Properties, news: Properties) -> Checked:
        unknown = sorted(key for key, value in news.items() if value is UNKNOWN)
        record("check", call, unknown=unknown, olds=sorted(olds))
        return Checked(
            inputs=news, findings=[finding_of(tuple(f.pop("path").split(".")), **f) for f in news.get("findings", [])]
        )

    def diff(self, call: Call, id: str, olds: Properties, news: Properties) -> Difference:  # noqa: A002
        record("diff", call)
        changed = any(value != olds.get(key) for key, value in news.items())
        return Difference(changed=None if changed else False)

    def create(self, call: Call, inputs: Properties) -> Current:
        record("create", call)
        return self._become(call, call.urn.rpartition("::")[2], inputs)

    def read(self, call: Call, id: str, outputs: Properties) -> Current | None:  # noqa: A002
        record("read", call)
        if (folder() / "gone").exists():
            return None
        if outputs.get("state") == "running" and not self._done():
            if outputs.get("does") == "wait":
                raise Unfinished(f"{id} is still running.", id=id, outputs=outputs)
            return Current(id=id, outputs=outputs, unfinished=True)
        return Current(id=id, outputs=outputs | {"state": "done"})

    def update(self, call: Call, id: str, olds: Properties, news: Properties) -> Current:  # noqa: A002
        record("update", call)
        return self._become(call, id, news)

    def delete(self, call: Call, id: str, outputs: Properties) -> None:  # noqa: A002
        record("delete", call)

    def _become(self, call: Call, name: str, inputs: Properties) -> Current:
        does = inputs["does"]
        if does == "wait":
            return self._wait(call, name, inputs)
        if does == "submit":
            running = not self._done()
            return Current(id=name, outputs=inputs | {"state": "running" if running else "done"}, unfinished=running)
        if does == "meet":
            return self._meet(call, name, inputs)
        if does == "refuse":
            raise Refused(f"Google says no to {name}.\nAsk for more quota.")
        if does == "answer badly":
            text = "\n".join(f"line {number}" for number in range(20))
            raise ApiError(text, http_status=403, status="PERMISSION_DENIED")
        if does == "break":
            raise ValueError("a thing that cannot be")
        if does == "speak":
            call.report("step 1 of 2")
            call.report("step 2 of 2")
            call.warn("labels of a finished job stay as they are")
        big = {"big": 12345678901234567890, "none": None} if does == "count" else {}
        return Current(id=name, outputs=inputs | {"state": "done", "settings": str(call.settings.project)} | big)

    def _wait(self, call: Call, name: str, inputs: Properties) -> Current:
        record("wait", call)
        start = call.clock.monotonic()
        while not self._done():
            late = call.timeout is not None and call.clock.monotonic() - start > call.timeout
            if call.cancelled() or late:
                why = "the time given for it is over" if late else "the run was cancelled"
                raise Unfinished(
                    f"{name} is still running: {why}. The next pulumi up goes on waiting.",
                    id=name,
                    outputs=inputs | {"state": "running"},
                )
            call.report(f"{name} is running")
            call.clock.sleep(0.1, call.cancelled)
        return Current(id=name, outputs=inputs | {"state": "done"})

    def _meet(self, call: Call, name: str, inputs: Properties) -> Current:
        """Waits until ``guests`` toys wait at the same time, at most 20 s."""
        global _waiting, _peak  # noqa: PLW0603
        with _together:
            _waiting += 1
            _peak = max(_peak, _waiting)
            _together.notify_all()
            _together.wait_for(lambda: _peak >= inputs["guests"], timeout=600)
            _waiting -= 1
        record("met", call, peak=_peak)
        return Current(id=name, outputs=inputs)

    @staticmethod
    def _done() -> bool:
        return (folder() / "done").exists()


class ToyDoor(Door):
    """The real door, opening to toys."""

    def __init__(self) -> None:
        super().__init__("toy")

    def __reduce__(self) -> Any:
        return _load_toy, ()

    def lifecycle(self) -> Any:
        return Toys()


def _load_toy() -> ToyDoor:
    return ToyDoor()


class Toy(dynamic.Resource, module="toy", name="Toy"):
    """A resource that ``does`` something."""

    state: pulumi.Output[str]

    def __init__(self, name: str, does: str, opts: pulumi.ResourceOptions | None = None, **inputs: Any) -> None:
        urn = own_urn(name, "pulumi-python:dynamic/toy:Toy", opts)
        props = {"state": None, "does": does, "resourceUrn": urn, **inputs}
        super().__init__(ToyDoor(), name, props, opts)


def _look_like_another_sdk() -> None:
    """Takes away what the host adapts, as another release of pulumi or grpcio might."""
    main = sys.modules["__main__"]
    frame: Any = sys._current_frames()[threading.main_thread().ident or 0]
    while "server" not in frame.f_locals:
        frame = frame.f_back
    frame.f_locals["server"]._state = object()
    vars(main)["traceback"] = type("Other", (), {"format_exc": None, "format": staticmethod(str)})()


if os.environ.get("TOY_OTHER_SDK") and host._host_globals() is not None:
    _look_like_another_sdk()
