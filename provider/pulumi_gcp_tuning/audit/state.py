"""A stack's state as ``pulumi stack export`` prints it, read for the names, identities and places that are in it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from pulumi_gcp_tuning.errors import Refused
from pulumi_gcp_tuning.label_keys import STACK_LABEL
from pulumi_gcp_tuning.names import MalformedName, Urn, identity_of, may_be_same_resource, stack_hash
from pulumi_gcp_tuning.resources.core.claims import KEY
from pulumi_gcp_tuning.resources.core.labels import IDENTITY
from pulumi_gcp_tuning.resources.core.secrets import texts_in

Thing = Mapping[str, Any]
"""An object at Google, as in Google's answer."""
_OURS: Final = "pulumi-python:dynamic/gcptuning:"
_OF_OTHERS: Final = frozenset({"customBaseModel", "deployedModels", "preTunedModel"})
"""An endpoint names the models that it serves, and a job what it trains on from: these need not be entries of the state."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One resource of this package in a state. ``is_pending`` is one of an operation that never ended."""

    urn: str
    kind: str
    id: str
    properties: Mapping[str, Any]
    is_going: bool = False
    is_pending: bool = False

    @property
    def name(self) -> str:
        """The name in the program."""
        return Urn.parse(self.urn).name

    @cached_property
    def identities(self) -> frozenset[str]:
        """The identities of what it made: of its URN, of the URN that its program declared, and as Google showed it."""
        urns = {self.urn, self.text("resourceUrn") or self.urn}
        shown = self.properties.get("effectiveLabels")
        labels = shown if isinstance(shown, Mapping) else {}
        own = {identity_of(urn, self.properties.get("retry")) for urn in urns}
        return frozenset({*own, *([str(labels[IDENTITY])] if labels.get(IDENTITY) else [])})

    def text(self, key: str) -> str | None:
        """A property, None if it is not text: not set, or a secret."""
        found = self.properties.get(key)
        return found if isinstance(found, str) and found else None


@dataclass(frozen=True, kw_only=True)
class StackState:
    """A stack whose state was read. ``others`` are the ids of resources of other packages."""

    project: str
    stack: str
    entries: tuple[Entry, ...] = ()
    others: frozenset[str] = frozenset()

    @property
    def hash(self) -> str:
        """The value of label ``gcp-tuning-stack`` on what this stack creates."""
        return stack_hash(Urn(self.stack, self.project, "", ""))

    @cached_property
    def identities(self) -> Mapping[str, Entry]:
        """The entry of each identity. The order is current entries, entries to be deleted, pending ones."""
        ordered = sorted(self.entries, key=lambda each: (not each.is_pending, not each.is_going))
        return {identity: entry for entry in ordered for identity in entry.identities}

    def is_unrecorded(self, identity: str) -> bool:
        """Whether a run made something of this identity, or was about to, and no entry records it: its claim is in no state."""
        entry = self.identities.get(identity)
        return entry is not None and entry.is_pending

    @cached_property
    def claims(self) -> frozenset[str]:
        """The tokens that the entries hold."""
        return frozenset(filter(None, (entry.text(KEY) for entry in self.entries)))

    @cached_property
    def holders(self) -> Mapping[str, Sequence[tuple[str, Entry]]]:
        """What the entries name, with the entry, by the end of the name. A TunedModel comes before the job that made its model.

        A pending operation holds nothing: what it made was never recorded.
        """
        recorded = (entry for entry in self.entries if not entry.is_pending)
        ordered = sorted(recorded, key=lambda each: (each.kind != "TunedModel", each.is_going))
        found: dict[str, list[tuple[str, Entry]]] = {}
        for entry in ordered:
            for name in _names_in(entry):
                found.setdefault(_end_of(name), []).append((key_of(name), entry))
        return found

    def holder_of(self, name: str) -> Entry | None:
        """The entry that names this thing; None if no entry does."""
        held = self.holders.get(_end_of(name), ())
        return next((entry for each, entry in held if may_be_same_resource(each, key_of(name))), None)

    def knows(self, name: str) -> bool:
        """Whether any resource of the state has this id or names this thing."""
        return self.holder_of(name) is not None or any(may_be_same_resource(each, key_of(name)) for each in self.others)

    @property
    def places(self) -> list[tuple[str, str]]:
        """The projects and locations in which its entries are, each project once."""
        found: dict[tuple[str, str], None] = {}
        numbers: dict[str, str] = {}
        for entry in self.entries:
            parts = entry.id.split("/")
            project, location = entry.text("project"), entry.text("location")
            if parts[0] == "projects" and len(parts) > 4:
                found[parts[1], parts[3]] = None
                if project and not project.isdigit():
                    numbers[project] = parts[1]
            if project and location:
                found[project, location] = None
        return list(dict.fromkeys((numbers.get(project, project), location) for project, location in found))

    @property
    def folders(self) -> list[tuple[str, str]]:
        """The buckets and folders that its datasets are in."""
        of_datasets = [each for each in self.entries if each.kind == "TuningDataset"]
        pairs = ((each.text("bucket"), each.text("prefix")) for each in of_datasets)
        return list(dict.fromkeys((bucket, (prefix or "").strip("/")) for bucket, prefix in pairs if bucket))

    @property
    def origins(self) -> frozenset[str]:
        """The addresses of the APIs that made what is in it."""
        return frozenset(filter(None, (entry.text("apiOrigin") for entry in self.entries)))


def key_of(name: str) -> str:
    """A name. The first version of a model is the model: a job that starts from a base model makes no other."""
    return name.removesuffix("@1").removesuffix("@default") if "/models/" in name else name


def _end_of(name: str) -> str:
    """A name without the project, which may be an id or a number."""
    return key_of(name).split("/", 2)[-1] if name.startswith("projects/") else name


def find_state(states: Iterable[StackState], labels: Mapping[str, str]) -> StackState | None:
    """The state of the stack that made what has these labels, if it was read."""
    made = (
        state for state in states if labels.get(STACK_LABEL) == state.hash or labels.get(IDENTITY) in state.identities
    )
    return next(made, None)


def title_of(state: StackState | None, labels: Mapping[str, str]) -> str:
    """The project and name of a stack; the label of the stack if its state was not read."""
    return f"{state.project}/{state.stack}" if state else labels.get(STACK_LABEL, "")


def read_state(exported: Mapping[str, Any], *, project: str, stack: str) -> StackState:
    """The state of a stack. Raises Refused if it is not an export of the Pulumi CLI."""
    deployment = exported.get("deployment")
    if not isinstance(deployment, Mapping):
        raise Refused("The state cannot be read, because `pulumi stack export` printed no deployment.")
    resources = [each for each in deployment.get("resources") or () if isinstance(each, Mapping)]
    pending = [each.get("resource") for each in deployment.get("pending_operations") or () if isinstance(each, Mapping)]
    entries = [entry for each in resources if (entry := _entry(each)) is not None]
    entries += [entry for each in pending if isinstance(each, Mapping) and (entry := _entry(each, pending=True))]
    ours = {entry.urn for entry in entries}
    others = frozenset(key_of(str(each["id"])) for each in resources if each.get("id") and each.get("urn") not in ours)
    return StackState(project=project, stack=stack, entries=tuple(entries), others=others)


def _entry(resource: Mapping[str, Any], *, pending: bool = False) -> Entry | None:
    """The entry, None for a resource of another package."""
    urn, type_token = str(resource.get("urn") or ""), str(resource.get("type") or "")
    if not type_token.startswith(_OURS):
        return None
    try:
        Urn.parse(urn)
    except MalformedName:
        return None
    inputs, outputs = resource.get("inputs") or {}, resource.get("outputs") or {}
    return Entry(
        urn=urn,
        kind=type_token.removeprefix(_OURS),
        id=str(resource.get("id") or ""),
        properties={**inputs, **outputs},
        is_going=resource.get("delete") is True,
        is_pending=pending,
    )


def _names_in(entry: Entry) -> Iterator[str]:
    if entry.id:
        yield entry.id
        if "/deployedModels/" in entry.id and not entry.text("machineType"):  # the endpoint may be another stack's
            return
    other = _OF_OTHERS
    if key_of(entry.text("versionedModel") or "") != (entry.text("model") or ""):
        other |= {"model"}  # the first version is another entry's
    texts = texts_in({key: value for key, value in entry.properties.items() if key not in other})
    yield from (text for text in texts if text.startswith(("projects/", "gs://")))
