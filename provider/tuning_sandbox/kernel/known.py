"""The Google method of a path that the sandbox does not serve."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from tuning_sandbox.kernel.api import Api

_GEMINI_API = "the Gemini API (generativelanguage.googleapis.com)"
# Google's methods that are in none of the served documents
_ELSEWHERE = (
    (r"/batch(/.*)?", "batch requests"),
    (r"/v1/publishers/[^/]+/models", "aiplatform.publishers.models.list of v1"),
    (r"/(v1|v1beta|v1alpha)/(tunedModels|corpora|files|cachedContents|batches|models|dynamic)([/:].*)?", _GEMINI_API),
    (r"/v1beta/.*", _GEMINI_API),
    (r"/upload/v1beta/.*", _GEMINI_API),
    (r"/v3/projects/[^/]+/(timeSeries|metricDescriptors|alertPolicies)([/:].*)?", "Cloud Monitoring"),
    (r"/v2/entries:\w+", "Cloud Logging"),
    (r"/bigquery/v2/.*", "BigQuery"),
    (r"/v1/projects/[^/]+/(topics|subscriptions|secrets)([/:].*)?", "Pub/Sub and Secret Manager"),
    (
        r"/(v1|v1beta1)/projects/[^/]+/locations/[^/]+/(repositories|services|jobs)([/:].*)?",
        "Artifact Registry and Cloud Run",
    ),
    (r"/(oauth2/.*|token|tokeninfo)", "Google's sign-in"),
)


def find_elsewhere(path: str) -> str | None:
    """The Google service of a path, if the sandbox serves none of it; None if it is not known."""
    return next((what for pattern, what in _ELSEWHERE if re.fullmatch(pattern, path)), None)


def find_method(apis: Iterable[Api], http: str, path: str) -> str | None:
    """The id of the documented method of a path, or None if Google has no such method either."""
    for api in apis:
        if not api.document:
            continue
        for version in api.versions:
            if version != "ui" and (method := _find(api.document, version, http, path)) is not None:
                return method
    return None


def takes_other_verb(apis: Iterable[Api], path: str) -> bool:
    """Whether a method of Google's, served or not, has this path under another verb."""
    served = [route for api in apis for route in api.routes if route.api.document and route.pattern.fullmatch(path)]
    return bool(served) or any(find_method(apis, verb, path) for verb in ("GET", "POST", "PATCH", "PUT", "DELETE"))


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
