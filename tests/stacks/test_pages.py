"""The pages under docs/ name what there is, all of it, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import pytest
import typer

import pulumi_gcp_tuning as tuning
from pulumi_gcp_tuning.cli import entry
from pulumi_gcp_tuning.config import CHECKS, FIXED_CHECKS, LOOKED_FOR, Settings
from pulumi_gcp_tuning.declare.arguments import fields_of, nested_shape
from pulumi_gcp_tuning.resources.registry import registered
from pulumi_gcp_tuning.signing import READ_FROM
from support.markdown import find_blocks
from support.pulumi_stack import CHECKOUT
from support.samples import sample_of
from tuning_sandbox.kernel.faults import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stacks.conftest import TuningStack
    from support.sandbox_server import SandboxServer

DOCS = CHECKOUT / "docs"
PAGES = [CHECKOUT / "README.md", *sorted(DOCS.glob("*.md")), *sorted(DOCS.glob("*/*.md"))]
PAGES += sorted(DOCS.glob("examples/*/README.md"))
RESOURCES: dict[str, tuple[type, type]] = {
    f"{frame.kind.replace('_', '-')}.md": (getattr(tuning, frame.name), getattr(tuning, f"{frame.name}Args"))
    for frame in registered()
}
SOURCES = [*CHECKOUT.glob("provider/**/*.py"), *CHECKOUT.glob("scripts/*.py")]
TOLD = {
    "troubleshooting.md": [
        "its job continues at Google",
        "to continue waiting; nothing is started twice.",
        "it looks for the job before it submits one.",
        "It is not resubmitted by itself. Correct the cause, then change the spec or set retry on the TuningJob.",
        "Set retry on the TuningJob to submit a new job, or remove ",
        "match its declaration:",
        "with another specification is still running",
        "is not deleted: its deletion_policy is PREVENT.",
        "is not deleted, because it is also deployed on",
        "There are no usable Google credentials",
        "cannot be used on",
        "another sandbox is running on",
        "was written by another version of the sandbox",
        "`SANDBOX_PORT=0 make up` takes a free",
        "There is no Pulumi CLI on PATH, its installer cannot be reached, and there is no Go to build it with.",
        "internal error in gcp-tuning",
        "gcp-tuning does not support this version of Pulumi's dynamic provider host, so it runs with limitations: ",
    ],
    "how-it-works.md": [
        "only four resources wait at the same time",
        "a wait that ends early is not kept in state",
        "errors show as Python tracebacks",
    ],
    "sandbox.md": [
        "is not in the sandbox's stand-in for the gcp plugin, which knows only: ",
        "The sandbox does not have ",
    ],
    "tuning-job.md": [" does not match the declaration:"],
}


def section(page: str, title: str) -> str:
    """The text under a heading of the second level."""
    text = (DOCS / page).read_text(encoding="utf-8")
    found = re.search(rf"^## {title}$(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    assert found, f"{page} has no section {title}"
    return found[1]


def first_cells(text: str) -> list[str]:
    """What the first columns of all tables name."""
    cells = re.findall(r"^\| (`.*?) \|", text, re.MULTILINE)
    return [name for cell in cells for name in re.findall(r"`(\w+)`", cell)]


def names_in(shape: type) -> set[str]:
    """The arguments of an Args class and of those in it."""
    fields = fields_of(shape)
    inner = [each for hint in fields.values() if (each := nested_shape(hint)) is not None]
    return set(fields).union(*map(names_in, inner))


def outputs_of(resource: type) -> set[str]:
    wires: Any = getattr(resource, "_wires")  # noqa: B009  # its own notion of what is an output
    return set(wires) - {"id", "urn"}


@pytest.mark.parametrize("page", RESOURCES)
def test_the_readme_names_every_resource(page: str) -> None:
    assert f"(docs/{page})" in (CHECKOUT / "README.md").read_text(encoding="utf-8"), f"link docs/{page} in README.md"


@pytest.mark.parametrize("page", RESOURCES)
def test_the_inputs_of_a_page_are_those_of_the_resource(page: str) -> None:
    _, shape = RESOURCES[page]
    assert set(first_cells(section(page, "Inputs"))) == names_in(shape)


@pytest.mark.parametrize("page", RESOURCES)
def test_the_outputs_of_a_page_are_those_of_the_resource(page: str) -> None:
    resource, _ = RESOURCES[page]
    named = first_cells(section(page, "Outputs"))
    assert sorted(named) == sorted(outputs_of(resource))


@pytest.mark.matrix(2)
@pytest.mark.parametrize("page", RESOURCES)
def test_the_refusals_of_a_page_are_what_preview_says(
    page: str, tuning_stack: TuningStack, sandbox: SandboxServer
) -> None:
    shown = [block for block in find_blocks(DOCS / page) if "printed by preview" in block.marker]
    refused = sample_of(page.removesuffix(".md").replace("-", "_")).refused
    preview = tuning_stack(f"from pulumi_gcp_tuning import {RESOURCES[page][0].__name__}\n{refused}\n").preview()
    assert preview.exit_code != 0
    assert len(shown) == 1, "quote once what preview prints, under the comment that the other pages have"
    for line in shown[0].text.splitlines():
        assert line in preview.text, f"{refused} in tests/support/samples.py says:\n{preview.text}"


@pytest.mark.parametrize(("page", "phrase"), [(page, phrase) for page, phrases in TOLD.items() for phrase in phrases])
def test_a_message_that_a_page_quotes_is_one_of_ours(page: str, phrase: str) -> None:
    assert phrase in (DOCS / page).read_text(encoding="utf-8")
    assert any(phrase in joined(source) for source in SOURCES)


def joined(source: Path) -> str:
    """A program's text with its adjacent string literals made one, and the messages of jobs as a TuningJob's."""
    text = re.sub(r'"\s*\n\s*f?"', "", source.read_text(encoding="utf-8"))
    return re.sub(r"{(kind\.)?resource}", "TuningJob", text).replace("{kind.noun}", "tuning job")


def settings_rows() -> dict[str, tuple[str, str]]:
    """The table of the settings: where each is looked for, and its default."""
    text = re.sub(r"\[(.*?)\]\(.*?\)", r"\1", section("configuration.md", "Keys and variables"))
    rows = re.findall(r"^\| (.*?) \| (.*?) \| (.*?) \|$", text, re.MULTILINE)
    return {name: (places, default) for name, places, default in rows[2:]}


def test_every_setting_is_described_with_its_keys_in_the_order_in_which_they_are_looked_for() -> None:
    described = {
        name: tuple(re.findall(r"`(gcp[^`]*:\w+|[A-Z]+_[A-Z_]+)`", places))
        for name, (places, _) in settings_rows().items()
    }
    looked_for = {str(Settings.model_fields[name].description): keys.names for name, keys in LOOKED_FOR.items()}
    assert described == {**looked_for, **READ_FROM}


def test_the_values_and_the_default_of_a_setting_are_described() -> None:
    rows = settings_rows()
    fields = [field for name, field in Settings.model_fields.items() if name in LOOKED_FOR and name != "as_of"]
    for field in fields:
        places, default = rows[str(field.description)]
        assert all(f"`{value}`" in places for value in get_args(field.annotation) if isinstance(value, str))
        if isinstance(field.default, str | float):  # a bool is none
            assert default.strip("`") == (field.default if isinstance(field.default, str) else f"{field.default:g}")


def test_every_check_is_described() -> None:
    named = first_cells(section("configuration.md", "Checks"))
    assert sorted(named) == sorted([*CHECKS, *FIXED_CHECKS])


def test_every_argument_of_provider_is_described() -> None:
    named = first_cells(section("configuration.md", "Provider"))
    taken = set(tuning.Provider.__init__.__annotations__) - {"resource_name", "opts", "return"}
    assert set(named) == taken


def test_every_command_and_option_is_described() -> None:
    group: Any = typer.main.get_command(entry.app)
    text = (DOCS / "command-line.md").read_text(encoding="utf-8")
    described = {part.split()[0]: part for part in re.split(r"^## gcp-tuning ", text, flags=re.MULTILINE)[1:]}
    assert set(described) == set(group.commands)
    for name, command in group.commands.items():
        several = getattr(command, "commands", {"": command}).values()
        options = {opt for each in several for param in each.params for opt in param.opts if opt.startswith("--")}
        options -= {"--help"}
        cells = re.findall(r"^\| (`--[^|]*) \|", described[name], re.MULTILINE)
        assert {option for cell in cells for option in re.findall(r"`(--[a-z-]+)", cell)} == options


def commands_in(text: str) -> Iterator[list[str]]:
    """What a page types after `gcp-tuning`, in fenced blocks and in backticks, up to a command of its own."""
    blocks = re.findall(r"^```\w*\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    prose = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    for line in [*"\n".join(blocks).splitlines(), *re.findall(r"`([^`\n]+)`", prose)]:
        for typed in re.split(r"(?:^|[\s('/])gcp-tuning (?=[a-z])", line)[1:]:
            yield re.split(r" --(?: |$)|[|>;&)`]|\$\(", typed)[0].split()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(CHECKOUT)))
def test_a_page_types_only_commands_and_options_that_there_are(page: Path) -> None:
    group: Any = typer.main.get_command(entry.app)
    for name, *words in commands_in(page.read_text(encoding="utf-8")):
        if name == "does":  # the first word of a message, not a command
            continue
        assert name in group.commands, f"there is no gcp-tuning {name}"
        inner = getattr(group.commands[name], "commands", {"": group.commands[name]})
        several = [inner[words[0]]] if words and words[0] in inner else inner.values()
        options = {"--help"}.union(*(param.opts for each in several for param in each.params))
        assert [word for word in words if word.startswith("-") and word not in options] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(CHECKOUT)))
def test_a_page_names_only_variables_that_the_code_reads(page: Path) -> None:
    code = "".join(source.read_text(encoding="utf-8") for source in [*SOURCES, CHECKOUT / "Makefile"])
    named = re.findall(r"\b(?:PULUMI_)?GCP_TUNING_[A-Z_]+\b|\bSANDBOX_[A-Z]+\b", page.read_text(encoding="utf-8"))
    assert [name for name in named if name not in code] == []


def test_every_call_of_the_sandboxs_admin_is_described(sandbox: SandboxServer) -> None:
    text = section("sandbox.md", "Admin")
    offered = {each["path"] for each in sandbox.admin("GET", "")["paths"]}
    assert [path for path in sorted(offered) if path not in text] == []
    assert [kind for kind in KINDS if f"| `{kind}` |" not in text] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(CHECKOUT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if "://" in target:
            continue
        file, _, anchor = target.partition("#")
        there = (page.parent / file).resolve() if file else page
        assert there.exists(), f"{target} does not exist"
        assert not anchor or anchor in anchors(there), f"{target} has no such heading"


def anchors(page: Path) -> set[str]:
    """The headings of a page as links name them."""
    titles = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}
