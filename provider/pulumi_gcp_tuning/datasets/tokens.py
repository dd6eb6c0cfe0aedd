"""Estimates the tokens of text and files without asking Google.

The weights are fitted to the tokenizer of Gemini 2 and Gemma 3; ``benchmarks/tokens.py`` compares them with it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pulumi_gcp_tuning.catalog import shipped
from pulumi_gcp_tuning.grammar import counted

if TYPE_CHECKING:
    from pulumi_gcp_tuning.catalog import ModelRow
    from pulumi_gcp_tuning.datasets.facts import Facts
    from pulumi_gcp_tuning.datasets.report import FileReport

WIDTH: Final = 0.15
"""The largest relative error of a file's estimate, over the kinds of text in the benchmark."""
WIDER: Final = 0.3
"""The same for a model whose tokenizer was not measured."""
_MEASURED: Final = ("gemini-1", "gemini-2", "google/gemma3")
_GEMMA_RATE: Final = 0.231
"""Google's tokens per character for Gemma 3, whose tokenizer the weights are fitted to."""

_WORD, _LETTER, _DIGIT, _MARK, _LINE = 0.79, 0.06, 1.0, 0.76, 1.4
_HANGUL, _HANGUL_WORD, _KANA, _HAN, _WIDE, _ACCENTED, _OTHER, _SYMBOL = 0.32, 1.07, 0.47, 0.63, 1.0, 0.85, 0.32, 1.5
_LEAST_LETTER: Final = 0.18  # for strings too long to be words
_DECLARED: Final = 0.4  # a character of JSON

ALL_OF: Final = 1000
"""The number of first rows that are all counted; of the other rows, one in ``EVERY`` is counted as a sample."""
EVERY: Final = 16

_LETTERS: Final = bytes([*range(65, 91), *range(97, 123)])
_ONLY_LETTERS: Final = bytes(each if each in _LETTERS else 32 for each in range(256))
_DIGITS: Final = b"0123456789"
_SPACES: Final = bytes([*range(33), 127])
_SCRIPTS: Final = (
    (re.compile("[\u3041-\u30ff]+"), _KANA),
    (re.compile("[\u3400-\u4dbf\u4e00-\u9fff]+"), _HAN),
    (re.compile("[\u3000-\u3040\uff01-\uff60]+"), _WIDE),
    (re.compile("[\u00c0-\u024f]+"), _ACCENTED),
    (re.compile("[\u0370-\u10ff\u1e00-\u1fff]+"), _OTHER),
)
_HANGUL_RUN: Final = re.compile("[\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3]+")
_LONGEST_AUDIO: Final = 3600
_LONGEST_VIDEO: Final = 1200


def count_tokens(text: str) -> float:
    """The estimated tokens of the text, by its words, digits, marks and scripts."""
    plain = text.encode("ascii", "ignore")
    size = len(plain)
    letters = size - len(plain.translate(None, _LETTERS))
    digits = size - len(plain.translate(None, _DIGITS))
    spaces = size - len(plain.translate(None, _SPACES))
    words = len(plain.translate(_ONLY_LETTERS).split())
    count = max(words * _WORD + letters * _LETTER, letters * _LEAST_LETTER) + digits * _DIGIT
    count += (size - letters - digits - spaces) * _MARK + plain.count(b"\n") * _LINE
    if size == len(text):
        return count
    left = len(text) - size
    runs = _HANGUL_RUN.findall(text)
    hangul = sum(map(len, runs))
    count += hangul * _HANGUL + len(runs) * _HANGUL_WORD
    left -= hangul
    for script, weight in _SCRIPTS:
        if not left:
            break
        found = sum(map(len, script.findall(text)))
        count += found * weight
        left -= found
    return count + left * _SYMBOL


def count_row(facts: Facts, instruction: float | None = None) -> float:
    """The estimated tokens of the texts of a row; a file's URI does not count. ``instruction``: its tokens, if known."""
    uris = {file.uri for file in facts.files} if facts.files else ()
    count = sum(count_tokens(text) for text in facts.texts if text not in uris)
    if instruction is None:
        instruction = count_tokens(facts.system or "")
    return count + instruction + facts.declared * _DECLARED


class TextCount:
    """The text tokens of many rows: each of the first rows is counted, and one in ``EVERY`` of the others."""

    def __init__(self) -> None:
        self._rows = 0
        self._tokens = 0.0
        self._characters = [0, 0]  # for the first rows and for the others
        self._sample = [0.0, 0.0]  # tokens and characters of the sampled other rows
        self._instruction: str | None = None  # of the row before, which most rows repeat
        self._instruction_tokens = 0.0

    def take(self, facts: Facts, characters: int) -> None:
        """Counts the tokens of a row of so many characters, or only these."""
        row = self._rows
        self._rows += 1
        others = row >= ALL_OF
        self._characters[others] += characters
        if not others:
            self._tokens += self._count(facts)
        elif row % EVERY == 0:
            self._sample[0] += self._count(facts)
            self._sample[1] += characters

    def _count(self, facts: Facts) -> float:
        if facts.system != self._instruction:
            self._instruction, self._instruction_tokens = facts.system, count_tokens(facts.system or "")
        return count_row(facts, self._instruction_tokens)

    @property
    def total(self) -> float:
        """The tokens of all rows; uncounted rows use the ratio of the counted ones."""
        first, others = self._characters
        tokens, characters = self._sample if self._sample[1] else (self._tokens, first)
        return self._tokens + (others * tokens / characters if characters else 0.0)


def rate_of(model: ModelRow | None) -> float:
    """The number of the model's tokens per Gemma 3 token; 1 for Google's own models."""
    rate = model.tokens_per_character if model is not None and model.product == "OPEN" else None
    return rate / _GEMMA_RATE if rate else 1.0


def width_of(model: ModelRow | None) -> float:
    """The largest relative error of the estimate for the model's text tokens."""
    return WIDTH if model is None or model.id.startswith(_MEASURED) else WIDER


@dataclass(frozen=True, kw_only=True)
class FileTokens:
    """The tokens of the files that rows name.

    ``images`` is the estimate for the counted files, ``least`` and ``most`` bound all files; ``most`` is None if
    there is no bound. ``included`` and ``left_out`` describe the files; ``left_out`` count only in ``least``.
    """

    images: int = 0
    least: int = 0
    most: int | None = 0
    included: str = ""
    left_out: str = ""


def count_files(file: FileReport, model: ModelRow | None) -> FileTokens:
    """The tokens that the model reads from the files, by Google's page on ``mediaResolution``."""
    named = {"image": file.images, "recording": file.audio_files, "video": file.videos, "document": file.documents}
    media = shipped().media.get((model.media if model is not None else "GEMINI_3") or "")
    if media is None or not file.format or not file.format.startswith("gemini"):
        return FileTokens(most=None if file.files else 0, left_out=_words(named))
    level = (file.resolution or "UNSPECIFIED").removeprefix("MEDIA_RESOLUTION_")
    given = file.resolution is not None
    image = media.image.get(level, media.image["UNSPECIFIED"])
    frame, page = media.video_frame.get(level), media.page.get(level)
    least_image = image if given else min(media.image.values())
    least_frame = frame if given and frame else min(media.video_frame.values())
    least_page = page if given and page else min(media.page.values())
    least = file.images * least_image + file.videos * least_frame * media.frames_per_second
    least += file.audio_files * media.audio_second + file.pdfs * least_page + (file.documents - file.pdfs)
    most = file.images * (image if given and image < media.most_image_tokens else media.most_image_tokens)
    second = max(media.video_frame.values()) * media.frames_per_second + media.audio_second
    most += file.videos * _LONGEST_VIDEO * second + file.audio_files * _LONGEST_AUDIO * media.audio_second
    bounded = not file.documents
    return FileTokens(
        images=file.images * image,
        least=least,
        most=most if bounded else None,
        included=counted(file.images, "image") if file.images else "",
        left_out=_words({**named, "image": 0}),
    )


def _words(named: dict[str, int]) -> str:
    parts = [counted(count, name) for name, count in named.items() if count]
    return " and ".join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else "".join(parts)
