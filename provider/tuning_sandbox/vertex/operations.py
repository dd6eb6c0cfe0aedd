"""Long-running operations: created, finished on the clock, served on /v1, /v1beta1 and /ui."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from tuning_sandbox.kernel import Answer, Call, GoogleError, Sandbox, from_stamp, not_found, to_stamp
from tuning_sandbox.kernel.list_filter import Fields, Text, compile_filter, plain
from tuning_sandbox.vertex.service import api

OPERATIONS = "vertex.operations"
Doc = dict[str, Any]
_FIELDS = Fields(
    texts={
        "name": plain("name"),
        "done": Text(lambda doc: "true" if doc.get("done") else "false", ("=", "!="), frozenset({"true", "false"})),
    },
    labels=False,
    unserved=("metadata", "response", "error"),
)
_PREFIXES = ("v1", "v1beta1", "ui")
Effect = Callable[[Sandbox, Doc, str], Doc]
_EFFECTS: dict[str, Effect] = {}

api.behaviour("an operation has no `done` while it runs; a failed one is still HTTP 200", source="recording")
api.behaviour("a delete answers an operation that is already done", source="recording", ref="cloud-custodian")


def effect(kind: str) -> Callable[[Effect], Effect]:
    """Registers the effect of an operation of this kind when it is due: (sandbox, arguments) -> response."""

    def register(fn: Effect) -> Effect:
        _EFFECTS[kind] = fn
        return fn

    return register


def package_of(call: Call) -> str:
    """The proto package of the version that was called."""
    return f"google.cloud.aiplatform.{'v1' if call.version == 'ui' else call.version}"


def finished(call: Call, prefix: str, metadata_type: str, response: Doc | None = None, kind: str = "") -> Doc:
    """An operation that is done when it is returned, with the response of that kind, or an empty one (deletes)."""
    operation = _fresh(call, prefix, metadata_type)
    of = f"{package_of(call)}.{kind}" if kind else "google.protobuf.Empty"
    operation.update(done=True, response={"@type": f"type.googleapis.com/{of}", **(response or {})})
    call.sandbox.store.collection(OPERATIONS).put(operation["name"], {"operation": operation})
    return operation


def start(call: Call, prefix: str, metadata_type: str, kind: str, arguments: Doc, seconds: float) -> Doc:
    """An operation whose effect happens after some virtual seconds."""
    operation = _fresh(call, prefix, metadata_type)
    due = to_stamp(call.sandbox.clock.now() + timedelta(seconds=seconds))
    doc = {"operation": operation, "kind": kind, "arguments": arguments, "due": due, "package": package_of(call)}
    call.sandbox.store.collection(OPERATIONS).put(operation["name"], doc)
    call.sandbox.clock.at(from_stamp(due), _finish, call.sandbox, operation["name"])
    return operation


def running(sandbox: Sandbox, kind: str) -> list[Doc]:
    """The arguments of the operations of a kind that have not ended."""
    kept = sandbox.store.collection(OPERATIONS).all()
    return [doc["arguments"] for doc in kept if doc.get("kind") == kind and "done" not in doc["operation"]]


@api.on_start
def resume(sandbox: Sandbox) -> None:
    """Continues every operation that has not ended."""
    for doc in sandbox.store.collection(OPERATIONS).all():
        if "done" not in doc["operation"]:
            sandbox.clock.at(from_stamp(doc["due"]), _finish, sandbox, doc["operation"]["name"])


def _finish(sandbox: Sandbox, name: str) -> None:
    kept = sandbox.store.collection(OPERATIONS)
    doc = kept.get(name)
    if doc is None or "done" in doc["operation"]:
        return
    operation = doc["operation"]
    operation["metadata"]["genericMetadata"]["updateTime"] = sandbox.clock.stamp()
    operation["done"] = True
    try:
        response = _EFFECTS[doc["kind"]](sandbox, doc["arguments"], doc["package"])
        operation["response"] = response
    except GoogleError as error:
        code = {"NOT_FOUND": 5, "FAILED_PRECONDITION": 9, "INVALID_ARGUMENT": 3}.get(error.status, 13)
        operation["error"] = {"code": code, "message": error.message}
    kept.put(name, doc)


def _fresh(call: Call, prefix: str, metadata_type: str) -> Doc:
    times = {"createTime": call.now, "updateTime": call.now}
    return {
        "name": f"{prefix}/operations/{call.sandbox.ids.number(19)}",
        "metadata": {
            "@type": f"type.googleapis.com/{package_of(call)}.{metadata_type}",
            "genericMetadata": times,
        },
    }


def _find(call: Call) -> Doc:
    doc = call.sandbox.store.collection(OPERATIONS).get(call.resource)
    if doc is None:
        raise not_found(f"Operation {call.resource} is not found.")
    return doc


def get_operation(call: Call) -> Doc:
    """The current state of the operation."""
    found: Doc = _find(call)["operation"]
    return found


def list_operations(call: Call) -> Doc:
    """The operations of a resource, or of a location."""
    fits = compile_filter(call.query.get("filter", ""), _FIELDS)
    kept = call.sandbox.store.collection(OPERATIONS).all(prefix=f"{call.resource}/")
    return call.page([doc["operation"] for doc in kept if fits(doc["operation"])], "operations")


def cancel_operation(call: Call) -> Doc:
    """Best effort, as Google says: one that runs is cancelled, a finished one stays."""
    doc = _find(call)
    operation = doc["operation"]
    if "done" not in operation:
        operation.update(done=True, error={"code": 1, "message": "CANCELLED"})
        call.sandbox.store.collection(OPERATIONS).put(operation["name"], doc)
    return {}


def delete_operation(call: Call) -> Doc:
    """Forgets an operation."""
    call.sandbox.store.collection(OPERATIONS).delete(_find(call)["operation"]["name"])
    return {}


def wait_operation(call: Call) -> Doc | Answer:
    """The current state of the operation, at once: the sandbox does not wait."""
    call.leave("timeout")
    return get_operation(call)


_PLACE = "/{version}/projects/{project}/locations/{location}"
_OWNERS = {
    "": "",
    "/tuningJobs/{owner}": "tuningJobs.",
    "/pipelineJobs/{owner}": "pipelineJobs.",
    "/models/{owner}": "models.",
    "/endpoints/{owner}": "endpoints.",
}
for _path, _part in _OWNERS.items():
    _id = f"aiplatform.projects.locations.{_part}operations"
    for _verb, _tail, _name, _handler, _source in (
        ("GET", "/operations/{operation}", "get", get_operation, "recording"),
        ("GET", "/operations", "list", list_operations, "discovery"),
        ("POST", "/operations/{operation}:cancel", "cancel", cancel_operation, "assumed"),
        ("DELETE", "/operations/{operation}", "delete", delete_operation, "discovery"),
        ("POST", "/operations/{operation}:wait", "wait", wait_operation, "assumed"),
    ):
        api.route(
            _verb,
            _PLACE + _path + _tail,
            id=f"{_id}.{_name}",
            source=_source,
            does=(_handler.__doc__ or "").strip().rstrip("."),
            versions=_PREFIXES,
            # the clients send the list filter in the proto's spelling
            query=("filter",),
        )(_handler)
