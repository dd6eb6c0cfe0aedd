"""Hyperparameters that the base model takes."""

from __future__ import annotations

from typing import Final

from pulumi_gcp_tuning import catalog
from pulumi_gcp_tuning.errors import Finding

PATH: Final = "supervised_tuning_spec.hyper_parameters"
_SIZES: Final = {
    "ADAPTER_SIZE_ONE": 1,
    "ADAPTER_SIZE_TWO": 2,
    "ADAPTER_SIZE_FOUR": 4,
    "ADAPTER_SIZE_EIGHT": 8,
    "ADAPTER_SIZE_SIXTEEN": 16,
    "ADAPTER_SIZE_THIRTY_TWO": 32,
}


def check_adapter_size(adapter_size: str | None, base_model: str | None) -> list[Finding]:
    """A size that exists, and that the model offers."""
    if adapter_size is None:
        return []
    path = f"{PATH}.adapter_size"
    size = _SIZES.get(adapter_size)
    if size is None:
        sizes = ", ".join(map(str, _SIZES.values()))
        return [Finding(path=path, problem=f"{adapter_size!r} is not an adapter size.", remedy=f"Sizes are {sizes}.")]
    row = catalog.find_model(base_model) if base_model else None
    if row is None or size in row.adapter_sizes or "SUPERVISED" not in row.methods:
        return []
    problem = f"{row.id} is not tuned with adapter size {size}."
    offered = ", ".join(map(str, row.adapter_sizes))
    remedy = f"It offers {offered}." if offered else "It takes none; leave adapter_size out."
    return [Finding(path=path, problem=problem, remedy=remedy, check="model", evidence="thread")]
