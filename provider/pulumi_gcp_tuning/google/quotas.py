"""Cloud Quotas: the limits of a project. The usage is counted from the jobs themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pulumi_gcp_tuning.google.lookup_shapes import QUOTA_INFOS
from pulumi_gcp_tuning.google.pages import list_pages

if TYPE_CHECKING:
    from pulumi_gcp_tuning.google.operations import Json
    from pulumi_gcp_tuning.google.transport import Transport
    from pulumi_gcp_tuning.once import Once


@dataclass(frozen=True)
class Quotas:
    """The limits of each project and service are read once per run."""

    transport: Transport
    origin: str
    facts: Once

    def list_quota_infos(
        self, project: str, service: str = "aiplatform.googleapis.com", *, fresh: bool = False
    ) -> list[Json]:
        """All quotaInfos. ``dimensionsInfos[].details.value`` is an int64 as string; ``"-1"`` means unlimited."""
        name = f"projects/{project}/locations/global/services/{service}"
        return self.facts.get(("quotas", name), lambda: self._list(name), fresh=fresh)

    def _list(self, name: str) -> list[Json]:
        pages = list_pages(self.transport, f"{self.origin}/v1/{name}/quotaInfos", QUOTA_INFOS, {"pageSize": 500})
        return [each for page in pages for each in page.get("quotaInfos") or ()]
