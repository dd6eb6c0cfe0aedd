"""The interface of every resource: six verbs over plain properties.

Properties are JSON-like dicts with camelCase keys, as in Pulumi's state. A value that is not known at preview is
:data:`UNKNOWN`. No implementation imports Pulumi; ``dynamic.py`` translates.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from pulumi_gcp_tuning.resources.core.run import Run
from pulumi_gcp_tuning.resources.core.unknown import UNKNOWN as UNKNOWN  # noqa: PLC0414  # exported
from pulumi_gcp_tuning.wording import PYTHON, Spelling

if TYPE_CHECKING:
    from pathlib import Path

    from pulumi_gcp_tuning.clock import Clock
    from pulumi_gcp_tuning.config import Settings
    from pulumi_gcp_tuning.errors import Finding
    from pulumi_gcp_tuning.google.protocols import GoogleApi

Properties = dict[str, Any]
Place = tuple[str | int, ...]
"""A property path in camelCase: ``("supervisedTuningSpec", "hyperParameters", "epochCount")``."""


def is_known(value: object) -> bool:
    """Whether the value and everything in it is known before apply."""
    if isinstance(value, Mapping):
        return all(map(is_known, value.values()))
    return all(map(is_known, value)) if isinstance(value, list | tuple) else value is not UNKNOWN


@dataclass(frozen=True, kw_only=True)
class Call:
    """The context of one call by Pulumi.

    ``urn`` is the resource's URN, always present. ``timeout`` is the value of ``customTimeouts`` for this verb, in
    seconds, or None. ``cancelled`` returns true once the user pressed ^C. ``report`` shows a line of progress in the
    resource's status column. ``warn`` adds a warning to its diagnostics; ``tell`` adds a permanent line that is no
    warning. ``note`` keeps a fact by its subject for a review of the run; None if nobody reads it. A fact is JSON
    without secrets. ``run`` is the state that the resources of one run share. ``spelling`` is how the program's language writes
    the names in messages. ``root`` is the folder where relative paths of the program start, None if unknown; the
    working directory of this process is never used. ``declared`` are, in a read, the inputs in state, None if the
    caller does not know them. ``new_token`` returns 16 hex digits that were never used before.
    """

    urn: str
    settings: Settings
    google: GoogleApi
    clock: Clock
    timeout: float | None = None
    cancelled: Callable[[], bool] = lambda: False
    report: Callable[[str], None] = lambda _message: None
    warn: Callable[[str], None] = lambda _message: None
    tell: Callable[[str], None] = lambda _message: None
    note: Callable[[str, Mapping[str, Any]], None] | None = None
    run: Run = field(default_factory=Run)
    spelling: Spelling = PYTHON
    root: Path | None = None
    declared: Properties | None = None
    new_token: Callable[[], str] = lambda: secrets.token_hex(8)


@dataclass(frozen=True, kw_only=True)
class Checked:
    """Inputs for the state (a pure function of olds, news and settings) and the findings of the checks."""

    inputs: Properties
    findings: Sequence[Finding] = ()


@dataclass(frozen=True, kw_only=True)
class Judged:
    """The findings of the checks, and lines for the user: cost, quota, and what only apply can check."""

    findings: list[Finding]
    told: list[str] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Difference:
    """``changed`` None: our inputs differ, and the engine shows how. False: nothing differs. True: outputs drifted.

    ``paths`` name everything that differs or may differ, as deep as it is known; for drift, the outputs that will
    change. ``replaces`` names the camelCase input keys that force a replacement; each is the first part of one of the
    paths. ``becomes`` holds what is known of the replacement if it adopts an existing object: its id, and
    the names that its outputs will have. ``waits`` says that a wait that ended early continues; the paths then name the
    output that it is for, which is no drift. It ends with what ``becomes`` names, or ``makes_another``: then nothing
    that exists now is what it waits for.
    """

    changed: bool | None
    paths: Sequence[Place] = ()
    replaces: Sequence[str] = ()
    delete_before_replace: bool = False
    becomes: frozenset[str] = frozenset()
    waits: bool = False
    makes_another: bool = False


@dataclass(frozen=True, kw_only=True)
class Current:
    """A resource as Google has it: its id, all outputs, and (from read) the inputs that match it.

    ``unfinished`` makes the engine read the resource again before the next preview or up.
    """

    id: str
    outputs: Properties
    inputs: Properties | None = None
    unfinished: bool = False


class Lifecycle(Protocol):
    """One kind of resource. Implementations hold no state.

    ``check`` and ``diff`` may get UNKNOWN anywhere in ``news``; the other verbs never do. ``olds`` of check are old
    inputs (empty for a create), ``olds`` of diff and update are old outputs. ``read`` returns None only if Google
    answered 404. ``create`` and ``update`` raise :class:`~pulumi_gcp_tuning.errors.Unfinished` if a wait ends early.
    """

    def check(self, call: Call, olds: Properties, news: Properties) -> Checked:
        """The inputs for the state, and every finding at once."""
        ...

    def diff(self, call: Call, id: str, olds: Properties, news: Properties) -> Difference:  # noqa: A002
        """What the new inputs change."""
        ...

    def create(self, call: Call, inputs: Properties) -> Current:
        """Create it, or adopt what an earlier run created."""
        ...

    def read(self, call: Call, id: str, outputs: Properties) -> Current | None:  # noqa: A002
        """The resource as Google has it; None if it is gone."""
        ...

    def update(self, call: Call, id: str, olds: Properties, news: Properties) -> Current:  # noqa: A002
        """Change it in place. For an unfinished resource, continue waiting."""
        ...

    def delete(self, call: Call, id: str, outputs: Properties) -> None:  # noqa: A002
        """Remove it, unless its deletion policy says otherwise."""
        ...
