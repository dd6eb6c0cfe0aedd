"""What a declaration makes us write at Google to find our own things again: identities, specs and ids of our choosing.

The ways into the provider are in these imports alone; moving a file of the provider changes nothing else here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel

from pulumi_gcp_tuning.config import CHECKS
from pulumi_gcp_tuning.resources.core import description, labels, sharing
from pulumi_gcp_tuning.resources.registry import KINDS, lifecycle_of
from support.hand_made_google import Desk, HandMadeGoogle, by_number, settings
from support.samples import sample_of

__all__ = [
    "GOLDEN",
    "KINDS",
    "LABELS",
    "LEAST",
    "MARK_OF_FOUND_OBJECTS",
    "PIN",
    "TYPE",
    "deciding_keys",
    "keys_of",
    "newest",
    "pinned_first",
    "send",
]

LABELS = (labels.IDENTITY, labels.SPEC, labels.CLAIMED, labels.RELEASE_PREFIX)
MARK_OF_FOUND_OBJECTS = sharing.FOUND

GOLDEN = Path(__file__).parents[1] / "golden"
HASHES = GOLDEN / "hashes"
LEAST = 20
"""So many declarations of each resource are pinned."""
TYPE = "pulumi-python:dynamic/gcptuning"
PIN = "run: cd tests && ../.venv/bin/python -m golden.pin"
NO_CHECKS = dict.fromkeys(CHECKS, "off")  # what the catalogue says of a model changes with the years


def send(kind: str, declaration: Mapping[str, Any], folder: Path) -> dict[str, str]:
    """What is written at Google for a declaration: the labels that are ours, and the ids that we choose.

    ``declaration`` has the URN, the inputs as the program gives them, and where they matter the settings and the files.
    """
    desk = Desk(root=folder / "project")
    given = settings(checks=NO_CHECKS, **declaration.get("settings", {}))
    call = desk.call(urn=declaration["urn"], settings=given)
    _lay_out(desk.google, declaration["inputs"], folder / "project")
    for name, text in {"Pulumi.yaml": "name: shop\n", **declaration.get("files", {})}.items():
        (folder / "project" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "project" / name).write_text(text, encoding="utf-8")
    resource = lifecycle_of(kind)
    checked = resource.check(call, {}, dict(declaration["inputs"]))
    errors = [str(each) for each in checked.findings if each.severity == "error"]
    assert errors == [], f"{kind}, {declaration.get('declared', declaration['urn'])}: {errors}"
    resource.create(call, checked.inputs)
    return sample_of(kind).sent(desk.google)


def newest(folder: Path) -> Path:
    """The file of the next version, the only one that still grows."""
    return max(folder.glob("*.json"), key=lambda file: [int(part) for part in file.stem.split(".")])


def pinned_first(kind: str) -> Any:
    """The first pinned declaration of a kind, which tests of every resource make."""
    files = [json.loads(file.read_text(encoding="utf-8")) for file in sorted(HASHES.glob("*.json"))]
    found = [each for kinds in files for each in kinds.get(kind, [])]
    assert found, f"Add one declaration of {kind} to tests/golden/hashes/{newest(HASHES).name}, then {PIN}"
    return found[0]


def keys_of(kind: str) -> dict[str, list[str]]:
    """The camelCase keys of a resource's inputs and of its state, nested ones with a dot."""
    module: Any = lifecycle_of(kind).resource
    return {"inputs": sorted({*_keys(module.Args), *_keys(module.Told)}), "state": sorted(_keys(module.State))}


def deciding_keys(kind: str) -> list[str]:
    """The camelCase keys of the inputs whose change makes something else, with those below them."""
    args = lifecycle_of(kind).resource.Args
    tops = description.keys_of(args, "spec", "place")
    return [key for key in _keys(args) if key.partition(".")[0] in tops]


def _lay_out(google: HandMadeGoogle, inputs: Mapping[str, Any], folder: Path) -> None:
    """What the inputs refer to: a job that has ended well, an endpoint."""
    folder.mkdir()
    if "tuningJob" in inputs:
        name = by_number(inputs["tuningJob"])
        if "machineType" in inputs:  # the job of an open model, which makes no model
            google.jobs[name] = {"name": name, "state": "JOB_STATE_SUCCEEDED", "outputUri": "gs://shop-data/output"}
        else:
            google.jobs[name] = {"name": name, "state": "JOB_STATE_RUNNING"}
            google.succeed(name)
    if "endpoint" in inputs:
        name = by_number(inputs["endpoint"])
        google.endpoints[name] = {"name": name}


def _keys(model: type[BaseModel]) -> Iterator[str]:
    for name, field in model.model_fields.items():
        key = field.alias or name
        yield key
        for inner in _models_in(field.annotation):
            yield from (f"{key}.{below}" for below in _keys(inner))


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for each in get_args(annotation):
        yield from _models_in(each)
