"""What a sandbox of an earlier version kept on disk still answers."""

from __future__ import annotations

from pathlib import Path

from sandbox.data.tickets import INSTRUCTION, tickets
from tuning_sandbox.learner.answers import Sampling, write_answer
from tuning_sandbox.learner.keeping import checkpoint_from_bytes

# written by version 0.1.0, which had no labels: 300 tickets, 6 epochs, adapter size 2
KEPT = Path(__file__).parent / "data" / "checkpoint_of_0_1_0.zip"
SAID = ["billing", "account", "technical", "feedback", "account"] + ["shipping"] * 3 + ["account"] + ["feedback"] * 3


def test_a_checkpoint_of_version_0_1_0_answers_as_it_did() -> None:
    model = checkpoint_from_bytes(KEPT.read_bytes())
    asked = [f"{INSTRUCTION}\n{text}" for text, _ in tickets(12, 2)]
    assert [write_answer(model, prompt, Sampling(temperature=0), 0).text for prompt in asked] == SAID
    assert [write_answer(model, prompt, Sampling(), seed).text for seed, prompt in enumerate(asked)] == SAID
