"""The docs site: every page is in its navigation, and the built site is whole and asks no other host for anything."""

from __future__ import annotations

import base64
import functools
import hashlib
import io
import os
import re
import shutil
import subprocess
import tarfile
import threading
import tomllib
from collections.abc import Callable, Iterator, Mapping
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

import make_docs
import pulumi_gcp_tuning as tuning

CHECKOUT = Path(make_docs.__file__).parents[1]
ASKS = re.compile(r"""<(?:script|img|iframe|video|audio|source|embed|object)\b[^>]*?\b(?:src|data)=["']?([^"'\s>]+)""")
LINKED = re.compile(r"""<link\b[^>]*\brel=["']?(?:stylesheet|icon|preload|preconnect|manifest)\b[^>]*>""")
HOST = re.compile(r"""(?:https?:)?//[\w.-]+\.\w+""")
REVIEWED = {
    "https://unpkg.com/mermaid@12/dist/mermaid.min.js": "only where the page has no mermaid, and each page has it",
    "https://unpkg.com/glightbox@3/dist/js/glightbox.min.js": "only with its plugin, which is off",
    "https://unpkg.com/glightbox@3/dist/css/glightbox.min.css": "only with its plugin, which is off",
    "https://unpkg.com/resize-observer-polyfill": "only in browsers from before 2020",
    "https://unpkg.com/pyodide@314.0.2/pyodide.js": "only for blocks that run Python in the browser; there is none",
    "https://unpkg.com/ace-builds@1.44.0/src-noconflict/ace.js": "only for blocks that run Python in the browser",
    "https://cdn.jsdelivr.net/pyodide/v314.0.2/full/": "only for blocks that run Python in the browser",
    "https://api.github.com/users/": "only with repo_url, which is not set",
    "https://api.github.com/repos/": "only with repo_url, which is not set",
    "https://": "a prefix in the theme's code",
}
"""The addresses in the theme's own script, and why a reader's browser does not ask them."""


def config() -> dict[str, Any]:
    project: dict[str, Any] = tomllib.loads((CHECKOUT / "zensical.toml").read_text(encoding="utf-8"))["project"]
    return project


def pages_in(nav: list[Any]) -> Iterator[str]:
    for entry in nav:
        for target in entry.values():
            if isinstance(target, str):
                yield target
            else:
                yield from pages_in(target)


def test_every_page_is_in_the_navigation_once() -> None:
    docs = CHECKOUT / "docs"
    pages = [*docs.glob("*.md"), *docs.glob("*/*.md"), *docs.glob("examples/*/README.md")]
    assert sorted(pages_in(config()["nav"])) == sorted(str(page.relative_to(docs)) for page in pages)


def test_the_theme_asks_for_no_font_and_for_no_repository() -> None:
    assert config()["theme"]["font"] is False
    assert "repo_url" not in config()
    assert config()["extra_javascript"] == [str(make_docs.SCRIPT)]


Npm = Callable[[bytes], Mapping[str, str]]


def packed(script: str) -> bytes:
    """The package that the registry would give, with this script in it."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as package:
        entry = tarfile.TarInfo("package/dist/mermaid.min.js")
        entry.size = len(script)
        package.addfile(entry, io.BytesIO(script.encode()))
    return file.getvalue()


@pytest.fixture
def npm(tmp_path: Path) -> Npm:
    """An environment whose npm packs what it is given, once."""

    def environment(package: bytes) -> Mapping[str, str]:
        (tmp_path / "given.tgz").write_bytes(package)
        program = tmp_path / "bin" / "npm"
        program.parent.mkdir()
        program.write_text(f'#!/bin/sh\nmv {tmp_path}/given.tgz "$5/mermaid.tgz"\n', encoding="utf-8")
        program.chmod(0o755)
        path = f"{program.parent}:/usr/bin:/bin"
        return {"PATH": path, "XDG_CACHE_HOME": str(tmp_path / "cache"), "HOME": str(tmp_path)}

    return environment


def test_the_script_of_the_diagrams_is_fetched_once_and_kept(npm: Npm, monkeypatch: pytest.MonkeyPatch) -> None:
    package = packed("draw()")
    monkeypatch.setattr(make_docs, "INTEGRITY", base64.b64encode(hashlib.sha512(package).digest()).decode())
    env = npm(package)
    assert make_docs.mermaid(env) == "draw()"
    assert make_docs.mermaid(env) == "draw()"


def test_a_script_with_another_hash_is_not_used_and_not_kept(npm: Npm) -> None:
    env = npm(packed("steal()"))
    with pytest.raises(make_docs.NotFetchedError, match="has another hash than the one that is pinned"):
        make_docs.mermaid(env)
    assert list(Path(env["XDG_CACHE_HOME"]).rglob("*.tgz")) == []


def test_a_machine_without_npm_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(make_docs.NotFetchedError, match="no npm on PATH"):
        make_docs.mermaid({"PATH": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path), "HOME": str(tmp_path)})


@pytest.fixture(scope="module")
def checkout_with_docs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("docs")
    for name in ("zensical.toml", "CHANGELOG.md"):
        shutil.copy2(CHECKOUT / name, root / name)
    shutil.copytree(CHECKOUT / "docs", root / "docs", ignore=shutil.ignore_patterns(".sandbox", "sdks"))
    (root / "provider").symlink_to(CHECKOUT / "provider")
    return root


@pytest.fixture(scope="module")
def site(checkout_with_docs: Path) -> Path:
    """The built site, on a machine that cannot fetch the script of the diagrams."""
    env = {"PATH": "", "XDG_CACHE_HOME": str(checkout_with_docs / "cache"), "HOME": str(checkout_with_docs)}
    assert make_docs.build(checkout_with_docs, env) == 0
    return checkout_with_docs / "build" / "site"


@pytest.mark.full
@pytest.mark.xdist_group("docs site")
class TestBuiltSite:
    def test_no_page_asks_another_host_for_anything(self, site: Path) -> None:
        for page in site.rglob("*.html"):
            text = page.read_text(encoding="utf-8")
            asked = [*ASKS.findall(text), *LINKED.findall(text)]
            assert asked
            assert [each for each in asked if HOST.search(each)] == [], page
        for style in site.rglob("*.css"):
            assert re.findall(r"(?:url\(|@import )[\"']?(?:https?:)?//", style.read_text(encoding="utf-8")) == [], style

    def test_the_script_of_the_theme_names_only_addresses_that_were_reviewed(self, site: Path) -> None:
        found = {
            address
            for script in (site / "assets").rglob("*.js")
            for address in re.findall(r"https://[\w./@-]*", script.read_text(encoding="utf-8"))
        }
        assert found == set(REVIEWED)

    def test_diagrams_are_shown_as_text_where_their_script_cannot_be_fetched(self, site: Path) -> None:
        assert (site / make_docs.SCRIPT).read_text(encoding="utf-8") == make_docs.AS_TEXT
        assert 'class="mermaid"' in (site / "index.html").read_text(encoding="utf-8")
        assert str(make_docs.SCRIPT) in (site / "index.html").read_text(encoding="utf-8")

    @pytest.mark.parametrize("name", [each for each in tuning.__all__ if not each.endswith("ArgsDict")])
    def test_every_public_name_has_its_docstring_in_the_reference(self, site: Path, name: str) -> None:
        pages = "".join(page.read_text(encoding="utf-8") for page in (site / "reference").glob("*.html"))
        assert re.search(rf'<h\d id="pulumi_gcp_tuning\.{name}"', pages)


@pytest.fixture(scope="module")
def served(site: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """The site with the script of the diagrams, and its address."""
    folder = tmp_path_factory.mktemp("served") / "site"
    shutil.copytree(site, folder)
    try:
        script = make_docs.mermaid(os.environ)
    except make_docs.NotFetchedError as error:
        pytest.skip(str(error))
    (folder / make_docs.SCRIPT).write_text(script, encoding="utf-8")
    handler = functools.partial(Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield folder, f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args: Any) -> None:
        """Nothing: what is asked for is the browser's business."""


@pytest.mark.full
@pytest.mark.xdist_group("docs site")
def test_a_browser_draws_every_diagram(served: tuple[Path, str], tmp_path: Path) -> None:
    browser = shutil.which("chromium")
    if browser is None:
        pytest.skip("there is no chromium on PATH")
    folder, address = served
    pages = [page for page in folder.rglob("*.html") if '<pre class="mermaid">' in page.read_text(encoding="utf-8")]
    assert pages
    for page in pages:
        command = [browser, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path}", "--dump-dom"]
        asked = f"{address}/{page.relative_to(folder)}"
        shown = subprocess.run(
            [*command, "--virtual-time-budget=10000", asked], capture_output=True, text=True, timeout=120, check=True
        ).stdout
        wanted = page.read_text(encoding="utf-8").count('<pre class="mermaid">')
        assert shown.count('<div class="mermaid">') == wanted, f"{page.name}: a diagram is not drawn"


@pytest.mark.full
def test_a_link_to_a_missing_heading_fails_the_build_in_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "index.md").write_text("# Here\n\n[There](#there)\n", encoding="utf-8")
    (tmp_path / "zensical.toml").write_text('[project]\nsite_name = "One page"\n', encoding="utf-8")
    assert make_docs.build(tmp_path, {}) == 1
    said = capsys.readouterr().out
    assert "anchor does not exist" in said
    assert "index.md:3" in said
    assert "Traceback" not in said
