"""Data functions: what a program reads before it declares resources."""

from __future__ import annotations

from collections.abc import Callable

from tuning_sandbox.gcp_plugin.api import StandInError
from tuning_sandbox.gcp_plugin.kms import full_name
from tuning_sandbox.gcp_plugin.resource import Context
from tuning_sandbox.gcp_plugin.storage import Bucket
from tuning_sandbox.gcp_plugin.values import Properties


def get_project(args: Properties, context: Context) -> Properties:
    """gcp.organizations.getProject."""
    project = context.settings.require_project({"project": args.get("projectId")})
    found = context.api.get(f"/v1/projects/{project}")
    labels = found.get("labels", {})
    return {
        "id": f"projects/{found['projectId']}",
        "projectId": found["projectId"],
        "number": found["projectNumber"],
        "name": found.get("name", found["projectId"]),
        "autoCreateNetwork": False,
        "billingAccount": _billing_account(found["projectId"], context),
        "deletionPolicy": "PREVENT",
        "folderId": "",
        "orgId": "",
        "labels": labels,
        "effectiveLabels": labels,
        "pulumiLabels": labels,
        "tags": {},
    }


def _billing_account(project: str, context: Context) -> str:
    info = context.api.find(f"/v1/projects/{project}/billingInfo") or {}
    return str(info.get("billingAccountName", "")).removeprefix("billingAccounts/")


def get_client_config(_args: Properties, context: Context) -> Properties:
    """gcp.organizations.getClientConfig."""
    settings = context.settings
    return {
        "id": f'projects/"{settings.project}"/regions/"{settings.region}"/zones/""',
        "project": settings.project,
        "region": settings.region,
        "zone": "",
        "accessToken": "sandbox",
        "defaultLabels": dict(settings.default_labels or {}),
    }


def get_project_service_account(args: Properties, context: Context) -> Properties:
    """gcp.storage.getProjectServiceAccount."""
    project = context.settings.require_project(args)
    email = context.api.get(f"/storage/v1/projects/{project}/serviceAccount")["email_address"]
    return {
        "id": email,
        "emailAddress": email,
        "member": f"serviceAccount:{email}",
        "project": project,
        "userProject": args.get("userProject"),
    }


def get_service_account(args: Properties, context: Context) -> Properties:
    """gcp.serviceaccount.getAccount."""
    account, project = args["accountId"], context.settings.require_project(args)
    email = account.rpartition("/")[2]
    if "@" not in email:
        email = f"{email}@{project}.iam.gserviceaccount.com"
    found = context.api.get(f"/v1/projects/{project}/serviceAccounts/{email}")
    return {
        "id": found["name"],
        "accountId": account,
        "project": args.get("project"),
        "email": found["email"],
        "member": f"serviceAccount:{found['email']}",
        "name": found["name"],
        "displayName": found.get("displayName", ""),
        "disabled": bool(found.get("disabled", False)),
        "uniqueId": found["uniqueId"],
    }


def get_kms_key_ring(args: Properties, context: Context) -> Properties:
    """gcp.kms.getKMSKeyRing."""
    project = context.settings.require_project(args)
    name = f"projects/{project}/locations/{args['location']}/keyRings/{args['name']}"
    found = context.api.get(f"/v1/{name}")
    return {"id": found["name"], "location": args["location"], "name": args["name"], "project": project}


def get_kms_crypto_key(args: Properties, context: Context) -> Properties:
    """gcp.kms.getKMSCryptoKey."""
    ring = full_name(args["keyRing"], ("projects", "locations", "keyRings"), context)
    found = context.api.get(f"/v1/{ring}/cryptoKeys/{args['name']}")
    primary, labels = found.get("primary"), found.get("labels", {})
    return {
        "id": found["name"],
        "keyRing": args["keyRing"],
        "name": args["name"],
        "purpose": found["purpose"],
        "labels": labels,
        "effectiveLabels": labels,
        "pulumiLabels": labels,
        "primaries": [{"name": primary["name"], "state": primary["state"]}] if primary else [],
        "rotationPeriod": found.get("rotationPeriod", ""),
        "destroyScheduledDuration": found.get("destroyScheduledDuration", ""),
        "importOnly": bool(found.get("importOnly", False)),
        "skipInitialVersionCreation": False,
        "versionTemplates": [found["versionTemplate"]] if "versionTemplate" in found else [],
        "keyAccessJustificationsPolicies": [],
        "cryptoKeyBackend": "",
        "deletionPolicy": "DELETE",
    }


def get_bucket(args: Properties, context: Context) -> Properties:
    """gcp.storage.getBucket, with the properties that the sandbox has."""
    found = Bucket().read(args["name"], {}, context)
    if found is None:
        raise StandInError(f"the bucket {args['name']!r} does not exist.")
    name, outputs = found
    listed = {"encryptions": "encryption", "versionings": "versioning", "softDeletePolicies": "softDeletePolicy"}
    plural = {many: [outputs.pop(one)] if one in outputs else [] for many, one in listed.items()}
    return {**outputs, **plural, "id": name, "labels": outputs["effectiveLabels"]}


Function = Callable[[Properties, Context], Properties]

FUNCTIONS: dict[str, Function] = {
    "gcp:organizations/getProject:getProject": get_project,
    "gcp:organizations/getClientConfig:getClientConfig": get_client_config,
    "gcp:storage/getProjectServiceAccount:getProjectServiceAccount": get_project_service_account,
    "gcp:storage/getBucket:getBucket": get_bucket,
    "gcp:serviceaccount/getAccount:getAccount": get_service_account,
    "gcp:kms/getKMSKeyRing:getKMSKeyRing": get_kms_key_ring,
    "gcp:kms/getKMSCryptoKey:getKMSCryptoKey": get_kms_crypto_key,
}
