"""One line that counts the submitted jobs with older labels: Google cannot change the labels of a job.

Pulumi compares resources in parallel and does not tell a provider which comparison is the last. So the first comparison
that finds such a job waits until no more are added for a moment, and then names them all.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from pulumi_gcp_tuning.grammar import counted, some_of

if TYPE_CHECKING:
    from pulumi_gcp_tuning.resources.core.lifecycle import Call

QUIET_SECONDS: Final = 0.5
_SHOWN: Final = 5


@dataclass
class _Found:
    """The jobs of this run that have older labels and are not reported yet."""

    names: list[str] = field(default_factory=list)
    is_counting: bool = False
    told: int = 0


def tell_of_older_labels(call: Call, name: str) -> None:
    """Adds the job to the run's line. A job that depends on an already reported one appears in a second line."""
    found = call.run.of(_Found)
    with call.run.lock:
        found.names.append(name)
        if found.is_counting:
            return
        found.is_counting = True
    seen = 0
    while seen < len(found.names) and not call.cancelled():
        seen = len(found.names)
        call.clock.sleep(QUIET_SECONDS, call.cancelled)
    with call.run.lock:
        names, found.names, found.is_counting = found.names, [], False
        more, found.told = " more" if found.told else "", found.told + len(names)
    shown = some_of([repr(each) for each in names], _SHOWN)
    keep = "keeps" if len(names) == 1 else "keep"
    call.tell(
        f"{counted(len(names), f'{more} submitted job'.strip())} {keep} older labels ({shown}): Google has no update method. "
        "To label a model, use labels of its TunedModel. A new job (change retry) gets the new labels."
    )
