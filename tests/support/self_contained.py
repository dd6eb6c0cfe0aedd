"""What an HTML page would load or run: nothing, if it is one file without network."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Final

_LOADS: Final = {
    *("action", "archive", "background", "cite", "code", "codebase", "data", "dynsrc", "formaction", "href", "icon"),
    *(
        "imagesrcset",
        "longdesc",
        "lowsrc",
        "manifest",
        "ping",
        "poster",
        "profile",
        "src",
        "srcdoc",
        "srcset",
        "usemap",
    ),
    "xlink:href",
}
_RUNS: Final = {
    "script",
    "iframe",
    "frame",
    "object",
    "embed",
    "applet",
    "base",
    "form",
    "input",
    "button",
    "link",
    "img",
}
_LINK: Final = re.compile(r"https://[^\s\"'<>]+")


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self.links: list[str] = []
        self.open: list[str] = []
        self.styles = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open.append(tag)
        if tag in _RUNS:
            self.found.append(f"<{tag}>")
        for name, given in attrs:
            value = given or ""
            if name.startswith("on"):
                self.found.append(f"{tag} {name}")
            elif tag == "a" and name == "href" and (_LINK.fullmatch(value) or value.startswith("#")):
                self.links.append(value)  # a person follows it; nothing is loaded before
            elif (name in _LOADS and not value.startswith("#")) or (
                name == "http-equiv" and value.lower() != "content-security-policy"
            ):
                self.found.append(f"{tag} {name}={value}")
            else:
                self.styles += f"\n{value}" if "url(" in value.lower() or name == "style" else ""

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "style":
            self.styles += data


def find_outside(page: str) -> list[str]:
    """Everything in the page that would load something, run something, or send something; empty if it is self-contained."""
    reader = _read(page)
    urls = re.findall(r"url\(\s*['\"]?([^)'\"]*)", reader.styles, re.IGNORECASE)
    reader.found += [f"url({each})" for each in urls if not each.strip().startswith("#")]
    reader.found += re.findall(r"@import[^;]*|expression\(|image-set\(", reader.styles, re.IGNORECASE)
    return reader.found


def find_links(page: str) -> list[str]:
    """Where the links of the page go."""
    return _read(page).links


def _read(page: str) -> _Reader:
    reader = _Reader()
    reader.feed(page)
    reader.close()
    return reader
