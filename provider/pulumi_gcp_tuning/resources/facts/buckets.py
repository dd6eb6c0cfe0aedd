"""Whether a bucket exists, and whether the caller may use it."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from pulumi_gcp_tuning.preflight.facts import Known, Permissions
from pulumi_gcp_tuning.preflight.identity import check_caller
from pulumi_gcp_tuning.preflight.location import check_bucket
from pulumi_gcp_tuning.resources.facts.surroundings import fetch_bucket_permissions

if TYPE_CHECKING:
    from pulumi_gcp_tuning.errors import Finding
    from pulumi_gcp_tuning.preflight.facts import Fact
    from pulumi_gcp_tuning.resources.core.lifecycle import Call


def check_bucket_access(call: Call, bucket: str, permissions: tuple[str, ...], *, being_made: bool) -> list[Finding]:
    """The findings of the rules that the bucket exists and that the caller has the permissions on it."""
    fact = fetch_bucket_permissions(call, bucket, permissions, being_made=being_made)
    if isinstance(fact, Known) and fact.value is None:
        return check_bucket(bucket, Known(None), None, path=("bucket",))
    held: Fact[Permissions] = cast("Fact[Permissions]", fact)
    return check_caller(held, f"the bucket {bucket}", path=("bucket",))
