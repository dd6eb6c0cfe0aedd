"""One stack, two projects: a Provider for each, of ours for the tuning and of pulumi_gcp's for the bucket."""

import pulumi
import pulumi_gcp as gcp

import pulumi_gcp_tuning as tuning

config = pulumi.Config()
places = {"dev": (config.require("devProject"), "us-central1"), "prod": (config.require("prodProject"), "europe-west4")}

for name, (project, region) in places.items():
    google = pulumi.ResourceOptions(provider=gcp.Provider(f"google-{name}", project=project, region=region))
    ours = pulumi.ResourceOptions(provider=tuning.Provider(f"tuning-{name}", project=project, region=region))
    bucket = gcp.storage.Bucket(f"{name}-data", location=region, uniform_bucket_level_access=True, opts=google)
    training = tuning.TuningDataset(f"{name}-training", bucket=bucket.name, source="data/train.jsonl", opts=ours)
    spec = tuning.SupervisedTuningSpecArgs(training_dataset_uri=training)
    job = tuning.TuningJob(f"{name}-router", base_model="gemini-3.1-flash-lite", supervised_tuning_spec=spec, opts=ours)
    model = tuning.TunedModel(f"{name}-router", tuning_job=job, opts=ours)
    pulumi.export(f"{name}_endpoint", model.endpoint)
