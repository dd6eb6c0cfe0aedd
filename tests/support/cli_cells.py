"""The cells that the real CLI plays: which call of which verb meets which kill or fault."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

KILLS: Final = ("kill before", "kill after the effect", "kill after the answer")
STATUSES: Final = ("408", "429", "500", "502", "503", "504")
FAULTS: Final = (*STATUSES, "timeout", "reset", "truncated", "malformed", "wrong shape", "stale", "lost")
_EVERY: Final = 3


@dataclass(frozen=True)
class ApiCall:
    """The first call of a verb with this method and path; ``skip`` leaves some out."""

    verb: str
    name: str
    method: str
    path: str
    skip: int = 0

    @property
    def writes(self) -> bool:
        return self.method != "GET"

    @property
    def match(self) -> dict[str, Any]:
        """For a fault of the sandbox."""
        return {"match": {"method": self.method, "path": self.path}, "skip": self.skip}


@dataclass(frozen=True)
class Cell:
    """One call, and what happens to it. ``victim`` is who is killed."""

    call: ApiCall
    event: str
    victim: str = ""

    def __str__(self) -> str:
        return f"{self.call.verb}: {self.call.name}: {self.event}"


JOB, ENDPOINT, MODEL = r"/tuningJobs/[0-9]+$", r"/endpoints/[0-9]+$", r"/models/[0-9]+(@|%40)?[0-9]*$"
OPERATION, OBJECT = r"/operations/", r"/b/shop-data/o/"
CALLS: Final = (
    ApiCall("up", "upload the dataset", "POST", "/upload/"),
    ApiCall("up", "read the object", "GET", OBJECT),
    ApiCall("up", "list the jobs", "GET", r"/tuningJobs$"),
    ApiCall("up", "create the endpoint", "POST", r"/endpoints$"),
    ApiCall("up", "submit the job", "POST", r"/tuningJobs$"),
    ApiCall("up", "poll the job", "GET", JOB),
    ApiCall("up", "read an operation", "GET", OPERATION),
    ApiCall("up", "read the model", "GET", MODEL),
    ApiCall("up", "label the model", "PATCH", MODEL),
    ApiCall("up", "label its endpoint", "PATCH", ENDPOINT),
    ApiCall("up", "deploy", "POST", r":deployModel$"),
    ApiCall("refresh", "read the object", "GET", OBJECT),
    ApiCall("refresh", "read the job", "GET", JOB),
    ApiCall("refresh", "read the model", "GET", MODEL),
    ApiCall("refresh", "read the endpoint", "GET", ENDPOINT),
    ApiCall("replace", "list the jobs", "GET", r"/tuningJobs$"),
    ApiCall("replace", "submit the job", "POST", r"/tuningJobs$"),
    ApiCall("replace", "poll the job", "GET", JOB, skip=1),
    ApiCall("replace", "label the model", "PATCH", MODEL),
    ApiCall("replace", "label its endpoint", "PATCH", ENDPOINT),
    ApiCall("replace", "deploy", "POST", r":deployModel$"),
    ApiCall("replace", "undeploy", "POST", r":undeployModel$"),
    ApiCall("replace", "list the models", "GET", r"/models$"),
    ApiCall("destroy", "read the job", "GET", JOB),
    ApiCall("destroy", "undeploy from the own endpoint", "POST", r":undeployModel$"),
    ApiCall("destroy", "list the models", "GET", r"/models$"),
    ApiCall("destroy", "undeploy the model", "POST", r":undeployModel$", skip=1),
    ApiCall("destroy", "delete its endpoint", "DELETE", ENDPOINT),
    ApiCall("destroy", "delete the model", "DELETE", MODEL),
    ApiCall("destroy", "read the object", "GET", OBJECT),
    ApiCall("destroy", "delete the object", "DELETE", OBJECT),
)


def kill_cells() -> list[Cell]:
    """Every moment of every write, and two moments of every read."""
    found: list[Cell] = []
    for call in CALLS:
        for event in KILLS if call.writes else (KILLS[0], KILLS[2]):
            found.append(Cell(call, event, ("everything", "the provider")[len(found) % 2]))
    return found


def fault_cells() -> list[Cell]:
    """A third of all pairs of a call and a fault: each call meets each third fault, and each fault each third call."""
    pairs = [(i + j, call, fault) for i, call in enumerate(CALLS) for j, fault in enumerate(FAULTS)]
    return [Cell(call, fault) for place, call, fault in pairs if place % _EVERY == 0 and _can_meet(call, fault)]


def _can_meet(call: ApiCall, fault: str) -> bool:
    return fault != "stale" if call.writes else fault != "lost"


def planned(cell: Cell) -> dict[str, Any]:
    """The cell as a fault of the sandbox."""
    event = cell.event
    if event in STATUSES:
        return {"kind": "status", "status": int(event), **cell.call.match}
    more: dict[str, Any] = {
        "kill before": {"kind": "hold"},
        "kill after the effect": {"kind": "mute"},
        "kill after the answer": {"kind": "last"},
        "timeout": {"kind": "mute"},
        "reset": {"kind": "close"},
        "truncated": {"kind": "truncate"},
        "malformed": {"kind": "answer", "body": "<html>Please log in.</html>"},
        "wrong shape": {"kind": "answer", "body": '{"name": 3, "state": ["?"], "labels": "none", "error": null}'},
        "stale": {"kind": "stale"},
        "lost": {"kind": "lost"},
    }[event]
    return {**more, **cell.call.match}
