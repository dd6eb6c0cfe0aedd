"""What is known of Google's models and regions, as data: every row names its source and the date it was true.

The files are read once, when first asked for. Nothing here asks Google.
"""

from __future__ import annotations

from datetime import date, timedelta
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import Literal

from pydantic import BaseModel, ConfigDict, TypeAdapter

Method = Literal["SUPERVISED", "PREFERENCE", "PIPELINE"]

SOON = timedelta(days=45)


class Row(BaseModel):
    """One fact: where it comes from and when it was true."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    source: str
    as_of: date


class ModelRow(Row):
    """A base model: where and how it is tuned, and until when."""

    publisher: str
    methods: tuple[Method, ...]
    regions: tuple[str, ...]
    result_locations: dict[str, str]
    cmek: bool
    adapter_sizes: tuple[int, ...]
    default_adapter_size: int | None
    stage: Literal["GA", "PREVIEW"]
    launched: date | None
    last_tuning: date | None
    retired: date | None
    successor: str | None

    def tunable_at(self, day: date) -> bool:
        """Whether a new tuning job is accepted on that day."""
        last = self.last_tuning or self.retired
        return last is None or day <= last

    def result_location(self, region: str) -> str:
        """Where the model and its endpoints appear when the job runs in ``region``."""
        return self.result_locations.get(region, region)


class RegionRow(Row):
    """A location of Google Cloud."""

    kind: Literal["region", "multi-region", "global"]
    place: str


@cache
def models() -> dict[str, ModelRow]:
    """Every base model that is known, by id."""
    return {row.id: row for row in TypeAdapter(dict[str, list[ModelRow]]).validate_json(_text("models"))["models"]}


@cache
def regions() -> dict[str, RegionRow]:
    """Every location that is known, by id."""
    return {row.id: row for row in TypeAdapter(dict[str, list[RegionRow]]).validate_json(_text("regions"))["regions"]}


def find_model(base_model: str) -> ModelRow | None:
    """The row of a base model, given by id or as ``publishers/google/models/ID``; None where it is not known."""
    return models().get(base_model.removeprefix("publishers/google/models/"))


def nearest_region(region: str) -> str | None:
    """The region that was probably meant."""
    return next(iter(get_close_matches(region, regions(), n=1, cutoff=0.6)), None)


def nearest_model(base_model: str, day: date) -> str | None:
    """The model that was probably meant, one that can be tuned on that day where there is such a one."""
    close = get_close_matches(base_model, models(), n=5, cutoff=0.6)
    return next((name for name in close if models()[name].tunable_at(day)), next(iter(close), None))


def tunable_models(
    day: date, *, region: str | None = None, cmek: bool | None = None, method: Method = "SUPERVISED"
) -> list[str]:
    """Ids of the models that a job of that method can start from on that day, as they stand in the catalogue."""
    return [
        row.id
        for row in models().values()
        if row.tunable_at(day)
        and method in row.methods
        and (region is None or region in row.regions)
        and (cmek is None or row.cmek == cmek)
    ]


def _text(name: str) -> bytes:
    return files(__package__).joinpath(f"{name}.json").read_bytes()
