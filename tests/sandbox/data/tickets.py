"""A seeded generator of support tickets with a category, and of templated replies."""

from __future__ import annotations

import json
import random

TOPICS: dict[str, list[str]] = {
    "billing": ["invoice", "charged twice", "refund", "payment failed", "credit card", "price on my bill"],
    "shipping": [
        "parcel",
        "delivery is late",
        "courier",
        "tracking number",
        "package lost",
        "shipped to the old address",
    ],
    "account": [
        "password",
        "cannot log in",
        "two-factor code",
        "change my email",
        "account locked",
        "delete my profile",
    ],
    "technical": ["app crashes", "error message", "screen is frozen", "update fails", "blue screen", "will not start"],
    "feedback": ["love the design", "great support", "suggestion", "feature idea", "very happy", "could be nicer"],
}
OPENINGS = ["Hello,", "Hi there,", "Good morning.", "Dear team,", "Hey,", ""]
MIDDLES = [
    "I have a question about {0} and {1}.",
    "since yesterday it is about {0}, also {1}.",
    "my {0} - {1} - what now?",
    "there is something with {0}, see {1}.",
]
CLOSINGS = ["Please help.", "Thanks!", "Best regards, Kim", "I am waiting.", ""]
INSTRUCTION = "Label the support ticket with one category: billing, shipping, account, technical or feedback."


def tickets(count: int, seed: int) -> list[tuple[str, str]]:
    """Tickets and their category."""
    dice = random.Random(seed)  # noqa: S311 - test data
    rows = []
    for _ in range(count):
        label = dice.choice(list(TOPICS))
        first, second = dice.sample(TOPICS[label], 2)
        body = dice.choice(MIDDLES).format(first, second)
        rows.append((f"{dice.choice(OPENINGS)} {body} {dice.choice(CLOSINGS)}".strip(), label))
    return rows


def replies(count: int, seed: int) -> list[tuple[str, str]]:
    """Tickets with an order number and the reply that a template makes of them."""
    dice = random.Random(seed)  # noqa: S311 - test data
    templates = {
        "refund": "We are sorry. Your refund for order {0} is on its way and will arrive within five days.",
        "late": "Thank you for your patience. Order {0} has left our warehouse and will reach you soon.",
        "cancel": "Done! Order {0} has been cancelled, and nothing will be charged.",
    }
    asked = {
        "refund": ["I want my money back for order {0}", "please refund order {0}, it is broken"],
        "late": ["where is order {0}, it is so late", "order {0} has not arrived, when will it come"],
        "cancel": ["please cancel order {0}", "I changed my mind, stop order {0} today"],
    }
    rows = []
    for _ in range(count):
        kind = dice.choice(list(templates))
        number = str(dice.randrange(10000, 99999))
        rows.append((dice.choice(asked[kind]).format(number), templates[kind].format(number)))
    return rows


def to_jsonl(rows: list[tuple[str, str]], instruction: str | None = INSTRUCTION) -> bytes:
    """Rows in Gemini's contents format."""
    lines = []
    for asked, said in rows:
        row: dict[str, object] = {
            "contents": [
                {"role": "user", "parts": [{"text": asked}]},
                {"role": "model", "parts": [{"text": said}]},
            ]
        }
        if instruction:
            row["systemInstruction"] = {"role": "system", "parts": [{"text": instruction}]}
        lines.append(json.dumps(row))
    return ("\n".join(lines) + "\n").encode()
