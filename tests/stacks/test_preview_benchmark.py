"""``benchmarks/preview.py`` with one job and one model: it measures both stacks. How long they take is for it to say."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from support.pulumi_stack import CHECKOUT


@pytest.mark.full
@pytest.mark.usefixtures("pulumi_cli")
def test_it_prints_the_ratios_and_where_the_time_goes() -> None:
    command = [sys.executable, "benchmarks/preview.py", "--count", "1", "--rounds", "1", "--profile"]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("jobs: 1, models: 1, resources that do nothing: 2, rounds: 1\n")
    ratios = re.findall(r"^(clock|processor time) +ratio (\d+\.\d\d) ", done.stdout, re.MULTILINE)
    assert [name for name, _ in ratios] == ["clock", "processor time"]
    assert all(float(ratio) > 0 for _, ratio in ratios)
    assert done.stdout.count("function calls") == 2
