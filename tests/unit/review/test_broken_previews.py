"""A preview in which one value is missing or of another type: refused in a sentence, or reviewed, but never OK and no crash."""

from __future__ import annotations

import json
from itertools import islice
from typing import Any

import pytest

from pulumi_gcp_tuning.errors import Refused
from pulumi_gcp_tuning.review.html import page
from pulumi_gcp_tuning.review.judging import Material, review_of
from pulumi_gcp_tuning.review.markdown import markdown
from pulumi_gcp_tuning.review.previews import answer_in, failure_in, preview_of, said_in
from pulumi_gcp_tuning.review.secret_values import secrets_in
from support.broken_previews import DROPPED, OTHERS, broken, paths_in, whole_preview

FREE = ("inputs", "outputs", "config", "duration")
"""Fields whose values a program chooses, and fields that no review reads."""
EVERY = 9


def refusal_of(answer: Any, *, as_page: bool) -> str:
    """What a refused answer is refused with. One that is taken becomes a report, which is not OK."""
    secrets_in(answer)
    try:
        read = preview_of(answer)
    except Refused as error:
        return str(error)
    made = review_of(Material(preview=read, facts=None, findings=said_in(read), problem=failure_in(read)))
    assert made.verdict != "OK"
    assert not made.complete
    json.dumps(made.plain())
    markdown(made)
    if as_page:
        page(made)
    return ""


@pytest.mark.parametrize("begin", [0, *(pytest.param(each, marks=pytest.mark.full) for each in range(1, EVERY))])
def test_one_wrong_value_is_refused_or_reviewed_but_never_ok(begin: int) -> None:
    whole = whole_preview()
    cases = ((path, by) for path in paths_in(whole) for by in (DROPPED, *OTHERS))
    for number, (path, by) in enumerate(islice(cases, begin, None, EVERY)):
        refused = refusal_of(broken(whole, path, by), as_page=number % EVERY == 0)
        assert len(refused.splitlines()) <= 1, (path, by)
        known = whole_value(whole, path)
        is_alike = by is DROPPED or by is None or known is None or isinstance(by, type(known)) or isinstance(known, int)
        assert refused or is_alike or is_free(path), (path, by)


def is_free(path: tuple[str | int, ...]) -> bool:
    return any(each in FREE for each in path) or "detailedDiff" in path[:-1]


def whole_value(whole: Any, path: tuple[str | int, ...]) -> Any:
    for key in path:
        whole = whole[key]
    return whole


@pytest.mark.parametrize("part", [1, 2, 3])
def test_a_file_that_is_cut_anywhere_is_refused(part: int) -> None:
    text = json.dumps(whole_preview())
    with pytest.raises(Refused, match="cut off"):
        answer_in(text[: part * len(text) // 4])


@pytest.mark.parametrize("op", ["", "x", "Create"])
def test_an_operation_that_nobody_knows_is_refused(op: str) -> None:
    with pytest.raises(Refused, match=r"steps\[0\]\.op is missing or of another type"):
        preview_of(broken(whole_preview(), ("steps", 0, "op"), op))


@pytest.mark.parametrize("by", [DROPPED, None, "fatal", 3])
def test_a_diagnostic_whose_severity_nobody_knows_is_refused(by: Any) -> None:
    with pytest.raises(Refused, match=r"diagnostics\[0\]\.severity"):
        preview_of(broken(whole_preview(), ("diagnostics", 0, "severity"), by))


@pytest.mark.parametrize("state", ["oldState", "newState"])
def test_a_replacement_without_one_of_its_states_is_refused(state: str) -> None:
    with pytest.raises(Refused, match=state):
        preview_of(broken(whole_preview(), ("steps", 0, state), DROPPED))
