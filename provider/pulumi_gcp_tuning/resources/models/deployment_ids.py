"""The ids that this plugin chooses for deployments, by which a declaration finds its own again."""

from __future__ import annotations

import hashlib

from pulumi_gcp_tuning.resources.models.removal import endpoint_key


def derived_id(identity: str, endpoint: str, model: str, checkpoint_id: str | None, display_name: str | None) -> str:
    """Ten digits: seven of this resource and what it deploys, three of these and the endpoint.

    Nothing is concluded from an id of somebody else's: others choose ten digits too.
    """
    text = f"{identity}/{model}/{checkpoint_id or ''}/{display_name or ''}"
    number = int(hashlib.sha256(text.encode()).hexdigest(), 16)
    own = str(10**6 + number % (9 * 10**6))
    digest = hashlib.sha256(f"gcp-tuning/{endpoint_key(endpoint)}/{own}".encode()).hexdigest()
    return f"{own}{int(digest, 16) % 1000:03}"
