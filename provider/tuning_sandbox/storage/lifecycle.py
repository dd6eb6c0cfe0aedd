"""Rules of a bucket's lifecycle that delete objects, on the sandbox's clock."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from tuning_sandbox.kernel import Call, GoogleError, Sandbox
from tuning_sandbox.kernel.clock import from_stamp
from tuning_sandbox.kernel.parameters import is_default, not_served
from tuning_sandbox.storage.api import BUCKETS, OBJECTS, Doc, api
from tuning_sandbox.storage.history import earlier, find_version, remove, retire

_SERVED = frozenset({"age", "createdBefore", "matchesPrefix", "matchesSuffix", "isLive"})


@api.behaviour(
    "lifecycle rules that delete by age, date, prefix, suffix and isLive take effect when they fall due (Google's within 24 hours); "
    "AbortIncompleteMultipartUpload has nothing to do, because the sandbox has no such uploads; other actions and conditions: 501",
    source="discovery",
)
def check_rules(call: Call, bucket: Doc) -> None:
    """501 that names an action or condition that would have no effect."""
    if call.sandbox.config.loose:
        return
    for rule in _rules(bucket):
        action, condition = rule.get("action") or {}, rule.get("condition") or {}
        if action.get("type") == "AbortIncompleteMultipartUpload":
            continue
        if action.get("type") != "Delete":
            raise not_served(call, f"lifecycle.rule.action.type={action.get('type', '')}")
        for name, value in condition.items():
            if name not in _SERVED and not is_default(value):
                raise not_served(call, f"lifecycle.rule.condition.{name}")
        if not condition.keys() & _SERVED:
            raise not_served(call, "lifecycle.rule without a condition")


def schedule_all(sandbox: Sandbox, bucket: Doc) -> None:
    """Look at each object of a bucket when one of its rules falls due."""
    if _rules(bucket):
        name = bucket["name"]
        kept = sandbox.store.collection(OBJECTS)
        for doc in (*(kept.get(key) for key in kept.names(f"{name}/")), *earlier(sandbox, name)):
            if doc is not None:
                schedule(sandbox, bucket, doc)


def schedule(sandbox: Sandbox, bucket: Doc, doc: Doc, *, after: datetime | None = None) -> None:
    """Look at an object when the first rule that fits it falls due."""
    due = min((_due(rule, doc) for rule in _deletes(bucket, doc)), default=None)
    if due is not None:
        sandbox.clock.at(max(due, after or due), _look, sandbox, doc["bucket"], doc["name"], doc["generation"])


def _look(sandbox: Sandbox, bucket_name: str, name: str, generation: str) -> None:
    bucket = sandbox.store.collection(BUCKETS).get(bucket_name)
    live = sandbox.store.collection(OBJECTS).get(f"{bucket_name}/{name}")
    is_live = live is not None and live["generation"] == generation
    doc = live if is_live else find_version(sandbox, bucket_name, name, generation)
    now = sandbox.clock.now()
    if bucket is None or doc is None or not any(_due(rule, doc) <= now for rule in _deletes(bucket, doc)):
        return
    try:
        (retire if is_live else remove)(sandbox, bucket, doc)
    except GoogleError:  # a hold or a retention policy
        schedule(sandbox, bucket, doc, after=now + timedelta(days=1))
        return
    kept = find_version(sandbox, bucket_name, name, generation) if is_live else None
    if kept is not None:
        schedule(sandbox, bucket, kept)


def _rules(bucket: Doc) -> list[dict[str, Any]]:
    return (bucket.get("lifecycle") or {}).get("rule") or []


def _deletes(bucket: Doc, doc: Doc) -> Iterator[dict[str, Any]]:
    """The conditions of the rules that delete this object at some time."""
    for rule in _rules(bucket):
        condition = rule.get("condition") or {}
        if (rule.get("action") or {}).get("type") != "Delete" or not condition.keys() & _SERVED:
            continue
        prefixes, suffixes = condition.get("matchesPrefix") or [""], condition.get("matchesSuffix") or [""]
        fits = doc["name"].startswith(tuple(prefixes)) and doc["name"].endswith(tuple(suffixes))
        created = datetime.fromisoformat(doc["timeCreated"])
        old = "createdBefore" not in condition or created < _midnight(condition["createdBefore"])
        if fits and old and condition.get("isLive", "timeDeleted" not in doc) == ("timeDeleted" not in doc):
            yield condition


def _due(condition: dict[str, Any], doc: Doc) -> datetime:
    created = from_stamp(doc["timeCreated"]) + timedelta(days=int(condition.get("age", 0)))
    return max(created, _midnight(condition["createdBefore"])) if "createdBefore" in condition else created


def _midnight(day: str) -> datetime:
    return datetime.fromisoformat(day).replace(tzinfo=UTC)


@api.on_start
def resume(sandbox: Sandbox) -> None:
    """Schedule again what an earlier process had scheduled."""
    for bucket in sandbox.store.collection(BUCKETS).all():
        schedule_all(sandbox, bucket)
