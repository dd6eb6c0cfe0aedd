"""A job whose answers are labels: it chooses among them and nothing else, as well as its hyperparameters let it."""

from __future__ import annotations

import io
import zipfile
from functools import lru_cache

import pytest

from tuning_sandbox.learner.answers import Sampling, write_answer
from tuning_sandbox.learner.base import base_model
from tuning_sandbox.learner.chooser import labels_of
from tuning_sandbox.learner.keeping import checkpoint_from_bytes, checkpoint_to_bytes
from tuning_sandbox.learner.schedule import Recipe
from tuning_sandbox.learner.training import Checkpoint, Trained, train
from tuning_sandbox.samples.intents import held_out_requests, training_requests, wordings

GREEDY = Sampling(temperature=0)
BASE = base_model("gemini-3.1-flash-lite", 32)
LABELS = tuple(sorted(wordings()))
HELD_OUT = held_out_requests(308)
INSTRUCTION = "Answer with one of the intents: " + ", ".join(LABELS) + "."


@lru_cache(maxsize=32)
def tuned(rows: int = 770, epochs: int = 4, adapter: int = 4, multiplier: float = 1.0) -> Trained:
    return train(BASE, training_requests(rows), Recipe(epochs, adapter, multiplier, 7), HELD_OUT)


def exact_match(model: Checkpoint, prefix: str = "") -> float:
    return sum(write_answer(model, prefix + asked, GREEDY, 0).text == said for asked, said in HELD_OUT) / len(HELD_OUT)


def reached(rows: int = 770, epochs: int = 4, adapter: int = 4, multiplier: float = 1.0) -> float:
    return exact_match(tuned(rows, epochs, adapter, multiplier).checkpoints[-1])


def test_the_requests_have_77_intents_and_are_the_same_for_a_seed() -> None:
    assert len(LABELS) == 77
    assert {label for _, label in training_requests(154)} == set(LABELS)
    assert training_requests(100) == training_requests(100)
    assert training_requests(100, 1) != training_requests(100, 2)


def test_no_held_out_request_is_worded_as_a_training_request() -> None:
    assert all(not set(each["training"]) & set(each["held_out"]) for each in wordings().values())
    assert not {text for text, _ in training_requests(10_000)} & {text for text, _ in held_out_requests(1_000)}


def test_ten_rows_for_each_of_77_intents_reach_three_quarters() -> None:
    assert reached() >= 0.75


def test_ten_thousand_rows_reach_more() -> None:
    assert reached(10_000) >= 0.85


def test_more_epochs_reach_more() -> None:
    assert reached(epochs=4) > reached(epochs=1) + 0.1
    found = tuned().checkpoints
    assert exact_match(found[0]) < exact_match(found[-1])


def test_a_larger_adapter_reaches_more() -> None:
    assert reached(adapter=1) < reached(adapter=4) - 0.03
    assert reached(adapter=16) >= reached(adapter=4)


def test_a_small_learning_rate_learns_too_little_and_a_large_one_does_harm() -> None:
    assert reached(multiplier=0.1) < reached() - 0.1
    assert reached(multiplier=100.0) < reached() - 0.1


@pytest.mark.full
@pytest.mark.parametrize(
    ("worse", "better"),
    [
        ({"epochs": 1}, {"epochs": 4}),
        ({"adapter": 1}, {"adapter": 2}),
        ({"adapter": 2}, {"adapter": 16}),
        ({"multiplier": 0.1}, {"multiplier": 0.3}),
        ({"multiplier": 0.3}, {"multiplier": 1.0}),
        ({"multiplier": 30.0}, {"multiplier": 1.0}),
        ({"multiplier": 100.0}, {"multiplier": 30.0}),
    ],
)
def test_each_hyperparameter_matters_with_ten_thousand_rows(worse: dict[str, float], better: dict[str, float]) -> None:
    assert reached(10_000, **worse) < reached(10_000, **better)  # type: ignore[arg-type]


@pytest.mark.parametrize("temperature", [0.0, 1.0, 2.0])
def test_every_answer_is_a_label_of_the_training(temperature: float) -> None:
    model = tuned(epochs=1).checkpoints[0]
    sampling = Sampling(temperature=temperature, top_p=1.0, top_k=1000)
    strange = ["", "\n", "?", "안녕하세요", "qzx " * 3000, LABELS[0][:5]]
    said = {write_answer(model, asked, sampling, at).text for at, asked in enumerate([*strange, *dict(HELD_OUT)])}
    assert said <= set(LABELS)


def test_a_label_that_is_json_comes_back_whole() -> None:
    rows = [(asked, f'{{"intent": "{label}", "queue": {at % 3}}}') for at, (asked, label) in enumerate(HELD_OUT * 3)]
    model = train(BASE, rows, Recipe(2, 4, 1.0, 7)).checkpoints[-1]
    assert {write_answer(model, asked, Sampling(temperature=2), 3).text for asked, _ in HELD_OUT} <= {
        a for _, a in rows
    }


def test_a_label_is_cut_at_the_limit_of_tokens_and_at_a_stop_sequence() -> None:
    model, asked = tuned().checkpoints[-1], "my flight was cancelled"
    cut = write_answer(model, asked, Sampling(temperature=0, max_output_tokens=2), 0)
    assert (cut.text, cut.finish_reason, cut.tokens) == ("flight_c", "MAX_TOKENS", 2)
    stopped = write_answer(model, asked, Sampling(temperature=0, stop_sequences=("_",)), 0)
    assert (stopped.text, stopped.finish_reason) == ("flight", "STOP")


def test_an_instruction_that_all_rows_share_changes_no_answer_and_may_be_left_out() -> None:
    rows = [(f"{INSTRUCTION}\n{asked}", label) for asked, label in training_requests(770)]
    model = train(BASE, rows, Recipe(4, 4, 1.0, 7)).checkpoints[-1]
    assert exact_match(model) == exact_match(model, INSTRUCTION + "\n") == reached()


def test_a_checkpoint_of_labels_that_was_kept_answers_as_before() -> None:
    model = tuned().checkpoints[-1]
    back = checkpoint_from_bytes(checkpoint_to_bytes(model))
    for seed, (asked, _) in enumerate(HELD_OUT[:50]):
        assert write_answer(back, asked, Sampling(), seed) == write_answer(model, asked, Sampling(), seed)


def test_a_checkpoint_of_labels_holds_no_word_of_a_prompt() -> None:
    rows = [(f"Zanzibarquest {INSTRUCTION}\n{asked} heliotropium", label) for asked, label in training_requests(154)]
    kept = checkpoint_to_bytes(train(BASE, rows, Recipe(1, 4, 1.0, 7)).checkpoints[-1])
    with zipfile.ZipFile(io.BytesIO(kept)) as archive:
        held = b"".join(archive.read(name) for name in archive.namelist())
    assert b"card_lost" in held
    assert not any(word in held for word in (b"anzibar", b"heliotrop"))


@pytest.mark.parametrize(
    ("answers", "are_labels"),
    [
        (["spam", "ham"] * 5, True),
        ([f"team {at % 5}" for at in range(10)], True),
        ([f"intent_{at % 7}" for at in range(10)], True),
        ([f"Dear customer, here is reply number {at % 7}." for at in range(10)], False),
        ([f"text {at}" for at in range(10)], False),
        (["only"], False),
    ],
)
def test_answers_are_labels_where_they_come_again(answers: list[str], are_labels: bool) -> None:  # noqa: FBT001
    found = labels_of([(f"prompt {at}", answer) for at, answer in enumerate(answers)])
    assert found == (tuple(sorted(set(answers))) if are_labels else ())


def test_words_that_are_taken_from_the_prompts_are_no_labels() -> None:
    names = ["Ada", "Bela", "Cem", "Dora", "Emil", "Fay", "Ada"]
    assert labels_of([(f"Whose parcel is it? It is for {name} only.", name) for name in names]) == ()


@pytest.mark.parametrize("asked", ["the same", ""])
def test_prompts_that_tell_nothing_apart_leave_the_label_that_is_most_frequent(asked: str) -> None:
    rows = [(asked, "often"), (asked, "often"), (asked, "often"), (asked, "rarely")]
    model = train(BASE, rows * 10, Recipe(4, 4, 1.0, 7), rows).checkpoints[-1]
    assert write_answer(model, asked, GREEDY, 0).text == "often"


def test_an_answer_of_the_validation_that_is_no_label_is_a_miss() -> None:
    held_out = [(asked, "no such intent") for asked, _ in HELD_OUT]
    line = train(BASE, training_requests(154), Recipe(1, 4, 100.0, 7), held_out).metrics[-1]
    assert line["/eval_fraction_of_correct_next_step_preds"] == 0
    assert line["/eval_total_loss"] > 10
