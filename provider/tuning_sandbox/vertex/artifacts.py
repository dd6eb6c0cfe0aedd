"""The checkpoints of open models as objects in the user's bucket: safetensors files, which other jobs and machines read."""

from __future__ import annotations

import json
import struct
from typing import Any

from tuning_sandbox.kernel import Sandbox
from tuning_sandbox.vertex.outputs import drop_weights, weights_key
from tuning_sandbox.vertex.service import api

FOLDER = "postprocess/node-0/checkpoints"
SUFFIX = ".safetensors"
_TENSOR, _BASE = "sandbox.checkpoint", "tuning_sandbox.base_model"
_SHARDS = 2
Doc = dict[str, Any]

api.behaviour(
    "an open model's checkpoints are safetensors files under postprocess/node-0/checkpoints: final, and at most ten "
    "checkpoint-M, exactly one for each epoch below ten epochs; nothing is registered or deployed",
    source="thread",
    ref="seed 004",
)
api.behaviour("M of checkpoint-M is the epoch", source="assumed")
api.behaviour("the tensors of such a file are the sandbox's own small model", source="assumed")


def write_artifacts(sandbox: Sandbox, output_uri: str, weights: str, checkpoints: list[Doc], base: str) -> bool:
    """Write a job's checkpoints under its output folder and drop their copies; False if the bucket does not exist."""
    root = f"{output_uri.rstrip('/')}/{FOLDER}"
    for told in checkpoints:
        key = weights_key(weights, told["checkpointId"])
        blob = sandbox.store.blobs.get(key) or b""
        folders = [f"checkpoint-{told['epoch']}", *(["final"] if told is checkpoints[-1] else [])]
        for folder in folders:
            if not _write(sandbox, f"{root}/{folder}", blob, base):
                return False
    drop_weights(sandbox, weights, checkpoints)
    return True


def _write(sandbox: Sandbox, folder: str, blob: bytes, base: str) -> bool:
    size = -(-len(blob) // _SHARDS)
    for at in range(_SHARDS):
        data = to_safetensors(blob[at * size : (at + 1) * size], base)
        uri = f"{folder}/model-{at + 1:05}-of-{_SHARDS:05}{SUFFIX}"
        if not sandbox.services.storage.write_object(uri, data, "application/octet-stream"):
            return False
    return True


def to_safetensors(blob: bytes, base: str) -> bytes:
    """Bytes as the one tensor of a safetensors file, which names the base model."""
    entry = {"dtype": "U8", "shape": [len(blob)], "data_offsets": [0, len(blob)]}
    header = json.dumps({"__metadata__": {"format": "pt", _BASE: base}, _TENSOR: entry}).encode()
    header += b" " * (-len(header) % 8)
    return struct.pack("<Q", len(header)) + header + blob


def find_shards(sandbox: Sandbox, folder: str) -> list[str]:
    """The safetensors files directly in a folder, in order."""
    prefix = folder.rstrip("/") + "/"
    names = sandbox.services.storage.list_objects(prefix)
    return sorted(name for name in names if name.endswith(SUFFIX) and "/" not in name[len(prefix) :])


def read_checkpoint(sandbox: Sandbox, folder: str) -> tuple[bytes, str] | None:
    """The model in a folder that a job of this sandbox wrote, and its base model; None if it has other weights."""
    blob, base = b"", ""
    for uri in find_shards(sandbox, folder):
        read = _read_safetensors(sandbox.services.storage.read_object(uri) or b"")
        if read is None:
            return None
        blob, base = blob + read[0], read[1]
    return (blob, base) if base else None


def _read_safetensors(data: bytes) -> tuple[bytes, str] | None:
    try:
        (size,) = struct.unpack_from("<Q", data)
        header = json.loads(data[8 : 8 + size])
        begin, end = header[_TENSOR]["data_offsets"]
        return data[8 + size + begin : 8 + size + end], str(header["__metadata__"][_BASE])
    except (struct.error, ValueError, KeyError, TypeError):
        return None
