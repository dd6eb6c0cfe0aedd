"""A finished review. Renderers read it; they ask nobody and decide nothing.

Every value is plain: texts, numbers, None, and tuples of these classes, so ``asdict`` of a review is JSON. Texts are
free of secrets and of the content of rows. Sequences are in a fixed order, so the same preview gives the same report.
Money is in US dollars, times are RFC 3339 texts, durations are seconds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields, is_dataclass
from typing import Any, Final, Literal, get_args

Verdict = Literal["OK", "WARN", "BLOCK"]
Step = Literal["create", "update", "replace", "delete", "same", "read", "adopt"]
Outcome = Literal["deleted", "kept", "left behind"]

REMEDIATION: Final = "policyRemediationEvent"
"""The engine's event of a policy that changes inputs."""
SCHEMA: Final = 1
"""The version of the JSON form. It changes when a field changes its meaning or goes."""


@dataclass(frozen=True, kw_only=True)
class Named:
    """A resource: ``type`` is the class in the program (``TuningJob``), ``name`` its name there."""

    urn: str
    type: str
    name: str


@dataclass(frozen=True, kw_only=True)
class Change:
    """One input with its old and its new value, as texts. None: not set. ``path`` is written as in the program."""

    path: str
    old: str | None
    new: str | None


@dataclass(frozen=True, kw_only=True)
class DataChange:
    """A dataset whose content changes. Rows are compared by content; None if the old object could not be read.

    ``why_not`` then says why. ``before`` and ``after`` are numbers of rows.
    """

    dataset: Named
    added: int | None = None
    removed: int | None = None
    before: int | None = None
    after: int | None = None
    why_not: str = ""


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What a job costs. ``usd`` None: not known. ``most`` None: no upper bound is known.

    ``per_epoch``: the numbers are for one epoch, because Google chooses how many. ``reckoning`` is the calculation,
    ``serving`` what answers cost afterwards, ``before`` what the training of the model in use cost.
    """

    usd: float | None = None
    least: float | None = None
    most: float | None = None
    per_epoch: bool = False
    text: str = ""
    reckoning: str = ""
    serving: str = ""
    before: float | None = None


@dataclass(frozen=True, kw_only=True)
class Training:
    """A job that this merge starts. ``again`` if it replaces a job; ``changes`` and ``data`` say why, ``others`` only go along.

    ``waits`` says what it waits for, empty if there is room. ``took`` says how long such jobs took, as observed.
    """

    job: Named
    base_model: str | None
    again: bool
    changes: tuple[Change, ...] = ()
    others: tuple[Change, ...] = ()
    data: tuple[DataChange, ...] = ()
    cost: Cost = field(default_factory=Cost)
    took: str = ""
    waits: str = ""


@dataclass(frozen=True, kw_only=True)
class Removal:
    """A resource that leaves the stack, or whose old object is replaced. ``reason`` says why that is its outcome."""

    resource: Named
    id: str
    outcome: Outcome
    reason: str
    replaced: bool = False


@dataclass(frozen=True, kw_only=True)
class Update:
    """A resource that changes in place, or that is replaced without a training.

    ``follows`` are the resources of the stack whose replacement it takes over, so its own inputs need not differ.
    ``trains``: what a model whose job is trained again costs, and what becomes of the current one; else empty.
    ``may_be_replaced``: a value that is known only at apply decides whether it changes in place or is replaced.
    ``may_train``: then it also trains.
    """

    resource: Named
    replaced: bool
    changes: tuple[Change, ...] = ()
    follows: tuple[Named, ...] = ()
    trains: str = ""
    may_be_replaced: bool = False
    may_train: bool = False


@dataclass(frozen=True, kw_only=True)
class Creation:
    """A resource of this package that is made, or imported, without a training."""

    resource: Named
    imported: bool = False


@dataclass(frozen=True, kw_only=True)
class Quota:
    """A quota that the jobs of this merge need. None: not known, or no limit."""

    name: str
    need: int
    in_use: int | None
    limit: int | None
    order: str = ""


@dataclass(frozen=True, kw_only=True)
class Hourly:
    """Something that this merge makes and that is billed by the hour as long as it exists. ``text`` says for what."""

    resource: Named
    text: str


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where something new will be. ``key`` None: no customer-managed key."""

    resource: Named
    region: str | None
    key: str | None


@dataclass(frozen=True, kw_only=True)
class EndOfLife:
    """A base model of the stack with its dates (``2027-05-07``, None if not announced)."""

    base_model: str
    stage: str
    tuning_until: str | None
    serving_until: str | None
    resources: tuple[Named, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """A finding of a check, or the result of a policy. ``resource`` None: it is about the whole stack."""

    severity: Literal["error", "warn", "info"]
    resource: Named | None
    path: str
    problem: str
    remedy: str = ""
    check: str = ""


@dataclass(frozen=True, kw_only=True)
class Link:
    """A page of Google's console."""

    text: str
    url: str


@dataclass(frozen=True, kw_only=True)
class Node:
    """A resource of the stack, for a picture. ``needs`` are the URNs that it depends on; ``paid`` marks what is billed."""

    resource: Named
    step: Step
    needs: tuple[str, ...] = ()
    paid: str = ""


@dataclass(frozen=True, kw_only=True)
class Curve:
    """A loss or an accuracy of one job by step. ``of`` says whose: the model in use, or the candidate."""

    job: str
    of: Literal["in use", "candidate"]
    metric: str
    points: tuple[tuple[int, float], ...]


@dataclass(frozen=True, kw_only=True)
class Review:
    """The review of one preview of one stack.

    ``complete`` is False if the preview failed or sections are missing; ``missing`` names them and ``problem`` is what
    Pulumi said. ``counts`` are the numbers of steps by kind over all resources of the stack, also those of others.
    ``others`` are the numbers of what other packages create and update; what they remove is among the ``removals``.
    """

    stack: str | None
    project: str | None
    verdict: Verdict
    sentence: str
    complete: bool = True
    problem: str = ""
    missing: tuple[str, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    others: Mapping[str, int] = field(default_factory=dict)
    trainings: tuple[Training, ...] = ()
    adoptions: tuple[Named, ...] = ()
    creations: tuple[Creation, ...] = ()
    updates: tuple[Update, ...] = ()
    removals: tuple[Removal, ...] = ()
    hourly: tuple[Hourly, ...] = ()
    quotas: tuple[Quota, ...] = ()
    places: tuple[Place, ...] = ()
    findings: tuple[Judgement, ...] = ()
    policies: tuple[Judgement, ...] = ()
    ends: tuple[EndOfLife, ...] = ()
    links: tuple[Link, ...] = ()
    nodes: tuple[Node, ...] = ()
    curves: tuple[Curve, ...] = ()

    @property
    def changes_nothing(self) -> bool:
        """Whether no resource of the stack changes, and nothing that an earlier run replaced is deleted."""
        return not self.removals and not any(
            number for step, number in self.counts.items() if step not in ("same", "read", "refresh")
        )

    def rewritten(self, rewrite: Callable[[str], str]) -> Review:
        """The review with every text from outside put through ``rewrite``; our own words for a verdict or a step stay."""
        changed: Review = _rewritten(self, lambda text: text if text in _WORDS else rewrite(text))
        return changed

    def plain(self) -> dict[str, Any]:
        """The review as JSON-able values, with the version of their form."""
        return {"schema": SCHEMA, **asdict(self)}


_WORDS: Final = frozenset(
    word
    for words in (Verdict, Step, Outcome, Literal["error", "warn", "info", "in use", "candidate"])
    for word in get_args(words)
)


def _rewritten(value: Any, rewrite: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return rewrite(value)
    if isinstance(value, tuple):
        return tuple(_rewritten(each, rewrite) for each in value)
    if is_dataclass(value) and not isinstance(value, type):
        return type(value)(**{each.name: _rewritten(getattr(value, each.name), rewrite) for each in fields(value)})
    return value
