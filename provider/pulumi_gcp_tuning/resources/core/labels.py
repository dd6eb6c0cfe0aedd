"""Labels as pulumi_gcp has them: the declared ones, those that the configuration adds, and those at Google."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from pulumi_gcp_tuning.label_keys import (
    BASE_MODEL_LABEL,
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
"""When a TunedModel took a model over, in milliseconds. The model with the latest time is the current one, whatever its age."""
CLAIM: Final = CLAIM_LABEL
"""The token of the state entry that a model or an endpoint belongs to, see ``claims.py``."""
STACK: Final = STACK_LABEL
"""The hash of project and stack, the same on everything that a stack creates."""
SECRET_NAMES: Final = SECRET_LABEL
"""Marks an endpoint of ours on which a deployment's display name is a secret, so that every reader of the endpoint hides it."""
BASE_MODEL: Final = BASE_MODEL_LABEL
"""Google's label of a tuned model, which names its base model as :func:`base_model_label` does."""
RELEASE_PREFIX: Final = "gcp-tuning-release"
RESERVED: Final = OUR_LABELS
OURS_ON_JOB: Final = 3
"""The number of labels that the package puts on a job: identity, spec and stack. The model and endpoint of the job inherit them."""
OURS_ON_ENDPOINT: Final = 5
"""The three of a job, the claim, and the mark that a name on the endpoint is a secret."""
OURS_ON_MODEL: Final = 5
"""The three of a job, the claim, and the time of the takeover."""
_NOT_IN_LABELS: Final = re.compile(r"[^a-z0-9_-]")


def base_model_label(base_model: str) -> str:
    """The value that Google's label has for a base model: ``gemini-3-1-flash-lite``."""
    return _NOT_IN_LABELS.sub("-", base_model.lower())


def pulumi_labels(defaults: Mapping[str, str], declared: Any) -> Any:
    """The default labels, overridden by the declared ones; UNKNOWN if the declared ones are."""
    if declared is UNKNOWN:
        return UNKNOWN
    return {**defaults, **(declared or {})}


def effective_labels(wire: Mapping[str, Any]) -> dict[str, str]:
    """All labels that the object has at Google."""
    return {str(key): str(value) for key, value in (wire.get("labels") or {}).items()}


def merged(live: Mapping[str, str], before: Mapping[str, str], wanted: Mapping[str, str]) -> dict[str, str]:
    """The live labels after ours changed from ``before`` to ``wanted``. Labels of others stay."""
    kept = {key: value for key, value in live.items() if key not in before or key in wanted}
    return {**kept, **wanted}


def managed(live: Mapping[str, str], ours: Mapping[str, Any] | None) -> dict[str, str]:
    """The live values of the labels that we declared. A label that no longer exists at Google is left out."""
    return {key: live[key] for key in (ours or {}) if key in live}


def is_release(labels: Mapping[str, str]) -> bool:
    """Whether a label marks the model as a release, which is never deleted."""
    return any(key.startswith(RELEASE_PREFIX) for key in labels)


def with_live_labels(inputs: Properties, live: Mapping[str, str]) -> Properties:
    """The stored inputs, with the labels that we manage at their live values."""
    changed = dict(inputs)
    for key in ("labels", "pulumiLabels"):
        if isinstance(inputs.get(key), Mapping):
            changed[key] = managed(live, inputs[key])
    return changed
