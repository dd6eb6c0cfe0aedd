"""The table of cases: every rule of the checks, of the issue and of the seeds, with a refusal and a neighbour that passes."""

from __future__ import annotations

from typing import Final

from pulumi_gcp_tuning.preflight.datasets import kinds_of_a_pipeline
from pulumi_gcp_tuning.preflight.rule import stated
from pulumi_gcp_tuning.resources.jobs.checks import RULES as ASKING_GOOGLE
from support import (
    preflight_format_cases,
    preflight_gemini_cases,
    preflight_google_cases,
    preflight_identity_cases,
    preflight_job_cases,
    preflight_machine_cases,
    preflight_open_cases,
    preflight_other_cases,
    preflight_pipeline_cases,
    preflight_pure_cases,
    preflight_row_cases,
    preflight_start_cases,
    preflight_surroundings_cases,
)
from support.preflight_case import Case

TABLE: Final[tuple[Case, ...]] = (
    *preflight_job_cases.CASES,
    *preflight_open_cases.OPEN_MODELS,
    *preflight_open_cases.SERVING,
    *preflight_machine_cases.CASES,
    *preflight_start_cases.CASES,
    *preflight_google_cases.CASES,
    *preflight_identity_cases.CASES,
    *preflight_row_cases.CASES,
    *preflight_other_cases.CASES,
    *preflight_pipeline_cases.CASES,
    *preflight_gemini_cases.CASES,
    *preflight_pure_cases.CASES,
    *preflight_surroundings_cases.CASES,
    *preflight_format_cases.CASES,
)
"""Every case, by kind of resource and then by check."""

OF_RESOURCES: Final = tuple(case for case in TABLE if case.kind != "pure")
PURE: Final = tuple(case for case in TABLE if case.kind == "pure")

_JOB, _DATASET, _PIPELINE = "TuningJob", "TuningDataset", "PipelineTuningJob"
_IN_SCHEMA: Final = "the schema of the job says it first"
_TOO_LONG: Final = "a file that breaks it takes too long to make for every case; the pure function has it"
NOT_REACHED: Final[dict[tuple[str, str, str], str]] = {
    **{("dataset", kind, _DATASET): _TOO_LONG for kind in ("many-examples", "too-large")},
    **{
        ("dataset", kind, kind_of): _TOO_LONG for kind in ("line-too-long", "unchecked") for kind_of in (_JOB, _DATASET)
    },
    ("dataset", "object that Google can decrypt", _JOB): "the sandbox has no customer-supplied keys: the pure case",
    ("change", "dataset unchanged since the preview", _JOB): "it takes two looks: tests/stacks/test_dataset_changes.py",
    ("hyperparameters", "numbers that a model can use", _JOB): _IN_SCHEMA,
    ("hyperparameters", "one learning rate", _JOB): _IN_SCHEMA,
    ("hyperparameters", "parameter exists", _JOB): _IN_SCHEMA,
    ("quota", "a quota that is not listed", _JOB): "the sandbox lists every quota that a job takes of",
    ("quota", "a quota that is not listed", "ModelDeployment"): "the sandbox lists every quota that a machine takes of",
    (
        "quota",
        "room for the job",
        "ModelDeployment",
    ): "it takes two machines: unit/resources/test_weights_on_machines.py",
    **{
        (rule.check, rule.name, _PIPELINE): "one function asks for every kind of job: TuningJob's cases"
        for rule in stated(ASKING_GOOGLE)
        if rule.name not in ("bucket exists", "object exists")
    },
    (
        "location",
        "TensorBoard exists",
        _PIPELINE,
    ): "Google chooses the id: tests/unit/resources/test_pipeline_parameters.py",
    **{
        (rule.check, rule.name, _PIPELINE): "the validator judges a file by its format: the pure cases of seed 002"
        for rule in kinds_of_a_pipeline()
        if rule.name not in ("too-few-examples", "fewer-than-recommended", "evaluation-size")
    },
    **{
        (
            "existence",
            name,
            "TunedModel",
        ): "the world of a case has no job: tests/unit/resources/test_refused_at_preview.py"
        for name in ("job has a model", "checkpoint exists")
    },
    (
        "location",
        "endpoint where the model will be",
        "ModelDeployment",
    ): "it takes a job in the same program: the same file",
    (
        "existence",
        "job has a model",
        "ModelDeployment",
    ): "the world of a case has no job: tests/unit/resources/test_weights_on_machines.py",
    ("existence", "job has a model", _JOB): "the same: tests/seeds/test_open_continued.py",
    **{
        ("existence", "job of the other kind", kind): "the same: tests/unit/resources/test_job_of_the_other_kind.py"
        for kind in (_JOB, "TunedModel", "ModelDeployment")
    },
    ("existence", "model exists", "ModelDeployment"): "the world of a case has no endpoint: the same file",
    **{
        ("existence", "job exists", kind): "the world of a case has no job to adopt: the same file"
        for kind in (_JOB, _PIPELINE)
    },
    **{
        (check, name, _JOB): "the world of a case has no tuned model: tests/unit/resources/test_continuous.py"
        for check, name in (
            ("model", "parent of continuous tuning"),
            ("location", "parent model in the job's location"),
            ("cmek", "continuous tuning with the same key"),
            ("existence", "checkpoint of the parent exists"),
        )
    },
    ("region", "model in region", _PIPELINE): "every bison model is tuned in all regions of pipeline tuning",
    ("hyperparameters", "numbers that a model can use", _PIPELINE): _IN_SCHEMA,
    ("hyperparameters", "range of the model", _PIPELINE): "no bound of the steps is established",
}
"""Rules that a resource calls and that no case breaks through it, with the reason."""

NOT_DECLARED: Final[dict[str, str]] = {
    **dict.fromkeys(
        ("a change under on_change error", "pipeline_tuning_job: more steps under on_change error"),
        "it takes a job in state: tests/stacks/test_replacement.py",
    ),
    **dict.fromkeys(
        ("tuning_dataset: a location", "tuned_model: a location", "model_deployment: labels"),
        "the program refuses an argument that there is not: tests/unit/declare",
    ),
    **dict.fromkeys(
        (
            f"{kind}: a file that changed since the program read it"
            for kind in ("tuning_dataset", "gemini_api_tuned_model")
        ),
        "it takes two runs: tests/stacks/test_dataset_changes.py",
    ),
    **dict.fromkeys(
        (
            "weights of a job that there is not",
            "tuned_model: a job that there is not",
            "model_deployment: an endpoint that there is not",
        ),
        "what its neighbour does not know yet is an output of another resource",
    ),
    "a checkpoint of a job that still runs": "the program itself says from which resource an input comes",
    "an earlier run's job with another specification": "the job has the identity of the handlers' resource",
}
"""Cases that a program cannot declare, with the reason; the resource's check has them all."""

OF_SEEDS: Final[dict[str, tuple[str, ...]]] = {
    "000: the region runs the job and offers the model": ("a region that does not tune the model", "a misspelt region"),
    "000: data is one JSONL object in Cloud Storage": ("data that is not in Cloud Storage", "row: not-json"),
    "000: 100 to 500 examples": ("fewer than a hundred examples",),
    "000: Google's samples stay usable": ("data far away, unless Google gives it as a sample",),
    "000: a display name has at most 128 characters": ("a display name of 129 characters",),
    "000: parameters are not supported by all models": ("an adapter size that the model lacks",),
    "000: the models of the page are gone": ("a retired model", "a region in which the model took no key"),
    "001: prompt where there are few labelled examples": ("fewer than a hundred examples",),
    "001: messages of system, user and model": ("row: unknown-role", "row: system-not-first", "row: role-order"),
    "002: at least 10 examples": ("pure: nine examples of code",),
    "002: at most 10,000 examples": ("pure: 10,001 examples of code",),
    "002: 500 examples recommended": ("pure: 499 examples of code",),
    "002: at most 10,000 authors in a chat set": ("pure: 10,002 authors",),
    "002: input_text and output_text": ("pure: code without its answer",),
    "002: authors are user and assistant": ("pure: an author who is neither",),
    "002: the same format and instructions as in production": (
        "an instruction that some rows lack",
        "inputs in two layouts",
    ),
    "002: 10 to 250 examples of evaluation": ("pure: nine examples of evaluation", "pure: 251 examples of evaluation"),
    "002: an interval needs an evaluation set": ("pure: an interval without an evaluation set",),
    "002: early stopping needs an evaluation set": ("pure: early stopping without an evaluation set",),
    "002: no evaluation of chat": ("pure: an evaluation set of a chat model", "pure: an evaluation of chat"),
    "002: train steps and the interval within them": (
        "pure: no train steps",
        "pure: an interval longer than the training",
    ),
    "002: checkpoint selection is true, false or default": ("pure: a selection that there is not",),
    "002: the TensorBoard is in the pipeline's region": ("pure: a TensorBoard elsewhere",),
    "002: GPU or TPU": ("pure: an accelerator that there is not",),
    "002: regions of pipelines and uploads": (
        "pure: a pipeline where there are none",
        "pure: an upload where there is none",
    ),
    "002: keys on GPU in us-central1 only": (
        "pure: a key on TPU",
        "pure: a key of a pipeline elsewhere",
        "pure: a key of an upload elsewhere",
    ),
    "002: GPUs in multiples of 8": ("pure: fewer GPUs than a pipeline takes",),
    "002: TPU cores in multiples of 64": ("pure: fewer TPU cores than a pipeline takes",),
    "002: data in a bucket of the same project": ("pure: data of another project",),
    "003: at most 40,000 characters of input": ("pure: 40,001 characters of input",),
    "003: at most 5,000 characters of output": ("pure: 5,001 characters of output",),
    "003: the service is withdrawn": ("pure: the Gemini API's tuning, which is withdrawn",),
    "004: modes of the models": (
        "pure: a full tuning of a model with adapters only",
        "pure: adapters on a model that is tuned as a whole",
    ),
    "004: regions of open models": ("pure: a region in which no open model is tuned",),
    "004: the longest sequence": ("pure: more than a sequence",),
    "004: images for the model that reads them": ("pure: images for a model that reads text",),
    "004: JPEG, PNG, WEBP, base64": ("pure: a GIF", "pure: an image that is none"),
    "004: text beside images is dropped": ("pure: text beside images",),
    "004: system, user and assistant": ("pure: a model where an assistant belongs",),
    "004: both agents on both buckets": ("pure: agents that cannot read the images",),
    "004: output_uri": ("pure: an open model without output_uri", "pure: a file for a folder"),
    "004: a checkpoint of the same architecture": (
        "pure: a folder without weights",
        "pure: a checkpoint of another architecture",
    ),
    "004: custom_base_model with base_model": ("pure: a checkpoint without its base model",),
    "004: the quota of open-model jobs": ("pure: a second open-model job",),
    "004: APIs enabled and billing on": ("the API is disabled", "Cloud Storage is disabled", "no billing account"),
    "004: tokens times epochs": ("dearer than the limit",),
}
"""What the seed documents rule, and the cases that hold it."""
