"""Asking a model: generateContent on an endpoint or on a publisher's model."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pulumi_gcp_tuning.google.operations import Json
    from pulumi_gcp_tuning.google.vertex_wire import VertexWire


class PredictionCalls:
    """Answers of the models of one location."""

    _wire: VertexWire

    def generate_content(self, target: str, body: Json) -> Json:
        """The answer of an endpoint (its full name) or of ``projects/P/locations/L/publishers/google/models/M``."""
        return self._wire.post(f"{target}:generateContent", body, resend="idempotent", read_seconds=120.0)
