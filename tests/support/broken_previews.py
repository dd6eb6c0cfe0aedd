"""A preview with every kind of step, and the same preview with one value of it missing or of another type."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any, Final

from support.fake_cli import urn
from support.planned_steps import JOB, JOB_INPUTS, SECRET, SPEC, UNKNOWN, answer, step

OTHERS: Final[tuple[Any, ...]] = (
    None,
    0,
    -1.5,
    float("inf"),
    float("nan"),
    True,
    "",
    "x",
    [],
    [0],
    ["x"],
    [None],
    {},
    {"x": 1},
    {"x": {"y": []}},
)
"""What a value is replaced by."""
DROPPED: Final = object()
Path = tuple[str | int, ...]


def whole_preview() -> dict[str, Any]:
    """A file that has whatever the review reads."""
    data = {"contentSha256": "a" * 64, "uri": "gs://shop-data/old.jsonl", "source": "t.jsonl"}
    dataset = step("replace", "TuningDataset", "training", old=data, new=data | {"contentSha256": "b" * 64})
    job = step(
        "replace", "TuningJob", old=JOB_INPUTS, new=JOB_INPUTS | {"encryptionSpec": {"kmsKeyName": "k"}}, id_=JOB
    )
    job["newState"]["dependencies"] = [dataset["urn"]]
    job |= {"detailedDiff": {"encryptionSpec": {"kind": "add"}}, "replaceReasons": ["encryptionSpec"]}
    times = {
        "createTime": "2026-11-01T10:00:00Z",
        "endTime": "2026-11-01T11:00:00Z",
        "baseModel": "gemini-3.1-flash-lite",
    }
    model = step(
        "replace", "TunedModel", old={"tuningJob": JOB, "onReplace": {"keepLast": 1}}, new={"tuningJob": UNKNOWN},
        outputs={"tuningJob": JOB, "usage": {"trainingUsd": 9.5, "modelUrl": "https://console.test/m"}}, needs=[job["urn"]],
    )  # fmt: skip
    model["oldState"] |= {"additionalSecretOutputs": ["tuningJob"], "custom": True}
    machine = {
        "machineType": "g2-standard-12",
        "acceleratorType": "NVIDIA_L4",
        "acceleratorCount": 1.0,
        "labels": SECRET,
    }
    bucket = {
        "op": "delete",
        "urn": "urn:pulumi:dev::shop::gcp:storage/bucket:Bucket::b",
        "oldState": {"id": "b", "custom": True},
    }
    said = [{"severity": "warning", "urn": job["urn"], "message": "odd"}]
    return answer(
        dataset, job, model, bucket,
        step("same", "TuningJob", "earlier", old=JOB_INPUTS, new=JOB_INPUTS, outputs=times),
        step("create", "ModelDeployment", "support", new=machine, needs=[urn("TunedModel", "router")]),
        step("update", "Endpoint", old={"labels": {"a": "1"}}, new={"labels": {"a": "2"}}) | {"diffReasons": ["labels"]},
        step("delete", "TuningJob", "old", old={"supervisedTuningSpec": SPEC, "deletionPolicy": "PREVENT"}),
        step("delete-replaced", "Endpoint", "left"),
        diagnostics=said, config={"shop:a": "b"}, duration=1,
    )  # fmt: skip


def paths_in(value: Any, path: Path = ()) -> Iterator[Path]:
    """The path of each value, the whole first."""
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in items:
        yield from paths_in(each, (*path, key))


def broken(preview: Any, path: Path, by: Any) -> Any:
    """A copy with another value at the path, or without one if ``by`` is DROPPED."""
    if not path:
        return None if by is DROPPED else by
    made = copy.deepcopy(preview)
    above = made
    for key in path[:-1]:
        above = above[key]
    if by is DROPPED:
        del above[path[-1]]
    else:
        above[path[-1]] = by
    return made
