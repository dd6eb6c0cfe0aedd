"""Cloud Billing: whether a project can be billed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pulumi_gcp_tuning.google.lookup_shapes import BILLING_INFO

if TYPE_CHECKING:
    from pulumi_gcp_tuning.google.operations import Json
    from pulumi_gcp_tuning.google.transport import Transport
    from pulumi_gcp_tuning.once import Once


@dataclass(frozen=True)
class Billing:
    """Each project is read once per run."""

    transport: Transport
    origin: str
    facts: Once

    def get_billing_info(self, project: str) -> Json:
        """``billingEnabled`` and ``billingAccountName`` of a project; both are missing if billing is off."""
        url = f"{self.origin}/v1/projects/{project}/billingInfo"
        return self.facts.get(("billing", project), lambda: self.transport.send("GET", url, BILLING_INFO))
