"""Data sets to try a training with: generated from a seed, not copied."""

from __future__ import annotations
