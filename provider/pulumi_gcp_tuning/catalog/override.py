"""A user's rows that change the shipped ones: a file or an object of the same shape."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from pulumi_gcp_tuning.catalog.rows import (
    AcceleratorRow,
    FamilyRow,
    MediaRow,
    ModelRow,
    ProductRow,
    QuotaRow,
    RegionRow,
    Row,
)
from pulumi_gcp_tuning.errors import Refused
from pulumi_gcp_tuning.regular_files import open_regular
from pulumi_gcp_tuning.wording import Setting, words

TABLES: Final[Mapping[str, type[Row]]] = {
    "models": ModelRow,
    "regions": RegionRow,
    "products": ProductRow,
    "accelerators": AcceleratorRow,
    "quotas": QuotaRow,
    "families": FamilyRow,
    "media": MediaRow,
}
CONFIG_KEY: Final = "gcp-tuning:catalog"
VARIABLE: Final = "GCP_TUNING_CATALOG"
_MOST_PROBLEMS: Final = 20
_DAYS: Final = frozenset({"last_tuning", "retired"})
_PRINTED: Final = ("as_of", "applied")
"""Keys that ``gcp-tuning catalog --json`` prints in addition to the rows, so that its output is a valid override."""


@dataclass(frozen=True)
class Override:
    """Complete rows that replace the shipped ones, by table and id, and the name of their source."""

    rows: Mapping[str, Mapping[str, dict[str, Any]]]
    name: str


def override_from(config: Mapping[str, str], env: Mapping[str, str]) -> Path | Mapping[str, Any] | None:
    """The user's changes to the catalogue: a file, an object, or None.

    ``GCP_TUNING_CATALOG`` is a path; ``gcp-tuning:catalog`` is a path or the object as JSON. The variable has precedence.
    Raises :class:`~pulumi_gcp_tuning.errors.Refused` if the object is not JSON.
    """
    if path := env.get(VARIABLE, "").strip():
        return Path(path)
    text = config.get(CONFIG_KEY, "").strip()
    if not text.startswith("{"):
        return Path(text) if text else None
    return _object(text, Setting(CONFIG_KEY))


def read_override(
    override: Path | Mapping[str, Any], shipped: Mapping[str, Mapping[str, Mapping[str, Any]]]
) -> Override:
    """Reads the override and checks it against the shipped rows (by table and id)."""
    name = str(override) if isinstance(override, Path) else CONFIG_KEY
    given = _read(override) if isinstance(override, Path) else override
    problems: list[str] = []
    rows = {
        table: _merged(table, value, shipped[table], name, problems)
        for table, value in given.items()
        if table not in _PRINTED and _is_table(table, value, problems)
    }
    if not problems:
        problems = _dangling({table: {**shipped[table], **rows.get(table, {})} for table in TABLES}, rows)
    if problems:
        more = len(problems) - _MOST_PROBLEMS
        lines = [f"- {problem}" for problem in problems[:_MOST_PROBLEMS]]
        lines += [f"- and {more} more"] if more > 0 else []
        source = name if isinstance(override, Path) else Setting(CONFIG_KEY)
        raise Refused(words("The catalogue {source} cannot be used:\n{lines}", source=source, lines="\n".join(lines)))
    return Override(rows=rows, name=name)


def _read(path: Path) -> Mapping[str, Any]:
    try:
        with open_regular(path) as file:
            text = file.read().decode("utf-8")
    except OSError as error:
        raise Refused(
            words(
                "The catalogue {path} cannot be read: {why}. Correct the path ({variable} or {gcp-tuning:catalog}), or unset it.",
                path=path,
                why=error.strerror or type(error).__name__,
                variable=VARIABLE,
            )
        ) from None
    except UnicodeDecodeError:
        raise Refused(f"The catalogue {path} is not UTF-8. Save it as UTF-8.") from None
    return _object(text, str(path))


def _object(text: str, name: str | Setting) -> Mapping[str, Any]:
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise Refused(
            words("The catalogue {name} is not JSON: {where}: {why}.", name=name, where=where, why=error.msg)
        ) from None
    except RecursionError:
        raise Refused(words("The catalogue {name} is nested too deeply.", name=name)) from None
    if not isinstance(value, dict):
        example = '{"models": [{"id": "..."}]}'
        raise Refused(
            words("The catalogue {name} is not an object. It looks like this: {example}", name=name, example=example)
        )
    return value


def _is_table(table: object, value: object, problems: list[str]) -> bool:
    if table not in TABLES:
        problems.append(f"{table}: there is no such table{_nearest(str(table), TABLES)}.")
        return False
    if not isinstance(value, list | tuple):
        problems.append(f"{table}: it is not a list of rows.")
        return False
    return True


def _merged(
    table: str, given: Any, shipped: Mapping[str, Mapping[str, Any]], name: str, problems: list[str]
) -> dict[str, dict[str, Any]]:
    rows: dict[str, dict[str, Any]] = {}
    for number, row in enumerate(given):
        place = f"{table}[{number}]"
        if not isinstance(row, Mapping) or not isinstance(row.get("id"), str) or not row["id"]:
            problems.append(f"{place}: a row is an object with an id.")
            continue
        if row["id"] in rows:
            problems.append(f"{place}: {row['id']} is in the list twice.")
            continue
        whole = _over(shipped.get(row["id"]), row, name)
        try:
            TABLES[table].model_validate(whole)
        except ValidationError as error:
            new = row["id"] not in shipped
            problems += [_said(table, place, row["id"], detail, new=new) for detail in error.errors()]
            continue
        rows[row["id"]] = whole
    return rows


def _over(base: Mapping[str, Any] | None, row: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The shipped row with the given fields. A field that the user gives is no longer marked as assumed."""
    if base is None:
        return dict(row)
    assumed = {
        field: known for field, known in base.get("field_evidence", {}).items() if field.partition(".")[0] not in row
    }
    if not _DAYS.isdisjoint(row):  # a day that the user gives is fixed
        base = {**base, "open_ended": False}
    stated = {"field_evidence": assumed, "source": f"{base['source']}; changed by {name}"}
    return {**base, **stated, **row}


def _said(table: str, place: str, row_id: str, detail: ErrorDetails, *, new: bool) -> str:
    where = place + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in detail["loc"])
    last = str(detail["loc"][-1]) if detail["loc"] else ""
    if detail["type"] == "extra_forbidden":
        return f"{where}: there is no such key{_nearest(last, _keys(TABLES[table], detail['loc'][:-1]))}."
    if detail["type"] == "missing" and new:
        return f"{where}: it is missing; {row_id} is a new row, and a new row needs every key."
    message = detail["msg"]
    return f"{where}: {message[:1].lower()}{message[1:]}."


def _keys(row: type[BaseModel], path: tuple[int | str, ...]) -> list[str]:
    """The keys that an object at that path of a row may have."""
    for part in path:
        found = row.model_fields.get(str(part))
        inner = [kind for kind in (getattr(found, "annotation", None), *_arguments(found)) if _is_part(kind)]
        if inner:
            row = inner[0]
    return list(row.model_fields)


def _arguments(field: Any) -> tuple[Any, ...]:
    return tuple(getattr(getattr(field, "annotation", None), "__args__", ()))


def _is_part(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _dangling(
    whole: Mapping[str, Mapping[str, Mapping[str, Any]]], rows: Mapping[str, Mapping[str, Mapping[str, Any]]]
) -> list[str]:
    """Names in the user's rows that are in no table."""
    problems: list[str] = []
    for model in rows.get("models", {}).values():
        named = {*model.get("regions", ()), *(model.get("cmek_regions") or ())}
        named |= {place for places in model.get("method_regions", {}).values() for place in places}
        named |= set(model.get("retired_in", ()))
        named |= {*model.get("result_locations", {}), *model.get("result_locations", {}).values()}
        problems += [
            f"models {model['id']}: there is no region {place!r}{_nearest(place, whole['regions'])}."
            for place in sorted(named - set(whole["regions"]))
        ]
        problems += [
            f"models {model['id']}: the successor {successor!r} is not in the catalogue{_nearest(successor, whole['models'])}."
            for successor in (model.get("successor"), *model.get("other_successors", ()))
            if successor is not None and successor not in whole["models"]
        ]
        if model.get("media") is not None and model["media"] not in whole["media"]:
            problems.append(f"models {model['id']}: there are no media {model['media']!r}.")
    for table in ("products", "accelerators"):
        for row in rows.get(table, {}).values():
            quotas = row.get("quotas", (row["quota"],) if "quota" in row else ())
            problems += [
                f"{table} {row['id']}: there is no quota {quota!r}{_nearest(quota, whole['quotas'])}."
                for quota in quotas
                if quota not in whole["quotas"]
            ]
    return problems


def _nearest(name: str, known: Any) -> str:
    close = get_close_matches(name, [str(key) for key in known], n=1)
    return f" (did you mean {close[0]}?)" if close else ""
