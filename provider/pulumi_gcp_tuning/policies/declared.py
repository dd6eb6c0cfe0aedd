"""A declared resource as a policy sees it, and what a rule says about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from pulumi_gcp_tuning.catalog import Catalogue, ModelRow
from pulumi_gcp_tuning.names import Urn
from pulumi_gcp_tuning.resources.core.unknown import UNKNOWN

TYPE_PREFIX: Final = "pulumi-python:dynamic/gcptuning:"
"""How the types of our resources begin; what follows is the name of the resource."""

Options = Mapping[str, Any]
"""The configuration of one policy; numbers are floats."""


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What a policy reads besides the resource: the catalogue, its date, and the stack's settings of costs and checks."""

    catalogue: Catalogue
    as_of: date
    max_cost: float | None = None
    checks: Mapping[str, str] | None = None


@dataclass(frozen=True, kw_only=True)
class Declared:
    """One resource. ``inputs`` are camelCase, with :data:`UNKNOWN` for what only `up` will know."""

    kind: str
    urn: str
    inputs: Mapping[str, Any]
    surroundings: Surroundings
    is_protected: bool = False

    def get(self, *path: str) -> Any:
        """The input at a path; None if it is not set, UNKNOWN if it is not known yet."""
        value: Any = self.inputs
        for name in path:
            if value is UNKNOWN:
                return UNKNOWN
            value = value.get(name) if isinstance(value, Mapping) else None
        return value

    @property
    def stack(self) -> str:
        """The stack of the resource."""
        return Urn.parse(self.urn).stack

    def shown(self, value: object, name: str) -> str:
        """The value for a message, or ``[secret]`` if the program marked that input as a secret."""
        secrets = self.get("secretInputs")
        hidden = secrets is UNKNOWN or (isinstance(secrets, list | tuple) and name in secrets)
        return "[secret]" if hidden else str(value)

    def comes_from_ours(self, name: str) -> bool:
        """Whether an input names a resource of this package in the same program, which the policies judge by itself."""
        sources = self.get("inputSources", name)
        known = isinstance(sources, list | tuple) and bool(sources)
        return known and all(isinstance(urn, str) and TYPE_PREFIX in urn for urn in sources)

    def row(self) -> ModelRow | None:
        """The catalogue's row of the base model; None if the model is not set, not known, or not in the catalogue."""
        model = self.get("baseModel")
        return self.surroundings.catalogue.find_model(model) if isinstance(model, str) else None


@dataclass(frozen=True)
class Verdict:
    """A sentence about a resource. ``is_known`` is false if the rule could not judge it."""

    text: str
    is_known: bool = True


def broken(text: str) -> Verdict:
    """The resource breaks the policy."""
    return Verdict(text)


def unclear(text: str) -> Verdict:
    """The policy cannot be judged; the sentence says why."""
    return Verdict(text, is_known=False)


def not_yet(name: str) -> Verdict:
    """The property, in the spelling of a Python program, is not known before `up`."""
    return unclear(f"{name} is not known before `pulumi up`, which judges it again.")
