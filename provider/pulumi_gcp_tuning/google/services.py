"""Service Usage: whether an API is switched on in a project."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pulumi_gcp_tuning.google.facts import Facts
    from pulumi_gcp_tuning.google.operations import Json
    from pulumi_gcp_tuning.google.transport import Transport


@dataclass(frozen=True)
class Services:
    """Each service is asked for once per run and project."""

    transport: Transport
    origin: str
    facts: Facts

    def get_service(self, project: str, service: str = "aiplatform.googleapis.com", *, fresh: bool = False) -> Json:
        """``state`` is ENABLED or DISABLED."""
        name = f"projects/{project}/services/{service}"
        url = f"{self.origin}/v1/{name}"
        return self.facts.once("service", name, lambda: self.transport.send("GET", url), fresh=fresh)
