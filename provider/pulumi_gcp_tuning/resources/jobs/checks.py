"""Every check of a job before it is paid for. Each fact is fetched once per run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from pulumi_gcp_tuning.errors import Finding
from pulumi_gcp_tuning.preflight import agents, cmek, cost, datasets, identity, location, media, organization, quota
from pulumi_gcp_tuning.preflight.change import UNCHANGED
from pulumi_gcp_tuning.preflight.evaluating import check_evaluated_rows
from pulumi_gcp_tuning.preflight.existing import ONE_SPEC
from pulumi_gcp_tuning.preflight.facts import (
    NOT_ASKED,
    Fact,
    Known,
    LiveJobs,
    Missing,
    NotAsked,
    OrgPolicy,
    not_checked,
)
from pulumi_gcp_tuning.preflight.identity import allows_no_job
from pulumi_gcp_tuning.preflight.places import REGION, check_places_in_names
from pulumi_gcp_tuning.preflight.rule import Rules
from pulumi_gcp_tuning.resources.core.catalogue import catalogue_of
from pulumi_gcp_tuning.resources.core.declared import called, level_of, softened, urn_of, weighed
from pulumi_gcp_tuning.resources.core.foreseen import Foreseen
from pulumi_gcp_tuning.resources.core.holdings import Holdings
from pulumi_gcp_tuning.resources.core.inputs import known
from pulumi_gcp_tuning.resources.core.lifecycle import Judged, Properties
from pulumi_gcp_tuning.resources.facts.dataset_reports import DatasetFact, check_dataset_fact
from pulumi_gcp_tuning.resources.facts.grants import check_grants
from pulumi_gcp_tuning.resources.facts.surroundings import fetch_limits
from pulumi_gcp_tuning.resources.jobs.changes import (
    check_adopt,
    find_reasons,
    forbidden_changes,
    would_submit,
)
from pulumi_gcp_tuning.resources.jobs.declared_bases import DeclaredBases
from pulumi_gcp_tuning.resources.jobs.earlier import Earlier, find_earlier
from pulumi_gcp_tuning.resources.jobs.estimates import note_estimate
from pulumi_gcp_tuning.resources.jobs.open_models import check_agents, check_overwritten
from pulumi_gcp_tuning.resources.jobs.planned import PlannedJobs
from pulumi_gcp_tuning.resources.jobs.questions import (
    JobFacts,
    buckets_of,
    fetch_job_facts,
    is_wrong,
    not_asked,
    takes_keys,
)
from pulumi_gcp_tuning.resources.jobs.results import check_adopted_exists
from pulumi_gcp_tuning.resources.jobs.slots import Slots

if TYPE_CHECKING:
    from pulumi_gcp_tuning.catalog import Catalogue, ModelRow
    from pulumi_gcp_tuning.resources.core.lifecycle import Call
    from pulumi_gcp_tuning.resources.jobs.declaration import JobDeclaration
    from pulumi_gcp_tuning.resources.jobs.kind import DeclaredKind


RULES: Final[Rules] = (
    UNCHANGED,
    ONE_SPEC,
    REGION,
    identity.API,
    identity.BILLING,
    identity.PERMISSION,
    identity.ORG_PLACE,
    identity.ORG_KEY,
    agents.READS,
    organization.ORG_SERVICE,
    organization.ORG_MODEL,
    location.BUCKET_EXISTS,
    location.BUCKET_PAYER,
    datasets.OBJECT,
    datasets.OBJECT_KEY,
    *media.RULES,
    *quota.RULES,
    cost.LIMIT,
    cost.UNJUDGED,
    cost.UNCOUNTED,
)
"""The rules that :func:`check_with_google` calls for every kind of job."""

OF_KEYS_AND_ACCOUNTS: Final[Rules] = (
    identity.ACCOUNT,
    agents.RUNS,
    agents.ACTS,
    location.BUCKET_PLACE,
    cmek.EXISTS,
    cmek.USABLE,
    cmek.GRANT,
    organization.ORG_KEY_PROJECT,
)
"""The rules that it also calls for a job with a key, with its own service account, or with data that must be near the job."""


def judge_job(
    call: Call,
    kind: DeclaredKind,
    args: Any,
    olds: Properties,
    inputs: Properties,
    spelling: Callable[[], list[Finding]],
    declaration: Callable[[], JobDeclaration],
    *,
    ask: bool,
    creating: bool,
) -> Judged:
    """Every check of a job. ``spelling`` needs no request; the checks of ``declaration`` ask Google if ``ask``."""
    adopt = check_adopt(kind, args) + check_places_in_names(
        {("adopt",): known(args.adopt)}, catalogue_of(call.settings)
    )
    if known(args.adopt) is not None and creating:
        return Judged(findings=adopt)
    if not adopt and known(args.adopt) not in (None, olds.get("adopt")):
        adopt = check_adopted_exists(call, kind, args.adopt, known(args.checks))
    _note_model(call, args, inputs)
    call.run.of(DeclaredBases).note(call.urn, known(args.base_model))
    findings = spelling()
    asked = Judged(findings=[])
    # Of a retrain, the TunedModel says that it trains; two lines with that beginning would read like two trainings.
    trains = "cost of the new training" if olds or call.run.of(Holdings).was_compared(call.urn) else "trains a model"
    job = declaration() if ask else None
    if job is not None:
        asked = check_with_google(call, job, inputs, findings, trains, creating=creating)
    if level_of(call.settings, known(args.checks), "identity") == "error" and any(map(allows_no_job, asked.findings)):
        findings = [each for each in findings if each.path[:1] != ("encryption_spec",)]  # no key satisfies the policy
    forbidden = forbidden_changes(kind, olds, inputs)
    is_new = ask and not olds and not creating and known(args.adopt) is None
    earlier = Earlier()
    if ask and would_submit(kind, olds, inputs):
        earlier = find_earlier(call, kind, args, inputs, is_new=is_new, has_entry=bool(olds))
    if is_new and earlier.is_certain:
        call.run.of(Foreseen).note_new(call.urn, frozenset(filter(None, [earlier.adopted])))
    if earlier.adopted is not None:  # nothing is submitted or paid for, so no line about cost or a slot is true
        if call.note is not None:
            call.note("adopts", {"id": earlier.adopted})
        told = [f"adopts {earlier.adopted}, which was submitted for this declaration; nothing is trained again"]
        return Judged(findings=[*softened([*findings, *asked.findings]), *adopt, *forbidden], told=told)
    overwritten = [] if job is None or creating or args.adopt is not None else check_overwritten(call, job, inputs)
    why = find_reasons(call, kind, olds, inputs) if ask else ""
    is_told = any(line.startswith(trains) for line in asked.told)
    again = [f"what changed: {why}" if is_told else f"trains again, because this changed: {why}"] if why else []
    told = [*asked.told, *earlier.told, *again]
    return Judged(findings=[*findings, *asked.findings, *overwritten, *adopt, *forbidden, *earlier.findings], told=told)


def check_with_google(
    call: Call,
    job: JobDeclaration,
    inputs: Mapping[str, Any],
    so_far: Sequence[Finding],
    trains: str,
    *,
    creating: bool,
) -> Judged:
    """The checks that ask Google, and the cost. A fact about a property that ``so_far`` found wrong is not fetched.

    ``trains`` begins the line about the cost.
    ``creating``: everything that this run makes for the job exists by now, and facts that may have changed are fetched
    again.
    """
    wrong = {finding.path for finding in so_far if finding.severity == "error"}
    refused = {
        each.path for each in weighed(so_far, call.settings, job.checks, submits=True) if each.severity == "error"
    }
    catalogue = catalogue_of(call.settings)
    base_model = job.base_model
    row = catalogue.find_model(base_model) if base_model else None
    found = fetch_job_facts(call, job, inputs, catalogue, row, wrong, creating=creating)
    project, place = job.project, job.location
    key_name = None if is_wrong(wrong, ("encryption_spec",)) else job.key_name
    findings: list[Finding] = []
    billing: list[Finding] = []
    if project is not None:
        of_apis = identity.check_apis(found.apis, project)
        findings += softened(of_apis) if found.apis_may_come else of_apis
        billing = identity.check_billing(found.billing)
        findings += billing
        findings += identity.check_caller(found.permissions, f"project {project}")
    findings += identity.check_service_account_usable(job.service_account, found.account)
    if isinstance(found.account, Known) and found.account.value is not None:
        findings += agents.check_account(found.account_policies, may_come=found.account_may_come)
    findings += agents.check_foreign_buckets(_reader_of(job, found), found.foreign)
    policies = organization.said_once({"": found.org_location, "key": found.org_key, **found.org_others})
    findings += identity.check_org_location(found.org_location, place)
    findings += identity.check_org_key(
        policies.get("key", NOT_ASKED),
        key_name,
        key_known=job.key_is_known,
        possible=takes_keys(catalogue, call.settings.as_of),
    )
    findings += _judge_policies(job, policies, key_name)
    region = None if is_wrong(wrong, ("location",)) else place
    findings += _check_buckets(job, found, region, creating=creating)
    of_key = cmek.check_key(key_name, found.key)
    findings += softened(of_key) if found.apis_may_come and isinstance(found.key, Missing) else of_key
    findings += check_grants(key_name, found.key, found.grants)
    no_bucket = {name for name, fact in found.buckets.items() if isinstance(fact, Known) and fact.value is None}
    findings += check_agents(call, job, found.dataset)
    findings += check_dataset_fact(found.dataset, coming=found.coming, without=no_bucket)
    if job.is_evaluated and found.dataset.report is not None:
        report = found.dataset.report
        findings += check_evaluated_rows((report.validation or report.training).rows_with_files)
    room = _judge_room(call, job, inputs, found, catalogue)
    price = Judged(findings=[])
    if ("base_model",) not in refused:
        price = _judge_cost(call, job, inputs, found.dataset, row, trains)
    later = not_checked(not_asked(job, found))
    numbers = [] if refused & {("base_model",), ("location",)} else room.told  # such a job takes no slot
    told = [*price.told, *numbers, *([later] if later else [])]
    findings += [*room.findings, *price.findings]
    causes = [f"{api} is disabled" for api in found.disabled]
    if not all(each.shared for each in billing):  # then the account itself is the finding, and not that it was not read
        causes.append("billing")
    return Judged(findings=_without_consequences(findings, causes), told=told)


def _check_buckets(job: JobDeclaration, found: JobFacts, region: str | None, *, creating: bool) -> list[Finding]:
    """The findings about the buckets of data and folders. One that this run makes has the location that the program declares."""
    unnamed = [path for path, uri in zip(job.paths, (job.training_uri, job.validation_uri), strict=True) if uri is None]
    places = {} if creating else job.declared_places
    findings: list[Finding] = []
    for path, bucket in {**dict.fromkeys(unnamed), **buckets_of(job)}.items():
        is_given = bucket is not None or path == job.paths.training
        findings += location.check_bucket(
            bucket,
            found.buckets.get(bucket, NOT_ASKED) if bucket is not None else NOT_ASKED,
            region,
            path=path,
            product="OPEN" if job.family == "open" else job.kind.product,
            project_number=found.project_number if path in job.paths else None,
            declared_place=places.get(path) or (places.get(path[:1]) if is_given else None),
        )
    return findings


def _without_consequences(findings: list[Finding], causes: Sequence[str]) -> list[Finding]:
    """The findings without those about facts that could not be fetched for one of the causes, which has its own finding."""

    def follows(each: Finding) -> bool:
        return each.shared and each.severity == "warn" and any(cause in str(each.problem) for cause in causes)

    return [each for each in findings if not follows(each)]


def _reader_of(job: JobDeclaration, found: JobFacts) -> str | None:
    """The account that reads the data: the job's own, or Google's agent for it; None if not known yet."""
    if not job.account_is_known:
        return None
    if job.service_account is not None:
        return job.service_account
    if found.project_number is None:
        return None
    agent_of = identity.open_model_agent if job.family == "open" else identity.tuning_agent
    return agent_of(found.project_number)


def _judge_policies(
    job: JobDeclaration, policies: Mapping[str, Fact[OrgPolicy | None]], key_name: str | None
) -> list[Finding]:
    """The findings of the organization policies on services, models and keys."""
    findings = organization.check_services(policies.get(organization.SERVICES, NOT_ASKED), job.project)
    findings += organization.check_model(policies.get(organization.MODELS, NOT_ASKED), job.base_model)
    return findings + organization.check_key_project(policies.get(organization.KEY_PROJECTS, NOT_ASKED), key_name)


def _judge_room(
    call: Call, job: JobDeclaration, inputs: Mapping[str, Any], found: JobFacts, catalogue: Catalogue
) -> Judged:
    """Whether there is a slot, counting this run's other jobs. For a job that waits, says which jobs go first."""
    family, place = job.family, job.location or ""
    if family is None or place not in catalogue.regions or isinstance(found.limits, NotAsked):
        return Judged(findings=[])
    need = quota.need_of(family, catalogue=catalogue)
    jobs, urn = call.run.of(PlannedJobs), urn_of(call, inputs)
    planned, plan = jobs.add(urn, called(call, inputs), job.project or "", need, job.after or ())
    live = LiveJobs(by_region=found.live or {place: NOT_ASKED})
    usage = quota.Usage.of_jobs(family, need, live)
    findings = quota.check_quota(
        planned,
        plan
        if job.after is not None
        else quota.Plan((planned,)),  # if the order is unknown, all others may have ended before
        found.limits,
        usage,
        on_quota=job.on_quota,
        project=job.project,
    )
    if not isinstance(found.limits, Known):
        return Judged(findings=findings)
    position = quota.position_of(planned, plan, found.limits.value, usage)
    if call.note is not None and position is not None:
        call.note("quota", {**position.plain(), "on_quota": job.on_quota})
    # for a job without room, the finding has the numbers
    told = [f"quota: {need.display_name}: {position}"] if position and (position.fits or not findings) else []
    return Judged(findings=findings, told=told)


def _note_model(call: Call, args: Any, inputs: Mapping[str, Any]) -> None:
    """Notes the dates of the base model, also for a job that is not submitted again."""
    if call.note is None:
        return
    row = catalogue_of(call.settings).find_model(str(known(args.base_model)))
    if row is not None:
        place = inputs.get("location")
        region = place if isinstance(place, str) else None
        dates = {"tuning_until": row.last_tuning, "serving_until": row.retired_on(region)}
        as_text = {key: None if day is None else day.isoformat() for key, day in dates.items()}
        standing = row.standing(call.settings.as_of, region)
        call.note("model", {"base_model": row.id, "stage": standing, "open_ended": row.open_ended, **as_text})


def _judge_cost(
    call: Call,
    job: JobDeclaration,
    inputs: Mapping[str, Any],
    dataset: DatasetFact,
    row: ModelRow | None,
    trains: str,
) -> Judged:
    """The cost: tokens x epochs x price, as far as each is known."""
    base_model = job.base_model
    if base_model is None:
        return Judged(findings=[])
    tokens = _with_files(dataset, row)
    model, price, serving = (row.id, row.price, row.serving) if row is not None else (base_model, None, None)
    estimate = cost.estimate_cost(model, tokens, job.epochs(dataset.examples), price, serving)
    note_estimate(call, urn_of(call, inputs), estimate)
    findings = cost.check_cost(estimate, tokens, job.max_cost)
    findings += cost.check_epochs(estimate)
    if isinstance(dataset.counted, Missing):
        findings.append(cost.UNCOUNTED.not_judged(("max_cost",), dataset.counted))
    if call.note is not None:
        call.note("cost", estimate.plain())
    told = [estimate.line(trains)] if isinstance(tokens, Known) and tokens.value.tokens else []
    return Judged(findings=findings, told=told)


def _with_files(dataset: DatasetFact, row: ModelRow | None) -> Fact[cost.TokenCount]:
    if not isinstance(dataset.tokens, Known) or dataset.report is None:
        return dataset.tokens
    from pulumi_gcp_tuning.datasets.tokens import count_files

    file = dataset.report.training
    files = count_files(file, row)
    uncounted = file.files - (file.images if files.included else 0)
    return Known(cost.add_files(dataset.tokens.value, files, uncounted))


def slots_of(call: Call, job: JobDeclaration, parent: str) -> Slots:
    """The quota that the job needs. It has a limit if the limit is known and its check is not off."""
    catalogue, project, family = catalogue_of(call.settings), str(job.project), job.family or "gemini"
    need = quota.need_of(family, catalogue=catalogue)
    limits = fetch_limits(call, project)
    found = need.limit_among(limits.value) if isinstance(limits, Known) else None
    counts = found is not None and found.limit > 0 and level_of(call.settings, job.checks, "quota") != "off"
    limit = found.limit // need.amount if found is not None and counts else None
    return Slots(
        kind=job.kind,
        parent=parent,
        family=family,
        name=need.display_name,
        limit=limit,
        ask=quota.how_to_ask(need, project, found),
    )
