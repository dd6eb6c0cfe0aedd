"""A real browser without a window: shows a page at a width, measures it, and takes a picture of it.

Chromium lays out no window narrower than 500 pixels, whatever ``--window-size`` says. So a page is shown in a frame of the
wanted width, for which its media queries hold, and measured from outside: the page itself needs no script.
"""

from __future__ import annotations

import html
import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
_NARROWEST: Final = 500
_MEASURE: Final = """
const frame = document.querySelector("iframe");
frame.addEventListener("load", () => {
  const page = frame.contentDocument, view = frame.contentWindow, root = page.documentElement;
  const shown = each => each.getClientRects().length > 0;
  const boxed = each => { const r = each.getBoundingClientRect(); return [r.left, r.top, r.right, r.bottom]; };
  const texts = [...page.querySelectorAll("svg.picture text")].filter(shown);
  const over = [...page.body.querySelectorAll("*")].filter(shown).filter(e => !e.closest("svg"))
    .filter(e => e.getBoundingClientRect().right > view.innerWidth + 0.5);
  document.documentElement.dataset.measured = JSON.stringify({
    width: view.innerWidth,
    scroll: Math.max(root.scrollWidth, page.body.scrollWidth),
    height: Math.max(root.scrollHeight, page.body.scrollHeight),
    over: over.slice(0, 5).map(e => e.outerHTML.slice(0, 200)),
    scrolling: [...page.querySelectorAll("*")].filter(e => e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0
      && ["auto", "scroll"].includes(view.getComputedStyle(e).overflowX)).length,
    labels: texts.map(e => ({text: e.textContent, box: boxed(e), picture: boxed(e.closest("svg")),
      size: parseFloat(view.getComputedStyle(e).fontSize) * e.getScreenCTM().a})),
    requests: view.performance.getEntriesByType("resource").map(e => e.name),
    background: view.getComputedStyle(page.body).backgroundColor,
    ink: view.getComputedStyle(page.body).color,
    pictures: [...page.querySelectorAll("svg.picture")].filter(shown).map(e => e.getAttribute("class")),
  });
});
"""


@dataclass(frozen=True)
class Browser:
    """A program that shows pages. ``folder`` keeps what it needs."""

    program: str
    folder: Path

    def measure(self, page: str, width: int, *, dark: bool = False, opened: bool = False) -> dict[str, Any]:
        """Sizes, labels and requests of the page at this width; ``opened`` unfolds its details first."""
        shown = self._framed(page, width, 4000, opened=opened)
        dumped = self._run("--dump-dom", f"--window-size={max(width, _NARROWEST)},4000", shown, dark=dark)
        _, _, rest = dumped.partition('data-measured="')
        assert rest, f"The browser measured nothing:\n{dumped[:2000]}"
        measured: dict[str, Any] = json.loads(html.unescape(rest.partition('"')[0]))
        return measured

    def picture(
        self, page: str, width: int, height: int, file: Path, *, dark: bool = False, opened: bool = False
    ) -> None:
        """Writes a PNG of the page's top, of this size."""
        shown = self._framed(page, width, height, opened=opened)
        self._run(f"--screenshot={file}", f"--window-size={width},{height}", "--hide-scrollbars", shown, dark=dark)
        assert file.stat().st_size

    def _framed(self, page: str, width: int, height: int, *, opened: bool) -> Path:
        page = page.replace("<details", "<details open") if opened else page
        frame = (
            f'<iframe style="border:0;display:block;width:{width}px;height:{height}px" srcdoc="{html.escape(page)}">'
        )
        file = self.folder / "frame.html"
        text = (
            f'<!doctype html><meta charset="utf-8"><body style="margin:0">{frame}</iframe><script>{_MEASURE}</script>'
        )
        file.write_text(text, encoding="utf-8")
        return file

    def _run(self, *arguments: str | Path, dark: bool) -> str:
        root = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []  # it refuses root without this
        scheme = f"--blink-settings=preferredColorScheme={0 if dark else 1}"
        fixed = ["--headless", "--disable-gpu", "--no-first-run", f"--user-data-dir={self.folder / 'profile'}", scheme]
        command = [self.program, *root, *fixed, *(str(each) for each in arguments)]
        done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False, timeout=120)
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout


def find_browser(folder: Path) -> Browser:
    """The browser of this machine; the test that asks is skipped with a reason if there is none."""
    program = next((found for name in NAMES if (found := shutil.which(name))), None)
    if program is None:
        pytest.skip(f"no browser: none of {', '.join(NAMES)} is on PATH")
    return Browser(program, folder)
