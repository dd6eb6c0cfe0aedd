"""The experiment of a tuning job, which Google's SDK reads if a job names one."""

from __future__ import annotations

from typing import Any

from tuning_sandbox.kernel import Call, not_found
from tuning_sandbox.vertex.checks import check_location
from tuning_sandbox.vertex.service import api
from tuning_sandbox.vertex.tuning_course import COURSE

_PATH = "/{version}/projects/{project}/locations/{location}/metadataStores/{store}/contexts/{context}"


@api.route("GET", _PATH, id="aiplatform.projects.locations.metadataStores.contexts.get", source="sdk",
           permission="aiplatform.contexts.get", does="the experiment of a tuning job; any other context is a 404")  # fmt: skip
def get_context(call: Call) -> dict[str, Any]:
    check_location(call)
    place = call.resource.partition("/metadataStores/")[0]
    jobs = COURSE.jobs(call.sandbox, f"{place}/tuningJobs/")
    job = next((job for job in jobs if job.resource.get("experiment") == call.resource), None)
    if job is None:
        raise not_found(f"Context {call.resource} is not found.")
    return {
        "name": call.resource,
        "displayName": call.params["context"],
        "etag": job.resource["startTime"],
        "createTime": job.resource["startTime"],
        "updateTime": job.resource["startTime"],
        "schemaTitle": "system.Experiment",
        "schemaVersion": "0.0.1",
        "metadata": {"experiment_deleted": False},
    }
