"""What the checks of one tuning job know of Google, asked for at the same time and shared by all jobs of a run."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

from pulumi_gcp_tuning.errors import Finding
from pulumi_gcp_tuning.names import GcsUri, MalformedName, identity_of
from pulumi_gcp_tuning.preflight import cmek, identity, location
from pulumi_gcp_tuning.preflight.facts import (
    NOT_ASKED,
    Bucket,
    Fact,
    Key,
    KeyPolicies,
    Known,
    LiveJob,
    Missing,
    NotAsked,
    OrgPolicy,
    Permissions,
    Project,
    QuotaLimit,
    ServiceAccount,
)
from pulumi_gcp_tuning.resources.core.declared import checks_on, urn_of
from pulumi_gcp_tuning.resources.core.inputs import known
from pulumi_gcp_tuning.resources.facts import surroundings as facts
from pulumi_gcp_tuning.resources.facts.dataset_reports import TRAINING, VALIDATION, DatasetFact, fetch_dataset_report
from pulumi_gcp_tuning.resources.facts.token_counts import target_of
from pulumi_gcp_tuning.resources.jobs.listing import fetch_live_jobs

if TYPE_CHECKING:
    from pulumi_gcp_tuning.catalog import Catalogue, ModelRow
    from pulumi_gcp_tuning.resources.core.lifecycle import Call
    from pulumi_gcp_tuning.resources.endpoint import Args as EndpointArgs
    from pulumi_gcp_tuning.resources.tuning_job import Args

Asked: TypeAlias = dict[str, Callable[[], Any]]
Grants: TypeAlias = tuple[tuple[str, ...], KeyPolicies] | Missing | None


@dataclass(frozen=True, kw_only=True)
class JobFacts:
    """What the checks of one job know of Google."""

    apis: Fact[Mapping[str, bool]] = NOT_ASKED
    billing: Fact[Project] = NOT_ASKED
    permissions: Fact[Permissions] = NOT_ASKED
    limits: Fact[Sequence[QuotaLimit]] = NOT_ASKED
    live: Fact[Sequence[LiveJob]] = NOT_ASKED
    buckets: Mapping[str, Fact[Bucket | None]] = field(default_factory=dict)
    key: Fact[Key | None] = NOT_ASKED
    grants: Grants = None
    account: Fact[ServiceAccount | None] = NOT_ASKED
    org_location: Fact[OrgPolicy | None] = NOT_ASKED
    org_key: Fact[OrgPolicy | None] = NOT_ASKED
    dataset: DatasetFact = field(default_factory=DatasetFact)
    coming: frozenset[str] = frozenset()


def fetch_job_facts(
    call: Call,
    args: Args,
    inputs: Mapping[str, Any],
    catalogue: Catalogue,
    row: ModelRow | None,
    wrong: Collection[str],
    *,
    creating: bool,
) -> JobFacts:
    """Everything that the checks which are not off want to know, but for the properties in ``wrong``.

    ``creating``: whatever this run makes for the job is there by now, and what may have changed is looked at again.
    """
    made = frozenset() if creating else frozenset(known(args.from_resources) or ())
    coming = frozenset((TRAINING, VALIDATION)) if "supervisedTuningSpec" in made else frozenset()
    on = checks_on(call.settings, known(args.checks))
    buckets = [
        bucket
        for path, bucket in buckets_of(args).items()
        if "location" in on and path not in wrong and bucket not in location.PUBLIC_BUCKETS
    ]
    ask: Asked = {}
    if "project" not in wrong:
        ask |= _of_project(call, args, inputs, catalogue, on)
    if "services" in made:
        ask.pop("apis", None)
    of_project = set(ask) if "project" in made else set()
    ask |= _of_key_and_account(call, args, made, on, wrong)
    ask |= {f"bucket {each}": partial(facts.fetch_bucket, call, each, being_made=bool(coming)) for each in buckets}
    spec = known(args.supervised_tuning_spec)
    if "dataset" in on and spec and TRAINING not in wrong and VALIDATION not in wrong:
        uris = known(spec.training_dataset_uri), known(spec.validation_dataset_uri)
        payer = known(args.project)
        ask["dataset"] = partial(
            fetch_dataset_report,
            call,
            *uris,
            row,
            fresh=creating,
            coming=coming,
            user_project=payer,
            counted_by=_counting_model(call, args, row) if "cost" in on and "project" not in made else None,
        )
    got = facts.fetch_together(ask)
    if any(isinstance(got[name], Missing) for name in of_project):  # it is being made, and nobody sees it yet
        got |= dict.fromkeys(of_project, NotAsked(f"the project {known(args.project)}"))
    return JobFacts(buckets={each: got.pop(f"bucket {each}") for each in buckets}, coming=coming, **got)


def max_cost_of(call: Call, args: Args) -> float | None:
    """The most that the job may cost, in US dollars."""
    own = known(args.max_cost)
    return call.settings.max_cost if own is None else own


def _counting_model(call: Call, args: Args, row: ModelRow | None) -> str | None:
    """The model that counts the tokens: only where a limit is to be held, since the rows are sent for it."""
    project, place = known(args.project), known(args.location)
    if row is None or row.price is None or row.product != "GEMINI" or max_cost_of(call, args) is None:
        return None
    return target_of(project, place, row.id) if project is not None and place is not None else None


def _of_project(call: Call, args: Args, inputs: Mapping[str, Any], catalogue: Catalogue, on: Collection[str]) -> Asked:
    project, place = known(args.project), known(args.location)
    ask: Asked = {}
    if project is None:
        return ask
    if "identity" in on:
        ask["apis"] = partial(facts.fetch_apis, call, project)
        ask["billing"] = partial(facts.fetch_billing, call, project)
        ask["permissions"] = partial(facts.fetch_permissions, call, project, identity.SUBMIT)
        ask["org_location"] = partial(facts.fetch_org_policy, call, project, "gcp.resourceLocations")
        if key_is_known(args) and key_name_of(args) is None:
            ask["org_key"] = partial(facts.fetch_org_policy, call, project, "gcp.restrictNonCmekServices")
    if "quota" in on:
        ask["limits"] = partial(facts.fetch_limits, call, project)
        if place is not None and place in catalogue.regions:
            mine = identity_of(urn_of(call, inputs), known(args.retry))
            parent = f"projects/{project}/locations/{place}"
            ask["live"] = partial(fetch_live_jobs, call, parent, catalogue, without=mine)
    return ask


def _of_key_and_account(
    call: Call, args: Args, made: Collection[str], on: Collection[str], wrong: Collection[str]
) -> Asked:
    project, key_name, account = known(args.project), key_name_of(args), known(args.service_account)
    ask: Asked = {}
    if "cmek" in on and key_name is not None and not is_wrong(wrong, "encryption_spec"):
        ask["key"] = partial(facts.fetch_key, call, key_name, being_made="encryptionSpec" in made)
        if project is not None:
            ask["grants"] = partial(fetch_grants, call, project, key_name)
    if "identity" in on and account is not None and "service_account" not in wrong:
        ask["account"] = partial(facts.fetch_service_account, call, account, being_made="serviceAccount" in made)
    return ask


def key_name_of(args: Args | EndpointArgs) -> str | None:
    """The key that the job asks for, as far as it is known."""
    encryption = known(args.encryption_spec)
    return known(encryption.kms_key_name) if encryption else None


def key_is_known(args: Args | EndpointArgs) -> bool:
    """Whether it is known which key the job asks for, or that it asks for none."""
    encryption = known(args.encryption_spec)
    if encryption is None:
        return args.encryption_spec is None
    return encryption.kms_key_name is None or known(encryption.kms_key_name) is not None


def buckets_of(args: Args) -> dict[str, str]:
    """The buckets of the data by the path of the property that names them; each bucket once."""
    spec = known(args.supervised_tuning_spec)
    named: dict[str, str] = {}
    if not spec:
        return named
    for path, uri in ((TRAINING, known(spec.training_dataset_uri)), (VALIDATION, known(spec.validation_dataset_uri))):
        try:
            bucket = GcsUri.parse(uri).bucket if uri is not None else None
        except MalformedName:
            continue
        if bucket is not None and bucket not in named.values():
            named[path] = bucket
    return named


def not_asked(args: Args, found: JobFacts) -> dict[str, Fact[Any]]:
    """What apply will know, by the words for it: only what hangs on a value or thing that is not there yet."""
    waiting: dict[str, Fact[Any]] = {
        each.subject: each
        for each in (found.limits, *found.buckets.values(), found.key, found.account)
        if isinstance(each, NotAsked) and each.subject
    }
    if not key_is_known(args):
        waiting["the key"] = NOT_ASKED
    spec = known(args.supervised_tuning_spec)
    here = found.dataset.report is not None or isinstance(found.dataset.training, Missing)
    if spec is None or (not here and (known(spec.training_dataset_uri) is None or TRAINING in found.coming)):
        waiting["the data"] = NOT_ASKED
    if args.service_account is not None and known(args.service_account) is None:
        waiting["the service account"] = NOT_ASKED
    return waiting


def is_wrong(wrong: Collection[str], path: str) -> bool:
    """Whether something wrong was found at the path or below it."""
    return any(each == path or each.startswith(f"{path}.") for each in wrong)


def fetch_grants(call: Call, project: str, key_name: str) -> Grants:
    """The agents that have to use the key, and the policies in which they may be seen to have it."""
    owner = facts.fetch_project(call, project)
    if not isinstance(owner, Known):
        return owner if isinstance(owner, Missing) else None
    agent = identity.vertex_agent(owner.value.number)
    return (agent,), facts.fetch_key_policies(call, key_name, granted=lambda read: cmek.is_granted(agent, read))


def check_grants(key_name: str | None, key: Fact[Key | None], grants: Grants) -> list[Finding]:
    """The agents are seen to have the key, where there is one."""
    if isinstance(grants, Missing):
        return [cmek.GRANT.not_judged(cmek.PATH, grants)]
    if grants is None or not isinstance(key, Known) or key.value is None:
        return []
    agents, policies = grants
    return cmek.check_key_grant(key_name, agents, policies)
