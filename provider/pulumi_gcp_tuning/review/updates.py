"""What a merge changes beside its trainings and removals: what is made, replaced, or changed in place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from pulumi_gcp_tuning.grammar import snake
from pulumi_gcp_tuning.review.durations import TRAINS
from pulumi_gcp_tuning.review.previews import KNOWN_LATER, Planned, changes_of, unknown_keys
from pulumi_gcp_tuning.review.removals import what_stays
from pulumi_gcp_tuning.review.report import Creation, Training, Update
from pulumi_gcp_tuning.review.sentences import total


def creations_of(steps: Sequence[Planned], told: Collection[str]) -> tuple[Creation, ...]:
    """What is made or imported, without what is ``told`` elsewhere."""
    return tuple(
        Creation(resource=step.named, imported=step.op == "import")
        for step in steps
        if step.is_ours and step.op in ("create", "import") and step.urn not in told
    )


def count_others(steps: Sequence[Planned]) -> dict[str, int]:
    """How many objects other packages create (also by an import) and update."""
    kinds = {"create": "creates", "import": "creates", "update": "updates"}
    return dict(sorted(Counter(kinds[each.op] for each in steps if each.is_of_others and each.op in kinds).items()))


def updates_of(
    steps: Sequence[Planned], by_urn: Mapping[str, Planned], told: Collection[str], trainings: Sequence[Training]
) -> tuple[Update, ...]:
    """What changes in place or is replaced, without what is ``told`` elsewhere."""
    by_job = {each.job.urn: each for each in trainings}
    found = (_update(step, by_urn, by_job) for step in steps if step.urn not in told)
    return tuple(each for each in found if each is not None)


def _update(step: Planned, by_urn: Mapping[str, Planned], trainings: Mapping[str, Training]) -> Update | None:
    replaced = step.is_replacement
    if not step.is_ours or not (replaced or step.op == "update"):
        return None
    needed = (by_urn[urn] for urn in step.needs if urn in by_urn)
    follows = tuple(each.named for each in needed if each.is_ours and each.is_replacement)
    changes = [each for each in changes_of(step) if not (follows and each.new == KNOWN_LATER)]
    trains = ""
    if (
        replaced
        and step.named.type == "TunedModel"
        and (new := [trainings[each.urn] for each in follows if each.urn in trainings])
    ):
        trains = f"trains a new model: {total(new)}; the current one {what_stays(step)}"
    return Update(
        resource=step.named,
        replaced=replaced,
        changes=tuple(changes),
        follows=follows,
        trains=trains,
        may_be_replaced=(may := not replaced and _may_be_replaced(step)),
        may_train=may and step.named.type in TRAINS,
    )


def _may_be_replaced(step: Planned) -> bool:
    """Whether an input whose change replaces the resource is known only at apply, so that the preview shows an update."""
    unknown = unknown_keys(step)
    if not unknown:
        return False
    from pulumi_gcp_tuning.resources.core.description import keys_of
    from pulumi_gcp_tuning.resources.registry import lifecycle_of

    try:
        resource = lifecycle_of(snake(step.named.type)).resource
    except LookupError:
        return True
    return not unknown.isdisjoint(key for of in (resource.Args, resource.Told) for key in keys_of(of, "spec", "place"))
