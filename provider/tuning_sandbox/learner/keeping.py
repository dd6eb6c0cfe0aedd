"""A checkpoint as bytes, and back."""

from __future__ import annotations

import io
import json
import zipfile

import numpy as np

from tuning_sandbox.learner.network import Network
from tuning_sandbox.learner.training import Checkpoint
from tuning_sandbox.learner.vocabulary import Vocabulary


def checkpoint_to_bytes(checkpoint: Checkpoint) -> bytes:
    """The checkpoint in half precision, compressed. It answers as the original does."""
    arrays = {name: value.astype(np.float16) for name, value in checkpoint.network.parameters.items()}
    told = {"epoch": checkpoint.epoch, "step": checkpoint.step, "pieces": checkpoint.vocabulary.pieces}
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        _write(archive, "checkpoint.json", json.dumps(told).encode())
        for name, value in arrays.items():
            part = io.BytesIO()
            np.save(part, value)
            _write(archive, f"{name}.npy", part.getvalue())
    return target.getvalue()


def _write(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    """Without the time of day, so that the same checkpoint gives the same bytes."""
    archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED, compresslevel=1)


def checkpoint_from_bytes(data: bytes) -> Checkpoint:
    """What checkpoint_to_bytes kept."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        told = json.loads(archive.read("checkpoint.json"))
        parameters = {
            name[:-4]: np.load(io.BytesIO(archive.read(name))).astype(np.float32)
            for name in archive.namelist()
            if name.endswith(".npy")
        }
    return Checkpoint(told["epoch"], told["step"], Network(parameters), Vocabulary(tuple(told["pieces"])))
