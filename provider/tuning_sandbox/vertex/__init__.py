"""Vertex AI in the sandbox: jobs that really train, models, endpoints, operations, answers."""

from __future__ import annotations

from tuning_sandbox.vertex import (
    deploy,
    endpoints,
    experiments,
    generate,
    jobs,
    models,
    operations,
    pipelines,
    predict,
    served,
    tensorboards,
)
from tuning_sandbox.vertex.service import api

__all__ = [
    "api",
    "deploy",
    "endpoints",
    "experiments",
    "generate",
    "jobs",
    "models",
    "operations",
    "pipelines",
    "predict",
    "served",
    "tensorboards",
]
