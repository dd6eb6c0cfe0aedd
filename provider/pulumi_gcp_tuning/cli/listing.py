"""What the commands that list or show things at Google share: options, the stack, and lines of facts and problems."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from pulumi_gcp_tuning.cli.pulumi_cli import VARIABLE as PULUMI
from pulumi_gcp_tuning.cli.pulumi_cli import find_pulumi
from pulumi_gcp_tuning.errors import Refused
from pulumi_gcp_tuning.grammar import counted
from pulumi_gcp_tuning.redaction import redact

if TYPE_CHECKING:
    from pulumi_gcp_tuning.audit.state import StackState
    from pulumi_gcp_tuning.commands.connection import Connection

UNREAD: Final = 2
Project = Annotated[
    str | None, typer.Option(help="The project; default: that of the environment, else that of Pulumi's current stack.")
]
Region = Annotated[
    str | None,
    typer.Option(help="The region; default: as for the project, else all regions that the catalogue has for tuning."),
]
AllRegions = Annotated[bool, typer.Option("--all-regions", help="All regions, whatever the environment says.")]
Stack = Annotated[str | None, typer.Option(help="A stack, so that the owners of its objects have names.")]
Cwd = Annotated[Path | None, typer.Option(help="The folder of the program, or a folder inside it; for --stack.")]
Cli = Annotated[
    str, typer.Option(envvar=PULUMI, show_envvar=False, help=f"The Pulumi CLI, for --stack; {PULUMI} sets it too.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, and nothing else on stdout.")]


def regions_of(given: str | None, known: str | None, *, all_regions: bool) -> Sequence[str]:
    """The regions to list; none means all. Raises Refused for a region together with ``--all-regions``."""
    if all_regions and given:
        raise Refused("--region and --all-regions exclude each other. Remove one of them.")
    return () if all_regions or not known else (known,)


def places_in_words(places: Sequence[str], word: str) -> str:
    """The one place by its name, or how many there are; the Gemini API has no region and is named."""
    named = [each for each in places if "/" not in each]
    regions = [each for each in places if "/" in each]
    counts = [regions[0] if len(regions) == 1 else counted(len(regions), word)] if regions else []
    return " and ".join([*counts, *named])


def connection_and_states(
    project: str | None, region: str | None, stack: str | None, cwd: Path | None, pulumi: str
) -> tuple[Connection, list[StackState]]:
    """The connection, and the state of the stack. With a stack its plain configuration counts before the environment."""
    from pulumi_gcp_tuning.commands.connection import connect, connect_with

    if stack is None:
        return connect(project, region), []
    from pulumi_gcp_tuning.cli.stack_state import read_stack_and_settings

    state, settings = read_stack_and_settings(stack, cwd, pulumi, {"gcp:project": project, "gcp:region": region})
    return connect_with(settings), [state]


def connection_of_list(
    project: str | None, region: str | None, stack: str | None, cwd: Path | None, pulumi: str
) -> tuple[Connection, list[StackState]]:
    """The same for a list, which needs a project: if neither options nor environment have one, the current stack has it."""
    connection, states = connection_and_states(project, region, stack, cwd, pulumi)
    if connection.settings.project or stack is not None:
        return connection, states
    from pulumi_gcp_tuning.cli.sandbox_folder import find_project
    from pulumi_gcp_tuning.cli.stack_state import ask_pulumi

    if find_project(cwd or Path.cwd()) is None:
        return connection, states
    place = ["--cwd", str(cwd)] if cwd else []
    current = ask_pulumi(
        [find_pulumi(pulumi), "stack", "--show-name", *place], "there is no project, and no current stack"
    )
    return connection_and_states(project, region, current, cwd, pulumi)


def owner_in_words(owner: str | None) -> str | None:
    """The owner; of a stack whose state was not read, how to see more than its hash."""
    return f"{owner} (--stack STACK names it)" if owner is not None and owner.startswith("stack ") else owner


def print_facts(facts: Iterator[tuple[str, str | None]]) -> None:
    """Prints lines of a name and a value; a value that is not known is left out."""
    from pulumi_gcp_tuning.cli.tables import printable

    known = [(name, value) for name, value in facts if value]
    width = max(len(name) for name, _ in known)
    for name, value in known:
        typer.echo(f"{name:<{width}}  {printable(value)}")


def print_shortened(shortened: Sequence[str], limit: int) -> None:
    """Prints a line for each list of which only the first ``limit`` items were read."""
    for each in shortened:
        typer.echo(f"Only {limit:,} of the {each} were read; --limit reads more.")


def finish(problems: Sequence[str]) -> None:
    """Prints what could not be listed on stderr, and exits 2 then."""
    for problem in problems:
        typer.echo(f"gcp-tuning: {redact(problem)}", err=True)
    if problems:
        raise typer.Exit(UNREAD)
