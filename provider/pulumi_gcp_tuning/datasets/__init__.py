"""A tuning dataset, read once in a stream: what Google would refuse, drop or truncate, by file, line and field.

``validate`` reads a training file and perhaps a validation file, local or anything binary that can be read, and answers
with counts and findings. Rows never leave it unless ``show_rows`` is asked for.
"""

from __future__ import annotations

from pulumi_gcp_tuning.datasets.formats import FORMAT_IDS
from pulumi_gcp_tuning.datasets.reading import Source
from pulumi_gcp_tuning.datasets.report import FileReport, Report, RowFinding
from pulumi_gcp_tuning.datasets.rules import RULES, Rule
from pulumi_gcp_tuning.datasets.validation import validate

__all__ = ["FORMAT_IDS", "RULES", "FileReport", "Report", "RowFinding", "Rule", "Source", "validate"]
