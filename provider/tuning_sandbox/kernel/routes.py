"""The description of a method without its handler: its API, its path, and its source."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

SOURCES = ("discovery", "sdk", "recording", "thread", "assumed")
FAMILIES = ("google", "iam", "gcs")


@dataclass(frozen=True)
class Behaviour:
    """One behavior of Google that the sandbox has, and its source."""

    does: str
    source: str
    ref: str = ""


@dataclass(frozen=True)
class Switch:
    """A switch between behaviours, set under /_sandbox/policy."""

    name: str
    default: Any
    values: tuple[Any, ...]
    does: str


@dataclass
class Service:
    """A Google API: its name, versions, host, error format and discovery document."""

    name: str
    versions: tuple[str, ...] = ("v1",)
    host: str = ""
    family: str = "google"
    document: str | None = ""
    title: str = ""
    billed: bool = False

    def __post_init__(self) -> None:
        if self.family not in FAMILIES:
            raise ValueError(f"family must be one of {FAMILIES}")
        if self.document == "":
            self.document = self.name
        self.host = self.host or f"{self.name}.googleapis.com"


@dataclass(frozen=True)
class Route:
    """One method of one API at one version."""

    api: Service
    method: str
    template: str
    version: str | None
    behaviour: Behaviour
    id: str | None
    document_version: str | None
    permission: str | None
    resource: str | None
    query: frozenset[str]
    alts: frozenset[str]
    raw: bool
    pattern: re.Pattern[str]

    @property
    def is_collection(self) -> bool:
        """Whether the path ends in the name of a collection (create, list) rather than in a resource or a verb."""
        return not self.template.endswith("}") and ":" not in self.template.rpartition("/")[2]


def check_source(source: str) -> str:
    """The source, if it is one of SOURCES."""
    if source not in SOURCES:
        raise ValueError(f"source must be one of {SOURCES}, not {source!r}")
    return source
