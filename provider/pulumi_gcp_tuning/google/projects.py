"""Resource Manager: a project's id and its number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pulumi_gcp_tuning.google.facts import Facts
    from pulumi_gcp_tuning.google.operations import Json
    from pulumi_gcp_tuning.google.transport import Transport


@dataclass(frozen=True)
class Projects:
    """Each project is asked for once per run."""

    transport: Transport
    origin: str
    facts: Facts

    def get_project(self, project: str, *, fresh: bool = False) -> Json:
        """``projectId``, ``projectNumber`` (a string), ``state`` and the rest, by id or by number."""
        return self.facts.once("project", project, lambda: self._get(project), fresh=fresh)

    def _get(self, project: str) -> Json:
        found = self.transport.send("GET", f"{self.origin}/v3/projects/{project}")
        number = str(found.get("name", "")).removeprefix("projects/")
        return {"projectId": project, **found, "projectNumber": found.get("projectNumber", number)}
