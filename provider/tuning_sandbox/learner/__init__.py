"""A real little text model that the sandbox trains on the JSONL a tuning job names. It is not Gemini."""

from __future__ import annotations
