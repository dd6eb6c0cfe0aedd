"""The state of a job and its model in Pulumi: the file that ``pulumi import --file`` takes.

Pulumi cannot ask a dynamic provider to read an imported resource, so the file holds the full state of each resource:
inputs, outputs, and in both the reference to its provider. Without one of them, the next preview would replace the job.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pulumi_gcp_tuning.cli.sandbox_folder import find_project
from pulumi_gcp_tuning.errors import NotFound, Refused
from pulumi_gcp_tuning.grammar import snake

if TYPE_CHECKING:
    from pulumi_gcp_tuning.resources.core.lifecycle import Call, Current, Properties

_TOKEN: Final = "pulumi-python:dynamic/gcptuning:"
_LEFT_TO_UP: Final = frozenset({"deletionPolicy"})
"""Inputs that are in the program and not in the file, so that the next ``up`` updates each resource and takes it over."""
_NAMED_BY_CONTENT: Final = re.compile(r"gs://[^/]+/.+/([0-9a-f]{64})\.jsonl")


@dataclass(frozen=True, kw_only=True)
class Existing:
    """A resource as Google has it, with its name in the program."""

    kind: str
    name: str
    id: str
    inputs: Properties
    outputs: Properties

    @property
    def type_name(self) -> str:
        """The class that declares it."""
        from pulumi_gcp_tuning.resources.registry import lifecycle_of

        return lifecycle_of(self.kind).name

    @property
    def token(self) -> str:
        """Its type in the state."""
        return f"{_TOKEN}{self.type_name}"


def find_existing(call: Call, job: Mapping[str, Any], name: str, project: str) -> list[Existing]:
    """The job, its datasets, its model, and the endpoints and deployments that serve the model.

    A dataset is included if a file below the project's folder has its content. Endpoints that Google made for the
    model belong to the model.
    """
    from pulumi_gcp_tuning.resources.registry import declared_kind_of

    frame, kind = declared_kind_of(job["name"])
    found = [*_datasets(call, kind.inputs_of(job), name), *_read(call, frame.kind, name, job["name"], project=project)]
    if (made := kind.made(job).get("model")) and _is_there(call, made):
        model = _read(call, "tuned_model", name, job["name"])
        found += model
        for each in model:
            found += _serving(call, kind.made(job), each.outputs, project)
    return found


def _is_there(call: Call, model: str) -> bool:
    try:
        call.google.vertex_of(model).get_model(model)
    except NotFound:
        return False
    return True


def import_file_of(existing: Sequence[Existing]) -> str:
    """The file for ``pulumi import --file``."""
    return json.dumps({"resources": [_entry(each) for each in existing]}, indent=2) + "\n"


def write_import_file(file: Path, existing: Sequence[Existing]) -> None:
    """Write the file. Raises Refused if it exists, because it may be a program."""
    try:
        with file.open("x", encoding="utf-8") as opened:
            opened.write(import_file_of(existing))
    except FileExistsError:
        raise Refused(
            f"{file} exists and was not overwritten. Remove it, or use another name for --import-file."
        ) from None
    except OSError as error:
        raise Refused(f"{file} cannot be written: {error.strerror}.") from None


def _entry(each: Existing) -> dict[str, Any]:
    from pulumi.dynamic.dynamic import serialize_provider

    from pulumi_gcp_tuning.dynamic import Door
    from pulumi_gcp_tuning.properties import PROVIDER_KEY

    provider = {PROVIDER_KEY: serialize_provider(Door(each.kind))}
    return {
        "type": each.token,
        "name": f"{each.name}:{each.type_name}",  # job and model share a name, and often an id
        "logicalName": each.name,
        "id": each.id,
        "inputs": {**provider, **each.inputs},
        "outputs": {**provider, **each.outputs},
    }


def _read(call: Call, kind: str, name: str, id: str, **own: Any) -> list[Existing]:  # noqa: A002
    """The resource as ``get`` reads it; None if it no longer exists. ``own`` are inputs in the program's spelling."""
    from pulumi_gcp_tuning.resources.registry import lifecycle_of

    current: Current | None = lifecycle_of(kind).read(call, id, {})
    if current is None:
        return []
    inputs = {key: value for key, value in {**(current.inputs or {}), **own}.items() if key not in _LEFT_TO_UP}
    outputs = {key: value for key, value in {**current.outputs, **own}.items() if key not in _LEFT_TO_UP}
    return [Existing(kind=kind, name=name, id=current.id, inputs=inputs, outputs=outputs)]


def _datasets(call: Call, inputs: Mapping[str, Any], name: str) -> list[Existing]:
    found: list[Existing] = []
    for key, uri in _texts_in(inputs):
        match = _NAMED_BY_CONTENT.fullmatch(uri)
        source = _find_source(match[1]) if match else None
        if match and source is not None and uri not in [each.id for each in found]:
            own = {"source": source, "contentSha256": match[1]}
            part = re.sub("_?dataset_uri$", "", snake(key)) or "data"
            found += _read(call, "tuning_dataset", f"{name}-{part}", uri, **own)
    return found


def _texts_in(inputs: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """All texts in the inputs, at any depth, with their keys."""
    for key, value in inputs.items():
        if isinstance(value, Mapping):
            yield from _texts_in(value)
        elif isinstance(value, str):
            yield key, value


def _find_source(sha256: str) -> str | None:
    """The path, relative to Pulumi.yaml and at most two folders below it, of a file with this content."""
    project = find_project(Path.cwd())
    root = Path.cwd() if project is None else project.parent
    files = (file for depth in ("", "*/", "*/*/") for file in sorted(root.glob(f"{depth}*.jsonl")))
    for file in files:
        relative = file.relative_to(root)
        if file.is_file() and not any(part.startswith(".") for part in relative.parts):
            with file.open("rb") as opened:
                if hashlib.file_digest(opened, "sha256").hexdigest() == sha256:
                    return str(relative)
    return None


def _serving(call: Call, made: Mapping[str, Any], outputs: Mapping[str, Any], project: str) -> list[Existing]:
    """The endpoints, not made by Google, to which a TunedModel's model is deployed, each with its deployments of that model."""
    from pulumi_gcp_tuning.resources.models.removal import made_endpoints
    from pulumi_gcp_tuning.resources.models.turns import endpoint_key

    googles = {endpoint_key(each) for each in (*made_endpoints(made), *made_endpoints(outputs))}
    model = str(outputs["versionedModel"])
    live = call.google.vertex_of(model).get_model(model)
    found: list[Existing] = []
    for deployed in live.get("deployedModels") or ():
        endpoint = str(deployed["endpoint"])
        if endpoint_key(endpoint) in googles:
            continue
        if endpoint not in [each.id for each in found]:
            found += _read(call, "endpoint", f"endpoint-{endpoint.rpartition('/')[2]}", endpoint, project=project)
        deployed_id = str(deployed["deployedModelId"])
        full = f"{endpoint}/deployedModels/{deployed_id}"
        found += _read(call, "model_deployment", f"deployment-{deployed_id}", full)
    return found
