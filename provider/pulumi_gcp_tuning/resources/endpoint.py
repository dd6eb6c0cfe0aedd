"""Endpoint: your own endpoint, to which models are deployed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Annotated, Any, Final

from pydantic import ConfigDict, Field

from pulumi_gcp_tuning.errors import ApiError
from pulumi_gcp_tuning.names import EndpointName, identity_of, stack_hash
from pulumi_gcp_tuning.preflight import cmek
from pulumi_gcp_tuning.preflight.places import ENDPOINT_HOME, REGION, check_endpoint_location, check_location
from pulumi_gcp_tuning.preflight.rule import Rules
from pulumi_gcp_tuning.preflight.spelling import DISPLAY_NAME, OF_LABELS, check_display_name, check_labels
from pulumi_gcp_tuning.resources.core import claims, costs
from pulumi_gcp_tuning.resources.core.catalogue import catalogue_of
from pulumi_gcp_tuning.resources.core.declared import (
    called,
    doing,
    find_difference,
    inputs_among,
    urn_of,
)
from pulumi_gcp_tuning.resources.core.description import about, described, keys_of
from pulumi_gcp_tuning.resources.core.foreseen import Foreseen
from pulumi_gcp_tuning.resources.core.inputs import CommonArgs, Keyed, Labelled, Placed, known
from pulumi_gcp_tuning.resources.core.labels import (
    CLAIM,
    IDENTITY,
    OURS_ON_ENDPOINT,
    RESERVED,
    SPEC,
    STACK,
    effective_labels,
    merged,
)
from pulumi_gcp_tuning.resources.core.lifecycle import UNKNOWN, Call, Current, Difference, Judged, Properties, is_known
from pulumi_gcp_tuning.resources.core.outputs import API_ORIGIN, EFFECTIVE_LABELS, Ident, Outputs
from pulumi_gcp_tuning.resources.core.outputs import CLAIM as CLAIM_OUTPUT
from pulumi_gcp_tuning.resources.core.told import NOTHING_MADE, LabelledTold
from pulumi_gcp_tuning.resources.core.traits import Traits
from pulumi_gcp_tuning.resources.core.wire import body_of, inputs_of, keys_below, with_live_values
from pulumi_gcp_tuning.resources.facts.grants import key_name_of
from pulumi_gcp_tuning.resources.facts.placed import RULES as ASKING_GOOGLE
from pulumi_gcp_tuning.resources.facts.placed import check_with_google
from pulumi_gcp_tuning.resources.models import own_endpoints
from pulumi_gcp_tuning.resources.models.removal import UNCLEAR_SECONDS, undeploy_of_stack
from pulumi_gcp_tuning.resources.models.turns import endpoint_turn, lasting

CREATE: Final = ("aiplatform.endpoints.create", "aiplatform.endpoints.get")
"""The permissions on the project that an endpoint needs."""

RULES: Final[Rules] = (
    DISPLAY_NAME,
    *OF_LABELS,
    REGION,
    ENDPOINT_HOME,
    cmek.NAME,
    cmek.PLACE,
    *ASKING_GOOGLE,
)


# Arguments and outputs


class Args(Placed, Labelled, Keyed, CommonArgs):
    """Your own endpoint."""

    model_config = ConfigDict(json_schema_extra=about(google="Endpoint"))

    display_name: Annotated[
        str, described("The name that the console shows.", role="patched", form="1 to 128 characters")
    ]
    description: Annotated[str | None, described("A description.", role="patched")] = None


class Told(LabelledTold):
    """Facts that only the program knows."""


class DeployedModel(Outputs):
    """A model that the endpoint serves."""

    id: Annotated[Ident, described("The id on the endpoint.", always=True)] = None
    model: Annotated[str | None, described("The model.", always=True)] = None
    display_name: Annotated[str | None, described("The display name of the deployment.")] = None


class State(Outputs):
    """Serves the models that ModelDeployments deploy to it."""

    model_config = ConfigDict(
        json_schema_extra=about(
            summary="An endpoint of your own: its name stays when the model behind it is replaced.",
            get="The endpoint of this name (projects/P/locations/L/endpoints/N)",
        )
    )

    name: Annotated[
        str,
        described(
            "The endpoint's name, also the resource's id.",
            form="`projects/NUMBER/locations/L/endpoints/ID`",
            stays=True,
        ),
    ]
    display_name: Annotated[str | None, described("The name that the console shows.", always=True)] = None
    create_time: Annotated[str | None, described("When it was made.", form="RFC 3339", always=True, stays=True)] = None
    update_time: Annotated[str | None, described("When it last changed.", form="RFC 3339", always=True)] = None
    deployed_models: Annotated[list[DeployedModel], described("The models deployed on it, as of the last read.")] = (
        Field(default_factory=list)
    )
    traffic_split: Annotated[
        dict[str, int], described("Percent of the traffic by deployed model id, as of the last read.", unit="percent")
    ] = Field(default_factory=dict)
    effective_labels: Annotated[dict[str, str], EFFECTIVE_LABELS] = Field(default_factory=dict)
    api_origin: Annotated[str | None, API_ORIGIN] = None
    claim: Annotated[str | None, CLAIM_OUTPUT] = None


# The functions that the frame calls


def submits(olds: Properties, inputs: Properties) -> bool:
    """Whether this run would create it."""
    return not olds or bool(_replacing(olds, inputs))


def judge(
    call: Call, args: Args, told: Told, olds: Properties, inputs: Properties, *, ask: bool, creating: bool
) -> Judged:
    """Checks names, labels, place and key, and asks Google for the caller's permissions and the key."""
    place, key_name = known(args.location), key_name_of(args.encryption_spec)
    catalogue = catalogue_of(call.settings)
    call.run.of(Foreseen).note_place(call.urn, place)
    if not olds and is_known(args.properties()):
        call.run.of(Foreseen).note_new(call.urn, frozenset({_name_of(call, args, urn_of(call, inputs))}))
    findings = check_display_name(known(args.display_name), path=("display_name",))
    findings += check_labels(known(args.pulumi_labels), ours=OURS_ON_ENDPOINT)
    if place is not None and place not in catalogue.regions:
        return Judged(findings=[*findings, *check_location(place, catalogue=catalogue)])
    findings += check_endpoint_location(place)
    in_place = cmek.check_key_place(key_name, place)
    findings += in_place
    if ask:
        made = NOTHING_MADE if creating else told.made
        findings += check_with_google(call, args, made, None if in_place else key_name, CREATE)
    return Judged(findings=findings)


def changes(call: Call, id: str, olds: Properties, news: Properties) -> Difference:  # noqa: A002
    """A changed place or key replaces the endpoint; labels, names and description are updated in place."""
    return find_difference(olds, news, _replacing(olds, news), Args)


def make(call: Call, args: Args, told: Told, inputs: Properties) -> Current:
    """Creates the endpoint with an id derived from this resource's identity, or adopts the one that an earlier run made."""
    urn, token = urn_of(call, inputs), call.new_token()
    body = to_wire(args)
    spec, name = spec_of(args), _name_of(call, args, urn)
    parent, _, endpoint_id = name.rpartition("/endpoints/")
    ours = {IDENTITY: identity_of(urn), SPEC: spec, STACK: stack_hash(urn), CLAIM: claims.label_of(token, urn)}
    body["labels"] = {**(args.pulumi_labels or {}), **ours}
    vertex = call.google.vertex(str(args.location))
    try:
        with doing(f"creating the endpoint {called(call, inputs)!r} in {parent}"):
            made = _complete(call, vertex.create_endpoint(parent, body, endpoint_id, wait=lasting(call)))
    except ApiError as error:
        if error.status != "ALREADY_EXISTS" and not error.maybe_took_effect:
            raise
        made = own_endpoints.adopt(call, name, ours, urn, error)
    return _current(call, inputs, made, token)


def _name_of(call: Call, args: Args, urn: str) -> str:
    """The name that make gives it: the same each time, so a replacement with the same place and key adopts it."""
    return own_endpoints.find_name(call, f"projects/{args.project}/locations/{args.location}", urn, spec_of(args))


def look(call: Call, id: str, outputs: Properties) -> Current:  # noqa: A002
    """The endpoint as Google has it."""
    name = str(EndpointName.parse(id))
    with doing(f"reading the endpoint {id}"):
        live = call.google.vertex_of(name).get_endpoint(name)
    inputs = inputs_among(outputs, Args, Told) if outputs.get("resourceUrn") else _inputs_from_wire(live)
    return _current(call, with_live_values(Args, inputs, live), live)


def patch(call: Call, id: str, olds: Properties, news: Properties) -> Current:  # noqa: A002
    """Updates the declared fields; keeps labels of others."""
    vertex = call.google.vertex_of(id)
    token = claims.claim_of(olds) or call.new_token()

    def body_of(live: Mapping[str, Any]) -> Properties:
        claims.refuse_anothers(call, olds, claims.marks_in(live))
        held = effective_labels(live)
        labels = merged(held, olds.get("pulumiLabels") or {}, news.get("pulumiLabels") or {})
        if IDENTITY in held:  # no labels on an endpoint that this package did not create
            urn = urn_of(call, news)
            labels |= {IDENTITY: identity_of(urn), STACK: stack_hash(urn), **claims.own_labels(call, news, token)}
        body: Properties = {} if labels == held else {"labels": labels}
        wanted = {wire: news.get(key) or "" for wire, key in keys_below(Args, (), ("patched",)).items()}
        return body | {wire: value for wire, value in wanted.items() if value != live.get(wire, "")}

    with doing(f"updating the endpoint {id}"):
        live = claims.write_under_etag(
            lambda: vertex.get_endpoint(id), body_of, lambda body, mask: vertex.patch_endpoint(id, body, mask), id
        )
    return _current(call, news, live, token if CLAIM in effective_labels(live) else None)


def remove(call: Call, id: str, outputs: Properties) -> None:  # noqa: A002
    """Undeploys the rest of an interrupted deployment of the stack, then deletes. Refuses if any other model is deployed.

    It waits for a deployment that is still in progress at Google because its run was killed.
    """
    end, wait = call.clock.monotonic() + UNCLEAR_SECONDS, lasting(call)
    with endpoint_turn(call, id), doing(f"deleting the endpoint {id}"):
        while True:
            undeploy_of_stack(call, id)
            try:
                call.google.vertex_of(id).delete_endpoint(id, wait=wait)
            except ApiError as error:
                is_over = call.clock.monotonic() >= end or wait.expired() or call.cancelled()
                if error.status != "FAILED_PRECONDITION" or is_over:
                    raise
                call.report("waiting for another change of the endpoint before deleting it")
                wait.pause()
            else:
                return


def marks(call: Call, id: str, outputs: Properties) -> claims.Marks:  # noqa: A002
    """The owner of the endpoint."""
    with doing(f"reading the endpoint {id}"):
        return claims.marks_in(call.google.vertex_of(id).get_endpoint(id))


def reclaim(call: Call, id: str, outputs: Properties) -> None:  # noqa: A002
    """Claims the endpoint for this entry."""
    vertex = call.google.vertex_of(id)
    claims.reclaim(call, outputs, id, vertex.get_endpoint, vertex.patch_endpoint, own_endpoints.UPDATE)


def _replacing(olds: Mapping[str, Any], news: Mapping[str, Any]) -> list[str]:
    replaces = []
    for key in keys_of(Args, "place", "spec"):
        old, new = olds.get(key), news.get(key)
        if key == "encryptionSpec":
            old, new = _key_in(old), _key_in(new)
        if new is not UNKNOWN and old != new:
            replaces.append(key)
    return replaces


def _key_in(encryption: object) -> object:
    """The key of an encryptionSpec; UNKNOWN if it is known only after apply. The schema refuses anything but an object."""
    if isinstance(encryption, Mapping):
        return encryption.get("kmsKeyName")
    return UNKNOWN if encryption is UNKNOWN else None


def _complete(call: Call, made: Properties) -> Properties:
    """The endpoint with its times and labels, which the operation's answer lacks; that answer if the read fails."""
    try:
        live: Properties = call.google.vertex_of(made["name"]).get_endpoint(made["name"])
    except ApiError as error:
        call.warn(f"{made['name']} was created, but it could not be read. Run `pulumi refresh` to read it. {error}")
        return made
    return live


def _current(call: Call, inputs: Properties, live: Mapping[str, Any], token: str | None = None) -> Current:
    outputs = {**inputs, **from_wire(live, call.settings.api_origin)}
    claimed = {claims.KEY: token} if token else {}
    return Current(id=live["name"], outputs={**outputs, **claimed}, inputs=inputs)


# Requests and answers


def to_wire(args: Args) -> Properties:
    """The body of the create request, without labels."""
    return body_of(args)


def from_wire(live: Mapping[str, Any], api_origin: str) -> Properties:
    """The state of Google's endpoint."""
    return State.model_validate(
        {**live, "effectiveLabels": effective_labels(live), "apiOrigin": api_origin}
    ).properties()


def spec_of(args: Args) -> str:
    """The hash of the inputs with the role ``spec``. An input that is not given leaves it as older releases wrote it."""
    spec = body_of(args, ("spec",))
    key = spec.pop("encryptionSpec", {}).get("kmsKeyName", "")
    rest = f"/{json.dumps(spec, sort_keys=True)}" if spec else ""
    return hashlib.sha256(f"endpoint/{key}{rest}".encode()).hexdigest()[:32]


def _inputs_from_wire(live: Mapping[str, Any]) -> Properties:
    name = EndpointName.parse(live["name"])
    inputs: Properties = {"project": name.project, "location": name.location, "deletionPolicy": "DELETE"}
    inputs |= inputs_of(Args, live)
    own = {key: value for key, value in effective_labels(live).items() if key not in RESERVED}
    return {**inputs, "labels": own, "pulumiLabels": own} if own else inputs


TRAITS: Final = Traits(noun="endpoint", costs=costs.ENDPOINT, marks=marks, reclaim=reclaim)
