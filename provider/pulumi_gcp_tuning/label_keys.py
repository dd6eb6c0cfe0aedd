"""The keys of labels at Google: ours, and one that Google sets."""

from __future__ import annotations

from typing import Final

IDENTITY_LABEL: Final = "gcp-tuning-id"
SPEC_LABEL: Final = "gcp-tuning-spec"
CLAIMED_LABEL: Final = "gcp-tuning-claimed"
CLAIM_LABEL: Final = "gcp-tuning-claim"
STACK_LABEL: Final = "gcp-tuning-stack"
SECRET_LABEL: Final = "gcp-tuning-secret"
BASE_MODEL_LABEL: Final = "google-vertex-llm-tuning-base-model-id"
OUR_LABELS: Final = (IDENTITY_LABEL, SPEC_LABEL, CLAIMED_LABEL, CLAIM_LABEL, STACK_LABEL, SECRET_LABEL)
"""The label keys that no program may use."""
