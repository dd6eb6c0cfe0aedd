"""Cloud KMS v1: key rings, keys, versions, IAM. Rings are never deleted; versions are destroyed after a wait."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from tuning_sandbox.iam.policies import is_granted, serve_policy
from tuning_sandbox.kernel import Call, GoogleError, Sandbox, already_exists, invalid_argument, not_found
from tuning_sandbox.kernel.clock import from_stamp
from tuning_sandbox.kms import versions
from tuning_sandbox.kms.cipher import decrypt, encrypt
from tuning_sandbox.kms.versions import IDS, KEY, LOCATION, PERMISSION, RING, api, require_key
from tuning_sandbox.spelling import is_label

Doc = dict[str, Any]

_ID_GRAMMAR = re.compile(r"[a-zA-Z0-9_-]{1,63}")
_REGION = re.compile(r"[a-z]+-[a-z]+[0-9]{1,2}|global|us|eu|europe|asia|in|ca|nam[0-9]+|eur[0-9]+|asia[0-9]+")
_DAY_SECONDS = 86_400
_LONGEST_SECONDS = 876_000 * 3600
_LONGEST_WAIT_SECONDS = 120 * _DAY_SECONDS
_DEFAULT_DESTROY_WAIT = "2592000s"

api.behaviour("the texts of refusals, apart from `… not found.` and SERVICE_DISABLED", source="assumed")
api.behaviour("a key's algorithm is one of its purpose, as its name says", source="assumed")
api.behaviour(
    "rotation is 24 to 876,000 hours, of keys to encrypt and decrypt only, with a next time", source="discovery"
)
api.behaviour(
    "a next rotation that has passed is refused; one that is only behind the sandbox's clock, and not behind the real "
    "one, is due at once",
    source="assumed",
)
api.behaviour("a software key's version is enabled at once, without PENDING_GENERATION", source="assumed")
api.behaviour("a destroyed or disabled primary version stays the primary one and encrypts nothing", source="assumed")
api.behaviour(
    "a version waits 24 hours to 120 days for its destruction, in an import-only key from 0", source="assumed"
)
api.behaviour("key rings have no delete; a ring that exists stays", source="discovery")
api.behaviour("KMS answers with the project id that it was given, not the number", source="assumed")
api.behaviour("a key's grants count from the key, its ring and its project", source="assumed")


@api.route("GET", LOCATION, id=f"{IDS}.get", source="discovery", does="one location of KMS")
def get_location(call: Call) -> Doc:
    _check_location(call)
    return _location(call, call.location)


@api.route("GET", LOCATION.rpartition("/")[0], id=f"{IDS}.list", source="discovery", does="the locations of KMS")
def list_locations(call: Call) -> Doc:
    names = ["global", "us", "europe", "asia1", "us-central1", "us-east1", "us-east4", "us-west1", "us-west4"]
    names += ["europe-west1", "europe-west2", "europe-west3", "europe-west4", "asia-northeast1", "asia-northeast3"]
    return call.page([_location(call, name) for name in names], key="locations")


def _location(call: Call, name: str) -> Doc:
    return {
        "name": f"projects/{call.project.id}/locations/{name}",
        "locationId": name,
        "metadata": {
            "@type": "type.googleapis.com/google.cloud.kms.v1.LocationMetadata",
            "ekmAvailable": "-" in name,
            "hsmAvailable": True,
        },
    }


def _check_location(call: Call) -> None:
    if not _REGION.fullmatch(call.location):
        raise not_found(
            f"The request concerns location '{call.location}' but was sent to location 'global'. Either Cloud KMS is "
            f"not available in '{call.location}' or the request was misrouted."
        )


# Key rings


@api.route(
    "POST",
    LOCATION + "/keyRings",
    id=f"{IDS}.keyRings.create",
    permission=PERMISSION + "keyRings.create",
    source="discovery",
    does="creates a key ring; 409 if it exists",
)
def create_key_ring(call: Call) -> Doc:
    _check_location(call)
    name = f"projects/{call.project.id}/locations/{call.location}/keyRings/{_checked_id(call, 'keyRingId')}"
    rings = call.sandbox.store.collection("kms.keyRings")
    if name in rings:
        raise already_exists(f"KeyRing {name} already exists.")
    rings.put(name, {"name": name, "createTime": call.now})
    return {"name": name, "createTime": call.now}


@api.route(
    "GET",
    RING,
    id=f"{IDS}.keyRings.get",
    permission=PERMISSION + "keyRings.get",
    source="discovery",
    does="one key ring; 404 `KeyRing … not found.`",
)
def get_key_ring(call: Call) -> Doc:
    return _require_ring(call.sandbox, call.resource_by_id)


@api.route(
    "GET",
    LOCATION + "/keyRings",
    id=f"{IDS}.keyRings.list",
    permission=PERMISSION + "keyRings.list",
    source="discovery",
    does="pages through the key rings of a location",
)
def list_key_rings(call: Call) -> Doc:
    rings = call.sandbox.store.collection("kms.keyRings").all(call.parent_by_id + "/keyRings/")
    return versions.listed(call, rings, "keyRings")


# Keys


@api.route(
    "POST",
    RING + "/cryptoKeys",
    id=f"{IDS}.keyRings.cryptoKeys.create",
    permission=PERMISSION + "cryptoKeys.create",
    source="discovery",
    does="creates a key with an enabled first version; 409 if it exists",
)
def create_crypto_key(call: Call) -> Doc:
    sandbox, body = call.sandbox, dict(call.body)
    ring = _require_ring(sandbox, call.parent_by_id)
    name = f"{ring['name']}/cryptoKeys/{_checked_id(call, 'cryptoKeyId')}"
    keys = sandbox.store.collection("kms.cryptoKeys")
    if name in keys:
        raise already_exists(f"CryptoKey {name} already exists.")
    purpose = body.get("purpose", "")
    if purpose in ("", "CRYPTOKEY_PURPOSE_UNSPECIFIED"):
        raise invalid_argument("CryptoKey.purpose must be specified.", "crypto_key.purpose")
    _check_labels(body)
    _check_rotation(body, purpose)
    _check_next_rotation(call, body)
    skip = call.flag("skipInitialVersionCreation")
    if body.get("importOnly") and not skip:
        raise invalid_argument("An import only CryptoKey must be created with skip_initial_version_creation.")
    template = {"protectionLevel": "SOFTWARE", "algorithm": versions.default_algorithm(purpose)}
    template |= body.get("versionTemplate", {})
    _check_served(body, template["protectionLevel"])
    versions.check_algorithm(purpose, template["algorithm"])
    key = {
        **body,
        "name": name,
        "createTime": call.now,
        "versionTemplate": template,
        "destroyScheduledDuration": body.get("destroyScheduledDuration", _DEFAULT_DESTROY_WAIT),
    }
    keys.put(name, key)
    if not skip:
        first = versions.add_version(sandbox, name)
        if purpose == "ENCRYPT_DECRYPT":
            versions.set_primary(sandbox, name, first["name"])
    versions.schedule_rotation(sandbox, name)
    return crypto_key_to_wire(sandbox, name)


@api.route(
    "GET",
    KEY,
    id=f"{IDS}.keyRings.cryptoKeys.get",
    permission=PERMISSION + "cryptoKeys.get",
    source="discovery",
    does="one key with its primary version; 404 `CryptoKey … not found.`",
)
def get_crypto_key(call: Call) -> Doc:
    return crypto_key_to_wire(call.sandbox, call.resource_by_id)


@api.route(
    "GET",
    RING + "/cryptoKeys",
    id=f"{IDS}.keyRings.cryptoKeys.list",
    permission=PERMISSION + "cryptoKeys.list",
    source="discovery",
    does="pages through the keys of a ring",
)
def list_crypto_keys(call: Call) -> Doc:
    ring = _require_ring(call.sandbox, call.parent_by_id)
    names = call.sandbox.store.collection("kms.cryptoKeys").names(ring["name"] + "/cryptoKeys/")
    found = [crypto_key_to_wire(call.sandbox, name) for name in names]
    versions.check_view(call, "versionView", [key.get("primary", {}) for key in found])
    return versions.listed(call, found, "cryptoKeys")


@api.route(
    "PATCH",
    KEY,
    id=f"{IDS}.keyRings.cryptoKeys.patch",
    permission=PERMISSION + "cryptoKeys.update",
    source="discovery",
    does="changes labels, rotation and the version template",
)
def patch_crypto_key(call: Call) -> Doc:
    name, sandbox = call.resource_by_id, call.sandbox
    key = require_key(sandbox, name)
    mask = call.update_mask
    if not mask:
        raise invalid_argument("The field mask must not be empty.", "update_mask")
    for path in mask:
        field, _, rest = path.partition(".")
        if field not in ("labels", "rotationPeriod", "nextRotationTime", "versionTemplate"):
            raise invalid_argument(f"The field '{path}' is immutable or not known.", "update_mask")
        if rest:
            key[field] = {**key.get(field, {}), rest: call.body.get(field, {}).get(rest)}
        elif field in call.body:
            key[field] = call.body[field]
        else:
            key.pop(field, None)
    _check_labels(key)
    _check_rotation(key, key["purpose"])
    if "nextRotationTime" in mask:
        _check_next_rotation(call, key)
    versions.check_algorithm(key["purpose"], key.get("versionTemplate", {}).get("algorithm") or "")
    sandbox.store.collection("kms.cryptoKeys").put(name, key)
    versions.schedule_rotation(sandbox, name)
    return crypto_key_to_wire(sandbox, name)


@api.route(
    "POST",
    KEY + ":updatePrimaryVersion",
    id=f"{IDS}.keyRings.cryptoKeys.updatePrimaryVersion",
    permission=PERMISSION + "cryptoKeys.update",
    source="discovery",
    does="makes an enabled version the primary one",
)
def update_primary_version(call: Call) -> Doc:
    key = require_key(call.sandbox, call.resource_by_id)
    version = f"{key['name']}/cryptoKeyVersions/{call.require('cryptoKeyVersionId')}"
    versions.require_version(call.sandbox, version, states=("ENABLED",))
    versions.set_primary(call.sandbox, key["name"], version)
    return crypto_key_to_wire(call.sandbox, key["name"])


@api.route(
    "POST",
    KEY + ":encrypt",
    id=f"{IDS}.keyRings.cryptoKeys.encrypt",
    permission=PERMISSION + "cryptoKeyVersions.useToEncrypt",
    source="discovery",
    does="encrypts under the primary version (a toy cipher); a disabled one is refused",
)
def encrypt_with_key(call: Call) -> Doc:
    key = require_key(call.sandbox, call.resource_by_id)
    version = versions.require_version(call.sandbox, key.get("primary", ""), states=("ENABLED",))
    return encrypt(call, version)


@api.route(
    "POST",
    KEY + ":decrypt",
    id=f"{IDS}.keyRings.cryptoKeys.decrypt",
    permission=PERMISSION + "cryptoKeyVersions.useToDecrypt",
    source="discovery",
    does="decrypts what a still enabled version of this key encrypted",
)
def decrypt_with_key(call: Call) -> Doc:
    return decrypt(call, require_key(call.sandbox, call.resource_by_id))


# IAM

serve_policy(
    api,
    RING,
    ids=f"{IDS}.keyRings",
    permissions=f"{PERMISSION}keyRings.",
    of="key ring",
    holder=lambda call: str(_require_ring(call.sandbox, call.resource_by_id)["name"]),
    verb="GET",
)
serve_policy(
    api,
    KEY,
    ids=f"{IDS}.keyRings.cryptoKeys",
    permissions=f"{PERMISSION}cryptoKeys.",
    of="key",
    holder=lambda call: str(require_key(call.sandbox, call.resource_by_id)["name"]),
    verb="GET",
)


# Functions for the rest of the sandbox


@api.on_start
def resume(sandbox: Sandbox) -> None:
    """Continue scheduled destruction and rotation."""
    versions.resume(sandbox)


class CryptoKeys:
    """The keys of a sandbox, as the other modules use them (`kernel.protocols.Keys`)."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def find_key(self, name: str) -> Doc | None:
        """The key with its primary version, as the API returns it; None if it does not exist."""
        sandbox, known = self._sandbox, _by_id(self._sandbox, name)
        return crypto_key_to_wire(sandbox, known) if known in sandbox.store.collection("kms.cryptoKeys") else None

    def is_granted(self, name: str, member: str, role: str) -> bool:
        """Whether the member has the role on the key, its ring or its project."""
        return is_granted(self._sandbox, _by_id(self._sandbox, name), member, role)


def crypto_key_to_wire(sandbox: Sandbox, name: str) -> Doc:
    """The key as the API returns it."""
    key = require_key(sandbox, name)
    primary = key.pop("primary", None)
    if primary:
        key["primary"] = versions.require_version(sandbox, primary)
    return key


def _by_id(sandbox: Sandbox, name: str) -> str:
    parts = name.split("/")
    if len(parts) > 1 and parts[1].isdigit():
        parts[1] = sandbox.projects.resolve(parts[1]).id
    return "/".join(parts)


def _require_ring(sandbox: Sandbox, name: str) -> Doc:
    found = sandbox.store.collection("kms.keyRings").get(name)
    if found is None:
        raise not_found(f"KeyRing {name} not found.")
    return found


def _checked_id(call: Call, parameter: str) -> str:
    value = str(call.query.get(parameter, ""))
    if not _ID_GRAMMAR.fullmatch(value):
        raise invalid_argument(
            f"The request contains an invalid {parameter} '{value}': it must match [a-zA-Z0-9_-]{{1,63}}.", parameter
        )
    return value


def _check_served(body: Doc, level: str) -> None:
    """Keys of software and of hardware: others, and what only they have, are refused by name."""
    if level not in ("SOFTWARE", "HSM"):
        raise GoogleError(501, "UNIMPLEMENTED", f"The sandbox does not serve keys of protection level {level}.")
    if body.get("cryptoKeyBackend"):
        told = "crypto_key_backend is only for keys of protection level EXTERNAL_VPC or HSM_SINGLE_TENANT."
        raise invalid_argument(told, "crypto_key.crypto_key_backend")
    if body.get("keyAccessJustificationsPolicy"):
        raise GoogleError(501, "UNIMPLEMENTED", "The sandbox does not serve keyAccessJustificationsPolicy of keys.")
    wait = float(str(body.get("destroyScheduledDuration", _DEFAULT_DESTROY_WAIT)).removesuffix("s"))
    if not (0 if body.get("importOnly") else _DAY_SECONDS) <= wait <= _LONGEST_WAIT_SECONDS:
        told = "destroy_scheduled_duration must be at least 24 hours and at most 120 days."
        raise invalid_argument(told, "crypto_key.destroy_scheduled_duration")


def _check_labels(key: Doc) -> None:
    for name, value in key.get("labels", {}).items():
        if not is_label(name, value):
            raise invalid_argument(f"The label '{name}={value}' is not valid.", "crypto_key.labels")
    if len(key.get("labels", {})) > 64:
        raise invalid_argument("A CryptoKey can have at most 64 labels.", "crypto_key.labels")


def _check_rotation(key: Doc, purpose: str) -> None:
    period = key.get("rotationPeriod")
    if not period and not key.get("nextRotationTime"):
        return
    if purpose != "ENCRYPT_DECRYPT":
        field = "rotation_period" if period else "next_rotation_time"
        raise invalid_argument(f"{field} can only be set on a key with purpose ENCRYPT_DECRYPT.", f"crypto_key.{field}")
    if not period:
        return
    if not _DAY_SECONDS <= float(period.removesuffix("s")) <= _LONGEST_SECONDS:
        text = "rotation_period must be at least 24 hours and at most 876,000 hours."
        raise invalid_argument(text, "crypto_key.rotation_period")
    if not key.get("nextRotationTime"):
        raise invalid_argument("next_rotation_time must be set where rotation_period is set.")


def _check_next_rotation(call: Call, key: Doc) -> None:
    """400 for a time that has passed. A client reckons it from its own clock, and the sandbox may be ahead of it."""
    stamp = key.get("nextRotationTime")
    if stamp and from_stamp(stamp) <= min(from_stamp(call.now), datetime.now(UTC)):
        raise invalid_argument("next_rotation_time must be in the future.", "crypto_key.next_rotation_time")
