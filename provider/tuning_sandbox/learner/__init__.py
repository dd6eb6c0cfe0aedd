"""A real little text model that the sandbox trains on the JSONL a tuning job names. It is not Gemini."""

from __future__ import annotations

import os

# numpy reads this when it is loaded: the learner's matrices are small, and a second thread would mostly wait for the first
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
