"""Requests to Google and their answers.

:class:`Google` is the one object that resources and checks are given. It is cheap to make: sessions, credentials and
Google's libraries come with the first call that needs them.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from pulumi_gcp_tuning.clock import Clock, SystemClock
from pulumi_gcp_tuning.errors import NotFound, Refused
from pulumi_gcp_tuning.google.operations import Wait, WaitEnded, never
from pulumi_gcp_tuning.google.transport import Transport
from pulumi_gcp_tuning.once import Once

if TYPE_CHECKING:
    from collections.abc import Callable

    from pulumi_gcp_tuning.config import Service, Settings
    from pulumi_gcp_tuning.google.billing import Billing
    from pulumi_gcp_tuning.google.gemini_api import TunedModels
    from pulumi_gcp_tuning.google.kms import Kms
    from pulumi_gcp_tuning.google.org_policies import OrgPolicies
    from pulumi_gcp_tuning.google.projects import Projects
    from pulumi_gcp_tuning.google.quotas import Quotas
    from pulumi_gcp_tuning.google.service_accounts import ServiceAccounts
    from pulumi_gcp_tuning.google.services import Services
    from pulumi_gcp_tuning.google.storage import Storage
    from pulumi_gcp_tuning.google.vertex import Vertex

__all__ = ["Clock", "Google", "SystemClock", "Wait", "WaitEnded"]

T = TypeVar("T")


class Google:
    """Google's APIs under these settings; shared by all threads of a run."""

    def __init__(
        self, settings: Settings, clock: Clock | None = None, *, cancelled: Callable[[], bool] = never
    ) -> None:
        self.settings = settings
        self.clock: Clock = clock or SystemClock()
        self.facts = Once(NotFound)  # this run may still create what is missing now
        self.transport = Transport(settings, self.clock, cancelled=cancelled)
        self._made = Once(Exception)

    def origin(self, service: Service, location: str | None = None) -> str:
        """The address of a service; see ``Settings.origin``."""
        return self.settings.origin(service, location)

    def vertex(self, location: str) -> Vertex:
        """Vertex AI at the host that serves ``location`` (a region, ``us``, ``eu`` or ``global``)."""
        from pulumi_gcp_tuning.google.vertex import Vertex

        return self._made.get((Vertex, location), lambda: Vertex(self.transport, self.origin("aiplatform", location)))

    def vertex_of(self, name: str) -> Vertex:
        """Vertex AI at the host that serves the location within a name, ``projects/P/locations/L`` at least. Else raises Refused."""
        parts = name.split("/")
        if len(parts) < 4 or parts[0] != "projects" or parts[2] != "locations":
            raise Refused(
                f"{name!r} is not a Google resource name. A resource name looks like this: projects/PROJECT/locations/LOCATION/..."
            )
        return self.vertex(parts[3])

    @property
    def storage(self) -> Storage:
        """Cloud Storage."""
        from pulumi_gcp_tuning.google.storage import Storage

        return self._made.get(Storage, lambda: Storage(self.transport, self.origin("storage"), self.facts))

    @property
    def kms(self) -> Kms:
        """Cloud KMS."""
        from pulumi_gcp_tuning.google.kms import Kms

        return self._made.get(Kms, lambda: Kms(self.transport, self.origin("cloudkms"), self.facts))

    @property
    def projects(self) -> Projects:
        """Resource Manager."""
        from pulumi_gcp_tuning.google.projects import Projects

        return self._made.get(
            Projects, lambda: Projects(self.transport, self.origin("cloudresourcemanager"), self.facts)
        )

    @property
    def services(self) -> Services:
        """Service Usage."""
        from pulumi_gcp_tuning.google.services import Services

        return self._made.get(Services, lambda: Services(self.transport, self.origin("serviceusage"), self.facts))

    @property
    def quotas(self) -> Quotas:
        """Cloud Quotas."""
        from pulumi_gcp_tuning.google.quotas import Quotas

        return self._made.get(Quotas, lambda: Quotas(self.transport, self.origin("cloudquotas"), self.facts))

    @property
    def billing(self) -> Billing:
        """Cloud Billing."""
        from pulumi_gcp_tuning.google.billing import Billing

        return self._made.get(Billing, lambda: Billing(self.transport, self.origin("cloudbilling"), self.facts))

    @property
    def org_policies(self) -> OrgPolicies:
        """Organization Policy."""
        from pulumi_gcp_tuning.google.org_policies import OrgPolicies

        return self._made.get(OrgPolicies, lambda: OrgPolicies(self.transport, self.origin("orgpolicy"), self.facts))

    @property
    def service_accounts(self) -> ServiceAccounts:
        """IAM."""
        from pulumi_gcp_tuning.google.service_accounts import ServiceAccounts

        return self._made.get(ServiceAccounts, lambda: ServiceAccounts(self.transport, self.origin("iam"), self.facts))

    @property
    def tuned_models(self) -> TunedModels:
        """Tuned models of the Gemini API."""
        from pulumi_gcp_tuning.google.gemini_api import TunedModels

        return self._made.get(TunedModels, lambda: TunedModels(self.transport, self.origin("generativelanguage")))

    def cached(self, kind: str, name: str, fetch: Callable[[], T], *, fresh: bool = False) -> T:
        """A fact that is fetched once per run and shared by all resources and threads."""
        return self.facts.get((kind, name), fetch, fresh=fresh)

    def now(self) -> datetime:
        """The time by Google's last answer; that of the machine before the first."""
        return self.clock.now() + self.transport.ahead

    def warm(self) -> None:
        """Starts importing Google's generated clients in the background; call it if a write will follow."""
        from pulumi_gcp_tuning.google.gapic import warm_gapic

        warm_gapic()

    def close(self) -> None:
        """Closes the connections."""
        self.transport.close()
