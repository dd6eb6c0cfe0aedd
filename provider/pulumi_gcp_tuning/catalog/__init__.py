"""What is known of Google's models, regions and quotas, as data: every row names its source and its date.

The files are read once, when first asked for. Nothing here asks Google. The functions speak of the shipped data;
:meth:`Catalogue.load` puts a user's rows over it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final

from pulumi_gcp_tuning.catalog.override import CONFIG_KEY, VARIABLE, override_from
from pulumi_gcp_tuning.catalog.rows import (
    TUNING_METHODS,
    AcceleratorRow,
    DatasetFormat,
    Known,
    Limits,
    Method,
    Modality,
    ModelRow,
    NumberRule,
    Price,
    Product,
    ProductRow,
    QuotaRow,
    RegionRow,
    Row,
)
from pulumi_gcp_tuning.catalog.shipped import Catalogue, shipped

__all__ = [
    "CONFIG_KEY",
    "SOON",
    "TUNING_METHODS",
    "VARIABLE",
    "AcceleratorRow",
    "Catalogue",
    "DatasetFormat",
    "Known",
    "Limits",
    "Method",
    "Modality",
    "ModelRow",
    "NumberRule",
    "Price",
    "Product",
    "ProductRow",
    "QuotaRow",
    "RegionRow",
    "Row",
    "accelerators",
    "find_model",
    "models",
    "nearest_model",
    "nearest_region",
    "override_from",
    "products",
    "quotas",
    "regions",
    "shipped",
    "tunable_models",
]

SOON: Final = timedelta(days=45)


def models() -> Mapping[str, ModelRow]:
    """Every base model that is known, by id."""
    return shipped().models


def regions() -> Mapping[str, RegionRow]:
    """Every location that is known, by id."""
    return shipped().regions


def products() -> Mapping[str, ProductRow]:
    """The ways of tuning, by id."""
    return shipped().products


def accelerators() -> Mapping[str, AcceleratorRow]:
    """What a pipeline tuning computes on, by id."""
    return shipped().accelerators


def quotas() -> Mapping[str, QuotaRow]:
    """The quotas that tuning takes from, by id."""
    return shipped().quotas


def find_model(base_model: str) -> ModelRow | None:
    """The row of a base model, by id, alias or publisher name; None where it is not known."""
    return shipped().find_model(base_model)


def nearest_region(region: str) -> str | None:
    """The region that was probably meant."""
    return shipped().nearest_region(region)


def nearest_model(base_model: str, day: date) -> str | None:
    """The model that was probably meant, one that can be tuned on that day where there is such a one."""
    return shipped().nearest_model(base_model, day)


def tunable_models(
    day: date, *, region: str | None = None, cmek: bool | None = None, method: Method = "SUPERVISED"
) -> list[str]:
    """Ids of the models that a job of that method can start from on that day, as they stand in the catalogue."""
    return shipped().tunable_models(day, region=region, cmek=cmek, method=method)
