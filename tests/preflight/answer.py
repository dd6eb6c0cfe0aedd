"""What a check says of a situation in a sandbox."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pulumi_gcp_tuning.wording import PYTHON
from support.preflight_case import Kind, changed, usual
from support.preflight_world import Program, write_files

if TYPE_CHECKING:
    from preflight.conftest import WorldOf


class Answer:
    """What a check says: the findings with severity and path, their texts, and the topic of each line of the preview."""

    def __init__(self, world_of: WorldOf, given: dict[str, Any], kind: Kind = "tuning_job") -> None:
        situation = changed(usual(kind), given)
        world = world_of(situation["world"]["today"])
        world.make(situation["world"])
        write_files(Path.cwd(), situation)
        with Program(world.server, situation) as program:
            findings = [each.printed(PYTHON) for each in program.check(kind).findings]
            self.topics = [line.partition(":")[0] for line in program.told]
        self.found = [(each.severity, each.path) for each in findings]
        self.text = "\n".join(map(str, findings))
