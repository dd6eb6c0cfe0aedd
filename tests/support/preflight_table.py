"""The table of cases: every rule of the checks, of the issue and of the seeds, with a refusal and a neighbour that passes."""

from __future__ import annotations

from typing import Final

from support import (
    preflight_format_cases,
    preflight_google_cases,
    preflight_job_cases,
    preflight_other_cases,
    preflight_pure_cases,
    preflight_row_cases,
)
from support.preflight_case import Case

TABLE: Final[tuple[Case, ...]] = (
    *preflight_job_cases.CASES,
    *preflight_google_cases.CASES,
    *preflight_row_cases.CASES,
    *preflight_other_cases.CASES,
    *preflight_pure_cases.CASES,
    *preflight_format_cases.CASES,
)
"""Every case, by kind of resource and then by check."""

OF_RESOURCES: Final = tuple(case for case in TABLE if case.kind != "pure")
PURE: Final = tuple(case for case in TABLE if case.kind == "pure")

_JOB, _DATASET = "TuningJob", "TuningDataset"
_ELSEWHERE: Final = "only formats that no model of a TuningJob reads can break it"
_ONE_FILE: Final = "a TuningDataset is one file, of which nobody knows yet whether it trains or validates"
_MODELLESS: Final = "a TuningDataset names no model, so it is judged by the usual one of its format"
_IN_SCHEMA: Final = "the schema of TuningJob says it first"
_TOO_LONG: Final = "a file that breaks it takes too long to make for every case; the pure function has it"
_OF_OTHER_FORMATS: Final = (
    "evaluation-size", "fewer-than-recommended", "image-detail", "image-encoding", "input-too-long", "no-evaluation",
    "output-too-long", "same-completions", "score", "text-rows-dropped", "too-few-examples", "too-many-authors",
    "too-many-examples", "two-completions", "validation-bytes",
)  # fmt: skip
_OF_TWO_FILES: Final = (
    "evaluation-size", "leakage", "no-evaluation", "other-format", "validation-bytes", "validation-share",
    "validation-size",
)  # fmt: skip
NOT_REACHED: Final[dict[tuple[str, str, str], str]] = {
    **{("dataset", kind, _JOB): _ELSEWHERE for kind in _OF_OTHER_FORMATS},
    **{("dataset", kind, _DATASET): _ONE_FILE for kind in _OF_TWO_FILES},
    **{("dataset", kind, _DATASET): _MODELLESS for kind in ("format-of-model", "text-only")},
    **{("dataset", kind, _DATASET): _TOO_LONG for kind in ("many-examples", "too-large")},
    **{
        ("dataset", kind, kind_of): _TOO_LONG for kind in ("line-too-long", "unchecked") for kind_of in (_JOB, _DATASET)
    },
    ("dataset", "unreadable", _JOB): "an object that cannot be read is a fact that could not be fetched",
    ("change", "dataset unchanged since the preview", _JOB): "it takes two looks: tests/stacks/test_dataset_changes.py",
    ("hyperparameters", "numbers that mean something", _JOB): _IN_SCHEMA,
    ("hyperparameters", "one learning rate", _JOB): _IN_SCHEMA,
    ("hyperparameters", "parameter exists", _JOB): _IN_SCHEMA,
    ("quota", "a quota that is not listed", _JOB): "the sandbox lists every quota that a job takes of",
}
"""Rules that a resource calls and that no case breaks through it, with the reason."""

NOT_DECLARED: Final[dict[str, str]] = {
    "a change under on_change error": "it takes a job in state: tests/stacks/test_replacement.py",
    "tuning_dataset: a file that changed since the program read it": "it takes two runs: tests/stacks/test_dataset_changes.py",
}
"""Cases that a program cannot declare, with the reason; the resource's check has them all."""
