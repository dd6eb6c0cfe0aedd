"""The review of a preview: what it trains, replaces and deletes, and whether a reviewer may let it pass."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from pulumi_gcp_tuning.grammar import counted
from pulumi_gcp_tuning.names import MalformedName, Urn
from pulumi_gcp_tuning.review.previews import KNOWN_LATER, Planned, Preview, changes_of, named_by
from pulumi_gcp_tuning.review.removals import removals_of
from pulumi_gcp_tuning.review.report import (
    Cost,
    DataChange,
    EndOfLife,
    Judgement,
    Link,
    Named,
    Node,
    Place,
    Quota,
    Review,
    Step,
    Training,
    Update,
    Verdict,
)
from pulumi_gcp_tuning.review.sentences import in_time, sentence_of

TRAINS: Final = ("TuningJob", "PipelineTuningJob", "GeminiApiTunedModel")
"""The classes whose resources are a training."""
FACTS: Final = ("findings of the checks", "cost", "quota", "end of life", "rows of the data")
"""The sections that only the providers of a preview can fill."""

_MAKES: Final = ("create", "replace", "create-replacement", "import", "import-replacement")
_REPLACES: Final = ("replace", "create-replacement", "import-replacement")
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
    facts = material.facts or {}
    trainings, adoptions = _trainings(steps, facts)
    made_by_training = {training.job.urn for training in trainings}
    draft = Review(
        stack=material.stack or _part(steps, "stack"),
        project=_part(steps, "project"),
        verdict="OK",
        sentence="",
        complete=not material.problem and material.facts is not None,
        problem=material.problem,
        missing=FACTS if material.facts is None else (),
        counts=material.preview.counts,
        trainings=trainings,
        adoptions=adoptions,
        updates=tuple(each for step in steps if (each := _update(step, steps, made_by_training)) is not None),
        removals=removals_of(steps),
        quotas=_quotas(facts, trainings),
        places=tuple(place for step in steps if (place := _place(step)) is not None),
        findings=_ordered(material.findings),
        policies=_ordered(material.policies),
        ends=_ends(facts),
        links=_links(steps),
        nodes=tuple(_node(step) for step in steps if step.op in (*_STEPS, "same") and not _is_of_pulumi(step)),
    )
    return replace(draft, verdict=_verdict(draft), sentence=sentence_of(draft))


def _verdict(review: Review) -> Verdict:
    errors = [each for each in (*review.findings, *review.policies) if each.severity == "error"]
    if errors or review.problem:
        return "BLOCK"
    warned = any(each.severity == "warn" for each in (*review.findings, *review.policies))
    lost = any(each.outcome == "deleted" and each.resource.type in _SERVING for each in review.removals)
    return "WARN" if warned or lost or review.missing else "OK"


_SERVING: Final = ("TunedModel", "GeminiApiTunedModel", "Endpoint", "ModelDeployment")


def _merged(steps: Sequence[Planned]) -> tuple[Planned, ...]:
    """One step for each resource: the engine may list a replacement in three parts."""
    found: dict[str, Planned] = {}
    for step in steps:
        before = found.get(step.urn)
        if step.op == "delete-replaced" and before is not None:
            continue
        if before is None or before.op not in _REPLACES or step.op == "replace":
            found[step.urn] = step
    return tuple(found[urn] for urn in sorted(found) if found[urn].op != "delete-replaced")


def _trainings(steps: Sequence[Planned], facts: Mapping[str, Facts]) -> tuple[tuple[Training, ...], tuple[Named, ...]]:
    trainings: list[Training] = []
    adoptions: list[Named] = []
    for step in steps:
        if not step.is_ours or step.named.type not in TRAINS or step.op not in _MAKES:
            continue
        of_job = facts.get(step.urn, {})
        if of_job.get("adopts") or step.new_inputs.get("adopt"):
            adoptions.append(step.named)
            continue
        trainings.append(
            Training(
                job=step.named,
                base_model=_text(step.new_inputs.get("baseModel")),
                again=step.op in _REPLACES,
                changes=changes_of(step) if step.op in _REPLACES else (),
                data=_data_of(step, steps, facts),
                cost=_cost(step, steps, of_job.get("cost")),
                took=_took(step, steps),
                waits=", ".join((of_job.get("quota") or {}).get("waits") or []),
            )
        )
    return tuple(trainings), tuple(adoptions)


def _data_of(job: Planned, steps: Sequence[Planned], facts: Mapping[str, Facts]) -> tuple[DataChange, ...]:
    """The datasets of a job that is trained again whose content changes."""
    found = []
    for step in steps:
        if job.op not in _REPLACES or step.urn not in job.needs or step.named.type != "TuningDataset":
            continue
        if step.old_inputs.get("contentSha256") == step.new_inputs.get("contentSha256"):
            continue
        rows = facts.get(step.urn, {}).get("rows") or {}
        numbers = {key: rows.get(key) for key in ("added", "removed", "before", "after")}
        why_not = str(rows.get("why_not") or ("" if rows else "the rows were not compared"))
        found.append(DataChange(dataset=step.named, why_not=why_not, **numbers))
    return tuple(found)


def _cost(job: Planned, steps: Sequence[Planned], noted: Mapping[str, Any] | None) -> Cost:
    used = [step.outputs.get("usage") or {} for step in steps if job.id and step.outputs.get("tuningJob") == job.id]
    before = next((each["trainingUsd"] for each in used if isinstance(each.get("trainingUsd"), int | float)), None)
    return Cost(before=before, **(noted or {}))


def _took(job: Planned, steps: Sequence[Planned]) -> str:
    """How long jobs of this base model took that the stack's state holds."""
    seconds = sorted(
        took
        for step in steps
        if step.named.type in TRAINS and step.outputs.get("baseModel") == job.new_inputs.get("baseModel")
        if (took := _seconds(step.outputs)) is not None
    )
    if not seconds:
        return ""
    span = in_time(seconds[0]) if len(seconds) == 1 else f"{in_time(seconds[0])} to {in_time(seconds[-1])}"
    return f"{counted(len(seconds), 'job')} of this stack: {span}"


def _seconds(outputs: Mapping[str, Any]) -> float | None:
    try:
        begun, ended = (datetime.fromisoformat(str(outputs[key])) for key in ("createTime", "endTime"))
    except (KeyError, ValueError):
        return None
    return max((ended - begun).total_seconds(), 0.0)


def _update(step: Planned, steps: Sequence[Planned], trained: set[str]) -> Update | None:
    replaced = step.op in _REPLACES
    if not step.is_ours or step.urn in trained or not (replaced or step.op == "update"):
        return None
    follows = tuple(each.named for each in steps if each.urn in step.needs and each.is_ours and each.op in _REPLACES)
    changes = [each for each in changes_of(step) if not (follows and each.new == KNOWN_LATER)]
    return Update(resource=step.named, replaced=replaced, changes=tuple(changes), follows=follows)


def _quotas(facts: Mapping[str, Facts], trainings: Sequence[Training]) -> tuple[Quota, ...]:
    found: dict[str, Quota] = {}
    for training in trainings:
        noted = facts.get(training.job.urn, {}).get("quota")
        if not noted:
            continue
        name = str(noted["name"])
        before = found.get(name) or Quota(name=name, need=0, in_use=noted["in_use"], limit=noted["limit"])
        orders = [before.order, f"{training.job.name} waits for {training.waits}" if training.waits else ""]
        found[name] = replace(before, need=before.need + noted["need"], order="; ".join(filter(None, orders)))
    return tuple(found[name] for name in sorted(found))


def _place(step: Planned) -> Place | None:
    if not step.is_ours or step.op not in _MAKES or step.named.type not in (*TRAINS, "Endpoint", "TuningDataset"):
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
        if step.named.type == "TunedModel" and isinstance(step.outputs.get("usage"), Mapping)
        for key, value in sorted(step.outputs["usage"].items())
        if isinstance(value, str) and value.startswith("https://")
    )


def _node(step: Planned) -> Node:
    paid = "training" if step.named.type in TRAINS and step.is_ours else ""
    if step.named.type == "ModelDeployment" and step.new_inputs.get("machineType"):
        paid = "each hour"
    return Node(resource=step.named, step=_STEPS.get(step.op, "same"), needs=step.needs, paid=paid)


def _is_of_pulumi(step: Planned) -> bool:
    return "::pulumi:pulumi:" in step.urn or "::pulumi:providers:" in step.urn


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
