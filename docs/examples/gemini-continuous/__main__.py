"""A model is tuned on 60 tickets; a second job trains on from it with tickets of a new team, and is evaluated."""

import pulumi
import pulumi_gcp as gcp

from pulumi_gcp_tuning import TunedModel, TuningDataset, TuningJob

config = pulumi.Config()
bucket = gcp.storage.Bucket(
    "tuning-data", location=gcp.config.region, uniform_bucket_level_access=True, force_destroy=True
)
first_rows = TuningDataset("first", bucket=bucket.name, source="data/train.jsonl")
more_rows = TuningDataset("more", bucket=bucket.name, source="data/more.jsonl")
validation = TuningDataset("validation", bucket=bucket.name, source="data/validation.jsonl")

first = TuningJob(
    "first",
    base_model=config.require("baseModel"),
    supervised_tuning_spec={"training_dataset_uri": first_rows, "hyper_parameters": {"epoch_count": 8}},
)
parent = TunedModel("first", tuning_job=first)

more = TuningJob(
    "more",
    pre_tuned_model={"tuned_model_name": parent.versioned_model},
    supervised_tuning_spec={
        "training_dataset_uri": more_rows,
        "validation_dataset_uri": validation,
        "hyper_parameters": {"epoch_count": 4},
        "export_last_checkpoint_only": True,
        "evaluation_config": {
            "metrics": [{"exact_match_spec": {}}, {"rouge_spec": {"rouge_type": "rougeL"}}],
            "output_config": {
                "gcs_destination": {"output_uri_prefix": bucket.url.apply(lambda url: f"{url}/evaluations")}
            },
            "inference_generation_config": {"temperature": 0.0, "max_output_tokens": 64},
        },
    },
)
model = TunedModel("more", tuning_job=more)

pulumi.export("parent", parent.versioned_model)
pulumi.export("parent_endpoint", parent.endpoint)
pulumi.export("tuned_model", model.versioned_model)
pulumi.export("endpoint", model.endpoint)
pulumi.export("evaluation", model.evaluate_dataset_runs)
pulumi.export("metrics", model.metrics)
