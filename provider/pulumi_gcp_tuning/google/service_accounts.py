"""IAM: service accounts and who may act as them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from pulumi_gcp_tuning.google.lookup_shapes import GRANTED, POLICY, SERVICE_ACCOUNT

if TYPE_CHECKING:
    from pulumi_gcp_tuning.google.operations import Json
    from pulumi_gcp_tuning.google.transport import Transport
    from pulumi_gcp_tuning.once import Once

ACT_AS: Final = "iam.serviceAccounts.actAs"


@dataclass(frozen=True)
class ServiceAccounts:
    """Each account is read once per run, in the project that its email names."""

    transport: Transport
    origin: str
    facts: Once

    def get_service_account(self, email: str) -> Json:
        """``email``, ``disabled`` and the rest. NotFound if there is none."""
        return self.facts.get(
            ("service account", email), lambda: self.transport.send("GET", self._url(email), SERVICE_ACCOUNT)
        )

    def may_act_as(self, email: str) -> bool:
        """Whether the caller has ``iam.serviceAccounts.actAs`` on it."""
        url, body = f"{self._url(email)}:testIamPermissions", {"permissions": [ACT_AS]}
        found = self.facts.get(
            ("act as", email), lambda: self.transport.send("POST", url, GRANTED, body=body, resend="idempotent")
        )
        return ACT_AS in (found.get("permissions") or ())

    def get_account_policy(self, email: str) -> Json:
        """The policy on the account: who may use it."""
        url = f"{self._url(email)}:getIamPolicy"
        return self.facts.get(
            ("account policy", email), lambda: self.transport.send("POST", url, POLICY, body={}, resend="idempotent")
        )

    def _url(self, email: str) -> str:
        return f"{self.origin}/v1/projects/{project_of(email)}/serviceAccounts/{quote(email, safe='@')}"


def project_of(email: str) -> str:
    """The project that an account's email names, ``-`` if it has none.

    The wildcard answers 403 for an account that does not exist (Google's discovery document), so it is used only where no project is known.
    """
    name, _, domain = email.partition("@")
    if domain == "developer.gserviceaccount.com":
        number = name.partition("-")[0]
        return number if number.isdigit() else "-"
    if domain == "appspot.gserviceaccount.com":
        return name
    inner = domain.removesuffix(".iam.gserviceaccount.com")
    if not inner or inner == domain:
        return "-"
    project, _, scope = inner.partition(".")
    return f"{scope}:{project}" if scope else project
