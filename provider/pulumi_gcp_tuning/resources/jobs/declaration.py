"""The facts about a declared job of any kind that the checks need."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pulumi_gcp_tuning.preflight.cost import Epochs
from pulumi_gcp_tuning.preflight.facts import Family, NotAsked
from pulumi_gcp_tuning.preflight.quota import OnQuota
from pulumi_gcp_tuning.resources.core.inputs import known
from pulumi_gcp_tuning.resources.core.lifecycle import Call
from pulumi_gcp_tuning.resources.core.told import NOTHING_MADE, JobTold, Made
from pulumi_gcp_tuning.resources.facts.dataset_reports import DataPaths
from pulumi_gcp_tuning.resources.facts.grants import key_is_known, key_name_of
from pulumi_gcp_tuning.resources.jobs.kind import DeclaredKind
from pulumi_gcp_tuning.wording import PropertyPath


@dataclass(frozen=True, kw_only=True)
class JobDeclaration:
    """A declared job in one shape. None is a value that is not set or that only apply will know.

    ``paths`` are the properties that name the data, ``data_input`` is the input that contains the first, and
    ``data_is_known`` says whether that input is known at all. ``folders`` are the other ``gs://`` URIs that the job
    writes to, by property path. ``is_unknown_parent`` says that only apply will know the tuned model that it trains on
    from, ``is_evaluated`` that an evaluation follows the
    training. ``epochs`` computes the epochs from the number of examples. ``key_is_known`` and
    ``account_is_known`` distinguish "none" from "not known yet". ``made`` are the inputs that other resources of the
    program make. ``declared_places`` are the locations of buckets that the program declares, by the property that
    names an object in one, or by the input that contains it. ``after`` are the URNs of the jobs that have ended before
    this one begins, None if unknown.
    """

    kind: DeclaredKind
    family: Family | None
    project: str | None
    location: str | None
    base_model: str | None
    retry: str | None
    paths: DataPaths
    data_input: str
    training_uri: str | None
    validation_uri: str | None
    data_is_known: bool
    epochs: Callable[[int | None], Epochs | NotAsked | None]
    key_name: str | None
    key_is_known: bool
    service_account: str | None
    account_is_known: bool
    max_cost: float | None
    on_quota: OnQuota
    folders: Mapping[PropertyPath, str | None] = field(default_factory=dict)
    checks: Mapping[str, str] | None = None
    is_unknown_parent: bool = False
    is_evaluated: bool = False
    made: Made = NOTHING_MADE
    declared_places: Mapping[PropertyPath, str] = field(default_factory=dict)
    after: tuple[str, ...] | None = ()

    @classmethod
    def of(cls, call: Call, kind: DeclaredKind, args: Any, told: JobTold, **own: Any) -> JobDeclaration:
        """The declaration with the inputs that every kind of job has, and the ``own`` ones of its kind."""
        return cls(
            kind=kind,
            project=known(args.project),
            location=known(args.location),
            retry=known(args.retry),
            key_name=key_name_of(args.encryption_spec),
            key_is_known=key_is_known(args.encryption_spec),
            service_account=known(args.service_account),
            account_is_known=args.service_account is None or known(args.service_account) is not None,
            on_quota=known(args.on_quota) or call.settings.on_quota,
            checks=known(args.checks),
            made=told.made,
            after=told.before,
            **own,
        )
