"""The machines that serve weights: which accelerators Google puts on which, and how many."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Final

ACCELERATORS: Final = (
    "NVIDIA_TESLA_K80",
    "NVIDIA_TESLA_P100",
    "NVIDIA_TESLA_V100",
    "NVIDIA_TESLA_P4",
    "NVIDIA_TESLA_T4",
    "NVIDIA_TESLA_A100",
    "NVIDIA_A100_80GB",
    "NVIDIA_L4",
    "NVIDIA_H100_80GB",
    "NVIDIA_H100_MEGA_80GB",
    "NVIDIA_H200_141GB",
    "NVIDIA_B200",
    "NVIDIA_GB200",
    "NVIDIA_RTX_PRO_6000",
    "TPU_V2",
    "TPU_V3",
    "TPU_V4_POD",
    "TPU_V5_LITEPOD",
)
"""MachineSpec.acceleratorType of the discovery document."""

_FIXED: Final = {
    "g2-standard": ("NVIDIA_L4", {"4": 1, "8": 1, "12": 1, "16": 1, "24": 2, "32": 1, "48": 4, "96": 8}),
    "a2-highgpu": ("NVIDIA_TESLA_A100", {"1g": 1, "2g": 2, "4g": 4, "8g": 8}),
    "a2-megagpu": ("NVIDIA_TESLA_A100", {"16g": 16}),
    "a2-ultragpu": ("NVIDIA_A100_80GB", {"1g": 1, "2g": 2, "4g": 4, "8g": 8}),
    "a3-highgpu": ("NVIDIA_H100_80GB", {"1g": 1, "2g": 2, "4g": 4, "8g": 8}),
    "a3-megagpu": ("NVIDIA_H100_MEGA_80GB", {"8g": 8}),
    "a3-ultragpu": ("NVIDIA_H200_141GB", {"8g": 8}),
    "a4-highgpu": ("NVIDIA_B200", {"8g": 8}),
}
"""Machines whose name fixes the accelerator and the most of it. The accelerator of each series: Compute Engine's page on
GPUs. The numbers: GoogleCloudPlatform/cluster-toolkit, modules/internal/gpu-definition/main.tf at commit
147e356daa102ed18352faf7ef9f1075fa01e379, which has every row of this table."""

_ATTACHED: Final = {
    "NVIDIA_TESLA_K80": (1, 2, 4, 8),
    "NVIDIA_TESLA_P100": (1, 2, 4),
    "NVIDIA_TESLA_V100": (1, 2, 4, 8),
    "NVIDIA_TESLA_P4": (1, 2, 4),
    "NVIDIA_TESLA_T4": (1, 2, 4),
}
"""The accelerators of the series N1 (Compute Engine's page on GPUs), and how many of them (assumed)."""

_WITHOUT: Final = ("e2", "n2", "n2d", "n4", "c2", "c2d", "c3", "c3d", "c4", "c4a", "t2d", "t2a", "m1", "m2", "m3")
"""Series on which there is no accelerator: it is on accelerator-optimized machines or on N1 (the same page)."""

_KNOWN: Final = {
    f"{series}-{size}": (kind, count) for series, (kind, of) in _FIXED.items() for size, count in of.items()
}


def accelerators_of(machine_type: str) -> dict[str, tuple[int, ...]] | None:
    """The numbers of each accelerator that a machine can have; None if the machine is not known here.

    Where the name fixes the accelerator, a deployment takes one to all of them (MachineSpec.acceleratorCount of the
    discovery document).
    """
    if machine_type in _KNOWN:
        kind, most = _KNOWN[machine_type]
        return {kind: tuple(range(1, most + 1))}
    series = machine_type.partition("-")[0]
    if series in _WITHOUT:
        return {}
    return dict(_ATTACHED) if series == "n1" else None


def is_number_assumed(machine_type: str) -> bool:
    """Whether the numbers of `accelerators_of` stand on no source."""
    return machine_type not in _KNOWN


def is_misspelt(machine_type: str) -> bool:
    """Whether it is no machine: of a series whose machines are all known here, it is none, or its name has another form."""
    if machine_type in _KNOWN or machine_type.partition("-")[0] in (*_WITHOUT, "n1"):
        return False
    return machine_type.rpartition("-")[0] in _FIXED or "/" in machine_type or machine_type.count("-") < 2


def nearest_machine(machine_type: str) -> str | None:
    """The machine that was probably meant."""
    last = machine_type.strip().lower().rpartition("/")[2].replace("_", "-")
    near = get_close_matches(last, _KNOWN, n=4, cutoff=0.8)
    return max(near, key=lambda name: name[:-1] == last[:-1], default=None)


def machines_with(kind: str, count: int) -> list[str]:
    """The known machines that have exactly so many of that accelerator."""
    return [name for name, known in _KNOWN.items() if known == (kind, count)]


def nearest_accelerator(kind: str) -> str | None:
    """The accelerator that was probably meant: ``L4`` and ``nvidia-l4`` are ``NVIDIA_L4``."""
    name = kind.strip().upper().replace("-", "_").replace(" ", "_")
    whole = next(
        (each for each in ACCELERATORS if name and each in (name, f"NVIDIA_{name}", f"NVIDIA_TESLA_{name}")), None
    )
    tesla = next((each for each in ACCELERATORS if each.replace("_TESLA_", "_") == name), None)
    return whole or tesla or next(iter(get_close_matches(name, ACCELERATORS, n=1, cutoff=0.7)), None)
