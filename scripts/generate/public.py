"""The public names of ``pulumi_gcp_tuning``, for the parts of its ``__init__.py`` between the markers; and those of ``registry.py``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

COMMENT = ("# ", "")


def imports_for_type_checkers(names: Mapping[str, list[str]]) -> Iterator[str]:
    """The imports for a type checker: each name from the file that declares it."""
    yield "if TYPE_CHECKING:"
    for file, declared in sorted(names.items()):
        module = file if "." in file else f"declare.{file}"
        yield from (f"    from pulumi_gcp_tuning.{module} import {name} as {name}" for name in sorted(declared))


def imports_of_resources(kinds: Iterable[str]) -> Iterator[str]:
    """The imports with which mypy compares each resource with what the frame calls. At run time they are made on demand."""
    yield "if TYPE_CHECKING:"
    yield from (f"    import pulumi_gcp_tuning.resources.{kind}" for kind in sorted(kinds))


def files(names: Mapping[str, list[str]]) -> Iterator[str]:
    """The module that declares each name."""
    yield "_WHERE: Final = {"
    yield from (f'    "{name}": "{file}",' for name, file in sorted(_homes(names).items()))
    yield "}"


def offered(names: Mapping[str, list[str]]) -> Iterator[str]:
    """The names that ``from pulumi_gcp_tuning import *`` imports."""
    yield "__all__ = ["
    yield from (f'    "{name}",' for name in sorted(_homes(names)))
    yield "]"


def _homes(names: Mapping[str, list[str]]) -> dict[str, str]:
    return {name: file for file, declared in names.items() for name in declared}
