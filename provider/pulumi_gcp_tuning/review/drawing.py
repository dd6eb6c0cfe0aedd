"""Writes SVG: every text is escaped by the XML writer, and nothing is loaded from outside."""

from __future__ import annotations

from importlib.resources import files
from typing import Final
from xml.etree import ElementTree as ET

from pulumi_gcp_tuning.review.lettering import plain

Element = ET.Element
FONT_SIZE: Final = 11.0
NAME_SIZE: Final = 13.0


def picture(width: float, height: float, label: str, *, classes: str = "") -> Element:
    """An empty picture of that size, in pixels; ``label`` is what a screen reader says of it."""
    size = {"width": number(width), "height": number(height), "viewBox": f"0 0 {number(width)} {number(height)}"}
    return ET.Element("svg", {**size, "class": f"picture {classes}".strip(), "role": "img", "aria-label": plain(label)})


def add(parent: Element, tag: str, /, text: str | None = None, **attributes: str | float) -> Element:
    """Add an element. ``class_`` is its class, other underscores become hyphens, numbers are shortened."""
    named = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
    element = ET.SubElement(
        parent, tag, {name: value if isinstance(value, str) else number(value) for name, value in named.items()}
    )
    element.text = None if text is None else plain(text)
    return element


def number(value: float) -> str:
    """A length with at most one digit after the point."""
    shown = f"{value:.1f}".rstrip("0").rstrip(".")
    return "0" if shown == "-0" else shown


def inline(root: Element) -> str:
    """The picture as a part of an HTML page that has the style of pictures."""
    return ET.tostring(root, encoding="unicode")


def standalone(root: Element, *, background: bool = True) -> str:
    """The picture as a file of its own: it carries its style, and follows the light or dark setting of its reader."""
    style = ET.Element("style")
    style.text = f":root{{color-scheme:light dark}}{style_of_pictures()}"
    root.insert(0, style)
    if background:
        root.insert(1, ET.Element("rect", {"class": "paper", "width": "100%", "height": "100%", "rx": "10"}))
    root.set("xmlns", "http://www.w3.org/2000/svg")
    return ET.tostring(root, encoding="unicode") + "\n"


def style_of_pictures() -> str:
    """The style sheet that pictures need."""
    return files(__package__).joinpath("pictures.css").read_text(encoding="utf-8")
