"""ModelDeployment: one model on one endpoint, or an open model's weights on a machine. The first gets all traffic, later ones none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, ConfigDict

from pulumi_gcp_tuning.errors import Failed, Refused, Unfinished
from pulumi_gcp_tuning.names import EndpointName, MalformedName, ModelName, identity_of
from pulumi_gcp_tuning.preflight import existing, machines, quota
from pulumi_gcp_tuning.preflight.identity import PERMISSION
from pulumi_gcp_tuning.preflight.location import ENDPOINT_COMING, ENDPOINT_PLACE, ENDPOINT_PROJECT, check_endpoint_place
from pulumi_gcp_tuning.preflight.machines import check_serving
from pulumi_gcp_tuning.preflight.places import REGION, check_places_in_names
from pulumi_gcp_tuning.preflight.rule import Rules
from pulumi_gcp_tuning.preflight.spelling import DISPLAY_NAME, NAME, check_display_name
from pulumi_gcp_tuning.resources.core import claims, costs
from pulumi_gcp_tuning.resources.core.catalogue import catalogue_of
from pulumi_gcp_tuning.resources.core.declared import called, doing, find_difference, inputs_among, urn_of
from pulumi_gcp_tuning.resources.core.description import about, described, keys_in, keys_of
from pulumi_gcp_tuning.resources.core.holdings import Recognised
from pulumi_gcp_tuning.resources.core.inputs import CommonArgs, known, whole_as_text
from pulumi_gcp_tuning.resources.core.lifecycle import Call, Current, Difference, Judged, Properties
from pulumi_gcp_tuning.resources.core.outputs import API_ORIGIN, CLAIM, Outputs, without
from pulumi_gcp_tuning.resources.core.secrets import secret_inputs
from pulumi_gcp_tuning.resources.core.told import ReferringTold, explain_missing
from pulumi_gcp_tuning.resources.core.traits import Traits
from pulumi_gcp_tuning.resources.core.wire import body_of
from pulumi_gcp_tuning.resources.facts.checkpoints import FINAL, checkpoint_folder
from pulumi_gcp_tuning.resources.jobs.kind import check_job_name
from pulumi_gcp_tuning.resources.jobs.open_models import refuse_other_model
from pulumi_gcp_tuning.resources.jobs.results import check_given_job
from pulumi_gcp_tuning.resources.jobs.trainings import OfTraining, training_served
from pulumi_gcp_tuning.resources.jobs.tuning_jobs import TUNING_JOB
from pulumi_gcp_tuning.resources.jobs.upkeep import wait_for_job
from pulumi_gcp_tuning.resources.jobs.weights_checks import RULES as OF_WEIGHTS
from pulumi_gcp_tuning.resources.jobs.weights_checks import check_declared_machine, check_what_weights_need
from pulumi_gcp_tuning.resources.models import deployment_claims
from pulumi_gcp_tuning.resources.models.deploying import deploy, find_deployed, is_same_model, mark_secret
from pulumi_gcp_tuning.resources.models.deployment_claims import claim_deployment
from pulumi_gcp_tuning.resources.models.deployment_ids import declared_ids, replaced_keys, serves_weights, standing_id
from pulumi_gcp_tuning.resources.models.machines import (
    OnMachines,
    Weights,
    costs_of,
    deploy_weights,
    end_deployment,
    endpoint_of,
    find_weights,
    refuse_lost,
    remove_weights,
    tell_of_other_machines,
)
from pulumi_gcp_tuning.resources.models.removal import undeploy
from pulumi_gcp_tuning.resources.models.targets import check_may_deploy, check_targets_exist, check_where_it_will_be
from pulumi_gcp_tuning.resources.models.turns import endpoint_turn
from pulumi_gcp_tuning.wording import like

RULES: Final[Rules] = (
    NAME,
    DISPLAY_NAME,
    REGION,
    *machines.RULES,
    *quota.RULES,
    ENDPOINT_PLACE,
    ENDPOINT_PROJECT,
    ENDPOINT_COMING,
    existing.ENDPOINT_EXISTS,
    existing.MODEL_EXISTS,
    existing.JOB_EXISTS,
    existing.JOB_MODEL,
    existing.JOB_FITS,
    PERMISSION,
    *OF_WEIGHTS,
)


# Arguments and outputs


class Args(OnMachines, CommonArgs):
    """What is served, and where."""

    model_config = ConfigDict(json_schema_extra=about(google="DeployedModel", base="answering.Answering"))

    endpoint: Annotated[
        str | None,
        described(
            "The endpoint that serves `model`: ours, a `pulumi_gcp.vertex.AiEndpoint` or a name. Weights get one of their own.",
            role="place",
            default="the one that the deployment makes",
            computed=True,
            at_google="the endpoint in the URL",
            source="Google's endpoints.deployModel",
            refers={"Endpoint": "id", "pulumi.CustomResource": "id"},
        ),
    ] = None
    model: Annotated[
        str | None,
        described(
            "The model: a `TunedModel` or a name, optionally with `@VERSION`.",
            role="spec",
            refers={"TunedModel": "model"},
        ),
    ] = None
    tuning_job: Annotated[
        str | None,
        described(
            "The job of an open model whose weights are served: a `TuningJob` or a name. Create waits until it has ended.",
            role="spec",
            wire="",
            refers={"TuningJob": "id"},
            ends=True,
        ),
    ] = None
    checkpoint_id: Annotated[
        str | None,
        BeforeValidator(whole_as_text),
        described(
            "The checkpoint that is served; of a `tuning_job` the M of `checkpoint-M`.", role="spec", default="the last"
        ),
    ] = None
    display_name: Annotated[
        str | None,
        described(
            "The name of the deployment.", role="spec", form="at most 128 characters", default="the resource's name"
        ),
    ] = None
    project: Annotated[
        str | None,
        described("The project of the endpoint.", role="follows", default="the endpoint's", names="project"),
    ] = None


class Told(ReferringTold):
    """Facts that only the program knows."""


class State(OfTraining, Outputs):
    """The first model on an endpoint gets all of its traffic; later ones get none until the traffic split is changed."""

    model_config = ConfigDict(
        json_schema_extra=about(
            summary="One model on one endpoint.",
            get="The deployment ENDPOINT_NAME/deployedModels/ID",
            goes_first="yes",
        )
    )

    endpoint: Annotated[str | None, described("The endpoint that serves, whoever made it.", always=True)] = None
    deployed_model_id: Annotated[str, described("The id on the endpoint, an int64 as text.", stays=True)]
    operation: Annotated[str | None, described("The operation that deploys weights, until they are served.")] = None
    traffic_percentage: Annotated[int, described("Its share of the traffic, as of the last read.", unit="percent")] = 0
    location: Annotated[str | None, described("The endpoint's location.", always=True, stays=True)] = None
    project: Annotated[
        str | None,
        described("The number of the endpoint's project, if `project` was not given.", always=True),
    ] = None
    api_origin: Annotated[str | None, API_ORIGIN] = None
    claim: Annotated[str | None, CLAIM] = None


# The functions that the frame calls


def submits(olds: Properties, inputs: Properties) -> bool:
    """Whether this run would deploy."""
    return not olds or bool(replaced_keys(keys_of(Args, "place", "spec"), olds, inputs))


def judge(
    call: Call, args: Args, told: Told, olds: Properties, inputs: Properties, *, ask: bool, creating: bool
) -> Judged:
    """Checks the names of the endpoint and the model, that both are in one place, and what weights need."""
    findings = check_display_name(known(args.display_name), path=("display_name",))
    endpoint, model = known(args.endpoint), known(args.model)
    given = {name: getattr(args, name) is not None for name in Args.model_fields}
    given["checkpoint_id"] = known(args.checkpoint_id) is not None
    findings += explain_missing(check_serving(given, known(args.artifacts), known(args.endpoint)), inputs, told.sources)
    findings += check_job_name(call, TUNING_JOB, known(args.tuning_job))
    for name, kind, text in (("endpoint", EndpointName, endpoint), ("model", ModelName, model)):
        try:
            if text is not None:
                kind.parse(text)
        except MalformedName as error:
            problem = f"{error.text!r} cannot be read: {error.reason}."
            findings.append(NAME.finding((name,), problem, like(error.example)))
    findings += check_declared_machine(args)
    findings += check_places_in_names({("endpoint",): endpoint, ("model",): model}, catalogue_of(call.settings))
    if findings:
        return Judged(findings=findings + check_endpoint_place(endpoint, model))
    if ask and not creating and args.tuning_job is not None:
        job = known(args.tuning_job)
        findings += check_given_job(call, told, TUNING_JOB, job, checks=known(args.checks), weights=True)
    costs = costs_of(args) if args.machine_type is not None and submits(olds, inputs) else []
    if costs and call.note is not None:
        call.note("hourly", {"text": "; ".join(costs).removeprefix("costs: ")})
    if args.model is None:
        findings += check_what_weights_need(call, told, args, inputs, ask=ask, creating=creating)
        return Judged(findings=findings, told=costs)
    findings = check_endpoint_place(endpoint, model) + check_where_it_will_be(call, told, endpoint, model)
    if ask and not creating:
        findings += check_targets_exist(call, told, endpoint, model, known(args.checks))
        findings += check_may_deploy(call, told, endpoint, known(args.checks))
    return Judged(findings=findings, told=costs)


def changes(call: Call, id: str, olds: Properties, news: Properties) -> Difference:  # noqa: A002
    """Deployments are immutable: another endpoint, model, checkpoint or display name replaces the deployment."""
    refuse_lost(call, olds)
    difference = find_difference(olds, news, replaced_keys(keys_of(Args, "place", "spec"), olds, news), Args)
    if difference.replaces or not _is_unfinished(olds):
        return difference
    return Difference(changed=True, paths=[*difference.paths, ("deployedModelId",)])


def make(call: Call, args: Args, told: Told, inputs: Properties) -> Current:
    """Deploys with an id derived from this resource's identity, or finds the deployment of an earlier run."""
    if args.endpoint is None or args.model is None:
        return _serve_weights(call, args, inputs)
    vertex = call.google.vertex_of(args.endpoint)
    with endpoint_turn(call, args.endpoint), doing(f"deploying {args.model} to {args.endpoint}"):
        live: Mapping[str, Any] = vertex.get_endpoint(args.endpoint)
        deployed_id = standing_id(call, live, urn_of(call, inputs), args)
        found = find_deployed(live, deployed_id)
        if found is not None and not is_same_model(str(found.get("model", "")), args.model):
            of = found.get("model", "no model")
            raise Refused(f"{args.endpoint} already has a deployment {deployed_id}, of {of}.")
        id = f"{live['name']}/deployedModels/{deployed_id}"  # noqa: A001
        token = claim_deployment(call, inputs, id, token=call.new_token(), adopts=found is not None)
        if found is None:
            if "displayName" in (secret_inputs(inputs) or ()):
                mark_secret(call, args.endpoint)
            live = deploy(call, args.endpoint, to_wire(args, called(call, inputs), deployed_id), live)
    return _current(call, inputs, live, deployed_id, token)


def _serve_weights(call: Call, args: Args, inputs: Properties, olds: Properties | None = None, id: str = "") -> Current:  # noqa: A002
    """The deployment of weights. With ``id``, the endpoint of an entry whose wait ended early, it goes on from ``olds``."""
    project, place, folder = call.settings.project, call.settings.location, args.artifacts
    trained: Mapping[str, Any] = {}
    if args.tuning_job is not None:
        try:
            job = wait_for_job(call, TUNING_JOB, inputs, args.tuning_job, refuse_other_model)
        except Unfinished as unfinished:
            if id:
                raise Unfinished(str(unfinished), id=id, outputs={**(olds or {}), **inputs}) from None
            raise Failed(f"Nothing was deployed. {unfinished}") from None
        folder = checkpoint_folder(
            job["outputUri"], f"checkpoint-{args.checkpoint_id}" if args.checkpoint_id else FINAL
        )
        trained = training_served(call, job).properties()
        name = TUNING_JOB.parse_name(args.tuning_job)
        project, place = name.project, name.location if name.location != "global" else place
    body = to_wire(args, called(call, inputs), "")
    weights = Weights(str(folder), body["displayName"], body.get("dedicatedResources", {}))
    token = claims.claim_of(olds or {}) or call.new_token()
    endpoint = id or endpoint_of(call, project, place, urn_of(call, inputs), weights)
    with doing(f"deploying {folder}"):
        live = deploy_weights(call, inputs, endpoint, weights, token, operation=(olds or {}).get("operation"))
    return _current(call, inputs, live, str(live["deployedModels"][0]["id"]), token, before=trained)


def _is_unfinished(outputs: Mapping[str, Any]) -> bool:
    """Whether an entry is that of weights whose deployment was not seen to end."""
    return serves_weights(outputs) and not outputs.get("deployedModelId")


def look(call: Call, id: str, outputs: Properties) -> Current | None:  # noqa: A002
    """The deployment as Google has it; None if it is no longer on its endpoint. Of weights, parts may be left or still to come."""
    endpoint, _, deployed_id = id.partition("/deployedModels/")
    if serves_weights(outputs):
        return _look_at_weights(call, id, endpoint, outputs)
    with doing(f"reading the deployment {id}"):
        live = call.google.vertex_of(endpoint).get_endpoint(str(EndpointName.parse(endpoint)))
    found = find_deployed(live, deployed_id)
    if found is None:
        return None
    if outputs.get("endpoint"):
        return replace(_current(call, inputs_among(outputs, Args, Told), live, deployed_id), inputs=None)
    inputs = {"endpoint": endpoint, "deletionPolicy": "DELETE"}
    inputs |= {key: found[key] for key in ("model", "displayName", "checkpointId") if found.get(key)}
    return _current(call, inputs, live, deployed_id)


def _look_at_weights(call: Call, id: str, endpoint: str, outputs: Properties) -> Current | None:  # noqa: A002
    with doing(f"reading the deployment {id}"):
        live = find_weights(call, endpoint)
    inputs, deployed = inputs_among(outputs, Args, Told), (live or {}).get("deployedModels")
    if live and deployed:
        return replace(_current(call, inputs, live, str(deployed[0]["id"]), before=outputs), inputs=None)
    if live is None and not outputs.get("operation"):
        return None
    return Current(id=id, outputs=without(outputs, ["deployedModelId"]), inputs=inputs, unfinished=True)


def patch(call: Call, id: str, olds: Properties, news: Properties) -> Current:  # noqa: A002
    """Only policies and checks can change in place; Google gets only a missing claim. Continues a wait that ended early."""
    refuse_lost(call, olds)
    endpoint, _, deployed_id = id.partition("/deployedModels/")
    if _is_unfinished(olds):
        args = Args.model_validate(without(news, inputs_among(news, Told)))
        return _serve_weights(call, args, news, olds, endpoint)
    with doing(f"reading the deployment {id}"):
        live = call.google.vertex_of(endpoint).get_endpoint(endpoint)
        token = claims.claim_of(olds) or claim_deployment(call, news, id, token=call.new_token())
    return _current(call, news, live, deployed_id or str(olds["deployedModelId"]), token, before=olds)


def remove(call: Call, id: str, outputs: Properties) -> None:  # noqa: A002
    """Undeploys the model; the remaining models on the endpoint share its traffic. Of weights, the endpoint and the model go too."""
    refuse_lost(call, outputs)
    endpoint, _, deployed_id = id.partition("/deployedModels/")
    if serves_weights(outputs):
        if _is_unfinished(outputs) and outputs.get("operation"):
            end_deployment(call, str(outputs["operation"]), endpoint)
        with doing(f"deleting the deployment {endpoint}"):
            remove_weights(call, endpoint)
        tell_of_other_machines(call, endpoint, identity_of(urn_of(call, outputs)))
        return
    with endpoint_turn(call, endpoint), doing(f"undeploying {id}"):
        call.google.vertex_of(endpoint).get_endpoint(endpoint)
        undeploy(call, endpoint, deployed_id)


def _current(
    call: Call,
    inputs: Properties,
    live: Mapping[str, Any],
    deployed_id: str,
    token: str | None = None,
    *,
    before: Mapping[str, Any] | None = None,
) -> Current:
    name = EndpointName.parse(live["name"])
    state = State(
        endpoint=inputs.get("endpoint") or live["name"],
        project=inputs.get("project") or name.project,
        location=name.location,
        deployed_model_id=deployed_id,
        traffic_percentage=int((live.get("trafficSplit") or {}).get(deployed_id, 0)),
        api_origin=call.settings.api_origin,
    )
    trained = {key: value for key, value in (before or {}).items() if key in keys_in(OfTraining)}
    outputs = {**inputs, **trained, **state.properties(), **({claims.KEY: token} if token else {})}
    id = live["name"] if serves_weights(inputs) else f"{live['name']}/deployedModels/{deployed_id}"  # noqa: A001
    return Current(id=id, outputs=outputs, inputs=inputs)


# Requests and answers


def to_wire(args: Args, name: str, deployed_id: str) -> Properties:
    """The deployedModel of the deploy request. A machine runs at least once."""
    body = {**body_of(args), "id": deployed_id, "displayName": args.display_name or name}
    if machine := body.get("dedicatedResources"):
        least = machine.setdefault("minReplicaCount", 1)
        machine.setdefault("maxReplicaCount", least)
    return body


TRAITS: Final = Traits(
    noun="deployment",
    costs=costs.DEPLOYMENT,
    marks=deployment_claims.marks,
    reclaim=deployment_claims.reclaim,
    # on an endpoint of others a deployed model has no claim: its client-chosen id identifies the owner
    recognised=Recognised(declared=declared_ids, standing=lambda id, _outputs: frozenset({id})),  # noqa: A006
)
