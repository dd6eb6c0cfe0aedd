"""The users of a shared object: two datasets with the same content share one object, and the last delete removes it.

Each resource writes its own keys into the object's metadata: one with its identity and one with its claim. Every write
depends on the metageneration that the decision was based on.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from pulumi_gcp_tuning.errors import ApiError, Failed, NotFound, Refused
from pulumi_gcp_tuning.label_keys import CLAIM_LABEL, STACK_LABEL
from pulumi_gcp_tuning.names import GcsUri, Urn, identity_of, stack_hash
from pulumi_gcp_tuning.resources.core import claims, costs
from pulumi_gcp_tuning.resources.core.declared import urn_of

if TYPE_CHECKING:
    from pathlib import Path

    from pulumi_gcp_tuning.resources.core.lifecycle import Call

_OWNER: Final = "gcp-tuning-owner-"
_CLAIM: Final = f"{CLAIM_LABEL}-"
"""The prefixes of the metadata keys for an object's datasets and for their claims; the dataset's identity follows."""
FOUND: Final = {"gcp-tuning-found": "true"}


def owner_of(urn: str, token: str | None = None) -> dict[str, str]:
    """The metadata that marks a resource as a user of an object, with its claim if it has one."""
    read = Urn.parse(urn)
    identity = identity_of(read)
    owner = {_OWNER + identity: f"{read.project}/{read.stack}/{read.name}"}
    return {**owner, _CLAIM + identity: token} if token else owner


def is_owner(live: Mapping[str, Any], owner: Mapping[str, str]) -> bool:
    """Whether the object's metadata lists this resource as a user."""
    return _owners(owner) <= _owners(_metadata(live))


def marks_for(live: Mapping[str, Any], urn: str) -> claims.Marks:
    """The marks that the object has for the entry with this URN. Other entries may have marks on it too."""
    metadata, identity = _metadata(live), identity_of(urn)
    token, owner = metadata.get(_CLAIM + identity), str(metadata.get(_OWNER + identity, "")).split("/", 2)
    claim = claims.with_claimant(str(token), *owner) if token else None
    return claims.Marks(name=f"gs://{live['bucket']}/{live['name']}", claim=claim)


def upload(
    call: Call,
    uri: GcsUri,
    path: Path,
    what: str,
    owner: Mapping[str, str],
    *,
    sha256: str,
    kms_key_name: str | None,
    more: Mapping[str, str],
    stack: str,
    user_project: str | None,
) -> Mapping[str, Any]:
    """The object with this content, marked as used by this resource. ``what`` is the file as the program names it.

    ``more`` is metadata that a new object gets in addition to the owner's.
    """
    while True:
        uploaded = call.google.storage.upload_object(
            uri.bucket,
            uri.object,
            path,
            sha256=sha256,
            if_generation_match=0,
            kms_key_name=kms_key_name,
            metadata={**owner, **more, STACK_LABEL: stack_hash(stack)},
            user_project=user_project,
        )
        live: Mapping[str, Any] = uploaded.object
        if not uploaded.same_content:
            raise Refused(
                f"{uri} already exists with other content than {what}, although its name is that content's "
                "hash.\nIt was not overwritten. Delete the object, or set another prefix."
            )
        if not uploaded.created and not _under(live.get("kmsKeyName"), kms_key_name):
            raise Refused(
                f"{uri} exists under the key {live.get('kmsKeyName') or 'of Google'}, not under "
                f"{kms_key_name}.\nIt was not overwritten. Delete the object, or set another prefix."
            )
        before = marks_for(live, stack).claim
        try:
            live = join(call, uri, live, owner, adopts=True, user_project=user_project)
        except NotFound:  # its last owner deleted it in between
            if call.cancelled():
                raise
            continue
        claims.tell_adoption(call, str(uri), before, next(owner[key] for key in owner if key.startswith(_CLAIM)))
        return live


def join(
    call: Call,
    uri: GcsUri,
    live: Mapping[str, Any],
    owner: Mapping[str, str],
    *,
    instead_of: Mapping[str, str] | None = None,
    adopts: bool = False,
    olds: Mapping[str, Any] | None = None,
    user_project: str | None,
) -> Mapping[str, Any]:
    """The object, now also marked as used by this resource. An object that had no user is marked as found, so it is never deleted.

    Without the permission to write the mark, an adoption is refused. An update is refused if the entry with the outputs
    ``olds`` does not own the object.
    """
    storage = call.google.storage
    for _ in range(claims.ATTEMPTS):
        if olds is not None:
            claims.refuse_anothers(call, olds, marks_for(live, urn_of(call, olds)))
        metadata = _metadata(live)
        wanted: dict[str, Any] = {**owner, **dict.fromkeys((instead_of or {}).keys() & metadata.keys() - owner.keys())}
        if not _owners(metadata):
            wanted |= FOUND
        if wanted.items() <= metadata.items():
            return live
        match = str(live.get("metageneration"))
        try:
            return storage.patch_object(
                uri.bucket,
                uri.object,
                {"metadata": wanted},
                if_metageneration_match=match,
                user_project=user_project,
            )
        except NotFound:
            raise
        except ApiError as error:
            if error.http_status == 403 and adopts:
                raise claims.unwritable(error, str(uri), "storage.objects.update") from error
            if error.http_status == 403:
                call.warn(f"{uri} is shared, but this resource could not be noted in its metadata: {error}")
                return live
            if not claims.is_conflict(error):
                raise
        live = storage.get_object(uri.bucket, uri.object, user_project=user_project)
    raise Failed(f"{uri} was not claimed, because others keep changing it.\nRun the same command again.")


def reclaim(call: Call, uri: GcsUri, urn: str, token: str | None, *, user_project: str | None) -> None:
    """Writes the claim of this URN's entry onto the object. If the entry has no claim, removes the one on the object."""
    live = call.google.storage.get_object(uri.bucket, uri.object, user_project=user_project)
    key = _CLAIM + identity_of(urn)
    if token:
        join(call, uri, live, owner_of(urn, token), adopts=True, user_project=user_project)
    elif key in _metadata(live):
        match = str(live.get("metageneration"))
        body = {"metadata": {key: None}}
        call.google.storage.patch_object(
            uri.bucket, uri.object, body, if_metageneration_match=match, user_project=user_project
        )


def leave(
    call: Call,
    uri: GcsUri,
    owner: Mapping[str, str],
    generation: object,
    *,
    keep: bool = False,
    user_project: str | None,
) -> None:
    """Deletes the object unless somebody else needs it or ``keep`` is set. Raises NotFound if it is gone.

    ``owner`` contains the entry's claim. An object with another claim is not deleted.
    """
    storage = call.google.storage
    for _ in range(claims.ATTEMPTS):
        live = storage.get_object(uri.bucket, uri.object, user_project=user_project)
        if generation is not None and str(live.get("generation")) != str(generation):
            call.warn(f"{uri} is not deleted, because it was overwritten since this resource uploaded it.")
            return
        if not is_owner(live, owner):
            call.warn(f"{uri} is not deleted, because its metadata does not name this resource.")
            return
        metadata = _metadata(live)
        own = {key for owned in _owners(owner) for key in (owned, owned.replace(_OWNER, _CLAIM))}
        if any(metadata.get(key, owner.get(key)) != owner.get(key) for key in own - _owners(owner)):
            call.warn(f"{uri} is not deleted, because another entry claimed it.")
            return
        match = str(live.get("metageneration"))
        try:
            if keep or _owners(metadata) - owner.keys() or was_found(live):
                body = {"metadata": dict.fromkeys(own & metadata.keys())}
                storage.patch_object(
                    uri.bucket, uri.object, body, if_metageneration_match=match, user_project=user_project
                )
                if not keep:
                    call.tell(_why_it_stays(uri, live, owner))
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


def _why_it_stays(uri: GcsUri, live: Mapping[str, Any], owner: Mapping[str, str]) -> str:
    metadata = _metadata(live)
    others = sorted(str(metadata[key]) for key in _owners(metadata) - owner.keys())
    why = f"it is also the file of {', '.join(others)}" if others else "it was there before this resource used it"
    return f"{uri} is not deleted, because {why}. {costs.OBJECT}"


def _under(live: object, declared: str | None) -> bool:
    """Whether the declared key encrypts the object. Cloud Storage answers with the version of the key."""
    return declared is None or (isinstance(live, str) and live.split("/cryptoKeyVersions/")[0] == declared)


def owners_in(live: Mapping[str, Any]) -> dict[str, str]:
    """The datasets that need an object (``project/stack/name``), by identity."""
    return _by_identity(live, _OWNER)


def claims_in(live: Mapping[str, Any]) -> dict[str, str]:
    """The tokens of the entries that need an object, by identity."""
    return _by_identity(live, _CLAIM)


def was_found(live: Mapping[str, Any]) -> bool:
    """Whether the object existed before a dataset used it."""
    return FOUND.keys() <= _metadata(live).keys()


def _by_identity(live: Mapping[str, Any], prefix: str) -> dict[str, str]:
    found = {str(key): str(value) for key, value in _metadata(live).items() if str(key).startswith(prefix)}
    return {key.removeprefix(prefix): value for key, value in found.items()}


def _metadata(live: Mapping[str, Any]) -> Mapping[str, Any]:
    return live.get("metadata") or {}


def _owners(metadata: Mapping[str, Any]) -> set[str]:
    return {key for key in metadata if key.startswith(_OWNER)}
