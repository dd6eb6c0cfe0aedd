"""The names that API modules of the sandbox import from the kernel."""

from __future__ import annotations

from tuning_sandbox.kernel import errors
from tuning_sandbox.kernel.api import Api
from tuning_sandbox.kernel.call import Answer, Call
from tuning_sandbox.kernel.clock import Clock, from_stamp, to_stamp
from tuning_sandbox.kernel.errors import (
    GoogleError,
    already_exists,
    failed_precondition,
    invalid_argument,
    not_found,
    permission_denied,
    quota_exceeded,
    unavailable,
)
from tuning_sandbox.kernel.people import Principal
from tuning_sandbox.kernel.registry import Project
from tuning_sandbox.kernel.sandbox import Config, Sandbox

__all__ = [
    "Answer",
    "Api",
    "Call",
    "Clock",
    "Config",
    "GoogleError",
    "Principal",
    "Project",
    "Sandbox",
    "already_exists",
    "errors",
    "failed_precondition",
    "from_stamp",
    "invalid_argument",
    "not_found",
    "permission_denied",
    "quota_exceeded",
    "to_stamp",
    "unavailable",
]
