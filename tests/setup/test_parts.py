"""Parts of the tests, `make test-full PART=i/n SEED=s`, and the cells of a matrix that `make test` runs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

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


MATRIX = """
import pytest

@pytest.mark.matrix(2)
@pytest.mark.parametrize("cell", range(9))
def test_long(cell): pass

def test_short(): pass
"""


@pytest.fixture
def project(tmp_path: Path, checkout: Path) -> Path:
    """A folder with one long matrix and what makes our runs ours."""
    (tmp_path / "test_matrix.py").write_text(MATRIX)
    (tmp_path / "conftest.py").write_text((checkout / "tests" / "conftest.py").read_text())
    (tmp_path / "pytest.ini").write_text(
        f"[pytest]\npythonpath = {checkout / 'scripts'} {checkout / 'tests'}\naddopts = -p no:cacheprovider -v\n"
        "markers =\n    full: long\n    cli: real\n    matrix: sampled\n"
    )
    return tmp_path


def ran(project: Path, *arguments: str) -> tuple[set[str], list[str]]:
    """The tests of a run, and what it said of those that did not run."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *arguments], cwd=project, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    passed = {word for line in lines if "PASSED" in line for word in line.split() if "::" in word}
    return passed, [line for line in lines if "did not run" in line]


def test_the_parts_of_a_run_are_all_of_it_and_each_says_what_did_not_run(project: Path) -> None:
    whole, said = ran(project)
    assert (len(whole), said) == (10, [])
    parts = [ran(project, "--part", f"{number}/2", "--seed", "7", "-n", "1") for number in (1, 2)]
    assert [len(tests) for tests, _ in parts] == [len(whole - tests) for tests, _ in reversed(parts)]
    assert parts[0][0] | parts[1][0] == whole
    for number, (tests, told) in enumerate(parts, 1):
        rest = 10 - len(tests)
        assert told == [
            f"PART={number}/2 SEED=7: {rest} tests of the other parts did not run. They run with PART={3 - number}/2 SEED=7."
        ]


def test_make_test_runs_so_many_cells_of_a_matrix_and_says_how_many_did_not_run(project: Path) -> None:
    drawn = {seed: ran(project, "-m", "not full", "--seed", seed) for seed in ("1", "2", "3")}
    for tests, said in drawn.values():
        assert len(tests) == 3
        assert "test_matrix.py::test_short" in tests
        assert said == ["7 cells of long matrices did not run. `make test-full` runs them."]
    assert len({frozenset(tests) for tests, _ in drawn.values()}) > 1
