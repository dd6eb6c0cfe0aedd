"""A review as one HTML file: nothing is loaded from outside, and nothing in it runs.

jinja2, which the extra ``report`` installs, escapes every value. The page is well-formed XML too.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from importlib import import_module
from importlib.resources import files
from itertools import groupby
from typing import Any, Final

from pulumi_gcp_tuning.errors import Refused
from pulumi_gcp_tuning.grammar import counted, in_dollars
from pulumi_gcp_tuning.review.curve_picture import Curve, draw_curves
from pulumi_gcp_tuning.review.drawing import inline, style_of_pictures
from pulumi_gcp_tuning.review.flow_picture import Box, chosen_boxes, draw_narrow, draw_wide, width_of_wide
from pulumi_gcp_tuning.review.lettering import kind_of
from pulumi_gcp_tuning.review.report import Cost, Judgement, Named, Node, Quota, Review, Training
from pulumi_gcp_tuning.review.scales import ACCURACIES, LOSSES
from pulumi_gcp_tuning.review.sentences import by_cause, cost_in_words, total, what_happens

_HOW_TO_INSTALL: Final = "An HTML report needs jinja2: pip install 'pulumi-gcp-tuning[report]'."
_COLOURS: Final = {"OK": "green", "WARN": "amber", "BLOCK": "red"}
_SEVERITIES: Final = {"error": ("red", "error"), "warn": ("amber", "warning"), "info": ("blue", "note")}
_LINK: Final = re.compile(r"https://[A-Za-z0-9.-]+(?:[/?#][^\s\"'<>\\]*)?")
_LINK_IN_TEXT: Final = re.compile(r"https://(?:[a-z0-9-]+\.)*google\.com/[^\s\"'`<>\\()]*(?<![.,;:!?])")
"""Of the addresses in a text, those of Google become links: a text may hold anything."""
_NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[\u202a-\u202e\u2066-\u2069]")
_LONGEST: Final = 100
"""A list of the page has at most so many items. The table of all resources is longer."""
_SMALLEST_WIDE: Final = 0.8
"""The wide picture is scaled down to this; a narrower screen gets the narrow one."""


def check_page() -> None:
    """Raises Refused with the command that installs jinja2, if it is not installed."""
    try:
        import_module("jinja2")
    except ModuleNotFoundError:
        raise Refused(_HOW_TO_INSTALL) from None


def page(review: Review) -> str:
    """The whole HTML page, ending in a newline. The same review gives the same page.

    Raises Refused as :func:`check_page` does.
    """
    check_page()
    style = _text_of("page.css") + style_of_pictures()
    flow = _flow(review)
    shown = _compiled().render(
        review=review,
        colour=_COLOURS[review.verdict],
        style=_safe(style + (flow["style"] if flow else "")),
        tiles=_tiles(review),
        flow=flow,
        charts=_charts(review),
        costs=_costs(review.trainings),
        quotas=[(quota, *_shares(quota)) for quota in review.quotas],
        severities=_SEVERITIES,
        findings=_by_severity(review.findings),
        policies=_by_severity(review.policies),
    )
    return _NOT_XML.sub("", shown)


@cache
def _compiled() -> Any:
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters |= {"kind": kind_of, "dollars": in_dollars, "words": cost_in_words, "counted": counted}
    environment.filters |= {"linked": _linked, "happens": what_happens}
    environment.globals["longest"] = _LONGEST
    environment.tests["link"] = lambda text: bool(_LINK.fullmatch(text))
    return environment.from_string(_text_of("page.html"))


def _linked(text: str) -> Any:
    """The text with its addresses as links; everything is escaped."""
    from markupsafe import Markup

    parts, at = Markup(), 0
    for found in _LINK_IN_TEXT.finditer(text):
        parts += Markup('{}<a href="{}" rel="noreferrer">{}</a>').format(text[at : found.start()], found[0], found[0])
        at = found.end()
    return parts + text[at:]


def _text_of(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


def _safe(markup: str) -> Any:
    """Markup of this package: a style sheet, or a picture whose texts the XML writer has escaped."""
    from markupsafe import Markup

    return Markup(markup)  # noqa: S704 - nothing of a user's program is in it unescaped


def _tiles(review: Review) -> list[tuple[str, str, str, str]]:
    """The numbers at the top: name, value, colour, and a remark."""
    counts = review.counts
    again = sum(training.again for training in review.trainings)
    tiles = []
    if review.trainings:
        tiles.append(("trains", f"{len(review.trainings)}", "violet", f"{again} again" if again else ""))
        tiles.append(("training costs", *_sum_of(total(review.trainings))))
    for step, name, colour in (
        ("create", "new", "green"),
        ("update", "updated", "blue"),
        ("replace", "replaced", "amber"),
        ("delete", "deleted", "red"),
        ("same", "unchanged", ""),
    ):
        if counts.get(step):
            tiles.append((name, f"{counts[step]:,}", colour, ""))
    return tiles


def _sum_of(words: str) -> tuple[str, str, str]:
    """``about $12.90`` as a large number with a small remark."""
    bound, _, usd = words.partition("$")
    return f"${usd}" if usd else "not known", "violet", bound.strip() if usd else ""


def _flow(review: Review) -> dict[str, Any] | None:
    """The picture of what depends on what, wide and narrow, and the style that shows one of them."""
    boxes, left_out = chosen_boxes(boxes_of(review))
    if review.changes_nothing or len(boxes) < 2:
        return None
    label = f"What depends on what: {', '.join(f'{box.kind} {box.name} {box.word}'.strip() for box in boxes)}"
    wide = width_of_wide(boxes)
    narrowest = round(wide * _SMALLEST_WIDE)
    style = (
        f".flow .wide{{max-width:{wide}px}}"
        f"@container (max-width:{narrowest - 1}px){{.flow .wide{{display:none}}.flow .narrow{{display:block}}}}\n"
    )
    return {
        "wide": _safe(inline(draw_wide(boxes, label))),
        "narrow": _safe(inline(draw_narrow(boxes, label))),
        "left_out": left_out,
        "style": style,
    }


def boxes_of(review: Review) -> list[Box]:
    """The boxes of all resources. A job that this merge starts says that it is paid for, and how much where that is known."""
    costs = {training.job.urn: training.cost for training in review.trainings}
    return [
        Box(
            key=node.resource.urn,
            kind=kind_of(node.resource.type),
            name=node.resource.name,
            change={"read": "same", "adopt": "import"}.get(node.step, node.step),
            note=_note(node, costs.get(node.resource.urn)),
            needs=node.needs,
        )
        for node in review.nodes
    ]


def _note(node: Node, cost: Cost | None) -> str:
    if cost is not None:
        if cost.usd is None or cost.per_epoch:
            return "paid here, by the epoch" if cost.per_epoch else "paid here"
        return f"paid here: {in_dollars(cost.usd)}"
    return "" if node.paid in ("", "training") or node.step == "delete" else f"paid {node.paid}"


def _charts(review: Review) -> list[dict[str, Any]]:
    """One row of pictures for each job that is in use, with its candidate: the loss and the accuracy."""
    rows = []
    for job, curves in groupby(review.curves, key=lambda curve: curve.job):
        given = list(curves)
        pictures = []
        for title, metrics, percent in (("Loss", LOSSES, False), ("Accuracy of the next token", ACCURACIES, True)):
            names = {key.strip("/"): what for key, what in metrics}
            drawn = [
                Curve(
                    name=f"{each.of}, {names[each.metric.strip('/')]}",
                    points=each.points,
                    series=int(each.of == "candidate"),
                    dashed=names[each.metric.strip("/")] != "training",
                )
                for each in given
                if each.metric.strip("/") in names and each.points
            ]
            if drawn:
                pictures.append((_safe(inline(draw_curves(title, drawn, percent=percent))), drawn))
        if pictures:
            every = [curve for _, drawn in pictures for curve in drawn]
            series = sorted({(curve.series, curve.name.partition(",")[0]) for curve in every})
            dashed = any(curve.dashed for curve in every)
            rows.append({"job": job, "series": series, "dashed": dashed, "pictures": [each for each, _ in pictures]})
    return rows


def _costs(trainings: Sequence[Training]) -> list[dict[str, Any]]:
    """A bar before and a bar after for each training, on one scale; of several, the sums come first."""
    rows = [(training.job.name, training.cost) for training in trainings if _says_something(training.cost)]
    if len(rows) > 1 and not any(cost.per_epoch for _, cost in rows):
        rows.insert(0, (f"all {len(rows)} together", _together([cost for _, cost in rows])))
    amounts = [each for _, cost in rows for each in (cost.before, cost.usd, cost.most) if each is not None]
    whole = max(amounts, default=0.0) or 1.0
    return [{"name": name, "cost": cost, "bars": _bars(cost, whole)} for name, cost in rows]


def _says_something(cost: Cost) -> bool:
    return any(each not in (None, "") for each in (cost.usd, cost.before, cost.text, cost.reckoning, cost.serving))


def _together(costs: Sequence[Cost]) -> Cost:
    """The sums of what is known of all of them; a sum of which a part is not known is not known."""

    def sum_of(amounts: Sequence[float | None]) -> float | None:
        known = [each for each in amounts if each is not None]
        return sum(known) if len(known) == len(costs) else None

    total_usd = sum_of([cost.usd for cost in costs])
    return Cost(
        usd=total_usd,
        least=sum_of([cost.least for cost in costs]),
        most=sum_of([cost.most for cost in costs]),
        before=sum_of([cost.before for cost in costs]),
        text="" if total_usd is not None else "The cost of some of them is not known.",
    )


def _bars(cost: Cost, whole: float) -> list[dict[str, str]]:
    bars = []
    if cost.before is not None:
        share = _percent(cost.before / whole)
        bars.append(
            {"name": "the model in use", "text": in_dollars(cost.before), "share": share, "most": "0%", "colour": ""}
        )
    if cost.usd is not None:
        share, most = _percent(cost.usd / whole), _percent(max(cost.most or 0, cost.usd) / whole)
        bars.append(
            {"name": "this merge", "text": cost_in_words(cost), "share": share, "most": most, "colour": "violet"}
        )
    return bars


def _shares(quota: Quota) -> tuple[str, str, bool]:
    """How much of the limit is in use, how much with this merge, and whether that is too much."""
    used = quota.in_use or 0
    limit = quota.limit if quota.limit is not None else used + quota.need
    return _percent(used / max(1, limit)), _percent((used + quota.need) / max(1, limit)), used + quota.need > limit


def _by_severity(judgements: Sequence[Judgement]) -> dict[str, Sequence[tuple[Judgement, Sequence[Named]]]]:
    """For each severity the causes, each once with all resources that have it."""
    return {
        severity: tuple(by_cause(each for each in judgements if each.severity == severity).items())
        for severity in _SEVERITIES
    }


def _percent(share: float) -> str:
    return f"{100 * min(1.0, max(0.0, share)):.1f}%"
