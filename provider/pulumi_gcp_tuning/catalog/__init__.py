"""The catalogue of Google's models, regions and quotas, as data: every row names its source and its date.

All data is read through a :class:`Catalogue`: :func:`shipped` returns the data of this release,
:meth:`Catalogue.load` adds a user's rows to it. Each file is read once, on first use. Nothing here sends requests to
Google.
"""

from __future__ import annotations

from pulumi_gcp_tuning.catalog.override import CONFIG_KEY, VARIABLE, override_from
from pulumi_gcp_tuning.catalog.rows import (
    CLOSES_SOON,
    TUNING_METHODS,
    AcceleratorRow,
    DatasetFormat,
    FamilyRow,
    Known,
    Limits,
    MediaRow,
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
    Serving,
    Stage,
    Standing,
)
from pulumi_gcp_tuning.catalog.shipped import Catalogue, shipped

__all__ = [
    "CLOSES_SOON",
    "CONFIG_KEY",
    "TUNING_METHODS",
    "VARIABLE",
    "AcceleratorRow",
    "Catalogue",
    "DatasetFormat",
    "FamilyRow",
    "Known",
    "Limits",
    "MediaRow",
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
    "Serving",
    "Stage",
    "Standing",
    "override_from",
    "shipped",
]
