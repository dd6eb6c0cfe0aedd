"""``gcp-tuning plot``: the loss and accuracy of jobs, in one picture or on the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from pulumi_gcp_tuning.cli.connection import A_JOB
from pulumi_gcp_tuning.cli.curves import show_metrics


def plot(
    jobs: Annotated[list[str], typer.Argument(metavar="JOB...", help=A_JOB)],
    *,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The picture: a path that ends in .svg or .png.")
    ] = None,
) -> None:
    """Draw the loss and accuracy of jobs: several jobs in one picture, or one table each on the terminal.

    The loss has a logarithmic scale, because it often falls by several powers of ten. A picture needs matplotlib:
    pip install 'pulumi-gcp-tuning[plot]'.
    """
    from pulumi_gcp_tuning.commands.plotting import check_picture, draw_metrics

    if output is not None:
        check_picture(output)
    read = read_jobs(jobs)
    if output is not None:
        draw_metrics(read, output)
        typer.echo(str(output))
        return
    for number, (title, steps) in enumerate(read.items()):
        if len(read) > 1:
            typer.echo(f"{chr(10) if number else ''}{title}")
        show_metrics(steps, beside=read.values())


def read_jobs(names: Sequence[str]) -> Mapping[str, Sequence[Mapping[str, Any]]]:
    """The steps of each job, by a title that no other job has: the display name, or that with the id.

    Raises Refused for a job without metrics.
    """
    from pulumi_gcp_tuning.cli.tables import printable
    from pulumi_gcp_tuning.commands.connection import connect
    from pulumi_gcp_tuning.commands.jobs import read_job

    connection = connect()
    read = [read_job(connection, name) for name in dict.fromkeys(names)]
    ids = [job.name.rpartition("/")[2] for job in read]
    shown = [printable(job.found().display_name or "") for job in read]
    titles = [
        title if title and shown.count(title) == 1 else f"{title} ({own})".strip()
        for title, own in zip(shown, ids, strict=True)
    ]
    return {title: job.read_steps() for title, job in zip(titles, read, strict=True)}
