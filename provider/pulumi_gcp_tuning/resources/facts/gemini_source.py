"""The examples of a GeminiApiTunedModel: the file or the list of the program that ``source`` names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from pulumi_gcp_tuning.errors import Finding, Refused
from pulumi_gcp_tuning.inline_examples import INLINE, find_examples
from pulumi_gcp_tuning.preflight import gemini_api
from pulumi_gcp_tuning.preflight.change import UNCHANGED
from pulumi_gcp_tuning.preflight.spelling import SOURCE
from pulumi_gcp_tuning.resources.core.declared import level_of
from pulumi_gcp_tuning.resources.core.lifecycle import Call
from pulumi_gcp_tuning.resources.core.seen import find_change
from pulumi_gcp_tuning.resources.facts.local_source import find_source
from pulumi_gcp_tuning.wording import advise

if TYPE_CHECKING:
    from pathlib import Path

    from pulumi_gcp_tuning.datasets.gemini_examples import GeminiExamples


def check_source(call: Call, source: str | None, sha256: str | None, checks: Mapping[str, str] | None) -> list[Finding]:
    """The findings about the examples; none if it is not known where they are. ``sha256`` is the program's."""
    from pulumi_gcp_tuning.datasets.gemini_examples import read_gemini_examples

    path = None if source is None else _path_of(call, source, sha256)
    if source is None or path is None:
        return []
    try:
        found = read_gemini_examples(path)
    except OSError as error:
        remedy = advise(
            "set a property",
            "Use the path of a readable file, relative to the program's folder; the path shown here starts at Pulumi.yaml.",
        )
        return [SOURCE.finding(("source",), f"{source} cannot be read: {error.strerror}.", remedy)]
    if sha256 is not None and sha256 != found.sha256:
        remedy = advise("run it again", "Nothing was submitted. Run the command again.")
        return [UNCHANGED.finding(("source",), f"{source} changed after the program read it.", remedy)]
    change = find_change(call, ("source",), source, f"sha256 {found.sha256[:16]}")
    of_rows = [] if level_of(call.settings, checks, "dataset") == "off" else found.problems
    return [*([change] if change else []), *gemini_api.check_examples(source, of_rows)]


def _path_of(call: Call, source: str, sha256: str | None) -> Path | None:
    if source == INLINE:
        return find_examples(sha256) if sha256 else None
    return find_source(call, source)


def read_source(call: Call, source: str, sha256: str | None) -> GeminiExamples:
    """The examples to send; they are read again, so that only what was checked is sent."""
    from pulumi_gcp_tuning.datasets.gemini_examples import read_gemini_examples

    path = _path_of(call, source, sha256)
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
