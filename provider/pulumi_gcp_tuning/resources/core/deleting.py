"""What keeps a delete from touching Google: the deletion policy, and what this run knows of the other entries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from pulumi_gcp_tuning.errors import Failed, Refused
from pulumi_gcp_tuning.names import Urn
from pulumi_gcp_tuning.resources.core.holdings import Holdings
from pulumi_gcp_tuning.resources.core.traits import Traits
from pulumi_gcp_tuning.resources.core.wire import referred

if TYPE_CHECKING:
    from pulumi_gcp_tuning.resources.core.lifecycle import Call, Properties


class Kind(Protocol):
    """What is asked of a kind of resource: the part of a :class:`.frame.Frame` that a delete depends on."""

    @property
    def kind(self) -> str:
        """Its name in users' state."""
        ...

    @property
    def resource(self) -> Any:
        """Its functions and descriptions."""
        ...

    @property
    def traits(self) -> Traits:
        """What the resource says about itself."""
        ...

    @property
    def made_first(self) -> bool:
        """Whether a replacement must exist before the old one is deleted."""
        ...


def reason_to_stay(call: Call, of: Kind, id: str, outputs: Properties) -> str | None:  # noqa: A002
    """Why the object stays although its entry leaves the state; None if nothing known here prevents the delete.

    Raises Refused or Failed if the entry must stay too.
    """
    if outputs.get("deletionPolicy") == "ABANDON":
        return f"{id} stays at Google, because its deletion_policy is ABANDON. {of.traits.costs}"
    holdings = call.run.of(Holdings)
    own = {outputs.get("resourceUrn") or call.urn} | (set() if of.traits.shared else {call.urn})  # a share has one URN
    holders = holdings.holders_of(of.kind, id)
    others = [held for held in holders if not own & held.urns]
    if len(others) < len(holders) or (others and not of.traits.shared):
        name = Urn.parse(min(holders[0].urns)).name
        return f"{id} is not deleted, because {name!r} still uses it. Its older entry is removed from the state."
    if outputs.get("deletionPolicy") == "PREVENT":
        raise Refused(
            f"{id} is not deleted: its deletion_policy is PREVENT. To delete it, set deletion_policy to DELETE "
            "and run `pulumi up` first; to leave it at Google, set ABANDON."
        )
    if holdings.outlives(of.kind, call.urn, id):
        return (
            f"{id} is not deleted, because the model that was made from it is still in use. Its entry leaves the state."
        )
    if holdings.awaits_any(referred(of.resource.Args, outputs)) and not holdings.is_declared(of.kind, call.urn):
        raise Failed(
            f"{id} is not deleted: this run did not wait for a model, and what uses the model was not compared.\n"
            "Run the same command again once the model is ready; the entry stays in the state until then."
        )
    if holdings.puts_off_delete(of.kind, call.urn):
        raise Failed(
            f"{id} is not deleted: another resource failed in this run, and what depends on that one may still use it.\n"
            "Correct what failed and run the same command again; the entry stays in the state until then."
        )
    if of.made_first and holdings.goes_too_early(of.kind, call.urn, compared=of.traits.recognised is not None):
        raise Refused(
            f"{id} is not deleted: delete_before_replace would delete it before its replacement exists.\n"
            "Remove that option (a transformation may set it, or pulumi:autonaming if it gives names without a random "
            "part), then run again. Nothing was deleted."
        )
    return None
