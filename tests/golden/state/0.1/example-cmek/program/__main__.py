"""A tuning job under a customer-managed key: the bucket, the dataset, the job and its model use the same key."""

import pulumi
import pulumi_gcp as gcp

from pulumi_gcp_tuning import TunedModel, TuningDataset, TuningJob

project, region = gcp.config.project or "", gcp.config.region or ""
ring = gcp.kms.KeyRing("tuning", location=region)
key = gcp.kms.CryptoKey("tuning", key_ring=ring.id, purpose="ENCRYPT_DECRYPT")
storage_agent = gcp.storage.get_project_service_account(project=project)
grant = gcp.kms.CryptoKeyIAMMember(
    "storage-uses-key",
    crypto_key_id=key.id,
    role="roles/cloudkms.cryptoKeyEncrypterDecrypter",
    member=f"serviceAccount:{storage_agent.email_address}",
)
number = gcp.organizations.get_project(project_id=project).number
vertex_agent = f"serviceAccount:service-{number}@gcp-sa-aiplatform.iam.gserviceaccount.com"
vertex_grant = gcp.kms.CryptoKeyIAMMember(
    "vertex-uses-key", crypto_key_id=key.id, role="roles/cloudkms.cryptoKeyEncrypterDecrypter", member=vertex_agent
)
bucket = gcp.storage.Bucket(
    "tuning-data",
    location=region,
    uniform_bucket_level_access=True,
    encryption={"default_kms_key_name": key.id},
    opts=pulumi.ResourceOptions(depends_on=[grant]),
)
training = TuningDataset("training", bucket=bucket.name, source="data/train.jsonl", kms_key_name=key.id)
job = TuningJob(
    "support-router",
    base_model="gemini-2.5-flash",
    encryption_spec={"kms_key_name": key.id},
    supervised_tuning_spec={"training_dataset_uri": training.uri},
    opts=pulumi.ResourceOptions(depends_on=[vertex_grant]),
)
model = TunedModel("support-router", tuning_job=job)

pulumi.export("key", key.id)
pulumi.export("tuning_job", job.id)
pulumi.export("endpoint", model.endpoint)
