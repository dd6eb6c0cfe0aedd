"""IAM: service accounts and who may act as them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

if TYPE_CHECKING:
    from pulumi_gcp_tuning.google.facts import Facts
    from pulumi_gcp_tuning.google.operations import Json
    from pulumi_gcp_tuning.google.transport import Transport

ACT_AS: Final = "iam.serviceAccounts.actAs"


@dataclass(frozen=True)
class ServiceAccounts:
    """Each account is asked for once per run, by its email; which project it lives in need not be known."""

    transport: Transport
    origin: str
    facts: Facts

    def get_service_account(self, email: str) -> Json:
        """``email``, ``disabled`` and the rest. NotFound where there is none, or where the caller may not see it."""
        return self.facts.once("service account", email, lambda: self.transport.send("GET", self._url(email)))

    def may_act_as(self, email: str) -> bool:
        """Whether the caller has ``iam.serviceAccounts.actAs`` on it."""
        url, body = f"{self._url(email)}:testIamPermissions", {"permissions": [ACT_AS]}
        found = self.facts.once("act as", email, lambda: self.transport.send("POST", url, body=body))
        return ACT_AS in (found.get("permissions") or ())

    def _url(self, email: str) -> str:
        return f"{self.origin}/v1/projects/-/serviceAccounts/{quote(email, safe='@')}"
