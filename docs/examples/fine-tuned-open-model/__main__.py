"""An open model, its job and the machine that serves it, in one declaration."""

import pulumi
import pulumi_gcp as gcp

from pulumi_gcp_tuning import FineTunedModel

bucket = gcp.storage.Bucket(
    "tuning-data", location=gcp.config.region, uniform_bucket_level_access=True, force_destroy=True
)
tickets = FineTunedModel(
    "tickets",
    base_model="meta/llama3_1@llama-3.1-8b",
    tuning_mode="PEFT_ADAPTER",
    bucket=bucket.name,
    training_data="data/train.jsonl",
    hyper_parameters={"epoch_count": 5, "learning_rate": 0.0002, "batch_size": 4},
    machine={"machine_type": "g2-standard-12", "accelerator_type": "NVIDIA_L4", "accelerator_count": 1},
)

pulumi.export("tuning_job", tickets.job.id)
pulumi.export("endpoint", tickets.endpoint)
pulumi.export("weights", tickets.weights)
pulumi.export("metrics", tickets.metrics)
pulumi.export("ask", tickets.snippets)
