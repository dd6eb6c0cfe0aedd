"""Rows of bison data sets, and training by steps with evaluation."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sandbox.data.tickets import tickets
from sandbox.pipeline_support import chats, pairs
from tuning_sandbox.learner.base import base_model
from tuning_sandbox.learner.pairs import prompt_of_chat, read_chat, read_pair
from tuning_sandbox.learner.rows import RowError
from tuning_sandbox.learner.schedule import Patience, Recipe
from tuning_sandbox.learner.training import Trained, train
from tuning_sandbox.vertex.pipelines.bison import BISON
from tuning_sandbox.vertex.pipelines.data import prepare_pipeline

USER, ANSWER = {"author": "user", "content": "hi"}, {"author": "assistant", "content": "hello"}


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ([], "is not a JSON object."),
        ({"output_text": "b"}, 'has no "input_text".'),
        ({"input_text": "a"}, 'has no "output_text".'),
        ({"input_text": 5, "output_text": "b"}, 'has a "input_text" that is not text.'),
        ({"input_text": "a", "output_text": " "}, 'has an empty "output_text".'),
    ],
)
def test_a_row_that_is_no_pair_says_why(row: Any, words: str) -> None:
    with pytest.raises(RowError) as caught:
        read_pair(json.dumps(row).encode())
    assert str(caught.value) == words


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"messages": []}, 'has no turns in "messages".'),
        ({"messages": ["x"]}, "has a message that is not an object."),
        ({"messages": [{"author": "bot", "content": "a"}]}, 'has a message of the unknown author "bot".'),
        ({"messages": [USER, {"author": "assistant"}]}, 'has no "content".'),
        ({"messages": [ANSWER]}, "does not begin with a message of the author user."),
        ({"messages": [USER, ANSWER, USER]}, "does not end with a message of the author assistant."),
        ({"messages": [USER, ANSWER], "context": 1}, 'has a "context" that is not text.'),
    ],
)
def test_a_row_that_is_no_chat_says_why(row: Any, words: str) -> None:
    with pytest.raises(RowError) as caught:
        read_chat(json.dumps(row).encode())
    assert str(caught.value) == words


@pytest.mark.parametrize(("context", "system"), [("own", "own"), (None, "default"), ("", "")])
def test_the_context_of_a_row_stands_before_the_default_one(context: str | None, system: str) -> None:
    row = {"messages": [USER, ANSWER], **({} if context is None else {"context": context})}
    turns = read_chat(json.dumps(row).encode(), "default").turns
    assert "".join(turn.text for turn in turns if turn.role == "system") == system


def test_a_chat_that_goes_on_is_asked_as_its_training_was() -> None:
    instance = {
        "context": "c",
        "examples": [{"input": {"content": "i"}, "output": {"content": "o"}}],
        "messages": [USER, ANSWER, {"author": "user", "content": "and?"}],
    }
    assert prompt_of_chat(instance) == "c\ni\no\nhi\nhello\nand?"


@pytest.mark.parametrize(
    ("model", "data", "words"),
    [
        ("code-bison@002", pairs(10_001), "10001 examples are more than the 10000"),
        ("code-bison@002", pairs(10_000), ""),
        ("codechat-bison@002", chats(5_001), "10002 authors are more than the 10000"),
        ("codechat-bison@002", chats(5_000), ""),
        ("codechat-bison@002", chats(9), "9 examples are fewer than the 10"),
        ("codechat-bison@002", pairs(10), 'line 1 has no turns in "messages".'),
    ],
)
def test_a_data_set_keeps_the_limits_of_seed_002(model: str, data: bytes, words: str) -> None:
    error = prepare_pipeline(("gs://b/t", data), None, BISON[model]).error
    assert words in ("" if error is None else error.message)
    assert bool(words) == (error is not None)


def trained(recipe: Recipe, rows: int = 40) -> Trained:
    return train(base_model("code-bison@002", 32), tickets(rows, 1), recipe, tickets(20, 2))


def test_a_run_of_steps_has_as_many_lines_and_one_checkpoint_the_last() -> None:
    got = trained(Recipe(steps=25, batch=8, evaluate_every=10, seed=1))
    assert [line["step"] for line in got.metrics] == list(range(1, 26))
    assert [line["step"] for line in got.metrics if "/eval_total_loss" in line] == [10, 20, 25]
    assert [(found.step, found.epoch) for found in got.checkpoints] == [(25, 5)]


def test_a_batch_may_be_larger_than_the_data_set() -> None:
    got = trained(Recipe(steps=3, batch=24, seed=1), rows=10)
    assert [line["epoch"] for line in got.metrics] == [3, 5, 8]


def test_the_best_evaluation_decides_which_checkpoint_is_kept() -> None:
    got = trained(Recipe(steps=60, batch=8, evaluate_every=5, seed=1, selects_best=True))
    name = "/eval_fraction_of_correct_next_step_preds"
    reached = {line["step"]: line[name] for line in got.metrics if name in line}
    best = max(reached.values())
    assert [found.step for found in got.checkpoints] == [min(step for step, value in reached.items() if value == best)]


def test_a_run_that_stops_early_keeps_its_last_step() -> None:
    got = trained(Recipe(steps=500, batch=8, evaluate_every=5, seed=1, stops_early=True))
    last = got.metrics[-1]["step"]
    assert last < 500
    assert [found.step for found in got.checkpoints] == [last]


@pytest.mark.parametrize(
    ("accuracies", "ends_at"),
    [([0.5, 0.5, 0.5, 0.5], 3), ([0.5, 0.6, 0.6, 0.6, 0.6], 4), ([0.5, 0.4, 0.4, 0.6, 0.6], None)],
)
def test_patience_ends_with_the_third_evaluation_in_a_row_that_gains_nothing(
    accuracies: list[float], ends_at: int | None
) -> None:
    patience = Patience()
    assert next((at for at, value in enumerate(accuracies) if patience.is_over(value)), None) == ends_at
