"""The page on the checks, made from them: ``python -m pulumi_gcp_tuning.preflight.document > docs/checks.md``."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from pulumi_gcp_tuning.preflight.datasets import kinds, remedy_of
from pulumi_gcp_tuning.preflight.registry import CHECKS, RESOURCES, Check, callers_of
from pulumi_gcp_tuning.preflight.rule import Rule

EVIDENCE = {
    "seed": "one of the documents that this project started from",
    "discovery": "Google's discovery documents",
    "recording": "an answer of Google's that was recorded",
    "thread": "a documentation page, an issue or a report of a user; not in Google's reference",
    "assumed": "nobody has shown it: it only ever warns",
    "policy": "ours, or yours: Google would accept it",
}

_INTRO = """\
<!-- Made by `python -m pulumi_gcp_tuning.preflight.document`: edit the rules beside it instead. -->
# Checks

What Google would refuse, `pulumi preview` refuses first. Every finding names the property, what is wrong and what to do,
and all findings of a resource come at once. `create` repeats the checks before it submits.

Each rule says which resource's check calls it. "No resource yet" stands where the resource is still to come (pipelines for
bison models, tuning modes of open models, continuous and preference tuning, the Gemini API): the rule is built and tested,
and no preview refuses by it today. The same holds for GPUs and TPU cores of pipelines and of served models in `quota`.

- A check refuses only where this run would submit. For a job that exists its findings are warnings.
- A value that only apply will know is not judged at preview, and passes.
- A fact that could not be fetched is one warning that names the permission or API that is missing.
- Where the catalogue knows a model's fact better or worse than the rule says, its own evidence stands in the finding, and
  what it only assumes is a warning.

## How to switch a check off

Each check is `error` (the default), `warn` or `off`: for one resource by `checks={"location": "warn"}`, for all of a
provider by `checks` of `Provider`, for a stack by `pulumi config set gcp-tuning:checks '{"location": "warn"}'`. What
stands nearer to the resource wins. What is only a warning below stays one.
"""


def document() -> str:
    """The whole page."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield _INTRO
    yield "## Evidence\n"
    yield "| word | who says so |"
    yield "| --- | --- |"
    yield from (f"| {word} | {meaning} |" for word, meaning in EVIDENCE.items())
    yield "\n## The checks\n"
    yield "| check | what it looks at | asks Google for |"
    yield "| --- | --- | --- |"
    for check in CHECKS:
        yield f"| [{check.name}](#{check.name}) | {check.about} | {', '.join(check.facts) or 'nothing'} |"
    for check in CHECKS:
        yield from _section(check)


def _section(check: Check) -> Iterator[str]:
    yield f"\n## {check.name}\n"
    yield check.about + " " + _switch(check) + "\n"
    found = kinds() if check.name == "dataset" else ()
    yield "| rule | refuses | as | why | evidence | called by |"
    yield "| --- | --- | --- | --- | --- | --- |"
    yield from (_row(rule) for rule in check.rules if rule not in found)
    if found:
        yield "\nIn the rows themselves; `gcp-tuning validate` judges by all of them:\n"
        yield "| kind | what is wrong | what to do | as | why | evidence | called by |"
        yield "| --- | --- | --- | --- | --- | --- | --- |"
        yield from (_kind(rule) for rule in found)


def _switch(check: Check) -> str:
    if not check.switchable:
        return "It cannot be switched off."
    return f'Switch it off with `checks={{"{check.name}": "off"}}`.'


def _row(rule: Rule) -> str:
    called = _named(callers_of(rule)) or "no resource yet"
    return _cells(rule.name, rule.refuses, _severity(rule), rule.why, rule.evidence, called)


def _kind(rule: Rule) -> str:
    called = _named(callers_of(rule)) or "no resource yet"
    return _cells(rule.name, rule.refuses, remedy_of(rule.name), _severity(rule), rule.why, rule.evidence, called)


def _named(callers: tuple[str, ...]) -> str:
    return "every resource" if callers == RESOURCES else ", ".join(callers)


def _severity(rule: Rule) -> str:
    return "warning" if rule.severity == "warn" else "error"


def _cells(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


if __name__ == "__main__":
    sys.stdout.write(document())
