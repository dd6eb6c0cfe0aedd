"""What releases have written at Google and into state is found again: no hash, id, URN or key of theirs moves."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import combinations
from pathlib import Path
from typing import Any

import pulumi
import pytest

import pulumi_gcp_tuning as tuning
from pulumi_gcp_tuning.resources.core import description
from pulumi_gcp_tuning.resources.core.labels import SPEC
from pulumi_gcp_tuning.resources.registry import lifecycle_of
from support.golden_hashes import (
    GOLDEN,
    KINDS,
    LABELS,
    LEAST,
    MARK_OF_FOUND_OBJECTS,
    PIN,
    TYPE,
    deciding_keys,
    keys_of,
    newest,
    send,
)
from support.golden_states import STATES

HASHES = {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in (GOLDEN / "hashes").glob("*.json")}
KEYS = {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in (GOLDEN / "keys").glob("*.json")}
PAYS_TWICE = (
    "A hash moved, and a changed hash pays twice: after a crash the next `pulumi up` does not find the job that was "
    "paid for and submits another, and nothing that older releases made is known as ours any more.\n"
    "Take the change back; what stands in tests/golden is never edited."
)
FILE = f"tests/golden/hashes/{newest(GOLDEN / 'hashes').name}"


def declarations() -> list[Any]:
    return [
        pytest.param(kind, declaration, id=f"{release}-{kind}-{declaration['declared']}")
        for release, kinds in HASHES.items()
        for kind, found in kinds.items()
        for declaration in found
    ]


def expect(sent: Mapping[str, str], pinned: Mapping[str, str], what: str) -> None:
    moved = [f"  {key}: was {value}, is {sent.get(key)}" for key, value in pinned.items() if sent.get(key) != value]
    if moved:
        pytest.fail("\n".join([what, *moved, PAYS_TWICE]), pytrace=False)


@pytest.mark.parametrize(("kind", "declaration"), declarations())
def test_a_declaration_leads_to_the_hashes_and_ids_of_its_release(
    kind: str, declaration: dict[str, Any], tmp_path: Path
) -> None:
    if "sent" not in declaration:
        pytest.fail(f"Not pinned yet; {PIN}", pytrace=False)
    expect(send(kind, declaration, tmp_path), declaration["sent"], f"{kind}, {declaration['declared']}:")


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_resource_has_its_hashes_pinned_by_many_declarations(kind: str) -> None:
    pinned = sum(len(kinds.get(kind, [])) for kinds in HASHES.values())
    assert pinned >= LEAST, f"Add one declaration of {kind} to {FILE}, then {PIN}"


@pytest.mark.parametrize("kind", KINDS)
def test_every_input_that_decides_what_is_made_is_in_a_pinned_declaration(kind: str) -> None:
    declared = {key for kinds in HASHES.values() for each in kinds.get(kind, []) for key in keys_in(each["inputs"])}
    missing = sorted(set(deciding_keys(kind)) - declared)
    assert missing == [], f"Add a declaration of {kind} with {', '.join(missing)} to {FILE}, then {PIN}"


def alike_but_for_one_input(kind: str) -> Iterator[tuple[str, bool]]:
    """For each two pinned declarations of a kind that differ in one input: its key, and whether the same was written."""
    pinned = [each for kinds in HASHES.values() for each in kinds.get(kind, []) if "sent" in each]
    for one, other in combinations(pinned, 2):
        if all(one.get(key) == other.get(key) for key in ("urn", "settings", "files")):
            mine, others = one["inputs"], other["inputs"]
            keys = [key for key in {**mine, **others} if mine.get(key) != others.get(key)]
            if len(keys) == 1:
                yield keys[0], one["sent"] == other["sent"]


@pytest.mark.parametrize(
    "kind", [kind for kind in KINDS if SPEC in str([kinds.get(kind) for kinds in HASHES.values()])]
)
def test_what_has_the_role_spec_is_hashed(kind: str) -> None:
    found, spec = list(alike_but_for_one_input(kind)), description.keys_of(lifecycle_of(kind).resource.Args, "spec")
    moved, kept = ({key for key, same in found if key in spec and same is part} for part in (False, True))
    told = (
        f"resources/{kind}.py hashes no {', '.join(kept - moved)}: what a change of it makes would get the old one's id"
    )
    assert kept - moved == set(), told


def keys_in(inputs: Mapping[str, Any], within: str = "") -> Iterator[str]:
    for key, value in inputs.items():
        yield within + key
        if isinstance(value, dict):
            yield from keys_in(value, f"{within}{key}.")


def written_by(kind: str, entry: Mapping[str, Any]) -> dict[str, str]:
    """What state says that stands at Google; labels that are a secret say nothing."""
    keys = ("gcp-tuning-id",) if kind == "tuned_model" else ("gcp-tuning-id", "gcp-tuning-spec")
    held = entry["outputs"].get("effectiveLabels", {})
    chosen = {"id": entry["id"].rpartition("/")[2]} if kind in ("endpoint", "model_deployment") else {}
    return {key: held[key] for key in keys if key in held} | chosen


def entries_in_states() -> Iterator[Any]:
    kinds = {golden["type"]: kind for keys in KEYS.values() for kind, golden in keys.items()}
    for file in sorted(STATES.glob("*/*/state.json")):
        state = json.loads(file.read_text(encoding="utf-8"))
        for number, entry in enumerate(state["checkpoint"]["latest"]["resources"]):
            kind = kinds.get(entry["type"])
            if kind is not None and (written := written_by(kind, entry)):
                yield pytest.param(kind, entry, written, id=f"{file.parent.name}-{number}-{kind}")


@pytest.mark.parametrize(("kind", "entry", "written"), list(entries_in_states()))
def test_an_entry_in_a_state_leads_to_what_its_release_wrote_at_google(
    kind: str, entry: dict[str, Any], written: dict[str, str], tmp_path: Path
) -> None:
    inputs = {key: value for key, value in entry["inputs"].items() if key not in ("__provider", "labels")}
    expect(send(kind, {"urn": entry["urn"], "inputs": inputs}, tmp_path), written, entry["urn"])


# URNs, from which identities are made


class Engine(pulumi.runtime.Mocks):
    def __init__(self) -> None:
        self.told: dict[str, pulumi.runtime.MockResourceArgs] = {}

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        self.told[args.typ] = args
        return "id", dict(args.inputs)

    def call(self, args: pulumi.runtime.MockCallArgs) -> Any:
        raise AssertionError(args)

    def urn_of(self, kind: str) -> str:
        """The URN that the program declares; the mocks put the stack's own type before a component's."""
        urn: str = self.told[f"{TYPE}:{kind}"].inputs["resourceUrn"]
        return urn.replace("pulumi:pulumi:Stack$", "")


@pytest.fixture
def engine() -> Engine:
    found = Engine()
    pulumi.runtime.set_mocks(found, project="shop", stack="dev", preview=False)
    return found


def declared(program: Any) -> None:
    pulumi.runtime.test(program)()  # type: ignore[no-untyped-call]


class Component(pulumi.ComponentResource):
    def __init__(self, name: str, parent: pulumi.Resource | None = None) -> None:
        super().__init__(f"shop:index:{name}", name, None, pulumi.ResourceOptions(parent=parent))


def test_every_resource_keeps_its_type_and_its_urn(engine: Engine) -> None:
    def program() -> None:
        tuning.TuningDataset("a", bucket="b", source=__file__)
        spec = tuning.SupervisedTuningSpecArgs(training_dataset_uri="gs://b/o")
        tuning.TuningJob("a", base_model="g", supervised_tuning_spec=spec)
        tuning.TunedModel("a", tuning_job="j")
        tuning.Endpoint("a", display_name="e")
        tuning.ModelDeployment("a", endpoint="e", model="m")

    declared(program)
    kinds = ("TuningDataset", "TuningJob", "TunedModel", "Endpoint", "ModelDeployment")
    assert [engine.urn_of(kind) for kind in kinds] == [f"urn:pulumi:dev::shop::{TYPE}:{kind}::a" for kind in kinds]


@pytest.mark.parametrize(
    ("name", "chain", "urn"),
    [
        ("bot", (), f"urn:pulumi:dev::shop::{TYPE}:Endpoint::bot"),
        ("bot", ("Router",), f"urn:pulumi:dev::shop::shop:index:Router${TYPE}:Endpoint::bot"),
        ("bot", ("Shop", "Router"), f"urn:pulumi:dev::shop::shop:index:Shop$shop:index:Router${TYPE}:Endpoint::bot"),
        ("küche-주문", (), f"urn:pulumi:dev::shop::{TYPE}:Endpoint::küche-주문"),
        ("support::bot 1/2", ("Router",), f"urn:pulumi:dev::shop::shop:index:Router${TYPE}:Endpoint::support::bot 1/2"),
    ],
)
def test_a_declaration_keeps_its_urn_below_its_parents(
    engine: Engine, name: str, chain: tuple[str, ...], urn: str
) -> None:
    def program() -> None:
        parent = None
        for each in chain:
            parent = Component(each, parent)
        tuning.Endpoint(name, display_name="e", opts=pulumi.ResourceOptions(parent=parent))

    declared(program)
    assert engine.urn_of("Endpoint") == urn


def test_a_resource_below_one_of_ours_keeps_its_urn(engine: Engine) -> None:
    def program() -> None:
        endpoint = tuning.Endpoint("a", display_name="e")
        tuning.ModelDeployment("b", endpoint=endpoint, model="m", opts=pulumi.ResourceOptions(parent=endpoint))

    declared(program)
    chain = f"{TYPE}:Endpoint${TYPE}:ModelDeployment"
    assert engine.urn_of("ModelDeployment") == f"urn:pulumi:dev::shop::{chain}::b"


def test_an_alias_does_not_change_the_urn_of_the_new_name(engine: Engine) -> None:
    def program() -> None:
        aliases = pulumi.ResourceOptions(aliases=[pulumi.Alias(name="old"), pulumi.Alias(stack="prod")])
        tuning.Endpoint("new", display_name="e", opts=aliases)

    declared(program)
    assert engine.urn_of("Endpoint") == f"urn:pulumi:dev::shop::{TYPE}:Endpoint::new"


# Keys


@pytest.mark.parametrize(
    ("kind", "golden"),
    [
        pytest.param(kind, golden, id=f"{release}-{kind}")
        for release, kinds in KEYS.items()
        for kind, golden in kinds.items()
    ],
)
def test_every_key_that_a_release_wrote_into_state_is_still_known(kind: str, golden: dict[str, Any]) -> None:
    now = keys_of(kind)
    gone = {part: sorted(set(golden[part]) - set(now[part])) for part in ("inputs", "state")}
    assert gone == {"inputs": [], "state": []}, f"state of a release holds them, and {kind} reads them no more"


def test_every_kind_of_resource_has_its_keys_pinned() -> None:
    missing = set(KINDS) - {kind for kinds in KEYS.values() for kind in kinds}
    assert missing == set(), f"The keys of {', '.join(missing)} are not pinned yet; {PIN}"


def test_labels_that_stand_at_google_keep_their_keys() -> None:
    assert LABELS == ("gcp-tuning-id", "gcp-tuning-spec", "gcp-tuning-claimed", "gcp-tuning-release")


def test_an_object_that_nobody_of_ours_uploaded_keeps_its_mark() -> None:
    assert MARK_OF_FOUND_OBJECTS == {"gcp-tuning-found": "true"}
