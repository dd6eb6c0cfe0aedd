"""`PYTHONPATH=scripts:tests .venv/bin/python -m support.genai_tests`: google-genai's own tests against the sandbox, in numbers.

The wheel of google-genai has its tests, without the files that they read. They run in an environment of their own in the
cache folder, in the mode that asks the API. What they say goes to `genai_tests.json`, which docs/fidelity.md shows.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from sandbox.running import run_sandbox
from support.client_environments import make_python
from tuning_sandbox import fidelity
from tuning_sandbox.app import create_app
from tuning_sandbox.kernel.sandbox import Config, parse_as_of

SUITES = ("tunings", "models")
# the models that these tests ask for were all served on this day
DAY = "2026-08-01"
_FILE = re.compile(r"data/([\w.-]+\.\w+)|'([\w-]+\.(?:png|jpe?g|pdf|mp3|mp4|txt|wav))'")
KINDS = ("missing", "apart", "others")
_TUNING = re.compile(r"tuning|method of|preTunedModel|multimodal datasets")
_SAID = re.compile(r"""['"]message['"]: ['"](.*?)['"], ['"]status['"]""")


def make_files(tests: Path) -> None:
    """Stand-ins for the images and documents that the wheel leaves out, so that the tests can be collected."""
    (tests / "data").mkdir(exist_ok=True)
    for path in tests.rglob("*.py"):
        for found in _FILE.findall(path.read_text(encoding="utf-8")):
            file = tests / "data" / (found[0] or found[1])
            if not file.exists():
                file.write_bytes(b"stand-in")


def run_suite(folder: Path, suite: str) -> dict[str, Any]:
    """How many tests of one folder pass, and what the others say."""
    tests = next(folder.glob("lib/python*/site-packages/google/genai/tests"))
    make_files(tests)
    app = create_app(Config(mode="scaled", scale=6000, as_of=parse_as_of(DAY), seed=7))
    report = folder / f"{suite}.xml"
    with run_sandbox(app) as sandbox:
        env = {
            **{name: value for name, value in os.environ.items() if not name.startswith("GOOGLE_")},
            "GOOGLE_VERTEX_BASE_URL": sandbox.url,
            "GOOGLE_CLOUD_PROJECT": "my-project",
            "GOOGLE_CLOUD_LOCATION": "us-central1",
            "GOOGLE_GENAI_RUN_VERTEX_ONLY_IN_API_MODE": "1",
            "GOOGLE_GENAI_REPLAYS_DIRECTORY": str(folder),
            "PYTHONPATH": str(Path(__file__).parent),
        }
        # google is a package without __init__: the tests must import the client that the plugin changes
        options = ["-o", "consider_namespace_packages=true", "-p", "genai_login", "-p", "no:cacheprovider"]
        options += ["--mode", "api", "-c", os.devnull, "--rootdir", str(tests), "--junitxml", str(report), "-q"]
        options += ["--continue-on-collection-errors", "-W", "ignore"]
        command = [str(folder / "bin" / "python"), "-m", "pytest", *options, str(tests / suite)]
        subprocess.run(command, env=env, cwd=folder, check=False, stdout=subprocess.DEVNULL)
    return count(report)


def count(report: Path) -> dict[str, Any]:
    """The numbers of a JUnit report: passed, and of each kind of the others what they say."""
    passed, held = 0, {kind: Counter[str]() for kind in KINDS}
    for case in ET.parse(report).iter("testcase"):  # noqa: S314 - pytest wrote it
        failure = case.find("failure") if case.find("failure") is not None else case.find("error")
        if case.find("skipped") is not None:
            continue
        if failure is None:
            passed += 1
            continue
        text = f"{failure.get('message') or ''}{failure.text or ''}"
        kind, what = classify(text)
        held[kind][what] += 1
    total = passed + sum(counts.total() for counts in held.values())
    return {"of": total, "passed": passed, **{kind: dict(counts.most_common()) for kind, counts in held.items()}}


def classify(text: str) -> tuple[str, str]:
    """Whether the sandbox refused by name, and what; or what else went wrong, in a word."""
    said = _SAID.search(text)
    message = said[1] if said else text.splitlines()[0] if text else ""
    if named := re.match(
        r"The sandbox does not (?:have|serve|implement) (.+?)(?: \((?:GET|POST|PATCH|DELETE) .*|\.?$)", message
    ):
        what = re.sub(r"\s*\(.*", "", named[1]).rstrip(".")
        return ("missing" if _TUNING.search(what) else "apart"), what
    if "Name or service not known" in text or "ClientConnectorDNSError" in text:
        return "others", "asks another host than the one that it was given"
    if model := re.search(r"publishers/(?:google|meta)/models/([\w.-]+)` was not found", message):
        return "apart", f"the model {model[1]}, which is not tuned or is retired"
    if "of fileData was not found" in message:
        return "others", "names a file of Google's own"
    if re.search(r"does not exist|not found", message):
        return "others", "reads a job, model, endpoint or key of Google's own project"
    return "others", "expects another answer: what a large model knows, a header, a file that the wheel leaves out"


def main() -> None:
    """Run both folders with the version of the lock, and write what they say."""
    from importlib.metadata import version

    locked = version("google-genai")
    folder = make_python("genai-tests").parent.parent
    found = {"version": locked, "day": DAY, "suites": {suite: run_suite(folder, suite) for suite in SUITES}}
    fidelity.OWN_TESTS.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    sys.stdout.write(json.dumps(found["suites"], indent=2) + "\n")


if __name__ == "__main__":
    main()
