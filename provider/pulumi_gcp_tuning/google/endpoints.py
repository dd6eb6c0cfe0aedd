"""projects.locations.endpoints: endpoints and the models deployed on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi_gcp_tuning.google import shapes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pulumi_gcp_tuning.google.operations import Json, Wait
    from pulumi_gcp_tuning.google.vertex_wire import VertexWire

_SERVICE = "EndpointService"


class EndpointCalls:
    """The endpoints of one location. Google refuses overlapping deployments on one endpoint, so the caller sends them in turn."""

    _wire: VertexWire

    def get_endpoint(self, name: str) -> Json:
        """An endpoint with its ``deployedModels`` and ``trafficSplit``."""
        return self._wire.get(name, shapes.ENDPOINT)

    def list_endpoints(self, parent: str, filter: str | None = None) -> Iterator[Json]:  # noqa: A002
        """All endpoints that match Google's filter."""
        yield from self._wire.items(
            f"{parent}/endpoints", "endpoints", shapes.ENDPOINTS, {"pageSize": 100, "filter": filter}
        )

    def create_endpoint(
        self, parent: str, body: Json, endpoint_id: str | None = None, *, wait: Wait | None = None
    ) -> Json:
        """Creates an endpoint and returns it. Raises ApiError ALREADY_EXISTS if ``endpoint_id`` is in use.

        WaitEnded's ``last`` is the operation; the endpoint's name is the part before ``/operations/`` in its name.
        """
        fields: Json = {"parent": parent, "endpoint": body}
        if endpoint_id is not None:
            fields["endpointId"] = endpoint_id
        operation = self._wire.gapic.call(
            _SERVICE, "create_endpoint", "CreateEndpointRequest", fields, shapes.OPERATION, resend="front door"
        )
        return self._wire.finish(operation, wait, f"Creating an endpoint in {parent}", shapes.ENDPOINT)

    def patch_endpoint(self, name: str, body: Json, mask: str | Sequence[str]) -> Json:
        """Changes displayName, description, labels or trafficSplit."""
        fields = {"endpoint": {**body, "name": name}, "updateMask": mask if isinstance(mask, str) else ",".join(mask)}
        return self._wire.gapic.call(
            _SERVICE, "update_endpoint", "UpdateEndpointRequest", fields, shapes.ENDPOINT, resend="idempotent"
        )

    def delete_endpoint(self, name: str, *, wait: Wait | None = None) -> None:
        """Deletes an empty endpoint and waits until it is deleted; Google refuses while a model is deployed on it."""
        operation = self._wire.gapic.call(
            _SERVICE, "delete_endpoint", "DeleteEndpointRequest", {"name": name}, shapes.OPERATION, resend="idempotent"
        )
        self._wire.finish(operation, wait, f"Deleting {name}")

    def deploy_model(
        self,
        endpoint: str,
        deployed_model: Json,
        traffic_split: Mapping[str, int] | None = None,
        *,
        wait: Wait | None = None,
    ) -> Json:
        """Deploys a model and returns the deployedModel, with its id, once it serves. ``"0"`` is its key in ``traffic_split``."""
        fields: Json = {"endpoint": endpoint, "deployedModel": deployed_model}
        if traffic_split is not None:
            fields["trafficSplit"] = dict(traffic_split)
        operation = self._wire.gapic.call(
            _SERVICE, "deploy_model", "DeployModelRequest", fields, shapes.OPERATION, resend="front door"
        )
        what = f"Deploying {deployed_model.get('model', 'a model')} on {endpoint}"
        deployed: Json = self._wire.finish(operation, wait, what, shapes.DEPLOYED)["deployedModel"]
        return deployed

    def undeploy_model(
        self,
        endpoint: str,
        deployed_model_id: str,
        traffic_split: Mapping[str, int] | None = None,
        *,
        wait: Wait | None = None,
    ) -> None:
        """Undeploys a model; ``traffic_split`` gives its traffic, if it had any, to other models."""
        fields: Json = {"endpoint": endpoint, "deployedModelId": deployed_model_id}
        if traffic_split is not None:
            fields["trafficSplit"] = dict(traffic_split)
        operation = self._wire.gapic.call(
            _SERVICE, "undeploy_model", "UndeployModelRequest", fields, shapes.OPERATION, resend="idempotent"
        )
        self._wire.finish(operation, wait, f"Undeploying {deployed_model_id} from {endpoint}")
