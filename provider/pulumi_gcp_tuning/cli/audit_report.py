"""The output of ``gcp-tuning audit``."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import typer

from pulumi_gcp_tuning.cli.tables import print_table
from pulumi_gcp_tuning.grammar import counted

if TYPE_CHECKING:
    from pulumi_gcp_tuning.audit.items import Audit, Item


def show(audit: Audit, now: datetime) -> None:
    """Prints a table for each stack and one line with totals."""
    from pulumi_gcp_tuning.audit.costs import age_of, shown_age

    heads = ("name", "what", "why", "age", "costs", "reason", "delete")
    for title, items in _by_stack(audit).items():
        lines = [
            (
                item.name,
                item.what,
                item.why,
                shown_age(age_of(item.created, now)),
                item.cost.text,
                item.reason + _with(item),
                f"no: {item.blocked}" if item.blocked else "yes",
            )
            for item in items
        ]
        print_table(title, heads, lines)
    typer.echo(_verdict(audit))
    if any(item.cost.usd_per_hour is None and item.cost.machines for item in audit.items):
        typer.echo("The catalogue has no machine prices. See https://cloud.google.com/vertex-ai/pricing.")


def as_document(audit: Audit, now: datetime, deleted: Sequence[str]) -> str:
    """The audit as JSON. ``items`` are all items except those in ``deleted``."""
    from pulumi_gcp_tuning.audit.costs import age_of

    read = [{"stack": f"{each.project}/{each.stack}", "hash": each.hash} for each in audit.stacks]
    return json.dumps(
        {
            "complete": not audit.problems,
            "stacks": read,
            "other_stacks": list(audit.others),
            "known": audit.known,
            "orphans": len(audit.orphans),
            "items": [_item(each, age_of(each.created, now)) for each in audit.items],
            "deleted": list(deleted),
            "problems": list(audit.problems),
        },
        indent=2,
        ensure_ascii=False,
    )


def _item(item: Item, age: float | None) -> Mapping[str, Any]:
    return {
        "name": item.name,
        "what": item.what,
        "why": item.why,
        "reason": item.reason,
        "stack": item.stack,
        "created": item.created,
        "age_seconds": None if age is None else round(age),
        "cost": {
            "text": item.cost.text,
            "usd_per_hour": item.cost.usd_per_hour,
            "machines": list(item.cost.machines),
        },
        "job": item.job,
        "endpoints": list(item.endpoints),
        "can_be_deleted": item.blocked is None,
        "why_not": item.blocked,
    }


def _by_stack(audit: Audit) -> dict[str, list[Item]]:
    read = {f"{each.project}/{each.stack}" for each in audit.stacks}
    found: dict[str, list[Item]] = {}
    for item in audit.items:
        unknown = f"Unknown stack {item.stack}" if item.stack else "Unknown stack without a stack label"
        is_read = item.stack in read or item.why == "other stack"
        found.setdefault(f"Stack {item.stack}" if is_read else unknown, []).append(item)
    return found


def _with(item: Item) -> str:
    count = len(item.endpoints)
    job = f"; made by {item.job}" if item.job and item.job != item.name else ""
    return job + (f"; with {counted(count, 'endpoint')}" if count else "")


def _verdict(audit: Audit) -> str:
    kept = sum(item.why == "kept" for item in audit.items)
    others = sum(item.why == "other stack" for item in audit.items)
    read = f"{audit.known} in the state" if audit.stacks else "no state was read"
    of_others = f"{others} of other stacks, " if others else ""
    return f"{counted(len(audit.orphans), 'orphan')}, {kept} kept, {of_others}{len(audit.unknown)} of an unknown stack; {read}."
