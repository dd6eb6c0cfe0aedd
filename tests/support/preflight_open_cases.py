"""Cases of TuningJobs of open models: folders, checkpoints, the mode, and the agents that read images."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pulumi_gcp_tuning.resources.core.lifecycle import UNKNOWN
from support.preflight_case import DROP, PARAMETERS, SPEC, TRAINING, Cannot, Case, lines

LLAMA: Final = "meta/llama3_1@llama-3.1-8b"
SCOUT: Final = "meta/llama4@llama-4-scout-17b-16e-instruct"
OUT: Final = "gs://shop-data/out"
START: Final = "gs://shop-data/llama"
EARLIER: Final = "urn:pulumi:dev::shop::pulumi-python:dynamic/gcptuning:TuningJob::earlier"


def pair(number: int = 0) -> dict[str, Any]:
    """A good row of prompt and completion."""
    return {"prompt": f"Ticket {number}: what now?", "completion": f"team {number % 3}, order {number}"}


def shown(number: int, bucket: str) -> dict[str, Any]:
    """A good row of messages with an image."""
    image = {"type": "image_url", "image_url": {"url": f"gs://{bucket}/a.png"}}
    asked = [{"type": "text", "text": f"Ticket {number}: what is it?"}, image]
    said = [{"type": "text", "text": f"team {number % 3}"}]
    return {"messages": [{"role": "user", "content": asked}, {"role": "assistant", "content": said}]}


def images_in(bucket: str) -> dict[str, str]:
    """The objects of the data's bucket, whose rows name images of a bucket."""
    return {"train.jsonl": lines(*(shown(number, bucket) for number in range(120))), "a.png": "x"}


PAIRS: Final = {"train.jsonl": lines(*(pair(number) for number in range(120)))}
WEIGHTS: Final = {"llama/model-00001-of-00001.safetensors": "x"}
WRITTEN: Final = {
    f"out/postprocess/node-0/checkpoints/{each}/model.safetensors": "x" for each in ("checkpoint-1", "final")
}
OPEN_MODEL: Final[Mapping[str, Any]] = {
    "inputs/baseModel": LLAMA, "inputs/outputUri": OUT, f"{SPEC}/tuningMode": "PEFT_ADAPTER", "world/objects": PAIRS,
}  # fmt: skip
PICTURES: Final[Mapping[str, Any]] = {
    **OPEN_MODEL, "inputs/baseModel": SCOUT, "world/objects": images_in("shop-pics"),
    "world/buckets": {"shop-data": "us-central1", "shop-pics": "us-central1"},
    "world/objects_elsewhere": {"shop-pics": {"a.png": "x"}},
}  # fmt: skip

OPEN_MODELS: Final = [
    Case(
        id="an open model without a folder for its weights",
        check="artifacts", rule="output_uri for an open model", path="output_uri", says="An open model needs output_uri",
        way_out="Set it to a folder for the weights", google="The output_uri field is required for this model",
        given={**OPEN_MODEL, "inputs/outputUri": DROP}, but={"inputs/outputUri": OUT},
    ),
    Case(
        id="a Gemini model with a folder for its weights",
        check="artifacts", rule="output_uri only for an open model", path="output_uri", says="output_uri is for open models",
        way_out="Leave it out", google="only supported for open source models",
        given={"inputs/outputUri": OUT}, but={"inputs/outputUri": DROP},
    ),
    Case(
        id="a file as the folder of the weights",
        check="artifacts", rule="folder in Cloud Storage", path="output_uri", says="names a file, not a folder",
        way_out="Use its folder", google=Cannot("the sandbox takes any name as a folder's"),
        given={**OPEN_MODEL, "inputs/outputUri": f"{OUT}/weights.safetensors"}, but={"inputs/outputUri": OUT},
    ),
    Case(
        id="a folder in which an earlier job wrote its weights",
        check="artifacts", rule="output folder with checkpoints", path="output_uri", severity="warn",
        says="has checkpoints (final and 1 more), and the new job may overwrite them", way_out=f"set output_uri to {OUT}/{{training}}",
        given={**OPEN_MODEL, "world/objects": {**PAIRS, **WRITTEN}}, but={"inputs/outputUri": f"{OUT}/{{training}}"},
    ),
    Case(
        id="a Gemini model that is tuned in full",
        check="artifacts", rule="full tuning only of an open model", path="supervised_tuning_spec.tuning_mode",
        says="is for open models", way_out="Leave it out", google="tuning mode",
        given={f"{SPEC}/tuningMode": "FULL"}, but={f"{SPEC}/tuningMode": "PEFT_ADAPTER"},
    ),
    Case(
        id="a tuning mode that there is not",
        check="artifacts", rule="tuning mode", path="supervised_tuning_spec.tuning_mode", says="'LORA' does not exist",
        way_out="Use FULL or PEFT_ADAPTER", google="for enum type",
        given={**OPEN_MODEL, f"{SPEC}/tuningMode": "LORA"}, but={f"{SPEC}/tuningMode": "FULL"},
    ),
    Case(
        id="a checkpoint to start from, and no model",
        check="artifacts", rule="base_model beside custom_base_model", path="base_model", says="custom_base_model also needs base_model",
        way_out="Set base_model to the model that the checkpoint was made from", also=("schema",),
        google=Cannot("the check cannot be switched off"),
        given={**OPEN_MODEL, "inputs/baseModel": DROP, "inputs/customBaseModel": START,
               "world/objects": {**PAIRS, **WEIGHTS, "llama/config.json": "{}"}},
        but={"inputs/baseModel": LLAMA},
    ),
    Case(
        id="a checkpoint of a job that still runs",
        check="artifacts", rule="custom_base_model has a value", path="custom_base_model", says="has no value for it",
        way_out="Set custom_base_model to the TuningJob itself",
        google=Cannot("the rule is the plugin's own"),
        given={**OPEN_MODEL, "inputs/inputSources": {"customBaseModel": [EARLIER]}},
        but={"inputs/inputSources": DROP},
    ),
    Case(
        id="a folder to start from that is empty",
        check="artifacts", rule="checkpoint folder", path="custom_base_model", says="is empty",
        way_out="Use the folder that contains", google="has no safetensors files",
        given={**OPEN_MODEL, "inputs/customBaseModel": START},
        but={"world/objects": {**PAIRS, **WEIGHTS, "llama/config.json": "{}"}},
    ),
    Case(
        id="a checkpoint of another architecture to start from",
        check="artifacts", rule="same architecture", path="custom_base_model", says="says model_type 'qwen3'",
        way_out="Set base_model to the model that the checkpoint was made from",
        google=Cannot("the sandbox reads the architecture of checkpoints that it wrote itself only"),
        given={**OPEN_MODEL, "inputs/customBaseModel": START,
               "world/objects": {**PAIRS, **WEIGHTS, "llama/config.json": '{"model_type": "qwen3"}'}},
        but={"world/objects": {**PAIRS, **WEIGHTS, "llama/config.json": '{"model_type": "llama"}'}},
    ),
    Case(
        id="an adapter size for full tuning",
        check="hyperparameters", rule="adapter size under full tuning", path="supervised_tuning_spec.hyper_parameters.adapter_size",
        severity="warn", says="Full tuning trains the whole model", way_out="Leave adapter_size out",
        given={**OPEN_MODEL, f"{SPEC}/tuningMode": "FULL", f"{PARAMETERS}/adapterSize": 4},
        but={f"{SPEC}/tuningMode": "PEFT_ADAPTER"},
    ),
    Case(
        id="a mode that the open model does not have",
        check="model", rule="method and mode", path="supervised_tuning_spec.tuning_mode", says="is not offered for",
        way_out="Set tuning_mode to FULL", google="The tuning mode is not supported for this base model",
        given={**OPEN_MODEL, "inputs/baseModel": "qwen/qwen3@qwen3-8b"}, but={f"{SPEC}/tuningMode": "FULL"},
    ),
    Case(
        id="images in another bucket before the first job of an open model",
        check="identity", rule="agents that come with the first job", path=TRAINING, severity="warn",
        says="does not exist before the project's first open-model job, so it has no access to the bucket shop-pics yet",
        way_out="Run one small text-only job first", given=PICTURES, but={"world/objects": images_in("shop-data")},
    ),
    Case(
        id="images in another bucket that an agent may not read",
        check="identity", rule="open-model agents on the buckets", path=TRAINING, severity="warn",
        says="was found on the bucket shop-pics", way_out="keep the images in the data's bucket",
        given=PICTURES, but={"world/objects": images_in("shop-data")},
    ),
]  # fmt: skip

JOB: Final = "projects/shop/locations/us-central1/tuningJobs/4192837465019283746"
L4: Final[Mapping[str, Any]] = {
    "inputs/machineType": "g2-standard-12", "inputs/acceleratorType": "NVIDIA_L4", "inputs/acceleratorCount": 1,
}  # fmt: skip
WEIGHTS_OF_A_JOB: Final[Mapping[str, Any]] = {
    "inputs/endpoint": DROP, "inputs/model": DROP, "inputs/tuningJob": JOB, **L4,
}  # fmt: skip
WEIGHTS_OF_A_FOLDER: Final[Mapping[str, Any]] = {
    **WEIGHTS_OF_A_JOB, "inputs/tuningJob": DROP, "inputs/artifacts": "gs://shop-data/weights",
    "world/objects": {"weights/model.safetensors": "x"},
}  # fmt: skip
NOTHING_SENT: Final = Cannot("the declaration says it before there is a request")

SERVING: Final = [
    Case(
        id="weights of a job that there is not", kind="model_deployment",
        check="existence", rule="job exists", path="tuning_job", says=f"There is no tuning job {JOB}",
        way_out="Check the name", google=NOTHING_SENT,
        given={**WEIGHTS_OF_A_JOB, "inputs/checks": DROP}, but={"inputs/tuningJob": UNKNOWN},
    ),
    Case(
        id="a deployment of nothing", kind="model_deployment",
        check="schema", rule="one thing to serve", path="model", says="It needs one of model, tuning_job and artifacts",
        way_out="Give exactly one", google=NOTHING_SENT,
        given={**WEIGHTS_OF_A_JOB, "inputs/tuningJob": DROP}, but={"inputs/tuningJob": JOB},
    ),
    Case(
        id="weights on an endpoint that is given", kind="model_deployment",
        check="schema", rule="endpoint of the deployment", path="endpoint", says="The deployment of tuning_job makes its own endpoint",
        way_out="Leave endpoint out", google=NOTHING_SENT,
        given={**WEIGHTS_OF_A_JOB, "inputs/endpoint": "projects/shop/locations/us-central1/endpoints/1234567890"},
        but={"inputs/endpoint": DROP},
    ),
    Case(
        id="a machine without its accelerator", kind="model_deployment",
        check="schema", rule="machine in full", path="accelerator_type", says="accelerator_type must be set for a machine",
        way_out="Give all three", google=NOTHING_SENT,
        given={**WEIGHTS_OF_A_JOB, "inputs/acceleratorType": DROP}, but={"inputs/acceleratorType": "NVIDIA_L4"},
    ),
    Case(
        id="more accelerators than the quota of serving", kind="model_deployment",
        check="quota", rule="a limit below what one job needs", path="accelerator_count",
        says="(aiplatform.googleapis.com/custom_model_serving_nvidia_l4_gpus) in us-central1 is 8, but one deployment needs 16",
        way_out="Ask for more at", google=Cannot("nothing is created before the job has ended"),
        given={**WEIGHTS_OF_A_JOB, "inputs/machineType": "g2-standard-48", "inputs/acceleratorCount": 4, "inputs/maxReplicaCount": 4},
        but={"inputs/maxReplicaCount": 2},
    ),
    Case(
        id="weights that are not in Cloud Storage", kind="model_deployment",
        check="schema", rule="folder of weights", path="artifacts", says="'s3://weights' cannot be read",
        way_out="gs://my-bucket/folder", google=NOTHING_SENT,
        given={**WEIGHTS_OF_A_JOB, "inputs/tuningJob": DROP, "inputs/artifacts": "s3://weights",
               "world/objects": {"weights/model.safetensors": "x"}},
        but={"inputs/artifacts": "gs://shop-data/weights"},
    ),
]  # fmt: skip
