"""Cases that a function decides, about models, hyperparameters and checkpoints.

Each calls the function of a rule; its situation is the function's arguments.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, Final

from pulumi_gcp_tuning.errors import Finding
from pulumi_gcp_tuning.preflight import artifacts, continuing, hyperparameters, places
from pulumi_gcp_tuning.preflight.facts import Known, Listing, TunedParent
from pulumi_gcp_tuning.wording import PYTHON
from support.preflight_case import Case

GEMMA, QWEN, SCOUT = (
    "google/gemma3@gemma-3-27b-it",
    "qwen/qwen3@qwen3-32b",
    "meta/llama4@llama-4-scout-17b-16e-instruct",
)
CODE, CHAT = "code-bison@002", "codechat-bison@002"
GEMINI_API: Final = "models/gemini-1.5-flash-001-tuning"
FOLDER: Final = "gs://shop-data/checkpoint"
PARENT: Final = "projects/shop/locations/us-central1/models/555"


def pure(judge: Callable[..., Sequence[Finding]], rule: str, id: str, **more: Any) -> Case:  # noqa: A002
    """A case of ``check/rule`` that a function decides; ``given`` and ``but`` are about its arguments."""
    check, _, name = rule.partition("/")
    put: dict[str, Any] = {
        key: {f"arguments/{place}": value for place, value in more.pop(key).items()} for key in ("given", "but")
    }
    return Case(id=f"pure: {id}", kind="pure", judge=judge, check=check, rule=name, **put, **more)


def tuned(base_model: str, method: Any, today: str, region: str | None = "us-central1") -> list[Finding]:
    """The catalogue's word."""
    return places.check_model(base_model, region, date.fromisoformat(today), method=method)


def pre_tuned(tuned_on: str) -> list[Finding]:
    """Continuous tuning of a model of that day."""
    return places.check_pre_tuned_model(date.fromisoformat(tuned_on))


def of_parent(checkpoint: str, checkpoints: Sequence[str]) -> list[Finding]:
    """Continuous tuning from a checkpoint."""
    parent = Known(TunedParent(name=PARENT, checkpoints=tuple(checkpoints)))
    return continuing.check_parent(PARENT, parent, checkpoint, None, None, key_name=None, key_known=True)


def checkpoint(
    uri: str | None = FOLDER,
    base_model: str | None = QWEN,
    product: Any = "OPEN",
    names: Sequence[str] = (),
    kind: str = "qwen3",
) -> list[Finding]:
    """A checkpoint to start from."""
    listing = Known(Listing(names=tuple(f"checkpoint/{name}" for name in names)))
    return artifacts.check_custom_base_model(uri, base_model, product, listing, Known({"model_type": kind}))


def parameters(given: Mapping[str, Any], base_model: str, method: Any = "SUPERVISED") -> list[Finding]:
    """Hyperparameters of a job."""
    return hyperparameters.check_hyperparameters(given, base_model, method=method)


def pipeline(given: Mapping[str, Any], base_model: str = CODE) -> list[Finding]:
    """Parameters of a pipeline."""
    return hyperparameters.check_pipeline_parameters(given, base_model)


HYPER: Final = PYTHON.path(hyperparameters.PATH)
EVALUATED: Final = "gs://shop-data/evaluation.jsonl"
MODELS: Final = [
    pure(tuned, "model/method and mode", "a full tuning of a model with adapters only",
         path="supervised_tuning_spec.tuning_mode", says="is not offered for full tuning", way_out="Set tuning_mode to PEFT_ADAPTER",
         given={"base_model": SCOUT, "method": "FULL", "today": "2026-11-21"}, but={"method": "PEFT_ADAPTER"}),
    pure(tuned, "model/method and mode", "adapters on a model that is tuned as a whole",
         path="supervised_tuning_spec.tuning_mode", says="is not offered for adapter tuning", way_out="Set tuning_mode to FULL",
         given={"base_model": "qwen/qwen3@qwen3-4b", "method": "PEFT_ADAPTER", "today": "2026-11-21"}, but={"method": "FULL"}),
    pure(tuned, "model/method and mode", "preference tuning of a model without it",
         path="base_model", says="is not offered for preference tuning", way_out="Use one of gemini-2.5-flash",
         given={"base_model": "gemini-2.5-pro", "method": "PREFERENCE", "today": "2026-06-01"},
         but={"base_model": "gemini-2.5-flash"}),
    pure(tuned, "model/method and mode", "a tuning job of a bison model", path="base_model",
         says="was tuned through pipelines", way_out="Use one of gemini-1.0-pro-002",
         given={"base_model": CODE, "method": "SUPERVISED", "today": "2024-06-01"}, but={"method": "PIPELINE"}),
    pure(tuned, "region/model in region", "a region in which no open model is tuned", path="location",
         says="cannot be tuned in europe-west1", way_out="Use us-central1",
         given={"base_model": GEMMA, "method": "FULL", "today": "2026-11-21", "region": "europe-west1"},
         but={"region": "europe-west4"}),
    pure(tuned, "retirement/not retired", "a retired bison model", path="base_model",
         says="code-bison@002 retired on 2025-04-09", way_out="Use",
         given={"base_model": CODE, "method": "PIPELINE", "today": "2026-11-21"}, but={"today": "2024-06-01"}),
    pure(tuned, "retirement/tuning is open", "a bison model past its last day of tuning", path="base_model",
         says="can no longer be tuned: its last day of tuning was 2024-10-08", way_out="Use",
         given={"base_model": CHAT, "method": "PIPELINE", "today": "2024-12-01"}, but={"today": "2024-06-01"}),
    pure(tuned, "retirement/not retired", "the Gemini API's tuning, which is withdrawn", path="base_model",
         says="retired on 2025-05-24", way_out="Use",
         given={"base_model": GEMINI_API, "method": "GEMINI_API", "today": "2026-11-21"}, but={"today": "2025-01-01"}),
    pure(pre_tuned, "model/parent of continuous tuning", "a parent from before continuous tuning",
         path="pre_tuned_model.tuned_model_name", says="The model was tuned on 2025-07-10", way_out="Tune it again from its base model",
         given={"tuned_on": "2025-07-10"}, but={"tuned_on": "2025-07-11"}),
    pure(of_parent, "existence/checkpoint of the parent exists", "a checkpoint that the parent does not have",
         path="pre_tuned_model.checkpoint_id", says="has no checkpoint '9'", way_out="It has 1, 2",
         given={"checkpoint": "9", "checkpoints": ["1", "2"]}, but={"checkpoint": "2"}),
    pure(places.check_accelerator, "region/accelerator type", "an accelerator that there is not", path="accelerator_type",
         says="The accelerator type 'CPU' does not exist", way_out="Use one of GPU", given={"accelerator_type": "CPU"},
         but={"accelerator_type": "TPU"}),
    pure(places.check_location, "region/one region", "an open model in a multi-region", path="location",
         says="An open model cannot be tuned in 'eu'", way_out="Use a single region",
         given={"location": "eu", "base_model": GEMMA}, but={"location": "global"}),
]  # fmt: skip

PARAMETERS: Final = [
    pure(parameters, "hyperparameters/parameter exists", "a parameter that there is not", path=f"{HYPER}.epoch_cout",
         says="epoch_cout is not a hyperparameter", way_out="Did you mean epoch_count?",
         given={"given": {"epoch_cout": 3}, "base_model": GEMMA}, but={"given": {"epoch_count": 3}}),
    pure(parameters, "hyperparameters/parameter of the model", "a batch size on Google's own model", path=f"{HYPER}.batch_size",
         says="does not take batch_size: Google chooses", way_out="Leave batch_size out",
         given={"given": {"batch_size": 8}, "base_model": "gemini-3.5-flash"}, but={"given": {}}),
    pure(parameters, "hyperparameters/parameter of the model", "a learning rate on Google's own model", path=f"{HYPER}.learning_rate",
         says="does not take learning_rate: a learning rate is for open models", way_out="Leave learning_rate out",
         given={"given": {"learning_rate": 0.001}, "base_model": "gemini-3.5-flash"}, but={"base_model": GEMMA}),
    pure(parameters, "hyperparameters/parameter of the model", "a multiplier on an open model",
         path=f"{HYPER}.learning_rate_multiplier", says="the multiplier is for Google's own models",
         way_out="Leave learning_rate_multiplier out",
         given={"given": {"learning_rate_multiplier": 2}, "base_model": GEMMA}, but={"base_model": "gemini-3.5-flash"}),
    pure(parameters, "hyperparameters/parameter of the model", "beta outside preference tuning", path=f"{HYPER}.beta",
         says="beta is for preference tuning", way_out="Leave it out",
         given={"given": {"beta": 0.1}, "base_model": "gemini-2.5-flash"}, but={"method": "PREFERENCE"}),
    pure(parameters, "hyperparameters/one learning rate", "both rates", path=f"{HYPER}.learning_rate",
         says="cannot be set together", way_out="Leave learning_rate out and keep learning_rate_multiplier",
         given={"given": {"learning_rate": 0.001, "learning_rate_multiplier": 2}, "base_model": "unknown"},
         but={"given": {"learning_rate": 0.001}}),
    pure(parameters, "hyperparameters/numbers that a model can use", "no epochs", path=f"{HYPER}.epoch_count",
         says="epoch_count is 0; it must be above 0", way_out="at least 1",
         given={"given": {"epoch_count": 0}, "base_model": GEMMA}, but={"given": {"epoch_count": 1}}),
    pure(parameters, "hyperparameters/numbers that a model can use", "half an epoch", path=f"{HYPER}.epoch_count",
         says="is not a whole number", way_out="Use 2",
         given={"given": {"epoch_count": 1.5}, "base_model": GEMMA}, but={"given": {"epoch_count": 2}}),
    pure(parameters, "hyperparameters/numbers that a model can use", "a rate that is no number", path=f"{HYPER}.learning_rate",
         says="which is not a number", way_out="Use a number",
         given={"given": {"learning_rate": "fast"}, "base_model": GEMMA}, but={"given": {"learning_rate": 0.0002}}),
    pure(hyperparameters.check_adapter_size, "hyperparameters/adapter size under full tuning", "an adapter under full tuning",
         path=f"{HYPER}.adapter_size", says="it has no adapter", way_out="Leave adapter_size out", severity="warn",
         given={"adapter_size": 16, "base_model": GEMMA, "method": "FULL"}, but={"method": "PEFT_ADAPTER"}),
    pure(hyperparameters.check_adapter_size, "hyperparameters/adapter size of the model", "an adapter on a Qwen without one",
         path=f"{HYPER}.adapter_size", says="does not offer adapter size 4", way_out="It has no adapter sizes",
         given={"adapter_size": 4, "base_model": "qwen/qwen3@qwen3-4b"}, but={"base_model": QWEN}),
    pure(pipeline, "hyperparameters/parameters of a pipeline", "a selection that there is not", path="enable_checkpoint_selection",
         says="enable_checkpoint_selection is 'best'", way_out='Use "true", "false" or "default"',
         given={"given": {"enable_checkpoint_selection": "best"}}, but={"given": {"enable_checkpoint_selection": "default"}}),
    pure(pipeline, "hyperparameters/numbers that a model can use", "no train steps", path="train_steps",
         says="train_steps is 0", way_out="at least 1", given={"given": {"train_steps": 0}}, but={"given": {"train_steps": 1}}),
    pure(pipeline, "hyperparameters/evaluation of a pipeline", "an interval without an evaluation set", path="evaluation_interval",
         says="evaluation_interval needs an evaluation set", way_out="Set evaluation_data_uri (10 to 250 examples)",
         given={"given": {"evaluation_interval": 20}}, but={"given": {"evaluation_interval": 20, "evaluation_data_uri": EVALUATED}}),
    pure(pipeline, "hyperparameters/evaluation of a pipeline", "early stopping without an evaluation set", path="enable_early_stopping",
         says="enable_early_stopping needs an evaluation set", way_out="Set enable_early_stopping to false",
         given={"given": {"enable_early_stopping": True}}, but={"given": {"enable_early_stopping": False}}),
    pure(pipeline, "hyperparameters/evaluation of a pipeline", "an evaluation set of a chat model", path="evaluation_data_uri",
         says="is a chat model; evaluation is not offered", way_out="Leave evaluation_data_uri out",
         given={"given": {"evaluation_data_uri": EVALUATED}, "base_model": CHAT}, but={"base_model": CODE}),
    pure(pipeline, "hyperparameters/best checkpoint of a pipeline", "the best checkpoint without an evaluation set",
         path="enable_checkpoint_selection", says="needs an evaluation set", way_out="to false",
         given={"given": {"enable_checkpoint_selection": "true"}}, but={"given": {"enable_checkpoint_selection": "false"}}),
    pure(pipeline, "hyperparameters/interval within the steps", "an interval longer than the training", path="evaluation_interval",
         says="there are only 100 steps", way_out="Use an interval of at most 100", severity="warn",
         given={"given": {"train_steps": 100, "evaluation_interval": 101, "evaluation_data_uri": EVALUATED}},
         but={"given": {"train_steps": 101, "evaluation_interval": 101, "evaluation_data_uri": EVALUATED}}),
]  # fmt: skip

WEIGHTS: Final = ["config.json", "model-00001-of-00002.safetensors"]
ARTIFACTS: Final = [
    pure(artifacts.check_output_uri, "artifacts/output_uri for an open model", "an open model without output_uri", path="output_uri",
         says="The output_uri field is required for this model", way_out="Set it to a folder for the weights",
         given={"output_uri": None, "product": "OPEN"}, but={"output_uri": "gs://shop-data/tuned"}),
    pure(artifacts.check_output_uri, "artifacts/output_uri only for an open model", "a Gemini model with output_uri", path="output_uri",
         says="output_uri is for open models", way_out="Leave it out",
         given={"output_uri": "gs://shop-data/tuned", "product": "GEMINI"}, but={"product": "OPEN"}),
    pure(checkpoint, "artifacts/output_uri only for an open model", "a Gemini model from a checkpoint", path="custom_base_model",
         says="cannot start from a checkpoint", way_out="set base_model to an open model",
         given={"product": "GEMINI", "names": WEIGHTS}, but={"product": "OPEN"}),
    pure(artifacts.check_output_uri, "artifacts/folder in Cloud Storage", "a file for a folder", path="output_uri",
         says="names a file, not a folder", way_out="Use its folder: gs://shop-data/tuned",
         given={"output_uri": "gs://shop-data/tuned/a.safetensors", "product": "OPEN"}, but={"output_uri": "gs://shop-data/tuned"}),
    pure(checkpoint, "artifacts/base_model beside custom_base_model", "a checkpoint without its base model", path="base_model",
         says="custom_base_model also needs base_model", way_out="Set base_model",
         given={"base_model": None, "names": WEIGHTS}, but={"base_model": QWEN}),
    pure(checkpoint, "artifacts/checkpoint folder", "a folder without weights", path="custom_base_model",
         says="has no *.safetensors file", way_out="config.json and *.safetensors files",
         given={"names": ["pytorch_model.bin"]}, but={"names": WEIGHTS}),
    pure(checkpoint, "artifacts/checkpoint folder", "weights without their config", path="custom_base_model",
         says="has weights but no config.json", way_out="Copy the checkpoint's config.json",
         given={"names": ["model.safetensors"]}, but={"names": WEIGHTS}),
    pure(checkpoint, "artifacts/same architecture", "a checkpoint of another architecture", path="custom_base_model",
         says="says model_type 'llama'", way_out="Set base_model to the model that the checkpoint was made from",
         given={"names": WEIGHTS, "kind": "llama"}, but={"kind": "qwen3"}),
]  # fmt: skip


CASES: Final = [*MODELS, *PARAMETERS, *ARTIFACTS]
