"""The policy pack as Pulumi runs it: it passes each declared resource to the rules in ``pulumi_gcp_tuning.policies``."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

import pulumi_policy as crossguard
from pulumi_policy.proxy import UNKNOWN_STRING_VALUE, UnknownValueError

from pulumi_gcp_tuning.config import Settings
from pulumi_gcp_tuning.errors import Refused
from pulumi_gcp_tuning.policies.declared import TYPE_PREFIX, Declared, Surroundings
from pulumi_gcp_tuning.policies.rules import POLICIES, Policy
from pulumi_gcp_tuning.resources.core.catalogue import catalogue_of
from pulumi_gcp_tuning.resources.core.unknown import UNKNOWN

NAME: Final = "gcp-tuning"
_SETTINGS: Final = ("gcp-tuning:asOf", "gcp-tuning:catalog", "gcp-tuning:checks", "gcp-tuning:maxCost")
_VARIABLES: Final = ("GCP_TUNING_AS_OF", "GCP_TUNING_CATALOG")


def as_crossguard(policy: Policy) -> crossguard.ResourceValidationPolicy:
    """The policy for Pulumi: mandatory unless the configuration gives it another level."""
    schema = crossguard.PolicyConfigSchema({name: dict(schema) for name, schema in policy.options.items()})
    return crossguard.ResourceValidationPolicy(
        policy.name,
        policy.asks,
        judge_with(policy),
        enforcement_level=crossguard.EnforcementLevel.MANDATORY,
        config_schema=schema,
    )


def judge_with(policy: Policy) -> crossguard.ResourceValidation:
    """The function that Pulumi calls for each resource of the program."""

    def judge(args: crossguard.ResourceValidationArgs, report: crossguard.ReportViolation) -> None:
        kind = args.resource_type.removeprefix(TYPE_PREFIX)
        if kind == args.resource_type or kind not in policy.judges:
            return
        try:
            around = surroundings_of(plain(args.provider.props) if args.provider else {}, os.environ)
        except Refused:
            return  # the resource refuses the same configuration, with all that is wrong in it
        resource = Declared(
            kind=kind,
            urn=args.urn,
            inputs=plain(args.props),
            surroundings=around,
            is_protected=args.opts.protect,
        )
        verdicts = policy.judge(resource, plain(args.get_config()))
        for verdict in verdicts:
            if verdict.is_known:
                report(verdict.text, None)
        doubts = [verdict.text for verdict in verdicts if not verdict.is_known]
        if doubts:
            say_unknown(doubts)

    return judge


def say_unknown(doubts: list[str]) -> None:
    """Tells Pulumi that a policy cannot be judged, which shows the sentences as advice at any level of the policy."""
    error = UnknownValueError(UNKNOWN_STRING_VALUE, [])
    error.message = " ".join(doubts)
    raise error


def surroundings_of(config: Mapping[str, Any], env: Mapping[str, str]) -> Surroundings:
    """The settings of the stack that policies read. Raises Refused if they cannot be used."""
    given = tuple((key, config[key]) for key in _SETTINGS if isinstance(config.get(key), str))
    return _surroundings(given, tuple((key, env[key]) for key in _VARIABLES if key in env))


@cache
def _surroundings(config: tuple[tuple[str, str], ...], env: tuple[tuple[str, str], ...]) -> Surroundings:
    settings = Settings.resolve(dict(config), dict(env))
    return Surroundings(
        catalogue=catalogue_of(settings), as_of=settings.as_of, max_cost=settings.max_cost, checks=settings.checks
    )


def plain(value: Any) -> Any:
    """The value without Pulumi's proxies, with UNKNOWN in place of each value that is not known yet."""
    if isinstance(value, Mapping):
        return {key: _read(value, key) for key in value}
    if isinstance(value, (list, tuple)) or type(value).__name__ == "_ListProxy":
        return [_read(value, index) for index in range(len(value))]
    return value


def _read(holder: Any, key: Any) -> Any:
    try:
        return plain(holder[key])
    except UnknownValueError:
        return UNKNOWN


if __name__ == "__main__":
    crossguard.PolicyPack(NAME, [as_crossguard(policy) for policy in POLICIES])
