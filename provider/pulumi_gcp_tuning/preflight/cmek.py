"""Whether a key can encrypt what a job makes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from pulumi_gcp_tuning import catalog
from pulumi_gcp_tuning.errors import Finding
from pulumi_gcp_tuning.names import KmsKeyName, MalformedName

PATH = "encryption_spec.kms_key_name"


@dataclass(frozen=True, kw_only=True)
class KeyFact:
    """What KMS said of a key: the key, None where there is none, or why it could not be read."""

    key: Mapping[str, Any] | None = None
    unreadable: str | None = None


def check_key_place(key_name: str | None, location: str | None, *, path: str = PATH) -> list[Finding]:
    """The name is a key's, and the key lives in the region of what it encrypts."""
    if key_name is None:
        return []
    try:
        key = KmsKeyName.parse(key_name)
    except MalformedName as error:
        remedy = f"It looks like this: {error.example}"
        return [_cmek(path, f"{key_name!r} is not the name of a KMS key: {error.reason}.", remedy)]
    if location is not None and key.location != location:
        problem = f"The key is in {key.location}, what it has to encrypt is in {location}."
        return [_cmek(path, problem, f"Use a key in {location}: Google takes a key of the same single region only.")]
    return []


def check_model_takes_key(
    key_name: str | None, base_model: str | None, location: str | None, as_of: date
) -> list[Finding]:
    """The base model can be tuned under a customer's key."""
    row = catalog.find_model(base_model) if base_model else None
    if key_name is None or row is None or row.cmek:
        return []
    others = catalog.tunable_models(as_of, region=location, cmek=True)
    instead = f"tune {' or '.join(others)}" if others else f"no model with CMEK can be tuned on {as_of}"
    problem = f"{row.id} cannot be tuned under a customer-managed key: its results live in us or eu."
    if not row.result_locations:
        problem = f"{row.id} cannot be tuned under a customer-managed key."
    return [_cmek("encryption_spec", problem, f"Leave encryption_spec out, or {instead}.")]


def check_key_usable(key_name: str | None, fact: KeyFact | None, *, path: str = PATH) -> list[Finding]:
    """The key exists, encrypts, and its primary version is enabled. No fact, no judgement."""
    if key_name is None or fact is None:
        return []
    if fact.unreadable is not None:
        problem = f"The key was not checked: {fact.unreadable}"
        remedy = "Reading it takes the permission cloudkms.cryptoKeys.get (roles/cloudkms.viewer)."
        return [_cmek(path, problem, remedy, severity="warn")]
    if fact.key is None:
        remedy = "Create it first, or pass the id of the CryptoKey resource so that Pulumi does."
        return [_cmek(path, f"The key {key_name} does not exist.", remedy)]
    findings: list[Finding] = []
    purpose = fact.key.get("purpose")
    if purpose not in (None, "ENCRYPT_DECRYPT"):
        findings.append(_cmek(path, f"The key's purpose is {purpose}.", "Use a key with purpose ENCRYPT_DECRYPT."))
    state = (fact.key.get("primary") or {}).get("state")
    if state is None and purpose in (None, "ENCRYPT_DECRYPT"):
        findings.append(_cmek(path, "The key has no primary version.", "Make a version its primary one."))
    elif state not in (None, "ENABLED"):
        version = str(fact.key["primary"].get("name", "")).rpartition("/")[2] or "1"
        verb = "Restore and enable" if state == "DESTROY_SCHEDULED" else "Enable"
        remedy = f"{verb} version {version} of the key, or use another key."
        findings.append(_cmek(path, f"The key's primary version is {state}.", remedy))
    return findings


def _cmek(path: str, problem: str, remedy: str, severity: str = "error") -> Finding:
    return Finding(
        path=path,
        problem=problem,
        remedy=remedy,
        check="cmek",
        severity="warn" if severity == "warn" else "error",
        evidence="thread",
    )
