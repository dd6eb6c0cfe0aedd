"""The expected text of every generated file."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from generate import checks_page, public, reference
from generate.declarations import declarations, public_names
from generate.pages import replace_part, with_tables
from generate.shapes import Described, DescriptionError, describe, shared
from pulumi_gcp_tuning.resources.core.frame import Frame
from pulumi_gcp_tuning.resources.registry import registered

CHECKOUT = Path(__file__).resolve().parents[2]
PACKAGE = "provider/pulumi_gcp_tuning"
BY_HAND = {"provider": ["Provider"]}
"""Hand-written files of ``declare/``, with the names that they export."""


def described(frames: Iterable[Frame] | None = None, root: Path = CHECKOUT) -> list[Described]:
    """The registered resources. Raises DescriptionError with what all of them lack, their pages included."""
    found: list[Described] = []
    wrong: list[str] = []
    for frame in registered() if frames is None else frames:
        module: Any = frame.resource
        try:
            found.append(describe(frame.kind, frame.name, (module.Args, module.Told, module.State)))
        except DescriptionError as error:
            wrong.append(str(error))
        try:
            page_of(root, docs_page(frame.kind))
        except DescriptionError as error:
            wrong.append(str(error))
    if wrong:
        raise DescriptionError("\n".join(wrong))
    return found


def docs_page(kind: str) -> str:
    """The page of a resource."""
    return f"docs/{kind.replace('_', '-')}.md"


def generate(root: Path = CHECKOUT) -> dict[str, str]:
    """The text of each generated file by its path in the checkout. Text between markers is generated, the rest is kept."""
    resources = described(root=root)
    declared = declarations(resources, shared(resources))
    made = {f"{PACKAGE}/declare/{file}.py": text for file, text in declared.items()}
    names = {
        **BY_HAND,
        **_components(root),
        **{file: public_names(text.splitlines()) for file, text in declared.items()},
    }
    made[f"{PACKAGE}/__init__.py"] = _offering(f"{PACKAGE}/__init__.py", root, names)
    registry = f"{PACKAGE}/resources/registry.py"
    types = public.imports_of_resources(resource.kind for resource in resources)
    made[registry] = replace_part(
        registry, page_of(root, registry), "the types of the files", types, comment=public.COMMENT
    )
    made = formatted(made)
    for resource in resources:
        page = docs_page(resource.kind)
        made[page] = with_tables(page, page_of(root, page), resource)
    made |= reference.pages(names, [resource.name for resource in resources])
    made["docs/checks.md"] = checks_page.document(page_of(root, "docs/checks.md"))
    return made


def _components(root: Path) -> dict[str, list[str]]:
    """The classes of the components, which are written by hand, by their file with its package."""
    files = sorted((root / PACKAGE / "components").glob("[a-z]*.py"))
    return {f"components.{file.stem}": public_names(file.read_text(encoding="utf-8").splitlines()) for file in files}


def page_of(root: Path, page: str) -> str:
    """The text of a page. Raises DescriptionError if the page does not exist."""
    if not (root / page).exists():
        raise DescriptionError(f"{page} does not exist. Write it: copy the headings and markers of docs/endpoint.md.")
    return (root / page).read_text(encoding="utf-8")


def formatted(texts: Mapping[str, str]) -> dict[str, str]:
    """Python formatted by ruff: imports sorted, lines of at most 120 columns."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in texts.items():
            path = Path(folder) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        ruff = [sys.executable, "-m", "ruff"]
        settings = ["--config", str(CHECKOUT / "pyproject.toml"), "--quiet", "--no-cache", folder]
        first_party = ["--config", 'lint.isort.known-first-party=["pulumi_gcp_tuning"]']
        subprocess.run([*ruff, "check", "--select", "I", "--fix", *first_party, *settings], check=True)
        subprocess.run([*ruff, "format", *settings], check=True)
        return {name: (Path(folder) / name).read_text(encoding="utf-8") for name in texts}


def _offering(file: str, root: Path, names: Mapping[str, list[str]]) -> str:
    text = (root / file).read_text(encoding="utf-8")
    for part, lines in (
        ("what a type checker sees", public.imports_for_type_checkers(names)),
        ("what star imports give", public.offered(names)),
        ("where each name is declared", public.files(names)),
    ):
        text = replace_part(file, text, part, lines, comment=public.COMMENT)
    return text
