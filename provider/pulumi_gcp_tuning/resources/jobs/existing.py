"""The declaration that a job at Google amounts to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi_gcp_tuning.names import TuningJobName
from pulumi_gcp_tuning.resources.core.labels import IDENTITY, SPEC, effective_labels

if TYPE_CHECKING:
    from pulumi_gcp_tuning.resources.core.lifecycle import Properties
    from pulumi_gcp_tuning.resources.jobs.adoption import Job


def inputs_from_wire(job: Job) -> Properties:
    """The declaration that a job amounts to."""
    name = TuningJobName.parse(job["name"])
    inputs: Properties = {"project": name.project, "location": name.location, "deletionPolicy": "DELETE"}
    for key in ("baseModel", "tunedModelDisplayName", "description", "serviceAccount"):
        if job.get(key):
            inputs[key] = job[key]
    given = job.get("supervisedTuningSpec") or {}
    keys = ("trainingDatasetUri", "validationDatasetUri", "exportLastCheckpointOnly", "hyperParameters")
    spec = {key: given[key] for key in keys if given.get(key)}
    if "hyperParameters" in spec:
        allowed = ("epochCount", "adapterSize", "learningRateMultiplier")
        spec["hyperParameters"] = {
            key: spec["hyperParameters"][key] for key in allowed if key in spec["hyperParameters"]
        }
        if "epochCount" in spec["hyperParameters"]:
            spec["hyperParameters"]["epochCount"] = int(spec["hyperParameters"]["epochCount"])
    inputs["supervisedTuningSpec"] = spec
    if (job.get("encryptionSpec") or {}).get("kmsKeyName"):
        inputs["encryptionSpec"] = {"kmsKeyName": job["encryptionSpec"]["kmsKeyName"]}
    own = {key: value for key, value in effective_labels(job).items() if key not in (IDENTITY, SPEC)}
    if own:
        inputs["labels"] = inputs["pulumiLabels"] = own
    return inputs
