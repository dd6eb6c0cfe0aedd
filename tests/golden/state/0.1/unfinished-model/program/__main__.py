"""A model whose job still runs: the wait was interrupted."""

import pulumi

from pulumi_gcp_tuning import TunedModel, TuningDataset, TuningJob

training = TuningDataset("training", bucket="shop-data", source="data/train.jsonl")
job = TuningJob(
    "router",
    base_model="gemini-3.1-flash-lite",
    tuned_model_display_name="router",
    supervised_tuning_spec={
        "training_dataset_uri": training,
        "hyper_parameters": {"epoch_count": 2, "adapter_size": 4, "learning_rate_multiplier": 0.5},
    },
    labels={"team": "support"},
)
model = TunedModel("router", tuning_job=job, labels={"team": "support"})

pulumi.export("endpoint", model.endpoint)
