"""``gcp-tuning``: the commands, one file each, and the entry point."""

from __future__ import annotations

import sys
from importlib.metadata import version as version_of

import typer

from pulumi_gcp_tuning.cli import adopt, ask, catalog, check, metrics, sandbox, validate
from pulumi_gcp_tuning.cli.connection import DISTRIBUTION
from pulumi_gcp_tuning.errors import NotFound, TuningError

app = typer.Typer(
    help="Google model tuning from the command line, beside pulumi_gcp_tuning.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

app.add_typer(catalog.app, name="catalog")
app.command("check")(check.check)
app.command("validate")(validate.validate)
app.command("sandbox")(sandbox.sandbox)
app.command("adopt")(adopt.adopt)
app.command("ask")(ask.ask)
app.command("metrics")(metrics.metrics)


@app.command()
def version() -> None:
    """Print the version."""
    typer.echo(version_of(DISTRIBUTION))


def main() -> None:
    """The entry point: errors are sentences, never tracebacks."""
    try:
        app()
    except NotFound as error:
        _fail(f"{error}\nCheck the name, its location, and where GCP_TUNING_BASE_URL points.")
    except TuningError as error:
        _fail(str(error))
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)


def _fail(message: str) -> None:
    typer.echo(f"gcp-tuning: {message}", err=True)
    sys.exit(1)
