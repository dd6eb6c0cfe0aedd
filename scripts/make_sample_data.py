"""Generate stacks/data: support tickets of an invented shop, each routed to a team with a priority.

A seeded generator builds the rows from phrases, so that the repository has no real tickets:
``python scripts/make_sample_data.py`` writes the same bytes every time.
"""

from __future__ import annotations

import json
import random
from pathlib import Path

INSTRUCTION = "You route support tickets of an online shop. Answer with the team and the priority, nothing else."
TEAMS: dict[str, tuple[str, ...]] = {
    "billing": (
        "I was charged twice for order {n}",
        "The invoice for order {n} shows the wrong VAT number",
        "My refund for order {n} has not reached my bank account",
        "Why is there a second payment of {n} euro on my card",
        "The discount code was not taken off the price of order {n}",
        "Please send the invoice for order {n} to our accounting",
    ),
    "shipping": (
        "My parcel {n} has been in the depot for {d} days",
        "The courier says parcel {n} was delivered but nothing came",
        "Can I change the delivery address of order {n}",
        "Tracking for parcel {n} has not moved in {d} days",
        "The package of order {n} arrived at my neighbour's, opened",
        "When will order {n} leave your warehouse",
    ),
    "returns": (
        "I want to send back the shoes of order {n}, they are too small",
        "The lamp from order {n} arrived broken and I want to return it",
        "How do I print a return label for order {n}",
        "I returned order {n} {d} days ago and heard nothing",
        "Can I exchange the jacket of order {n} for a larger one",
        "The return window for order {n} closed while I was ill",
    ),
    "account": (
        "I cannot log in since I changed my password {d} days ago",
        "The reset mail for my account never arrives",
        "Please delete my account and all personal data",
        "Someone else is signed in to my account",
        "How do I change the email address of my profile",
        "My two-factor codes are rejected at login",
    ),
}
OPENINGS = (
    "",
    "Hello, ",
    "Hi team, ",
    "Good morning. ",
    "Dear support, ",
    "Urgent: ",
    "Please help: ",
    "Quick question. ",
)
CLOSINGS = (
    "",
    " Thanks.",
    " Please answer today.",
    " I am waiting since {d} days.",
    " This is the second time I write.",
)
URGENT = ("Urgent: ", " Please answer today.", " This is the second time I write.", "Someone else is signed in")


def make_row(team: str, phrase: str, opening: str, closing: str, rng: random.Random) -> dict[str, object]:
    """One training example in Gemini's contents form."""
    text = (opening + phrase + "." + closing).format(n=rng.randint(1000, 9999), d=rng.randint(2, 30))
    priority = "high" if any(mark in text for mark in URGENT) else "normal"
    return {
        "systemInstruction": {"role": "system", "parts": [{"text": INSTRUCTION}]},
        "contents": [
            {"role": "user", "parts": [{"text": text}]},
            {"role": "model", "parts": [{"text": f"team: {team}; priority: {priority}"}]},
        ],
    }


def make_rows(count: int, seed: int, taken: set[str]) -> list[dict[str, object]]:
    """``count`` distinct rows, none of whose tickets is in ``taken`` (which grows)."""
    rng = random.Random(seed)  # noqa: S311 - sample data, no secret
    rows: list[dict[str, object]] = []
    while len(rows) < count:
        team = list(TEAMS)[len(rows) % len(TEAMS)]
        row = make_row(team, rng.choice(TEAMS[team]), rng.choice(OPENINGS), rng.choice(CLOSINGS), rng)
        key = json.dumps(row["contents"])
        if key not in taken:
            taken.add(key)
            rows.append(row)
    rng.shuffle(rows)
    return rows


def main() -> None:
    """Write both files."""
    folder = Path(__file__).resolve().parent.parent / "stacks" / "data"
    taken: set[str] = set()
    for name, count, seed in (("train.jsonl", 240, 7), ("validation.jsonl", 60, 8)):
        lines = [json.dumps(row, ensure_ascii=False) for row in make_rows(count, seed, taken)]
        (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
