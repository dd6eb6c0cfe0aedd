"""An endpoint of one's own: its name stays the same, whatever model serves on it."""

import pulumi
import pulumi_gcp as gcp

from pulumi_gcp_tuning import Endpoint, ModelDeployment, TunedModel, TuningDataset, TuningJob

bucket = gcp.storage.Bucket("tuning-data", location=gcp.config.region, uniform_bucket_level_access=True)
training = TuningDataset("training", bucket=bucket.name, source="data/train.jsonl")
job = TuningJob(
    "support-router",
    base_model="gemini-3.1-flash-lite",
    supervised_tuning_spec={"training_dataset_uri": training.uri},
)
model = TunedModel("support-router", tuning_job=job)
# A job in us-central1 on this base model leaves its model in the multi-region us; the endpoint has to be there too.
endpoint = Endpoint("support", display_name="support", location="us")
deployment = ModelDeployment("support-router", endpoint=endpoint, model=model)

pulumi.export("endpoint", endpoint.name)
pulumi.export("traffic_percentage", deployment.traffic_percentage)
