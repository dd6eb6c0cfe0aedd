"""What the checks look up of a project made by hand: nothing there stands in anybody's way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

NUMBER = "123456789012"
AGENT = f"serviceAccount:service-{NUMBER}@gcp-sa-aiplatform.iam.gserviceaccount.com"
KEY_ROLE = "roles/cloudkms.cryptoKeyEncrypterDecrypter"


@dataclass
class HandMadeLookups:
    """KMS, Resource Manager, Service Usage, quotas, billing, policies and accounts in one."""

    find_key: Callable[[str], dict[str, Any]]
    limit: int

    def get_crypto_key(self, name: str) -> dict[str, Any]:
        return self.find_key(name)

    def get_crypto_key_iam_policy(self, name: str) -> dict[str, Any]:
        return {}

    def get_key_ring_iam_policy(self, name: str) -> dict[str, Any]:
        return {}

    def get_services(self, project: str, services: Sequence[str]) -> list[dict[str, Any]]:
        return [{"name": f"projects/{NUMBER}/services/{each}", "state": "ENABLED"} for each in services]

    def get_project(self, project: str) -> dict[str, Any]:
        return {"projectId": project, "projectNumber": NUMBER}

    def get_iam_policy(self, project: str) -> dict[str, Any]:
        return {"bindings": [{"role": KEY_ROLE, "members": [AGENT]}]}

    def test_iam_permissions(self, project: str, permissions: Sequence[str]) -> frozenset[str]:
        return frozenset(permissions)

    def get_billing_info(self, project: str) -> dict[str, Any]:
        return {"billingEnabled": True}

    def list_quota_infos(self, project: str) -> list[dict[str, Any]]:
        info = {
            "metric": "aiplatform.googleapis.com/global_concurrent_tuning_jobs",
            "quotaDisplayName": "Global concurrent tuning jobs",
            "dimensionsInfos": [{"details": {"value": str(self.limit)}, "applicableLocations": ["global"]}],
        }
        serving = {
            "metric": "aiplatform.googleapis.com/custom_model_serving_nvidia_l4_gpus",
            "quotaDisplayName": "Custom model serving Nvidia L4 GPUs per region",
            "dimensionsInfos": [{"details": {"value": "8"}, "applicableLocations": ["us-central1"]}],
        }
        return [info, serving]

    def get_effective_policy(self, project: str, constraint: str) -> dict[str, Any]:
        return {"spec": {"rules": [{"allowAll": True}]}}

    def get_service_account(self, email: str) -> dict[str, Any]:
        return {"email": email}

    def get_account_policy(self, email: str) -> dict[str, Any]:
        agent = f"serviceAccount:service-{NUMBER}@gcp-sa-vertex-tune.iam.gserviceaccount.com"
        return {"bindings": [{"role": "roles/iam.serviceAccountTokenCreator", "members": [agent]}]}

    def may_act_as(self, email: str) -> bool:
        return True
