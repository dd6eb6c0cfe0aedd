"""The facts that the checks of one job need from Google, fetched in parallel and shared by all jobs of a run."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from pulumi_gcp_tuning.errors import ApiError, Refused
from pulumi_gcp_tuning.grammar import camel
from pulumi_gcp_tuning.names import GcsUri, MalformedName, identity_of
from pulumi_gcp_tuning.preflight import location, organization
from pulumi_gcp_tuning.preflight.agents import AccountPolicies
from pulumi_gcp_tuning.preflight.facts import (
    NOT_ASKED,
    Bucket,
    Fact,
    Key,
    Known,
    LiveJob,
    Missing,
    NotAsked,
    OrgPolicy,
    Permissions,
    Policy,
    Project,
    QuotaLimit,
    ServiceAccount,
)
from pulumi_gcp_tuning.resources.core.declared import checks_on, urn_of
from pulumi_gcp_tuning.resources.core.told import NOTHING_MADE, Made
from pulumi_gcp_tuning.resources.facts import surroundings
from pulumi_gcp_tuning.resources.facts.dataset_reports import DatasetFact, fetch_dataset_report
from pulumi_gcp_tuning.resources.facts.grants import Grants, fetch_grants
from pulumi_gcp_tuning.resources.facts.identities import fetch_account_policies, fetch_foreign_buckets
from pulumi_gcp_tuning.resources.facts.token_counts import target_of
from pulumi_gcp_tuning.resources.jobs.listing import fetch_live_jobs, list_jobs

if TYPE_CHECKING:
    from datetime import date

    from pulumi_gcp_tuning.catalog import Catalogue, ModelRow
    from pulumi_gcp_tuning.resources.core.lifecycle import Call
    from pulumi_gcp_tuning.resources.jobs.declaration import JobDeclaration
    from pulumi_gcp_tuning.wording import PropertyPath

Asked: TypeAlias = dict[str, Callable[[], Any]]

_MOST_OTHERS: Final = 6


@dataclass(frozen=True, kw_only=True)
class JobFacts:
    """The facts that the checks of one job need from Google."""

    apis: Fact[Mapping[str, bool]] = NOT_ASKED
    billing: Fact[Project] = NOT_ASKED
    permissions: Fact[Permissions] = NOT_ASKED
    limits: Fact[Sequence[QuotaLimit]] = NOT_ASKED
    live: Mapping[str, Fact[Sequence[LiveJob]]] = field(default_factory=dict)
    buckets: Mapping[str, Fact[Bucket | None]] = field(default_factory=dict)
    key: Fact[Key | None] = NOT_ASKED
    grants: Grants = None
    account: Fact[ServiceAccount | None] = NOT_ASKED
    account_policies: AccountPolicies | None = None
    project_number: str | None = None
    foreign: Mapping[str, tuple[PropertyPath, Fact[Policy]]] = field(default_factory=dict)
    org_location: Fact[OrgPolicy | None] = NOT_ASKED
    org_key: Fact[OrgPolicy | None] = NOT_ASKED
    org_others: Mapping[str, Fact[OrgPolicy | None]] = field(default_factory=dict)
    dataset: DatasetFact = field(default_factory=DatasetFact)
    coming: frozenset[PropertyPath] = frozenset()
    apis_may_come: bool = False
    account_may_come: bool = False

    @property
    def disabled(self) -> list[str]:
        """The APIs that are known to be disabled."""
        return [api for api, enabled in self.apis.value.items() if not enabled] if isinstance(self.apis, Known) else []


def fetch_job_facts(
    call: Call,
    job: JobDeclaration,
    inputs: Mapping[str, Any],
    catalogue: Catalogue,
    row: ModelRow | None,
    wrong: Collection[PropertyPath],
    *,
    creating: bool,
) -> JobFacts:
    """Every fact that the enabled checks need, except about the properties in ``wrong``.

    ``creating``: everything that this run makes for the job exists by now, and facts that may have changed are fetched
    again.
    """
    made = NOTHING_MADE if creating else job.made
    made_by = zip(job.paths, (job.data_input, camel(str(job.paths.validation[0]))), strict=True)
    coming = frozenset(path for path, key in made_by if made.maybe(key))
    on = checks_on(call.settings, job.checks)
    buckets = {
        bucket: made.maybe(camel(str(path[0]))) if path in job.folders else path in coming
        for path, bucket in buckets_of(job).items()
        if "location" in on and path not in wrong and bucket not in location.PUBLIC_BUCKETS
    }
    ask: Asked = {}
    if ("project",) not in wrong:
        ask |= _of_project(call, job, inputs, catalogue, on)
    if made.surely("services"):
        ask.pop("apis", None)
    of_project = set(ask) if made.surely("project") else set()
    ask |= _of_key_and_account(call, job, made, on, wrong)
    ask |= {
        f"bucket {each}": partial(surroundings.fetch_bucket, call, each, being_made=being_made)
        for each, being_made in buckets.items()
    }
    if "dataset" in on and job.data_is_known and not any(path in wrong for path in job.paths):
        ask["dataset"] = partial(
            fetch_dataset_report,
            call,
            job.training_uri,
            job.validation_uri,
            None if is_wrong(wrong, ("base_model",)) else row,
            paths=job.paths,
            fresh=creating,
            coming=coming,
            user_project=job.project,
            counted_by=_counting_model(job, row) if "cost" in on and not made.surely("project") else None,
        )
    got = surroundings.fetch_together(ask)
    if any(isinstance(got[name], Missing) for name in of_project):  # the project is being made, not readable yet
        got |= dict.fromkeys(of_project, NotAsked(f"the project {job.project}"))
    held = {each: got.pop(f"bucket {each}") for each in buckets}
    named = {each: (path, held[each]) for path, each in buckets_of(job).items() if each in held and path in job.paths}
    if job.project is not None and job.kind.product == "GEMINI" and "identity" in on and of_project <= set(got):
        got |= fetch_foreign_buckets(call, job.project, named)
    if job.project is not None and job.kind.product == "PIPELINE" and named and of_project <= set(got):
        owner = surroundings.fetch_project(call, job.project)
        got["project_number"] = owner.value.number if isinstance(owner, Known) else None
    return JobFacts(
        live=_taken_out(got, "live "),
        org_others=_taken_out(got, "policy "),
        buckets=held,
        coming=coming,
        apis_may_come=made.maybe("services"),
        account_may_come=job.made.maybe("serviceAccount"),
        **got,
    )


def _counting_model(job: JobDeclaration, row: ModelRow | None) -> str | None:
    """The model that counts the tokens; None without a limit on the cost, because counting sends the rows to Google."""
    if row is None or row.price is None or row.product != "GEMINI" or job.max_cost is None:
        return None
    return (
        target_of(job.project, job.location, row.id) if job.project is not None and job.location is not None else None
    )


def _of_project(
    call: Call, job: JobDeclaration, inputs: Mapping[str, Any], catalogue: Catalogue, on: Collection[str]
) -> Asked:
    project, place = job.project, job.location
    permissions = tuple(job.kind.needs(verb) for verb in ("create", "get", "list"))
    ask: Asked = {}
    if project is None:
        return ask
    if "identity" in on:
        ask["apis"] = partial(surroundings.fetch_apis, call, project)
        ask["billing"] = partial(surroundings.fetch_billing, call, project)
        ask["permissions"] = partial(surroundings.fetch_permissions, call, project, permissions)
        ask["org_location"] = partial(surroundings.fetch_org_policy, call, project, "gcp.resourceLocations")
        if job.key_is_known and (job.key_name is None or not takes_keys(catalogue, call.settings.as_of)):
            ask["org_key"] = partial(surroundings.fetch_org_policy, call, project, "gcp.restrictNonCmekServices")
        ask |= {
            f"policy {constraint}": partial(surroundings.fetch_org_policy, call, project, constraint)
            for constraint in (organization.SERVICES, organization.MODELS, organization.KEY_PROJECTS)
            if constraint != organization.KEY_PROJECTS or job.key_name is not None
        }
    if "quota" in on:
        ask["limits"] = partial(surroundings.fetch_limits, call, project)
        if place is not None and place in catalogue.regions:
            mine = identity_of(urn_of(call, inputs), job.retry)
            for region in _regions_of_quota(job, place, catalogue, call.settings.as_of):
                parent = f"projects/{project}/locations/{region}"
                ask[f"live {region}"] = partial(fetch_live_jobs, call, job.kind, parent, catalogue, without=mine)
    return ask


def takes_keys(catalogue: Catalogue, as_of: date) -> bool:
    """Whether any model that can be tuned that day accepts a customer-managed key."""
    return bool(catalogue.tunable_models(as_of, cmek=True))


def _regions_of_quota(job: JobDeclaration, place: str, catalogue: Catalogue, as_of: date) -> list[str]:
    """The regions with jobs that use the same quota, if it counts over all regions and they are few. Includes the job's own.

    For a model that can be tuned in many regions only the job's own is asked, because one number does not justify so
    many lists.
    """
    product = {"gemini": "GEMINI", "open": "OPEN"}.get(job.family or "")
    if product is None:
        return [place]
    live = [row for row in catalogue.models.values() if row.product == product and row.tunable_at(as_of)]
    others = {region for row in live for region in row.regions} - {place}
    return [place, *sorted(others)] if len(others) <= _MOST_OTHERS else [place]


def _has_jobs(call: Call, job: JobDeclaration) -> bool:
    """Whether the place has a job, so that Google has made the project's agent for tuning; False if that is not known."""
    try:
        return bool(list_jobs(call, job.kind, f"projects/{job.project}/locations/{job.location}"))
    except (ApiError, Refused):
        return False


def _taken_out(got: dict[str, Any], prefix: str) -> dict[str, Any]:
    """Removes the answers with that prefix from ``got`` and returns them by the rest of their names."""
    return {name.removeprefix(prefix): got.pop(name) for name in list(got) if name.startswith(prefix)}


def _of_key_and_account(
    call: Call, job: JobDeclaration, made: Made, on: Collection[str], wrong: Collection[PropertyPath]
) -> Asked:
    ask: Asked = {}
    if "cmek" in on and job.key_name is not None and not is_wrong(wrong, ("encryption_spec",)):
        ask["key"] = partial(surroundings.fetch_key, call, job.key_name, being_made=made.maybe("encryptionSpec"))
        if job.project is not None:
            ask["grants"] = partial(fetch_grants, call, job.project, job.key_name)
    if "identity" in on and job.service_account is not None and ("service_account",) not in wrong:
        made_too = made.maybe("serviceAccount")
        find = partial(surroundings.fetch_service_account, call, job.service_account, being_made=made_too)
        ask["account"] = find
        if job.project is not None and job.kind.product == "GEMINI":
            has_agent = partial(_has_jobs, call, job)
            policies = partial(fetch_account_policies, call, job.project, job.service_account, has_agent=has_agent)
            ask["account_policies"] = partial(_if_it_exists, find, policies) if made_too else policies
    return ask


def _if_it_exists(
    find: Callable[[], Fact[ServiceAccount | None]], policies: Callable[[], AccountPolicies]
) -> AccountPolicies | None:
    """The policies of an account that the program makes, if an earlier run made it; the fact itself is shared."""
    found = find()
    return policies() if isinstance(found, Known) and found.value is not None else None


def buckets_of(job: JobDeclaration) -> dict[PropertyPath, str]:
    """The buckets of a job by the path of the property that names them. Each bucket appears once."""
    named: dict[PropertyPath, str] = {}
    data = zip(job.paths, (job.training_uri, job.validation_uri), strict=True)
    for path, uri in (*data, *job.folders.items()):
        try:
            bucket = GcsUri.parse(uri).bucket if uri is not None else None
        except MalformedName:
            continue
        if bucket is not None and bucket not in named.values():
            named[path] = bucket
    return named


def not_asked(job: JobDeclaration, found: JobFacts) -> dict[str, Fact[Any]]:
    """The facts that only apply will know, by description: they depend on a value or a resource that does not exist yet."""
    waiting: dict[str, Fact[Any]] = {
        each.subject: each
        for each in (found.limits, *found.buckets.values(), found.key, found.account)
        if isinstance(each, NotAsked) and each.subject
    }
    if job.is_unknown_parent:
        waiting["the model that it trains on from"] = NOT_ASKED
    if not job.key_is_known:
        waiting["the key"] = NOT_ASKED
    here = found.dataset.report is not None or isinstance(found.dataset.training, Missing)
    if not job.data_is_known or (not here and (job.training_uri is None or job.paths.training in found.coming)):
        waiting["the data"] = NOT_ASKED
    if not job.account_is_known:
        waiting["the service account"] = NOT_ASKED
    return waiting


def is_wrong(wrong: Collection[PropertyPath], path: PropertyPath) -> bool:
    """Whether something wrong was found at the path or below it."""
    return any(each[: len(path)] == path for each in wrong)
