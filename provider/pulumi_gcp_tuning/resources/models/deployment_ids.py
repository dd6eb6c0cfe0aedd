"""The deployment ids that this package chooses, so that a declaration can find its own deployment."""

from __future__ import annotations

import hashlib

from pulumi_gcp_tuning.resources.models.turns import endpoint_key


def derived_id(identity: str, endpoint: str, model: str, checkpoint_id: str | None, display_name: str | None) -> str:
    """Ten digits: seven from the resource and what it deploys, three from these and the endpoint.

    An id that somebody else chose proves nothing, because others choose ten digits too.
    """
    text = f"{identity}/{model}/{checkpoint_id or ''}/{display_name or ''}"
    number = int(hashlib.sha256(text.encode()).hexdigest(), 16)
    own = str(10**6 + number % (9 * 10**6))
    digest = hashlib.sha256(f"gcp-tuning/{endpoint_key(endpoint)}/{own}".encode()).hexdigest()
    return f"{own}{int(digest, 16) % 1000:03}"
