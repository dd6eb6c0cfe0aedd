"""Which settings a bucket can have: names, locations, labels, numbers, and what would have no effect here."""

from __future__ import annotations

import re
from typing import Any

from tuning_sandbox.iam.policies import check_form
from tuning_sandbox.kernel import Call
from tuning_sandbox.kernel.parameters import not_served
from tuning_sandbox.spelling import is_label
from tuning_sandbox.storage.api import Doc, api, invalid
from tuning_sandbox.storage.lifecycle import check_rules

MULTI_REGIONS = ("US", "EU", "ASIA")
DUAL = re.compile(r"^(NAM4|EUR[45678]|ASIA1)$")
_DAY, _YEAR = 86_400, 366 * 86_400
_CLASSES = ("STANDARD", "NEARLINE", "COLDLINE", "ARCHIVE", "MULTI_REGIONAL", "REGIONAL", "DURABLE_REDUCED_AVAILABILITY")
_REGION = re.compile(r"[A-Z]+-[A-Z]+[0-9]{1,2}")


@api.behaviour(
    "bucket names with goog in front, with google in them, with an empty part or one of more than 63 characters between "
    "dots, or in the form of an IP address, locations that are no location, and unknown storage classes are refused",
    source="discovery",
    ref="the storage classes; names and locations are as Cloud Storage's pages have them, and the texts are assumed",
)
def check_bucket_values(body: Doc, name: str) -> None:
    """The 400 for a name, location or class that no bucket has."""
    is_address = re.fullmatch(r"(?:[0-9]{1,3}\.){3}[0-9]{1,3}", name)
    if is_address or name.startswith("goog") or "google" in name or not all(0 < len(p) < 64 for p in name.split(".")):
        raise invalid(f"Invalid bucket name: '{name}'")
    location = str(body.get("location", "US")).upper()
    if location not in MULTI_REGIONS and not DUAL.match(location) and not _REGION.fullmatch(location):
        raise invalid("The specified location constraint is not valid.")


@api.behaviour(
    "labels of a bucket have the form of Google's labels, at most 64 of them; the 400's text is synthetic",
    source="assumed",
)
@api.behaviour(
    "an IP filter and Autoclass are 501 where they are switched on; cors, website, logging and rpo are stored and change no answer "
    "of the JSON API (there are no websites, browsers, usage logs or replicas)",
    source="assumed",
)
def check_settings(call: Call, bucket: Doc) -> None:
    """400 for wrong labels; 501 that names a setting that would have no effect on what the sandbox answers."""
    labels = bucket.get("labels") or {}
    wrong = [key for key, value in labels.items() if not is_label(key, value)]
    if wrong or len(labels) > 64:
        raise invalid(f"Invalid label: '{wrong[0]}'" if wrong else "A bucket has at most 64 labels.")
    if not call.sandbox.config.loose:
        if (bucket.get("ipFilter") or {}).get("mode") == "Enabled":
            raise not_served(call, "ipFilter.mode=Enabled")
        if (bucket.get("autoclass") or {}).get("enabled"):
            raise not_served(call, "autoclass.enabled")
    _check_numbers(bucket)
    check_rules(call, bucket)


@api.behaviour(
    "a storage class, a publicAccessPrevention or an rpo that there is not, a retention period that is not above 0 and below 100 "
    "years, and a soft delete that is neither 0 nor 7 to 90 days are refused",
    source="discovery",
    ref="the days of soft delete are those of Cloud Storage's page; the texts are assumed",
)
def _check_numbers(bucket: Doc) -> None:
    access = (bucket.get("iamConfiguration") or {}).get("publicAccessPrevention")
    for value, known, name in (
        (bucket.get("storageClass"), _CLASSES, "storage class"),
        (access, ("inherited", "enforced", "unspecified"), "publicAccessPrevention"),
        (bucket.get("rpo"), ("DEFAULT", "ASYNC_TURBO"), "rpo"),
    ):
        if value is not None and value not in known:
            raise invalid(f"Invalid argument: '{value}' is not a {name}.")
    kept = (bucket.get("retentionPolicy") or {}).get("retentionPeriod")
    if kept is not None and not 0 < int(kept) < 100 * _YEAR:
        raise invalid(f"Invalid retention period: {kept}.")
    soft = (bucket.get("softDeletePolicy") or {}).get("retentionDurationSeconds")
    if soft is not None and int(soft) != 0 and not 7 * _DAY <= int(soft) <= 90 * _DAY:
        raise invalid(f"Invalid soft delete retention duration: {soft}.")


@api.behaviour("roles and members of a bucket's policy have their form", source="assumed")
def check_policy(call: Call, bindings: list[dict[str, Any]]) -> None:
    """400 for a role or a member that there cannot be."""
    if not call.sandbox.config.loose:
        for binding in bindings:
            check_form(str(binding.get("role", "")), binding.get("members", []))
