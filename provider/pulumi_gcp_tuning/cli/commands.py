"""``gcp-tuning``: the commands, one file each, and the entry point."""

from __future__ import annotations

import os
import sys
from importlib.metadata import version as version_of
from typing import Any, cast

import typer

from pulumi_gcp_tuning.cli import adopt, ask, catalog, check, metrics, sandbox, validate
from pulumi_gcp_tuning.cli.connection import DISTRIBUTION
from pulumi_gcp_tuning.errors import NotFound, TuningError
from pulumi_gcp_tuning.redaction import redact, summary_of
from pulumi_gcp_tuning.signing import remember_credentials

app = typer.Typer(
    help="Google model tuning from the command line, beside pulumi_gcp_tuning.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

app.add_typer(catalog.app, name="catalog")
app.command("check")(check.check)
app.command("validate")(validate.validate)
app.command("sandbox", context_settings=sandbox.CONTEXT)(sandbox.sandbox)
app.command("adopt")(adopt.adopt)
app.command("ask")(ask.ask)
app.command("metrics")(metrics.metrics)


@app.command()
def version() -> None:
    """Print the version."""
    typer.echo(version_of(DISTRIBUTION))


def run() -> None:
    """Run the command that was typed; errors are sentences, never tracebacks."""
    remember_credentials(os.environ)
    try:
        sys.exit(app(standalone_mode=False))
    except typer.TyperException as error:  # a wrong option or argument, as Typer tells it
        from typer.rich_utils import rich_format_error

        error.message = redact(error.message)
        rich_format_error(cast("Any", error))
        sys.exit(error.exit_code)
    except typer.Abort:
        sys.exit(1)
    except NotFound as error:
        _fail(f"{error}\nCheck the name, its location, and where GCP_TUNING_BASE_URL points.")
    except TuningError as error:
        _fail(str(error))
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)
    except Exception as error:  # noqa: BLE001
        _fail(f"internal error ({summary_of(error)}); this is a bug.")


def _fail(message: str) -> None:
    typer.echo(f"gcp-tuning: {redact(message)}", err=True)
    sys.exit(1)
