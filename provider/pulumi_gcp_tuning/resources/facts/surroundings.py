"""The facts that the checks need from Google. Each is fetched once per run, many in parallel; no fetch raises.

A fact that cannot be fetched is a fact too (:class:`Missing`): it names the permission or API that is needed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar

from pulumi_gcp_tuning.errors import ApiError, NotFound, TuningError
from pulumi_gcp_tuning.names import KmsKeyName, MalformedName
from pulumi_gcp_tuning.once import Once
from pulumi_gcp_tuning.preflight.facts import (
    NOT_ASKED,
    Bucket,
    Fact,
    Key,
    KeyPolicies,
    Known,
    Missing,
    NotAsked,
    OrgPolicy,
    Permissions,
    Policy,
    Project,
    QuotaLimit,
    ServiceAccount,
)

if TYPE_CHECKING:
    from pulumi_gcp_tuning.resources.core.lifecycle import Call

T = TypeVar("T")

APIS: Final = ("aiplatform.googleapis.com", "storage.googleapis.com")
UNREADABLE: Final = (AttributeError, KeyError, TypeError, ValueError)
"""The exceptions of reading an answer with an unexpected shape."""

_ASKED: Final = re.compile(r"(GET|POST) https?://\S+: ")
_THREADS: Final = 16
_POOL: Final = Once()


@dataclass
class Outage:
    """The reason why Google could not be reached in this run, once it is known."""

    reason: str = ""


def fetch_together(asked: Mapping[str, Callable[[], T]]) -> dict[str, T]:
    """The answers of all functions, which run in parallel. None of them may raise."""
    waiting = {name: _pool().submit(ask) for name, ask in asked.items()}
    return {name: each.result() for name, each in waiting.items()}


def fetch_apis(call: Call, project: str) -> Fact[Mapping[str, bool]]:
    """Which of the APIs that a job needs are enabled."""

    def ask() -> Mapping[str, bool]:
        found = call.google.services.get_services(project, APIS)
        return {str(each.get("name", "")).rpartition("/")[2]: each.get("state") == "ENABLED" for each in found}

    needs = "serviceusage.services.get (roles/serviceusage.serviceUsageViewer) and the Service Usage API"
    return fact_of(call, ask, subject=f"which APIs are enabled in {project}", needs=needs)


def fetch_project(call: Call, project: str) -> Fact[Project]:
    """The project's number."""

    def ask() -> Project:
        if project.isdigit():
            return Project(id=project, number=project)
        number = _number_among(call, project)
        if number is not None:
            return Project(id=project, number=number)
        found = call.google.projects.get_project(project)
        return Project(id=project, number=str(found["projectNumber"]))

    needs = "resourcemanager.projects.get (roles/browser) and the Cloud Resource Manager API"
    return fact_of(call, ask, subject=f"the number of project {project}", needs=needs)


def _number_among(call: Call, project: str) -> str | None:
    """The project's number from the names of services in Service Usage, which are fetched in any case."""
    try:
        services = call.google.services.get_services(project, APIS)
        numbers = [str(each.get("name", "")).split("/")[1:2] for each in services]
    except (TuningError, *UNREADABLE):
        return None
    return next((number for found in numbers for number in found if number.isdigit()), None)


def fetch_billing(call: Call, project: str) -> Fact[Project]:
    """Whether the project can be billed."""

    def ask() -> Project:
        info = call.google.billing.get_billing_info(project)
        return Project(id=project, number="", billing=Known(info.get("billingEnabled") is True))

    needs = "resourcemanager.projects.get (roles/browser) and the Cloud Billing API"
    return fact_of(call, ask, subject=f"the billing of {project}", needs=needs)


def fetch_permissions(call: Call, project: str, permissions: Sequence[str]) -> Fact[Permissions]:
    """Which of the permissions the caller has on the project."""

    def ask() -> Permissions:
        granted = call.google.projects.test_iam_permissions(project, permissions)
        return Permissions(asked=tuple(permissions), granted=granted)

    return fact_of(call, ask, subject=f"your permissions on {project}", needs="the Cloud Resource Manager API")


def fetch_limits(call: Call, project: str) -> Fact[Sequence[QuotaLimit]]:
    """The project's quotas of Vertex AI."""

    def ask() -> Sequence[QuotaLimit]:
        return QuotaLimit.from_wire(call.google.quotas.list_quota_infos(project))

    needs = "cloudquotas.quotas.get (roles/cloudquotas.viewer) and the Cloud Quotas API"
    return fact_of(call, ask, subject=f"the quotas of {project}", needs=needs)


def fetch_bucket(call: Call, bucket: str, *, being_made: bool) -> Fact[Bucket | None]:
    """The bucket; NotAsked if it does not exist and this run may be making it."""

    def ask() -> Bucket | None:
        return Bucket.from_wire(call.google.storage.get_bucket(bucket))

    subject = f"the bucket {bucket}"
    needs = "storage.buckets.get (roles/storage.bucketViewer)"
    return fact_of(call, ask, subject=subject, needs=needs, absent=NotAsked(subject) if being_made else Known(None))


def fetch_bucket_permissions(
    call: Call, bucket: str, permissions: Sequence[str], *, being_made: bool
) -> Fact[Permissions | None]:
    """The caller's permissions on the bucket: Known(None) if there is no bucket, NotAsked if this run may be making it."""
    try:
        granted = call.google.storage.test_permissions(bucket, tuple(permissions))
    except NotFound:
        return NotAsked(f"the bucket {bucket}") if being_made else Known(None)
    except TuningError as error:
        subject, needs = f"your permissions on the bucket {bucket}", "storage.buckets.testIamPermissions"
        return missing_of(call, error, subject=subject, needs=needs)
    return Known(Permissions(asked=tuple(permissions), granted=granted))


def fetch_key(call: Call, key_name: str | None, *, being_made: bool) -> Fact[Key | None]:
    """The key; NotAsked if there is none, if the name is not a key's, or if this run may be making it."""
    try:
        name = str(KmsKeyName.parse(key_name)) if key_name else None
    except MalformedName:
        name = None
    if name is None:
        return NOT_ASKED

    def ask() -> Key | None:
        return Key.from_wire(call.google.kms.get_crypto_key(name))

    subject = f"the key {name}"
    needs = "cloudkms.cryptoKeys.get (roles/cloudkms.viewer) and the Cloud KMS API"
    return fact_of(call, ask, subject=subject, needs=needs, absent=NotAsked(subject) if being_made else Known(None))


def fetch_key_policies(call: Call, key_name: str, *, granted: Callable[[Sequence[Policy]], bool]) -> KeyPolicies:
    """The policies of key, ring and project. Each next one is fetched only if the ones before do not grant the permission."""
    name = KmsKeyName.parse(key_name)
    kms = call.google.kms

    def policy(what: str, ask: Callable[[], Mapping[str, Any]], needs: str) -> Fact[Policy]:
        fact: Fact[Policy] = fact_of(
            call,
            lambda: Policy.from_wire(ask()),
            subject=f"who may use the key {name} (policy of the {what})",
            needs=needs,
            absent=NOT_ASKED,
        )
        return fact

    key = policy("key", lambda: kms.get_crypto_key_iam_policy(str(name)), "cloudkms.cryptoKeys.getIamPolicy")
    if isinstance(key, Known) and granted([key.value]):
        return KeyPolicies(key=key)
    ring_name = str(name).rpartition("/cryptoKeys/")[0]
    ring = policy("key ring", lambda: kms.get_key_ring_iam_policy(ring_name), "cloudkms.keyRings.getIamPolicy")
    if isinstance(ring, Known) and granted([ring.value]):
        return KeyPolicies(key=key, ring=ring)
    above = policy(
        "project",
        lambda: call.google.projects.get_iam_policy(name.project),
        f"resourcemanager.projects.getIamPolicy on {name.project} (roles/iam.securityReviewer)",
    )
    return KeyPolicies(key=key, ring=ring, project=above)


def fetch_service_account(call: Call, email: str, *, being_made: bool) -> Fact[ServiceAccount | None]:
    """The account and whether the caller may act as it."""

    def ask() -> ServiceAccount | None:
        found = call.google.service_accounts.get_service_account(email)
        act_as: Fact[bool] = fact_of(
            call,
            lambda: call.google.service_accounts.may_act_as(email),
            subject=f"whether you may act as {email}",
            needs="the IAM API",
        )
        return ServiceAccount(email=email, disabled=found.get("disabled") is True, act_as=act_as)

    subject = f"the service account {email}"
    needs = "iam.serviceAccounts.get (roles/iam.serviceAccountViewer) and the IAM API"
    return fact_of(call, ask, subject=subject, needs=needs, absent=NotAsked(subject) if being_made else Known(None))


def fetch_org_policy(call: Call, project: str, constraint: str) -> Fact[OrgPolicy | None]:
    """What the organization allows the project to do."""

    def ask() -> OrgPolicy | None:
        return OrgPolicy.from_wire(call.google.org_policies.get_effective_policy(project, constraint))

    needs = "orgpolicy.policy.get (roles/orgpolicy.policyViewer) and the Organization Policy API"
    return fact_of(call, ask, subject=f"the organization policy {constraint} of {project}", needs=needs)


def fetch_model_is_there(call: Call, name: str) -> Fact[bool]:
    """Whether the model exists in the registry."""
    subject = f"the model {name}"
    return _is_there(call, lambda: call.google.vertex_of(name).get_model(name), subject, "aiplatform.models.get")


def fetch_endpoint_is_there(call: Call, name: str) -> Fact[bool]:
    """Whether the endpoint exists."""
    subject = f"the endpoint {name}"
    return _is_there(call, lambda: call.google.vertex_of(name).get_endpoint(name), subject, "aiplatform.endpoints.get")


def fetch_tensorboard_is_there(call: Call, name: str) -> Fact[bool]:
    """Whether the TensorBoard instance exists."""
    vertex, needs = call.google.vertex_of(name), "aiplatform.tensorboards.get"
    return _is_there(call, lambda: vertex.get_tensorboard(name), f"the TensorBoard instance {name}", needs)


def _is_there(call: Call, get: Callable[[], object], subject: str, needs: str) -> Fact[bool]:
    def ask() -> bool:
        get()
        return True

    return fact_of(call, ask, subject=subject, needs=needs, absent=Known(False))


def fact_of(
    call: Call, ask: Callable[[], T], *, subject: str, needs: str, absent: Fact[Any] | None = None
) -> Fact[Any]:
    """The answer of ``ask`` as a fact. A 404 becomes ``absent`` if that is given."""
    try:
        return Known(ask())
    except NotFound as error:
        return absent if absent is not None else Missing(subject=subject, reason=_reason(error), needs=needs)
    except TuningError as error:
        return missing_of(call, error, subject=subject, needs=needs)
    except UNREADABLE as error:
        return Missing(subject=subject, reason=f"the answer cannot be read ({type(error).__name__})", needs=needs)


def missing_of(call: Call, error: TuningError, *, subject: str, needs: str) -> Missing:
    """The fact that the answer is missing. If Google cannot be reached, every fact has the same words, so it is shown once."""
    if isinstance(error, ApiError) and error.http_status == 0:
        outage = call.run.of(Outage)
        with call.run.lock:
            outage.reason = outage.reason or _reason(error)
        needs = "a connection to Google, and credentials"
        return Missing(subject="what only Google knows", reason=outage.reason, needs=needs)
    disabled = _disabled_api(error)
    reason = f"{disabled} is disabled in the project that is asked" if disabled else _reason(error)
    return Missing(subject=subject, reason=reason, needs=needs, disabled=disabled)


def _disabled_api(error: TuningError) -> str | None:
    """The API that is disabled, if Google gives that as the reason."""
    for each in error.details if isinstance(error, ApiError) else ():
        metadata = each.get("metadata")
        if each.get("reason") == "SERVICE_DISABLED" and isinstance(metadata, Mapping):
            return str(metadata.get("service") or "the API")
    return None


def _reason(error: Exception) -> str:
    """The error's first line, without the address, because the subject says what was requested."""
    return _ASKED.sub("", (str(error).splitlines() or [type(error).__name__])[0])


def _pool() -> ThreadPoolExecutor:
    return _POOL.get("pool", lambda: ThreadPoolExecutor(max_workers=_THREADS, thread_name_prefix="facts"))
