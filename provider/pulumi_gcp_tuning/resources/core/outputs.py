"""Google's answers for the state: small, stable, without rows of training data and without numbers that JSON would round."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from pulumi_gcp_tuning.grammar import camel
from pulumi_gcp_tuning.resources.core.description import described
from pulumi_gcp_tuning.resources.core.lifecycle import Properties

MOST_INDICES: Final = 100
_SAFE: Final = 2**53 - 1


def _safe_int(value: Any) -> Any:
    """An int64 from Google's text: an int if JSON keeps it exact, else its digits."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, str) and value.lstrip("-").isdigit():
        value = int(value)
    return str(value) if isinstance(value, int) and abs(value) > _SAFE else value


Count = Annotated[
    int | str | None,
    BeforeValidator(_safe_int),
    WithJsonSchema({"anyOf": [{"type": "integer"}, {"type": "null"}]}),  # what a program sees
]
Ident = Annotated[str | None, BeforeValidator(lambda value: str(value) if isinstance(value, int) else value)]


class Outputs(BaseModel):
    """A part of state. A field that Google adds later is left out until it is declared here."""

    model_config = ConfigDict(defer_build=True, alias_generator=camel, populate_by_name=True, extra="ignore")

    def properties(self) -> Properties:
        """The camelCase properties that are set."""
        dumped: Properties = self.model_dump(by_alias=True, exclude_none=True)
        return dumped


API_ORIGIN: Final = described(
    "The address of the API that made it, see [configuration](configuration.md#the-address-of-the-api).", always=True
)
CLAIM: Final = described("The token of this entry in the state; its object at Google has the same token.", stays=True)
EFFECTIVE_LABELS: Final = described("All labels at Google, including those that this package adds.")


class JobError(Outputs):
    """Why the job failed, in Google's words."""

    code: Annotated[int | None, described("The code of `google.rpc.Code`.")] = None
    message: Annotated[str | None, described("The reason, in Google's words.")] = None


class Checkpoint(Outputs):
    """A state of the model after an epoch."""

    checkpoint_id: Annotated[Ident, described("The checkpoint's id.", always=True)] = None
    epoch: Annotated[Count, described("The epoch after which it was kept.")] = None
    step: Annotated[Count, described("The step after which it was kept.")] = None
    endpoint: Annotated[str | None, described("The endpoint that serves it.")] = None


class TunedModelInfo(Outputs):
    """What the job made, in the location that Google chose."""

    model: Annotated[str | None, described("The model, with its version.")] = None
    endpoint: Annotated[str | None, described("The endpoint that the service made for it.")] = None
    checkpoints: Annotated[list[Checkpoint], described("The checkpoints that were kept.", always=False)] = Field(
        default_factory=list
    )


class DataStats(Outputs):
    """Counts; Google's example rows and distributions are dropped."""

    tuning_dataset_example_count: Annotated[Count, described("Examples.")] = None
    total_tuning_character_count: Annotated[Count, described("Characters used for training.")] = None
    total_billable_character_count: Annotated[Count, described("Billed characters.")] = None
    total_billable_token_count: Annotated[Count, described("Billed tokens.")] = None
    tuning_step_count: Annotated[Count, described("Steps.")] = None
    total_truncated_example_count: Annotated[Count, described("Examples that were truncated.")] = None
    truncated_example_indices: Annotated[list[Count] | None, described("Which examples were truncated.")] = None


class TuningDataStats(Outputs):
    """Counts by method."""

    supervised_tuning_data_stats: Annotated[DataStats | None, described("Counts of supervised tuning.")] = None


def data_stats(job: Mapping[str, Any]) -> Properties | None:
    """The counts of a job's ``tuningDataStats``; None if Google gave none."""
    given = job.get("tuningDataStats")
    if not given:
        return None
    stats = TuningDataStats.model_validate(given).properties()
    indices = stats.get("supervisedTuningDataStats", {}).get("truncatedExampleIndices")
    if indices:
        stats["supervisedTuningDataStats"]["truncatedExampleIndices"] = indices[:MOST_INDICES]
    return stats


def without(outputs: Mapping[str, Any], keys: Iterable[str]) -> Properties:
    """The outputs without those keys."""
    dropped = frozenset(keys)
    return {key: value for key, value in outputs.items() if key not in dropped}
