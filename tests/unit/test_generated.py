"""What is generated from the descriptions of the resources is current, and an incomplete description is refused."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Annotated, Any, cast

import pytest
from pydantic import ConfigDict, Field

from generate.declarations import declarations
from generate.files import CHECKOUT, described, formatted, generate, page_of
from generate.pages import inputs_of, outputs_of, replace_part
from generate.shapes import DescriptionError, describe, shared
from pulumi_gcp_tuning.resources.core.description import about
from pulumi_gcp_tuning.resources.core.description import described as field
from pulumi_gcp_tuning.resources.core.frame import Resource
from pulumi_gcp_tuning.resources.core.inputs import CommonArgs, Inputs, Keyed, Placed
from pulumi_gcp_tuning.resources.core.outputs import Outputs
from pulumi_gcp_tuning.resources.core.told import CommonTold
from pulumi_gcp_tuning.resources.registry import registered
from support.discovery import document

WANTED = [name for name in vars(Resource) if not name.startswith("_")]


class Depth(Inputs):
    """How deep it is."""

    meters: Annotated[float | None, field("The depth.", unit="meters")] = Field(default=None, gt=0)


class WellArgs(Placed, Keyed, CommonArgs):
    """Where the well is dug."""

    model_config = ConfigDict(json_schema_extra=about(google="Well"))

    depth: Annotated[Depth, field("How deep.", role="spec", wire="shape.depth")]
    names_of_owners: Annotated[list[str] | None, field("Who owns it.", role="patched", names="owner")] = None
    reuse: Annotated[str | None, field("Another well.", role="ours", refers={"Endpoint": "id"})] = None


class WellState(Outputs):
    """Holds water."""

    model_config = ConfigDict(json_schema_extra=about(summary="A well.", get="The well of this name"))

    liters: Annotated[int, field("What is in it.", unit="liters")] = 0


class Bare(Inputs):
    """It says nothing."""

    inner: str


class BareArgs(CommonArgs):
    """They say little."""

    bare: Annotated[Bare, field("Bare.", role="spec")]
    silent: str | None = None
    idle: Annotated[str | None, field("It has no role.")] = None
    odd: Annotated[str | None, field("There is no such role.", role=cast(Any, "patchd"))] = None


class TwiceArgs(CommonArgs):
    """They repeat a docstring."""

    depth: Annotated[Depth, field(str(Depth.__doc__), role="spec")]


def well(args: Any = WellArgs, state: Any = WellState) -> Any:
    """A resource that there is not: the generator knows none of the real ones by name."""
    return describe("well", "Well", (args, CommonTold, state))


@pytest.fixture(scope="module")
def made() -> dict[str, str]:
    try:
        return generate()
    except DescriptionError as error:
        pytest.fail(f"{error}\nThen run: make generate", pytrace=False)


def test_every_generated_file_is_what_the_descriptions_give(made: dict[str, str]) -> None:
    stale = [file for file, text in made.items() if read(file) != text]
    assert stale == [], f"edited by hand, or the descriptions changed: {', '.join(stale)}; run: make generate"


@pytest.mark.parametrize("resource", described(), ids=lambda resource: resource.kind)
def test_every_field_that_is_sent_is_one_of_googles(resource: Any) -> None:
    google = str(resource.about.get("google"))
    assert google != "None", f"resources/{resource.kind}.py: name Google's type with about(google=...) in Args"
    api, prefix = ("storage.v1", "") if google == "Object" else ("aiplatform.v1beta1", "GoogleCloudAiplatformV1beta1")
    if google.startswith("generativelanguage."):
        api, prefix, google = "generativelanguage.v1beta", "", google.partition(".")[2]
    schemas = document(api)["schemas"]
    wrong = list(not_at_google(resource, resource.args, schemas[prefix + google], schemas))
    told = f"Give wire= or at_google= to their described(...) in resources/{resource.kind}.py, or the role ours."
    assert wrong == [], f"Google's {google} has no {', '.join(wrong)}. {told}"


def not_at_google(resource: Any, shape: Any, schema: Any, schemas: Any) -> Iterator[str]:
    """The wire names below a shape that Google's schema does not have."""
    for each in shape.arguments:
        found: Any = schema
        for part in filter(None, each.wire.split(".")):
            found = schemas.get(found.get("$ref"), found)
            anything = found if found.get("type") == "any" else found.get("additionalProperties")
            found = found.get("properties", {}).get(part) or anything or {}
        inner = next((below for below in resource.inner_args if below.name == each.shape), None)
        if not found:
            yield each.wire
        elif each.wire and inner is not None:
            yield from not_at_google(resource, inner, schemas.get(found.get("$ref"), found), schemas)


def test_no_declaration_is_left_of_a_resource_that_is_gone(made: dict[str, str]) -> None:
    files = CHECKOUT.glob("provider/pulumi_gcp_tuning/declare/*.py")
    marked = {str(file.relative_to(CHECKOUT)) for file in files if file.read_text("utf-8").startswith("# generated by")}
    assert marked - made.keys() == set(), "delete these files"


def test_every_python_file_stays_within_400_lines() -> None:
    python = [
        file for folder in ("provider", "scripts", "tests", "stacks") for file in CHECKOUT.glob(f"{folder}/**/*.py")
    ]
    long = {
        str(file.relative_to(CHECKOUT)): count for file in python if (count := file.read_bytes().count(b"\n")) > 400
    }
    assert long == {}, (
        "move what their parts are about to files of their own; of a resource, to the folders below resources/"
    )


def read(file: str) -> str:
    path = CHECKOUT / file
    return path.read_text(encoding="utf-8") if path.exists() else ""


@pytest.mark.parametrize("name", [frame.name for frame in registered()])
def test_the_generator_has_no_branch_for_one_resource(name: str) -> None:
    for file in CHECKOUT.glob("scripts/generate/*.py"):
        assert name not in file.read_text(encoding="utf-8"), file


@pytest.mark.parametrize("frame", registered(), ids=lambda frame: frame.kind)
def test_every_resource_gives_all_that_the_frame_calls(frame: Any) -> None:
    missing = [name for name in WANTED if not hasattr(frame.resource, name)]
    assert missing == [], f"write {', '.join(missing)} in resources/{frame.kind}.py; core/frame.py says what each does"


@pytest.mark.parametrize("frame", registered(), ids=lambda frame: frame.kind)
def test_no_resource_overrides_a_verb_of_the_frame(frame: Any) -> None:
    found = [name for name in ("check", "diff", "create", "read", "update", "delete") if hasattr(frame.resource, name)]
    assert found == [], (
        f"{', '.join(found)} in resources/{frame.kind}.py is never called: the frame has it. Write what is special of the "
        f"resource into {', '.join(name for name in WANTED if name.islower())}"
    )


@pytest.mark.parametrize("frame", registered(), ids=lambda frame: frame.kind)
def test_every_resource_is_registered_under_the_name_of_its_file(frame: Any) -> None:
    file = frame.resource.__name__.rpartition(".")[2]
    assert frame.kind == file, f"resources/registry.py: the line of {frame.kind!r} gives resources/{file}.py"


def test_a_new_resource_gets_its_declaration_without_a_change_of_the_generator() -> None:
    resource = well()
    texts = formatted({f"{file}.py": text for file, text in declarations([*described(), resource], shared([])).items()})
    text = texts["well.py"]
    compile(text, "well.py", "exec")
    assert 'class Well(TuningResource, module="gcptuning", name="Well"):' in text
    assert "    depth: Input[DepthArgs | DepthArgsDict]\n" in text
    assert "    names_of_owners: Input[Sequence[Input[str]]] | None = None\n" in text
    assert "    reuse: Input[str] | Endpoint | None = None\n" in text
    assert "from pulumi_gcp_tuning.declare.endpoint import Endpoint\n" in text
    assert '    NAMING = ("encryptionSpec", "namesOfOwners", "project")\n' in text
    assert '    liters: Output[int] = pulumi.property("liters")\n' in text
    assert "- ``meters``: The depth. Above 0, in meters. Source: Google's Depth.meters." in text


def test_a_page_gets_a_row_for_every_argument_and_output() -> None:
    inputs, outputs = "\n".join(inputs_of(well())), "\n".join(outputs_of(well()))
    assert "| `depth` | `DepthArgs` or dict, required | \N{EN DASH} | How deep. | `shape.depth` | replaces |" in inputs
    assert "| `meters` | float, above 0, in meters | \N{EN DASH} | The depth. | `meters` |" in inputs
    assert "| `liters` | int, in liters | What is in it. |" in outputs


def test_what_is_outside_the_markers_of_a_page_stays() -> None:
    text = "before\n<!-- generated: inputs -->\nold\n<!-- end of inputs -->\nafter\n"
    assert replace_part("p.md", text, "inputs", ["new"]) == text.replace("old", "new")


def test_a_page_without_markers_is_refused_with_the_lines_to_put_in() -> None:
    with pytest.raises(DescriptionError, match=r"p\.md needs these two lines once(?s:.*)<!-- generated: inputs -->"):
        replace_part("p.md", "no markers", "inputs", [])


def test_a_page_that_nobody_has_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(DescriptionError, match=r"docs/well\.md does not exist\. Write it"):
        page_of(tmp_path, "docs/well.md")


def test_all_fields_without_a_description_or_a_role_are_named_at_once() -> None:
    with pytest.raises(DescriptionError) as refused:
        well(args=BareArgs)
    assert str(refused.value).splitlines() == [
        "resources/well.py: Args.silent has no description. Add described(...) to its annotation.",
        "resources/well.py: Bare.inner has no description. Add described(...) to its annotation.",
        "resources/well.py: Args.silent has no role. Add role= to its described(...): what does a change of it do?",
        "resources/well.py: Args.idle has no role. Add role= to its described(...): what does a change of it do?",
        (
            "resources/well.py: Args.odd: there is no role 'patchd'. "
            "Use one of spec, place, patched, submitted once, ours, follows."
        ),
    ]


def test_what_several_resources_lack_is_named_at_once(tmp_path: Path) -> None:
    bare = SimpleNamespace(Args=BareArgs, Told=CommonTold, State=WellState)
    frames = [SimpleNamespace(kind=kind, name=kind.title(), resource=bare) for kind in ("well", "deep_pit")]
    with pytest.raises(DescriptionError) as refused:
        described(cast("Any", frames), tmp_path)
    said = str(refused.value)
    assert all(f"resources/{kind}.py: Args.silent has no description" in said for kind in ("well", "deep_pit"))
    assert all(f"docs/{page}.md does not exist" in said for page in ("well", "deep-pit"))


def test_a_field_with_the_words_of_its_class_is_named_with_the_class() -> None:
    """Pydantic keeps such a text once, in the class."""
    with pytest.raises(DescriptionError, match=r"Args\.depth is described by the same words as the class Depth\. Give"):
        well(args=TwiceArgs)


@pytest.mark.parametrize("resource", described(), ids=lambda resource: resource.kind)
def test_every_input_is_given_by_the_program_filled_in_by_check_or_told(resource: Any) -> None:
    public, filled = ({f.key for f in resource.args.fields if f.filled is part} for part in (False, True))
    told = {f.key for f in resource.told.fields}
    assert all(not one & other for one, other in ((public, filled), (public, told), (filled, told)))
    assert filled <= {"pulumiLabels", "uri"}, "is it really no argument? Then name it here"
    assert {f.key for f in resource.args.arguments} == public


def test_one_shape_under_two_names_is_refused() -> None:
    class Deepness(Inputs):
        """How deep it is."""

        meters: Annotated[float | None, field("The depth.", unit="meters")] = Field(default=None, gt=0)

    class Args(CommonArgs):
        """Args."""

        depth: Annotated[Deepness, field("How deep.", role="spec")]

    other = describe("pit", "Pit", (Args, CommonTold, WellState))
    with pytest.raises(DescriptionError, match=r"well\.py and resources/pit\.py: Depth and Deepness are one shape"):
        shared([well(), other])


def test_one_name_for_two_shapes_is_refused() -> None:
    class Depth(Inputs):
        """Another depth."""

        fathoms: Annotated[float, field("The depth.")]

    class Args(CommonArgs):
        """Args."""

        depth: Annotated[Depth, field("How deep.", role="spec")]

    other = describe("pit", "Pit", (Args, CommonTold, WellState))
    with pytest.raises(DescriptionError, match=r"well\.py and resources/pit\.py: Depth means two shapes"):
        shared([well(), other])


def test_what_the_program_tells_needs_a_description_too() -> None:
    class Told(CommonTold):
        """Told."""

        hushed: str | None = None

    with pytest.raises(DescriptionError, match=r"Told\.hushed has no description"):
        describe("well", "Well", (WellArgs, Told, WellState))


@pytest.mark.parametrize("name", [frame.name for frame in registered()])
def test_a_program_that_mypy_refuses_is_written_down_for_every_resource(name: str) -> None:
    text = (CHECKOUT / "tests/types/public_api.py").read_text(encoding="utf-8")
    refused = re.search(rf"^{name}(Args)?\(.*# type: ignore\[call-", text, re.MULTILINE)
    assert refused, f"add to tests/types/public_api.py what mypy refuses: {name}(...)  # type: ignore[call-overload]"
