"""The roles that Google's agents need on buckets when rows of an open model's job name images of another bucket."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import pulumi

from pulumi_gcp_tuning.declare.resource import with_checked_names

if TYPE_CHECKING:
    from collections.abc import Mapping

ROLE: Final = "roles/storage.objectUser"
AGENTS: Final = ("gcp-sa-aiplatform", "gcp-sa-vertex-moss-ft")
"""Vertex AI's own agent, and the agent that runs jobs of open models, which exists after a project's first such job."""


class OpenModelBucketRoles(pulumi.ComponentResource):
    """Grants both agents roles/storage.objectUser on each bucket: that of the rows and those of the images.

    ``buckets`` are names by a key of your own, which names the grants in the state. ``project_number`` is the number of
    the job's project. In a project that has had no job of an open model, give ``agents=AGENTS[:1]`` until the first
    job has run, because Google refuses a grant to an account that does not exist.
    """

    grants: Sequence[pulumi.Resource]

    @with_checked_names
    def __init__(
        self,
        name: str,
        *,
        buckets: Mapping[str, pulumi.Input[str]],
        project_number: pulumi.Input[str],
        agents: Sequence[str] = AGENTS,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("gcptuning:components:OpenModelBucketRoles", name, None, opts)
        from pulumi_gcp import storage

        below: Any = pulumi.ResourceOptions(parent=self)
        self.grants = [
            storage.BucketIAMMember(
                f"{name}-{key}-{agent}",
                bucket=bucket,
                role=ROLE,
                member=pulumi.Output.concat(
                    "serviceAccount:service-", project_number, f"@{agent}.iam.gserviceaccount.com"
                ),
                opts=below,
            )
            for key, bucket in buckets.items()
            for agent in agents
        ]
        self.register_outputs({})
