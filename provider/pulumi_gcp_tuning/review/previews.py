"""The answer of ``pulumi preview --json``, read into steps. What it does not hold is left out, never guessed."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Literal

from pulumi_gcp_tuning.errors import Refused
from pulumi_gcp_tuning.grammar import counted, snake
from pulumi_gcp_tuning.names import MalformedName, Urn
from pulumi_gcp_tuning.review.report import REMEDIATION, Change, Judgement, Named
from pulumi_gcp_tuning.review.secret_values import is_marked, with_marks
from pulumi_gcp_tuning.review.shapes import (
    Misshapen,
    check_state,
    count,
    each_of,
    flag,
    mapping,
    operation_of,
    severity_of,
    text_at,
    texts,
)

UNKNOWN: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""What Pulumi writes in place of a value that preview does not know."""
_SECRET: Final = "[secret]"  # what the CLI writes in place of a secret
_NOT_SUPPORTED: Final = "The file does not hold the answer of `pulumi preview --json` of a supported version"
_LONGEST: Final = 100
_LEVELS: Final[Mapping[str, Literal["error", "warn", "info"]]] = {"mandatory": "error"}
_IN_BRACKETS: Final = re.compile(r'\["[^"]*"\]|[^.\[]+')
_INDEX: Final = re.compile(r"[0-9]{1,9}")
_PLAIN_KEY: Final = re.compile(r"[\w-]+")
_CHANGED: Final = "This policy changes the inputs after their check. The cost and the findings here are those of the inputs before it."
_COLOURS: Final = re.compile(r"<\{%[^%]*%\}>")
_WITHOUT_OBJECTS: Final = ("pulumi", "gcptuning")
"""Packages whose other resources are stacks, providers and components."""
KNOWN_LATER: Final = "known after apply"
"""The text of a value that preview does not know."""
_BOOKKEEPING: Final = frozenset(
    {
        "__provider",
        "fromResources",
        "inputSources",
        "bucketPlaces",
        "resourceUrn",
        "pulumiLabels",
        "uri",
    }
)
"""Inputs that our constructors add, which nobody declares."""
_CONTENT: Final = "contentSha256"
_REPLACING: Final = ("replace", "create-replacement", "import-replacement")
DELETES_REPLACED: Final = "delete-replaced"
"""The operation that deletes the old half of a replacement, of this preview or of an interrupted run."""
_OF_ROWS: Final = ("examples",)
"""Inputs that hold rows of data, whose content no report shows."""


@dataclass(frozen=True, kw_only=True)
class Planned:
    """One step of the preview: what the engine would do with one resource. ``hide`` removes secrets from a value as a text."""

    urn: str
    op: str
    id: str
    old_inputs: Mapping[str, Any]
    new_inputs: Mapping[str, Any]
    outputs: Mapping[str, Any]
    needs: tuple[str, ...]
    paths: tuple[str, ...]
    replaces: tuple[str, ...]
    protected: bool = False
    retained: bool = False
    is_component: bool = False
    hide: Callable[[str], str] = str

    @cached_property
    def is_ours(self) -> bool:
        """Whether it is a resource of this package."""
        return is_ours(self.urn)

    @property
    def is_of_others(self) -> bool:
        """Whether another package made an object for it; a component and Pulumi's own resources have none."""
        return not (self.is_ours or self.is_component) and package_of(self.urn) not in _WITHOUT_OBJECTS

    @property
    def is_of_pulumi(self) -> bool:
        """Whether it is the stack, a provider or a reference to another stack."""
        return package_of(self.urn) == "pulumi"

    @property
    def is_replacement(self) -> bool:
        """Whether it makes a new object in place of one in state."""
        return self.op in _REPLACING

    @property
    def makes(self) -> bool:
        """Whether the state gets an object that it did not have."""
        return self.is_replacement or self.op in ("create", "import")

    def is_reason(self, path: str) -> bool:
        """Whether a change at this path, as a program writes it, is why the engine replaces the resource; true if it names none."""
        keys = {next(_parts(each), each) for each in self.replaces}
        names = {snake(each) for each in keys} | ({"content", *_OF_ROWS} if _CONTENT in keys else set())
        return not keys or path.partition(".")[0].partition("[")[0] in names

    @cached_property
    def named(self) -> Named:
        """Its class and its name in the program."""
        return named_by(self.urn)


@dataclass(frozen=True, kw_only=True)
class Diagnostic:
    """A line of the CLI about one resource, or about the stack if ``urn`` is empty."""

    urn: str
    severity: str
    message: str


@dataclass(frozen=True, kw_only=True)
class Preview:
    """A preview as far as its file holds it, with the steps in the order of their URNs."""

    steps: tuple[Planned, ...]
    diagnostics: tuple[Diagnostic, ...]
    counts: Mapping[str, int]


def answer_in(text: str) -> Any:
    """The answer in the text of ``pulumi preview --json``. Raises Refused if it is cut off or no JSON."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise Refused(
            "The preview is not JSON, or it is cut off. Write it with `pulumi preview --json > FILE` and pass the whole file."
        ) from None


def preview_of(answer: Any, hide: Callable[[str], str] = str) -> Preview:
    """The preview in an answer of the CLI. Raises Refused if it has another form.

    ``hide`` sees each value before it is shortened, because a secret that was cut is not found any more.
    """
    if not isinstance(answer, Mapping) or not isinstance(answer.get("steps"), list):
        raise Refused(
            f"{_NOT_SUPPORTED}: it has no list of steps. "
            "The streaming form (PULUMI_ENABLE_STREAMING_JSON_PREVIEW) and --output json are not supported."
        )
    try:
        steps = each_of(answer["steps"], "steps", lambda step: _planned(step, hide))
        said = each_of(answer.get("diagnostics"), "diagnostics", _diagnostic)
        summary = mapping(answer.get("changeSummary"), "changeSummary")
        counts = {op: count(number, f"changeSummary.{op}") for op, number in summary.items()}
    except Misshapen as error:
        raise Refused(f"{_NOT_SUPPORTED}: its field {error} is missing or of another type.") from None
    steps = [step for step in steps if step.op != "refresh"]
    counts = counts or Counter(step.op for step in steps)  # a preview that failed has no summary
    steps.sort(key=lambda step: (step.urn, step.op))
    return Preview(steps=tuple(steps), diagnostics=tuple(said), counts=dict(sorted(counts.items())))


def _diagnostic(said: Mapping[str, Any]) -> Diagnostic:
    return Diagnostic(urn=text_at(said, "urn"), severity=severity_of(said), message=text_at(said, "message").strip())


def failure_in(preview: Preview) -> str:
    """The errors of the CLI, one a line; empty if the preview has none."""
    errors = [each for each in preview.diagnostics if each.severity == "error"]
    return "\n".join(f"{named_by(each.urn).name}: {each.message}" if each.urn else each.message for each in errors)


def said_in(preview: Preview) -> tuple[Judgement, ...]:
    """The warnings and the information about our resources that the CLI printed."""
    severities: Mapping[str, Literal["warn", "info"]] = {"warning": "warn", "info": "info"}
    return tuple(
        Judgement(severity=severities[each.severity], resource=named_by(each.urn), path="", problem=each.message)
        for each in preview.diagnostics
        if each.severity in severities and is_ours(each.urn)
    )


def policies_in(events: Iterable[Mapping[str, Any]]) -> tuple[Judgement, ...]:
    """The violations of policies in the engine's events. One that an exception of the pack covers is information.

    A policy that changes inputs of ours is a warning: the engine applies it after our checks.
    """
    return tuple(
        Judgement(
            severity="info" if each.get("exceptions") else _LEVELS.get(str(each.get("enforcementLevel")), "warn"),
            resource=named_by(str(each["resourceUrn"])) if each.get("resourceUrn") else None,
            path="",
            problem=_CHANGED if is_changed else _COLOURS.sub("", str(each.get("message") or "")).strip(),
            check=" ".join(str(each[key]) for key in ("policyPackName", "policyName") if each.get(key)),
        )
        for each in events
        if not (is_changed := each.get("event") == REMEDIATION) or is_ours(str(each.get("resourceUrn")))
    )


def _planned(step: Mapping[str, Any], hide: Callable[[str], str]) -> Planned:
    op, urn = operation_of(step), text_at(step, "urn")
    if not urn:
        raise Misshapen("urn")
    old, new = mapping(step.get("oldState"), "oldState"), mapping(step.get("newState"), "newState")
    state = new or old
    detail = mapping(step.get("detailedDiff"), "detailedDiff")
    for each in (old, new):
        check_state(each)
    return Planned(
        urn=urn,
        op=op,
        id=text_at(old, "id") or text_at(new, "id"),
        old_inputs=with_marks(old, "inputs"),
        new_inputs=with_marks(new, "inputs"),
        outputs=with_marks(old, "outputs"),
        needs=tuple(sorted({*texts(state, "dependencies")})),
        paths=tuple(sorted(detail)) or texts(step, "diffReasons"),
        replaces=texts(step, "replaceReasons"),
        protected=bool(flag(old, "protect")),
        retained=bool(flag(old, "retainOnDelete")),
        is_component=flag(state, "custom") is False,
        hide=hide,
    )


def is_ours(urn: str) -> bool:
    """Whether it is a resource of this package; a text that is no URN is none."""
    try:
        return Urn.parse(urn).is_ours
    except MalformedName:
        return False


def package_of(urn: str) -> str:
    """The package of a resource's type; empty for a text that is no URN."""
    try:
        return Urn.parse(urn).package
    except MalformedName:
        return ""


def named_by(urn: str) -> Named:
    """The class and the name in a URN; of what is no URN, the text itself is the name."""
    try:
        read = Urn.parse(urn)
    except MalformedName:
        return Named(urn=urn, type="Resource", name=urn.rpartition("::")[2])
    return Named(urn=urn, type=read.kind, name=read.name)


def changes_of(step: Planned) -> tuple[Change, ...]:
    """The declared inputs that differ, with their old and new values, in the order of their paths."""
    found: dict[str, Change] = {}
    for told in step.paths or tuple(sorted({*step.old_inputs, *step.new_inputs})):
        first = re.split(r"[.\[]", told, maxsplit=1)[0]
        if first in _BOOKKEEPING:
            continue
        whole = first if first in _OF_ROWS else told
        was, becomes = _value_at(step.old_inputs, whole), _value_at(step.new_inputs, whole)
        if step.paths and was == becomes == _SECRET:  # the engine compared what the file does not show
            found[spelled(whole)] = Change(path=spelled(whole), old=_SECRET, new=_SECRET)
        for path, old, new in _differing(whole, was, becomes):
            change = _change(first, path, old, new, step.hide)
            found[change.path] = change
    return tuple(found[path] for path in sorted(found))


def unknown_keys(step: Planned) -> set[str]:
    """The keys of the inputs that differ, or may, because a value in them is known only at apply."""
    told = step.paths or tuple(step.new_inputs)
    return {
        next(_parts(path), path)
        for path in told
        if UNKNOWN in json.dumps(_value_at(step.new_inputs, path), default=str)
    }


def _change(first: str, path: str, old: Any, new: Any, hide: Callable[[str], str]) -> Change:
    if first == _CONTENT:
        return Change(path="content", old=_short(old), new=_short(new))
    of_rows = first in _OF_ROWS
    was, becomes = (text_of(value, of_rows=of_rows, hide=hide) for value in (old, new))
    return Change(path=spelled(path), old=was, new=becomes)


def _differing(path: str, old: Any, new: Any) -> Iterator[tuple[str, Any, Any]]:
    """The innermost properties below a path that differ, with their values. Lists and secrets are compared as a whole."""
    if old == new:
        return
    if not all(isinstance(each, Mapping) and not is_marked(each) for each in (old, new)):
        yield path, old, new
        return
    for key in sorted({*old, *new}):
        yield from _differing(
            f"{path}.{key}" if _PLAIN_KEY.fullmatch(key) else f'{path}["{key}"]', old.get(key), new.get(key)
        )


def _short(content: Any) -> str | None:
    """The beginning of the hash of a content, as people compare them."""
    return f"sha256 {content[:12]}" if isinstance(content, str) and content != UNKNOWN else None


def spelled(path: str) -> str:
    """The path of a property as a program writes it: ``supervised_tuning_spec.hyper_parameters.epoch_count``."""
    return _IN_BRACKETS.sub(lambda part: part[0] if part[0].startswith("[") else snake(part[0]), path)


def text_of(value: Any, *, of_rows: bool = False, hide: Callable[[str], str] = str) -> str | None:
    """A value as a text of one line; None if it is not set. A secret and what is known only at apply are named, not shown."""
    if value is None:
        return None
    if value == UNKNOWN:
        return KNOWN_LATER
    if is_marked(value):
        return _SECRET
    if isinstance(value, list) and of_rows:
        return counted(len(value), "row")
    if of_rows:
        return "other rows"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value).removesuffix(".0")
    shown = _without_secrets(value, hide)
    text = shown if isinstance(shown, str) else json.dumps(shown, ensure_ascii=False, sort_keys=True)
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."


def _without_secrets(value: Any, hide: Callable[[str], str]) -> Any:
    if is_marked(value):
        return _SECRET
    if isinstance(value, Mapping):
        return {hide(key): _without_secrets(each, hide) for key, each in value.items()}
    if isinstance(value, list):
        return [_without_secrets(each, hide) for each in value]
    if isinstance(value, str):
        return KNOWN_LATER if value == UNKNOWN else hide(value)
    return value


def _value_at(inputs: Mapping[str, Any], path: str) -> Any:
    value: Any = inputs
    for part in _parts(path):
        if is_marked(value):
            return value
        if isinstance(value, Mapping):
            value = value.get(part)
        elif isinstance(value, list) and _INDEX.fullmatch(part):
            value = value[int(part)] if int(part) < len(value) else None
        else:
            return None
    return value


def _parts(path: str) -> Iterator[str]:
    for found in re.finditer(r'\["([^"]*)"\]|\[(\d+)\]|([^.\[]+)', path):
        yield next(group for group in found.groups() if group is not None)
