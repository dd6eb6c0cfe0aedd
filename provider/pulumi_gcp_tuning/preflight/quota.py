"""Checks of quotas: the need of a job, the current use, the limit, and the need of this run's other jobs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from pulumi_gcp_tuning.catalog import Catalogue, shipped
from pulumi_gcp_tuning.errors import Finding
from pulumi_gcp_tuning.grammar import some_of
from pulumi_gcp_tuning.preflight.facts import Fact, Family, LiveJobs, Missing, NotAsked, QuotaLimit
from pulumi_gcp_tuning.preflight.rule import Rule
from pulumi_gcp_tuning.wording import PropertyPath, advise

OnQuota = Literal["wait", "fail"]

ROOM: Final = Rule(
    check="quota",
    name="room for the job",
    refuses="with on_quota='fail', a job that exceeds the quota, counting running jobs and this run's other jobs; "
    "with 'wait' (the default) it warns and gives the order of the jobs; machines that exceed the quota of serving",
    why="Seed 002 and seed 004 name the quotas; reports show a second job either refused with 429 or waiting.",
    evidence="seed",
    facts=("quota limits", "live jobs"),
)
NEVER: Final = Rule(
    check="quota",
    name="a limit below what one job needs",
    refuses="a job whose quota is 0, or smaller than one job needs (8 A100 GPUs, 64 TPU v3 pod cores), and machines with "
    "more accelerators than the quota of serving",
    why="Seed 002: the quota comes in multiples of 8 GPUs and of 64 TPU cores; below that the job never starts.",
    evidence="seed",
    facts=("quota limits",),
)
UNLISTED: Final = Rule(
    check="quota",
    name="a quota that is not listed",
    refuses="nothing: it says that the limit was not found among the project's quotas",
    why="Some metric ids are not public; those limits are found by display name.",
    evidence="assumed",
    severity="warn",
    facts=("quota limits",),
)
RULES: Final = (ROOM, NEVER, UNLISTED)


@dataclass(frozen=True, kw_only=True)
class Need:
    """The quota that one job or one deployment needs. ``region`` None: the quota counts over all regions."""

    display_name: str
    amount: int = 1
    metric: str | None = None
    region: str | None = None
    multiple_of: int = 1

    @property
    def quota(self) -> tuple[str, str | None]:
        """The key that needs of the same quota share."""
        return self.display_name, self.region

    def limit_among(self, limits: Iterable[QuotaLimit]) -> QuotaLimit | None:
        """The limit that applies: by metric if it is known and listed, else by display name."""
        here = [limit for limit in limits if limit.region in (None, self.region)]
        own = [limit for limit in here if self.metric is not None and limit.metric == self.metric]
        named = [limit for limit in here if _told_by(limit.display_name) == _told_by(self.display_name)]
        found = own or named
        exact = [limit for limit in found if limit.region == self.region]
        return min(exact or found, key=lambda each: each.limit if each.limit >= 0 else 1 << 62, default=None)


_QUOTA_OF: Final[Mapping[Family, str]] = {"gemini": "concurrent-tuning-jobs", "open": "concurrent-oss-tuning-jobs"}
_ACCELERATOR_OF: Final[Mapping[Family, str]] = {"pipeline-gpu": "GPU", "pipeline-tpu": "TPU"}


def need_of(family: Family, *, catalogue: Catalogue | None = None) -> Need:
    """The need of one job of the family: a slot, or a pipeline's machines, in any region."""
    known = catalogue or shipped()
    accelerator = known.accelerators[_ACCELERATOR_OF[family]] if family in _ACCELERATOR_OF else None
    row = known.quotas[accelerator.quota if accelerator else _QUOTA_OF[family]]
    return Need(
        display_name=row.display_name,
        metric=row.metric,
        amount=accelerator.quota_need if accelerator else 1,
        region=accelerator.compute_region if accelerator else None,
        multiple_of=row.multiple_of,
    )


def serving_need(accelerator_type: str, region: str, count: int, *, catalogue: Catalogue | None = None) -> Need:
    """The need of a deployment of ``count`` accelerators (``NVIDIA_L4``), over all its replicas."""
    accelerator_type = accelerator_type.upper().replace("_TESLA_", "_")  # quotas of T4, V100 and P100 omit it
    metric = f"aiplatform.googleapis.com/custom_model_serving_{accelerator_type.lower()}_gpus"
    row = (catalogue or shipped()).find_quota(metric=metric)
    words = " ".join(word if any(map(str.isdigit, word)) else word.title() for word in accelerator_type.split("_"))
    name = row.display_name if row else f"Custom model serving {words} GPUs per region"
    return Need(display_name=name, metric=metric, amount=max(count, 1), region=region)


@dataclass(frozen=True, kw_only=True)
class PlannedJob:
    """A job or a deployment that this run starts. ``after`` names the jobs whose model it starts from."""

    name: str
    need: Need
    after: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Plan:
    """The jobs of this run in the order of their slots."""

    jobs: tuple[PlannedJob, ...] = ()

    def before(self, job: PlannedJob) -> list[PlannedJob]:
        """The earlier jobs that need the same quota and that do not depend on it in either direction."""
        ahead: list[PlannedJob] = []
        for each in self.jobs:
            if each.name == job.name:
                break
            if each.need.quota == job.need.quota:
                ahead.append(each)
        above = self._ancestors()
        mine = above.get(job.name, job.after)
        return [each for each in ahead if job.name not in above[each.name] and each.name not in mine]

    def taken_by(self, jobs: Sequence[PlannedJob]) -> int:
        """The most that the jobs need at the same time: of a chain, in which each job starts from the one before, only one counts."""
        amounts = {job.name: job.need.amount for job in jobs}
        above = self._ancestors()
        follows: dict[str, list[str]] = {}
        for name in amounts:
            for earlier in above.get(name, frozenset()) & amounts.keys():
                follows.setdefault(earlier, []).append(name)
        if not follows or len(set(amounts.values())) > 1:
            return sum(amounts.values())
        return (len(amounts) - _most_pairs(follows)) * max(amounts.values())

    def _ancestors(self) -> dict[str, frozenset[str]]:
        direct = {job.name: job.after for job in self.jobs}
        found: dict[str, frozenset[str]] = {}
        for name, after in direct.items():
            seen: set[str] = set()
            waiting = list(after)
            while waiting:
                above = waiting.pop()
                if above not in seen:
                    seen.add(above)
                    waiting += direct.get(above, ())
            found[name] = frozenset(seen - {name})
        return found


@dataclass(frozen=True, kw_only=True)
class Usage:
    """The current use of a quota by the jobs in ``regions``; ``missing``: not every job there could be read.

    ``taken_in`` are the regions with running jobs.
    """

    amount: int = 0
    missing: Missing | None = None
    regions: tuple[str, ...] = ()
    taken_in: tuple[str, ...] = ()

    @classmethod
    def of_jobs(cls, family: Family, need: Need, live: LiveJobs) -> Usage:
        """Counts the jobs that have not ended, in every region, because a pipeline's machines may be in another region."""
        missing = live.missing()
        jobs = live.of(family)
        return cls(
            amount=need.amount * len(jobs),
            missing=missing[0] if missing else None,
            regions=tuple(sorted(live.by_region)),
            taken_in=tuple(sorted({job.region for job in jobs})),
        )


@dataclass(frozen=True, kw_only=True)
class Position:
    """A job's position in the quota, for the preview: ``before`` are this run's earlier jobs, ``others`` their need."""

    need: Need
    limit: int
    usage: Usage
    before: tuple[str, ...] = ()
    others: int = 0

    @property
    def free(self) -> int | None:
        """The free quota before this run's jobs; None if there is no limit."""
        return None if self.limit < 0 else max(self.limit - self.usage.amount, 0)

    @property
    def fits(self) -> bool:
        """Whether the job can start at once."""
        return self.free is None or self.need.amount + self.others <= self.free

    def plain(self) -> dict[str, Any]:
        """The numbers by name; ``limit`` None if there is none.

        ``before`` names the first of this run's jobs that go before this one, ``ahead`` is the number of all of them.
        """
        return {
            "name": self.need.display_name,
            "need": self.need.amount,
            "in_use": self.usage.amount,
            "limit": None if self.limit < 0 else self.limit,
            "fits": self.fits,
            "before": list(self.before[:3]),
            "ahead": len(self.before),
        }

    def __str__(self) -> str:
        used = f"at least {self.usage.amount}" if self.usage.missing else str(self.usage.amount)
        regions = self.usage.regions if len(self.usage.regions) == 1 else self.usage.taken_in
        where = f" in {' and '.join(regions)}" if regions else ""
        ours = f", this run's other jobs need {self.others}" if self.others else ""
        limit = "none" if self.limit < 0 else str(self.limit)
        most = "at most " if self.usage.missing else ""
        free = "" if self.free is None else f", free {most}{self.free}"
        return f"need {self.need.amount}, in use {used}{where}, limit {limit}{free}{ours}"


def position_of(job: PlannedJob, plan: Plan, limits: Iterable[QuotaLimit], usage: Usage) -> Position | None:
    """The numbers of a job; None if its limit is not listed."""
    limit = job.need.limit_among(limits)
    if limit is None:
        return None
    before = plan.before(job)
    return Position(
        need=job.need,
        limit=limit.limit,
        usage=usage,
        before=tuple(each.name for each in before),
        others=plan.taken_by(before),
    )


def check_quota(
    job: PlannedJob | None,
    plan: Plan,
    limits: Fact[Sequence[QuotaLimit]],
    usage: Usage,
    *,
    on_quota: OnQuota | None = "wait",
    project: str | None = None,
    path: PropertyPath = ("on_quota",),
    what: str = "job",
) -> list[Finding]:
    """The quota has room for the job now or will have later; with ``on_quota`` None it has to have it now."""
    if job is None or isinstance(limits, NotAsked):
        return []
    if isinstance(limits, Missing):
        return [ROOM.not_judged(path, limits)]
    need = job.need
    limit = need.limit_among(limits.value)
    metric = limit.metric if limit and limit.metric else need.metric
    quota = f"the quota {need.display_name!r}" + (f" ({metric})" if metric else "") + _in(need.region)
    place = position_of(job, plan, limits.value, usage)
    ask = how_to_ask(need, project, limit)
    more = advise("ask Google for more", "{ask}", ask=ask)
    if limit is None or place is None:
        problem = f"The project's quotas do not list {quota}, so its limit was not checked."
        return [UNLISTED.finding(path, problem, more)]
    if 0 <= limit.limit < need.amount:
        problem = f"{_capital(quota)} is {limit.limit}, but one {what} needs {need.amount}: it would never start."
        return [NEVER.finding(path, problem, more)]
    findings = [ROOM.not_judged(path, usage.missing)] if usage.missing else []
    if place.fits:
        return findings
    problem = f"No room in {quota}: {place}."
    if on_quota is None:
        return [*findings, ROOM.finding(path, problem, more)]
    if on_quota == "fail":
        more = advise("ask Google for more", "{ask} {on_quota=wait} waits for a slot instead.", ask=ask)
        return [*findings, ROOM.finding(path, problem, more)]
    waits = advise(
        "wait",
        "It waits for a slot{after}; {on_quota=fail} refuses instead. {ask}",
        after=_in_order(place.before),
        ask=ask,
    )
    return [*findings, ROOM.finding(path, problem, waits, severity="warn")]


def how_to_ask(need: Need, project: str | None, limit: QuotaLimit | None = None) -> str:
    """The page on which to request more of a quota, and the unit of a request."""
    portion = f" in multiples of {need.multiple_of}" if need.multiple_of > 1 else ""
    page = limit.request_uri if limit and limit.request_uri else "https://console.cloud.google.com/iam-admin/quotas"
    of = f"?project={project}" if project and "?" not in page else ""
    return f"Ask for more{portion} at {page}{of} (filter for {need.display_name!r}{_in(need.region)})."


def _most_pairs(follows: Mapping[str, Sequence[str]]) -> int:
    """The number of pairs (earlier, later) that can be chained, with each job once on each side (Kuhn's matching)."""
    taken: dict[str, str] = {}

    def chain(earlier: str, seen: set[str]) -> bool:
        for later in follows.get(earlier, ()):
            if later in seen:
                continue
            seen.add(later)
            if later not in taken or chain(taken[later], seen):
                taken[later] = earlier
                return True
        return False

    return sum(chain(earlier, set()) for earlier in follows)


def _in_order(names: Sequence[str]) -> str:
    return f" after {some_of(names, 5)}" if names else ""


def _in(region: str | None) -> str:
    return f" in {region}" if region else ""


def _told_by(name: str) -> str:
    """The normalized display name: Google writes one quota with and without "per project" or "per region"."""
    plain = "".join(c for c in name.lower() if c.isalnum())
    for end in ("perregion", "perproject"):
        plain = plain.removesuffix(end)
    return plain


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
