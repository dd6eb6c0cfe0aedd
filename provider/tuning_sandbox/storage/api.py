"""The Cloud Storage JSON API: its name, its switches, and the common parts of its answers."""

from __future__ import annotations

import base64
import re
from datetime import datetime, timedelta
from typing import Any

from tuning_sandbox.kernel import Api, Call, GoogleError, Sandbox
from tuning_sandbox.storage import samples

api = Api(
    "storage",
    versions=("v1",),
    host="storage.googleapis.com",
    family="gcs",
    title="Cloud Storage JSON API",
    billed=True,
)
api.switch(
    "storage.cmek_agent",
    default="enforce",
    values=("enforce", "ignore"),
    does="whether the storage agent must hold roles/cloudkms.cryptoKeyEncrypterDecrypter on a bucket's or object's key",
)

BUCKETS, OBJECTS, UPLOADS, POLICIES = "storage.buckets", "storage.objects", "storage.uploads", "storage.policies"
ENCRYPTER = "roles/cloudkms.cryptoKeyEncrypterDecrypter"
Doc = dict[str, Any]


def stamp(call_or_sandbox: Call | Sandbox) -> str:
    """The current time as Cloud Storage writes it: milliseconds and Z."""
    sandbox = call_or_sandbox.sandbox if isinstance(call_or_sandbox, Call) else call_or_sandbox
    return sandbox.clock.stamp()[:-4] + "Z"


def etag_of(metageneration: int | str, generation: int | str | None = None) -> str:
    """The etag of a bucket (metageneration) or an object (generation and metageneration)."""
    if generation is None:
        raw = b"\x08" + _varint(int(metageneration))
    else:
        raw = b"\x08" + _varint(int(generation)) + b"\x10" + _varint(int(metageneration))
    return base64.b64encode(raw).decode()


def version_of(etag: str) -> int:
    """The number in an etag of a bucket or policy."""
    number = 0
    for shift, byte in enumerate(base64.b64decode(etag)[1:]):
        number |= (byte & 0x7F) << (7 * shift)
    return number


def _varint(number: int) -> bytes:
    out = bytearray()
    while True:
        low, number = number & 0x7F, number >> 7
        out.append(low | (0x80 if number else 0))
        if not number:
            return bytes(out)


def next_generation(sandbox: Sandbox) -> str:
    """A generation: microseconds of the clock, always above every earlier one."""
    counters = sandbox.store.collection("storage.counters")
    last = (counters.get("generation") or {"value": 0})["value"]
    value = max(int(sandbox.clock.now().timestamp() * 1_000_000), last + 1)
    counters.put("generation", {"value": value})
    return str(value)


@api.behaviour(
    f"gs://{samples.BUCKET} holds data sets of our own under the names of Google's samples: {', '.join(samples.names())}; "
    "everybody may read them, nobody writes there",
    source="assumed",
)
def refuse_writes_of_samples(call: Call) -> None:
    """The 403 for a change of Google's own bucket or object."""
    written = call.params.get("destinationBucket") or call.params.get("bucket")
    if written == samples.BUCKET and call.route.method != "GET":
        raise GoogleError(
            403,
            "PERMISSION_DENIED",
            f"{call.principal.email} does not have {call.route.permission or 'write'} access to the Google Cloud Storage "
            f"bucket. Permission '{call.route.permission}' denied on resource (or it may not exist).",
        )


@api.behaviour(
    "a bucket whose requesters pay: 400 without userProject, unless the caller has resourcemanager.projects.createBillingAssignment",
    source="thread",
    ref="the text is from public threads, the exception from Cloud Storage's page on Requester Pays",
)
def refuse_unpaid(call: Call) -> None:
    """The 400 for a call that nobody pays for."""
    bucket = look_up_bucket(call.sandbox, call.params.get("bucket", ""))
    pays = bucket is not None and (bucket.get("billing") or {}).get("requesterPays")
    if not pays or call.query.get("userProject"):
        return
    if not call.principal.may("resourcemanager.projects.createBillingAssignment"):
        text = "Bucket is a requester pays bucket but no user project provided."
        raise GoogleError(400, "INVALID_ARGUMENT", text, reason="required")


def guard(call: Call) -> None:
    """What every call is held against."""
    refuse_writes_of_samples(call)
    refuse_unpaid(call)


api.guard = guard


def look_up_bucket(sandbox: Sandbox, name: str) -> Doc | None:
    """The bucket, which may be that of the samples; None if there is none."""
    return samples.find_bucket() if name == samples.BUCKET else sandbox.store.collection(BUCKETS).get(name)


def find_bucket(sandbox: Sandbox, name: str) -> Doc:
    """The bucket, or the 404."""
    bucket = look_up_bucket(sandbox, name)
    if bucket is None:
        raise GoogleError(404, "NOT_FOUND", "The specified bucket does not exist.", reason="notFound")
    return bucket


def no_such_object(bucket: str, name: str) -> GoogleError:
    """The 404 of an object; unlike the 404 of a bucket it has a status."""
    return GoogleError(404, "NOT_FOUND", f"No such object: {bucket}/{name}", reason="notFound", with_status=True)


def invalid(message: str, reason: str = "invalid") -> GoogleError:
    """A 400 of Cloud Storage's."""
    return GoogleError(400, "INVALID_ARGUMENT", message, reason=reason)


def condition_not_met(location: str = "If-Match") -> GoogleError:
    """The 412."""
    return GoogleError(
        412,
        "FAILED_PRECONDITION",
        "At least one of the pre-conditions you specified did not hold.",
        reason="conditionNotMet",
        location=("header", location),
    )


class NotModifiedError(GoogleError):
    """The 304 of a NotMatch precondition on a read; it has no body."""

    def __init__(self) -> None:
        super().__init__(304, "FAILED_PRECONDITION", "Not Modified")


@api.behaviour(
    "preconditions ifGenerationMatch, ifMetagenerationMatch: 412; NotMatch on a read: 304", source="discovery"
)
def check_preconditions(call: Call, doc: Doc | None, *, source: str = "") -> None:
    """Check the query's preconditions on a bucket or object (None: it does not exist, generation 0)."""
    if not source:
        _check_etag_headers(call, doc)
    generation = int(doc.get("generation", "0")) if doc else 0
    metageneration = int(doc["metageneration"]) if doc else 0
    for field, actual in (("Generation", generation), ("Metageneration", metageneration)):
        name = f"if{source}{field}" if source else f"if{field}"
        if (wanted := number_in(call, f"{name}Match")) is not None and wanted != actual:
            raise condition_not_met()
        if (unwanted := number_in(call, f"{name}NotMatch")) is not None and unwanted == actual:
            if call.route.method != "GET":
                raise condition_not_met("If-None-Match")
            raise NotModifiedError


@api.behaviour("If-Match with another etag: 412; If-None-Match with the etag: 304 on a read, else 412", source="sdk")
def _check_etag_headers(call: Call, doc: Doc | None) -> None:
    wanted, unwanted = (_etags(call, name) for name in ("if-match", "if-none-match"))
    etag = doc["etag"] if doc else None
    if wanted and (etag is None or not {etag, "*"} & wanted):
        raise condition_not_met()
    if etag is not None and {etag, "*"} & unwanted:
        if call.route.method != "GET":
            raise condition_not_met("If-None-Match")
        raise NotModifiedError


def _etags(call: Call, header: str) -> frozenset[str]:
    return frozenset(each.strip().strip('"') for each in call.headers.get(header, "").split(",") if each.strip())


@api.behaviour(
    "a bucket's retention policy, an object's retention and its holds: 403 for a delete and for another generation until they end",
    source="discovery",
    ref="the text of a retention policy is from treeverse/lakeFS#1339, that of a hold is assumed",
)
def check_removable(sandbox: Sandbox, bucket: Doc, doc: Doc) -> None:
    """The 403 for an object that must be kept."""
    name, now = f"{doc['bucket']}/{doc['name']}", sandbox.clock.now()
    for field, hold in (("temporaryHold", "Temporary"), ("eventBasedHold", "Event-Based")):
        if doc.get(field):
            text = f"Object '{name}' is under active {hold} hold and cannot be deleted, overwritten or archived until hold is removed."
            raise GoogleError(403, "PERMISSION_DENIED", text, reason="objectUnderActiveHold")
    seconds = int((bucket.get("retentionPolicy") or {}).get("retentionPeriod", 0))
    until = [datetime.fromisoformat(doc["timeCreated"]) + timedelta(seconds=seconds)] if seconds else []
    if retained := (doc.get("retention") or {}).get("retainUntilTime"):
        until.append(datetime.fromisoformat(retained))
    if until and max(until) > now:
        text = (
            f"Object '{name}' is subject to bucket's retention policy and cannot be deleted, overwritten or archived until "
            f"{max(until).isoformat()}"
        )
        raise GoogleError(403, "PERMISSION_DENIED", text, reason="forbidden")


@api.behaviour("customer-supplied keys: 501 by the name of the header", source="assumed")
def refuse_supplied_key(call: Call) -> None:
    """The 501 for a header with a key that Google would not keep."""
    for header in call.headers:
        if header.lower().startswith(("x-goog-encryption-", "x-goog-copy-source-encryption-")):
            raise GoogleError(
                501, "UNIMPLEMENTED", f"The sandbox does not serve customer-supplied keys ({header.lower()})."
            )


def number_in(call: Call, name: str) -> int | None:
    """The whole number that a parameter holds; None if it is not given."""
    text = call.query.get(name)
    if text is None:
        return None
    if not re.fullmatch(r"[0-9]{1,19}", text):
        raise invalid(f"Invalid value for {name}: {text}")
    return int(text)


@api.behaviour(
    "a key of a bucket or object exists, encrypts, is enabled, is in the bucket's location, and the storage agent may "
    "use it",
    source="assumed",
    ref="the text of the agent's 403 is from public threads",
)
def check_key(call: Call, key_name: str, bucket_location: str) -> Doc:
    """The key, or Cloud Storage's error."""
    sandbox = call.sandbox
    parts = key_name.split("/")
    if len(parts) < 8 or parts[0::2][:4] != ["projects", "locations", "keyRings", "cryptoKeys"]:
        raise invalid(f"Malformed Cloud KMS crypto key: {key_name}")
    name = "/".join(parts[:8])
    key = sandbox.services.keys.find_key(name)
    denied = GoogleError(
        403,
        "PERMISSION_DENIED",
        "Permission denied on Cloud KMS key. Please ensure that your Cloud Storage service account has been authorized "
        "to use this key.",
        reason="forbidden",
    )
    if parts[3].lower() != bucket_location.lower():
        raise invalid(
            f"Cloud KMS key location '{parts[3]}' does not match the bucket's location '{bucket_location.upper()}': {name}"
        )
    owner_of_key = sandbox.projects.resolve(parts[1]).id
    if key is None or not sandbox.services.enabled.is_enabled(owner_of_key, "cloudkms.googleapis.com"):
        raise denied
    if sandbox.policy["storage.cmek_agent"] == "enforce":
        owner = (
            call.project.number
            if "project" in call.query
            else find_bucket(sandbox, call.params["bucket"])["projectNumber"]
        )
        agent = f"serviceAccount:{agent_of(owner)}"
        if not sandbox.services.keys.is_granted(name, agent, ENCRYPTER):
            raise denied
    if key.get("purpose", "ENCRYPT_DECRYPT") != "ENCRYPT_DECRYPT":
        raise invalid(f"Cloud KMS key {name} has the purpose {key['purpose']}; it must be ENCRYPT_DECRYPT.")
    primary = key.get("primary") or {}
    if primary.get("state") != "ENABLED":
        state = primary.get("state", "missing")
        raise invalid(f"Cloud KMS key version is not enabled: {primary.get('name', name)} is {state}.", "keyDisabled")
    return key


@api.behaviour(
    "an organization policy that a bucket or object violates is 412 conditionNotMet: gcp.resourceLocations for a new "
    "bucket, gcp.restrictNonCmekServices for what is written without a key",
    source="thread",
)
def check_org_policies(call: Call, project_number: str, name: str, *, location: str | None, key: str | None) -> None:
    """Check a new resource against the policies of its project."""
    policies = call.sandbox.services.org_policies
    violated = None
    if location is not None and not policies.allows_location(project_number, location.lower()):
        violated = f"'{location.lower()}' violates constraint 'constraints/gcp.resourceLocations'"
    elif not key and policies.requires_key(project_number, api.host):
        violated = f"'{name}' violates constraint 'constraints/gcp.restrictNonCmekServices'"
    if violated is not None:
        raise GoogleError(412, "FAILED_PRECONDITION", violated, reason="conditionNotMet")


def agent_of(project_number: str) -> str:
    """The storage service agent of a project."""
    return f"service-{project_number}@gs-project-accounts.iam.gserviceaccount.com"
