"""Components that declare several resources of pulumi_gcp or of this package at once."""

from __future__ import annotations

from pulumi_gcp_tuning.components.open_model_roles import OpenModelBucketRoles as OpenModelBucketRoles

__all__ = ["OpenModelBucketRoles"]
