"""Names as Google and Pulumi write them, parsed once.

Each type has ``parse(text)``, which raises :class:`MalformedName` with a reason a person can act on, and ``str()``,
which gives back the text that was parsed (with ``%40`` read as ``@``).
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import ClassVar, Final, Literal, Self

from pulumi_gcp_tuning.errors import Refused
from pulumi_gcp_tuning.grammar import wrong_in_bucket_name, wrong_in_object_name
from pulumi_gcp_tuning.redaction import REDACTED, holds_credential

ADAPTER_SIZES: Final = {
    1: "ADAPTER_SIZE_ONE",
    2: "ADAPTER_SIZE_TWO",
    4: "ADAPTER_SIZE_FOUR",
    8: "ADAPTER_SIZE_EIGHT",
    16: "ADAPTER_SIZE_SIXTEEN",
    32: "ADAPTER_SIZE_THIRTY_TWO",
}
"""Google's names of the adapter sizes (its enum AdapterSize, whose integers are not in order of size)."""


class MalformedName(Refused, ValueError):
    """A name that cannot be parsed. ``text`` is the name, ``reason`` says what is wrong, ``example`` is a valid one.

    None of them holds any part of a text that looks like a credential.
    """

    def __init__(self, what: str, text: str, reason: str, example: str) -> None:
        if holds_credential(text):
            text, reason = REDACTED, "it looks like a private key or a token, so it is not shown"
        super().__init__(f"{text!r} is not {what}: {reason}. It looks like this: {example}")
        self.text = text
        self.reason = reason
        self.example = example


_PROJECT_ID = re.compile(r"(?:[a-z0-9.-]+:)?[a-z][a-z0-9-]{1,28}[a-z0-9]")
_PROJECT_NUMBER = re.compile(r"[1-9][0-9]{3,19}")
_REGION = re.compile(r"[a-z]+(?:-[a-z]+)*-[a-z]+[0-9]{1,2}")
_ZONE = re.compile(r"([a-z]+(?:-[a-z]+)*-[a-z]+[0-9]{1,2})-[a-z]")
_CONTINENTS: Final = {"us": "us-", "eu": "europe-", "asia": "asia-"}
_OUTSIDE_EU: Final = frozenset({"europe-west2", "europe-west6"})
_DUAL_REGIONS: Final = {
    "asia1": ("asia-northeast1", "asia-northeast2"),
    "eur4": ("europe-north1", "europe-west4"),
    "eur5": ("europe-west1", "europe-west2"),
    "eur7": ("europe-west2", "europe-west3"),
    "eur8": ("europe-west3", "europe-west6"),
    "nam4": ("us-central1", "us-east1"),
}
_OTHER_MULTI_REGIONS: Final = (
    "europe eur3 eur6 in nam3 nam6 nam7 nam8 nam9 nam10 nam11 nam12 nam13 nam-asia1 nam-eur-asia1"
)
_MULTI_REGIONS: Final = frozenset({*_CONTINENTS, *_DUAL_REGIONS, *_OTHER_MULTI_REGIONS.split()})
_RESOURCE_ID = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
_MODEL_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,127}")
_KMS_ID = re.compile(r"[A-Za-z0-9_-]{1,63}")
_NATIVE: Final = re.compile(r"^gcptuning:index:(\w+)$")


def _decoded(text: str) -> str:
    return text.replace("%40", "@")


def _segments(what: str, text: str, pattern: tuple[str, ...], example: str) -> tuple[str, ...]:
    """The values A, B of ``a/A/b/B`` with the fixed words a, b. Raises MalformedName for the first difference."""
    parts = _decoded(text).split("/")
    if text.startswith("gs://"):
        raise MalformedName(what, text, "it is in Cloud Storage", example)
    if text.startswith("//") or "://" in text:
        raise MalformedName(what, text, "it is a full URL; give only the part that starts with 'projects/'", example)
    values: list[str] = []
    for index, word in enumerate(pattern):
        if len(parts) <= 2 * index:
            raise MalformedName(what, text, f"it ends before '{word}/...'", example)
        if parts[2 * index] != word:
            raise MalformedName(what, text, f"'{parts[2 * index]}' is in the place of '{word}'", example)
        if len(parts) <= 2 * index + 1 or not parts[2 * index + 1]:
            raise MalformedName(what, text, f"nothing follows '{word}/'", example)
        values.append(parts[2 * index + 1])
    if len(parts) > 2 * len(pattern):
        rest = "/".join(parts[2 * len(pattern) :])
        raise MalformedName(what, text, f"'/{rest}' is one part too many", example)
    return tuple(values)


@dataclass(frozen=True)
class Project:
    """A project by id or by number."""

    text: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """A project id or number."""
        if not (_PROJECT_ID.fullmatch(text) or _PROJECT_NUMBER.fullmatch(text)):
            reason = (
                "a project id has 6 to 30 lower-case letters, digits and hyphens, starts with a letter and does not end "
                "with a hyphen"
            )
            raise MalformedName("a project", text, reason, "my-project-123 (or its number)")
        return cls(text)

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Location:
    """A single region (``us-central1``), a multi-region (``us``, ``eu`` ...) or ``global``."""

    text: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """A location in any of its three kinds."""
        if text == "global" or text in _MULTI_REGIONS or _REGION.fullmatch(text):
            return cls(text)
        zone = _ZONE.fullmatch(text)
        if zone:
            reason = f"it is a zone; its region is {zone.group(1)}"
        elif text != text.lower():
            reason = f"locations are written in lower case: {text.lower()}"
        else:
            reason = "a region is words joined by hyphens and ends in a number"
        raise MalformedName("a location", text, reason, "us-central1, or us, eu, global")

    @property
    def kind(self) -> Literal["region", "multi-region", "global"]:
        """Which of the three kinds it is."""
        if self.text == "global":
            return "global"
        return "multi-region" if self.text in _MULTI_REGIONS else "region"

    def contains(self, region: str) -> bool | None:
        """Whether a region is this location or lies in it; None if the regions of this location are not known."""
        if self.text == region:
            return True
        if self.text in _DUAL_REGIONS:
            return region in _DUAL_REGIONS[self.text]
        if self.text in _CONTINENTS:
            return region.startswith(_CONTINENTS[self.text]) and not (self.text == "eu" and region in _OUTSIDE_EU)
        return False if _REGION.fullmatch(self.text) else None

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class GcsUri:
    """``gs://bucket/object``; ``object`` is ``""`` if there is only a bucket."""

    bucket: str
    object: str = ""

    @classmethod
    def parse(cls, text: str) -> Self:
        """A bucket, or an object in one."""
        what, example = "a Cloud Storage URI", "gs://my-bucket/folder/train.jsonl"
        if not text.startswith("gs://"):
            raise MalformedName(what, text, "it does not start with gs://", example)
        bucket, _, name = text.removeprefix("gs://").partition("/")
        wrong = wrong_in_bucket_name(bucket)
        if wrong:
            raise MalformedName(what, text, f"{bucket!r} is not a bucket name: {wrong}", example)
        wrong = wrong_in_object_name(name)
        if wrong:
            raise MalformedName(what, text, wrong, example)
        return cls(bucket, name)

    @classmethod
    def parse_object(cls, text: str) -> Self:
        """Like :meth:`parse`, but the URI must name an object."""
        uri = cls.parse(text)
        if not uri.object or uri.object.endswith("/"):
            reason = "it names a bucket or folder, not one object"
            raise MalformedName("the URI of one object", text, reason, "gs://my-bucket/folder/train.jsonl")
        return uri

    def __str__(self) -> str:
        return f"gs://{self.bucket}/{self.object}" if self.object else f"gs://{self.bucket}"


@dataclass(frozen=True)
class KmsKeyName:
    """``projects/P/locations/L/keyRings/R/cryptoKeys/K`` (a key, never one of its versions)."""

    project: str
    location: str
    key_ring: str
    key: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """A full key name without a version."""
        what = "the name of a KMS key"
        example = "projects/my-project/locations/us-central1/keyRings/my-ring/cryptoKeys/my-key"
        if "/cryptoKeyVersions/" in text:
            reason = "it names a version of a key; leave '/cryptoKeyVersions/...' off"
            raise MalformedName(what, text, reason, example)
        words = ("projects", "locations", "keyRings", "cryptoKeys")
        project, location, key_ring, key = _segments(what, text, words, example)
        Project.parse(project)
        Location.parse(location)
        for word, value in (("key ring", key_ring), ("key", key)):
            if not _KMS_ID.fullmatch(value):
                reason = f"the {word} {value!r} has other characters than letters, digits, '_' and '-', or over 63"
                raise MalformedName(what, text, reason, example)
        return cls(project, location, key_ring, key)

    def __str__(self) -> str:
        ring = f"projects/{self.project}/locations/{self.location}/keyRings/{self.key_ring}"
        return f"{ring}/cryptoKeys/{self.key}"


def _parse_vertex(what: str, text: str, collection: str) -> tuple[str, str, str]:
    example = f"projects/my-project/locations/us-central1/{collection}/1234567890"
    project, location, last = _segments(what, text, ("projects", "locations", collection), example)
    Project.parse(project)
    Location.parse(location)
    plain, _, version = last.partition("@")
    if not _RESOURCE_ID.fullmatch(plain):
        raise MalformedName(what, text, f"{plain!r} is not an id", example)
    if collection != "models" and "@" in last:
        raise MalformedName(what, text, "only a model has a version", example)
    if "@" in last and not _MODEL_VERSION.fullmatch(version):
        raise MalformedName(what, text, f"{version!r} is neither a version nor an alias", f"{example}@1")
    return project, location, last


@dataclass(frozen=True)
class _Placed:
    """A resource of Vertex AI in one project and location."""

    project: str
    location: str

    @property
    def parent(self) -> str:
        """``projects/P/locations/L``."""
        return f"projects/{self.project}/locations/{self.location}"


@dataclass(frozen=True)
class _WithId(_Placed):
    """``projects/P/locations/L/COLLECTION/ID``."""

    id: str
    collection: ClassVar[str]
    what: ClassVar[str]

    @classmethod
    def parse(cls, text: str) -> Self:
        """A full name."""
        return cls(*_parse_vertex(cls.what, text, cls.collection))

    def __str__(self) -> str:
        return f"{self.parent}/{self.collection}/{self.id}"


class TuningJobName(_WithId):
    """``projects/P/locations/L/tuningJobs/ID``."""

    collection, what = "tuningJobs", "the name of a tuning job"


class PipelineJobName(_WithId):
    """``projects/P/locations/L/pipelineJobs/ID``."""

    collection, what = "pipelineJobs", "the name of a tuning pipeline"


class EndpointName(_WithId):
    """``projects/P/locations/L/endpoints/E``."""

    collection, what = "endpoints", "the name of an endpoint"


@dataclass(frozen=True)
class ModelName(_Placed):
    """``projects/P/locations/L/models/M``, with ``@VERSION`` or ``@alias`` if ``version`` is set."""

    model: str
    version: str | None = None

    @classmethod
    def parse(cls, text: str) -> Self:
        """A full name, with or without a version."""
        project, location, last = _parse_vertex("the name of a model", text, "models")
        model, at, version = last.partition("@")
        return cls(project, location, model, version if at else None)

    @property
    def unversioned(self) -> ModelName:
        """The model as a whole."""
        return ModelName(self.project, self.location, self.model)

    def at(self, version: str) -> ModelName:
        """One of its versions, by number or alias."""
        return ModelName(self.project, self.location, self.model, version)

    def __str__(self) -> str:
        suffix = "" if self.version is None else f"@{self.version}"
        return f"{self.parent}/models/{self.model}{suffix}"


_OURS: Final = re.compile(r"(?:.*\$)?(?:pulumi-python:dynamic/gcptuning|gcptuning:index):(?!FineTunedModel$)\w+")


@dataclass(frozen=True)
class Urn:
    """``urn:pulumi:STACK::PROJECT::TYPE$TYPE::NAME``; ``type_chain`` is every type from the outermost parent on.

    Each interface to Pulumi has its own type tokens, so only this file reads ``type_chain``: :func:`identity_of` hashes
    :func:`frozen_type` of it, and messages use ``kind``.
    """

    stack: str
    project: str
    type_chain: str
    name: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """A full URN; its name may hold colons."""
        parts = text.split("::", 3)
        if not text.startswith("urn:pulumi:") or len(parts) != 4 or not all(parts):
            reason = "it does not have the four parts stack, project, type and name"
            raise MalformedName("a URN", text, reason, "urn:pulumi:dev::my-project::my:index:Type::name")
        return cls(parts[0].removeprefix("urn:pulumi:"), parts[1], parts[2], parts[3])

    @property
    def kind(self) -> str:
        """The last word of its own type, as a program writes it: ``TuningJob``."""
        return self.type_chain.rpartition(":")[2]

    @property
    def package(self) -> str:
        """The package of its own type: ``gcp``."""
        return self.type_chain.rpartition("$")[2].partition(":")[0]

    @property
    def is_ours(self) -> bool:
        """Whether it is a resource of this package: neither a component, nor what somebody else made below one."""
        return _OURS.fullmatch(self.type_chain) is not None

    def __str__(self) -> str:
        return f"urn:pulumi:{self.stack}::{self.project}::{self.type_chain}::{self.name}"


def frozen_type(chain: str) -> str:
    """The type chain that identities are hashed over: the tokens of release 0.1, also for a resource of a native provider.

    A native provider would use ``gcptuning:index:TuningJob``; a stack that moves to it must find its paid jobs.
    """
    return "$".join(_NATIVE.sub(r"pulumi-python:dynamic/gcptuning:\1", token) for token in chain.split("$"))


def identity_of(urn: Urn | str, retry: object = None) -> str:
    """The 32 hex digits that identify what we create; another ``retry`` gives another identity."""
    read = Urn.parse(urn) if isinstance(urn, str) else urn
    if isinstance(retry, float) and retry.is_integer():
        retry = int(retry)
    text = f"{read.project}/{read.stack}/{frozen_type(read.type_chain)}/{read.name}/{'' if retry is None else retry}"
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def stack_hash(urn: Urn | str) -> str:
    """The 32 hex digits that are the same for everything that one stack creates; stacks of one name in two backends share them."""
    read = Urn.parse(urn) if isinstance(urn, str) else urn
    return hashlib.sha256(f"{read.project}/{read.stack}".encode()).hexdigest()[:32]


def may_be_same_resource(a: str, b: str) -> bool:
    """Whether two names may be of one object: Google answers with a project's number, and people write its id.

    A number and an id count as the same project, because they cannot be compared here; two ids or two numbers do not.
    """
    left, right = _decoded(a).split("/"), _decoded(b).split("/")
    if left == right:
        return True
    if len(left) < 3 or left[0] != "projects" or right[0] != "projects" or left[2:] != right[2:]:
        return False
    return left[1].isdigit() != right[1].isdigit()
