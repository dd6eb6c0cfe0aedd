"""An endpoint of one's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NotRequired, TypedDict, overload

import pulumi
from pulumi import Input, Output

from pulumi_gcp_tuning.declare.arguments import Labels, arguments, outputs
from pulumi_gcp_tuning.declare.resource import TuningResource
from pulumi_gcp_tuning.declare.tuning_job import (
    EncryptionSpec,
    EncryptionSpecArgs,
    EncryptionSpecArgsDict,
    Text,
)


@arguments
class EndpointArgs:
    """``display_name`` has at most 128 characters."""

    display_name: Input[str]
    checks: Labels | None = None
    deletion_policy: Text = None
    description: Text = None
    encryption_spec: Input[EncryptionSpecArgs | EncryptionSpecArgsDict] | None = None
    labels: Labels | None = None
    location: Text = None
    project: Text = None


class EndpointArgsDict(TypedDict):
    """:class:`EndpointArgs` as a dict."""

    display_name: Input[str]
    checks: NotRequired[Labels]
    deletion_policy: NotRequired[Input[str]]
    description: NotRequired[Input[str]]
    encryption_spec: NotRequired[Input[EncryptionSpecArgs | EncryptionSpecArgsDict]]
    labels: NotRequired[Labels]
    location: NotRequired[Input[str]]
    project: NotRequired[Input[str]]


@outputs
class DeployedModel:
    """A model that the endpoint serves."""

    id: str
    model: str
    display_name: str | None


class Endpoint(TuningResource, module="gcptuning", name="Endpoint"):
    """Serves what a :class:`~pulumi_gcp_tuning.ModelDeployment` deploys to it."""

    KIND = "endpoint"
    SHAPE = EndpointArgs

    api_origin: Output[str] = pulumi.property("apiOrigin")
    checks: Output[Mapping[str, str] | None] = pulumi.property("checks")
    create_time: Output[str] = pulumi.property("createTime")
    deletion_policy: Output[str] = pulumi.property("deletionPolicy")
    deployed_models: Output[Sequence[DeployedModel]] = pulumi.property("deployedModels")
    description: Output[str | None] = pulumi.property("description")
    display_name: Output[str] = pulumi.property("displayName")
    effective_labels: Output[Mapping[str, str]] = pulumi.property("effectiveLabels")
    encryption_spec: Output[EncryptionSpec | None] = pulumi.property("encryptionSpec")
    labels: Output[Mapping[str, str] | None] = pulumi.property("labels")
    location: Output[str] = pulumi.property("location")
    name: Output[str] = pulumi.property("name")
    project: Output[str] = pulumi.property("project")
    pulumi_labels: Output[Mapping[str, str]] = pulumi.property("pulumiLabels")
    traffic_split: Output[Mapping[str, int]] = pulumi.property("trafficSplit")
    update_time: Output[str] = pulumi.property("updateTime")

    @overload
    def __init__(
        self,
        resource_name: str,
        args: EndpointArgs | EndpointArgsDict,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None: ...
    @overload
    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        *,
        checks: Labels | None = None,
        deletion_policy: Text = None,
        description: Text = None,
        display_name: Text = None,
        encryption_spec: Input[EncryptionSpecArgs | EncryptionSpecArgsDict] | None = None,
        labels: Labels | None = None,
        location: Text = None,
        project: Text = None,
    ) -> None: ...
    def __init__(self, resource_name: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(resource_name, *args, **kwargs)

    @staticmethod
    def get(resource_name: str, id: Input[str], opts: pulumi.ResourceOptions | None = None) -> Endpoint:  # noqa: A002
        """The endpoint of this name (projects/P/locations/L/endpoints/N), read and not managed."""
        return Endpoint.existing(resource_name, id, opts)
