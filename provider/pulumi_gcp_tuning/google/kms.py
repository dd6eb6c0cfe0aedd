"""Cloud KMS: reads of keys and their policies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pulumi_gcp_tuning.google.lookup_shapes import KEY, POLICY

if TYPE_CHECKING:
    from pulumi_gcp_tuning.google.operations import Json
    from pulumi_gcp_tuning.google.shape import Shape
    from pulumi_gcp_tuning.google.transport import Transport
    from pulumi_gcp_tuning.once import Once


@dataclass(frozen=True)
class Kms:
    """Each key is read once per run."""

    transport: Transport
    origin: str
    facts: Once

    def get_crypto_key(self, name: str) -> Json:
        """``purpose``, ``primary.state``, ``primary.protectionLevel`` and the rest of a key."""
        return self.facts.get(("kms key", name), lambda: self._get(name, KEY))

    def get_crypto_key_iam_policy(self, name: str) -> Json:
        """The policy on the key itself; a grant on its ring or project does not show here."""
        return self.facts.get(("kms policy", name), lambda: self._get(f"{name}:getIamPolicy", POLICY))

    def get_key_ring_iam_policy(self, name: str) -> Json:
        """The policy on a key ring; its keys inherit it."""
        return self.facts.get(("ring policy", name), lambda: self._get(f"{name}:getIamPolicy", POLICY))

    def _get(self, path: str, shape: Shape) -> Json:
        return self.transport.send("GET", f"{self.origin}/v1/{path}", shape)
