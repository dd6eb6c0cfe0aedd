"""``benchmarks/validate.py`` on small files: it measures every kind. How fast is for it to say, memory holds anywhere."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[3] / "benchmarks/validate.py"
LINE = re.compile(r"(?P<kind>\w+) +\d+ MB .* speed ratio (?P<speed>\d+\.\d\d) .* memory ratio (?P<memory>\d+\.\d\d) ")


@pytest.fixture(scope="module")
def lines() -> list[re.Match[str]]:
    command = [sys.executable, str(SCRIPT), "--bytes", "2000000", "--rounds", "1"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    found = [LINE.match(line) for line in done.stdout.splitlines()]
    assert found
    assert None not in found
    return [each for each in found if each is not None]


def test_it_prints_the_ratios_of_every_kind(lines: list[re.Match[str]]) -> None:
    assert {each["kind"] for each in lines} == {"ticket", "long", "chat", "pairs", "images", "instructions"}
    assert all(float(each["speed"]) > 0 for each in lines)


def test_the_validator_stays_within_its_memory(lines: list[re.Match[str]]) -> None:
    assert all(0 < float(each["memory"]) <= 1 for each in lines)
