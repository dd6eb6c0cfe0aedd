"""Service Usage: which APIs are enabled in a project."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pulumi_gcp_tuning.google.lookup_shapes import SERVICES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pulumi_gcp_tuning.google.operations import Json
    from pulumi_gcp_tuning.google.transport import Transport
    from pulumi_gcp_tuning.once import Once


@dataclass(frozen=True)
class Services:
    """The services of a project are read once per run."""

    transport: Transport
    origin: str
    facts: Once

    def get_services(self, project: str, services: Sequence[str]) -> list[Json]:
        """``name`` (with the project's number) and ``state`` (ENABLED or DISABLED) of each, in one call; at most 30."""
        parent = f"projects/{project}"
        names = [("names", f"{parent}/services/{service}") for service in services]
        url = f"{self.origin}/v1/{parent}/services:batchGet"
        asked = f"{parent} {' '.join(services)}"
        found = self.facts.get(("services", asked), lambda: self.transport.send("GET", url, SERVICES, params=names))
        return list(found["services"])
