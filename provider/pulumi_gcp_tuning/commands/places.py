"""Listing many regions at once: where, how many at a time, and what could not be listed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from pulumi_gcp_tuning.errors import ApiError, Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pulumi_gcp_tuning.catalog import Catalogue
    from pulumi_gcp_tuning.config import Settings

AT_ONCE: Final = 8
"""How many regions are listed at the same time."""
MOST: Final = 200
"""How many jobs or models of one region and kind are read."""


@dataclass(frozen=True)
class Asked:
    """One list of Google's: what is in it (``models of projects/...``), the permission that it needs, and the call."""

    what: str
    needs: str
    items: Callable[[], Iterable[Mapping[str, Any]]]


@dataclass(frozen=True)
class Page:
    """The first items of a list, what they are, whether there are more, and why it could not be read."""

    what: str
    items: tuple[Mapping[str, Any], ...] = ()
    has_more: bool = False
    problem: ApiError | None = None
    said: str = ""


def project_of(settings: Settings) -> str:
    """The project. Raises Refused if there is none."""
    if not settings.project:
        raise Refused("There is no project to list. Set --project or GOOGLE_PROJECT.")
    return settings.project


def tuning_regions(catalogue: Catalogue, products: Iterable[str]) -> tuple[str, ...]:
    """The regions in which a model of these products can be tuned, by the catalogue."""
    wanted = frozenset(products)
    found = {region for row in catalogue.models.values() if row.product in wanted for region in row.regions}
    return tuple(sorted(found))


def read_lists(lists: Sequence[Asked], limit: int) -> list[Page]:
    """The first ``limit`` items of each list. If none of the lists can be read, raises the error of the first."""
    with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
        pages = list(pool.map(lambda each: _page(each, limit), lists))
    errors = [page.problem for page in pages if page.problem]
    if errors and len(errors) == len(pages):
        raise errors[0]
    return pages


def problems_in(pages: Iterable[Page]) -> tuple[str, ...]:
    """A sentence for each list that could not be read."""
    return tuple(page.said for page in pages if page.said)


def shortened_in(pages: Iterable[Page]) -> tuple[str, ...]:
    """What is in each list of which only the first items were read."""
    return tuple(page.what for page in pages if page.has_more)


def _page(asked: Asked, limit: int) -> Page:
    try:
        items = tuple(islice(asked.items(), limit + 1))
    except ApiError as error:
        said = f"The {asked.what} could not be listed: {str(error).splitlines()[0]} This needs {asked.needs}."
        return Page(asked.what, problem=error, said=said)
    return Page(asked.what, items[:limit], has_more=len(items) > limit)
