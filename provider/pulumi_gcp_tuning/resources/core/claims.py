"""Claims: the state entry that an object at Google belongs to.

Create and adoption write a new token into the entry's outputs and onto the object, under the object's etag. The frame
compares the two tokens before an update and before a delete. An entry that an earlier run left behind, a second state of
the same stack and a restored backup have a different token, so they do not change the object.

Read never writes a token, because a refresh also reads pending deletes. An object that its delete keeps has
``kept-IDENTITY`` instead of a token. An object without a token (an older release, an import, labels that somebody removed)
belongs to the entry if its create time, and its identity label if it has one, are those of the entry.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Literal

from pulumi_gcp_tuning.errors import ApiError, Failed, NotFound, Refused
from pulumi_gcp_tuning.names import Urn, identity_of
from pulumi_gcp_tuning.resources.core.declared import urn_of
from pulumi_gcp_tuning.resources.core.labels import CLAIM, IDENTITY, SPEC, effective_labels

if TYPE_CHECKING:
    from pulumi_gcp_tuning.resources.core.lifecycle import Call, Properties

KEY: Final = "claim"
"""The output that has the entry's token."""
ATTEMPTS: Final = 8
_KEPT: Final = "kept-"
_LONGEST: Final = 63
_NOT_IN_LABELS: Final = re.compile(r"[^a-z0-9-]")

Whose = Literal["own", "kept", "another's", "nobody's"]


@dataclass(frozen=True, kw_only=True)
class Marks:
    """What an object at Google says about its owner; None if it says nothing.

    ``name`` is the object's, ``claim`` a token with its claimant, or :func:`kept_by` an identity.
    """

    name: str
    claim: str | None
    identity: str | None = None
    create_time: str | None = None


def marks_in(live: Mapping[str, Any]) -> Marks:
    """The marks of a model or an endpoint."""
    labels = effective_labels(live)
    return Marks(
        name=str(live["name"]),
        claim=labels.get(CLAIM),
        identity=labels.get(IDENTITY),
        create_time=live.get("createTime"),
    )


def claim_of(outputs: Mapping[str, Any]) -> str | None:
    """The token of an entry, None for one of an older release or an import."""
    token = outputs.get(KEY)
    return token if isinstance(token, str) and token else None


def label_of(token: str, urn: str, *, foreign: str = "") -> str:
    """The claim label: the token and the claimant (``TOKEN_project_stack_name``), cut to the length of a label.

    ``foreign`` has a letter for each input of the claimant that another program made (``TOKEN-LETTERS_...``).
    """
    read = Urn.parse(urn)
    return with_claimant(f"{token}-{foreign}" if foreign else token, read.project, read.stack, read.name)


def with_claimant(token: str, *claimant: str) -> str:
    """The token, followed by project, stack and name."""
    return "_".join([token, *(_NOT_IN_LABELS.sub("-", part.lower()) for part in claimant)])[:_LONGEST]


def token_in(claim: str | None) -> str | None:
    """The token in a claim label; None if the label is empty or the object is kept."""
    return None if not claim or claim.startswith(_KEPT) else claim.partition("_")[0].partition("-")[0]


def foreign_in(claim: str | None) -> str:
    """The letters of the inputs of the claimant that another program made."""
    return (claim or "").partition("_")[0].partition("-")[2] if token_in(claim) else ""


def kept_by(identity: str) -> str:
    """The claim label of an object that the entry with this identity replaced and kept."""
    return _KEPT + identity


def is_kept(claim: str | None, identities: Collection[str]) -> bool:
    """Whether one of these identities kept the object."""
    return claim is not None and claim in {kept_by(identity) for identity in identities}


def claimant_in(claim: str) -> str:
    """The claimant as a message names it."""
    token, rest = token_in(claim), claim.partition("_")[2]
    return f"{rest.replace('_', '/')} (claim {token})" if rest else f"an entry with the claim {token}"


def holder_in(marks: Marks) -> str | None:
    """The owner that an object names, as a message names it; None if it names none."""
    if marks.claim and marks.claim.startswith(_KEPT):
        return f"a resource with the identity {marks.claim.removeprefix(_KEPT)}, which replaced it and keeps it"
    if marks.claim:
        return claimant_in(marks.claim)
    return f"a resource with the identity {marks.identity} (label {IDENTITY})" if marks.identity else None


def identities_of(call: Call, outputs: Mapping[str, Any]) -> set[str]:
    """The identities that an entry had: from its URN, from the URN that it was made under, and from its label.

    The label of an import that no ``up`` has taken over yet says nothing: it may be that of another stack.
    """
    known = {identity_of(urn) for urn in (call.urn, urn_of(call, outputs))}
    labels = outputs.get("effectiveLabels") if outputs.get("resourceUrn") else None
    label = labels.get(IDENTITY) if isinstance(labels, Mapping) else None
    return known | ({str(label)} if label else set())


def whose(call: Call, outputs: Mapping[str, Any], marks: Marks, also: Collection[str] = ()) -> Whose:
    """The owner of the object, seen from the entry with these outputs. The entry may claim an object that is ``nobody's``.

    ``also`` are identities that the object may have besides those of the entry.
    """
    token, identities = claim_of(outputs), {*identities_of(call, outputs), *also}
    if is_kept(marks.claim, identities):
        return "kept"
    if marks.claim:
        return "own" if token is not None and token_in(marks.claim) == token else "another's"
    made = outputs.get("createTime")
    same_time = not made or not marks.create_time or _moment(made) == _moment(marks.create_time)
    return "nobody's" if same_time and (marks.identity is None or marks.identity in identities) else "another's"


def refuse_anothers(call: Call, outputs: Mapping[str, Any], marks: Marks) -> None:
    """Raises Refused if the object belongs to another entry. Call it before any change."""
    if whose(call, outputs, marks) == "another's":
        raise Refused(
            f"{marks.name} is not changed: {_why(outputs, marks)}.\n"
            f"To manage it with this stack, run: gcp-tuning claim {call.urn!r}"
        )


def tell_anothers(call: Call, outputs: Mapping[str, Any], marks: Marks) -> None:
    """Warns that a delete leaves the object at Google, with the reason and how to claim it."""
    call.warn(
        f"{marks.name} is not deleted: {_why(outputs, marks)}. This entry is removed from the state.\n"
        f"To claim it for an entry that is still in the state, run: gcp-tuning claim {call.urn!r}. "
        "To claim it for a new entry, declare the resource again and run `pulumi up`."
    )


def tell_nobodys(call: Call, marks: Marks) -> None:
    """Warns that an object has no token and says how it was recognised."""
    call.warn(f"{marks.name} has no claim (label {CLAIM}). It was recognised by its identity and its creation time.")


def tell_adoption(call: Call, what: str, claim: str | None, token: str) -> None:
    """Says which entry the object belonged to before this one adopted it."""
    held = token_in(claim)
    if claim is None or held is None or held == token:
        return
    if claim == label_of(held, call.urn, foreign=foreign_in(claim)):
        call.tell(
            f"{what} was claimed by {claimant_in(claim)}: an earlier entry of this resource, or the same resource in another "
            "backend. This entry claims it now. If another backend has this stack too, rename one of the two stacks, "
            "because they take over each other's objects."
        )
    else:
        call.tell(
            f"{what} was claimed by {claimant_in(claim)}. This entry claims it now, and an entry with the earlier claim no "
            "longer changes or deletes it."
        )


def unwritable(error: ApiError, what: str, permission: str) -> Refused:
    """The error for an object that cannot be claimed."""
    return Refused(
        f"{what} was not adopted, because the caller lacks {permission} and cannot write a claim.\n"
        "Grant the permission and run again. Without a claim, another stack could delete the object.\n"
        f"{str(error).splitlines()[0]}"
    )


def is_conflict(error: ApiError) -> bool:
    """Whether somebody else changed the object after it was read; the caller must read it again and decide again."""
    return error.status == "ABORTED" or error.http_status == 412


def write_under_etag(
    read: Callable[[], Mapping[str, Any]],
    body_of: Callable[[Mapping[str, Any]], Properties],
    patch: Callable[[Properties, list[str]], Mapping[str, Any]],
    what: str,
    *,
    adopts_by: str | None = None,
) -> Properties:
    """The object after a ``patch`` with the body that ``body_of`` computes. If it changed in between, both are repeated.

    They are also repeated after an unclear answer. The object is then read first, and a change that took effect is not
    sent again. ``adopts_by`` is the permission that an adoption needs for the patch.
    """
    unclear: ApiError | None = None
    for _ in range(ATTEMPTS):
        live = read()
        body = body_of(live)
        if not body:
            return {**live}
        etag = {"etag": live["etag"]} if live.get("etag") else {}
        try:
            return {**live, **patch({**body, **etag}, sorted(body))}
        except NotFound:
            raise
        except ApiError as error:
            if error.http_status == 403 and adopts_by is not None:
                raise unwritable(error, what, adopts_by) from error
            if error.maybe_took_effect and unclear is None:
                unclear = error
            elif not is_conflict(error):
                raise
    raise Failed(
        f"{what} was not changed, because somebody else changed it during each of {ATTEMPTS} attempts.\n"
        "Run the same command again."
    )


def adopt(
    call: Call,
    noun: str,
    name: str,
    ours: Mapping[str, str],
    lost: ApiError,
    get: Callable[[str], Mapping[str, Any]],
    patch: Callable[[str, Properties, list[str]], Mapping[str, Any]],
    permission: str,
    *,
    earlier: Collection[str] = (),
) -> Properties:
    """The existing object with the id that this resource chooses, with the claim in ``ours``.

    It has to have the spec that is in ``ours``, and that identity or one of the ``earlier`` ones. Raises ``lost``, the error
    of the create, if there is no such object.
    """
    what, seen = f"The {noun} {name}", list[str | None]()

    def body_of(live: Mapping[str, Any]) -> Properties:
        labels = effective_labels(live)
        if labels.get(IDENTITY) not in {ours[IDENTITY], *earlier} or labels.get(SPEC) != ours[SPEC]:
            raise Refused(
                f"{what} already exists and does not have this resource's label ({IDENTITY}={ours[IDENTITY]}).\n"
                f"Another resource owns it. Delete it, or declare this {noun} under another name."
            )
        seen.append(labels.get(CLAIM))
        return {} if labels.get(CLAIM) == ours[CLAIM] else {"labels": {**labels, **ours}}

    try:
        live = write_under_etag(
            lambda: get(name), body_of, lambda body, mask: patch(name, body, mask), what, adopts_by=permission
        )
    except NotFound:
        raise lost from None
    tell_adoption(call, what, seen[-1], str(token_in(ours[CLAIM])))
    call.report(f"adopted {name}")
    return live


def reclaim(
    call: Call,
    outputs: Mapping[str, Any],
    name: str,
    get: Callable[[str], Mapping[str, Any]],
    patch: Callable[[str, Properties, list[str]], Mapping[str, Any]],
    permission: str,
    *,
    key: str = CLAIM,
    foreign: str = "",
) -> None:
    """Writes the entry's claim onto a model or an endpoint. An entry without one removes the object's, and identifies itself there."""
    token, identities = claim_of(outputs), identities_of(call, outputs)

    def body_of(live: Mapping[str, Any]) -> Properties:
        labels = effective_labels(live)
        others = {name: value for name, value in labels.items() if name != key}
        wanted = others | ({key: label_of(token, urn_of(call, outputs), foreign=foreign)} if token else {})
        if token is None and key == CLAIM and not {wanted.get(IDENTITY)} <= {None, *identities}:
            wanted[IDENTITY] = identity_of(urn_of(call, outputs))
        return {} if wanted == labels else {"labels": wanted}

    write_under_etag(lambda: get(name), body_of, lambda body, mask: patch(name, body, mask), name, adopts_by=permission)


def own_labels(call: Call, inputs: Mapping[str, Any], token: str) -> dict[str, str]:
    """The claim label for the object, with the claimant's present stack and name: a move or a rename changes them."""
    return {CLAIM: label_of(token, urn_of(call, inputs))}


def _why(outputs: Mapping[str, Any], marks: Marks) -> str:
    token = claim_of(outputs)
    if marks.claim and marks.claim.startswith(_KEPT):
        return f"a resource with the identity {marks.claim.removeprefix(_KEPT)} replaced it and keeps it"
    if marks.claim:
        return f"it belongs to {claimant_in(marks.claim)}, and this entry has {f'the claim {token}' if token else 'no claim'}"
    if marks.identity is not None and marks.create_time == outputs.get("createTime"):
        return f"its label {IDENTITY} names another resource ({marks.identity})"
    return f"it is not the object in the state (created at {marks.create_time}, identity {marks.identity})"


def _moment(text: object) -> datetime | str:
    try:
        return datetime.fromisoformat(str(text))
    except ValueError:
        return str(text)
