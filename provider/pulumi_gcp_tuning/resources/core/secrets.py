"""Which properties of a resource are secret: the program marks its inputs, and every copy of a secret input is secret too.

Pulumi's engine passes secrets to a dynamic provider as plain text and recognises them by name: an output is secret if
the input of the same name is. This module finds the copies of an input under other names and in messages.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from pulumi_gcp_tuning.errors import Finding
from pulumi_gcp_tuning.grammar import camel
from pulumi_gcp_tuning.names import identity_of
from pulumi_gcp_tuning.resources.core.labels import SECRET_NAMES
from pulumi_gcp_tuning.wording import KEYED, Part, PropertyPath, Remedy, Words

HIDDEN: Final = "[secret]"
_OF_LABELS: Final = ("labels", "pulumiLabels", "tuningJob.labels", "tuningJob.pulumiLabels")
REPEATS: Final[Mapping[str, tuple[str, ...]]] = {
    "pulumiLabels": ("labels", "pulumiLabels"),
    "effectiveLabels": _OF_LABELS,
    "releases": _OF_LABELS,
    "displayName": ("tuningJob.tunedModelDisplayName", "tuningJob.modelDisplayName"),
    "uri": ("bucket", "prefix"),
    "objectName": ("prefix",),
    "project": ("project",),
    "location": ("location",),
}
"""The inputs that each property repeats. Check fills in ``pulumiLabels``, ``project`` and ``location`` from the
configuration. ``tuningJob.labels`` are the labels of the job that a model comes from.
"""
_TOLD: Final = frozenset(
    {
        "secretInputs",
        "secretLabels",
        "fromResources",
        "inputSources",
        "afterJobs",
        "bucketPlaces",
        "resourceUrn",
        "apiOrigin",
    }
)
_EQUAL, _WITHIN = 4, 6
"""The shortest secret that is searched for as a whole text, and within a text. Shorter ones are ordinary words."""
_SPOKEN: Final = frozenset(
    [
        "projects",
        "locations",
        "endpoints",
        "models",
        "tuningJobs",
        "pipelineJobs",
        "publishers",
        "google",
        "keyRings",
        "cryptoKeys",
        "gs:",
    ]
)
_QUOTED: Final = re.compile(r"(?<!\w)'(?:[^'\\]|\\.)*'(?!\w)|\"(?:[^\"\\]|\\.)*\"")
_EXAMPLE: Final = re.compile(r" For example .*", re.DOTALL)


def secret_inputs(properties: Mapping[str, Any]) -> frozenset[str] | None:
    """The paths of the secret inputs, in camelCase with dots; None if the program passed no facts.

    States of earlier releases mark only labels, as ``secretLabels``.
    """
    told, labels = properties.get("secretInputs"), properties.get("secretLabels")
    found = frozenset(["labels"] if labels is True else [])
    if isinstance(told, list):
        return found | {each for each in told if isinstance(each, str)}
    if found:
        return found
    if labels is False or (properties.get("resourceUrn") and told is None and labels is None):
        return frozenset()
    return None


def secret_copies(properties: Mapping[str, Any]) -> frozenset[str]:
    """The keys of the properties that repeat a secret input under another name."""
    told = secret_inputs(properties)
    found = {"deployedModels"} if SECRET_NAMES in (properties.get("effectiveLabels") or {}) else set[str]()
    if told:
        values = list(secret_values(properties))
        own = {path.partition(".")[0] for path in told}
        found |= {key for key, repeated in REPEATS.items() if told & set(repeated)}
        found |= {
            key
            for key, value in properties.items()
            if key not in own and key not in _TOLD and any(_holds(text, values) for text in texts_in(value))
        }
    return frozenset(found & properties.keys())


def marks_differ(olds: Mapping[str, Any], news: Mapping[str, Any]) -> bool:
    """Whether the program now marks other properties of the state as secret than before."""
    before = {"secretInputs": sorted(secret_inputs(olds) or ())}
    now = {"secretInputs": sorted(secret_inputs(news) or ())}
    if before == now:
        return False
    own, then = (_own(each["secretInputs"]) for each in (now, before))
    return own != then or secret_copies({**_untold(olds), **now}) != secret_copies({**_untold(olds), **before})


def secret_values(*among: Mapping[str, Any]) -> Iterator[str]:
    """The texts of the secret inputs."""
    for properties in among:
        for path in secret_inputs(properties) or ():
            yield from texts_in(_at(properties, path.split(".")))


def hiding(*among: Mapping[str, Any]) -> Callable[[str], str]:
    """A function that removes from a text the secret inputs among these properties, and recognisable parts of them."""
    shown = sorted({each for value in secret_values(*among) for each in _forms(value)}, key=len, reverse=True)
    if not shown:
        return str
    found = re.compile("|".join(map(re.escape, shown)))
    return lambda text: found.sub(HIDDEN, text)


def id_without_secret(id: str, inputs: Mapping[str, Any], repeats: Iterable[str], urn: str) -> str:  # noqa: A002
    """The id, or a substitute if it repeats a secret input, because Pulumi keeps no id secret.

    The substitute has the last segment of the id and the resource's identity.
    """
    if not (secret_inputs(inputs) or frozenset()) & set(repeats):
        return id
    return f"secret/{identity_of(urn)}/{id.rpartition('/')[2]}"


def without_secrets(findings: Iterable[Finding], inputs: Mapping[str, Any]) -> list[Finding]:
    """The findings without quotes of an input that is secret or may be secret."""
    told, hide = secret_inputs(inputs), hiding(inputs)
    return [_without(finding, told, inputs, hide) for finding in findings]


def _without(
    finding: Finding, told: frozenset[str] | None, inputs: Mapping[str, Any], hide: Callable[[str], str]
) -> Finding:
    path, clean = finding.path, hide
    within = list(_wire_path(path))
    if within and (told is None or _is_told(".".join(within), told)):
        path = path[: len(within)]
        value = _at(inputs, within)
        parts = {part for text in texts_in(value) for part in re.findall(r"[^\s/:@.,;()\"']{3,}", text)}
        parts |= {str(value)} if isinstance(value, int | float) else set()
        telling = re.compile("|".join([_QUOTED.pattern, *(rf"\b{re.escape(p)}\b" for p in sorted(parts - _SPOKEN))]))

        def clean(text: str) -> str:
            return telling.sub(HIDDEN, hide(_EXAMPLE.sub("", text)))

    remedy = finding.remedy and Remedy(finding.remedy.kind, _cleaned(finding.remedy.words, clean))
    problem = _cleaned(finding.problem, clean)
    if problem != finding.problem:
        problem = Words((*problem.parts, " It is a secret, so it is not shown."))
    return replace(finding, path=path, problem=problem, remedy=remedy)


def _cleaned(words: Words, clean: Callable[[str], str]) -> Words:
    parts: list[Part] = [clean(part) if isinstance(part, str) else part for part in words.parts]
    return Words(tuple(parts))


def _wire_path(path: PropertyPath) -> Iterator[str]:
    """The path as the program passes it: in camelCase, down to a list or a map with the user's own keys."""
    for part in path:
        if isinstance(part, int):
            return
        yield camel(part)
        if part in KEYED:
            return


def _is_told(path: str, told: frozenset[str]) -> bool:
    known = {*told, *(["labels"] if "pulumiLabels" in told else [])}
    return any(path == each or path.startswith(f"{each}.") or each.startswith(f"{path}.") for each in known)


def _own(told: Sequence[str]) -> set[str]:
    return {path.partition(".")[0] for path in told if not path.startswith("tuningJob.")}


def _untold(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in properties.items() if key not in ("secretInputs", "secretLabels")}


def _at(properties: Any, path: Sequence[str]) -> Any:
    for part in path:
        properties = properties.get(part) if isinstance(properties, Mapping) else None
    return properties


def texts_in(value: Any) -> Iterator[str]:
    """The texts in a property, at any depth."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from texts_in(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from texts_in(each)


def _holds(text: str, values: Iterable[str]) -> bool:
    return any(
        (len(value) >= _EQUAL and text == value) or (len(value) >= _WITHIN and value in text) for value in values
    )


def _forms(value: str) -> Iterator[str]:
    """The forms in which a text may contain a secret: as it is, quoted, and as parts of a path."""
    if len(value) < _EQUAL:
        return
    yield from (value, repr(value)[1:-1], json.dumps(value)[1:-1])
    yield from (part for part in value.split("/") if len(part) >= _WITHIN and part not in _SPOKEN)
