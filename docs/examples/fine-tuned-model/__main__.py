"""A tuned model with its own account and endpoint, in one declaration."""

import pulumi
import pulumi_gcp as gcp

from pulumi_gcp_tuning import FineTunedModel

bucket = gcp.storage.Bucket("tuning-data", location=gcp.config.region, uniform_bucket_level_access=True)
tuner = gcp.serviceaccount.Account("tuner", account_id="support-tuner", display_name="Runs tuning jobs")
router = FineTunedModel(
    "support-router",
    base_model="gemini-3.1-flash-lite",
    bucket=bucket.name,
    training_data="data/train.jsonl",
    hyper_parameters={"epoch_count": 3},
    service_account=tuner.email,
    own_endpoint=True,
)

pulumi.export("model", router.model)
pulumi.export("endpoint", router.endpoint)
pulumi.export("metrics", router.metrics)
pulumi.export("ask", router.snippets)
