"""A checkpoint as bytes, and back."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tuning_sandbox.learner.chooser import Chooser
from tuning_sandbox.learner.network import Network
from tuning_sandbox.learner.training import Checkpoint
from tuning_sandbox.learner.vocabulary import Vocabulary
from tuning_sandbox.learner.writer import Writer


def checkpoint_to_bytes(checkpoint: Checkpoint) -> bytes:
    """The checkpoint in half precision, compressed. It answers as the original does."""
    model = checkpoint.model
    told: dict[str, Any] = {"epoch": checkpoint.epoch, "step": checkpoint.step}
    arrays: dict[str, NDArray[Any]] = {}
    if isinstance(model, Chooser):
        told |= {"labels": model.labels, "skipped": sorted(model.skipped)}
        arrays["buckets"] = model.buckets
        parameters = model.parameters
    else:
        told["pieces"] = model.vocabulary.pieces
        parameters = model.network.parameters
    arrays |= {name: value.astype(np.float16) for name, value in parameters.items()}
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        _write(archive, "checkpoint.json", json.dumps(told).encode())
        for name, value in arrays.items():
            part = io.BytesIO()
            np.save(part, value)
            _write(archive, f"{name}.npy", part.getvalue())
    return target.getvalue()


def _write(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    """Written without timestamps, so that the same checkpoint gives the same bytes."""
    archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED, compresslevel=1)


def checkpoint_from_bytes(data: bytes) -> Checkpoint:
    """The checkpoint that this or an earlier version stored; one from before labels were stored writes free text."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        told = json.loads(archive.read("checkpoint.json"))
        arrays = {
            name[:-4]: np.load(io.BytesIO(archive.read(name))) for name in archive.namelist() if name.endswith(".npy")
        }
    parameters = {name: value.astype(np.float32) for name, value in arrays.items() if value.dtype == np.float16}
    model: Writer | Chooser
    if "labels" in told:
        model = Chooser(tuple(told["labels"]), frozenset(told["skipped"]), arrays["buckets"], parameters)
    else:
        model = Writer(Network(parameters), Vocabulary(tuple(told["pieces"])))
    return Checkpoint(told["epoch"], told["step"], model)
