"""A model on an endpoint."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NotRequired, TypedDict, overload

import pulumi
from pulumi import Input, Output

from pulumi_gcp_tuning.declare.arguments import Labels, arguments
from pulumi_gcp_tuning.declare.endpoint import Endpoint
from pulumi_gcp_tuning.declare.resource import TuningResource
from pulumi_gcp_tuning.declare.tuned_model import TunedModel
from pulumi_gcp_tuning.declare.tuning_job import Text


@arguments
class ModelDeploymentArgs:
    """Which model on which endpoint.

    ``endpoint`` is ours, a ``pulumi_gcp.vertex.AiEndpoint`` or a name; ``model`` a
    :class:`~pulumi_gcp_tuning.TunedModel` or a name, with ``@VERSION`` where one is meant.
    """

    REFERENCES = MappingProxyType({"endpoint": "id", "model": "model"})

    endpoint: Input[str] | Endpoint | pulumi.CustomResource
    model: Input[str] | TunedModel
    checkpoint_id: Text = None
    checks: Labels | None = None
    deletion_policy: Text = None
    display_name: Text = None
    project: Text = None


class ModelDeploymentArgsDict(TypedDict):
    """:class:`ModelDeploymentArgs` as a dict."""

    endpoint: Input[str] | Endpoint | pulumi.CustomResource
    model: Input[str] | TunedModel
    checkpoint_id: NotRequired[Input[str]]
    checks: NotRequired[Labels]
    deletion_policy: NotRequired[Input[str]]
    display_name: NotRequired[Input[str]]
    project: NotRequired[Input[str]]


class ModelDeployment(TuningResource, module="gcptuning", name="ModelDeployment"):
    """The first model on an endpoint gets all of its traffic, later ones none until it is given to them."""

    KIND = "model_deployment"
    SHAPE = ModelDeploymentArgs

    api_origin: Output[str] = pulumi.property("apiOrigin")
    checkpoint_id: Output[str | None] = pulumi.property("checkpointId")
    checks: Output[Mapping[str, str] | None] = pulumi.property("checks")
    deletion_policy: Output[str] = pulumi.property("deletionPolicy")
    deployed_model_id: Output[str] = pulumi.property("deployedModelId")
    display_name: Output[str | None] = pulumi.property("displayName")
    endpoint: Output[str] = pulumi.property("endpoint")
    location: Output[str] = pulumi.property("location")
    model: Output[str] = pulumi.property("model")
    project: Output[str] = pulumi.property("project")
    traffic_percentage: Output[int] = pulumi.property("trafficPercentage")

    @overload
    def __init__(
        self,
        resource_name: str,
        args: ModelDeploymentArgs | ModelDeploymentArgsDict,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None: ...
    @overload
    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        *,
        checkpoint_id: Text = None,
        checks: Labels | None = None,
        deletion_policy: Text = None,
        display_name: Text = None,
        endpoint: Input[str] | Endpoint | pulumi.CustomResource | None = None,
        model: Input[str] | TunedModel | None = None,
        project: Text = None,
    ) -> None: ...
    def __init__(self, resource_name: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(resource_name, *args, **kwargs)

    @staticmethod
    def get(
        resource_name: str,
        id: Input[str],  # noqa: A002
        opts: pulumi.ResourceOptions | None = None,
    ) -> ModelDeployment:
        """The deployment ENDPOINT_NAME/deployedModels/ID, read and not managed."""
        return ModelDeployment.existing(resource_name, id, opts)
