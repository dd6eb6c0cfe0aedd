"""Values for the parameters of served methods: bodies of requests, and the values that every parameter is tried with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.gemini_api_support import body as gemini_body
from sandbox.vertex_support import PROJECT

if TYPE_CHECKING:
    pass

OTHER = "other-project"
UNPAID = "unpaid-project"
# What is read and changes no answer here, with the reason.
NO_DIFFERENCE = {
    "timeout": "an operation is answered at once, which every timeout allows",
    "view": "the keys are of software, which has no attestation to show; FULL of an HSM key is 501",
    "versionView": "as view",
    "storage.buckets.getStorageLayout prefix": "permissions of the sandbox are not given by prefix",
    "storage.managedFolders.list prefix": "no bucket has managed folders",
    "storage.managedFolders.list pageSize": "no bucket has managed folders",
    "storage.objects.list includeFoldersAsPrefixes": "no bucket has folders",
}
EMPTY_BUCKET = {
    "name": "empty-bucket",
    "location": "US-CENTRAL1",
    "iamConfiguration": {"uniformBucketLevelAccess": {"enabled": True}},
}
BODIES: dict[str, Any] = {
    "storage.buckets.insert": {"name": "a-new-bucket", "location": "US-CENTRAL1"},
    "storage.buckets.setIamPolicy": {"bindings": []},
    "storage.objects.insert": {"name": "new.txt"},
    "storage.objects.compose": {"sourceObjects": [{"name": "pairs.jsonl"}]},
    "storage.objects.patch": {"contentType": "text/plain"},
    "cloudkms.projects.locations.keyRings.cryptoKeys.create": {"purpose": "ENCRYPT_DECRYPT"},
    "cloudkms.projects.locations.keyRings.cryptoKeys.patch": {"labels": {"a": "b"}},
    "cloudkms.projects.locations.keyRings.cryptoKeys.cryptoKeyVersions.patch": {"state": "DISABLED"},
    "iam.projects.roles.patch": {"title": "a", "stage": "GA"},
    "orgpolicy.projects.policies.patch": {"spec": {"rules": [{"denyAll": True}]}},
    "aiplatform.projects.locations.models.patch": {"displayName": "a", "labels": {"a": "b"}},
    "aiplatform.projects.locations.endpoints.patch": {"displayName": "a", "labels": {"a": "b"}},
    "aiplatform.projects.locations.endpoints.create": {"displayName": "a"},
    "aiplatform.projects.locations.pipelineJobs.create": "pipeline",
    "generativelanguage.tunedModels.create": gemini_body(),
    "generativelanguage.tunedModels.patch": {"displayName": "a"},
}
# Required parameters, and those without which a method can only refuse.
BASE: dict[str, dict[str, str]] = {
    "storage.buckets.insert": {"project": PROJECT},
    "storage.buckets.list": {"project": PROJECT},
    "storage.buckets.testIamPermissions": {"permissions": "storage.objects.get"},
    "storage.objects.testIamPermissions": {"permissions": "storage.objects.get"},
    "cloudkms.projects.locations.keyRings.create": {"keyRingId": "new"},
    "cloudkms.projects.locations.keyRings.cryptoKeys.create": {"cryptoKeyId": "new"},
    "cloudkms.projects.locations.keyRings.cryptoKeys.patch": {"updateMask": "labels"},
    "cloudkms.projects.locations.keyRings.cryptoKeys.cryptoKeyVersions.patch": {"updateMask": "state"},
    "aiplatform.projects.locations.endpoints.patch": {"updateMask": "displayName"},
}
SAMPLES = {
    "contentEncoding": "gzip",
    "cryptoKeyId": "another",
    "delimiter": "r",
    "endOffset": "d",
    "endpointId": "chosen",
    "etag": "c3RhbGU=",
    "generation": "7",
    "sourceGeneration": "7",
    "ifGenerationMatch": "7",
    "ifMetagenerationMatch": "7",
    "ifMetagenerationNotMatch": "1",
    "ifSourceGenerationMatch": "7",
    "ifSourceMetagenerationMatch": "7",
    "ifSourceMetagenerationNotMatch": "1",
    "keyRingId": "another",
    "names": f"projects/{PROJECT}/services/storage.googleapis.com",
    "options.requestedPolicyVersion": "2",
    "optionsRequestedPolicyVersion": "2",
    "orderBy": "name desc",
    "permissions": "storage.buckets.get",
    "pipelineJobId": "chosen",
    "prefix": "p",
    "project": OTHER,
    "projection": "full",
    "readMask": "name",
    "startOffset": "d",
    "timeout": "1s",
    "tunedModelId": "chosen",
    "updateMask": "labels",
    "userProject": UNPAID,
}
SAMPLES_OF = {
    ("cloudkms.projects.locations.keyRings.cryptoKeys.patch", "updateMask"): "purpose",
    ("cloudkms.projects.locations.keyRings.cryptoKeys.cryptoKeyVersions.patch", "updateMask"): "algorithm",
    ("orgpolicy.projects.policies.patch", "updateMask"): "dryRunSpec",
    ("serviceusage.services.list", "filter"): "state:DISABLED",
    ("storage.buckets.list", "prefix"): "zzz",
    **{(f"storage.buckets.{verb}", "ifMetagenerationNotMatch"): "2" for verb in ("get", "patch", "update")},
}
