"""The declarations of an API module: routes with their handlers, behaviours, switches, admin calls."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import unquote

from tuning_sandbox.kernel.call import Call
from tuning_sandbox.kernel.discovery import document
from tuning_sandbox.kernel.routes import Behaviour, Route, Service, Switch, check_source
from tuning_sandbox.kernel.sandbox import Sandbox

Endpoint = Callable[[Call], Any]
Rule = TypeVar("Rule")
Served = TypeVar("Served", bound=Endpoint)
_SEGMENT = re.compile(r"\{(\w+)(=\*\*?)?\}")


@dataclass(frozen=True)
class ServedRoute(Route):
    """A route and the function that answers it."""

    api: Api
    handler: Endpoint


@dataclass
class Api(Service):
    """The routes and behaviours of one Google API in the sandbox."""

    denial: Callable[[Call], Exception] | None = None
    guard: Callable[[Call], None] | None = None
    routes: list[ServedRoute] = field(default_factory=list)
    behaviours: list[Behaviour] = field(default_factory=list)
    switches: list[Switch] = field(default_factory=list)
    starts: list[Callable[[Sandbox], None]] = field(default_factory=list)
    admin_routes: list[tuple[str, str, str, Endpoint]] = field(default_factory=list)

    def route(
        self,
        method: str,
        template: str,
        *,
        source: str,
        does: str,
        id: str | dict[str, str] | None = None,  # noqa: A002 - the discovery document's own word
        permission: str | None = None,
        ref: str = "",
        versions: Iterable[str] | None = None,
        query: Iterable[str] = (),
        alts: Iterable[str] = (),
        resource: str | None = None,
        raw: bool = False,
    ) -> Callable[[Served], Served]:
        """Serve this path with the decorated function, once per version if the path contains `{version}`.

        `query` lists parameters that the discovery document lacks, `alts` the formats of an answer other than JSON.
        A parameter of the method that the function does not read is refused by name.
        """
        behaviour = Behaviour(does, check_source(source), ref)

        def register(handler: Served) -> Served:
            chosen: list[str | None] = [*(versions or self.versions)] if template.startswith("/{version}/") else [None]
            for version in chosen:
                path = template if version is None else template.replace("{version}", version, 1)
                method_id = id.get(version or self.versions[0]) if isinstance(id, dict) else id
                of = version if version in self.versions else self.versions[0]
                self.routes.append(
                    ServedRoute(
                        api=self,
                        method=method.upper(),
                        template=path,
                        version=version,
                        handler=handler,
                        behaviour=behaviour,
                        id=method_id,
                        document_version=of if self.document else None,
                        permission=permission,
                        resource=resource,
                        query=frozenset(query),
                        alts=frozenset(alts),
                        raw=raw,
                        pattern=re.compile(_to_pattern(path)),
                    )
                )
            return handler

        return register

    def behaviour(self, does: str, *, source: str, ref: str = "") -> Callable[[Rule], Rule]:
        """Record a rule of a route; may also decorate the function that applies it."""
        self.behaviours.append(Behaviour(does, check_source(source), ref))

        def keep(rule: Rule) -> Rule:
            return rule

        return keep

    def switch(self, name: str, *, default: Any, does: str, values: Iterable[Any] = ()) -> None:
        """A switch stored in `sandbox.policy[name]`; without `values` it takes any value of the default's type."""
        self.switches.append(Switch(name, default, tuple(values), does))

    def on_start(self, fn: Callable[[Sandbox], None]) -> Callable[[Sandbox], None]:
        """Call fn when the sandbox starts and after every reset, inside a transaction."""
        self.starts.append(fn)
        return fn

    def admin(self, method: str, path: str, *, does: str) -> Callable[[Served], Served]:
        """Serve an admin path (`/_sandbox/...`) of this API; the body is plain JSON."""

        def register(handler: Served) -> Served:
            self.admin_routes.append((method.upper(), path, does, handler))
            return handler

        return register


class Router:
    """Finds the route of a request."""

    def __init__(self, apis: Iterable[Api]) -> None:
        self._routes: dict[tuple[str, int], list[ServedRoute]] = {}
        self._open: dict[str, list[ServedRoute]] = {}
        seen: set[tuple[str, str]] = set()
        for api in apis:
            for route in api.routes:
                key = (route.method, re.sub(r"\{\w+", "{", route.template))
                if key in seen:
                    raise ValueError(f"two routes for {route.method} {route.template}")
                seen.add(key)
                if "=**}" in route.template:
                    self._open.setdefault(route.method, []).append(route)
                else:
                    self._routes.setdefault((route.method, route.template.count("/")), []).append(route)
        for routes in self._routes.values():
            routes.sort(key=lambda route: route.template.count("{"))

    def find(self, method: str, raw_path: str) -> tuple[ServedRoute, dict[str, str]] | None:
        """The route and its decoded path parameters."""
        for route in [*self._routes.get((method, raw_path.count("/")), ()), *self._open.get(method, ())]:
            match = route.pattern.fullmatch(raw_path)
            if match is not None and _serves(route):
                return route, {key: unquote(value) for key, value in match.groupdict().items()}
        return None


def _serves(route: Route) -> bool:
    """Whether the method exists in the requested version."""
    if route.id is None or not route.api.document or route.document_version is None:
        return True
    return route.id in document(route.api.document, route.document_version).methods


def _to_pattern(template: str) -> str:
    pattern, at = "", 0
    for match in _SEGMENT.finditer(template):
        pattern += re.escape(template[at : match.start()])
        kind = {None: "[^/:]+", "=*": "[^/]+", "=**": ".+"}[match[2]]
        pattern += f"(?P<{match[1]}>{kind})"
        at = match.end()
    return pattern + re.escape(template[at:])
