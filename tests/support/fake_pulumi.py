"""A Pulumi CLI that says what a test wants, for the commands that read a stack."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

CONFIG: Final = {"gcp:project": {"value": "shop-dev"}, "gcp:region": {"value": "us-central1"}}
_TEXT: Final = """#!/bin/sh
case "$1" in stack) asked="$2" ;; *) asked="$1" ;; esac
of=""; last=""
for each in "$@"; do if [ "$last" = --stack ]; then of=$(echo "$each" | tr / -); fi; last="$each"; done
if [ -f "$0.$asked.$of" ]; then cat "$0.$asked.$of"; exit; fi
if [ -f "$0.$asked" ]; then cat "$0.$asked"; else echo "error: {error}" >&2; exit 255; fi
"""


class FakePulumi:
    """Prints the answer to ``export``, ``--show-name``, ``config`` or ``version``; fails with ``error`` if it is None."""

    def __init__(self, folder: Path, error: str) -> None:
        self.path = folder / "pulumi"
        self.path.write_text(_TEXT.replace("{error}", error))
        self.path.chmod(0o755)
        self.answers: dict[str, Any] = {"--show-name": "dev", "config": CONFIG, "ls": []}

    def write(self) -> str:
        """The program's path, once it has the answers as they are now."""
        for asked, answer in self.answers.items():
            if answer is not None:
                Path(f"{self.path}.{asked}").write_text(answer if isinstance(answer, str) else json.dumps(answer))
        return str(self.path)
