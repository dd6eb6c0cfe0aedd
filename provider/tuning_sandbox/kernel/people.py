"""Who asks: any token or none is one permissive principal; others are registered with what they may."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from tuning_sandbox.kernel.errors import invalid_argument


@dataclass(frozen=True)
class Principal:
    """Somebody, and the permissions they hold (fnmatch patterns)."""

    email: str = "developer@example.com"
    permissions: tuple[str, ...] = ("*",)

    def may(self, permission: str) -> bool:
        """Whether they hold the permission."""
        return any(fnmatchcase(permission, pattern) for pattern in self.permissions)


class Principals:
    """Principals by bearer token."""

    def __init__(self) -> None:
        self._by_token: dict[str, Principal] = {}

    def of(self, authorization: str) -> Principal:
        """Who the Authorization header names."""
        return self._by_token.get(authorization.removeprefix("Bearer ").strip(), Principal())

    def register(self, spec: Any) -> Principal:
        """Add one from {"token", "email", "permissions": [...] or "*"}, or the 400."""
        if not isinstance(spec, dict) or set(spec) - {"token", "email", "permissions"} or not spec.get("token"):
            raise invalid_argument('a principal is {"token": ..., "email": ..., "permissions": [...] or "*"}')
        permissions = spec.get("permissions", "*")
        if permissions == "*":
            permissions = ["*"]
        if not isinstance(permissions, list) or not all(isinstance(item, str) for item in permissions):
            raise invalid_argument('permissions must be a list of names or "*"', "permissions")
        principal = Principal(str(spec.get("email") or Principal.email), tuple(permissions))
        self._by_token[str(spec["token"])] = principal
        return principal

    def report(self) -> list[dict[str, Any]]:
        """Who is registered, without the tokens."""
        return [{"email": p.email, "permissions": list(p.permissions)} for p in self._by_token.values()]

    def clear(self) -> None:
        """Only the permissive principal is left."""
        self._by_token.clear()
