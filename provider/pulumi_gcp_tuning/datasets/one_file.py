"""One file of a dataset: read in a stream, checked row by row, counted."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable
from typing import Any, Final, Literal

import orjson

from pulumi_gcp_tuning.catalog import ModelRow
from pulumi_gcp_tuning.datasets.facts import Facts
from pulumi_gcp_tuning.datasets.formats import PREFERENCE_PAIRS, Detected, Format, detect
from pulumi_gcp_tuning.datasets.limits import (
    MOST_CLIP_MINUTES,
    MOST_PDF_FILES,
    Bounds,
    example_for,
    product_of,
)
from pulumi_gcp_tuning.datasets.media import USUAL
from pulumi_gcp_tuning.datasets.reading import (
    LONGEST_LINE,
    Source,
    find_other_kind,
    no_number,
    read_pieces,
    without_nulls,
)
from pulumi_gcp_tuning.datasets.report import FileReport, Findings, Tokens, named, type_of
from pulumi_gcp_tuning.datasets.rows import check_row
from pulumi_gcp_tuning.datasets.rules import RULES
from pulumi_gcp_tuning.datasets.tally import Tally
from pulumi_gcp_tuning.datasets.tokens import count_row, rate_of, width_of

DEEPEST: Final = 100
_LOOKED_AT: Final = 50
_BOM: Final = b"\xef\xbb\xbf"


class Pass:
    """One file that is being read."""

    def __init__(
        self,
        source: Source,
        role: Literal["training", "validation"],
        findings: Findings,
        form: Format | None,
        model: ModelRow | None,
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
        self.bytes = self.lines = self.blank_lines = 0
        self.sha256 = ""
        self.duplicates = 0
        self.is_other_kind = False
        self._source = source

    def read(self, on_bytes: Callable[[int], None] | None) -> bool:
        """Reads the file to its end and reports the errors of its rows; False if it cannot be read."""
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
            return False
        self.sha256 = digest.hexdigest()
        if self.bounds is None and self.form is not None:
            self.bounds = Bounds(self.form, self.model)
        return True

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
        self._take_rows(piece, first)

    def _take_rows(self, piece: bytes, first: int) -> None:
        lines = piece.split(b"\n")
        self.lines += len(lines)
        for number, line in enumerate(lines, start=first):
            if not line.strip():
                self.blank_lines += 1
                continue
            row = self._parse(line, number)
            facts = self._judge(row, line, number) if row is not None else None
            if facts is None:
                self.tally.skip(number)
            else:
                self.tally.take(facts, number)

    def _parse(self, line: bytes, number: int) -> dict[str, Any] | None:
        try:
            row = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            try:
                line.decode()
            except UnicodeDecodeError as wrong:
                self.say("not-utf8", "", line=number, row=line, byte=wrong.start + 1)
            else:
                reason = no_number(line, error.pos) or error.msg.partition(":")[0]
                self.say("not-json", "", line=number, row=line, column=error.colno, reason=reason)
            return None
        if not isinstance(row, dict):
            self.say("not-an-object", "", line=number, row=line, found=type_of(row))
            return None
        if line.count(b"[") + line.count(b"{") > DEEPEST and _depth(row) > DEEPEST:
            self.say("too-deep", "", line=number, row=line)
            return None
        return without_nulls(row) if b"null" in line else row

    def _judge(self, row: dict[str, Any], line: bytes, number: int) -> Facts | None:
        form, bounds = self.form, self.bounds
        errors = 0
        is_counted_only = False

        def say(kind: str, field: str, **names: Any) -> None:
            nonlocal errors
            errors += RULES[kind].severity == "error"
            if not is_counted_only:
                self.say(kind, field, line=number, row=line, **names)

        found = None if form and row.keys() >= form.required else detect(row)
        if (
            form is None
            or bounds is None
            or (found is None and not self.forced and not any(k in row for k in form.keys))
        ):
            keys = ", ".join(dict.fromkeys(named(key, otherwise="others") for key in list(row)[:6])) or "no keys"
            say("unknown-format", "", keys=keys, example=example_for(self.model))
            return None
        if found is not None and found.format.keys != form.keys:
            say("mixed-format", "", found=found.format.id, expected=form.id)
            return None
        is_counted_only = not bounds.is_of_model  # the format itself is then the finding
        facts = check_row(form, row, say)
        is_counted_only = False
        if not errors:
            self._check_bounds(facts, bounds, say)
            if facts.files:
                self._check_files(facts, bounds, say)
                self._check_shown(facts, number, say)
        return None if errors else facts

    def _check_shown(self, facts: Facts, number: int, say: Callable[..., None]) -> None:
        """Checks that all rows use one media resolution, and that no part of a video is too long for it."""
        if not facts.shown:
            return
        resolution = facts.resolution or USUAL
        usual, first = self.tally.resolution = self.tally.resolution or (resolution, number)
        if resolution != usual:
            say("resolution-differs", "", found=resolution, other=usual, first=f"line {first}")
        most = MOST_CLIP_MINUTES[resolution]
        if facts.clip is not None and facts.clip > 60 * most:
            self.tally.rows_dropped += 1
            say("video-length", "", seconds=f"{facts.clip:g}", minutes=most, resolution=resolution)

    def _check_bounds(self, facts: Facts, bounds: Bounds, say: Callable[..., None]) -> None:
        limits = bounds.limits
        characters = facts.characters
        asked = characters - facts.answer_characters
        if limits.max_input_characters is not None and asked > limits.max_input_characters:
            say("input-too-long", "", count=asked, limit=limits.max_input_characters)
        if limits.max_output_characters is not None and facts.answer_characters > limits.max_output_characters:
            say("output-too-long", "", count=facts.answer_characters, limit=limits.max_output_characters)
        most = bounds.sequence_tokens
        # a token has almost always at least one character
        if most is not None and characters > most and (tokens := count_row(facts) * bounds.rate) > most:
            say("too-many-tokens", "", count=round(tokens), limit=most)

    def _check_files(self, facts: Facts, bounds: Bounds, say: Callable[..., None]) -> None:
        limits = bounds.limits
        if limits.max_images is not None and facts.images > limits.max_images:
            say("too-many-images", "", count=facts.images, limit=limits.max_images)
        if limits.max_audio_files is not None and facts.audio_files > limits.max_audio_files:
            say("too-many-audio-files", "", count=facts.audio_files, limit=limits.max_audio_files)
        if self.form is not None and self.form.product == "gemini" and facts.pdfs > MOST_PDF_FILES:
            say("too-many-documents", "", count=facts.pdfs, limit=MOST_PDF_FILES)
        if bounds.modalities is not None and bounds.model is not None:
            reads = {
                "image": facts.images,
                "audio": facts.audio_files,
                "document": facts.documents,
                "video": facts.videos,
            }
            for modality, count in reads.items():
                if count and modality not in bounds.modalities:
                    say("text-only", "", why=f"{bounds.model.id} reads no {modality} files")

    def _detect(self, piece: bytes) -> bool:
        """Decides the format by the first rows; False if none of them has a known format, and the piece is done."""
        if self.form is None:
            votes: Counter[Detected] = Counter()
            for line in piece.split(b"\n", _LOOKED_AT)[:_LOOKED_AT]:
                try:
                    row = without_nulls(orjson.loads(line))
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
        self.bounds = Bounds(self.form, self.model)
        return True

    def report(self, exact_tokens: int | None) -> FileReport:
        """The counts of this file."""
        tally = self.tally
        # the question of a preference pair is billed with each of its answers
        twice = tally.characters - tally.answer_characters if self.form is PREFERENCE_PAIRS else 0
        tokens = (
            Tokens(count=exact_tokens, source="exact")
            if exact_tokens is not None
            else estimate(tally.text.total * (1 + twice / max(tally.characters, 1)), self.model)
        )
        labels = self.labels()
        return FileReport(
            file=self.name,
            role=self.role,
            format=self.shown_format(),
            evidence=self.evidence,
            bytes=self.bytes,
            lines=self.lines,
            blank_lines=self.blank_lines,
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
            videos=tally.videos,
            documents=tally.documents,
            pdfs=tally.pdfs,
            resolution=tally.level,
            rows_with_files=tally.rows_with_files,
            rows_with_instruction=tally.rows_with_instruction,
            instructions=None if tally.instructions is None else len(tally.instructions),
            duplicates=self.duplicates,
            answer_counts=None if labels is None else tuple(count for _, count in labels),
            labels=labels,
            named_files=tuple(tally.named_files.items()),
        )

    def shown_format(self) -> str | None:
        """The format's id, with ``-multimodal`` if rows of an open model have images."""
        if self.form is None:
            return None
        multimodal = self.form.product == "open" and self.tally.images
        return f"{self.form.id}-multimodal" if multimodal else self.form.id

    def labels(self) -> tuple[tuple[str, int], ...] | None:
        """The answers and their counts, if they are few enough to look like classes."""
        tally = self.tally
        good = tally.examples - tally.broken
        if tally.answers is None or good < 20 or len(tally.answers) * 5 > good:
            return None
        return tuple(tally.answers.most_common())


def estimate(tokens: float, model: ModelRow | None) -> Tokens:
    """Gemma's token count converted to the model's, with its range."""
    count, width = tokens * rate_of(model), width_of(model)
    return Tokens(
        count=round(count), source="estimate", least=int(count * (1 - width)), most=round(count * (1 + width) + 0.5)
    )


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
