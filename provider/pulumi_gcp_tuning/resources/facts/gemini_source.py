"""The examples of a model of the Gemini API: a local file, or what the program gave as a list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi_gcp_tuning.errors import Refused
from pulumi_gcp_tuning.inline_examples import INLINE, find_examples
from pulumi_gcp_tuning.resources.facts.local_source import find_source

if TYPE_CHECKING:
    from pathlib import Path

    from pulumi_gcp_tuning.datasets.gemini_examples import GeminiExamples
    from pulumi_gcp_tuning.resources.core.lifecycle import Call


def path_of_examples(call: Call, source: str, sha256: str | None) -> Path | None:
    """The file; None if it cannot be found."""
    if source == INLINE:
        return find_examples(sha256) if sha256 else None
    return find_source(call, source)


def examples_of(call: Call, source: str, sha256: str | None) -> GeminiExamples:
    """The examples to send; they are read again, so that only what was checked is sent."""
    from pulumi_gcp_tuning.datasets.gemini_examples import read_gemini_examples

    path = path_of_examples(call, source, sha256)
    if path is None:
        gone = "The examples of the program are gone, because it has ended.\nRun the command again."
        unknown = f"{source} is a relative path, and its folder is not known.\nSet source to an absolute path."
        raise Refused(gone if source == INLINE else unknown)
    try:
        found = read_gemini_examples(path)
    except OSError as error:
        raise Refused(f"{source} cannot be read: {error.strerror}.") from error
    if sha256 not in (None, found.sha256):
        raise Refused(f"{source} changed after the program read it. Nothing was submitted. Run the command again.")
    if found.malformed:
        raise Refused(f"{source} cannot be sent: {'; '.join(found.malformed)}.\nCorrect the file.")
    return found
