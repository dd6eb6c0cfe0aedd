"""Names, labels and display names as Google accepts them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import unquote

from pulumi_gcp_tuning.errors import Finding
from pulumi_gcp_tuning.grammar import (
    MOST_IN_A_LABEL,
    is_label_key,
    is_label_value,
    wrong_in_bucket_name,
    wrong_in_object_name,
)
from pulumi_gcp_tuning.label_keys import BASE_MODEL_LABEL, OUR_LABELS
from pulumi_gcp_tuning.names import GcsUri, MalformedName, Project
from pulumi_gcp_tuning.preflight.rule import Rule
from pulumi_gcp_tuning.redaction import holds_credential
from pulumi_gcp_tuning.wording import PropertyPath, Remedy, advise, like

MOST_LABELS: Final = 64
GOOGLES_LABELS: Final = (
    "tune-type",
    BASE_MODEL_LABEL,
    "google-vertex-llm-tuning-job-id",
    "vertex-ai-pipelines-run-billing-id",
)
MOST_IN_A_DISPLAY_NAME: Final = 128
_SERVICE_ACCOUNT: Final = re.compile(r"[^@\s/]+@[a-z0-9.:-]+\.gserviceaccount\.com")
_SERVICE_AGENT: Final = re.compile(r"service-\d+@[a-z0-9-]+\.iam\.gserviceaccount\.com")
_MEMBER: Final = re.compile(r"(user|group|domain|serviceAccount|principal|principalSet|deleted):")
_WEB_ADDRESS: Final = re.compile(r"https?://storage\.(?:googleapis|cloud\.google)\.com/(?P<object>[^/?#]+/[^?#]+)")
_SHOWN: Final = 60  # characters of a name that is too long
_VERTEX_DATASET: Final = re.compile(r"projects/[^/\s]+/locations/[a-z0-9-]+/datasets/[^/\s]+")

PROPERTY: Final = Rule(
    check="schema",
    name="properties",
    refuses="an unknown property (with the nearest match), a missing one, a value of the wrong type or out of its range",
    why="Google's discovery documents give the fields and their types; some properties are ours.",
    evidence="discovery",
)
NAME: Final = Rule(
    check="schema",
    name="names",
    refuses="the name of a job, model, endpoint or bucket that cannot be read (with an example)",
    why="Google's discovery documents give the forms of names.",
    evidence="discovery",
)
DISPLAY_NAME: Final = Rule(
    check="schema",
    name="display name",
    refuses=f"a display name that is empty or longer than {MOST_IN_A_DISPLAY_NAME} characters",
    why="Seed 000 and the discovery document.",
    evidence="seed",
)
DECLARED: Final = Rule(
    check="schema",
    name="project and location",
    refuses="no project or location in the resource or in the configuration, a project that is neither an id nor a number, "
    "a project other than that of the job that is named, a check or catalogue that cannot be read",
    why="The plugin would have to guess; Google's page on projects has the form of an id.",
    evidence="policy",
)
SOURCE: Final = Rule(
    check="schema",
    name="source",
    refuses="a local file that cannot be read",
    why="There would be nothing to upload.",
    evidence="policy",
)
LABEL: Final = Rule(
    check="labels",
    name="grammar",
    refuses="label keys and values with other than lower-case letters, digits, `_` and `-`, or longer than "
    f"{MOST_IN_A_LABEL}",
    why="Google's discovery document.",
    evidence="discovery",
)
LABELS: Final = Rule(
    check="labels",
    name="number",
    refuses=f"more than {MOST_LABELS} labels, the plugin's own included",
    why="Google's discovery document.",
    evidence="discovery",
)
RESERVED: Final = Rule(
    check="labels",
    name="the plugin's own",
    refuses=f"the label keys {', '.join(OUR_LABELS)}",
    why="By them the plugin finds again what it has made.",
    evidence="policy",
)
GOOGLES: Final = Rule(
    check="labels",
    name="Google's own",
    refuses=f"nothing: it warns of the label keys {', '.join(GOOGLES_LABELS)}",
    why="Google sets them, and google-genai finds tuned models by them; the discovery document says that a value of yours "
    "for the billing label of a pipeline is overwritten.",
    evidence="discovery",
    severity="warn",
)
DATASET: Final = Rule(
    check="dataset",
    name="dataset URI",
    refuses="a dataset that is neither named by the gs:// URI of one object nor by the name of a multimodal dataset of "
    "Vertex AI (that one is warned of: it is not read)",
    why="Seed 000 and the discovery document.",
    evidence="discovery",
)
SUFFIX: Final = Rule(
    check="dataset",
    name="dataset suffix",
    refuses="nothing: it warns of a dataset whose name does not end in .jsonl",
    why="Tuning reads JSON Lines; the name is not what decides.",
    evidence="policy",
    severity="warn",
)
ACCOUNT: Final = Rule(
    check="identity",
    name="service account's email",
    refuses="a service_account that is not the email of one, or that is a service agent of Google's",
    why="Google's discovery document.",
    evidence="discovery",
)
OF_LABELS: Final = (LABEL, LABELS, RESERVED, GOOGLES)
RULES: Final = (
    PROPERTY,
    NAME,
    DISPLAY_NAME,
    DECLARED,
    SOURCE,
    LABEL,
    LABELS,
    RESERVED,
    GOOGLES,
    DATASET,
    SUFFIX,
    ACCOUNT,
)


def check_project(project: str | None, *, path: PropertyPath = ("project",)) -> list[Finding]:
    """A project's id or its number."""
    try:
        if project is not None:
            Project.parse(project)
    except MalformedName as error:
        return [DECLARED.finding(path, f"{error.text!r} is not a project: {error.reason}.", like(error.example))]
    return []


def check_labels(labels: Mapping[str, Any] | None, *, path: PropertyPath = ("labels",), ours: int = 3) -> list[Finding]:
    """Keys and values have lower-case letters, digits, ``_`` and ``-``, at most 64 labels; the plugin adds ``ours``."""
    findings: list[Finding] = []
    for key, value in (labels or {}).items():
        place = (*path, key)
        if key in OUR_LABELS:
            problem = f"The label {key} is the plugin's own."
            findings.append(RESERVED.finding(place, problem, advise("set a property", "Choose another key.")))
        elif key in GOOGLES_LABELS:
            problem = f"The label {key} is Google's own."
            findings.append(GOOGLES.finding(place, problem, advise("set a property", "Choose another key.")))
        elif not is_label_key(key):
            rule = f"A key has 1 to {MOST_IN_A_LABEL} lower-case letters, digits, _ and -, and starts with a letter."
            problem = f"Google does not accept the label key {key!r}."
            findings.append(LABEL.finding(place, problem, _suggest(key.lstrip("-_0123456789"), rule)))
        if isinstance(value, str) and not is_label_value(value):
            rule = f"A value has at most {MOST_IN_A_LABEL} lower-case letters, digits, _ and -."
            problem = f"Google does not accept the label value {value!r}."
            findings.append(LABEL.finding(place, problem, _suggest(value, rule)))
    if labels and len(labels) + ours > MOST_LABELS:
        problem = f"{len(labels)} labels are too many: Google keeps {MOST_LABELS}, and {ours} are the plugin's."
        remedy = advise("remove a property", "Leave at most {most}.", most=MOST_LABELS - ours)
        findings.append(LABELS.finding(path, problem, remedy))
    return findings


def check_display_name(name: str | None, *, path: PropertyPath) -> list[Finding]:
    """At most 128 characters, and not empty."""
    if name is None or 1 <= len(name) <= MOST_IN_A_DISPLAY_NAME:
        return []
    problem = f"A display name has 1 to {MOST_IN_A_DISPLAY_NAME} characters; this one has {len(name)}."
    remedy = advise("set a property", "Shorten it." if name else "Give one, or leave it out.")
    return [DISPLAY_NAME.finding(path, problem, remedy)]


def check_dataset_uri(uri: str | None, *, path: PropertyPath) -> list[Finding]:
    """The URI of one JSONL object in Cloud Storage, or the name of a multimodal dataset, whose content is not read."""
    if uri is None:
        return []
    if _VERTEX_DATASET.fullmatch(uri):
        problem = f"{uri} is a dataset of Vertex AI, which is not read: its rows and what they cost are not checked."
        remedy = advise(
            "set a property", "Give the gs:// URI of a JSONL file for that, or look at the dataset yourself."
        )
        return [DATASET.finding(path, problem, remedy, severity="warn")]
    address = _WEB_ADDRESS.match(uri)
    if address is not None:
        way_out = advise("set a property", "Use {uri}.", uri=f"gs://{unquote(address['object'])}")
        return [DATASET.finding(path, f"{uri!r} is a web address, not the URI of an object.", way_out)]
    try:
        read = GcsUri.parse_object(uri)
    except MalformedName as error:
        return [DATASET.finding(path, f"{uri!r} cannot be read: {error.reason}.", like(error.example))]
    if "*" in read.object:
        problem = f"{uri!r} is a pattern; a dataset is one file."
        return [
            DATASET.finding(
                path, problem, advise("change the data", "Join the files, and name the one that has all rows.")
            )
        ]
    if not read.object.endswith(".jsonl"):
        remedy = advise(
            "change the data", "Tuning reads JSON Lines; name the object *.jsonl so that it is seen to be one."
        )
        return [SUFFIX.finding(path, f"{uri!r} does not end in .jsonl.", remedy)]
    return []


def check_gs_uri(rule: Rule, uri: str | None, example: str, *, path: PropertyPath) -> list[Finding]:
    """The finding of that rule for a text that is no ``gs://`` URI. Passes None."""
    try:
        if uri is not None:
            GcsUri.parse(uri)
    except MalformedName as error:
        return [rule.finding(path, f"{uri!r} cannot be read: {error.reason}.", like(example))]
    return []


def check_bucket_name(bucket: str | None, *, path: PropertyPath = ("bucket",)) -> list[Finding]:
    """The name of a bucket, without ``gs://`` and without a folder."""
    wrong = wrong_in_bucket_name(bucket) if bucket is not None else None
    if bucket is None or wrong is None:
        return []
    problem, way_out = f"{bucket!r} is not the name of a bucket: {wrong}.", "It looks like this: my-bucket"
    bare = bucket.removeprefix("gs://").partition("/")[0]
    if bare != bucket and wrong_in_bucket_name(bare) is None:
        problem = f"{bucket!r} is not the name of a bucket."
        way_out = "Use the name alone, {name}, without gs:// and without a folder (set {prefix} for that)."
    return [NAME.finding(path, problem, advise("set a property", way_out, name=repr(bare)))]


def check_prefix(prefix: str | None, usual: str, *, path: PropertyPath = ("prefix",)) -> list[Finding]:
    """The name of a folder for a dataset that is named by its 64 digits."""
    if prefix is None:
        return []
    if prefix.startswith("/") or "//" in prefix or not prefix.strip("/"):
        remedy = advise("set a property", "Use one like {example}.", example=repr(usual))
        return [NAME.finding(path, f"{prefix!r} is not a folder's name.", remedy)]
    wrong = wrong_in_object_name(f"{prefix.strip('/')}/{'0' * 64}.jsonl")
    if wrong is None:
        return []
    shown = prefix if len(prefix) <= _SHOWN else f"{prefix[:_SHOWN]}..."
    remedy = advise("set a property", "Use another one; the object's name is the prefix and 71 characters more.")
    return [NAME.finding(path, f"No object can be below {shown!r}: {wrong}.", remedy)]


def check_service_account(email: str | None, *, path: PropertyPath = ("service_account",)) -> list[Finding]:
    """The email of a service account."""
    if email is None:
        return []
    bare = email.removeprefix("serviceAccount:")
    if bare != email and _SERVICE_ACCOUNT.fullmatch(bare):
        problem = f"{email!r} is a member of a policy, not an email."
        return [
            ACCOUNT.finding(path, problem, advise("set a property", "Leave {prefix} out.", prefix="serviceAccount:"))
        ]
    if not _SERVICE_ACCOUNT.fullmatch(email) or _MEMBER.match(email):
        remedy = like("tuner@my-project.iam.gserviceaccount.com")
        bare = email.rpartition("/serviceAccounts/")[2]
        if bare != email and _SERVICE_ACCOUNT.fullmatch(bare):
            remedy = advise("set a property", "Use the email alone, {email}.", email=bare)
        return [ACCOUNT.finding(path, f"{email!r} is not a service account's email.", remedy)]
    if _SERVICE_AGENT.fullmatch(email):
        problem = f"{email} is a service agent of Google's, not a service account of yours."
        remedy = advise("set a property", "Use a service account of your own, or leave {service_account} out.")
        return [ACCOUNT.finding(path, problem, remedy)]
    return []


def _suggest(text: str, rule: str) -> Remedy:
    better = re.sub(r"[^a-z0-9_-]+", "-", text.lower()).strip("-")[:MOST_IN_A_LABEL]
    example = f" For example {better!r}." if better and not holds_credential(text) else ""
    return advise("set a property", "{rule}{example}", rule=rule, example=example)
