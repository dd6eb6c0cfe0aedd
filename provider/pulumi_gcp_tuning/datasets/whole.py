"""Checks that need the whole file: counts, duplicates, balance, and the comparison of two files."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date
from typing import Any, Final

from pulumi_gcp_tuning.catalog import shipped
from pulumi_gcp_tuning.datasets.formats import GEMINI_CONTENTS, PREFERENCE_PAIRS
from pulumi_gcp_tuning.datasets.limits import FEW_EXAMPLES, MOST_CLIP_MINUTES, Bounds, example_for
from pulumi_gcp_tuning.datasets.media import USUAL
from pulumi_gcp_tuning.datasets.one_file import Pass
from pulumi_gcp_tuning.datasets.report import Findings
from pulumi_gcp_tuning.datasets.tally import MOST_REMEMBERED
from pulumi_gcp_tuning.grammar import counted, some_of

CALLS_FAIL_FROM: Final = (2, 5)
"""The first Gemini version for which jobs with function calls in their rows were reported to fail."""
_VERSION: Final = re.compile(r"gemini-(\d+)\.(\d+)-")
_LABEL: Final = re.compile(r"^([A-Za-z][\w ]{0,24}):", re.MULTILINE)
_ENOUGH: Final = 20
_USUAL: Final = 0.8
_ONE_SIDED: Final = 0.9


def judge_file(file: Pass) -> None:
    """Reports the findings from the counts of a file that was read to its end."""
    tally = file.tally
    if file.is_other_kind:
        return
    if not tally.examples:
        file.say("empty-file", "")
        return
    if file.form is None or file.bounds is None:
        return
    model = file.model
    if model is not None and model.dataset_formats and file.shown_format() not in model.dataset_formats:
        names: dict[str, Any] = {
            "model": model.id,
            "keys": " and ".join(file.form.keys) + _roles_of(file),
            "images": " with images in them" if (file.shown_format() or "").endswith("-multimodal") else "",
            "example": example_for(model),
        }
        file.say("format-of-model", "", **names)
    if file.role == "training":
        _judge_training(file, file.bounds)
    else:
        _judge_validation(file, file.bounds)
    if file.bounds.limits.max_file_bytes is not None and file.bytes > file.bounds.limits.max_file_bytes:
        file.say("too-large", "", size=file.bytes, limit=file.bounds.limits.max_file_bytes)
    good = tally.examples - tally.broken
    if file.form.product == "open" and tally.images and tally.rows_with_files < good:
        file.say("text-rows-dropped", "", rows=counted(good - tally.rows_with_files, "row"))
    if 0 < tally.rows_with_instruction < good:
        line, with_it = tally.first_without_instruction, tally.rows_with_instruction
        file.say("instruction-missing", "", line=line, with_it=with_it, count=good)
    _judge_shown(file)
    _judge_instructions(file)
    _judge_layout(file)
    _judge_answers(file)
    _judge_repeats(file)


def judge_use(file: Pass, day: date) -> None:
    """Reports which models can be tuned on a day with rows in another format than Gemini's."""
    form = file.form
    if form is None or form is GEMINI_CONTENTS or file.is_other_kind:
        return
    known = shipped()
    takes = [row.id for row in known.models.values() if form.id in row.dataset_formats and row.tunable_at(day)]
    use = f"no model that can be tuned on {day} takes"
    if takes:
        use = f"tune {some_of(takes, 3)}"
    file.say(
        "format-use",
        "",
        found=form.title if form is PREFERENCE_PAIRS else f"{form.title}{_roles_of(file)}",
        use=use,
        example=GEMINI_CONTENTS.example,
    )


def _roles_of(file: Pass) -> str:
    """The roles or authors in the rows, if they identify the format."""
    form = file.form
    if form is PREFERENCE_PAIRS:
        return f" ({form.title})"
    return f" of {form.asks} and {form.answers}" if form is not None and len(form.keys) == 1 else ""


def _judge_shown(file: Pass) -> None:
    """Reports the effects of rows with files and with calls."""
    tally = file.tally
    if tally.rows_dropped * 10 >= tally.examples > 0:
        usual = tally.resolution[0] if tally.resolution else USUAL
        minutes = MOST_CLIP_MINUTES[usual]
        file.say("videos-dropped", "", count=tally.rows_dropped, total=tally.examples, minutes=minutes)
    model = file.model
    version = _VERSION.match(model.id) if model is not None else None
    if (
        model is not None
        and version
        and tally.rows_with_calls
        and (int(version[1]), int(version[2])) >= CALLS_FAIL_FROM
    ):
        file.say("calls-fail", "", rows=counted(tally.rows_with_calls, "row"), model=model.id)


def _judge_training(file: Pass, bounds: Bounds) -> None:
    tally, limits = file.tally, bounds.limits
    count = tally.examples
    if limits.min_examples is not None and count < limits.min_examples:
        file.say("too-few-examples", "", count=count, limit=limits.min_examples)
    if limits.max_examples is not None and count > limits.max_examples:
        file.say("too-many-examples", "", count=count, limit=limits.max_examples)
    most = limits.max_multimodal_examples if tally.rows_with_files else limits.max_text_examples
    if most is not None and count > most:
        file.say("many-examples", "", count=count, limit=most)
    if limits.max_authors is not None and tally.turns > limits.max_authors:
        file.say("too-many-authors", "messages[].author", count=tally.turns, limit=limits.max_authors)
    recommended = limits.recommended_examples
    if count < FEW_EXAMPLES:
        file.say("few-examples", "", count=count, limit=FEW_EXAMPLES)
    elif recommended is not None and count < recommended:
        file.say("fewer-than-recommended", "", count=count, limit=recommended)


def _judge_validation(file: Pass, bounds: Bounds) -> None:
    count, limits = file.tally.examples, bounds.limits
    if file.form is not None and file.form.id == "chat-messages":
        file.say("no-evaluation", "")
    least, most = limits.min_evaluation_examples, limits.max_evaluation_examples
    if least is not None and most is not None and not least <= count <= most:
        file.say("evaluation-size", "", count=count, least=least, limit=most)
    if limits.max_validation_examples is not None and count > limits.max_validation_examples:
        file.say("validation-size", "", count=count, limit=limits.max_validation_examples)


def _judge_instructions(file: Pass) -> None:
    """Reports a few rows whose instruction differs from nearly all others; several tasks in one file are not an error."""
    tally = file.tally
    counts, count = tally.instructions, tally.rows_with_instruction
    if not counts or len(counts) == 1 or count < _ENOUGH:
        return
    usual, with_it = counts.most_common(1)[0]
    if with_it >= _USUAL * count:
        line = tally.find_other_instruction(usual)
        file.say("instruction-differs", "", line=line, with_it=with_it, count=count)


def _judge_layout(file: Pass) -> None:
    """Checks that inputs whose lines start with labels ("question:", "context:") all have the same labels."""
    sample = file.tally.sample
    if len(sample) < _ENOUGH:
        return
    found = [(line, set(_LABEL.findall(text))) for line, text in sample]
    counts = Counter(label for _, labels in found for label in labels)
    for label, count in counts.items():
        if _USUAL * len(found) <= count < len(found):
            line = next(line for line, labels in found if label not in labels)
            file.say("layout-differs", "", line=line, with_it=count, count=len(found))


def _judge_answers(file: Pass) -> None:
    labels = file.labels()
    if labels is None:
        return
    share = labels[0][1] / sum(count for _, count in labels)
    if share >= _ONE_SIDED:
        file.say("one-sided", "", share=round(100 * share))


def _judge_repeats(file: Pass) -> None:
    tally = file.tally
    repeats = tally.repeats()
    file.duplicates = sum(repeats.values()) - len(repeats)
    if len(tally.hashes) < tally.examples:
        file.say("unchecked", "", limit=MOST_REMEMBERED)
    told = 0
    for hashed in repeats:
        if file.findings.is_full():
            break
        lines = tally.lines_of(hashed)
        first = next(lines)
        for line in lines:
            file.say("duplicate", "", line=line, first=first)
            told += 1
            if file.findings.is_full():
                break
    if file.duplicates > told:
        file.findings.counts["duplicate"] += file.duplicates - told


def judge_pair(training: Pass, validation: Pass, findings: Findings) -> int:
    """Reports the findings of the comparison of two files; returns how many rows are in both."""
    if training.form is not None and validation.form is not None and training.form != validation.form:
        validation.say("other-format", "", found=validation.form.id, expected=training.form.id)
    one, other = training.tally.resolution, validation.tally.resolution
    if one is not None and other is not None and one[0] != other[0]:
        names: dict[str, Any] = {"found": other[0], "other": one[0], "first": "the training file"}
        validation.say("resolution-differs", "", line=other[1], **names)
    bounds = training.bounds
    count, of = validation.tally.examples, training.tally.examples
    if bounds is not None and of:
        limits = bounds.limits
        share = limits.max_validation_share
        if share is not None and count > (limits.validation_share_above or 0) and count > share * of:
            names = {
                "count": count,
                "training": of,
                "share": round(100 * count / of),
                "limit": round(100 * share),
            }
            validation.say("validation-share", "", **names)
        share = limits.max_validation_bytes_share
        if share is not None and training.bytes and validation.bytes > share * training.bytes:
            percent = round(100 * validation.bytes / training.bytes)
            validation.say("validation-bytes", "", share=percent, limit=round(100 * share))
    shared = validation.tally.shared_with(training.tally)
    told = 0
    for row, hashed in enumerate(validation.tally.hashes if shared else ()):
        if findings.is_full():
            break
        if hashed in shared:
            first = next(training.tally.lines_of(hashed))
            validation.say("leakage", "", line=validation.tally.line_of(row), first=first)
            told += 1
    leaked = sum(map(shared.__contains__, validation.tally.hashes)) if shared else 0
    if leaked > told:
        findings.counts["leakage"] += leaked - told
    return leaked
