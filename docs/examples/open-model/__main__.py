"""What Google's page on open models does with two calls of its client, declared: a job with a folder for its weights, and a machine."""

import pulumi
import pulumi_gcp as gcp

from pulumi_gcp_tuning import ModelDeployment, TuningDataset, TuningJob

config = pulumi.Config()
bucket = gcp.storage.Bucket(
    "tuning-data", location=gcp.config.region, uniform_bucket_level_access=True, force_destroy=True
)
training = TuningDataset("training", bucket=bucket.name, source="data/train.jsonl")
job = TuningJob(
    "tickets",
    base_model=config.require("baseModel"),
    output_uri=bucket.url.apply("{}/tickets".format),
    supervised_tuning_spec={
        "training_dataset_uri": training.uri,
        "tuning_mode": config.require("tuningMode"),
        "hyper_parameters": {"epoch_count": 5, "learning_rate": 0.0002, "batch_size": 4},
    },
)
serving = ModelDeployment(
    "tickets",
    tuning_job=job,
    machine_type="g2-standard-12",
    accelerator_type="NVIDIA_L4",
    accelerator_count=1,
)

pulumi.export("tuning_job", job.id)
pulumi.export("endpoint", serving.endpoint)
pulumi.export("metrics", serving.metrics)
pulumi.export("ask", serving.snippets)
