"""Names, labels and display names as Google accepts them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from pulumi_gcp_tuning.errors import Finding
from pulumi_gcp_tuning.names import GcsUri, MalformedName

MOST_LABELS: Final = 64
MOST_IN_A_DISPLAY_NAME: Final = 128
_SERVICE_ACCOUNT: Final = re.compile(r"[^@\s/]+@[a-z0-9.:-]+\.[a-z]+")
_RESERVED: Final = ("gcp-tuning-id", "gcp-tuning-spec", "gcp-tuning-claimed")


def check_labels(labels: Mapping[str, Any] | None, *, path: str = "labels", ours: int = 2) -> list[Finding]:
    """Keys and values in lower case, digits, ``_`` and ``-``, at most 63 long; ``ours`` more are added by the plugin."""
    findings: list[Finding] = []
    for key, value in (labels or {}).items():
        place = f'{path}["{key}"]'
        if key in _RESERVED:
            findings.append(_labels(place, f"The label {key} is the plugin's own.", "Choose another key."))
        elif not 1 <= len(key) <= 63 or not key[0].isalpha() or not _plain(key):
            rule = "A key has 1 to 63 lower-case letters, digits, _ and -, and starts with a letter."
            findings.append(_labels(place, f"Google does not accept the label key {key!r}.", _suggest(key, rule)))
        if isinstance(value, str) and (len(value) > 63 or not _plain(value)):
            rule = "A value has at most 63 lower-case letters, digits, _ and -."
            findings.append(_labels(place, f"Google does not accept the label value {value!r}.", _suggest(value, rule)))
    if labels and len(labels) + ours > MOST_LABELS:
        problem = f"{len(labels)} labels are too many: Google keeps {MOST_LABELS}, and {ours} are the plugin's."
        findings.append(_labels(path, problem, f"Leave at most {MOST_LABELS - ours}."))
    return findings


def check_display_name(name: str | None, *, path: str) -> list[Finding]:
    """At most 128 characters, and not empty."""
    if name is None or 1 <= len(name) <= MOST_IN_A_DISPLAY_NAME:
        return []
    problem = f"A display name has 1 to {MOST_IN_A_DISPLAY_NAME} characters; this one has {len(name)}."
    return [Finding(path=path, problem=problem, remedy="Shorten it." if name else "Give one, or leave it out.")]


def check_dataset_uri(uri: str | None, *, path: str) -> list[Finding]:
    """The URI of one JSONL object in Cloud Storage."""
    if uri is None:
        return []
    try:
        read = GcsUri.parse_object(uri)
    except MalformedName as error:
        return [_dataset(path, f"{uri!r} cannot be read: {error.reason}.", f"It looks like this: {error.example}")]
    if not read.object.endswith(".jsonl"):
        remedy = "Tuning reads JSON Lines; name the object *.jsonl so that it is seen to be one."
        return [_dataset(path, f"{uri!r} does not end in .jsonl.", remedy, severity="warn")]
    return []


def check_service_account(email: str | None, *, path: str = "service_account") -> list[Finding]:
    """The email of a service account."""
    if email is None or _SERVICE_ACCOUNT.fullmatch(email):
        return []
    remedy = "It looks like this: tuner@my-project.iam.gserviceaccount.com"
    return [Finding(path=path, problem=f"{email!r} is not a service account's email.", remedy=remedy, check="identity")]


def _plain(text: str) -> bool:
    return all(c in "_-" or c.isdigit() or (c.isalpha() and c == c.lower()) for c in text)


def _suggest(text: str, rule: str) -> str:
    better = re.sub(r"[^a-z0-9_-]+", "-", text.lower()).strip("-")[:63]
    return f"{rule} For example {better!r}." if better else rule


def _labels(path: str, problem: str, remedy: str) -> Finding:
    return Finding(path=path, problem=problem, remedy=remedy, check="labels", evidence="discovery")


def _dataset(path: str, problem: str, remedy: str, severity: str = "error") -> Finding:
    return Finding(
        path=path,
        problem=problem,
        remedy=remedy,
        check="dataset",
        severity="warn" if severity == "warn" else "error",
        evidence="discovery",
    )
