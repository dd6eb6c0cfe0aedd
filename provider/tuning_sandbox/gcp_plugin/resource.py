"""The base of all resources of the stand-in: declared properties, check, diff, labels and preview."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Final

from tuning_sandbox.gcp_plugin.api import Api, StandInError
from tuning_sandbox.gcp_plugin.values import UNKNOWN, Properties, has_unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

DEFAULTS: Final = "__defaults"
ATTRIBUTION: Final = {"goog-pulumi-provisioned": "true"}
NAME_HEX: Final = 7


@dataclass(frozen=True)
class Prop:
    """One input: its type, whether it is required, its default, and whether a change replaces the resource."""

    name: str
    kind: type = str
    required: bool = False
    default: Any = None
    forces_new: bool = False
    choices: tuple[str, ...] = ()
    same: Callable[[Any, Any], bool] | None = None
    """Whether two values are the same to the API (a location in upper or lower case)."""
    inert: bool = False
    """The real plugin sends it, but the sandbox does not support it: it is kept in state, with a warning."""


@dataclass(frozen=True)
class Settings:
    """The provider's own configuration."""

    project: str = ""
    region: str = ""
    default_labels: Mapping[str, str] | None = None
    attribution: bool = True

    def require_project(self, inputs: Mapping[str, Any]) -> Any:
        """The resource's project, else the provider's."""
        project = inputs.get("project") or self.project
        if not project:
            raise StandInError("project: required field is not set. Set it here or as gcp:project in the stack.")
        return project


@dataclass(frozen=True)
class Failure:
    """One finding of check: the property and the problem."""

    property: str
    reason: str


@dataclass(frozen=True)
class Change:
    """One difference: its kind and whether it replaces the resource."""

    kind: str  # add, delete, update
    replaces: bool


@dataclass(frozen=True)
class Context:
    """The inputs and tools of a verb."""

    api: Api
    settings: Settings


class Resource:
    """One type. Subclasses declare `inputs` and implement create, read, update, delete over the sandbox's API."""

    type_name: ClassVar[str]
    inputs: ClassVar[tuple[Prop, ...]]
    computed: ClassVar[tuple[str, ...]] = ()
    """Outputs that the service sets; unknown at the preview of a create."""
    name_property: ClassVar[str | None] = "name"
    labelled: ClassVar[bool] = False
    secret_outputs: ClassVar[tuple[str, ...]] = ()
    has_project: ClassVar[bool] = True

    # check

    def check(self, urn: str, olds: Properties, news: Properties, settings: Settings, naming: Naming) -> Checked:
        """The inputs with defaults and names filled in, and all findings at once."""
        inputs = {name: value for name, value in news.items() if name != DEFAULTS and value is not None}
        defaulted: list[str] = []
        failures = [
            Failure(name, f"{self.type_name} has no property '{name}'.")
            for name in inputs
            if name not in {prop.name for prop in self.inputs} and not name.startswith("__")
        ]
        for prop in self.inputs:
            if prop.name in inputs:
                failures += self._check_value(prop, inputs[prop.name])
            elif prop.name == self.name_property and not prop.required:
                name = self._kept_name(olds) or self.make_name(naming)
                if name is None:
                    failures.append(Failure(prop.name, "a name is required: automatic naming is disabled."))
                else:
                    inputs[prop.name] = name
                    defaulted.append(prop.name)
            elif prop.required:
                failures.append(Failure(prop.name, "Missing required property"))
            elif prop.default is not None:
                inputs[prop.name] = prop.default
                defaulted.append(prop.name)
        if self.has_project and not inputs.get("project") and not settings.project:
            failures.append(Failure("project", "no project: set it here, or gcp:project in the stack's configuration."))
        failures += self.check_more(inputs)
        inputs[DEFAULTS] = sorted(defaulted)
        inert = [prop.name for prop in self.inputs if prop.inert and prop.name in news]
        return Checked(inputs, failures, inert)

    def check_more(self, inputs: Properties) -> Iterable[Failure]:
        """Findings that only this type has; values may be unknown."""
        return ()

    def make_name(self, naming: Naming) -> Any:
        """The automatic name."""
        return naming.name()

    def _kept_name(self, olds: Properties) -> Any:
        return olds.get(self.name_property or "") if self.name_property in olds.get(DEFAULTS, []) else None

    def _check_value(self, prop: Prop, value: Any) -> list[Failure]:
        if has_unknown(value):
            return []
        wanted = (int, float) if prop.kind is int else prop.kind
        if prop.kind is bool and value in ("true", "false"):
            return []
        if not isinstance(value, wanted) or (prop.kind is int and isinstance(value, bool)):
            return [Failure(prop.name, f"expected {_WORDS[prop.kind]}, got {value!r}")]
        if prop.choices and value not in prop.choices:
            return [Failure(prop.name, f"expected one of {', '.join(prop.choices)}, got {value!r}")]
        if prop.required and value == "":
            return [Failure(prop.name, "must not be empty")]
        return []

    # diff

    def changes(
        self, state: Properties, old_inputs: Properties, news: Properties, settings: Settings
    ) -> dict[str, Change]:
        """The differences between the live state as last read and the desired inputs."""
        found: dict[str, Change] = {}
        for prop in self.inputs:
            old, new = state.get(prop.name), news.get(prop.name)
            if prop.name not in news:
                if self._is_dropped(prop, old, old_inputs):
                    found[prop.name] = Change("delete", prop.forces_new)
            elif has_unknown(new) or not self.means_same(prop, old, new):
                kind = "add" if old in (None, "", [], {}) else "update"
                found[prop.name] = Change(kind, prop.forces_new)
        if self.labelled and "labels" not in found:
            wanted = self.pulumi_labels(news, settings)
            if wanted is not UNKNOWN and wanted != state.get("pulumiLabels", {}):
                found["pulumiLabels"] = Change("update", False)
        if (
            self.has_project
            and "project" not in news
            and settings.project not in ("", state.get("project", settings.project))
        ):
            found["project"] = Change("update", True)
        return found

    def _is_dropped(self, prop: Prop, old: Any, old_inputs: Properties) -> bool:
        # A value that the service sets by default stays unchanged if the program no longer sets it.
        kept = prop.name == "project" or prop.name in self.computed
        return prop.name in old_inputs and not kept and old not in (None, "", [], {})

    def means_same(self, prop: Prop, old: Any, new: Any) -> bool:
        """Whether the values are the same to the service; an absent list or map is an empty one."""
        if prop.same is not None and isinstance(old, str) and isinstance(new, str):
            return prop.same(old, new)
        if prop.kind is bool:
            return _as_bool(old) == _as_bool(new)
        if prop.kind is dict and isinstance(old, dict) and isinstance(new, dict):
            # Keys that only the service set are its defaults, not a difference; a user's map is compared whole.
            return (old == new) if prop.name in ("labels", "metadata") else all(old.get(k) == v for k, v in new.items())
        return bool(old == new) or (old in (None, "", [], {}) and new in ("", [], {}))

    # what a preview shows

    def preview_create(self, inputs: Properties, settings: Settings) -> Properties:
        """The outputs that are known before create; the rest are unknown."""
        known = {name: value for name, value in inputs.items() if name != DEFAULTS}
        if self.has_project:
            known["project"] = settings.require_project(inputs)
        if self.labelled:
            known |= self.label_outputs(inputs, settings, {})
        return {**dict.fromkeys(self.computed, UNKNOWN), **known, **self.preview_more(known)}

    def preview_more(self, known: Properties) -> Properties:
        """Computed outputs of this type that follow from known inputs."""
        return {}

    def preview_update(self, state: Properties, inputs: Properties, settings: Settings) -> Properties:
        """The state after the update."""
        merged = {**state, **{name: value for name, value in inputs.items() if name != DEFAULTS}}
        dropped = {prop.name for prop in self.inputs if prop.name in state and prop.name not in inputs}
        for name in dropped - {"project"}:
            merged.pop(name)
        if self.labelled:
            merged |= self.label_outputs(inputs, settings, state)
        return merged

    # labels, as in pulumi_gcp

    def pulumi_labels(self, inputs: Properties, settings: Settings) -> Any:
        """Default labels and this resource's own; UNKNOWN if the map is unknown."""
        own = inputs.get("labels", {})
        if own is UNKNOWN:
            return UNKNOWN
        return {**(settings.default_labels or {}), **own, **(ATTRIBUTION if settings.attribution else {})}

    def label_outputs(self, inputs: Properties, settings: Settings, state: Properties) -> Properties:
        """labels, pulumiLabels and effectiveLabels; labels that others set on the resource are kept."""
        pulumi_labels = self.pulumi_labels(inputs, settings)
        if pulumi_labels is UNKNOWN:
            return {"labels": UNKNOWN, "pulumiLabels": UNKNOWN, "effectiveLabels": UNKNOWN}
        foreign = {k: v for k, v in state.get("effectiveLabels", {}).items() if k not in state.get("pulumiLabels", {})}
        effective = {**foreign, **pulumi_labels}
        return {"labels": inputs.get("labels", {}), "pulumiLabels": pulumi_labels, "effectiveLabels": effective}

    def labels_from_wire(self, wire: Mapping[str, Any], state: Properties) -> Properties:
        """The three label outputs of the live resource: our own keys with their live values, and all labels."""
        live = {str(key): value for key, value in wire.get("labels", {}).items()}
        if not state:
            # At an import all labels count as this resource's own.
            own = {key: value for key, value in live.items() if key not in ATTRIBUTION}
            return {"labels": own, "pulumiLabels": live, "effectiveLabels": live}
        own = {key: live[key] for key in state.get("labels", {}) if key in live}
        ours = {key: live[key] for key in state.get("pulumiLabels", {}) if key in live}
        return {"labels": own, "pulumiLabels": ours, "effectiveLabels": live}

    # the verbs

    def create(self, inputs: Properties, context: Context) -> tuple[str, Properties]:
        """Create the resource; returns its id and all outputs."""
        raise NotImplementedError

    def read(self, resource_id: str, state: Properties, context: Context) -> tuple[str, Properties] | None:
        """Its id and live outputs, None if it does not exist. An empty state means an import by id."""
        raise NotImplementedError

    def update(self, resource_id: str, state: Properties, inputs: Properties, context: Context) -> Properties:
        """Update the resource in place; returns all outputs."""
        raise NotImplementedError

    def delete(self, resource_id: str, state: Properties, context: Context) -> str | None:
        """Delete the resource; returns a warning if not everything was deleted."""
        raise NotImplementedError

    # inputs after a read

    def inputs_of(self, state: Properties, old_inputs: Properties) -> Properties:
        """The inputs of the live resource: the given ones with live values; at an import all that are set."""
        if old_inputs:
            kept = {n: v for n, v in old_inputs.items() if n not in state}
            return kept | {name: state[name] for name in old_inputs if name in state}
        found = {
            prop.name: state[prop.name]
            for prop in self.inputs
            if state.get(prop.name) not in (None, "", [], {}, False)
            and prop.name not in self.computed
            and (prop.required or state[prop.name] != prop.default)
        }
        defaults = {
            prop.name: prop.default for prop in self.inputs if prop.default is not None and prop.name not in found
        }
        return {**found, **defaults, DEFAULTS: sorted(defaults)}


@dataclass(frozen=True)
class Checked:
    """The findings of check."""

    inputs: Properties
    failures: list[Failure]
    inert: list[str]


@dataclass(frozen=True)
class Naming:
    """Automatic naming: `<name>-<7 hex>`, or the proposal of the engine's autonaming."""

    urn_name: str
    seed: bytes
    proposed: str = ""
    disabled: bool = False
    enforced: bool = False

    def suffix(self) -> str:
        """Seven hex digits from the engine's seed, different for every new resource."""
        return hashlib.sha256(self.seed + self.urn_name.encode()).hexdigest()[:NAME_HEX]

    def name(self, maximum: int = 255, change: Callable[[str], str] = lambda text: text) -> str | None:
        """The name; None if automatic naming is disabled."""
        if self.disabled:
            return None
        if self.proposed:
            return self.proposed if self.enforced else change(self.proposed)[:maximum]
        return f"{change(self.urn_name)[: maximum - NAME_HEX - 1]}-{self.suffix()}"


def _as_bool(value: Any) -> bool:
    return value is True or value == "true"


_WORDS: Final[dict[type, str]] = {str: "a string", bool: "a boolean", int: "a number", list: "a list", dict: "a map"}
