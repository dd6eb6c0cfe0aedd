"""What Google's page on supervised tuning does with one POST, declared: two datasets, three hyperparameters, a name."""

import pulumi
import pulumi_gcp as gcp

from pulumi_gcp_tuning import TunedModel, TuningDataset, TuningJob

config = pulumi.Config()
bucket = gcp.storage.Bucket("tuning-data", location=gcp.config.region, uniform_bucket_level_access=True)
training = TuningDataset("training", bucket=bucket.name, source="data/train.jsonl")
validation = TuningDataset("validation", bucket=bucket.name, source="data/validation.jsonl")
job = TuningJob(
    "support-router",
    base_model=config.require("baseModel"),
    tuned_model_display_name="support-router",
    supervised_tuning_spec={
        "training_dataset_uri": training.uri,
        "validation_dataset_uri": validation.uri,
        "hyper_parameters": {"epoch_count": 4, "adapter_size": 4, "learning_rate_multiplier": 1.0},
    },
)
model = TunedModel("support-router", tuning_job=job)

pulumi.export("tuning_job", job.id)
pulumi.export("tuned_model", model.model)
pulumi.export("endpoint", model.endpoint)
