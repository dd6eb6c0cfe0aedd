"""What a person sees on a terminal of 120 columns while a model is trained again."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from support.terminal import run_on_terminal
from support.tuning_programs import MAIN

if TYPE_CHECKING:
    from stacks.conftest import AfterUp

ROW = re.compile(r"TunedModel +router +creating replacement \(\d+s\)\.* *(?P<said>.*)")


def test_the_row_of_a_retrain_begins_with_its_progress(after_up: AfterUp) -> None:
    stack, sandbox = after_up(MAIN)
    sandbox.run(speed=600)
    stack.write("__main__.py", MAIN.replace('"epoch_count": 8', '"epoch_count": 4'))
    command = [str(stack.cli), "up", "--yes", "--skip-preview", "--stack", stack.name]
    code, lines = run_on_terminal(command, stack.folder, stack.env)
    assert code == 0, "\n".join(lines)
    assert max(len(line) for line in lines if "TunedModel" in line) <= 120
    said = [found["said"] for line in lines if (found := ROW.search(line))]
    assert any(re.match(r"epoch [1-4]/4, \d+ %", each) for each in said), said
    assert not [each for each in said if "diff" in each]
