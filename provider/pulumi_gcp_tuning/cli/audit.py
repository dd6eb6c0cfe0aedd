"""``gcp-tuning audit``: the objects of a stack at Google that are not in its state, and the kept ones with the reason."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from pulumi_gcp_tuning.cli.connection import google_of, settings_of
from pulumi_gcp_tuning.cli.other_stacks import Backend
from pulumi_gcp_tuning.cli.pulumi_cli import Cli, find_pulumi
from pulumi_gcp_tuning.errors import NotFound, Refused, TuningError
from pulumi_gcp_tuning.grammar import counted
from pulumi_gcp_tuning.redaction import redact

if TYPE_CHECKING:
    from pulumi_gcp_tuning.audit.items import Audit, Item
    from pulumi_gcp_tuning.audit.state import StackState
    from pulumi_gcp_tuning.config import Settings
    from pulumi_gcp_tuning.google import Google

CLEAN: Final = 0
FAILED: Final = 1
UNUSABLE: Final = 2
ORPHANED: Final = 3


class FailOn(StrEnum):
    """The values of ``--fail-on``."""

    ORPHANS = "orphans"
    UNKNOWN = "unknown"


def audit(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="NAME", help="With --delete: the names of the objects to delete.")
    ] = None,
    *,
    stack: Annotated[str | None, typer.Option(help="The stack; Pulumi's current one if no project is given.")] = None,
    project: Annotated[str | None, typer.Option(help="The Google project to list without a stack.")] = None,
    region: Annotated[str | None, typer.Option(help="The region of the jobs, for --project.")] = None,
    bucket: Annotated[
        list[str] | None, typer.Option(help="A bucket with datasets, in addition to those in the state.")
    ] = None,
    cwd: Annotated[Path | None, typer.Option(help="The folder of the program, or a folder inside it.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, and nothing else on stdout.")] = False,
    delete: Annotated[bool, typer.Option("--delete", help="Delete NAME...; on a terminal, asks before each.")] = False,
    fail_on: Annotated[
        FailOn | None, typer.Option(help="Exit 3 if there are orphans; with unknown, also if a stack is unknown.")
    ] = None,
    pulumi: Cli = "pulumi",
) -> None:
    """List a stack's objects at Google that are not in its state, and the kept ones with the reason, age and cost.

    Exits 1 if a delete failed, 2 if something could not be read, 3 with --fail-on if there is what it names, else 0.
    """
    if names and not delete:
        raise Refused("NAME needs --delete. Without --delete, everything is listed.")
    if delete and not names and not _is_terminal():
        raise Refused(
            "Nothing was deleted: without a terminal, --delete needs names: gcp-tuning audit --delete NAME..."
        )
    try:
        states, settings = _read(project if stack is None else None, project, region, stack=stack, cwd=cwd, cli=pulumi)
        google = google_of(settings)
        found = look(google, settings, states, bucket or ())
        if states:
            found = Backend([find_pulumi(pulumi)], cwd).name_others(found, settings, _note)
    except TuningError as error:
        typer.echo(f"gcp-tuning: {redact(str(error))}", err=True)
        raise typer.Exit(UNUSABLE) from None
    _finish(found, google, settings, names or (), delete=delete, as_json=as_json, fail_on=fail_on)


def _finish(
    found: Audit,
    google: Google,
    settings: Settings,
    names: Sequence[str],
    *,
    delete: bool,
    as_json: bool,
    fail_on: FailOn | None,
) -> None:
    from pulumi_gcp_tuning.cli.audit_report import as_document, show

    chosen = _chosen(found, names) if delete else []
    if not as_json:
        show(found, google.now())
    deleted, failed = _delete(google, settings, chosen)
    left = replace(found, items=tuple(each for each in found.items if each.name not in deleted))
    if as_json:
        typer.echo(as_document(left, google.now(), deleted))
    for problem in found.problems:
        typer.echo(f"gcp-tuning: {redact(problem)}", err=True)
    if failed:
        raise typer.Exit(FAILED)
    if found.problems:
        raise typer.Exit(UNUSABLE)
    fails = [*(left.orphans if fail_on else []), *(left.unknown if fail_on is FailOn.UNKNOWN else [])]
    raise typer.Exit(ORPHANED if fails else CLEAN)


def _note(line: str) -> None:
    typer.echo(f"gcp-tuning: {redact(line)}", err=True)


def _read(
    only: str | None, project: str | None, region: str | None, *, stack: str | None, cwd: Path | None, cli: str
) -> tuple[list[StackState], Settings]:
    """The states to compare with, and the settings. Without a stack (``only`` is a project) there are no states."""
    from pulumi_gcp_tuning.cli.stack_state import read_stack_and_settings

    if only is not None:
        settings = settings_of(project, region)
        if settings.location is None:
            raise Refused("--project needs --region: jobs are listed in one region.")
        return [], settings
    given = {"gcp:project": project, "gcp:region": region}
    state, settings = read_stack_and_settings(stack, cwd, cli, given)
    return [state], settings


def look(google: Google, settings: Settings, states: Sequence[StackState], buckets: Sequence[str] = ()) -> Audit:
    """Compares the objects in the places of the states and the settings with the states. Raises Refused without a place."""
    from pulumi_gcp_tuning.audit.findings import audit_of
    from pulumi_gcp_tuning.audit.listing import list_things, list_tuned_models
    from pulumi_gcp_tuning.resources.core.catalogue import catalogue_of
    from pulumi_gcp_tuning.resources.tuning_dataset import PREFIX

    places = [place for state in states for place in state.places]
    if settings.project and settings.location and not any(location == settings.location for _, location in places):
        places.append((settings.project, settings.location))
    has_tuned = any(entry.kind == "GeminiApiTunedModel" for state in states for entry in state.entries)
    if not places and not has_tuned:
        raise Refused("The state names no project and region to list. Set --project and --region.")
    folders = [folder for state in states for folder in state.folders] + [(each, PREFIX) for each in buckets]
    catalogue = catalogue_of(settings)
    with _waiting() as say:
        listed = list_things(google, catalogue, places, folders, say=say)
        if has_tuned or settings.has_gemini_api:
            list_tuned_models(listed, google, insist=has_tuned)
        return audit_of(states, listed, catalogue)


def _chosen(found: Audit, names: Sequence[str]) -> list[Item]:
    """The items to delete. Raises Refused, before anything is deleted, for a name that is not listed or cannot be deleted."""
    if not names:
        return [item for item in found.orphans if item.blocked is None]
    chosen: list[Item] = []
    for name in names:
        called = [item for item in found.items if item.is_called(name)]
        if not called:
            known = any(state.knows(name) for state in found.stacks)
            why = (
                "it is in a state, so `pulumi destroy` or `pulumi up` deletes it"
                if known
                else "the audit does not list it"
            )
            raise Refused(f"{name} is not deleted: {why}. Nothing was deleted.")
        bars = [f"{item.name} is not deleted: {item.blocked}. Nothing was deleted." for item in called if item.blocked]
        if bars:
            raise Refused(bars[0])
        chosen += [item for item in called if item not in chosen]
    return chosen


def _delete(google: Google, settings: Settings, chosen: Sequence[Item]) -> tuple[list[str], bool]:
    """The names of the deleted items, and whether anything failed. On a terminal, asks before each."""
    from pulumi_gcp_tuning.audit.removal import remove_item
    from pulumi_gcp_tuning.resources.core.lifecycle import Call

    call = Call(urn="", settings=settings, google=google, clock=google.clock, report=_note, warn=_note, tell=_note)
    deleted, failed = list[str](), False
    for item in chosen:
        count = len(item.endpoints)
        extra = f" with {counted(count, 'endpoint')}" if count else ""
        if _is_terminal() and not typer.confirm(f"Delete the {item.what} {item.name}{extra}?", err=True):
            continue
        try:
            remove_item(call, item)
        except NotFound:
            _note(f"{item.name} was already deleted")
        except TuningError as error:
            _note(str(error))
            failed = True
            continue
        deleted.append(item.name)
        _note(f"deleted {item.name}")
    return deleted, failed


def _is_terminal() -> bool:
    return sys.stdin.isatty()


@contextmanager
def _waiting() -> Iterator[Callable[[str], None]]:
    """Progress on stderr, if it is a terminal."""
    from rich.console import Console

    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _line: None
        return
    with console.status("Listing resources at Google") as status:
        yield status.update
