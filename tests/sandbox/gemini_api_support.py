"""The requests of seed 003, as the document has them, and a sandbox of their day."""

from __future__ import annotations

import shutil
import subprocess
from typing import Any

from sandbox.running import RunningSandbox
from tuning_sandbox.app import create_app
from tuning_sandbox.kernel.front import Front
from tuning_sandbox.kernel.sandbox import Config, parse_as_of

DAY = "2024-11-20"
BASE = "models/gemini-1.5-flash-001-tuning"
CURL = shutil.which("curl") or "curl"
PAIRS = (
    ("1", "2"), ("3", "4"), ("-3", "-2"), ("twenty two", "twenty three"), ("two hundred", "two hundred one"),
    ("ninety nine", "one hundred"), ("8", "9"), ("-98", "-97"), ("1,000", "1,001"), ("10,100,000", "10,100,001"),
    ("thirteen", "fourteen"), ("eighty", "eighty one"), ("one", "two"), ("three", "four"), ("seven", "eight"),
)  # fmt: skip
_ROWS = "},{".join(f'\n"text_input": "{question}",\n"output": "{answer}",\n' for question, answer in PAIRS)
BODY = f"""
{{
"display_name": "number generator model",
"base_model": "{BASE}",
"tuning_task": {{
"hyperparameters": {{
"batch_size": 2,
"learning_rate": 0.001,
"epoch_count":5,
}},
"training_data": {{
"examples": {{
"examples": [
{{{_ROWS}}}
]
}}
}}
}}
}}"""
"""The body of the document's create, with its commas before closing braces."""


def app_of_its_day(day: str = DAY) -> Front:
    return create_app(Config(mode="stepped", as_of=parse_as_of(day), seed=7))


def curl(sandbox: RunningSandbox, verb: str, path: str, *arguments: str) -> str:
    """The output of curl for a URL of the document, whose host the sandbox stands for."""
    command = [CURL, "-s", "-X", verb, f"{sandbox.url}/{path}", "-H", "Content-Type: application/json", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout


def body(name: str = "numbers", pairs: Any = PAIRS, **hyperparameters: Any) -> dict[str, Any]:
    examples = [{"textInput": question, "output": answer} for question, answer in pairs]
    task = {"hyperparameters": hyperparameters, "trainingData": {"examples": {"examples": examples}}}
    return {"displayName": name, "baseModel": BASE, "tuningTask": task}


def create(sandbox: RunningSandbox, tuned_model_id: str = "", given: Any = None) -> dict[str, Any]:
    params = {"tunedModelId": tuned_model_id} if tuned_model_id else {}
    answer = sandbox.post("/v1beta/tunedModels", json=given or body(), params=params)
    assert answer.status_code == 200, answer.text
    made: dict[str, Any] = answer.json()
    return made
