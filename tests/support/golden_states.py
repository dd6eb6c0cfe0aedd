"""States that a release wrote, each with its program and with what Google held at that moment.

    tests/golden/state/VERSION/CASE/
        case.json     what the sandbox's date is and what a preview shows
        program/      the project as it was: Pulumi.yaml, Pulumi.dev.yaml, program and data
        state.json    the stack's checkpoint, as the file backend keeps it
        world.json    the sandbox's documents, and the file of the program that each object holds

The sandbox's address is written as ``ORIGIN``. What no stack reads (weights, loss curves) is left out of the world.
State asks for the very version of the gcp plugin that made it; here the stand-in plays the version that is installed.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any, Self

from tuning_sandbox.kernel.disk import FILE_NAME, Disk

STATES = Path(__file__).resolve().parents[1] / "golden" / "state"
ORIGIN = "SANDBOX_ORIGIN"
PLACES_OF_THE_MACHINE = ("sourcePosition", "stackTrace")
METRICS = "vertex-tuning-metrics-"


@dataclass(frozen=True, kw_only=True)
class Case:
    """``preview`` counts the steps that a preview shows, ``waits`` says that a job runs that the stack waits for.

    ``quick`` cases are part of ``make test``. ``passphrase`` opens the secrets of state and configuration.
    """

    as_of: str
    passphrase: str
    preview: Mapping[str, int] = field(default_factory=dict)
    waits: bool = False
    quick: bool = False

    @classmethod
    def read(cls, folder: Path) -> Self:
        """The case of a folder."""
        return cls(**json.loads((folder / "case.json").read_text(encoding="utf-8")))

    def write(self, folder: Path) -> None:
        """Keep it beside its program, state and world."""
        write_json(folder / "case.json", asdict(self))


def write_json(file: Path, value: Any) -> None:
    """Text that a person can compare line by line."""
    file.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def restore_project(case: Path, folder: Path) -> None:
    """Program and configuration."""
    shutil.copytree(case / "program", folder)


def restore_state(case: Path, state_file: Path, origin: str) -> None:
    """The file backend of a stack, its resources made by the API at ``origin``."""
    backend = state_file.parents[2]
    state_file.parent.mkdir(parents=True)
    (backend / "meta.yaml").write_text("version: 1\n", encoding="utf-8")
    text = (case / "state.json").read_text(encoding="utf-8").replace(ORIGIN, origin)
    installed = version("pulumi-gcp")
    for made_by in {made_by for kind, made_by in plugins_of(json.loads(text)) if kind == "gcp"}:
        text = text.replace(f'"version": "{made_by}"', f'"version": "{installed}"')
        text = text.replace(f"default_{made_by.replace('.', '_')}", f"default_{installed.replace('.', '_')}")
    state_file.write_text(text, encoding="utf-8")


def plugins_of(state: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The plugins that state asks for, as name and version; those that it asks for in any version are left out."""
    resources = state["checkpoint"]["latest"].get("resources", [])
    providers = [each for each in resources if each["type"].startswith("pulumi:providers:")]
    return [
        (each["type"].rpartition(":")[2], each["inputs"]["version"])
        for each in providers
        if "version" in each.get("inputs", {})
    ]


def keep_state(case: Path, state_file: Path, origin: str) -> None:
    """What :func:`restore_state` reads."""
    state = _without(json.loads(state_file.read_text(encoding="utf-8")), PLACES_OF_THE_MACHINE)
    write_json(case / "state.json", state)
    text = (case / "state.json").read_text(encoding="utf-8")
    (case / "state.json").write_text(text.replace(origin, ORIGIN), encoding="utf-8")


def restore_world(case: Path, data: Path) -> None:
    """The data folder of a sandbox that has not started yet."""
    world = json.loads((case / "world.json").read_text(encoding="utf-8"))
    disk = Disk(data)
    for key, value in world["meta"].items():
        disk.write_meta(key, value)
    for kind, name, document in world["documents"]:
        disk.write_doc(kind, name, json.dumps(document, separators=(",", ":")))
    for key, file in world["objects"].items():
        disk.write_blob(key, (case / "program" / file).read_bytes())
    disk.close()


def keep_world(case: Path, data: Path) -> None:
    """What :func:`restore_world` reads, from the data folder of a sandbox that has ended."""
    program = case / "program"
    files = {file.read_bytes(): file.relative_to(program).as_posix() for file in program.rglob("*.jsonl")}
    with closing(sqlite3.connect(data / FILE_NAME)) as disk:
        blobs = disk.execute("SELECT key, data FROM blobs ORDER BY key").fetchall()
        meta = dict(disk.execute("SELECT key, value FROM meta ORDER BY key"))
    documents = [[kind, name, document] for kind, name, document in documents_of(data)]
    objects = {key: files[held] for key, held in blobs if held in files}
    write_json(case / "world.json", {"meta": meta, "documents": documents, "objects": objects})


def documents_of(data: Path) -> Iterator[tuple[str, str, Any]]:
    """Kind, name and content of all that a sandbox held when it ended."""
    with closing(sqlite3.connect(data / FILE_NAME)) as disk:
        for kind, name, text in disk.execute("SELECT kind, name, doc FROM docs ORDER BY id"):
            yield kind, name, json.loads(text)


def find_left_behind(data: Path) -> list[str]:
    """What still costs money once a stack is destroyed: models, endpoints, objects, and jobs that run."""
    left = []
    for kind, name, document in documents_of(data):
        if kind == "vertex.tuningJobs":
            if not document["resource"].get("endTime"):
                left.append(name)
        elif kind in ("vertex.models", "vertex.endpoints", "storage.objects") and not name.startswith(METRICS):
            left.append(name)
    return left


def _without(value: Any, keys: tuple[str, ...]) -> Any:
    if isinstance(value, dict):
        return {key: _without(inner, keys) for key, inner in value.items() if key not in keys}
    return [_without(inner, keys) for inner in value] if isinstance(value, list) else value
