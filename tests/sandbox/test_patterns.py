"""The regular expressions of faults: they find what Python's own find, and no pattern hangs."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuning_sandbox.kernel.patterns import MOST_TEXT, Pattern, PatternError

_ATOMS = st.sampled_from(["a", "b", "/", ".", "[ab]", "[^a]", r"\d", r"\w", "1", r"\.", "^", "$"])
_COUNTS = st.sampled_from(["", "", "*", "+", "?", "{2}", "{1,3}", "{1,}", "*?"])


def _group(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    repeated = st.tuples(inner, st.sampled_from(["", "*", "+", "?"])).map(lambda pair: f"({pair[0]}){pair[1]}")
    row = st.lists(repeated | inner, max_size=3).map("".join)
    return st.lists(row, min_size=1, max_size=3).map("|".join)


_ROW = st.lists(
    st.tuples(_ATOMS, _COUNTS).map(lambda pair: pair[0] + (pair[1] if pair[0] not in "^$" else "")), max_size=4
)
PATTERNS = st.recursive(_ROW.map("".join), _group, max_leaves=4)


@given(PATTERNS, st.text("ab/1.c", max_size=12))
def test_a_pattern_is_found_where_pythons_own_finds_it(pattern: str, text: str) -> None:
    assert Pattern(pattern).is_in(text) is (re.search(pattern, text) is not None)


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        (r"/tuningJobs$", "/v1/projects/p/locations/l/tuningJobs", "yes"),
        (r"/tuningJobs$", "/v1/projects/p/locations/l/tuningJobs/1", "no"),
        (r"/tuningJobs(\?|$)", "/v1/tuningJobs?pageSize=1", "yes"),
        (r"^/upload/", "/v1/upload/", "no"),
        (r"", "anything", "yes"),
        (r"[]x]", "a]", "yes"),
        (r"a{2,3}b", "aab", "yes"),
        (r"^a{2,3}b", "ab", "no"),
    ],
)
def test_paths_are_found(pattern: str, text: str, found: str) -> None:
    assert Pattern(pattern).is_in(text) is (found == "yes")


@pytest.mark.parametrize(
    "pattern", ["(a+)+$", "(a|a)+$", "(a*)*b", ".*.*.*.*x", "(.*)*(.*)*y", "(a|aa)+$", "a{0,200}b"]
)
def test_no_pattern_takes_longer_than_its_steps_times_the_text(pattern: str) -> None:
    began = time.process_time()
    assert not Pattern(pattern).is_in("a" * (MOST_TEXT - 1) + "!")
    assert time.process_time() - began < 20


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("(", "missing ), unterminated group"),
        (")", "unbalanced parenthesis"),
        ("*a", "nothing to repeat"),
        ("a**", "multiple repeat"),
        ("[a", "unterminated character set"),
        ("[z-a]", "bad character range"),
        ("a\\", "bad escape"),
        (r"(a)\1", r"bad escape \1"),
        ("(?=a)", "an extension"),
        ("a{3,2}", "min repeat greater than max repeat"),
        ("(a{100}){100}", "more than 500 steps"),
        ("(" * 100 + ")" * 100, "nested more than 30 levels"),
    ],
)
def test_what_is_no_pattern_says_why(pattern: str, words: str) -> None:
    with pytest.raises(PatternError, match=re.escape(words)):
        Pattern(pattern)


def test_of_a_long_text_the_beginning_counts() -> None:
    assert Pattern("a$").is_in("a" * MOST_TEXT + "b")
    assert not Pattern("b").is_in("a" * MOST_TEXT + "b")
