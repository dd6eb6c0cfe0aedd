"""The steps that every declaration takes: defaults filled in, policies resolved, findings weighed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Final, TypeVar

from pulumi_gcp_tuning.config import CHECKS, FIXED_CHECKS, Settings, check_levels
from pulumi_gcp_tuning.errors import ApiError, Finding, NotFound, Refused
from pulumi_gcp_tuning.names import Urn
from pulumi_gcp_tuning.preflight.rule import distinct
from pulumi_gcp_tuning.preflight.spelling import DECLARED, check_project
from pulumi_gcp_tuning.resources.core.description import keys_in, watched_keys
from pulumi_gcp_tuning.resources.core.inputs import CommonArgs, Inputs, Labelled, Placed, known
from pulumi_gcp_tuning.resources.core.labels import pulumi_labels
from pulumi_gcp_tuning.resources.core.lifecycle import UNKNOWN, Call, Difference, Place, Properties
from pulumi_gcp_tuning.wording import advise

ALWAYS_HOLD: Final = frozenset({*FIXED_CHECKS, "labels", "existence"})
"""Checks that apply even if this run submits nothing."""


def resolved(settings: Settings, args: type[CommonArgs], news: Mapping[str, Any]) -> Properties:
    """The inputs, with the configuration's defaults for the fields that ``args`` has. Pure."""
    inputs = {key: value for key, value in news.items() if key != "__provider" and value is not None}
    if issubclass(args, Placed):
        for key, default in (("project", settings.project), ("location", settings.location)):
            if key not in inputs and default is not None:
                inputs[key] = default
    inputs.setdefault("deletionPolicy", settings.deletion_policy)
    if "on_change" in args.model_fields:
        inputs.setdefault("onChange", settings.on_change)
    if issubclass(args, Labelled) and isinstance(inputs.get("labels", {}), Mapping | type(UNKNOWN)):
        inputs["pulumiLabels"] = pulumi_labels(settings.default_labels, inputs.get("labels"))
    return inputs


A = TypeVar("A", bound=CommonArgs)


def checked_place(args: A) -> tuple[A, list[Finding]]:
    """The findings about project and location, and the declaration without a project that Google cannot be asked about."""
    findings: list[Finding] = check_place(args) if issubclass(type(args), Placed) else []
    malformed = check_project(known(getattr(args, "project", None)))
    return args.model_copy(update={"project": UNKNOWN}) if malformed else args, [*findings, *malformed]


def check_place(args: Any, *, location: bool = True) -> list[Finding]:
    """The findings of the rule that the resource or the configuration sets project and location."""
    findings: list[Finding] = []
    if args.project is None:
        remedy = advise("set a property", "Set {project}, or run: pulumi config set {gcp:project} PROJECT")
        findings.append(DECLARED.finding(("project",), "No project is set.", remedy))
    if location and args.location is None:
        remedy = advise("set a property", "Set {location}, or run: pulumi config set {gcp:region} us-central1")
        findings.append(DECLARED.finding(("location",), "No location is set.", remedy))
    return findings


def weighed(
    findings: Iterable[Finding], settings: Settings, own: Mapping[str, Any] | None, *, submits: bool
) -> list[Finding]:
    """The findings after the switches of the checks. If this run submits nothing, only those of ``ALWAYS_HOLD`` remain errors."""
    kept: list[Finding] = []
    levels: dict[str, Any] = dict(settings.checks)
    try:
        levels |= check_levels({k: v for k, v in (own or {}).items() if v is not UNKNOWN})
    except ValueError as error:
        remedy = advise("set a property", "Correct it, or remove it.")
        kept.append(DECLARED.finding(("checks",), f"{error}.", remedy))
    for finding in findings:
        level = "error" if finding.check in FIXED_CHECKS else levels.get(finding.check, "error")
        if level == "off":
            continue
        weak = level == "warn" or (not submits and finding.check not in ALWAYS_HOLD)
        kept.append(replace(finding, severity="warn") if weak else finding)
    return distinct(kept)


def softened(findings: Iterable[Finding]) -> list[Finding]:
    """The findings as warnings, because this run may make what is missing."""
    return [replace(finding, severity="warn") for finding in findings]


def level_of(settings: Settings, own: Mapping[str, Any] | None, check: str) -> str:
    """How strict a check is: the resource's setting, else the configuration's."""
    return str((own or {}).get(check) or settings.checks.get(check, "error"))


def checks_on(settings: Settings, own: Mapping[str, Any] | None) -> frozenset[str]:
    """The checks that are not off."""
    return frozenset(check for check in CHECKS if level_of(settings, own, check) != "off")


def refuse_errors(findings: Sequence[Finding], what: str, call: Call) -> None:
    """Raises one Refused with every error among the findings; warnings are shown and pass."""
    printed = [finding.printed(call.spelling) for finding in findings if finding.severity == "error"]
    for finding in findings:
        if finding.severity == "warn" and not finding.shared:  # the warnings that are not shared were shown at check
            call.warn(str(finding.printed(call.spelling)))
    if printed:
        lines = [f"- {each if each.path else f'resource: {each}'}" for each in printed[:4]]
        more = f" (and {len(printed) - 4} more)" if len(printed) > 4 else ""
        raise Refused(f"{what} is refused before it is sent to Google{more}:\n" + "\n".join(lines))


def urn_of(call: Call, properties: Mapping[str, Any]) -> str:
    """The URN that the identity is computed from: the declared one, else the one in Pulumi's call."""
    declared = properties.get("resourceUrn")
    return declared if isinstance(declared, str) and declared else call.urn


def called(call: Call, properties: Mapping[str, Any]) -> str:
    """The resource's name as the user wrote it."""
    return Urn.parse(urn_of(call, properties)).name


@contextmanager
def doing(what: str) -> Iterator[None]:
    """Prefixes Google's errors with the action that failed."""
    try:
        yield
    except NotFound as error:
        raise NotFound(f"{what}: {error}", **_answer(error)) from error
    except ApiError as error:
        raise ApiError(f"{what}: {error}", **_answer(error)) from error


def inputs_among(outputs: Mapping[str, Any], *models: type[Inputs]) -> Properties:
    """The stored outputs that are inputs: fields of the given models, ``Args`` or ``Told``."""
    keys = keys_in(*models)
    return {key: value for key, value in outputs.items() if key in keys}


def changed_keys(olds: Mapping[str, Any], news: Mapping[str, Any], keys: Iterable[str]) -> list[str]:
    """The keys that differ. A key that one side lacks differs if the other has a value."""
    return [key for key in keys if _plain(olds.get(key)) != _plain(news.get(key))]


def changed_inputs(olds: Mapping[str, Any], news: Mapping[str, Any], *models: type[Inputs]) -> list[str]:
    """The watched inputs that differ. An input that Google computes counts only if the program gives it."""
    changed: list[str] = []
    for model in models:
        always, given = watched_keys(model)
        changed += changed_keys(olds, news, always) + [k for k in given if k in news and olds.get(k) != news[k]]
    return changed


def changed_paths(olds: Mapping[str, Any], news: Mapping[str, Any], *models: type[Inputs]) -> list[Place]:
    """The paths where the inputs of :func:`changed_inputs` differ, as deep as both sides go. UNKNOWN differs from everything."""
    keys = changed_inputs(olds, news, *models)
    return [place for key in keys for place in list(_differing(olds.get(key), news.get(key), (key,))) or [(key,)]]


def _differing(old: Any, new: Any, place: Place) -> Iterator[Place]:
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in dict.fromkeys([*old, *new]):
            yield from _differing(old.get(key), new.get(key), (*place, key))
    elif _plain(old) != _plain(new):
        yield place


def find_difference(
    olds: Mapping[str, Any], news: Mapping[str, Any], replaces: Sequence[str], *models: type[Inputs]
) -> Difference:
    """A replacement if ``replaces`` names a property, an update if a watched input differs."""
    paths = changed_paths(olds, news, *models)
    if not replaces:
        return Difference(changed=None if paths else False, paths=paths)
    return Difference(changed=None, paths=paths, replaces=replaces)


def _plain(value: Any) -> Any:
    return None if value in ({}, [], "") and value is not UNKNOWN else value


def _answer(error: ApiError) -> dict[str, Any]:
    return {
        "http_status": error.http_status,
        "status": error.status,
        "details": error.details,
        "maybe_took_effect": error.maybe_took_effect,
    }
