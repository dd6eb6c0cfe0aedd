"""What a test says of findings: the path, the check, and the way out."""

from __future__ import annotations

from collections.abc import Sequence

from pulumi_gcp_tuning.errors import Finding
from pulumi_gcp_tuning.preflight.registry import CHECKS, Check


def find_check(name: str) -> Check | None:
    """The check of that name."""
    return next((check for check in CHECKS if check.name == name), None)


def assert_found(
    findings: Sequence[Finding], *, path: str, check: str, says: str, way_out: str, severity: str = "error"
) -> None:
    """Exactly one finding, at that path, that says what is wrong and what to do."""
    assert [(f.path, f.check, f.severity) for f in findings] == [(path, check, severity)], findings
    assert says in findings[0].problem
    assert way_out in findings[0].remedy
    assert_documented(findings)


def assert_documented(findings: Sequence[Finding]) -> None:
    """Each finding comes from a rule that the documentation has."""
    for finding in findings:
        check = find_check(finding.check)
        assert check is not None, finding
        assert finding.evidence in {rule.evidence for rule in check.rules}
        assert finding.problem
        assert finding.remedy
