"""What services made by hand answer in common: names with the project's number, and errors."""

from __future__ import annotations

from pulumi_gcp_tuning.errors import ApiError, NotFound
from support.hand_made_lookups import NUMBER


def by_number(name: str) -> str:
    parts = name.split("/")
    return "/".join(["projects", NUMBER, *parts[2:]])


def gone(name: str) -> NotFound:
    return NotFound(f"{name} not found.", http_status=404, status="NOT_FOUND")


def lost() -> ApiError:
    return ApiError("connection lost", http_status=0, status="UNAVAILABLE", maybe_took_effect=True)


def refused(status: str, text: str = "no") -> ApiError:
    return ApiError(text, http_status=400, status=status)
