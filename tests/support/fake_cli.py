"""A Pulumi CLI that says what a test wants, and keeps what it was asked."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import typer
from typer.testing import CliRunner, Result

from pulumi_gcp_tuning.collecting import VARIABLE, Note

FAKE = """#!{python}
import json, os, sys
from pathlib import Path
script = Path(__file__).with_suffix(".json")
answers = json.loads(script.read_text())
asked = sys.argv[1:]
with Path(__file__).with_suffix(".log").open("a") as log:
    log.write(json.dumps({{"asked": asked, "collects": {variable!r} in os.environ}}) + "\\n")
if asked[0] == "config":
    print(json.dumps(answers["config"]))
    sys.exit(answers["config"] is None)
answer = answers["previews"].pop(0)
script.write_text(json.dumps(answers))
with open(os.environ[{variable!r}], "a") as file:
    file.writelines(json.dumps(note) + "\\n" for note in answer["notes"])
print(answer["stdout"])
print(answer["stderr"], file=sys.stderr)
sys.exit(answer["code"])
"""


def urn(kind: str, name: str) -> str:
    return f"urn:pulumi:dev::shop::pulumi-python:dynamic/gcptuning:{kind}::{name}"


def preview(
    *notes: Note, code: int = 0, stderr: str = "", errors: Sequence[tuple[str, str]] = (), steps: Sequence[Any] = ()
) -> dict[str, Any]:
    """What one preview writes and prints."""
    said = [
        {"message": f"error: {text}\n", "severity": "error", **({"urn": about} if about else {})}
        for about, text in errors
    ]
    stdout = json.dumps({"steps": list(steps), "diagnostics": said})
    return {"notes": [asdict(note) for note in notes], "code": code, "stdout": stdout, "stderr": stderr}


class FakeCli:
    """A Pulumi CLI of a test's."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "pulumi"
        self.file.write_text(FAKE.format(python=sys.executable, variable=VARIABLE))
        self.file.chmod(0o755)

    def invoke(
        self,
        app: typer.Typer,
        *arguments: str,
        previews: Sequence[dict[str, Any]],
        config: Any = {},  # noqa: B006
    ) -> Result:
        """A command of ``gcp-tuning`` against it."""
        self.file.with_suffix(".json").write_text(json.dumps({"previews": list(previews), "config": config}))
        return CliRunner().invoke(app, ["--pulumi", str(self.file), *arguments])

    @property
    def asked(self) -> list[list[str]]:
        """What it was asked to do."""
        return [json.loads(line)["asked"] for line in self.file.with_suffix(".log").read_text().splitlines()]

    @property
    def collecting(self) -> list[bool]:
        """Whether each of those runs collected."""
        return [json.loads(line)["collects"] for line in self.file.with_suffix(".log").read_text().splitlines()]
