"""The picture of a metric over the steps of a training, for one or several models."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pulumi_gcp_tuning.review.drawing import Element, add, number, picture
from pulumi_gcp_tuning.review.lettering import fitted
from pulumi_gcp_tuning.review.scales import Scale, points_of, scale_of

_WIDE, _HIGH = 340.0, 216.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 40.0, 68.0, 34.0, 30.0
_MOST_POINTS: Final = 240
_SMOOTH_FROM: Final = 60
"""From this many points on the curve is the mean of neighbours, over a faint line of the values themselves."""
_LABEL_HIGH: Final = 14.0


@dataclass(frozen=True, kw_only=True)
class Curve:
    """The points (step, value) of one metric. ``series`` is the model: 0 in use, 1 candidate; ``dashed`` marks evaluation."""

    name: str
    points: Sequence[tuple[float, float]]
    series: int = 0
    dashed: bool = False


def curves_of(
    steps: Sequence[Mapping[str, Any]], metrics: Sequence[tuple[str, str]], name: str, series: int = 0
) -> list[Curve]:
    """The curves of one training: each of the metrics (Google's name, and what it is of) that its steps have."""
    found = [(what, points_of(steps, key)) for key, what in metrics]
    return [
        Curve(name=f"{name}, {what}", points=points, series=series, dashed=what != "training")
        for what, points in found
        if points
    ]


def draw_curves(title: str, curves: Sequence[Curve], *, percent: bool = False) -> Element:
    """The curves over their steps. A value that falls by several magnitudes gets a log scale, which the title names."""
    finite = [_finite(curve) for curve in curves]
    drawn = [curve for curve in finite if curve.points]
    values = [value for curve in drawn for _, value in curve.points]
    up = Scale(0.0, 1.0) if percent else scale_of(values)
    across = scale_of([step for curve in drawn for step, _ in curve.points], log=False)
    heading = f"{title} (log scale)" if up.logarithmic else title
    root = picture(_WIDE, _HIGH, _said(heading, drawn, percent=percent), classes="curves")
    add(root, "text", fitted(heading, _WIDE - 8, 13, bold=True), class_="heading", x=2, y=14)
    frame = _Frame(across, up)
    _add_grid(root, frame, percent=percent)
    for curve in drawn:
        _add_curve(root, frame, curve, faint=not percent)
    _add_values(root, frame, drawn, percent=percent)
    return root


@dataclass(frozen=True)
class _Frame:
    across: Scale
    up: Scale

    def x(self, step: float) -> float:
        return _LEFT + self.across.share(step) * (_WIDE - _LEFT - _RIGHT)

    def y(self, value: float) -> float:
        return _HIGH - _BOTTOM - self.up.share(value) * (_HIGH - _TOP - _BOTTOM)


def _finite(curve: Curve) -> Curve:
    points = [(step, value) for step, value in curve.points if math.isfinite(step) and math.isfinite(value)]
    return Curve(name=curve.name, points=sorted(points), series=curve.series, dashed=curve.dashed)


def _add_grid(root: Element, frame: _Frame, *, percent: bool) -> None:
    right = _WIDE - _RIGHT
    for value in frame.up.ticks():
        y = frame.y(value)
        add(root, "line", class_="rule faint", x1=_LEFT, x2=right, y1=y, y2=y)
        add(root, "text", shown(value, percent=percent), class_="tick", x=_LEFT - 6, y=y + 4, text_anchor="end")
    floor = _HIGH - _BOTTOM
    add(root, "line", class_="rule", x1=_LEFT, x2=right, y1=floor, y2=floor)
    ticks = frame.across.ticks(6)
    for step in ticks:
        add(root, "text", f"{step:g}", class_="tick", x=frame.x(step), y=floor + 17, text_anchor="middle")
    add(root, "text", "step", class_="axis", x=right + 14, y=floor + 17)


def _add_curve(root: Element, frame: _Frame, curve: Curve, *, faint: bool) -> None:
    """``faint`` also draws the values of a smoothed curve; a share of a few rows jumps too much for that."""
    style = f"curve series-{curve.series}{' dashed' if curve.dashed else ''}"
    points = _thinned(curve.points)
    if len(points) == 1:
        x, y = frame.x(points[0][0]), frame.y(points[0][1])
        add(root, "circle", class_=f"end series-{curve.series}", cx=x, cy=y, r=3.5)
        return
    if len(points) >= _SMOOTH_FROM:
        if faint:
            add(root, "path", class_=f"{style} raw", d=_path(frame, points))
        points = _smoothed(points)
    line = add(root, "path", class_=style, d=_path(frame, points))
    add(line, "title", curve.name)
    hollow = " hollow" if curve.dashed else ""
    x, y = frame.x(curve.points[-1][0]), frame.y(curve.points[-1][1])
    add(root, "circle", class_=f"end series-{curve.series}{hollow}", cx=x, cy=y, r=3.5)


def _add_values(root: Element, frame: _Frame, curves: Sequence[Curve], *, percent: bool) -> None:
    """The last value of each curve at the right, moved apart where they would overlap."""
    lasts = sorted(((frame.y(curve.points[-1][1]), curve) for curve in curves), key=lambda last: last[0])
    floor = _HIGH - _BOTTOM - 5
    places: list[float] = []
    for y, _ in lasts:
        places.append(max(y, places[-1] + _LABEL_HIGH) if places else y)
    over = places[-1] - floor if places else 0.0
    for at in range(len(places) - 1, -1, -1):
        limit = floor if at == len(places) - 1 else places[at + 1] - _LABEL_HIGH
        places[at] = min(places[at], limit) if over > 0 else places[at]
    for place, (_, curve) in zip(places, lasts, strict=True):
        text = f"{'○ ' if curve.dashed else ''}{shown(curve.points[-1][1], percent=percent)}"
        add(
            root,
            "text",
            text,
            class_=f"value series-{curve.series}",
            x=_WIDE - _RIGHT + (8 if curve.dashed else 20),
            y=place + 4,
        )


def shown(value: float, *, percent: bool = False) -> str:
    """A value of an axis or of a curve's end, in a few characters."""
    if percent:
        return f"{value:.0%}"
    if value == 0 or 0.01 <= abs(value) < 10_000:
        return f"{value:.3g}"
    if 0.0001 <= abs(value) < 0.01:
        return f"{value:.2g}"
    return f"{value:.0e}".replace("e-0", "e-").replace("e+0", "e")


def _said(heading: str, curves: Sequence[Curve], *, percent: bool) -> str:
    ends = [
        f"{curve.name} from {shown(curve.points[0][1], percent=percent)} to {shown(curve.points[-1][1], percent=percent)}"
        for curve in curves
    ]
    return f"{heading}: {'; '.join(ends)}" if ends else f"{heading}: no values"


def _path(frame: _Frame, points: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{number(frame.x(step))} {number(frame.y(value))}" for step, value in points)


def _thinned(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """At most about ``_MOST_POINTS`` of them; of each stretch its lowest and its highest, so that no spike is lost."""
    if len(points) <= _MOST_POINTS:
        return list(points)
    size = -(-2 * len(points) // _MOST_POINTS)
    kept: list[tuple[float, float]] = []
    for start in range(0, len(points), size):
        stretch = points[start : start + size]
        kept += sorted({min(stretch, key=lambda point: point[1]), max(stretch, key=lambda point: point[1])})
    return [*kept, *([points[-1]] if kept[-1] != points[-1] else [])]


def _smoothed(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """At each step the line that fits its neighbours best, of the logarithms where all values are positive."""
    reach = max(1, len(points) // 24)
    positive = min(value for _, value in points) > 0
    drawn = [(step, math.log(value) if positive else value) for step, value in points]
    found = []
    for at, (step, _) in enumerate(drawn):
        near = drawn[max(0, at - reach) : at + reach + 1]
        middle = sum(x for x, _ in near) / len(near)
        mean = sum(y for _, y in near) / len(near)
        spread = sum((x - middle) ** 2 for x, _ in near)
        slope = sum((x - middle) * (y - mean) for x, y in near) / spread if spread else 0.0
        value = mean + slope * (step - middle)
        found.append((step, math.exp(value) if positive else value))
    return found
