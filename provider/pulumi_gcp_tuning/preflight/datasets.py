"""Converts the dataset validator's findings to findings of a resource. They contain line numbers and never rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Final

from pulumi_gcp_tuning.errors import Evidence, Finding
from pulumi_gcp_tuning.preflight.facts import Missing
from pulumi_gcp_tuning.preflight.rule import Rule
from pulumi_gcp_tuning.wording import PropertyPath, Remedy, Words, advise

if TYPE_CHECKING:
    from pulumi_gcp_tuning.datasets import Report, RowFinding

OBJECT: Final = Rule(
    check="dataset",
    name="object exists",
    refuses="a dataset that is named by the URI of an object that does not exist",
    why="Google's reference; the job is created and fails when it reads its data.",
    evidence="discovery",
    facts=("the object, where it is in a bucket",),
)
OBJECT_KEY: Final = Rule(
    check="dataset",
    name="object that Google can decrypt",
    refuses="a dataset that is encrypted with a customer-supplied key",
    why="Cloud Storage's page on customer-supplied keys: Google does not keep them, so a job cannot read the object.",
    evidence="docs",
    facts=("the object, where it is in a bucket",),
)
RULES: Final = (OBJECT, OBJECT_KEY)

_SUPPLIED_KEY: Final = "encrypted by a customer-supplied encryption key"
"""In Cloud Storage's answer to a read without the key."""
_OWNERS: Final = {
    "docs": "Google's pages on tuning data.",
    "policy": "Our own rule; no page of Google's says it.",
    "report": "Reports of users; no page of Google's says it.",
    "assumed": "No page of Google's that was read says it.",
}
OF_VALIDATE: Final = frozenset({"format-use", "unreadable"})
"""Kinds that only `gcp-tuning validate` reports: a resource names a model, and has its own rule for an unreadable file."""
OF_TRAINING: Final = frozenset({"few-examples", "fewer-than-recommended"})
"""Kinds that apply only to training files."""
OF_TWO_FILES: Final = frozenset(
    {
        "evaluation-size",
        "leakage",
        "no-evaluation",
        "other-format",
        "validation-bytes",
        "validation-share",
        "validation-size",
    }
)
"""Kinds that need both a training file and a validation file."""
OF_A_MODEL: Final = frozenset({"calls-fail", "format-of-model", "text-only"})
"""Kinds that need a named model."""
OF_OTHER_FORMATS: Final = frozenset(
    {
        "evaluation-size",
        "fewer-than-recommended",
        "image-detail",
        "image-encoding",
        "input-too-long",
        "no-evaluation",
        "output-too-long",
        "same-completions",
        "score",
        "text-rows-dropped",
        "too-few-examples",
        "too-many-authors",
        "too-many-examples",
        "two-completions",
        "validation-bytes",
    }
)
"""Kinds that do not occur in any format that a model of a TuningJob reads."""

OF_PIPELINES: Final = frozenset(
    {
        "duplicate",
        "empty-answer",
        "empty-file",
        "empty-turn",
        "evaluation-size",
        "few-examples",
        "fewer-than-recommended",
        "first-turn",
        "format-of-model",
        "instruction-differs",
        "instruction-missing",
        "last-turn",
        "layout-differs",
        "leakage",
        "line-too-long",
        "missing-key",
        "mixed-format",
        "no-question",
        "no-turns",
        "not-an-object",
        "not-json",
        "not-jsonl",
        "not-utf8",
        "one-sided",
        "other-format",
        "role-order",
        "role-spelling",
        "too-deep",
        "too-few-examples",
        "too-many-authors",
        "too-many-examples",
        "too-many-tokens",
        "unchecked",
        "unknown-format",
        "unknown-key",
        "unknown-role",
        "wrong-type",
    }
)
"""Kinds that pairs of input_text and output_text, or messages of authors, can break."""


def judge_unread(uri: str, file: Missing, path: PropertyPath) -> Finding:
    """The finding about an object that could not be read: a warning, unless its key is the reason."""
    if _SUPPLIED_KEY not in file.reason.lower():
        return OBJECT.not_judged(path, file)
    remedy = advise("change the data", "Upload it again without such a key, or under a key of Cloud KMS.")
    return OBJECT_KEY.finding(path, f"{uri} is encrypted with a customer-supplied key.", remedy)


def findings_of(
    report: Report,
    *,
    property_path: PropertyPath = ("source",),
    validation_path: PropertyPath = ("validation",),
    told: Sequence[Report] = (),
    for_any_use: bool = False,
) -> tuple[Finding, ...]:
    """A report as findings.

    ``for_any_use``: it is not known here whether the file trains or validates, so findings about training files only
    are left to the job that uses it. ``told`` are such reports that the user has already seen.
    """
    said = {_place(each) for other in told for each in other.findings if each.kind not in OF_TRAINING}
    second = report.validation.file if report.validation is not None else None
    found: list[Finding] = []
    for each in report.findings:
        if _place(each) in said or (for_any_use and each.kind in OF_TRAINING):
            continue
        path = validation_path if each.file == second else property_path
        problem = str(each).removesuffix(each.remedy).rstrip()
        found.append(rule_of(each.kind).finding(path, problem, Remedy("change the data", Words((each.remedy,)))))
    files = report.training.file if second is None else f"{report.training.file} and {second}"
    shown = report.shown
    for kind, count in report.counts.items():
        counted = max((other.counts.get(kind, 0) for other in told), default=0)
        more = count - max(shown[kind], counted)
        if more <= 0:
            continue
        remedy = advise("change the data", "Run `gcp-tuning validate` on the file for the counts of every kind.")
        found.append(rule_of(kind).finding(property_path, f"{files}: {more:,} more of the kind {kind}.", remedy))
    return tuple(found)


@cache
def rule_of(kind: str) -> Rule:
    """A kind of the validator as a rule of the check."""
    from pulumi_gcp_tuning.datasets.rules import RULES as KINDS

    rule = KINDS[kind]
    return Rule(
        check="dataset",
        name=kind,
        refuses=_without_names(rule.problem),
        why=_OWNERS.get(rule.source) or f"{rule.source.capitalize()}.",
        evidence=_evidence(rule.source),
        severity=rule.severity,
    )


def kinds() -> tuple[Rule, ...]:
    """A rule for each kind of finding of the validator."""
    from pulumi_gcp_tuning.datasets.rules import RULES as KINDS

    return tuple(map(rule_of, KINDS))


def kinds_of_a_job() -> tuple[Rule, ...]:
    """The rules for the rows of a job's files."""
    return tuple(rule for rule in kinds() if rule.name not in OF_OTHER_FORMATS | OF_VALIDATE)


def kinds_of_a_pipeline() -> tuple[Rule, ...]:
    """The rules for the pairs or conversations of a pipeline's files."""
    return tuple(rule for rule in kinds() if rule.name in OF_PIPELINES)


def kinds_of_a_dataset() -> tuple[Rule, ...]:
    """The rules for the rows of a file whose use is not known."""
    return tuple(rule for rule in kinds() if rule.name not in OF_TRAINING | OF_TWO_FILES | OF_A_MODEL | OF_VALIDATE)


def remedy_of(kind: str) -> str:
    """The remedy of a kind, with … in place of numbers and names from a file."""
    from pulumi_gcp_tuning.datasets.rules import RULES as KINDS

    return _without_names(KINDS[kind].remedy)


def _without_names(template: str) -> str:
    return template.format_map(defaultdict(lambda: "…"))


def _place(found: RowFinding) -> tuple[str, str, int | None, str]:
    return found.file, found.kind, found.line, found.field


def _evidence(source: str) -> Evidence:
    named: dict[str, Evidence] = {"policy": "policy", "assumed": "assumed", "report": "thread"}
    return "seed" if source.startswith("seed") else named.get(source, "docs")
