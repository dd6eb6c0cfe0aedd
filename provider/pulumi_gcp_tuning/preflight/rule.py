"""A rule of a check, written once: its findings and its entry in the documentation are both made from it."""

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
    """One condition that a check refuses or warns about.

    ``check`` is the name that switches it, ``name`` distinguishes it within the check, ``refuses`` ends the sentence
    "It refuses ...", ``why`` is the source, ``facts`` are the facts needed from Google (empty: it is checked offline).
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
        """A finding of this rule; ``severity`` and ``evidence`` override the rule's own for this case.

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
        """The warning for a fact that could not be fetched; the same fact gives the same text everywhere."""
        problem = f"{_capital(fact.subject)} could not be checked: {fact.reason.rstrip('.')}."
        needs = advise("grant a permission", "Checking it takes {needs}.", needs=fact.needs)
        return self.finding(path, problem, needs, severity="warn", shared=True)


Rules = tuple[Rule | Callable[[], tuple["Rule", ...]], ...]
"""The rules that a resource calls; rules that are slow to load are given as a function."""


def stated(rules: Rules) -> tuple[Rule, ...]:
    """Each rule once, with the functions called."""
    found = [(rule,) if isinstance(rule, Rule) else rule() for rule in rules]
    return tuple(dict.fromkeys(each for several in found for each in several))


def distinct(findings: list[Finding]) -> list[Finding]:
    """Removes duplicates; an error replaces a warning with the same text, because two checks may miss the same fact."""
    said: dict[tuple[Words, Remedy | None], Finding] = {}
    for finding in findings:
        words = (finding.problem, finding.remedy)
        if words not in said or (said[words].severity == "warn" and finding.severity == "error"):
            said[words] = finding
    return list(said.values())


def _capital(text: str) -> str:
    return text if text.startswith("gs://") else text[:1].upper() + text[1:]
