"""Vertex AI in the sandbox: tuning jobs that really train, models, endpoints, operations, answers."""

from __future__ import annotations

from . import endpoints, generate, jobs, models, operations
from .service import api

__all__ = ["api", "endpoints", "generate", "jobs", "models", "operations"]
