"""The picture of what depends on what."""

from __future__ import annotations

import re
from itertools import combinations, pairwise
from random import Random
from xml.etree import ElementTree as ET

import pytest

from pulumi_gcp_tuning.review.drawing import inline, standalone
from pulumi_gcp_tuning.review.flow_picture import (
    MOST_BOXES,
    NARROW,
    Box,
    chosen_boxes,
    draw_narrow,
    draw_wide,
    width_of_wide,
)
from pulumi_gcp_tuning.review.layering import place_in_columns
from pulumi_gcp_tuning.review.lettering import fitted, width_of

CHAIN = [
    Box(key="dataset", kind="dataset", name="tickets", change="update"),
    Box(key="job", kind="tuning job", name="support", change="replace", note="paid here", needs=("dataset",)),
    Box(key="model", kind="tuned model", name="support", change="replace", needs=("job",)),
    Box(key="endpoint", kind="endpoint", name="answers", needs=("model",)),
]


def drawn(seed: int, count: int = 20) -> list[Box]:
    """Boxes that depend on random earlier ones."""
    random = Random(seed)  # noqa: S311 - no secret
    return [
        Box(
            key=f"{at}",
            kind=random.choice(("dataset", "tuning job", "endpoint with a long name of its kind")),
            name="name " * random.randint(1, 9),
            change=random.choice(("same", "create", "replace", "delete")),
            note=random.choice(("", "paid here: about $12.90", "a remark " * 6)),
            needs=tuple({f"{random.randrange(at)}" for _ in range(random.randint(0, 2))}) if at else (),
        )
        for at in range(count)
    ]


def corners(root: ET.Element) -> list[tuple[float, float]]:
    """Where the boxes of a wide picture are."""
    moved = [group.get("transform", "") for group in root.iter("g")]
    return [(float(x), float(y)) for x, y in re.findall(r"translate\(([\d.]+) ([\d.]+)\)", " ".join(moved))]


@pytest.mark.parametrize("seed", range(12))
def test_no_two_boxes_overlap(seed: int) -> None:
    for (x, y), (other_x, other_y) in combinations(corners(draw_wide(drawn(seed), "")), 2):
        assert abs(x - other_x) >= 178 or abs(y - other_y) >= 66 + 8


@pytest.mark.parametrize("seed", range(12))
def test_what_needs_something_is_right_of_it(seed: int) -> None:
    boxes = drawn(seed)
    links = [(each, box.key) for box in boxes for each in box.needs]
    columns = place_in_columns([box.key for box in boxes], links).columns
    at = {slot: number for number, column in enumerate(columns) for slot in column}
    assert all(at[start] < at[end] for start, end in links)


@pytest.mark.parametrize("seed", range(12))
def test_every_text_of_the_wide_picture_ends_inside_its_box(seed: int) -> None:
    for group in draw_wide(drawn(seed), "").iter("g"):
        for text in group.findall("text"):
            if text.get("class") != "word":
                size, bold = (13 if text.get("class") == "name" else 11), text.get("class") != "kind"
                assert float(text.get("x", "")) + width_of(text.text or "", size, bold=bold) <= 178


@pytest.mark.parametrize("seed", range(12))
def test_every_text_of_the_narrow_picture_ends_inside_it(seed: int) -> None:
    for text in draw_narrow(drawn(seed), "").iter("text"):
        if text.get("class") != "word":
            size, bold = (13 if text.get("class") == "name" else 11), text.get("class") != "kind"
            assert float(text.get("x", "")) + width_of(text.text or "", size, bold=bold) <= NARROW


@pytest.mark.parametrize("seed", range(12))
def test_the_narrow_picture_has_one_row_for_each_box_below_what_it_needs(seed: int) -> None:
    boxes = drawn(seed)
    dots = [float(dot.get("cy", "")) for dot in draw_narrow(boxes, "").iter("circle")]
    assert len(dots) == len(boxes)
    assert all(lower - upper >= 50 for upper, lower in pairwise(dots))


def test_a_chain_is_a_straight_line_of_boxes() -> None:
    assert {y for _, y in corners(draw_wide(CHAIN, ""))} == {12}


def test_a_box_that_is_paid_for_says_so_in_both_pictures() -> None:
    assert all("paid here" in inline(draw(CHAIN, "")) for draw in (draw_wide, draw_narrow))


def test_the_declared_width_is_that_of_the_picture() -> None:
    assert str(width_of_wide(CHAIN)) == draw_wide(CHAIN, "").get("width")


def test_things_that_need_each_other_are_still_drawn() -> None:
    circle = [Box(key="a", kind="", name="a", needs=("b",)), Box(key="b", kind="", name="b", needs=("a", "b"))]
    assert len(corners(draw_wide(circle, ""))) == len(list(draw_narrow(circle, "").iter("circle"))) == 2


def test_a_need_that_is_not_in_the_picture_is_left_out() -> None:
    assert draw_wide([Box(key="a", kind="", name="a", needs=("gone",))], "").find("path") is None


def test_what_neither_changes_nor_touches_a_change_is_counted_and_not_drawn() -> None:
    far = [Box(key=f"far {at}", kind="bucket", name="far") for at in range(3)]
    boxes, left_out = chosen_boxes([*CHAIN, *far])
    assert ([box.key for box in boxes], left_out) == (["dataset", "job", "model", "endpoint"], 3)


def test_everything_is_drawn_if_nothing_changes() -> None:
    boxes, left_out = chosen_boxes([Box(key="a", kind="bucket", name="a"), Box(key="b", kind="bucket", name="b")])
    assert (len(boxes), left_out) == (2, 0)


def test_of_many_boxes_those_of_a_kind_with_the_same_change_are_one() -> None:
    many = [
        Box(key=f"{kind} {at}", kind=kind, name=f"{at}", change="create", note=note, needs=needs)
        for at in range(100)
        for kind, note, needs in (("dataset", "", ()), ("tuning job", "paid here", (f"dataset {at}",)))
    ]
    boxes, _ = chosen_boxes(many)
    assert [(box.kind, box.count, box.note) for box in boxes] == [
        ("dataset", 100, ""),
        ("tuning job", 100, "paid here"),
    ]
    assert boxes[1].needs == (boxes[0].key,)


def test_as_many_boxes_as_fit_are_drawn_one_by_one() -> None:
    boxes, _ = chosen_boxes([Box(key=f"{at}", kind="dataset", name="", change="create") for at in range(MOST_BOXES)])
    assert len(boxes) == MOST_BOXES


def test_a_name_with_markup_is_text() -> None:
    hostile = '<script>alert(1)</script>"><img src=x onerror=alert(1)>'
    box = Box(key=hostile, kind=hostile, name=hostile, change="create", note=hostile)
    for draw in (draw_wide, draw_narrow):
        tags = {element.tag for element in ET.XML(standalone(draw([box], hostile))).iter()}
        assert {tag.rpartition("}")[2] for tag in tags} <= {
            *("svg", "style", "rect", "g", "title", "text", "defs", "marker", "path", "circle")
        }


def test_control_characters_and_marks_of_direction_are_left_out() -> None:
    box = Box(key="a", kind="dataset", name="a\x00b\u202ec\nd")
    assert ">abc d<" in inline(draw_wide([box], ""))


def test_a_long_name_keeps_its_beginning_and_its_end() -> None:
    assert re.fullmatch(r"validation-.*….*-seoul", fitted("validation-tickets-of-the-team-in-seoul", 170, 11))


def test_letters_of_other_alphabets_are_taken_as_wide_as_they_are() -> None:
    assert width_of("고객지원", 13) > 4 * 13


def test_the_same_boxes_give_the_same_picture() -> None:
    assert inline(draw_wide(drawn(3), "x")) == inline(draw_wide(drawn(3), "x"))


def test_a_picture_of_its_own_is_valid_xml_with_its_style() -> None:
    root = ET.XML(standalone(draw_wide(CHAIN, "What depends on what")))
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert "light-dark(" in (root[0].text or "")
