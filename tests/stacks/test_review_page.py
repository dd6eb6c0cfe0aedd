"""``gcp-tuning review --format html`` with the real CLI: the page has the curves of the training that is replaced."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from support.self_contained import find_outside
from support.tuning_programs import MAIN
from support.warm_python import gcp_tuning

if TYPE_CHECKING:
    from stacks.conftest import AfterUp

pytestmark = pytest.mark.full  # the golden pages and the unit tests hold what a page says


def test_a_retrain_is_reviewed_as_one_file_with_the_curves_of_the_model_in_use(
    after_up: AfterUp, tmp_path: Path
) -> None:
    stack, _ = after_up(MAIN)
    stack.write("__main__.py", MAIN.replace('"epoch_count": 8', '"epoch_count": 9'))
    command = gcp_tuning("review", "--stack", stack.name)
    environment = stack.env | {"GCP_TUNING_PULUMI": str(stack.cli)}
    file = tmp_path / "review.html"
    done = subprocess.run(
        [*command, "--format", "html", "-o", str(file)],
        cwd=stack.folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    page = file.read_text(encoding="utf-8")
    assert find_outside(page) == []
    assert "trains again" in page
    assert ">in use<" in page
    assert ">tuning dataset<" in page  # it does not change, and the picture has it
    assert page.count('class="picture curves"') == 2
