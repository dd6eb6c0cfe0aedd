"""What an open model's training gave: outputs of its job and of the deployment of its weights, read once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

from pulumi_gcp_tuning.resources.core.description import described
from pulumi_gcp_tuning.resources.core.outputs import Outputs, TuningDataStats, data_stats
from pulumi_gcp_tuning.resources.jobs.metrics import TuningMetrics, describe_training
from pulumi_gcp_tuning.resources.jobs.open_models import outputs_of
from pulumi_gcp_tuning.resources.jobs.usage import ModelUsage, usage_of

if TYPE_CHECKING:
    from pulumi_gcp_tuning.resources.core.lifecycle import Call, Properties
    from pulumi_gcp_tuning.resources.jobs.kind import Job


class OfTraining(Outputs):
    """What a deployment says of the job whose weights it serves."""

    final_checkpoint_uri: Annotated[
        str | None, described("The folder of the final checkpoint of `tuning_job`.", stays=True)
    ] = None
    checkpoint_uris: Annotated[
        list[str] | None, described("The folders of its checkpoints, the final one last.", stays=True)
    ] = None
    metrics: Annotated[
        TuningMetrics | None, described("The first, best and last values of its training.", stays=True)
    ] = None
    usage: Annotated[ModelUsage | None, described("Links and costs of its training.", stays=True)] = None
    tuning_data_stats: Annotated[
        TuningDataStats | None, described("Counts of its training data.", free=True, stays=True)
    ] = None


def training_of(call: Call, job: Job, before: Mapping[str, Any]) -> Properties:
    """The outputs ``metrics`` and ``usage`` of a job that has succeeded, which a TunedModel has of a Gemini model."""
    kept = {key: before[key] for key in ("metrics", "usage") if before.get(key)}
    found = {} if "metrics" in kept else describe_training(call, job)
    metrics = {key: found[key] for key in ("metrics",) if key in found}
    return {"usage": usage_of(call, job, None).properties(), **metrics, **kept}


def training_served(call: Call, job: Job) -> OfTraining:
    """What the deployment of a succeeded job's weights says of it."""
    stats = {"tuningDataStats": found} if (found := data_stats(job)) else {}
    return OfTraining.model_validate({**outputs_of(call, job, succeeded=True), **training_of(call, job, {}), **stats})
