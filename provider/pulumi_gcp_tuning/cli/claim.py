"""``gcp-tuning claim``: write the token of a stack's entry onto the object at Google, so that the entry manages it."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from pulumi_gcp_tuning.cli.connection import google_of, settings_of
from pulumi_gcp_tuning.cli.pulumi_cli import Cli, find_pulumi
from pulumi_gcp_tuning.cli.stack_state import ask_pulumi
from pulumi_gcp_tuning.errors import NotFound, Refused, TuningError
from pulumi_gcp_tuning.names import Urn

if TYPE_CHECKING:
    from pulumi_gcp_tuning.resources.core.claims import Marks
    from pulumi_gcp_tuning.resources.core.frame import Frame
    from pulumi_gcp_tuning.resources.core.lifecycle import Call

_OURS: Final = "dynamic/gcptuning:"
_SECRET: Final = "4dabf18193072939515e22adb298388d"
"""The key by which Pulumi marks a secret in an export."""


def claim(
    urn: Annotated[str, typer.Argument(help="The URN of the resource, as `pulumi stack --show-urns` prints it.")],
    *,
    stack: Annotated[str | None, typer.Option(help="The stack; default: the one in the URN.")] = None,
    cwd: Annotated[Path | None, typer.Option(help="The folder of the program, or a folder inside it.")] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    pulumi: Cli = "pulumi",
) -> None:
    """Claim a model, an endpoint or a dataset for its entry in the state of a stack.

    Until you run this, the entry does not update or delete an object that another stack or an earlier entry has claimed.
    After that, the other stack or entry no longer does.
    """
    place = [*(["--cwd", str(cwd)] if cwd else []), "--stack", stack or Urn.parse(urn).stack]
    entry = _entry_of(_resources([find_pulumi(pulumi)], place), urn)
    frame, call = _frame_of(entry), _call_for(urn)
    outputs, hide = _in_plain(entry["outputs"])
    if frame.traits.marks is None or frame.traits.reclaim is None:
        raise Refused(
            f"A {frame.traits.noun} cannot be claimed, because Google has no labels for it or cannot change them."
        )
    try:
        call.settings.check_origin(outputs.get("apiOrigin"), str(entry["id"]))
        try:
            marks = frame.traits.marks(call, str(entry["id"]), outputs)
        except NotFound as error:
            raise Refused(f"There is nothing to claim: {error}") from None
        if marks is None:
            raise Refused(
                "There is nothing to claim yet, because the entry is waiting for its job. Run `pulumi up` first."
            )
        _claim(frame, call, str(entry["id"]), outputs, marks, hide(marks.name), yes=yes)
    except TuningError as error:
        if (text := hide(str(error))) == str(error):
            raise
        raise Refused(text) from None


def _claim(
    frame: Frame,
    call: Call,
    id: str,  # noqa: A002
    outputs: dict[str, Any],
    marks: Marks,
    name: str,
    *,
    yes: bool,
) -> None:
    """Claims the object; ``name`` is its name in messages."""
    from pulumi_gcp_tuning.resources.core.claims import claim_of, holder_in, whose

    token = claim_of(outputs)
    if whose(call, outputs, marks) == "own":
        typer.echo(f"{name} already belongs to this entry (claim {token}).")
        return
    typer.echo(f"{name} belongs to {holder_in(marks) or 'nobody'}.", err=True)
    if not yes:
        if not sys.stdin.isatty():
            raise Refused("Nothing was changed, because there is no terminal to confirm on. Give --yes to claim it.")
        typer.confirm(f"Claim it for {call.urn}?", abort=True, err=True)
    assert frame.traits.reclaim is not None  # noqa: S101
    frame.traits.reclaim(call, id, outputs)
    if token:
        typer.echo(f"{name} now belongs to {call.urn} (claim {token}).")
    else:
        typer.echo(f"{name} now has no claim. The next update of this entry claims it.")


def _resources(command: list[str], place: list[str]) -> list[Mapping[str, Any]]:
    """The resources in the state of the stack, with secrets, because one of them may name the object."""
    exported = [*command, "stack", "export", "--show-secrets", *place]
    printed = ask_pulumi(exported, "the state of the stack cannot be read")
    try:
        found = json.loads(printed)["deployment"].get("resources") or []
    except (ValueError, KeyError, AttributeError, TypeError):
        raise Refused("The state of the stack cannot be read: Pulumi printed no state.") from None
    return [each for each in found if isinstance(each, Mapping)]


def _in_plain(stored: Mapping[str, Any]) -> tuple[dict[str, Any], Callable[[str], str]]:
    """The outputs of an entry, and a function that removes its secret outputs from a text."""
    from pulumi_gcp_tuning.resources.core.secrets import hiding

    outputs, secret = dict[str, Any](), list[str]()
    for key, value in stored.items():
        if key == "__provider":
            continue
        is_secret = isinstance(value, Mapping) and _SECRET in value
        outputs[key] = json.loads(value["plaintext"]) if is_secret else value
        secret += [key] if is_secret else []
    return outputs, hiding({**outputs, "secretInputs": secret})


def _entry_of(resources: list[Mapping[str, Any]], urn: str) -> Mapping[str, Any]:
    """The current entry of a URN, never one with a pending delete."""
    ours = [each for each in resources if _OURS in str(each.get("type")) and not each.get("delete")]
    for each in ours:
        if each.get("urn") == urn and each.get("id") and isinstance(each.get("outputs"), Mapping):
            return each
    known = "\n".join(f"  {each.get('urn')}" for each in ours[:4]) or "  none of this package"
    raise Refused(f"The state of the stack has no entry {urn}. It has:\n{known}")


def _frame_of(entry: Mapping[str, Any]) -> Frame:
    from pulumi_gcp_tuning.resources.registry import registered

    name = str(entry["type"]).rpartition(":")[2]
    found = next((frame for frame in registered() if frame.name == name), None)
    if found is None:
        raise Refused(f"This release does not have the resource {name}.")
    return found


def _call_for(urn: str) -> Call:
    from pulumi_gcp_tuning.clock import SystemClock
    from pulumi_gcp_tuning.resources.core.lifecycle import Call

    settings = settings_of(None, None)
    return Call(urn=urn, settings=settings, google=google_of(settings), clock=SystemClock())
