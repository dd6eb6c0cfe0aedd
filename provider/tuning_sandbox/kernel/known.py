"""Which method of Google's a path would have reached, where the sandbox does not serve it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from tuning_sandbox.kernel.api import Api


def find_method(apis: Iterable[Api], http: str, path: str) -> str | None:
    """The id of the documented method behind a path, or None if Google has none either."""
    for api in apis:
        if not api.document:
            continue
        for version in api.versions:
            if version != "ui" and (method := _find(api.document, version, http, path)) is not None:
                return method
    return None


def _find(name: str, version: str, http: str, path: str) -> str | None:
    for method_http, pattern, method_id in _patterns(name, version):
        if method_http == http and pattern.fullmatch(path):
            return method_id
    return None


@cache
def _patterns(name: str, version: str) -> list[tuple[str, re.Pattern[str], str]]:
    from tuning_sandbox.kernel.discovery import document

    patterns = []
    for method in document(name, version).methods.values():
        text = "".join(
            "[^/:]+" if part.startswith("{") else re.escape(part)
            for part in re.split(r"(\{[^}]+\})", method.path)
            if part
        )
        patterns.append((method.http, re.compile("/" + text), method.id))
    return patterns
