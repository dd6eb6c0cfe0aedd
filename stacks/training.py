"""What a stack declares to train a model: bucket, key and service account beside dataset, job and model."""

import pulumi
import pulumi_gcp as gcp

from pulumi_gcp_tuning import TunedModel, TuningDataset, TuningJob


def train(config: pulumi.Config) -> dict[str, pulumi.Input[str]]:
    """Declare the training; the stack's outputs."""
    base_model = config.require("baseModel")
    region = gcp.config.region or "us-central1"
    project = gcp.config.project

    ring = gcp.kms.KeyRing("tuning", location=region)
    key = gcp.kms.CryptoKey("tuning-data", key_ring=ring.id, purpose="ENCRYPT_DECRYPT", rotation_period="7776000s")
    storage_agent = gcp.storage.get_project_service_account(project=project)
    grant = gcp.kms.CryptoKeyIAMMember(
        "storage-uses-key",
        crypto_key_id=key.id,
        role="roles/cloudkms.cryptoKeyEncrypterDecrypter",
        member=f"serviceAccount:{storage_agent.email_address}",
    )
    bucket = gcp.storage.Bucket(
        "tuning-data",
        location=region,
        uniform_bucket_level_access=True,
        force_destroy=True,
        encryption={"default_kms_key_name": key.id},
        opts=pulumi.ResourceOptions(depends_on=[grant]),
    )
    tuner = gcp.serviceaccount.Account("tuner", account_id="support-tuner", display_name="Runs the tuning jobs")
    may_tune = gcp.projects.IAMMember(
        "tuner-tunes", project=project or "", role="roles/aiplatform.tuningServiceAgent", member=tuner.member
    )
    may_read = gcp.storage.BucketIAMMember(
        "tuner-reads", bucket=bucket.name, role="roles/storage.objectUser", member=tuner.member
    )

    training = TuningDataset("training", bucket=bucket.name, source="data/train.jsonl")
    validation = TuningDataset("validation", bucket=bucket.name, source="data/validation.jsonl")
    job = TuningJob(
        "support-router",
        base_model=base_model,
        service_account=tuner.email,
        tuned_model_display_name="support-router",
        supervised_tuning_spec={
            "training_dataset_uri": training.uri,
            "validation_dataset_uri": validation.uri,
            "hyper_parameters": {"epoch_count": config.require_int("epochs")},
        },
        opts=pulumi.ResourceOptions(depends_on=[may_tune, may_read]),
    )
    model = TunedModel("support-router", tuning_job=job, labels={"team": "support"})
    return {
        "base_model": base_model,
        "bucket": bucket.url,
        "tuning_job": job.id,
        "tuned_model": model.model,
        "model": model.versioned_model,
        "endpoint": model.endpoint,
        "location": model.location,
    }
