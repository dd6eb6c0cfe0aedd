"""What Google's page on tuning code models does with one POST, declared: a base model, data, steps, an output directory."""

import pulumi
import pulumi_gcp as gcp

from pulumi_gcp_tuning import PipelineTuningJob, TunedModel, TuningDataset

config = pulumi.Config()
bucket = gcp.storage.Bucket(
    "tuning-data", location=gcp.config.region, uniform_bucket_level_access=True, force_destroy=True
)
training = TuningDataset("training", bucket=bucket.name, source="data/train.jsonl")
pipeline = PipelineTuningJob(
    "code-helper",
    base_model=config.require("baseModel"),
    dataset_uri=training,
    train_steps=config.require_int("trainSteps"),
    gcs_output_directory=bucket.url.apply("{}/output".format),
    labels={"team": "support"},
)
model = TunedModel("code-helper", tuning_job=pipeline)

pulumi.export("pipeline", pipeline.name)
pulumi.export("tuned_model", model.model)
pulumi.export("endpoint", model.endpoint)
