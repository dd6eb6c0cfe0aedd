"""Reads objects with the project that pays for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from pulumi_gcp_tuning.errors import ApiError

if TYPE_CHECKING:
    from pulumi_gcp_tuning.google.object_reading import OpenObject
    from pulumi_gcp_tuning.names import GcsUri
    from pulumi_gcp_tuning.resources.core.lifecycle import Call

T = TypeVar("T")


def open_object(call: Call, uri: GcsUri, payer: str | None) -> OpenObject:
    """The object's content. ``payer`` is sent only if the bucket requires one, because it takes a separate permission."""
    storage = call.google.storage
    return paid_by(payer, lambda user_project: storage.open_object(uri.bucket, uri.object, user_project=user_project))


def paid_by(payer: str | None, ask: Callable[[str | None], T]) -> T:
    """The answer. The payer is sent only if the bucket says that it requires one."""
    try:
        return ask(None)
    except ApiError as error:
        if payer is None or not _wants_payer(error):
            raise
        return ask(payer)


def _wants_payer(error: ApiError) -> bool:
    return error.http_status == 400 and "requester pays" in str(error).lower()
