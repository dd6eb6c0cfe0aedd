"""The bison models, which pipelines tuned: their names, dates, regions and hardware."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from tuning_sandbox.vertex.catalogue import ServedModel

# seed 002; pipelines and tuned models have the same regions
REGIONS = (
    "us-central1", "europe-west4", "asia-southeast1", "us-west1", "europe-west3", "europe-west2", "asia-northeast1",
    "us-east4", "us-west4", "northamerica-northeast1", "europe-west9", "europe-west1", "asia-northeast3",
)  # fmt: skip
LEAST_ROWS, MOST_ROWS = 10, 10_000
LEAST_EVALUATION, MOST_EVALUATION = 10, 250
MOST_AUTHORS = 10_000
_SCHEMAS = "gs://google-cloud-aiplatform/schema/predict/instance"


@dataclass(frozen=True)
class Accelerator:
    """The hardware of a pipeline: its region, its quota, and the amount of the quota."""

    region: str
    metric: str
    units: int


ACCELERATORS = {
    "GPU": Accelerator("us-central1", "aiplatform.googleapis.com/restricted_image_training_nvidia_a100_80gb_gpus", 8),
    "TPU": Accelerator("europe-west4", "aiplatform.googleapis.com/restricted_image_training_tpu_v3_pod", 64),
}


@dataclass(frozen=True)
class BisonModel(ServedModel):
    """A model that a pipeline tunes; new tuning was blocked some time before the model retired."""

    last_tuning: date
    chat: bool
    schema: str
    most_tokens: int

    def is_tunable(self, on: date) -> bool:
        """Whether a new pipeline can tune it on that day."""
        return self.launched <= on <= self.last_tuning

    def batch_on(self, accelerator: str) -> int:
        """The number of examples in a step."""
        return 24 if accelerator == "TPU" and self.most_tokens == 8_192 else 8

    @property
    def label(self) -> str:
        """Its name in the labels of tuned models."""
        return self.name.replace("@", "-")

    @property
    def instance_schema(self) -> str:
        """The schema of its instances, which Google's clients read."""
        return f"{_SCHEMAS}/{self.schema}_1.0.0.yaml"


def _model(name: str, schema: str, width: int, most_tokens: int = 8_192) -> BisonModel:
    # released on 6 December 2023; new tuning blocked from 9 October 2024; discontinued on 9 April 2025 (Google's pages)
    dates = date(2023, 12, 6), date(2025, 4, 9)
    return BisonModel(
        name, *dates, width, date(2024, 10, 8), schema.startswith(("chat", "codechat")), schema, most_tokens
    )


BISON = {
    model.name: model
    for model in (
        _model("text-bison@002", "text_generation", 48),
        _model("chat-bison@002", "chat_generation", 48),
        _model("code-bison@002", "code_generation", 48),
        _model("codechat-bison@002", "codechat_generation", 48),
        _model("text-bison-32k@002", "text_generation", 64, 32_768),
        _model("chat-bison-32k@002", "chat_generation", 64, 32_768),
        _model("code-bison-32k@002", "code_generation", 64, 32_768),
        _model("codechat-bison-32k@002", "codechat_generation", 64, 32_768),
    )
}


def find_bison(name: str) -> BisonModel | None:
    """The model with that name, with or without a version; None if it is not a bison model."""
    return BISON.get(name if "@" in name else f"{name}@002")
