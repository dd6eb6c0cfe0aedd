"""The review of a preview: what it trains, replaces and deletes, and whether a reviewer may let it pass."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import isfinite
from typing import Any, Final

from pulumi_gcp_tuning.names import MalformedName, Urn
from pulumi_gcp_tuning.review.durations import TRAINS, Durations
from pulumi_gcp_tuning.review.previews import (
    DELETES_REPLACED,
    KNOWN_LATER,
    UNKNOWN,
    Planned,
    Preview,
    changes_of,
    is_ours,
    named_by,
    text_of,
)
from pulumi_gcp_tuning.review.removals import pending_deletions, removals_of, stops_up
from pulumi_gcp_tuning.review.report import (
    Change,
    Cost,
    DataChange,
    EndOfLife,
    Hourly,
    Judgement,
    Link,
    Named,
    Node,
    Place,
    Quota,
    Review,
    Step,
    Training,
    Verdict,
)
from pulumi_gcp_tuning.review.sentences import SERVING, sentence_of
from pulumi_gcp_tuning.review.updates import count_others, creations_of, updates_of

FACTS: Final = ("findings of the checks", "cost", "quota", "end of life", "rows of the data", "policies")
"""The sections that only the providers of a preview can fill."""

_MOST: Final = 5  # jobs that wait, by name
_STEPS: Final[Mapping[str, Step]] = {
    "create": "create",
    "import": "create",
    "update": "update",
    "replace": "replace",
    "create-replacement": "replace",
    "import-replacement": "replace",
    "delete": "delete",
    "read": "read",
}

Facts = Mapping[str, Mapping[str, Any]]
"""What the checks noted about one resource, by subject."""


@dataclass(frozen=True, kw_only=True)
class Material:
    """What a review is made of. ``facts`` None: no provider was asked, so its sections are missing.

    ``problem`` is why the preview did not finish, empty if it did.
    """

    preview: Preview
    facts: Mapping[str, Facts] | None
    findings: Sequence[Judgement] = ()
    policies: Sequence[Judgement] = ()
    stack: str | None = None
    problem: str = ""


def review_of(material: Material) -> Review:
    """The whole review, without curves. The same material gives the same review."""
    steps = _merged(material.preview.steps)
    going = (*steps, *pending_deletions(material.preview.steps))
    by_urn = {step.urn: step for step in steps}
    facts = material.facts or {}
    refused = {each.resource.urn for each in material.findings if each.severity == "error" and each.resource}
    trainings, adoptions = _trainings(by_urn, facts, refused, asked=material.facts is not None)
    told = {each.job.urn for each in trainings} | {each.urn for each in adoptions}
    # The engine compared these by itself, because their checks failed; what it would do is not what `up` would do.
    told |= refused
    draft = Review(
        stack=material.stack or _part(steps, "stack"),
        project=_part(steps, "project"),
        verdict="OK",
        sentence="",
        complete=not material.problem and material.facts is not None,
        problem=material.problem,
        missing=FACTS if material.facts is None else (),
        counts=material.preview.counts,
        others=count_others(steps),
        trainings=trainings,
        adoptions=adoptions,
        creations=creations_of(steps, told),
        updates=updates_of(steps, by_urn, told, trainings),
        removals=removals_of(going),
        hourly=_hourly(steps, facts),
        quotas=_quotas(facts, trainings),
        places=tuple(place for step in steps if (place := _place(step)) is not None),
        findings=_ordered(material.findings),
        policies=_ordered(material.policies),
        ends=_ends(facts),
        links=_links(steps),
        nodes=tuple(_node(step) for step in steps if step.op in (*_STEPS, "same") and not step.is_of_pulumi),
    )
    return replace(draft, verdict=_verdict(draft, stopped=any(map(stops_up, going))), sentence=sentence_of(draft))


def _verdict(review: Review, *, stopped: bool) -> Verdict:
    errors = [each for each in (*review.findings, *review.policies) if each.severity == "error"]
    if errors or review.problem:
        return "BLOCK"
    warned = any(each.severity == "warn" for each in (*review.findings, *review.policies))
    lost = any(
        each.outcome == "deleted" and (each.resource.type in SERVING or not is_ours(each.resource.urn))
        for each in review.removals
    )
    unsure = any(each.may_be_replaced for each in review.updates)
    return "WARN" if warned or lost or stopped or unsure or review.missing else "OK"


def _merged(steps: Sequence[Planned]) -> tuple[Planned, ...]:
    """One step for each resource: the engine may list a replacement in three parts."""
    found: dict[str, Planned] = {}
    for step in steps:
        before = found.get(step.urn)
        if step.op == DELETES_REPLACED and before is not None:
            continue
        if before is None or not before.is_replacement or step.op == "replace":
            found[step.urn] = step
    return tuple(found[urn] for urn in sorted(found) if found[urn].op != DELETES_REPLACED)


def _trainings(
    by_urn: Mapping[str, Planned], facts: Mapping[str, Facts], refused: Collection[str], *, asked: bool
) -> tuple[tuple[Training, ...], tuple[Named, ...]]:
    trainings: list[Training] = []
    adoptions: list[Named] = []
    took = Durations(by_urn.values())
    spent = _spent(by_urn.values())
    for step in by_urn.values():
        if not step.is_ours or step.named.type not in TRAINS or not step.makes:
            continue
        of_job = facts.get(step.urn, {})
        if of_job.get("adopts") or step.new_inputs.get("adopt") or step.op.startswith("import"):
            adoptions.append(step.named)
            continue
        data = _data_of(step, by_urn, facts)
        changes = _reasons(step, [by_urn[each.dataset.urn] for each in data]) if step.is_replacement else ()
        reasons = tuple(each for each in changes if step.is_reason(each.path))
        noted = of_job.get("cost") or {"text": f"not known: {_no_cost(step, asked=asked, refused=step.urn in refused)}"}
        trainings.append(
            Training(
                job=step.named,
                base_model=_text(step.new_inputs.get("baseModel")),
                again=step.is_replacement,
                changes=reasons,
                others=tuple(each for each in changes if each not in reasons),
                data=data,
                cost=Cost(before=spent.get(step.id), **noted),
                took=took.of(step),
                waits=_waits(of_job.get("quota")),
            )
        )
    return tuple(trainings), tuple(adoptions)


def _no_cost(job: Planned, *, asked: bool, refused: bool) -> str:
    """Why no check noted what a job costs."""
    if not asked:
        return "no check was run"
    if refused:
        return "its inputs are wrong"
    if job.named.type == "GeminiApiTunedModel":
        return "there is no price of tuning in the Gemini API"
    if _text(job.new_inputs.get("baseModel")) in (None, UNKNOWN):
        return "the base model is not known before apply"
    return "its check did not come to the cost"


def _reasons(job: Planned, datasets: Sequence[Planned]) -> tuple[Change, ...]:
    """The changes of a job's inputs without the addresses of datasets whose content changes, which are named themselves."""
    addresses = {
        text_of(inputs.get("uri"), hide=step.hide) for step in datasets for inputs in (step.old_inputs, step.new_inputs)
    }
    return tuple(each for each in changes_of(job) if each.old not in addresses or each.new not in addresses)


def _waits(quota: Mapping[str, Any] | None) -> str:
    """What a job waits for, empty if there is room or it does not wait."""
    if not quota or quota["fits"] or quota.get("on_quota") == "fail":
        return ""
    more = quota["ahead"] - len(quota["before"])
    return ", ".join(quota["before"]) + (f" and {more:,} more" if more > 0 else "") or "a free slot"


def _data_of(job: Planned, by_urn: Mapping[str, Planned], facts: Mapping[str, Facts]) -> tuple[DataChange, ...]:
    """The datasets of a job that is trained again whose content changes."""
    found = []
    for step in (by_urn[urn] for urn in job.needs if urn in by_urn):
        if not job.is_replacement or step.named.type != "TuningDataset":
            continue
        if step.old_inputs.get("contentSha256") == step.new_inputs.get("contentSha256"):
            continue
        rows = facts.get(step.urn, {}).get("rows") or {}
        numbers = {key: rows.get(key) for key in ("added", "removed", "before", "after")}
        why_not = str(rows.get("why_not") or ("" if rows else "the rows were not compared"))
        found.append(DataChange(dataset=step.named, why_not=why_not, **numbers))
    return tuple(found)


def _spent(steps: Iterable[Planned]) -> dict[str, float]:
    """What each training in the stack's state cost, by the id of its job, which itself has the cost for an open model."""
    found: dict[str, float] = {}
    for step in steps:
        usage = step.outputs.get("usage")
        job = step.id if step.named.type == "TuningJob" else step.outputs.get("tuningJob")
        usd = usage.get("trainingUsd") if isinstance(usage, Mapping) else None
        if isinstance(job, str) and isinstance(usd, int | float) and isfinite(usd):
            found[job] = usd
    return found


def _hourly(steps: Iterable[Planned], facts: Mapping[str, Facts]) -> tuple[Hourly, ...]:
    """The machines that would be new, as their check noted them, else as the program declares them."""
    noted = {urn: str(of_one["hourly"]["text"]) for urn, of_one in facts.items() if of_one.get("hourly")}
    for step in steps:
        if step.is_ours and step.makes and step.new_inputs.get("machineType") and step.urn not in noted:
            noted[step.urn] = _machines_of(step)
    return tuple(Hourly(resource=named_by(urn), text=noted[urn]) for urn in sorted(noted))


def _machines_of(step: Planned) -> str:
    from pulumi_gcp_tuning.resources.models.machines import price_in_words

    keys = ("machineType", "acceleratorType", "acceleratorCount", "minReplicaCount")
    told = (text_of(step.new_inputs.get(key), hide=step.hide) for key in keys)
    return price_in_words(*(None if each == KNOWN_LATER else each for each in told))


def _quotas(facts: Mapping[str, Facts], trainings: Sequence[Training]) -> tuple[Quota, ...]:
    found: dict[str, list[tuple[Training, Mapping[str, Any]]]] = {}
    for training in trainings:
        noted = facts.get(training.job.urn, {}).get("quota")
        if noted:
            found.setdefault(str(noted["name"]), []).append((training, noted))
    return tuple(
        Quota(
            name=name,
            need=sum(noted["need"] for _, noted in jobs),
            in_use=jobs[0][1]["in_use"],
            limit=jobs[0][1]["limit"],
            order=_order(jobs),
        )
        for name, jobs in sorted(found.items())
    )


def _order(jobs: Sequence[tuple[Training, Mapping[str, Any]]]) -> str:
    """Which jobs have no room, and what they wait for; the longest wait last."""
    full = sorted((noted["ahead"], training.job.name, training.waits) for training, noted in jobs if not noted["fits"])
    told = [f"{name} waits for {waits}" if waits else f"no room for {name}" for _, name, waits in full]
    return "; ".join([*told[:_MOST], *([f"{len(told) - _MOST:,} more after them"] if len(told) > _MOST else [])])


def _place(step: Planned) -> Place | None:
    if not step.is_ours or not step.makes or step.named.type not in (*TRAINS, "Endpoint", "TuningDataset"):
        return None
    spec = step.new_inputs.get("encryptionSpec")
    key = spec.get("kmsKeyName") if isinstance(spec, Mapping) else step.new_inputs.get("kmsKeyName")
    region = _text(step.new_inputs.get("location"))
    return Place(resource=step.named, region=region, key=_text(key)) if region or key else None


def _ends(facts: Mapping[str, Facts]) -> tuple[EndOfLife, ...]:
    found: dict[str, tuple[Mapping[str, Any], list[Named]]] = {}
    for urn in sorted(facts):
        noted = facts[urn].get("model")
        if noted:
            found.setdefault(str(noted["base_model"]), (noted, []))[1].append(named_by(urn))
    return tuple(
        EndOfLife(
            base_model=model,
            stage=str(noted["stage"]),
            tuning_until=noted["tuning_until"],
            serving_until=noted["serving_until"],
            resources=tuple(resources),
        )
        for model, (noted, resources) in sorted(found.items())
    )


def _links(steps: Sequence[Planned]) -> tuple[Link, ...]:
    return tuple(
        Link(text=f"{step.named.name}: {key.removesuffix('Url').removesuffix('Uri')}", url=value)
        for step in steps
        if step.named.type in ("TunedModel", "TuningJob") and isinstance(step.outputs.get("usage"), Mapping)
        for key, value in sorted(step.outputs["usage"].items())
        if isinstance(value, str) and value.startswith("https://")
    )


def _node(step: Planned) -> Node:
    paid = "training" if step.named.type in TRAINS and step.is_ours else ""
    if step.named.type == "ModelDeployment" and step.new_inputs.get("machineType"):
        paid = "each hour"
    return Node(resource=step.named, step=_STEPS.get(step.op, "same"), needs=step.needs, paid=paid)


def _ordered(findings: Sequence[Judgement]) -> tuple[Judgement, ...]:
    rank = {"error": 0, "warn": 1, "info": 2}
    key = lambda each: (rank[each.severity], each.resource.urn if each.resource else "", each.path, each.problem)  # noqa: E731
    return tuple(sorted(findings, key=key))


def _part(steps: Sequence[Planned], part: str) -> str | None:
    for step in steps:
        try:
            return str(getattr(Urn.parse(step.urn), part))
        except MalformedName:
            continue
    return None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
