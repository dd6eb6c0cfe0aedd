"""Names the objects of other stacks of the same backend, so that an audit does not take them for orphans. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from pulumi_gcp_tuning.audit.items import Audit, Item
from pulumi_gcp_tuning.audit.state import StackState, find_state, title_of
from pulumi_gcp_tuning.label_keys import STACK_LABEL
from pulumi_gcp_tuning.resources.core.labels import effective_labels
from pulumi_gcp_tuning.resources.core.sharing import claims_in, owners_in

BELONGS: Final = "it belongs to another stack; audit that one to delete it"


def may_be_others(audit: Audit) -> bool:
    """Whether another stack may have an item: one that no state that was read knows, or that belongs to none of them."""
    return any(map(_is_doubtful, audit.items))


def likely_labels(audit: Audit) -> frozenset[str]:
    """The stack labels on these items: the state of a stack with one of them is worth reading."""
    labels = (effective_labels(item.thing).get(STACK_LABEL) for item in audit.items if _is_doubtful(item))
    return frozenset(filter(None, labels))


def name_others(audit: Audit, others: Sequence[StackState]) -> Audit:
    """The audit, with the items that belong to one of the other stacks named as such. Those cannot be deleted."""
    found = [_named(item, others) if _is_doubtful(item) else item for item in audit.items]
    return replace(audit, items=tuple(found), others=tuple(f"{each.project}/{each.stack}" for each in others))


def _is_doubtful(item: Item) -> bool:
    return item.is_orphan or item.why == "unknown stack"


def _named(item: Item, others: Sequence[StackState]) -> Item:
    holder = next((state for state in others if _has(state, item)), None)
    maker = find_state(others, effective_labels(item.thing)) or _owner(others, item)
    state = holder or (maker if item.why == "unknown stack" else None)
    if state is None:
        return item
    title = title_of(state, {})
    reason = (
        f"it is in the state of {title}" if holder else f"{title} made it, and the state of that stack does not have it"
    )
    return replace(item, why="other stack", reason=reason, stack=title, blocked=BELONGS)


def _has(state: StackState, item: Item) -> bool:
    if any(state.knows(name) for name in (item.name, *item.endpoints, *([item.job] if item.job else []))):
        return True
    return bool(state.claims & set(claims_in(item.thing).values()))


def _owner(others: Sequence[StackState], item: Item) -> StackState | None:
    """The stack that uploaded a file."""
    owners = owners_in(item.thing)
    return next((state for state in others if not owners.keys().isdisjoint(state.identities)), None)
