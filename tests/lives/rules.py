"""What has to hold after each command of a life, and the list of what does not hold yet."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from lives.world import Violation
from pulumi_gcp_tuning.audit.state import key_of, read_state
from pulumi_gcp_tuning.resources.core.labels import IDENTITY, SPEC
from pulumi_gcp_tuning.resources.jobs.spec import folder_of_training
from support.hand_made_google import by_number

if TYPE_CHECKING:
    from lives.entries import Entry, Outcome
    from lives.life import Life
    from lives.world import Cloud

PAID: Final = "paid twice"
LIVE: Final = "a live thing was deleted"
UNNAMED: Final = "nobody names it"
LEFT: Final = "left after destroy"
PREVIEW: Final = "preview said something else"
NOT_CLEAN: Final = "preview is not clean after up"
NO_WAY_OUT: Final = "no way out"


def named_by_audit(cloud: Cloud, entries: Iterable[Entry]) -> frozenset[str]:
    """What ``gcp-tuning audit --bucket`` shows of a stack with these entries, as :meth:`Cloud.things` calls it."""
    exported = {"deployment": {"resources": list(map(_exported, entries))}}
    found = cloud.audit(read_state(exported, project="shop", stack="dev"))
    names = {name for item in found.items for name in (item.name, *item.endpoints)}
    names |= {name.replace("/endpoints/", "/models/") for name in names if "/endpoints/gcp-tuning-" in name}
    return frozenset(by_number(name) if name.startswith("projects/") else name for name in names)


def _exported(entry: Entry) -> dict[str, Any]:
    token = entry.urn.split("::")[2].rpartition("$")[2]
    shown = {"urn": entry.urn, "type": token, "id": entry.id, "delete": entry.delete}
    return {**shown, "inputs": entry.inputs, "outputs": entry.outputs}


def names_of(entry: Entry) -> frozenset[str]:
    """What an entry of state names, as :meth:`Cloud.things` calls it."""
    if entry.kind in ("tuning_job", "pipeline_tuning_job"):
        folder, labels = entry.outputs.get("outputUri"), entry.outputs.get("effectiveLabels") or {}
        if folder and SPEC in labels:
            folder = folder_of_training(folder, labels[IDENTITY], labels[SPEC])
        return frozenset({f"running {by_number(entry.id)}", *([folder] if folder else [])})
    if entry.kind == "tuned_model":
        points = [each.get("endpoint") for each in entry.outputs.get("checkpoints") or ()]
        names = [key_of(entry.outputs.get("versionedModel") or ""), entry.outputs.get("endpoint"), *points]
        return frozenset(by_number(name) for name in names if name)
    if entry.kind == "model_deployment" and entry.inputs.get("tuningJob"):
        endpoint = by_number(entry.id)
        return frozenset({f"{endpoint}/deployedModels/4242", endpoint, endpoint.replace("/endpoints/", "/models/")})
    if entry.kind == "gemini_api_tuned_model":
        return frozenset({entry.id})
    return frozenset({entry.id if entry.id.startswith("gs://") else by_number(entry.id)})


def _made_by(entry: Entry) -> frozenset[str]:
    """What the entry of a job names besides the job."""
    made = entry.outputs.get("tunedModel") or {}
    return frozenset(by_number(key_of(made[key])) for key in ("model", "endpoint") if made.get(key))


def judge_losses(
    before: frozenset[str], cloud: Cloud, state: list[Entry], outcome: Outcome, *, all_go: bool = False
) -> Iterator[Violation]:
    """No run deletes what a current entry names, unless it was to delete that entry itself.

    If ``all_go``, an older entry with the same id may have been deleted before it.
    """
    lost = before - cloud.things() - cloud.ended_well()
    for entry in state:
        if entry.delete or entry.replacing or any(entry is each for each in outcome.began_delete):
            continue
        if all_go and any((entry.kind, entry.id) == (each.kind, each.id) for each in outcome.began_delete):
            continue
        hit = sorted(names_of(entry) & lost)
        if hit:
            yield Violation(LIVE, f"{entry.kind} names {', '.join(hit)}")


def judge_names(cloud: Cloud, state: list[Entry], said: list[str]) -> Iterator[Violation]:
    """Everything at Google is named by state, by a message or by the audit."""
    named = frozenset().union(*map(names_of, state), *map(_made_by, state)) | named_by_audit(cloud, state)
    for thing in sorted(_unsaid(cloud, said)):
        if thing not in named and _whole(thing) not in named:
            yield Violation(UNNAMED, thing)


def judge_the_rest(cloud: Cloud, said: list[str]) -> Iterator[Violation]:
    """A destroy leaves nothing but what it names, and what it does not name the audit does."""
    left = sorted(_unsaid(cloud, said))
    unnamed = sorted({*map(_whole, left)} - named_by_audit(cloud, ())) if left else []
    if unnamed:
        yield Violation(UNNAMED, f"after destroy: {', '.join(unnamed)}")
    if left:
        yield Violation(LEFT, ", ".join(left))


def judge_preview(preview: Outcome, outcome: Outcome, previewed: Sequence[str]) -> Iterator[Violation]:
    """The preview said what ``up`` did. A job that only ``up`` can compare may stop it, if a line of the preview named it."""
    if outcome.errors:
        maybe = [line.partition(" ")[0] for line in previewed if "is still running. `up` takes it over" in line]
        if not any(name in outcome.errors[0] for name in maybe):
            yield Violation(PREVIEW, f"up failed: {outcome.errors[0]}")
        return
    for urn in sorted({*preview.ops, *outcome.ops}):
        told, done = preview.ops.get(urn, "same"), outcome.ops.get(urn, "same")
        if told != done:
            yield Violation(PREVIEW, f"{urn.rpartition('gcptuning:')[2]}: {told}, then {done}")


def judge_clean(preview: Outcome) -> Iterator[Violation]:
    """After a successful ``up`` nothing is left to do."""
    if preview.errors:
        yield Violation(NOT_CLEAN, preview.errors[0])
    if preview.changes:
        found = [f"{urn.rpartition('gcptuning:')[2]}: {op}" for urn, op in sorted(preview.changes.items())]
        yield Violation(NOT_CLEAN, ", ".join(found))


def _whole(thing: str) -> str:
    """The job that runs, or the endpoint of a deployment."""
    return thing.removeprefix("running ").partition("/deployedModels/")[0]


def _unsaid(cloud: Cloud, said: list[str]) -> set[str]:
    """What no message names. A message that names a model speaks of the endpoints on which it serves, too."""
    text = "\n".join(said)
    things = cloud.things()
    told = {each for each in things if each.removeprefix("running ").rpartition("/")[2] in text}
    told |= {endpoint for each in told for endpoint in cloud.serving(each)}
    return {each for each in things if each not in told and _whole(each) not in told}


@dataclass(frozen=True)
class Known:
    """A rule that does not hold yet, and where: a row of the lifecycle cases. Delete it when the row is done."""

    row: str
    rule: str
    covers: Callable[[Life, str], bool]
    """Whether it explains what was seen in a life."""
    ends: bool = True
    """Whether the life is over: what was lost cannot be judged any more."""


def _was_lost(life: Life, _: str) -> bool:
    """A killed run left it, or it was in a state that was replaced and has no label by which a delete could find it."""
    has_labels = life.program.shape != "gemini api" and not (life.program.is_open and not life.backup)
    return bool(life.orphans) or (life.restored and not has_labels)


KNOWN: Final[tuple[Known, ...]] = (Known("A6", LEFT, _was_lost),)
