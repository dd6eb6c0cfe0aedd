"""The fields by which pipelineJobs.list can filter and order."""

from __future__ import annotations

from tuning_sandbox.kernel.list_filter import Fields, Text, plain
from tuning_sandbox.vertex.pipelines.course import STATES

_TIMES = ("create_time", "update_time", "end_time")
_EQUAL = ("=", "!=")
FIELDS = Fields(
    texts={
        "pipeline_name": plain("pipelineSpec.pipelineInfo.name", _EQUAL),
        "display_name": plain("displayName"),
        "pipeline_job_user_id": Text(lambda job: str(job["name"].rpartition("/")[2])),
        "state": plain("state", _EQUAL, STATES.values()),
        "template_uri": plain("templateUri"),
        "template_metadata.version": plain("templateMetadata.version"),
    },
    times=_TIMES,
    ordered=(*_TIMES, "start_time"),
)
