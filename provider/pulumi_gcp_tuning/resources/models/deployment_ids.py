"""The ids that this plugin chooses for deployments, and by which it recognises them."""

from __future__ import annotations

import hashlib

from pulumi_gcp_tuning.resources.models.removal import endpoint_key


def derived_id(identity: str, endpoint: str, model: str, checkpoint_id: str | None, display_name: str | None) -> str:
    """Ten digits: seven of this resource and what it deploys, three that prove that the plugin chose them."""
    text = f"{identity}/{model}/{checkpoint_id or ''}/{display_name or ''}"
    number = int(hashlib.sha256(text.encode()).hexdigest(), 16)
    own = str(10**6 + number % (9 * 10**6))
    return own + _proof(endpoint, own)


def is_ours(endpoint: str, deployed_model_id: str) -> bool:
    """Whether a deployment of this plugin chose the id: a deployed model has no labels, so its id tells."""
    own, proof = deployed_model_id[:7], deployed_model_id[7:]
    return len(deployed_model_id) == 10 and proof == _proof(endpoint, own)


def _proof(endpoint: str, own: str) -> str:
    digest = hashlib.sha256(f"gcp-tuning/{endpoint_key(endpoint)}/{own}".encode()).hexdigest()
    return f"{int(digest, 16) % 1000:03}"
