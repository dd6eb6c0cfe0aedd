"""What a test says of findings: the path, the check, and the way out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pulumi_gcp_tuning.errors import Finding, Printed
from pulumi_gcp_tuning.preflight.registry import CHECKS, Check
from pulumi_gcp_tuning.wording import PYTHON, PropertyPath, Remedy, Words


def find_check(name: str) -> Check | None:
    """The check of that name."""
    return next((check for check in CHECKS if check.name == name), None)


def assert_found(
    findings: Sequence[Finding],
    *,
    path: str | PropertyPath,
    check: str,
    says: str,
    way_out: str,
    severity: str = "error",
) -> None:
    """Exactly one finding, at that path in Python spelling, that says what is wrong and what to do."""
    printed, at = printed_of(findings), path if isinstance(path, str) else PYTHON.path(path)
    assert [(f.path, f.check, f.severity) for f in printed] == [(at, check, severity)], printed
    assert says in printed[0].problem
    assert way_out in printed[0].remedy
    assert_documented(findings)


def assert_documented(findings: Sequence[Finding]) -> None:
    """Each finding comes from a rule that the documentation has."""
    for finding in findings:
        check = find_check(finding.check)
        assert check is not None, finding
        assert finding.evidence in {rule.evidence for rule in check.rules}
        assert str(finding.problem)
        assert str(finding.remedy)


def printed_of(findings: Sequence[Finding]) -> list[Printed]:
    """The findings in Python spelling."""
    return [finding.printed(PYTHON) for finding in findings]


def finding_of(path: PropertyPath, problem: str, remedy: str, **more: Any) -> Finding:
    """A finding in plain words."""
    way_out = Remedy("set a property", Words((remedy,))) if remedy else None
    return Finding(path=path, problem=Words((problem,)), remedy=way_out, **more)
