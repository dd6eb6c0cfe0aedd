"""What cannot have our labels: checkpoints of open models, models of deployed weights, tuned models of the Gemini API. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from pulumi_gcp_tuning.audit.costs import BY_THE_CALL, STORAGE
from pulumi_gcp_tuning.audit.items import Item
from pulumi_gcp_tuning.audit.state import Entry, StackState, find_state, title_of
from pulumi_gcp_tuning.resources import gemini_api_tuned_model
from pulumi_gcp_tuning.resources.core.labels import effective_labels

if TYPE_CHECKING:
    from pulumi_gcp_tuning.audit.listing import Listed

TUNED_MODEL: Final = "tuned model of the Gemini API"


def find_checkpoints(states: Sequence[StackState], listed: Listed) -> Iterator[Item]:
    """Folders that jobs of open models wrote, unless the state has the job."""
    for folder, (kind, job) in listed.checkpoints.items():
        labels, name = effective_labels(job), str(job["name"])
        if _knows(states, name) or _knows(states, folder):
            continue
        state = find_state(states, labels)
        yield Item(
            name=folder,
            what="checkpoints",
            why="kept" if state else "unknown stack",
            reason=f"a {kind.noun} wrote them, and this package deletes no file that a job wrote",
            stack=title_of(state, labels),
            created=job.get("endTime") or job.get("createTime"),
            cost=STORAGE,
            job=name,
            blocked="delete the folder with your own tools if nobody needs the weights",
            thing=job,
        )


def find_weights(states: Sequence[StackState], listed: Listed) -> Iterator[Item]:
    """Models of deployed weights, which have no labels. While the endpoint with the same id exists, that stands for both."""
    for name, model in listed.weights.items():
        endpoint = name.replace("/models/", "/endpoints/")
        if listed.endpoint(endpoint) or _knows(states, endpoint):
            continue
        yield Item(
            name=name,
            what="model",
            why="unknown stack",
            reason="its deployment and its endpoint are gone, and a model of deployed weights has no label",
            stack="",
            created=model.get("createTime"),
            blocked="nothing shows which stack made it; delete it with Google's console or API if nobody needs it",
            thing=model,
        )


def find_tuned_models(states: Sequence[StackState], listed: Listed) -> Iterator[Item]:
    """Models of the Gemini API. They have no labels, so only a declaration in a state shows whose they are."""
    for name, model in listed.tuned.items():
        if _knows(states, name):
            continue
        found = ((state, entry) for state in states for entry in state.entries if _declares(entry, name))
        state, entry = next(found, (None, None))
        reason = "it has an id of this package and no label; no entry of a state that was read declares it"
        if entry is not None:
            pending = f"the run that created it for {entry.name!r} ended before the state had it"
            reason = pending if entry.is_pending else f"another model of the declaration of {entry.name!r}"
        yield Item(
            name=name,
            what=TUNED_MODEL,
            why="orphan" if state else "unknown stack",
            reason=f"{reason}; it is {model.get('state', 'STATE_UNSPECIFIED')}",
            stack=title_of(state, {}),
            created=model.get("createTime"),
            cost=BY_THE_CALL,
            blocked=None if state else "nothing shows which stack made it; delete it with the API if none needs it",
            thing=model,
        )


def _knows(states: Sequence[StackState], name: str) -> bool:
    return any(state.knows(name) for state in states)


def _declares(entry: Entry, name: str) -> bool:
    """Whether the declaration in an entry gives a model of the Gemini API this name."""
    if entry.kind != "GeminiApiTunedModel" or not entry.text("contentSha256"):
        return False
    return name in gemini_api_tuned_model.names_of(entry.text("resourceUrn") or entry.urn, entry.properties)
