"""Organization Policy: the constraints on a project, inherited ones included."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pulumi_gcp_tuning.google.lookup_shapes import ORG_POLICY

if TYPE_CHECKING:
    from pulumi_gcp_tuning.google.operations import Json
    from pulumi_gcp_tuning.google.transport import Transport
    from pulumi_gcp_tuning.once import Once


@dataclass(frozen=True)
class OrgPolicies:
    """Each constraint is read once per run and project."""

    transport: Transport
    origin: str
    facts: Once

    def get_effective_policy(self, project: str, constraint: str) -> Json:
        """The effective v2 policy of the project: ``spec.rules`` with values, ``allowAll`` or ``denyAll``."""
        name = f"projects/{project}/policies/{constraint}"
        url = f"{self.origin}/v2/{name}:getEffectivePolicy"
        return self.facts.get(("org policy", name), lambda: self.transport.send("GET", url, ORG_POLICY))
