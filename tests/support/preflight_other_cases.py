"""Cases of the other resources: TuningDataset, TunedModel, Endpoint, ModelDeployment."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from pulumi_gcp_tuning.resources.core.lifecycle import UNKNOWN
from pulumi_gcp_tuning.resources.registry import lifecycle_of
from support import preflight_format_cases as of_formats
from support import preflight_pure_cases as of_pure
from support import preflight_row_cases as of_rows
from support.preflight_case import BUCKET, DROP, GOOD, KEY, TRAINING, Cannot, Case, Kind, lines
from support.preflight_job_cases import JOB, NOT_SWITCHED, OF_THE_PLUGIN

LONG: Final = "x" * 129
ELSEWHERE: Final = KEY.replace("us-central1", "europe-west4")
FILE: Final = "files/train.jsonl"
NAMED: Final = {"check": "schema", "rule": "names", "google": NOT_SWITCHED}
DECLARED: Final = {"check": "schema", "rule": "project and location", "google": NOT_SWITCHED}
SPELT: Final = {"check": "schema", "rule": "properties", "google": NOT_SWITCHED}
ENDPOINT: Final = "projects/shop/locations/us/endpoints/1234567890"
VERTEX_KEY: Final = "inputs/encryptionSpec/kmsKeyName"
OBJECT_KEY: Final = "inputs/kmsKeyName"
READS_ONLY_JOBS: Final = Cannot("Cloud Storage takes any bytes; the job that reads them fails")
OF_OTHER_MODELS: Final = Cannot("its jobs tune Gemini models only; Cloud Storage takes any bytes")
TOO_LONG: Final = ("line-too-long",)
MODELLESS: Final = (
    "files of rows exist",
    "files of rows within the limits",
    "calls-fail",
    "format-of-model",
    "format-use",
    "text-only",
)
"""Kinds that show only where a model is named, or whose case is of another model."""
OF_TRAINING: Final = ("few-examples", "fewer-than-recommended")
"""Kinds that hold of training files alone: a TuningDataset does not know what it is for."""


def of(kind: Kind, id: str, way_out: str, path: str, says: str, **more: Any) -> Case:  # noqa: A002
    """A case of a resource, called after it."""
    return Case(id=f"{kind}: {id}", kind=kind, path=path, says=says, way_out=way_out, **more)


def labels_of(kind: Kind) -> list[Case]:
    """Labels mean the same wherever they are."""
    sent: Any = Cannot("nothing is created before the job has ended") if kind == "tuned_model" else None
    most = 59 if lifecycle_of(kind).traits.marks else 61  # a claim and the stack are two more labels
    # one more than that may fit on an endpoint: the label for secret names is put on only if there are any
    many, few = ({f"l{n}": "x" for n in range(count)} for count in (most + 2, most))
    return [
        of(kind, "a label key in capitals", "For example 'team'", 'labels["Team"]', "does not accept the label key",
           check="labels", rule="grammar", google=sent or "Label key 'Team' is not valid",
           given={"inputs/labels": {"Team": "x"}}, but={"inputs/labels": {"team": "x"}}),
        of(kind, "too many labels", f"Leave at most {most}", "labels", "labels are too many", check="labels",
           rule="number", google=sent or "At most 64 labels are allowed",
           given={"inputs/labels": many}, but={"inputs/labels": few}),
        of(kind, "the plugin's own label", "Choose another key", 'labels["gcp-tuning-spec"]', "is the plugin's own",
           check="labels", rule="the plugin's own", google=OF_THE_PLUGIN,
           given={"inputs/labels": {"gcp-tuning-spec": "x"}}, but={"inputs/labels": {"spec": "x"}}),
        of(kind, "a label of Google's own", "Choose another key", 'labels["tune-type"]', "is Google's own", check="labels",
           rule="Google's own", severity="warn", given={"inputs/labels": {"tune-type": "x"}}, but={"inputs/labels": {"type": "x"}}),
    ]  # fmt: skip


def named_too_long(kind: Kind) -> Case:
    """A display name of 129 characters."""
    return of(kind, "a long display name", "Shorten it", "display_name", "this one has 129", check="schema",
              rule="display name", google=NOT_SWITCHED,
              given={"inputs/displayName": LONG}, but={"inputs/displayName": LONG[:128]})  # fmt: skip


def keys_of(kind: Kind) -> list[Case]:
    """Keys that are not there, or do not encrypt."""
    of_data = kind == "tuning_dataset"
    path, place = ("kms_key_name", OBJECT_KEY) if of_data else ("encryption_spec.kms_key_name", VERTEX_KEY)
    given = {"world/key": {}, place: KEY}
    unusable = "is DISABLED" if of_data else "cannot be used in Vertex AI service"
    parsed = "Malformed Cloud KMS crypto key" if of_data else "Invalid CryptoKey name"
    gone = "Permission denied on Cloud KMS key" if of_data else "not found"
    return [
        of(kind, "a key's short name", "It looks like this: projects/", path, "is not the name of a KMS key",
           check="cmek", rule="key name", google=parsed, given={**given, place: "my-key"}, but={place: KEY}),
        of(kind, "a key that there is not", "Create it first", path, "does not exist", check="cmek", rule="key exists",
           google=gone, given={place: KEY}, but={"world/key": {}}),
        of(kind, "a disabled key", "Enable version 1", path, "primary version is DISABLED", check="cmek",
           rule="key encrypts", google=unusable, given={**given, "world/key/state": "DISABLED"},
           but={"world/key/state": "ENABLED"}),
    ]  # fmt: skip


def on_vertex(kind: Kind, permission: str) -> list[Case]:
    """What is refused of every resource of Vertex AI that has the mixins ``Placed`` and ``Keyed``; ``permission`` creates it."""
    return [
        of(kind, "no location from anywhere", "Set location", "location", "No location is set", **DECLARED,
           given={"inputs/location": DROP, "config/gcp:region": ""}, but={"inputs/location": "us-central1"}),
        of(kind, "a misspelt region", "Did you mean us-central1?", "location", "The region 'us-centra1' does not exist",
           check="region", rule="region exists", google="Invalid location ID",
           given={"inputs/location": "us-centra1"}, but={"inputs/location": "us-central1"}),
        *keys_of(kind),
        of(kind, "a key in another region", "Use a key in us-central1", "encryption_spec.kms_key_name",
           "The key is in europe-west4", check="cmek", rule="key in the same single region",
           google="must be in the same location as the resource",
           given={"world/key": {}, VERTEX_KEY: ELSEWHERE}, but={VERTEX_KEY: KEY}),
        of(kind, "a key where none fits", "No customer-managed key works in us", "encryption_spec.kms_key_name",
           "but the resource that it encrypts is in us", check="cmek", rule="key in the same single region",
           google="must be in the same location as the resource",
           given={"world/key": {}, VERTEX_KEY: KEY, "inputs/location": "us"}, but={"inputs/location": "us-central1"}),
        of(kind, "a key that the agent may not use", "Grant", "encryption_spec.kms_key_name",
           "No grant of roles/cloudkms", check="cmek", rule="service agent may use the key", severity="warn",
           google="cannot be used in Vertex AI service",
           given={"world/key": {"granted": False}, VERTEX_KEY: KEY}, but={"world/key/granted": True}),
        of(kind, "a disabled API", "gcloud services enable aiplatform.googleapis.com", "project",
           "aiplatform.googleapis.com is disabled", check="identity", rule="API enabled", google="it is disabled",
           given={"world/disabled": ["aiplatform.googleapis.com"]}, but={"world/disabled": []}),
        of(kind, "a caller who may not", "Ask for roles/aiplatform.user", "project", f"You lack {permission}",
           check="identity", rule="the caller's permissions", google=permission,
           given={"world/without": [permission]}, but={"world/without": []}),
        of(kind, "a location that the organization does not allow", "Use a location that it allows", "location",
           "not us-central1", check="identity", rule="gcp.resourceLocations", google="constraints/gcp.resourceLocations",
           given={"world/policies": {"gcp.resourceLocations": {"allowedValues": ["in:eu-locations"]}}},
           but={"world/policies": {"gcp.resourceLocations": {"allowedValues": ["in:us-locations"]}}}),
        of(kind, "no key where the organization wants one", "Set encryption_spec.kms_key_name", "encryption_spec",
           "requires a customer-managed key", check="identity", rule="gcp.restrictNonCmekServices",
           google="constraints/gcp.restrictNonCmekServices",
           given={"world/key": {},
                  "world/policies": {"gcp.restrictNonCmekServices": {"deniedValues": ["aiplatform.googleapis.com"]}}},
           but={VERTEX_KEY: KEY}),
    ]  # fmt: skip


def rows_of_a_dataset() -> list[Case]:
    """Every case of a job's training rows, as the file that a TuningDataset uploads."""
    found: list[Case] = []
    for case in of_rows.CASES:
        bad, good = case.given.get(of_rows.TRAINED_ON), case.but.get(of_rows.TRAINED_ON)
        if case.path != TRAINING or bad is None or good is None or case.rule in {*MODELLESS, *OF_TRAINING}:
            continue
        says = case.says.replace(f"gs://{BUCKET}/", "")
        own = READS_ONLY_JOBS if case.severity == "error" else None
        found.append(
            replace(case, id=f"tuning_dataset: {case.id}", kind="tuning_dataset", path="source", says=says, google=own,
                    given={FILE: bad}, but={FILE: good})
        )  # fmt: skip
    return found


def rows_of_other_formats() -> list[Case]:
    """Rows that no job of Gemini's reads, as the file that a TuningDataset uploads: it judges by the usual model."""
    found: list[Case] = []
    for case in of_formats.CASES:
        given, but = case.given, case.but.get(of_formats.ROWS)
        if (
            given.keys() - {of_formats.ROWS, "arguments/model"}
            or but is None
            or case.rule in {*MODELLESS, *OF_TRAINING, *TOO_LONG}
        ):
            continue
        model = given.get("arguments/model")
        if model not in (of_pure.CODE, of_pure.CHAT, of_pure.GEMINI_API, of_pure.SCOUT, "gemini-2.5-flash", None):
            continue
        given = {FILE: lines(*given[of_formats.ROWS]), "inputs/prefix": "rows"}
        id = case.id.replace("pure: ", "")  # noqa: A001
        own = OF_OTHER_MODELS if case.severity == "error" else None
        found.append(
            replace(case, id=f"tuning_dataset: {id}", kind="tuning_dataset", judge=None, google=own, given=given,
                    but={FILE: lines(*but)})
        )  # fmt: skip
    return found


DATASETS: Final = [
    of("tuning_dataset", "an unknown property", "Did you mean source?", "sorce", "has no property sorce", **SPELT,
       given={"inputs/sorce": "x"}, but={"inputs/sorce": DROP}),
    of("tuning_dataset", "a bucket's URI", "Use the name alone", "bucket", "is not the name of a bucket", **NAMED,
       given={"inputs/bucket": f"gs://{BUCKET}"}, but={"inputs/bucket": BUCKET}),
    of("tuning_dataset", "an absolute prefix", "Use one like 'tuning-datasets'", "prefix", "is not a folder's name",
       **NAMED, given={"inputs/prefix": "/data"}, but={"inputs/prefix": "data"}),
    of("tuning_dataset", "a key elsewhere than the bucket", "Use a key in us-central1", "kms_key_name",
       "The key is in europe-west4, but the bucket shop-data is in us-central1", check="cmek", rule="key where the bucket is",
       google=of_rows.NOT_LOOKED_AT,
       given={"world/keys": [{}, {"name": ELSEWHERE}], "inputs/kmsKeyName": ELSEWHERE}, but={"inputs/kmsKeyName": KEY}),
    of("tuning_dataset", "a key that Cloud Storage may not use", "gcp.kms.CryptoKeyIAMMember", "kms_key_name",
       "@gs-project-accounts.iam.gserviceaccount.com was found", check="cmek", rule="Cloud Storage may use the key",
       severity="warn", google="Permission denied on Cloud KMS key",
       given={"world/key": {"granted": False}, "inputs/kmsKeyName": KEY}, but={"world/key/granted": True}),
    of("tuning_dataset", "a location", "Remove it", "location", "has no property location", **SPELT,
       given={"inputs/location": "us-central1"}, but={"inputs/location": DROP}),
    of("tuning_dataset", "a check that there is not", "Correct it", "checks", "there is no check 'regoin'", **DECLARED,
       given={"inputs/checks": {"regoin": "off"}}, but={"inputs/checks": {"region": "off"}}),
    of("tuning_dataset", "a bucket that there is not", "Create it first", "bucket", "The bucket shop-data does not exist",
       check="location", rule="bucket exists", google="bucket does not exist",
       given={"world/buckets": {}}, but={"world/buckets": {BUCKET: "us-central1"}}),
    of("tuning_dataset", "a caller who may not upload", "Ask for roles/storage.objectUser", "bucket",
       "You lack storage.objects.create on the bucket shop-data", check="identity", rule="the caller's permissions",
       google="storage.objects.create", given={"world/without": ["storage.objects.create"]}, but={"world/without": []}),
    of("tuning_dataset", "a file that there is not", "Use the path of a readable file", "source",
       "train.jsonl cannot be read: No such file", check="schema", rule="source",
       google=NOT_SWITCHED, given={"files": {}}, but={"files": {"train.jsonl": GOOD}}),
    of("tuning_dataset", "a file that changed since the program read it", "Run the command again", "source",
       "train.jsonl changed after the program read it", check="change", rule="dataset unchanged since the preview",
       google=NOT_SWITCHED, given={"inputs/contentSha256": "0" * 64}, but={"inputs/contentSha256": DROP}),
    *keys_of("tuning_dataset"),
    *rows_of_a_dataset(),
    *rows_of_other_formats(),
]  # fmt: skip

MODELS: Final = [
    of("tuned_model", "an unknown property", "Did you mean tuning_job?", "tuning_jobs", "has no property", **SPELT,
       given={"inputs/tuningJobs": "x"}, but={"inputs/tuningJobs": DROP}),
    of("tuned_model", "a job's number", "It looks like this: projects/", "tuning_job", "is not the name of a tuning job",
       **NAMED, given={"inputs/tuningJob": "4192837465019283746"}, but={"inputs/tuningJob": JOB}),
    of("tuned_model", "a location", "Remove it", "location", "has no property location", **SPELT,
       given={"inputs/location": "us"}, but={"inputs/location": DROP}),
    of("tuned_model", "another project", "Remove project", "project", "The job is in project shop", **DECLARED,
       given={"inputs/project": "other"}, but={"inputs/project": "shop"}),
    of("tuned_model", "a job that there is not", "Check the name", "tuning_job", "There is no tuning job projects/",
       check="existence", rule="job exists", google=Cannot("nothing is created before the job has ended"),
       given={"inputs/checks": DROP}, but={"inputs/tuningJob": UNKNOWN}),
    named_too_long("tuned_model"),
    *labels_of("tuned_model"),
]  # fmt: skip

ENDPOINTS: Final = [
    of("endpoint", "an unknown property", "Did you mean display_name?", "display_nam", "has no property", **SPELT,
       given={"inputs/displayNam": "x"}, but={"inputs/displayNam": DROP}),
    of("endpoint", "an endpoint for all regions", "a region, us or eu", "location", "an endpoint in 'global'", check="region",
       rule="location of an endpoint", severity="warn",
       given={"inputs/location": "global"}, but={"inputs/location": "us"}),
    named_too_long("endpoint"),
    *labels_of("endpoint"),
    *on_vertex("endpoint", "aiplatform.endpoints.create"),
]  # fmt: skip

DEPLOYMENTS: Final = [
    of("model_deployment", "an unknown property", "Did you mean endpoint?", "endpont", "has no property", **SPELT,
       given={"inputs/endpont": "x"}, but={"inputs/endpont": DROP}),
    of("model_deployment", "an endpoint's number", "It looks like this: projects/", "endpoint", "cannot be read", **NAMED,
       given={"inputs/endpoint": "1234567890"}, but={"inputs/endpoint": ENDPOINT}),
    of("model_deployment", "labels", "Remove it", "labels", "has no property labels", **SPELT,
       given={"inputs/labels": {"a": "b"}}, but={"inputs/labels": DROP}),
    of("model_deployment", "a check that there is not", "Correct it", "checks", "there is no check 'regoin'", **DECLARED,
       given={"inputs/checks/regoin": "off"}, but={"inputs/checks/regoin": DROP}),
    named_too_long("model_deployment"),
    of("model_deployment", "an endpoint that there is not", "Check the name", "endpoint", "There is no endpoint projects/",
       check="existence", rule="endpoint exists", google="not found",
       given={"inputs/checks": DROP, "inputs/model": UNKNOWN}, but={"inputs/endpoint": UNKNOWN}),
    of("model_deployment", "a caller who may not deploy", "Ask for roles/aiplatform.user", "endpoint",
       "You lack aiplatform.endpoints.deploy", check="identity", rule="the caller's permissions", google=of_rows.NOT_LOOKED_AT,
       given={"world/without": ["aiplatform.endpoints.deploy"]}, but={"world/without": []}),
    of("model_deployment", "an endpoint elsewhere", "Use an endpoint in us", "endpoint",
       "The endpoint is in us-central1, but the model is in us", check="location", rule="endpoint in its model's location",
       severity="warn", given={"inputs/endpoint": ENDPOINT.replace("/us/", "/us-central1/")},
       but={"inputs/endpoint": ENDPOINT}),
    of("model_deployment", "an endpoint of another project", "Use an endpoint in project shop", "endpoint",
       "The endpoint is in project blogs1, but the model is in shop", check="location", rule="endpoint in its model's project",
       severity="warn", given={"inputs/endpoint": ENDPOINT.replace("/shop/", "/blogs1/")},
       but={"inputs/endpoint": ENDPOINT}),
]  # fmt: skip

CASES: Final = [*DATASETS, *MODELS, *ENDPOINTS, *DEPLOYMENTS]
