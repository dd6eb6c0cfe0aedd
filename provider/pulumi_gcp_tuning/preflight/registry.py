"""All checks by name, with their rules: the names that ``checks`` accepts, and the source of the documentation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pulumi_gcp_tuning.preflight import (
    agents,
    artifacts,
    change,
    cmek,
    continuing,
    cost,
    datasets,
    evaluating,
    existing,
    gemini_api,
    hyperparameters,
    identity,
    location,
    machines,
    media,
    organization,
    pipelines,
    places,
    quota,
    retirement,
    spelling,
)
from pulumi_gcp_tuning.preflight.rule import Rule


@dataclass(frozen=True, kw_only=True)
class Check:
    """A check: its name in ``checks``, its subject, its rules, and whether it can be switched."""

    name: str
    about: str
    switchable: bool = True

    @property
    def rules(self) -> tuple[Rule, ...]:
        """All rules of the check."""
        return tuple(rule for rule in RULES if rule.check == self.name)

    @property
    def facts(self) -> tuple[str, ...]:
        """The facts that it needs from Google."""
        return tuple(dict.fromkeys(fact for rule in self.rules for fact in rule.facts))


RULES: Final = (
    *spelling.RULES,
    *change.RULES,
    *places.RULES,
    *retirement.RULES,
    *hyperparameters.RULES,
    *pipelines.RULES,
    *datasets.RULES,
    *datasets.kinds(),
    *evaluating.RULES,
    *media.RULES,
    *location.RULES,
    *existing.RULES,
    continuing.CHECKPOINT,
    *cmek.RULES,
    *quota.RULES,
    *identity.RULES,
    *agents.RULES,
    *organization.RULES,
    *cost.RULES,
    *artifacts.RULES,
    *gemini_api.RULES,
    *machines.RULES,
)
"""Every rule, once."""

CHECKS: Final = (
    Check(name="schema", about="Properties, types and names.", switchable=False),
    Check(name="change", about="Changes that cost a new job, or happen after the preview.", switchable=False),
    Check(name="labels", about="Labels as Google accepts them."),
    Check(name="region", about="Where the job runs."),
    Check(name="model", about="What it starts from."),
    Check(name="retirement", about="Whether Google still accepts tuning of this model on the as-of date."),
    Check(name="hyperparameters", about="How it trains."),
    Check(name="dataset", about="What it trains on."),
    Check(name="location", about="Whether the buckets and resources that it names are in a location that works."),
    Check(name="existence", about="Whether the objects that it names exist and can be used."),
    Check(name="cmek", about="Whether a key can encrypt what it makes."),
    Check(name="quota", about="Whether the quota has room for it."),
    Check(name="identity", about="Whether the caller, the project and the service agents have what it needs."),
    Check(name="cost", about="What it will cost."),
    Check(name="artifacts", about="The checkpoint that a job starts from, and the folder that it writes to."),
    Check(name="machine", about="The machines that serve weights."),
)
"""Every check, in the order in which a job is checked."""
