"""``make docs``: builds the site of docs/ into build/site. A broken link or anchor fails the build.

A reader's browser asks no other host for anything: the script that draws the diagrams is fetched once from the npm registry,
compared with its hash and served by the site. Where it cannot be fetched, the site shows the text of the diagrams.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Mapping
from pathlib import Path

from setup_pulumi import cache_home

CHECKOUT = Path(__file__).resolve().parents[1]
SCRIPT = Path("javascripts") / "mermaid.min.js"
MERMAID = "mermaid@12.3.0"
INTEGRITY = "4113TdXeLAsMruJ79OpFL5O8+LTFXhQqZ260rF3tgUmiNAtRm4Uume04I+65PRN6yZ69J4f8rVYWW8zRk65UYw=="
"""The SHA-512 of the package, as the npm registry states it."""
AS_TEXT = """\
// The script that draws diagrams could not be fetched when this site was built. Their text is shown instead.
window.mermaid = {
  initialize() {},
  async render(id, text) {
    const escaped = text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
    return { svg: `<pre style="overflow: auto">${escaped}</pre>` };
  },
};
"""
_COLORS = re.compile(r"\x1b\[[0-9;]*m")


class NotFetchedError(Exception):
    """Why the script that draws the diagrams is not there, as one line."""


def mermaid(env: Mapping[str, str]) -> str:
    """The script that draws the diagrams, from the cache or from npm. Raises NotFetchedError."""
    folder = cache_home(env) / "docs"
    package = folder / f"{MERMAID.replace('@', '-')}.tgz"
    if not package.exists():
        folder.mkdir(parents=True, exist_ok=True)
        _fetch(package, env)
    found = base64.b64encode(hashlib.sha512(package.read_bytes()).digest()).decode()
    if found != INTEGRITY:
        package.unlink()
        raise NotFetchedError(f"the package {MERMAID} has another hash than the one that is pinned")
    with tarfile.open(package) as files:
        script = files.extractfile("package/dist/mermaid.min.js")
        if script is None:
            raise NotFetchedError(f"the package {MERMAID} has no mermaid.min.js")
        return script.read().decode()


def _fetch(package: Path, env: Mapping[str, str]) -> None:
    npm = shutil.which("npm", path=env.get("PATH"))
    if npm is None:
        raise NotFetchedError("there is no npm on PATH")
    with tempfile.TemporaryDirectory(dir=package.parent) as folder:
        pack = [npm, "pack", MERMAID, "--silent", "--pack-destination", folder]
        try:
            done = subprocess.run(pack, env=dict(env), capture_output=True, text=True, timeout=120, check=False)
        except subprocess.TimeoutExpired:
            raise NotFetchedError("npm did not answer within 120 s") from None
        made = list(Path(folder).glob("*.tgz"))
        if done.returncode or len(made) != 1:
            last = (done.stderr.strip() or "it wrote no package").splitlines()[-1]
            raise NotFetchedError(f"npm pack {MERMAID} failed: {last}")
        made[0].replace(package)


def build(root: Path = CHECKOUT, env: Mapping[str, str] = os.environ) -> int:
    """Build the site of a checkout. Returns the exit code; what is wrong is printed."""
    config, site = root / "zensical.toml", root / "build" / "site"
    shutil.rmtree(site, ignore_errors=True)
    command = [sys.executable, "-m", "zensical", "build", "--strict", "--clean", "--config-file", str(config)]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    if done.returncode:
        said = _COLORS.sub("", done.stderr)
        # In strict mode it ends with a traceback of its own, behind the warnings.
        print(said.partition("Traceback")[0].strip() if "--strict flag" in said else said.strip())
        print("The site was not built: correct what is named above.")
        return 1
    try:
        script = mermaid(env)
    except NotFetchedError as error:
        print(f"Diagrams are shown as text: {error}.")
        script = AS_TEXT
    (site / SCRIPT).parent.mkdir(parents=True, exist_ok=True)
    (site / SCRIPT).write_text(script, encoding="utf-8")
    print("The site is in build/site. To read it: python -m http.server --directory build/site")
    return 0


if __name__ == "__main__":
    sys.exit(build())
