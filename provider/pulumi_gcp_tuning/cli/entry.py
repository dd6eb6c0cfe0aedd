"""``gcp-tuning``: the commands, one file each, and the entry point."""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import Sequence
from importlib.metadata import version as version_of
from typing import Annotated, Any, Final, cast

import typer

from pulumi_gcp_tuning.cli import (
    adopt,
    ask,
    audit,
    catalog,
    check,
    claim,
    doctor,
    jobs,
    metrics,
    models,
    plot,
    policy_pack,
    review,
    sandbox,
    validate,
    watch,
)
from pulumi_gcp_tuning.cli.connection import DISTRIBUTION
from pulumi_gcp_tuning.cli.review_comment import replace_after_usage_error
from pulumi_gcp_tuning.errors import NotFound, Refused, TuningError
from pulumi_gcp_tuning.redaction import holds_credential, redact, summary_of
from pulumi_gcp_tuning.signing import remember_credentials

_HIDDEN: Final = "An argument looks like a private key or a token, so it is not shown."

app = typer.Typer(
    help="Google model tuning from the command line, for use with pulumi_gcp_tuning.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

app.add_typer(catalog.app, name="catalog")
app.add_typer(jobs.app, name="jobs")
app.add_typer(models.app, name="models")
app.command("check")(check.check)
app.command("review")(review.review)
app.command("audit")(audit.audit)
app.command("doctor")(doctor.doctor)
app.command("validate")(validate.validate)
app.command("sandbox", context_settings=sandbox.CONTEXT)(sandbox.sandbox)
app.command("adopt")(adopt.adopt)
app.command("claim")(claim.claim)
app.command("ask")(ask.ask)
app.command("metrics")(metrics.metrics)
app.command("plot")(plot.plot)
app.command("policy-pack")(policy_pack.policy_pack)
app.command("watch")(watch.watch)


@app.command()
def version() -> None:
    """Print the version."""
    typer.echo(version_of(DISTRIBUTION))


def _print_version(wanted: bool) -> None:  # noqa: FBT001  # Typer calls it
    if wanted:
        version()
        raise typer.Exit


@app.callback()
def options(
    *,
    version: Annotated[  # its callback does it
        bool, typer.Option("--version", is_eager=True, callback=_print_version, help="Print the version.")
    ] = False,
) -> None:
    """The options of the command itself."""


def _prepare_help() -> None:
    """Joins the lines of each paragraph, because Typer prints a docstring's line breaks and the terminal adds its own.

    Brackets are escaped: rich would read ``[plot]`` as a style and leave it out.
    """
    groups = (app, catalog.app, jobs.app, models.app)
    for each in (command for group in groups for command in group.registered_commands):
        paragraphs = (inspect.getdoc(each.callback) or "").split("\n\n")
        each.help = "\n\n".join(" ".join(paragraph.splitlines()) for paragraph in paragraphs).replace("[", r"\[")


_prepare_help()


def main() -> None:
    """The entry point: errors are sentences, never tracebacks."""
    remember_credentials(os.environ)
    try:
        _refuse_credentials(sys.argv[1:])
        sys.exit(app(standalone_mode=False))
    except typer.TyperException as error:  # a wrong option or argument, in Typer's words
        from typer.rich_utils import rich_format_error

        error.message = _HIDDEN if holds_credential(error.message) else error.message
        rich_format_error(cast("Any", error))
        replace_after_usage_error(sys.argv[1:], error.format_message())
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


def _refuse_credentials(arguments: Sequence[str]) -> None:
    """Refuses a key or token among the arguments before a message quotes it. A question and a command may contain anything."""
    read = arguments if arguments[:1] not in (["ask"], ["sandbox"]) else ()
    if any(holds_credential(each) for each in read if not each.startswith("gs://") and not os.path.exists(each)):  # noqa: PTH110
        replace_after_usage_error(arguments, _HIDDEN)
        raise Refused(f"{_HIDDEN} No command takes one: set GOOGLE_CREDENTIALS or GOOGLE_OAUTH_ACCESS_TOKEN to it.")


def _fail(message: str) -> None:
    typer.echo(f"gcp-tuning: {redact(message)}", err=True)
    sys.exit(1)
