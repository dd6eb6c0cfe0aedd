"""The cases of weights on machines: the machine, the folder and the project."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from support.preflight_case import DROP, Cannot, Case
from support.preflight_open_cases import NOTHING_SENT, WEIGHTS_OF_A_FOLDER, WEIGHTS_OF_A_JOB

ANOTHER: Final = "projects/shop/locations/us-centrall1"
NOT_READ: Final = Cannot("the sandbox deploys weights without a look at their folder")


def of_a_folder(**given: Any) -> Mapping[str, Any]:
    """Weights in a folder, in another world."""
    return {**WEIGHTS_OF_A_FOLDER, **{f"world/{key}": value for key, value in given.items()}}


CASES: Final = [
    Case(
        id="fewer machines at most than always", kind="model_deployment",
        check="machine", rule="least and most machines", path="max_replica_count", says="At most 2 machines run, but 3 always run",
        way_out="to 3 or more", google=NOTHING_SENT,
        given={**WEIGHTS_OF_A_JOB, "inputs/minReplicaCount": 3, "inputs/maxReplicaCount": 2},
        but={"inputs/maxReplicaCount": 3},
    ),
    Case(
        id="a machine that G2 does not have", kind="model_deployment", severity="warn",
        check="machine", rule="machine type", path="machine_type", says="'g2-standard-13' is not known",
        way_out="Did you mean g2-standard-1", google=NOTHING_SENT,
        given={**WEIGHTS_OF_A_JOB, "inputs/machineType": "g2-standard-13"}, but={"inputs/machineType": "g2-standard-12"},
    ),
    Case(
        id="an accelerator that its machine does not have", kind="model_deployment",
        check="machine", rule="accelerator of the machine", path="accelerator_type",
        says="g2-standard-12 has NVIDIA_L4, not NVIDIA_TESLA_A100", way_out="or machine_type to a2-highgpu-1g", google=NOTHING_SENT,
        given={**WEIGHTS_OF_A_JOB, "inputs/acceleratorType": "NVIDIA_TESLA_A100"},
        but={"inputs/acceleratorType": "NVIDIA_L4"},
    ),
    Case(
        id="an accelerator that there is not", kind="model_deployment",
        check="machine", rule="accelerator exists", path="accelerator_type", says="'NVIDIA_L5' does not exist",
        way_out="Did you mean NVIDIA_L4?", google=NOTHING_SENT,
        given={**WEIGHTS_OF_A_JOB, "inputs/acceleratorType": "NVIDIA_L5"}, but={"inputs/acceleratorType": "NVIDIA_L4"},
    ),
    Case(
        id="more accelerators than the machine has", kind="model_deployment",
        check="machine", rule="accelerator of the machine", path="accelerator_count", says="has 1 or 2 NVIDIA_L4, not 3",
        way_out="Set it to 1 or 2", google=NOTHING_SENT,
        given={**WEIGHTS_OF_A_JOB, "inputs/machineType": "g2-standard-24", "inputs/acceleratorCount": 3},
        but={"inputs/acceleratorCount": 1},
    ),
    Case(
        id="a number of accelerators that N1 does not seem to take", kind="model_deployment", severity="warn",
        check="machine", rule="number of accelerators", path="accelerator_count", says="not 3",
        way_out="Set it to 1 or 2 or 4", google=NOTHING_SENT,
        given={
            **WEIGHTS_OF_A_JOB, "inputs/machineType": "n1-standard-8", "inputs/acceleratorType": "NVIDIA_TESLA_T4",
            "inputs/acceleratorCount": 3,
        },
        but={"inputs/acceleratorCount": 2},
    ),
    Case(
        id="machines in a multi-region", kind="model_deployment",
        check="machine", rule="machines in one region", path="machine_type", says="is eu, a multi-region",
        way_out="such as europe-west4", google=NOTHING_SENT, also=("quota",),
        given={**WEIGHTS_OF_A_FOLDER, "config": {"gcp:region": "eu"}}, but={"config": {}},
    ),
    Case(
        id="a checkpoint of a folder of weights", kind="model_deployment",
        check="schema", rule="checkpoint of a folder", path="checkpoint_id", says="artifacts is one folder",
        way_out="Leave it out", google=NOTHING_SENT,
        given={**WEIGHTS_OF_A_FOLDER, "inputs/checkpointId": "3"}, but={"inputs/checkpointId": DROP},
    ),
    Case(
        id="a folder without weights", kind="model_deployment",
        check="artifacts", rule="weights in the folder", path="artifacts", says="gs://shop-data/weights has no *.safetensors file",
        way_out="Use the folder with the *.safetensors files", google=NOTHING_SENT,
        given={**WEIGHTS_OF_A_FOLDER, "world/objects": {"weights/config.json": "{}"}},
        but={"world/objects": {"weights/config.json": "{}", "weights/model.safetensors": "x"}},
    ),
    Case(
        id="weights in a bucket that there is not", kind="model_deployment",
        check="location", rule="bucket exists", path="artifacts", says="The bucket shop-weights does not exist",
        way_out="Create it first", google=NOT_READ,
        given={**WEIGHTS_OF_A_FOLDER, "inputs/artifacts": "gs://shop-weights/weights"},
        but={"inputs/artifacts": "gs://shop-data/weights"},
    ),
    Case(
        id="weights in a bucket whose readers pay", kind="model_deployment", severity="warn",
        check="location", rule="bucket whose readers pay", path="artifacts", says="The bucket shop-data has requester pays",
        way_out="Switch requester pays off", also=("artifacts",), given=of_a_folder(payers=["shop-data"]), but={"world/payers": []},
    ),
    Case(
        id="machines in a project whose API is off", kind="model_deployment",
        check="identity", rule="API enabled", path="machine_type", says="aiplatform.googleapis.com is disabled",
        way_out="gcloud services enable aiplatform.googleapis.com --project shop", google="it is disabled", also=("quota",),
        given=of_a_folder(disabled=["aiplatform.googleapis.com"]), but={"world/disabled": []},
    ),
    Case(
        id="machines in a project without billing", kind="model_deployment",
        check="identity", rule="billing on", path="machine_type", says="has no active billing account",
        way_out="gcloud billing projects link shop", google="requires billing to be enabled", also=("quota",),
        given=of_a_folder(billing="closed"), but={"world/billing": "open"},
    ),
    Case(
        id="a caller who may not deploy weights", kind="model_deployment",
        check="identity", rule="the caller's permissions", path="machine_type", says="You lack aiplatform.models.upload",
        way_out="Ask for roles/aiplatform.user", google="aiplatform.models.upload",
        given=of_a_folder(without=["aiplatform.models.upload"]), but={"world/without": []},
    ),
    Case(
        id="machines where the organization does not allow them", kind="model_deployment",
        check="identity", rule="gcp.resourceLocations", path="machine_type", says="not us-central1",
        way_out="Use a location that it allows", google="constraints/gcp.resourceLocations",
        given=of_a_folder(policies={"gcp.resourceLocations": {"allowedValues": ["in:eu-locations"]}}),
        but={"world/policies": {"gcp.resourceLocations": {"allowedValues": ["in:us-locations"]}}},
    ),
    Case(
        id="machines where the organization wants a key", kind="model_deployment",
        check="identity", rule="gcp.restrictNonCmekServices", path="machine_type", says="requires a customer-managed key",
        way_out="ask its administrator", google=NOT_READ,
        given=of_a_folder(policies={"gcp.restrictNonCmekServices": {"deniedValues": ["aiplatform.googleapis.com"]}}),
        but={"world/policies": {}},
    ),
    Case(
        id="an endpoint in a region that there is not", kind="model_deployment",
        check="region", rule="region exists", path="endpoint", says="a region that does not exist",
        way_out="Did you mean us-central1?", also=("location",), google="us-centrall1",
        given={"inputs/endpoint": f"{ANOTHER}/endpoints/123", "inputs/model": "projects/shop/locations/us-central1/models/5"},
        but={"inputs/endpoint": "projects/shop/locations/us-central1/endpoints/123"},
    ),
    Case(
        id="a job in a region that there is not", kind="tuned_model",
        check="region", rule="region exists", path="tuning_job", says="a region that does not exist",
        way_out="Did you mean us-central1?", google="us-centrall1",
        given={"inputs/tuningJob": f"{ANOTHER}/tuningJobs/4192837465019283746"},
        but={"inputs/tuningJob": "projects/shop/locations/us-central1/tuningJobs/4192837465019283746"},
    ),
]  # fmt: skip
