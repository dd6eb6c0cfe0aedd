"""Parts of the tests: `make test-full PART=i/n SEED=s`."""

from __future__ import annotations

import pytest

from support.parts import Part, describe_left_out, leave_out

TESTS = [f"tests/test_{name}.py::test_it[{number}]" for name in "abc" for number in range(100)]


@pytest.mark.parametrize("of", [1, 2, 7])
def test_every_test_is_in_exactly_one_part(of: int) -> None:
    parts = [Part(number, of, "s") for number in range(1, of + 1)]
    assert [sum(part.has(test) for part in parts) for test in TESTS] == [1] * len(TESTS)


def test_no_part_has_much_more_than_its_share() -> None:
    assert all(sum(Part(number, 3, "s").has(test) for test in TESTS) < 150 for number in (1, 2, 3))


def test_another_seed_makes_other_parts() -> None:
    assert [Part(1, 2, "1").has(test) for test in TESTS] != [Part(1, 2, "2").has(test) for test in TESTS]


@pytest.mark.parametrize("text", ["0/5", "6/5", "5", "a/b", "1/0", "-1/2"])
def test_what_is_no_part_is_told_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match=r"which is no part: give one of 1/n to n/n, for example PART=2/5"):
        Part.parse(text, "0")


def test_a_seed_draws_so_many_cells_of_a_matrix_and_another_seed_others() -> None:
    cells = list(range(20))
    assert len(leave_out(cells, 3, "1")) == 17
    assert leave_out(cells, 3, "1") == leave_out(cells, 3, "1") != leave_out(cells, 3, "2")
    assert leave_out(cells, 30, "1") == []


def test_what_did_not_run_is_told_with_the_way_to_run_it() -> None:
    assert describe_left_out(Part.parse("2/3", "7"), 40, 0) == [
        "PART=2/3 SEED=7: 40 tests of the other parts did not run. They run with PART=1/3 SEED=7, PART=3/3 SEED=7."
    ]
    assert describe_left_out(None, 0, 517) == ["517 cells of long matrices did not run. `make test-full` runs them."]
    assert describe_left_out(None, 0, 0) == []
