"""Vertex AI in one location: jobs, models, endpoints, answers of models.

Reads are plain JSON, so a preview that only reads does not import the generated clients; writes use Google's
own message types (``gapic.py``). Names and parents are full resource names. Answers are dicts as in Google's REST
reference: lowerCamel keys, names of enums, int64 as strings.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi_gcp_tuning.google.endpoints import EndpointCalls
from pulumi_gcp_tuning.google.model_garden import ModelGardenCalls
from pulumi_gcp_tuning.google.models import ModelCalls
from pulumi_gcp_tuning.google.pipeline_jobs import PipelineJobCalls
from pulumi_gcp_tuning.google.prediction import PredictionCalls
from pulumi_gcp_tuning.google.tensorboards import TensorboardCalls
from pulumi_gcp_tuning.google.tuning_jobs import TuningJobCalls
from pulumi_gcp_tuning.google.vertex_wire import VertexWire

if TYPE_CHECKING:
    from pulumi_gcp_tuning.google.transport import Transport


class Vertex(ModelCalls, EndpointCalls, PredictionCalls, ModelGardenCalls, TensorboardCalls):
    """All calls of one location. Made by ``Google.vertex(location)``; safe to share among threads."""

    def __init__(self, transport: Transport, origin: str) -> None:
        self._wire = VertexWire(transport, origin)
        self.tuning_jobs = TuningJobCalls(self._wire)
        self.pipeline_jobs = PipelineJobCalls(self._wire)
