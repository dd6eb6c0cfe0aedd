"""Claims of deployments: a label of the endpoint for each, on endpoints that this package made. No other endpoint is labelled.

An endpoint that serves weights has one deployment, and the label of any endpoint. On an ``Endpoint`` each deployment has
a label of its own, whose key ends in the deployment's id. Its value says whether the endpoint or the model comes from
another program: such a deployment is not a remainder of the stack whose endpoint or model it uses, even if the other
stack has the same name.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, Literal

from pulumi_gcp_tuning.errors import ApiError, NotFound
from pulumi_gcp_tuning.resources.core import claims
from pulumi_gcp_tuning.resources.core.declared import doing, inputs_among, urn_of
from pulumi_gcp_tuning.resources.core.labels import CLAIM, IDENTITY, effective_labels
from pulumi_gcp_tuning.resources.core.told import ReferringTold

if TYPE_CHECKING:
    from pulumi_gcp_tuning.resources.core.lifecycle import Call, Properties

UPDATE: Final = "aiplatform.endpoints.update"
"""The permission that a claim of a deployment needs."""
MOST_LABELS: Final = 64
"""How many labels Google takes on one endpoint."""
_PREFIX: Final = f"{CLAIM}-"
_DEPLOYED: Final = "/deployedModels/"
_LETTERS: Final = {"endpoint": "e", "model": "m"}


def label_key(id: str) -> str:  # noqa: A002
    """The key of the label that claims the deployment with this id of an entry."""
    deployed_id = id.partition(_DEPLOYED)[2]
    return _PREFIX + deployed_id if deployed_id else CLAIM


def claimed_in(live: Mapping[str, Any], deployed_id: str) -> str | None:
    """The claim of a deployment, None if nothing says whose it is."""
    return effective_labels(live).get(_PREFIX + deployed_id)


def is_of_other_program(live: Mapping[str, Any], deployed_id: str, part: Literal["endpoint", "model"]) -> bool:
    """Whether the program that deployed it on the endpoint ``live`` does not declare that endpoint, or that model."""
    return _LETTERS[part] in claims.foreign_in(claimed_in(live, deployed_id))


def _foreign(properties: Mapping[str, Any]) -> str:
    told = ReferringTold.model_validate(inputs_among(properties, ReferringTold))
    return "".join(letter for key, letter in _LETTERS.items() if properties.get(key) and not told.may_come(key))


def marks(call: Call, id: str, outputs: Properties) -> claims.Marks | None:  # noqa: A002
    """The owner of a deployment; None if its endpoint has no claim of it, or is not there yet."""
    endpoint = id.partition(_DEPLOYED)[0]
    try:
        with doing(f"reading the endpoint {endpoint}"):
            live = call.google.vertex_of(endpoint).get_endpoint(endpoint)
    except NotFound:
        return None
    claim = effective_labels(live).get(label_key(id))
    return claims.Marks(name=id, claim=claim) if claim else None


def claim_deployment(call: Call, inputs: Properties, id: str, *, token: str, adopts: bool = False) -> str | None:  # noqa: A002
    """Writes the claim of an entry onto the endpoint. Returns its token; None if the endpoint cannot have it.

    Without the permission to write it, only the adoption of what somebody else has claimed fails. Claims of deployments
    that are gone are removed with the same request.
    """
    endpoint, key = id.partition(_DEPLOYED)[0], label_key(id)
    own = claims.label_of(token, urn_of(call, inputs), foreign=_foreign(inputs))
    vertex, before = call.google.vertex_of(endpoint), list[str | None]()

    def body_of(live: Mapping[str, Any]) -> Properties:
        labels = effective_labels(live)
        before.append(labels.get(key))
        standing = {CLAIM, *(_PREFIX + str(each["id"]) for each in live.get("deployedModels") or ())}
        kept = {name: value for name, value in labels.items() if not name.startswith(_PREFIX) or name in standing}
        wanted = {**kept, key: own}
        may_have = IDENTITY in labels and len(wanted) <= MOST_LABELS
        return {"labels": wanted} if may_have and wanted != labels else {}

    try:
        live = claims.write_under_etag(
            lambda: vertex.get_endpoint(endpoint),
            body_of,
            lambda body, mask: vertex.patch_endpoint(endpoint, body, mask),
            f"The deployment {id}",
        )
    except ApiError as error:
        if error.http_status != 403:
            raise
        if before[-1]:
            raise claims.unwritable(error, f"The deployment {id}", UPDATE) from error
        call.warn(
            f"The deployment {id} has no claim, because the caller lacks {UPDATE}. Another stack of the same name could "
            f"undeploy it."
        )
        return None
    labels = effective_labels(live)
    if labels.get(key) != own:
        if IDENTITY in labels:
            call.warn(
                f"The deployment {id} has no claim, because its endpoint has {len(labels)} labels and Google takes "
                f"{MOST_LABELS}. Another stack of the same name could undeploy it."
            )
        return None
    if adopts:
        claims.tell_adoption(call, f"The deployment {id}", before[0], token)
    return token


def reclaim(call: Call, id: str, outputs: Properties) -> None:  # noqa: A002
    """Claims the deployment for this entry. If the entry has no claim, removes the one on the endpoint."""
    endpoint = id.partition(_DEPLOYED)[0]
    vertex = call.google.vertex_of(endpoint)
    claims.reclaim(
        call,
        outputs,
        endpoint,
        vertex.get_endpoint,
        vertex.patch_endpoint,
        UPDATE,
        key=label_key(id),
        foreign=_foreign(outputs),
    )
