"""Cases of TuningJob that only Google can decide: buckets, keys, quota, prices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pulumi_gcp_tuning.names import identity_of
from support.hand_made_google import urn
from support.preflight_case import (
    DATA,
    DROP,
    GOOD,
    KEY,
    KEYED_DAY,
    SPEC,
    TRAINING,
    Cannot,
    Case,
    JobFails,
    good_rows,
    lines,
    row,
)

ENCRYPTION: Final = "encryption_spec.kms_key_name"
KEY_INPUT: Final = "inputs/encryptionSpec/kmsKeyName"
KEYED: Final[Mapping[str, Any]] = {
    "world/today": KEYED_DAY, "inputs/baseModel": "gemini-2.5-flash", "world/key": {}, KEY_INPUT: KEY,
}  # fmt: skip
ELSEWHERE: Final = KEY.replace("us-central1", "europe-west4")
SAMPLES: Final = "gs://cloud-samples-data/ai-platform/generative_ai/sft_train_data.jsonl"


def shown_row(number: int) -> dict[str, Any]:
    """A row with an image."""
    made = row(number)
    made["contents"][0]["parts"].append({"fileData": {"mimeType": "image/png", "fileUri": "gs://shop-data/a.png"}})
    return made


EVALUATED: Final = f"{SPEC}/evaluationConfig"
EVALUATION: Final[Mapping[str, Any]] = {
    "metrics": [{"exactMatchSpec": {}}],
    "outputConfig": {"gcsDestination": {"outputUriPrefix": "gs://shop-data/evaluations"}},
}
LOCATION: Final = [
    Case(
        id="an evaluation of rows with images",
        check="dataset", rule="evaluation of text", path="supervised_tuning_spec.evaluation_config",
        says="Google evaluates text only; 120 rows name files", way_out="Remove supervised_tuning_spec.evaluation_config",
        google=JobFails("evaluation_config supports text only"),
        given={"world/objects/train.jsonl": lines(*(shown_row(n) for n in range(120))), "world/objects/a.png": "x",
               EVALUATED: dict(EVALUATION)},
        but={EVALUATED: DROP},
    ),
    Case(
        id="data in a bucket that there is not",
        check="location", rule="bucket exists", path=TRAINING, says="The bucket shop-data does not exist",
        way_out="Create it first", also=("dataset",), google="does not exist",
        given={"world/buckets": {}}, but={"world/buckets": {"shop-data": "us-central1"}},
    ),
    Case(
        id="data in another region",
        check="location", rule="bucket in the job's region", severity="warn", path=TRAINING,
        says="is in europe-west4, but the job runs in us-central1", way_out="copy the data to a bucket in us-central1",
        google="It must be in the same regional location",
        given={"world/buckets": {"shop-data": "europe-west4"}}, but={"world/buckets": {"shop-data": "us-central1"}},
    ),
    Case(
        id="data in another multi-region",
        check="location", rule="bucket in the job's region", severity="warn", path=TRAINING,
        says="is in eu, but the job runs in us-central1",
        way_out="in a multi-region that contains it", google="It must be in the same regional location",
        given={"world/buckets": {"shop-data": "eu"}}, but={"world/buckets": {"shop-data": "us"}},
    ),
    Case(
        id="data far away, unless Google gives it as a sample",
        check="location", rule="bucket in the job's region", severity="warn", path=TRAINING, says="The bucket shop-data is in europe-west1",
        way_out="users report that it does", google="It must be in the same regional location",
        given={"world/buckets": {"shop-data": "europe-west1"}},
        but={f"{SPEC}/trainingDatasetUri": SAMPLES},
    ),
    Case(
        id="data in a bucket whose readers pay",
        check="location", rule="bucket whose readers pay", severity="warn", path=TRAINING,
        says="The bucket shop-data has requester pays", way_out="Switch requester pays off",
        given={"world/payers": ["shop-data"]}, but={"world/payers": []},
    ),
]  # fmt: skip

CMEK: Final = [
    Case(
        id="a key's short name",
        check="cmek", rule="key name", path=ENCRYPTION, says="is not the name of a KMS key",
        way_out="It looks like this: projects/", google="Invalid CryptoKey name",
        given={**KEYED, KEY_INPUT: "my-key"}, but={KEY_INPUT: KEY},
    ),
    Case(
        id="a version of a key",
        check="cmek", rule="key name", path=ENCRYPTION, says="is not the name of a KMS key",
        way_out="It looks like this: projects/", google="Invalid CryptoKey name",
        given={**KEYED, KEY_INPUT: f"{KEY}/cryptoKeyVersions/1"}, but={KEY_INPUT: KEY},
    ),
    Case(
        id="a key in another region",
        check="cmek", rule="key in the same single region", path=ENCRYPTION, says="The key is in europe-west4",
        way_out="Use a key in us-central1", google="must be in the same location as the resource",
        given={**KEYED, KEY_INPUT: ELSEWHERE}, but={KEY_INPUT: KEY},
    ),
    Case(
        id="a key in a multi-region",
        check="cmek", rule="key in the same single region", path=ENCRYPTION, says="The key is in us (a multi-region)",
        way_out="Use a key in us-central1", google="must be in the same location as the resource",
        given={**KEYED, KEY_INPUT: KEY.replace("us-central1", "us")}, but={KEY_INPUT: KEY},
    ),
    Case(
        id="a global key",
        check="cmek", rule="key in the same single region", path=ENCRYPTION, says="The key is in global (global)",
        way_out="Use a key in us-central1", google="must be in the same location as the resource",
        given={**KEYED, KEY_INPUT: KEY.replace("us-central1", "global")}, but={KEY_INPUT: KEY},
    ),
    Case(
        id="a model without CMEK",
        check="cmek", rule="model takes a key", path="encryption_spec",
        says="cannot be tuned with a customer-managed key: its results are stored in us or eu",
        way_out="Leave encryption_spec out, or tune gemini-2.5-", google="CMEK is not supported for tuning of",
        given={**KEYED, "inputs/baseModel": "gemini-3.1-flash-lite"}, but={"inputs/baseModel": "gemini-2.5-flash"},
    ),
    Case(
        id="a region in which the model took no key",
        check="cmek", rule="model takes a key", path="encryption_spec",
        says="cannot be tuned with a customer-managed key in us-central1",
        way_out="Tune it in us-east1, europe-west4", google="CMEK is not supported for tuning of",
        given={**KEYED, "world/today": "2025-01-15", "inputs/baseModel": "gemini-1.0-pro-002"},
        also=("dataset",), but={"inputs/baseModel": "gemini-1.5-pro-002"},
    ),
    Case(
        id="a key that there is not",
        check="cmek", rule="key exists", path=ENCRYPTION, says=f"The key {KEY} does not exist",
        way_out="Create it first", google="not found", given={**KEYED, "world/key": DROP}, but={"world/key": {}},
    ),
    Case(
        id="a disabled key",
        check="cmek", rule="key encrypts", path=ENCRYPTION, says="primary version is DISABLED",
        way_out="Enable version 1 of the key", google="cannot be used in Vertex AI service",
        given={**KEYED, "world/key/state": "DISABLED"}, but={"world/key/state": "ENABLED"},
    ),
    Case(
        id="a key that is scheduled for destruction",
        check="cmek", rule="key encrypts", path=ENCRYPTION, says="primary version is DESTROY_SCHEDULED",
        way_out="Restore and enable version 1", google="cannot be used in Vertex AI service",
        given={**KEYED, "world/key/state": "DESTROY_SCHEDULED"}, but={"world/key/state": "ENABLED"},
    ),
    Case(
        id="a key that signs",
        check="cmek", rule="key encrypts", path=ENCRYPTION, says="The key's purpose is ASYMMETRIC_SIGN",
        way_out="Use a key with purpose ENCRYPT_DECRYPT", google="cannot be used in Vertex AI service",
        given={**KEYED, "world/key/purpose": "ASYMMETRIC_SIGN"}, but={"world/key/purpose": "ENCRYPT_DECRYPT"},
    ),
    Case(
        id="a key without a version",
        check="cmek", rule="key encrypts", path=ENCRYPTION, says="The key has no primary version",
        way_out="Make one of its versions the primary version", google="cannot be used in Vertex AI service",
        given={**KEYED, "world/key/state": "NONE"}, but={"world/key/state": "ENABLED"},
    ),
    Case(
        id="a key that the agent may not use",
        check="cmek", rule="service agent may use the key", path=ENCRYPTION, severity="warn",
        says="No grant of roles/cloudkms.cryptoKeyEncrypterDecrypter to", way_out="Grant",
        google="cannot be used in Vertex AI service",
        given={**KEYED, "world/key/granted": False}, but={"world/key/granted": True},
    ),
]  # fmt: skip

FAIL: Final = {"inputs/onQuota": "fail"}
TRAINED_ON: Final = f"{SPEC}/trainingDatasetUri"
QUOTA: Final = [
    Case(
        id="a quota of nothing",
        check="quota", rule="a limit below what one job needs", path="on_quota", says="is 0, but one job needs 1",
        way_out="Ask for more at https://console.cloud.google.com/iam-admin/quotas?project=shop",
        google="The following quota metrics exceed quota limits", given={**FAIL, "world/limit": 0}, but={"world/limit": 1},
    ),
    Case(
        id="no room for a job that must not wait",
        check="quota", rule="room for the job", path="on_quota", says="in use 1 in us-central1, limit 1, free 0",
        way_out="on_quota='wait' waits for a slot", google="The following quota metrics exceed quota limits",
        given={**FAIL, "world/limit": 1, "world/running": 1}, but={"world/limit": 2},
    ),
    Case(
        id="no room because of a job in another region",
        check="quota", rule="room for the job", path="on_quota", says="in use 1 in us-central1, limit 1, free 0",
        way_out="on_quota='wait' waits for a slot", google="The following quota metrics exceed quota limits",
        given={**FAIL, "world/limit": 1, "world/running": 1, "inputs/onQuota": "fail", "inputs/location": "europe-west4",
               "world/buckets": {"shop-data": "us-central1", "eu-data": "europe-west4"},
               "world/objects_elsewhere": {"eu-data": {"train.jsonl": GOOD}}, TRAINED_ON: "gs://eu-data/train.jsonl"},
        but={"world/limit": 2},
    ),
    Case(
        id="no room for a job that waits",
        check="quota", rule="room for the job", path="on_quota", says="in use 1 in us-central1, limit 1, free 0", severity="warn",
        way_out="It waits for a slot",
        given={"world/limit": 1, "world/running": 1}, but={"world/limit": 2},
    ),
]  # fmt: skip

RESOURCE: Final = identity_of(urn("TuningJob"))
EARLIER: Final = [
    Case(
        id="an earlier run's job with another specification",
        check="existence", rule="one job at a time", path="", says="with another specification is still running",
        way_out="or let it end, then run again; or set retry to run both",
        google=Cannot("the rule is the plugin's own"),
        given={"world/running": 1, "world/running_labels": {"gcp-tuning-id": RESOURCE, "gcp-tuning-spec": "0" * 32}},
        but={"world/running_labels": {"gcp-tuning-id": "0" * 32, "gcp-tuning-spec": "0" * 32}},
    ),
]  # fmt: skip


POLICY: Final = Cannot("the rule is the user's own")
COST: Final = [
    Case(
        id="images that alone are dearer than the limit",
        check="cost", rule="max_cost", path="max_cost", says="The job would cost at least $", way_out="or raise max_cost",
        google=POLICY,
        given={"inputs/maxCost": 0.5, "inputs/baseModel": "gemini-3.1-flash-lite",
               "inputs/supervisedTuningSpec/hyperParameters/epochCount": 10,
               "world/objects/train.jsonl": lines(*(shown_row(n) for n in range(300)))},
        but={"world/objects/train.jsonl": lines(*good_rows(300))},
    ),
    Case(
        id="dearer than the limit",
        check="cost", rule="max_cost", path="max_cost", says="The job would cost about $", google=POLICY,
        way_out="or raise max_cost",
        given={"inputs/maxCost": 0.001, f"{SPEC}/hyperParameters/epochCount": 10}, but={"inputs/maxCost": 100},
    ),
    Case(
        id="a price that nobody published",
        check="cost", rule="max_cost that cannot be checked", path="max_cost", severity="warn",
        says="The price of tuning gemini-3.5-flash-lite is not known", way_out="to a catalogue of your own",
        given={"inputs/maxCost": 100, "inputs/baseModel": "gemini-3.5-flash-lite"}, but={"inputs/maxCost": DROP},
    ),
    Case(
        id="a thousand epochs",
        check="cost", rule="many epochs", path="supervised_tuning_spec.hyper_parameters.epoch_count", severity="warn",
        says="Training for 1,000 epochs costs about $", way_out="Google's guides use 2 to 12 epochs",
        given={f"{SPEC}/hyperParameters/epochCount": 1000}, but={f"{SPEC}/hyperParameters/epochCount": 12},
    ),
    Case(
        id="epochs that are left to Google",
        check="cost", rule="max_cost that cannot be checked", path="max_cost", severity="warn",
        says="Google chooses the number of epochs", way_out="Set supervised_tuning_spec.hyper_parameters.epoch_count",
        given={"inputs/maxCost": 100}, but={f"{SPEC}/hyperParameters/epochCount": 3},
    ),
    Case(
        id="a caller who may not have tokens counted",
        check="cost", rule="tokens that could not be counted", path="max_cost", severity="warn",
        says=f"The number of tokens of {DATA} could not be checked", way_out="Checking it takes aiplatform.endpoints.predict",
        given={"inputs/maxCost": 100, f"{SPEC}/hyperParameters/epochCount": 3, "world/without": ["aiplatform.endpoints.predict"]},
        but={"world/without": []},
    ),
]  # fmt: skip

OBJECTS: Final = [
    Case(
        id="data that is not there",
        check="dataset", rule="object exists", path=TRAINING, says=f"The object {DATA} does not exist", way_out="Upload it first",
        google=JobFails("does not exist"), given={"world/objects": {}}, but={"world/objects": {"train.jsonl": GOOD}},
    ),
]  # fmt: skip

CASES: Final = [*LOCATION, *CMEK, *QUOTA, *EARLIER, *COST, *OBJECTS]
