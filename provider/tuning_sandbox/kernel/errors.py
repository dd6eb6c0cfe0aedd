"""Google's error envelope, and the well-known errors by name."""

from __future__ import annotations

from typing import Any

STATUS_OF_HTTP = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    405: "UNIMPLEMENTED",
    409: "ALREADY_EXISTS",
    412: "FAILED_PRECONDITION",
    429: "RESOURCE_EXHAUSTED",
    499: "CANCELLED",
    500: "INTERNAL",
    501: "UNIMPLEMENTED",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}

REASON_OF_STATUS = {
    "INVALID_ARGUMENT": "invalid",
    "FAILED_PRECONDITION": "failedPrecondition",
    "UNAUTHENTICATED": "authError",
    "PERMISSION_DENIED": "forbidden",
    "NOT_FOUND": "notFound",
    "ALREADY_EXISTS": "conflict",
    "ABORTED": "conflict",
    "RESOURCE_EXHAUSTED": "rateLimitExceeded",
    "INTERNAL": "backendError",
    "UNAVAILABLE": "backendError",
    "DEADLINE_EXCEEDED": "backendError",
    "UNIMPLEMENTED": "notImplemented",
}


class GoogleError(Exception):
    """One error answer of Google's: HTTP status, canonical status, message, typed details."""

    def __init__(
        self,
        http: int,
        status: str,
        message: str,
        details: list[dict[str, Any]] | None = None,
        *,
        reason: str | None = None,
        location: tuple[str, str] | None = None,
        with_status: bool | None = None,
    ) -> None:
        """`reason` and `location` (locationType, location) only appear in API families with `errors[]`."""
        super().__init__(message)
        self.http = http
        self.status = status or STATUS_OF_HTTP.get(http, "UNKNOWN")
        self.message = message
        self.details = details or []
        self.reason = reason or REASON_OF_STATUS.get(self.status, "backendError")
        self.location = location
        self.with_status = with_status

    def to_wire(self, family: str = "google") -> dict[str, Any]:
        """The JSON body in the form of one API family (`google`, `iam` or `gcs`)."""
        error: dict[str, Any] = {"code": self.http, "message": self.message}
        if family in ("gcs", "iam"):
            item = {"message": self.message, "domain": "global", "reason": self.reason}
            if self.location is not None:
                item["locationType"], item["location"] = self.location
            error["errors"] = [item]
        # only some errors of Cloud Storage have a status
        if self.with_status if self.with_status is not None else family != "gcs":
            error["status"] = self.status
        if self.details:
            error["details"] = self.details
        return {"error": error}


def bad_request(message: str, violations: list[dict[str, str]]) -> GoogleError:
    """A 400 whose details are a google.rpc.BadRequest."""
    details: list[dict[str, Any]] = [
        {"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": violations}
    ]
    return GoogleError(400, "INVALID_ARGUMENT", message, details if violations else None)


def invalid_argument(message: str, field: str | None = None) -> GoogleError:
    """A 400 INVALID_ARGUMENT; with `field`, the details name it."""
    if field is None:
        return GoogleError(400, "INVALID_ARGUMENT", message)
    return bad_request(message, [{"field": field, "description": message}])


def failed_precondition(message: str, details: list[dict[str, Any]] | None = None) -> GoogleError:
    """A 400 FAILED_PRECONDITION."""
    return GoogleError(400, "FAILED_PRECONDITION", message, details)


def not_found(message: str) -> GoogleError:
    """A 404 NOT_FOUND; each API passes its own text."""
    return GoogleError(404, "NOT_FOUND", message)


def already_exists(message: str) -> GoogleError:
    """A 409 ALREADY_EXISTS."""
    return GoogleError(409, "ALREADY_EXISTS", message)


def permission_denied(permission: str, resource: str, host: str) -> GoogleError:
    """The 403 that names the permission; `resource` is without scheme and host."""
    return GoogleError(
        403,
        "PERMISSION_DENIED",
        f"Permission '{permission}' denied on resource '//{host}/{resource}' (or it may not exist).",
        [
            {
                "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                "reason": "IAM_PERMISSION_DENIED",
                "domain": host,
                "metadata": {"permission": permission, "resource": resource},
            }
        ],
    )


def service_disabled(host: str, title: str, project_number: str) -> GoogleError:
    """The 403 SERVICE_DISABLED with the text and the link that activates the API."""
    url = f"https://console.developers.google.com/apis/api/{host}/overview?project={project_number}"
    return GoogleError(
        403,
        "PERMISSION_DENIED",
        f"{title} has not been used in project {project_number} before or it is disabled. Enable it by visiting {url} "
        "then retry. If you enabled this API recently, wait a few minutes for the action to propagate to our systems "
        "and retry.",
        [
            {
                "@type": "type.googleapis.com/google.rpc.Help",
                "links": [{"description": "Google developers console API activation", "url": url}],
            },
            {
                "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                "reason": "SERVICE_DISABLED",
                "domain": "googleapis.com",
                "metadata": {
                    "service": host,
                    "consumer": f"projects/{project_number}",
                    "serviceTitle": title,
                    "containerInfo": project_number,
                    "activationUrl": url,
                },
            },
        ],
        reason="accessNotConfigured",
        with_status=True,
    )


def billing_disabled(host: str, project_number: str) -> GoogleError:
    """The 403 BILLING_DISABLED with the text and the link that enables billing."""
    url = f"https://console.developers.google.com/billing/enable?project={project_number}"
    return GoogleError(
        403,
        "PERMISSION_DENIED",
        f"This API method requires billing to be enabled. Please enable billing on project #{project_number} by "
        f"visiting {url} then retry. If you enabled billing for this project recently, wait a few minutes for the "
        "action to propagate to our systems and retry.",
        [
            {
                "@type": "type.googleapis.com/google.rpc.Help",
                "links": [{"description": "Google developers console billing", "url": url}],
            },
            {
                "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                "reason": "BILLING_DISABLED",
                "domain": "googleapis.com",
                "metadata": {"service": host, "consumer": f"projects/{project_number}"},
            },
        ],
    )


def quota_exceeded(metric: str) -> GoogleError:
    """The 429 that names the quota metric (`aiplatform.googleapis.com/...`)."""
    return GoogleError(429, "RESOURCE_EXHAUSTED", f"The following quota metrics exceed quota limits: {metric}")


def unavailable(message: str = "The service is currently unavailable.") -> GoogleError:
    """A 503 UNAVAILABLE."""
    return GoogleError(503, "UNAVAILABLE", message)
