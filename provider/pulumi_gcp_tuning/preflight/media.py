"""Checks of files that the rows of a dataset name: that they exist, and that Google accepts their size."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pulumi_gcp_tuning.errors import Finding
from pulumi_gcp_tuning.grammar import counted
from pulumi_gcp_tuning.preflight.facts import Missing
from pulumi_gcp_tuning.preflight.rule import Rule
from pulumi_gcp_tuning.wording import PropertyPath, advise

MOST_LOOKED_UP: Final = 24
"""The most files of one dataset that are looked up; the finding says how many were."""

FILES: Final = Rule(
    check="dataset",
    name="files of rows exist",
    refuses="rows that name a file that does not exist, as far as files are looked up "
    f"(at most {MOST_LOOKED_UP} of a dataset; the finding says how many)",
    why="Google's reference; the job is created and fails when it reads its data.",
    evidence="discovery",
    facts=("files that rows name",),
)
SIZES: Final = Rule(
    check="dataset",
    name="files of rows within the limits",
    refuses="rows that name an image or a PDF of more than 20 MB, or audio or video of more than 100 MB, as far as files "
    "are looked up",
    why="Google's pages on tuning with images, documents, audio and video.",
    evidence="thread",
    facts=("files that rows name",),
)
RULES: Final = (FILES, SIZES)


@dataclass(frozen=True, kw_only=True)
class FilesSeen:
    """The lookups of the files that one dataset names; a row is identified by its line.

    ``total`` is how many different files in buckets it names (up to a maximum), ``looked_up`` how many of
    them were looked up. ``sizes`` holds, by line, the size in bytes and the most for that kind, of those that are too large.
    ``buckets`` are those of all its files.
    """

    dataset: str
    total: int
    looked_up: int
    absent: tuple[int, ...] = ()
    sizes: Mapping[int, tuple[str, int, int]]
    without_size: tuple[int, ...] = ()
    unread: Missing | None = None
    buckets: frozenset[str] = frozenset()


def check_files(seen: FilesSeen, *, path: PropertyPath, coming: bool = False) -> list[Finding]:
    """The files exist and are small enough. ``coming``: this run may still create them."""
    findings: list[Finding] = []
    looked = f"{seen.looked_up:,} of {counted(seen.total, 'file')} that rows name were looked up"
    if seen.absent:
        others = f", and so do {counted(len(seen.absent) - 1, 'other')}" if len(seen.absent) > 1 else ""
        problem = f"{seen.dataset}:{seen.absent[0]}: the row names a file that does not exist{others} ({looked})."
        remedy = advise("change the data", "Upload the files first, or correct their URIs.")
        findings.append(FILES.finding(path, problem, remedy, severity="warn" if coming else None))
    if seen.sizes:
        line, (kind, size, most) = next(iter(sorted(seen.sizes.items())))
        others = f"; {counted(len(seen.sizes) - 1, 'other')} too" if len(seen.sizes) > 1 else ""
        problem = (
            f"{seen.dataset}:{line}: the row names {_named(kind)} of {_megabytes(size)} MB; the most is "
            f"{_megabytes(most)} MB{others} ({looked})."
        )
        remedy = advise("change the data", "Make the file smaller or cut it, or take the row out.")
        findings.append(SIZES.finding(path, problem, remedy))
    if seen.without_size:
        problem = (
            f"{seen.dataset}:{seen.without_size[0]}: the size of the file that the row names could not be learned."
        )
        remedy = advise("check it yourself", "Checking it takes storage.objects.get on the file's bucket.")
        findings.append(SIZES.finding(path, problem, remedy, severity="warn"))
    if seen.unread is not None:
        findings.append(FILES.not_judged(path, seen.unread))
    return findings


def _named(kind: str) -> str:
    return {"image": "an image", "pdf": "a PDF", "audio": "a recording", "video": "a video"}.get(kind, "a file")


def _megabytes(size: int) -> int:
    """The size in the limits' unit, which Google's pages call MB."""
    return -(-size // (1 << 20))
