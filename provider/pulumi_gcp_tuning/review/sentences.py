"""The sentence of a review, and numbers in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from pulumi_gcp_tuning.grammar import counted, in_dollars
from pulumi_gcp_tuning.review.previews import is_ours

if TYPE_CHECKING:
    from pulumi_gcp_tuning.review.report import Cost, Judgement, Named, Removal, Review, Training, Update

SERVING: Final = ("TunedModel", "GeminiApiTunedModel", "Endpoint", "ModelDeployment")
"""The classes of what answers, or of the models that do."""


def sentence_of(review: Review) -> str:
    """A few sentences: what stops the merge, if anything does, what it does, and what other packages do."""
    return f"{_sentence(review)}{_of_others(review)}"


def _sentence(review: Review) -> str:
    errors = sum(each.severity == "error" for each in (*review.findings, *review.policies))
    if review.problem:
        known = f" As far as it went: {_what(review)}." if _does_anything(review) else ""
        return f"The preview did not finish, so this report is incomplete.{known}"
    if errors:
        would = f" It would {_what(review, would=True)}." if _does_anything(review) else ""
        return f"This merge is blocked by {counted(errors, 'error')}.{would}"
    if review.changes_nothing:
        return "This merge changes nothing."
    if not _does_anything(review):
        return "This merge changes no resource of pulumi_gcp_tuning."
    return f"This merge {_what(review)}."


def _of_others(review: Review) -> str:
    """`` Of other packages it deletes 2 resources and replaces 1.``; empty if none of theirs changes."""
    others = [each for each in review.removals if not is_ours(each.resource.urn)]
    replaced = sum(each.replaced for each in others)
    deleted = sum(each.outcome == "deleted" and not each.replaced for each in others)
    left = len(others) - replaced - deleted
    told = [
        f"{verb} {counted(n, 'resource')}"
        for verb, n in (("deletes", deleted), ("replaces", replaced), ("leaves", left), *sorted(review.others.items()))
        if n
    ]
    return f" Of other packages it {', '.join(told)}." if told else ""


def _does_anything(review: Review) -> bool:
    return bool(review.trainings or review.adoptions or review.creations or review.updates or _our_removals(review))


def _our_removals(review: Review) -> list[Removal]:
    return [each for each in review.removals if is_ours(each.resource.urn)]


def _what(review: Review, *, would: bool = False) -> str:
    """``trains 1 model (about $12.90), replaces 1, deletes 0``."""
    s = "" if would else "s"
    trained = counted(len(review.trainings), "model")
    cost = f" ({total(review.trainings)})" if review.trainings else ""
    replaced = sum(each.replaced and each.resource.type in SERVING for each in review.updates)
    replaced += sum(each.again and each.job.type in SERVING for each in review.trainings)
    gone = [each for each in _our_removals(review) if not each.replaced]
    deleted = sum(each.outcome == "deleted" for each in gone)
    parts = [f"train{s} {trained}{cost}"]
    unsure = [each for each in review.updates if each.may_be_replaced]
    if may_train := sum(each.may_train for each in unsure):
        parts.append(f"may train {may_train:,} (known only at apply)")
    parts.append(f"replace{s} {replaced:,}")
    if len(unsure) > may_train:
        parts.append(f"may replace {len(unsure) - may_train:,} (known only at apply)")
    parts.append(f"delete{s} {deleted:,}")
    if len(gone) > deleted:
        parts.append(f"leave{s} {len(gone) - deleted:,}")
    if review.adoptions:
        parts.append(f"adopt{s} {counted(len(review.adoptions), 'job')}")
    imported = sum(each.imported for each in review.creations)
    if len(review.creations) > imported:
        parts.append(f"create{s} {len(review.creations) - imported:,}")
    if imported:
        parts.append(f"import{s} {imported:,}")
    updated = sum(not (each.replaced or each.may_be_replaced) for each in review.updates)
    if updated:
        parts.append(f"update{s} {updated:,} in place")
    return ", ".join(parts)


def total(trainings: Sequence[Training]) -> str:
    """What all of them cost, in words: ``about $12.90``, ``at least $12.90``, or that it is not known."""
    known = [each.cost.usd for each in trainings if each.cost.usd is not None]
    if not known:
        why = {cost_in_words(each.cost) for each in trainings}
        return f"cost {why.pop()}" if len(why) == 1 else "cost not known"
    bounded = len(known) == len(trainings) and not any(each.cost.per_epoch for each in trainings)
    return f"{'about' if bounded else 'at least'} {in_dollars(sum(known))}"


def cost_in_words(cost: Cost) -> str:
    """``about $0.10, $0.07 to $0.13``, or ``not known``."""
    if cost.usd is None:
        return cost.text or "not known"
    each = " for each epoch" if cost.per_epoch else ""
    return f"{cost.text or f'about {in_dollars(cost.usd)}'}{each}"


def what_happens(update: Update) -> str:
    """``is replaced``, ``changes in place``, or that this is known only at apply."""
    if update.replaced:
        return "is replaced"
    if not update.may_be_replaced:
        return "changes in place"
    otherwise = "trains again, which is paid for" if update.may_train else "is replaced"
    return f"changes in place, or {otherwise}: a new value is known only at apply"


def by_cause(judgements: Iterable[Judgement]) -> dict[Judgement, list[Named]]:
    """Each cause once, without a resource, with all resources that have it; none of them if it is about the whole stack."""
    causes: dict[Judgement, dict[Named, None]] = {}
    for each in judgements:
        named = causes.setdefault(replace(each, resource=None), {})
        if each.resource:
            named[each.resource] = None
    return {cause: list(named) for cause, named in causes.items()}


def in_time(seconds: float) -> str:
    """A duration as people say it: ``45 min``, ``2 h 5 min``."""
    minutes = max(round(seconds / 60), 1)
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{minutes} min"
    return f"{hours} h {rest} min" if rest else f"{hours} h"
