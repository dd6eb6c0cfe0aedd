"""One provider process: the frame of every resource, with a memory that ends with the process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pulumi_gcp_tuning.resources.core.lifecycle import Call
from pulumi_gcp_tuning.resources.core.run import Run
from pulumi_gcp_tuning.resources.registry import lifecycle_of

if TYPE_CHECKING:
    from pathlib import Path

    from lives.world import World
    from pulumi_gcp_tuning.config import Settings
    from pulumi_gcp_tuning.resources.core.lifecycle import Checked, Current, Difference, Properties


class Process:
    """What the engine calls. ``said`` collects what a user can read afterwards, so no lines of progress."""

    def __init__(self, world: World, settings: Settings, folder: Path, said: list[str]) -> None:
        world.google.facts.clear()
        self._world, self._settings, self._folder, self._said = world, settings, folder, said
        self._run, self._google = Run(), world.watched()

    def _call(self, urn: str) -> Call:
        return Call(
            urn=urn,
            settings=self._settings,
            google=self._google,
            clock=self._world.clock,
            cancelled=self.is_cancelled,
            warn=self._said.append,
            tell=self._said.append,
            run=self._run,
            root=self._folder,
        )

    def is_cancelled(self) -> bool:
        return self._world.cancelled

    def check(self, kind: str, urn: str, olds: Properties, news: Properties) -> Checked:
        found: Checked = lifecycle_of(kind).check(self._call(urn), olds, news)
        self._said += [str(each) for each in found.findings]
        return found

    def diff(self, kind: str, urn: str, id: str, olds: Properties, news: Properties) -> Difference:  # noqa: A002
        found: Difference = lifecycle_of(kind).diff(self._call(urn), id, olds, news)
        return found

    def create(self, kind: str, urn: str, inputs: Properties) -> Current:
        made: Current = lifecycle_of(kind).create(self._call(urn), inputs)
        return made

    def read(self, kind: str, urn: str, id: str, outputs: Properties) -> Current | None:  # noqa: A002
        found: Current | None = lifecycle_of(kind).read(self._call(urn), id, outputs)
        return found

    def update(self, kind: str, urn: str, id: str, olds: Properties, news: Properties) -> Current:  # noqa: A002
        made: Current = lifecycle_of(kind).update(self._call(urn), id, olds, news)
        return made

    def delete(self, kind: str, urn: str, id: str, outputs: Properties) -> Any:  # noqa: A002
        lifecycle_of(kind).delete(self._call(urn), id, outputs)
