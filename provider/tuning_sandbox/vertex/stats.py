"""tuningDataStats of a data set, as Google's job shows them (token counts by the sandbox's four-character rule)."""

from __future__ import annotations

from statistics import fmean, median
from typing import Any

from tuning_sandbox.learner.dataset import Dataset, Example
from tuning_sandbox.learner.schedule import steps_of

_BUCKETS = 10


def data_stats(data: Dataset, epochs: int, batch: int = 0) -> dict[str, Any]:
    """The supervisedTuningDataStats of a training data set and a number of epochs, without the user's rows."""
    examples = data.examples
    truncated = [at for at, example in enumerate(examples) if example.truncated]
    billable = sum(map(_tokens_of, examples))  # of one epoch, as in a published record of a job of ten
    return {
        "supervisedTuningDataStats": {
            "tuningDatasetExampleCount": str(len(examples)),
            "totalTuningCharacterCount": str(sum(example.characters for example in examples)),
            "totalBillableTokenCount": str(billable),
            "tuningStepCount": str(steps_of(len(examples), epochs, batch)),
            "totalTruncatedExampleCount": str(len(truncated)),
            "truncatedExampleIndices": [str(at) for at in truncated[:1000]],
            "userInputTokenDistribution": _distribution([example.user_tokens for example in examples]),
            "userOutputTokenDistribution": _distribution([example.answer_tokens for example in examples]),
            "userMessagePerExampleDistribution": _distribution([example.user_messages for example in examples]),
        }
    }


def _tokens_of(example: Example) -> int:
    return example.user_tokens + example.answer_tokens


def _distribution(values: list[int]) -> dict[str, Any]:
    ordered = sorted(values)
    low, high = ordered[0], ordered[-1]
    width = (high - low) / _BUCKETS or 1.0
    counts = [0] * _BUCKETS
    for value in ordered:
        counts[min(_BUCKETS - 1, int((value - low) / width))] += 1
    buckets = [
        {"count": count, "left": round(low + at * width, 3), "right": round(low + (at + 1) * width, 3)}
        for at, count in enumerate(counts)
        if count
    ]
    return {
        "sum": str(sum(ordered)),
        "billableSum": str(sum(ordered)),
        "min": low,
        "max": high,
        "mean": round(fmean(ordered), 4),
        "median": median(ordered),
        "p5": ordered[int(0.05 * (len(ordered) - 1))],
        "p95": ordered[int(0.95 * (len(ordered) - 1))],
        "buckets": buckets,
    }
