"""Read by mypy only: what a program may write, and what a type checker must refuse (warn_unused_ignores makes it so)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import assert_type

import pulumi

from pulumi_gcp_tuning import (
    Checkpoint,
    Endpoint,
    EndpointArgs,
    GeminiApiTunedModel,
    HyperParametersArgs,
    ModelDeployment,
    PipelineTuningJob,
    Provider,
    SupervisedTuningSpecArgs,
    TunedModel,
    TunedModelInfo,
    TuningDataset,
    TuningJob,
    TuningJobArgs,
)

data = TuningDataset("data", bucket="b", source="data/train.jsonl")
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
