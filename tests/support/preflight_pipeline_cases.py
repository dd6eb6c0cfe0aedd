"""Cases of PipelineTuningJob: what is its own. What it shares with TuningJob is tried through that."""

from __future__ import annotations

from typing import Any, Final

from support.preflight_case import CODE_DATA, DROP, PAIRS, Case, JobFails, lines, pair
from support.preflight_job_cases import NOT_SWITCHED
from support.preflight_other_cases import labels_of, named_too_long, of

MODEL: Final = "inputs/baseModel"
CODE: Final = {"but": {MODEL: "code-bison@002"}}
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
    pipeline("a tuning job to adopt", "It looks like this: projects/", "adopt", "is not the name of a tuning pipeline",
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
]  # fmt: skip
