"""The parameters of the tuning templates that a pipeline may leave to their defaults."""

from __future__ import annotations

from typing import Annotated, Any, Final

from pydantic import BeforeValidator, Field

from pulumi_gcp_tuning.resources.core.description import described
from pulumi_gcp_tuning.resources.core.inputs import Inputs, Switch

_AT: Final = "runtimeConfig.parameterValues."
DEFAULT_STEPS: Final = 300
_CODE_AND_TEXT: Final = "Only for code and text models."


def _parameter(text: str, name: str, *, role: Any = "spec", **more: Any) -> Any:
    return described(text, role=role, wire=f"{_AT}{name}", at_google=f"`{name}`", source="seed 002", **more)


def _selection(value: Any) -> Any:
    return str(value).lower() if isinstance(value, bool) else value


class TemplateArgs(Inputs):
    """Parameters of both templates."""

    learning_rate_multiplier: Annotated[
        float | None,
        _parameter("A factor on the recommended learning rate.", "learning_rate_multiplier", default="1"),
    ] = Field(default=None, gt=0)
    accelerator_type: Annotated[
        str | None,
        _parameter(
            "What it computes on, and so where: `GPU` takes 8 A100 80 GB in us-central1, `TPU` takes 64 cores of a TPU v3 "
            "pod in europe-west4.",
            "accelerator_type",
            default="`GPU`",
        ),
    ] = Field(default=None, pattern="^(GPU|TPU)$")
    tensorboard_resource_id: Annotated[
        str | None,
        _parameter(
            "The TensorBoard instance, in the pipeline's region, that gets the metrics when the tuning has ended.",
            "tensorboard_resource_id",
            role="submitted once",
            form="`projects/P/locations/L/tensorboards/ID`, or its id",
            default="none",
            names="TensorBoard",
        ),
    ] = None
    default_context: Annotated[
        str | None,
        _parameter(
            "The context of every example that has none of its own. Only for chat models.",
            "default_context",
            default="none",
        ),
    ] = None


class EvaluationArgs(Inputs):
    """Parameters of the template for code and text models."""

    evaluation_data_uri: Annotated[
        str | None,
        _parameter(
            f"The 10 to 250 examples on which the model is evaluated while it trains. {_CODE_AND_TEXT}",
            "evaluation_data_uri",
            form="a `gs://` URI",
            default="no evaluation",
            names="object",
            refers={"TuningDataset": "uri"},
        ),
    ] = None
    evaluation_interval: Annotated[
        int | None,
        _parameter("How many steps lie between two evaluations.", "evaluation_interval", unit="steps", default="20"),
    ] = Field(default=None, ge=1)
    enable_early_stopping: Annotated[
        Switch | None,
        _parameter(
            "Whether the training ends early if evaluations no longer improve the accuracy.",
            "enable_early_stopping",
            default="true",
        ),
    ] = None
    enable_checkpoint_selection: Annotated[
        str | None,
        BeforeValidator(_selection),
        _parameter(
            'Which checkpoint becomes the model: "true" takes the one with the best evaluation, "false" the last one. '
            '"default" means "false" for every model of the catalogue.',
            "enable_checkpoint_selection",
            form='"true", "false" or "default"',
            default='"default"',
            accepts="bool | str",
        ),
    ] = None
