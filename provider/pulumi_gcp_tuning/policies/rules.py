"""The policies by name: what each asks for, its options, and how it judges each kind of resource."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pulumi_gcp_tuning.policies import keeping, placing, training
from pulumi_gcp_tuning.policies.declared import Declared, Options, Verdict, broken

Judge = Callable[[Declared, Options], Iterator[Verdict]]
Schema = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Policy:
    """One policy. ``judges`` has a function for each kind that can break it, ``never`` says why the other kinds cannot."""

    name: str
    asks: str
    judges: Mapping[str, Judge]
    never: Mapping[str, str]
    options: Schema

    def judge(self, resource: Declared, options: Options) -> list[Verdict]:
        """Everything the policy has to say about the resource."""
        judge = self.judges.get(resource.kind)
        if judge is None:
            return []
        # Pulumi checks the types of options and ignores those that a policy does not have.
        strange = sorted(set(options) - set(self.options))
        there = f"it has {', '.join(self.options)}" if self.options else "it has none"
        wrong = [broken(f"{self.name} has no option {name}: {there}.") for name in strange]
        return [*wrong, *judge(resource, options)]


def _texts(what: str) -> Mapping[str, Any]:
    return {"type": "array", "items": {"type": "string", "minLength": 1}, "minItems": 1, "description": what}


def _number(what: str, least: float = 0, kind: str = "integer", **more: Any) -> Mapping[str, Any]:
    return {"type": kind, "minimum": least, "description": what, **more}


_JOB: Final = "its job is judged"
_NOT_TRAINED: Final = "it trains nothing"
_NO_LABELS: Final = "it has no labels"
_NO_PRICES: Final = "machines are billed by the hour, and the catalogue has no such prices"
_UNTRAINED: Final = {
    "TuningDataset": _NOT_TRAINED,
    "TunedModel": _JOB,
    "Endpoint": _NOT_TRAINED,
    "ModelDeployment": _NOT_TRAINED,
}

CMEK: Final = Policy(
    name="cmek-required",
    asks="Data, jobs and endpoints are encrypted with a key of yours.",
    judges={
        "TuningDataset": placing.dataset_has_a_key,
        "TuningJob": placing.encryption_spec_has_a_key,
        "PipelineTuningJob": placing.encryption_spec_has_a_key,
        "GeminiApiTunedModel": placing.gemini_api_takes_no_key,
        "Endpoint": placing.encryption_spec_has_a_key,
        "ModelDeployment": placing.deployment_has_an_endpoint_with_a_key,
    },
    never={"TunedModel": "it has the key of its job"},
    options={
        "datasets": {
            "type": "boolean",
            "description": "Whether a TuningDataset needs a key of its own in addition to that of its bucket. Default: false.",
        }
    },
)
REGIONS: Final = Policy(
    name="allowed-regions",
    asks="Jobs, models and endpoints are in allowed regions.",
    judges={
        "TuningJob": placing.job_is_in_a_region,
        "PipelineTuningJob": placing.job_is_in_a_region,
        "TunedModel": placing.named_object_is_in_a_region,
        "GeminiApiTunedModel": placing.gemini_api_has_no_region,
        "Endpoint": placing.endpoint_is_in_a_region,
        "ModelDeployment": placing.named_object_is_in_a_region,
    },
    never={"TuningDataset": "the location of a bucket is not one of its inputs"},
    options={"regions": _texts("The allowed regions and multi-regions, such as us-central1 and us.")},
)
MODELS: Final = Policy(
    name="allowed-base-models",
    asks="Only allowed base models are tuned.",
    judges={
        "TuningJob": training.base_model_is_allowed,
        "PipelineTuningJob": training.base_model_is_allowed,
        "GeminiApiTunedModel": training.base_model_is_allowed,
    },
    never=_UNTRAINED,
    options={"models": _texts("The allowed base models; * is any text, as in gemini-3.*.")},
)
ACCOUNT: Final = Policy(
    name="own-service-account",
    asks="Jobs run as a service account of yours.",
    judges={"TuningJob": placing.job_runs_as_own_account, "PipelineTuningJob": placing.job_runs_as_own_account},
    never=_UNTRAINED | {"GeminiApiTunedModel": "the Gemini API runs it as no account of yours"},
    options={},
)
COST: Final = Policy(
    name="max-cost",
    asks="Each job has a limit of cost that preview enforces.",
    judges={"TuningJob": training.job_has_a_cost_limit, "PipelineTuningJob": training.job_has_a_cost_limit},
    never=_UNTRAINED | {"GeminiApiTunedModel": "its tuning is free", "ModelDeployment": _NO_PRICES},
    options={"usd": _number("The highest limit of one job, in US dollars.", kind="number")},
)
EPOCHS: Final = Policy(
    name="max-epochs",
    asks="Training is short.",
    judges={
        "TuningJob": training.tuning_job_has_few_epochs,
        "PipelineTuningJob": training.pipeline_has_few_steps,
        "GeminiApiTunedModel": training.gemini_api_model_has_few_epochs,
    },
    never=_UNTRAINED,
    options={
        "epochs": _number("The most epochs of a TuningJob or a GeminiApiTunedModel.", 1),
        "steps": _number("The most steps of a PipelineTuningJob.", 1),
    },
)
LABELS: Final = Policy(
    name="required-labels",
    asks="Jobs, models and endpoints have the labels that you require.",
    judges=dict.fromkeys(("TuningJob", "PipelineTuningJob", "TunedModel", "Endpoint"), keeping.has_labels),
    never=dict.fromkeys(("TuningDataset", "GeminiApiTunedModel", "ModelDeployment"), _NO_LABELS),
    options={"labels": _texts("The keys of the labels.")},
)
KEEP: Final = Policy(
    name="keep-in-prod",
    asks="In production, a delete leaves models and endpoints.",
    judges={
        "TunedModel": keeping.earlier_models_are_kept,
        "GeminiApiTunedModel": keeping.is_kept,
        "Endpoint": keeping.is_kept,
    },
    never={
        "TuningDataset": "its content is in the program's repository",
        "TuningJob": "the model belongs to a TunedModel; the record of a job stays at Google",
        "PipelineTuningJob": "the model belongs to a TunedModel",
        "ModelDeployment": "a new deployment serves the same model again",
    },
    options={
        "stacks": _texts("The stacks, as names or patterns. Default: prod, prod-* and production."),
        "keepLast": _number("The least on_replace.keep_last of a TunedModel. Default: 1."),
    },
)
PINNED: Final = Policy(
    name="pinned-dataset",
    asks="Jobs train on data that is named by its content.",
    judges={"TuningJob": training.tuning_job_has_pinned_data, "PipelineTuningJob": training.pipeline_has_pinned_data},
    never=_UNTRAINED | {"GeminiApiTunedModel": "its examples are in the program, and their hash is in the state"},
    options={},
)
LIFE: Final = Policy(
    name="base-model-life",
    asks="The base model of a job lives long enough.",
    judges=dict.fromkeys(
        ("TuningJob", "PipelineTuningJob", "GeminiApiTunedModel"), training.base_model_lives_long_enough
    ),
    never=_UNTRAINED | {"ModelDeployment": "the base model of a deployed model is not one of its inputs"},
    options={"days": _number(f"How many days its retirement is away at least. Default: {training.DAYS}.")},
)
POLICIES: Final = (CMEK, REGIONS, MODELS, ACCOUNT, COST, EPOCHS, LABELS, KEEP, PINNED, LIFE)
