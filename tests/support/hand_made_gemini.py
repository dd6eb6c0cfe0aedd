"""Tuned models of the Gemini API, made by hand. A tuning takes three reads of its operation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pulumi_gcp_tuning.errors import ApiError
from support.hand_made_answers import gone
from support.json_copy import json_copy

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from support.hand_made_google import HandMadeGoogle

READS = 3


@dataclass
class HandMadeTunedModels:
    google: HandMadeGoogle
    what: str = "tuned_model"

    def create(self, tuned_model_id: str, body: dict[str, Any]) -> dict[str, Any]:
        google, name = self.google, f"tunedModels/{tuned_model_id}"
        google.journal.append(("create_tuned_model", name))
        if google.refuse_create is not None:
            raise google.refuse_create
        if name in google.models:
            raise ApiError(f"{name} exists", http_status=409, status="ALREADY_EXISTS")
        made = {key: value for key, value in json_copy(body).items() if key != "tuningTask"}
        google.sent[name] = json_copy(body)
        google.models[name] = {**made, "name": name, "state": "CREATING", "createTime": google.time(), "reads": 0}
        if google.unclear_answers:
            raise google.unclear_answers.pop(0)
        return {"name": f"{name}/operations/1", "metadata": {"tunedModel": name}}

    def get(self, name: str) -> dict[str, Any]:
        self.google.journal.append(("get_tuned_model", name))
        live = self._live(name)
        self._go_on(live)
        return {key: value for key, value in json_copy(live).items() if key not in ("reads", "stuck", "fails")}

    def list(self) -> Iterator[Any]:
        return iter([json_copy(each) for name, each in self.google.models.items() if name.startswith("tunedModels/")])

    def patch(self, name: str, body: dict[str, Any], mask: Sequence[str]) -> dict[str, Any]:
        self.google.journal.append(("patch_tuned_model", ",".join(mask)))
        live = self._live(name)
        live.update(json_copy({key: body[key] for key in mask}))
        return self.get(name)

    def delete(self, name: str) -> None:
        self.google.journal.append(("delete_tuned_model", name))
        self._live(name)
        del self.google.models[name]

    def get_operation(self, name: str) -> dict[str, Any]:
        self.google.journal.append(("get_operation", name))
        live = self._live(name.partition("/operations/")[0])
        self._go_on(live)
        percent = 100 * min(live.get("reads", 0), READS) // READS
        operation: dict[str, Any] = {"name": name, "metadata": {"completedPercent": percent}}
        if live.get("state") == "FAILED":
            return {**operation, "done": True, "error": {"code": 3, "message": "The examples are too alike."}}
        return {**operation, "done": True, "response": {}} if live.get("state") == "ACTIVE" else operation

    def _live(self, name: str) -> dict[str, Any]:
        if self.google.down is not None:
            raise self.google.down
        if name not in self.google.models:
            raise gone(name)
        return self.google.models[name]

    def _go_on(self, live: dict[str, Any]) -> None:
        if "stuck" in live or live.get("state") != "CREATING":
            return
        live["reads"] = live.get("reads", 0) + 1
        if live["reads"] >= READS:
            fails = live.get("displayName") == "fails" or "fails" in live
            live["state"] = "FAILED" if fails else "ACTIVE"
