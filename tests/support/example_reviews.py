"""Reviews that are made by hand, for the tests of what renders them: each has something that the others lack."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Final

from pulumi_gcp_tuning.review.report import (
    Change,
    Cost,
    Curve,
    DataChange,
    EndOfLife,
    Judgement,
    Link,
    Named,
    Node,
    Place,
    Quota,
    Removal,
    Review,
    Training,
    Update,
)

HOSTILE: Final = "</style><script>alert(1)</script>\"'><img src=x onerror=alert(1)>{{ 7 * 7 }}&amp;\x00\u202e"
RECKONING: Final = "(180,000 tokens x 4 epochs) x $3 per 1M training tokens as of 2026-11-01"


def named(type_: str, name: str) -> Named:
    return Named(urn=f"urn:pulumi:prod::support::{type_}::{name}", type=type_, name=name)


DATASET, VALIDATION = named("TuningDataset", "tickets"), named("TuningDataset", "validation")
JOB, MODEL = named("TuningJob", "support-classifier"), named("TunedModel", "support-classifier")
BUCKET, KEY = named("Bucket", "support-data"), named("CryptoKey", "tuning-key")
ENDPOINT, DEPLOYMENT = named("Endpoint", "support-answers"), named("ModelDeployment", "support-answers")
OLD: Final = named("TunedModel", "tone-of-voice")


def first_up() -> Review:
    return Review(
        stack="prod",
        project="support",
        verdict="OK",
        sentence="This merge trains 1 model (about $2.16), replaces 0, deletes 0.",
        counts={"create": 8},
        trainings=(
            Training(
                job=JOB,
                base_model="gemini-2.5-flash",
                again=False,
                cost=Cost(usd=2.16, least=1.9, most=2.6, reckoning=RECKONING, serving="as the base model, per token"),
                took="3 jobs of this stack: 45 min to 2 h",
            ),
        ),
        quotas=(Quota(name="concurrent tuning jobs", need=1, in_use=0, limit=4),),
        places=(
            Place(
                resource=JOB, region="us-central1", key="projects/shop/locations/us-central1/keyRings/r/cryptoKeys/k"
            ),
            Place(resource=ENDPOINT, region="us-central1", key=None),
        ),
        ends=(
            EndOfLife(
                base_model="gemini-2.5-flash",
                stage="stable",
                tuning_until=None,
                serving_until="2027-06-17",
                resources=(JOB,),
            ),
        ),
        links=(
            Link(
                text="Tuning jobs of the project", url="https://console.cloud.google.com/vertex-ai/tuning?project=shop"
            ),
        ),
        nodes=_nodes("create"),
    )


def retrain_by_data() -> Review:
    """The model is trained again because rows changed, and its curves are there."""
    return replace(
        first_up(),
        verdict="WARN",
        sentence="This merge trains 1 model (about $12.90), replaces 3, deletes 1.",
        counts={"update": 1, "replace": 3, "delete": 1, "same": 4},
        trainings=(
            Training(
                job=JOB,
                base_model="gemini-2.5-flash",
                again=True,
                changes=(Change(path="supervised_tuning_spec.hyper_parameters.epoch_count", old="2", new="4"),),
                data=(
                    DataChange(dataset=DATASET, added=1240, removed=12, before=5000, after=6228),
                    DataChange(dataset=VALIDATION, why_not="the old object was deleted"),
                ),
                cost=Cost(
                    usd=12.9,
                    least=11.2,
                    most=15.4,
                    text="about $12.90, $11.20 to $15.40",
                    reckoning=RECKONING,
                    serving="as the base model",
                    before=9.4,
                ),
                waits="support-tone",
            ),
        ),
        removals=(
            Removal(
                resource=MODEL,
                id="projects/shop/locations/us-central1/models/4242424242424242",
                outcome="kept",
                reason="keep_last is 2: it can be deployed again",
                replaced=True,
            ),
            Removal(resource=OLD, id="projects/shop/locations/us-central1/models/17", outcome="deleted", reason=""),
        ),
        updates=(
            Update(
                resource=DATASET,
                replaced=False,
                changes=(Change(path="source", old="data/v1.jsonl", new="data/v2.jsonl"),),
            ),
            Update(resource=DEPLOYMENT, replaced=True, changes=(Change(path="model", old=None, new="not known yet"),)),
        ),
        findings=(
            Judgement(
                severity="warn",
                resource=JOB,
                path="base_model",
                problem="gemini-2.5-flash is served until 2027-06-17, 201 days from now.",
                remedy="Plan a training on a later model.",
                check="model",
            ),
        ),
        policies=(
            Judgement(
                severity="info",
                resource=JOB,
                path="labels",
                problem="The label team is not set.",
                check="required-labels",
            ),
        ),
        nodes=(*_nodes("replace"), Node(resource=OLD, step="delete")),
        curves=(*_curves("in use", 120), *_curves("candidate", 90)),
    )


def blocked() -> Review:
    return replace(
        first_up(),
        verdict="BLOCK",
        sentence="This merge must not happen: 2 errors.",
        complete=False,
        problem="error: the preview failed in support-classifier",
        missing=("cost", "quota"),
        trainings=(Training(job=JOB, base_model="gemini-1.0-pro", again=False),),
        quotas=(Quota(name="concurrent tuning jobs", need=3, in_use=3, limit=4, order="b before c"),),
        findings=tuple(
            Judgement(
                severity="error",
                resource=resource,
                path=path,
                problem=problem,
                remedy="Set base_model to gemini-2.5-flash.",
                check="model",
            )
            for resource, path, problem in (
                (JOB, "base_model", "Google ended tuning of gemini-1.0-pro on 2025-02-15."),
                (None, "", "The project has no bucket in us-central1."),
            )
        ),
    )


def nothing() -> Review:
    return Review(
        stack="prod",
        project="support",
        verdict="OK",
        sentence="This merge changes nothing.",
        counts={"same": 8},
        nodes=_nodes("same"),
    )


def many(chains: int = 50) -> Review:
    """Four resources for each chain, all new, and a warning for each job."""
    nodes, jobs = [], []
    for at in range(chains):
        data, job, model, endpoint = (
            named(kind, f"{kind.lower()}-of-team-{at:04}")
            for kind in ("TuningDataset", "TuningJob", "TunedModel", "Endpoint")
        )
        jobs.append(job)
        nodes += [
            Node(resource=data, step="create"),
            Node(resource=job, step="create", needs=(data.urn,), paid="training"),
            Node(resource=model, step="create", needs=(job.urn,)),
            Node(resource=endpoint, step="create", needs=(model.urn,)),
        ]
    warned = (
        Judgement(
            severity="warn", resource=job, path="base_model", problem="It is served until 2027-06-17.", check="model"
        )
        for job in jobs
    )
    return replace(
        first_up(),
        verdict="WARN",
        sentence=f"This merge trains {chains} models (about ${2.16 * chains:,.2f}), replaces 0, deletes 0.",
        counts={"create": 4 * chains},
        trainings=tuple(
            Training(job=job, base_model="gemini-2.5-flash", again=False, cost=Cost(usd=2.16)) for job in jobs
        ),
        findings=tuple(warned),
        nodes=tuple(nodes),
    )


def hostile() -> Review:
    """Every text is markup, a template, or a control character."""
    one = Named(urn=HOSTILE, type=HOSTILE, name=HOSTILE)
    change = Change(path=HOSTILE, old=HOSTILE, new=HOSTILE)
    judged = tuple(
        Judgement(severity=severity, resource=one, path=HOSTILE, problem=HOSTILE, remedy=HOSTILE, check=HOSTILE)
        for severity in ("error", "warn", "info")
    )
    return Review(
        stack=HOSTILE,
        project=HOSTILE,
        verdict="BLOCK",
        sentence=HOSTILE,
        complete=False,
        problem=HOSTILE,
        missing=(HOSTILE,),
        counts={"create": 1},
        trainings=(
            Training(
                job=one,
                base_model=HOSTILE,
                again=True,
                changes=(change,),
                data=(DataChange(dataset=one, why_not=HOSTILE),),
                cost=Cost(usd=1, text=HOSTILE, reckoning=HOSTILE, serving=HOSTILE),
                took=HOSTILE,
                waits=HOSTILE,
            ),
            Training(job=one, base_model=None, again=False, cost=Cost(text=HOSTILE)),
        ),
        adoptions=(one,),
        updates=(Update(resource=one, replaced=True, changes=(change,)),),
        removals=(Removal(resource=one, id=HOSTILE, outcome="left behind", reason=HOSTILE),),
        quotas=(Quota(name=HOSTILE, need=1, in_use=None, limit=None, order=HOSTILE),),
        places=(Place(resource=one, region=HOSTILE, key=HOSTILE),),
        findings=judged,
        policies=judged,
        ends=(
            EndOfLife(base_model=HOSTILE, stage=HOSTILE, tuning_until=HOSTILE, serving_until=None, resources=(one,)),
        ),
        links=(
            Link(text=HOSTILE, url=HOSTILE),
            Link(text="a", url="javascript:alert(1)"),
            Link(text="b", url="https://x.test/' onmouseover='alert(1)"),
        ),
        nodes=(Node(resource=one, step="create", paid=HOSTILE), Node(resource=JOB, step="create", needs=(HOSTILE,))),
        curves=(Curve(job=HOSTILE, of="in use", metric="/train_total_loss", points=((1, 2.0), (2, 1.0))),),
    )


EXAMPLES: Final = {
    "first up": first_up,
    "retrain by data": retrain_by_data,
    "200 resources": many,
    "blocked": blocked,
    "nothing": nothing,
    "hostile": hostile,
}


def _nodes(step: str) -> tuple[Node, ...]:
    trained = "create" if step == "create" else "replace" if step == "replace" else "same"
    first = "create" if step == "create" else "same"
    changed = {"create": "create", "replace": "update"}.get(step, "same")
    return tuple(
        Node(resource=resource, step=each, needs=tuple(need.urn for need in needs), paid=paid)  # type: ignore[arg-type]
        for resource, each, needs, paid in (
            (BUCKET, first, (), ""),
            (KEY, first, (), ""),
            (DATASET, changed, (BUCKET,), ""),
            (VALIDATION, first, (BUCKET,), ""),
            (JOB, trained, (DATASET, VALIDATION, KEY), "training"),
            (MODEL, trained, (JOB,), ""),
            (ENDPOINT, first, (KEY,), ""),
            (DEPLOYMENT, trained, (MODEL, ENDPOINT), ""),
        )
    )


def _curves(of: str, count: int) -> tuple[Curve, ...]:
    """A loss that falls by two magnitudes with a wave in it, and an accuracy that rises."""

    def curve(metric: str, values: list[float], every: int = 1) -> Curve:
        points = tuple((every * (at + 1), round(value, 6)) for at, value in enumerate(values))
        return Curve(job=JOB.name, of=of, metric=metric, points=points)  # type: ignore[arg-type]

    return (
        curve("/train_total_loss", [4.2 * math.exp(-5 * at / count + math.sin(7 * at) / 5) for at in range(count)]),
        curve("/eval_total_loss", [4 * math.exp(-4 * at / 10) for at in range(10)], count // 10),
        curve(
            "/train_fraction_of_correct_next_step_preds", [1 - 0.8 * math.exp(-5 * at / count) for at in range(count)]
        ),
        curve(
            "/eval_fraction_of_correct_next_step_preds",
            [1 - 0.8 * math.exp(-4 * at / 10) for at in range(10)],
            count // 10,
        ),
    )
