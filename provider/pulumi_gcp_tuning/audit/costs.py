"""What objects at Google cost without requests. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from pulumi_gcp_tuning.audit.state import Thing
from pulumi_gcp_tuning.grammar import counted
from pulumi_gcp_tuning.resources.jobs.tuning_jobs import base_model_of

if TYPE_CHECKING:
    from pulumi_gcp_tuning.catalog import Catalogue

_UNITS: Final = ((86400, "day"), (3600, "hour"), (60, "minute"))


@dataclass(frozen=True, kw_only=True)
class Cost:
    """``text`` is for people. ``usd_per_hour`` is None if it is billed by the hour and the catalogue has no price."""

    text: str
    usd_per_hour: float | None = 0.0
    machines: tuple[str, ...] = ()


NOTHING: Final = Cost(text="nothing")
BY_THE_CALL: Final = Cost(text="by the call")
STORAGE: Final = Cost(text="storage")


def cost_of_endpoints(endpoints: Iterable[Thing]) -> Cost:
    """A tuned Gemini model is billed per request; a model on its own machines is billed by the hour, with or without requests."""
    deployed = [each for endpoint in endpoints for each in endpoint.get("deployedModels") or ()]
    counted: Counter[str] = Counter()
    for each in deployed:
        resources = each.get("dedicatedResources")
        if isinstance(resources, Mapping):
            counted[_machine(resources.get("machineSpec") or {})] += int(resources.get("minReplicaCount") or 1)
    if counted:
        machines = tuple(f"{count} x {machine}" for machine, count in sorted(counted.items()))
        return Cost(text=f"{', '.join(machines)}, per hour", usd_per_hour=None, machines=machines)
    return Cost(text="per request") if deployed else NOTHING


def cost_of_job(job: Thing, catalogue: Catalogue) -> Cost:
    """The cost of a running job, which is billed by tokens, once, when it ends."""
    base = base_model_of(job)
    row = catalogue.find_model(base) if base else None
    if row is None or row.price is None:
        return Cost(text="its training", usd_per_hour=None)
    rate = row.price.usd_per_million_training_tokens
    return Cost(text=f"its training, ${rate:g} per 1M tokens as of {row.price.as_of}", usd_per_hour=None)


def cost_of_object(stored: Thing) -> Cost:
    """What a file costs."""
    size = int(stored.get("size") or 0)
    return Cost(text=f"storage of {size / 1e6:,.1f} MB" if size >= 100_000 else f"storage of {size:,} bytes")


def age_of(created: str | None, now: datetime) -> float | None:
    """Seconds since then, None if the time is not known."""
    try:
        return max(0.0, (now - datetime.fromisoformat(str(created))).total_seconds())
    except (TypeError, ValueError):
        return None


def shown_age(seconds: float | None) -> str:
    """``3 days``, ``5 hours``."""
    if seconds is None:
        return "unknown"
    for length, unit in _UNITS:
        if seconds >= length:
            return counted(int(seconds // length), unit)
    return "less than a minute"


def _machine(spec: Mapping[str, Any]) -> str:
    machine = str(spec.get("machineType") or "a machine")
    accelerator, count = spec.get("acceleratorType"), int(spec.get("acceleratorCount") or 0)
    return f"{machine} with {count} {accelerator}" if accelerator and count else machine
