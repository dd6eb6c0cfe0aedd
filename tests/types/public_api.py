"""Read by mypy only: what a program may write, and what a type checker must refuse (warn_unused_ignores makes it so)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import assert_type

import pulumi

from pulumi_gcp_tuning import (
    Checkpoint,
    Course,
    Endpoint,
    EndpointArgs,
    EvaluationConfigArgs,
    FineTunedModel,
    FineTunedModelArgs,
    GeminiApiTunedModel,
    GeminiApiTunedModelArgs,
    HyperParametersArgs,
    ModelDeployment,
    ModelDeploymentArgs,
    ModelUsage,
    OpenModelBucketRoles,
    PipelineTuningJob,
    PipelineTuningJobArgs,
    PreTunedModelArgs,
    Provider,
    SupervisedTuningSpecArgs,
    TunedModel,
    TunedModelArgs,
    TunedModelInfo,
    TuningDataset,
    TuningJob,
    TuningJobArgs,
    TuningMetrics,
)

data = TuningDataset("data", bucket="b", source="data/train.jsonl")
TuningDataset("data", bukcet="b", source="data/train.jsonl")  # type: ignore[call-overload]
job = TuningJob(
    "job",
    TuningJobArgs(
        base_model="gemini-3.1-flash-lite",
        supervised_tuning_spec=SupervisedTuningSpecArgs(
            training_dataset_uri=data,
            hyper_parameters=HyperParametersArgs(epoch_count=3, adapter_size="ADAPTER_SIZE_ONE"),
        ),
        labels={"team": data.bucket},
    ),
    pulumi.ResourceOptions(protect=True),
)
TuningJob(
    "job",
    base_model="gemini-3.1-flash-lite",
    supervised_tuning_spec={"training_dataset_uri": data.uri, "hyper_parameters": {"adapter_size": 4}},
    encryption_spec={"kms_key_name": "k"},
)
TuningJob(
    "more",
    base_model="b",
    custom_base_model=job,
    output_uri="gs://b/o",
    supervised_tuning_spec={"training_dataset_uri": data},
)
TuningJob("more", base_model="b", custom_base_model=data, supervised_tuning_spec={"training_dataset_uri": data})  # type: ignore[call-overload]
pipeline = PipelineTuningJob(
    "pipeline", base_model="code-bison@002", dataset_uri=data, gcs_output_directory="gs://b/out", train_steps=200
)
assert_type(pipeline.train_steps, pulumi.Output[int | None])
TunedModel("pipeline", tuning_job=pipeline)
PipelineTuningJob("pipeline", base_model="code-bison@002", train_steps="many")  # type: ignore[call-overload]
gemini = GeminiApiTunedModel(
    "gemini", base_model="models/m", source=[{"text_input": "1", "output": "2"}], epoch_count=5
)
assert_type(gemini.mean_loss, pulumi.Output[float | None])
GeminiApiTunedModel("gemini", base_model="models/m", source="pairs.jsonl", learning_rate=0.001)
GeminiApiTunedModel("gemini", base_model="models/m", source=3)  # type: ignore[call-overload]
model = TunedModel("model", tuning_job=job, on_replace={"keep_last": 1})
endpoint = Endpoint("endpoint", EndpointArgs(display_name="E"), opts=pulumi.ResourceOptions(provider=Provider("p")))
ModelDeployment("deployment", endpoint=endpoint, model=model)

assert_type(job.name, pulumi.Output[str])
assert_type(job.tuned_model, pulumi.Output[TunedModelInfo | None])
assert_type(model.model, pulumi.Output[str])
assert_type(model.effective_labels, pulumi.Output[Mapping[str, str]])
assert_type(TuningJob.get("j", "projects/1/locations/l/tuningJobs/2"), TuningJob)


def epoch_of(checkpoint: Checkpoint) -> int | None:
    return checkpoint.epoch


EndpointArgs()  # type: ignore[call-arg]
Endpoint("e", display_name=3)  # type: ignore[call-overload]
Endpoint("e", dispaly_name="E")  # type: ignore[call-overload]
TuningJob("j", {"base_model": "g"})  # type: ignore[call-overload]
HyperParametersArgs(epoch_count="three")  # type: ignore[arg-type]
HyperParametersArgs(epoch_cuont=3)  # type: ignore[call-arg]

# The resources and arguments of the kinds of tuning

PipelineTuningJob(
    "pipeline",
    PipelineTuningJobArgs(base_model="code-bison@002", dataset_uri=data, gcs_output_directory="gs://b/out"),
)
PipelineTuningJobArgs(base_model="g", dataset_uri=data, gcs_output_directory="o", train_stesp=3)  # type: ignore[call-arg]
PipelineTuningJob("p", base_model="g", dataset_uri=data, gcs_output_directory="o", trian_steps=3)  # type: ignore[call-overload]
GeminiApiTunedModel("gemini", GeminiApiTunedModelArgs(base_model="models/m", source="pairs.jsonl", batch_size=2))
GeminiApiTunedModelArgs(base_model="models/m", source="pairs.jsonl", batch_szie=2)  # type: ignore[call-arg]
assert_type(gemini.loss, pulumi.Output[Course | None])
TuningJobArgs(
    pre_tuned_model=PreTunedModelArgs(tuned_model_name=model.versioned_model, checkpoint_id="2"),
    supervised_tuning_spec=SupervisedTuningSpecArgs(
        training_dataset_uri=data,
        evaluation_config=EvaluationConfigArgs(
            metrics=[{"exact_match_spec": {}}],
            output_config={"gcs_destination": {"output_uri_prefix": "gs://b/scores"}},
        ),
    ),
)
PreTunedModelArgs(tuned_model_name="m", chekpoint_id="2")  # type: ignore[call-arg]
TuningJob("j", pre_tuned_model={"tuned_model_nam": "m"}, supervised_tuning_spec={"training_dataset_uri": "d"})  # type: ignore[call-overload]
TuningJob(
    "open",
    base_model="meta/llama3_1@llama-3.1-8b",
    output_uri="gs://b/out",
    supervised_tuning_spec={"training_dataset_uri": data, "tuning_mode": "PEFT_ADAPTER"},
)
ModelDeployment(
    "weights",
    ModelDeploymentArgs(
        tuning_job=job, machine_type="g2-standard-12", accelerator_type="NVIDIA_L4", accelerator_count=1
    ),
)
ModelDeploymentArgs(tuning_job=job, machine_typ="g2-standard-12")  # type: ignore[call-arg]
TunedModel("model", TunedModelArgs(tuning_job=pipeline, wait_for="accepted"))
TunedModelArgs(tuning_job=pipeline, wait_fro="accepted")  # type: ignore[call-arg]
assert_type(model.usage, pulumi.Output[ModelUsage | None])
assert_type(model.metrics, pulumi.Output[TuningMetrics | None])
tuned = FineTunedModel("tuned", base_model="gemini-3.1-flash-lite", bucket="b", training_data="data/train.jsonl")
FineTunedModel("tuned", FineTunedModelArgs(base_model="g", bucket="b", training_data="t.jsonl", own_endpoint=True))
FineTunedModel(
    "open", base_model="m/l", bucket="b", training_data="t.jsonl", machine={"machine_type": "g2-standard-12"}
)
FineTunedModel("open", base_model="m/l", bucket="b", training_data="t", machine={"machine": "g2"})  # type: ignore[call-overload]
FineTunedModelArgs(base_model="g", bucket="b", training_dta="t.jsonl")  # type: ignore[call-arg]
FineTunedModel("tuned", base_model="g", bucket="b", trainig_data="t.jsonl")  # type: ignore[call-overload]
assert_type(tuned.endpoint, pulumi.Output[str | None])
roles = OpenModelBucketRoles("images", buckets={"data": "b"}, project_number="123456789012")
assert_type(roles.grants, Sequence[pulumi.Resource])
OpenModelBucketRoles("images", bukets={"data": "b"}, project_number="1")  # type: ignore[call-arg]
