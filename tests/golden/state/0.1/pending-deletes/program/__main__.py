"""A model that was trained again while another resource failed: the old entries wait in state to be deleted."""

import pulumi

from pulumi_gcp_tuning import Endpoint, ModelDeployment, TunedModel, TuningDataset, TuningJob

config = pulumi.Config()
training = TuningDataset("training", bucket="shop-data", source=config.require("data"))
job = TuningJob(
    "router",
    base_model="gemini-3.1-flash-lite",
    supervised_tuning_spec={"training_dataset_uri": training.uri, "hyper_parameters": {"epoch_count": 2}},
)
model = TunedModel("router", tuning_job=job)
if config.get_bool("somethingFails"):
    TunedModel("bad", tuning_job="projects/shop/locations/us-central1/tuningJobs/999")

endpoint = Endpoint("router", display_name="router", location="us")
ModelDeployment("router", endpoint=endpoint, model=model)

pulumi.export("endpoint", endpoint.id)
