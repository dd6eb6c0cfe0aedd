"""The checks of a create outside its own body: organization policies, service account, data, key."""

from __future__ import annotations

import re
from typing import Any

from tuning_sandbox.kernel import Call, GoogleError, failed_precondition, invalid_argument, not_found
from tuning_sandbox.kernel.errors import service_disabled
from tuning_sandbox.places import OUTSIDE_EU
from tuning_sandbox.spelling import BUCKET_NAME, split_uri
from tuning_sandbox.vertex.catalogue import CMEK_ONLY_IN, REGIONS, BaseModel
from tuning_sandbox.vertex.outputs import encryption_works
from tuning_sandbox.vertex.service import HOST, api, not_in_sandbox

_KEY = re.compile(r"projects/(?P<project>[^/]+)/locations/(?P<location>[^/]+)/keyRings/[^/]+/cryptoKeys/[^/]+")
_GS = re.compile(rf"gs://(?P<bucket>{BUCKET_NAME})/(?P<object>.+)")
_STORAGE = "storage.googleapis.com"
_KMS = "cloudkms.googleapis.com"
ACT_AS = "iam.serviceAccounts.actAs"
PUBLIC_BUCKETS = frozenset({"cloud-samples-data"})
SERVICE_ROLE = "roles/cloudkms.cryptoKeyEncrypterDecrypter"
# Cloud Storage's page on bucket locations; the United Kingdom and Switzerland are not in `eu`, Canada is not in `us`
_WIDE = {"us": ("us-",), "eu": ("europe-",), "asia": ("asia-",)}
_DUAL = {
    "nam4": ("us-central1", "us-east1"),
    "eur4": ("europe-north1", "europe-west4"),
    "eur5": ("europe-west1", "europe-west2"),
    "eur7": ("europe-west2", "europe-west3"),
    "eur8": ("europe-west3", "europe-west6"),
    "asia1": ("asia-northeast1", "asia-northeast2"),
}

api.behaviour(
    "a key elsewhere, missing, disabled, scheduled for destruction, of another purpose or not granted to the service "
    "agent is refused",
    source="thread",
    ref="terraform-provider-google#11819",
)
api.behaviour(
    "a key whose own project has KMS disabled or no billing is refused as one that cannot be used", source="assumed"
)
api.behaviour("no key can be used for resources in us, eu or global", source="thread", ref="the CMEK page")
api.behaviour("3.x models take no customer-managed key", source="thread")
api.behaviour(
    "under gcp.restrictNonCmekServices a job or endpoint without a key is refused, with the violation in the details",
    source="thread",
    ref="agents-cli#83",
)
api.behaviour(
    "under gcp.resourceLocations a job or endpoint elsewhere is refused, with the violation in the details",
    source="thread",
    ref="python-aiplatform#4287",
)
api.behaviour(
    "gcp.resourceLocations judges the job's region, not the multi-region where its model appears", source="assumed"
)
api.behaviour(
    "a service account that does not exist and one that the caller may not act as get the same 400",
    source="thread",
    ref="python-aiplatform#1073",
)
api.behaviour("a disabled service account is FAILED_PRECONDITION at create", source="assumed")
api.behaviour(
    "a bucket that is missing or elsewhere is refused at create", source="thread", ref="python-aiplatform#885"
)
api.behaviour("a multi-region bucket that holds the region is accepted", source="assumed")
api.behaviour("a bucket whose project has Cloud Storage disabled is refused at create", source="assumed")


def check_place(call: Call) -> None:
    """400 if the organization does not allow the new resource in the call's location."""
    check_location_policy(call, call.location)


def check_location_policy(call: Call, location: str) -> None:
    """400 if the organization does not allow a new resource in a location."""
    if call.sandbox.services.org_policies.allows_location(call.project.number, location):
        return
    constraint = "constraints/gcp.resourceLocations"
    raise _violation(
        call,
        constraint,
        f"The project {call.project.number} failed the org policy enforcement check for `{constraint}`.",
    )


def check_account(call: Call, body: dict[str, Any]) -> None:
    """Check the service account of a job: it exists, is enabled, and the caller may act as it."""
    email = body.get("serviceAccount")
    if not email:
        return
    account = call.sandbox.services.accounts.find_account(email)
    if account is None or not call.principal.may(ACT_AS):
        raise invalid_argument(f"You do not have permission to act as service_account: {email}. (or it may not exist).")
    if account.get("disabled"):
        raise failed_precondition(f"Service account {email} is disabled.")


def find_bucket_of(call: Call, uri: str) -> dict[str, Any]:
    """The bucket of a `gs://` URI, or 404."""
    bucket = call.sandbox.services.storage.find_bucket(split_uri(uri)[0])
    if bucket is None:
        raise not_found(f"The Google Cloud Storage bucket of `{uri}` does not exist.")
    return bucket


def check_dataset(call: Call, uri: str) -> None:
    """Check the bucket of a data set as a create does."""
    match = _GS.fullmatch(uri)
    if match is None:
        if "/datasets/" in uri:
            raise not_in_sandbox("multimodal datasets of Vertex AI")
        raise invalid_argument(f"Invalid Google Cloud Storage URI: {uri}.")
    wanted = call.sandbox.policy["vertex.dataset_at_create"]
    if wanted == "never" or match["bucket"] in PUBLIC_BUCKETS:
        return
    services = call.sandbox.services
    bucket = find_bucket_of(call, uri)
    owner = call.sandbox.projects.resolve(bucket["projectNumber"])
    if not services.enabled.is_enabled(owner.id, _STORAGE):
        raise service_disabled(_STORAGE, "Cloud Storage JSON API", owner.number)
    if call.location != "global" and not _holds(str(bucket["location"]).lower(), call.location):
        raise invalid_argument(
            f"The Cloud Storage bucket of `{uri}` is in location `{str(bucket['location']).lower()}`. "
            f"It must be in the same regional location as the service location `{call.location}`."
        )
    if wanted == "object" and services.storage.find_object(uri) is None:
        raise not_found(f"The Google Cloud Storage object `{uri}` does not exist.")


def check_encryption(call: Call, body: dict[str, Any], model: BaseModel | None) -> None:
    """Check the key of a job or endpoint: its name, its location, that it exists and works, and the service agent's access."""
    name = (body.get("encryptionSpec") or {}).get("kmsKeyName")
    if not name:
        _check_key_policy(call)
        return
    match = _KEY.fullmatch(name)
    if match is None:
        raise invalid_argument(f"Invalid CryptoKey name: {name}.", "encryption_spec.kms_key_name")
    if call.location == "global" or call.location != match["location"]:
        raise invalid_argument(
            f"CryptoKey {name} must be in the same location as the resource: {call.location}.",
            "encryption_spec.kms_key_name",
        )
    if call.location not in REGIONS:
        raise failed_precondition(f"CMEK is not supported for the {call.location} location.")
    if model is not None and (not model.cmek or call.location not in CMEK_ONLY_IN.get(model.name, {call.location})):
        raise failed_precondition(f"CMEK is not supported for tuning of {model.name} in {call.location}.")
    keys = call.sandbox.services.keys
    key = keys.find_key(name)
    if key is None:
        raise not_found(f"CryptoKey {name} not found.")
    agent = f"service-{call.project.number}@gcp-sa-aiplatform.iam.gserviceaccount.com"
    granted = keys.is_granted(name, f"serviceAccount:{agent}", SERVICE_ROLE)
    purpose = key.get("purpose", "ENCRYPT_DECRYPT")
    served = _is_served(call, match["project"])
    if not granted or not served or not encryption_works(call.sandbox, body) or purpose != "ENCRYPT_DECRYPT":
        raise invalid_argument(
            f"Provided CryptoKey {name} cannot be used in Vertex AI service. Please make sure the key is enabled and "
            f"that the service account {agent} has the role {SERVICE_ROLE}."
        )


def _is_served(call: Call, project: str) -> bool:
    owner, services = call.sandbox.projects.resolve(project).id, call.sandbox.services
    return services.enabled.is_enabled(owner, _KMS) and services.billing.state_of(owner) == "open"


def _check_key_policy(call: Call) -> None:
    if not call.sandbox.services.org_policies.requires_key(call.project.number, HOST):
        return
    constraint, project = "constraints/gcp.restrictNonCmekServices", f"projects/{call.project.id}"
    raise _violation(
        call,
        constraint,
        f"Constraint `{constraint}` violated for `{project}` attempting to create a resource without specifying a KMS "
        "CryptoKey.",
    )


def _violation(call: Call, constraint: str, text: str) -> GoogleError:
    violation = {"type": constraint, "subject": f"orgpolicy:projects/{call.project.id}", "description": text}
    return failed_precondition(
        f"The request has violated one or more Org Policies. {text}",
        [{"@type": "type.googleapis.com/google.rpc.PreconditionFailure", "violations": [violation]}],
    )


def _holds(bucket_location: str, region: str) -> bool:
    if bucket_location in _DUAL:
        return region in _DUAL[bucket_location]
    if bucket_location == "eu" and region in OUTSIDE_EU:
        return False
    return bucket_location == region or region.startswith(_WIDE.get(bucket_location, ("\x00",)))
