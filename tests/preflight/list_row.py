"""The form of a row of a list of configurations: what it changes, and what the checks have to say of it.

A row's configuration changes the usual situation of its kind, as a case of the table does
(``support/preflight_case.py``); ``command`` is what ``gcp-tuning validate`` gets instead, in a folder with the row's
``files``.

More of ``world`` than a case has: ``sizes`` (bytes of an object, by name), ``fields`` (further fields of an object, by
name), ``projects`` (ids that there are besides the usual one), ``bindings`` (role and member in the project's policy).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from support.preflight_case import Kind, Tree, changed, usual


@dataclass(frozen=True, kw_only=True)
class Row:
    """One configuration and the right answer to it.

    The right answer names all of ``names`` in one finding of that severity, and a right configuration gets neither an
    error nor a warning. ``source`` is the page of Google's, or the seed, that decides it.
    """

    id: str
    source: str
    given: Mapping[str, Any]
    names: tuple[str, ...] = ()
    answer: Literal["error", "warning", "passes"] = "passes"
    kind: Kind = "tuning_job"
    command: tuple[str, ...] = ()

    @property
    def situation(self) -> Tree:
        """The whole situation."""
        return changed(usual(self.kind), self.given)


def wrong(id: str, source: str, given: Mapping[str, Any], *names: str, **more: Any) -> Row:  # noqa: A002
    """A configuration that Google refuses, or that does not do what it seems to."""
    return Row(id=id, source=source, given=given, names=names, **{"answer": "error", **more})


def right(id: str, source: str, given: Mapping[str, Any], **more: Any) -> Row:  # noqa: A002
    """A configuration that Google accepts."""
    return Row(id=id, source=source, given=given, **more)


def turn(role: str, *parts: Any) -> Tree:
    """One turn; a string is a text part."""
    return {"role": role, "parts": [{"text": each} if isinstance(each, str) else each for each in parts]}


def file(mime: str, name: str, **more: Any) -> Tree:
    """A part that names a file of the usual bucket."""
    return {"fileData": {"mimeType": mime, "fileUri": f"gs://shop-data/{name}"}, **more}
