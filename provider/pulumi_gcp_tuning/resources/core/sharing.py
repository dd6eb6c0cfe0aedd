"""Who needs an object: two datasets with the same content share one object, and the last delete removes it.

Each resource writes a key of its own into the object's metadata; every decision is made under the metageneration that it
was taken from.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from pulumi_gcp_tuning.errors import ApiError, Failed, NotFound
from pulumi_gcp_tuning.names import GcsUri, Urn, identity_of

if TYPE_CHECKING:
    from pulumi_gcp_tuning.resources.core.lifecycle import Call

_OWNER: Final = "gcp-tuning-owner-"
FOUND: Final = {"gcp-tuning-found": "true"}
_ATTEMPTS: Final = 8


def owner_of(urn: str) -> dict[str, str]:
    """The metadata by which a resource says that it needs an object."""
    read = Urn.parse(urn)
    return {_OWNER + identity_of(read): f"{read.project}/{read.stack}/{read.name}"}


def is_owner(live: Mapping[str, Any], owner: Mapping[str, str]) -> bool:
    """Whether the object knows that this resource needs it."""
    return owner.keys() <= _owners(live)


def join(
    call: Call,
    uri: GcsUri,
    live: Mapping[str, Any],
    owner: Mapping[str, str],
    *,
    instead_of: Mapping[str, str] | None = None,
    user_project: str | None,
) -> Mapping[str, Any]:
    """The object, which now knows that this resource needs it too. One that nobody needed so far was not ours to delete."""
    gone = (instead_of or {}).keys() - owner.keys()
    metadata: dict[str, Any] = {**owner, **dict.fromkeys(gone & _owners(live))}
    if not _owners(live):
        metadata |= FOUND
    if metadata.items() <= (live.get("metadata") or {}).items():
        return live
    try:
        return call.google.storage.patch_object(
            uri.bucket, uri.object, {"metadata": metadata}, user_project=user_project
        )
    except NotFound:
        raise
    except ApiError as error:
        if error.http_status != 403:
            raise
        call.warn(f"{uri} is shared, but this resource could not be noted in its metadata: {error}")
        return live


def leave(
    call: Call,
    uri: GcsUri,
    owner: Mapping[str, str],
    generation: object,
    *,
    keep: bool = False,
    user_project: str | None,
) -> None:
    """Deletes the object if nobody else needs it and ``keep`` does not say otherwise. NotFound if it is gone."""
    storage = call.google.storage
    for _ in range(_ATTEMPTS):
        live = storage.get_object(uri.bucket, uri.object, user_project=user_project)
        if generation is not None and str(live.get("generation")) != str(generation):
            return  # somebody else's content since
        if not is_owner(live, owner):
            call.warn(f"{uri} is not deleted, because its metadata does not name this resource.")
            return
        match = str(live.get("metageneration"))
        try:
            if keep or _owners(live) - owner.keys() or FOUND.keys() <= (live.get("metadata") or {}).keys():
                body = {"metadata": dict.fromkeys(owner)}
                storage.patch_object(
                    uri.bucket, uri.object, body, if_metageneration_match=match, user_project=user_project
                )
                call.report(f"{uri} is not deleted, because others need it or it was there before")
            else:
                storage.delete_object(
                    uri.bucket,
                    uri.object,
                    live.get("generation"),
                    if_metageneration_match=match,
                    user_project=user_project,
                )
        except ApiError as error:
            if error.http_status != 412:
                raise
            continue
        return
    raise Failed(f"{uri} was not deleted, because others keep changing it.\nRun the same command again.")


def _owners(live: Mapping[str, Any]) -> set[str]:
    return {key for key in live.get("metadata") or {} if key.startswith(_OWNER)}
