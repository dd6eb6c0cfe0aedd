"""The Gemini API (generativelanguage) in the sandbox: tuned models that really train, and their answers."""

from __future__ import annotations

from tuning_sandbox.gemini_api import answers, tuned_models
from tuning_sandbox.gemini_api.service import api

__all__ = ["answers", "api", "tuned_models"]
