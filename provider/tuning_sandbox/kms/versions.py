"""Versions of KMS keys: created, made primary, rotated, disabled, destroyed on the sandbox's clock."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from tuning_sandbox.kernel import Api, Call, GoogleError, Sandbox, failed_precondition, invalid_argument, not_found
from tuning_sandbox.kernel.clock import from_stamp, to_stamp
from tuning_sandbox.kernel.list_filter import Fields, compile_filter, order, plain
from tuning_sandbox.kms.enums import register

Doc = dict[str, Any]
register()
api = Api("cloudkms", title="Cloud Key Management Service (KMS) API", billed=True)
LOCATION = "/{version}/projects/{project}/locations/{location}"
RING = LOCATION + "/keyRings/{ring}"
KEY = RING + "/cryptoKeys/{key}"
VERSION = KEY + "/cryptoKeyVersions/{number}"
IDS = "cloudkms.projects.locations"
PERMISSION = "cloudkms."
_VERSIONS = "kms.versions"
_KEYS = "kms.cryptoKeys"
_TIMES = ("create_time", "generate_time", "destroy_time", "destroy_event_time", "next_rotation_time")
_FIELDS = Fields(
    texts={
        "name": plain("name"),
        "purpose": plain("purpose"),
        "state": plain("state"),
        "protection_level": plain("protectionLevel"),
        "algorithm": plain("algorithm"),
        "primary.state": plain("primary.state"),
        "version_template.protection_level": plain("versionTemplate.protectionLevel"),
        "version_template.algorithm": plain("versionTemplate.algorithm"),
    },
    times=_TIMES,
    ordered=("name", *_TIMES),
    unserved=("import_job", "import_time", "rotation_period", "import_only", "crypto_key_backend"),
)
_ALGORITHMS = {
    "ENCRYPT_DECRYPT": "GOOGLE_SYMMETRIC_ENCRYPTION",
    "ASYMMETRIC_SIGN": "RSA_SIGN_PSS_2048_SHA256",
    "ASYMMETRIC_DECRYPT": "RSA_DECRYPT_OAEP_2048_SHA256",
    "RAW_ENCRYPT_DECRYPT": "AES_256_GCM",
    "MAC": "HMAC_SHA256",
    "KEY_ENCAPSULATION": "ML_KEM_768",
    "AES_WRAPPING": "AES_256_KWP",
}

_STARTS = {
    "ENCRYPT_DECRYPT": ("GOOGLE_SYMMETRIC_ENCRYPTION", "EXTERNAL_SYMMETRIC_ENCRYPTION"),
    "ASYMMETRIC_SIGN": ("RSA_SIGN_", "EC_SIGN_", "PQ_SIGN_"),
    "ASYMMETRIC_DECRYPT": ("RSA_DECRYPT_",),
    "RAW_ENCRYPT_DECRYPT": ("AES_",),
    "MAC": ("HMAC_",),
    "KEY_ENCAPSULATION": ("ML_KEM_", "KEM_"),
    "AES_WRAPPING": ("AES_256_KWP",),
}
"""How the names of the algorithms begin that a purpose has."""


def default_algorithm(purpose: str) -> str:
    """The default algorithm of a key whose template has none."""
    return _ALGORITHMS.get(purpose, "GOOGLE_SYMMETRIC_ENCRYPTION")


def check_algorithm(purpose: str, algorithm: str) -> None:
    """400 if keys of this purpose do not have this algorithm."""
    fits = any(algorithm.startswith(start) for start in _STARTS.get(purpose, (algorithm,)))
    if not fits or (algorithm == "AES_256_KWP") != (purpose == "AES_WRAPPING"):
        raise invalid_argument(
            f"The algorithm {algorithm} is not valid for a CryptoKey with purpose {purpose}.",
            "crypto_key.version_template.algorithm",
        )


def versions_of(sandbox: Sandbox, key: str) -> list[Doc]:
    """All versions of a key, oldest first."""
    return sandbox.store.collection(_VERSIONS).all(key + "/cryptoKeyVersions/")


def require_version(sandbox: Sandbox, name: str, states: tuple[str, ...] = ()) -> Doc:
    """The version; 404 if it does not exist, FAILED_PRECONDITION if it is in another state."""
    version = sandbox.store.collection(_VERSIONS).get(name)
    if version is None:
        raise not_found(f"CryptoKeyVersion {name} not found.")
    if states and version["state"] not in states:
        wanted = " or ".join(state.lower() for state in states)
        raise failed_precondition(f"{name} is not {wanted}, current state is: {version['state']}.")
    return version


def save(sandbox: Sandbox, version: Doc) -> Doc:
    """Store a changed version."""
    sandbox.store.collection(_VERSIONS).put(version["name"], version)
    return version


def add_version(sandbox: Sandbox, key: str) -> Doc:
    """A new enabled version, numbered after the last."""
    template = (sandbox.store.collection(_KEYS).get(key) or {}).get("versionTemplate", {})
    now = sandbox.clock.stamp()
    version = {
        "name": f"{key}/cryptoKeyVersions/{len(versions_of(sandbox, key)) + 1}",
        "state": "ENABLED",
        "createTime": now,
        "generateTime": now,
        "protectionLevel": template.get("protectionLevel", "SOFTWARE"),
        "algorithm": template.get("algorithm", "GOOGLE_SYMMETRIC_ENCRYPTION"),
    }
    return save(sandbox, version)


def set_primary(sandbox: Sandbox, key: str, version: str) -> None:
    """Make a version the primary one."""
    keys = sandbox.store.collection(_KEYS)
    keys.put(key, {**(keys.get(key) or {}), "primary": version})


def schedule_destruction(sandbox: Sandbox, name: str) -> Doc:
    """DESTROY_SCHEDULED now, DESTROYED once the key's wait has passed."""
    version = require_version(sandbox, name, states=("ENABLED", "DISABLED"))
    key = sandbox.store.collection(_KEYS).get(name.partition("/cryptoKeyVersions/")[0]) or {}
    wait = timedelta(seconds=float(key["destroyScheduledDuration"].removesuffix("s")))
    due = sandbox.clock.now() + wait
    scheduled = save(sandbox, {**version, "state": "DESTROY_SCHEDULED", "destroyTime": to_stamp(due)})
    sandbox.clock.at(due, _destroy_if_due, sandbox, name)
    return scheduled


def _destroy_if_due(sandbox: Sandbox, name: str) -> None:
    version = sandbox.store.collection(_VERSIONS).get(name)
    # A restore in the meantime, or a second destroy with a later date, keeps the key material.
    if version is None or version["state"] != "DESTROY_SCHEDULED":
        return
    if from_stamp(version["destroyTime"]) <= sandbox.clock.now():
        version.pop("destroyTime")
        save(sandbox, {**version, "state": "DESTROYED", "destroyEventTime": sandbox.clock.stamp()})


def schedule_rotation(sandbox: Sandbox, key: str) -> None:
    """A new primary version at the key's next rotation time."""
    due = _next_rotation(sandbox, key)
    if due is not None:
        sandbox.clock.at(due, _rotate_if_due, sandbox, key)


def _next_rotation(sandbox: Sandbox, key: str) -> datetime | None:
    stamp = (sandbox.store.collection(_KEYS).get(key) or {}).get("nextRotationTime")
    return from_stamp(stamp) if stamp else None


def _rotate_if_due(sandbox: Sandbox, key: str) -> None:
    due = _next_rotation(sandbox, key)
    if due is None or due > sandbox.clock.now():
        return
    keys = sandbox.store.collection(_KEYS)
    doc = keys.get(key) or {}
    if period := doc.get("rotationPeriod"):
        doc["nextRotationTime"] = to_stamp(due + timedelta(seconds=float(period.removesuffix("s"))))
    else:
        doc.pop("nextRotationTime")
    keys.put(key, doc)
    set_primary(sandbox, key, add_version(sandbox, key)["name"])
    schedule_rotation(sandbox, key)


def resume(sandbox: Sandbox) -> None:
    """Schedule again the work that an earlier process had scheduled."""
    for version in sandbox.store.collection(_VERSIONS).all():
        if version["state"] == "DESTROY_SCHEDULED":
            sandbox.clock.at(from_stamp(version["destroyTime"]), _destroy_if_due, sandbox, version["name"])
    for key in sandbox.store.collection(_KEYS).names():
        schedule_rotation(sandbox, key)


def require_key(sandbox: Sandbox, name: str) -> Doc:
    """The key as it is stored; a 404 if it does not exist."""
    found = sandbox.store.collection(_KEYS).get(name)
    if found is None:
        raise not_found(f"CryptoKey {name} not found.")
    return found


def listed(call: Call, docs: list[Doc], key: str) -> Doc:
    """A page of the items that match the filter, in the requested order."""
    fits = compile_filter(call.query.get("filter", ""), _FIELDS)
    found = order([doc for doc in docs if fits(doc)], call.query.get("orderBy"), _FIELDS)
    return {**call.page(found, key=key), "totalSize": len(found)}


def check_view(call: Call, parameter: str, found: list[Doc]) -> None:
    """501 if FULL is requested for an HSM key, which has attestations; software keys have none."""
    if call.query.get(parameter) == "FULL" and any(doc.get("protectionLevel") == "HSM" for doc in found):
        raise GoogleError(501, "UNIMPLEMENTED", f"The sandbox does not serve {parameter}=FULL of HSM keys.")


@api.route(
    "POST",
    KEY + "/cryptoKeyVersions",
    id=f"{IDS}.keyRings.cryptoKeys.cryptoKeyVersions.create",
    permission=PERMISSION + "cryptoKeyVersions.create",
    source="discovery",
    does="makes a version; the primary one stays what it was",
)
def create_version(call: Call) -> Doc:
    key = require_key(call.sandbox, call.parent_by_id)
    return add_version(call.sandbox, key["name"])


@api.route(
    "GET",
    VERSION,
    id=f"{IDS}.keyRings.cryptoKeys.cryptoKeyVersions.get",
    permission=PERMISSION + "cryptoKeyVersions.get",
    source="discovery",
    does="one version of a key",
)
def get_version(call: Call) -> Doc:
    return require_version(call.sandbox, call.resource_by_id)


@api.route(
    "GET",
    KEY + "/cryptoKeyVersions",
    id=f"{IDS}.keyRings.cryptoKeys.cryptoKeyVersions.list",
    permission=PERMISSION + "cryptoKeyVersions.list",
    source="discovery",
    does="pages through the versions of a key",
)
def list_versions(call: Call) -> Doc:
    key = require_key(call.sandbox, call.parent_by_id)
    found = versions_of(call.sandbox, key["name"])
    check_view(call, "view", found)
    return listed(call, found, "cryptoKeyVersions")


@api.route(
    "PATCH",
    VERSION,
    id=f"{IDS}.keyRings.cryptoKeys.cryptoKeyVersions.patch",
    permission=PERMISSION + "cryptoKeyVersions.update",
    source="discovery",
    does="enables or disables a version",
)
def patch_version(call: Call) -> Doc:
    if call.update_mask != ["state"]:
        raise invalid_argument("Only the field 'state' of a CryptoKeyVersion can be updated.", "update_mask")
    wanted = call.body.get("state", "")
    if wanted not in ("ENABLED", "DISABLED"):
        raise invalid_argument("state must be ENABLED or DISABLED.", "crypto_key_version.state")
    version = require_version(call.sandbox, call.resource_by_id, states=("ENABLED", "DISABLED"))
    return save(call.sandbox, {**version, "state": wanted})


@api.route(
    "POST",
    VERSION + ":destroy",
    id=f"{IDS}.keyRings.cryptoKeys.cryptoKeyVersions.destroy",
    permission=PERMISSION + "cryptoKeyVersions.destroy",
    source="discovery",
    does="schedules destruction; DESTROYED once the key's wait has passed on the clock",
)
def destroy_version(call: Call) -> Doc:
    return schedule_destruction(call.sandbox, call.resource_by_id)


@api.route(
    "POST",
    VERSION + ":restore",
    id=f"{IDS}.keyRings.cryptoKeys.cryptoKeyVersions.restore",
    permission=PERMISSION + "cryptoKeyVersions.restore",
    source="discovery",
    does="restores a version that is scheduled for destruction, as DISABLED",
)
def restore_version(call: Call) -> Doc:
    version = require_version(call.sandbox, call.resource_by_id, states=("DESTROY_SCHEDULED",))
    version.pop("destroyTime", None)
    return save(call.sandbox, {**version, "state": "DISABLED"})
