"""The client's view of the two pipeline templates that tuned bison models: their parameters and a spec."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from tuning_sandbox.vertex.service import api

Doc = dict[str, Any]
REGISTRY = "https://us-kfp.pkg.dev/ml-pipeline/large-language-model-pipelines"
VERSION = "v3.0.0"
# of these names upload-llm-model is known from Google's SDK and large-language-model-tuner from threads
READING, TUNING, UPLOADING, DEPLOYING = (
    "dataset-encoder",
    "large-language-model-tuner",
    "upload-llm-model",
    "deploy-llm-model",
)
TASKS = (READING, TUNING, UPLOADING, DEPLOYING)

api.behaviour(
    "the pipelineSpec of a template is a short one of the sandbox's own: the template's parameters and four tasks in a row",
    source="assumed",
)
api.behaviour(
    "a pipelineSpec in the request is taken for the template whose name its pipelineInfo has; its own tasks do not run",
    source="assumed",
)
api.behaviour(
    "enable_checkpoint_selection may be a truth instead of its text", source="sdk", ref="vertexai 1.75 sends one"
)
api.behaviour("a number or truth in quotes is read as one where seed 002 quotes it", source="thread", ref="seed 002")


@dataclass(frozen=True)
class Parameter:
    """One parameter of a template; `quoted`: also accepted as text, as in seed 002; `bare`: its text also as a truth."""

    kind: str = "STRING"
    default: Any = None
    required: bool = False
    quoted: bool = False
    bare: bool = False

    def read(self, value: Any) -> Any:
        """The value in the parameter's type; ValueError if it has another one."""
        if self.quoted and isinstance(value, str) and value:
            try:
                value = json.loads(value.lower())
            except ValueError:
                raise ValueError(self.kind) from None
        if self.bare and isinstance(value, bool):
            value = str(value).lower()
        if self.kind == "STRING":
            fits = isinstance(value, str)
        elif self.kind == "BOOLEAN":
            fits = isinstance(value, bool)
        else:
            fits = isinstance(value, int | float) and not isinstance(value, bool)
            if self.kind == "NUMBER_INTEGER":
                fits = fits and float(value).is_integer()
        if not fits:
            raise ValueError(self.kind)
        return int(value) if self.kind == "NUMBER_INTEGER" else value


_COMMON = {
    "project": Parameter(required=True),
    "location": Parameter(),
    "large_model_reference": Parameter(required=True),
    "model_display_name": Parameter(required=True),
    "dataset_uri": Parameter(),
    "dataset_name": Parameter(),
    "train_steps": Parameter("NUMBER_INTEGER", 300),
    "learning_rate_multiplier": Parameter("NUMBER_DOUBLE", 1.0),
    "accelerator_type": Parameter(default="GPU"),
    "tensorboard_resource_id": Parameter(),
    "encryption_spec_key_name": Parameter(),
}
_EVALUATION = {
    "evaluation_data_uri": Parameter(),
    "evaluation_interval": Parameter("NUMBER_INTEGER", 20, quoted=True),
    "enable_early_stopping": Parameter("BOOLEAN", True, quoted=True),
    "enable_checkpoint_selection": Parameter(default="default", bare=True),
}


@dataclass(frozen=True)
class Template:
    """A template of the registry."""

    name: str
    chat: bool
    parameters: dict[str, Parameter]

    @property
    def uri(self) -> str:
        """Its address in the registry."""
        return f"{REGISTRY}/{self.name}/{VERSION}"

    @property
    def spec(self) -> Doc:
        """The pipelineSpec that an answer shows."""
        tasks = {
            task: {
                "taskInfo": {"name": task},
                "componentRef": {"name": f"comp-{task}"},
                **({"dependentTasks": [TASKS[at - 1]]} if at else {}),
            }
            for at, task in enumerate(TASKS)
        }
        return {
            "pipelineInfo": {"name": self.name},
            "schemaVersion": "2.1.0",
            "sdkVersion": "kfp-2.0.0",
            "root": {
                "dag": {"tasks": tasks},
                "inputDefinitions": {"parameters": {key: _defined(held) for key, held in self.parameters.items()}},
            },
            "components": {f"comp-{task}": {"executorLabel": f"exec-{task}"} for task in TASKS},
            "deploymentSpec": {"executors": {f"exec-{task}": {} for task in TASKS}},
        }

    @property
    def version(self) -> str:
        """The digest of this version in the registry."""
        return "sha256:" + hashlib.sha256(json.dumps(self.spec, sort_keys=True).encode()).hexdigest()


TEMPLATES = {
    template.name: template
    for template in (
        Template("tune-large-model", chat=False, parameters=_COMMON | _EVALUATION),
        Template("tune-large-chat-model", chat=True, parameters=_COMMON | {"default_context": Parameter(default="")}),
    )
}


def _defined(parameter: Parameter) -> Doc:
    defined: Doc = {"parameterType": parameter.kind}
    if not parameter.required:
        defined["isOptional"] = True
    if parameter.default is not None:
        defined["defaultValue"] = parameter.default
    return defined
