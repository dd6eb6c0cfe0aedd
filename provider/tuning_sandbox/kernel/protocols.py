"""What each module of a sandbox offers to the others: one Protocol each, connected in app.py."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, Protocol

Doc = dict[str, Any]
BillingState = Literal["open", "closed", "absent"]


class Storage(Protocol):
    """Buckets and objects by name and by gs:// URI."""

    def find_bucket(self, name: str) -> Doc | None:
        """The bucket, None if there is none."""

    def find_object(self, uri: str) -> Doc | None:
        """The metadata of an object, None if there is none."""

    def read_object(self, uri: str) -> bytes | None:
        """The bytes of an object, None if there is none."""

    def list_objects(self, prefix: str) -> list[str]:
        """The URIs of the objects whose URI starts with the prefix."""

    def is_granted(self, bucket: str, member: str, role: str) -> bool:
        """Whether the member has the role on the bucket or on its project."""

    def write_object(self, uri: str, data: bytes, content_type: str) -> bool:
        """Write an object; False where its bucket does not exist."""

    def make_service_bucket(self, name: str, owner_number: str) -> None:
        """Create a bucket that a Google service owns, if it does not exist."""


class Keys(Protocol):
    """Keys of Cloud KMS by name, with the project as id or number."""

    def find_key(self, name: str) -> Doc | None:
        """The key with its primary version, None if there is none."""

    def is_granted(self, name: str, member: str, role: str) -> bool:
        """Whether the member has the role on the key, its ring or its project."""


class Accounts(Protocol):
    """Service accounts, those of the user and those of Google's services."""

    def find_account(self, key: str) -> Doc | None:
        """A service account by email or unique id, None if there is none."""

    def make_service_agent(self, project_number: str, agent: str) -> str:
        """Create a project's service agent (`gcp-sa-vertex-tune`) and return its email."""


class EnabledServices(Protocol):
    """Which APIs are enabled in a project."""

    def is_enabled(self, project_id: str, host: str) -> bool:
        """Whether the API of this host is enabled in the project."""


class Billing(Protocol):
    """Whether a project has billing."""

    def state_of(self, project_id: str) -> BillingState:
        """Whether the project's billing account is open, closed or absent."""


class OrgPolicies(Protocol):
    """What the organization's policies allow a project."""

    def allows_location(self, project_number: str, location: str) -> bool:
        """Whether a resource may be created in this location."""

    def requires_key(self, project_number: str, host: str) -> bool:
        """Whether the service requires a customer-managed key for every resource."""


class Quotas(Protocol):
    """The limits of a project."""

    def limit_of(self, project_id: str, metric: str, location: str) -> int | None:
        """The limit of a metric, None if it is unlimited or the metric is not known."""


@dataclass(frozen=True)
class Services:
    """All modules of a sandbox, by the Protocols that the others use."""

    storage: Storage
    keys: Keys
    accounts: Accounts
    enabled: EnabledServices
    billing: Billing
    org_policies: OrgPolicies
    quotas: Quotas
