"""The deployment ids that this package chooses, so that a declaration can find its own deployment, and what replaces one."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from pulumi_gcp_tuning.names import MalformedName, Urn, identity_of
from pulumi_gcp_tuning.resources.core.holdings import Holdings
from pulumi_gcp_tuning.resources.core.lifecycle import UNKNOWN, is_known
from pulumi_gcp_tuning.resources.core.places import is_same_object
from pulumi_gcp_tuning.resources.models.deploying import find_deployed
from pulumi_gcp_tuning.resources.models.turns import endpoint_key

if TYPE_CHECKING:
    from pulumi_gcp_tuning.resources.core.lifecycle import Call


def derived_id(identity: str, endpoint: str, model: str, checkpoint_id: str | None, display_name: str | None) -> str:
    """Ten digits: seven from the resource and what it deploys, three from these and the endpoint.

    An id that somebody else chose proves nothing, because others choose ten digits too.
    """
    text = f"{identity}/{model}/{checkpoint_id or ''}/{display_name or ''}"
    number = int(hashlib.sha256(text.encode()).hexdigest(), 16)
    own = str(10**6 + number % (9 * 10**6))
    digest = hashlib.sha256(f"gcp-tuning/{endpoint_key(endpoint)}/{own}".encode()).hexdigest()
    return f"{own}{int(digest, 16) % 1000:03}"


def standing_id(call: Call, live: Mapping[str, Any], urn: str, args: Any) -> str:
    """The id that a deployment has on the endpoint ``live``, or will have.

    It is the one from before the stack was renamed, if that is deployed and no current entry has it.
    """

    def name_of(of: Urn | str) -> str:
        own = derived_id(identity_of(of), args.endpoint, args.model, args.checkpoint_id, args.display_name)
        return f"{live['name']}/deployedModels/{own}"

    ids = (name.rpartition("/")[2] for name in call.run.of(Holdings).free_names_before_rename(urn, name_of))
    return next((each for each in ids if find_deployed(live, each)), None) or name_of(urn).rpartition("/")[2]


def declared_ids(urn: str, inputs: Mapping[str, Any]) -> frozenset[str]:
    """The full id of the deployment that a declaration makes; empty while an input of it is unknown."""
    chosen = [inputs.get(key) for key in ("endpoint", "model", "checkpointId", "displayName")]
    if not is_known(chosen) or not chosen[0] or not chosen[1]:
        return frozenset()
    endpoint, model, checkpoint_id, display_name = chosen
    try:
        own = derived_id(identity_of(urn), str(endpoint), str(model), checkpoint_id, display_name)
    except MalformedName:
        return frozenset()
    return frozenset({f"{endpoint}/deployedModels/{own}"})


def replaced_keys(keys: Iterable[str], olds: Mapping[str, Any], news: Mapping[str, Any]) -> list[str]:
    """The ``keys`` whose change replaces the deployment."""
    replaces = []
    for key in keys:
        old, new = olds.get(key), news.get(key)
        same = is_same_object(old, new) if key in ("endpoint", "model", "tuningJob") else old == new
        makes_its_own = key == "endpoint" and new is None and serves_weights(olds)
        was_lost = key == "model" and old is None and not serves_weights(olds)
        if new is not UNKNOWN and not same and not makes_its_own and not was_lost:
            replaces.append(key)
    return replaces


def serves_weights(properties: Mapping[str, Any]) -> bool:
    """Whether these are the properties of an open model's weights on a machine."""
    return bool(properties.get("tuningJob") or properties.get("artifacts"))
