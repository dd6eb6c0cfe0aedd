"""What is in the folders of open models: the checkpoints that a job wrote, and those that a job starts from."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from pulumi_gcp_tuning.errors import NotFound
from pulumi_gcp_tuning.names import GcsUri
from pulumi_gcp_tuning.preflight.artifacts import OUTPUT_OF_A_JOB
from pulumi_gcp_tuning.preflight.facts import Fact, Known, Listing
from pulumi_gcp_tuning.resources.facts.surroundings import fact_of

if TYPE_CHECKING:
    from pulumi_gcp_tuning.resources.core.lifecycle import Call

_MOST_LISTED: Final = 2_000
_MOST_CONFIG_BYTES: Final = 1 << 20
FINAL: Final = "final"


def checkpoint_folder(output_uri: str, checkpoint: str = FINAL) -> str:
    """The folder in which a job of an open model writes a checkpoint."""
    return f"{output_uri.rstrip('/')}/{OUTPUT_OF_A_JOB}{checkpoint}"


def list_checkpoints(call: Call, output_uri: str) -> tuple[str, ...]:
    """The folders with weights that a job has written, in order of their number, the final one last; none if there is no such bucket."""
    root = checkpoint_folder(output_uri, "")
    try:
        names = list(_names(call, GcsUri.parse(root)))
    except NotFound:
        return ()
    below = (name.rpartition(OUTPUT_OF_A_JOB)[2] for name in names if name.endswith(".safetensors"))
    found = {name.partition("/")[0] for name in below if "/" in name}
    return tuple(f"{root}{folder}" for folder in sorted(found, key=_in_order))


def fetch_folder(call: Call, uri: str) -> Fact[Listing]:
    """The names of the objects in a folder."""
    read = GcsUri.parse(f"{uri.rstrip('/')}/")
    needs = f"storage.objects.list on the bucket {read.bucket} (roles/storage.objectViewer)"

    def ask() -> Listing:
        names = tuple(islice(_names(call, read), _MOST_LISTED + 1))
        return Listing(names=names[:_MOST_LISTED], complete=len(names) <= _MOST_LISTED)

    fact: Fact[Listing] = fact_of(
        call, ask, subject=f"what {uri} contains", needs=needs, absent=Known(Listing(names=()))
    )
    return fact


def fetch_config(call: Call, uri: str) -> Fact[Mapping[str, Any] | None]:
    """The ``config.json`` of a checkpoint; Known(None) if it has none."""
    read = GcsUri.parse(f"{uri.rstrip('/')}/config.json")
    needs = f"storage.objects.get on the bucket {read.bucket} (roles/storage.objectViewer)"

    def ask() -> Mapping[str, Any] | None:
        with call.google.storage.open_object(read.bucket, read.object) as content:
            found = json.loads(content.read(_MOST_CONFIG_BYTES))
        return found if isinstance(found, Mapping) else None

    fact: Fact[Mapping[str, Any] | None] = fact_of(
        call, ask, subject=f"the architecture of {uri}", needs=needs, absent=Known(None)
    )
    return fact


def _names(call: Call, folder: GcsUri) -> Iterator[str]:
    for each in call.google.storage.list_objects(folder.bucket, folder.object):
        yield str(each.get("name", ""))


def _in_order(folder: str) -> tuple[bool, int, str]:
    number = folder.rpartition("-")[2]
    return folder == FINAL, int(number) if number.isdigit() else 0, folder
