"""A small real text model that the sandbox trains on the JSONL of a tuning job. It is not Gemini."""

from __future__ import annotations

import os

# numpy reads this on import: the learner's matrices are small, so a second thread would mostly wait for the first
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
