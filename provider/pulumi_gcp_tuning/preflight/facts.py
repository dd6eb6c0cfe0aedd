"""The facts that the checks use: Google's answer, a failed request, or a request that was not sent yet.

Types only. The code that calls Google fills them; ``from_wire`` reads any JSON from Google without raising.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, Generic, Literal, Self, TypeAlias, TypeVar

T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True)
class Known(Generic[T_co]):
    """Google's answer; ``Known(None)`` means that the object does not exist."""

    value: T_co


@dataclass(frozen=True, kw_only=True)
class Missing:
    """The fact could not be fetched. ``subject`` names it, ``needs`` the missing permission or API.

    ``disabled`` is the disabled API, if that is the reason.
    """

    subject: str
    reason: str
    needs: str
    disabled: str | None = None


@dataclass(frozen=True)
class NotAsked:
    """Known only at apply: the name that it depends on is not known yet, or this run does not submit."""

    subject: str = ""


Fact: TypeAlias = Known[T_co] | Missing | NotAsked
NOT_ASKED: Final = NotAsked()


def not_checked(facts: Mapping[str, Fact[Any]]) -> str | None:
    """One line that names the facts that were not requested yet, or None if there are none."""
    waiting = [name for name, fact in facts.items() if isinstance(fact, NotAsked)]
    return f"not checked until apply: {', '.join(waiting)}" if waiting else None


@dataclass(frozen=True, kw_only=True)
class Binding:
    """The members of a role; ``conditional``: only under a condition, which is not read."""

    role: str
    members: frozenset[str]
    conditional: bool = False


@dataclass(frozen=True, kw_only=True)
class Policy:
    """The IAM policy of one resource; grants on its parents are not part of it."""

    bindings: tuple[Binding, ...] = ()

    @classmethod
    def from_wire(cls, policy: Mapping[str, Any]) -> Self:
        """A ``getIamPolicy`` answer."""
        return cls(
            bindings=tuple(
                Binding(
                    role=_text(entry.get("role")),
                    members=frozenset(_texts(entry.get("members"))),
                    conditional=bool(entry.get("condition")),
                )
                for entry in _objects(policy.get("bindings"))
            )
        )

    def roles_of(self, member: str) -> frozenset[str]:
        """The roles granted here to the member itself, not through a group and without a condition."""
        return frozenset(b.role for b in self.bindings if member in b.members and not b.conditional)


@dataclass(frozen=True, kw_only=True)
class Bucket:
    """A bucket: its location in lower case (``us-central1``, ``us``, ``nam4``) and its encryption."""

    name: str
    location: str
    location_type: str = "region"
    data_locations: tuple[str, ...] = ()
    default_key: str | None = None
    project_number: str | None = None

    @classmethod
    def from_wire(cls, bucket: Mapping[str, Any]) -> Self:
        """A storage ``buckets.get`` answer."""
        placement, encryption = _object(bucket.get("customPlacementConfig")), _object(bucket.get("encryption"))
        number = bucket.get("projectNumber")
        return cls(
            name=_text(bucket.get("name")),
            location=_text(bucket.get("location")).lower(),
            location_type=_text(bucket.get("locationType")) or "region",
            data_locations=tuple(place.lower() for place in _texts(placement.get("dataLocations"))),
            default_key=_text(encryption.get("defaultKmsKeyName")) or None,
            project_number=str(number) if number else None,
        )


@dataclass(frozen=True, kw_only=True)
class Key:
    """A KMS key and its primary version; ``primary_state`` is None if it has no primary version."""

    name: str
    purpose: str | None = None
    primary_state: str | None = None
    primary_version: str | None = None
    protection_level: str | None = None

    @classmethod
    def from_wire(cls, key: Mapping[str, Any]) -> Self:
        """A ``cryptoKeys.get`` answer."""
        primary = _object(key.get("primary"))
        return cls(
            name=_text(key.get("name")),
            purpose=_text(key.get("purpose")) or None,
            primary_state=_text(primary.get("state")) or None,
            primary_version=_text(primary.get("name")).rpartition("/")[2] or None,
            protection_level=_text(primary.get("protectionLevel")) or None,
        )


@dataclass(frozen=True, kw_only=True)
class KeyPolicies:
    """The resources whose policies can grant access to a key."""

    key: Fact[Policy] = NOT_ASKED
    ring: Fact[Policy] = NOT_ASKED
    project: Fact[Policy] = NOT_ASKED


@dataclass(frozen=True, kw_only=True)
class Project:
    """A project by id and number, and whether it can be billed."""

    id: str
    number: str
    billing: Fact[bool] = NOT_ASKED


@dataclass(frozen=True, kw_only=True)
class Permissions:
    """The permissions tested with ``testIamPermissions``, and those that the caller has."""

    asked: tuple[str, ...]
    granted: frozenset[str]

    @property
    def lacking(self) -> tuple[str, ...]:
        """The missing permissions, in the tested order."""
        return tuple(permission for permission in self.asked if permission not in self.granted)


@dataclass(frozen=True, kw_only=True)
class ServiceAccount:
    """A service account that exists, and whether the caller may act as it."""

    email: str
    disabled: bool = False
    act_as: Fact[bool] = NOT_ASKED


@dataclass(frozen=True, kw_only=True)
class OrgPolicy:
    """The effective policy of a list constraint: None allows everything, ``denied`` wins over ``allowed``."""

    allowed: frozenset[str] | None = None
    denied: frozenset[str] = frozenset()
    deny_all: bool = False

    @classmethod
    def from_wire(cls, policy: Mapping[str, Any]) -> Self:
        """A ``getEffectivePolicy`` (v2) or ``getEffectiveOrgPolicy`` (v1) answer; conditional rules are left out."""
        rules = [rule for rule in _objects(_object(policy.get("spec")).get("rules")) if not rule.get("condition")]
        allowed: set[str] = set()
        denied: set[str] = set()
        listed = all_denied = all_allowed = False
        for rule in rules:
            values = _object(rule.get("values"))
            allowed.update(_texts(values.get("allowedValues")))
            denied.update(_texts(values.get("deniedValues")))
            listed = listed or bool(values.get("allowedValues"))
            all_denied = all_denied or rule.get("denyAll") is True
            all_allowed = all_allowed or rule.get("allowAll") is True
        old = _object(policy.get("listPolicy"))
        allowed.update(_texts(old.get("allowedValues")))
        denied.update(_texts(old.get("deniedValues")))
        listed = listed or bool(old.get("allowedValues"))
        all_denied = all_denied or old.get("allValues") == "DENY"
        return cls(
            allowed=frozenset(allowed) if listed and not all_allowed else None,
            denied=frozenset(denied),
            deny_all=all_denied,
        )


@dataclass(frozen=True, kw_only=True)
class QuotaLimit:
    """One limit; ``region`` None counts over all regions, ``limit`` -1 is no limit."""

    metric: str
    display_name: str
    limit: int
    region: str | None = None
    request_uri: str | None = None

    @classmethod
    def from_wire(cls, infos: Iterable[Mapping[str, Any]]) -> tuple[Self, ...]:
        """The limits in Cloud Quotas' ``quotaInfos``; an entry without a readable number is left out."""
        return tuple(limit for info in infos for limit in cls._limits(info))

    @classmethod
    def _limits(cls, info: Mapping[str, Any]) -> Iterable[Self]:
        name = _text(info.get("quotaDisplayName")) or _text(info.get("metricDisplayName"))
        regional = "region" in _texts(info.get("dimensions"))
        for entry in _objects(info.get("dimensionsInfos")):
            limit = _whole(_object(entry.get("details")).get("value"))
            if limit is None:
                continue
            region = _text(_object(entry.get("dimensions")).get("region"))
            applies = _texts(entry.get("applicableLocations")) if regional else []
            for place in [region] if region or not applies else applies:
                yield cls(
                    metric=_text(info.get("metric")),
                    display_name=name,
                    limit=limit,
                    region=None if place in ("", "global") else place,
                    request_uri=_text(info.get("serviceRequestQuotaUri")) or None,
                )


Family = Literal["gemini", "open", "pipeline-gpu", "pipeline-tpu"]
"""The jobs that share a quota: Gemini jobs, open-model jobs, and pipelines by their machines."""


@dataclass(frozen=True, kw_only=True)
class LiveJob:
    """A job that has not ended."""

    name: str
    region: str
    family: Family


@dataclass(frozen=True, kw_only=True)
class LiveJobs:
    """The jobs that have not ended, by listed region."""

    by_region: Mapping[str, Fact[Sequence[LiveJob]]] = field(default_factory=dict)

    def of(self, family: Family, region: str | None = None) -> list[LiveJob]:
        """The known jobs of a family, in one region or in all."""
        return [
            job
            for place, fact in self.by_region.items()
            if isinstance(fact, Known) and region in (None, place)
            for job in fact.value
            if job.family == family
        ]

    def missing(self, region: str | None = None) -> list[Missing]:
        """The lists of jobs that could not be read."""
        return [f for place, f in self.by_region.items() if isinstance(f, Missing) and region in (None, place)]


@dataclass(frozen=True, kw_only=True)
class TunedParent:
    """The model that continuous tuning starts from. ``tuned_on`` and ``base_model`` are None if they are not known."""

    name: str
    key: str | None = None
    base_model: str | None = None
    tuned_on: date | None = None
    display_name: str | None = None
    checkpoints: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Listing:
    """The names of the objects under a prefix; ``complete`` is false if there were more than were read."""

    names: tuple[str, ...]
    complete: bool = True


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _texts(value: Any) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list | tuple) else []


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _objects(value: Any) -> list[Mapping[str, Any]]:
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list | tuple) else []


def _whole(value: Any) -> int | None:
    try:
        return None if value is None or isinstance(value, bool) else int(value)
    except (ValueError, TypeError, OverflowError):
        return None
