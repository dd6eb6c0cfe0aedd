"""The judge of self-contained pages sees what it has to see."""

from __future__ import annotations

import pytest

from support.self_contained import find_links, find_outside

PAGE = "<!doctype html><style>a{fill:url(#tip)}</style><a href='#cost'>cost</a><a href='https://x.test/a'>x</a>"


def test_a_page_without_requests_has_nothing_outside() -> None:
    assert (find_outside(PAGE), find_links(PAGE)) == ([], ["#cost", "https://x.test/a"])


@pytest.mark.parametrize(
    "part",
    [
        "<script>1</script>",
        "<img src=x onerror=alert(1)>",
        "<b onclick='x()'>",
        "<link rel=stylesheet href='https://x.test/a.css'>",
        "<style>@import 'a.css';</style>",
        "<style>b{background:url(//x.test/a.png)}</style>",
        "<b style='background:url(https://x.test/a.png)'>",
        "<rect fill='url(https://x.test/a.svg#b)'/>",
        "<svg><use xlink:href='https://x.test/a.svg'/></svg>",
        "<svg><image href='data:image/png;base64,AAAA'/></svg>",
        "<a href='javascript:alert(1)'>a</a>",
        "<a href='http://x.test'>a</a>",
        "<meta http-equiv=refresh content='0;url=https://x.test'>",
        "<form action='https://x.test'></form>",
    ],
)
def test_a_part_that_loads_runs_or_sends_is_found(part: str) -> None:
    assert find_outside(f"{PAGE}{part}")
