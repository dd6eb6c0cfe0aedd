"""The sandbox's own API under /_sandbox/: strict, JSON in and out; GET lists its calls."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qsl

from tuning_sandbox.kernel.api import Api
from tuning_sandbox.kernel.call import Answer, Call, check_json
from tuning_sandbox.kernel.clock import to_stamp
from tuning_sandbox.kernel.errors import GoogleError, invalid_argument
from tuning_sandbox.kernel.faults import KINDS
from tuning_sandbox.kernel.people import Principal, principal_to_wire
from tuning_sandbox.kernel.routes import Behaviour, Route
from tuning_sandbox.kernel.sandbox import Sandbox

VERSION = "0.1.0"


class Admin:
    """Health, reset, clock, faults, journal, principals, projects, policy, state."""

    def __init__(self, sandbox: Sandbox, apis: Iterable[Api]) -> None:
        self.sandbox = sandbox
        self._apis = tuple(apis)
        self._paths: dict[tuple[str, str], tuple[str, Callable[[Any, dict[str, str]], Any]]] = {
            ("GET", "/_sandbox/"): ("this list", self._list),
            ("GET", "/_sandbox/health"): ("status, version, as-of date, the clock's present moment and mode", self._health),
            ("POST", "/_sandbox/reset"): ("forget all state, faults and journal; the clock starts again", self._reset),
            ("GET", "/_sandbox/clock"): ("the clock: now, mode, scale, when the next work is due", self._clock),
            ("POST", "/_sandbox/clock"): (
                '{"mode": "real"|"scaled"|"stepped", "scale": 600} or {"advance_seconds": 60}', self._set_clock,
            ),
            ("GET", "/_sandbox/requests"): ("the journal, newest last; ?since=SEQ", self._requests),
            ("GET", "/_sandbox/faults"): ("the faults that wait, and receipts of those consumed", self._faults),
            ("POST", "/_sandbox/faults"): (
                'append one fault or a list: {"kind", "match": {"method", "path" (regex), "id"}, "count", "skip", ...}; kinds: '
                + "; ".join(f"{kind}: {text}" for kind, text in KINDS.items()), self._add_faults,
            ),
            ("DELETE", "/_sandbox/faults"): ("no faults and no receipts", self._clear_faults),
            ("GET", "/_sandbox/principals"): ("registered principals", self._principals),
            ("POST", "/_sandbox/principals"): (
                '{"token" ("*": everyone else), "email", "permissions": [...] or "*", "without": [...]}', self._add_principal,
            ),
            ("DELETE", "/_sandbox/principals"): ("only the permissive principal is left", self._clear_principals),
            ("GET", "/_sandbox/projects"): ("projects by id and number", self._projects),
            ("POST", "/_sandbox/projects"): ('{"projectId", "projectNumber"?}', self._add_project),
            ("GET", "/_sandbox/policy"): ("the switches: value, values, what they do", self._policy),
            ("POST", "/_sandbox/policy"): ("set switches by name", self._set_policy),
            ("GET", "/_sandbox/state"): ("how many documents of each kind there are", self._state),
        }  # fmt: skip
        for api in self._apis:
            for method, path, does, handler in api.admin_routes:
                self._paths[(method, path)] = (does, _adapt(sandbox, api, method, path, handler))

    def answer(self, method: str, path: str, query: str, raw: bytes) -> dict[str, Any]:
        """The answer to one admin request, or the error."""
        if path == "/_sandbox":
            path = "/_sandbox/"
        found = self._paths.get((method, path))
        if found is None:
            allowed = [m for m, p in self._paths if p == path]
            if allowed:
                raise GoogleError(405, "UNIMPLEMENTED", f"{path} takes {' or '.join(allowed)}, not {method}")
            raise GoogleError(404, "NOT_FOUND", f"there is no {path}; GET /_sandbox/ lists what there is")
        try:
            body = json.loads(raw) if raw.strip() else None
            check_json(body)
        except (ValueError, RecursionError) as error:
            raise invalid_argument(f"the body is not JSON: {error}") from error
        answer = found[1](body, dict(parse_qsl(query)))
        return answer if isinstance(answer, dict) else {}

    def _list(self, _body: Any, _query: dict[str, str]) -> dict[str, Any]:
        return {"paths": [{"method": m, "path": p, "does": does} for (m, p), (does, _) in self._paths.items()]}

    def _health(self, _body: Any, _query: dict[str, str]) -> dict[str, Any]:
        sandbox = self.sandbox
        as_of = sandbox.config.as_of
        return {
            "status": "ok",
            "version": VERSION,
            "asOf": sandbox.clock.now().date().isoformat() if as_of is None else as_of.date().isoformat(),
            "now": sandbox.clock.stamp(),
            "clock": {"mode": sandbox.clock.mode, "scale": sandbox.clock.scale},
            "seed": sandbox.seed,
            "data": None if sandbox.config.data is None else str(sandbox.config.data),
            "apis": [api.name for api in self._apis],
        }

    def _reset(self, _body: Any, _query: dict[str, str]) -> None:
        self.sandbox.reset()

    def _clock(self, _body: Any, _query: dict[str, str]) -> dict[str, Any]:
        clock = self.sandbox.clock
        due = clock.next_due()
        return {
            "now": clock.stamp(),
            "mode": clock.mode,
            "scale": clock.scale,
            "nextDue": None if due is None else to_stamp(due),
        }

    def _set_clock(self, body: Any, query: dict[str, str]) -> dict[str, Any]:
        clock, ran = self.sandbox.clock, 0
        if not isinstance(body, dict) or not body or set(body) - {"mode", "scale", "advance_seconds"}:
            raise invalid_argument('say {"mode": "real"|"scaled"|"stepped", "scale": N} or {"advance_seconds": N}')
        for key in ("scale", "advance_seconds"):
            if key in body and (isinstance(body[key], bool) or not isinstance(body[key], int | float)):
                raise invalid_argument(f"{key} must be a number", key)
        if "scale" in body and body.get("mode") != "scaled":
            raise invalid_argument('scale goes with "mode": "scaled"', "scale")
        if "mode" in body:
            clock.change(body["mode"], body.get("scale"))
        if "advance_seconds" in body:
            ran = clock.advance(body["advance_seconds"])
        self.sandbox.keep_time()
        return {**self._clock(None, query), "ran": ran}

    def _requests(self, _body: Any, query: dict[str, str]) -> dict[str, Any]:
        since = query.get("since", "0")
        if not re.fullmatch(r"[0-9]{1,18}", since):
            raise invalid_argument("since must be a sequence number", "since")
        return {"requests": self.sandbox.journal.since(int(since)), "last": self.sandbox.journal.last}

    def _faults(self, _body: Any, _query: dict[str, str]) -> dict[str, Any]:
        return self.sandbox.faults.report()

    def _add_faults(self, body: Any, query: dict[str, str]) -> dict[str, Any]:
        from tuning_sandbox.kernel.faults import check_fault

        specs = body if isinstance(body, list) else [body]
        for spec in specs:
            check_fault(spec)
        return {"added": [self.sandbox.faults.add(spec).number for spec in specs]}

    def _clear_faults(self, _body: Any, _query: dict[str, str]) -> None:
        self.sandbox.faults.clear()

    def _principals(self, _body: Any, _query: dict[str, str]) -> dict[str, Any]:
        return {"principals": self.sandbox.principals.report()}

    def _add_principal(self, body: Any, _query: dict[str, str]) -> dict[str, Any]:
        return principal_to_wire(self.sandbox.principals.register(body))

    def _clear_principals(self, _body: Any, _query: dict[str, str]) -> None:
        self.sandbox.principals.clear()

    def _projects(self, _body: Any, _query: dict[str, str]) -> dict[str, Any]:
        return {
            "projects": [
                {"projectId": p.id, "projectNumber": p.number, "registered": p.registered}
                for p in self.sandbox.projects.all()
            ]
        }

    def _add_project(self, body: Any, _query: dict[str, str]) -> dict[str, Any]:
        project = self.sandbox.projects.register(body)
        return {"projectId": project.id, "projectNumber": project.number}

    def _policy(self, _body: Any, _query: dict[str, str]) -> dict[str, Any]:
        return {
            "policy": dict(self.sandbox.policy),
            "switches": [
                {"name": s.name, "default": s.default, "values": list(s.values), "does": s.does}
                for s in self.sandbox.switches()
            ],
        }

    def _set_policy(self, body: Any, query: dict[str, str]) -> dict[str, Any]:
        self.sandbox.set_policy(body)
        return {"policy": dict(self.sandbox.policy)}

    def _state(self, _body: Any, _query: dict[str, str]) -> dict[str, Any]:
        store = self.sandbox.store
        return {"documents": {kind: len(store.collection(kind)) for kind in store.kinds()}}


def _adapt(
    sandbox: Sandbox, api: Api, method: str, path: str, handler: Callable[[Call], Any]
) -> Callable[[Any, dict[str, str]], Any]:
    route = Route(
        api=api, method=method, template=path, version=None, behaviour=Behaviour("", "assumed"), id=None,
        document_version=None, permission=None, resource=None, query=frozenset(), alts=frozenset(),
        raw=False, pattern=re.compile(re.escape(path)),
    )  # fmt: skip

    def answer(body: Any, query: dict[str, str]) -> Any:
        raw = b"" if body is None else json.dumps(body).encode()
        call = Call(sandbox, route, {}, path, list(query.items()), {}, raw, Principal())
        with sandbox.transaction():
            got = handler(call)
        return got.body if isinstance(got, Answer) else got

    return answer
