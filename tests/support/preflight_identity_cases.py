"""Cases of TuningJob about what may not be done: APIs, billing, permissions, accounts, policies of the organization."""

from __future__ import annotations

from typing import Final

from support.preflight_case import DROP, KEY, TRAINING, Cannot, Case
from support.preflight_google_cases import KEY_INPUT, KEYED

TUNER: Final = "tuner-bot@shop.iam.gserviceaccount.com"
KEPT: Final = Cannot("the sandbox keeps this policy and does not enforce it")
TUNE_AGENT: Final = "service-{number}@gcp-sa-vertex-tune.iam.gserviceaccount.com"

CASES: Final = [
    Case(
        id="the API is disabled",
        check="identity", rule="API enabled", path="project", says="aiplatform.googleapis.com is disabled",
        way_out="gcloud services enable aiplatform.googleapis.com --project shop", google="it is disabled",
        given={"world/disabled": ["aiplatform.googleapis.com"]}, but={"world/disabled": []},
    ),
    Case(
        id="Cloud Storage is disabled",
        check="identity", rule="API enabled", path="project", says="storage.googleapis.com is disabled",
        way_out="gcloud services enable storage.googleapis.com --project shop", google="it is disabled",
        given={"world/disabled": ["storage.googleapis.com"]}, but={"world/disabled": []},
    ),
    Case(
        id="a closed billing account",
        check="identity", rule="billing on", path="project", says="has no active billing account",
        way_out="gcloud billing projects link shop", google="requires billing to be enabled",
        given={"world/billing": "closed"}, but={"world/billing": "open"},
    ),
    Case(
        id="no billing account",
        check="identity", rule="billing on", path="project", says="has no active billing account",
        way_out="gcloud billing projects link shop", google="requires billing to be enabled",
        given={"world/billing": "absent"}, but={"world/billing": "open"},
    ),
    Case(
        id="a caller who may not tune",
        check="identity", rule="the caller's permissions", path="project",
        says="You lack aiplatform.tuningJobs.create on project shop", way_out="Ask for roles/aiplatform.user",
        google="aiplatform.tuningJobs.create",
        given={"world/without": ["aiplatform.tuningJobs.create"]}, but={"world/without": []},
    ),
    Case(
        id="no service account's email",
        check="identity", rule="service account's email", path="service_account", says="is not a service account's email",
        way_out="It looks like this: tuner@", google="You do not have permission to act as service_account",
        given={"inputs/serviceAccount": "tuner", "world/account": {}}, but={"inputs/serviceAccount": TUNER},
    ),
    Case(
        id="a service account that there is not",
        check="identity", rule="service account usable", path="service_account",
        says=f"The service account {TUNER} does not exist", way_out="Create it first",
        google="You do not have permission to act as service_account",
        given={"inputs/serviceAccount": TUNER}, but={"world/account": {}},
    ),
    Case(
        id="a disabled service account",
        check="identity", rule="service account usable", path="service_account", says=f"{TUNER} is disabled",
        way_out="gcloud iam service-accounts enable", google=f"Service account {TUNER} is disabled",
        given={"inputs/serviceAccount": TUNER, "world/account": {"disabled": True}},
        but={"world/account/disabled": False},
    ),
    Case(
        id="a service account that the caller may not act as",
        check="identity", rule="service account usable", path="service_account", says=f"You are not allowed to act as {TUNER}",
        way_out="Ask for roles/iam.serviceAccountUser on it",
        google="You do not have permission to act as service_account",
        given={
            "inputs/serviceAccount": TUNER, "world/account": {}, "world/without": ["iam.serviceAccounts.actAs"],
        },
        but={"world/without": []},
    ),
    Case(
        id="a location that the organization does not allow",
        check="identity", rule="gcp.resourceLocations", path="location", says="allows in:eu-locations, not us-central1",
        way_out="Use a location that it allows, or ask its administrator", google="constraints/gcp.resourceLocations",
        given={"world/policies": {"gcp.resourceLocations": {"allowedValues": ["in:eu-locations"]}}},
        but={"world/policies": {"gcp.resourceLocations": {"allowedValues": ["in:us-locations"]}}},
    ),
    Case(
        id="a location that the organization denies",
        check="identity", rule="gcp.resourceLocations", path="location", says="denies us-central1",
        way_out="ask its administrator", google="constraints/gcp.resourceLocations",
        given={"world/policies": {"gcp.resourceLocations": {"deniedValues": ["in:us-central1-locations"]}}},
        but={"world/policies": {"gcp.resourceLocations": {"deniedValues": ["in:us-west1-locations"]}}},
    ),
    Case(
        id="no key where the organization wants one",
        check="identity", rule="gcp.restrictNonCmekServices", path="encryption_spec",
        says="requires a customer-managed key for Vertex AI", way_out="Set encryption_spec.kms_key_name",
        google="constraints/gcp.restrictNonCmekServices",
        given={
            **KEYED, "inputs/encryptionSpec": DROP,
            "world/policies": {"gcp.restrictNonCmekServices": {"deniedValues": ["aiplatform.googleapis.com"]}},
        },
        but={KEY_INPUT: KEY},
    ),
    Case(
        id="a service account that may not run jobs",
        check="identity", rule="service account may run the job", path="service_account", severity="warn",
        says=f"No grant of roles/aiplatform.tuningServiceAgent to {TUNER} was found on project shop",
        way_out='gcp.projects.IAMMember("tuner-runs", project="shop", role="roles/aiplatform.tuningServiceAgent"',
        given={"inputs/serviceAccount": TUNER, "world/account": {}},
        but={"world/bindings": [["roles/aiplatform.tuningServiceAgent", f"serviceAccount:{TUNER}"]]},
    ),
    Case(
        id="a service account that the agent may not use",
        check="identity", rule="agent may use the service account", path="service_account", severity="warn",
        says=f"No grant of roles/iam.serviceAccountTokenCreator on {TUNER} to service-", way_out="gcp.serviceaccount.IAMMember(",
        given={"inputs/serviceAccount": TUNER, "world/account": {}, "world/running": 1},
        but={"world/bindings": [["roles/iam.serviceAccountTokenCreator", f"serviceAccount:{TUNE_AGENT}"]]},
    ),
    Case(
        id="data of another project that the service account may not read",
        check="identity", rule="data of another project", path=TRAINING, severity="warn",
        says=f"The bucket shop-data is of another project, and no grant of roles/storage.objectViewer on it to {TUNER}",
        way_out='gcp.storage.BucketIAMMember("tuning-data", bucket="shop-data"',
        given={"inputs/serviceAccount": TUNER, "world/account": {}, "world/owners": {"shop-data": "data-prod"}},
        but={"world/readers": {"shop-data": f"serviceAccount:{TUNER}"}},
    ),
    Case(
        id="an organization that denies Cloud Storage",
        check="identity", rule="gcp.restrictServiceUsage", path="project",
        says="does not let project shop use storage.googleapis.com", way_out="Ask its administrator", google=KEPT,
        given={"world/policies": {"gcp.restrictServiceUsage": {"deniedValues": ["storage.googleapis.com"]}}},
        but={"world/policies": {"gcp.restrictServiceUsage": {"deniedValues": ["is:sqladmin.googleapis.com"]}}},
    ),
    Case(
        id="a model that the organization does not allow",
        check="identity", rule="vertexai.allowedModels", path="base_model",
        says="does not let the project tune gemini-3.1-flash-lite", way_out="publishers/google/models/gemini-3.1-flash-lite:tune",
        google=KEPT,
        given={"world/policies": {"vertexai.allowedModels":
                                  {"allowedValues": ["publishers/google/models/gemini-3.1-flash-lite:predict"]}}},
        but={"world/policies": {"vertexai.allowedModels":
                                {"allowedValues": ["publishers/google/models/gemini-3.1-flash-lite:tune"]}}},
    ),
    Case(
        id="a key of a project that the organization does not allow",
        check="identity", rule="gcp.restrictCmekCryptoKeyProjects", path="encryption_spec.kms_key_name",
        says="does not allow keys of project shop", way_out="Use a key of a project that it allows", google=KEPT,
        given={**KEYED, "world/policies": {"gcp.restrictCmekCryptoKeyProjects": {"allowedValues": ["under:projects/keys"]}}},
        but={"world/policies": {"gcp.restrictCmekCryptoKeyProjects": {"allowedValues": ["under:projects/shop"]}}},
    ),
]  # fmt: skip
