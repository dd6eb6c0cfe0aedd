"""Reads a tuning dataset once in a stream and reports what Google would refuse, drop or truncate, by file, line and field.

``validate`` reads a training file and optionally a validation file (a local path or any binary stream), and returns
counts and findings. They contain no rows unless ``show_rows`` is set.
"""

from __future__ import annotations

from pulumi_gcp_tuning.datasets.formats import FORMAT_IDS
from pulumi_gcp_tuning.datasets.reading import Source
from pulumi_gcp_tuning.datasets.report import FileReport, Report, RowFinding
from pulumi_gcp_tuning.datasets.rules import RULES, Rule
from pulumi_gcp_tuning.datasets.validation import validate

__all__ = ["FORMAT_IDS", "RULES", "FileReport", "Report", "RowFinding", "Rule", "Source", "validate"]
