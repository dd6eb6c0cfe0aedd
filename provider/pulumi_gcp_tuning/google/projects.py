"""Resource Manager: a project's id and number, its policy, and what the caller may do in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pulumi_gcp_tuning.google.lookup_shapes import GRANTED, POLICY, PROJECT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pulumi_gcp_tuning.google.operations import Json
    from pulumi_gcp_tuning.google.transport import Transport
    from pulumi_gcp_tuning.once import Once


@dataclass(frozen=True)
class Projects:
    """Each project is read once per run."""

    transport: Transport
    origin: str
    facts: Once

    def get_project(self, project: str) -> Json:
        """``projectId``, ``projectNumber`` (a string), ``state`` and the rest, by id or by number."""
        return self.facts.get(("project", project), lambda: self._get(project))

    def get_iam_policy(self, project: str) -> Json:
        """The policy on the project itself; a grant on its folder or organization does not show here."""
        url = f"{self.origin}/v3/projects/{project}:getIamPolicy"
        return self.facts.get(
            ("project policy", project), lambda: self.transport.send("POST", url, POLICY, body={}, resend="idempotent")
        )

    def test_iam_permissions(self, project: str, permissions: Sequence[str]) -> frozenset[str]:
        """The subset of ``permissions`` that the caller has on the project."""
        url, body = f"{self.origin}/v3/projects/{project}:testIamPermissions", {"permissions": list(permissions)}
        name = f"{project} {' '.join(permissions)}"
        found = self.facts.get(
            ("project permissions", name),
            lambda: self.transport.send("POST", url, GRANTED, body=body, resend="idempotent"),
        )
        return frozenset(found.get("permissions") or ())

    def _get(self, project: str) -> Json:
        found = self.transport.send("GET", f"{self.origin}/v3/projects/{project}", PROJECT)
        number = str(found.get("name", "")).removeprefix("projects/")
        return {"projectId": project, **found, "projectNumber": found.get("projectNumber", number)}
