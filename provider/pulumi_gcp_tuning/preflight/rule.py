"""What a check refuses, written once: its findings and its page in the documentation are both made from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pulumi_gcp_tuning.errors import Evidence, Finding, Severity
from pulumi_gcp_tuning.wording import PropertyPath, Remedy, Words, advise

if TYPE_CHECKING:
    from pulumi_gcp_tuning.preflight.facts import Missing


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One thing that a check refuses or warns of.

    ``check`` is the name that switches it, ``name`` distinguishes it within the check, ``refuses`` ends the sentence
    "It refuses ...", ``why`` says who says so, ``facts`` what has to be asked of Google (empty: it is checked offline).
    """

    check: str
    name: str
    refuses: str
    why: str
    evidence: Evidence
    severity: Severity = "error"
    facts: tuple[str, ...] = ()

    def finding(
        self,
        path: PropertyPath,
        problem: Words | str,
        remedy: Remedy | None,
        *,
        severity: Severity | None = None,
        evidence: Evidence | None = None,
        shared: bool = False,
    ) -> Finding:
        """A finding of this rule; ``severity`` and ``evidence``: this case is weaker or stronger than the rule.

        A problem that names a property or a configuration key is :func:`~pulumi_gcp_tuning.wording.words`.
        """
        return Finding(
            path=path,
            problem=problem if isinstance(problem, Words) else Words((problem,)),
            remedy=remedy,
            check=self.check,
            severity=severity or self.severity,
            evidence=evidence or self.evidence,
            shared=shared,
        )

    def not_judged(self, path: PropertyPath, fact: Missing) -> Finding:
        """The one warning for a fact that could not be fetched; the same fact gives the same words everywhere."""
        problem = f"{_capital(fact.subject)} could not be checked: {fact.reason.rstrip('.')}."
        needs = advise("grant a permission", "Checking it takes {needs}.", needs=fact.needs)
        return self.finding(path, problem, needs, severity="warn", shared=True)


Rules = tuple[Rule | Callable[[], tuple["Rule", ...]], ...]
"""The rules that a resource calls; a function stands for rules that take long to load."""


def stated(rules: Rules) -> tuple[Rule, ...]:
    """Each rule once, the functions called."""
    found = [(rule,) if isinstance(rule, Rule) else rule() for rule in rules]
    return tuple(dict.fromkeys(each for several in found for each in several))


def distinct(findings: list[Finding]) -> list[Finding]:
    """Each thing said once, an error before the same words as a warning: two checks may miss the same fact."""
    said: dict[tuple[Words, Remedy | None], Finding] = {}
    for finding in findings:
        words = (finding.problem, finding.remedy)
        if words not in said or (said[words].severity == "warn" and finding.severity == "error"):
            said[words] = finding
    return list(said.values())


def _capital(text: str) -> str:
    return text if text.startswith("gs://") else text[:1].upper() + text[1:]
