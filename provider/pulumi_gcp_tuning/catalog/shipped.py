"""The shipped catalogue, with or without a user's rows."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date
from difflib import get_close_matches
from fnmatch import fnmatchcase
from functools import cache, cached_property
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, TypeVar

from pulumi_gcp_tuning.catalog.override import TABLES, Override, read_override
from pulumi_gcp_tuning.catalog.rows import (
    AcceleratorRow,
    DurationRow,
    FamilyRow,
    MediaRow,
    Method,
    ModelRow,
    ProductRow,
    QuotaRow,
    RegionRow,
    Row,
)
from pulumi_gcp_tuning.once import Once

R = TypeVar("R", bound=Row)
_NUMBERS: Final = re.compile(r"\d+")
_AS_ELSEWHERE: Final = re.compile(r"^(eu|ap)-")
_CONTINENTS: Final = {"eu": "europe-", "ap": "asia-"}
"""How other clouds begin the names of their regions."""
_shipped: Final = Once()
_NOTHING: Final = Override(rows={}, name="")


class Catalogue:
    """Google's models, regions and quotas. Each table is read on first use."""

    def __init__(self, override: Override = _NOTHING) -> None:
        self._override = override

    @classmethod
    def load(cls, override: Path | Mapping[str, Any] | None = None) -> Catalogue:
        """The shipped catalogue, with the user's rows if there are any.

        A row with a known id replaces the fields that it gives; a new id is a new row. Raises
        :class:`~pulumi_gcp_tuning.errors.Refused` that names every place where the override is wrong.
        """
        if override is None:
            return shipped()
        rows = {table: _shipped_rows(table) for table in TABLES}
        return cls(read_override(override, rows))

    @cached_property
    def models(self) -> Mapping[str, ModelRow]:
        """Every known base model, by id."""
        return self._table("models", ModelRow)

    @cached_property
    def regions(self) -> Mapping[str, RegionRow]:
        """Every known location, by id."""
        return self._table("regions", RegionRow)

    @cached_property
    def products(self) -> Mapping[str, ProductRow]:
        """The tuning products: ``GEMINI``, ``OPEN``, ``PIPELINE``, ``GEMINI_API``."""
        return self._table("products", ProductRow)

    @cached_property
    def accelerators(self) -> Mapping[str, AcceleratorRow]:
        """``GPU`` and ``TPU`` of the pipelines."""
        return self._table("accelerators", AcceleratorRow)

    @cached_property
    def quotas(self) -> Mapping[str, QuotaRow]:
        """The quotas that tuning and serving use, by the catalogue's own id."""
        return self._table("quotas", QuotaRow)

    @cached_property
    def families(self) -> Mapping[str, FamilyRow]:
        """Kinds of models that cannot be tuned, by the pattern of their names."""
        return self._table("families", FamilyRow)

    @cached_property
    def media(self) -> Mapping[str, MediaRow]:
        """The token counts of files, by the id that a model's row names."""
        return self._table("media", MediaRow)

    @cached_property
    def durations(self) -> Mapping[str, DurationRow]:
        """How long jobs took, as reported. A user's rows cannot change it."""
        return self._table("durations", DurationRow)

    def family_of(self, base_model: str) -> FamilyRow | None:
        """The kind of untunable models to which a name belongs, or None."""
        name = _ways_to_write(base_model)[0].rpartition("/")[2].lower()
        return next(
            (row for row in self.families.values() if any(fnmatchcase(name, each) for each in row.patterns)), None
        )

    def find_model(self, base_model: str) -> ModelRow | None:
        """The row of a model, by id, by an alias, or as ``publishers/P/models/ID``; None if it is not known."""
        for name in _ways_to_write(base_model):
            row = self.models.get(name) or self.models.get(self._aliases.get(name, ""))
            if row is not None:
                return row
        return None

    def nearest_region(self, region: str) -> str | None:
        """The region that was probably meant."""
        name = _AS_ELSEWHERE.sub(lambda found: _CONTINENTS[found[1]], region.lower())
        joined = name[:-2] + name[-1:] if name[-2:-1] == "-" else name
        near = (joined,) if joined in self.regions else get_close_matches(name, self.regions, n=1, cutoff=0.6)
        return next(iter(near), None)

    def nearest_model(self, base_model: str) -> str | None:
        """The id of the model whose name has the same numbers and nearly the same letters, whether it can be tuned or not."""
        name = _ways_to_write(base_model)[0].lower()
        same = [each for each in [*self.models, *self._aliases] if _NUMBERS.findall(each) == _NUMBERS.findall(name)]
        close = get_close_matches(name, same, n=1, cutoff=0.88)
        return next((self._aliases.get(found, found) for found in close), None)

    def tunable_models(
        self, day: date, *, region: str | None = None, cmek: bool | None = None, method: Method = "SUPERVISED"
    ) -> list[str]:
        """Ids of the models that a job of that method can start from on that day, in the catalogue's order."""
        return [
            row.id
            for row in self.models.values()
            if method in row.methods
            and row.tunable_at(day)
            and (region is None or region in row.regions_for(method))
            and (cmek is None or cmek == (row.cmek if region is None else row.takes_key_in(region)))
        ]

    def live_successors(self, row: ModelRow, day: date) -> list[str]:
        """The nearest successors that can be tuned on that day; several if Google names several."""
        seen, line = {row.id}, [row]
        while line:
            names = [name for each in line for name in each.successors if name not in seen]
            following = [self.models[name] for name in dict.fromkeys(names) if name in self.models]
            live = [each.id for each in following if each.is_tunable and each.tunable_at(day)]
            if live:
                return live
            seen.update(names)
            line = following
        return []

    def find_quota(self, *, metric: str | None = None, display_name: str | None = None) -> QuotaRow | None:
        """The quota that Google's answer is about; None if it is not in the catalogue."""
        return next(
            (row for row in self.quotas.values() if row.matches(metric=metric, display_name=display_name)), None
        )

    @cached_property
    def _aliases(self) -> Mapping[str, str]:
        return {alias: row.id for row in self.models.values() for alias in row.aliases}

    def _table(self, name: str, row: type[R]) -> Mapping[str, R]:
        rows = {**_shipped_rows(name), **self._override.rows.get(name, {})}
        return MappingProxyType({row_id: row.model_validate(fields) for row_id, fields in rows.items()})


def shipped() -> Catalogue:
    """The shipped catalogue; one object per process."""
    return _shipped.get("catalogue", Catalogue)


@cache
def _shipped_rows(table: str) -> Mapping[str, dict[str, Any]]:
    text = files(__package__).joinpath(f"{table}.json").read_bytes()
    return {row["id"]: row for row in json.loads(text)[table]}


def _ways_to_write(base_model: str) -> tuple[str, ...]:
    """The catalogue's possible names of a model: ``publishers/P/models/M`` is M or google/M for Google, else P/M."""
    name = base_model.strip()
    publisher, found, model = name.removeprefix("publishers/").partition("/models/")
    if not name.startswith("publishers/") or not found:
        return (name,)
    return (model, f"google/{model}") if publisher == "google" else (f"{publisher}/{model}",)
