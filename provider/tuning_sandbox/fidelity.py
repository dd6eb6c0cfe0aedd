"""`python -m tuning_sandbox.fidelity`: what the sandbox does as Google does, and where each of it is known from."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tuning_sandbox.kernel.api import Api
from tuning_sandbox.kernel.routes import SOURCES, Route

OWN_TESTS = Path(__file__).parent / "genai_tests.json"
"""The results of google-genai's own tests against the sandbox."""

MEANING = {
    "discovery": "Google's discovery documents",
    "sdk": "Google's own client libraries, run against the sandbox",
    "recording": "recorded answers of the real service",
    "thread": "public issue threads and questions that quote the real service",
    "assumed": "no public evidence; the sandbox does what is most likely",
}


def describe(apis: Iterable[Api]) -> str:
    """The page as Markdown; the same marks give the same page."""
    apis = sorted(apis, key=lambda api: (api.name, api.versions))
    counts = dict.fromkeys(SOURCES, 0)
    sections: list[str] = []
    for api in apis:
        lines = [f"## {api.name} {', '.join(api.versions)}", ""]
        if api.routes:
            lines += ["| method | path | what it does | source |", "| --- | --- | --- | --- |"]
        for method, path, group in _grouped(api.routes):
            behaviour = group[0].behaviour
            counts[behaviour.source] += 1
            lines.append(
                f"| {method} | `{path}` | {_cell(behaviour.does)} | {_source(behaviour.source, behaviour.ref)} |"
            )
        if api.routes:
            lines.append("")
        for behaviour in sorted(api.behaviours, key=lambda behaviour: behaviour.does):
            counts[behaviour.source] += 1
            lines.append(f"- {behaviour.does} ({_source(behaviour.source, behaviour.ref)})")
        if api.behaviours:
            lines.append("")
        for switch in api.switches:
            values = ", ".join(f"`{value}`" for value in switch.values) or type(switch.default).__name__
            lines.append(f"- switch `{switch.name}` ({values}; default `{switch.default}`): {switch.does}")
        if api.switches:
            lines.append("")
        sections.append("\n".join(lines))
    head = [
        "# Fidelity of the sandbox",
        "",
        "Generated from the marks in the code; do not edit. To write it again: `python -m tuning_sandbox.fidelity > docs/fidelity.md`.",
        "",
        "| source | means | behaviours |",
        "| --- | --- | --- |",
        *(f"| {source} | {MEANING[source]} | {counts[source]} |" for source in SOURCES),
        "",
    ]
    return "\n".join([*head, *_own_tests(json.loads(OWN_TESTS.read_bytes())), *sections]).rstrip("\n") + "\n"


def _own_tests(found: dict[str, Any]) -> list[str]:
    """How many of google-genai's own tests pass, and the results of the others."""
    about = (
        f"The wheel of google-genai {found['version']} has its tests. These numbers are of its Vertex AI tests, unmodified, in "
        f"the mode that asks the API, against a sandbox of {found['day']}."
    )
    again = (
        "Images and documents that the wheel leaves out are stand-ins. "
        "`PYTHONPATH=scripts:tests .venv/bin/python -m support.genai_tests` counts again."
    )
    lines = [
        "## google-genai's own tests",
        "",
        about,
        again,
        "",
        "| tests of | pass | refused by name, no part in tuning | refused by name, part of tuning | other | all |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for suite, held in found["suites"].items():
        apart, missing, others = (sum(held[part].values()) for part in ("apart", "missing", "others"))
        lines.append(f"| {suite} | {held['passed']} | {apart} | {missing} | {others} | {held['of']} |")
    titles = {
        "missing": "Part of tuning and not built; refused by name:",
        "apart": "No part in tuning; refused by name:",
        "others": "Other:",
    }
    for part, title in titles.items():
        counts: dict[str, int] = {}
        for held in found["suites"].values():
            for what, count in held[part].items():
                counts[what] = counts.get(what, 0) + count
        ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        lines += ["", title, "", *(f"- {count} x {_cell(what)}" for what, count in ordered)]
    return [*lines, ""]


def _grouped(routes: Iterable[Route]) -> list[tuple[str, str, list[Route]]]:
    groups: dict[tuple[str, str], list[Route]] = {}
    for route in routes:
        path = route.template
        if route.version is not None:
            path = "/V" + path[len(route.version) + 1 :]
        groups.setdefault((route.method, path), []).append(route)
    named = []
    for (method, path), group in groups.items():
        versions = [route.version for route in group if route.version]
        shown = path if not versions else path.replace("/V", "/" + "\\|".join(versions), 1)
        named.append((method, shown, group))
    return named


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _source(source: str, ref: str) -> str:
    return f"{source}: {_cell(ref)}" if ref else source


def main() -> None:
    """Print the page."""
    from tuning_sandbox.app import load_apis

    sys.stdout.write(describe(load_apis()))


if __name__ == "__main__":
    main()
