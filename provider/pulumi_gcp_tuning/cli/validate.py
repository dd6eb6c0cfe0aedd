"""``gcp-tuning validate``: check a dataset in a terminal or in CI."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from pulumi_gcp_tuning.catalog import shipped
from pulumi_gcp_tuning.config import Settings
from pulumi_gcp_tuning.errors import ApiError, NotFound, Refused, TuningError
from pulumi_gcp_tuning.grammar import counted
from pulumi_gcp_tuning.names import GcsUri
from pulumi_gcp_tuning.redaction import redact

if TYPE_CHECKING:
    from pulumi_gcp_tuning.catalog import ModelRow
    from pulumi_gcp_tuning.datasets import FileReport, Report, Source

CLEAN: Final = 0
FOUND: Final = 1
UNUSABLE: Final = 2
_BIG: Final = 8 << 20


class FormatName(StrEnum):
    """The values of ``--format``."""

    AUTO = "auto"
    GEMINI_CONTENTS = "gemini-contents"
    GEMINI_MESSAGES = "gemini-messages"
    CODE_PAIRS = "code-pairs"
    CHAT_MESSAGES = "chat-messages"
    GEMINI_API_PAIRS = "gemini-api-pairs"
    PROMPT_COMPLETION = "prompt-completion"
    MESSAGES = "messages"
    GENERATE_CONTENT = "generate-content"
    PREFERENCE_PAIRS = "preference-pairs"
    MESSAGES_MULTIMODAL = "messages-multimodal"
    GENERATE_CONTENT_MULTIMODAL = "generate-content-multimodal"


def validate(
    file: Annotated[str, typer.Argument(help="A JSONL file, or gs://BUCKET/OBJECT.")],
    *,
    format: Annotated[  # noqa: A002
        FormatName,
        typer.Option(metavar="FORMAT", help=f"The format of the rows: {', '.join(FormatName)}."),
    ] = FormatName.AUTO,
    validation: Annotated[str | None, typer.Option(help="The validation file of this training file.")] = None,
    model: Annotated[str | None, typer.Option(help="The base model, for its limits and its price.")] = None,
    epochs: Annotated[int, typer.Option(min=1, help="Epochs for the estimated cost.")] = 1,
    tokens: Annotated[int | None, typer.Option(min=0, help="Tokens of the training file, if you counted them.")] = None,
    count_tokens: Annotated[
        bool, typer.Option("--count-tokens", help="Let Google count the tokens; needs --model, --project, --location.")
    ] = False,
    project: Annotated[str | None, typer.Option(help="The project for --count-tokens.")] = None,
    location: Annotated[str | None, typer.Option(help="The location for --count-tokens.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON: counts, no content.")] = False,
    show_rows: Annotated[
        bool, typer.Option("--show-rows", help="Show the rows with findings, on this terminal.")
    ] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit 1 for warnings too.")] = False,
) -> None:
    """Validate a dataset before you pay for a training job.

    Exits 0 without errors, 1 with errors, 2 if a file cannot be read.
    """
    from pulumi_gcp_tuning.datasets import validate as judge

    try:
        today = _today()
        row = _model(model)
        target = _counting_model(row, project, location, tokens) if count_tokens else None
        sources = [source_of(each) for each in (file, validation) if each is not None]
        with _progress(sources) as on_bytes:
            report = judge(
                *sources,
                format=format.value,
                model=row,
                exact_tokens=tokens,
                show_rows=show_rows and not as_json,
                on_bytes=on_bytes,
                for_use_on=today,
            )
        if target is not None:
            report = _counted_by_google(report, source_of(file), target)
    except TuningError as error:
        typer.echo(f"gcp-tuning: {redact(str(error))}", err=True)
        raise typer.Exit(UNUSABLE) from None
    if as_json:
        typer.echo(as_document(report, row, epochs))
    else:
        show(report, row, epochs, show_rows=show_rows)
    refused = report.errors or (strict and report.warnings)
    raise typer.Exit(UNUSABLE if "unreadable" in report.counts else FOUND if refused else CLEAN)


def _counting_model(model: ModelRow | None, project: str | None, location: str | None, tokens: int | None) -> str:
    from pulumi_gcp_tuning.resources.facts.token_counts import target_of

    given = {"--model": model, "--project": project, "--location": location}
    missing = [name for name, value in given.items() if value is None]
    if missing:
        raise Refused(
            f"--count-tokens also needs {', '.join(missing)}: a model counts the tokens, in a project and "
            "location that you choose."
        )
    if tokens is not None:
        raise Refused("--tokens and --count-tokens exclude each other: use one of them.")
    assert model is not None  # noqa: S101
    if model.product != "GEMINI":
        raise Refused(f"{model.id} does not count tokens; use a Gemini model.")
    return target_of(str(project), str(location), model.id)


def _counted_by_google(report: Report, source: Source, target: str) -> Report:
    """The report with Google's number of tokens; no row of a file with errors is sent."""
    from pulumi_gcp_tuning.datasets.contents import COUNTABLE, read_words
    from pulumi_gcp_tuning.datasets.report import Tokens
    from pulumi_gcp_tuning.google import Google
    from pulumi_gcp_tuning.resources.facts.token_counts import MOST_CHARACTERS

    file = report.training
    if report.errors or file.format != COUNTABLE:
        why = "it has errors" if report.errors else f"only rows of {COUNTABLE} are"
        typer.echo(f"gcp-tuning: the tokens of {file.file} were not counted: {why}", err=True)
        return report
    vertex = Google(Settings.resolve({}, os.environ)).vertex_of(target)
    with source.open() as opened:
        count = sum(vertex.count_tokens(target, words.contents) for words in read_words(opened, MOST_CHARACTERS))
    tokens = Tokens(count=count, source="text")
    return report.model_copy(update={"training": file.model_copy(update={"tokens": tokens})})


def source_of(name: str) -> Source:
    """The file that a path or a gs:// URI names. Raises Refused for any other text."""
    from pulumi_gcp_tuning.datasets import Source

    if not name.startswith("gs://"):
        return Source.of_path(Path(name).expanduser(), name)
    uri = GcsUri.parse_object(name)
    from pulumi_gcp_tuning.google import Google

    storage = Google(Settings.resolve({}, os.environ)).storage
    try:
        opened = storage.open_object(uri.bucket, uri.object)
    except NotFound as error:
        raise Refused(f"The object {name} does not exist, or its bucket does not.") from error
    except ApiError as error:
        raise Refused(f"{name} cannot be read: {error}") from error
    return Source(name, lambda: opened, opened.size)


def _today() -> date:
    """The day of GCP_TUNING_AS_OF, else today."""
    given = os.environ.get("GCP_TUNING_AS_OF", "")
    return Settings.resolve({}, {"GCP_TUNING_AS_OF": given}).as_of


def show(report: Report, model: ModelRow | None, epochs: int, *, show_rows: bool = False) -> None:
    """Prints the report for people: the file, its findings and the cost."""
    for each in (report.training, report.validation):
        if each is not None and each.sha256:  # an unreadable file has nothing else to report
            _show_file(each, show_rows=show_rows)
    for finding in report.findings:
        typer.echo(f"{finding.severity:<5} {finding}")
        if finding.row is not None:
            typer.echo(f"      {_printable(finding.row)}")
    rest = Counter(report.counts) - report.shown
    if rest:
        kinds = ", ".join(f"{kind} {count:,}" for kind, count in rest.items())
        typer.echo(f"and {rest.total():,} more: {kinds}")
    if report.training.examples > report.training.rows_with_errors:
        typer.echo(cost_of(report, model, epochs))
    typer.echo(_verdict(report))


def cost_of(report: Report, model: ModelRow | None, epochs: int) -> str:
    """One line: the number of tokens, the tokens that are not counted, and the price if the catalogue has one."""
    tokens = _tokens(report, model)
    without = _not_counted(report, model)
    total = f"Training reads {tokens.said} an epoch{without and f', not counting {without}'}"
    if model is None:
        return f"{total}. Name the model with --model for a price."
    if model.price is None:
        return f"{total}. The price of {model.id} is not known."
    rate = model.price.usd_per_million_training_tokens
    price = tokens.known * epochs / 1e6 * rate
    sure = ", not confirmed by Google" if model.price.evidence == "assumed" else ""
    per = "1 epoch" if epochs == 1 else f"{epochs} epochs"
    cost = f"${price:,.2f}" if price >= 0.01 or not price else "less than $0.01"
    cost = f"at least {cost}" if tokens.count < tokens.least and price >= 0.01 else cost
    return f"{total}; {per} on {model.id}: {cost} at ${rate:g} a million tokens as of {model.price.as_of}{sure}."


@dataclass(frozen=True)
class _Tokens:
    """The tokens of an epoch: their number, the range of an estimate, and how they are known; ``most`` None is no bound."""

    count: int
    least: int
    most: int | None
    said: str

    @property
    def known(self) -> int:
        """The number, or the lower end if files are only in that."""
        return max(self.count, self.least)


def _tokens(report: Report, model: ModelRow | None) -> _Tokens:
    from pulumi_gcp_tuning.datasets.tokens import count_files

    tokens = report.training.tokens
    if tokens.source == "exact":
        return _Tokens(tokens.count, tokens.count, tokens.count, f"{tokens.count:,} tokens (as counted)")
    files = count_files(report.training, model)
    count = tokens.count + files.images
    images = f", with {files.included}" if files.included else ""
    if tokens.source == "text":
        least, most = tokens.count + files.least, None if files.most is None else tokens.count + files.most
        shown = f"at least {least:,}" if count < least else f"{count:,}"
        return _Tokens(count, least, most, f"{shown} tokens (counted by Google{images})")
    twice = ", those of questions twice" if report.training.format == "preference-pairs" else ""
    least = (tokens.least or 0) + files.least
    most = None if files.most is None else (tokens.most or tokens.count) + files.most
    range_ = f"{least:,} or more" if most is None else f"{least:,} to {most:,}"
    # files of which only the least is known
    about = f"at least {least:,}" if count < least else f"about {count:,}"
    return _Tokens(count, least, most, f"{about} tokens ({range_}, estimated from the text{twice}{images})")


def _not_counted(report: Report, model: ModelRow | None) -> str:
    """The parts of the rows that the number of tokens leaves out, unless the user gave the number."""
    from pulumi_gcp_tuning.datasets.tokens import count_files

    file = report.training
    if file.tokens.source == "exact":
        return ""
    broken = f"{counted(file.rows_with_errors, 'row')} with errors" if file.rows_with_errors else ""
    return ", ".join(each for each in (count_files(file, model).left_out, broken) if each)


def as_document(report: Report, model: ModelRow | None, epochs: int) -> str:
    """The report as JSON, with the cost if a model was named; ``usd`` is null if its price is not known, an end without a bound too."""
    if model is None:
        return report.to_json()
    price = model.price
    rate = price.usd_per_million_training_tokens if price else None
    file = report.training
    tokens = _tokens(report, model)
    read = file.images if model.media is not None else 0
    cost = {
        "model": model.id,
        "files_not_counted": 0 if file.tokens.source == "exact" else file.files - read,
        "tokens": tokens.known,
        "tokens_at_least": tokens.least,
        "tokens_at_most": tokens.most,
        "epochs": epochs,
        "usd": _usd(tokens.known, epochs, rate),
        "usd_at_least": _usd(tokens.least, epochs, rate),
        "usd_at_most": _usd(tokens.most, epochs, rate),
        "usd_per_million_training_tokens": rate,
        "as_of": str(price.as_of) if price else None,
        "evidence": price.evidence if price else None,
    }
    return json.dumps({**json.loads(report.to_json()), "cost": cost}, indent=2, ensure_ascii=False)


def _usd(tokens: int | None, epochs: int, rate: float | None) -> float | None:
    return None if rate is None or tokens is None else round(tokens * epochs / 1e6 * rate, 6)


def _show_file(file: FileReport, *, show_rows: bool) -> None:
    form = file.format or "unknown format"
    evidence = f" ({file.evidence})" if file.evidence else ""
    examples, size = counted(file.examples, "example"), counted(file.bytes, "byte")
    typer.echo(f"{file.file}: {file.role}, {examples}, {size}, {form}{evidence}")
    if file.blank_lines:
        typer.echo(f"  {counted(file.blank_lines, 'blank line')}, not counted as examples")
    if file.answer_counts:
        total = sum(file.answer_counts)
        names = (
            [f"{_printable(name)} " for name, _ in file.labels or ()] if show_rows else [""] * len(file.answer_counts)
        )
        each = zip(names, file.answer_counts[:10], strict=False)
        shares = ", ".join(f"{name}{round(100 * count / total)} %" for name, count in each)
        typer.echo(f"  {len(file.answer_counts)} different answers, probably labels: {shares}")


def _printable(text: str) -> str:
    """The text of a row without control characters."""
    return "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in text)


def _verdict(report: Report) -> str:
    errors, warnings = report.errors, report.warnings
    return f"{counted(errors, 'error')}, {counted(warnings, 'warning')}."


def _model(name: str | None) -> ModelRow | None:
    if name is None:
        return None
    row = shipped().find_model(name)
    if row is None:
        near = shipped().nearest_model(name)
        hint = f" Did you mean {near}?" if near else " `gcp-tuning catalog models` lists the known models."
        raise Refused(f"The model {name!r} is not known.{hint}")
    return row


@contextmanager
def _progress(sources: list[Source]) -> Iterator[Callable[[int], None] | None]:
    """A progress bar on stderr for large files."""
    total = sum(each.size or 0 for each in sources)
    if total < _BIG:
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    if not console.is_terminal:
        yield None
        return

    columns = (TextColumn("reading"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("reading", total=total)
        yield lambda count: progress.update(task, advance=count)
