"""Settings outside the resources: project, location, credentials, address of the API, levels of the checks.

Only this module reads configuration and environment. Arguments of a resource take precedence over settings.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from difflib import get_close_matches
from itertools import chain
from typing import Annotated, Any, Final, Literal, Self, cast, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SkipValidation, ValidationError

from pulumi_gcp_tuning.errors import Refused
from pulumi_gcp_tuning.grammar import MOST_IN_A_LABEL, is_label_key, is_label_value
from pulumi_gcp_tuning.names import Location, MalformedName, Project
from pulumi_gcp_tuning.origins import is_loopback, parse_base_url, same_origin
from pulumi_gcp_tuning.redaction import holds_credential, quoted
from pulumi_gcp_tuning.signing import (
    READ_FROM,
    CredentialsChoice,
    choose_api_key,
    choose_credentials,
    remember_credentials,
)

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
    "generativelanguage",
]

CHECKS: Final = (
    "region",
    "model",
    "retirement",
    "hyperparameters",
    "dataset",
    "location",
    "existence",
    "cmek",
    "quota",
    "identity",
    "cost",
    "artifacts",
    "machine",
    "labels",
)
"""The checks whose level can be set, by ``checks`` on a resource or ``gcp-tuning:checks``."""

FIXED_CHECKS: Final = ("schema", "change")
"""The checks whose level cannot be set: their findings are always errors."""

DEFAULT_UNIVERSE: Final = "googleapis.com"
_REP_LOCATIONS: Final = ("us", "eu")
_NAMESPACE: Final = "gcp-tuning"
_PREFIX: Final = "GCP_TUNING_"


def check_levels(levels: Mapping[str, object]) -> dict[str, CheckLevel]:
    """The levels of named checks from a resource's ``checks``. Raises ValueError, with the nearest name for an unknown one."""
    problems: list[str] = []
    for name, level in levels.items():
        if name in FIXED_CHECKS:
            problems.append(f"check {name!r} cannot be switched, it is always an error")
        elif name not in CHECKS:
            close = get_close_matches(name, CHECKS, n=1)
            hint = f"did you mean {close[0]!r}?" if close else f"there are {', '.join(CHECKS)}"
            problems.append(f"there is no check {name!r} ({hint})")
        elif level not in get_args(CheckLevel):
            problems.append(f"check {name!r} is set to {level!r}; it can be error, warn or off")
    if problems:
        raise ValueError("; ".join(problems))
    return cast("dict[str, CheckLevel]", dict(levels))


def _checks(given: object) -> object:
    return check_levels(_json_object(given))


def _labels(given: object) -> object:
    labels = _json_object(given)
    for key, value in labels.items():
        if not isinstance(value, str):
            raise ValueError(f"the value of label {key!r} is not a string")  # noqa: TRY004 - pydantic's protocol
        if not is_label_key(key) or not is_label_value(value):
            rule = f"at most {MOST_IN_A_LABEL} lower-case letters, digits, '_' and '-', keys start with a letter"
            raise ValueError(f"label {key}={value} is not accepted by Google ({rule})")
    return labels


def _json_object(given: Any) -> Mapping[str, Any]:
    """The object; text is parsed as JSON."""
    try:
        value = json.loads(given) if isinstance(given, str) else given
    except (json.JSONDecodeError, RecursionError) as error:
        why = error.msg if isinstance(error, json.JSONDecodeError) else "nested too deeply"
        raise ValueError(f'{quoted(given)} is not JSON ({why}); it looks like this: {{"name": "value"}}') from None
    if not isinstance(value, Mapping):
        raise ValueError(f"{given!r} is not a JSON object")  # noqa: TRY004 - pydantic's protocol
    return value


def _date(given: object) -> object:
    """Parsed here, because pydantic reads a number as seconds since 1970."""
    return date.fromisoformat(given) if isinstance(given, str) else given


class Keys:
    """The keys of a setting; the first one that is set is used. ``a:b`` is configuration, any other key is environment.

    ``wrong`` is the error text for a value that pydantic refuses; the default is the parser's text.
    """

    def __init__(self, *names: str, wrong: str = "") -> None:
        self.names, self.wrong = names, wrong


_Project = Annotated[str, BeforeValidator(lambda text: str(Project.parse(text)))]
_Location = Annotated[str, BeforeValidator(lambda text: str(Location.parse(text)))]


class Settings(BaseModel):
    """The settings, resolved once per process; equal inputs give equal settings. Each field names its keys."""

    model_config = ConfigDict(
        defer_build=True, frozen=True, extra="forbid", allow_inf_nan=False, hide_input_in_errors=True
    )

    project: Annotated[
        _Project | None,
        Field(description="project"),
        Keys("gcp:project", "GOOGLE_PROJECT", "GOOGLE_CLOUD_PROJECT", "GCLOUD_PROJECT", "CLOUDSDK_CORE_PROJECT"),
    ] = None
    location: Annotated[
        _Location | None,
        Field(description="location"),
        Keys("gcp:region", "GOOGLE_REGION", "GCLOUD_REGION", "CLOUDSDK_COMPUTE_REGION"),
    ] = None
    default_labels: Annotated[
        Mapping[str, str],
        BeforeValidator(_labels),
        Field(description="labels for every resource that has labels"),
        Keys("gcp:defaultLabels"),
    ] = {}
    checks: Annotated[
        Mapping[str, CheckLevel],
        BeforeValidator(_checks),
        Field(description="how strict the checks are"),
        Keys("gcp-tuning:checks"),
    ] = {}
    as_of: Annotated[
        date,
        BeforeValidator(_date),
        Field(description="the date at which the catalogue is read"),
        Keys("GCP_TUNING_AS_OF", "gcp-tuning:asOf", wrong="is not a date like 2026-11-21"),
    ] = date(1970, 1, 1)
    poll_interval: Annotated[
        float,
        Field(gt=0, lt=3600, description="seconds between two reads of a job"),
        Keys(
            "GCP_TUNING_POLL_INTERVAL",
            "gcp-tuning:pollInterval",
            wrong="is not a number of seconds above 0 and below 3600",
        ),
    ] = 20.0
    deletion_policy: Annotated[
        Literal["DELETE", "ABANDON", "PREVENT"],
        Field(description="deletion policy"),
        Keys("gcp-tuning:deletionPolicy", wrong="is not DELETE, ABANDON or PREVENT"),
    ] = "DELETE"
    on_change: Annotated[
        Literal["replace", "error"],
        Field(description="whether a changed spec submits a new job"),
        Keys("gcp-tuning:onChange", wrong="is neither 'replace' nor 'error'"),
    ] = "replace"
    on_quota: Annotated[
        Literal["wait", "fail"],
        Field(description="whether a job without a free slot waits"),
        Keys("gcp-tuning:onQuota", wrong="is neither 'wait' nor 'fail'"),
    ] = "wait"
    max_cost: Annotated[
        float | None,
        Field(ge=0, description="the most that a job may cost, in US dollars"),
        Keys("gcp-tuning:maxCost", wrong="is not an amount of US dollars"),
    ] = None
    catalogue: Annotated[
        str | None,
        Field(description="rows of your own over the catalogue of models"),
        Keys("GCP_TUNING_CATALOG", "gcp-tuning:catalog"),
    ] = None
    universe_domain: Annotated[
        str,
        Field(pattern=r"^[a-z0-9-]+(\.[a-z0-9-]+)+$", description="universe domain"),
        Keys(
            "gcp:universeDomain",
            "GOOGLE_CLOUD_UNIVERSE_DOMAIN",
            wrong=f"is not a domain like {DEFAULT_UNIVERSE}",
        ),
    ] = DEFAULT_UNIVERSE
    base_url: Annotated[
        Annotated[str, BeforeValidator(parse_base_url)] | None,
        Field(description="address of the API"),
        Keys("GCP_TUNING_BASE_URL", "gcp-tuning:baseUrl"),
    ] = None
    gemini_base_url: Annotated[
        Annotated[str, BeforeValidator(parse_base_url)] | None,
        Field(description="address of the Gemini API"),
        Keys("GCP_TUNING_GEMINI_BASE_URL", "gcp-tuning:geminiBaseUrl"),
    ] = None
    credentials: SkipValidation[CredentialsChoice] = CredentialsChoice()
    gemini_api_key: Annotated[str, Field(repr=False)] = ""
    user_project_override: Annotated[
        bool,
        Field(description="count quota against another project"),
        Keys("gcp:userProjectOverride", "USER_PROJECT_OVERRIDE", wrong="is neither 'true' nor 'false'"),
    ] = False
    billing_project: Annotated[
        _Project | None,
        Field(description="that project"),
        Keys("gcp:billingProject", "GOOGLE_BILLING_PROJECT"),
    ] = None

    def __hash__(self) -> int:
        return hash((self.project, self.location, self.base_url))

    @classmethod
    def resolve(
        cls,
        config: Mapping[str, str],
        env: Mapping[str, str],
        *,
        pulumi_project: str = "",
        today: Callable[[], date] = lambda: datetime.now(UTC).date(),
    ) -> Self:
        """The settings in ``config`` (keys like ``gcp:project``) and ``env``.

        ``pulumi_project`` is the name of the user's Pulumi project, whose own keys begin with it.
        Raises one :class:`~pulumi_gcp_tuning.errors.Refused` that names every key that is wrong.
        """

        def find(*names: str) -> tuple[str, str] | None:
            places = ((name, (config if ":" in name else env).get(name) or "") for name in names)
            return next(((name, text.strip()) for name, text in places if text.strip()), None)

        remember_credentials(config, env)
        found = {name: at for name, keys in LOOKED_FOR.items() if (at := find(*keys.names)) is not None}
        base = found.get("base_url", ("", ""))[1]
        problems: dict[str, list[str]] = {name: [] for name in cls.model_fields}
        credentials = choose_credentials(
            find, problems["credentials"], this_machine=base if is_loopback(base) else None
        )
        gemini = found.get("gemini_base_url", ("", base))[1]
        api_key = choose_api_key(find, on_this_machine=is_loopback(gemini))
        try:
            settings = cls.model_validate(
                {"as_of": today(), "credentials": credentials, "gemini_api_key": api_key}
                | {name: text for name, (_, text) in found.items()}
            )
        except ValidationError as error:
            for each in error.errors(include_url=False, include_input=False):
                name = str(each["loc"][0])
                problems[name] = [_problem(*found[name], LOOKED_FOR[name].wrong, each.get("ctx", {}).get("error"))]
        for name, (key, text) in found.items():
            if holds_credential("\n".join([text, *problems[name]])):
                problems[name] = [
                    f"{key}: the value looks like a private key or a token, so it is not shown. It must not be there."
                ]
        lines = [*(line for each in problems.values() for line in each), *_unknown_keys(config, pulumi_project)]
        lines += _misspelt_variables(env)
        if lines:
            raise Refused("The configuration cannot be used:\n" + "\n".join(f"- {line}" for line in lines))
        return settings

    def origin(self, service: Service, location: str | None = None) -> str:
        """Scheme, host and path prefix under which ``service`` answers for ``location``; no trailing slash."""
        if service == "generativelanguage" and self.gemini_base_url is not None:
            return self.gemini_base_url
        if self.base_url is not None:
            return self.base_url.replace("{location}", location or "global").replace("{service}", service)
        if service != "aiplatform" or location in (None, "global"):
            return f"https://{service}.{self.universe_domain}"
        if location in _REP_LOCATIONS:
            return f"https://aiplatform.{location}.rep.{self.universe_domain}"
        return f"https://{location}-aiplatform.{self.universe_domain}"

    @property
    def has_gemini_api(self) -> bool:
        """Whether the Gemini API is configured: an address or a key. Google has withdrawn tuning with its own."""
        return bool(self.base_url or self.gemini_base_url or self.gemini_api_key)

    @property
    def api_origin(self) -> str:
        """The API of a resource, as state has it: the base URL, or ``https://`` and the universe."""
        return self.base_url if self.base_url is not None else f"https://{self.universe_domain}"

    def check_origin(self, remembered: str | None, what: str) -> None:
        """Raises Refused if ``what`` was made through another API than the configured one. Passes if ``remembered`` is empty."""
        if remembered and not same_origin(remembered, self.api_origin):
            raise Refused(
                f"{what} was made through {remembered}, but this run talks to {self.api_origin}, whose answers do not "
                f"apply to it. Set GCP_TUNING_BASE_URL={remembered} to use that API"
                + (" (unset it for Google's own API)." if remembered.endswith(DEFAULT_UNIVERSE) else ".")
            )


LOOKED_FOR: Final[Mapping[str, Keys]] = {
    name: keys for name, field in Settings.model_fields.items() for keys in field.metadata if isinstance(keys, Keys)
}
"""The keys of each setting except the credentials, which are in ``signing.READ_FROM``."""


def _problem(key: str, text: str, wrong: str, cause: object) -> str:
    if wrong or cause is None:
        return f"{key}: {quoted(text)} {wrong or 'cannot be used'}."
    return f"{key}: {cause}" if isinstance(cause, MalformedName) else f"{key}: {cause}."


def _unknown_keys(config: Iterable[str], pulumi_project: str) -> list[str]:
    """Problems with unknown keys in our namespace or in one with a similar name.

    The namespace of the user's Pulumi project may hold the program's own keys, so there only a key that is similar to
    one of ours is a problem.
    """
    names = chain(*(keys.names for keys in LOOKED_FOR.values()), *READ_FROM.values())
    known = {_letters(name.partition(":")[2]): name for name in names if ":" in name}
    ours = [name for name in known.values() if name.startswith(f"{_NAMESPACE}:")]
    problems: list[str] = []
    for key in config:
        namespace, _, name = key.partition(":")
        if namespace == "gcp" and f"{_NAMESPACE}:{name}" in ours and key not in known.values():
            problems.append(f"{key}: there is no such setting (did you mean '{_NAMESPACE}:{name}'?).")
        if key in ours or not get_close_matches(_letters(namespace), [_letters(_NAMESPACE)], cutoff=0.9):
            continue
        is_programs = namespace == pulumi_project
        close = get_close_matches(_letters(name), known, n=1, cutoff=0.8 if is_programs else 0.6)
        nearest = known[close[0]] if close else None
        if not is_programs or nearest in ours:
            hint = f"did you mean {nearest!r}?" if nearest else f"there are {', '.join(ours)}"
            problems.append(f"{key}: there is no such setting ({hint}).")
    return problems


def _misspelt_variables(env: Iterable[str]) -> list[str]:
    """Problems with variables that begin as ours do and are nearly the name of one. Tools have others, which are not read here."""
    names = {name for keys in LOOKED_FOR.values() for name in keys.names} | {
        name for each in READ_FROM.values() for name in each
    }
    ours = {name.removeprefix(_PREFIX): name for name in names if name.startswith(_PREFIX)}
    problems: list[str] = []
    for variable in env:
        rest = variable.removeprefix(_PREFIX)
        close = get_close_matches(rest, ours, n=1, cutoff=0.75) if rest != variable and rest not in ours else []
        problems += [f"{variable}: there is no such variable (did you mean {ours[each]!r}?)." for each in close]
    return problems


def _letters(name: str) -> str:
    return re.sub(r"[^a-z]", "", name.lower())
