"""The frame around every resource: the rules that none of them may forget."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from pulumi_gcp_tuning.errors import Refused, Unfinished
from pulumi_gcp_tuning.names import Urn
from pulumi_gcp_tuning.resources.core.holdings import Holdings
from pulumi_gcp_tuning.resources.core.lifecycle import Call, Checked, Current, Difference, Lifecycle, Properties


@dataclass(frozen=True)
class Frame:
    """The six verbs of one kind of resource, as Pulumi may call them.

    Nothing that a current entry of this run names is deleted: neither what ``diff`` left in place nor what ``create``
    returned. ``shared`` says that several resources may have one id, and that each delete gives up its own share only.
    """

    kind: str
    verbs: Lifecycle
    shared: bool = False

    def check(self, call: Call, olds: Properties, news: Properties) -> Checked:
        """As :class:`~pulumi_gcp_tuning.resources.core.lifecycle.Lifecycle` has it."""
        call.run.of(Holdings).note_check(self.kind, call.urn)
        return self.verbs.check(call, olds, news)

    def diff(self, call: Call, id: str, olds: Properties, news: Properties) -> Difference:  # noqa: A002
        """What it leaves in place is held, what it replaces is let go."""
        difference = self.verbs.diff(call, id, olds, news)
        holdings = call.run.of(Holdings)
        if difference.replaces:
            holdings.let_go(self.kind, call.urn)
        elif holdings.is_declared(self.kind, call.urn):
            holdings.hold(self.kind, call.urn, id, olds)
        return difference

    def create(self, call: Call, inputs: Properties) -> Current:
        """What exists afterwards is held, although a wait may have ended early."""
        with self._held_if_unfinished(call):
            current = self.verbs.create(call, inputs)
        call.run.of(Holdings).hold(self.kind, call.urn, current.id, current.outputs)
        return current

    def read(self, call: Call, id: str, outputs: Properties) -> Current | None:  # noqa: A002
        """As :class:`~pulumi_gcp_tuning.resources.core.lifecycle.Lifecycle` has it."""
        return self.verbs.read(call, id, outputs)

    def update(self, call: Call, id: str, olds: Properties, news: Properties) -> Current:  # noqa: A002
        """As ``create``."""
        with self._held_if_unfinished(call):
            current = self.verbs.update(call, id, olds, news)
        call.run.of(Holdings).hold(self.kind, call.urn, current.id, current.outputs)
        return current

    def delete(self, call: Call, id: str, outputs: Properties) -> None:  # noqa: A002
        """Removes it, unless a current entry has the same id or the policy is to leave it."""
        if outputs.get("deletionPolicy") == "ABANDON":
            return
        own = {call.urn, outputs.get("resourceUrn")}
        holders = call.run.of(Holdings).holders_of(self.kind, id)
        others = [held for held in holders if not own & held.urns]
        if len(others) < len(holders) or (others and not self.shared):
            name = Urn.parse(min(holders[0].urns)).name
            call.tell(f"{id} is not deleted, because {name!r} still uses it. Its older entry leaves the state.")
            return
        if outputs.get("deletionPolicy") == "PREVENT":
            raise Refused(
                f"{id} is not deleted: its deletion_policy is PREVENT. "
                "To delete it, set deletion_policy to DELETE and run `pulumi up` first; to leave it, set ABANDON."
            )
        self.verbs.delete(call, id, outputs)

    @contextmanager
    def _held_if_unfinished(self, call: Call) -> Iterator[None]:
        try:
            yield
        except Unfinished as error:
            call.run.of(Holdings).hold(self.kind, call.urn, error.id, error.outputs)
            raise
