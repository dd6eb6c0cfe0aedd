"""The states of the other stacks of a backend, as far as they may say whose an object is."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pulumi_gcp_tuning.cli.stack_state import ask_pulumi, read_state_of
from pulumi_gcp_tuning.errors import Refused, TuningError
from pulumi_gcp_tuning.names import Urn, stack_hash

if TYPE_CHECKING:
    from pulumi_gcp_tuning.audit.items import Audit
    from pulumi_gcp_tuning.audit.state import StackState
    from pulumi_gcp_tuning.config import Settings

MOST: Final = 20
"""How many stacks are read whose label is on nothing: an export of each takes a second."""

Say = Callable[[str], None]


@dataclass(frozen=True)
class Backend:
    """Where Pulumi keeps the states: its CLI, and the folder of the program."""

    command: Sequence[str]
    cwd: Path | None

    def name_others(self, audit: Audit, settings: Settings, say: Say) -> Audit:
        """The audit, with the objects of other stacks named. ``say`` gets a line for each state that cannot be read."""
        from pulumi_gcp_tuning.audit.others import likely_labels, may_be_others, name_others

        if not may_be_others(audit):
            return audit
        try:
            listed = self._list()
        except TuningError as error:
            say(f"Other stacks were not read: {error}")
            return audit
        own = {(each.project, each.stack) for each in audit.stacks}
        others = [name for name in listed if _parts(name, audit) not in own]
        labels = likely_labels(audit)
        likely = [name for name in others if _label(name, audit) in labels]
        states = list(self._states(likely, settings, say))
        found = name_others(audit, states)
        rest = [name for name in others if name not in likely]
        if not may_be_others(found) or not rest:
            return found
        if len(rest) > MOST:
            say(f"{len(rest) - MOST} other stacks were not read; what only they have belongs to an unknown stack.")
        return name_others(found, [*states, *self._states(rest[:MOST], settings, say)])

    def _list(self) -> list[str]:
        text = ask_pulumi(
            [*self.command, "stack", "ls", "--all", "--json", *self._place], "the stacks cannot be listed"
        )
        try:
            read: Any = json.loads(text)
        except ValueError:
            raise Refused("the Pulumi CLI printed no JSON.") from None
        listed = [each for each in read if isinstance(each, Mapping)] if isinstance(read, list) else []
        return [str(each["name"]) for each in listed if each.get("name")]

    @property
    def _place(self) -> list[str]:
        return ["--cwd", str(self.cwd)] if self.cwd else []

    def _states(self, names: Sequence[str], settings: Settings, say: Say) -> Iterator[StackState]:
        """The states that were made at the same API: another one may have the same ids."""
        for name in names:
            try:
                state = read_state_of(self.command, name, self.cwd)
            except TuningError as error:
                say(" ".join(str(error).split()))
                continue
            if state.origins <= {settings.api_origin}:
                yield state


def _parts(name: str, audit: Audit) -> tuple[str, str]:
    """Project and stack: a name without a project is of the project that is audited."""
    parts = name.split("/")
    own = next((state.project for state in audit.stacks), "")
    return (parts[-2] if len(parts) == 3 else own), parts[-1]


def _label(name: str, audit: Audit) -> str:
    project, stack = _parts(name, audit)
    return stack_hash(Urn(stack, project, "", ""))
