"""Whether a model's endpoint still serves it. People delete endpoints in consoles and notebooks, and Pulumi does not notice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pulumi_gcp_tuning.errors import ApiError, NotFound
from pulumi_gcp_tuning.resources.core.holdings import Holdings
from pulumi_gcp_tuning.resources.core.lifecycle import Call, Difference, Properties
from pulumi_gcp_tuning.resources.models.versions import serves


@dataclass
class Lost:
    """The URNs whose endpoint a read of this run no longer found."""

    urns: set[str] = field(default_factory=set)


def endpoint_of_checkpoint(id: object, checkpoints: Sequence[Mapping[str, Any]]) -> str | None:  # noqa: A002
    """The endpoint on which the service deployed that checkpoint, if it did."""
    return next((each.get("endpoint") for each in checkpoints if id and str(each.get("checkpointId")) == str(id)), None)


def still_serving(call: Call, endpoint: str | None, model: str) -> str | None:
    """The endpoint; None if Google says that it is gone or that the model is no longer deployed there."""
    if endpoint is None:
        return None
    try:
        live = call.google.vertex_of(endpoint).get_endpoint(endpoint)
    except NotFound:
        return None
    except ApiError:  # an error is no proof that the endpoint is gone
        return endpoint
    return endpoint if any(serves(each, model) for each in live.get("deployedModels") or ()) else None


def note_lost(call: Call, olds: Properties, outputs: Properties) -> None:
    """Notes that the endpoint is gone, for the comparison that refresh makes after its read."""
    lost = call.run.of(Lost)
    with call.run.lock:
        if olds.get("endpoint") and not outputs.get("endpoint"):
            lost.urns.add(call.urn)


def compare_serving(call: Call, olds: Properties, difference: Difference) -> Difference:
    """Makes refresh show a missing endpoint. A preview warns and says how to serve again, because no update would do that."""
    if olds.get("endpoint"):
        return difference
    if call.run.of(Holdings).is_declared("tuned_model", call.urn):
        call.warn(
            f"Nothing serves the model {olds['model']}: its endpoint was deleted, or the model was undeployed from it.\n"
            "To serve it again, declare an Endpoint and a ModelDeployment of this model."
        )
        return difference
    if call.urn in call.run.of(Lost).urns:
        return Difference(changed=True, paths=[*difference.paths, ("endpoint",)])
    return difference
