"""The lifecycles by the name that stands in users' state."""

from __future__ import annotations

from importlib import import_module
from typing import Final, cast

from pulumi_gcp_tuning.resources.core.frame import Frame
from pulumi_gcp_tuning.resources.core.lifecycle import Lifecycle

KINDS: Final = ("tuning_dataset", "tuning_job", "tuned_model", "endpoint", "model_deployment")


def lifecycle_of(kind: str) -> Frame:
    """The six verbs of a kind of resource in their frame. Imports only what that kind needs."""
    if kind not in KINDS:
        raise LookupError(f"no resource of kind {kind!r}; there are {', '.join(KINDS)}")
    verbs = import_module(f"pulumi_gcp_tuning.resources.{kind}")
    return Frame(kind, cast(Lifecycle, verbs), shared=getattr(verbs, "SHARED", False))
