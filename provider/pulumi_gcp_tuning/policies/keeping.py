"""Policies on labels and on what survives a delete."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Final

from pulumi_gcp_tuning.grammar import counted
from pulumi_gcp_tuning.policies.declared import Declared, Options, Verdict, broken, not_yet
from pulumi_gcp_tuning.resources.core.unknown import UNKNOWN

STACKS: Final = ("prod", "prod-*", "production")
"""The stacks in which models are kept, if the option ``stacks`` is not given."""
_KEEPS: Final = ("PREVENT", "ABANDON")


def has_labels(resource: Declared, options: Options) -> Iterator[Verdict]:
    """What takes labels: each of ``labels`` is a key of them, the stack's default labels included."""
    wanted = [str(each) for each in options.get("labels") or ()]
    found = resource.get("pulumiLabels")
    found = resource.get("labels") if found is None else found
    if wanted and found is UNKNOWN:
        yield not_yet("labels")
        return
    given = found if isinstance(found, Mapping) else {}
    missing = [each for each in wanted if not given.get(each) and given.get(each) is not UNKNOWN]
    if missing:
        what = "label is" if len(missing) == 1 else "labels are"
        yield broken(
            f"The {what} missing: {', '.join(missing)}. Add to labels, or to gcp:defaultLabels for the whole stack."
        )


def is_kept(resource: Declared, options: Options) -> Iterator[Verdict]:
    """Models and endpoints in the stacks of ``stacks``: a delete does not remove them."""
    if not any(fnmatchcase(resource.stack, str(each)) for each in options.get("stacks", STACKS)):
        return
    policy = resource.get("deletionPolicy")
    if policy is UNKNOWN:
        yield not_yet("deletion_policy")
    elif not resource.is_protected and policy not in _KEEPS:
        yield broken(
            f"`pulumi destroy` of stack {resource.stack} would delete it. Set deletion_policy to PREVENT or ABANDON, or "
            "the resource option protect."
        )


def earlier_models_are_kept(resource: Declared, options: Options) -> Iterator[Verdict]:
    """Tuned models: as above, and ``on_replace`` keeps superseded models, so that a rollback is possible."""
    yield from is_kept(resource, options)
    if not any(fnmatchcase(resource.stack, str(each)) for each in options.get("stacks", STACKS)):
        return
    kept, least = resource.get("onReplace", "keepLast"), int(options.get("keepLast", 1))
    if kept is UNKNOWN:
        yield not_yet("on_replace.keep_last")
    elif kept is not None and kept < least:
        yield broken(
            f"on_replace.keep_last is {kept:g}; at least {counted(least, 'superseded model')} must stay for a rollback."
        )
