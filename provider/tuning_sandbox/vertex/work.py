"""The work outside the event loop: reading a data set and training. Pure: bytes and numbers in, JSON and bytes out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tuning_sandbox.kernel.course import Failure
from tuning_sandbox.learner.dataset import Dataset, DatasetError, read_dataset
from tuning_sandbox.learner.rows import Limits
from tuning_sandbox.learner.schedule import Recipe
from tuning_sandbox.vertex.catalogue import BaseModel, ServedModel
from tuning_sandbox.vertex.stats import data_stats

MOST_BYTES = 1 << 30
Source = tuple[str, bytes | None]


@dataclass
class Prepared:
    """Data sets that were read, and their statistics; or the error that ends the job."""

    training: Dataset = field(default_factory=Dataset)
    validation: Dataset | None = None
    stats: dict[str, Any] = field(default_factory=dict)
    error: Failure | None = None


@dataclass
class Learned:
    """The metrics of each step, and the checkpoints as bytes; or the error that ends the job."""

    metrics: list[dict[str, Any]] = field(default_factory=list)
    checkpoints: list[dict[str, Any]] = field(default_factory=list)
    blobs: list[bytes] = field(default_factory=list)
    evaluations: list[dict[str, Any]] = field(default_factory=list)
    error: Failure | None = None


def prepare(
    training: Source,
    validation: Source | None,
    model: BaseModel,
    epochs: int,
    most_rows: int = 0,
    most_bytes: int = 0,
) -> Prepared:
    """Reads both data sets (uri, bytes) as the job's model allows; the texts of refusals are synthetic.

    `most_rows` and `most_bytes` replace Google's limits if they are not 0.
    """
    limits = Limits(model.formats, model.media, model.most_images, model.most_audio_files)
    prepared = read_fitting(
        training,
        validation,
        lambda data: read_dataset(data, model.most_tokens, limits),
        model,
        _share_problem,
        most_rows,
        most_bytes,
    )
    if prepared.error is None:
        prepared.stats = data_stats(prepared.training, epochs)
    return prepared


def read_fitting(
    training: Source,
    validation: Source | None,
    read: Callable[[bytes], Dataset],
    model: BaseModel,
    other_problem: Callable[[Prepared], str | None],
    most_rows: int,
    most_bytes: int,
) -> Prepared:
    """Both data sets if their sizes fit the model; or the error. `other_problem` says what else is wrong with a validation set."""
    prepared = read_sources(training, validation, read, most_bytes=most_bytes)
    if prepared.error:
        return prepared
    if problem := _training_problem(prepared, model, most_rows):
        return Prepared(error=bad_data("training", training[0], problem))
    if validation is not None and (problem := _validation_problem(prepared, model) or other_problem(prepared)):
        return Prepared(error=bad_data("validation", validation[0], problem))
    return prepared


def read_sources(
    training: Source, validation: Source | None, read: Callable[[bytes], Dataset], *, most_bytes: int = 0
) -> Prepared:
    """Both data sets as `read` reads them; or the error of a file that is missing, too large or malformed."""
    prepared = Prepared()
    for kind, source in (("training", training), ("validation", validation)):
        if source is None:
            continue
        uri, data = source
        if data is None:
            problem = f"Failed to read the {kind} dataset {uri}: the object does not exist or the service agent cannot read it."
            return Prepared(error=Failure(9, problem))
        if len(data) > (most_bytes or MOST_BYTES):
            size = f"{most_bytes:,} bytes" if most_bytes else "1 GB"
            return Prepared(error=bad_data(kind, uri, f"the file is larger than {size}."))
        try:
            rows = read(data)
        except DatasetError as error:
            return Prepared(error=bad_data(kind, uri, str(error)))
        if kind == "training":
            prepared.training = rows
        else:
            prepared.validation = rows
    return prepared


def bad_data(kind: str, uri: str, problem: str) -> Failure:
    """The error of a job about one of its data sets; the text is synthetic."""
    return Failure(3, f"Failed to process the {kind} dataset {uri}: {problem}")


def _training_problem(prepared: Prepared, model: BaseModel, most_rows: int) -> str | None:
    count = len(prepared.training.examples)
    most = most_rows or (model.most_media_rows if prepared.training.has_media else model.most_rows)
    return f"{count} examples are more than the {most} that are allowed." if count > most else None


def _validation_problem(prepared: Prepared, model: BaseModel) -> str | None:
    if prepared.validation is None:
        return None
    if prepared.validation.format != prepared.training.format:
        return (
            f'its rows have "{prepared.validation.format}", those of the training dataset "{prepared.training.format}".'
        )
    count = len(prepared.validation.examples)
    if count > model.most_validation:
        return f"{count} examples are more than the {model.most_validation} that are allowed."
    return None


def _share_problem(prepared: Prepared) -> str | None:
    count = len(prepared.validation.examples) if prepared.validation else 0
    rows = len(prepared.training.examples)
    if count > 1000 and count > 0.3 * rows:
        return f"{count} examples are more than 30 % of the {rows} training examples."
    return None


def learn(
    prepared: Prepared,
    base: ServedModel,
    recipe: Recipe,
    stopped: Callable[[], bool] = lambda: False,
    parent: bytes | None = None,
) -> Learned:
    """Train the sandbox's small model on the data that prepare read; end early if `stopped` returns True.

    It starts from the checkpoint in `parent`, or from the base model.
    """
    from tuning_sandbox.learner.base import base_model
    from tuning_sandbox.learner.keeping import checkpoint_from_bytes, checkpoint_to_bytes
    from tuning_sandbox.learner.training import CannotContinue, train

    start = checkpoint_from_bytes(parent) if parent is not None else base_model(base.name, base.width)
    validation = prepared.validation.pairs if prepared.validation else None
    try:
        trained = train(start, prepared.training.pairs, recipe, validation, stopped)
    except CannotContinue as error:
        return Learned(error=Failure(12, f"Not in the sandbox: {error}."))
    told = [
        {"checkpointId": str(at), "epoch": str(found.epoch), "step": str(found.step)}
        for at, found in enumerate(trained.checkpoints, start=1)
    ]
    return Learned(trained.metrics, told, [checkpoint_to_bytes(found) for found in trained.checkpoints])
