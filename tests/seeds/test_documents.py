"""The commands, requests and programs that the source documents print, as they print them, at the date of the document.

Only what a document tells its reader to replace is replaced, and the host. ``documents/`` has every block of code of a
document; a block that does not run is named with the reason.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import textwrap
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from sandbox.data.tickets import TOPICS, tickets
from sandbox.open_support import folders, open_data, pairs
from sandbox.pipeline_support import BISON_DAY, make_files
from sandbox.running import AS_OF, RunningSandbox, run_sandbox
from sandbox.vertex_support import get, upload
from tuning_sandbox.app import create_app
from tuning_sandbox.kernel.sandbox import Config, parse_as_of
from tuning_sandbox.learner.open_rows import read_open_row

if TYPE_CHECKING:
    from collections.abc import Callable

FOLDER: Final = Path(__file__).parent / "documents"
DAYS: Final = {"000": "2024-11-20", "002": BISON_DAY, "003": "2024-11-20", "004": AS_OF}
SHELL: Final = "PowerShell is not on the machines of the tests; the block of curl before it sends the same request"
ONE_LINE: Final = (
    "the page has lost its line breaks; tests/sandbox/test_language_models.py makes these calls with vertexai 1.75"
)
NOT_RUN: Final = {
    "000": dict.fromkeys([f"{call}: PowerShell" for call in ("create", "list", "get", "cancel", "ask")], SHELL),
    "002": {
        "code: PowerShell": SHELL,
        "chat: PowerShell": SHELL,
        **dict.fromkeys(["list code models", "list chat models", "load code model", "load chat model"], ONE_LINE),
    },
    "003": {},
    "004": {"artifacts": "a listing of folders; tests/sandbox/test_open_jobs.py compares what a job writes with it"},
}
PLACE: Final = "projects/myproject/locations/us-central1"


class Document:
    """The blocks of a document, and those that a test has used."""

    def __init__(self, name: str) -> None:
        found = re.split(r"^%% (.+)\n", (FOLDER / f"{name}.txt").read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
        self.name, self.blocks = name, dict(zip(found[::2], found[1::2], strict=True))
        self.used: set[str] = set()

    def block(self, name: str, replaced: Mapping[str, str] | None = None) -> str:
        """The text of a block with the reader's own values."""
        self.used.add(name)
        text = self.blocks[name]
        for word, value in (replaced or {}).items():
            assert word in text
            text = text.replace(word, value)
        return text

    def all_run(self) -> None:
        assert self.blocks.keys() - self.used == NOT_RUN[self.name].keys()


@contextmanager
def at_its_day(name: str) -> Iterator[RunningSandbox]:
    with run_sandbox(create_app(Config(mode="stepped", as_of=parse_as_of(DAYS[name]), seed=7))) as sandbox:
        yield sandbox


STANDING_IN: Final = {
    "gcloud": "echo ya29.token",
    "tput": "",
    "sleep": '/usr/bin/env curl -s -X POST -d \'{"advance_seconds": 60}\' "$SANDBOX/_sandbox/clock" > /dev/null',
    "curl": """\
given=()
for each in "$@"; do
    each="${each//https:\\/\\/us-central1-aiplatform.googleapis.com/$SANDBOX}"
    given+=("${each//https:\\/\\/generativelanguage.googleapis.com/$SANDBOX}")
done
exec env PATH="${PATH#*:}" curl -s "${given[@]}"
""",
}
"""Commands before those of the machine: no account, no wait, and another host."""


@pytest.fixture
def shell(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs a text in bash."""
    commands = tmp_path / "commands"
    commands.mkdir()
    for name, text in STANDING_IN.items():
        (commands / name).write_text(f"#!/bin/bash\n{text}\n")
        (commands / name).chmod(0o755)

    def run(sandbox: RunningSandbox, text: str, **variables: str) -> subprocess.CompletedProcess[str]:
        path = f"{commands}:{os.environ['PATH']}"
        environment = {"PATH": path, "SANDBOX": sandbox.url, **variables}
        command = ["bash", "-c", text]
        return subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=60
        )

    return run


@contextmanager
def vertexai_at(sandbox: RunningSandbox, project: str) -> Iterator[Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import vertexai
        from google.auth.credentials import AnonymousCredentials

        vertexai.init(
            project=project,
            location="us-central1",
            credentials=AnonymousCredentials(),  # type: ignore[no-untyped-call]
            api_endpoint=sandbox.url,
            api_transport="rest",
        )
        yield vertexai


def run_python(text: str, **known: Any) -> dict[str, Any]:
    """What a program knows once it has run."""
    exec(textwrap.dedent(text), known)  # noqa: S102  # the program is a file of this folder
    return known


def test_the_document_on_gemini(shell: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = Document("000")
    here = {"TUNING_JOB_REGION": "us-central1", "PROJECT_ID": "myproject"}
    data = "gs://cloud-samples-data/ai-platform/generative_ai/sft_{}_data.jsonl"
    body = {
        "BASE_MODEL": "gemini-1.5-flash-002",
        '"TRAINING_DATASET_URI"': f'"{data.format("train")}"',
        "VALIDATION_DATASET_URI": data.format("validation"),
        "EPOCH_COUNT": "4",
        '"ADAPTER_SIZE"': '"ADAPTER_SIZE_EIGHT"',
        "LEARNING_RATE_MULTIPLIER": "1",
        "TUNED_MODEL_DISPLAYNAME": "topics",
    }
    with at_its_day("000") as sandbox:

        def answer(text: str) -> Any:
            return json.loads(shell(sandbox, text).stdout)

        (tmp_path / "request.json").write_text(page.block("create: body", body))
        first = answer(page.block("create: curl", here))
        assert first["supervisedTuningSpec"]["hyperParameters"] == {
            "epochCount": "4",
            "adapterSize": "ADAPTER_SIZE_EIGHT",
            "learningRateMultiplier": 1,
        }
        second = answer(page.block("curl example"))
        assert second["baseModel"] == "gemini-1.5-pro-002"
        listed = answer(page.block("list: curl", here))["tuningJobs"]
        assert [each["name"] for each in listed] == [second["name"], first["name"]]
        assert answer(page.block("cancel: curl", {**here, "TUNING_JOB_ID": second["name"].rpartition("/")[2]})) == {}
        sandbox.advance(24 * 3600)
        number = first["name"].rpartition("/")[2]
        job = answer(page.block("get: curl", {**here, "TUNING_JOB_ID": number}))
        assert (job["state"], get(sandbox, second["name"])["state"]) == ("JOB_STATE_SUCCEEDED", "JOB_STATE_CANCELLED")
        asked = {"TEMPERATURE": "0", "TOP_P": "0.95", "TOP_K": "20", "MAX_OUTPUT_TOKENS": "64"}
        (tmp_path / "request.json").write_text(page.block("ask: body", asked))
        endpoint = job["tunedModel"]["endpoint"].rpartition("/")[2]
        said = answer(page.block("ask: curl", {**here, "ENDPOINT_ID": endpoint}))["candidates"][0]["content"]["parts"]
        topics = {"delivery", "invoice", "account", "return", "product"}
        assert said[0]["text"] in topics
        with vertexai_at(sandbox, "myproject"):
            from vertexai.tuning import sft

            names = {"<PROJECT_ID>": "myproject", "<TUNING_JOB_REGION>": "us-central1", "<TUNING_JOB_ID>": number}
            run_python(page.block("ask: Python", names), sft=sft, content="Why is sky blue?")
    printed = capsys.readouterr().out
    assert any(topic in printed for topic in topics)
    page.all_run()


def test_the_document_on_code_models(shell: Any, tmp_path: Path) -> None:
    page = Document("002")
    here = {"PIPELINE_JOB_REGION": "us-central1", "PROJECT_ID": "my-project"}
    with at_its_day("002") as sandbox:
        files = make_files(sandbox)
        values = {
            "PIPELINEJOB_DISPLAYNAME": "tune",
            "OUTPUT_DIR": "tuning-data/output",
            "PROJECT_ID": "my-project",
            "MODEL_DISPLAYNAME": "helper",
            "MODEL_UPLOAD_REGION": "us-central1",
            "ACCELERATOR_TYPE": "GPU",
            '"train_steps": STEPS': '"train_steps": 60',
            "LEARNING_RATE_MULTIPLIER": "1",
            '"TENSORBOARD_RESOURCE_ID"': '""',
        }

        def refusal(text: str, **variables: str) -> str:
            found = json.loads(shell(sandbox, text, **variables).stdout)["error"]
            assert found["status"] == "INVALID_ARGUMENT"
            return str(found["message"])

        chat = {**values, "gs://DATASET_URI": files["chats"], "DEFAULT_CONTEXT": "You help."}
        (tmp_path / "request.json").write_text(page.block("chat: body", chat))
        made = json.loads(shell(sandbox, page.block("chat: curl", here)).stdout)
        sandbox.advance(24 * 3600)
        assert get(sandbox, made["name"])["state"] == "PIPELINE_STATE_SUCCEEDED"
        (tmp_path / "request.json").write_text(page.block("code: body", values))
        assert "JSON" in refusal(page.block("code: curl", here))  # a comma is missing before templateUri
        # the page sets LOCATION, and its URL has REGION
        around = {"REGION": "us-central1", "PIPELINE_NAME": "tune"}
        assert "evaluation_data_uri:" in refusal(page.block("code: curl example"), **around)
        assert "JSON" in refusal(page.block("chat: curl example"), **around)  # a brace is missing
    for name in ("first code row", "second code row", "row without instruction", "row with instruction"):
        assert json.loads(page.block(name)).keys() == {"input_text", "output_text"}
    for name in ("first chat row", "second chat row"):
        assert [each["author"] for each in json.loads(page.block(name))["messages"]] == ["user", "assistant"]
    page.all_run()


def test_the_document_on_the_gemini_api(shell: Any) -> None:
    page = Document("003")
    given = {"GOOGLE_API_KEY": "AIzaNotARealKey", "access_token": "ya29.token", "project_id": "shop"}
    with at_its_day("003") as sandbox:
        seen = shell(sandbox, page.block("create"), **given).stdout
        percents = [float(each) for each in re.findall(r"Tuning\.\.\.(\S+)%", seen) if each != "null"]
        assert percents == sorted(percents)
        assert len(set(percents)) > 2
        assert seen.endswith('"ACTIVE"\n')
        (model,) = sandbox.get("/v1beta/tunedModels").json()["tunedModels"]
        first = shell(sandbox, page.block("list"), **given)
        assert first.stdout == f'"{model["name"]}"\n'
        assert "unexpected EOF" in first.stderr  # of the quote too many after null: the second page is never asked for
        name = {"modelname": model["name"]}
        (said,) = json.loads(shell(sandbox, page.block("ask"), **given, **name).stdout)["candidates"]
        assert said["content"]["parts"][0]["text"]
        assert json.loads(shell(sandbox, page.block("delete"), **given, **name).stdout) == {}
        assert sandbox.get("/v1beta/tunedModels").json().get("tunedModels", []) == []
    page.all_run()


def test_the_document_on_open_models(capsys: pytest.CaptureFixture[str]) -> None:
    page, image = Document("004"), "data:image/jpeg;base64,/9j/4AAQSkZJRg=="
    images = {"gs://your-gcs-bucket/your-image.jpeg": "gs://tuning-data/a.jpeg"}
    rows = {name: page.block(name) for name in ("prompt and completion", "messages", "GenerateContent")}
    rows["GenerateContent with an image"] = page.block("GenerateContent with an image", images)
    many = page.block("messages with images", {**images, "data:image/jpeg;base64,<base64 image>": image})
    with pytest.raises(json.JSONDecodeError):
        json.loads(many)
    rows["messages with images"] = re.sub(r",(\s*[\]}])", r"\1", many)  # the comma after the last message
    for name, row in rows.items():
        assert read_open_row(json.dumps(json.loads(row)).encode(), images="image" in name).turns[-1].role == "model"
    with at_its_day("004") as sandbox, vertexai_at(sandbox, "my-project"):
        training, bucket = open_data(sandbox, pairs(tickets(60, 1))), "gs://tuning-data"
        upload(sandbox, "tuning-data", "base/model-00001-of-00001.safetensors", b"weights")
        validation = upload(sandbox, "tuning-data", "v.jsonl", pairs(tickets(5, 2)))
        known = run_python(page.block("set-up"), PROJECT_ID="my-project", REGION="us-central1")
        with vertexai_at(sandbox, "my-project"):
            given = {
                'custom_base_model="gs://{STORAGE-URI}"': f'custom_base_model="{bucket}/base"',
                'train_dataset="gs://{STORAGE-URI}"': f'train_dataset="{training}"',
                'validation_dataset="gs://{STORAGE-URI}"': f'validation_dataset="{validation}"',
                'output_uri="gs://{STORAGE-URI}"': f'output_uri="{bucket}/out"',
            }
            known = run_python(page.block("train", given), **known)
            sandbox.advance(24 * 3600)
            job = get(sandbox, known["sft_tuning_job"].resource_name, "v1beta1")
            assert (job["state"], job["customBaseModel"]) == ("JOB_STATE_SUCCEEDED", f"{bucket}/base")
            assert folders(sandbox, f"{bucket}/out") == {"final", *(f"checkpoint-{at}" for at in (1, 2, 3))}
            sandbox.admin("POST", "clock", {"mode": "scaled", "scale": 3000})
            known = run_python(page.block("deploy", {"gs://{STORAGE-URI}": f"{bucket}/out"}), **known)
            name = known["endpoint"].resource_name.rpartition("/")[2]
            place = {"{PROJECT_ID}": "my-project", "{REGION}": "us-central1", "{endpoint_name}": name}
            capsys.readouterr()
            run_python(page.block("ask", place), **known)
    assert capsys.readouterr().out.strip() in TOPICS
    page.all_run()
