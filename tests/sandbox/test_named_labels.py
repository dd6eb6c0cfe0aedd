"""How a base model guesses among the labels that its prompt names."""

from __future__ import annotations

import pytest

from sandbox.data.tickets import INSTRUCTION, tickets
from sandbox.running import RunningSandbox
from sandbox.vertex_support import MODEL, PLACE
from tuning_sandbox.learner.answers import Sampling, write_answer
from tuning_sandbox.learner.base import base_model
from tuning_sandbox.learner.named import named_labels
from tuning_sandbox.samples.intents import held_out_requests, wordings

GREEDY = Sampling(temperature=0)
BASE = base_model("gemini-3.5-flash", 64)
INTENTS = tuple(wordings())


@pytest.mark.parametrize(
    ("prompt", "labels"),
    [
        (INSTRUCTION, "billing shipping account technical feedback"),
        ("Classify the text into billing, shipping or account.\nText: it is late, sorry", "billing shipping account"),
        ("Classify the sentiment as positive, negative, or neutral: I love it", "positive negative neutral"),
        ("Classify the sentiment (positive/negative/neutral).\nText: good", "positive negative neutral"),
        ("Is the sentiment positive or negative?\nI hate it", "positive negative"),
        ("Which team should answer? Options are sales | support.", "sales support"),
        ('Choose one of: ["spam", "ham"]\nWin now', "spam ham"),
        ("Labels:\n- spam\n- ham: what a friend writes\nText: hello", "spam ham"),
        ("Answer with one intent.\n\n1. card_lost\n2. card_stolen\n\nwhere is it", "card_lost card_stolen"),
        ("다음 문장을 분류하세요: 배송, 환불, 계정\n배송이 늦어요", "배송 환불 계정"),
        ("I bought shoes, socks and a hat.", ""),
        ("You route tickets. Answer with the team and the priority, nothing else.", ""),
        ("Classify this message", ""),
        ("", ""),
    ],
)
def test_the_labels_that_a_prompt_names_are_found(prompt: str, labels: str) -> None:
    found = named_labels(prompt)
    assert (found.labels if found else ()) == tuple(labels.split())


@pytest.mark.parametrize(
    ("prompt", "label"),
    [
        ("Classify the text into billing, shipping or account.\nText: it was shipped last week", "shipping"),
        ("Labels:\n- spam\n- ham: what a friend writes\nText: my friend says hello", "ham"),
        ("Route it to either sales or support: I need support please", "support"),
        ("다음 문장을 분류하세요: 환불, 배송, 계정\n배송이 늦어요", "배송"),
    ],
)
def test_the_base_model_answers_with_the_label_whose_words_stand_in_the_prompt(prompt: str, label: str) -> None:
    assert write_answer(BASE, prompt, GREEDY, 0).text == label


@pytest.mark.parametrize("listed", [", ".join(INTENTS) + ".", "\n" + "\n".join(f"- {each}" for each in INTENTS)])
def test_the_base_model_guesses_far_better_than_chance_where_words_overlap(listed: str) -> None:
    rows = held_out_requests(154)
    said = [
        write_answer(BASE, f"Answer with one of these intents: {listed}\n{asked}", GREEDY, 0).text for asked, _ in rows
    ]
    assert set(said) <= set(INTENTS)
    assert sum(answer == label for answer, (_, label) in zip(said, rows, strict=True)) / len(rows) > 20 / 77


def test_a_base_model_that_sees_nothing_in_common_guesses_several_labels() -> None:
    said = {
        write_answer(BASE, f"Label it: left, right or middle.\n{asked}", GREEDY, 0).text for asked, _ in tickets(40, 1)
    }
    assert said == {"left", "right", "middle"}


def test_a_high_temperature_lets_the_base_model_name_other_labels() -> None:
    prompt = "Classify the text into billing, shipping or account.\nText: it was shipped last week"
    assert len({write_answer(BASE, prompt, Sampling(temperature=2, top_p=1), seed).text for seed in range(200)}) == 3


def test_a_base_model_answers_over_http_with_a_label_that_its_system_instruction_names(sandbox: RunningSandbox) -> None:
    body = {
        "systemInstruction": {"parts": [{"text": INSTRUCTION}]},
        "contents": [{"role": "user", "parts": [{"text": "It was shipped to my old address"}]}],
        "generationConfig": {"temperature": 0},
    }
    answer = sandbox.post(f"{PLACE}/publishers/google/models/{MODEL}:generateContent", json=body).json()
    assert answer["candidates"][0]["content"]["parts"] == [{"text": "shipping"}]
