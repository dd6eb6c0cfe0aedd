"""What the sandbox's learner claims: it learns, and each hyperparameter does what it says."""

from __future__ import annotations

import io
import time
import zipfile
from functools import lru_cache
from typing import Any

import pytest

from sandbox.data.tickets import replies, tickets, to_jsonl
from tuning_sandbox.learner.answers import Sampling, write_answer
from tuning_sandbox.learner.base import base_model
from tuning_sandbox.learner.dataset import DatasetError, read_dataset
from tuning_sandbox.learner.keeping import checkpoint_from_bytes, checkpoint_to_bytes
from tuning_sandbox.learner.schedule import Recipe, kept_epochs, steps_of
from tuning_sandbox.learner.training import Checkpoint, Trained, train

GREEDY = Sampling(temperature=0)
BASE = base_model("gemini-3.5-flash", 64)
Pairs = list[tuple[str, str]]


def rows(pairs: Pairs) -> Pairs:
    return read_dataset(to_jsonl(pairs), 131_072).pairs


TRAIN, HELD_OUT = rows(tickets(200, 1)), rows(tickets(40, 2))


@lru_cache(maxsize=32)
def tuned(epochs: int = 4, adapter: int = 4, multiplier: float = 1.0, seed: int = 7) -> Trained:
    return train(BASE, TRAIN, Recipe(epochs, adapter, multiplier, seed), HELD_OUT)


def exact_match(model: Checkpoint, pairs: Pairs) -> float:
    return sum(write_answer(model, asked, GREEDY, 0).text == said for asked, said in pairs) / len(pairs)


def loss(trained: Trained, name: str = "/eval_total_loss") -> float:
    return float([line[name] for line in trained.metrics if name in line][-1])


def test_the_tuned_model_labels_unseen_tickets_better_than_the_base_model_that_only_guesses() -> None:
    assert exact_match(BASE, HELD_OUT) <= 0.6
    assert exact_match(tuned().checkpoints[-1], HELD_OUT) >= 0.9


def test_two_hundred_examples_for_four_epochs_train_in_less_than_two_seconds() -> None:
    started = time.process_time()
    train(BASE, TRAIN, Recipe(4, 4, 1.0, 99), HELD_OUT)
    assert time.process_time() - started < 2


def test_the_loss_falls_and_more_epochs_fit_the_training_set_better() -> None:
    first, last = tuned().metrics[0]["/train_total_loss"], loss(tuned(), "/train_total_loss")
    assert last < 0.2 * float(first)
    assert loss(tuned(epochs=4)) < loss(tuned(epochs=1))


def test_a_tiny_learning_rate_does_not_learn_and_a_wild_one_does_harm() -> None:
    good = loss(tuned(multiplier=1.0))
    assert loss(tuned(multiplier=0.02)) > 10 * good
    assert loss(tuned(multiplier=200.0)) > 10 * good


def test_a_larger_adapter_fits_closer_in_the_same_time() -> None:
    small, large = loss(tuned(epochs=2, adapter=1)), loss(tuned(epochs=2, adapter=16))
    assert large < 0.5 * small


def test_the_bytes_of_a_checkpoint_say_nothing_of_the_time() -> None:
    with zipfile.ZipFile(io.BytesIO(checkpoint_to_bytes(tuned(epochs=2).checkpoints[-1]))) as archive:
        assert {each.date_time for each in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_the_same_recipe_gives_the_same_bytes_and_another_seed_others() -> None:
    again = train(BASE, TRAIN, Recipe(2, 4, 1.0, 5), HELD_OUT)
    once = tuned(epochs=2, seed=5)
    assert again.metrics == once.metrics
    assert checkpoint_to_bytes(again.checkpoints[-1]) == checkpoint_to_bytes(once.checkpoints[-1])
    assert tuned(epochs=2, seed=6).metrics != once.metrics


def test_each_step_has_a_line_with_the_six_metrics_and_three_without_a_validation_set() -> None:
    names = {
        "step",
        "epoch",
        "/train_total_loss",
        "/train_fraction_of_correct_next_step_preds",
        "/train_num_predictions",
    }
    evaluated = {"/eval_total_loss", "/eval_fraction_of_correct_next_step_preds", "/eval_num_predictions"}
    lines = tuned().metrics
    assert [line["step"] for line in lines] == list(range(1, steps_of(200, 4) + 1))
    assert set(lines[-1]) == names | evaluated
    alone = train(BASE, TRAIN, Recipe(1, 4, 1.0, 7)).metrics
    assert all(set(line) == names for line in alone)


def test_checkpoints_are_different_models_one_per_epoch_and_at_most_ten() -> None:
    found = tuned().checkpoints
    assert [checkpoint.epoch for checkpoint in found] == [1, 2, 3, 4]
    assert len({checkpoint_to_bytes(checkpoint) for checkpoint in found}) == 4
    assert kept_epochs(9) == list(range(1, 10))
    assert len(kept_epochs(40)) == 10
    assert kept_epochs(40)[-1] == 40


def test_a_checkpoint_that_was_kept_answers_as_before() -> None:
    model = tuned().checkpoints[-1]
    back = checkpoint_from_bytes(checkpoint_to_bytes(model))
    for seed, (asked, _) in enumerate(HELD_OUT):
        assert write_answer(back, asked, Sampling(), seed) == write_answer(model, asked, Sampling(), seed)


def test_free_text_comes_out_fluent_and_carries_the_number_of_an_unseen_order() -> None:
    model = train(BASE, rows(replies(200, 1)), Recipe(4, 4, 1.0, 7)).checkpoints[-1]
    unseen = rows(replies(40, 2))
    assert exact_match(model, unseen) >= 0.9
    assert exact_match(BASE, unseen) == 0


def test_the_base_model_speaks_whole_sentences_but_never_repeats_the_prompt() -> None:
    for asked, _ in tickets(10, 2):
        said = write_answer(BASE, asked, GREEDY, 0).text
        assert len(said.split()) >= 3
        assert said not in asked


def test_temperature_zero_and_top_k_one_are_greedy_whatever_the_seed() -> None:
    model = tuned(epochs=1).checkpoints[-1]
    asked = HELD_OUT[0][0]
    greedy = {write_answer(model, asked, GREEDY, seed).text for seed in range(10)}
    one = {write_answer(model, asked, Sampling(temperature=2, top_k=1, top_p=1), seed).text for seed in range(10)}
    assert len(greedy) == 1
    assert one == greedy


def test_a_higher_temperature_answers_more_variously_and_a_small_top_p_less() -> None:
    model, asked = tuned(epochs=1).checkpoints[-1], HELD_OUT[0][0]

    def kinds(sampling: Sampling) -> int:
        return len({write_answer(model, asked, sampling, seed).text for seed in range(100)})

    wide = kinds(Sampling(temperature=2, top_k=1000, top_p=1))
    assert wide > kinds(Sampling(temperature=0.3, top_k=1000, top_p=1))
    assert wide > kinds(Sampling(temperature=2, top_k=1000, top_p=0.1))
    assert wide > kinds(Sampling(temperature=2, top_k=2, top_p=1))


def test_an_answer_is_cut_at_the_limit_of_tokens_and_at_a_stop_sequence() -> None:
    cut = write_answer(BASE, "hello", Sampling(temperature=0, max_output_tokens=2), 0)
    assert (cut.finish_reason, len(cut.text), cut.tokens) == ("MAX_TOKENS", 8, 2)
    whole = write_answer(BASE, "hello", GREEDY, 0)
    assert whole.finish_reason == "STOP"
    stop = whole.text.split()[1]
    stopped = write_answer(BASE, "hello", Sampling(temperature=0, stop_sequences=(stop,)), 0)
    assert stop not in stopped.text
    assert stopped.finish_reason == "STOP"


def line(**row: Any) -> bytes:
    import json

    return json.dumps(row).encode()


USER = {"role": "user", "parts": [{"text": "hi"}]}
ANSWER = {"role": "model", "parts": [{"text": "yo"}]}


@pytest.mark.parametrize(
    ("bad", "problem"),
    [
        (b"{", "is not valid JSON"),
        (b"\xff\xfe{}", "is not"),
        (b"[1]", "is not a JSON object"),
        (line(x=1), 'has neither "contents" nor "messages"'),
        (line(contents=[]), "has no turns"),
        (line(contents=[USER]), "does not end with a turn of the role model"),
        (line(contents=[ANSWER]), "has no turn of the role user"),
        (line(contents=[{"role": "bot", "parts": [{"text": "x"}]}, ANSWER]), "unknown role"),
        (line(contents=[USER, {"role": "model", "parts": [{"text": " "}]}]), "has an empty answer"),
        (line(contents=[{"role": "user"}, ANSWER]), 'without "parts"'),
        (line(messages=[{"role": "user", "content": 1}]), "is not text"),
    ],
)
def test_a_row_that_cannot_be_used_is_named_by_its_line(bad: bytes, problem: str) -> None:
    with pytest.raises(DatasetError, match=r"^line 3 ") as caught:
        read_dataset(line(contents=[USER, ANSWER]) + b"\n\n" + bad + b"\n", 1000)
    assert problem in str(caught.value)


def test_the_messages_of_gemini_1_0_are_read_as_prompt_and_answer() -> None:
    messages = [{"role": "system", "content": "S"}, {"role": "user", "content": "Q"}, {"role": "model", "content": "A"}]
    assert read_dataset(line(messages=messages), 1000).pairs == [("S\nQ", "A")]


def test_an_example_over_the_limit_of_tokens_is_truncated_and_counted() -> None:
    long = {"role": "user", "parts": [{"text": "word " * 1000}]}
    examples = read_dataset(line(contents=[long, ANSWER]), 100).examples
    assert examples[0].truncated
    assert len(examples[0].prompt) <= 400
