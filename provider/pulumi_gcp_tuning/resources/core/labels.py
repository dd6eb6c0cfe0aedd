"""Labels as pulumi_gcp has them: what the program declares, what the configuration adds, what is at Google."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pulumi_gcp_tuning.names import (
    CLAIM_LABEL,
    CLAIMED_LABEL,
    IDENTITY_LABEL,
    OUR_LABELS,
    SECRET_LABEL,
    SPEC_LABEL,
    STACK_LABEL,
)
from pulumi_gcp_tuning.resources.core.lifecycle import UNKNOWN, Properties

IDENTITY: Final = IDENTITY_LABEL
SPEC: Final = SPEC_LABEL
CLAIMED: Final = CLAIMED_LABEL
"""When a TunedModel took a model over, in milliseconds: the latest is the current one, however old the model is."""
CLAIM: Final = CLAIM_LABEL
"""The token of the state entry that a model or an endpoint belongs to, see ``claims.py``."""
STACK: Final = STACK_LABEL
"""The hash of project and stack, the same on all that a stack creates."""
SECRET_NAMES: Final = SECRET_LABEL
"""Marks an endpoint of ours on which the display name of a deployment is a secret, for whoever reads the endpoint."""
RELEASE_PREFIX: Final = "gcp-tuning-release"
RESERVED: Final = OUR_LABELS
OURS_ON_JOB: Final = 3
"""How many labels the plugin puts on a job: identity, spec and stack. What a job makes inherits them."""
OURS_ON_ENDPOINT: Final = 5
"""The three of a job, the claim, and that a name on it is a secret."""
OURS_ON_MODEL: Final = 5
"""The three of a job, the claim, and when it was taken over."""


def pulumi_labels(defaults: Mapping[str, str], declared: Any) -> Any:
    """Default labels with the declared ones over them; UNKNOWN if the declared ones are."""
    if declared is UNKNOWN:
        return UNKNOWN
    return {**defaults, **(declared or {})}


def effective_labels(wire: Mapping[str, Any]) -> dict[str, str]:
    """All labels that Google holds."""
    return {str(key): str(value) for key, value in (wire.get("labels") or {}).items()}


def merged(live: Mapping[str, str], before: Mapping[str, str], wanted: Mapping[str, str]) -> dict[str, str]:
    """The live labels after ours went from ``before`` to ``wanted``; labels of others stay."""
    kept = {key: value for key, value in live.items() if key not in before or key in wanted}
    return {**kept, **wanted}


def managed(live: Mapping[str, str], ours: Mapping[str, Any] | None) -> dict[str, str]:
    """The live values of the labels that we declared; one that no longer exists at Google is missing here."""
    return {key: live[key] for key in (ours or {}) if key in live}


def is_release(labels: Mapping[str, str]) -> bool:
    """Whether a label marks the thing as a release, which deletion respects."""
    return any(key.startswith(RELEASE_PREFIX) for key in labels)


def with_live_labels(inputs: Properties, live: Mapping[str, str]) -> Properties:
    """Stored inputs with the labels that we manage at their live values."""
    changed = dict(inputs)
    for key in ("labels", "pulumiLabels"):
        if isinstance(inputs.get(key), Mapping):
            changed[key] = managed(live, inputs[key])
    return changed
