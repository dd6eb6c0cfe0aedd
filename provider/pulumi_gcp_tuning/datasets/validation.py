"""Checks a dataset before the job is paid for: its training file and its validation file."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from pulumi_gcp_tuning.catalog import ModelRow
from pulumi_gcp_tuning.datasets.formats import FORMAT_IDS, Format, find_format
from pulumi_gcp_tuning.datasets.one_file import Pass
from pulumi_gcp_tuning.datasets.reading import Source
from pulumi_gcp_tuning.datasets.report import Findings, Report
from pulumi_gcp_tuning.datasets.whole import judge_file, judge_pair, judge_use


def validate(
    training: Source,
    validation: Source | None = None,
    *,
    format: str = "auto",  # noqa: A002
    model: ModelRow | None = None,
    exact_tokens: int | None = None,
    show_rows: bool = False,
    on_bytes: Callable[[int], None] | None = None,
    for_use_on: date | None = None,
) -> Report:
    """Checks a dataset and returns every finding and count.

    ``format`` is one of FORMAT_IDS or ``auto``. The limits are those of ``model``, or else of the format's usual model.
    Without a model, ``for_use_on`` reports which models rows of this format can tune on that day. ``exact_tokens`` is
    Google's count for one pass over the training file. Never raises for the content of a file; a file that cannot be
    opened is the finding ``unreadable``.
    """
    findings = Findings(show_rows=show_rows)
    form = _wanted(format)
    first = Pass(training, "training", findings, form, model)
    _judge(first, on_bytes)
    second = None
    if validation is not None:
        second = Pass(validation, "validation", findings, form, model)
        _judge(second, on_bytes)
    if model is None and for_use_on is not None:
        judge_use(first, for_use_on)
    leaked = judge_pair(first, second, findings) if second is not None else 0
    return Report(
        training=first.report(exact_tokens),
        validation=second.report(None) if second is not None else None,
        leaked=leaked,
        errors=findings.of("error"),
        warnings=findings.of("warn"),
        counts=dict(sorted(findings.counts.items())),
        findings=findings.all(),
    )


def _judge(file: Pass, on_bytes: Callable[[int], None] | None) -> None:
    if file.read(on_bytes):
        judge_file(file)


def _wanted(name: str) -> Format | None:
    found = find_format(name)
    if found is None and name != "auto":
        raise ValueError(f"{name} is not a format; use auto or one of {', '.join(FORMAT_IDS)}")
    return found
