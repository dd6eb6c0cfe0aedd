"""What is known of Google's models, regions and quotas, as data: every row names its source and its date.

Everything is asked of a :class:`Catalogue`: :func:`shipped` answers with the data of this release,
:meth:`Catalogue.load` puts a user's rows over it. The files are read once, when they are first asked for. Nothing here
asks Google.
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
