"""What is known of a tuning job before it is paid for: every check of it, over facts that are asked once per run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from pulumi_gcp_tuning.errors import Finding
from pulumi_gcp_tuning.preflight import cmek, cost, identity, location, quota
from pulumi_gcp_tuning.preflight.facts import NOT_ASKED, Known, LiveJobs, Missing, NotAsked, not_checked
from pulumi_gcp_tuning.preflight.hyperparameters import check_hyperparameters
from pulumi_gcp_tuning.preflight.places import check_location, check_model
from pulumi_gcp_tuning.preflight.spelling import (
    check_dataset_uri,
    check_display_name,
    check_labels,
    check_service_account,
)
from pulumi_gcp_tuning.resources.core.catalogue import catalogue_of
from pulumi_gcp_tuning.resources.core.declared import called, level_of, urn_of
from pulumi_gcp_tuning.resources.core.inputs import known
from pulumi_gcp_tuning.resources.core.lifecycle import UNKNOWN
from pulumi_gcp_tuning.resources.facts import surroundings as facts
from pulumi_gcp_tuning.resources.facts.dataset_reports import TRAINING, VALIDATION, DatasetFact, check_dataset_fact
from pulumi_gcp_tuning.resources.jobs.listing import family_of
from pulumi_gcp_tuning.resources.jobs.planned import PlannedJobs
from pulumi_gcp_tuning.resources.jobs.questions import (
    JobFacts,
    buckets_of,
    check_grants,
    fetch_job_facts,
    is_wrong,
    key_is_known,
    key_name_of,
    max_cost_of,
    not_asked,
)
from pulumi_gcp_tuning.resources.jobs.slots import Slots

if TYPE_CHECKING:
    from pulumi_gcp_tuning.catalog import Catalogue, ModelRow
    from pulumi_gcp_tuning.resources.core.lifecycle import Call
    from pulumi_gcp_tuning.resources.tuning_job import Args

SPEC: Final = "supervised_tuning_spec"


@dataclass(frozen=True, kw_only=True)
class Judged:
    """What the checks found, and what is worth telling: cost, quota, what only apply can check."""

    findings: list[Finding]
    told: list[str] = field(default_factory=list)


def check_spelling(call: Call, args: Args) -> list[Finding]:
    """What can be judged without asking anybody."""
    catalogue = catalogue_of(call.settings)
    place, base_model, as_of = known(args.location), known(args.base_model), call.settings.as_of
    findings = check_location(place, base_model=base_model, catalogue=catalogue)
    findings += check_model(base_model, place, as_of, catalogue=catalogue)
    spec = known(args.supervised_tuning_spec)
    if spec:
        findings += check_dataset_uri(known(spec.training_dataset_uri), path=TRAINING)
        findings += check_dataset_uri(known(spec.validation_dataset_uri), path=VALIDATION)
        parameters = known(spec.hyper_parameters)
        if parameters:
            given = {name: known(getattr(parameters, name)) for name in type(parameters).model_fields}
            findings += check_hyperparameters(given, base_model, catalogue=catalogue)
    findings += check_display_name(known(args.tuned_model_display_name), path="tuned_model_display_name")
    findings += check_service_account(known(args.service_account))
    findings += check_labels(known(args.pulumi_labels))
    key_name = key_name_of(args)
    findings += cmek.check_key_place(key_name, place if place in catalogue.regions else None)
    return findings + cmek.check_model_takes_key(key_name, base_model, place, as_of, catalogue=catalogue)


def check_with_google(
    call: Call, args: Args, inputs: Mapping[str, Any], so_far: Sequence[Finding], *, creating: bool
) -> Judged:
    """What Google knows better, and what it will cost. A fact on which ``so_far`` found something wrong is not asked for.

    ``creating``: whatever this run makes for the job is there by now, and what may have changed is looked at again.
    """
    wrong = {finding.path for finding in so_far if finding.severity == "error"}
    catalogue = catalogue_of(call.settings)
    base_model = known(args.base_model)
    row = catalogue.find_model(base_model) if base_model else None
    found = fetch_job_facts(call, args, inputs, catalogue, row, wrong, creating=creating)
    project, place = known(args.project), known(args.location)
    key_name = None if is_wrong(wrong, "encryption_spec") else key_name_of(args)
    findings: list[Finding] = []
    if project is not None:
        findings += identity.check_apis(found.apis, project)
        findings += identity.check_billing(found.billing)
        findings += identity.check_caller(found.permissions, f"project {project}")
    findings += identity.check_service_account_usable(known(args.service_account), found.account)
    findings += identity.check_org_location(found.org_location, place)
    findings += identity.check_org_key(found.org_key, key_name, key_known=key_is_known(args))
    for path, bucket in buckets_of(args).items():
        findings += location.check_bucket(
            bucket, found.buckets.get(bucket, NOT_ASKED), None if is_wrong(wrong, "location") else place, path=path
        )
    findings += cmek.check_key(key_name, found.key)
    findings += check_grants(key_name, found.key, found.grants)
    findings += check_dataset_fact(found.dataset, coming=found.coming)
    room = _judge_room(call, args, inputs, found, catalogue)
    price = _judge_cost(call, args, found.dataset, row)
    later = not_checked(not_asked(args, found))
    told = [*price.told, *room.told, *([later] if later else [])]
    return Judged(findings=[*findings, *room.findings, *price.findings], told=told)


def _judge_room(call: Call, args: Args, inputs: Mapping[str, Any], found: JobFacts, catalogue: Catalogue) -> Judged:
    """Whether there is a slot, this run's other jobs counted. A job that waits is told after whom."""
    base_model, place = known(args.base_model), known(args.location)
    if base_model is None or place is None or isinstance(found.limits, NotAsked):
        return Judged(findings=[])
    family = family_of(base_model, catalogue)
    need = quota.need_of(family, catalogue=catalogue)
    urn, after = urn_of(call, inputs), known(args.after_jobs) or ()
    planned, plan = call.run.of(PlannedJobs).add(urn, called(call, inputs), known(args.project) or "", need, after)
    live = LiveJobs(by_region={place: found.live})
    usage = quota.Usage.of_jobs(family, need, live)
    findings = quota.check_quota(
        planned,
        plan,
        found.limits,
        usage,
        on_quota=on_quota_of(call, args),
        project=known(args.project),
    )
    if not isinstance(found.limits, Known):
        return Judged(findings=findings)
    position = quota.position_of(planned, plan, found.limits.value, usage)
    # of a job without room the finding has the numbers
    told = [f"quota: {need.display_name}: {position}"] if position and (position.fits or not findings) else []
    return Judged(findings=findings, told=told)


def _judge_cost(call: Call, args: Args, dataset: DatasetFact, row: ModelRow | None) -> Judged:
    """Tokens x epochs x price, as far as each is known."""
    base_model = known(args.base_model)
    if base_model is None:
        return Judged(findings=[])
    tokens = dataset.tokens
    model, price = (row.id, row.price) if row is not None else (base_model, None)
    estimate = cost.estimate_cost(model, tokens, _epochs_of(args), price)
    findings = cost.check_cost(estimate, tokens, max_cost_of(call, args))
    if isinstance(dataset.counted, Missing):
        findings.append(cost.UNCOUNTED.not_judged("max_cost", dataset.counted))
    told = [str(estimate)] if isinstance(tokens, Known) and tokens.value.tokens else []
    return Judged(findings=findings, told=told)


def _epochs_of(args: Args) -> cost.Epochs | NotAsked | None:
    """None where they are left to Google."""
    spec: object = args.supervised_tuning_spec
    parameters: object = UNKNOWN if spec is UNKNOWN else args.supervised_tuning_spec.hyper_parameters
    count: object = UNKNOWN if parameters is UNKNOWN else getattr(parameters, "epoch_count", None)
    if count is UNKNOWN:
        return NOT_ASKED
    return cost.Epochs(count=count) if isinstance(count, int) and count else None


def slots_of(call: Call, args: Args, parent: str) -> Slots:
    """The quota that the job takes of, with its limit where that is known and the check of it is not off."""
    catalogue, project = catalogue_of(call.settings), str(args.project)
    family = family_of(args.base_model, catalogue)
    need = quota.need_of(family, catalogue=catalogue)
    limits = facts.fetch_limits(call, project)
    found = need.limit_among(limits.value) if isinstance(limits, Known) else None
    counts = found is not None and found.limit > 0 and level_of(call.settings, args.checks, "quota") != "off"
    limit = found.limit if found is not None and counts else None
    return Slots(
        parent=parent, family=family, name=need.display_name, limit=limit, ask=quota.how_to_ask(need, project, found)
    )


def on_quota_of(call: Call, args: Args) -> quota.OnQuota:
    """Whether a job without a slot waits or fails."""
    return known(args.on_quota) or call.settings.on_quota
