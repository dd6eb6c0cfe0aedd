"""projects.locations.deploy of Model Garden: weights in Cloud Storage on a machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi_gcp_tuning.google import shapes

if TYPE_CHECKING:
    from pulumi_gcp_tuning.google.operations import Json, Wait
    from pulumi_gcp_tuning.google.vertex_wire import VertexWire


class ModelGardenCalls:
    """Deployments that make a model and an endpoint of their own, in one location."""

    _wire: VertexWire

    def deploy_weights(self, parent: str, body: Json, *, wait: Wait | None = None) -> None:
        """Deploys ``customModel.gcsUri`` and waits until it serves. Raises ApiError ALREADY_EXISTS if an id in the body is in use.

        The generated clients that we import have no type for it, so it is sent as JSON, and only Google checks it.
        """
        operation = self._wire.post(f"{parent}:deploy", shapes.OPERATION, body, resend="front door")
        self._wire.finish(operation, wait, f"Deploying {body['customModel']['gcsUri']} in {parent}")
