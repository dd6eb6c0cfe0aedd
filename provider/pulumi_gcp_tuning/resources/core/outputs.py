"""Google's answers as they go into state: small, stable, no rows of training data, no number that JSON would bend."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from pulumi_gcp_tuning.grammar import camel
from pulumi_gcp_tuning.resources.core.lifecycle import Properties

MOST_INDICES: Final = 100
_SAFE: Final = 2**53 - 1


def _safe_int(value: Any) -> Any:
    """An int64 as Google writes it: an int where JSON keeps it exact, else its digits."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, str) and value.lstrip("-").isdigit():
        value = int(value)
    return str(value) if isinstance(value, int) and abs(value) > _SAFE else value


Count = Annotated[int | str | None, BeforeValidator(_safe_int)]
Ident = Annotated[str | None, BeforeValidator(lambda value: None if value is None else str(value))]


class Outputs(BaseModel):
    """A part of state. What Google adds later is left out until it is declared here."""

    model_config = ConfigDict(alias_generator=camel, populate_by_name=True, extra="ignore")

    def properties(self) -> Properties:
        """The camelCase properties that are set."""
        dumped: Properties = self.model_dump(by_alias=True, exclude_none=True)
        return dumped


class JobError(Outputs):
    """Why a job ended badly."""

    code: int | None = None
    message: str | None = None


class Checkpoint(Outputs):
    """A state of the model that was kept, with the endpoint that answers from it."""

    checkpoint_id: Ident = None
    epoch: Count = None
    step: Count = None
    endpoint: str | None = None


class TunedModelRef(Outputs):
    """What a job names as its results."""

    model: str | None = None
    endpoint: str | None = None
    checkpoints: list[Checkpoint] = Field(default_factory=list)


class DataStats(Outputs):
    """Counts; Google's example rows and distributions are dropped."""

    tuning_dataset_example_count: Count = None
    total_tuning_character_count: Count = None
    total_billable_character_count: Count = None
    total_billable_token_count: Count = None
    tuning_step_count: Count = None
    total_truncated_example_count: Count = None
    truncated_example_indices: list[Count] | None = None


class TuningDataStats(Outputs):
    """Counts by method."""

    supervised_tuning_data_stats: DataStats | None = None


def data_stats(job: Mapping[str, Any]) -> Properties | None:
    """The counts of a job's ``tuningDataStats``; None where Google gave none."""
    given = job.get("tuningDataStats")
    if not given:
        return None
    stats = TuningDataStats.model_validate(given).properties()
    indices = stats.get("supervisedTuningDataStats", {}).get("truncatedExampleIndices")
    if indices:
        stats["supervisedTuningDataStats"]["truncatedExampleIndices"] = indices[:MOST_INDICES]
    return stats


def without(outputs: Mapping[str, Any], keys: Iterable[str]) -> Properties:
    """Outputs but for those keys."""
    dropped = frozenset(keys)
    return {key: value for key, value in outputs.items() if key not in dropped}
