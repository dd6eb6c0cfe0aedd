"""Writes what is not pinned yet into the files of the next version, the newest ones in ``keys`` and ``hashes``:

    cd tests && ../.venv/bin/python -m golden.pin

The keys of a new resource; for a resource with too few declarations its first one under other names, stacks, projects
and parents; and what Google gets for each declaration without ``sent``. What is pinned never changes.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterable, Iterator
from itertools import product
from pathlib import Path
from typing import Any, Final

from pulumi_gcp_tuning.resources.registry import lifecycle_of
from support.golden_hashes import GOLDEN, KINDS, LEAST, TYPE, keys_of, newest, send

NAMES: Final = {
    "bot": "",
    "helper": "another name",
    "the bot": "a name with spaces",
    "support::bot": "a name with colons",
    "küche-주문": "a name with letters of other alphabets",
}
STACKS: Final = {"dev": "", "prod": "another stack"}
PROJECTS: Final = {"shop": "", "other-shop": "another project"}
PARENTS: Final = {"": "", "shop:index:Router$": "below a component"}


def pin(golden: Path) -> list[str]:
    """Pin what is missing below the folder; one line for each thing that was added."""
    return [*_pin_keys(newest(golden / "keys")), *_pin_hashes(golden / "hashes")]


def _pin_keys(file: Path) -> Iterator[str]:
    files = [_read(each) for each in file.parent.glob("*.json")]
    pinned = _read(file)
    for kind in KINDS:
        if not any(kind in each for each in files):
            pinned[kind] = {"type": f"{TYPE}:{lifecycle_of(kind).name}", **keys_of(kind)}
            yield f"{file.name}: the keys of {kind}"
    _write(file, pinned)


def _pin_hashes(folder: Path) -> Iterator[str]:
    file = newest(folder)
    others = [_read(each) for each in folder.glob("*.json") if each != file]
    pinned = _read(file)
    for kind in KINDS:
        own = pinned.get(kind, [])
        released = [each for kinds in others for each in kinds.get(kind, [])]
        if own and len(released) + len(own) < LEAST:
            added = list(_elsewhere(own[0], {each["urn"] for each in [*released, *own]}))
            own += added[: LEAST - len(released) - len(own)]
        for each in own:
            each.setdefault("declared", "all that is hashed")
            if "sent" not in each:
                with tempfile.TemporaryDirectory() as work:
                    each["sent"] = send(kind, each, Path(work))
                yield f"{file.name}: {kind}, {each['declared']}"
    _write(file, pinned)


def _elsewhere(first: dict[str, Any], taken: Iterable[str]) -> Iterator[dict[str, Any]]:
    """The same declaration under other URNs."""
    own = first["urn"].partition(f"{TYPE}:")[2].partition("::")[0]
    for (name, a), (stack, b), (project, c), (parent, d) in product(
        *(x.items() for x in (NAMES, STACKS, PROJECTS, PARENTS))
    ):
        urn = f"urn:pulumi:{stack}::{project}::{parent}{TYPE}:{own}::{name}"
        if urn not in taken:
            declared = ", ".join(each for each in (a, b, c, d) if each) or "a plain name"
            again = {key: value for key, value in first.items() if key != "sent"}
            yield {**again, "declared": declared, "urn": urn, "inputs": {**first["inputs"], "resourceUrn": urn}}


def _read(file: Path) -> Any:
    return json.loads(file.read_text(encoding="utf-8"))


def _write(file: Path, content: Any) -> None:
    file.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    try:
        added = pin(GOLDEN)
    except AssertionError as error:
        sys.exit(f"Nothing is pinned. {error}")
    sys.stdout.write("".join(f"{each}\n" for each in added) or "everything is pinned\n")
