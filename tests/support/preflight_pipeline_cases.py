"""Cases of PipelineTuningJob: what is its own. What it shares with TuningJob is tried through that."""

from __future__ import annotations

from typing import Any, Final

from support.preflight_case import CODE_DATA, DROP, KEY, PAIRS, Cannot, Case, JobFails, lines, pair
from support.preflight_identity_cases import KEPT, TUNER
from support.preflight_job_cases import NOT_SWITCHED
from support.preflight_other_cases import labels_of, named_too_long, of

MODEL: Final = "inputs/baseModel"
CODE: Final = {"but": {MODEL: "code-bison@002"}}
EVALUATION: Final = "gs://shop-data/evaluation.jsonl"
BOARD: Final = "projects/shop/locations/us-central1/tensorboards/7"
EVALUATED: Final = {
    "inputs/evaluationDataUri": EVALUATION,
    "world/objects": {"code.jsonl": PAIRS, "evaluation.jsonl": lines(*map(pair, range(600, 620)))},
}
KEY_INPUT: Final = "inputs/encryptionSpec/kmsKeyName"
KEY_PATH: Final = "encryption_spec.kms_key_name"
KEYED: Final = {"world/key": {}, KEY_INPUT: KEY}
JOB: Final = "projects/shop/locations/us-central1/pipelineJobs/tune-1"


def pipeline(id: str, way_out: str, path: str, says: str, **more: Any) -> Case:  # noqa: A002
    """A case of a pipeline."""
    return of("pipeline_tuning_job", id, way_out, path, says, **more)


def dated(rule: str, id: str, day: str, says: str, way_out: str, **more: Any) -> Case:  # noqa: A002
    """A day on which the model is not tuned, or not for long."""
    return pipeline(id, way_out, "base_model", says, check="retirement", rule=rule, given={"world/today": day},
                    but={"world/today": "2024-06-01"}, **more)  # fmt: skip


CASES: Final = [
    pipeline("an unknown property", "Did you mean train_steps?", "train_step", "has no property", check="schema",
             rule="properties", google=NOT_SWITCHED, given={"inputs/trainStep": 200}, but={"inputs/trainStep": DROP}),
    pipeline("no project", "Set project", "project", "No project is set", check="schema",
             rule="project and location", google=NOT_SWITCHED, given={"config/gcp:project": ""},
             but={"config/gcp:project": "shop"}),
    pipeline("a tuning job to adopt", "A tuning pipeline looks like this: projects/", "adopt", "is not the name of a tuning pipeline",
             check="schema", rule="names", google=NOT_SWITCHED,
             given={"inputs/adopt": JOB.replace("pipelineJobs", "tuningJobs"), "inputs/checks": {"existence": "off"}},
             but={"inputs/adopt": JOB}),
    named_too_long("pipeline_tuning_job"),
    *labels_of("pipeline_tuning_job"),
    pipeline("more steps under on_change error", "set on_change='replace'", "train_steps", "It changed from 200 to 500",
             check="change", rule="on_change", google=NOT_SWITCHED,
             given={"olds": {"baseModel": "code-bison@002", "datasetUri": CODE_DATA, "trainSteps": 200,
                             "gcsOutputDirectory": "gs://shop-data/output",
                             "project": "shop", "location": "us-central1"},
                    "inputs/onChange": "error", "inputs/trainSteps": 500}, but={"inputs/onChange": "replace"}),
    pipeline("a region without pipelines", "Use one of us-central1", "location", "does not run in us-east1",
             check="location", rule="pipeline and upload region", google="do not run in the region us-east1",
             given={"inputs/location": "us-east1"}, but={"inputs/location": "us-east4"}),
    pipeline("a model in a region without uploads", "Use one of us-central1", "tuned_model_location",
             "does not upload models in us-east1", check="location", rule="pipeline and upload region",
             google="cannot be uploaded to us-east1", given={"inputs/tunedModelLocation": "us-east1"},
             but={"inputs/tunedModelLocation": "us-east4"}),
    pipeline("a misspelt model", "Did you mean code-bison@002?", "base_model", "'code-bisn@002' is not a tunable model of the catalogue",
             check="model", rule="model is known", google="is not supported", given={MODEL: "code-bisn@002"}, **CODE),
    pipeline("a model that only answers", "Use", "base_model", "can generate, but cannot be tuned", check="model",
             rule="model is tuned", also=("dataset",), google="is not supported", given={MODEL: "gemini-1.5-flash-001"}, **CODE),
    pipeline("a Gemini model", "Use one of", "base_model", "is not offered for tuning through a pipeline", check="model",
             rule="method and mode", google="is not supported", also=("retirement", "dataset"),
             given={MODEL: "gemini-1.0-pro-002"}, **CODE),
    dated("launched", "a model before its launch", "2023-12-01", "is not offered before 2023-12-06", "sets another date",
          severity="warn"),
    dated("tuning is open", "a model that takes no new tuning", "2024-10-20", "last day of tuning was 2024-10-08", "Use",
          google="takes no tuning on"),
    dated("not retired", "a retired model", "2026-11-21", "retired on 2025-04-09", "Use", google="takes no tuning on"),
    dated("closes soon", "a model that closes soon", "2024-09-20", "can be tuned until 2024-10-08", "retires with it", severity="warn"),
    pipeline("data that is not in Cloud Storage", "It looks like this: gs://", "dataset_uri", "cannot be read",
             check="dataset", rule="dataset URI", google="is not a Cloud Storage URI",
             given={"inputs/datasetUri": "s3://shop-data/code.jsonl"}, but={"inputs/datasetUri": CODE_DATA}),
    pipeline("data by another name", "name the object *.jsonl", "dataset_uri", "does not end in .jsonl", check="dataset",
             rule="dataset suffix", severity="warn",
             given={"inputs/datasetUri": CODE_DATA.replace(".jsonl", ".txt"), "world/objects": {"code.txt": PAIRS, "code.jsonl": PAIRS}},
             but={"inputs/datasetUri": CODE_DATA}),
    pipeline("data that is not there", "Upload it first", "dataset_uri", "The object gs://shop-data/", check="dataset",
             rule="object exists", google=JobFails("code.jsonl"), given={"world/objects": {}},
             but={"world/objects": {"code.jsonl": PAIRS}}),
    pipeline("nine examples", "Add examples", "dataset_uri", "the least is 10", check="dataset", rule="too-few-examples",
             google=JobFails("9 examples are fewer than the 10"),
             given={"world/objects": {"code.jsonl": lines(*map(pair, range(9)))}},
             but={"world/objects": {"code.jsonl": lines(*map(pair, range(10)))}}),
    pipeline("499 examples", "Add examples if you can", "dataset_uri", "500 are recommended", check="dataset",
             rule="fewer-than-recommended", severity="warn",
             given={"world/objects": {"code.jsonl": lines(*map(pair, range(499)))}}, but={"world/objects": {"code.jsonl": PAIRS}}),
    pipeline("an output directory outside of Cloud Storage", "It looks like this: gs://", "gcs_output_directory",
             "cannot be read", check="artifacts", rule="folder in Cloud Storage", google="Invalid Cloud Storage URI",
             given={"inputs/gcsOutputDirectory": "shop-data/output"}, but={"inputs/gcsOutputDirectory": "gs://shop-data/output"}),
    pipeline("an output directory in a bucket that there is not", "Create it first", "gcs_output_directory",
             "The bucket nowhere-shop does not exist", check="location", rule="bucket exists", google=JobFails("cannot be written"),
             given={"inputs/gcsOutputDirectory": "gs://nowhere-shop/output"},
             but={"inputs/gcsOutputDirectory": "gs://shop-data/output"}),
    pipeline("an interval without an evaluation set", "Set evaluation_data_uri", "evaluation_interval", "needs an evaluation set",
             check="hyperparameters", rule="evaluation of a pipeline", google="It needs evaluation_data_uri",
             given={"inputs/evaluationInterval": 50}, but={"inputs/evaluationInterval": DROP}),
    pipeline("the best checkpoint without an evaluation set", "Set evaluation_data_uri", "enable_checkpoint_selection",
             "needs an evaluation set", check="hyperparameters", rule="best checkpoint of a pipeline",
             google=Cannot("the sandbox keeps the last checkpoint; what Google does is not known"),
             given={"inputs/enableCheckpointSelection": "true"}, but={"inputs/enableCheckpointSelection": "false"}),
    pipeline("a checkpoint by another name", 'Use "true", "false" or "default"', "enable_checkpoint_selection", "is 'best'",
             check="hyperparameters", rule="parameters of a pipeline", google="It is one of true, false, default",
             given={"inputs/enableCheckpointSelection": "best"}, but={"inputs/enableCheckpointSelection": "default"}),
    pipeline("an interval longer than the training", "Use an interval of at most 200", "evaluation_interval",
             "there are only 200 steps", check="hyperparameters", rule="interval within the steps", severity="warn",
             given={**EVALUATED, "inputs/trainSteps": 200, "inputs/evaluationInterval": 201},
             but={"inputs/evaluationInterval": 200}),
    pipeline("a context of a model that does not chat", "Leave default_context out", "default_context", "is not a chat model",
             check="hyperparameters", rule="default context of a chat", google="The parameter is not in the pipeline",
             given={"inputs/defaultContext": "You write Python."}, but={"inputs/defaultContext": DROP}),
    pipeline("199 steps", "such as 100, 200 and 500", "train_steps", "200 to 1,000 are recommended", check="hyperparameters",
             rule="recommended steps", severity="warn", given={"inputs/trainSteps": 199}, but={"inputs/trainSteps": 200}),
    pipeline("nine examples to evaluate on", "Take 10 to 250", "evaluation_data_uri", "there are 9 examples", check="dataset",
             rule="evaluation-size", google=JobFails("9 examples; an evaluation set has 10 to 250"),
             given={**EVALUATED, "world/objects": {"code.jsonl": PAIRS, "evaluation.jsonl": lines(*map(pair, range(600, 609)))}},
             but={"world/objects": EVALUATED["world/objects"]}),
    pipeline("a TensorBoard elsewhere", "Use an instance in europe-west4", "tensorboard_resource_id",
             "is in us-central1, but the pipeline runs in europe-west4", check="location",
             rule="TensorBoard in the pipeline's region", google="must be in the pipeline's region",
             given={"inputs/tensorboardResourceId": BOARD, "inputs/location": "europe-west4"},
             but={"inputs/location": "us-central1"}),
    pipeline("data of another project", "Keep the data in a bucket of the job's own project", "dataset_uri", "belongs to project",
             check="location", rule="bucket in the same project", severity="warn",
             given={"world/owners": {"shop-data": "data-prod"}}, but={"world/owners": {}}),
    pipeline("a key's short name", "It looks like this: projects/", KEY_PATH, "is not the name of a KMS key", check="cmek",
             rule="key name", google="CryptoKey", given={**KEYED, KEY_INPUT: "my-key"}, but={KEY_INPUT: KEY}),
    pipeline("a key elsewhere", "Use a key in us-central1", KEY_PATH, "The key is in europe-west4", check="cmek",
             rule="key in the same single region", google="europe-west4",
             given={**KEYED, KEY_INPUT: KEY.replace("us-central1", "europe-west4")}, but={KEY_INPUT: KEY}),
    pipeline("a key on TPU", "Set accelerator_type to GPU", "accelerator_type", "cannot use a customer-managed key", check="cmek",
             rule="bison models with a key", google="CMEK is supported for tuning on GPU only",
             given={**KEYED, "inputs/acceleratorType": "TPU"}, but={"inputs/acceleratorType": "GPU"}),
    pipeline("a key that there is not", "Create it first", KEY_PATH, "does not exist", check="cmek", rule="key exists",
             google="not found", given={KEY_INPUT: KEY}, but={"world/key": {}}),
    pipeline("a disabled key", "Enable version 1", KEY_PATH, "primary version is DISABLED", check="cmek", rule="key encrypts",
             google="cannot be used", given={**KEYED, "world/key/state": "DISABLED"}, but={"world/key/state": "ENABLED"}),
    pipeline("a key without a grant", "Grant it on the key", KEY_PATH, "No grant of roles/cloudkms", check="cmek",
             rule="service agent may use the key", severity="warn", given={**KEYED, "world/key/granted": False},
             but={"world/key/granted": True}),
    pipeline("a key of a project that the organization does not allow", "Use a key of a project that it allows", KEY_PATH,
             "does not allow keys of project shop", check="identity", rule="gcp.restrictCmekCryptoKeyProjects", google=KEPT,
             given={**KEYED, "world/policies": {"gcp.restrictCmekCryptoKeyProjects": {"allowedValues": ["under:projects/keys"]}}},
             but={"world/policies": {"gcp.restrictCmekCryptoKeyProjects": {"allowedValues": ["under:projects/shop"]}}}),
    pipeline("no service account's email", "It looks like this: tuner@", "service_account", "is not a service account's email",
             check="identity", rule="service account's email", google="You do not have permission to act as service_account",
             given={"inputs/serviceAccount": "tuner", "world/account": {}}, but={"inputs/serviceAccount": TUNER}),
    pipeline("a service account that there is not", "Create it first", "service_account", "does not exist", check="identity",
             rule="service account usable", google="You do not have permission to act as service_account",
             given={"inputs/serviceAccount": TUNER}, but={"world/account": {}}),
]  # fmt: skip
