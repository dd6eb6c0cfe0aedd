"""Calls to a model: generateContent, predict and countTokens, on an endpoint or on a publisher's model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi_gcp_tuning.google import answer_shapes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pulumi_gcp_tuning.google.operations import Json
    from pulumi_gcp_tuning.google.vertex_wire import VertexWire


class PredictionCalls:
    """Answers of the models of one location."""

    _wire: VertexWire

    def generate_content(self, target: str, body: Json) -> Json:
        """The answer of an endpoint (its full name) or of ``projects/P/locations/L/publishers/google/models/M``."""
        return self._wire.post(
            f"{target}:generateContent", answer_shapes.GENERATED, body, resend="idempotent", read_seconds=120.0
        )

    def predict(self, target: str, instance: Json, parameters: Json) -> Json:
        """The answer of a bison model, on an endpoint or as a publisher's model, to one instance."""
        body = {"instances": [instance], "parameters": parameters}
        return self._wire.post(
            f"{target}:predict", answer_shapes.PREDICTED, body, resend="idempotent", read_seconds=120.0
        )

    def predict_texts(self, target: str, instance: Json) -> list[str]:
        """The answers of an open model on a machine to one instance. A cold machine's errors (503, 504) are waited out."""
        body = {"instances": [instance]}
        shape = answer_shapes.PREDICTED_TEXTS
        found = self._wire.post(f"{target}:predict", shape, body, resend="idempotent", read_seconds=120.0)
        return list(found.get("predictions") or ())

    def count_tokens(self, target: str, contents: Sequence[Json]) -> int:
        """The number of tokens of the contents for ``projects/P/locations/L/publishers/google/models/M``. Costs nothing."""
        body = {"contents": list(contents)}
        found = self._wire.post(f"{target}:countTokens", answer_shapes.COUNTED, body, resend="idempotent")
        return int(found["totalTokens"])
