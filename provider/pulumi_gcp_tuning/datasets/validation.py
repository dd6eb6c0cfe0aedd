"""Reads a dataset once and judges it: block by block the fast way, row by row where something does not fit."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final, Literal

import orjson

from pulumi_gcp_tuning.datasets.facts import Facts
from pulumi_gcp_tuning.datasets.formats import (
    FORMAT_IDS,
    PAIRS,
    PREFERENCE_PAIRS,
    Detected,
    Format,
    detect,
    find_format,
)
from pulumi_gcp_tuning.datasets.limits import Bounds, bounds_of, product_of
from pulumi_gcp_tuning.datasets.pairs import Pairs
from pulumi_gcp_tuning.datasets.reading import LONGEST_LINE, find_other_kind, read_pieces
from pulumi_gcp_tuning.datasets.report import FileReport, Findings, Report, Tokens, type_of
from pulumi_gcp_tuning.datasets.rows import check_row
from pulumi_gcp_tuning.datasets.rules import RULES
from pulumi_gcp_tuning.datasets.skeleton import Skeletons
from pulumi_gcp_tuning.datasets.tally import Tally
from pulumi_gcp_tuning.datasets.whole import judge_file, judge_pair

if TYPE_CHECKING:
    from pulumi_gcp_tuning.catalog import ModelRow

DEEPEST: Final = 100
_LOOKED_AT: Final = 50
_LEARNED_FROM: Final = 8
_BOM: Final = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Source:
    """A file to read: what it is called in findings, how it is opened, and its size where that is known."""

    name: str
    open: Callable[[], IO[bytes]]
    size: int | None = None

    @classmethod
    def of_path(cls, path: Path, name: str | None = None) -> Source:
        """A local file."""
        size = path.stat().st_size if path.is_file() else None
        return cls(name or str(path), lambda: path.open("rb", buffering=0), size)


def validate(
    training: Source,
    validation: Source | None = None,
    *,
    format: str = "auto",  # noqa: A002
    model: ModelRow | None = None,
    exact_tokens: int | None = None,
    show_rows: bool = False,
    fast: bool = True,
    on_bytes: Callable[[int], None] | None = None,
) -> Report:
    """Everything that can be said of a dataset before it is paid for.

    ``format`` is one of FORMAT_IDS or ``auto``; ``model`` brings its own limits, else those of the format's usual model
    hold. ``exact_tokens`` is a count of Google's for one pass over the training file. Never raises for what is in a
    file; a file that cannot be opened is the finding ``unreadable``.
    """
    findings = Findings(show_rows=show_rows)
    first = Pass(training, "training", findings, _wanted(format), model, fast=fast)
    first.read(on_bytes)
    second = None
    if validation is not None:
        second = Pass(validation, "validation", findings, _wanted(format), model, fast=fast)
        second.read(on_bytes)
    leaked = judge_pair(first, second, findings) if second is not None else 0
    return Report(
        training=first.report(exact_tokens),
        validation=second.report(None) if second is not None else None,
        leaked=leaked,
        errors=findings.of("error"),
        warnings=findings.of("warn"),
        counts=dict(sorted(findings.counts.items())),
        findings=tuple(findings.shown),
    )


def _wanted(name: str) -> Format | None:
    found = find_format(name)
    if found is None and name != "auto":
        raise ValueError(f"{name} is no format; use auto or one of {', '.join(FORMAT_IDS)}")
    return found


class Pass:
    """One file on its way through."""

    def __init__(
        self,
        source: Source,
        role: Literal["training", "validation"],
        findings: Findings,
        form: Format | None,
        model: ModelRow | None,
        *,
        fast: bool,
    ) -> None:
        self.name = source.name
        self.role = role
        self.model = model
        self.findings = findings
        self.form = form
        self.forced = form is not None
        self.evidence = "as told" if form is not None else ""
        self.bounds: Bounds | None = None
        self.tally = Tally()
        self.bytes = self.lines = 0
        self.sha256 = ""
        self.duplicates = 0
        self.is_other_kind = False
        self._source = source
        self._skeletons: Skeletons | Pairs | None = None
        self._fast = fast
        self._wait = self._failed = 0

    def read(self, on_bytes: Callable[[int], None] | None) -> None:
        """Reads the file to its end and says what is wrong with it."""
        digest = hashlib.sha256()

        def take_chunk(chunk: bytes) -> None:
            digest.update(chunk)
            self.bytes += len(chunk)
            if on_bytes is not None:
                on_bytes(len(chunk))

        try:
            with self._source.open() as file:
                for piece, too_long in read_pieces(file, take_chunk):
                    self._take_piece(piece, too_long=too_long)
        except OSError as error:
            self.say("unreadable", "", reason=error.strerror or type(error).__name__)
            return
        self.sha256 = digest.hexdigest()
        if self.bounds is None and self.form is not None:
            self._settle(self.form)
        judge_file(self)

    def say(self, kind: str, field: str, *, line: int | None = None, row: bytes | None = None, **names: Any) -> None:
        """Adds a finding about this file."""
        self.findings.add(kind, self.name, line, field, names, row)

    def _take_piece(self, piece: bytes, *, too_long: bool) -> None:
        if self.is_other_kind:
            return
        first = self.lines + 1
        if first == 1:
            piece = piece.removeprefix(_BOM)
            if (other := find_other_kind(piece)) is not None:
                self.is_other_kind = True
                self.say("not-jsonl", "", found=other[0], way_out=other[1])
                return
        if too_long:
            self.lines += 1
            self.say("line-too-long", "", line=first, limit=LONGEST_LINE)
            self.tally.skip(first)
            return
        if self.bounds is None and not self._detect(piece):
            return
        skeletons = self._skeletons
        if skeletons is not None and not skeletons and (head := _end_of_line(piece, _LEARNED_FROM)) < len(piece):
            # the first rows are judged one by one, and are the pattern for the rest
            self._take_rows(piece[:head], first)
            piece, first = piece[head + 1 :], self.lines + 1
            skeletons = self._skeletons
        if skeletons is not None and self._wait == 0:
            rows = skeletons.take(piece, first, self.tally)
            if rows:
                self.lines += rows
                self._failed = 0
                return
            self._failed += 1
            # pieces that keep falling through cost twice; look again less and less often
            self._wait = min(64, 1 << max(0, self._failed - 8)) if self._failed > 8 else 0
        elif self._wait:
            self._wait -= 1
        self._take_rows(piece, first)

    def _take_rows(self, piece: bytes, first: int) -> None:
        learned = 0
        lines = piece.split(b"\n")
        self.lines += len(lines)
        for number, line in enumerate(lines, start=first):
            if not line.strip():
                continue
            before = self.findings.counts.total()
            row = self._parse(line, number)
            facts = self._judge(row, line, number) if row is not None else None
            if facts is None:
                self.tally.skip(number)
                continue
            self.tally.take(facts, number)
            if (
                row is not None
                and learned < 16
                and self._skeletons is not None
                and self.findings.counts.total() == before
            ):
                learned += 1
                self._skeletons.learn(line, row, facts)
        instructions = self.tally.instructions
        if (
            self._skeletons is not None
            and not self._skeletons.system_varies
            and (instructions is None or len(instructions) > 1)
        ):
            assert self.form is not None and self.bounds is not None  # noqa: PT018, S101
            self._skeletons = Skeletons(self.form, self.bounds.ceilings, system_varies=True)

    def _parse(self, line: bytes, number: int) -> dict[str, Any] | None:
        try:
            row = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            try:
                line.decode()
            except UnicodeDecodeError as wrong:
                self.say("not-utf8", "", line=number, row=line, byte=wrong.start + 1)
            else:
                reason = error.msg.partition(":")[0]
                self.say("not-json", "", line=number, row=line, column=error.colno, reason=reason)
            return None
        if not isinstance(row, dict):
            self.say("not-an-object", "", line=number, row=line, found=type_of(row))
            return None
        if line.count(b"[") + line.count(b"{") > DEEPEST and _depth(row) > DEEPEST:
            self.say("too-deep", "", line=number, row=line)
            return None
        return row

    def _judge(self, row: dict[str, Any], line: bytes, number: int) -> Facts | None:
        form, bounds = self.form, self.bounds
        errors = 0

        def say(kind: str, field: str, **names: Any) -> None:
            nonlocal errors
            errors += RULES[kind].severity == "error"
            self.say(kind, field, line=number, row=line, **names)

        found = None if form and all(key in row for key in form.keys) else detect(row)
        if (
            form is None
            or bounds is None
            or (found is None and not self.forced and not any(k in row for k in form.keys))
        ):
            say("unknown-format", "", formats=", ".join(FORMAT_IDS))
            return None
        if found is not None and found.format.keys != form.keys:
            say("mixed-format", "", found=found.format.id, expected=form.id)
            return None
        facts = check_row(form, row, say)
        if not errors:
            self._check_bounds(facts, bounds, say)
        return None if errors else facts

    def _check_bounds(self, facts: Facts, bounds: Bounds, say: Callable[..., None]) -> None:
        limits = bounds.limits
        asked = facts.characters - facts.answer_characters
        if limits.max_input_characters is not None and asked > limits.max_input_characters:
            say("input-too-long", "", count=asked, limit=limits.max_input_characters)
        if limits.max_output_characters is not None and facts.answer_characters > limits.max_output_characters:
            say("output-too-long", "", count=facts.answer_characters, limit=limits.max_output_characters)
        tokens = facts.characters / bounds.characters_per_token
        if bounds.sequence_tokens is not None and tokens > bounds.sequence_tokens:
            say("too-many-tokens", "", count=round(tokens), limit=bounds.sequence_tokens)
        if limits.max_images is not None and facts.images > limits.max_images:
            say("too-many-images", "", count=facts.images, limit=limits.max_images)
        if limits.max_audio_files is not None and facts.audio_files > limits.max_audio_files:
            say("too-many-audio-files", "", count=facts.audio_files, limit=limits.max_audio_files)
        if bounds.modalities is not None and bounds.model is not None:
            reads = {"image": facts.images, "audio": facts.audio_files, "document": facts.documents}
            for modality, count in reads.items():
                if count and modality not in bounds.modalities:
                    say("text-only", "", why=f"{bounds.model.id} reads no {modality} files")

    def _detect(self, piece: bytes) -> bool:
        """Settles the format by the first rows; False where none of them shows one, and the piece is done."""
        if self.form is None:
            votes: Counter[Detected] = Counter()
            for line in piece.split(b"\n", _LOOKED_AT)[:_LOOKED_AT]:
                try:
                    row = orjson.loads(line)
                except orjson.JSONDecodeError:
                    continue
                if isinstance(row, dict) and (found := detect(row, product_of(self.model))) is not None:
                    votes[found] += 1
            if not votes:
                self._take_rows(piece, self.lines + 1)
                return False
            by_format: Counter[str] = Counter()
            for each, count in votes.items():
                by_format[each.format.id] += count
            best = by_format.most_common(1)[0][0]
            chosen = max((each for each in votes if each.format.id == best), key=lambda each: votes[each])
            self.form, self.evidence = chosen.format, f"{chosen.evidence}, from line {self.lines + 1}"
        self._settle(self.form)
        return True

    def _settle(self, form: Format) -> None:
        self.bounds = bounds_of(form, self.model)
        if self._fast:
            ceilings = self.bounds.ceilings
            self._skeletons = Pairs(form, ceilings) if form.id in PAIRS else Skeletons(form, ceilings)

    def report(self, exact_tokens: int | None) -> FileReport:
        """The counts of this file."""
        tally = self.tally
        rate = self.bounds.characters_per_token if self.bounds is not None else 4.0
        # of a preference pair the question is billed with each of its answers
        twice = tally.characters - tally.answer_characters if self.form is PREFERENCE_PAIRS else 0
        tokens = (
            Tokens(count=exact_tokens, source="exact")
            if exact_tokens is not None
            else Tokens(
                count=round((tally.characters + twice) / rate),
                source="characters",
                characters_per_token=round(rate, 3),
            )
        )
        labels = self.labels()
        return FileReport(
            file=self.name,
            role=self.role,
            format=self.shown_format(),
            evidence=self.evidence,
            bytes=self.bytes,
            lines=self.lines,
            examples=tally.examples,
            rows_with_errors=tally.broken,
            sha256=self.sha256,
            characters=tally.characters,
            answer_characters=tally.answer_characters,
            tokens=tokens,
            longest_row_characters=tally.longest,
            turns=tally.turns,
            images=tally.images,
            audio_files=tally.audio_files,
            documents=tally.documents,
            rows_with_files=tally.rows_with_files,
            rows_with_instruction=tally.rows_with_instruction,
            instructions=None if tally.instructions is None else len(tally.instructions),
            duplicates=self.duplicates,
            answer_counts=None if labels is None else tuple(count for _, count in labels),
            labels=labels,
        )

    def shown_format(self) -> str | None:
        """The format's id, with the images that are in it."""
        if self.form is None:
            return None
        multimodal = self.form.product == "open" and self.tally.images
        return f"{self.form.id}-multimodal" if multimodal else self.form.id

    def labels(self) -> tuple[tuple[str, int], ...] | None:
        """The answers and their numbers, where they are so few that they look like classes."""
        tally = self.tally
        good = tally.examples - tally.broken
        if tally.answers is None or good < 20 or len(tally.answers) * 5 > good:
            return None
        return tuple(tally.answers.most_common())


def _end_of_line(piece: bytes, number: int) -> int:
    at = -1
    for _ in range(number):
        at = piece.find(b"\n", at + 1)
        if at < 0:
            return len(piece)
    return at


def _depth(value: Any) -> int:
    deepest, level = 0, [value]
    while level:
        deepest += 1
        level = [
            inner
            for each in level
            for inner in (each.values() if isinstance(each, dict) else each)
            if isinstance(inner, dict | list)
        ]
    return deepest
