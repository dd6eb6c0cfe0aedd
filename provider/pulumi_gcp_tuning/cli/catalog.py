"""``gcp-tuning catalog``: models, regions and quotas as of a date, as tables or as JSON."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Annotated, Any, Final

import typer

from pulumi_gcp_tuning.catalog import CLOSES_SOON, Catalogue, ModelRow, Row, override_from
from pulumi_gcp_tuning.cli.tables import print_notes, print_table
from pulumi_gcp_tuning.config import Settings
from pulumi_gcp_tuning.errors import Refused

_SHOWN: Final = ("OPEN", "DUE", "ACTIVE_ONLY")
_COSTS: Final = ("USD / 1M training tokens", "USD / 1M tokens in, out")
_ON_OTHER_DAYS: Final = "--all shows the models of other dates too."

app = typer.Typer(
    help="Show Google's models, regions and quotas as of a date.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

Region = Annotated[str | None, typer.Option("--region", help="Only models that are offered in this region.")]
AsOf = Annotated[str | None, typer.Option("--as-of", help="The date, YYYY-MM-DD; default: GCP_TUNING_AS_OF or today.")]
AsJson = Annotated[bool, typer.Option("--json", help="Complete rows, in the format of GCP_TUNING_CATALOG.")]


@app.command("models")
def show_models(
    *,
    region: Region = None,
    as_of: AsOf = None,
    every: Annotated[bool, typer.Option("--all", help="Also models that cannot be tuned on that date.")] = False,
    as_json: AsJson = False,
) -> None:
    """The base models that can be tuned on a date: methods, regions, last date, price."""
    known, day = _asked(region, as_of)
    there = [row for row in known.models.values() if region is None or region in _places(row)]
    rows = [row for row in there if every or (row.is_tunable and row.standing(day, region) in _SHOWN)]
    if as_json:
        _print_json("models", rows, day, lambda row: _on_the_day(row, region, day))
        return
    where = f" in {region}" if region else ""
    if not rows:
        others = _ON_OTHER_DAYS if there else _results(known, region, day)
        typer.echo(f"No model of the catalogue can be tuned{where} on {day}. {others}".rstrip())
        return
    lines = [
        (
            row.id,
            _methods(row, region) or "(not tuned)",
            _regions(row, region),
            _adapters(row),
            _key(row, region),
            _stages(row, region),
            _until(row, region, day),
            _price(row),
            _serving(row),
        )
        for row in rows
    ]
    heads = ("model", "methods", "regions", "adapters", "CMEK", "stage", "tuned until", *_COSTS)
    print_table(f"Models{where} as of {day}", heads, lines)
    marks = ["(?) assumed, not confirmed"] if any("(?)" in cell for line in lines for cell in line) else []
    marks += _meanings(rows, region, day)
    marks += [f"rows are of {_ages(rows)}", "--json shows everything with its source"]
    print_notes(marks)
    if more := _more(len(there) - len(rows)):
        print_notes([more.removesuffix(".")])


@app.command("regions")
def show_regions(*, region: Region = None, as_of: AsOf = None, as_json: AsJson = False) -> None:
    """The locations, the tuning methods that each offers, and the number of models that can be tuned there on a date."""
    known, day = _asked(region, as_of)
    rows = [row for row in known.regions.values() if region is None or row.id == region]
    if as_json:
        _print_json(
            "regions",
            rows,
            day,
            lambda row: {"products": _products(known, row.id), "models": _live(known, row.id, day)},
        )
        return
    lines = [
        (
            row.id,
            row.place or "-",
            row.host,
            ", ".join(_products(known, row.id)) or "-",
            str(len(_live(known, row.id, day))),
        )
        for row in rows
    ]
    print_table(f"Regions as of {day}", ("location", "place", "host", "tuning methods", "models"), lines)
    for accelerator in known.accelerators.values():
        key = f"CMEK in {', '.join(accelerator.cmek_locations)}" if accelerator.cmek else "no CMEK"
        print_notes([f"Pipelines with {accelerator.id}: {accelerator.machines} in {accelerator.compute_region}, {key}"])
    for product in known.products.values():
        if product.upload_regions:
            print_notes([f"{product.id} models are uploaded to one of: {', '.join(product.upload_regions)}"])


@app.command("quotas")
def show_quotas(*, region: Region = None, as_of: AsOf = None, as_json: AsJson = False) -> None:
    """The quotas of tuning and serving, by metric and display name."""
    known, day = _asked(region, as_of)
    fixed = {row.quota: row.compute_region for row in known.accelerators.values()}
    rows = [row for row in known.quotas.values() if region is None or fixed.get(row.id, region) == region]
    if as_json:
        _print_json("quotas", rows, day, None)
        return
    lines = [
        (
            row.display_name,
            _marked(row, "metric", (row.metric or "").partition("/")[2] or "not known"),
            fixed.get(row.id, row.scope),
            "not known" if row.default is None else _marked(row, "default", str(row.default)),
            _marked(row, "unit", row.unit),
            str(row.multiple_of),
            row.counts,
        )
        for row in rows
    ]
    heads = ("quota", "metric", "scope", "default", "unit", "in multiples of", "counts")
    print_table(f"Quotas as of {day}", heads, lines)
    marks = ["(?) assumed, not confirmed"] if any("(?)" in cell for line in lines for cell in line) else []
    print_notes([*marks, f"rows are of {_ages(rows)}", "--json shows each with its source"])


def _asked(region: str | None, as_of: str | None) -> tuple[Catalogue, date]:
    """The catalogue with the user's rows, and the day; an unknown region is refused."""
    env = dict(os.environ)
    if as_of is not None:
        try:
            date.fromisoformat(as_of)
        except ValueError:
            raise Refused(f"--as-of: {as_of!r} is not a date like 2026-11-21.") from None
        env["GCP_TUNING_AS_OF"] = as_of
    day = Settings.resolve({}, env).as_of
    known = Catalogue.load(override_from({}, env))
    if region is not None and region not in known.regions:
        near = known.nearest_region(region)
        hint = f"Did you mean {near}?" if near else "gcp-tuning catalog regions lists them."
        raise Refused(f"The region {region!r} does not exist. {hint}")
    return known, day


def _places(row: ModelRow) -> set[str]:
    return {place for method in row.methods for place in row.regions_for(method)}


def _live(known: Catalogue, region: str, day: date) -> list[str]:
    return [
        row.id for row in known.models.values() if row.is_tunable and row.tunable_at(day) and region in _places(row)
    ]


def _products(known: Catalogue, region: str) -> list[str]:
    return [row.id for row in known.products.values() if region in row.regions]


def _results(known: Catalogue, region: str | None, day: date) -> str:
    """Where the jobs run whose results are in a location that runs no jobs itself."""
    live = [row for row in known.models.values() if row.tunable_at(day)]
    made = {place for row in live for place in row.regions if row.result_location(place) == region}
    return f"Results of jobs in {', '.join(sorted(made))} appear there." if made else ""


def _methods(row: ModelRow, region: str | None) -> str:
    """The methods, or those that the region offers; a method with fewer regions than its model names them."""
    if region is not None:
        return ", ".join(method for method in row.methods if region in row.regions_for(method))
    some = {method: f" ({', '.join(places)} only)" for method, places in row.method_regions.items()}
    return ", ".join(method + some.get(method, "") for method in row.methods)


def _regions(row: ModelRow, region: str | None) -> str:
    if region is not None:
        result = row.result_location(region)
        there = _marked(row, f"regions.{region}", region)
        return there if result == region else f"{there}, result in {result}"
    if len(row.regions) <= 2:
        names = [
            f"{place} (result in {row.result_location(place)})" if row.result_locations else place
            for place in row.regions
        ]
        return _marked(row, "regions", ", ".join(names)) if names else "-"
    return f"{row.regions[0]} and {len(row.regions) - 1} more"


def _key(row: ModelRow, region: str | None) -> str:
    if not row.cmek:
        return _marked(row, "cmek", "no")
    if region == "global":
        return "no"  # true for every model
    if region is not None:
        return _marked(row, "cmek", "yes" if row.takes_key_in(region) else "no")
    some = f"in {len(row.cmek_regions)} regions" if row.cmek_regions is not None else "yes"
    return _marked(
        row, "cmek", f"in {row.cmek_regions[0]}" if row.cmek_regions and len(row.cmek_regions) == 1 else some
    )


def _on_the_day(row: ModelRow, region: str | None, day: date) -> Mapping[str, Any]:
    return {"tunable": row.is_tunable and row.tunable_at(day), "standing": row.standing(day, region)}


def _until(row: ModelRow, region: str | None, day: date) -> str:
    standing, retired = row.standing(day, region), row.retired_on(region)
    if standing == "NOT_YET":
        return f"from {row.launched} on"
    last = row.last_tuning or retired
    if last is None:
        return "no end date is known"
    later = " or later" if row.open_ended else ""
    note = {"DUE": " (passed)", "ACTIVE_ONLY": " (by every project)", "OPEN": ""}.get(standing, " (over)")
    if standing == "OPEN" and last - day <= CLOSES_SOON:
        note = " (soon)"
    until = _marked(row, "last_tuning" if row.last_tuning else "retired", f"{last}{later}{note}")
    if not (row.last_tuning and retired):
        return until
    fact = "retired" if retired == row.retired else "retired_in"
    elsewhere = "" if region else "".join(f", {_other_days(row, each)}" for each in sorted({*row.retired_in.values()}))
    return f"{until}, retires {_marked(row, fact, f'{retired}{later}')}{elsewhere}"


def _other_days(row: ModelRow, day: date) -> str:
    """The regions in which the model retires on that other day."""
    places = [place for place, other in row.retired_in.items() if other == day]
    return _marked(row, "retired_in", f"{day} in {', '.join(places)}")


def _stages(row: ModelRow, region: str | None) -> str:
    """The model's stage, and the tuning's where Google names one for a method."""
    there = {way: stage for way, stage in row.tuning_stages.items() if region is None or region in row.regions_for(way)}
    tuning = "".join(f", {way} tuning {stage}" for way, stage in there.items())
    return f"{row.stage}{tuning}"


def _serving(row: ModelRow) -> str:
    """What a tuned model's answers cost."""
    cost = row.serving
    if cost is None:
        return "-"
    read, write = cost.usd_per_million_input_tokens, cost.usd_per_million_output_tokens
    if read is None or write is None:
        return f"{cost.tuned_factor:g} x the base model's"
    mark = " (?)" if cost.evidence == "assumed" else ""
    return ", ".join(_usd(usd * cost.tuned_factor) for usd in (read, write)) + mark


def _usd(usd: float) -> str:
    return f"{usd:.2f}" if round(usd, 2) == round(usd, 6) else f"{usd:.3f}"


def _meanings(rows: Sequence[ModelRow], region: str | None, day: date) -> list[str]:
    """What each date of these rows means."""
    standings = {row.standing(day, region) for row in rows}
    said = ["tuned until: the last day on which a new job is taken"]
    said += ["retires: tuned models and their base answer nobody from that day on"]
    if any(row.open_ended for row in rows):
        said += ["or later: Google may still move the day back; a day that has passed only warns"]
    closed = [row for row in rows if row.standing(day, region) == "ACTIVE_ONLY" and row.public_retirement]
    if closed and closed[0].public_retirement:
        public = closed[0].public_retirement
        since = f"since {public.day} only projects that called the model since {public.used_since} may use it"
        said += [f"by every project: {since}, and whether they may still tune it is not known"]
    if "DUE" in standings:
        said += ["passed: the open-ended day has passed, so the model may have closed"]
    if any(row.serving for row in rows):
        said += ["tokens in, out: what answers of the tuned model cost; they count towards its base model's quota"]
    return said


def _adapters(row: ModelRow) -> str:
    sizes = ", ".join(
        f"{size} (default)" if size == row.default_adapter_size else str(size) for size in row.adapter_sizes
    )
    return _marked(row, "adapter_sizes", sizes) if sizes else "-"


def _price(row: ModelRow) -> str:
    if row.price is None:
        return "unknown" if row.is_tunable else "-"
    mark = " (?)" if row.price.evidence == "assumed" else ""
    return f"{row.price.usd_per_million_training_tokens:.2f}{mark}"


def _marked(row: Row, field: str, text: str) -> str:
    return text if row.sure_of(field) else f"{text} (?)"


def _ages(rows: Sequence[Row]) -> str:
    days = sorted({str(row.as_of) for row in rows})
    return days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}"


def _more(count: int) -> str:
    return f"the catalogue has {count} more; {_ON_OTHER_DAYS}" if count else ""


def _print_json(table: str, rows: Sequence[Row], day: date, applied: Callable[[Any], Mapping[str, Any]] | None) -> None:
    """Rows in the format of the override; values that depend on the date are separate, by id."""
    shown: dict[str, Any] = {"as_of": str(day), table: [row.model_dump(mode="json") for row in rows]}
    if applied is not None:
        shown["applied"] = {row.id: applied(row) for row in rows}
    typer.echo(json.dumps(shown, indent=1, ensure_ascii=False))
