"""What the user set outside the resources: project, place, credentials, where the API is, how strict the checks are.

The only place that reads configuration and environment. Arguments of a resource win over everything here.
"""

from __future__ import annotations

import difflib
import json
import math
import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Literal, TypeVar
from urllib.parse import urlsplit

from pulumi_gcp_tuning.errors import Refused
from pulumi_gcp_tuning.grammar import MOST_IN_A_LABEL, is_label_key, is_label_value
from pulumi_gcp_tuning.names import Location, MalformedName, Project
from pulumi_gcp_tuning.redaction import holds_credential, quoted
from pulumi_gcp_tuning.signing import CredentialsChoice, choose_credentials, remember_credentials

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

DeletionPolicy = Literal["DELETE", "ABANDON", "PREVENT"]
OnChange = Literal["replace", "error"]
OnQuota = Literal["wait", "fail"]
CheckLevel = Literal["error", "warn", "off"]
Service = Literal[
    "aiplatform",
    "storage",
    "cloudkms",
    "cloudresourcemanager",
    "serviceusage",
    "cloudquotas",
    "cloudbilling",
    "orgpolicy",
    "iam",
]

DELETION_POLICIES: tuple[DeletionPolicy, ...] = ("DELETE", "ABANDON", "PREVENT")
ON_CHANGE: tuple[OnChange, ...] = ("replace", "error")
ON_QUOTA: tuple[OnQuota, ...] = ("wait", "fail")
CHECK_LEVELS: tuple[CheckLevel, ...] = ("error", "warn", "off")
CHECKS = (
    "schema",
    "region",
    "model",
    "retirement",
    "hyperparameters",
    "dataset",
    "location",
    "cmek",
    "quota",
    "identity",
    "cost",
    "artifacts",
    "labels",
)
"""The names of all checks; ``checks`` on a resource and ``gcp-tuning:checks`` know these and no others."""

DEFAULT_UNIVERSE = "googleapis.com"
_REP_LOCATIONS = ("us", "eu")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Resolved once per process; equal inputs give equal settings."""

    project: str | None = None
    location: str | None = None
    default_labels: Mapping[str, str] = field(default_factory=dict)
    checks: Mapping[str, CheckLevel] = field(default_factory=dict)
    as_of: date = date(1970, 1, 1)
    poll_interval: float = 20.0
    deletion_policy: DeletionPolicy = "DELETE"
    on_change: OnChange = "replace"
    on_quota: OnQuota = "wait"
    max_cost: float | None = None
    catalogue: str | None = None
    universe_domain: str = DEFAULT_UNIVERSE
    base_url: str | None = None
    credentials: CredentialsChoice = field(default_factory=CredentialsChoice)
    user_project_override: bool = False
    billing_project: str | None = None

    @classmethod
    def resolve(
        cls,
        config: Mapping[str, str],
        env: Mapping[str, str],
        *,
        today: Callable[[], date] = lambda: datetime.now(UTC).date(),
    ) -> Settings:
        """The settings that ``config`` (keys like ``gcp:project``) and ``env`` amount to.

        Raises one :class:`~pulumi_gcp_tuning.errors.Refused` that names every key that is wrong.
        """
        read = _Reading(config, env)
        settings = cls(
            project=read.parsed(
                _project,
                "gcp:project",
                "GOOGLE_PROJECT",
                "GOOGLE_CLOUD_PROJECT",
                "GCLOUD_PROJECT",
                "CLOUDSDK_CORE_PROJECT",
            ),
            location=read.parsed(_location, "gcp:region", "GOOGLE_REGION", "GCLOUD_REGION", "CLOUDSDK_COMPUTE_REGION"),
            default_labels=read.parsed(_labels, "gcp:defaultLabels") or {},
            checks=read.parsed(parse_checks, "gcp-tuning:checks") or {},
            as_of=read.parsed(_date, "GCP_TUNING_AS_OF", "gcp-tuning:asOf") or today(),
            poll_interval=read.parsed(_interval, "GCP_TUNING_POLL_INTERVAL", "gcp-tuning:pollInterval") or 20.0,
            deletion_policy=read.parsed(_deletion_policy, "gcp-tuning:deletionPolicy") or "DELETE",
            on_change=read.parsed(_on_change, "gcp-tuning:onChange") or "replace",
            on_quota=read.parsed(_on_quota, "gcp-tuning:onQuota") or "wait",
            max_cost=read.parsed(_dollars, "gcp-tuning:maxCost"),
            catalogue=read.parsed(str, "GCP_TUNING_CATALOG", "gcp-tuning:catalog"),
            universe_domain=read.parsed(_domain, "gcp:universeDomain", "GOOGLE_CLOUD_UNIVERSE_DOMAIN")
            or DEFAULT_UNIVERSE,
            base_url=read.parsed(_base_url, "GCP_TUNING_BASE_URL", "gcp-tuning:baseUrl"),
            credentials=read.credentials(),
            user_project_override=read.parsed(_boolean, "gcp:userProjectOverride", "USER_PROJECT_OVERRIDE") or False,
            billing_project=read.parsed(_project, "gcp:billingProject", "GOOGLE_BILLING_PROJECT"),
        )
        if read.problems:
            raise Refused("The configuration cannot be used:\n" + "\n".join(f"- {line}" for line in read.problems))
        return settings

    def origin(self, service: Service, location: str | None = None) -> str:
        """Scheme, host and path prefix under which ``service`` answers for ``location``; no trailing slash."""
        if self.base_url is not None:
            return self.base_url.replace("{location}", location or "global").replace("{service}", service)
        if service != "aiplatform" or location in (None, "global"):
            return f"https://{service}.{self.universe_domain}"
        if location in _REP_LOCATIONS:
            return f"https://aiplatform.{location}.rep.{self.universe_domain}"
        return f"https://{location}-aiplatform.{self.universe_domain}"

    @property
    def api_origin(self) -> str:
        """What state remembers of the API that made a resource: the base URL, or ``https://`` and the universe."""
        return self.base_url if self.base_url is not None else f"https://{self.universe_domain}"

    def check_origin(self, remembered: str | None, what: str) -> None:
        """Refuses to touch ``what`` where another API than the configured one made it. Nothing remembered passes."""
        if remembered and not same_origin(remembered, self.api_origin):
            raise Refused(
                f"{what} was made through {remembered}, but this run talks to {self.api_origin}: an answer from there "
                f"says nothing about it. Set GCP_TUNING_BASE_URL={remembered} to work with it"
                + (" (unset it for Google's own API)." if remembered.endswith(DEFAULT_UNIVERSE) else ".")
            )


def same_origin(a: str, b: str) -> bool:
    """Whether two remembered origins are one API (letter case, a trailing slash, the name of loopback aside)."""
    return _canonical_origin(a) == _canonical_origin(b)


def parse_checks(text: str) -> dict[str, CheckLevel]:
    """``{"region": "warn"}`` as JSON. Raises ValueError for an unknown check or level."""
    return check_levels(_json_object(text))


def check_levels(levels: Mapping[str, object]) -> dict[str, CheckLevel]:
    """The levels of named checks, as a resource's ``checks`` gives them. Raises ValueError naming the nearest match."""
    problems: list[str] = []
    read: dict[str, CheckLevel] = {}
    for name, level in levels.items():
        if name not in CHECKS:
            problems.append(f"there is no check {name!r}{_nearest(name, CHECKS)}")
        elif level not in CHECK_LEVELS:
            problems.append(f"check {name!r} is set to {level!r}; it can be error, warn or off")
        else:
            read[name] = level
    if problems:
        raise ValueError("; ".join(problems))
    return read


T = TypeVar("T")


class _Reading:
    """Looks values up in order of precedence and gathers what is wrong with them."""

    def __init__(self, config: Mapping[str, str], env: Mapping[str, str]) -> None:
        self.config, self.env = config, env
        self.problems: list[str] = []

    def first(self, *keys: str) -> tuple[str, str] | None:
        """The first of the keys that is set and not empty; ``a:b`` is configuration, anything else environment."""
        for key in keys:
            value = (self.config if ":" in key else self.env).get(key)
            if value is not None and value.strip():
                return key, value.strip()
        return None

    def parsed(self, parse: Callable[[str], T], *keys: str) -> T | None:
        found = self.first(*keys)
        if found is None:
            return None
        key, text = found
        if holds_credential(text):
            self.problems.append(
                f"{key}: it holds what looks like a private key or a token, which is not shown and has no place there."
            )
            return None
        try:
            return parse(text)
        except MalformedName as error:
            self.problems.append(f"{key}: {error}")
        except ValueError as error:
            self.problems.append(f"{key}: {error}.")
        return None

    def credentials(self) -> CredentialsChoice:
        remember_credentials(self.config, self.env)
        base = self.first("GCP_TUNING_BASE_URL", "gcp-tuning:baseUrl")
        this_machine = base[1] if base and is_loopback(base[1]) else None
        return choose_credentials(self.first, self.problems, this_machine=this_machine)


def is_loopback(url: str) -> bool:
    """Whether a URL is plain http on this machine, where no credential of the user's belongs."""
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    return parts.scheme == "http" and (host in ("localhost", "::1") or host.startswith("127."))


def _canonical_origin(text: str) -> str:
    parts = urlsplit(text.strip())
    host = (parts.hostname or "").lower()
    host = "127.0.0.1" if host in ("localhost", "::1") else host
    port = "" if ":" not in parts.netloc.rpartition("]")[2] else f":{parts.netloc.rpartition(':')[2]}"
    if (parts.scheme.lower(), port) in (("http", ":80"), ("https", ":443")):
        port = ""
    return f"{parts.scheme.lower()}://{host}{port}{parts.path.rstrip('/')}"


def _nearest(name: str, known: tuple[str, ...]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    return f" (did you mean {close[0]!r}?)" if close else f" (there are {', '.join(known)})"


def _json_object(text: str) -> dict[str, object]:
    try:
        value = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        why = error.msg if isinstance(error, json.JSONDecodeError) else "nested too deeply"
        raise ValueError(f'{quoted(text)} is not JSON ({why}); it looks like this: {{"name": "value"}}') from None
    if not isinstance(value, dict):
        raise ValueError(f"{text!r} is not a JSON object")  # noqa: TRY004 - the text is wrong, not its type
    return value


def _labels(text: str) -> dict[str, str]:
    labels: dict[str, str] = {}
    for key, value in _json_object(text).items():
        if not isinstance(value, str):
            raise ValueError(f"the value of label {key!r} is not a string")  # noqa: TRY004
        if not is_label_key(key) or not is_label_value(value):
            rule = f"at most {MOST_IN_A_LABEL} lower-case letters, digits, '_' and '-', keys start with a letter"
            raise ValueError(f"label {key}={value} is not accepted by Google ({rule})")
        labels[key] = value
    return labels


def _project(text: str) -> str:
    return str(Project.parse(text))


def _location(text: str) -> str:
    return str(Location.parse(text))


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is not a date like 2026-11-21") from None


def _interval(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not (0 < seconds < 3600):
        raise ValueError(f"{text!r} is not a number of seconds above 0 and below 3600")
    return seconds


def _deletion_policy(text: str) -> DeletionPolicy:
    for policy in DELETION_POLICIES:
        if text == policy:
            return policy
    raise ValueError(f"{text!r} is none of DELETE, ABANDON, PREVENT")


def _on_change(text: str) -> OnChange:
    for choice in ON_CHANGE:
        if text == choice:
            return choice
    raise ValueError(f"{text!r} is neither 'replace' nor 'error'")


def _on_quota(text: str) -> OnQuota:
    for choice in ON_QUOTA:
        if text == choice:
            return choice
    raise ValueError(f"{text!r} is neither 'wait' nor 'fail'")


def _dollars(text: str) -> float:
    try:
        usd = float(text)
    except ValueError:
        usd = math.nan
    if not 0 <= usd < math.inf:
        raise ValueError(f"{text!r} is not an amount of US dollars")
    return usd


def _boolean(text: str) -> bool:
    lowered = text.lower()
    if lowered in ("true", "1", "yes"):
        return True
    if lowered in ("false", "0", "no"):
        return False
    raise ValueError(f"{text!r} is neither 'true' nor 'false'")


def _domain(text: str) -> str:
    if not re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", text):
        raise ValueError(f"{text!r} is not a domain like {DEFAULT_UNIVERSE}")
    return text


def _base_url(text: str) -> str:
    bare = text.replace("{location}", "x").replace("{service}", "x")
    if "{" in bare or "}" in bare:
        raise ValueError(f"{text!r} has another placeholder than {{location}} and {{service}}")
    parts = urlsplit(bare)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError(f"{text!r} is not an address like http://127.0.0.1:8085")
    if parts.username or parts.password:
        raise ValueError("the address must not carry a user name or password")
    if parts.scheme == "http" and not is_loopback(bare):
        raise ValueError(f"{text!r} would send credentials unencrypted; plain http is for this machine only")
    try:
        _ = parts.port
    except ValueError:
        raise ValueError(f"{text!r} has no usable port number") from None
    return text.rstrip("/")
