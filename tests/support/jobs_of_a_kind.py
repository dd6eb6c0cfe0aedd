"""Jobs of each kind before a Google made by hand."""

from __future__ import annotations

from typing import Any

from pulumi_gcp_tuning.google.job_states import JobState
from pulumi_gcp_tuning.grammar import snake
from pulumi_gcp_tuning.resources.jobs.kind import JobKind
from pulumi_gcp_tuning.resources.jobs.kinds import JOB_KINDS
from pulumi_gcp_tuning.resources.registry import lifecycle_of, registered
from support.hand_made_google import Desk, HandMadeGoogle, settings, urn
from support.samples import sample_of

INPUTS: dict[str, dict[str, Any]] = {
    kind.resource: sample_of(snake(kind.resource)).declared(HandMadeGoogle()) for kind in JOB_KINDS
}
NO_CHECKS = {"retirement": "off", "dataset": "off"}
TUNED_MODEL = lifecycle_of("tuned_model")


class Jobs:
    """One kind of job before a Google made by hand."""

    def __init__(self, kind: JobKind) -> None:
        self.kind, self.desk = kind, Desk()
        self.frame = next(frame for frame in registered() if frame.name == kind.resource)
        self.google = self.desk.google
        self.verb = f"{'pipeline' if 'pipeline' in kind.collection.name else 'tuning'}_job"

    def call(self, **given: Any) -> Any:
        return self.desk.call(self.kind.resource, **{"settings": settings(checks=NO_CHECKS), **given})

    def checked(self, **changed: Any) -> dict[str, Any]:
        news = {**INPUTS[self.kind.resource], "resourceUrn": urn(self.kind.resource), **changed}
        found = self.frame.check(self.call(), {}, news)
        assert [str(each) for each in found.findings if each.severity == "error"] == []
        return found.inputs

    def create(self, **changed: Any) -> Any:
        self.google.facts.clear()  # as another run would
        return self.frame.create(self.call(), self.checked(**changed))

    def end(self, name: str, state: JobState) -> None:
        words = {meant: word for word, meant in self.kind.collection.words.items()}
        self.google.jobs[name]["state"] = words[state]

    def state(self, name: str) -> JobState:
        return self.kind.state_of(self.google.jobs[name])
