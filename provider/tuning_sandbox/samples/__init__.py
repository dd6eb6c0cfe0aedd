"""Data of our own to try a training on: generated from a seed, nothing copied."""

from __future__ import annotations
