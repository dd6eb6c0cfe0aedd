"""projects.locations.deploy of Model Garden: weights in Cloud Storage on a machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi_gcp_tuning.errors import NotFound
from pulumi_gcp_tuning.google import shapes

if TYPE_CHECKING:
    from pulumi_gcp_tuning.google.operations import Json, Wait
    from pulumi_gcp_tuning.google.vertex_wire import VertexWire


class ModelGardenCalls:
    """Deployments that make a model and an endpoint of their own, in one location."""

    _wire: VertexWire

    def deploy_weights(self, parent: str, body: Json) -> Json:
        """Begins to deploy ``customModel.gcsUri``; the operation. Raises ApiError ALREADY_EXISTS if an id in the body is in use.

        The generated clients that we import have no type for it, so it is sent as JSON, and only Google checks it.
        """
        return self._wire.post(f"{parent}:deploy", shapes.OPERATION, body, resend="front door")

    def await_weights(self, operation: str, wait: Wait) -> Json | None:
        """Waits for the operation. The error that it ended in; None if it ended well or Google has forgotten it."""
        while True:
            try:
                found = self._wire.get(operation, shapes.OPERATION)
            except NotFound:
                return None
            if found.get("done"):
                return found.get("error")
            wait.check("the deployment", found)
            wait.pause()
