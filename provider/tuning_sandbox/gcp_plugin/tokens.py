"""The supported resources and functions by token; any other token is refused with a message that says what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tuning_sandbox.gcp_plugin.api import StandInError
from tuning_sandbox.gcp_plugin.custom_role import CustomRole
from tuning_sandbox.gcp_plugin.functions import FUNCTIONS, Function
from tuning_sandbox.gcp_plugin.iam_member import (
    BucketIamMember,
    CryptoKeyIamMember,
    KeyRingIamMember,
    ProjectIamMember,
    ServiceAccountIamMember,
)
from tuning_sandbox.gcp_plugin.kms import CryptoKey, KeyRing
from tuning_sandbox.gcp_plugin.projects import Account, Service, ServiceIdentity
from tuning_sandbox.gcp_plugin.storage import Bucket, BucketObject
from tuning_sandbox.gcp_plugin.vertex import AiEndpoint

if TYPE_CHECKING:
    from tuning_sandbox.gcp_plugin.resource import Resource

_TYPES: Final[tuple[type[Resource], ...]] = (
    KeyRing,
    CryptoKey,
    KeyRingIamMember,
    CryptoKeyIamMember,
    Bucket,
    BucketObject,
    BucketIamMember,
    Account,
    ServiceAccountIamMember,
    ProjectIamMember,
    CustomRole,
    Service,
    ServiceIdentity,
    AiEndpoint,
)
RESOURCES: Final[dict[str, Resource]] = {one.type_name: one() for one in _TYPES}


def find_resource(token: str) -> Resource:
    """The resource of a token; StandInError if it is not known."""
    if token not in RESOURCES:
        raise StandInError(_refusal(token, sorted(RESOURCES)))
    return RESOURCES[token]


def find_function(token: str) -> Function:
    """The data function of a token; StandInError if it is not known."""
    if token not in FUNCTIONS:
        raise StandInError(_refusal(token, sorted(FUNCTIONS)))
    return FUNCTIONS[token]


def _refusal(token: str, known: list[str]) -> str:
    return (
        f"{token} is not in the sandbox's stand-in for the gcp plugin, which knows only: "
        f"{', '.join(name.removeprefix('gcp:') for name in known)}. "
        "Run this stack against the cloud with the real gcp plugin, or leave the resource out of the sandbox's stack."
    )
