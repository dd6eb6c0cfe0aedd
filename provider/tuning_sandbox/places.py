"""The value groups of gcp.resourceLocations: the locations in `in:us-locations` and similar groups."""

from __future__ import annotations

import re

# members of the European Union; London and Zurich are in Europe only
OUTSIDE_EU = frozenset({"europe-west2", "europe-west6"})
_GROUPS: dict[str, tuple[str, ...]] = {
    "africa": ("africa-",),
    "asia": ("asia-",),
    "australia": ("australia-",),
    "canada": ("northamerica-northeast",),
    "europe": ("europe-",),
    "eu": ("europe-",),
    "me": ("me-",),
    "middleeast": ("me-",),
    "northamerica": ("us-", "northamerica-"),
    "southamerica": ("southamerica-",),
    "us": ("us-",),
}
_MULTI = {"us": ("us", "northamerica"), "eu": ("eu", "europe"), "asia": ("asia",)}
_REGION = re.compile(r"(africa|asia|australia|europe|me|northamerica|southamerica|us)-[a-z]+[0-9]{1,2}")


def is_group(value: str) -> bool:
    """Whether a value of gcp.resourceLocations is a location or a group of locations."""
    kind, _, name = value.rpartition(":")
    if kind == "in":
        group = name.removesuffix("-locations")
        return name.endswith("-locations") and (group in _GROUPS or _REGION.fullmatch(group) is not None)
    return kind in ("", "is") and (name in ("global", *_MULTI) or _REGION.fullmatch(name) is not None)


def is_in(location: str, value: str) -> bool:
    """Whether a location is the one, or is in the group, that a value names."""
    kind, _, name = value.rpartition(":")
    if kind != "in":
        return location == name
    group = name.removesuffix("-locations")
    if location in _MULTI:
        return group in _MULTI[location]
    if location == group:
        return True
    if group == "eu" and location in OUTSIDE_EU:
        return False
    return location.startswith(_GROUPS.get(group, ("\x00",)))
