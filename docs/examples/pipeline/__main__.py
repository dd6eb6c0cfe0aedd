"""What Google's page on tuning code models does with POST requests, declared: a sweep of the steps, and a chat model."""

import pulumi
import pulumi_gcp as gcp

from pulumi_gcp_tuning import PipelineTuningJob, TunedModel, TuningDataset

config = pulumi.Config()
bucket = gcp.storage.Bucket(
    "tuning-data", location=gcp.config.region, uniform_bucket_level_access=True, force_destroy=True
)
output = bucket.url.apply("{}/output".format)
training, evaluation, chats = (
    TuningDataset(name, bucket=bucket.name, source=f"data/{name}.jsonl") for name in ("train", "evaluation", "chat")
)

models = {}
for steps in config.require_object("sweep"):
    job = PipelineTuningJob(
        f"code-{steps}",
        base_model="code-bison@002",
        dataset_uri=training,
        evaluation_data_uri=evaluation,
        evaluation_interval=20,
        enable_early_stopping=False,
        train_steps=steps,
        tensorboard_resource_id=config.get("tensorboard"),
        gcs_output_directory=output,
        labels={"team": "support"},
    )
    models[str(steps)] = TunedModel(f"code-{steps}", tuning_job=job)
    pulumi.export(f"epochs-{steps}", job.epoch_count)

talk = PipelineTuningJob(
    "talk",
    base_model="codechat-bison@002",
    dataset_uri=chats,
    default_context="You answer with Python.",
    train_steps=300,
    gcs_output_directory=output,
)
pulumi.export("endpoints", {steps: model.endpoint for steps, model in models.items()})
if config.get("tensorboard"):
    pulumi.export("metrics", {steps: model.metrics for steps, model in models.items()})
pulumi.export("chat", TunedModel("talk", tuning_job=talk).endpoint)
