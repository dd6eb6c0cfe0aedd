"""Reads the data sets of a tuning pipeline in its model's format. Pure: bytes in, examples out."""

from __future__ import annotations

from tuning_sandbox.learner.dataset import Dataset, read_dataset
from tuning_sandbox.learner.pairs import read_chat, read_pair
from tuning_sandbox.vertex.pipelines.bison import (
    LEAST_EVALUATION,
    LEAST_ROWS,
    MOST_AUTHORS,
    MOST_EVALUATION,
    MOST_ROWS,
    BisonModel,
)
from tuning_sandbox.vertex.service import api
from tuning_sandbox.vertex.work import Prepared, Source, bad_data, read_sources

api.behaviour(
    "a pipeline's data set has 10 to 10,000 examples (a chat's: at most 10,000 authors), its evaluation set 10 to 250",
    source="thread",
    ref="seed 002",
)
api.behaviour("the rows of a chat begin with the author user and end with assistant", source="assumed")


def prepare_pipeline(
    training: Source,
    evaluation: Source | None,
    model: BisonModel,
    default_context: str = "",
    most_rows: int = 0,
    most_bytes: int = 0,
) -> Prepared:
    """Both data sets, or their error; `most_rows` and `most_bytes` replace Google's limits."""

    def read(data: bytes) -> Dataset:
        row = (lambda raw: read_chat(raw, default_context)) if model.chat else read_pair
        return read_dataset(data, model.most_tokens, read=row)

    prepared = read_sources(training, evaluation, read, most_bytes=most_bytes)
    if prepared.error:
        return prepared
    if problem := _problem(prepared.training, model, most_rows or MOST_ROWS):
        return Prepared(error=bad_data("training", training[0], problem))
    if evaluation is not None and prepared.validation is not None:
        count = len(prepared.validation.examples)
        if not LEAST_EVALUATION <= count <= MOST_EVALUATION:
            problem = f"{count} examples; an evaluation set has {LEAST_EVALUATION} to {MOST_EVALUATION}."
            return Prepared(error=bad_data("evaluation", evaluation[0], problem))
    return prepared


def _problem(data: Dataset, model: BisonModel, most: int) -> str | None:
    count = len(data.examples)
    if count < LEAST_ROWS:
        return f"{count} examples are fewer than the {LEAST_ROWS} that are needed."
    if model.chat:
        authors = sum(example.messages for example in data.examples)
        return (
            f"{authors} authors are more than the {MOST_AUTHORS} that are allowed." if authors > MOST_AUTHORS else None
        )
    return f"{count} examples are more than the {most} that are allowed." if count > most else None
