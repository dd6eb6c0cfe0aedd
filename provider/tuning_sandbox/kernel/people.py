"""Callers: any token, or none, is one principal with all permissions; others are registered with their permissions."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from tuning_sandbox.kernel.errors import invalid_argument

_FORM = 'a principal is {"token": ..., "email": ..., "permissions": [...] or "*", "without": [...]}'
ANYONE = "*"


@dataclass(frozen=True)
class Principal:
    """A caller and the permissions they have (fnmatch patterns), except those in `without`."""

    email: str = "developer@example.com"
    permissions: tuple[str, ...] = ("*",)
    without: tuple[str, ...] = ()

    def may(self, permission: str) -> bool:
        """Whether the caller has the permission."""
        held = any(fnmatchcase(permission, pattern) for pattern in self.permissions)
        return held and not any(fnmatchcase(permission, pattern) for pattern in self.without)


class Principals:
    """Principals by bearer token; the token `*` is every caller who is not registered."""

    def __init__(self) -> None:
        self._by_token: dict[str, Principal] = {}

    def of(self, authorization: str) -> Principal:
        """The principal of the Authorization header."""
        token = authorization.removeprefix("Bearer ").strip()
        return self._by_token.get(token) or self._by_token.get(ANYONE) or Principal()

    def register(self, spec: Any) -> Principal:
        """Add one from {"token", "email", "permissions": [...] or "*", "without": [...]}, or the 400."""
        if (
            not isinstance(spec, dict)
            or set(spec) - {"token", "email", "permissions", "without"}
            or not spec.get("token")
        ):
            raise invalid_argument(_FORM)
        permissions = spec.get("permissions", "*")
        if permissions == "*":
            permissions = ["*"]
        if not _is_names(permissions):
            raise invalid_argument('permissions must be a list of names or "*"', "permissions")
        without = spec.get("without", [])
        if not _is_names(without):
            raise invalid_argument("without must be a list of names", "without")
        principal = Principal(str(spec.get("email") or Principal.email), tuple(permissions), tuple(without))
        self._by_token[str(spec["token"])] = principal
        return principal

    def report(self) -> list[dict[str, Any]]:
        """The registered principals, without their tokens."""
        return [principal_to_wire(principal) for principal in self._by_token.values()]

    def clear(self) -> None:
        """Remove all principals except the one with all permissions."""
        self._by_token.clear()


def principal_to_wire(principal: Principal) -> dict[str, Any]:
    """A principal as the admin route shows it."""
    shown: dict[str, Any] = {"email": principal.email, "permissions": list(principal.permissions)}
    return {**shown, "without": list(principal.without)} if principal.without else shown


def _is_names(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)
