"""Cases of TuningJob that its own spelling, the catalogue and the calendar decide."""

from __future__ import annotations

import json
from typing import Any, Final

from support.preflight_case import (
    DATA,
    DROP,
    GOOD,
    KEYED_DAY,
    PARAMETERS,
    SPEC,
    TRAINING,
    VALIDATION,
    Cannot,
    Case,
    JobFails,
    good_rows,
    lines,
)

NOT_SWITCHED: Final = Cannot("the check cannot be switched off")
OF_THE_PLUGIN: Final = Cannot("the rule is the plugin's own")
HYPER: Final = "supervised_tuning_spec.hyper_parameters"
OPEN: Final = "meta/llama3_1@llama-3.1-8b"
NAMED: Final = "inputs/tunedModelDisplayName"
JOB: Final = "projects/shop/locations/us-central1/tuningJobs/4192837465019283746"
OLD: Final = {
    "project": "shop",
    "location": "us-central1",
    "baseModel": "gemini-3.1-flash-lite",
    "supervisedTuningSpec": {"trainingDatasetUri": DATA, "hyperParameters": {"epochCount": 2}},
}

SCHEMA: Final = [
    Case(
        id="a property that there is not",
        check="schema", rule="properties", path=f"{HYPER}.epoch_cout", says="has no property epoch_cout",
        way_out="Did you mean epoch_count?", google=NOT_SWITCHED,
        given={f"{PARAMETERS}/epochCout": 3}, but={f"{PARAMETERS}/epochCout": DROP},
    ),
    Case(
        id="a property that is missing",
        check="schema", rule="properties", path="base_model", says="It is required but not set",
        way_out="Set base_model of the TuningJob", google=NOT_SWITCHED,
        given={"inputs/baseModel": DROP}, but={"inputs/baseModel": "gemini-3.1-flash-lite"},
    ),
    Case(
        id="a value of the wrong type",
        check="schema", rule="properties", path=f"{HYPER}.epoch_count", says="'many' is not a whole number",
        way_out="Use a whole number", google=NOT_SWITCHED,
        given={f"{PARAMETERS}/epochCount": "many"}, but={f"{PARAMETERS}/epochCount": 3},
    ),
    Case(
        id="a learning rate, which open models have",
        check="hyperparameters", rule="parameter of the model", path=f"{HYPER}.learning_rate",
        says="does not take learning_rate: a learning rate is for open models", way_out="Leave learning_rate out",
        google="learning_rate and batch_size are only supported for open source models",
        given={f"{PARAMETERS}/learningRate": 0.1}, but={f"{PARAMETERS}/learningRate": DROP},
    ),
    Case(
        id="no epochs at all",
        check="schema", rule="properties", path=f"{HYPER}.epoch_count", says="0 is too small", way_out="The least is 1",
        google=NOT_SWITCHED, given={f"{PARAMETERS}/epochCount": 0}, but={f"{PARAMETERS}/epochCount": 1},
    ),
    Case(
        id="a multiplier of nothing",
        check="schema", rule="properties", path=f"{HYPER}.learning_rate_multiplier", says="is too small",
        way_out="It must be above 0", google=NOT_SWITCHED,
        given={f"{PARAMETERS}/learningRateMultiplier": 0}, but={f"{PARAMETERS}/learningRateMultiplier": 0.5},
    ),
    Case(
        id="a job to adopt that is no job",
        check="schema", rule="names", path="adopt", says="is not the name of a tuning job",
        way_out="It looks like this: projects/", google=NOT_SWITCHED,
        given={"inputs/adopt": "my-job", "inputs/checks": {"existence": "off"}}, but={"inputs/adopt": JOB},
    ),
    Case(
        id="a display name of 129 characters",
        check="schema", rule="display name", path="tuned_model_display_name", says="this one has 129",
        way_out="Shorten it", google=NOT_SWITCHED, given={NAMED: "x" * 129}, but={NAMED: "x" * 128},
    ),
    Case(
        id="an empty display name",
        check="schema", rule="display name", path="tuned_model_display_name", says="this one has 0",
        way_out="Give one, or leave it out", google=NOT_SWITCHED, given={NAMED: ""}, but={NAMED: DROP},
    ),
]  # fmt: skip

CHANGE: Final = [
    Case(
        id="a change under on_change error",
        check="change", rule="on_change", path=f"{HYPER}.epoch_count", says="It changed from 2 to 3",
        way_out="set on_change='replace'", google=NOT_SWITCHED,
        given={"olds": OLD, "inputs/onChange": "error", f"{PARAMETERS}/epochCount": 3},
        but={"inputs/onChange": "replace"},
    ),
]  # fmt: skip

LABELS: Final = [
    Case(
        id="a label key in capitals",
        check="labels", rule="grammar", path='labels["Team"]', says="does not accept the label key 'Team'",
        way_out="For example 'team'", google="Label key 'Team' is not valid",
        given={"inputs/labels": {"Team": "x"}}, but={"inputs/labels": {"team": "x"}},
    ),
    Case(
        id="a label value with a blank",
        check="labels", rule="grammar", path='labels["team"]', says="does not accept the label value",
        way_out="For example 'our-shop'", google="Label value 'Our shop' is not valid",
        given={"inputs/labels": {"team": "Our shop"}}, but={"inputs/labels": {"team": "our-shop"}},
    ),
    Case(
        id="a label value of 65 characters",
        check="labels", rule="grammar", path='labels["team"]', says="does not accept the label value",
        way_out="at most 64", google="Label value 'xxx",
        given={"inputs/labels": {"team": "x" * 65}}, but={"inputs/labels": {"team": "x" * 64}},
    ),
    Case(
        id="more labels than Google keeps",
        check="labels", rule="number", path="labels", says="62 labels are too many", way_out="Leave at most 61",
        google="At most 64 labels are allowed",
        given={"inputs/labels": {f"l{n}": "x" for n in range(62)}},
        but={"inputs/labels": {f"l{n}": "x" for n in range(61)}},
    ),
    Case(
        id="the plugin's own label",
        check="labels", rule="the plugin's own", path='labels["gcp-tuning-id"]', says="is the plugin's own",
        way_out="Choose another key", google=OF_THE_PLUGIN,
        given={"inputs/labels": {"gcp-tuning-id": "x"}}, but={"inputs/labels": {"tuning-id": "x"}},
    ),
    Case(
        id="a label that finds tuned models",
        check="labels", rule="Google's own", path='labels["tune-type"]', says="is Google's own", severity="warn",
        way_out="Choose another key", given={"inputs/labels": {"tune-type": "x"}}, but={"inputs/labels": {"type": "x"}},
    ),
]  # fmt: skip

REGION: Final = [
    Case(
        id="a misspelt region",
        check="region", rule="region exists", path="location", says="The region 'us-centra1' does not exist",
        way_out="Did you mean us-central1?", google="Invalid location ID: us-centra1",
        given={"inputs/location": "us-centra1"}, but={"inputs/location": "us-central1"},
    ),
    Case(
        id="Gemini at global",
        check="region", rule="one region", path="location", says="cannot be tuned in 'global'",
        way_out="Use a single region", google="does not support global endpoint tuning",
        given={"inputs/location": "global"}, but={"inputs/location": "us-central1"},
    ),
    Case(
        id="Gemini in a multi-region",
        check="region", rule="one region", path="location", says="cannot be tuned in 'us'",
        way_out="Use a single region", google="is not supported in region us",
        given={"inputs/location": "us"}, but={"inputs/location": "us-central1"},
    ),
    Case(
        id="a region that does not tune the model",
        check="region", rule="model in region", path="location",
        says="gemini-3.1-flash-lite cannot be tuned in asia-east1", way_out="Use us-central1, europe-west4",
        google="is not supported in region asia-east1",
        given={"inputs/location": "asia-east1"}, but={"inputs/location": "us-central1"},
    ),
]  # fmt: skip

MODEL: Final = [
    Case(
        id="a misspelt model",
        check="model", rule="model is known", path="base_model",
        says="'gemini-3.1-flash-lit' is not a tunable model of the catalogue",
        way_out="Did you mean gemini-3.1-flash-lite?", google="was not found or your project does not have access",
        given={"inputs/baseModel": "gemini-3.1-flash-lit"}, but={"inputs/baseModel": "gemini-3.1-flash-lite"},
    ),
    Case(
        id="a model of pipelines",
        check="model", rule="method and mode", path="base_model", says="was tuned through pipelines",
        way_out="Use one of gemini-3.5-flash", also=("retirement", "region", "dataset"),
        google="was not found or your project does not have access",
        given={"inputs/baseModel": "code-bison@002", "world/today": KEYED_DAY},
        but={"inputs/baseModel": "gemini-2.5-pro"},
    ),
    Case(
        id="a model of the Gemini API",
        check="model", rule="method and mode", path="base_model", says="was tuned through the Gemini API",
        way_out="Use one of gemini-3.5-flash", also=("retirement", "dataset"),
        google="Invalid open source publisher model resource name",
        given={"inputs/baseModel": "models/gemini-1.5-flash-001-tuning"},
        but={"inputs/baseModel": "gemini-3.5-flash"},
    ),
    Case(
        id="a model that only answers",
        check="model", rule="model is tuned", path="base_model", says="can generate, but cannot be tuned",
        way_out="Use gemini-3", google="was not found or your project does not have access",
        given={"inputs/baseModel": "gemini-1.5-flash-001"}, but={"inputs/baseModel": "gemini-3.5-flash"},
    ),
    Case(
        id="a teacher as a pupil",
        check="model", rule="model is tuned", path="base_model", says="can only be the teacher of a distillation",
        way_out="Use it as the teacher of a distillation", google="The output_uri field is required for this model",
        also=("dataset", "region"),
        given={"inputs/baseModel": "deepseek-ai/deepseek-v3.2-maas"}, but={"inputs/baseModel": "gemini-3.5-flash"},
    ),
]  # fmt: skip

RETIREMENT: Final = [
    Case(
        id="a model that is not there yet",
        check="retirement", rule="launched", path="base_model", says="is not offered before 2026-07-21", way_out="Use",
        google="was not found or your project does not have access",
        given={"inputs/baseModel": "gemini-3.5-flash-lite", "world/today": KEYED_DAY},
        but={"inputs/baseModel": "gemini-2.5-flash-lite"},
    ),
    Case(
        id="a model past its last day of tuning",
        check="retirement", rule="tuning is open", path="base_model", says="can no longer be tuned: its last day of tuning was 2026-05-01",
        way_out="Use gemini-2.5-flash", google="was not found or your project does not have access",
        given={"inputs/baseModel": "gemini-2.0-flash-001", "world/today": "2026-05-10"},
        but={"inputs/baseModel": "gemini-2.5-flash"},
    ),
    Case(
        id="a retired model",
        check="retirement", rule="not retired", path="base_model", says="gemini-2.0-flash-001 retired on 2026-06-01",
        way_out="Use gemini-3", google="was not found or your project does not have access",
        given={"inputs/baseModel": "gemini-2.0-flash-001"}, but={"world/today": "2026-03-01"},
    ),
    Case(
        id="a model that is closed to new projects",
        check="retirement", rule="closed to new projects", path="base_model", severity="warn",
        says="closed on 2026-10-20 to projects that made no call", way_out="Use gemini-3.5-flash-lite or",
        given={"inputs/baseModel": "gemini-2.5-flash"}, but={"world/today": KEYED_DAY},
    ),
    Case(
        id="a model whose announced day has passed",
        check="retirement", rule="open-ended day has passed", path="base_model", severity="warn",
        says="announced as 2027-04-07 or later", way_out="A model tuned from it retires with it",
        given={"inputs/baseModel": "gemini-3.1-flash-lite", "world/today": "2027-04-20"},
        but={"world/today": "2026-11-21"},
    ),
    Case(
        id="a model that soon retires",
        check="retirement", rule="closes soon", path="base_model", says="can be tuned until 2026-09-20", severity="warn",
        way_out="A model tuned from it retires with it",
        given={"inputs/baseModel": "gemini-2.5-flash", "world/today": "2026-09-01"}, but={"world/today": KEYED_DAY},
    ),
]  # fmt: skip

HYPERPARAMETERS: Final = [
    Case(
        id="an adapter size that there is not",
        check="hyperparameters", rule="adapter size exists", path=f"{HYPER}.adapter_size", says="is not an adapter size",
        way_out="Sizes are 1, 2, 4, 8, 16, 32", google="adapter",
        given={f"{PARAMETERS}/adapterSize": "ADAPTER_SIZE_THREE"}, but={f"{PARAMETERS}/adapterSize": "ADAPTER_SIZE_TWO"},
    ),
    Case(
        id="an adapter size that the model lacks",
        check="hyperparameters", rule="adapter size of the model", path=f"{HYPER}.adapter_size",
        says="does not offer adapter size 32", way_out="It offers 1, 2, 4, 8, 16",
        google="The adapter size is not supported for this base model",
        given={f"{PARAMETERS}/adapterSize": 32}, but={f"{PARAMETERS}/adapterSize": 16},
    ),
]  # fmt: skip

DATASET_URI: Final = [
    Case(
        id="data that is not in Cloud Storage",
        check="dataset", rule="dataset URI", path=TRAINING, says="cannot be read", way_out="It looks like this: gs://",
        google="Invalid Google Cloud Storage URI",
        given={f"{SPEC}/trainingDatasetUri": "s3://shop-data/train.jsonl"}, but={f"{SPEC}/trainingDatasetUri": DATA},
    ),
    Case(
        id="validation data that is not in Cloud Storage",
        check="dataset", rule="dataset URI", path=VALIDATION, says="cannot be read",
        way_out="It looks like this: gs://", google="Invalid Google Cloud Storage URI",
        given={f"{SPEC}/validationDatasetUri": "/data/validation.jsonl"}, but={f"{SPEC}/validationDatasetUri": DROP},
    ),
    Case(
        id="data that does not look like JSON Lines",
        check="dataset", rule="dataset suffix", path=TRAINING, says="does not end in .jsonl", severity="warn",
        way_out="name the object *.jsonl", also=("dataset",),
        given={
            f"{SPEC}/trainingDatasetUri": "gs://shop-data/train.txt",
            "world/objects": {"train.txt": GOOD, "train.jsonl": GOOD},
        },
        but={f"{SPEC}/trainingDatasetUri": DATA},
    ),
]  # fmt: skip

PARAMETERS_OF: Final = [
    Case(
        id="epochs of a pipeline",
        check="hyperparameters", rule="parameters of a pipeline", path=f"{HYPER}.epoch_count",
        says="code-bison@002 does not take epoch_count", way_out="Leave epoch_count out",
        also=("model", "retirement", "region", "dataset"), google="was not found or your project does not have access",
        given={"inputs/baseModel": "code-bison@002", f"{PARAMETERS}/epochCount": 3},
        but={"inputs/baseModel": "gemini-3.5-flash"},
    ),
    Case(
        id="a multiplier for an open model",
        check="hyperparameters", rule="parameter of the model", path=f"{HYPER}.learning_rate_multiplier",
        says="does not take learning_rate_multiplier", way_out="Leave learning_rate_multiplier out",
        also=("artifacts", "dataset"), google="The output_uri field is required for this model",
        given={"inputs/baseModel": OPEN, f"{PARAMETERS}/learningRateMultiplier": 2.0},
        but={"inputs/baseModel": "gemini-3.5-flash"},
    ),
]  # fmt: skip


def catalogue(**fields: Any) -> dict[str, str]:
    """The user's own word on the usual model."""
    return {"config/gcp-tuning:catalog": json.dumps({"models": [{"id": "gemini-3.1-flash-lite", **fields}]})}


BOUNDS: Final = [
    Case(
        id="more epochs than an established range has",
        check="hyperparameters", rule="range of the model", path=f"{HYPER}.epoch_count",
        says="epoch_count is 501, outside what gemini-3.1-flash-lite takes", way_out="Use at least 1 and at most 500",
        google="epoch_count must be at most 500",
        given={**catalogue(epochs={"minimum": 1, "maximum": 500}), f"{PARAMETERS}/epochCount": 501},
        but={f"{PARAMETERS}/epochCount": 500},
    ),
    Case(
        id="a file that is larger than the model reads",
        check="dataset", rule="too-large", path=TRAINING, says="bytes; the limit is 1000",
        way_out="Use fewer or shorter examples", google=JobFails("the file is larger than 1,000 bytes"),
        given={**catalogue(limits={"max_file_bytes": 1000}), "world/jobs": {"mostFileBytes": 1000}},
        but={"world/objects/train.jsonl": lines(*good_rows(5))},
    ),
    Case(
        id="more rows than the model reads",
        check="dataset", rule="many-examples", path=TRAINING, says="there are 120 examples; the most is 119",
        way_out="Use the best of them", google=JobFails("119"),
        given={**catalogue(limits={"max_text_examples": 119}), "world/jobs": {"mostRows": 119}},
        but={"world/objects/train.jsonl": lines(*good_rows(119))},
    ),
]  # fmt: skip

PLACES: Final = [
    Case(
        id="no location from anywhere",
        check="schema", rule="project and location", path="location", says="No location is set",
        way_out="pulumi config set gcp:region us-central1", google=NOT_SWITCHED,
        given={"config/gcp:region": ""}, but={"inputs/location": "us-central1"},
    ),
    Case(
        id="an adopted job that is elsewhere",
        check="schema", rule="project and location", path="adopt", says="The job is in us-central1",
        way_out="Set location to us-central1", google=NOT_SWITCHED,
        given={"inputs/adopt": JOB, "inputs/location": "europe-west4", "inputs/checks": {"existence": "off"}},
        but={"inputs/location": "us-central1"},
    ),
]  # fmt: skip

CASES: Final = [
    *PARAMETERS_OF,
    *BOUNDS,
    *PLACES,
    *SCHEMA,
    *CHANGE,
    *LABELS,
    *REGION,
    *MODEL,
    *RETIREMENT,
    *HYPERPARAMETERS,
    *DATASET_URI,
]
